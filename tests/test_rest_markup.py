"""Inline markup of reST: which of its texts are prose, and how it is written beside others."""

from __future__ import annotations

import pytest

from sphinx_amts.formats.inline import segment
from sphinx_amts.formats.rest import RestFormat


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
