"""The machine that translates: a toy, but with every vice that users have reported of the real one.

It is independent of the engine's own reading of HTML: documents are parsed as XML, so that what is not well-formed fails.
"""

from __future__ import annotations

import codecs
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field


class NotWellFormedError(ValueError):
    """The content is no well-formed HTML document."""


@dataclass(frozen=True)
class Manner:
    """What a translation depends on besides its text."""

    target: str
    custom: str = ""
    """Version of the parallel data in use; empty without."""
    formality: str = ""
    terms: Mapping[str, str] = field(default_factory=dict)
    adversary: str = ""


def parse(content: str) -> ET.Element:
    """Parse a document or a run of elements; raise :class:`NotWellFormedError`."""
    body = re.sub(r"^\s*<!DOCTYPE html>", "", content)
    try:
        return ET.fromstring(body if body.startswith("<html") else f"<run>{body}</run>")
    except ET.ParseError as error:
        raise NotWellFormedError(str(error)) from error


def texts(element: ET.Element, *, protected: bool = False) -> Iterator[tuple[str, bool]]:
    """Yield every run of text below *element*, and whether it is protected."""
    inside = protected or element.get("translate") == "no"
    if element.text:
        yield element.text, inside
    for child in element:
        yield from texts(child, protected=inside)
        if child.tail:
            yield child.tail, inside


def billed(content: str) -> int:
    """Count the characters that are billed for HTML: text to be translated, inside ``<html>``."""
    return sum(len(text) for text, protected in texts(parse(content)) if not protected)


def translate(content: str, manner: Manner) -> str:
    """Translate the text of *content* and spoil the result as the adversary wants."""
    root = parse(content)
    _translate(root, manner, protected=False)
    _SPOIL_TREE.get(manner.adversary, lambda root: None)(root)
    result = ET.tostring(root, encoding="unicode", short_empty_elements=False)
    if root.tag == "run":
        result = result.removeprefix("<run>").removesuffix("</run>")
    else:
        result = "<!DOCTYPE html>\n" + result.replace("></meta>", ">")
    return _SPOIL_TEXT.get(manner.adversary, lambda text: text)(result)


def _translate(element: ET.Element, manner: Manner, *, protected: bool) -> None:
    inside = protected or element.get("translate") == "no"
    if element.text and not inside:
        element.text = words(element.text, manner)
    for child in element:
        _translate(child, manner, protected=inside)
        if child.tail and not inside:
            child.tail = words(child.tail, manner)


def words(text: str, manner: Manner) -> str:
    """Translate one run of text: marked with its manner, no letter where it was."""
    stripped = text.strip()
    if not stripped:
        return text
    parts = [stripped]
    if manner.terms:
        parts = re.split("(" + "|".join(re.escape(term) for term in sorted(manner.terms)) + ")", stripped)
    done = "".join(manner.terms.get(part) or codecs.encode(part, "rot13") for part in parts)
    tag = manner.target + (f"+{manner.custom}" if manner.custom else "") + manner.formality[:1]
    return text.replace(stripped, f"{tag}:{done}", 1)


def _segments(root: ET.Element) -> list[ET.Element]:
    return [element for element in root.iter("div") if re.fullmatch(r"s\d+", element.get("id") or "")]


def _inner(root: ET.Element) -> Iterator[tuple[ET.Element, ET.Element]]:
    """Yield each first inline child with its segment."""
    for segment in _segments(root):
        if len(segment):
            yield segment, segment[0]


def _lose(root: ET.Element) -> None:
    for segment, child in list(_inner(root)):
        segment.text = (segment.text or "") + (child.tail or "")
        segment.remove(child)


def _double(root: ET.Element) -> None:
    for segment, child in list(_inner(root)):
        segment.append(child)


def _move(root: ET.Element) -> None:
    segments = _segments(root)
    for segment, child in list(_inner(root))[::2]:
        segment.remove(child)
        segments[(segments.index(segment) + 1) % len(segments)].append(child)


def _mask(root: ET.Element) -> None:
    for number, (_, child) in enumerate(_inner(root)):
        child.text = str(732293614 + number)


def _drop_segment(root: ET.Element) -> None:
    for parent in list(root.iter()):
        for child in [child for child in parent if re.fullmatch(r"s\d*3", child.get("id") or "")]:
            parent.remove(child)


def _double_segment(root: ET.Element) -> None:
    segments = _segments(root)
    for parent in root.iter():
        if segments and segments[0] in list(parent):
            parent.append(segments[0])
            break


def _spill(root: ET.Element) -> None:
    segments = _segments(root)
    if len(segments) > 2:
        segments[1].tail = "text that left its segment"


def _empty(root: ET.Element) -> None:
    for segment in _segments(root)[1:2]:
        segment.text = ""
        for child in list(segment):
            segment.remove(child)


def _cjk_spaces(root: ET.Element) -> None:
    for segment in _segments(root):
        segment.text = " ".join(segment.text or "")


_SPOIL_TREE = {
    "lose": _lose,
    "double": _double,
    "move": _move,
    "mask": _mask,
    "drop-segment": _drop_segment,
    "double-segment": _double_segment,
    "spill": _spill,
    "empty": _empty,
    "cjk-spaces": _cjk_spaces,
}
_SPOIL_TEXT = {
    "re-escape": lambda text: text.replace("&amp;", "&amp;amp;").replace("&lt;", "&amp;lt;"),
    "markdown": lambda text: text.replace("](", "] ("),
    "sloppy-html": lambda text: re.sub(r'="([a-z0-9-]+)"', r"=\1", text).replace("<span", "<SPAN"),
    "cut": lambda text: text[: len(text) * 2 // 3],
    "cross": lambda text: text.replace("</span></em>", "</em></span>"),
}
ADVERSARIES = tuple(sorted({*_SPOIL_TREE, *_SPOIL_TEXT}))
