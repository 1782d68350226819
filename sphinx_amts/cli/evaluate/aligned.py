"""From blocks of two languages to sentences that translate each other."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sphinx_amts.align import align_book, check_texts, mean_score
from sphinx_amts.cli.evaluate.pairing import Article, Unit
from sphinx_amts.cli.reading import Block
from sphinx_amts.model import Bead, Segment


def articles_of(
    source: Mapping[str, Sequence[Block]], target: Mapping[str, Sequence[Block]], languages: tuple[str, str]
) -> list[Article]:
    """The documents that both sides have, aligned with one lexicon for all of them; *languages* are Sphinx's codes."""
    names = [name for name in source if name in target]
    sides = [(Side.of(source[name]), Side.of(target[name])) for name in names]
    beads = align_book([(ours.texts, theirs.texts) for ours, theirs in sides], languages=languages)
    return [_article(name, *pair, found) for name, pair, found in zip(names, sides, beads, strict=True)]


def check_document(source: Sequence[Block], target: Sequence[Block], languages: tuple[str, str]) -> None:
    """Raise :class:`~sphinx_amts.align.MismatchError` where two documents are no translations of each other."""
    check_texts(Side.of(source).texts, Side.of(target).texts, languages)


@dataclass(frozen=True, slots=True)
class Side:
    """One language of a document, its sentences numbered through all blocks as the aligner numbers them."""

    texts: list[list[str]]
    """What the aligner compares: HTML fragments by block; code and maths are one protected object each."""
    segments: list[Segment | None]
    """The sentence of each number; ``None`` for what is no prose."""
    blocks: list[int]
    """The block of each number."""

    @staticmethod
    def of(blocks: Iterable[Block]) -> Side:
        """The sentences of *blocks*; blocks without any text have no number."""
        side = Side([], [], [])
        for block in blocks:
            if block.segments:
                side.add([one.html for one in block.segments], block.segments)
            elif block.text.strip():
                side.add([f'<span id="1" translate="no">{html.escape(block.text)}</span>'], (None,))
        return side

    def add(self, texts: list[str], segments: Sequence[Segment | None]) -> None:
        """Append a block: its sentences as the aligner compares them, and as they are."""
        self.blocks.extend([len(self.texts)] * len(texts))
        self.texts.append(texts)
        self.segments.extend(segments)

    def prose(self, numbers: Iterable[int]) -> tuple[Segment, ...]:
        """The sentences with these numbers, without what is no prose."""
        return tuple(one for number in numbers if (one := self.segments[number]) is not None)


def _article(name: str, ours: Side, theirs: Side, beads: Sequence[Bead]) -> Article:
    units = [Unit(ours.prose(bead.source), theirs.prose(bead.target), bead.score) for bead in beads]
    return Article(
        name,
        tuple(unit for unit in units if unit.source and unit.target),
        tuple(_paragraphs(ours, theirs, beads)),
        (
            tuple(one for unit in units if not unit.target for one in unit.source),
            tuple(one for unit in units if not unit.source for one in unit.target),
        ),
        mean_score(beads),
    )


def _paragraphs(ours: Side, theirs: Side, beads: Sequence[Bead]) -> Iterable[Unit]:
    """Blocks that beads connect, whole: what a pair by paragraphs holds. Its score is the mean of its beads'."""
    group: list[Bead] = []
    ends = (-1, -1)
    for bead in beads:
        if not bead.source or not bead.target:
            continue
        starts = ours.blocks[bead.source[0]], theirs.blocks[bead.target[0]]
        if group and starts[0] > ends[0] and starts[1] > ends[1]:
            yield from _paragraph(ours, theirs, group)
            group = []
        group.append(bead)
        ends = ours.blocks[bead.source[-1]], theirs.blocks[bead.target[-1]]
    if group:
        yield from _paragraph(ours, theirs, group)


def _paragraph(ours: Side, theirs: Side, beads: Sequence[Bead]) -> Iterable[Unit]:
    sides = []
    for side, numbers in (
        (ours, [number for bead in beads for number in bead.source]),
        (theirs, [number for bead in beads for number in bead.target]),
    ):
        first, last = side.blocks[numbers[0]], side.blocks[numbers[-1]]
        sides.append(side.prose(number for number, block in enumerate(side.blocks) if first <= block <= last))
    if sides[0] and sides[1]:
        yield Unit(sides[0], sides[1], sum(bead.score for bead in beads) / len(beads))
