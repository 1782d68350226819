"""What people changed in localized files: found by its text, and taken into the catalogs.

A text in a localized file is a person's if nobody else wrote it: it is no translation that a catalog holds or held, no source
text, and nothing that this program noted before writing it. Which message it belongs to follows from the texts around it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from sphinx_amts import catalog as po
from sphinx_amts.memory import Memory
from sphinx_amts.model import Origin

_WIDE = "\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef"
_UNSPACED_BREAK = re.compile(rf"(?<=[{_WIDE}])\n[ \t]*|(?<=\S)\n[ \t]*(?=[{_WIDE}])")


@dataclass(frozen=True, slots=True)
class Shown:
    """One message of a localized file."""

    text: str
    """Its raw text, white space folded."""
    kind: str
    """Its kind, as in :class:`sphinx_amts.model.Message`."""
    line: int
    """1-based line in the localized file; 0 when unknown."""
    joined: str = ""
    """The same text with its lines joined as Chinese and Japanese are; empty where nothing is known of its lines."""


@dataclass(frozen=True, slots=True)
class PersonsEdit:
    """A text that a person wrote into a localized file."""

    msgid: str
    """The message that it translates."""
    text: str
    """What the person wrote, white space folded."""
    line: int
    """1-based line in the localized file."""


def fold(text: str) -> str:
    """*text* with every run of white space as one space: how texts are compared."""
    return " ".join(text.split())


def join_lines(text: str) -> str:
    """*text* folded, but without a space for line breaks beside Chinese or Japanese: a format may have had to break a line."""
    return fold(_UNSPACED_BREAK.sub("", text))


def digest(text: str) -> str:
    """Digest under which the memory notes a text that was shown."""
    return hashlib.sha256(fold(text).encode()).hexdigest()[:24]


def find_edits(
    shown: Sequence[Shown], msgids: Sequence[str], expected: Mapping[str, str], known: set[str], memory: Memory
) -> tuple[list[PersonsEdit], list[Shown]]:
    """The edits of people in a localized file, and texts that they added.

    *shown* are the file's messages; *msgids* the messages of its source in the version that it was made from; *expected* the
    text of each as the catalogs have it; *known* all texts (folded) that are nobody's edit.
    """

    def is_new(one: Shown) -> bool:
        texts = {one.text, one.joined or one.text}
        return not any(text in known or memory.was_shown(digest(text)) for text in texts)

    before = [fold(expected.get(msgid, msgid)) for msgid in msgids]
    after = [one.text for one in shown]
    edits: list[PersonsEdit] = []
    added: list[Shown] = []
    for tag, first, last, start, end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag in {"equal", "delete"}:
            continue
        new = list(range(start, end))
        for place, number in _pairs(before[first:last], after[start:end]):
            if is_new(shown[start + number]):
                one = shown[start + number]
                edits.append(PersonsEdit(msgids[first + place], one.joined or one.text, one.line))
            new.remove(start + number)
        added += [shown[number] for number in new if is_new(shown[number])]
    return edits, added


def aligned(shown: Sequence[Shown], msgids: Sequence[str], expected: Mapping[str, str]) -> Iterator[tuple[Shown, str]]:
    """The messages of a localized file with the msgids that they translate, as :func:`find_edits` pairs them."""
    before = [fold(expected.get(msgid, msgid)) for msgid in msgids]
    after = [one.text for one in shown]
    for tag, first, last, start, end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        pairs = (
            ((number, number) for number in range(last - first))
            if tag == "equal"
            else _pairs(before[first:last], after[start:end])
        )
        for place, number in pairs:
            yield shown[start + number], msgids[first + place]


def _pairs(before: Sequence[str], after: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Which text of *before* became which of *after*: in order if there are as many, else the most similar."""
    if len(before) == len(after):
        yield from ((number, number) for number in range(len(before)))
        return
    scored = sorted(
        (-SequenceMatcher(None, old, new, autojunk=False).ratio(), place, number)
        for place, old in enumerate(before)
        for number, new in enumerate(after)
    )
    places: set[int] = set()
    numbers: set[int] = set()
    for score, place, number in scored:
        if place not in places and number not in numbers and score < -0.3:
            places.add(place)
            numbers.add(number)
            yield place, number


def apply_edit(entry: po.Entry, edit: PersonsEdit, memory: Memory) -> tuple[po.Entry, bool]:
    """*entry* with a person's text from the localized file; whether that is a conflict.

    A person's text in the catalog that was never shown in the file was written since: then both stand, the catalog's in force.
    """
    text = edit.text
    if entry.origin is Origin.HUMAN and fold(entry.msgstr) != text and not memory.was_shown(digest(entry.msgstr)):
        comments = [comment for comment in entry.comments if not comment.startswith(po.CONFLICT)]
        return replace(entry, comments=(*comments, po.CONFLICT + text), raw=""), True
    comments = [comment for comment in entry.comments if not comment.startswith("amts")]
    if entry.msgstr:
        comments.append(po.LAST_GOOD + fold(entry.msgstr))
    flags = tuple(flag for flag in entry.flags if flag != "fuzzy")
    return replace(entry, msgstr=text, comments=tuple(comments), flags=flags, previous=None, raw=""), False


def known_texts(catalogs: Iterable[po.Catalog], texts: Mapping[str, str]) -> set[str]:
    """All texts (folded) that a localized file may show without anybody having edited it."""
    known = {fold(text) for text in texts.values()}
    for entry in (entry for catalog in catalogs for entry in catalog.entries):
        for text in (entry.msgid, entry.msgstr, entry.previous or ""):
            known.add(fold(text))
        for comment in entry.comments:
            for mark in (po.CONFLICT, po.LAST_GOOD):
                if comment.startswith(mark):
                    known.add(fold(comment.removeprefix(mark)))
    return known
