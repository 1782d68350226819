"""Maths between dollars in reST, as an extension reads it."""

from __future__ import annotations

import pytest

from sphinx_amts.formats.rest import RestFormat


@pytest.mark.parametrize(
    ("raw", "maths"),
    [
        (r"Take $\sqrt{x^2} = -x$ and $y$.", [r"$\sqrt{x^2} = -x$", "$y$"]),
        (r"Shown $$\sum_i x_i$$ so", [r"$$\sum_i x_i$$"]),
        (r"It costs 5$ or \$6 and $ 7 $", []),
        ("``$x$`` is code, *$y$* is not", []),
        ("On $two\n+ lines$ it is", ["$two + lines$"]),
    ],
)
def test_what_is_maths(raw: str, maths: list[str]) -> None:
    pieces = RestFormat(dollars=True).parse(raw, "paragraph")
    assert [getattr(piece, "source", "") for piece in pieces if getattr(piece, "kind", "") == "dollars"] == maths
    assert not any(getattr(piece, "kind", "") == "dollars" for piece in RestFormat().parse(raw, "paragraph"))


def test_maths_is_written_as_it_stood() -> None:
    raw = r"Take $\sqrt{x^2} = -x$ and ``code``."
    format_ = RestFormat(dollars=True)
    pieces = format_.parse(raw, "paragraph")
    assert format_.render(pieces, raw, "paragraph") == raw
    translated = ("取", pieces[1], "和", pieces[3], "。")
    assert format_.render(translated, raw, "paragraph") == r"取$\sqrt{x^2} = -x$和\ ``code``。"
