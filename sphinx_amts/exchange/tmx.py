"""Reading and writing translation memories of whole messages in TMX 1.4b, with codes (level 2) and the marks of our entries.

OmegaT's names of tags in the text (``<g0>``) and in codes, and segments without codes as other programs write them, are read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from xml.sax.saxutils import quoteattr

from sphinx_amts.exchange.content import Code, Content
from sphinx_amts.exchange.unit import Unit, read_marks
from sphinx_amts.model import FileError
from sphinx_amts.parallel import tmx, xml
from sphinx_amts.parallel.languages import language_tag

_HEADER = 'creationtool="sphinx_amts" creationtoolversion="1" segtype="paragraph" o-tmf="sphinx_amts" adminlang="en"'
_PLACE, _MARK = "x-amts-place", "x-amts-mark"
_TYPES = {"emphasis": "italic", "strong": "bold", "link": "link", "hardbreak": "lb", "image": "image"}


# -- writing -------------------------------------------------------------------------------------------------------


def write(units: Iterable[Unit], languages: tuple[str, str]) -> bytes:
    """The memory of those *units* that have a translation."""
    codes = [language_tag(language) for language in languages]
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<tmx version="1.4">',
        f'<header {_HEADER} srclang="{codes[0]}" datatype="unknown"/>',
        "<body>",
    ]
    for unit in units:
        if unit.target:
            lines += [f"<tu tuid={quoteattr(unit.key)}>", f'<prop type="{_PLACE}">{xml.escaped(unit.place)}</prop>']
            lines += [f'<prop type="{_MARK}">{xml.escaped(mark)}</prop>' for mark in unit.marks.lines()]
            for code, content in zip(codes, (unit.source, unit.target), strict=True):
                lines.append(f'<tuv xml:lang="{code}"><seg>{"".join(_markup(content))}</seg></tuv>')
            lines.append("</tu>")
    return "\n".join([*lines, "</body>", "</tmx>", ""]).encode()


def _markup(content: Content) -> Iterator[str]:
    """Text with codes. ``x`` relates the codes of both languages; ``i`` a begin and its end, and is a number."""
    numbers: dict[str, int] = {}
    for part in content:
        if isinstance(part, str):
            yield xml.escaped(part)
            continue
        number = numbers.setdefault(part.key, len(numbers) + 1)
        key, native = quoteattr(part.key), xml.escaped(part.native)
        type_ = quoteattr(_TYPES.get(part.kind, part.kind))
        if part.shape == "open":
            yield f'<bpt i="{number}" x={key} type={type_}>{native}</bpt>'
        elif part.shape == "close":
            yield f'<ept i="{number}">{native}</ept>'
        else:
            yield f"<ph x={key} type={type_}>{native}</ph>"


# -- reading -------------------------------------------------------------------------------------------------------


def read(path: Path, data: bytes, source: str, target: str) -> Iterator[Unit]:
    """Give the units of a file that have both languages (Sphinx's codes). Raises :class:`FileError` with the line."""
    codes: set[str] = set()
    found = False
    for element, around in xml.read(path, data, tmx.KIND):
        sides = tmx.variants(element, source, target)
        if sides is None:
            codes.update(tmx.language(variant) for variant in element.all("tuv"))
            continue
        found = True
        omegat = tmx.from_omegat(around)
        yield Unit(
            place=next((prop.text for prop in _props(element, _PLACE)), ""),
            key=element.attributes.get("tuid", ""),
            source=tuple(_content(sides[0], omegat)),
            target=tuple(_content(sides[1], omegat)),
            marks=read_marks(prop.text for prop in _props(element, _MARK)),
            line=element.line,
        )
    if codes and not found:
        problem = f"no unit is in {source!r} and {target!r}; its languages are {', '.join(sorted(codes))}"
        raise FileError(path, problem, "Name the language with --language, or export the file for it.")


def languages(path: Path, data: bytes) -> set[str]:
    """The codes of all languages of a file."""
    return {tmx.language(variant) for element, _ in xml.read(path, data, tmx.KIND) for variant in element.all("tuv")}


def _props(element: xml.Element, type_: str) -> Iterator[xml.Element]:
    return (prop for prop in element.all("prop") if prop.attributes.get("type") == type_)


def _content(segment: xml.Element, omegat: bool) -> Iterator[str | Code]:
    """The content of a ``seg``; highlighted text counts as text."""
    keys: dict[str, str] = {}
    for number, child in enumerate(segment.children):
        if isinstance(child, str):
            yield from _omegat(child) if omegat else (child,)
            continue
        begun = child.attributes.get("i", "")
        key = child.attributes.get("x") or begun or f"at {number}"
        if child.name == "bpt":
            keys[begun] = key
            yield Code(key, "open", child.text)
        elif child.name == "ept":
            yield Code(keys.get(begun, begun), "close", child.text)
        elif child.name in {"ph", "it", "ut"}:
            yield Code(key, "alone", child.text)
        else:
            yield from _content(child, omegat)


def _omegat(text: str) -> Iterator[str | Code]:
    """A run of text in which OmegaT's names of tags are codes."""
    position = 0
    for match in tmx.OMEGAT_TAG.finditer(text):
        if match.start() > position:
            yield text[position : match.start()]
        yield Code(match["name"], "alone" if match["alone"] else "close" if match["close"] else "open")
        position = match.end()
    if position < len(text):
        yield text[position:]
