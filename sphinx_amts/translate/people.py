"""What people changed in localized files: found by its text, and taken into the catalogs.

A text in a localized file is a person's if nobody else wrote it: it is no translation that a catalog holds or held, no source
text, and nothing that this program noted before writing it. Which message it belongs to follows from the texts around it.
"""

from __future__ import annotations

import hashlib
import itertools
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from sphinx_amts import catalog as po
from sphinx_amts.memory import Memory
from sphinx_amts.model import Origin

CLOSELY = 2500
"""Pairs of texts up to which all are compared."""
SHORT = 40
"""Characters of a text that is known by parts of its words, too."""
TINY = 8
"""Characters of a text that is known by each of them."""
COMMON = 50
"""Texts of a file that have a run of characters in common, from which on it says nothing."""
LIKELY = 5
"""Texts that one is compared with where they are many."""

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


@dataclass(frozen=True, slots=True)
class Known:
    """What a localized file may show without anybody having edited it."""

    present: frozenset[str]
    """Texts (folded) that the book and its catalogs have now."""
    past: frozenset[str]
    """Texts (folded) that they had once, as far as the catalogs tell."""
    made: frozenset[str]
    """Digests of texts that engines made, as the marks in the catalogs have them."""
    memory: Memory
    """Knows what was ever written into localized files."""
    last: Mapping[str, str] | None = None
    """By msgid, the digest of what the file showed when the last run ended; ``None`` if a run broke off or the index is lost."""

    def is_edit(self, one: Shown, msgid: str = "") -> bool:
        """Whether a person wrote *one*, in the place of *msgid* or as an addition.

        A text that stood there before is a person's, too, if it is certain that somebody put it back.
        """
        texts = {one.text, one.joined or one.text}
        if texts & self.present:
            return False
        if self.last is not None and msgid in self.last:
            return self.last[msgid] not in map(digest, texts)
        if not self.made.isdisjoint(map(po.digest, texts)):
            return False
        return not texts & self.past and not any(self.memory.was_shown(digest(text)) for text in texts)

    def was_seen(self, entry: po.Entry) -> bool:
        """Whether the localized file showed the text of *entry* to whoever edited the file."""
        shown = digest(entry.msgstr)
        if self.last is not None and entry.msgid in self.last:
            return self.last[entry.msgid] == shown
        return self.memory.was_shown(shown)


def find_edits(
    shown: Sequence[Shown], msgids: Sequence[str], expected: Mapping[str, str], known: Known
) -> tuple[list[PersonsEdit], list[Shown]]:
    """The edits of people in a localized file, and texts that they added.

    *shown* are the file's messages; *msgids* the messages of its source in the version that it was made from; *expected* the
    text of each as the catalogs have it.
    """
    before = [fold(expected.get(msgid, msgid)) for msgid in msgids]
    after = [one.text for one in shown]
    edits: list[PersonsEdit] = []
    added: list[Shown] = []
    for tag, first, last, start, end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag in {"equal", "delete"}:
            continue
        new = list(range(start, end))
        for place, number in _pairs(before[first:last], after[start:end]):
            one = shown[start + number]
            if known.is_edit(one, msgids[first + place]):
                edits.append(PersonsEdit(msgids[first + place], one.joined or one.text, one.line))
            new.remove(start + number)
        added += [shown[number] for number in new if known.is_edit(shown[number])]
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


def likeness(shown: Sequence[Shown], msgids: Sequence[str], expected: Mapping[str, str]) -> float:
    """How well a localized file agrees with *msgids* in this order: for each aligned pair, the share (0 to 1) of text in common."""
    return sum(_overlap(one.text, fold(expected.get(msgid, msgid))) for one, msgid in aligned(shown, msgids, expected))


def _overlap(ours: str, theirs: str) -> float:
    """The share of the shorter text's runs of eight characters that the other one has, too."""
    bags = [{text[start : start + 8] for start in range(max(1, len(text) - 7))} for text in (ours, theirs)]
    return len(bags[0] & bags[1]) / min(map(len, bags))


def _pairs(before: Sequence[str], after: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Which text of *before* became which of *after*: in order if there are as many, else the most similar of those that are likely."""
    if len(before) == len(after):
        yield from ((number, number) for number in range(len(before)))
        return
    scored = sorted(
        (-SequenceMatcher(None, before[place], after[number], autojunk=False).ratio(), place, number)
        for place, number in _likely(before, after)
    )
    places: set[int] = set()
    numbers: set[int] = set()
    for score, place, number in scored:
        if place not in places and number not in numbers and score < -0.3:
            places.add(place)
            numbers.add(number)
            yield place, number


def _likely(before: Sequence[str], after: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Pairs that are worth a closer look: all of them; of many, for each text the few that share the most, and rarest, runs of characters.

    What shares none, or only such as most texts have, is in no pair.
    """
    if len(before) * len(after) <= CLOSELY:
        yield from itertools.product(range(len(before)), range(len(after)))
        return
    holders: dict[str, list[int]] = {}
    for number, text in enumerate(after):
        for run in _runs(text):
            holders.setdefault(run, []).append(number)
    for place, text in enumerate(before):
        weights: defaultdict[int, float] = defaultdict(float)
        for run in _runs(text):
            found = holders.get(run, ())
            for number in found if len(found) <= COMMON else ():
                weights[number] += 1 / len(found)
        yield from ((place, number) for number in sorted(weights, key=weights.__getitem__, reverse=True)[:LIKELY])


def _runs(text: str) -> list[str]:
    """Runs of characters in *text*, each once: of four, and of fewer in short texts, whose every word may be edited."""
    lengths = [4] if len(text) > SHORT else [4, 2] if len(text) > TINY else [4, 2, 1]
    runs = (text[start : start + length] for length in lengths for start in range(max(1, len(text) - length + 1)))
    return list(dict.fromkeys(runs))


def apply_edit(entry: po.Entry, edit: PersonsEdit, known: Known) -> tuple[po.Entry, bool]:
    """*entry* with a person's text from the localized file; whether that is a conflict.

    A person's text in the catalog that was never shown in the file was written since: then both stand, the catalog's in force.
    A conflict that a person has not decided yet stays one; putting the other text into the file decides it.
    """
    text = edit.text
    conflict = po.CONFLICT + text
    if entry.origin is Origin.HUMAN and fold(entry.msgstr) != text and not known.was_seen(entry):
        comments = [comment for comment in entry.comments if comment != conflict]
        return replace(entry, comments=(*comments, conflict), raw=""), True
    edited = entry.approved(text)
    if entry.msgstr:
        edited = replace(edited, comments=(*edited.comments, po.LAST_GOOD + fold(entry.msgstr)))
    return edited, False


def known_texts(
    catalogs: Iterable[po.Catalog], texts: Iterable[str], memory: Memory, last: Mapping[str, str] | None
) -> Known:
    """What a localized file may show: *texts* of its document, and all that *catalogs* hold or held."""
    present = {fold(text) for text in texts}
    past: set[str] = set()
    made: set[str] = set()
    for entry in (entry for catalog in catalogs for entry in catalog.entries):
        (past if entry.obsolete else present).update((fold(entry.msgid), fold(entry.msgstr)))
        past.add(fold(entry.previous or ""))
        made.update(entry.made_digests)
        for comment in entry.comments:
            for mark in (po.CONFLICT, po.LAST_GOOD, po.EARLIER):
                if comment.startswith(mark):
                    past.add(fold(comment.removeprefix(mark)))
    return Known(frozenset(present), frozenset(past), frozenset(made), memory, last)
