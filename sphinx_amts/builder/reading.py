"""The book as Sphinx read it, as far as translating it needs to know."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.util import logging

from sphinx_amts import extract
from sphinx_amts.builder.console import one_line_errors
from sphinx_amts.formats import Format
from sphinx_amts.formats.rest import RestFormat
from sphinx_amts.model import Document, FileError
from sphinx_amts.translate import Book

logger = logging.getLogger(__name__)

DOLLARS = {"sphinx_math_dollar", "texext.math_dollar"}
"""Extensions that take what stands between dollars for maths in reST."""

UTF_8 = "utf-8-sig"
"""What Sphinx calls the usual encoding of sources."""


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


def check(app: Any, env: Any, docnames: Iterable[str]) -> None:
    """Refuse documents that no catalog can name, and files among *docnames* that are no text, before Sphinx reads them.

    Sphinx would tell of those in a traceback, without the name of the file, and wait for ever for what a pipe holds.
    """
    if app.builder.name == "amts":
        with one_line_errors():
            for docname in sorted(env.found_docs):
                _check_name(Path(str(env.doc2path(docname))), docname)
            if getattr(app.config, "source_encoding", UTF_8) == UTF_8:
                for docname in docnames:
                    _check_text(Path(str(env.doc2path(docname))))


def _check_name(path: Path, docname: str) -> None:
    try:
        docname.encode()
    except UnicodeEncodeError as error:
        raise FileError(path, "its name is not valid utf-8", "Rename it, or add it to exclude_patterns.") from error


def _check_text(path: Path) -> None:
    if not path.is_file():
        raise FileError(path, "is no file", "Remove it, or add it to exclude_patterns.")
    try:
        data = path.read_bytes()
        data.decode()
    except OSError as error:
        raise FileError(path, f"cannot be read ({error.strerror})", "Check its permissions.") from error
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        problem = f"byte 0x{data[error.start]:02X} is not valid utf-8"
        raise FileError(path, problem, "Save the file as UTF-8.", line) from error


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
