"""The embedded engine: translates with nothing but the book's own approved pairs, on this machine.

What it gives is a draft. A segment goes through the memory of exact pairs; one that no stage is sure of stays ``None``,
and the caller keeps the source text, which is better than fluent nonsense.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

from sphinx_amts.engines.local.memory import ExactMemory
from sphinx_amts.model import Pipeline, SegmentPair

VERSION = 1
"""Raised when the same pairs would give another output."""


class LocalEngine:
    """Translates from the language's own approved pairs; needs no account, no key and no network."""

    name = "local"

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline
        self._pairs: tuple[SegmentPair, ...] = ()
        self._exact = ExactMemory(())

    def learn(self, pairs: Sequence[SegmentPair]) -> None:
        """Take note of all approved *pairs* of the language; nothing is trained before a segment needs it."""
        self._pairs = tuple(pairs)
        self._exact = ExactMemory(self._pairs)

    @property
    def fingerprint(self) -> str:
        """Hexadecimal digest of all that decides the output: pairs, version and settings.

        As long as it stays the same, asking again for the same segment gives the same answer.
        """
        settings = [VERSION, self._pipeline.language, self._pipeline.source_language, self._pipeline.fuzzy]
        digest = hashlib.sha256(json.dumps(settings).encode())
        for pair in self._pairs:
            digest.update(json.dumps([pair.source, pair.target, pair.origin.name, pair.score]).encode())
        return digest.hexdigest()

    def translate(self, segments: Sequence[str], source: str, target: str) -> list[str | None]:  # noqa: ARG002
        """Translate HTML fragments; ``None`` where no stage is sure enough."""
        return [self._exact.get(segment) for segment in segments]
