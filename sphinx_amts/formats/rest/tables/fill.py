"""Putting texts into the lines of one cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from docutils.utils import column_width

from sphinx_amts.formats.rest.tables.columns import to_columns, wrap


@dataclass(frozen=True, slots=True)
class CellEdit:
    """A text for a run of lines in a table; rows and columns count from 0 within the table, columns as displayed."""

    row: int
    """First line of what is replaced."""
    column: int
    """Display column where it begins."""
    width: int
    """Display columns of its first line."""
    rows: tuple[int, ...]
    """All lines of what is replaced."""
    text: str
    """What takes its place."""


def fill(lines: Sequence[str], top: int, left: int, width: int, edits: Sequence[CellEdit]) -> list[str]:
    """The *lines* of a cell at row *top* and column *left* with *edits* in place, *width* columns wide if possible.

    A text that stood on several lines is wrapped at spaces; one that stood on one line stays on one.
    """
    filled: list[list[str]] = [[line] for line in lines]
    for edit in sorted(edits, key=lambda edit: (edit.row, edit.column), reverse=True):
        offset = edit.column - left
        first, *behind = filled[edit.row - top]
        columns = to_columns(first)  # what stands to the right may have its text already
        before, after = "".join(columns[:offset]), "".join(columns[offset + edit.width :]).rstrip()
        room = max(width - 1 - column_width(before), 1)
        texts = wrap(edit.text, room) if len(edit.rows) > 1 else [edit.text]
        margin = " " * column_width(before)
        for row in edit.rows:
            filled[row - top] = []
        filled[edit.row - top] = [before + texts[0], *(margin + text for text in texts[1:])]
        filled[edit.row - top][-1] += after
        filled[edit.row - top] += behind
    result = [line.rstrip() for group in filled for line in group]
    while len(result) > 1 and not result[-1]:
        result.pop()
    return result
