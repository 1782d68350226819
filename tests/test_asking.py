"""What an engine answers is the same in the run that asked as in later ones, which find it in the memory."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sphinx_amts.formats.inline import decode, segment
from sphinx_amts.memory import Memory
from sphinx_amts.model import Inline, Protected
from sphinx_amts.translate.asking import PATIENCE, Asker


class Tagless:
    """Loses all tags, and translates into capital letters."""

    name = "tagless"

    def translate(self, segments: Sequence[str], source: str, target: str) -> list[str]:
        return [re.sub("<[^>]*>", "", one).upper() for one in segments]


class Keeping:
    """Keeps all tags."""

    name = "keeping"

    def translate(self, segments: Sequence[str], source: str, target: str) -> list[str]:
        return [one.replace("Use", "USE") for one in segments]


def test_an_answer_in_pieces_is_as_the_memory_has_it() -> None:
    one = segment(("See ", Inline("[", "](u)", (" the text ",), "link"), "."))
    memory = Memory(None)
    asker = Asker(Tagless(), "en", "es", memory)
    asker.ask([one])
    answer, known = asker.answers[one.html], memory.get(one.html, "tagless")
    assert known is not None
    pieces = asker.pieces_of(one, answer)
    assert pieces == decode(known.text, one.pieces)
    assert pieces == ("SEE ", Inline("[", "](u)", ("THE TEXT",), "link"), " .")


def test_texts_that_look_alike_to_an_engine_keep_their_own_markup() -> None:
    code, key = Protected("``x``", "x", "literal"), Protected(":kbd:`x`", "x", "role:kbd")
    one, other = segment(("Use ", code)), segment(("Use ", key))
    assert one.html == other.html
    asker = Asker(Keeping(), "en", "es", Memory(None))
    asker.ask([one])
    assert asker.pieces_of(one, asker.answers[one.html]) == ("USE ", code)
    assert asker.pieces_of(other, asker.answers[one.html]) == ("USE ", key)


class Choking:
    """Takes all segments in one call, and fails wherever the first of them is among them."""

    name = "choking"
    batch_size = 0

    def __init__(self) -> None:
        self.calls = 0

    def translate(self, segments: Sequence[str], source: str, target: str) -> list[str]:
        self.calls += 1
        if "Drop 0 falls." in segments:
            raise ValueError("indigestible")
        return [one.upper() for one in segments]


def test_one_bad_segment_among_very_many_costs_itself_alone() -> None:
    segments = [segment((f"Drop {number} falls.",)) for number in range(1000)]
    asker = Asker(Choking(), "en", "es", Memory(None))
    asker.ask(segments)
    assert len(asker.answers) == 999
    assert set(asker.problems) == {"Drop 0 falls."}


def test_an_engine_that_always_fails_is_not_asked_without_end() -> None:
    engine = Choking()
    asker = Asker(engine, "en", "es", Memory(None))
    asker.ask([segment(("Drop 0 falls.",))] * 1000)
    assert engine.calls < 10 + PATIENCE + 10
    assert not asker.answers
