"""How much two groups of sentences look like translations of each other, for all pairs of a stretch at once.

Every token of a sentence is a small test. Its chance to be matched on the other side is *rate* if the other side is a
translation and *chance* if it is any other sentence, so it adds ``log((1 - rate) + rate / chance)`` where it is matched
and ``log(1 - rate)`` where it is not. Tokens are matched by identity (code, maths, numbers, Latin words, punctuation),
by the rows of the seed table, and by a learned lexicon with the likelihood ratio of IBM's Model 1 (P. F. Brown et al.,
"The mathematics of statistical machine translation", Computational Linguistics 19(2), 1993; used for aligning sentences
by R. C. Moore, "Fast and accurate sentence alignment of bilingual corpora", AMTA 2002). Lengths are compared as by W. A.
Gale and K. W. Church, "A program for aligning sentences in bilingual corpora", Computational Linguistics 19(1), 1993.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from sphinx_amts.align.text import Text

if TYPE_CHECKING:
    from sphinx_amts.align.lexicon import Lexicon, Table
    from sphinx_amts.align.text import Array

Matrices: TypeAlias = "dict[tuple[int, int], Array]"
"""For each shape of a bead a matrix: by first source and first target sentence."""

SHAPES = ((1, 1), (1, 2), (2, 1), (2, 2), (1, 3), (3, 1))
"""Beads with text on both sides, as numbers of source and target sentences."""

_IDENTITY_RATE = 0.9
"""Chance that a token which both languages use is kept in a translation."""
_CHARACTER_RATE = 0.45
"""The same for a single Chinese character (between Chinese and Japanese)."""
_SEED_RATE = 0.35
_PUNCTUATION_RATES = {"p?": 0.8, "p:": 0.5}
_IDENTITY_WEIGHT, _CHARACTER_WEIGHT, _SEED_WEIGHT = 0.8, 0.4, 0.4
"""Tokens of a sentence are not independent of each other: their evidence is counted in part."""
_LEAST_TEXT = 10
"""Chances are reckoned as if a text had at least so many sentences: a few tell little about them."""
_LEXICON_RATE = 0.9
_LEXICON_WEIGHT = 0.35
_LENGTH_VARIANCE = 16.0
"""Variance of a translation's length per letter of its source, in Latin letters squared."""
_LENGTH_NOISE = 70.0
"""Variance of lengths that does not depend on the source's length."""
_LENGTH_LIMIT = 12.0
"""Most that lengths can speak against a pair: the rest may be a note of the translator's."""


@dataclass(frozen=True, slots=True)
class Side:
    """Tokens of one side in numbers, and what each token says about the other side."""

    offsets: Array
    """Where each sentence's tokens begin in :attr:`tokens`; one more than sentences."""
    tokens: Array
    """Token numbers, sentence by sentence."""
    names: tuple[str, ...]
    """The token of each number."""
    hit: Array
    """Weighted gain of each token where it is matched."""
    miss: Array
    """Weighted gain of each token where it is not."""
    link_offsets: Array
    """Where the links of each token of the *other* side begin in :attr:`links`."""
    links: Array
    """Numbers of this side's tokens that a token of the other side matches."""


class Evidence:
    """The evidence of two texts, by stretches."""

    def __init__(self, source: Text, target: Text) -> None:
        self.texts = (source, target)
        self.sides = _sides(source, target)
        self.tables: tuple[Table, Table] | None = None
        self.trusted = False
        self.knows_languages = bool(source.rows and target.rows)
        lengths = source.lengths.sum(), target.lengths.sum()
        self.ratio = float(lengths[1] / lengths[0]) if lengths[0] and lengths[1] else 1.0

    def use(self, lexicon: Lexicon, *, trusted: bool) -> None:
        """Let the ratios of *lexicon* speak as well, from now on.

        It is *trusted* unless it was learned from a chain of these very texts, which it would only confirm.
        """
        self.trusted = trusted
        ours, theirs = self.sides[0].names, self.sides[1].names
        self.tables = (lexicon.table(ours, theirs, forward=False), lexicon.table(theirs, ours, forward=True))

    def stretch(self, rows: range, columns: range) -> tuple[Matrices, Matrices]:
        """Give for each shape the matrix of log likelihood ratios of the beads that begin at *rows* and *columns*.

        The first matrices leave out a lexicon that is not to be trusted. What does not fit into the texts is minus infinity.
        """
        # A bead may reach two sentences beyond the stretch.
        more_rows = range(rows.start, min(rows.stop + 2, len(self.texts[0])))
        more_columns = range(columns.start, min(columns.stop + 2, len(self.texts[1])))
        there = self._directed(0, more_rows, more_columns)
        back = self._directed(1, more_columns, more_rows)
        known, all_ = {}, {}
        for shape in SHAPES:
            a, b = shape
            lengths = self._lengths(more_rows, more_columns, shape)
            sums = [(_grouped(there[k][b], a) + _grouped(back[k][a], b).T) / 2 + lengths for k in (0, 1)]
            known[shape], all_[shape] = (_filled(matrix, len(rows), len(columns)) for matrix in sums)
        return (all_ if self.trusted else known), all_

    def _lengths(self, rows: range, columns: range, shape: tuple[int, int]) -> Array:
        import numpy as np

        ours = _windows(self.texts[0].lengths[rows.start : rows.stop], shape[0]) * self.ratio
        theirs = _windows(self.texts[1].lengths[columns.start : columns.stop], shape[1])
        variance = _LENGTH_VARIANCE * (ours[:, None] + theirs[None, :]) / 2 + _LENGTH_NOISE
        deviation = (theirs[None, :] - ours[:, None]) ** 2 / variance
        return -np.minimum(deviation / 2, _LENGTH_LIMIT)

    def _directed(self, here: int, rows: range, columns: range) -> tuple[dict[int, Array], dict[int, Array]]:
        """Evidence of one side's tokens: for groups of 1, 2 and 3 sentences of the other side, a matrix of sums.

        Without and with the lexicon.
        """
        import numpy as np

        ours, theirs = self.sides[here], self.sides[1 - here]
        local, counts = _counts(ours, rows)
        row_of = np.full(len(ours.names), -1, dtype=np.int64)
        row_of[local] = np.arange(len(local))
        matched = _matched(ours, theirs, row_of, len(local), columns)
        constant = (counts @ ours.miss[local])[:, None]
        weighted = counts * (ours.hit - ours.miss)[local][None, :]
        ratios = self._ratios(here, local, columns)
        known, all_ = {}, {}
        for size in (1, 2, 3):
            width = max(len(columns) - size + 1, 0)
            present = matched[:, :width].copy()
            for k in range(1, size):
                np.maximum(present, matched[:, k : k + width], out=present)
            known[size] = all_[size] = constant + weighted @ present
            if ratios is not None:
                sums, words = ratios
                total, number = _grouped(sums.T, size).T, _windows(words, size)
                gain = np.log(1 - _LEXICON_RATE + _LEXICON_RATE * total / number)
                all_[size] = known[size] + _LEXICON_WEIGHT * (counts @ gain)
        return known, all_

    def _ratios(self, here: int, local: Array, columns: range) -> tuple[Array, Array] | None:
        """Sums of Model 1's likelihood ratios of the tokens *local* over each sentence in *columns*, and its length."""
        import numpy as np

        if self.tables is None:
            return None
        other_local, other_counts = _counts(self.sides[1 - here], columns)
        table = self.tables[here]
        dense = table.dense(local, other_local)
        words = (other_counts @ table.counted[other_local]) + 1.0
        sums = dense @ other_counts.T
        silent = ~dense.any(axis=1)
        if silent.any():  # a token of which nothing was learned says nothing
            sums[silent] = np.broadcast_to(words, (int(silent.sum()), len(words)))
        return sums, words


def _counts(side: Side, sentences: range) -> tuple[Array, Array]:
    """Give the tokens that occur in *sentences*, and a matrix of sentences by those tokens with 1 where they occur."""
    import numpy as np

    first, last = side.offsets[sentences.start], side.offsets[sentences.stop]
    local, inverse = np.unique(side.tokens[first:last], return_inverse=True)
    sizes = np.diff(side.offsets[sentences.start : sentences.stop + 1])
    counts = np.zeros((len(sentences), len(local)), dtype=np.float32)
    counts[np.repeat(np.arange(len(sentences)), sizes), inverse.ravel()] = 1.0
    return local, counts


def _matched(ours: Side, theirs: Side, row_of: Array, height: int, columns: range) -> Array:
    """Give a matrix of our local tokens by their sentences with 1 where the token is matched."""
    import numpy as np

    first, last = theirs.offsets[columns.start], theirs.offsets[columns.stop]
    tokens = theirs.tokens[first:last]
    sizes = np.diff(theirs.offsets[columns.start : columns.stop + 1])
    column = np.repeat(np.arange(len(columns)), sizes)
    number = ours.link_offsets[tokens + 1] - ours.link_offsets[tokens]
    position = np.repeat(ours.link_offsets[tokens] - np.cumsum(number) + number, number) + np.arange(number.sum())
    row = row_of[ours.links[position]]
    column = np.repeat(column, number)
    matrix = np.zeros((height, len(columns)), dtype=np.float32)
    matrix[row[row >= 0], column[row >= 0]] = 1.0
    return matrix


def _filled(matrix: Array, height: int, width: int) -> Array:
    """Cut or fill *matrix* to a size, with minus infinity."""
    import numpy as np

    filled = np.full((height, width), -np.inf, dtype=np.float32)
    part = matrix[:height, :width]
    filled[: part.shape[0], : part.shape[1]] = part
    return filled


def _windows(values: Array, size: int) -> Array:
    """Sums of *size* neighbours."""
    import numpy as np

    width = max(len(values) - size + 1, 0)
    sums: Array = np.sum([values[k : k + width] for k in range(size)], axis=0)
    return sums


def _grouped(matrix: Array, size: int) -> Array:
    """Sums of *size* neighbouring rows."""
    import numpy as np

    height = max(len(matrix) - size + 1, 0)
    sums: Array = np.sum([matrix[k : k + height] for k in range(size)], axis=0)
    return sums


def _sides(source: Text, target: Text) -> tuple[Side, Side]:
    numbers = _numbered(source.tokens), _numbered(target.tokens)
    there = _links(source, target, *numbers)
    back = _links(target, source, *reversed(numbers))
    return _side(source, numbers[0], there, target, numbers[1]), _side(target, numbers[1], back, source, numbers[0])


def _numbered(sentences: Sequence[frozenset[str]]) -> dict[str, int]:
    numbers: dict[str, int] = {}
    for sentence in sentences:
        for token in sorted(sentence):
            numbers.setdefault(token, len(numbers))
    return numbers


def _links(here: Text, there: Text, ours: Mapping[str, int], theirs: Mapping[str, int]) -> list[list[int]]:
    """Give for each token of the other side the numbers of our tokens that it matches."""
    by_row: dict[int, list[int]] = {}
    for token, rows in here.rows.items():
        for row in rows if token in ours else ():
            by_row.setdefault(row, []).append(ours[token])
    return [
        sorted({number for row in there.rows[token] for number in by_row.get(row, ())})
        if token in there.rows
        else [ours[token]]
        if token in ours
        else []
        for token in theirs
    ]


def _side(
    here: Text, ours: Mapping[str, int], links: Sequence[Sequence[int]], there: Text, theirs: Mapping[str, int]
) -> Side:
    import numpy as np

    occurs = Counter(token for sentence in here.tokens for token in sentence)
    matched = Counter(
        number for sentence in there.tokens for number in {one for token in sentence for one in links[theirs[token]]}
    )
    hit, miss = np.zeros(len(ours)), np.zeros(len(ours))
    for name, number in ours.items():
        if matched[number]:
            rate, weight = _rate(name, occurs[name], matched[number])
            chance = (matched[number] + 0.5) / (max(len(there), _LEAST_TEXT) + 1)
            hit[number] = weight * np.log(1 - rate + rate / chance)
            miss[number] = weight * np.log(1 - rate)
    return Side(
        offsets=np.cumsum([0, *(len(sentence) for sentence in here.tokens)]),
        tokens=np.array([ours[token] for sentence in here.tokens for token in sorted(sentence)], dtype=np.int64),
        names=tuple(ours),
        hit=hit,
        miss=miss,
        link_offsets=np.cumsum([0, *map(len, links)]),
        links=np.array([number for found in links for number in found], dtype=np.int64),
    )


def _rate(token: str, occurs: int, matched: int) -> tuple[float, float]:
    """Chance that *token* is matched in a translation, and the weight of its evidence.

    A token in *occurs* sentences that the other side matches in fewer can be kept in so many of them only.
    """
    kept = min(1.0, matched / occurs)
    if token[0] == "s":
        return _SEED_RATE, _SEED_WEIGHT
    if token[0] == "p":
        return _PUNCTUATION_RATES[token], _IDENTITY_WEIGHT
    if token[0] == "h":
        return _CHARACTER_RATE * kept, _CHARACTER_WEIGHT
    return _IDENTITY_RATE * kept, _IDENTITY_WEIGHT
