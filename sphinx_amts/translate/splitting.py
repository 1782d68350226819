"""From messages to sentences, and from sentences to the text of a message."""

from __future__ import annotations

from collections.abc import Sequence

from sphinx_amts import sentences
from sphinx_amts.formats import Format
from sphinx_amts.formats.inline import PLACEHOLDER, cut, fold, has_words, merge, plain, segment
from sphinx_amts.model import Fragment, Message, Piece, Protected, Segment

_UNSPACED = {"zh", "ja", "th", "lo", "my", "km"}
"""Languages that put no space between sentences."""


def split(message: Message, format_: Format, language: str) -> list[Segment]:
    """The sentences of *message*; a heading, term or cell is one segment whatever stops it holds."""
    return split_parsed(format_.parse(message.raw, message.kind), message.kind, language)


def split_parsed(pieces: Fragment, kind: str, language: str) -> list[Segment]:
    """The sentences of a message of *kind*, as :func:`split` finds them."""
    text = plain(pieces, PLACEHOLDER)
    if not text.strip():
        return []
    whole = kind in {"title", "term", "toctree", "alt", "rubric", "field_name", "classifier", "index"}
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
