"""Tables drawn with characters: their columns are widened when a translation does not fit."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from docutils.parsers.rst.states import Body

from sphinx_amts.formats import Edit, RenderError, ending, separated
from sphinx_amts.formats.rest.tables import grid, simple
from sphinx_amts.formats.rest.tables.columns import column_of
from sphinx_amts.formats.rest.tables.fill import CellEdit

_SIMPLE_BORDER = re.compile(r"=+[ =]*$")


def splice(lines: list[str], edits: Iterable[Edit]) -> list[Edit]:
    """Draw the tables that *edits* touch in place, and return the edits that lie in no table.

    *lines* keeps its length: what a table no longer needs becomes empty strings, what it needs more shares a line.
    """
    edits = list(edits)
    if not any(edit.message.kind == "entry" for edit in edits):
        return edits
    rest: list[Edit] = []
    inside: dict[tuple[int, int], list[Edit]] = {}
    regions = list(_regions([line.expandtabs(8).rstrip() for line in lines]))
    for edit in edits:
        number = edit.message.spans[0].line - 1
        region = next((region for region in regions if region[0] <= number < region[1]), None)
        if region is not None:
            inside.setdefault(region, []).append(edit)  # a term or the name of a field too
        else:
            rest.append(separated.fitted(edit, lines) if edit.message.kind == "entry" else edit)
    for region, some in inside.items():
        _redraw(lines, region, some)
    return rest


def _regions(lines: Sequence[str]) -> Iterator[tuple[int, int]]:
    """First and one past the last line, from 0, of everything that looks like a table."""
    number = 0
    while number < len(lines):
        text = lines[number].lstrip()
        end = number + 1
        if Body.grid_table_top_pat.match(text):
            while end < len(lines) and lines[end].lstrip()[:1] in {"|", "+"}:
                end += 1
        elif Body.simple_table_top_pat.match(text):
            end = _end_of_simple(lines, number)
        if end > number + 1:
            yield number, end
        number = end


def _end_of_simple(lines: Sequence[str], start: int) -> int:
    """One past the bottom border, by docutils' rule: the second border, or one that a blank line follows."""
    indent = len(lines[start]) - len(lines[start].lstrip())
    borders = 0
    for number in range(start + 1, len(lines)):
        line = lines[number]
        if line.strip() and len(line) - len(line.lstrip()) < indent:
            return start + 1
        if _SIMPLE_BORDER.match(line.strip()):
            borders += 1
            if borders == 2 or number + 1 == len(lines) or not lines[number + 1].strip():
                return number + 1
    return start + 1


def _redraw(lines: list[str], region: tuple[int, int], edits: Sequence[Edit]) -> None:
    first, last = region
    expanded = [line.expandtabs(8).rstrip() for line in lines[first:last]]
    indent = len(expanded[0]) - len(expanded[0].lstrip())
    block = [line[indent:] for line in expanded]
    cells = []
    for edit in edits:
        span = edit.message.spans[0]
        source = lines[span.line - 1].rstrip()
        column = column_of(source[: span.start].expandtabs(8), len(source[: span.start].expandtabs(8))) - indent
        width = column_of(source[: span.end].expandtabs(8), len(source[: span.end].expandtabs(8))) - indent - column
        rows = tuple(one.line - 1 - first for one in edit.message.spans)
        cells.append(CellEdit(rows[0], column, width, rows, edit.text))
    drawn = (grid if block[0].startswith("+") else simple).relayout(block, cells)
    if drawn is None:
        raise RenderError("table", f"the table at line {first + 1} cannot be drawn with its translation", edits)
    margin = lines[first].expandtabs(8)[:indent]
    end = ending(lines[first])
    last_end = ending(lines[last - 1])
    lines[first:last] = [""] * (last - first)
    lines[first] = "".join((margin + line).rstrip() + end for line in drawn[:-1]) + margin + drawn[-1] + last_end
