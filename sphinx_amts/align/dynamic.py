"""The banded dynamic programme: the chain of beads with the most evidence.

Beads with text on both sides are taken from :data:`sphinx_amts.align.evidence.SHAPES`. Sentences without a counterpart
form runs, which are cheap where they begin and end with a block (a paragraph that one side does not have) and whose
sentences become beads of their own. Time and memory grow with the area of the band.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sphinx_amts.align.evidence import SHAPES, Evidence, Matrices
from sphinx_amts.align.text import Text

if TYPE_CHECKING:
    from sphinx_amts.align.text import Array

PRIORS = {(1, 1): 0.88, (2, 1): 0.05, (1, 2): 0.04, (2, 2): 0.008, (3, 1): 0.006, (1, 3): 0.004}
"""How often the shapes occur in translated books."""
_OPEN, _SKIP, _EDGE = 3.0, 2.0, 0.5
"""Cost of beginning a run of sentences without a counterpart, of each of them, and of beginning or ending within a block."""
_CROSS = 7.0
"""Cost of a bead that goes over the end of a block."""
_MISMATCH = 1.25
"""Cost of a bead that begins, or ends, with a block on one side only."""
_KINDS = 5.0
"""Cost of a bead whose sides are of different kinds, such as a heading and a paragraph."""
_ROWS = 64
"""Source sentences whose evidence is computed at once."""

_BY_BEAD, _BY_SKIPPED_SOURCE, _BY_SKIPPED_TARGET = 0, 1, 2
_SOURCE_GOES_ON, _TARGET_GOES_ON, _AFTER_SOURCE_RUN = 8, 16, 32
"""Flags beside the numbers of states and, shifted by 6 bits in a byte of their own, of shapes."""


@dataclass(frozen=True, slots=True)
class Band:
    """The pairs of positions that the programme looks at: for each source position a range of target positions."""

    first: Array
    """First target position of each source position (0 … number of source sentences); ascending."""
    last: Array
    """Last target position; ascending."""


@dataclass(frozen=True, slots=True)
class Link:
    """A bead of the best chain."""

    source: tuple[int, int]
    """First source sentence and their number."""
    target: tuple[int, int]
    """First target sentence and their number."""
    evidence: float
    """Log likelihood ratio of the bead's tokens and lengths; 0 for a bead with one side."""


@dataclass(frozen=True, slots=True)
class Chain:
    """The best chain of two texts."""

    links: tuple[Link, ...]
    """Its beads, in order; every sentence is in one."""
    gain: float
    """Their evidence and priors together, less the costs of what has no counterpart."""


class _Programme:
    """The state of the programme: the best gains of all positions of the band, and where they came from."""

    def __init__(self, source: Text, target: Text, band: Band) -> None:
        import numpy as np

        self.source, self.target, self.band = source, target, band
        self.width = int((band.last - band.first).max()) + 1
        size = (len(source) + 1, self.width)
        self.pending: dict[int, Array] = {}
        self.evidence = np.zeros(size, dtype=np.float32)
        self.shapes = np.zeros(size, dtype=np.uint8)
        self.states = np.zeros(size, dtype=np.uint8)
        self.skip_source = np.where(source.starts, 0.0, -_EDGE)
        self.skip_target = np.where(target.starts, 0.0, -_EDGE)
        self._row(0)[0] = 0.0

    def _row(self, row: int) -> Array:
        """Gains of the chains that end with a bead at source position *row*, as far as they are known."""
        import numpy as np

        if row not in self.pending:
            self.pending[row] = np.full(int(self.band.last[row] - self.band.first[row]) + 1, -np.inf)
        return self.pending[row]

    def finish_row(self, row: int, previous: tuple[Array, Array] | None) -> tuple[Array, Array]:
        """Complete the row of source position *row*: runs without counterparts; return gains of all and of source runs.

        *previous* is what the row before returned.
        """
        import numpy as np

        first, last = int(self.band.first[row]), int(self.band.last[row])
        size = last - first + 1
        beads, states = self._row(row), self.states[row, :size]
        del self.pending[row]
        run = np.full(size, -np.inf)
        if previous is not None:
            before = _shifted(previous[0], first - int(self.band.first[row - 1]), size)
            going = _shifted(previous[1], first - int(self.band.first[row - 1]), size)
            opened = before - _OPEN + self.skip_source[row - 1]
            states[going >= opened] |= _SOURCE_GOES_ON
            run = np.maximum(opened, going) - _SKIP
        closed = run + self.skip_source[row]
        base = np.maximum(beads, closed)
        states[closed > beads] |= _AFTER_SOURCE_RUN
        best = base.copy()
        states[closed > beads] |= _BY_SKIPPED_SOURCE
        if size > 1:
            # The best start of a run that ends at each position: a running maximum after undoing the cost a sentence.
            slope = _SKIP * np.arange(size - 1)
            opened = base[:-1] - _OPEN + self.skip_target[first:last] + slope
            running = np.maximum.accumulate(opened)
            goes_on = np.concatenate([[False], running[1:] > opened[1:]])
            states[1:][goes_on] |= _TARGET_GOES_ON
            ends = running - slope - _SKIP + self.skip_target[first + 1 : last + 1]
            better = ends > best[1:]
            best[1:][better] = ends[better]
            states[1:][better] = (states[1:][better] & ~np.uint8(3)) | _BY_SKIPPED_TARGET
        return best, run

    def extend(self, row: int, best: Array, gains: Matrices, scores: Matrices) -> None:
        """Add the beads that begin at source position *row*: their *gains* and *scores* by the columns of the band."""
        first = int(self.band.first[row])
        for number, (a, b) in enumerate(SHAPES):
            if row + a > len(self.source):
                continue
            start, stop = int(self.band.first[row + a]), int(self.band.last[row + a])
            low, high = max(first + b, start), min(first + len(best) - 1 + b, stop)
            if low > high:
                continue
            here = slice(low - b - first, high - b - first + 1)
            there = slice(low - start, high - start + 1)
            gain = best[here] + gains[a, b][here]
            ends = self._row(row + a)[there]
            better = gain > ends
            ends[better] = gain[better]
            self.evidence[row + a, there][better] = scores[a, b][here][better]
            self.shapes[row + a, there][better] = number

    def trace(self) -> Iterator[Link]:
        """Follow the best chain from its end."""
        row, position = len(self.source), len(self.target)
        state: int | None = None
        while row or position:
            column = position - int(self.band.first[row])
            flags = int(self.states[row, column])
            state = flags & 3 if state is None else state
            if state == _BY_BEAD:
                a, b = SHAPES[self.shapes[row, column]]
                yield Link((row - a, a), (position - b, b), float(self.evidence[row, column]))
                row, position, state = row - a, position - b, None
            elif state == _BY_SKIPPED_SOURCE:
                yield Link((row - 1, 1), (position, 0), 0.0)
                row -= 1
                state = _BY_SKIPPED_SOURCE if flags & _SOURCE_GOES_ON else None
            else:
                yield Link((row, 0), (position - 1, 1), 0.0)
                position -= 1
                if not flags & _TARGET_GOES_ON:
                    before = int(self.states[row, column - 1])
                    state = _BY_SKIPPED_SOURCE if before & _AFTER_SOURCE_RUN else _BY_BEAD


def best_chain(evidence: Evidence, band: Band) -> Chain:
    """Find the chain of beads with the most evidence within *band*."""
    source, target = evidence.texts
    programme = _Programme(source, target, band)
    best, run = programme.finish_row(0, None)
    for start in range(0, len(source), _ROWS):
        rows = range(start, min(start + _ROWS, len(source)))
        columns = range(int(band.first[rows.start]), min(int(band.last[rows.stop - 1]) + 1, len(target)))
        scores, gains = evidence.stretch(rows, columns)
        for shape, matrix in gains.items():
            gains[shape] = matrix + _structure(source, target, rows, columns, shape)
        for row in rows:
            offset = int(band.first[row]) - columns.start
            programme.extend(
                row, best, _row(gains, row - start, offset, len(best)), _row(scores, row - start, offset, len(best))
            )
            best, run = programme.finish_row(row + 1, (best, run))
    return Chain(tuple(programme.trace())[::-1], float(best[-1]))


def _row(matrices: Matrices, row: int, offset: int, size: int) -> Matrices:
    return {shape: _padded(matrix[row, offset:], size) for shape, matrix in matrices.items()}


def _structure(source: Text, target: Text, rows: range, columns: range, shape: tuple[int, int]) -> Array:
    """Log prior of a shape, and what headings and the ends of blocks say, for each pair of beginnings."""
    import numpy as np

    a, b = shape
    gain = np.full((len(rows), len(columns)), math.log(PRIORS[shape]), dtype=np.float32)
    edges = []
    for text, where, size in ((source, rows, a), (target, columns, b)):
        starts = np.concatenate([text.starts[where.start : where.stop + size], np.zeros(size, dtype=bool)])
        kinds = np.concatenate([text.kinds[where.start : where.stop + size], np.full(size, -1, dtype=np.int8)])
        number = len(where)
        inside = sum((starts[k : number + k].astype(np.float32) for k in range(1, size)), np.zeros(number, np.float32))
        edges.append((starts[:number], starts[size : number + size], inside, kinds[:number]))
    (begin, end, inside, kind), (other_begin, other_end, other_inside, other_kind) = edges
    gain -= _MISMATCH * (begin[:, None] != other_begin[None, :])
    gain -= _MISMATCH * (end[:, None] != other_end[None, :])
    gain -= _CROSS * (inside[:, None] + other_inside[None, :])
    different = kind[:, None] != other_kind[None, :]
    if shape != (1, 1):
        different |= (kind[:, None] == 1) | (other_kind[None, :] == 1)
    gain -= np.float32(_KINDS) * different
    return gain


def _shifted(values: Array, by: int, size: int) -> Array:
    """Give *size* values from position *by* on, minus infinity where there are none."""
    return _padded(values[by:], size)


def _padded(values: Array, size: int) -> Array:
    import numpy as np

    if len(values) >= size:
        return values[:size]
    return np.concatenate([values, np.full(size - len(values), -np.inf, dtype=values.dtype)])
