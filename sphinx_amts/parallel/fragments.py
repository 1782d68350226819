"""Fields of files of pairs as HTML fragments, read leniently, and long ones cut into sentences."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from sphinx_amts.sentences import PLACEHOLDER, spans

_TAG = re.compile(r"""<(?:(?P<open>[a-z]+)(?P<attributes>(?:\s+[\w:-]+="[^"<>]*")*)|/(?P<close>[a-z]+))\s*>""")
_REFERENCE = re.compile(r"&(?:[a-zA-Z]+\d*|#\d+|#[xX][0-9a-fA-F]+);")
_PROTECTED = re.compile(r'<span\b[^<>]*translate="no"[^<>]*>.*?</span>')


_SPACE = re.compile(r"[ \t\r\n\f\v\x1c-\x1f\x85\u2028\u2029]+")


def fold(text: str) -> str:
    """Fold white space, which also makes one line of the text; no-break and ideographic spaces stay."""
    return _SPACE.sub(" ", text).strip(" ")


def fragment(text: str) -> str:
    """Give a field as an HTML fragment, with white space folded.

    What looks like markup as an engine sees it - elements with an ``id`` that open and close in order - is markup; a
    character reference such as ``&amp;`` stands for its character; every other ``<``, ``>`` and ``&`` is text.
    """
    folded = fold(text)
    if not _is_markup(folded):
        return _escaped(folded)
    parts = []
    position = 0
    for match in _TAG.finditer(folded):
        parts += [_escaped(folded[position : match.start()]), match[0]]
        position = match.end()
    return "".join([*parts, _escaped(folded[position:])])


def _escaped(text: str) -> str:
    """Escape what is not part of a character reference, and write references as characters where they may be."""
    return html.escape(_REFERENCE.sub(lambda match: html.unescape(match[0]), text), quote=False)


def _is_markup(text: str) -> bool:
    """Tell whether all tags of *text* are elements with an ``id`` that open and close in order."""
    open_elements = []
    for match in _TAG.finditer(text):
        if match["open"]:
            if ' id="' not in match["attributes"]:
                return False
            open_elements.append(match["open"])
        elif not open_elements or open_elements.pop() != match["close"]:
            return False
    return not open_elements


def sentences(text: str, language: str) -> list[str]:
    """Cut a fragment into its sentences; an element is never cut in two."""
    plain: list[str] = []
    offsets: list[int] = []
    position = 0
    for start, end, shown in _marks(text):
        plain += [*text[position:start], *shown]
        offsets += [*range(position, start), *([start] * len(shown))]
        position = end
    plain += text[position:]
    offsets += range(position, len(text))
    found: list[str] = []
    begin = 0
    for end in [*(offsets[start] for start, _ in spans("".join(plain), language)[1:]), len(text)]:
        piece = text[begin:end].strip()
        if _is_markup(piece):
            found.append(piece)
            begin = end
    return found if begin == len(text) else [text]


def _marks(text: str) -> Iterator[tuple[int, int, str]]:
    """Give the places of protected elements (shown as a placeholder), other tags and character references."""
    protected = [(match.start(), match.end(), PLACEHOLDER) for match in _PROTECTED.finditer(text)]
    inside = {place for start, end, _ in protected for place in range(start, end)}
    others = [(match.start(), match.end(), "") for match in _TAG.finditer(text) if match.start() not in inside]
    references = [
        (match.start(), match.end(), html.unescape(match[0])[:1])
        for match in _REFERENCE.finditer(text)
        if match.start() not in inside
    ]
    yield from sorted(protected + others + references)
