"""A catalog follows the order of its document, and its long strings are broken into lines."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from sphinx_amts import catalog as po


def _updated(before: list[str], now: list[str], order: list[str]) -> list[str]:
    catalog = po.Catalog(Path("x.po"), tuple(po.Entry(msgid, msgid) for msgid in before))
    return [
        entry.msgid
        for entry in po.update(catalog, {msgid: po.Entry(msgid, msgid) for msgid in now}, order=order).entries
    ]


@given(st.permutations("abcdefgh"), st.permutations("abcdefgh"))
def test_entries_have_the_order_of_the_document(before: list[str], now: list[str]) -> None:
    assert _updated(before, now, before) == now


@given(st.permutations("abcdefgh"), st.permutations("abcdefgh"))
def test_what_did_not_move_in_the_document_stays_where_a_tool_has_put_it(before: list[str], order: list[str]) -> None:
    assert _updated(before, order, order) == before


def test_pairs_that_change_places_in_a_large_catalog() -> None:
    before = [f"message {number}" for number in range(50_000)]
    now = [before[number ^ 1] for number in range(len(before))]
    assert _updated(before, now, before) == now


@given(st.text(alphabet="aé \t\u3000", max_size=400))
def test_lines_of_a_string_are_broken_behind_spaces_only(text: str) -> None:
    lines = po.write_entry(po.Entry(text)).split("\nmsgstr")[0].removeprefix("msgid ").split("\n")
    pieces = [line[1:-1].replace("\\t", "\t") for line in lines]
    assert "".join(pieces) == text
    assert all(piece.isspace() or piece[-1].isspace() for piece in pieces[:-1] if piece)
    assert all(len(piece.rstrip()) <= 74 or not any(char.isspace() for char in piece.strip()) for piece in pieces)
