"""A language's habits (``amts_post``), run over the text of a message while its markup stays out of their reach."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from sphinx_amts.formats.inline import merge, plain
from sphinx_amts.model import Fragment, Inline, Piece, Pipeline

_MARKER = 0xE000
"""First of the private-use characters that stand for markup while ``amts_post`` runs."""


def polish(pieces: Fragment, pipeline: Pipeline, source: str) -> Fragment:
    """Run the language's habits (``amts_post``) over a text; markup is one private-use character to them.

    A callable that loses or reorders markup is ignored for that text.
    """
    if not pipeline.post or any(0xE000 <= ord(char) <= 0xF8FF for char in plain(pieces)):
        return pieces
    marks: list[Piece | str] = []
    text = _flatten(pieces, marks)
    context = SimpleNamespace(
        language=pipeline.language, source_language=pipeline.source_language, source=source, pipeline=pipeline
    )
    for habit in pipeline.post:
        changed = _call(habit, text, context)
        found = [char for char in changed if _MARKER <= ord(char) < _MARKER + len(marks)]
        if found == [chr(_MARKER + number) for number in range(len(marks))]:
            text = changed
    return _unflatten(text, marks)


def _call(habit: Callable[..., Any], text: str, context: SimpleNamespace) -> str:
    changed = habit(text, context)
    return changed if isinstance(changed, str) and changed.strip() else text


def _flatten(pieces: Iterable[Piece], marks: list[Piece | str]) -> str:
    text = ""
    for piece in pieces:
        if isinstance(piece, str):
            text += piece
            continue
        text += chr(_MARKER + len(marks))
        marks.append(piece)
        if isinstance(piece, Inline):
            text += _flatten(piece.children, marks)
            text += chr(_MARKER + len(marks))
            marks.append("")
    return text


def _unflatten(text: str, marks: Sequence[Piece | str]) -> Fragment:
    stack: list[tuple[Inline | None, list[Piece]]] = [(None, [])]
    for char in text:
        number = ord(char) - _MARKER
        if not 0 <= number < len(marks):
            stack[-1][1].append(char)
            continue
        mark = marks[number]
        if isinstance(mark, Inline):
            stack.append((mark, []))
        elif mark == "":
            around, children = stack.pop()
            assert around is not None, "markers are in order"
            stack[-1][1].append(replace(around, children=merge(children)))
        else:
            stack[-1][1].append(mark)
    return merge(stack[0][1])
