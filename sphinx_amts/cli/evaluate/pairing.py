"""Articles in two languages, sentence by sentence: what is translated, compared and learned from."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sphinx_amts.evaluate import language_of
from sphinx_amts.formats.inline import encode, fold, plain
from sphinx_amts.model import Fragment, Inline, Origin, Piece, Segment, SegmentPair
from sphinx_amts.translate.pairing import pair_of
from sphinx_amts.translate.splitting import join

_CJK = r"\u3000-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\uff60"
_WRAPPED = re.compile(rf"(?<=[{_CJK}]) (?=[{_CJK}])")


@dataclass(frozen=True, slots=True)
class Unit:
    """Sentences that translate each other: a bead, or the beads of a paragraph."""

    source: tuple[Segment, ...]
    """Sentences of the source language."""
    target: tuple[Segment, ...]
    """Sentences of the target language."""
    score: float = 1.0
    """The aligner's confidence from 0 to 1."""

    def turned(self) -> Unit:
        """The same for the other direction."""
        return replace(self, source=self.target, target=self.source)


@dataclass(frozen=True, slots=True)
class Article:
    """One document in two languages."""

    name: str
    """Its name."""
    sentences: tuple[Unit, ...]
    """Beads with text on both sides, in order: what is compared, and the sentence pairs."""
    paragraphs: tuple[Unit, ...]
    """Paragraphs with text on both sides: the paragraph pairs."""
    alone: tuple[tuple[Segment, ...], tuple[Segment, ...]]
    """Sentences of each side that have no counterpart: nothing can be compared with them."""
    score: float = 1.0
    """Mean score of its beads, weighted by sentences; those without a counterpart count as 0."""

    def turned(self) -> Article:
        """The same for the other direction."""
        return replace(
            self,
            sentences=tuple(unit.turned() for unit in self.sentences),
            paragraphs=tuple(unit.turned() for unit in self.paragraphs),
            alone=(self.alone[1], self.alone[0]),
        )

    def texts(self, side: int) -> list[str]:
        """Every sentence of a side (0 source, 1 target) as plain text."""
        paired = [one for unit in self.sentences for one in (unit.target if side else unit.source)]
        return [plain(one.pieces) for one in (*paired, *self.alone[side])]


def text_of(segments: Sequence[Segment] | Sequence[Fragment], language: str, placeholder: str | None = None) -> str:
    """Sentences as one line of plain text, joined as *language* does; see :func:`~sphinx_amts.formats.inline.plain`."""
    parts = [one.pieces if isinstance(one, Segment) else one for one in segments]
    text = " ".join(plain(join(parts, language), placeholder).split())
    return _WRAPPED.sub("", text) if _is_unspaced(language) else text


def pair(unit: Unit, source: str, target: str) -> SegmentPair:
    """A unit as a pair of parallel data from the language *source* to *target*."""
    ours = _unwrapped(fold(join([one.pieces for one in unit.source], source)), source)
    theirs = _unwrapped(fold(join([one.pieces for one in unit.target], target)), target)
    same = pair_of(ours, theirs, Origin.PARALLEL, unit.score)
    return same or SegmentPair(encode(ours), encode(theirs), Origin.PARALLEL, unit.score)


def _is_unspaced(language: str) -> bool:
    return language_of(language) in {"zh", "ja"}


def _unwrapped(pieces: Fragment, language: str) -> Fragment:
    """*pieces* without the spaces that line wraps left between Chinese or Japanese characters."""
    if not _is_unspaced(language):
        return pieces

    def one(piece: Piece) -> Piece:
        if isinstance(piece, str):
            return _WRAPPED.sub("", piece)
        return replace(piece, children=tuple(map(one, piece.children))) if isinstance(piece, Inline) else piece

    return tuple(map(one, pieces))
