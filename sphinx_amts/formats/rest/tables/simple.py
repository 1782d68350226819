"""Simple tables: columns between ``=`` borders, rows that begin where the first column is not blank."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from docutils.parsers.rst.tableparser import SimpleTableParser, TableMarkupError
from docutils.statemachine import StringList
from docutils.utils import column_width

from sphinx_amts.formats.rest.tables.columns import cut, pad, to_columns
from sphinx_amts.formats.rest.tables.fill import CellEdit, fill

_BORDER = re.compile(r"=+[ =]*$")
_SPAN = re.compile(r"-[ -]*$")


@dataclass(slots=True)
class _Cell:
    first: int
    """Number of its first column."""
    last: int
    """Number of its last column."""
    lines: list[str]
    edited: bool = False


@dataclass(slots=True)
class _Row:
    top: int
    """Line of the table, from 0."""
    height: int
    cells: list[_Cell] = field(default_factory=list)


def relayout(block: Sequence[str], edits: Sequence[CellEdit]) -> list[str] | None:
    """Write the table *block* (lines without margin and line ends) with *edits*; ``None`` if it is no sound table."""
    before = _parse(block)
    if before is None:
        return None
    columns = _bounds(block[0])
    rows = _rows(block, columns)
    for row in rows:
        for cell in row.cells:
            _apply(row, cell, columns, edits)
    starts = _stretch(rows, columns)
    written = _write(block, rows, columns, starts)
    after = _parse(written)
    wanted = _filled([" ".join(cell.lines).split() for cell in row.cells] for row in rows)
    return written if after == wanted else None


def _parse(block: Sequence[str]) -> list[list[list[str]]] | None:
    """Words of the cells of each row as docutils reads the table."""
    lines = StringList(list(block), "table")
    lines.pad_double_width(SimpleTableParser.double_width_pad_char)
    try:
        _specs, head, body = SimpleTableParser().parse(lines)
    except (TableMarkupError, IndexError):
        return None
    pad_char = SimpleTableParser.double_width_pad_char
    return _filled(
        [" ".join(cell[3]).replace(pad_char, "").split() for cell in row if cell is not None] for row in [*head, *body]
    )


def _filled(rows: Iterable[list[list[str]]]) -> list[list[list[str]]]:
    """The *rows* that hold words: docutils makes an empty one of a span line before the bottom border."""
    return [row for row in rows if any(row)]


def _bounds(border: str) -> list[tuple[int, int]]:
    return [(match.start(), match.end()) for match in re.finditer(r"[=-]+", border)]


def _rows(block: Sequence[str], columns: Sequence[tuple[int, int]]) -> list[_Row]:
    """Rows as docutils forms them: a line with text in the first column begins one, a span line closes one."""
    rows: list[_Row] = []
    start: int | None = None
    first_end = columns[0][1]
    for number, line in enumerate([*block, "="]):
        is_border, is_span = bool(_BORDER.match(line)), bool(_SPAN.match(line)) and bool(line.strip())
        begins = bool(cut(to_columns(line), columns[0][0], first_end).strip())
        if start is not None and (is_border or is_span or begins):
            rows.append(_row(block, start, number, columns, line if is_span else None))
            start = None
        if not is_border and not is_span and start is None and line.strip():
            start = number
    return rows


def _row(block: Sequence[str], top: int, bottom: int, columns: Sequence[tuple[int, int]], spans: str | None) -> _Row:
    row = _Row(top, bottom - top)
    groups = [(start, end) for start, end in _bounds(spans)] if spans else list(columns)
    starts = [start for start, _end in columns]
    for position, (start, end) in enumerate(groups):
        first = starts.index(start)
        last = next((number for number, column in enumerate(columns) if column[1] == end), len(columns) - 1)
        limit = None if position == len(groups) - 1 else groups[position + 1][0]
        row.cells.append(_Cell(first, last, [cut(to_columns(line), start, limit) for line in block[top:bottom]]))
    return row


def _apply(row: _Row, cell: _Cell, columns: Sequence[tuple[int, int]], edits: Sequence[CellEdit]) -> None:
    start = columns[cell.first][0]
    end = columns[cell.last + 1][0] if cell.last + 1 < len(columns) else 1 << 30
    inside = [edit for edit in edits if row.top <= edit.row < row.top + row.height and start <= edit.column < end]
    if inside:
        width = columns[cell.last][1] - start + 1
        cell.lines = fill(cell.lines, row.top, start, width, inside)
        cell.edited = True


def _stretch(rows: Sequence[_Row], columns: Sequence[tuple[int, int]]) -> list[int]:
    """New first display column of each column; the last one may run past its border."""
    widths = [end - start for start, end in columns]
    cells = [cell for row in rows for cell in row.cells if cell.last < len(columns) - 1]
    for cell in sorted(cells, key=lambda cell: (cell.last - cell.first, cell.last)):
        gaps = (
            columns[cell.last][1]
            - columns[cell.first][0]
            - sum(end - start for start, end in columns[cell.first : cell.last + 1])
        )
        room = sum(widths[cell.first : cell.last + 1]) + gaps
        widths[cell.last] += max(max((column_width(line) for line in cell.lines), default=0) - room, 0)
    starts, shift = [], 0
    for number, (start, end) in enumerate(columns):
        starts.append(start + shift)
        shift += widths[number] - (end - start)
    return [*starts, columns[-1][1] + shift]


def _write(
    block: Sequence[str], rows: Sequence[_Row], columns: Sequence[tuple[int, int]], starts: Sequence[int]
) -> list[str]:
    by_line = {row.top: row for row in rows}
    written: list[str] = []
    number = 0
    while number < len(block):
        line = block[number]
        row = by_line.get(number)
        if row is not None:
            written += _write_row(block, row, starts)
            number += row.height
            continue
        if _BORDER.match(line) or (line.strip() and _SPAN.match(line)):
            line = _write_border(line, columns, starts)
        written.append(line)
        number += 1
    return written


def _write_border(line: str, columns: Sequence[tuple[int, int]], starts: Sequence[int]) -> str:
    """Stretch a border: every column edge moves to its new place."""
    moved = {}
    for number, (start, end) in enumerate(columns):
        moved[start] = starts[number]
        gap = columns[number + 1][0] - end if number + 1 < len(columns) else 0
        moved[end] = starts[number + 1] - gap
    text = ""
    for start, end in _bounds(line):
        text = text.ljust(moved[start]) + line[start] * (moved.get(end, end) - moved[start])
    return text


def _write_row(block: Sequence[str], row: _Row, starts: Sequence[int]) -> list[str]:
    if not any(cell.edited for cell in row.cells) and all(starts[cell.first] == starts[0] for cell in row.cells):
        return list(block[row.top : row.top + row.height])
    height = max(len(cell.lines) for cell in row.cells) if any(cell.edited for cell in row.cells) else row.height
    lines = []
    for offset in range(height):
        line = ""
        for cell in row.cells:
            text = cell.lines[offset] if offset < len(cell.lines) else ""
            if text:
                line = pad(line, starts[cell.first]) + text
        lines.append(line)
    return lines
