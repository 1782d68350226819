"""Grid tables: cells are found by docutils' own parser, filled anew, and drawn again with columns as wide as needed."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from docutils.parsers.rst.tableparser import GridTableParser, TableMarkupError
from docutils.statemachine import StringList
from docutils.utils import column_width

from sphinx_amts.formats.rest.tables.columns import cut, pad, to_columns
from sphinx_amts.formats.rest.tables.fill import CellEdit, fill


@dataclass(slots=True)
class _Cell:
    top: int
    left: int
    bottom: int
    right: int
    lines: list[str]
    edited: bool = False


def _cells(block: Sequence[str]) -> tuple[list[_Cell], list[int], list[int]]:
    """Cells with the lines and display columns of their borders; all row and column borders."""
    lines = StringList(list(block), "table")
    lines.pad_double_width(GridTableParser.double_width_pad_char)
    width = max(len(line) for line in lines)
    parser = GridTableParser()
    parser.setup(StringList([line.ljust(width) for line in lines], "table"))
    parser.find_head_body_sep()
    parser.parse_table()
    columns = [to_columns(line) for line in block]
    cells = [
        _Cell(top, left, bottom, right, [cut(columns[row], left + 1, right) for row in range(top + 1, bottom)])
        for top, left, bottom, right, _content in parser.cells
    ]
    return cells, sorted(parser.rowseps), sorted(parser.colseps)


def relayout(block: Sequence[str], edits: Sequence[CellEdit]) -> list[str] | None:
    """Draw the table *block* (lines without margin and line ends) with *edits*; ``None`` if it is no sound table."""
    try:
        cells, rows, columns = _cells(block)
    except (TableMarkupError, IndexError):
        return None
    for cell in cells:
        inside = [edit for edit in edits if cell.top < edit.row < cell.bottom and cell.left < edit.column < cell.right]
        if inside:
            cell.lines = fill(cell.lines, cell.top + 1, cell.left + 1, cell.right - cell.left - 1, inside)
            cell.edited = True
    drawn = _draw(block, cells, _stretch_rows(cells, rows), _stretch_columns(cells, columns))
    return drawn if _same(drawn, cells) else None


def _stretch_columns(cells: Sequence[_Cell], borders: Sequence[int]) -> dict[int, int]:
    """New place of each column border, so that every line of every cell fits."""
    extra = dict.fromkeys(borders, 0)
    for cell in sorted(cells, key=lambda cell: (cell.right - cell.left, cell.right)):
        spanned = [border for border in borders if cell.left < border <= cell.right]
        room = cell.right - cell.left - 1 + sum(extra[border] for border in spanned)
        need = max((column_width(line) for line in cell.lines), default=0) + 1 if cell.edited else 0
        extra[cell.right] += max(need - room, 0)
    placed, shift = {}, 0
    for border in borders:
        shift += extra[border]
        placed[border] = border + shift
    return placed


def _stretch_rows(cells: Sequence[_Cell], borders: Sequence[int]) -> dict[int, int]:
    """New place of each row border; only rows that hold an edit change their height."""
    heights = {}
    for upper, lower in itertools.pairwise(borders):
        row = [cell for cell in cells if cell.top == upper and cell.bottom == lower]
        touched = any(cell.edited for cell in row)
        heights[lower] = max((len(cell.lines) for cell in row), default=1) if touched else lower - upper - 1
    for cell in sorted(cells, key=lambda cell: cell.bottom - cell.top):
        spanned = [border for border in borders if cell.top < border <= cell.bottom]
        room = sum(heights[border] for border in spanned) + len(spanned) - 1
        heights[cell.bottom] += max(len(cell.lines) - room, 0)
    placed, at = {borders[0]: 0}, 0
    for border in borders[1:]:
        at += max(heights[border], 1) + 1
        placed[border] = at
    return placed


def _draw(block: Sequence[str], cells: Sequence[_Cell], rows: dict[int, int], columns: dict[int, int]) -> list[str]:
    height, width = max(rows.values()) + 1, max(columns.values()) + 1
    canvas = [[" "] * width for _ in range(height)]
    for cell in cells:
        top, bottom, left, right = rows[cell.top], rows[cell.bottom], columns[cell.left], columns[cell.right]
        for border, line in ((cell.top, top), (cell.bottom, bottom)):
            mark = to_columns(block[border])[cell.left + 1]
            canvas[line][left + 1 : right] = [mark] * (right - left - 1)
    for cell in cells:
        top, bottom, left, right = rows[cell.top], rows[cell.bottom], columns[cell.left], columns[cell.right]
        for line in range(top + 1, bottom):
            canvas[line][left] = canvas[line][right] = "|"
    for cell in cells:
        for line in (rows[cell.top], rows[cell.bottom]):
            canvas[line][columns[cell.left]] = canvas[line][columns[cell.right]] = "+"
    for cell in cells:
        left, right = columns[cell.left], columns[cell.right]
        for offset, text in enumerate(cell.lines):
            canvas[rows[cell.top] + 1 + offset][left + 1 : right] = to_columns(pad(text, right - left - 1))
    return ["".join(line).rstrip() for line in canvas]


def _same(drawn: Sequence[str], cells: Sequence[_Cell]) -> bool:
    """Whether docutils finds in *drawn* exactly the texts of *cells*."""
    try:
        found, _rows, _columns = _cells(drawn)
    except (TableMarkupError, IndexError):
        return False

    def texts(some: Sequence[_Cell]) -> list[list[str]]:
        return [[line for line in cell.lines if line] for cell in some]

    return texts(found) == texts(cells)
