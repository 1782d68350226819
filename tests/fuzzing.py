"""What the fuzzers of ``bench/fuzz.py`` run, and what the cases that they found are replayed against.

Each target takes any bytes. It may refuse them with the error that is meant for users; everything else that is raised, and
every property that does not hold, is a mistake of the project.
"""

from __future__ import annotations

import contextlib
import functools
import re
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from docutils import nodes
from docutils.core import publish_doctree
from docutils.utils import SystemMessage

from sphinx_amts import catalog as po
from sphinx_amts.exchange import tmx as exchanged_tmx
from sphinx_amts.exchange import xliff
from sphinx_amts.formats import Edit, Format, RenderError
from sphinx_amts.formats.inline import TagError, decode, encode, segment
from sphinx_amts.formats.rest import RestFormat
from sphinx_amts.locate import FileIndex
from sphinx_amts.model import AmtsError, Fragment, Inline, Location, Message, Protected
from sphinx_amts.parallel import read_pairs, read_terms, write_pairs

LONGEST = 4_000
"""Bytes of an input that are looked at."""

SOURCES: tuple[Fragment, ...] = (
    ("Plain words.",),
    ("See ", Protected("``a < b``", "a < b", "literal"), "."),
    ("An ", Inline("*", "*", ("emphasised",), "emphasis"), " word & more."),
    (Inline("`", " <http://a.b>`_", ("x ", Protected("|y|", "y", "substitution_reference"), " z"), "link"),),
    (Protected(":math:`1`", "1", "role:math"), " and ", Protected(":math:`1`", "1", "role:math"), "."),
)
"""What the answers of the target ``tags`` are translations of."""


@functools.cache
def _folder() -> Path:
    return Path(tempfile.mkdtemp(prefix="fuzz-"))


def _file(name: str, data: bytes) -> Path:
    path = _folder() / name
    path.write_bytes(data)
    return path


def catalog(data: bytes) -> None:
    """PO files: what is read is written the same, as it stands and anew."""
    try:
        found = po.read(_file("x.po", data))
    except AmtsError:
        return
    again = po.read(_file("x.po", found.text().encode()))
    assert again.entries == found.entries
    fresh = replace(found, entries=tuple(replace(entry, raw="") for entry in found.entries if not entry.foreign))
    rewritten = po.read(_file("x.po", fresh.text().encode()))
    assert [_meaning(entry) for entry in rewritten.entries] == [_meaning(entry) for entry in fresh.entries]


def _meaning(entry: po.Entry) -> tuple[Any, ...]:
    return entry.msgid, entry.msgstr, entry.flags, entry.previous, entry.obsolete


def _pairs(suffix: str, data: bytes) -> None:
    """Parallel data: what is read can be written, and reads the same again."""
    path = _file(f"x{suffix}", data)
    try:
        found = read_pairs(path, "en", "es")
    except AmtsError:
        found = []
    with contextlib.suppress(AmtsError):
        read_terms(path, "en", "es")
    for other in (".csv", ".tsv", ".tmx"):
        copy = _folder() / f"copy{other}"
        report = write_pairs(copy, found, "en", "es")
        if report.written:
            again = read_pairs(copy, "en", "es")
            assert {_printable(one.source) for one in again} <= {_printable(one.source) for one in found}
            assert {_printable(one.target) for one in again} <= {_printable(one.target) for one in found}


def _printable(text: str) -> str:
    """What every file can hold: XML has no control characters, and spaces around them become one."""
    return "".join(char for char in text if char.isprintable() and not char.isspace())


def exchange(data: bytes) -> None:
    """XLIFF and TMX files that come back from translators."""
    for reader, suffix in ((xliff, ".xlf"), (exchanged_tmx, ".tmx")):
        path = _folder() / f"x{suffix}"
        with contextlib.suppress(AmtsError):
            list(reader.read(path, data, "en", "es"))
        with contextlib.suppress(AmtsError):
            reader.languages(path, data)


def tags(data: bytes) -> None:
    """Answers of engines: refused, or the source's markup is all there, unaltered, and writes and reads the same."""
    if not data:
        return
    source = SOURCES[data[0] % len(SOURCES)]
    answer = data[1:].decode("utf-8", "surrogateescape")
    try:
        found = decode(answer, source)
    except TagError:
        return
    assert sorted(_protected(found)) == sorted(_protected(source))
    again = decode(encode(found), found)
    assert "".join(encode(again).split()) == "".join(encode(found).split())


def _protected(pieces: Fragment) -> Iterator[str]:
    for piece in pieces:
        if isinstance(piece, Protected):
            yield piece.source
        elif isinstance(piece, Inline):
            yield f"{piece.open}{piece.close}"
            yield from _protected(piece.children)


@functools.cache
def _myst() -> tuple[Format, Any]:
    from myst_parser.config.main import MdParserConfig
    from myst_parser.parsers.docutils_ import Parser

    from sphinx_amts.formats.myst import MystFormat

    extensions = {"dollarmath", "deflist", "colon_fence", "strikethrough"}
    return MystFormat(MdParserConfig(enable_extensions=extensions)), Parser


def rest(data: bytes) -> None:
    """Messages and files in reStructuredText."""
    _format(RestFormat(), None, data)


def myst(data: bytes) -> None:
    """Messages and files in MyST Markdown."""
    format_, parser = _myst()
    _format(format_, parser(), data)


def _format(format_: Format, parser: Any, data: bytes) -> None:
    try:
        text = data[:LONGEST].decode("utf-8")
    except UnicodeDecodeError:
        return
    _message(format_, text[:300])
    edits = list(_edits(format_, parser, text))
    same = [replace(edit, text=" ".join(edit.message.raw.split())) for edit in edits]
    with contextlib.suppress(RenderError):
        assert _letters(format_.splice(text, same)) == _letters(text)
    with contextlib.suppress(RenderError):
        format_.splice(text, edits)
    assert format_.splice(text, []) == text


def _message(format_: Format, raw: str) -> None:
    """A message whose markup is restored is what it was; another text in its place is written or refused."""
    pieces = format_.parse(raw, "paragraph")
    one = segment(pieces)
    with contextlib.suppress(TagError):
        restored = decode(one.html, one.pieces)
        assert "".join(encode(restored).split()) == "".join(one.html.split())  # space at the edges of markup moves out
    changed = tuple(f"{piece} 译文。" if isinstance(piece, str) else piece for piece in pieces)
    with contextlib.suppress(RenderError):
        format_.render(changed, raw, "paragraph")


def _edits(format_: Format, parser: Any, text: str) -> Iterator[Edit]:
    """The messages of a file, and a text for each."""
    settings: dict[str, Any] = {
        "report_level": 5,
        "halt_level": 6,
        "raw_enabled": False,
        "file_insertion_enabled": False,
    }
    settings |= {"warning_stream": False, "_disable_config": True}
    if parser is not None:
        settings["myst_enable_extensions"] = ["dollarmath", "deflist", "colon_fence", "strikethrough"]
    try:
        tree = publish_doctree(text, parser=parser, settings_overrides=settings)
    except (Exception, SystemMessage):  # noqa: BLE001 - docutils' mistakes are not ours
        return
    index = FileIndex(text)
    for node in list(tree.findall(nodes.TextElement)):
        if isinstance(node, (nodes.paragraph, nodes.title, nodes.term)) and node.rawsource:
            kind = "entry" if isinstance(node.parent, nodes.entry) else node.tagname
            spans = index.locate(node.rawsource, node.line or 0, kind)
            if spans:
                context = "section" if isinstance(node.parent, nodes.section) and kind == "title" else ""
                message = Message(node.rawsource, kind, node.rawsource, Location("x", 1), spans, context=context)
                pieces = tuple(
                    f"{one} 译文" if isinstance(one, str) else one for one in format_.parse(node.rawsource, kind)
                )
                with contextlib.suppress(RenderError):
                    yield Edit(message, format_.render(pieces, node.rawsource, kind))


def _letters(text: str) -> str:
    """What cannot change where every message keeps its text: tables are drawn anew, and names marked."""
    return re.sub(r"[\W_]+", "", text)


TARGETS: dict[str, Callable[[bytes], None]] = {
    "rest": rest,
    "myst": myst,
    "catalog": catalog,
    "csv": functools.partial(_pairs, ".csv"),
    "tmx": functools.partial(_pairs, ".tmx"),
    "exchange": exchange,
    "tags": tags,
}
