"""Which entry that an edit of the source left behind a new message comes from: the most similar one."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from sphinx_amts.catalog import Entry

_WORD = re.compile(r"\w+|[^\w\s]")

ENOUGH = 0.5
"""Similarity (0 to 1) from which a message counts as an edit of another one."""


def predecessors(new: Sequence[str], gone: Sequence[Entry]) -> dict[str, Entry]:
    """Match msgids that are *new* with the entries that are *gone*, each used once, the most similar first.

    Similarity is Dice's coefficient over bags of words, which moves of words inside a message do not lower.
    """
    bags = [(entry, Counter(words_of(entry.msgid))) for entry in gone if entry.msgstr]
    if not bags:
        return {}
    holders: dict[str, list[int]] = {}
    for number, (_entry, bag) in enumerate(bags):
        for word in bag:
            holders.setdefault(word, []).append(number)
    scored = []
    for position, msgid in enumerate(new):
        bag = Counter(words_of(msgid))
        for number in sorted({number for word in bag for number in holders.get(word, ())}):
            score = _dice(bag, bags[number][1])
            if score >= ENOUGH:
                scored.append((-score, position, number))
    found: dict[str, Entry] = {}
    used: set[int] = set()
    for _score, position, number in sorted(scored):
        if new[position] not in found and number not in used:
            found[new[position]] = bags[number][0]
            used.add(number)
    return found


def words_of(text: str) -> list[str]:
    """The words and marks of *text*, case folded."""
    return _WORD.findall(text.lower())


def _dice(left: Counter[str], right: Counter[str]) -> float:
    shared = sum((left & right).values())
    return 2 * shared / (sum(left.values()) + sum(right.values()))
