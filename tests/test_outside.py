"""Books that reach out of their folder: a localized book, which lies elsewhere, finds the same files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sphinx_amts.builder import conf
from sphinx_amts.extract import outside

CONF = '''\
"""Settings."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path("..").resolve()))
from version_of_the_project import version

project = "Outward"
extensions = ["myst_parser", "sphinx_amts"]
amts_languages = ["zh_CN"]
amts_engine = "pseudo"
html_static_path = ["../static"]
html_logo = "../logo.png"
'''
FILES = {
    "conf.py": CONF,
    "index.rst": "Title\n=====\n\nOwn words.\n\n.. include:: ../README.rst\n\n.. literalinclude:: ../code.txt\n\n.. toctree::\n\n   more\n",
    "more.md": "# More\n\nOwn words.\n\n```{include} ../NEWS.md\n```\n\n![](../logo.png)\n",
    "../README.rst": "The *readme* of the project.\n",
    "../NEWS.md": "The *news* of the project.\n",
    "../code.txt": "words_of_code\n",
    "../logo.png": "not really a picture\n",
    "../static/style.css": "p {}\n",
    "../version_of_the_project.py": 'version = "1.0"\n',
}


@pytest.fixture
def built(make_book: Any) -> Any:
    book = make_book({})
    book.write(FILES)
    assert book.build().warnings == ""
    return book


def test_a_localized_book_finds_what_lies_outside(built: Any) -> None:
    made = built.build("html", built.localized("zh_CN"))
    assert made.warnings == ""
    assert "<em>readme</em>" in (made.outdir / "index.html").read_text(encoding="utf-8")
    assert "words_of_code" in (made.outdir / "index.html").read_text(encoding="utf-8")
    assert "<em>news</em>" in (made.outdir / "more.html").read_text(encoding="utf-8")
    assert (made.outdir / "_static" / "style.css").is_file()
    assert (made.outdir / "_static" / "logo.png").is_file()


def test_its_own_words_are_translated_and_its_paths_stay(built: Any) -> None:
    text = built.localized("zh_CN", "index.rst").read_text(encoding="utf-8")
    assert "Own words" not in text
    assert ".. include:: ../README.rst\n" in text


def test_what_is_there_again_is_found_without_the_source(built: Any, tmp_path: Path) -> None:
    assert built.localized("zh_CN", outside.FILE).read_text(encoding="utf-8") == "../../../book\n"
    built.write({"index.rst": "Title\n=====\n", "more.md": "# More\n"})
    built.edit("conf.py", '"../static"', '"static"')
    built.edit("conf.py", '"../logo.png"', "None")
    built.build()
    assert not built.localized("zh_CN", outside.FILE).exists()


@pytest.mark.parametrize(
    ("source", "is_changed"),
    [
        ("project = 'x'\nextensions = ['sphinx_amts']\n", False),
        ("html_title = 'Wait ...'\n", False),
        ("import os\nroot = os.path.dirname(os.path.dirname(__file__))\n", True),
        ("from pathlib import Path\nroot = Path.cwd().parent\n", True),
        ("data = open('../VERSION').read()\n", True),
        ('"""Only words about __file__."""\n', False),
    ],
)
def test_conf_py_is_read_as_in_the_source_folder_only_where_it_looks_around(source: str, is_changed: bool) -> None:
    text = conf.localized(source, "de", Path("/x/docs"), Path("/x/out/de"))
    assert ("../../docs" in text) == is_changed
    assert is_changed or text == source + '\nlanguage = "de"\n'
    compile(text, "conf.py", "exec")
