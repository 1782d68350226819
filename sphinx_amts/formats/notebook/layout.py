"""A notebook's JSON text with the places of its cells' sources, so that they can change and nothing else does.

Reading a notebook and writing it again would lose its layout: order of keys, indentation, how non-ASCII characters are
spelled, the end of the file. Only string literals are replaced here. Format: https://nbformat.readthedocs.io
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_SPACE = re.compile(r"[ \t\r\n]*")
_ESCAPED = re.compile(r"(?<!\\)(?:\\\\)*\\u(?!00[0-7])[0-9A-Fa-f]{4}")
_REQUIRED: dict[str, type | tuple[type, ...]] = {"cell_type": str, "metadata": dict, "source": (str, list)}
_DECODER = json.JSONDecoder()


class LayoutError(ValueError):
    """A text that is no notebook; with the 1-based line where that shows."""

    def __init__(self, problem: str, line: int = 1) -> None:
        super().__init__(problem)
        self.line = line


@dataclass(frozen=True, slots=True)
class Literal:
    """A string literal of the JSON text."""

    start: int
    """Offset of its opening quote."""
    end: int
    """Offset behind its closing quote."""
    value: str
    """The string that it stands for."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a notebook."""

    kind: str
    """``markdown``, ``code`` or ``raw``."""
    literals: tuple[Literal, ...]
    """The literals of its source: one, or the items of a list."""
    is_list: bool
    """Whether the source is a list of strings."""

    @property
    def source(self) -> str:
        """Its source as one string."""
        return "".join(literal.value for literal in self.literals)


def cells(text: str) -> list[Cell]:
    """The cells of the notebook in *text*; raises :class:`LayoutError` if it is none of format version 4."""
    try:
        notebook = _DECODER.decode(text)
    except ValueError as error:
        raise LayoutError(f"it is no valid JSON ({error})", getattr(error, "lineno", 1)) from error
    _check(notebook)
    start = dict(_members(text, _space(text, 0)))["cells"]
    return [_cell(text, offset) for offset in _items(text, start)]


def _check(notebook: Any) -> None:
    if not isinstance(notebook, dict) or "nbformat" not in notebook:
        raise LayoutError("it is no notebook (nbformat is missing)")
    if notebook["nbformat"] != 4:
        raise LayoutError(f"its notebook format is {notebook['nbformat']!r}, and only version 4 is known")
    if not isinstance(notebook.get("metadata"), dict) or not isinstance(notebook.get("nbformat_minor"), int):
        raise LayoutError("its metadata or nbformat_minor is missing")
    found = notebook.get("cells")
    if not isinstance(found, list) or not all(isinstance(cell, dict) for cell in found):
        raise LayoutError("its cells are no list of objects")
    for number, cell in enumerate(found, 1):
        if missing := next((name for name, kind in _REQUIRED.items() if not isinstance(cell.get(name), kind)), None):
            raise LayoutError(f"cell {number} has no valid {missing}")
        lines = cell["source"] if isinstance(cell["source"], list) else [cell["source"]]
        if cell["cell_type"] not in {"markdown", "code", "raw"} or not all(isinstance(line, str) for line in lines):
            raise LayoutError(f"cell {number} has an unknown cell_type, or a source that is no text")
        if cell["cell_type"] == "code" and not isinstance(cell.get("outputs"), list):
            raise LayoutError(f"cell {number} has no valid outputs")


def _cell(text: str, offset: int) -> Cell:
    members = dict(_members(text, offset))
    kind, _end = _DECODER.raw_decode(text, members["cell_type"])
    start = members["source"]
    starts = list(_items(text, start)) if text[start] == "[" else [start]
    literals = []
    for place in starts:
        value, end = _DECODER.raw_decode(text, place)
        literals.append(Literal(place, end, value))
    return Cell(kind, tuple(literals), text[start] == "[")


def _space(text: str, offset: int) -> int:
    match = _SPACE.match(text, offset)
    assert match is not None, "white space may be empty"
    return match.end()


def _members(text: str, offset: int) -> Iterator[tuple[str, int]]:
    """Names of the members of the object at *offset*, with the offsets of their values. The text is valid JSON."""
    offset = _space(text, offset + 1)
    while text[offset] != "}":
        name, offset = _DECODER.raw_decode(text, offset)
        offset = _space(text, _space(text, offset) + 1)
        yield name, offset
        offset = _next(text, offset)


def _items(text: str, offset: int) -> Iterator[int]:
    """Offsets of the items of the array at *offset*."""
    offset = _space(text, offset + 1)
    while text[offset] != "]":
        yield offset
        offset = _next(text, offset)


def _next(text: str, offset: int) -> int:
    """The offset of what follows the value at *offset* and its comma."""
    _value, offset = _DECODER.raw_decode(text, offset)
    offset = _space(text, offset)
    return _space(text, offset + 1) if text[offset] == "," else offset


def replaced(text: str, sources: Mapping[int, str]) -> str:
    """*text* with new sources for some of its cells, by their numbers from 0; literals of equal lines stay as they are."""
    known = cells(text)
    ascii_only = text.isascii() and bool(_ESCAPED.search(text))
    for number in sorted(sources, reverse=True):
        cell = known[number]
        if cell.literals:
            start, end = cell.literals[0].start, cell.literals[-1].end
            text = text[:start] + _written(text, cell, sources[number], ascii_only) + text[end:]
    return text


def _written(text: str, cell: Cell, source: str, ascii_only: bool) -> str:
    """The literals of *source*, laid out like those of *cell*."""
    spelled = {literal.value: text[literal.start : literal.end] for literal in cell.literals}

    def spell(line: str) -> str:
        return spelled.get(line) or json.dumps(line, ensure_ascii=ascii_only)

    values = [literal.value for literal in cell.literals]
    one_each = values == cell.source.splitlines(keepends=True)
    lines = source.splitlines(keepends=True) if cell.is_list and one_each else [source]
    return _separator(text, cell.literals).join(spell(line) for line in lines)


def _separator(text: str, literals: Sequence[Literal]) -> str:
    """What stands between two literals: as between the first two, or as before the only one."""
    if len(literals) > 1:
        return text[literals[0].end : literals[1].start]
    start = literals[0].start
    return "," + text[len(text[:start].rstrip(" \t\r\n")) : start]
