"""The documentation is a MyST book, translated by the program that it documents.

sphinx-build -W -b html docs build/docs/en       # the English book
sphinx-build -b amts docs build/docs/amts        # its localized sources
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "_extensions"))

from sphinx_amts import __version__

project = "sphinx_amts"
author = "The sphinx_amts authors"
project_copyright = author
version = release = __version__
language = "en"

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx_amts", "amts_reference"]
exclude_patterns = ["README.md", "_build"]

# By an absolute path the localized book finds the catalogs, too: Sphinx translates its generated parts with them.
locale_dirs = [str(Path(__file__).parent / "locales")]
amts_languages = ["zh_CN"]
amts_engine = "reviewed:ReviewedEngine"
amts_parallel_data = ["parallel/{language}.csv", "../example_book/parallel/{language}.csv"]
amts_post = ["sphinx_amts.habits.chinese_punctuation"]

myst_enable_extensions = ["colon_fence", "deflist", "attrs_block"]
myst_heading_anchors = 3

nitpicky = True
nitpick_ignore_regex = [  # nothing is fetched while the book is built, so other projects' names lead nowhere
    (r"py:.*", r"(collections|docutils|pathlib|sphinx|typing)\..*"),
    (r"py:class", r"Blocks|Kinds|Lexicon"),  # aliases, and a type that is passed on unseen
    (r"py:class", r"(dict|tuple)\[.*"),  # cut at its comma, because the signature holds a "<factory>"
]
autodoc_member_order = "bysource"
autodoc_typehints_format = "fully-qualified"
python_maximum_signature_line_length = 100
python_use_unqualified_type_names = True
smartquotes = False  # quotation marks of options and commands are meant as they are

html_theme = "furo"
html_title = f"sphinx_amts {release}"
html_copy_source = False
