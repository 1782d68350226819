"""What a run costs, before it is sent.

List prices in US dollars per million characters, without the free tier: 15 for real-time text, HTML documents and batch
jobs, 60 for batch jobs with parallel data (Active Custom Translation). For HTML documents and batch jobs a character is
one of natural-language text: tags are not billed, and protected text is not counted here. Whether the service counts
protected text could not be checked; if it does, the bill is higher by its share. ``TranslateText`` bills every
character that is sent, markup included.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sphinx_amts.engines.amazon.documents import pack
from sphinx_amts.engines.amazon.markup import characters

PER_MILLION = 15.0
"""US dollars for a million characters."""
PER_MILLION_CUSTOM = 60.0
"""US dollars for a million characters in a batch job with parallel data."""


@dataclass(frozen=True, slots=True)
class Prices:
    """What the same segments cost on each route."""

    characters: int
    """Characters of natural-language text."""
    batch: float
    """US dollars in a batch job without parallel data."""
    batch_custom: float
    """US dollars in a batch job with parallel data."""
    realtime: float
    """US dollars in real-time calls."""


def prices(segments: Sequence[str], text_limit: int | None) -> Prices:
    """Price *segments*; *text_limit* is the byte limit of ``TranslateText`` where real time has to use it."""
    total = sum(characters(segment) for segment in segments)
    realtime = total
    if text_limit is not None:
        realtime = sum(len(document.body) for document in pack(segments, text_limit, text_limit).documents)
    return Prices(
        characters=total,
        batch=total * PER_MILLION / 1e6,
        batch_custom=total * PER_MILLION_CUSTOM / 1e6,
        realtime=realtime * PER_MILLION / 1e6,
    )
