"""From messages to sentences and back: splitting, joining, and the habits of a language."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from sphinx_amts import sentences
from sphinx_amts.formats import Format
from sphinx_amts.formats.inline import PLACEHOLDER, cut, fold, has_words, merge, plain, segment
from sphinx_amts.model import Fragment, Inline, Message, Piece, Pipeline, Protected, Segment

_UNSPACED = {"zh", "ja", "th", "lo", "my", "km"}
"""Languages that put no space between sentences."""

_MARKER = 0xE000
"""First of the private-use characters that stand for markup while ``amts_post`` runs."""


def split(message: Message, format_: Format, language: str) -> list[Segment]:
    """The sentences of *message*; a heading, term or cell is one segment whatever stops it holds."""
    pieces = format_.parse(message.raw, message.kind)
    text = plain(pieces, PLACEHOLDER)
    if not text.strip():
        return []
    whole = message.kind in {"title", "term", "toctree", "alt", "rubric", "field_name", "classifier", "index"}
    spans = [(0, len(text))] if whole else sentences.spans(text, language)
    return [segment(_trimmed(part)) for part in cut(pieces, spans)]


def split_fragment(pieces: Fragment, language: str) -> list[Fragment]:
    """The sentences of parsed text."""
    text = plain(pieces, PLACEHOLDER)
    return [_trimmed(part) for part in cut(pieces, sentences.spans(text, language))] if text.strip() else []


def _trimmed(pieces: Fragment) -> Fragment:
    level = list(fold(pieces))
    if level and isinstance(level[0], str):
        level[0] = level[0].lstrip()
    if level and isinstance(level[-1], str):
        level[-1] = level[-1].rstrip()
    return merge(level)


def translatable(one: Segment) -> bool:
    """Whether *one* holds words; what does not is the same in every language."""
    return has_words(one.pieces)


def join(parts: Sequence[Fragment], language: str) -> Fragment:
    """Put the sentences of a message together as *language* does."""
    space = "" if language.split("_", maxsplit=1)[0] in _UNSPACED else " "
    joined: list[Piece] = []
    for part in parts:
        if joined and part:
            joined.append(_gap(joined[-1], part[0], space))
        joined += part
    return merge(joined)


def _gap(before: Piece, after: Piece, space: str) -> str:
    """White space between two sentences; Latin text in a Chinese paragraph keeps its space."""
    if isinstance(before, Protected) and before.kind == "hardbreak":
        return ""
    if isinstance(after, Protected) and after.kind == "hardbreak":
        return ""
    end = before[-1:] if isinstance(before, str) else ""
    start = after[:1] if isinstance(after, str) else ""
    if not space and end.isascii() and (start.isascii() or not end):
        return " "
    return space


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
