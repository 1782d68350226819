"""A lexicon learned from aligned sentences: IBM's Model 1 in both directions.

P. F. Brown et al., "The mathematics of statistical machine translation: parameter estimation", Computational Linguistics
19(2), 1993. What is kept of a pair of tokens is how much more often one occurs beside the other than anywhere, smoothed
towards "no more than anywhere" by a few imagined occurrences.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from sphinx_amts.align.text import Array

TokenPair: TypeAlias = "tuple[Sequence[str], Sequence[str]]"
"""The tokens of a group of source sentences and of the target sentences that translate it."""

_CLASSES = "cnwh"
"""Classes of tokens that a lexicon holds; see :mod:`sphinx_amts.align.text`."""
_ROUNDS = 4
"""Rounds of expectation maximisation; more of them fit rare words too closely."""
_IMAGINED = 2.0
"""Weight of the smoothing, in occurrences."""
_LEAST_RATIO = 2.0
"""Pairs of tokens with a lower ratio are left out."""
_MOST_PAIRS = 12_000
"""More pairs of sentences than this are sampled evenly, so that memory stays bounded (some 50 KB a pair of sentences)."""


@dataclass(frozen=True, slots=True)
class Table:
    """Likelihood ratios between the tokens of two texts, in their numbering."""

    offsets: Array
    """Where the entries of each token of the near side begin."""
    others: Array
    """Tokens of the far side."""
    ratios: Array
    """How much likelier the near token is beside the far one than anywhere."""
    counted: Array
    """Of each far token, whether it counts as a word of its sentence (1.0 or 0.0)."""

    def dense(self, near: Array, far: Array) -> Array:
        """Give the ratios of the tokens *near* to the tokens *far* (ascending) as a matrix."""
        import numpy as np

        first, size = self.offsets[near], self.offsets[near + 1] - self.offsets[near]
        rows = np.repeat(np.arange(len(near)), size)
        position = np.repeat(first - np.cumsum(size) + size, size) + np.arange(size.sum())
        place = np.full(len(self.counted), -1, dtype=np.int64)
        place[far] = np.arange(len(far))
        columns = place[self.others[position]]
        here = columns >= 0
        matrix = np.zeros((len(near), len(far)), dtype=np.float32)
        matrix[rows[here], columns[here]] = self.ratios[position[here]]
        return matrix


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Ratios of pairs of source and target tokens, for both directions."""

    source: dict[str, int]
    """Number of each source token."""
    target: dict[str, int]
    """Number of each target token."""
    pairs: Array
    """Pairs of tokens, as ``source number * len(target) + target number``, ascending."""
    forward: Array
    """Of each pair, how much likelier the target token is beside the source token than anywhere."""
    backward: Array
    """Of each pair, how much likelier the source token is beside the target token than anywhere."""

    def table(self, near: Sequence[str], far: Sequence[str], *, forward: bool) -> Table:
        """Give the ratios between two numberings of tokens; *near* are target tokens if *forward*, else source tokens."""
        import numpy as np

        width = max(len(self.target), 1)
        numbers = (self.target, self.source) if forward else (self.source, self.target)
        ratios = self.forward if forward else self.backward
        sides = (self.pairs % width, self.pairs // width) if forward else (self.pairs // width, self.pairs % width)
        translated = []
        for names, known, side in zip((near, far), numbers, sides, strict=True):
            local = np.full(max(len(known), 1), -1, dtype=np.int64)
            for number, name in enumerate(names):
                if name in known:
                    local[known[name]] = number
            translated.append(local[side])
        keep = (translated[0] >= 0) & (translated[1] >= 0) & (ratios > _LEAST_RATIO)
        order = np.argsort(translated[0][keep], kind="stable")
        sizes = np.bincount(translated[0][keep], minlength=len(near))
        return Table(
            offsets=np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
            others=translated[1][keep][order],
            ratios=ratios[keep][order].astype(np.float32),
            counted=np.array([name[0] in _CLASSES for name in far], dtype=np.float32),
        )


def learn_pairs(pairs: Sequence[TokenPair], least: int = 1) -> Lexicon:
    """Learn a lexicon from pairs of sentences; tokens that occur in fewer than *least* pairs are ignored."""
    import numpy as np

    sample = [pairs[k * len(pairs) // _MOST_PAIRS] for k in range(_MOST_PAIRS)] if len(pairs) > _MOST_PAIRS else pairs
    chosen = [tuple([t for t in sorted(side) if t[0] in _CLASSES] for side in pair) for pair in sample]
    numbers: list[dict[str, int]] = []
    for side in (0, 1):
        counts = Counter(token for pair in chosen for token in set(pair[side]))
        numbers.append({token: k for k, token in enumerate(sorted(t for t, n in counts.items() if n >= least))})
    sources = [np.array([numbers[0][t] for t in one if t in numbers[0]], dtype=np.int64) for one, _ in chosen]
    targets = [np.array([numbers[1][t] for t in one if t in numbers[1]], dtype=np.int64) for _, one in chosen]
    width = max(len(numbers[1]), 1)
    codes, source_slots, target_slots = _combinations(sources, targets, width)
    found, inverse = np.unique(codes, return_inverse=True)
    inverse = inverse.ravel().astype(np.int32)
    forward = _maximise(inverse, target_slots, found // width, found % width, sum(map(len, targets)))
    backward = _maximise(inverse, source_slots, found % width, found // width, sum(map(len, sources)))
    return Lexicon(numbers[0], numbers[1], found, forward, backward)


def _combinations(sources: Sequence[Array], targets: Sequence[Array], width: int) -> tuple[Array, Array, Array]:
    """Give each combination of a source and a target token of a pair: its code and the slots of both tokens."""
    import numpy as np

    codes, source_slots, target_slots = [], [], []
    slots = [0, 0]
    for source, target in zip(sources, targets, strict=True):
        size = (len(source), len(target))
        codes.append((source[:, None] * width + target[None, :]).ravel())
        source_slots.append(np.repeat(np.arange(slots[0], slots[0] + size[0], dtype=np.int32), size[1]))
        target_slots.append(np.tile(np.arange(slots[1], slots[1] + size[1], dtype=np.int32), size[0]))
        slots = [slots[0] + size[0], slots[1] + size[1]]
    if not codes:
        return np.zeros(0, np.int64), np.zeros(0, np.int32), np.zeros(0, np.int32)
    return np.concatenate(codes), np.concatenate(source_slots), np.concatenate(target_slots)


def _maximise(inverse: Array, slots: Array, given: Array, made: Array, size: int) -> Array:
    """Run expectation maximisation: each token in a slot is *made* by one of the tokens *given* in its pair, or by none.

    Returns of each combination the smoothed ratio of its probability to that of the made token anywhere.
    """
    import numpy as np

    if not len(given):
        return np.zeros(0)
    token_of = np.empty(size, dtype=np.int64)
    token_of[slots] = made[inverse]
    used = np.bincount(slots, minlength=size) > 0
    anywhere = np.bincount(token_of[used], minlength=int(made.max()) + 1) / used.sum()
    by_none = np.where(used, anywhere[np.where(used, token_of, 0)], 1.0)
    probability: Array = np.ones(len(given))
    counts, totals = probability, probability
    for _ in range(_ROUNDS):
        weight = probability[inverse]
        weight /= (np.bincount(slots, weight, size) + by_none)[slots]
        counts = np.bincount(inverse, weight, len(given))
        totals = np.bincount(given, counts)
        probability = counts / totals[given]
    ratios: Array = (counts / anywhere[made] + _IMAGINED) / (totals[given] + _IMAGINED)
    return ratios
