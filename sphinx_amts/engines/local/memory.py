"""The memory stage: segments whose translation is known already."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from sphinx_amts.engines.local.markup import same_markup
from sphinx_amts.model import SegmentPair


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
