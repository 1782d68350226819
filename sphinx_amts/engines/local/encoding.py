"""Segments as the models see them: objects instead of code, maths and numbers; no tags.

An object is one token of its kind, such as ``⟦m⟧`` for a formula. A pair is learned from with an object where both sides
have the same one, so that ``see ⟦r⟧`` helps with every reference. What only one side has becomes :data:`FOREIGN`, and no
phrase that holds it is ever used: so a translation has exactly the objects of its source.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sphinx_amts.engines.local import markup, tokens

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sphinx_amts.model import SegmentPair

FOREIGN = "⟦x⟧"
_LITERAL = re.compile(
    r"https?://[^\s（）()，。]+"
    r"|(?<![\w.])[\w.+-]+@\w[\w-]*(?:\.\w[\w-]*)+"  # an address
    r"|\b\w+(?:[_/]\w+)+\b"  # a path or an identifier
    r"|(?<![^\W_])\d[\d.,]*\d(?![^\W_])"  # a number of two digits or more; one digit may well be written as a word
    rf"|[⟦⟧{tokens.JOINER}\x00-\x08\x0e-\x1f\x7f]+"
)
_KINDS = (
    ("n", re.compile(r"[\d.,]+$")),
    ("m", re.compile(r"\$|\\|[^\W\d_]$|.*[\^=]|.*\\")),
    ("r", re.compile(r":[\w:.+-]+:`|(?:fig|sec|chap|subsec|eq|tab)[_:-]")),
)


@dataclass(frozen=True, slots=True)
class Mark:
    """An element around translatable text."""

    start: str
    """Its start tag, exactly as written."""
    end: str
    """Its end tag."""
    first: int
    """Index of the first token inside."""
    last: int
    """One past the last token inside."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """A segment as tokens."""

    forms: tuple[str, ...]
    """Its tokens, with joiners; an object is a token of its kind."""
    surfaces: tuple[str, ...]
    """What each token stands for: text as written, for an object its HTML."""
    marks: tuple[Mark, ...]
    """Elements around text, in the order of their start tags."""

    @property
    def words(self) -> tuple[str, ...]:
        """The tokens without joiners: the source side of all models."""
        return tuple(tokens.bare(form) for form in self.forms)


def is_object(form: str) -> bool:
    """Whether a token (with or without joiners) is an object."""
    return tokens.bare(form).startswith("⟦")


def objects(forms: Iterable[str]) -> list[str]:
    """The objects among *forms*, sorted."""
    return sorted(tokens.bare(form) for form in forms if is_object(form))


def encode(html: str) -> Encoded:
    """Encode a segment that is to be translated; raise :class:`~.markup.MarkupError` where its elements do not nest."""
    return _Encoder(None).encode(markup.parse(html))


def encode_pair(pair: SegmentPair) -> tuple[Encoded, Encoded]:
    """Encode both sides of a pair, with objects where both have the same; raise :class:`~.markup.MarkupError`."""
    source, target = markup.parse(pair.source), markup.parse(pair.target)
    shared = Counter(_contents(source)) & Counter(_contents(target))
    return _Encoder(shared).encode(source), _Encoder(shared).encode(target)


def _contents(nodes: tuple[markup.Node, ...]) -> Iterator[str]:
    """What the objects among *nodes* hold; ids do not count, since they differ between the sides of a pair."""
    for node in nodes:
        if isinstance(node, str):
            for match in _LITERAL.finditer(node):
                yield match[0]
        elif node.protected:
            yield markup.serialise(node.children)
        else:
            yield from _contents(node.children)


def _token_for(content: str) -> str:
    return f"⟦{next((kind for kind, pattern in _KINDS if pattern.match(content)), 'c')}⟧"


class _Encoder:
    """Writes nodes as one text with object tokens in it, and remembers what stands where."""

    def __init__(self, shared: Counter[str] | None) -> None:
        self._left = None if shared is None else shared.copy()
        self._parts: list[str] = []
        self._length = 0
        self._objects: dict[int, str] = {}
        self._elements: list[tuple[markup.Element, int, int]] = []

    def encode(self, nodes: tuple[markup.Node, ...]) -> Encoded:
        self._write(nodes)
        text = "".join(self._parts)
        cuts = [offset for _, start, end in self._elements for offset in (start, end)]
        found = tokens.tokenise(text, cuts)
        marks = []
        for element, start, end in self._elements:
            inside = [index for index, token in enumerate(found) if start <= token.start and token.end <= end]
            assert inside, "an element without a token is an object"
            marks.append(Mark(element.start, element.end, inside[0], inside[-1] + 1))
        return Encoded(
            tuple(token.form for token in found),
            tuple(self._objects.get(token.start) or _escape(text[token.start : token.end]) for token in found),
            tuple(marks),
        )

    def _write(self, nodes: tuple[markup.Node, ...]) -> None:
        for node in nodes:
            if isinstance(node, str):
                self._text(node)
            elif node.protected or not _has_token(node.children):
                content = markup.serialise(node.children)
                self._object(content, markup.serialise((node,)), FOREIGN)
            else:
                slot = len(self._elements)
                start = self._length
                self._elements.append((node, start, start))
                self._write(node.children)
                self._elements[slot] = (node, start, self._length)

    def _text(self, text: str) -> None:
        position = 0
        for match in _LITERAL.finditer(text):
            self._add(text[position : match.start()])
            self._object(match[0], _escape(match[0]), re.sub(rf"[⟦⟧{tokens.JOINER}\x00-\x1f\x7f]", "", match[0]))
            position = match.end()
        self._add(text[position:])

    def _object(self, content: str, html: str, otherwise: str) -> None:
        """Write an object; in a pair whose other side has not the same, write *otherwise*."""
        if self._left is not None:
            if not self._left[content]:
                self._add(otherwise)
                return
            self._left[content] -= 1
        self._objects[self._length] = html
        self._add(_token_for(content))

    def _add(self, text: str) -> None:
        self._parts.append(text)
        self._length += len(text)


def _has_token(nodes: tuple[markup.Node, ...]) -> bool:
    return any(node.strip() if isinstance(node, str) else node.protected or _has_token(node.children) for node in nodes)


def _escape(text: str) -> str:
    return markup.serialise((text,))
