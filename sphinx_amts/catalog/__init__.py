"""PO catalogs: the truth of a translation, read and written without touching what did not change.

An entry that nobody changed keeps its bytes, whoever wrote it (Weblate, Poedit, msgmerge); only changed entries are
written anew. That is why this module has a reader of its own: Babel's drops previous msgids of obsolete entries, wraps
every line anew and sorts, which turns the edit of one sentence into a diff of the whole file. Syntax:
https://www.gnu.org/software/gettext/manual/html_node/PO-Files.html
"""

from __future__ import annotations

import codecs
import hashlib
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from pathlib import Path

from sphinx_amts.catalog import comments as ours
from sphinx_amts.catalog.comments import CONFLICT, EARLIER, LAST_GOOD, NEW
from sphinx_amts.files import write_bytes
from sphinx_amts.model import FileError, Origin

__all__ = [
    "CONFLICT", "EARLIER", "LAST_GOOD", "NEW", "Catalog", "Entry", "digest", "each_once", "header", "read", "update", "write", "write_entry",
]  # fmt: skip

_MARK = re.compile(r"amts: (?P<engine>\S+) (?P<digest>[0-9a-f]{12})$")
_NOTE = "amts-kept: "
_ROUTE = "amts-route: "
_FOR = "amts-for: "
"""Begins the comment with the digest of the msgid for which a text was put together."""

_CHARSET = re.compile(rb"charset=([\w.:-]+)", re.IGNORECASE)
_FIELD = re.compile(r'(?P<name>msgctxt|msgid_plural|msgid|msgstr(?:\[\d+\])?)\s+(?P<text>".*)$')
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "a": "\a", '"': '"', "\\": "\\"}
_ESCAPE = re.compile(r"\\(?:([ntrbfva\"\\])|([0-7]{1,3})|x([0-9a-fA-F]{1,2}))")
_WIDTH = 76


def digest(text: str) -> str:
    """The digest of a msgstr in an ``amts:`` comment: 12 hexadecimal digits of SHA-256 over its UTF-8."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a catalog."""

    msgid: str
    """Source text, unescaped."""
    msgstr: str = ""
    """Translation, unescaped; empty where there is none."""
    comments: tuple[str, ...] = ()
    """Translator comments without ``#`` and the space behind it."""
    extracted: tuple[str, ...] = ()
    """Extracted comments (``#.``)."""
    references: tuple[str, ...] = ()
    """Reference lines (``#:``)."""
    flags: tuple[str, ...] = ()
    """Flags (``#,``) such as ``fuzzy``."""
    previous: str | None = None
    """Previous msgid (``#|``)."""
    obsolete: bool = False
    """Whether the book no longer has the message (``#~``)."""
    foreign: bool = False
    """Whether the entry has a context or plural forms, which Sphinx never writes: it is kept and not used."""
    line: int = field(default=0, compare=False)
    """1-based line of its ``msgid``; 0 for a new entry."""
    raw: str = field(default="", compare=False)
    """Its text in the file; empty for an entry that was changed."""

    @property
    def fuzzy(self) -> bool:
        """Whether the entry is marked as needing work."""
        return "fuzzy" in self.flags

    @property
    def engine(self) -> str | None:
        """Name of the engine that made the msgstr as it stands; ``None`` if a person made or edited it."""
        for comment in self.comments:
            if (match := _MARK.match(comment)) and match["digest"] == digest(self.msgstr):
                reviewed = not self.fuzzy and any(comment.startswith(NEW) for comment in self.comments)
                return None if reviewed else match["engine"]
        return None

    @property
    def made_digests(self) -> list[str]:
        """Digests of texts that engines made for it, its msgstr or an earlier one."""
        return [match["digest"] for comment in self.comments if (match := _MARK.match(comment))]

    @property
    def composed(self) -> bool:
        """Whether the msgstr was put together for this very msgid from a person's sentences and new ones.

        Tools that match by similarity (msgmerge) carry our comments to other msgids: then it was not. A person may have
        edited it since.
        """
        return self.fuzzy and _FOR + digest(self.msgid) in self.comments

    @property
    def misplaced(self) -> bool:
        """Whether a tool gave the entry a text that was put together for another msgid, so that ``previous`` is not its source."""
        return self.fuzzy and not self.composed and any(comment.startswith(_FOR) for comment in self.comments)

    @property
    def last_good(self) -> str:
        """What the localized file showed before a person's edit; empty if nothing is noted."""
        return next((one.removeprefix(LAST_GOOD) for one in self.comments if one.startswith(LAST_GOOD)), "")

    @property
    def kept(self) -> bool:
        """Whether parts of the msgstr, or all of it, stayed in the source language."""
        return self._has_kept and self.engine is not None

    @property
    def _has_kept(self) -> bool:
        return any(comment.startswith(_NOTE) for comment in self.comments)

    @property
    def origin(self) -> Origin:
        """Who made the msgstr; :attr:`Origin.SOURCE` where there is none, or only parts."""
        if self.engine is None:
            return Origin.HUMAN if self.msgstr else Origin.SOURCE
        return Origin.SOURCE if self._has_kept else Origin.MACHINE

    @property
    def conflict(self) -> bool:
        """Whether the catalog and the localized file were edited differently, and a person has to decide."""
        return any(comment.startswith(CONFLICT) for comment in self.comments)

    @property
    def stale(self) -> bool:
        """Whether a person's translation waits for review because its source changed."""
        return self.fuzzy and (self.previous is not None or self.composed)

    def translated(self, text: str, engine: str, kept: int = 0, routes: Sequence[str] = ()) -> Entry:
        """A copy with a machine's *text*; *kept* sentences of it are still in the source language.

        *routes* name the ways that its new sentences took through the engine.
        """
        replaced = ("amts: ", _NOTE, NEW, _FOR, _ROUTE, LAST_GOOD)
        comments = [comment for comment in self.comments if not comment.startswith(replaced)]
        if text:
            comments.append(f"amts: {engine} {digest(text)}")
        if text and kept:
            comments.append(f"{_NOTE}{kept}")
        if text and routes:
            comments.append(f"{_ROUTE}{' '.join(routes)}")
        flags = tuple(flag for flag in self.flags if flag != "fuzzy")
        return replace(self, msgstr=text, comments=tuple(comments), flags=flags, previous=None, raw="")

    def approved(self, text: str) -> Entry:
        """A copy with *text* that only people wrote: nothing of a machine's is left, and no change of the source waits for review.

        Other texts of people stay beside it.
        """
        comments = tuple(
            comment
            for comment in self.comments
            if not comment.startswith("amts")
            or (comment.startswith((CONFLICT, EARLIER)) and comment not in {CONFLICT + text, EARLIER + text})
        )
        flags = tuple(flag for flag in self.flags if flag != "fuzzy")
        return replace(self, msgstr=text, comments=comments, flags=flags, previous=None, raw="")

    def gone(self) -> Entry:
        """A copy for the end of the catalog. It keeps no previous msgid that it does not need: Babel cannot read ``#~|``."""
        previous = None if self.composed else self.previous
        return replace(self, obsolete=True, references=(), previous=previous, raw="")

    def after(self, other: Entry) -> Entry:
        """A copy that keeps what a person wrote in *other*, an earlier entry of the same msgid."""
        texts = [comment for comment in other.comments if comment.startswith(EARLIER)]
        if other.origin is Origin.HUMAN:
            texts.append(EARLIER + other.msgstr)
        added = [one for one in texts if one not in self.comments and one != EARLIER + self.msgstr]
        return replace(self, comments=(*self.comments, *added), raw="") if added else self

    def to_review(self, previous: str | None, sentences: Sequence[str]) -> Entry:
        """A copy that waits for a person, who translated *previous*; its comments name the *sentences* that are new."""
        comments = [comment for comment in self.comments if not comment.startswith(NEW)]
        comments += [NEW + " ".join(sentence.split()) for sentence in sentences]
        flags = self.flags if self.fuzzy else ("fuzzy", *self.flags)
        return replace(self, comments=tuple(comments), flags=flags, previous=previous).made_for_msgid()

    def made_for_msgid(self) -> Entry:
        """A copy with the mark that its msgstr is a translation of its msgid, whatever its previous msgid is."""
        comments = [comment for comment in self.comments if not comment.startswith(_FOR)]
        return replace(self, comments=(*comments, _FOR + digest(self.msgid)), raw="")


@dataclass(frozen=True, slots=True)
class Catalog:
    """A PO file: its entries in order, the header first."""

    path: Path
    """Where it is read from and written to."""
    entries: tuple[Entry, ...] = ()
    """All entries; the header has an empty msgid."""
    newline: str = "\n"
    """Line end of the file."""
    bom: bool = False
    """Whether the file begins with a byte order mark."""

    @property
    def has_header(self) -> bool:
        """Whether there is an entry with the catalog's own data."""
        return any(not entry.msgid and not entry.obsolete for entry in self.entries)

    def by_msgid(self) -> dict[str, Entry]:
        """Entries that the book can use, by msgid: no header, nothing obsolete or foreign."""
        return {
            entry.msgid: entry for entry in self.entries if entry.msgid and not entry.obsolete and not entry.foreign
        }

    def obsolete(self) -> dict[str, Entry]:
        """Obsolete entries by msgid."""
        return {entry.msgid: entry for entry in self.entries if entry.obsolete and not entry.foreign}

    def text(self) -> str:
        """The whole file as text with line feeds as line ends."""
        blocks = [entry.raw or write_entry(entry) for entry in self.entries]
        return "\n\n".join(block.strip("\n") for block in blocks) + "\n"


# -- reading -------------------------------------------------------------------------------------------------------


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
    newline = "\r\n" if "\r\n" in text else "\n"
    return Catalog(path, tuple(_entries(path, text.replace("\r\n", "\n"))), newline, bom)


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


# -- writing -------------------------------------------------------------------------------------------------------


def write(catalog: Catalog) -> bool:
    """Write *catalog* where it belongs, atomically, if its bytes change; return whether they did."""
    text = catalog.text()
    data = (text.replace("\n", catalog.newline) if catalog.newline != "\n" else text).encode()
    if catalog.bom:
        data = codecs.BOM_UTF8 + data
    return write_bytes(catalog.path, data)


def header(project: str, language: str) -> Entry:
    """The header of a new catalog: no dates and no names, so that the same book gives the same bytes."""
    fields = {
        "Project-Id-Version": project,
        "Language": language,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
    }
    return Entry("", "".join(f"{name}: {value}\n" for name, value in fields.items()))


def write_entry(entry: Entry) -> str:
    """The text of one entry, wrapped like gettext's own tools wrap it."""
    lines = [f"# {line}".rstrip() for comment in entry.comments for line in ours.broken(comment)]
    lines += [f"#. {comment}".rstrip() for comment in entry.extracted]
    lines += [f"#: {reference}" for reference in entry.references]
    if entry.flags:
        lines.append("#, " + ", ".join(entry.flags))
    prefix = "#~ " if entry.obsolete else ""
    if entry.previous is not None:
        mark = "#~| " if entry.obsolete else "#| "
        lines += [mark + line for line in _quote("msgid", entry.previous)]
    lines += [prefix + line for line in _quote("msgid", entry.msgid)]
    lines += [prefix + line for line in _quote("msgstr", entry.msgstr)]
    return "\n".join(lines)


_TO_ESCAPE = str.maketrans(
    {
        "\\": "\\\\",
        '"': '\\"',
        "\n": "\\n",
        "\t": "\\t",
        "\r": "\\r",
        "\b": "\\b",
        "\f": "\\f",
        "\v": "\\v",
        "\a": "\\a",
    }
)


def _quote(keyword: str, text: str) -> list[str]:
    """A keyword and its string; long ones are broken behind spaces, as Babel and gettext do, and at line ends."""
    if "\n" not in text and len(text) + len(keyword) + 3 <= _WIDTH:
        return [f'{keyword} "{text.translate(_TO_ESCAPE)}"']
    pieces: list[str] = []
    for line in text.splitlines(keepends=True) if "\n" in text else [text]:
        pieces += _chunks(line)
    return [f'{keyword} ""', *(f'"{piece.translate(_TO_ESCAPE)}"' for piece in pieces)]


def _chunks(text: str) -> Iterator[str]:
    current = ""
    for word in re.findall(r"\S+\s*|\s+", text):
        if current and len(current) + len(word.rstrip()) > _WIDTH - 2:
            yield current
            current = ""
        current += word
    if current:
        yield current


# -- updating ------------------------------------------------------------------------------------------------------


def update(
    catalog: Catalog,
    messages: Mapping[str, Entry],
    forget: Iterable[str] = (),
    retired: Iterable[Entry] = (),
    elsewhere: Collection[tuple[str, str]] = (),
    order: Sequence[str] = (),
) -> Catalog:
    """Bring *catalog* in line with the book: *messages* are its entries by msgid, in document order.

    Entries keep their places; those that are new, or moved since the book had the *order* of msgids given, follow their
    predecessor in the book. What the book no longer has becomes obsolete if it is translated, and goes otherwise; msgids in
    *forget* go in any case. *retired* are more obsolete entries: what people wrote for texts that are no longer the book's.
    *elsewhere* are pairs of msgid and msgstr that the book has in any catalog: they are not kept as obsolete ones.
    """
    dropped = set(forget)
    moved = _moved([entry.msgid for entry in catalog.entries if _in_book(entry, messages)], list(messages), order)
    head = [entry for entry in catalog.entries if not entry.msgid and not entry.obsolete]
    kept = {
        entry.msgid: messages[entry.msgid]
        for entry in catalog.entries
        if _in_book(entry, messages) and entry.msgid not in moved
    }
    followers: dict[str | None, list[Entry]] = {}
    anchor: str | None = None
    for msgid, entry in messages.items():
        if msgid in kept:
            anchor = msgid
        else:
            followers.setdefault(anchor, []).append(entry)
    alive: list[Entry] = list(followers.get(None, ()))
    rest = [
        replace(entry.gone(), flags=(), previous=None)
        for entry in retired
        if (entry.msgid, entry.msgstr) not in elsewhere
    ]
    for entry in catalog.entries:
        if _in_book(entry, messages):
            if entry.msgid in kept:
                alive += [kept[entry.msgid], *followers.get(entry.msgid, ())]
        elif entry.foreign:
            rest.append(entry)
        elif (
            entry.msgid and entry.msgstr and entry.msgid not in dropped and (entry.msgid, entry.msgstr) not in elsewhere
        ):
            rest.append(entry if entry.obsolete else entry.gone())
    return replace(catalog, entries=each_once((*head, *alive, *rest)))


def _moved(there: Sequence[str], now: Sequence[str], before: Sequence[str]) -> set[str]:
    """The msgids of a catalog (*there*, in its order) that stand elsewhere *now* than *before* among the others.

    Where nobody knows what was before, it is the order of the catalog, unless its entries are sorted in another way altogether.
    """
    known = set(there)
    is_noted = known <= set(before)
    old = [msgid for msgid in dict.fromkeys(before) if msgid in known] if is_noted else list(there)
    new = [msgid for msgid in now if msgid in known]
    if old == new:
        return set()
    blocks = SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
    moved = known.difference(*(old[block.a : block.a + block.size] for block in blocks))
    return moved if is_noted or 2 * len(moved) <= len(known) else set()


def each_once(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """*entries*, used ones before obsolete ones, with one for each msgid: gettext's tools refuse a file with two.

    Of obsolete ones the last counts; what people wrote in the others is kept beside it.
    """
    every = list(entries)
    later: dict[str, Entry] = {}
    for entry in every:
        if entry.obsolete and not entry.foreign:
            before = later.pop(entry.msgid, None)
            later[entry.msgid] = entry if before is None or before == entry else entry.after(before)
    used = [
        entry.after(later.pop(entry.msgid)) if entry.msgid in later and not entry.foreign else entry
        for entry in every
        if not entry.obsolete
    ]
    return (*used, *(entry for entry in every if entry.obsolete and entry.foreign), *later.values())


def _in_book(entry: Entry, messages: Mapping[str, Entry]) -> bool:
    return bool(entry.msgid) and not entry.obsolete and not entry.foreign and entry.msgid in messages
