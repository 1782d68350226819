"""Finding the lines of messages in a file."""

from __future__ import annotations

import pytest

from sphinx_amts.locate import CellIndex, FileIndex
from sphinx_amts.model import Span


def test_every_occurrence_is_found_once() -> None:
    index = FileIndex("word\n\nword\n\nword\n")
    found = [index.locate("word", line, "paragraph")[0].line for line in (1, 3, 5)]
    assert found == [1, 3, 5]
    assert index.locate("word", 1, "paragraph") == ()


def test_a_wrong_line_number_is_made_up_for() -> None:
    index = FileIndex("a\n\nTitle\n=====\n\nText\n")
    assert index.locate("Title", 4, "title") == (Span(3, 0, 5),)


def test_a_term_is_sought_behind_the_last_message() -> None:
    index = FileIndex("term\n\n" + "text\n\n" * 30 + "other\n\nterm\n  Text.\n")
    assert index.locate("other", 63, "paragraph") == (Span(63, 0, 5),)
    assert index.locate("term", 20, "term") == (Span(65, 0, 4),)


def test_several_lines_have_a_span_each() -> None:
    index = FileIndex("* one\n  two\n  three\n")
    assert index.locate("one\ntwo\nthree", 1, "paragraph") == (Span(1, 2, 5), Span(2, 2, 5), Span(3, 2, 7))


def test_tabs_are_expanded_for_the_comparison_only() -> None:
    assert FileIndex("\ta\tb\n").locate("a       b", 1, "paragraph") == (Span(1, 1, 4),)


def test_tabs_in_the_middle_of_a_later_line() -> None:
    index = FileIndex("   one\n   two\tthree\n")
    assert index.locate("one\ntwo  three", 1, "paragraph") == (Span(1, 3, 6), Span(2, 3, 12))


def test_unicode_line_ends_count_as_docutils_counts_them() -> None:
    index = FileIndex("one\u2028two\n\nthree\n")
    assert index.locate("three", 4, "paragraph") == (Span(4, 0, 5),)


@pytest.mark.parametrize(
    ("line", "raw", "kind", "column"),
    [
        ("term : classifier", "term", "term", 0),
        ("term : classifier", "classifier", "classifier", 7),
        (":Author: me", "Author", "field_name", 1),
        ("   A title <doc>", "A title", "toctree", 3),
        ("## Closed ##", "Closed", "title", 3),
        ("   :alt: a picture", "a picture", "alt", 9),
        ("see ![a picture](x.png) here", "a picture", "alt", 6),
        ('   word, "quoted one"', "quoted one", "entry", 10),
        ("   :header: left, right", "left", "entry", 12),
        ("a  b  c", "b", "entry", 3),
        ("| a | b |", "b", "entry", 6),
        ("| 1. a | (b) c |", "a", "entry", 5),
        ("| 1. a | (b) c |", "c", "entry", 13),
        ("| | a   | - #. c |", "a", "entry", 4),
        ("| | a   | - #. c |", "c", "entry", 15),
        ('   "a ""b"" c", d', 'a "b" c', "entry", 4),
    ],
)
def test_texts_that_share_their_line(line: str, raw: str, kind: str, column: int) -> None:
    (span,) = FileIndex(line + "\n").locate(raw, 1, kind)
    assert (span.line, span.start) == (1, column)
    assert line[span.start : span.end].replace('""', '"') == raw


def test_a_paragraph_is_never_part_of_a_line() -> None:
    assert FileIndex("some words here\n").locate("words", 1, "paragraph") == ()


def test_the_nearest_line_wins_in_a_table() -> None:
    index = FileIndex("====  ====\nsame  a\nb     same\n====  ====\n")
    assert index.locate("same", 2, "entry") == (Span(2, 0, 4),)
    assert index.locate("same", 3, "entry") == (Span(3, 6, 10),)


def test_a_cell_is_never_the_end_of_another_line() -> None:
    index = FileIndex("* item of word\n\nA word\n\n1. The word\n")
    assert index.locate("word", 2, "entry") == ()
    assert index.locate("word", 1, "entry") == (Span(1, 10, 14),), (
        "where the line is known, anything may stand before it"
    )


def test_lines_of_a_quoted_field() -> None:
    index = FileIndex('   "one\n   two","* three\n   * four", five\n')
    assert index.locate("one\ntwo", 1, "entry") == (Span(1, 4, 7), Span(2, 3, 6))
    assert [index.locate(raw, 1, "entry") for raw in ("three", "four", "five")] == [
        (Span(2, 11, 16),),
        (Span(3, 5, 9),),
        (Span(3, 12, 16),),
    ]


def test_a_bar_in_a_cell_is_escaped_in_the_file() -> None:
    index = FileIndex("| `a \\| b` of it | x |\n")
    assert index.locate("`a | b` of it", 1, "entry") == (Span(1, 2, 16),)


def test_an_alternative_text_is_found_with_its_markup() -> None:
    index = FileIndex("![The graph of $x^2$ *here*](p.png)\n")
    spans = index.locate("The graph of  here", 1, "alt")
    assert index.text(spans) == "The graph of $x^2$ *here*"


def test_cells_have_lines_of_their_own() -> None:
    index = CellIndex({0: "one\n\ntwo\n", 2: "one\n"})
    assert index.locate("two", 10_003, "paragraph") == (Span(10_003, 0, 3),)
    assert index.locate("one", 30_001, "paragraph") == (Span(30_001, 0, 3),)
    assert index.locate("one", 20_001, "paragraph") == ()


def test_cells_of_a_simple_table_with_one_space_between_columns() -> None:
    table = (
        "word of code\n\n==== ==== =====\nword one  two\n==== ==== =====\none  word S\nS    S    S S\n==== ==== =====\n"
    )
    index = FileIndex(table)
    found = [index.locate(raw, 4, "entry")[0] for raw in ("word", "one", "two")]
    assert found == [Span(4, 0, 4), Span(4, 5, 8), Span(4, 10, 13)]
    found = [index.locate(raw, 6, "entry")[0] for raw in ("one", "word", "S")]
    assert found == [Span(6, 0, 3), Span(6, 5, 9), Span(6, 10, 11)]
    found = [index.locate(raw, 7, "entry")[0] for raw in ("S", "S", "S S")]
    assert found == [Span(7, 0, 1), Span(7, 5, 6), Span(7, 10, 13)]
