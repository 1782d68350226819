"""The memory stages: segments whose translation is known, or nearly."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from sphinx_amts.engines.local.encoding import Encoded, is_object
from sphinx_amts.engines.local.markup import same_markup
from sphinx_amts.engines.local.postings import Postings
from sphinx_amts.engines.local.tokens import is_word

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sphinx_amts.engines.local.alignment import Links
    from sphinx_amts.model import SegmentPair

MAX_TOKENS = 200
"""Longer segments are not compared: the time grows with the square of the length."""


def normalise(html: str) -> str:
    """Collapse white space: line wraps never decide whether two segments are the same."""
    return " ".join(html.split())


class ExactMemory:
    """Translations of whole segments; of several the most frequent wins, then the one that came last."""

    def __init__(self, pairs: Iterable[SegmentPair]) -> None:
        votes: dict[str, Counter[str]] = {}
        last: dict[tuple[str, str], int] = {}
        for position, pair in enumerate(pairs):
            source, target = normalise(pair.source), normalise(pair.target)
            votes.setdefault(source, Counter())[target] += 1
            last[source, target] = position
        self._best = {
            source: max(counts, key=lambda target: (counts[target], last[source, target]))
            for source, counts in votes.items()
        }

    def get(self, segment: str) -> str | None:
        """Look *segment* up; ``None`` when it is unknown or its known translation has other markup."""
        found = self._best.get(normalise(segment))
        if found is None or not same_markup(segment, found):
            return None
        return found


@dataclass(frozen=True, slots=True)
class Edit:
    """A span that differs between a segment and a similar one."""

    old: tuple[int, int]
    """Token range of the known source."""
    new: tuple[int, int]
    """Token range of the new source."""


@dataclass(frozen=True, slots=True)
class Match:
    """A known pair whose source is similar to a segment."""

    source: Encoded
    """The known source."""
    target: Encoded
    """Its translation."""
    similarity: float
    """Share of tokens in common, from 0 to 1 (twice the matching tokens over all tokens of both)."""
    edits: tuple[Edit, ...]
    """Where the segment differs; empty when only the content of objects does."""


class FuzzyMemory:
    """Finds the most similar known source of a segment."""

    def __init__(self, pairs: Iterable[tuple[Encoded, Encoded]]) -> None:
        self._pairs = list(pairs)
        short = (source.words for source, _ in self._pairs)
        self._postings = Postings(words if len(words) <= MAX_TOKENS else () for words in short)

    def find(self, segment: Encoded, least: float) -> Match | None:
        """Find the best match of similarity *least* or more that has a word in common; the newest of equal ones."""
        words = segment.words
        if not words or len(words) > MAX_TOKENS:
            return None
        matcher: SequenceMatcher[str] = SequenceMatcher(None, autojunk=False)
        matcher.set_seq2(words)
        best = (0.0, -1)
        for bound, index in self._postings.similar(words, least):
            if (bound, index) <= best:
                break
            matcher.set_seq1(self._pairs[index][0].words)
            similarity = matcher.ratio()
            if similarity >= least:
                best = max(best, (similarity, index))
        similarity, index = best
        if index < 0:
            return None
        source, target = self._pairs[index]
        matcher.set_seq1(source.words)
        codes = matcher.get_opcodes()
        if not any(code == "equal" and any(map(is_word, words[first:last])) for code, _, _, first, last in codes):
            return None
        edits = tuple(Edit((a, b), (c, d)) for code, a, b, c, d in codes if code != "equal")
        return Match(source, target, similarity, edits)


@dataclass(frozen=True, slots=True)
class Kept:
    """A token of the known translation that stays."""

    index: int
    """Its place in the known target."""
    owner: int
    """The token of the new source that it translates; -1 for none."""


def plan(match: Match, links: Links) -> list[Kept | Edit] | None:
    """Lay out the repaired target: what stays, and which edits stand where; ``None`` where links cross an edit."""
    moved = _moves(match)
    owners = _owners(match, links)
    replaced: dict[int, Edit] = {}
    gone: set[int] = set()
    for edit in match.edits:
        place = _place(edit, links, len(match.target.forms))
        if place is None or place[0] in replaced or any(index in gone for index in range(*place)):
            return None
        replaced[place[0]] = edit
        gone.update(range(*place))
    layout: list[Kept | Edit] = []
    for index in range(len(match.target.forms) + 1):
        if index in replaced:
            layout.append(replaced[index])
        if index in gone or index == len(match.target.forms):
            continue
        owner = owners.get(index)
        if is_object(match.target.forms[index]) and owner not in moved:
            return None
        layout.append(Kept(index, moved.get(owner, -1) if owner is not None else -1))
    return layout


def _moves(match: Match) -> dict[int, int]:
    """Where each unchanged token of the known source stands in the new one."""
    moves: dict[int, int] = {}
    shift = position = 0
    ends = [*match.edits, Edit((len(match.source.forms),) * 2, (0, 0))]
    for edit in ends:
        moves.update((index, index + shift) for index in range(position, edit.old[0]))
        position = edit.old[1]
        shift = edit.new[1] - edit.old[1]
    return moves


def _owners(match: Match, links: Links) -> dict[int, int]:
    """The source token of each linked target token; objects by what they hold, and not by the links."""
    owners = {right: left for left, right in reversed(links)}
    waiting: dict[str, list[int]] = {}
    for index, form in enumerate(match.source.forms):
        if is_object(form):
            waiting.setdefault(_content(match.source.surfaces[index]), []).append(index)
    for index, form in enumerate(match.target.forms):
        if is_object(form):
            same = waiting.get(_content(match.target.surfaces[index]))
            if same:
                owners[index] = same.pop(0)
            else:
                owners.pop(index, None)
    return owners


def _content(html: str) -> str:
    """What an object's HTML holds, without its own tags."""
    return html[html.index(">") + 1 : html.rindex("<")] if html.startswith("<") and html.endswith(">") else html


def _place(edit: Edit, links: Links, size: int) -> tuple[int, int] | None:
    """The target range that an edit replaces; ``None`` when other source tokens have a part in it."""
    first, last = edit.old
    inside = [right for left, right in links if first <= left < last]
    if inside:
        low, high = min(inside), max(inside) + 1
        crossed = any(low <= right < high and not first <= left < last for left, right in links)
        return None if crossed else (low, high)
    if first < last and edit.new[0] == edit.new[1]:
        return None  # what is gone from the source left no trace in the target to take away
    before = [right for left, right in links if left == first - 1]
    behind = [right for left, right in links if left == last]
    if first == 0:
        return (0, 0)
    if behind and (not before or max(before) < min(behind)):
        return (min(behind), min(behind))
    if before and not behind:
        return (max(before) + 1, max(before) + 1) if max(before) < size else None
    return None
