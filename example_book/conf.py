project = "Reading the Weather"
author = "The sphinx_amts authors"
copyright = "The sphinx_amts authors"
version = "1.2"
release = "1.2"
language = "en"

extensions = ["myst_parser", "sphinx_amts"]
amts_languages = ["zh_CN", "es"]
amts_parallel_data = ["parallel/{language}.csv"]
locale_dirs = ["locale"]
exclude_patterns = ["_build", "shared", "Thumbs.db", ".DS_Store"]

numfig = True

myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]

html_theme = "alabaster"
html_theme_options = {
    "description": "Measure, write down, understand",
    "fixed_sidebar": True,
    "page_width": "1000px",
}
