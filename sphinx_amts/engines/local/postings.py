"""Which known texts have most of their words in common with a new one: an inverted index in arrays.

A match of similarity *s* (twice the common words over all words of both) lacks at most the share ``2 * (1 - s) / (2 - s)``
of a text's words, since the other text has no fewer words than both have in common. So of more words than that one at least
is in every match, and the rarest of them lead to few texts ("prefix filtering": S. Chaudhuri, V. Ganti and R. Kaushik,
"A primitive operator for similarity joins in data cleaning", ICDE 2006). Of these the common words are counted exactly.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Numbers: TypeAlias = "NDArray[Any]"

_ROUNDING = 1e-9


class Postings:
    """The words of many texts; a word that stands twice in a text counts as two words."""

    def __init__(self, texts: Iterable[Sequence[str]]) -> None:
        """Index *texts*, which have the numbers 0, 1, 2 …"""
        import numpy as np

        self._words: dict[tuple[str, int], int] = {}
        flat, starts = array("I"), array("Q", [0])
        for words in texts:
            flat.extend(self._words.setdefault(one, len(self._words)) for one in _numbered(words))
            starts.append(len(flat))
        self._flat = np.array(flat, dtype=np.uint32)
        self._starts = np.array(starts, dtype=np.int64)
        self._sizes = np.diff(self._starts)
        order = np.argsort(self._flat, kind="stable")
        owners = np.repeat(np.arange(len(self._sizes), dtype=np.uint32), self._sizes)
        self._texts = owners[order]
        self._ends = np.searchsorted(self._flat[order], np.arange(len(self._words) + 1))
        self._asked = np.zeros(len(self._words), dtype=bool)

    def similar(self, words: Sequence[str], least: float) -> list[tuple[float, int]]:
        """Similarities (upper bounds, 0 to 1, at least *least*) and numbers of texts; the highest first, then the newest.

        The bound is what the similarity would be if common words stood in the same order in both texts.
        """
        import numpy as np

        size = len(words)
        lacking = int(size * 2 * (1 - least) / (2 - least) + _ROUNDING) + 1
        known = [number for one in _numbered(words) if (number := self._words.get(one)) is not None]
        rarest = sorted(known, key=lambda number: (self._ends[number + 1] - self._ends[number], number))
        rarest = rarest[: max(0, lacking - (size - len(known)))]
        if not rarest:
            return []
        found = np.unique(np.concatenate([self._texts[self._ends[one] : self._ends[one + 1]] for one in rarest]))
        sizes = self._sizes[found]
        near = (sizes * (2 - least) + _ROUNDING >= size * least) & (sizes * least <= size * (2 - least) + _ROUNDING)
        found, sizes = found[near], sizes[near]
        bounds = 2 * self._common(known, found, sizes) / (size + sizes)
        good = bounds >= least - _ROUNDING
        order = np.lexsort((-found[good].astype(np.int64), -bounds[good]))
        return list(zip(bounds[good][order].tolist(), found[good][order].tolist(), strict=True))

    def _common(self, asked: Sequence[int], found: Numbers, sizes: Numbers) -> Numbers:
        """How many of the words *asked* for each of the texts *found* has, *sizes* being their numbers of words."""
        import numpy as np

        self._asked[asked] = True
        ends = np.cumsum(sizes)
        places = np.arange(ends[-1] if len(ends) else 0) + np.repeat(self._starts[found] - (ends - sizes), sizes)
        counts = np.concatenate([[0], np.cumsum(self._asked[self._flat[places]])])
        self._asked[asked] = False
        return np.asarray(counts[ends] - counts[ends - sizes])


def _numbered(words: Sequence[str]) -> Iterable[tuple[str, int]]:
    """Each word with how often it stood before."""
    seen: dict[str, int] = {}
    for word in words:
        number = seen.get(word, 0)
        seen[word] = number + 1
        yield word, number
