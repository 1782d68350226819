"""Texts with codes: what TMX and XLIFF hold in place of a document's inline markup, and back to pieces.

The codes of a source are numbered in reading order, as an engine sees them; those of a translation have the numbers of their
source. A translation whose markup is not its source's has codes of its own (1001, 1002 …), so that every text can be written.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from sphinx_amts.formats.inline import TagError, decode, encode, walk
from sphinx_amts.model import Fragment, Inline, Protected
from sphinx_amts.translate.asking import order_like

_SPACE = re.compile(r"[ \t\r\n\f\v\x1c-\x1f\x85\u2028\u2029]+")
_OWN = 1001
"""Number of the first code of a translation that has codes of its own: no message has so many."""
_SHAPES = {"open": "\ue000", "close": "\ue001", "alone": "\ue002"}
"""Private-use characters that stand for codes where texts are compared."""


@dataclass(frozen=True, slots=True)
class Code:
    """Inline markup, or the begin or end of it, in a text."""

    key: str
    """What tells it apart from the other codes of its unit; begin and end of one markup have the same."""
    shape: Literal["open", "close", "alone"]
    """Whether it begins markup that holds text, ends it, or holds no text to be translated."""
    native: str = ""
    """The markup in the document's syntax; empty where the file does not hold it."""
    kind: str = ""
    """The syntax's name for it (``literal``, ``role:ref`` …)."""
    shown: str = ""
    """What a reader sees in its place, for markup that holds no text to be translated."""


Content: TypeAlias = "tuple[str | Code, ...]"
"""A text: runs of text and codes, in reading order."""


def of_source(pieces: Fragment) -> Content:
    """The content of a source text."""
    return tuple(_parts(pieces, iter([str(number) for number in range(1, len(_codes(pieces)) + 1)])))


def of_translation(pieces: Fragment, source: Fragment) -> Content:
    """The content of a translation, with the codes of its *source* if they are the same markup in a possible order."""
    try:
        order = order_like(pieces, source)
        decode(encode(pieces, order), source)
    except (LookupError, TagError):
        return with_own_codes(pieces)
    return tuple(_parts(pieces, iter([str(number) for number in order])))


def with_own_codes(pieces: Fragment) -> Content:
    """The content of a translation whose codes are none of its source's."""
    return tuple(_parts(pieces, iter([str(_OWN + number) for number in range(len(_codes(pieces)))])))


def _codes(pieces: Fragment) -> list[Protected | Inline]:
    return [piece for piece in walk(pieces) if not isinstance(piece, str)]


def _parts(pieces: Fragment, keys: Iterator[str]) -> Iterator[str | Code]:
    for piece in pieces:
        if isinstance(piece, str):
            yield piece
            continue
        key = next(keys)
        if isinstance(piece, Protected):
            yield Code(key, "alone", piece.source, piece.kind, piece.text)
        else:
            yield Code(key, "open", piece.open, piece.kind)
            yield from _parts(piece.children, keys)
            yield Code(key, "close", piece.close, piece.kind)


def plain(content: Content) -> str | None:
    """The text of a content without codes; ``None`` if it has some."""
    texts = [part for part in content if isinstance(part, str)]
    return "".join(texts) if len(texts) == len(content) else None


def folded(text: str) -> str:
    """*text* with every run of white space as one space, and none at its ends."""
    return _SPACE.sub(" ", text).strip(" ")


def signature(content: Content) -> str:
    """What a text is compared by, whatever its codes are called: its text and the shapes of its codes."""
    return folded("".join(part if isinstance(part, str) else _SHAPES[part.shape] for part in content))


def same(first: Content, second: Content) -> bool:
    """Whether two contents hold the same text with the same codes."""
    return signature(first) == signature(second) and _marks(first) == _marks(second)


def _marks(content: Content) -> list[tuple[str, str]]:
    return [(part.key, part.shape) for part in content if isinstance(part, Code)]


def uses(content: Content, codes: Content) -> bool:
    """Whether a content has codes, and all of them are among *codes*."""
    marks = _marks(content)
    return bool(marks) and set(marks) <= set(_marks(codes))


def natives(content: Content) -> Mapping[str, str]:
    """The markup of the codes without text, by key, white space left out."""
    return {
        part.key: _SPACE.sub("", part.native) for part in content if isinstance(part, Code) and part.shape == "alone"
    }


def restore(content: Content, source: Content, pieces: Fragment) -> Fragment:
    """The pieces of a translation's *content*, whose codes are those of *source*, the content of *pieces*.

    Codes are identified by their place in the source: what a tool calls them does not matter. Raises
    :class:`~sphinx_amts.formats.inline.TagError` if codes were lost, doubled, crossed, moved or altered.
    """
    keys = [part.key for part in source if isinstance(part, Code) and part.shape != "close"]
    originals = _codes(pieces)
    if len(keys) != len(originals):
        raise TagError("tag-lost", "the codes of the source are not those of the book")
    places = {key: (str(number), piece) for number, (key, piece) in enumerate(zip(keys, originals, strict=True), 1)}
    return decode("".join(_fragment(content, places, natives(source))), pieces)


def _fragment(
    content: Content, places: Mapping[str, tuple[str, Protected | Inline]], known: Mapping[str, str]
) -> Iterator[str]:
    """The HTML fragment of a content, as :func:`~sphinx_amts.formats.inline.decode` takes it."""
    for part in content:
        if isinstance(part, str):
            yield html.escape(part, quote=False)
            continue
        number, original = places.get(part.key, ("", None))
        if original is None:
            raise TagError("tag-invented", f"the code {part.key!r} is none of the source's")
        native = _SPACE.sub("", part.native)
        if part.shape == "alone" and native and native != known.get(part.key, native):
            raise TagError("protected-altered", f"protected text was altered: {known[part.key]}")
        shown = html.escape(original.text, quote=False) if isinstance(original, Protected) else ""
        yield from {
            "open": (f'<span id="{number}">',),
            "close": ("</span>",),
            "alone": (f'<span id="{number}">{shown}</span>',),
        }[part.shape]
