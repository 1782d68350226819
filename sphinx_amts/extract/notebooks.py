"""Notebooks in Sphinx: where their messages stand, and what must not happen while they are read.

MyST-NB numbers lines by cells. nbsphinx converts the whole notebook, so its line numbers say nothing and messages are found
by their words.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from sphinx.application import Sphinx

from sphinx_amts.formats import notebook
from sphinx_amts.locate import CellIndex
from sphinx_amts.model import Span

if TYPE_CHECKING:
    from sphinx_amts.formats.notebook.converted import Block, ConvertedFormat

SUFFIX = ".ipynb"
EMPTY = '{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'


class ConvertedIndex:
    """The Markdown cells of a notebook that nbsphinx converts to reST."""

    def __init__(self, text: str, format_: ConvertedFormat) -> None:
        from sphinx_amts.formats.notebook.converted import blocks

        self._cells = CellIndex(notebook.markdown_cells(text))
        self._format = format_
        self._left = blocks(text, format_)

    @property
    def lines(self) -> Sequence[str]:
        """The lines of all cells."""
        return self._cells.lines

    def locate(self, raw: str, hint: int, kind: str) -> tuple[Span, ...]:
        """Find the first text not yet taken that has the words of *raw*."""
        from sphinx_amts.formats.notebook.converted import key

        wanted = key(self._format.parse(raw, kind))
        for number, block in enumerate(self._left if wanted else ()):
            if block.matches(wanted, kind):
                self._take(number, block)
                return self._cells.locate(block.content, block.line, block.kind)
        return ()

    def _take(self, number: int, block: Block) -> None:
        """Forget *block*; texts before it stay, because a picture's text comes after its paragraph."""
        assert self._left[number] is block, "it was found there"
        del self._left[number]


def format_of(parser: str) -> str:
    """Name of the format of a notebook, by the package of the parser that reads it; empty for an unknown one."""
    return {"myst_nb": "notebook", "nbsphinx": "nbsphinx"}.get(parser, "")


def index(text: str, format_: str) -> CellIndex | ConvertedIndex | None:
    """Where the messages of a notebook stand; ``None`` if its format is not known."""
    if format_ == "notebook":
        return CellIndex(notebook.markdown_cells(text))
    if format_ == "nbsphinx" and find_spec("myst_parser"):
        from sphinx_amts.formats.notebook.converted import ConvertedFormat

        return ConvertedIndex(text, ConvertedFormat())
    return None


def _guard(app: Sphinx, docname: str, source: list[str]) -> None:
    """Read an empty notebook in place of one that no reader can take: the rest of the book goes on."""
    path = Path(str(app.env.doc2path(docname)))
    if app.builder.name == "amts" and path.suffix == SUFFIX and notebook.problem(source[0]):
        source[0] = EMPTY


def _leave_code_alone(app: Sphinx) -> None:
    """Execute nothing: code and its outputs are no prose."""
    if app.builder.name == "amts":
        for option, value in (("nb_execution_mode", "off"), ("nbsphinx_execute", "never")):
            if option in app.config:
                setattr(app.config, option, value)


def setup(app: Sphinx) -> None:
    """Connect to Sphinx's reading, before MyST-NB takes its options."""
    app.connect("source-read", _guard, priority=900)
    app.connect("builder-inited", _leave_code_alone, priority=100)
