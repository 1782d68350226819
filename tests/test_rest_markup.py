"""Inline markup of reST: which of its texts are prose, and how it is written beside others."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sphinx_amts.formats.inline import segment
from sphinx_amts.formats.rest import RestFormat
from sphinx_amts.model import Inline, Piece, Protected


@pytest.mark.parametrize(
    ("link", "is_prose"),
    [
        ("`the page <http://a.b>`_", True),
        ("`http://a.b/c <http://a.b/c>`_", False),
        ("`HTTPS://a.b <https://a.b>`__", False),
        ("`me@a.org <mailto:me@a.org>`_", False),
        ("`see http://a.b <http://a.b>`_", True),
        ("`@name <http://a.b>`_", True),
    ],
)
def test_an_address_as_text_is_no_prose(link: str, is_prose: bool) -> None:
    format_ = RestFormat()
    pieces = format_.parse(f"Look at {link}.", "paragraph")
    assert ('translate="no"' not in segment(pieces).html) == is_prose
    translated = ("瞧", *pieces[1:-1], "。")
    assert format_.parse(format_.render(translated, "x", "paragraph"), "paragraph") == translated


@pytest.mark.parametrize(
    ("raw", "translation"),
    [
        ("Pass **kwargs to it.", ("GIB ", "KWARGS MIT.")),
        ("Takes *args and **kwargs of it.", ("NIMMT ", "ARGS UND ", "KWARGS.")),
        ("One `word or |other of it.", ("EIN ", "WORT ODER ", "ANDERES.")),
    ],
)
def test_a_start_string_without_an_end_stays_with_its_text(raw: str, translation: tuple[str, ...]) -> None:
    format_ = RestFormat()
    pieces = format_.parse(raw, "paragraph")
    texts = iter(translation)
    translated = tuple(next(texts) if isinstance(piece, str) else piece for piece in pieces)
    text = format_.render(translated, raw, "paragraph")
    assert "\\" not in text
    assert format_.parse(text, "paragraph") == translated


@pytest.mark.parametrize(
    ("raw", "translated"),
    [
        ("See the `style guide`_.", "SEE THE `STYLE GUIDE <style guide_>`__."),
        ("See the `a: b`_ and `*nix tools`_.", "SEE THE `A: B <a: b_>`__ AND `*NIX TOOLS <*nix tools_>`__."),
        ("See `the manual`__.", "SEE `THE MANUAL`__."),
        ("See `setuptools`_, Python_ and `it`__.", "SEE `setuptools`_, Python_ AND `IT`__."),
        ("See `http://a.b c`_ and `a\\_b c`_.", "SEE `http://a.b c`_ AND `a\\_b c`_."),
        ("See `a b <a b_>`__ and `c <a b_>`_.", "SEE `A B <a b_>`__ AND `C <a b_>`_."),
    ],
)
def test_a_reference_by_its_name_gets_a_text_of_its_own(raw: str, translated: str) -> None:
    format_ = RestFormat()
    pieces = format_.parse(raw, "paragraph")
    upper = tuple(_upper(piece) for piece in pieces)
    assert format_.render(upper, raw, "paragraph") == translated
    assert format_.parse(translated, "paragraph") == upper
    assert format_.render(("X", *pieces[1:]), raw, "paragraph").startswith("X")
    same = format_.render((*pieces, " More."), raw, "paragraph")
    assert same == raw.replace("`a b <a b_>`__", "`a b`_") + " More.", "a text that is the name is not written twice"


@pytest.mark.parametrize("text", ["Handbuch", "a <b> c", "a `b` c", "a\\\\b", "f(x); y", "用户手册"])
@pytest.mark.parametrize("raw", ["See `the manual`__.", "See `the manual`_.", "See :index:`the manual`."])
def test_any_text_can_stand_in_a_reference(raw: str, text: str) -> None:
    format_ = RestFormat()
    head, link, tail = format_.parse(raw, "paragraph")
    assert isinstance(link, Inline)
    pieces = (head, replace(link, children=(text,)), tail)
    written = format_.render(pieces, raw, "paragraph")
    assert format_.render(format_.parse(written, "paragraph"), "x", "paragraph") == written
    assert "index" in raw or format_.parse(written, "paragraph") == pieces


def _upper(piece: Piece) -> Piece:
    if isinstance(piece, Inline):
        return replace(piece, children=tuple(_upper(child) for child in piece.children))
    return piece.upper() if isinstance(piece, str) else piece


def test_a_reference_to_a_title_is_no_text_of_its_own() -> None:
    format_ = RestFormat()
    format_.bind((), frozenset({"style guide"}))
    pieces = format_.parse("See the `Style  guide`_ and the `user manual`_.", "paragraph")
    assert [type(piece) for piece in pieces[1::2]] == [Protected, Inline]
    assert format_.render(("见", *pieces[1:]), "x", "paragraph") == "见\\ `Style guide`_ and the `user manual`_."


@pytest.mark.parametrize(
    ("entry", "is_prose"),
    [
        ("open interval", True),
        ("loop", True),
        ("a loop <single: loop>", True),
        ("a; b", False),
        ("! loop", False),
        ("__init__", False),
        ("str.join", False),
        ("printf()", False),
    ],
)
def test_what_the_role_index_shows_is_prose(entry: str, is_prose: bool) -> None:
    html = segment(RestFormat().parse(f"An :index:`{entry}`.", "paragraph")).html
    assert ('translate="no"' not in html) == is_prose
