"""Over generated texts and documents: what is read is written back the same, and no text becomes anything but text."""

from __future__ import annotations

import functools
from collections.abc import Sequence

import pytest
from docutils import nodes
from docutils.core import publish_doctree
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from sphinx_amts.formats import Edit, Format, RenderError
from sphinx_amts.formats.inline import decode, encode, fold, merge, segment
from sphinx_amts.formats.rest import RestFormat
from sphinx_amts.locate import FileIndex
from sphinx_amts.model import Fragment, Inline, Location, Message, Protected

WORDS = st.text("ab1译。，“”「\\*`|_:<>[](){}$#~^!@&%+=-.'\"/;?é", min_size=1, max_size=7)
TEXT = st.lists(WORDS, min_size=1, max_size=5).map(" ".join)
NICE = st.text("abc译文é，。", min_size=1, max_size=6)


@functools.cache
def _format(name: str) -> Format:
    if name == "rest":
        return RestFormat()
    from myst_parser.config.main import MdParserConfig

    from sphinx_amts.formats.myst import MystFormat

    return MystFormat(MdParserConfig(enable_extensions={"dollarmath", "deflist", "colon_fence", "strikethrough"}))


REST_MARKUP = st.sampled_from(
    [
        Protected("``x``", "x", "literal"),
        Protected(":ref:`a`", "a", "role:ref"),
        Protected("[1]_", "[1]_", "footnote_reference"),
        Protected("|x|", "x", "substitution_reference"),
    ]
) | st.builds(
    lambda kind, text: Inline(*kind[:2], (text,), kind[2]),
    st.sampled_from(
        [
            ("*", "*", "emphasis"),
            ("**", "**", "strong"),
            ("`", " <http://a.b>`_", "link"),
            (":doc:`", " <x>`", "role:doc"),
        ]
    ),
    NICE,
)
MYST_MARKUP = st.sampled_from(
    [Protected("`x`", "x", "backticks"), Protected("$x$", "x", "math_inline"), Protected("{ref}`a`", "a", "role:ref")]
) | st.builds(
    lambda kind, text: Inline(*kind[:2], (text,), kind[2]),
    st.sampled_from([("*", "*", "emphasis"), ("**", "**", "strong"), ("[", "](http://a.b)", "link")]),
    NICE,
)
MARKUP = {"rest": REST_MARKUP, "myst": MYST_MARKUP}


def _fragments(name: str) -> st.SearchStrategy[Fragment]:
    return st.lists(TEXT | MARKUP[name], min_size=1, max_size=5).map(lambda pieces: fold(merge(pieces)))


@pytest.mark.parametrize("name", ["rest", "myst"])
@given(data=st.data())
@settings(max_examples=150)
def test_what_is_written_reads_as_what_was_meant(name: str, data: st.DataObject) -> None:
    pieces = data.draw(_fragments(name))
    format_ = _format(name)
    try:
        text = format_.render(pieces, "", "paragraph")
    except RenderError:
        return  # a text that the syntax cannot say is refused, and stays in the source language
    stripped = _stripped(pieces)
    found = format_.parse(text, "paragraph")
    if name == "rest":
        assert found == stripped
    assert _letters(found) == _letters(stripped)  # Markdown may move punctuation out of emphasis


def _stripped(pieces: Fragment) -> Fragment:
    level = list(pieces)
    if isinstance(level[0], str):
        level[0] = level[0].lstrip()
    if isinstance(level[-1], str):
        level[-1] = level[-1].rstrip()
    return merge(level)


def _letters(pieces: Sequence[object]) -> str:
    parts = []
    for piece in pieces:
        if isinstance(piece, str):
            parts.append("".join(piece.split()))
        elif isinstance(piece, Inline):
            parts.append(_letters(piece.children))
        elif isinstance(piece, Protected):
            parts.append(piece.source)
    return "".join(parts)


@given(TEXT)
@example("\\\\")
@settings(max_examples=150)
def test_no_text_becomes_another_block_in_rest(text: str) -> None:
    written = _format("rest").render((text,), "", "paragraph")
    settings_ = {"report_level": 5, "halt_level": 6, "raw_enabled": False}
    tree = publish_doctree(f"Before.\n\n{written}\n\nAfter.\n", settings_overrides=settings_)
    assert [type(node) for node in tree.children] == [nodes.paragraph] * 3, written
    assert "".join(tree.children[1].astext().split()) == "".join(text.split())
    assert not list(tree.findall(nodes.Inline)) or "://" in text or "@" in text or "mailto" in text


RAW = {
    "rest": [
        "``x``",
        "*a b*",
        ":ref:`text <x>`",
        "`l <http://a.b>`_",
        "[1]_",
        "|s|",
        r"\*",
        r"a\ b",
        "http://a.b/c",
        "word",
        "译文。",
        "**s**,",
    ],
    "myst": [
        "`x`",
        "*a b*",
        "{ref}`text <x>`",
        "[l](http://a.b)",
        "$x$",
        r"\*",
        "<http://a.b>",
        "word",
        "译文。",
        "**s**,",
        "&amp;",
        "~~s~~",
    ],
}


@pytest.mark.parametrize("name", ["rest", "myst"])
@given(data=st.data())
@settings(max_examples=100)
def test_restoring_what_was_protected_is_exact(name: str, data: st.DataObject) -> None:
    raw = " ".join(data.draw(st.lists(st.sampled_from(RAW[name]), min_size=1, max_size=8)))
    format_ = _format(name)
    pieces = format_.parse(raw, "paragraph")
    one = segment(pieces)
    assert encode(decode(one.html, one.pieces)) == one.html
    assert format_.render(decode(one.html, one.pieces), raw, "paragraph") == raw


BLOCKS = st.sampled_from(
    [
        "Para one.\nMore of it.",
        "* item\n  goes on",
        "Title\n=====",
        "::\n\n   code",
        "+---+----+\n| a | bc |\n+---+----+",
        "=== ===\na   b\n=== ===",
        "1. first\n2. second",
    ]
)


@given(st.lists(BLOCKS, min_size=1, max_size=6), st.sampled_from(["\n", "\r\n"]), st.booleans())
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
def test_the_same_texts_leave_every_byte(blocks: list[str], newline: str, final: bool) -> None:
    text = "\n\n".join(blocks).replace("\n", newline) + (newline if final else "")
    index = FileIndex(text)
    edits = []
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if stripped[:1].isalpha():
            spans = index.locate(stripped, number, "paragraph")
            message = Message(stripped, "paragraph", stripped, Location("x", number), spans)
            edits.append(Edit(message, stripped))
    assert _format("rest").splice(text, edits) == text
    assert _format("rest").splice(text, []) == text
