"""The embedded engine: translates with nothing but the book's own approved pairs, on this machine.

What it gives is a draft. A segment goes through the memory of exact pairs, then through similar pairs, of which only what
differs is translated again, and then through a phrase-based model (P. Koehn, F. J. Och and D. Marcu, "Statistical
phrase-based translation", NAACL 2003) that is trained on the pairs. A segment that no stage is sure of stays ``None``, and
the caller keeps the source text, which is better than fluent nonsense.
"""

from __future__ import annotations

import hashlib
import json
import logging
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from sphinx_amts.engines.local import alignment, training
from sphinx_amts.engines.local.confidence import THRESHOLD
from sphinx_amts.engines.local.drafting import Drafter
from sphinx_amts.engines.local.encoding import Encoded, encode_pair
from sphinx_amts.engines.local.markup import MarkupError, same_markup
from sphinx_amts.engines.local.memory import ExactMemory

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sphinx_amts.model import Pipeline, SegmentPair

VERSION = 2
"""Raised when the same pairs would give another output."""
_logger = logging.getLogger("sphinx.sphinx_amts.engines.local")


class LocalEngine:
    """Translates from the language's own approved pairs; needs no account, no key and no network."""

    name = "local"

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline
        self._pairs: tuple[SegmentPair, ...] = ()
        self._exact = ExactMemory(())
        self._drafter: Drafter | None = None
        self._fingerprint: str | None = None

    def learn(self, pairs: Sequence[SegmentPair]) -> None:
        """Take note of all approved *pairs* of the language; nothing is trained before a segment needs it."""
        self._pairs = tuple(pairs)
        self._exact = ExactMemory(self._pairs)
        self._drafter = None
        self._fingerprint = None

    @property
    def fingerprint(self) -> str:
        """Hexadecimal digest of all that decides the output: pairs, versions and settings.

        As long as it stays the same, asking again for the same segment gives the same answer.
        """
        if self._fingerprint is None:
            pipeline = self._pipeline
            settings = [
                [VERSION, training.VERSION, THRESHOLD, _thot_version()],
                [pipeline.language, pipeline.source_language, pipeline.fuzzy],
            ]
            digest = hashlib.sha256(json.dumps(settings).encode())
            for pair in self._pairs:
                digest.update(json.dumps([pair.source, pair.target]).encode())
            self._fingerprint = digest.hexdigest()
        return self._fingerprint

    def translate(self, segments: Sequence[str], source: str, target: str) -> list[str | None]:
        """Translate HTML fragments; ``None`` where no stage is sure enough."""
        answers = {segment: self._exact.get(segment) for segment in segments}
        waiting = [segment for segment, answer in answers.items() if answer is None]
        if waiting and not self._pairs:
            _say_once(
                f"local engine: nothing to learn from for {target}: translate some sentences in the catalogs, take a translation "
                "over ('amts adopt'), or name parallel data (amts_parallel_data)"
            )
        elif waiting:
            drafter = self._prepared()
            answers.update((segment, _trusted(drafter, segment)) for segment in waiting)
        return [answers[segment] for segment in segments]

    def _prepared(self) -> Drafter:
        """Train, or open what was trained before."""
        if self._drafter is None:
            encoded = _encoded(self._pairs)
            store = None
            if alignment.available():
                store = training.obtain(encoded, self._pipeline.state / "local")
            else:
                _say_once(_THOT_IS_MISSING)
            self._drafter = Drafter(encoded, store, self._pipeline.fuzzy)
        return self._drafter


def _trusted(drafter: Drafter, segment: str) -> str | None:
    """A draft that is sure enough and has the markup of *segment*."""
    try:
        draft = drafter.draft(segment)
    except MarkupError as error:
        _logger.warning("local engine: a segment was left out: %s", error)
        return None
    if draft is None or draft.confidence < THRESHOLD or not same_markup(segment, draft.html):
        return None
    return draft.html


def _encoded(pairs: Sequence[SegmentPair]) -> list[tuple[Encoded, Encoded]]:
    """Encode what can be read of *pairs*."""
    return [encoded for pair in pairs if (encoded := _readable(pair)) is not None]


def _readable(pair: SegmentPair) -> tuple[Encoded, Encoded] | None:
    try:
        return encode_pair(pair)
    except MarkupError as error:
        _logger.warning("local engine: a pair was left out: %s: %.60s", error, pair.source)
        return None


def _thot_version() -> str:
    try:
        return version("sil-thot") if alignment.available() else ""
    except PackageNotFoundError:
        return "unknown"


_THOT_IS_MISSING = (
    "local engine: the package sil-thot is not installed (there is none for this platform, or it was left out); "
    "only segments that the memory knows are translated. Where it exists: pip install sil-thot"
)
_said: set[str] = set()


def _say_once(warning: str) -> None:
    if warning not in _said:
        _said.add(warning)
        _logger.warning("%s", warning)
