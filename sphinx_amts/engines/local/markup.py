"""HTML fragments as the engine protocol defines them: reading them, and checking that markup survived."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from html import escape
from html.parser import HTMLParser
from typing import TypeAlias

VOID = frozenset({"br", "hr", "img", "wbr"})


@dataclass(frozen=True, slots=True)
class Element:
    """An element of a fragment."""

    start: str
    """The start tag exactly as written."""
    end: str
    """The end tag; empty for an element that has none."""
    children: tuple[Node, ...] = ()
    """What stands inside."""
    protected: bool = False
    """Whether it says ``translate="no"``: it comes back unaltered."""


Node: TypeAlias = "str | Element"
"""A run of unescaped text, or an element."""


class MarkupError(ValueError):
    """A fragment whose elements do not nest."""


def parse(html: str) -> tuple[Node, ...]:
    """Read an HTML fragment; raise :class:`MarkupError` where elements cross or stay open."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.result()


def serialise(nodes: tuple[Node, ...]) -> str:
    """Write *nodes* as an HTML fragment with escaped text; the inverse of :func:`parse`."""
    return "".join(
        escape(node, quote=False) if isinstance(node, str) else f"{node.start}{serialise(node.children)}{node.end}"
        for node in nodes
    )


def same_markup(source: str, target: str) -> bool:
    """Whether *target* is well nested and has each element of *source* once, protected ones unaltered."""
    try:
        return inventory(parse(source)) == inventory(parse(target))
    except MarkupError:
        return False


def inventory(nodes: tuple[Node, ...]) -> Counter[str]:
    """Count the elements of a fragment: by start tag, protected ones with all that they hold."""
    found: Counter[str] = Counter()
    for node in nodes:
        if isinstance(node, str):
            continue
        if node.protected:
            found[serialise((node,))] += 1
        else:
            found[node.start] += 1
            found += inventory(node.children)
    return found


@dataclass(slots=True)
class _Open:
    """An element whose end tag has not come yet."""

    name: str
    start: str
    protected: bool
    children: list[Node] = field(default_factory=list)


class _Reader(HTMLParser):
    """Builds nodes from the parser's events."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._stack = [_Open("", "", protected=False)]

    def result(self) -> tuple[Node, ...]:
        if len(self._stack) > 1:
            raise MarkupError(f"{self._stack[-1].start} is not closed")
        return tuple(self._stack[0].children)

    def handle_data(self, data: str) -> None:
        children = self._stack[-1].children
        if children and isinstance(children[-1], str):
            children[-1] += data
        else:
            children.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        start = self.get_starttag_text() or ""
        if tag in VOID:
            self._stack[-1].children.append(Element(start, ""))
        else:
            self._stack.append(_Open(tag, start, protected=("translate", "no") in attrs))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        start = self.get_starttag_text() or f"<{tag}/>"
        self._stack[-1].children.append(Element(start, "", protected=("translate", "no") in attrs))

    def handle_endtag(self, tag: str) -> None:
        element = self._stack[-1]
        if element.name != tag:
            raise MarkupError(f"</{tag}> closes {element.start or 'nothing'}")
        self._stack.pop()
        closed = Element(element.start, f"</{tag}>", tuple(element.children), element.protected)
        self._stack[-1].children.append(closed)

    def handle_comment(self, data: str) -> None:
        raise MarkupError(f"comment in a fragment: {data[:40]!r}")
