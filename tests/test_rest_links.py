"""Links of reST: which of their texts are prose."""

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
