"""Reading PO catalogs, each entry with its bytes. Syntax: https://www.gnu.org/software/gettext/manual/html_node/PO-Files.html"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from sphinx_amts.catalog import comments as ours
from sphinx_amts.catalog.entry import Entry
from sphinx_amts.catalog.writing import Catalog
from sphinx_amts.model import FileError

_CHARSET = re.compile(rb"charset=([\w.:-]+)", re.IGNORECASE)
_FIELD = re.compile(r'(?P<name>msgctxt|msgid_plural|msgid|msgstr(?:\[\d+\])?)\s+(?P<text>".*)$')
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "a": "\a", '"': '"', "\\": "\\"}
_ESCAPE = re.compile(r"\\(?:([ntrbfva\"\\])|([0-7]{1,3})|x([0-9a-fA-F]{1,2}))")


def read(path: Path) -> Catalog:
    """Read the catalog at *path*; an absent file is an empty catalog.

    Raises :class:`FileError`, with the line, for what gettext would not accept either.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return Catalog(path)
    except OSError as error:
        raise FileError(path, f"cannot be read ({error.strerror})", "Check its permissions.") from error
    bom = data.startswith(codecs.BOM_UTF8)
    text = _decode(path, data.removeprefix(codecs.BOM_UTF8))
    if "\0" in text:  # docutils would take it for a backslash; files in UTF-16 without a mark are full of them
        line = text.count("\n", 0, text.index("\0")) + 1
        raise FileError(path, "a NUL character", "Remove it, or convert the file to UTF-8.", line)
    newline = next((one for one in ("\r\n", "\n", "\r") if one in text), "\n")
    return Catalog(path, tuple(_entries(path, text.replace(newline, "\n"))), newline, bom)


def _decode(path: Path, data: bytes) -> str:
    match = _CHARSET.search(data)
    name = match.group(1).decode("ascii") if match else "utf-8"
    try:
        text = data.decode("utf-8" if name.upper() == "CHARSET" else name)
        # Catalogs are written as UTF-8, and then their headers have to say so.
        return text if name.upper() in {"UTF-8", "CHARSET"} else text.replace(f"charset={name}", "charset=UTF-8", 1)
    except LookupError as error:
        raise FileError(path, f"its header names the unknown charset {name!r}", "Convert the file to UTF-8.") from error
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        problem = f"byte 0x{data[error.start]:02X} is not valid {name}"
        raise FileError(path, problem, "Convert the file to UTF-8.", line) from error


class _Builder:
    """Collects the lines of one entry."""

    def __init__(self, path: Path, first: int) -> None:
        self.path = path
        self.first = first
        self.lines: list[str] = []
        self.marks: dict[str, list[str]] = {"": [], ".": [], ":": [], ",": []}
        self.fields: dict[str, str] = {}
        self.previous: dict[str, str] = {}
        self.current: tuple[dict[str, str], str] | None = None
        self.obsolete = False
        self.line = 0

    def ended_by(self, line: str) -> bool:
        """Whether *line* begins the next entry."""
        body = line.removeprefix("#~").lstrip()
        if not any(name.startswith("msgstr") for name in self.fields):
            return False
        return (line.startswith("#") and not line.startswith("#~")) or body.startswith(("msgid", "msgctxt", "|"))

    def add(self, line: str, number: int) -> None:
        """Take in one line of the file."""
        self.lines.append(line)
        body = line
        if line.startswith("#~"):
            self.obsolete = True
            body = line[2:].lstrip()
            if body.startswith("|"):
                self._text(body[1:].lstrip(), number, self.previous)
                return
        elif line.startswith("#|"):
            self._text(line[2:].lstrip(), number, self.previous)
            return
        elif line.startswith("#"):
            kind = line[1:2] if line[1:2] in {".", ":", ","} else ""
            self.marks[kind].append(line[1 + len(kind) :].removeprefix(" "))
            return
        self._text(body, number, self.fields)

    def _text(self, body: str, number: int, fields: dict[str, str]) -> None:
        if body.startswith('"'):
            if self.current is None or self.current[0] is not fields:
                raise self._error("a string without a keyword before it", number)
            self.current[0][self.current[1]] += self._unquote(body, number)
            return
        match = _FIELD.match(body)
        if match is None:
            shown = body if len(body) < 40 else body[:40] + "…"
            raise self._error(f"{shown!r} is not gettext syntax", number)
        name = match["name"]
        if name in fields:
            raise self._error(f"a second {name} in one entry", number)
        fields[name] = self._unquote(match["text"], number)
        self.current = (fields, name)
        if fields is self.fields and name == "msgid":
            self.line = number

    def _unquote(self, text: str, number: int) -> str:
        text = text.rstrip()
        if len(text) < 2 or not text.endswith('"') or _ends_escaped(text[1:-1]):
            raise self._error("a string that does not end", number)
        inner = text[1:-1]
        return _ESCAPE.sub(_unescape, inner) if "\\" in inner else inner

    def _error(self, problem: str, number: int) -> FileError:
        remedy = "Mend the file by hand (msgfmt --check shows more), or restore it from version control."
        return FileError(self.path, problem, remedy, number)

    def build(self) -> Entry:
        """The entry of the lines taken in."""
        if "msgid" not in self.fields or not any(name.startswith("msgstr") for name in self.fields):
            raise self._error("an entry without msgid or msgstr", self.line or self.first)
        flags = tuple(flag.strip() for line in self.marks[","] for flag in line.split(",") if flag.strip())
        comments, displaced = _understood(self.marks[""])
        previous = self.previous.get("msgid") if displaced is None else displaced
        return Entry(
            msgid=self.fields["msgid"],
            msgstr=self.fields.get("msgstr", ""),
            comments=comments,
            extracted=tuple(self.marks["."]),
            references=tuple(self.marks[":"]),
            flags=flags,
            previous=previous,
            obsolete=self.obsolete,
            foreign="msgctxt" in self.fields or "msgid_plural" in self.fields,
            line=self.line,
            raw="\n".join(self.lines),
        )


def _ends_escaped(text: str) -> bool:
    return (len(text) - len(text.rstrip("\\"))) % 2 == 1


def _unescape(match: re.Match[str]) -> str:
    simple, octal, hexadecimal = match.groups()
    return _ESCAPES[simple] if simple else chr(int(octal, 8) if octal else int(hexadecimal, 16))


def _entries(path: Path, text: str) -> Iterator[Entry]:
    seen: dict[str, int] = {}
    for entry in _split(path, text):
        if not entry.obsolete and not entry.foreign:
            if entry.msgid in seen:
                problem = f"a second entry for the msgid of line {seen[entry.msgid]}"
                raise FileError(path, problem, "Remove one of the two.", entry.line)
            seen[entry.msgid] = entry.line
        yield entry


def _split(path: Path, text: str) -> Iterator[Entry]:
    builder = _Builder(path, 1)
    first = 1
    for block in text.split("\n\n"):
        following = first + block.count("\n") + 2
        usual = None if builder.lines else _USUAL.fullmatch(block)
        if usual is not None:
            yield _usual(usual, first)
            builder.first = following
        else:
            for number, line in enumerate(block.split("\n"), first):
                stripped = line.strip()
                if builder.fields and (not stripped or builder.ended_by(stripped)):
                    yield builder.build()
                    builder = _Builder(path, number if stripped else number + 1)
                if stripped:
                    builder.add(stripped, number)
            if builder.fields:
                yield builder.build()
                builder = _Builder(path, following)
        first = following
    if builder.lines:  # comments at the end of the file
        yield Entry("", obsolete=True, foreign=True, raw="\n".join(builder.lines))


_STRING = r'"[^"\\\n]*(?:\\.[^"\\\n]*)*"'
_USUAL = re.compile(
    rf"(?P<marks>(?:\#(?:[.:,]?[ ][^\n]*)?(?<!\s)\n)*)msgid[ ](?P<msgid>{_STRING}(?:\n{_STRING})*)"
    rf"\nmsgstr[ ](?P<msgstr>{_STRING}(?:\n{_STRING})*)"
)
"""An entry as nearly all are: no context, no plural forms, nothing obsolete or previous, no space at line ends."""


def _usual(match: re.Match[str], first: int) -> Entry:
    """The entry of a match of :data:`_USUAL` that begins on line *first*; as :class:`_Builder` makes it, only faster."""
    marks: dict[str, list[str]] = {"": [], ".": [], ":": [], ",": []}
    lines = match["marks"].split("\n")[:-1]
    for line in lines:
        kind = line[1:2].strip()
        marks[kind].append(line[2 + len(kind) :])
    comments, previous = _understood(marks[""])
    return Entry(
        msgid=_unquoted(match["msgid"]),
        msgstr=_unquoted(match["msgstr"]),
        comments=comments,
        extracted=tuple(marks["."]),
        references=tuple(marks[":"]),
        flags=tuple(flag.strip() for line in marks[","] for flag in line.split(",") if flag.strip()),
        previous=previous,
        line=first + len(lines),
        raw=match[0],
    )


def _understood(lines: Sequence[str]) -> tuple[tuple[str, ...], str | None]:
    """The comments that stand in *lines*, and a previous msgid that a tool put there."""
    rest, displaced = ours.without_previous(lines)
    return tuple(ours.joined(rest)), None if displaced is None else _ESCAPE.sub(_unescape, displaced)


def _unquoted(strings: str) -> str:
    text = "".join(line[1:-1] for line in strings.split("\n"))
    if "\\" not in text:
        return text
    return "".join(_ESCAPE.sub(_unescape, line[1:-1]) for line in strings.split("\n"))
