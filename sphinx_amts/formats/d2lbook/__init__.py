"""d2lbook's Markdown as a Sphinx source, turned on with one line of ``conf.py``::

    extensions = ["sphinx_amts", "sphinx_amts.formats.d2lbook"]

The book's ``.md`` files are then read by :class:`~sphinx_amts.formats.d2lbook.parser.D2lParser` in every builder: MyST-Parser
with d2lbook's rules added. Nothing is rewritten on the way, so messages, catalogs and localized files have the author's
spelling. A ``config.ini`` beside ``conf.py`` is taken for the d2lbook project's own (:mod:`.project`).

This package is a Sphinx extension inside ``formats``, because all of it is knowledge of d2lbook. It meets Sphinx only through
the ``app`` that :func:`setup` is given; MyST-Parser and docutils are imported in there, so that the package can be looked at
without them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sphinx_amts.formats.d2lbook import outline, project
from sphinx_amts.model import ConfigurationError

if TYPE_CHECKING:
    from sphinx.application import Sphinx

SUFFIX = ".md"


def problem(lines: Sequence[str]) -> tuple[int, str] | None:
    """The 1-based line and the reason why a file cannot be localized: a tab or code block that is not closed."""
    found = outline.problem(lines)
    return (found.line, found.text) if found else None


def setup(app: Sphinx) -> dict[str, Any]:
    """Read ``.md`` files as d2lbook Markdown, and take over what the project's ``config.ini`` says."""
    try:
        from sphinx_amts.formats.d2lbook.parser import D2lParser
    except ImportError as error:
        raise ConfigurationError(
            f"sphinx_amts.formats.d2lbook needs MyST-Parser ({error}). Install it: pip install 'sphinx-amts[d2lbook]'."
        ) from error
    app.setup_extension("myst_parser")
    app.add_source_suffix(SUFFIX, "d2lbook", override=True)
    app.add_source_parser(D2lParser, override=True)
    project.connect(app)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
