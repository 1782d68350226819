"""Where the best chain can run: anchors found in order on both sides, and a band around them."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from sphinx_amts.align.dynamic import Band, Link
from sphinx_amts.align.text import Text

if TYPE_CHECKING:
    from sphinx_amts.align.text import Array

_SMALL = 400
"""Texts with no more sentences than this on both sides are searched whole."""
_HALF_WIDTH = 40
"""Least distance from the line between two anchors that is searched, in sentences."""
_DRIFT = 0.1
"""What is added to it for each sentence between the anchors: without anchors, texts drift apart."""
_WIDEST = 400
"""Most that is searched to either side: it keeps time linear in a text without anchors."""
_NARROW = 12
"""Half the width of the band around an earlier chain."""
_REPEATS = 8
"""Tokens in more sentences than this are no anchors."""
_NEIGHBOURS = 4
"""An anchor must agree with the median of so many anchors on both sides …"""
_DEVIATION = 15
"""… up to so many sentences."""


def band_of(source: Text, target: Text) -> Band:
    """Give the band for the first pass."""
    import numpy as np

    rows, columns = len(source), len(target)
    if rows <= _SMALL and columns <= _SMALL:
        return Band(np.zeros(rows + 1, dtype=np.int64), np.full(rows + 1, columns))
    anchors = [(0, 0), *_agreeing(_ascending(_candidates(source, target)), columns / max(rows, 1)), (rows, columns)]
    first, last = np.empty(rows + 1), np.empty(rows + 1)
    slope = columns / max(rows, 1)
    for (row, column), (next_row, next_column) in pairwise(anchors):
        where = np.arange(row, next_row + 1)
        # A run without counterpart may lie anywhere between the anchors: both corners of the parallelogram belong.
        after, before = column + slope * (where - row), next_column - slope * (next_row - where)
        half = min(_HALF_WIDTH + _DRIFT * (next_row - row), _WIDEST)
        first[where] = np.minimum(after, before) - half
        last[where] = np.maximum(after, before) + half
    return _regular(first, last, columns)


def band_around(chain: Sequence[Link], rows: int, columns: int) -> Band:
    """Give the band for a later pass: the surroundings of an earlier chain."""
    import numpy as np

    positions = np.array([(link.source[0], link.target[0]) for link in chain] + [(rows, columns)])
    centre = np.interp(np.arange(rows + 1), positions[:, 0], positions[:, 1])
    low, high = centre.copy(), centre.copy()
    np.minimum.at(low, positions[:, 0], positions[:, 1])
    np.maximum.at(high, positions[:, 0], positions[:, 1])
    return _regular(low - _NARROW, high + _NARROW, columns)


def _regular(first: Array, last: Array, columns: int) -> Band:
    """Make limits whole, ascending and within the text, and let the band begin and end at the text's corners."""
    import numpy as np

    low = np.clip(np.floor(first), 0, columns).astype(np.int64)
    high = np.clip(np.ceil(last), 0, columns).astype(np.int64)
    low[0], high[-1] = 0, columns
    low = np.minimum.accumulate(low[::-1])[::-1]
    high = np.maximum.accumulate(high)
    return Band(low, high)


def _candidates(source: Text, target: Text) -> list[tuple[int, int]]:
    """Pair the sentences that hold a token which is rare, and equally frequent on both sides: the first with the first."""
    places: tuple[dict[str, list[int]], dict[str, list[int]]] = (defaultdict(list), defaultdict(list))
    for side, text in zip(places, (source, target), strict=True):
        for index, tokens in enumerate(text.tokens):
            for token in tokens:
                if token[0] in "cnw":
                    side[token].append(index)
    ours, theirs = places
    return sorted(
        {
            pair
            for token, rows in ours.items()
            if len(rows) <= _REPEATS and len(theirs.get(token, ())) == len(rows)
            for pair in zip(rows, theirs[token], strict=True)
        }
    )


def _ascending(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Give a longest chain of pairs that ascends on both sides (by patience sorting)."""
    tails: list[int] = []
    ends: list[int] = []
    before = [-1] * len(pairs)
    # Of pairs with the same row only one may be taken: the later columns come first.
    order = sorted(range(len(pairs)), key=lambda k: (pairs[k][0], -pairs[k][1]))
    for k in order:
        place = bisect_left(tails, pairs[k][1])
        before[k] = ends[place - 1] if place else -1
        tails[place : place + 1] = [pairs[k][1]]
        ends[place : place + 1] = [k]
    chain = []
    k = ends[-1] if ends else -1
    while k >= 0:
        chain.append(pairs[k])
        k = before[k]
    return chain[::-1]


def _agreeing(chain: Sequence[tuple[int, int]], slope: float) -> list[tuple[int, int]]:
    """Leave out anchors that their neighbours speak against."""
    offsets = [column - slope * row for row, column in chain]
    kept = []
    for k, pair in enumerate(chain):
        around = sorted(offsets[max(0, k - _NEIGHBOURS) : k + _NEIGHBOURS + 1])
        if len(around) > _NEIGHBOURS and abs(offsets[k] - around[len(around) // 2]) <= _DEVIATION:
            kept.append(pair)
    return kept
