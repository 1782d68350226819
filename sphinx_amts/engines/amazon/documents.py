"""Segments packed into HTML documents, and found again by id in what comes back.

Every segment is one ``<div id="s7">``; the ids inside it get that id as a prefix (``s7-1``), so that no id stands twice
in a document and an element that strays into a neighbour is recognised. A document holds no text but the segments':
nothing else is billed. Protected elements keep the ``translate="no"`` that they came with (Developer Guide, "Using
do-not-translate in Amazon Translate").
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from sphinx_amts.engines.amazon.markup import Tag, Text, fault, natural, serialize, tokenize

_HEAD = '<!DOCTYPE html><html><head><meta charset="utf-8"/></head><body>'
_TAIL = "</body></html>"
_SEGMENT_ID = re.compile(r"s(\d+)")
_SILENT = frozenset({"head", "title", "style", "script"})
"""Elements whose text no reader sees; who writes a document anew may add some."""
_BYTE_ORDER_MARK = "\ufeff"


@dataclass(frozen=True, slots=True)
class Document:
    """Segments that travel together."""

    segments: tuple[str, ...]
    """The segments, as they were given."""
    body: str
    """One element per segment, in order, with nothing between them."""

    @property
    def html(self) -> str:
        """The whole document; the service translates only what stands inside ``<html>``."""
        return f"{_HEAD}{self.body}{_TAIL}"


@dataclass(frozen=True, slots=True)
class Packed:
    """The documents, and what fits into none."""

    documents: tuple[Document, ...]
    """In the order of the segments."""
    refused: tuple[tuple[str, str], ...]
    """Segments that cannot be sent, each with the reason."""


def pack(segments: Iterable[str], usual: int, largest: int) -> Packed:
    """Fill documents with *segments*, in order, up to *usual* bytes (UTF-8).

    A longer segment has a document of its own, up to *largest* bytes; with 0 as *usual* every segment has.
    """
    usual_room, largest_room = (limit - len(_HEAD) - len(_TAIL) for limit in (usual, largest))
    documents: list[Document] = []
    refused: list[tuple[str, str]] = []
    held: list[str] = []
    body = ""
    size = 0
    for segment in segments:
        element, problem = _element(segment, len(held))
        length = len(element.encode())
        if held and problem is None and size + length > usual_room:
            documents.append(Document(tuple(held), body))
            held, body, size = [], "", 0
            element, problem = _element(segment, 0)
            length = len(element.encode())
        if problem is None and length > largest_room:
            problem = f"it is {length} bytes long; {largest_room} fit into one request"
        if problem is not None:
            refused.append((segment, problem))
            continue
        held.append(segment)
        body += element
        size += length
    if held:
        documents.append(Document(tuple(held), body))
    return Packed(tuple(documents), tuple(refused))


def _element(segment: str, index: int) -> tuple[str, str | None]:
    """Wrap *segment* as number *index* of its document; the second item says why it cannot be."""
    tokens = list(tokenize(segment))
    problem = fault(tokens)
    if problem is not None:
        return "", f"its markup is broken: {problem}"
    inner = serialize(_renamed(token, lambda identity: f"s{index}-{identity}") for token in tokens)
    return f'<div id="s{index}">{inner}</div>', None


def _renamed(token: Text | Tag, rename: Callable[[str], str]) -> Text | Tag:
    if isinstance(token, Text) or token.get("id") is None:
        return token
    attributes = tuple((key, rename(value) if key == "id" else value) for key, value in token.attributes)
    return replace(token, attributes=attributes)


def unpack(translated: str, count: int) -> list[str | None]:
    """Find *count* segments in a translated document (or body), by id.

    ``None`` stands for a segment that is missing, came twice, is empty, was cut short, or stands next to text outside
    all segments, which may be its own.
    """
    reader = _Reader(count)
    for token in tokenize(translated):
        reader.take(token)
    return reader.result()


class _Reader:
    """Collects the content of each segment's element."""

    def __init__(self, count: int) -> None:
        self._found: dict[int, list[Text | Tag]] = {}
        self._damaged: set[int] = set()
        self._count = count
        self._current: int | None = None
        self._last: int | None = None
        self._depth = 0
        self._stray = False
        self._silent: str | None = None

    def take(self, token: Text | Tag) -> None:
        index = self._opens(token)
        if index is not None:
            self._begin(index)
        elif self._current is None:
            self._pass_by(token)
        elif isinstance(token, Tag) and token.name == "div" and not token.void:
            self._depth += -1 if token.end else 1
            if self._depth == 0:
                self._current = None
            else:
                self._keep(token)
        else:
            self._keep(token)

    def _pass_by(self, token: Text | Tag) -> None:
        """Take note of *token* outside all segments: text that a reader sees may belong to one of them."""
        if isinstance(token, Text):
            seen = self._silent is None and token.text.replace(_BYTE_ORDER_MARK, "").strip()
            self._stray = self._stray or bool(seen)
        elif self._silent is None and token.name in _SILENT and not token.end and not token.void:
            self._silent = token.name
        elif token.name == self._silent and token.end:
            self._silent = None

    def _opens(self, token: Text | Tag) -> int | None:
        if isinstance(token, Text) or token.end or token.name != "div":
            return None
        match = _SEGMENT_ID.fullmatch(token.get("id") or "")
        return int(match[1]) if match and int(match[1]) < self._count else None

    def _begin(self, index: int) -> None:
        if self._current is not None:
            self._damaged.add(self._current)
        self._settle_stray(index)
        self._silent = None
        if index in self._found:
            self._damaged.add(index)
        self._found[index] = []
        self._current = self._last = index
        self._depth = 1

    def _settle_stray(self, following: int | None) -> None:
        if self._stray:
            self._damaged.update(index for index in (self._last, following) if index is not None)
        self._stray = False

    def _keep(self, token: Text | Tag) -> None:
        assert self._current is not None
        prefix = f"s{self._current}-"
        self._found[self._current].append(_renamed(token, lambda identity: identity.removeprefix(prefix)))

    def result(self) -> list[str | None]:
        if self._current is not None:
            self._damaged.add(self._current)
        self._settle_stray(None)
        return [None if index in self._damaged else self._text(index) for index in range(self._count)]

    def _text(self, index: int) -> str | None:
        fragment = serialize(self._found.get(index, ()))
        return fragment if natural(fragment).strip() else None
