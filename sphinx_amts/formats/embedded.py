"""reST inside Markdown: what stands in the fences of MyST's ``eval-rst`` and of d2lbook's ``eval_rst``."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, MutableSequence, Sequence
from dataclasses import replace

from sphinx_amts.formats import Edit, Format, RenderError
from sphinx_amts.model import Span

SYNTAX = "rest"
"""What :attr:`sphinx_amts.model.Message.syntax` says of a message in such a fence."""

_OPENING = re.compile(r"[\s>]*(?:(?:[-*+:]|\d+[.)])\s+)*(`{3,}|~{3,}|:{3,})\s*(?:\{eval-rst\}|eval_rst)\s*$")


def blocks(lines: Sequence[str]) -> Iterator[range]:
    """The lines, counted from 0, between the fences of each block of reST."""
    start, mark = 0, ""
    for number, line in enumerate(lines):
        if not mark:
            if match := _OPENING.match(line):
                start, mark = number + 1, match[1]
        elif _closes(line, mark):
            yield range(start, number)
            mark = ""
    if mark:
        yield range(start, len(lines))


def _closes(line: str, mark: str) -> bool:
    rest = line.strip(" \t\r\n>")
    return len(rest) >= len(mark) and set(rest) == {mark[0]}


def splice(lines: MutableSequence[str], edits: Collection[Edit], format_: Format) -> None:
    """Put *edits*, which lie in blocks of reST, into *lines*; *format_* is that of reST.

    Each block becomes the first of its lines and the others become empty, so that line numbers stay valid.
    """
    for block in list(blocks(lines)) if edits else ():
        own = {_moved(edit, -block.start): edit for edit in edits if edit.message.spans[0].line - 1 in block}
        if own:
            try:
                text = format_.splice("".join(lines[block.start : block.stop]), list(own))
            except RenderError as error:
                raise RenderError(error.code, str(error), [own[edit] for edit in error.edits]) from error
            lines[block.start : block.stop] = [text, *[""] * (len(block) - 1)]


def _moved(edit: Edit, lines: int) -> Edit:
    spans = tuple(Span(span.line + lines, span.start, span.end) for span in edit.message.spans)
    return replace(edit, message=replace(edit.message, spans=spans))
