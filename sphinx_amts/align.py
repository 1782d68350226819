"""Aligning the sentences of a message with those of its translation.

Dynamic programming over lengths (W. A. Gale and K. W. Church, "A program for aligning sentences in bilingual corpora",
Computational Linguistics 19(1), 1993), with what both sides share - numbers, Latin words, protected objects - as further
evidence.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from functools import cache

from sphinx_amts.model import Bead

_KINDS = {(1, 1): 0.0, (1, 2): 2.3, (2, 1): 2.3, (1, 3): 4.0, (3, 1): 4.0, (2, 2): 4.4, (1, 0): 4.5, (0, 1): 4.5}
"""Beads by numbers of sentences, with their prior costs (negative logarithms, after the paper's frequencies)."""

_ANCHOR = re.compile(r"\d+(?:[.,]\d+)*|[A-Za-z][A-Za-z_]{2,}|\ufffc")
_VARIANCE = 6.8
"""Variance of the target's length per character of source length, as in the paper."""


def align_message(source: Sequence[str], target: Sequence[str]) -> list[Bead]:
    """Align the sentences of one message; beads are monotone, and every index is in exactly one.

    As many sentences on both sides pair one to one unless lengths and shared words speak clearly against it.
    """
    if len(source) == len(target):
        return [Bead((number,), (number,), 1.0) for number in range(len(source))]
    if not source or not target:
        return [Bead((n,), ()) for n in range(len(source))] + [Bead((), (n,)) for n in range(len(target))]
    ratio = max(sum(map(len, target)), 1) / max(sum(map(len, source)), 1)

    @cache
    def best(first: int, second: int) -> tuple[float, tuple[Bead, ...]]:
        """Cost and beads of what follows the first sentences of both sides."""
        if first == len(source) and second == len(target):
            return 0.0, ()
        found: tuple[float, tuple[Bead, ...]] = (math.inf, ())
        for (left, right), prior in _KINDS.items():
            if first + left > len(source) or second + right > len(target):
                continue
            ours, theirs = source[first : first + left], target[second : second + right]
            cost = prior + (_cost(" ".join(ours), " ".join(theirs), ratio) if left and right else 0.0)
            rest, beads = best(first + left, second + right)
            if cost + rest < found[0]:
                bead = Bead(
                    tuple(range(first, first + left)), tuple(range(second, second + right)), math.exp(-cost / 8)
                )
                found = (cost + rest, (bead, *beads))
        return found

    return list(best(0, 0)[1])


def _cost(source: str, target: str, ratio: float) -> float:
    """Cost of taking two texts for translations of each other: unlikely lengths, little shared."""
    expected = len(source) * ratio
    delta = (len(target) - expected) / math.sqrt(max(expected, 1.0) * _VARIANCE)
    ours, theirs = _ANCHOR.findall(source), _ANCHOR.findall(target)
    shared = sum(min(ours.count(word), theirs.count(word)) for word in set(ours) & set(theirs))
    union = len(ours) + len(theirs) - shared
    return delta * delta / 2 - (3.0 * shared / union if union else 0.0)
