"""Reading files or folders of a book in one language, whether they are a complete Sphinx book or not.

Sphinx reads them as a build would, so that Markdown, d2lbook Markdown, reST and notebooks give the messages and sentences
that a build sends. A folder with a ``conf.py`` is read with it; any other files are read with the settings below.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.util.docutils import docutils_namespace, patch_docutils
from sphinx.util.tags import Tags

from sphinx_amts.builder import AmtsBuilder, reading
from sphinx_amts.formats.inline import plain
from sphinx_amts.model import ConfigurationError, Document, FileError, Message, Segment
from sphinx_amts.translate import Book
from sphinx_amts.translate.splitting import split

SUFFIXES = (".md", ".rst", ".ipynb")
"""Endings of files that are read."""

_D2L_MARKS = (":label:`", ":numref:`", ":eqlabel:`", ":begin_tab:", "{.python .input")
_ANCHORS = ["literal-block", "doctest-block", "raw", "image"]
"""What is not prose and is read as well, because it stands at the same place in both languages."""


@dataclass(frozen=True, slots=True)
class Block:
    """One message of a document: a paragraph, heading, cell or caption, or a block that is no prose."""

    kind: str
    """The doctree node's name (``paragraph``, ``title``, ``entry``, ``literal_block`` …)."""
    text: str
    """Its text: plain for prose; as the author wrote it for what is no prose."""
    segments: tuple[Segment, ...]
    """Its sentences as an engine sees them; empty for what is no prose."""
    line: int
    """1-based line in its file; 0 when unknown."""

    @property
    def prose(self) -> bool:
        """Whether it is text to be translated."""
        return bool(self.segments)


def read_blocks(path: Path, language: str, state: Path) -> dict[str, list[Block]]:
    """The blocks of every document at *path*, a file or a folder, by the document's name (``folder/name``).

    *language* is Sphinx's code; *state* is a folder for Sphinx's own cache, so that only changed files are read again.
    Raises :class:`ConfigurationError` if there is nothing to read.
    """
    book = read_book(path, language, state)
    return {
        name: blocks_of(document, book, language)
        for name, document in book.documents.items()
        if path.is_dir() or Path(document.path) == path.resolve()
    }


def read_book(path: Path, language: str, state: Path, confdir: Path | None = None) -> Book:
    """The documents at *path* as a build reads them, with the ``conf.py`` of *confdir*, of *path*, or with settings of ours."""
    if not path.exists():
        raise ConfigurationError(f"{path}: no such file or folder.")
    files = _files(path)
    if not files:
        raise ConfigurationError(f"{path}: no files to read there. Accepted endings: {', '.join(SUFFIXES)}.")
    source = (path if path.is_dir() else path.parent).resolve()
    if confdir is None and (source / "conf.py").is_file():
        confdir = source
    values = _values(files, source, language, confdir)
    place = hashlib.sha256(f"{path.resolve()}\0{sorted(values.items())!r}".encode()).hexdigest()[:16]
    with patch_docutils(str(confdir or source)), docutils_namespace():
        folder = state / "read" / place
        app = Sphinx(
            str(source),
            str(confdir) if confdir else None,
            str(folder / "out"),
            str(folder / "doctrees"),
            "amts",
            confoverrides=values,
            status=None,
            warning=io.StringIO(),  # a part of a book has references to other parts, and that is no fault of it
        )
        builder = app.builder
        assert isinstance(builder, AmtsBuilder), "the builder's name is ours"
        builder.plan_only = True
        encoding = str(getattr(app.config, "source_encoding", "utf-8-sig"))
        try:
            app.build()
        except UnicodeDecodeError as error:
            _check_encoding(files, encoding)
            problem = "a file that is included here is in another encoding"
            raise FileError(source, problem, f"Save it as {encoding}.") from error
        book = reading.read(app, builder.locale_dir)
    _check_encoding([Path(document.path) for document in book.documents.values()], encoding)
    return book


def _check_encoding(files: Iterable[Path], encoding: str) -> None:
    """Raise :class:`FileError` for the first of *files* that is not in *encoding*: older versions of Sphinx only warn."""
    for one in files:
        data = one.read_bytes()
        try:
            data.decode(encoding)
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            problem = f"byte 0x{data[error.start]:02X} is not valid {encoding.removesuffix('-sig').upper()}"
            raise FileError(one, problem, "Save the file as UTF-8.", line) from error


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path] if path.suffix in SUFFIXES else []
    return sorted(one for one in path.rglob("*") if one.suffix in SUFFIXES and one.is_file())


def _values(files: list[Path], source: Path, language: str, confdir: Path | None) -> dict[str, Any]:
    """Settings that are put over those of the book's own ``conf.py``, or that stand for one."""
    values: dict[str, Any] = {"language": language, "gettext_additional_targets": _ANCHORS, "amts_languages": []}
    if confdir is not None:
        known = Config.read(str(confdir), overrides={}, tags=Tags()).extensions
        return {**values, "extensions": [*known, *({"sphinx_amts"} - set(known))]}
    extensions = ["sphinx_amts"]
    if any(one.suffix == ".ipynb" for one in files):
        extensions.append("myst_nb")  # reads .md files as well
    elif any(one.suffix == ".md" for one in files):
        extensions.append("sphinx_amts.formats.d2lbook" if _is_d2l(files) else "myst_parser")
    root = min(files, key=lambda one: (len(one.parts), one.stem != "index", one.name))
    return {
        **values,
        "extensions": extensions,
        "nb_execution_mode": "off",
        "source_suffix": {
            ".rst": "restructuredtext"
        },  # extensions add theirs, and Sphinx's default is one for all runs
        "root_doc": root.resolve().relative_to(source).with_suffix("").as_posix(),
        "exclude_patterns": ["_build", "**/.*", "**/*_origin.md"],
        "include_patterns": [files[0].name] if [one.resolve() for one in files] == [source / files[0].name] else ["**"],
        "myst_enable_extensions": ["amsmath", "colon_fence", "deflist", "dollarmath"],
    }


def _is_d2l(files: list[Path]) -> bool:
    """Whether the Markdown is d2lbook's, by its marks."""
    for one in files:
        if one.suffix == ".md":
            text = one.read_text(encoding="utf-8", errors="replace")
            if any(mark in text for mark in _D2L_MARKS):
                return True
    return False


def blocks_of(document: Document, book: Book, language: str) -> list[Block]:
    """The blocks of *document*, one for each of its messages."""
    return [_block(message, document, book, language) for message in document.messages]


def _block(message: Message, document: Document, book: Book, language: str) -> Block:
    if document.format not in book.formats or not message.translatable:
        return Block(message.kind, message.raw, (), message.location.line)
    format_ = book.format_of(message, document)
    segments = tuple(split(message, format_, language))
    return Block(message.kind, plain(format_.parse(message.raw, message.kind)), segments, message.location.line)
