"""Writing localized documents and reading them again: no translation may change a book's structure.

Each document is written, read with Sphinx's own reader in a process of its own, and compared with its source. What
differs is taken back: the messages where the differences begin; if that does not help, those that a search by halves finds,
titles first because others refer to them; and the rest of the file if that takes too long. A person may use inline markup in
their own way, as :mod:`.licence` has it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from sphinx.application import Sphinx

from sphinx_amts.builder import licence
from sphinx_amts.builder.additions import Addition, insert
from sphinx_amts.builder.rereading import Rereader, spread
from sphinx_amts.builder.tree import Unit, encoded, spliced
from sphinx_amts.files import at_once, write_bytes
from sphinx_amts.formats import Edit, RenderError
from sphinx_amts.model import AmtsError, Document, Message

ROUNDS = 5
"""Readings of one document in which the messages nearest to a difference are taken for its cause."""

SEARCHES = 100
"""Readings of one document in which the cause is sought among all its messages."""


@dataclass(frozen=True, slots=True)
class Included:
    """A file that a document includes: written and checked together with it."""

    unit: Unit
    """The file."""
    edits: tuple[Edit, ...]
    """What is to change in it."""
    target: Path
    """Where the localized file goes."""


@dataclass(frozen=True, slots=True)
class Job:
    """One document of one language."""

    document: Document
    """The source document."""
    unit: Unit
    """Its file."""
    edits: tuple[Edit, ...]
    """What is to change in it."""
    tree: Path
    """Folder of the localized tree."""
    target: Path
    """Where the localized file goes."""
    is_new: bool = False
    """Whether the tree had no such file, so that writing it counts even where it is the source."""
    fallbacks: Mapping[str, str] = field(default_factory=dict)
    """By msgid, what takes the place of a text that cannot stand, instead of the source's."""
    additions: tuple[Addition, ...] = ()
    """What a person added to the file."""
    included: tuple[Included, ...] = ()
    """Files that this document is the first to include."""
    people: frozenset[str] = frozenset()
    """Msgids whose translations people wrote, if only in parts."""

    @property
    def all_edits(self) -> list[Edit]:
        """What is to change in all files."""
        return [*self.edits, *(edit for one in self.included for edit in one.edits)]


@dataclass(slots=True)
class Outcome:
    """What became of a job."""

    written: bool = False
    """Whether the file is new or its bytes changed."""
    reverted: list[tuple[Message, str, str]] = field(default_factory=list)
    """Messages that went back to the source language, with a short code and the reason."""
    changed: dict[str, str | None] = field(default_factory=dict)
    """By msgid, what stands in the files in place of the edits' texts; ``None`` for the source. All texts would be much to send."""
    error: str = ""
    """Why the file could not be written; empty if it was."""

    def shown(self, job: Job) -> dict[str, str]:
        """By msgid, the translations that stand in the files of *job*, whose outcome this is."""
        texts = {**_texts(job.all_edits), **self.changed}
        return {msgid: text for msgid, text in texts.items() if text is not None}


def run(app: Sphinx, jobs: Sequence[Job], processes: int, done: Callable[[Job, Outcome], None]) -> list[Outcome]:
    """Do all *jobs* and return their outcomes in the same order; the longest begin first, so that none is waited for.

    *done* is told of each as soon as it is done. Documents whose texts all stay need no process that reads them again.
    """
    order = sorted(range(len(jobs)), key=lambda number: -len(jobs[number].unit.text))
    same = [number for number in order if not jobs[number].all_edits]
    outcomes = dict(zip(same, at_once(partial(_do, None), [jobs[number] for number in same]), strict=True))
    for number in same:
        done(jobs[number], outcomes[number])
    others = [number for number in order if jobs[number].all_edits]
    outcomes |= zip(others, spread(app, [jobs[number] for number in others], _do, processes, done), strict=True)
    return [outcomes[number] for number in range(len(jobs))]


def _do(reader: Rereader | None, job: Job) -> Outcome:
    """Write one document; take back what changes its structure."""
    outcome = Outcome()
    edits = job.all_edits
    wanted = _texts(edits)
    try:
        before = job.target.read_bytes() if job.target.is_file() else None
        edits = _write(job, edits, outcome)
        first = edits
        suspected: list[tuple[Message, str, str]] = []
        for _round in range(ROUNDS):
            reason, culprits = _culprits(reader, job, edits)
            if not culprits:
                outcome.reverted += suspected
                break
            suspected += [(message, "structure", reason) for message in culprits]
            edits = _write(job, list(_without(edits, culprits, job.fallbacks)), outcome)
        else:
            edits = _search(reader, job, first, outcome)
        found = _texts(edits)
        outcome.changed = {one: found.get(one) for one, text in wanted.items() if found.get(one) != text}
        outcome.written = job.is_new or job.target.read_bytes() != before
    except AmtsError as error:
        outcome.error = str(error)
    return outcome


def _texts(edits: Iterable[Edit]) -> dict[str, str]:
    return {edit.message.msgid: edit.text for edit in edits}


def _without(edits: Sequence[Edit], culprits: Sequence[Message], fallbacks: Mapping[str, str]) -> Iterator[Edit]:
    """*edits* less those of *culprits*, which give way to their fallbacks: once, for these may be at fault too."""
    given_way = set(culprits)
    for edit in edits:
        if edit.message not in given_way:
            yield edit
        elif fallbacks.get(edit.message.msgid, edit.text) != edit.text:
            yield Edit(edit.message, fallbacks[edit.message.msgid])


def _write(job: Job, edits: list[Edit], outcome: Outcome) -> list[Edit]:
    """Write the file and those that it includes; return the edits that could be made."""
    for unit, target in [(job.unit, job.target), *((one.unit, one.target) for one in job.included)]:
        while True:
            try:
                data = _content(job, unit, _of_file(edits, unit.path) if job.included else edits)
            except RenderError as error:
                assert error.edits, "a splicer names the edits that it cannot make"
                outcome.reverted += [(edit.message, error.code, str(error)) for edit in error.edits]
                refused = {edit.message for edit in error.edits}
                edits = [edit for edit in edits if edit.message not in refused]
            else:
                write_bytes(target, data)
                break
    return edits


def _content(job: Job, unit: Unit, edits: Sequence[Edit]) -> bytes:
    """The bytes of a localized file, with what people added to it at any time."""
    added = job.additions if unit is job.unit else ()
    return encoded(unit, insert(unit, edits, added)) if added else spliced(unit, edits)


def _of_file(edits: Sequence[Edit], path: Path) -> list[Edit]:
    return [edit for edit in edits if Path(edit.message.location.path) == path]


def _search(reader: Rereader | None, job: Job, edits: Sequence[Edit], outcome: Outcome) -> list[Edit]:
    """Write those of *edits* that do not change the document's structure, found by halves; note the others."""
    good: list[Edit] = []
    parts = [[edit for edit in edits if (edit.message.kind == "title") == titles] for titles in (False, True)]
    readings = 0
    while parts:
        part = parts.pop()
        together = _write(job, [*good, *part], outcome)
        reason, _near = _culprits(reader, job, together) if together else ("", [])
        readings += 1
        if not reason:
            good = together
        elif len(part) == 1 or readings >= SEARCHES:
            outcome.reverted += [(edit.message, "structure", reason) for edit in part]
        else:
            parts += [part[len(part) // 2 :], part[: len(part) // 2]]
    return _write(job, good, outcome)


def _culprits(reader: Rereader | None, job: Job, edits: Sequence[Edit]) -> tuple[str, list[Message]]:
    """Read the document again, without what people added; the messages to take back, and why."""
    if not edits:
        return "", []
    assert reader is not None, "only documents without changes are written without one"
    text = spliced(job.unit, _of_file(edits, job.unit.path)).decode().removeprefix("\ufeff") if job.additions else None
    ours, theirs = job.document.structure, reader.read(job.document, job.tree, text).structure
    difference = first_difference(ours, theirs)
    if difference is not None and job.people:
        theirs = _excused(job, edits, ours, theirs)
        difference = first_difference(ours, theirs)
    if difference is None:
        return "", []
    place, was, became = difference
    reason = f"the translation changes the document's structure ({was!r} becomes {became!r})"
    messages = job.document.messages
    changed = {edit.message for edit in edits}
    edited = [number for number, message in enumerate(messages) if message in changed]
    near = (messages[one] for number in _suspects(ours, theirs, place) for one in _near(number, edited))
    return reason, list(dict.fromkeys(near))


def _excused(job: Job, edits: Sequence[Edit], ours: Sequence[str], theirs: Sequence[str]) -> tuple[str, ...]:
    """The structure *theirs* with that of the source for the messages in which a person used inline markup in their own way.

    Where a message has changed the blocks of the document, nobody can tell which ones follow it: those before it count.
    """
    persons = {edit.message: edit.text for edit in edits if edit.message.msgid in job.people}
    left, right = list(_chunks(ours)), list(_chunks(theirs))
    known = frozenset(ours)

    def is_free(number: int, original: Sequence[str], lines: Sequence[str]) -> bool:
        message = job.document.messages[number] if number < len(job.document.messages) else None
        text = persons.get(message) if message is not None else None
        if message is None or text is None:
            return False
        return licence.allows(job.unit.format, message, text, original, lines, known)

    chunks = [lines for _number, lines in right]
    for place, ((number, original), lines) in enumerate(zip(left, chunks, strict=False)):
        if lines != original:
            if is_free(number, original, lines):
                chunks[place] = original
            elif len(left) != len(right):
                break
    first, *others = chunks
    numbered = zip((number for number, _lines in right[1:]), others, strict=True)
    return (*first, *(line for number, lines in numbered for line in (f"#{number}", *lines)))


def first_difference(ours: Sequence[str], theirs: Sequence[str]) -> tuple[int, str, str] | None:
    """Where two structures differ first: the place in *ours*, and what stands there on both sides; ``None`` if nowhere.

    Numbers of messages do not count: a sorted glossary has another order in another language.
    """
    left = [(number, line) for number, line in enumerate(ours) if not line.startswith("#")]
    right = [line for line in theirs if not line.startswith("#")]
    end = (len(ours) - 1, "the end")
    for position in range(max(len(left), len(right))):
        number, was = left[position] if position < len(left) else end
        became = right[position] if position < len(right) else "the end"
        if was != became:
            return number, was, became
    return None


def _suspects(ours: Sequence[str], theirs: Sequence[str], place: int) -> list[int]:
    """Numbers of the messages where two structures differ: all of them where both have as many, else the first."""
    left, right = list(_chunks(ours)), list(_chunks(theirs))
    if len(left) == len(right):
        return [number for (number, lines), (_other, others) in zip(left, right, strict=True) if lines != others]
    return [next((int(line[1:]) for line in reversed(ours[: place + 1]) if line.startswith("#")), 0)]


def _chunks(structure: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    """A structure cut before each message, with the message's number."""
    number = 0
    lines: list[str] = []
    for line in structure:
        if line.startswith("#"):
            yield number, lines
            number, lines = int(line[1:]), []
        else:
            lines.append(line)
    yield number, lines


def _near(number: int, edited: Sequence[int]) -> Iterator[int]:
    """The edited message at which a difference stands; else its neighbours.

    Messages are told by their numbers; those *edited* in ascending order.
    """
    place = bisect_left(edited, number)
    is_here = edited[place : place + 1] == [number]
    following = edited[place + is_here : place + is_here + 1]
    if is_here:
        yield number
    else:
        yield from following or edited[-1:]
