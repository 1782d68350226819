"""HTML fragments: read, checked, counted and written again, with the same small tokenizer in both directions.

What we send is strict; what comes back is read with tolerance (upper case, unquoted attributes), because the caller
judges every segment by its elements and must see what the service made of them.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"})
"""Elements without an end tag (HTML Living Standard, section 13.1.2)."""

_ATTRIBUTE = re.compile(r"""\s+([^\s"'<>/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'=<>`]+)))?""")
_MARKUP = re.compile(
    r"""<!--.*?-->|<![A-Za-z][^>]*>|<\?xml\s[^>]*>|<(?P<end>/?)(?P<name>[A-Za-z][A-Za-z0-9:-]*)"""
    r"""(?P<attributes>(?:\s+[^\s"'<>/=]+(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'=<>`]+))?)*)\s*(?P<void>/?)>""",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Text:
    """A run of text, unescaped."""

    text: str
    """The characters that a reader sees."""


@dataclass(frozen=True, slots=True)
class Tag:
    """A start tag or an end tag."""

    name: str
    """Name in lower case."""
    attributes: tuple[tuple[str, str], ...] = ()
    """Names in lower case and unescaped values, in the order of the source."""
    end: bool = False
    """Whether it is an end tag."""
    void: bool = False
    """Whether it has no content and no end tag."""

    def get(self, attribute: str) -> str | None:
        """Return the value of *attribute*, or ``None``."""
        return dict(self.attributes).get(attribute)


def tokenize(fragment: str) -> Iterator[Text | Tag]:
    """Split *fragment* into text and tags; a ``<`` that begins no tag is text, comments,
    doctypes and XML declarations vanish.
    """
    position = 0
    text = ""
    for match in _MARKUP.finditer(fragment):
        text += fragment[position : match.start()]
        position = match.end()
        if not match["name"]:
            continue
        if text:
            yield Text(html.unescape(text))
            text = ""
        name = match["name"].lower()
        attributes = tuple(
            (key.lower(), html.unescape(double or single or bare))
            for key, double, single, bare in _ATTRIBUTE.findall(match["attributes"])
        )
        yield Tag(name, attributes, bool(match["end"]), bool(match["void"]) or name in VOID)
    text += fragment[position:]
    if text:
        yield Text(html.unescape(text))


def serialize(tokens: Iterable[Text | Tag]) -> str:
    """Write *tokens* as well-formed HTML: ``&``, ``<`` and ``>`` escaped, attributes quoted."""
    parts = []
    for token in tokens:
        if isinstance(token, Text):
            parts.append(html.escape(token.text, quote=False))
        elif token.end:
            parts.append(f"</{token.name}>")
        else:
            attributes = "".join(f' {key}="{html.escape(value)}"' for key, value in token.attributes)
            parts.append(f"<{token.name}{attributes}{'/' if token.void else ''}>")
    return "".join(parts)


def fault(tokens: Iterable[Text | Tag]) -> str | None:
    """Say what keeps *tokens* from being well-formed (tags that cross or stay open, an id used twice), or ``None``."""
    open_tags: list[str] = []
    ids: set[str] = set()
    for token in tokens:
        if isinstance(token, Text) or (token.void and token.end):
            continue
        if token.end:
            if not open_tags or open_tags.pop() != token.name:
                return f"</{token.name}> closes no open element"
            continue
        if not token.void:
            open_tags.append(token.name)
        identity = token.get("id")
        if identity is not None:
            if identity in ids:
                return f"id {identity!r} stands twice"
            ids.add(identity)
    return f"<{open_tags[-1]}> is not closed" if open_tags else None


def natural(fragment: str) -> str:
    """Return the natural-language text of *fragment*: no tags, nothing below ``translate="no"``."""
    return "".join(text for text, protected in _texts(fragment) if not protected)


def characters(fragment: str) -> int:
    """Count the characters of natural-language text in *fragment*: what is sent to be translated, and billed."""
    return len(natural(fragment))


def plain(fragment: str) -> str:
    """Return the text of *fragment*, protected text included, on one line."""
    return " ".join("".join(text for text, _ in _texts(fragment)).split())


def _texts(fragment: str) -> Iterator[tuple[str, bool]]:
    """Yield each run of text and whether it stands below an element with ``translate="no"``."""
    depth = 0
    for token in tokenize(fragment):
        if isinstance(token, Text):
            yield token.text, depth > 0
        elif token.void:
            continue
        elif token.end:
            depth = max(0, depth - 1)
        elif depth or token.get("translate") == "no":
            depth += 1
