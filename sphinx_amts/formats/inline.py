"""Pieces of inline markup: to HTML fragments and back, sentence by sentence, with every tag checked.

An engine sees HTML (``translate="no"`` is the one protection that Amazon Translate documents); what it returns is parsed
strictly and compared with what was sent. Nothing here knows a markup language.
"""

from __future__ import annotations

import bisect
import html
import itertools
import re
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from html.parser import HTMLParser

from sphinx_amts.model import AmtsError, Fragment, Inline, Piece, Protected, Segment

ELEMENTS = {"emphasis": "em", "strong": "strong", "link": "a"}
"""HTML elements for kinds of inline markup; every other kind is a ``span``."""

_NAMES = "|".join(sorted({*ELEMENTS.values(), "span"}))

PLACEHOLDER = "\ufffc"
"""Stands for one protected object where only plain text counts (OBJECT REPLACEMENT CHARACTER)."""

_SPACE = re.compile(r"[ \t\r\n\f\v\x1c-\x1f\x85\u2028\u2029]+")
_UNFOLDED = re.compile(r"  |[\t\r\n\f\v\x1c-\x1f\x85\u2028\u2029]")
"""White space that :func:`fold` changes."""


class TagError(AmtsError):
    """A translated fragment whose markup is not that of its source; ``code`` is a stable short name."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def merge(pieces: Iterable[Piece]) -> Fragment:
    """Join neighbouring strings and drop empty ones."""
    merged: list[Piece] = []
    for piece in pieces:
        if isinstance(piece, str):
            if merged and isinstance(merged[-1], str):
                merged[-1] += piece
                continue
            if not piece:
                continue
        merged.append(piece)
    return tuple(merged)


def fold(pieces: Fragment) -> Fragment:
    """Fold every run of white space in the text of *pieces* to one space; no-break spaces stay."""
    folded: list[Piece] = []
    for piece in pieces:
        if isinstance(piece, str):
            folded.append(_SPACE.sub(" ", piece) if _UNFOLDED.search(piece) else piece)
        elif isinstance(piece, Inline):
            folded.append(replace(piece, children=fold(piece.children)))
        else:
            folded.append(piece)
    return merge(folded)


def walk(pieces: Fragment) -> Iterator[Piece]:
    """Yield every piece in reading order, markup before what it holds."""
    for piece in pieces:
        yield piece
        if isinstance(piece, Inline):
            yield from walk(piece.children)


def plain(pieces: Fragment, placeholder: str | None = None) -> str:
    """The text of *pieces* without markup; protected objects as *placeholder*, or as what a reader sees."""
    if len(pieces) == 1 and isinstance(pieces[0], str):
        return pieces[0]
    parts = []
    for piece in walk(pieces):
        if isinstance(piece, str):
            parts.append(piece)
        elif isinstance(piece, Protected):
            parts.append(piece.text if placeholder is None else placeholder)
    return "".join(parts)


def has_words(pieces: Fragment) -> bool:
    """Whether *pieces* hold a letter outside protected markup, so that there is something to translate."""
    return any(isinstance(piece, str) and any(char.isalpha() for char in piece) for piece in walk(pieces))


def skeleton(pieces: Fragment) -> tuple[object, ...]:
    """The markup of *pieces* without their text, for comparing structures."""
    found: list[object] = []
    for piece in pieces:
        if isinstance(piece, Protected):
            found.append((piece.kind, piece.source))
        elif isinstance(piece, Inline):
            found.append((piece.kind, piece.close, skeleton(piece.children)))
    return tuple(found)


# -- sentences -----------------------------------------------------------------------------------------------------


def cut(pieces: Fragment, spans: Sequence[tuple[int, int]]) -> list[Fragment]:
    """Cut *pieces* at sentence *spans* of ``plain(pieces, PLACEHOLDER)``; markup is never cut in two.

    Spans that one piece of markup connects come back as one fragment. White space between fragments is dropped.
    """
    starts = list(itertools.accumulate(map(_length, pieces), initial=0))
    return [_slice(pieces, starts, start, end) for start, end in _joined(pieces, starts, spans)]


def _length(piece: Piece) -> int:
    if isinstance(piece, str):
        return len(piece)
    return 1 if isinstance(piece, Protected) else sum(_length(child) for child in piece.children)


def _joined(pieces: Fragment, starts: Sequence[int], spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """*spans*, those as one that lie in one piece of inline markup."""
    closed = (starts[number : number + 2] for number, piece in enumerate(pieces) if isinstance(piece, Inline))
    nothing = (sys.maxsize, sys.maxsize)
    left, right = next(closed, nothing)
    joined: list[tuple[int, int]] = []
    for start, end in spans:
        while joined and right <= joined[-1][1]:
            left, right = next(closed, nothing)
        if joined and left < start:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined


def _slice(pieces: Fragment, starts: Sequence[int], start: int, end: int) -> Fragment:
    """What of *pieces*, which begin at *starts*, lies between two places of the plain text; markup only as a whole."""
    first = max(bisect.bisect_right(starts, start) - 1, 0)
    taken: list[Piece] = []
    for number in range(first, min(bisect.bisect_left(starts, end), len(pieces))):
        piece, position = pieces[number], starts[number]
        if isinstance(piece, str):
            taken.append(piece[max(start - position, 0) : end - position])
        elif start <= position and starts[number + 1] <= end:
            taken.append(piece)
    return merge(taken)


# -- HTML ----------------------------------------------------------------------------------------------------------


def encode(pieces: Fragment, order: Iterable[int] | None = None) -> str:
    """Write *pieces* as the HTML fragment that an engine sees; ids count from 1 in reading order, or come from *order*."""
    counter = itertools.count(1) if order is None else iter(order)

    def one(piece: Piece) -> str:
        if isinstance(piece, str):
            return html.escape(piece, quote=False)
        number = next(counter)
        if isinstance(piece, Protected):
            return f'<span id="{number}" translate="no">{html.escape(_visible(piece), quote=False)}</span>'
        element = ELEMENTS.get(piece.kind, "span")
        return f'<{element} id="{number}">{"".join(one(child) for child in piece.children)}</{element}>'

    return "".join(one(piece) for piece in pieces)


def segment(pieces: Fragment) -> Segment:
    """Make the segment of one sentence."""
    folded = fold(pieces)
    return Segment(encode(folded), folded)


def decode(text: str, source: Fragment) -> Fragment:
    """Parse a translated fragment and give its tags the markup of *source* back.

    Raises :class:`TagError` if a tag was lost, doubled, crossed, moved into another one, emptied or invented, if
    protected text was altered, or if the text is empty or holds control characters.
    """
    nodes = _nodes(text)
    if nodes == [text] and all(isinstance(piece, str) for piece in source):
        result = _trim(fold((text,)))
        _check_text(result, source)
        return result
    numbered = {str(number): piece for number, piece in enumerate(_markup(source), 1)}
    parents = _parents(source)
    seen: set[str] = set()
    pieces = _restore(nodes, numbered, parents, None, seen)
    if lost := [number for number in numbered if number not in seen]:
        raise TagError("tag-lost", f"markup was lost: {_describe(numbered[lost[0]])}")
    result = _trim(hoist(fold(pieces)))
    _check_text(result, source)
    return result


def _nodes(text: str) -> list[object]:
    """The tree of a fragment: ``str`` and ``(id, children)``."""
    if "<" not in text and "&" not in text:
        return [text]
    if (usual := _usual_nodes(text)) is not None:
        return usual
    parser = _FragmentParser()
    parser.feed(text)
    parser.close()
    if parser.stack:
        raise TagError("tag-crossed", f"the element {parser.stack[-1][0]!r} is never closed")
    return parser.root


_TAG = re.compile(rf'<(?:(/)({_NAMES})|({_NAMES}) id="(\d+)"(?: translate="no")?)>')


def _usual_nodes(text: str) -> list[object] | None:
    """The tree of a fragment whose tags all are as :func:`encode` writes them, each closed in its place; ``None`` of another one.

    As :class:`_FragmentParser` makes it, only faster.
    """
    first, *parts = _TAG.split(text)
    root: list[object] = [html.unescape(first)] if first else []
    level = root
    above: list[list[object]] = []
    names: list[str] = []
    if "<" in first:
        return None
    for slash, closed, name, number, data in zip(*(iter(parts),) * 5, strict=True):
        if "<" in data:
            return None
        if slash:
            if not names or names.pop() != closed:
                return None
            level = above.pop()
        else:
            children: list[object] = []
            level.append((number, children))
            above.append(level)
            names.append(name)
            level = children
        if data:
            level.append(html.unescape(data))
    return None if names else root


def _visible(piece: Protected) -> str:
    return _SPACE.sub(" ", piece.text)


def _markup(pieces: Fragment) -> Iterator[Protected | Inline]:
    for piece in walk(pieces):
        if not isinstance(piece, str):
            yield piece


def _parents(pieces: Fragment) -> dict[str, str | None]:
    """For each id, the id of the markup around it."""
    parents: dict[str, str | None] = {}

    def visit(level: Fragment, parent: str | None) -> None:
        for piece in level:
            if not isinstance(piece, str):
                number = str(len(parents) + 1)
                parents[number] = parent
                if isinstance(piece, Inline):
                    visit(piece.children, number)

    visit(pieces, None)
    return parents


def _describe(piece: Protected | Inline) -> str:
    return piece.source if isinstance(piece, Protected) else f"{piece.open}…{piece.close}"


class _FragmentParser(HTMLParser):
    """Builds a tree of ``str`` and ``(id, children)`` from a fragment; refuses what is not an element with an id."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root: list[object] = []
        self.stack: list[tuple[str, list[object]]] = []

    def _level(self) -> list[object]:
        return self.stack[-1][1] if self.stack else self.root

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        number = dict(attrs).get("id")
        if number is None:
            raise TagError("tag-invented", f"an element <{tag}> came back that was not sent")
        children: list[object] = []
        self._level().append((number, children))
        self.stack.append((tag, children))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.stack or self.stack[-1][0] != tag:
            raise TagError("tag-crossed", f"</{tag}> closes nothing, or elements cross")
        self.stack.pop()

    def handle_data(self, data: str) -> None:
        self._level().append(data)

    def handle_comment(self, data: str) -> None:
        raise TagError("tag-invented", f"a comment came back: {data[:40]!r}")

    def parse_html_declaration(self, i: int) -> int:
        """Refuse ``<!`` with anything behind it; the parser of the standard library fails on some of that."""
        raise TagError("tag-invented", f"a declaration came back: {self.rawdata[i : i + 40]!r}")

    def handle_pi(self, data: str) -> None:
        raise TagError("tag-invented", f"a processing instruction came back: {data[:40]!r}")


def _restore(
    nodes: Iterable[object],
    numbered: dict[str, Protected | Inline],
    parents: dict[str, str | None],
    parent: str | None,
    seen: set[str],
) -> Fragment:
    pieces: list[Piece] = []
    for node in nodes:
        if isinstance(node, str):
            pieces.append(node)
            continue
        assert isinstance(node, tuple)
        number, children = node
        if number not in numbered:
            raise TagError("tag-invented", f"an element with the unknown id {number!r} came back")
        if number in seen:
            raise TagError("tag-doubled", f"markup came back twice: {_describe(numbered[number])}")
        if parents[number] != parent:
            raise TagError("tag-moved", f"markup moved into or out of other markup: {_describe(numbered[number])}")
        seen.add(number)
        original = numbered[number]
        if isinstance(original, Protected):
            text = "".join(child for child in children if isinstance(child, str))
            if len(children) > 1 or _SPACE.sub("", text) != _SPACE.sub("", original.text):
                raise TagError("protected-altered", f"protected text was altered: {_describe(original)}")
            pieces.append(original)
        else:
            pieces.append(replace(original, children=_restore(children, numbered, parents, number, seen)))
    return merge(pieces)


def hoist(pieces: Fragment) -> Fragment:
    """Move white space at the edges of markup out of it: no markup language lets emphasis begin or end with space."""
    if not any(isinstance(piece, Inline) for piece in pieces):
        return fold(pieces)
    moved: list[Piece] = []
    for piece in pieces:
        if not isinstance(piece, Inline):
            moved.append(piece)
            continue
        children = list(hoist(piece.children))
        before = after = ""
        if children and isinstance(children[0], str):
            stripped = children[0].lstrip()
            before, children[0] = children[0][: len(children[0]) - len(stripped)], stripped
        if children and isinstance(children[-1], str):
            stripped = children[-1].rstrip()
            after, children[-1] = children[-1][len(stripped) :], stripped
        moved += [before, replace(piece, children=merge(children)), after]
    return fold(merge(moved))


def _trim(pieces: Fragment) -> Fragment:
    level = list(pieces)
    if level and isinstance(level[0], str):
        level[0] = level[0].lstrip()
    if level and isinstance(level[-1], str):
        level[-1] = level[-1].rstrip()
    return merge(level)


def _check_text(result: Fragment, source: Fragment) -> None:
    text, original = plain(result, ""), plain(source, "")
    if not text.strip() and has_words(source):
        raise TagError("empty", "the translation is empty")
    suspects = "" if text.isprintable() else text
    if bad := next((char for char in suspects if unicodedata.category(char) in {"Cc", "Cs", "Co"}), None):
        raise TagError("control-character", f"the translation holds the character U+{ord(bad):04X}")
    if len(text) > 10 * len(original) + 200:
        raise TagError("too-long", f"the translation has {len(text)} characters, its source {len(original)}")
    if (emptied := _empty(result)) and (lost := sorted(set(emptied) - set(_empty(source)))):
        raise TagError("tag-emptied", f"markup came back without its text: {_describe(emptied[lost[0]])}")


def _empty(pieces: Fragment) -> dict[str, Inline]:
    """Inline markup without text in it, by its spelling."""
    if not any(isinstance(piece, Inline) for piece in pieces):
        return {}
    inlines = (piece for piece in walk(pieces) if isinstance(piece, Inline))
    return {piece.open + piece.close: piece for piece in inlines if not plain(piece.children).strip()}
