"""Keeping evaluated text out of the data that a system learns from, and proving it.

Two sentences are near duplicates when at most a fifth of their words differ: similarity is 1 - d / n with d the edit
distance over words (characters for Chinese and Japanese) and n the length of the longer one. Case, punctuation and
which digits a number has do not count. Every comparison is exact: candidates are only left out where their words alone
show that they cannot be similar enough.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy as np
    from numpy.typing import NDArray

NEAR = 0.8
"""Similarity from which two sentences count as near duplicates."""

_WORD = re.compile(
    r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]|[^\W\d_\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+|\d"
)


@dataclass(frozen=True, slots=True)
class Closest:
    """The pair of sentences that are most alike among those that were compared."""

    similarity: float = 0.0
    """From 0 to 1."""
    held_out: str = ""
    """The sentence of an evaluated article."""
    other: str = ""
    """The sentence of the parallel data."""


def words(text: str) -> tuple[str, ...]:
    """The words of *text* that count for similarity, folded."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return tuple("0" if word.isdigit() else word for word in _WORD.findall(folded))


def similarity(left: Sequence[str], right: Sequence[str]) -> float:
    """Similarity of two sentences given as words; 0 where one has none."""
    if not left or not right:
        return 0.0
    return 1 - _distance(left, right) / max(len(left), len(right))


def _distance(left: Sequence[str], right: Sequence[str]) -> int:
    """Levenshtein's distance over words."""
    row = list(range(len(right) + 1))
    for number, word in enumerate(left, 1):
        diagonal, row[0] = row[0], number
        for column, other in enumerate(right, 1):
            cost = diagonal if word == other else 1 + min(diagonal, row[column], row[column - 1])
            diagonal, row[column] = row[column], cost
    return row[-1]


class HeldOut:
    """The sentences of the evaluated articles in one language."""

    def __init__(self, sentences: Iterable[str]) -> None:
        by_words = {words(sentence): sentence for sentence in sentences}
        by_words.pop((), None)
        self.sentences = by_words
        """Each sentence by its words; near duplicates are looked for among them."""

    def leaks(self, sentences: Sequence[str], near: float = NEAR) -> list[bool]:
        """For each of *sentences* whether it is a near duplicate of a held-out one."""
        import numpy as np

        others = _Others(sentences)
        found = np.zeros(len(others.words), dtype=bool)
        for held in self.sentences:
            bounds = others.bounds(held)
            for number in np.flatnonzero((bounds >= near - 1e-9) & ~found):
                if similarity(held, others.words[number]) >= near:
                    found[number] = True
        return [bool(found[number]) for number in others.numbers]

    def closest(self, sentences: Sequence[str]) -> Closest:
        """The most alike pair of a held-out sentence and one of *sentences*: the proof that nothing leaks."""
        import numpy as np

        others = _Others(sentences)
        best = Closest()
        for held, text in self.sentences.items():
            bounds = others.bounds(held)
            candidates = np.flatnonzero(bounds > best.similarity + 1e-9)
            for number in candidates[np.argsort(-bounds[candidates], kind="stable")]:
                if bounds[number] <= best.similarity:
                    break
                value = similarity(held, others.words[number])
                if value > best.similarity:
                    best = Closest(value, text, others.texts[number])
        return best


class _Others:
    """Sentences in a form in which a bound of their similarity to another one is quick to compute."""

    def __init__(self, sentences: Sequence[str]) -> None:
        import numpy as np

        known: dict[tuple[str, ...], int] = {}
        self.numbers = [known.setdefault(words(sentence), len(known)) for sentence in sentences]
        """Number of each sentence's words in :attr:`words`."""
        self.words = list(known)
        self.texts = [""] * len(known)
        for number, sentence in zip(self.numbers, sentences, strict=True):
            self.texts[number] = self.texts[number] or sentence
        self.lengths = np.array([len(one) for one in self.words], dtype=np.int32)
        holders: dict[str, list[tuple[int, int]]] = {}
        for number, one in enumerate(self.words):
            for word, count in Counter(one).items():
                holders.setdefault(word, []).append((number, count))
        self._holders = {word: np.array(found, dtype=np.int32).T for word, found in holders.items()}

    def bounds(self, held: Sequence[str]) -> NDArray[np.float64]:
        """For each sentence an upper bound of its similarity to *held*: shared words by the longer one's length."""
        import numpy as np

        shared = np.zeros(len(self.words), dtype=np.int32)
        for word, count in Counter(held).items():
            if word in self._holders:
                numbers, counts = self._holders[word]
                shared[numbers] += np.minimum(counts, count)
        return shared / np.maximum(np.maximum(self.lengths, len(held)), 1)
