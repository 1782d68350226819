"""Units of translation as files of both formats hold them, and what state they are in.

States are those of XLIFF 1.2 (section 2.3, attributes ``state``, ``state-qualifier`` and ``approved``).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from sphinx_amts import catalog as po
from sphinx_amts.exchange.content import Content
from sphinx_amts.model import AmtsError, Origin

_NAMES = ("exported", "flags", "previous", "text", "obsolete")
_PREFIX = "amts-"
_FINISHED = {"final", "signed-off"}
_MADE_BY_MACHINES = {"leveraged-mt", "mt-suggestion", "leveraged-tm", "tm-suggestion"}


class UnitError(AmtsError):
    """A unit that cannot be taken over; ``code`` is a stable short name."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Status:
    """The state of a translation as XLIFF says it."""

    state: str = ""
    """``new``, ``needs-translation``, ``needs-review-translation``, ``translated``, ``final`` …; empty where nothing is said."""
    qualifier: str = ""
    """``leveraged-mt``, ``fuzzy-match`` …; mostly empty."""
    approved: bool = False
    """Whether a person has approved it."""

    @property
    def finished(self) -> bool:
        """Whether it says that a person stands for the text.

        ``translated`` alone does not where a machine's qualifier stands: OmegaT gives that state to every text that it found.
        """
        return self.approved or self.state in _FINISHED or (self.state == "translated" and not self.by_machine)

    @property
    def by_machine(self) -> bool:
        """Whether it says that a machine or a memory gave the text."""
        return self.qualifier in _MADE_BY_MACHINES

    @property
    def open(self) -> bool:
        """Whether it says that the text wants more work."""
        return not self.finished and (self.state == "new" or self.state.startswith("needs-"))

    def __str__(self) -> str:
        return " ".join([self.state or "-", self.qualifier or "-", "approved" if self.approved else "-"])


def status_of(entry: po.Entry) -> Status:
    """The status under which an entry is exported.

    A machine's draft is ``needs-review-l10n``: its text and its markup want a look. So it differs from the state
    ``needs-review-translation`` that a reviewer may give to a text.
    """
    if not entry.msgstr:
        return Status("needs-translation")
    if entry.conflict:
        return Status("needs-review-translation", "x-amts-conflict")
    if entry.stale:
        return Status("needs-translation", "fuzzy-match")
    if entry.fuzzy:
        return Status("needs-review-translation")
    if entry.kept:
        return Status("needs-translation", "leveraged-mt")
    if entry.origin is Origin.HUMAN:
        return Status("translated", "", approved=True)
    return Status("needs-review-l10n", "leveraged-tm" if entry.engine == "memory" else "leveraged-mt")


@dataclass(frozen=True, slots=True)
class Marks:
    """What a file of ours says of a catalog entry beside its text, so that a round trip loses nothing."""

    exported: str = ""
    """Digest of the translation, and its status, when it was exported; empty in files of other programs."""
    flags: tuple[str, ...] = ()
    """Flags of the entry."""
    previous: str | None = None
    """Previous msgid."""
    text: str = ""
    """The translation as the catalog has it, where that does not follow from the unit's target."""
    obsolete: bool = False
    """Whether the book no longer has the message."""
    comments: tuple[str, ...] = ()
    """Comments of the entry: a person's and ours (``amts: …``), in order."""

    def lines(self) -> list[str]:
        """The marks as texts, one for each note or property of a file."""
        values = {
            "exported": self.exported,
            "flags": ", ".join(self.flags),
            "previous": self.previous,
            "text": self.text,
            "obsolete": "yes" if self.obsolete else "",
        }
        return [f"{_PREFIX}{name}: {value}" for name, value in values.items() if value] + list(self.comments)

    @property
    def digest(self) -> str:
        """Digest of the translation when it was exported; empty if the file does not say."""
        return self.exported.partition(" ")[0]


def read_marks(lines: Iterable[str]) -> Marks:
    """Read what :meth:`Marks.lines` gives; lines that are none of our names are comments."""
    values: dict[str, str] = {}
    comments = []
    for line in lines:
        name, separator, value = line.partition(": ")
        own = name.removeprefix(_PREFIX)
        if separator and name.startswith(_PREFIX) and own in _NAMES:
            values[own] = value
        else:
            comments.append(line)
    flags = tuple(values["flags"].split(", ")) if "flags" in values else ()
    return Marks(
        values.get("exported", ""), flags, values.get("previous"), values.get("text", ""), "obsolete" in values, tuple(comments)
    )  # fmt: skip


def marks_of(entry: po.Entry, text: str) -> Marks:
    """The marks of an *entry*; *text* is its translation as it will be read from the unit."""
    return Marks(
        exported=f"{po.digest(entry.msgstr)} {status_of(entry)}",
        flags=entry.flags,
        previous=entry.previous,
        text="" if text == entry.msgstr else entry.msgstr,
        obsolete=entry.obsolete,
        comments=entry.comments,
    )


def restored(entry: po.Entry, text: str, marks: Marks) -> po.Entry:
    """*entry* as it was when it was exported with *marks* and the translation *text*."""
    return replace(entry, msgstr=text, comments=marks.comments, flags=marks.flags, previous=marks.previous, raw="")


@dataclass(frozen=True, slots=True)
class Unit:
    """One message and its translation, in a file."""

    place: str
    """The file of the book that has it (relative, with forward slashes), or the name of a catalog (``index.po``)."""
    key: str
    """What tells it apart from the other units of its place."""
    source: Content
    """The text in the source language."""
    target: Content
    """The translation; empty if there is none."""
    status: Status = field(default_factory=Status)
    """The state of the translation."""
    marks: Marks = field(default_factory=Marks)
    """What else belongs to the catalog entry."""
    line: int = 0
    """1-based line: of the message in the book for a unit to be written, of the unit in the file for one that was read."""
    kind: str = ""
    """The message's kind (``paragraph``, ``title`` …)."""
    locked: bool = False
    """Whether there is nothing to translate: code, and texts that the book no longer has."""
