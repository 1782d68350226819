"""Fuzzy matches: what is repaired, what is not, and how the catalog tells."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from sphinx_amts import catalog as po
from sphinx_amts.memory import Memory
from sphinx_amts.model import Origin, SegmentPair
from sphinx_amts.translate.repairing import repair
from tests.conftest import Book, Build

KNOWN = "The station stands 120 metres above the level of the sea."
TARGET = "La estación está a 120 metros sobre el nivel del mar."


def pair(known: str, target: str, new: str, language: str = "es", least: float = 0.8) -> str | None:
    found = repair(known, target, new, ("en", language), least)
    return None if found is None else found[1]


def test_a_number_is_put_right_on_both_sides() -> None:
    new = KNOWN.replace("120", "95")
    assert repair(KNOWN, TARGET, new, ("en", "es"), 0.8) == (new, TARGET.replace("120", "95"))


@pytest.mark.parametrize(
    ("known", "target", "new", "wanted"),
    [
        # Two numbers, in another order in the target.
        ("In 2019 we counted 31 storms at the two stations.", "我们在两个站于2019年数到31场风暴。", "In 2021 we counted 12 storms at the two stations.", "我们在两个站于2021年数到12场风暴。"),
        # Decimals that both languages write alike.
        ("One cubic metre of air weighs about 1.2 kilograms.", "一立方米空气约重1.2千克。", "One cubic metre of air weighs about 1.3 kilograms.", "一立方米空气约重1.3千克。"),
        # Text beside a number, in a tag, and numbers in tags and protected text are left alone.
        ('Step 3: wait <b id="1">20 minutes</b> before <span id="2" translate="no">read(20)</span> is called.', '第3步：先等<b id="1">20分钟</b>再调用<span id="2" translate="no">read(20)</span>。', 'Step 3: wait <b id="1">30 minutes</b> before <span id="2" translate="no">read(20)</span> is called.', '第3步：先等<b id="1">30分钟</b>再调用<span id="2" translate="no">read(20)</span>。'),
        # Signs and units that stay.
        ("It was -5 °C in the garden when the sun came up.", "太阳升起时花园里是-5 °C。", "It was -7 °C in the garden when the sun came up.", "太阳升起时花园里是-7 °C。"),
    ],
)  # fmt: skip
def test_what_is_repaired(known: str, target: str, new: str, wanted: str) -> None:
    assert pair(known, target, new, "zh_CN") == wanted


@pytest.mark.parametrize(
    ("known", "target", "new", "why"),
    [
        ("On 5 May we begin with 5 readings a day.", "5月5日我们开始每天读数。", "On 6 May we begin with 5 readings a day.", "twice in the source"),
        ("On 5 June we begin with the readings of the day.", "5月5日我们开始当天的读数。", "On 6 June we begin with the readings of the day.", "twice in the target"),
        ("Wait for 3 minutes before you read the thermometer.", "读温度计之前先等三分钟。", "Wait for 4 minutes before you read the thermometer.", "in words in the target"),
        ("It was 5 °C in the garden when the sun came up.", "太阳升起时花园里是5 °C。", "It was -5 °C in the garden when the sun came up.", "another sign"),
        ("The price rose by 5 % in the year of the storm.", "风暴那年价格上涨了5 %。", "The price rose by 5 in the year of the storm.", "another unit"),
        ("The rain gauge holds 12 millimetres of the rain.", "雨量计可容纳12毫米的雨。", "The rain gauge holds 1.5 millimetres of the rain.", "written in another way"),
        ("Figure 3", "图3", "Figure 4", "not similar enough"),
    ],
)  # fmt: skip
def test_what_is_not_certain_is_left_to_the_engine(known: str, target: str, new: str, why: str) -> None:
    assert pair(known, target, new, "zh_CN") is None, why


def test_plural_forms_have_to_agree() -> None:
    """Russian has three of them: 2 файла, 5 файлов, and English hides the difference."""
    known, target = "The folder of the book holds 2 files today.", "В папке книги сегодня 2 файла."
    assert pair(known, target, known.replace("2", "3"), "ru") == target.replace("2", "3")
    assert pair(known, target, known.replace("2", "5"), "ru") is None
    assert pair(known, target, known.replace("2", "5"), "xx") is None, "a language without known rules"


def test_the_threshold() -> None:
    new = KNOWN.replace("120", "95")
    assert pair(KNOWN, TARGET, new, least=0.9)
    assert pair(KNOWN, TARGET, new, least=0.95) is None
    assert pair(KNOWN, TARGET, new, least=1.0) is None


def test_signs_and_units_are_no_punctuation_to_the_memory() -> None:
    """A sentence with another sign is not "the same but for punctuation"."""
    memory = Memory(None)
    memory.replace("catalog", "1", [SegmentPair("It was 5 degrees.", "Hacía 5 grados.", Origin.HUMAN)])
    assert [found.text for _, found in memory.alike('It was <b id="1">5</b> degrees')] == ["Hacía 5 grados."]
    assert memory.alike("It was -5 degrees.") == []
    assert [key for key, _ in memory.similar("It was -5 degrees.")] == ["It was 5 degrees."]
    assert memory.alike("It was 6 degrees.") == []


def test_the_same_numbers_are_found_among_many_others() -> None:
    memory = Memory(None)
    pairs = [SegmentPair(f"It was {n} degrees.", f"Hacía {n} grados.", Origin.HUMAN) for n in range(300)]
    memory.replace("catalog", "1", pairs)
    assert {found.text for _, found in memory.alike("It was 217 degrees")} == {"Hacía 217 grados."}


# -- in a build --------------------------------------------------------------------------------------------------------

FILES = {
    "index.rst": f"Title\n=====\n\n{KNOWN} A second sentence.\n\n.. toctree::\n\n   more\n",
    "more.rst": "More\n====\n\nOther words.\n",
    "pairs.csv": f'en,es\n"{KNOWN}","{TARGET}"\n',
}
CONF = 'amts_parallel_data = ["pairs.csv"]\n'


def sent(build: Build) -> int:
    return int(build.summary["es"]["sent_segments"])


def test_a_repaired_match_is_not_sent_and_is_marked(make_book: Callable[..., Book]) -> None:
    book = make_book(FILES, ("es",), "pseudo", CONF)
    book.edit("index.rst", "120 metres", "95 metres")
    first = book.build()
    assert first.status == 0
    assert sent(first) == 4, "two titles, the second sentence and the other words"
    assert "La estación está a 95 metros" in book.localized("es", "index.rst").read_text(encoding="utf-8")
    catalog = book.catalog("es", "index").read_text(encoding="utf-8")
    assert "# amts: pseudo" in catalog
    assert "# amts-route: memory-fuzzy" in catalog
    again = book.build()
    assert sent(again) == 0
    assert again.summary["es"]["documents_written"] == 0


def test_a_message_of_repaired_matches_alone_counts_as_reused(make_book: Callable[..., Book]) -> None:
    book = make_book(FILES, ("es",), "pseudo", CONF)
    book.edit("index.rst", f"{KNOWN} A second sentence.", KNOWN.replace("120", "95"))
    first = book.build()
    assert first.summary["es"]["reused"] == 1
    assert "# amts: memory" in book.catalog("es", "index").read_text(encoding="utf-8")
    book.edit("index.rst", "95 metres", "96 metres")
    assert sent(book.build()) == 0
    assert "a 96 metros" in book.localized("es", "index.rst").read_text(encoding="utf-8")


def test_amts_fuzzy_of_one_switches_it_off(make_book: Callable[..., Book]) -> None:
    book = make_book(FILES, ("es",), "pseudo", CONF + "amts_fuzzy = 1.0\n")
    book.edit("index.rst", "120 metres", "95 metres")
    assert sent(book.build()) == 5


def test_a_persons_sentence_with_another_number_waits_for_review(make_book: Callable[..., Book]) -> None:
    """The person's wording stays, with the new number; it is marked and named, and nothing is sent."""
    book = make_book({**FILES, "pairs.csv": "en,es\nSun,Sol\n"}, ("es",), "pseudo", CONF)
    book.build()
    path = book.catalog("es", "index")
    catalog = po.read(path)
    theirs = f"{TARGET} Una segunda frase."
    entries = [
        replace(one, msgstr=theirs, comments=(), raw="") if KNOWN in one.msgid else one for one in catalog.entries
    ]
    po.write(replace(catalog, entries=tuple(entries)))
    assert sent(book.build()) == 0
    book.edit("index.rst", "120 metres", "95 metres")
    edited = book.build()
    assert sent(edited) == 0
    text = path.read_text(encoding="utf-8")
    assert "La estación está a 95 metros" in text
    assert "Una segunda frase." in text
    assert "#, fuzzy" in text
    assert '# amts-new: "The station stands 95 metres above the level of the sea."' in text
