"""Parallel data and terminologies: CSV, TSV and TMX files of pairs that people approved.

The formats are those that Amazon Translate takes (Amazon Translate developer guide, "Formatting parallel data"): the first row
of CSV and TSV holds language codes; TMX is version 1.4b. A field is text or an HTML fragment as an engine sees it:
``<``, ``>`` and ``&`` that are no markup may stand as they are.
"""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from xml.etree.ElementTree import Element, ParseError, XMLParser, fromstring

from sphinx_amts.model import FileError, Origin, SegmentPair, Term

_MARKUP = re.compile(r"(</?[a-z]+(?:\s[^<>]*)?>|&(?:[a-zA-Z]+|#\d+|#x[0-9a-fA-F]+);)")
_XML_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_CODES = "Give both columns a language code such as 'en' and 'zh' in the first row."


def read_pairs(path: Path, source: str, target: str) -> list[SegmentPair]:
    """The pairs of *path* from the language *source* to *target* (Sphinx's codes), in the file's order.

    Rows with an empty side are left out. Raises :class:`FileError` for what cannot be read, with the line.
    """
    rows = _tmx(path, source, target) if path.suffix.lower() == ".tmx" else _table(path, source, target)
    return [
        SegmentPair(_fragment(ours), _fragment(theirs), Origin.PARALLEL) for ours, theirs in rows if ours and theirs
    ]


def read_terms(path: Path, source: str, target: str) -> list[Term]:
    """The terms of *path*, in the same formats."""
    rows = _tmx(path, source, target) if path.suffix.lower() == ".tmx" else _table(path, source, target)
    return [Term(ours, theirs) for ours, theirs in rows if ours and theirs]


def _fragment(text: str) -> str:
    """*text* as an HTML fragment: what is neither a tag nor a character reference is escaped."""
    parts = _MARKUP.split(" ".join(text.split()))
    return "".join(part if number % 2 else html.escape(part, quote=False) for number, part in enumerate(parts))


def _text(path: Path) -> str:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise FileError(path, f"cannot be read ({error.strerror})", "Check the path and its permissions.") from error
    try:
        return data.decode("utf-16" if data[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        problem = f"byte 0x{data[error.start]:02X} is not valid UTF-8"
        raise FileError(path, problem, "Save the file as UTF-8.", line) from error


def _same_language(code: str, wanted: str, exact: bool) -> bool:
    """Whether a file's language *code* means the language *wanted*, to the region or (not *exact*) to the language."""
    left, right = code.strip().lower().replace("-", "_"), wanted.lower().replace("-", "_")
    return left == right if exact else left.split("_")[0] == right.split("_")[0]


def _column(codes: Sequence[str], wanted: str) -> int | None:
    for exact in (True, False):
        for number, code in enumerate(codes):
            if _same_language(code, wanted, exact):
                return number
    return None


def _table(path: Path, source: str, target: str) -> Iterator[tuple[str, str]]:
    separator = "\t" if path.suffix.lower() in {".tsv", ".tab"} else ","
    reader = csv.reader(io.StringIO(_text(path), newline=""), delimiter=separator, strict=True)
    try:
        codes = next(reader, [])
        ours, theirs = _column(codes, source), _column(codes, target)
        if ours is None or theirs is None or ours == theirs:
            missing = source if ours is None else target
            raise FileError(path, f"no column for {missing!r} in its first row {codes!r}", _CODES, 1)
        for row in reader:
            if len(row) > max(ours, theirs):
                yield row[ours].strip(), row[theirs].strip()
    except csv.Error as error:
        raise FileError(path, f"is no sound table ({error})", "Double the quotation marks.", reader.line_num) from error


def _tmx(path: Path, source: str, target: str) -> Iterator[tuple[str, str]]:
    text = _text(path)
    if re.search(r"<!ENTITY|<!DOCTYPE[^>]*\[", text):
        raise FileError(path, "declares entities of its own, which are never resolved", "Save it without a DTD.", 1)
    try:
        root = fromstring(re.sub(r"^\s*<\?xml[^>]*\?>", "", text), parser=XMLParser())  # noqa: S314 - no entities
    except ParseError as error:
        raise FileError(path, f"is no sound XML ({error})", "Export the file again.", error.position[0]) from error
    units = list(root.iter("tu"))
    for unit in units:
        texts = [(one.get(_XML_LANGUAGE) or one.get("lang") or "", one.find("seg")) for one in unit.iter("tuv")]
        ours, theirs = _column([code for code, _seg in texts], source), _column([code for code, _seg in texts], target)
        if ours is not None and theirs is not None and ours != theirs:
            yield _segment(texts[ours][1]), _segment(texts[theirs][1])


def _segment(element: Element | None) -> str:
    """The text of a ``seg``; of inline tags only what ``hi`` marks belongs to the text."""
    if element is None:
        return ""
    parts = [element.text or ""]
    for child in element:
        if child.tag == "hi":
            parts.append(_segment(child))
        parts.append(child.tail or "")
    return "".join(parts).strip()
