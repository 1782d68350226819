"""Jupyter notebooks: Markdown cells are localized inside the JSON, everything else stays byte for byte.

Lines of a notebook are counted as MyST-NB counts them: ``(cell + 1) * 10000 + line``, cells from 0 and lines from 1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from sphinx_amts.formats import Edit, RenderError
from sphinx_amts.formats.myst import MystFormat
from sphinx_amts.formats.notebook import layout
from sphinx_amts.model import Span

LINES = 10_000
"""Line numbers from one cell to the next."""


class NotebookFormat(MystFormat):
    """Notebooks that MyST-NB reads: MyST Markdown in cells."""

    name = "notebook"

    def splice(self, text: str, edits: Iterable[Edit]) -> str:
        """See :meth:`sphinx_amts.formats.Format.splice`."""
        return splice_cells(text, edits, super().splice)


def markdown_cells(text: str) -> dict[int, str]:
    """The sources of the Markdown cells of a notebook by their numbers from 0; none if the text is no notebook."""
    try:
        found = layout.cells(text)
    except layout.LayoutError:
        return {}
    return {number: cell.source for number, cell in enumerate(found) if cell.kind == "markdown"}


def problem(text: str) -> tuple[int, str] | None:
    """The 1-based line and the reason why *text* is no notebook that can be localized."""
    try:
        layout.cells(text)
    except layout.LayoutError as error:
        return error.line, str(error)
    return None


def splice_cells(text: str, edits: Iterable[Edit], splice: Callable[[str, Iterable[Edit]], str]) -> str:
    """*text* with each cell spliced on its own, with lines that count from the start of the cell."""
    by_cell: dict[int, list[Edit]] = {}
    for edit in edits:
        by_cell.setdefault(edit.message.spans[0].line // LINES - 1, []).append(edit)
    sources = markdown_cells(text)
    return layout.replaced(text, {number: _spliced(sources, number, own, splice) for number, own in by_cell.items()})


def _spliced(
    sources: Mapping[int, str], number: int, edits: Sequence[Edit], splice: Callable[[str, Iterable[Edit]], str]
) -> str:
    originals = {_moved(edit, number): edit for edit in edits}
    try:
        return splice(sources[number], list(originals))
    except RenderError as error:
        raise RenderError(error.code, str(error), [originals[one] for one in error.edits]) from error


def _moved(edit: Edit, number: int) -> Edit:
    spans = tuple(Span(span.line - (number + 1) * LINES, span.start, span.end) for span in edit.message.spans)
    return Edit(replace(edit.message, spans=spans), edit.text)
