"""The sentences of one message and of its translation."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sphinx_amts.align import align_message

SENTENCE = st.sampled_from(
    ["The air is cold.", "It rains 12 mm.", "Use \ufffc.", "用￼。", "The station in the garden shows all of this at once.", "12", "Sí.", "", "风很大，今天不出门。"]
)  # fmt: skip


def spans(source: list[str], target: list[str]) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    return [(bead.source, bead.target) for bead in align_message(source, target)]


def test_as_many_sentences_pair_one_to_one() -> None:
    assert spans(["a", "b"], ["x", "y"]) == [((0,), (0,)), ((1,), (1,))]
    assert [bead.score for bead in align_message(["a", "b"], ["x", "y"])] == [1.0, 1.0]


def test_joined_sentences() -> None:
    source = ["The air is cold.", "It rains 12 mm.", "The station in the garden shows all of this at once."]
    target = ["El aire es frío y llueve 12 mm.", "La estación del jardín lo muestra todo a la vez."]
    assert spans(source, target) == [((0, 1), (0,)), ((2,), (1,))]
    assert spans(target, source) == [((0,), (0, 1)), ((1,), (2,))]


def test_sentences_in_another_order_stay_together() -> None:
    assert spans(["It has 5 items.", "The code is nice."], ["Der Code ist schön.", "Es hat 5."]) == [((0, 1), (0, 1))]


def test_what_is_in_doubt_stays_together() -> None:
    assert spans(["One.", "Two.", "Three.", "Four."], ["字字字字字字字字。"]) == [((0, 1, 2, 3), (0,))]


@pytest.mark.parametrize(("source", "target"), [([], ["x", "y"]), (["a", "b"], []), ([], [])])
def test_an_empty_side(source: list[str], target: list[str]) -> None:
    beads = align_message(source, target)
    assert [bead.source for bead in beads if bead.source] == [(number,) for number in range(len(source))]
    assert [bead.target for bead in beads if bead.target] == [(number,) for number in range(len(target))]
    assert all(bead.score == 0.0 for bead in beads)


@given(st.lists(SENTENCE, min_size=1, max_size=7), st.lists(SENTENCE, min_size=1, max_size=7))
def test_beads_are_in_order_and_hold_every_index_once(source: list[str], target: list[str]) -> None:
    beads = align_message(source, target)
    assert [number for bead in beads for number in bead.source] == list(range(len(source)))
    assert [number for bead in beads for number in bead.target] == list(range(len(target)))
    assert all(bead.source and bead.target for bead in beads)


def test_the_common_case_loads_nothing_heavy() -> None:
    code = (
        "import sys; from sphinx_amts.align import align_message; "
        "before = 'numpy' in sys.modules; align_message(['a', 'b'], ['x', 'y']); "
        "print(before, 'numpy' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]
