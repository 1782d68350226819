"""Reading XML as a stream of units, and nothing but the file itself.

A document type other than a bare name of TMX's own, an entity declaration and an external entity are errors: nothing is ever
fetched or expanded. Every element that is one of the wanted units is handed over when it ends, and forgotten.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat
from xml.sax.saxutils import escape

from sphinx_amts.model import FileError

_OWN_DTD = re.compile(r"tmx\d+\w?\.dtd")
_XML_LANG = "http://www.w3.org/XML/1998/namespace lang"
_CHUNK = 1 << 20
"""Bytes that are parsed at a time."""

INVALID = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 cannot hold, not even as references."""


@dataclass(slots=True)
class Element:
    """An element with what it holds."""

    name: str
    """Its name; with its namespace and a space before it where that is none of those that the reader knows."""
    attributes: Mapping[str, str]
    """Its attributes; ``xml:lang`` under that name."""
    line: int
    """1-based line where it begins."""
    children: list[Element | str] = field(default_factory=list)
    """Elements and runs of text, in order."""

    def all(self, name: str) -> Iterator[Element]:
        """Its child elements called *name*."""
        return (child for child in self.children if isinstance(child, Element) and child.name == name)

    def first(self, name: str) -> Element | None:
        """Its first child element called *name*."""
        return next(self.all(name), None)

    @property
    def text(self) -> str:
        """All text in it, that of elements included."""
        return "".join(child if isinstance(child, str) else child.text for child in self.children)


@dataclass(frozen=True, slots=True)
class Kind:
    """What kind of file is read."""

    label: str
    """Its name for people, such as ``TMX``."""
    root: str
    """Name of its root element."""
    unit: str
    """Name of the elements that are handed over."""
    remedy: str
    """What to do with a file of another kind."""
    namespaces: tuple[str, ...] = ()
    """Its namespaces; a file without one is read as well."""


def read(path: Path, data: bytes, kind: Kind) -> Iterator[tuple[Element, tuple[Element, ...]]]:
    """Give each unit of a file with the elements around it, the root first. Raises :class:`FileError` with the line."""
    _check_bytes(path, data)
    reader = _Reader(path, kind)
    for start in range(0, max(len(data), 1), _CHUNK):
        yield from reader.feed(data[start : start + _CHUNK], last=start + _CHUNK >= len(data))


def load(path: Path) -> bytes:
    """The bytes of a file. Raises :class:`FileError`."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise FileError(path, f"cannot be read ({error.strerror})", "Check the path and its permissions.") from error


def escaped(text: str) -> str:
    """*text* for the content of an element; carriage returns as references, which a reader would take for line feeds."""
    return escape(text, {"\r": "&#13;"})


def _check_bytes(path: Path, data: bytes) -> None:
    """Name the first wrong byte of a file that says or implies that it is UTF-8; other encodings are the parser's."""
    declared = re.match(rb"""(?:\xef\xbb\xbf)?\s*<\?xml[^>]*encoding\s*=\s*["']([\w.-]+)""", data)
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"} or (declared and declared[1].lower() not in {b"utf-8", b"utf8"}):
        return
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        where = f"byte {error.start} (0x{data[error.start]:02X})"
        line = data.count(b"\n", 0, error.start) + 1
        raise FileError(path, f"{where} is not valid UTF-8", "Save the file as UTF-8.", line) from error


class _Reader:
    """Builds the elements of a file."""

    def __init__(self, path: Path, kind: Kind) -> None:
        self.path = path
        self.kind = kind
        self._open: list[Element] = []
        self._units: list[tuple[Element, tuple[Element, ...]]] = []
        self._inside = 0
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._parser.EntityDeclHandler = self._entity
        self._parser.ExternalEntityRefHandler = self._external
        self._parser.SkippedEntityHandler = self._skipped

    def feed(self, data: bytes, last: bool) -> list[tuple[Element, tuple[Element, ...]]]:
        """Read a part of the file and give the units that ended in it."""
        try:
            self._parser.Parse(data, last)
        except expat.ExpatError as error:
            problem = f"is not sound XML ({expat.errors.messages[error.code]})"
            raise FileError(self.path, problem, "Export the file again.", error.lineno) from error
        found, self._units = self._units, []
        return found

    def _refuse(self, what: str) -> FileError:
        remedy = "Nothing outside the file is ever read: remove the declaration, or export the file without it."
        return FileError(self.path, what, remedy, self._parser.CurrentLineNumber)

    def _doctype(self, _name: str, system: str | None, _public: str | None, internal: bool) -> None:
        if internal:
            raise self._refuse("the document type declares entities or elements of its own")
        if system is not None and not _OWN_DTD.fullmatch(system):
            raise self._refuse(f"the document type {system!r} would have to be fetched")

    def _entity(self, name: str, *_rest: object) -> None:
        raise self._refuse(f"the entity {name!r} is declared")

    def _external(self, context: str, *_rest: object) -> int:
        raise self._refuse(f"the external entity {context!r} is used")

    def _skipped(self, name: str, _is_parameter: bool) -> None:
        raise self._refuse(f"the entity {name!r} is used, which nothing in the file defines")

    def _name(self, name: str) -> str:
        namespace, _, local = name.rpartition(" ")
        return local if namespace in self.kind.namespaces else name

    def _start(self, name: str, attributes: Mapping[str, str]) -> None:
        own = self._name(name)
        if not self._open and own != self.kind.root:
            shown = name.replace(" ", ":")
            raise FileError(self.path, f"is a <{shown}> file, not {self.kind.label}", self.kind.remedy, 1)
        named = {"xml:lang" if key == _XML_LANG else key: value for key, value in attributes.items()}
        self._inside += own == self.kind.unit or self._inside > 0
        self._open.append(Element(own, named, self._parser.CurrentLineNumber))

    def _end(self, _name: str) -> None:
        element = self._open.pop()
        self._inside -= self._inside > 0
        if element.name == self.kind.unit and not self._inside:
            self._units.append((element, tuple(self._open)))
        elif self._open:
            self._open[-1].children.append(element)

    def _characters(self, text: str) -> None:
        self._open[-1].children.append(text)
