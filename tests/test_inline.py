"""Pieces, segments and what comes back from engines."""

from __future__ import annotations

import html
import itertools
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sphinx_amts.formats import inline
from sphinx_amts.formats.inline import (
    PLACEHOLDER,
    TagError,
    cut,
    decode,
    encode,
    fold,
    hoist,
    merge,
    plain,
    segment,
    skeleton,
)
from sphinx_amts.model import Fragment, Inline, Protected

WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=8)
TEXT = st.lists(WORDS, min_size=1, max_size=4).map(" ".join)
PROTECTED = st.builds(Protected, source=WORDS, text=WORDS, kind=st.sampled_from(["literal", "role:ref"]))
INLINE = st.builds(
    lambda mark, children: Inline(mark, mark, merge(children), "emphasis" if mark == "*" else "strong"),
    st.sampled_from(["*", "**"]),
    st.lists(TEXT | PROTECTED, min_size=1, max_size=3),
)
FRAGMENT = st.lists(TEXT | PROTECTED | INLINE, min_size=1, max_size=6).map(lambda pieces: fold(merge(pieces)))

CODE = Protected("``x``", "x", "literal")
BOLD = Inline("**", "**", ("bold",), "strong")
SOURCE: Fragment = ("Use ", CODE, " in ", BOLD, " text.")


@given(FRAGMENT)
def test_what_was_encoded_decodes_to_the_same_pieces(pieces: Fragment) -> None:
    assert decode(encode(pieces), pieces) == hoist(pieces)


@given(FRAGMENT)
def test_a_segment_keeps_all_markup(pieces: Fragment) -> None:
    assert skeleton(segment(pieces).pieces) == skeleton(pieces)


@given(FRAGMENT, st.data())
def test_cutting_loses_no_markup_and_no_text(pieces: Fragment, data: st.DataObject) -> None:
    text = plain(pieces, PLACEHOLDER)
    places = sorted(data.draw(st.sets(st.integers(1, max(len(text) - 1, 1)), max_size=3)))
    bounds = [0, *(place for place in places if place < len(text)), len(text)]
    parts = cut(pieces, list(itertools.pairwise(bounds)))
    assert plain(tuple(piece for part in parts for piece in part)) == plain(pieces)
    assert sum((skeleton(part) for part in parts), ()) == skeleton(pieces)


def test_markup_may_change_its_place() -> None:
    found = decode('<strong id="2">fett</strong>: <span id="1" translate="no">x</span>', SOURCE)
    assert found == (Inline("**", "**", ("fett",), "strong"), ": ", CODE)


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ('<span id="1" translate="no">x</span>', "tag-lost"),
        ('<span id="1">x</span><span id="1">x</span><strong id="2">b</strong>', "tag-doubled"),
        ('<strong id="2">b<span id="1">x</span></strong>', "tag-moved"),
        ('<span id="1">x<strong id="2"></span>b</strong>', "tag-crossed"),
        ('<span id="1">x</span><strong id="2">b', "tag-crossed"),
        ('<span id="1">y</span><strong id="2">b</strong>', "protected-altered"),
        ('word <span id="1">x</span><strong id="2"> </strong>', "tag-emptied"),
        ('<p><span id="1">x</span><strong id="2">b</strong></p>', "tag-invented"),
        ('<span id="9">x</span>', "tag-invented"),
        ('<!-- --><span id="1">x</span><strong id="2">b</strong>', "tag-invented"),
        ('<span id="1">x</span><strong id="2">b</strong>\x00', "control-character"),
        ('<span id="1">x</span><strong id="2">b</strong>' + "y" * 1000, "too-long"),
    ],
)
def test_damaged_markup_is_named(answer: str, code: str) -> None:
    with pytest.raises(TagError) as caught:
        decode(answer, SOURCE)
    assert caught.value.code == code


@pytest.mark.parametrize("answer", ["", "  ", "\u2028"])
def test_an_empty_answer_is_named(answer: str) -> None:
    with pytest.raises(TagError) as caught:
        decode(answer, ("Words",))
    assert caught.value.code == "empty"


@given(TEXT)
def test_any_text_is_a_valid_answer_to_a_text(text: str) -> None:
    assert decode(html.escape(text, quote=False), ("Words " * 40,)) == (text,)


def test_space_moves_out_of_markup() -> None:
    found = decode('so <strong id="1"> fett </strong>gedruckt', (BOLD, "x"))
    assert found == ("so ", Inline("**", "**", ("fett",), "strong"), " gedruckt")


PARTS = [
    '<em id="1">', "</em>", '<span id="2" translate="no">', "</span>", '<a id="12">', "</a>", "<em>", "a", "b ", "&amp;", "&lt;",
    "&", "&am", "p;", "<", ">", "&#38;", "&copy", "&notit;", "&#x0;", "</", "/>", "<!--", "<b id='1'>", "\n", '"',
]  # fmt: skip


@given(st.lists(st.sampled_from(PARTS), max_size=9).map("".join))
def test_both_ways_of_reading_a_fragment_agree(text: str) -> None:
    usual = inline._usual_nodes(text)
    if usual is not None:
        parser = inline._FragmentParser()
        parser.feed(text)
        parser.close()
        assert not parser.stack
        assert _joined(usual) == _joined(parser.root)


def _joined(nodes: Iterable[object]) -> list[object]:
    """*nodes* with neighbouring texts as one."""
    joined: list[object] = []
    for node in nodes:
        if isinstance(node, tuple):
            joined.append((node[0], _joined(node[1])))
        elif joined and isinstance(joined[-1], str):
            joined[-1] += str(node)
        elif node:
            joined.append(node)
    return joined
