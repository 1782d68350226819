"""The book as Sphinx read it, as far as translating it needs to know."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.util import logging

from sphinx_amts import extract
from sphinx_amts.formats import Format
from sphinx_amts.formats.rest import RestFormat
from sphinx_amts.model import Document
from sphinx_amts.translate import Book

logger = logging.getLogger(__name__)

DOLLARS = {"sphinx_math_dollar", "texext.math_dollar"}
"""Extensions that take what stands between dollars for maths in reST."""


def read(app: Sphinx, locale_dir: Path) -> Book:
    """The book of *app*, whose catalogs lie in *locale_dir*."""
    env = app.env
    known = extract.documents(env)
    documents = {name: known[name] for name in sorted(env.found_docs) if name in known}
    formats = _formats(app, documents.values())
    for document in documents.values():
        if document.format and document.format not in formats:
            logger.warning("%s: its syntax is not known; it is copied as it is", document.path, type="amts")
    return Book(
        project=str(app.config.project),
        documents=documents,
        domains={name: extract.domain_of(name, app) for name in documents},
        formats=formats,
        locale_dir=locale_dir,
        srcdir=Path(str(app.srcdir)),
        order=_reading_order(env.toctree_includes, app.config.root_doc, documents),
        extra=extract.template_messages(app),
    )


def _reading_order(children: Mapping[str, Sequence[str]], root: str, documents: Iterable[str]) -> tuple[str, ...]:
    """*documents* in the order of the toctrees from *root* down; those that are in none follow."""
    known = dict.fromkeys(documents)
    order: dict[str, None] = {}
    waiting = [root]
    while waiting:
        name = waiting.pop()
        if name in known and name not in order:
            order[name] = None
            waiting += reversed(children.get(name, ()))
    return (*order, *(name for name in known if name not in order))


def _formats(app: Sphinx, documents: Iterable[Document]) -> Mapping[str, Format]:
    """The formats that the book's documents are written in."""
    wanted = {document.format for document in documents}
    formats: dict[str, Format] = {}
    if wanted:
        formats["rest"] = RestFormat(dollars=not DOLLARS.isdisjoint(app.extensions))
    if "myst" in wanted:
        from sphinx_amts.formats.myst import MystFormat

        formats["myst"] = MystFormat(app.env.myst_config)  # type: ignore[attr-defined]
    if "d2lbook" in wanted:
        from sphinx_amts.formats.d2lbook.syntax import D2lFormat

        formats["d2lbook"] = D2lFormat(app.env.myst_config)  # type: ignore[attr-defined]
    if "notebook" in wanted:
        from sphinx_amts.formats.notebook import NotebookFormat

        formats["notebook"] = NotebookFormat(app.env.myst_config)  # type: ignore[attr-defined]
    if "nbsphinx" in wanted and find_spec("myst_parser"):
        from sphinx_amts.formats.notebook.converted import ConvertedFormat

        formats["nbsphinx"] = ConvertedFormat()
    return formats
