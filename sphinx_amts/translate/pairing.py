"""Segment pairs of translated messages: sentences aligned with their translations, where both have the same markup."""

from __future__ import annotations

from collections.abc import Iterator

from sphinx_amts import catalog as po
from sphinx_amts.align import align_message
from sphinx_amts.formats import Format
from sphinx_amts.formats.inline import encode, fold, walk
from sphinx_amts.model import Fragment, Message, Origin, Pipeline, SegmentPair
from sphinx_amts.translate.asking import encode_like
from sphinx_amts.translate.splitting import join, split, split_fragment


def entry_pairs(message: Message, entry: po.Entry, format_: Format, pipeline: Pipeline) -> Iterator[SegmentPair]:
    """The segment pairs of a translated entry: sentences aligned into beads, where markup agrees on both sides."""
    origin = Origin.HUMAN if entry.engine is None else Origin.MACHINE
    if entry.engine == "memory":
        return
    source = split(message, format_, pipeline.source_language)
    target = split_fragment(format_.parse(entry.msgstr, message.kind), pipeline.language)
    if not source or not target:
        return
    languages = pipeline.source_language, pipeline.language
    beads = align_message([one.html for one in source], [encode(pieces) for pieces in target], languages)
    for bead in beads:
        if not bead.source or not bead.target:
            continue
        ours = join([source[index].pieces for index in bead.source], pipeline.source_language)
        theirs = join([target[index] for index in bead.target], pipeline.language)
        pair = pair_of(ours, theirs, origin, bead.score)
        if pair is not None:
            yield pair


def pair_of(source: Fragment, target: Fragment, origin: Origin, score: float = 1.0) -> SegmentPair | None:
    """A segment pair of parsed texts; ``None`` where their markup differs, so that it could not be restored."""
    ours = sorted(_marks(source))
    if ours != sorted(_marks(target)):
        return None
    return SegmentPair(encode(fold(source)), encode_like(fold(target), fold(source)), origin, score)


def _marks(pieces: Fragment) -> Iterator[tuple[str, str]]:
    for piece in walk(pieces):
        if not isinstance(piece, str):
            yield piece.kind, getattr(piece, "source", "") or f"{piece.open}{piece.close}"  # type: ignore[union-attr]
