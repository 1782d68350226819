"""Aligning the sentences of a text with those of its translation.

Two passes. The first compares what can be compared without knowing the text - structure, lengths, code, maths, numbers,
Latin words, punctuation - and a small table of general words; the second adds a lexicon learned from the first. A book of
many documents has one lexicon (:func:`align_book`, :func:`learn`). Sentences may be plain text, text with the code and
maths of reStructuredText or Markdown in it, or HTML fragments as an engine sees them: protected objects are compared by
what they hold, so texts in which they are placeholders give less to go by.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, TypeAlias

from sphinx_amts.align.check import MismatchError, check_languages, check_translation
from sphinx_amts.align.message import align_message
from sphinx_amts.model import Bead

if TYPE_CHECKING:
    from sphinx_amts.align.dynamic import Chain, Link
    from sphinx_amts.align.evidence import Evidence
    from sphinx_amts.align.lexicon import Lexicon, TokenPair
    from sphinx_amts.align.text import Text

__all__ = [
    "DOUBTFUL", "Blocks", "MismatchError", "align", "align_book", "align_message", "align_sentence_files", "check_languages", "check_texts", "learn",
    "mean_score",
]  # fmt: skip

Blocks: TypeAlias = "Sequence[Sequence[str]]"
"""Blocks (headings, paragraphs, list items, table cells …) of sentences, in document order."""

Kinds: TypeAlias = "tuple[Sequence[str], Sequence[str]]"
"""For both sides the kind of each block: ``heading``, ``para``, ``item``, ``cell``, ``code``, ``math``."""

DOUBTFUL = 0.6
"""A document of a book whose :func:`mean_score` is lower is hardly a translation of its counterpart."""

_CONFIDENT = -6.0
"""Least evidence of a bead that a lexicon is learned from."""
_SLOPE = 1.2
"""How fast evidence (a log likelihood ratio, most of whose parts are counted at less than half) becomes confidence."""
_HALF, _HALF_UNKNOWN = 0.0, -1.0
"""Evidence at which a score is one half: with the seed table, and between languages of which nothing is known."""


def align(
    source: Blocks,
    target: Blocks,
    lexicon: Lexicon | None = None,
    *,
    languages: tuple[str, str] | None = None,
    kinds: Kinds | None = None,
) -> list[Bead]:
    """Align one document with its translation.

    *lexicon* is one learned from the whole book (:func:`learn`); without it, one is learned from this document. The
    *languages* (Sphinx's codes) are guessed where they are not given, and so is which of the blocks are headings where
    their *kinds* are not. The beads are in order, count sentences over all blocks, and hold every index once; of a bead
    with two sides, the score says how likely it is that they mean the same, of one with one side it is 0.
    """
    ours, theirs = _read(source, target, languages, kinds)
    evidence, chain = _first_pass(ours, theirs)
    own = lexicon is None
    return _second_pass(evidence, chain, _learn([(evidence, chain)], 1) if lexicon is None else lexicon, own=own)


def align_book(
    documents: Iterable[tuple[Blocks, Blocks]], *, languages: tuple[str, str] | None = None
) -> list[list[Bead]]:
    """Align many documents of a book, with one lexicon learned from them all; as :func:`align` otherwise."""
    passes = [_first_pass(*_read(source, target, languages, None)) for source, target in documents]
    lexicon = _learn(passes, 2)
    return [_second_pass(evidence, chain, lexicon, own=False) for evidence, chain in passes]


def learn(documents: Iterable[tuple[Blocks, Blocks]], *, languages: tuple[str, str] | None = None) -> Lexicon:
    """Learn a lexicon from documents and their translations, for :func:`align` of other documents."""
    return _learn([_first_pass(*_read(source, target, languages, None)) for source, target in documents], 2)


def align_sentence_files(
    source: Iterable[str], target: Iterable[str], languages: tuple[str, str] | None = None
) -> list[Bead]:
    """Align two lists of lines, a sentence a line, with blank lines between blocks; indices count sentences only.

    Raises :class:`MismatchError` where a side is empty, in another language than it should be, or no translation.
    """
    ours, theirs = _blocks(source), _blocks(target)
    for side, blocks in (("source", ours), ("target", theirs)):
        if not blocks:
            raise MismatchError(f"The {side} text holds no sentences. Give a file with a sentence on each line.")
    if languages is not None:
        check_languages(_flat(ours), _flat(theirs), languages)
    texts = _read(ours, theirs, languages, None)
    evidence, chain = _first_pass(*texts)
    check_translation(evidence)
    return _second_pass(evidence, chain, _learn([(evidence, chain)], 1), own=True)


def check_texts(source: Blocks, target: Blocks, languages: tuple[str, str] | None = None) -> None:
    """Raise :class:`MismatchError` where two texts are in other languages than they should be, or no translations."""
    if languages is not None:
        check_languages(_flat(source), _flat(target), languages)
    from sphinx_amts.align.evidence import Evidence

    check_translation(Evidence(*_read(source, target, languages, None)))


def mean_score(beads: Sequence[Bead]) -> float:
    """Mean score of *beads*, weighted by sentences; those without a counterpart count as 0. An empty list gives 0."""
    sizes = [len(bead.source) + len(bead.target) for bead in beads]
    total = sum(bead.score * size for bead, size in zip(beads, sizes, strict=True) if bead.source and bead.target)
    return total / sum(sizes) if sizes else 0.0


def _blocks(lines: Iterable[str]) -> list[list[str]]:
    blocks: list[list[str]] = [[]]
    for line in lines:
        if line.strip():
            blocks[-1].append(line.strip())
        elif blocks[-1]:
            blocks.append([])
    blocks = [block for block in blocks if block]
    return blocks if len(blocks) != 1 else _unmarked(blocks[0])


def _unmarked(lines: Sequence[str]) -> list[list[str]]:
    """Find the blocks of a list without blank lines as far as headings show them."""
    from sphinx_amts.align.text import ends_sentence

    headings = [not ends_sentence(line) for line in lines]
    if sum(headings) > len(lines) / 2:  # a text without punctuation
        return [list(lines)]
    blocks: list[list[str]] = [[]]
    for line, heading in zip(lines, headings, strict=True):
        if not heading:
            blocks[-1].append(line)
        else:
            blocks += [[line], []]
    return [block for block in blocks if block]


def _flat(blocks: Blocks) -> list[str]:
    return [sentence for block in blocks for sentence in block]


def _read(source: Blocks, target: Blocks, languages: tuple[str, str] | None, kinds: Kinds | None) -> tuple[Text, Text]:
    from sphinx_amts.align.seeds import column, identify
    from sphinx_amts.align.text import read

    codes = languages or (identify(_flat(source)), identify(_flat(target)))
    columns = column(codes[0]), column(codes[1])
    if None in columns:
        columns = None, None
    ours, theirs = kinds or (None, None)
    return read(source, ours, columns[0]), read(target, theirs, columns[1])


def _first_pass(ours: Text, theirs: Text) -> tuple[Evidence, Chain]:
    from sphinx_amts.align.band import band_of
    from sphinx_amts.align.dynamic import best_chain
    from sphinx_amts.align.evidence import Evidence

    evidence = Evidence(ours, theirs)
    return evidence, best_chain(evidence, band_of(ours, theirs))


def _second_pass(evidence: Evidence, chain: Chain, lexicon: Lexicon, *, own: bool) -> list[Bead]:
    from sphinx_amts.align.band import band_around
    from sphinx_amts.align.dynamic import best_chain

    evidence.use(lexicon, trusted=not own)
    sizes = len(evidence.texts[0]), len(evidence.texts[1])
    half = _HALF if evidence.knows_languages else _HALF_UNKNOWN
    return [_bead(link, half) for link in best_chain(evidence, band_around(chain.links, *sizes)).links]


def _learn(passes: Sequence[tuple[Evidence, Chain]], least: int) -> Lexicon:
    from sphinx_amts.align.lexicon import learn_pairs

    return learn_pairs([pair for evidence, chain in passes for pair in _token_pairs(evidence, chain)], least)


def _token_pairs(evidence: Evidence, chain: Chain) -> list[TokenPair]:
    """The tokens of the small beads that are not unlikely."""
    pairs: list[TokenPair] = []
    for link in chain.links:
        numbers = link.source[1], link.target[1]
        if all(numbers) and sum(numbers) <= 3 and link.evidence > _CONFIDENT:
            sides = [
                sorted(frozenset().union(*text.tokens[first : first + number]))
                for text, (first, number) in zip(evidence.texts, (link.source, link.target), strict=True)
            ]
            pairs.append((sides[0], sides[1]))
    return pairs


def _bead(link: Link, half: float) -> Bead:
    source, target = (tuple(range(first, first + number)) for first, number in (link.source, link.target))
    score = 1 / (1 + math.exp(-_SLOPE * (link.evidence - half))) if source and target else 0.0
    return Bead(source, target, score)
