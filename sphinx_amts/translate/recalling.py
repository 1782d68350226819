"""What the memory knows of a sentence: its translation, or that of one which differs in markup, case or numbers only."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import islice
from typing import TypeAlias

from sphinx_amts.formats.inline import segment
from sphinx_amts.memory import Memory
from sphinx_amts.model import Fragment, Origin, Pipeline, Segment, Translation
from sphinx_amts.translate.asking import encode_like
from sphinx_amts.translate.book import Work
from sphinx_amts.translate.carrying import transfer
from sphinx_amts.translate.repairing import repair
from sphinx_amts.translate.splitting import join

Own: TypeAlias = "Callable[[Work, Segment], Fragment | None]"
"""What a person wrote for a segment of a message with markup of its own."""

TRIED = 5
"""Fuzzy matches of a segment that are tried, the best first."""


class Recall:
    """What *memory* holds for one language's run with the *engine* of this name; each segment is looked up once."""

    def __init__(self, memory: Memory, engine: str, pipeline: Pipeline) -> None:
        self._memory = memory
        self._engine = engine
        self._pipeline = pipeline
        self._found: dict[str, Translation | None] = {}
        self.repaired: set[str] = set()
        """Segments whose translation is a fuzzy match that was put right."""

    def find(self, one: Segment, preferred: str = "") -> Translation | None:
        """What the memory holds for *one*, the *preferred* text if it has that, or for a segment that is almost the same."""
        if preferred and (found := self._memory.get(one.html, self._engine, preferred)):
            return found
        if one.html not in self._found:
            self._found[one.html] = self._memory.get(one.html, self._engine) or self._alike(one)
        return self._found[one.html]

    def _alike(self, one: Segment) -> Translation | None:
        """What the memory holds for a segment that differs from *one* in markup only."""
        for key, found in self._memory.alike(one.html, self._engine):
            pieces = transfer(key, found.text, one)
            if pieces is not None:
                return replace(found, text=encode_like(pieces, one.pieces))
        return self._repair(one)

    def _repair(self, one: Segment) -> Translation | None:
        """A fuzzy match whose numbers are put right. It is a draft, whoever wrote the original."""
        languages = self._pipeline.source_language, self._pipeline.language
        for key, found in islice(self._memory.similar(one.html, self._engine), TRIED):
            repaired = repair(key, found.text, one.html, languages, self._pipeline.fuzzy)
            pieces = None if repaired is None else transfer(*repaired, one)
            if pieces is not None:
                self.repaired.add(one.html)
                engine = found.engine if found.origin is Origin.MACHINE else "memory"
                return Translation(encode_like(pieces, one.pieces), Origin.MACHINE, engine)
        return None

    def merged(self, work: Sequence[Work], own: Own) -> list[Work]:
        """*work* with one segment where a person translated two or three sentences together, if only with markup of their *own*."""
        return [replace(one, segments=self._merged(one, own)) for one in work]

    def _merged(self, work: Work, own: Own) -> tuple[Segment, ...]:
        segments = list(work.segments)
        start = 0
        while start < len(segments):
            for size in (3, 2):
                group = segments[start : start + size]
                together = segment(join([one.pieces for one in group], self._pipeline.source_language))
                known = self._memory.get(together.html) if len(group) == size else None
                by_person = known is not None and known.origin is Origin.HUMAN
                if by_person or (len(group) == size and own(work, together) is not None):
                    segments[start : start + size] = [together]
                    break
            start += 1
        return tuple(segments)
