"""Which sentences the memory takes for the same: they differ in nothing that a translation would show."""

from __future__ import annotations

import pytest

from sphinx_amts.memory import Memory
from sphinx_amts.model import SegmentPair


def _is_known(known: str, asked: str) -> bool:
    memory = Memory(None)
    memory.add([SegmentPair(known, "translated")], "engine")
    return [found.text for _key, found in memory.alike(asked)][:1] == ["translated"]


@pytest.mark.parametrize(
    ("short", "full"),
    [
        ("Let's see whether it doesn't move.", "Let us see whether it does not move."),
        ("We’re sure that they've come; you'll see.", "We are sure that they have come; you will see."),
        ("It can't be, and it won't be.", "It cannot be, and it will not be."),
        ("That's what I'm told.", "That is what I am told."),
        ('To be clear, it\'s a <em id="1">hack</em>.', 'To be clear, it is a <em id="1">hack</em>.'),
    ],
)
def test_short_forms_are_the_same_words(short: str, full: str) -> None:
    assert _is_known(short, full)
    assert _is_known(full, short)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("It does move.", "It doesn't move."),
        ("It's been here.", "It is here."),
        ("He'd go.", "He would go."),  # or had: who knows
        ("The dog's tail.", "The dog is tail."),
        ("Let it be.", "Let us be."),
    ],
)
def test_other_words_are_others(one: str, other: str) -> None:
    assert not _is_known(one, other)
    assert not _is_known(other, one)
