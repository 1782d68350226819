"""Phrase pairs: extracted from word-aligned sentences, counted, and scored.

The extraction is that of P. Koehn, F. J. Och and D. Marcu, "Statistical phrase-based translation" (NAACL 2003), with the
orientation counts of lexicalised reordering (P. Koehn et al., "Edinburgh system description", IWSLT 2005). A phrase pair
has the same objects on both sides, and nothing foreign (see encoding.py).
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sphinx_amts.engines.local.encoding import FOREIGN, is_object
from sphinx_amts.engines.local.tokens import bare

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sphinx_amts.engines.local.alignment import Links

MAX_SOURCE = 8
"""Tokens in a source phrase at most."""
MAX_TARGET = 10
"""Tokens in a target phrase at most; a Chinese character is a token."""
MAX_OPTIONS = 20
"""Translations kept of a source phrase, the most frequent ones."""
_DISCOUNT = 0.5
_PRIOR = 2.0
_FLOOR = 1e-5
_NULL_SHARE = 0.3
MONOTONE, SWAP, OTHER = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Option:
    """A translation of a source phrase with the scores of the pair, as natural logarithms."""

    target: tuple[str, ...]
    """Target tokens."""
    scores: tuple[float, float, float, float]
    """p(target | source), p(source | target), and lexical weights in the same directions."""
    reordering: tuple[float, ...]
    """Orientation (monotone, swap, other) towards the phrase before, then towards the phrase behind."""
    known: bool = True
    """False for a word that was never seen and stands for itself."""
    exact: bool = True
    """False where the translation is that of a similar word."""


class Lexicon:
    """Word translation frequencies, from links."""

    def __init__(self) -> None:
        self.joint: Counter[tuple[str, str]] = Counter()
        self._sources: Counter[str] = Counter()
        self._targets: Counter[str] = Counter()

    def add(self, source: Sequence[str], target: Sequence[str], links: Links) -> None:
        """Count the links of a pair; a word without one is linked to the empty word."""
        linked = [(source[left], target[right]) for left, right in links]
        without_source = set(range(len(target))) - {right for _, right in links}
        without_target = set(range(len(source))) - {left for left, _ in links}
        linked += [("", target[right]) for right in without_source]
        linked += [(source[left], "") for left in without_target]
        self.joint.update(linked)
        self._sources.update(left for left, _ in linked)
        self._targets.update(right for _, right in linked)

    def forward(self, source: str, target: str) -> float:
        """p(target | source)."""
        return self.joint[source, target] / self._sources[source] if self._sources[source] else 0.0

    def backward(self, source: str, target: str) -> float:
        """p(source | target)."""
        return self.joint[source, target] / self._targets[target] if self._targets[target] else 0.0

    def weights(self, source: Sequence[str], target: Sequence[str]) -> tuple[float, float]:
        """Lexical weights of a phrase pair in both directions, each word by its best partner."""
        to_target = sum(
            math.log(
                max(_FLOOR, _NULL_SHARE * self.forward("", right), *(self.forward(left, right) for left in source))
            )
            for right in target
        )
        to_source = sum(
            math.log(
                max(_FLOOR, _NULL_SHARE * self.backward(left, ""), *(self.backward(left, right) for right in target))
            )
            for left in source
        )
        return to_target, to_source


class PhraseCounts:
    """Phrase pairs and how often they occur."""

    def __init__(self) -> None:
        self._pairs: dict[str, dict[str, list[int]]] = {}

    def add(self, source: Sequence[str], target: Sequence[str], links: Links) -> None:
        """Count the phrase pairs of an aligned sentence pair."""
        grid = _Grid(source, target, links)
        for first, last, low, high in grid.phrases():
            row = self._pairs.setdefault(" ".join(source[first:last]), {})
            counts = row.setdefault(" ".join(target[low:high]), [0, 0, 0, 0, 0, 0, 0])
            counts[0] += 1
            counts[1 + grid.orientation_before(first, last, low)] += 1
            counts[4 + grid.orientation_behind(first, last, high)] += 1

    def rows(self, lexicon: Lexicon) -> Iterator[tuple[str, str]]:
        """Give for each source phrase its options as text, for :func:`read_options`."""
        targets: Counter[str] = Counter()
        for row in self._pairs.values():
            for target, counts in row.items():
                targets[target] += counts[0]
        for source, row in self._pairs.items():
            total = sum(counts[0] for counts in row.values())
            best = sorted(row.items(), key=lambda item: (-item[1][0], item[0]))[:MAX_OPTIONS]
            words = source.split(" ")
            lines = []
            for target, counts in best:
                to_target, to_source = lexicon.weights(words, target.split(" "))
                numbers = " ".join(map(str, counts))
                lines.append(f"{target}\t{targets[target]}\t{to_target:.3f}\t{to_source:.3f}\t{numbers}")
            yield source, "\n".join([str(total), *lines])

    def orientations(self) -> tuple[float, ...]:
        """Shares of the orientations over all phrase pairs: the prior of each pair's own."""
        totals = [1.0] * 6
        for row in self._pairs.values():
            for counts in row.values():
                for at in range(6):
                    totals[at] += counts[1 + at]
        return tuple(totals[at] / sum(totals[at // 3 * 3 : at // 3 * 3 + 3]) for at in range(6))


def read_options(text: str, prior: tuple[float, ...]) -> list[Option]:
    """Score the options of a source phrase from what :meth:`PhraseCounts.rows` gave."""
    head, *lines = text.split("\n")
    total = int(head)
    options = []
    for line in lines:
        target, target_total, to_target, to_source, numbers = line.split("\t")
        count, *orientation = map(int, numbers.split(" "))
        seen = max(count - _DISCOUNT, 0.1)
        options.append(
            Option(
                tuple(target.split(" ")),
                (math.log(seen / total), math.log(seen / int(target_total)), float(to_target), float(to_source)),
                tuple(
                    math.log((orientation[at] + _PRIOR * prior[at]) / (count + _PRIOR))
                    for at in range(len(orientation))
                ),
            )
        )
    return options


class _Grid:
    """The links of a sentence pair, and the phrase pairs that are consistent with them."""

    def __init__(self, source: Sequence[str], target: Sequence[str], links: Links) -> None:
        self._links = frozenset(links)
        self._source_size, self._target_size = len(source), len(target)
        self._targets: list[list[int]] = [[] for _ in source]
        self._lowest = [len(source)] * len(target)
        self._highest = [-1] * len(target)
        for left, right in links:
            self._targets[left].append(right)
            self._lowest[right] = min(self._lowest[right], left)
            self._highest[right] = max(self._highest[right], left)
        self._source_objects = [bare(word) if is_object(word) else "" for word in source]
        self._target_objects = [bare(word) if is_object(word) else "" for word in target]

    def phrases(self) -> Iterator[tuple[int, int, int, int]]:
        """Give source and target ranges, half-open, of all phrase pairs within the length limits."""
        for first in range(self._source_size):
            low, high = self._target_size, -1
            inside: list[str] = []
            for last in range(first, min(self._source_size, first + MAX_SOURCE)):
                if self._source_objects[last]:
                    if self._source_objects[last] == FOREIGN:
                        break
                    inside.append(self._source_objects[last])
                if self._targets[last]:
                    low, high = min(low, *self._targets[last]), max(high, *self._targets[last])
                if high < 0:
                    continue
                if high - low >= MAX_TARGET or min(self._lowest[low : high + 1]) < first:
                    break
                if max(self._highest[low : high + 1]) <= last:
                    yield from self._widened(first, last + 1, low, high + 1, sorted(inside))

    def _widened(
        self, first: int, last: int, low: int, high: int, inside: list[str]
    ) -> Iterator[tuple[int, int, int, int]]:
        """The target range itself, and with words around it that have no link."""
        start = low
        while True:
            end = high
            while end - start <= MAX_TARGET:
                if sorted(filter(None, self._target_objects[start:end])) == inside:
                    yield first, last, start, end
                if end == self._target_size or self._highest[end] >= 0:
                    break
                end += 1
            start -= 1
            if start < 0 or self._highest[start] >= 0 or high - start > MAX_TARGET:
                return

    def orientation_before(self, first: int, last: int, low: int) -> int:
        """How a phrase pair stands to the one before it on the target side."""
        if (first - 1, low - 1) in self._links or (first == 0 and low == 0):
            return MONOTONE
        return SWAP if (last, low - 1) in self._links else OTHER

    def orientation_behind(self, first: int, last: int, high: int) -> int:
        """How a phrase pair stands to the one behind it on the target side."""
        if (last, high) in self._links or (last == self._source_size and high == self._target_size):
            return MONOTONE
        return SWAP if (first - 1, high) in self._links else OTHER
