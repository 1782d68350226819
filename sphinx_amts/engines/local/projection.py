"""From a decoded translation back to HTML: objects restored, elements put around the words that translate theirs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sphinx_amts.engines.local import tokens
from sphinx_amts.engines.local.encoding import is_object

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sphinx_amts.engines.local.encoding import Encoded, Mark


@dataclass(frozen=True, slots=True)
class Placed:
    """A translation as tokens."""

    forms: tuple[str, ...]
    """Target tokens, with joiners."""
    words: tuple[str, ...]
    """What is written for each token that is not an object: text without joiners, in its final case."""
    owners: tuple[int, ...]
    """For each token the source token that it translates; -1 for none."""


def to_html(source: Encoded, placed: Placed, ranges: Sequence[tuple[int, int]] | None = None) -> str | None:
    """Write *placed* as a translation of *source*; ``None`` when an object or element has no place in it.

    *ranges* of target tokens are those of the source's elements, where they are known; otherwise the owners decide.
    """
    surfaces = _surfaces(source, placed)
    if surfaces is None:
        return None
    if ranges is None:
        ranges = _ranges(source.marks, placed.owners)
    if ranges is None:
        return None
    opening: dict[int, str] = {}
    closing: dict[int, str] = {}
    for mark, (first, last) in zip(source.marks, ranges, strict=True):
        opening[first] = opening.get(first, "") + mark.start
        closing[last] = mark.end + closing.get(last, "")
    parts = []
    for index, (space, surface) in enumerate(zip(tokens.spaces(placed.forms), surfaces, strict=True)):
        parts += [closing.get(index, ""), " " if space else "", opening.get(index, ""), surface]
    return "".join([*parts, closing.get(len(surfaces), "")])


def _surfaces(source: Encoded, placed: Placed) -> list[str] | None:
    """What each target token is written as; ``None`` when the objects are not those of the source."""
    owned = sorted(owner for form, owner in zip(placed.forms, placed.owners, strict=True) if is_object(form))
    if owned != [index for index, form in enumerate(source.forms) if is_object(form)]:
        return None
    return [
        source.surfaces[owner] if is_object(form) else word
        for form, word, owner in zip(placed.forms, placed.words, placed.owners, strict=True)
    ]


def _ranges(marks: Sequence[Mark], owners: Sequence[int]) -> list[tuple[int, int]] | None:
    """Find a range of target tokens for each mark, nested as the marks are, and never overlapping a sibling."""
    ranges: list[tuple[int, int]] = []
    for index, mark in enumerate(marks):
        low, high = 0, len(owners)
        taken: list[tuple[int, int]] = []
        for other, placed in zip(marks[:index], ranges, strict=True):
            if other.first <= mark.first and mark.last <= other.last:
                low, high = max(low, placed[0]), min(high, placed[1])
            else:
                taken.append(placed)
        best = _best_range([mark.first <= owner < mark.last for owner in owners], low, high, taken)
        if best is None:
            return None
        ranges.append(best)
    return ranges


def _best_range(inside: list[bool], low: int, high: int, taken: list[tuple[int, int]]) -> tuple[int, int] | None:
    """The range between *low* and *high* with most tokens that belong inside and fewest that do not."""
    best, best_score = None, 0.0
    for first in range(low, high):
        if not inside[first] or any(start <= first < end for start, end in taken):
            continue
        score = 0.0
        for last in range(first, high):
            if any(start <= last < end for start, end in taken):
                break
            score += 1.0 if inside[last] else -0.7
            if inside[last] and score > best_score:
                best, best_score = (first, last + 1), score
    return best
