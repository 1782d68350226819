"""Text that a translator added on their own side: it has no source, and stays where it stands.

An addition is a run of lines of a localized file. It is remembered with the messages around it, found again in the file
itself where the index is lost, and put back each time the file is written anew.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace

from sphinx_amts.builder.tree import Unit
from sphinx_amts.formats import Edit
from sphinx_amts.memory import Memory
from sphinx_amts.translate.people import Shown, fold

NOTE = "added"
"""Kind of note under which the memory keeps the additions of a document."""

_MARK = "\ue0ff"


@dataclass(frozen=True, slots=True)
class Addition:
    """Lines that a person added."""

    lines: tuple[str, ...]
    """The lines without their ends; no blank ones at the edges."""
    after: str
    """The msgid before it; empty at the file's beginning."""
    before: str
    """The msgid behind it; empty at the file's end."""
    touches_next: bool
    """Whether only blank lines stand between it and the message behind it."""


def find(text: str, added: Sequence[Shown], placed: Sequence[tuple[int, str]]) -> list[Addition]:
    """The additions in a localized file's *text*.

    *added* are its messages without a source, *placed* the lines (1-based, ascending) and msgids of the others.
    """
    lines = text.splitlines()
    found = []
    for group in _groups(added, placed):
        first, last = group[0].line, group[-1].line
        previous = max((place for place in placed if place[0] < first), default=(0, ""))
        following = min((place for place in placed if place[0] > last), default=(len(lines) + 1, ""))
        start, end = _block(lines, previous[0], first, last, following[0])
        gap = lines[end : following[0] - 1]
        touches = bool(following[1]) and not any(line.strip() for line in gap)
        found.append(Addition(tuple(lines[start:end]), previous[1], following[1], touches))
    return found


def _groups(added: Sequence[Shown], placed: Sequence[tuple[int, str]]) -> Iterator[list[Shown]]:
    """Additions with no message of the book between them."""
    group: list[Shown] = []
    for one in sorted((one for one in added if one.line), key=lambda one: one.line):
        if group and any(group[-1].line < line < one.line for line, _msgid in placed):
            yield group
            group = []
        group.append(one)
    if group:
        yield group


def _block(lines: Sequence[str], previous: int, first: int, last: int, following: int) -> tuple[int, int]:
    """The lines (from 0, end exclusive) of a group: from the blank line before it to the blank line behind it."""
    start = first - 1
    while start > previous and lines[start - 1].strip():
        start -= 1
    end = last
    while end < following - 1 and end < len(lines) and lines[end].strip():
        end += 1
    return start, end


def load(memory: Memory, docname: str) -> list[Addition]:
    """The additions that are remembered for a document."""
    note = memory.note(f"{NOTE}:{docname}")
    return [Addition(**{**one, "lines": tuple(one["lines"])}) for one in json.loads(note)] if note else []


def store(memory: Memory, docname: str, additions: Sequence[Addition]) -> None:
    """Remember the additions of a document in place of those before."""
    memory.set_note(f"{NOTE}:{docname}", json.dumps([asdict(one) for one in additions], ensure_ascii=False))


def insert(unit: Unit, edits: Sequence[Edit], additions: Sequence[Addition]) -> str:
    """The localized text of *unit* with *additions* in their places; one whose neighbours are gone goes to the end."""
    text = unit.format.splice(unit.text, edits) if edits else unit.text
    newline = "\r\n" if "\r\n" in text else "\n"
    for one in additions:
        if fold("\n".join(one.lines)) in fold(text):
            continue
        lines = text.splitlines(keepends=True)
        place = _place(unit, edits, text, one)
        block = [line + newline for line in one.lines]
        lines[place:place] = [newline, *block] if place == len(lines) else [*block, newline]
        text = "".join(lines)
    return text


def _place(unit: Unit, edits: Sequence[Edit], text: str, one: Addition) -> int:
    """Number of the line before which *one* goes."""
    count = len(text.splitlines())
    candidates = (
        [(one.before, True), (one.after, False)] if one.touches_next else [(one.after, False), (one.before, True)]
    )
    for msgid, in_front in candidates:
        line = _line_of(unit, edits, msgid, text)
        if line is None:
            continue
        lines = text.splitlines()
        if in_front:
            while line > 0 and lines[line - 1].strip():
                line -= 1  # an overline, a label, the marker of a directive
            return line
        while line < count and lines[line].strip():
            line += 1
        return min(line + 1, count)
    return count


def _line_of(unit: Unit, edits: Sequence[Edit], msgid: str, text: str) -> int | None:
    """The line, from 0, on which the message *msgid* begins in the localized *text*."""
    message = next((one for one in unit.messages if one.msgid == msgid), None) if msgid else None
    if message is None:
        return None
    own = next((edit for edit in edits if edit.message is message), Edit(message, message.raw))
    marked = [edit for edit in edits if edit is not own] + [replace(own, text=own.text + _MARK)]
    spliced = unit.format.splice(unit.text, marked).splitlines()
    number = next((number for number, line in enumerate(spliced) if _MARK in line), None)
    if number is None:
        return None
    line = fold(spliced[number].replace(_MARK, ""))
    numbers = [other for other, shown in enumerate(text.splitlines()) if fold(shown) == line]
    return min(numbers, key=lambda other: abs(other - number), default=None)
