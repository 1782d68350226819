"""Bringing a PO catalog in line with the book: what is new, what moved, and what is gone."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from sphinx_amts.catalog.entry import Entry
from sphinx_amts.catalog.writing import Catalog


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
    places = {msgid: place for place, msgid in enumerate(old)}
    moved = known.difference(old[place] for place in _longest_rising([places[msgid] for msgid in new]))
    return moved if is_noted or 2 * len(moved) <= len(known) else set()


def _longest_rising(numbers: Sequence[int]) -> list[int]:
    """The longest rising subsequence of different *numbers* (patience sorting; Fredman 1975), in time n log n."""
    lasts: list[int] = []  # for each length, the smallest number with which a rising subsequence ends
    before: dict[int, int | None] = {}
    for number in numbers:
        place = bisect_left(lasts, number)
        before[number] = lasts[place - 1] if place else None
        lasts[place : place + 1] = [number]
    found: list[int] = []
    one = lasts[-1] if lasts else None
    while one is not None:
        found.append(one)
        one = before[one]
    return found[::-1]


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
