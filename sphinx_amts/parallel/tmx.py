"""Reading and writing TMX 1.4b (Localisation Industry Standards Association, TMX 1.4b Specification, 2005)."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from sphinx_amts.parallel import xml
from sphinx_amts.parallel.languages import find

KIND = xml.Kind("TMX", "tmx", "tu", "Export the file as TMX 1.4.")
"""TMX as :func:`sphinx_amts.parallel.xml.read` knows it."""

OMEGAT_TAG = re.compile(r"<(?P<close>/?)(?P<name>[A-Za-z]+\d+)(?P<alone>/?)>")
"""OmegaT writes its short names of a document's tags into the text: ``<g0>``, ``</g0>``, ``<x1/>``."""

_TOOL = 'creationtool="sphinx_amts" creationtoolversion="1" o-tmf="sphinx_amts"'
_CODE_TAG = re.compile(r"\s*<[^<>]*>\s*")


def read(path: Path, data: bytes, source: str, target: str) -> Iterator[tuple[int, str, str]]:
    """Give of each translation unit with both languages its line and its two segments. Raises :class:`FileError`."""
    for unit, around in xml.read(path, data, KIND):
        sides = variants(unit, source, target)
        if sides is not None:
            omegat = from_omegat(around)
            yield unit.line, _text(sides[0], omegat), _text(sides[1], omegat)


def variants(unit: xml.Element, source: str, target: str) -> tuple[xml.Element, xml.Element] | None:
    """The segments (``seg``) of a translation unit in two languages; ``None`` if it has not both."""
    found = [(language(tuv), seg) for tuv in unit.all("tuv") if (seg := tuv.first("seg")) is not None]
    codes = [code for code, _ in found]
    places = find(codes, source), find(codes, target)
    if places[0] is None or places[1] is None or places[0] == places[1]:
        return None
    return found[places[0]][1], found[places[1]][1]


def language(variant: xml.Element) -> str:
    """The language code of a ``tuv``; files of TMX 1.1 have it without ``xml:``."""
    return variant.attributes.get("xml:lang") or variant.attributes.get("lang") or ""


def from_omegat(around: tuple[xml.Element, ...]) -> bool:
    """Whether OmegaT wrote the file whose unit has these elements *around* it."""
    header = around[0].first("header")
    return header is not None and header.attributes.get("creationtool", "").lower().startswith("omegat")


def write(codes: tuple[str, str], pairs: Iterable[tuple[str, str]]) -> bytes:
    """Write pairs as level 1: a fragment's tags are part of its text, which every tool keeps."""
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<tmx version="1.4">',
        f'<header {_TOOL} segtype="sentence" adminlang="en" srclang={quoteattr(codes[0])} datatype="html"/>',
        "<body>",
    ]
    for pair in pairs:
        variants = (
            f"<tuv xml:lang={quoteattr(code)}><seg>{escape(xml.INVALID.sub('', text))}</seg></tuv>"
            for code, text in zip(codes, pair, strict=True)
        )
        lines.append(f"<tu>{''.join(variants)}</tu>")
    return "\n".join([*lines, "</body>", "</tmx>", ""]).encode()


def _text(segment: xml.Element, omegat: bool) -> str:
    text = "".join(_runs(segment, [0]))
    return OMEGAT_TAG.sub("", text) if omegat else text


def _runs(element: xml.Element, objects: list[int]) -> Iterator[str]:
    """The text of a segment: its own and highlighted text, and what placeholders stand for as protected text.

    What other inline elements hold is code of the tool that wrote the file, and so is a placeholder that holds a tag.
    """
    for child in element.children:
        if isinstance(child, str):
            yield child
        elif child.name == "hi":
            yield from _runs(child, objects)
        elif child.name == "ph":
            code = "".join(part for part in child.children if isinstance(part, str))
            if code.strip() and not _CODE_TAG.fullmatch(code):
                objects[0] += 1
                yield f'<span id="{objects[0]}" translate="no">{html.escape(code.strip(), quote=False)}</span>'
