"""Reading and writing TMX 1.4b (Localisation Industry Standards Association, TMX 1.4b Specification, 2005).

Files are read as a stream, and nothing but the file itself is ever opened: a document type other than a bare name of
TMX's own, an entity declaration and an external entity are errors.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from sphinx_amts.model import FileError
from sphinx_amts.parallel.languages import find

_TOOL = 'creationtool="sphinx_amts" creationtoolversion="1" o-tmf="sphinx_amts"'
_OWN_DTD = re.compile(r"tmx\d+\w?\.dtd")
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TEXT_ELEMENTS = frozenset({"seg", "hi"})
"""Elements whose text is text of the segment; what other inline elements hold is code of the tool that wrote the file."""
_OMEGAT_TAG = re.compile(r"</?[A-Za-z]+\d+/?>")
"""OmegaT writes its short names of a document's tags into the text."""
_CODE_TAG = re.compile(r"\s*<[^<>]*>\s*")


def read(path: Path, data: bytes, source: str, target: str) -> Iterator[tuple[int, str, str]]:
    """Give of each translation unit with both languages its line and its two segments. Raises :class:`FileError`."""
    _check_bytes(path, data)
    reader = _Reader(path)
    reader.parse(data)
    for line, variants in reader.units:
        places = find([code for code, _ in variants], source), find([code for code, _ in variants], target)
        if places[0] is not None and places[1] is not None and places[0] != places[1]:
            yield line, variants[places[0]][1], variants[places[1]][1]


def write(codes: tuple[str, str], pairs: Iterable[tuple[str, str]]) -> bytes:
    """Write pairs as level 1: a fragment's tags are part of its text, which every tool keeps."""
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<tmx version="1.4">',
        f'<header {_TOOL} segtype="sentence" adminlang="en" srclang={quoteattr(codes[0])} datatype="html"/>',
        "<body>",
    ]
    for pair in pairs:
        variants = (
            f"<tuv xml:lang={quoteattr(code)}><seg>{escape(_NO_XML.sub('', text))}</seg></tuv>"
            for code, text in zip(codes, pair, strict=True)
        )
        lines.append(f"<tu>{''.join(variants)}</tu>")
    return "\n".join([*lines, "</body>", "</tmx>", ""]).encode()


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
    """Collects the translation units of a file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.units: list[tuple[int, list[tuple[str, str]]]] = []
        self._elements: list[str] = []
        self._line = 0
        self._variants: list[tuple[str, str]] = []
        self._language = ""
        self._text: list[str] = []
        self._code: list[str] = []
        self._objects = 0
        self._from_omegat = False
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._parser.EntityDeclHandler = self._entity
        self._parser.ExternalEntityRefHandler = self._external
        self._parser.SkippedEntityHandler = self._skipped

    def parse(self, data: bytes) -> None:
        """Read the whole file."""
        try:
            self._parser.Parse(data, True)
        except expat.ExpatError as error:
            problem = f"is not sound XML ({expat.errors.messages[error.code]})"
            raise FileError(self.path, problem, "Export the file again.", error.lineno) from error

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

    def _start(self, name: str, attributes: Mapping[str, str]) -> None:
        if not self._elements and name != "tmx":
            raise FileError(self.path, f"is a <{name}> file, not TMX", "Export the file as TMX 1.4.", 1)
        self._elements.append(name)
        if name == "tu":
            self._line, self._variants = self._parser.CurrentLineNumber, []
        elif name == "tuv":
            self._language, self._objects = attributes.get("xml:lang") or attributes.get("lang") or "", 0
        elif name == "seg":
            self._text = []
        elif name == "ph":
            self._code = []
        elif name == "header":
            self._from_omegat = attributes.get("creationtool", "").lower().startswith("omegat")

    def _end(self, name: str) -> None:
        self._elements.pop()
        if name == "seg":
            text = "".join(self._text)
            self._variants.append((self._language, _OMEGAT_TAG.sub("", text) if self._from_omegat else text))
        elif name == "tu":
            self.units.append((self._line, self._variants))
        elif name == "ph":
            self._text.append(self._object("".join(self._code)))

    def _characters(self, text: str) -> None:
        if "seg" in self._elements:
            if self._elements[-1] in _TEXT_ELEMENTS:
                self._text.append(text)
            elif self._elements[-1] == "ph":
                self._code.append(text)

    def _object(self, code: str) -> str:
        """Give what a placeholder stands for as protected text; a tag of the tool's own stands for no text."""
        if not code.strip() or _CODE_TAG.fullmatch(code):
            return ""
        self._objects += 1
        return f'<span id="{self._objects}" translate="no">{html.escape(code.strip(), quote=False)}</span>'
