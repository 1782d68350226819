"""Finding the lines of a message in its file.

A module of its own beside ``extract`` (the plan's fifteenth, at level 1) because it knows nothing of Sphinx: it matches the
text of a block with the lines of a file, near a line number that is sometimes off, and never takes a place twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from sphinx_amts.model import Span

CELL_LINES = 10_000
"""Line numbers from one cell of a notebook to the next."""

_NEAR = 12
_FAR = 400
_LONG = 25
"""Characters from which a text is long enough to be sought far from its line number."""

_AROUND = {
    "entry": (
        r"(?:^|  |\t|[|\"',;`:]) *(?:(?:[-*+•‣⁃]|--|\(?(?:#|\w{1,5})[.)]) +)*$",
        r"(?:  |\t| *[|\"',;`])",
    ),
    "term": (r"(?:^|  |\|)\s*(?::term:)?$", r" : |  | *\|"),
    "classifier": (r" : $", r" : |  | *\|"),
    "field_name": (r"(?:^|\s):$", r":(?:\s|$)"),
    "index": (r"(?:^\s*\.\.\s+index::|^\s+\w+:|^\s+|\{index\})\s*(?:!\s*)?(?:[^;,]*[;,]\s*)*(?:!\s*)?$", r"\s*[;,]"),
    "toctree": (r"^\s*$", r" <"),
    "title": (r"^\s*#+ +$|class=\"title\">$", r" +#+\s*$|</"),
    "attribution": (r"[{ ]attribution=\"$", r"\""),
    "meta": (r":\s+[\"']?$", r"[\"']?\s*$"),
    "caption": (r"(?:!\[|^\s*:)\s*$", r"\s*\][(\[]|\s*$"),
    "alt": (r"(?:!\[|(?:^\s*|[:-])alt:\s+[\"']?|alt=[\"']?)$", r"[\]\"']|\s*$"),
}
"""For kinds of messages that share their line: what must stand before and behind them."""

_SINGLE_QUOTE = re.compile(r'(?<!")"(?!")')
_BARE_BAR = re.compile(r"(?<!\\)\|")
_BORDER = re.compile(r"\s*=+(?: +=+)+\s*$")
"""The border of a simple table with more than one column."""

_IMAGE = re.compile(r"!\[((?:\\.|[^\]\\])+)\]")
_MATHS = re.compile(r"\$[^$]*\$")
_PATTERNS = {kind: (re.compile(before), re.compile(after)) for kind, (before, after) in _AROUND.items()}


def _letters(text: str) -> str:
    return "".join(char for char in text if char.isalnum())


def _occurrences(text: str, line: str) -> Iterator[int]:
    start = line.find(text)
    while start >= 0:
        yield start
        start = line.find(text, start + 1)


def _table_columns(lines: Sequence[str]) -> Iterator[tuple[int, tuple[int, ...]]]:
    """For each line, counted from 0, in a simple table of reST: where its columns begin.

    A table ends with a border that a blank line follows. One space is enough between columns.
    """
    columns: tuple[int, ...] = ()
    for number, line in enumerate(lines):
        if _BORDER.match(line):
            is_last = number + 1 == len(lines) or not lines[number + 1].strip()
            columns = () if is_last else tuple(match.start() for match in re.finditer("=+", line))
        elif columns:
            yield number, columns


def _fills_cell(line: str, start: int, end: int, columns: Sequence[int]) -> bool:
    """Whether *line* from *start* to *end* is all that stands in one of the columns."""
    for first, following in zip(columns, [*columns[1:], len(line) + 1], strict=True):
        if first <= start < following:
            return end < following and not (line[first:start] + line[end : following - 1]).strip()
    return False


def _ways(kind: str, is_hinted: bool) -> tuple[bool, ...]:
    """Ways in which a text of *kind* may stand on a line: ``False`` at its end, ``True`` between what belongs to its kind.

    A cell ends many a line that is not its own: only where its line number says so, anything may stand before it.
    """
    if kind == "entry" and not is_hinted:
        return (True,)
    return (False, True) if kind in _PATTERNS else (False,)


class FileIndex:
    """The lines of one file and which of their characters belong to messages already."""

    def __init__(self, text: str) -> None:
        self.lines = [line.rstrip("\r\n") for line in text.splitlines(keepends=True)]
        self._columns = dict(_table_columns(self.lines))
        self._taken: dict[tuple[int, bool], list[tuple[int, int]]] = {}
        self._last = 0

    def locate(self, raw: str, hint: int, kind: str) -> tuple[Span, ...]:
        """Find *raw* near the 1-based line *hint*; the spans found are taken. Empty if it is not there."""
        wanted = [part for line in raw.splitlines() if (part := line.strip())]
        if not wanted:
            return ()
        for candidates in (self._near(hint), self._far(wanted[0], hint, kind)):
            for number in candidates:
                for inside in _ways(kind, number == hint - 1):
                    if spans := self._match(wanted, number, kind, inside):
                        self._take(spans, kind)
                        return spans
        if kind == "entry" and _BARE_BAR.search(raw):  # Markdown writes a bar in a cell so
            return self.locate(_BARE_BAR.sub(r"\\|", raw), hint, kind)
        if kind == "entry" and _SINGLE_QUOTE.search(raw):  # a CSV table doubles a quote in a cell
            return self.locate(_SINGLE_QUOTE.sub('""', raw), hint, kind)
        return self._locate_flattened(raw, hint) if kind == "alt" else ()

    def _locate_flattened(self, raw: str, hint: int) -> tuple[Span, ...]:
        """An alternative text that holds inline markup in Markdown, where *raw* has lost it."""
        for number in self._near(hint):
            for match in _IMAGE.finditer(self.lines[number]):
                flattened = {_letters(match[1]), _letters(_MATHS.sub("", match[1]))}
                if _letters(raw) in flattened and self._free(number, *match.span(1), "alt"):
                    spans = (Span(number + 1, *match.span(1)),)
                    self._take(spans, "alt")
                    return spans
        return ()

    def parts(self) -> dict[int, list[str]]:
        """The lines, by the number of lines before them: all in one."""
        return {0: self.lines}

    def mentions(self, text: str, hint: int) -> bool:
        """Whether the letters of *text* stand at the 1-based line *hint*, or one beside it, with markup between them or not."""
        wanted = _letters(text)
        return any(wanted in _letters(line) for line in self.lines[max(hint - 2, 0) : hint + 1])

    def text(self, spans: tuple[Span, ...]) -> str:
        """What stands at *spans*, with line ends between them."""
        return "\n".join(self.lines[span.line - 1][span.start : span.end] for span in spans)

    def _take(self, spans: tuple[Span, ...], kind: str) -> None:
        for span in spans:
            self._taken.setdefault((span.line, kind == "alt"), []).append((span.start, span.end))
        self._last = spans[0].line - 1

    def _near(self, hint: int) -> list[int]:
        """Lines, counted from 0, around the 1-based *hint*, the nearest first."""
        first = hint - 1
        near = [first]
        for distance in range(1, _NEAR + 1):
            near += [first - distance, first + distance]
        return [number for number in near if 0 <= number < len(self.lines)]

    def _far(self, text: str, hint: int, kind: str) -> range:
        """Lines behind the last message, for kinds whose line numbers are not to be trusted, and for long texts."""
        if kind == "term":  # MyST counts the lines of a glossary from its first one
            return range(self._last, len(self.lines))
        if kind == "entry" or len(text) >= _LONG or hint <= 0:
            return range(self._last, min(len(self.lines), self._last + _FAR))
        return range(0)

    def _match(self, wanted: list[str], number: int, kind: str, inside: bool) -> tuple[Span, ...]:
        """The spans of *wanted* from line *number* on, or nothing."""
        if wanted[0] not in self._expanded(number):
            return ()
        for start in self._starts(wanted[0], number, kind, inside):
            spans = [Span(number + 1, start, start + self._width(wanted[0], number, start))]
            for text in wanted[1:]:
                number_next = spans[-1].line  # 0-based number of the line after the last span
                span = self._continuation(text, number_next, start, kind)
                if span is None:
                    break
                spans.append(span)
            else:
                return tuple(spans)
        return ()

    def _expanded(self, number: int) -> str:
        line = self.lines[number]
        return line.expandtabs(8) if "\t" in line else line

    def _width(self, text: str, number: int, start: int) -> int:
        """Characters of the line from *start* that, with tabs expanded, are *text*."""
        line = self.lines[number]
        if line.startswith(text, start):
            return len(text)
        rest = line[start:]
        return len(rest.rstrip()) if rest.strip() else len(rest)

    def _starts(self, text: str, number: int, kind: str, inside: bool) -> Iterator[int]:
        """Columns at which *text* stands on the line; unless *inside*, it must reach the line's end."""
        line = self.lines[number]
        if "\t" in line and text not in line:
            if line.strip().expandtabs(8) == text or line.expandtabs(8).strip() == text:
                yield len(line) - len(line.lstrip())
            return
        free = [start for start in _occurrences(text, line) if self._free(number, start, start + len(text), kind)]
        if kind == "entry" and (columns := self._columns.get(number)):
            cells = [start for start in free if _fills_cell(line, start, start + len(text), columns)]
            if cells:
                yield from cells
                return
        for start in free:
            if self._bounded(line, start, start + len(text), kind, inside):
                yield start

    def _free(self, number: int, start: int, end: int, kind: str) -> bool:
        taken = self._taken.get((number + 1, kind == "alt"), ())
        return all(end <= first or last <= start for first, last in taken)

    @staticmethod
    def _bounded(line: str, start: int, end: int, kind: str, inside: bool) -> bool:
        before, after = line[:start], line[end:]
        if inside or kind in {"alt", "index"}:
            left, right = _PATTERNS[kind]
            return bool(left.search(before) and (right.match(after) or not after.strip()))
        if after.strip():
            return False
        return not before or before[-1].isspace() or before[-1] in "|\"',"

    def _continuation(self, text: str, number: int, start: int, kind: str) -> Span | None:
        if number >= len(self.lines):
            return None
        line = self.lines[number]
        if kind == "entry" and line.startswith(text, start) and self._free(number, start, start + len(text), kind):
            return Span(number + 1, start, start + len(text))
        stripped = line.strip()
        if kind == "caption" and stripped.startswith(text + "]("):
            column = len(line) - len(line.lstrip())
            return Span(number + 1, column, column + len(text))
        if stripped == text or text in {stripped.expandtabs(8), line.expandtabs(8).strip()}:
            column = len(line) - len(line.lstrip())
            return Span(number + 1, column, column + len(stripped))
        if kind == "entry" and stripped.startswith(text + '"'):  # the end of a quoted field
            column = len(line) - len(line.lstrip())
            return Span(number + 1, column, column + len(text))
        if line.rstrip().endswith(text) and not any(char.isalnum() for char in line.rstrip()[: -len(text)]):
            column = len(line.rstrip()) - len(text)  # a quotation mark or bar stands before it
            return Span(number + 1, column, column + len(text))
        return None


class CellIndex:
    """The Markdown cells of a notebook by their numbers from 0, each with lines of its own.

    Lines are counted as MyST-NB counts them: ``(cell + 1) * 10000 + line``.
    """

    def __init__(self, cells: Mapping[int, str]) -> None:
        self._cells = {number: FileIndex(source) for number, source in cells.items()}

    @property
    def lines(self) -> list[str]:
        """The lines of all cells."""
        return [line for cell in self._cells.values() for line in cell.lines]

    def mentions(self, text: str, hint: int) -> bool:
        """See :meth:`FileIndex.mentions`."""
        number, line = divmod(hint, CELL_LINES)
        cell = self._cells.get(number - 1)
        return cell is not None and cell.mentions(text, line)

    def parts(self) -> dict[int, list[str]]:
        """The lines of each cell, by what is counted before them."""
        return {(number + 1) * CELL_LINES: cell.lines for number, cell in self._cells.items()}

    def locate(self, raw: str, hint: int, kind: str) -> tuple[Span, ...]:
        """Find *raw* near the line *hint*, in the cell that it names."""
        number, line = divmod(hint, CELL_LINES)
        cell = self._cells.get(number - 1)
        spans = cell.locate(raw, line, kind) if cell is not None else ()
        return tuple(replace(span, line=span.line + number * CELL_LINES) for span in spans)
