"""Checks without a reference: each finds its mistake, and human translations pass."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sphinx_amts import catalog, checks
from sphinx_amts.checks import OBJECT, Unit, numbers
from sphinx_amts.model import ConfigurationError, Origin, Term

EXAMPLE = Path(__file__).parent.parent / "example_book" / "locale"
TERMS = (Term("rain gauge", "雨量筒"), Term("Gluon", "Gluon"))
TERMS_ES = (Term("rain gauge", "pluviómetro"),)


def names(
    source: str, target: str, language: str = "zh_CN", source_language: str = "en", terms: tuple[Term, ...] = ()
) -> list[str]:
    return [finding.check for finding in checks.examine(Unit(source, target, source_language, language, terms))]


@pytest.mark.parametrize(
    ("source", "target", "language"),
    [
        ("It was 17 degrees.", "当时是71度。", "zh_CN"),
        ("It was 17 degrees.", "当时很暖和。", "zh_CN"),
        ("It was warm.", "当时是17度。", "zh_CN"),
        ("We saw 1,000 drops.", "Vimos 100 gotas.", "es"),
        ("A layer of 0.5 mm fell.", "Cayó una capa de 1,5 mm.", "es"),
    ],
)
def test_numbers(source: str, target: str, language: str) -> None:
    assert "numbers" in names(source, target, language)


@pytest.mark.parametrize(
    ("source", "target", "language"),
    [
        ("We saw 1,000 drops.", "Vimos 1.000 gotas.", "es"),
        ("We saw 1000 drops.", "Vimos 1 000 gotas.", "es"),
        ("A layer of 0.5 mm fell.", "Cayó una capa de 0,5 mm.", "es"),
        ("The two readings agree.", "这2个读数一致。", "zh_CN"),
        ("Take 3 readings.", "取三个读数。", "zh_CN"),
        ("About 120 million stations.", "约1.2亿个站。", "zh_CN"),
        ("About 20,000 stations.", "约2万个站。", "zh_CN"),
        ("In the 1990s it was dry.", "20世纪90年代很干旱。", "zh_CN"),
        ("On 4 March 2024", "2024年3月4日", "zh_CN"),
        ("32 readings", "三十二个读数", "zh_CN"),
        (f"The value {OBJECT} is 5.", f"值{OBJECT}是{OBJECT}。", "zh_CN"),
        ("It costs 5.", "Cuesta ٥.", "es"),
    ],
)
def test_numbers_written_otherwise(source: str, target: str, language: str) -> None:
    assert "numbers" not in names(source, target, language)


def test_terms() -> None:
    assert names("Read the rain gauge.", "读取雨量计。", terms=TERMS) == ["terms"]
    assert names("Read the rain gauge.", "读取雨量筒。", terms=TERMS) == []
    assert names("Rain gauge", "雨量计", terms=TERMS) == ["terms"]
    assert names("The drain gauges", "排水计", terms=TERMS) == []
    assert names("With Gluon it rains.", "用胶子来下雨。", terms=TERMS) == ["terms"]
    assert names("Each rain gauge is new.", "Los pluviómetros son nuevos.", "es", terms=TERMS_ES) == []
    assert names("Each rain gauge is new.", "Los medidores son nuevos.", "es", terms=TERMS_ES) == ["terms"]


def test_untranslated() -> None:
    text = "The station stands in the garden."
    assert names(text, text, "es") == ["untranslated"]
    assert names("Celsius, Kelvin", "Celsius, Kelvin", "es") == []
    assert names(f"{text} It is old.", "The station stands in the garden. Es vieja.", "es") == ["untranslated"]
    assert (
        names('Say "the station stands in the garden" now.', 'Di "the station stands in the garden" ahora.', "es") == []
    )


def test_script() -> None:
    assert names("The station is old now.", "La estación es vieja ya.") == ["script"]
    assert names("The station is old now.", "Станция старая.", "es") == ["script"]
    assert names("The station is old now.", "气象站已经旧了α。") == []
    assert names("The sign 雨 means rain.", "El signo 雨 significa lluvia.", "es") == []
    assert names("The station is old now.", "气象站已经旧了ы。") == ["script"]


def test_length() -> None:
    source = "The station stands in the garden behind the house, where the wind comes from every side."
    assert names(source, "气象站。") == ["length"]
    assert names(source, "气象站立在屋后的花园里，那里四面来风。") == []
    assert "length" in names("The station stands in the old garden.", "La estación está en el jardín. " * 5, "es")


def test_doubled() -> None:
    assert names("The station is old.", "La la estación es vieja.", "es") == ["doubled"]
    assert names("The station is old.", "气象站气象站旧了。") == ["doubled"]
    assert names("Look at it and think.", "好好看看，想一想，一步一步来。") == []
    assert names("It is what it is.", "Das die die die", "de") == []


def test_punctuation() -> None:
    assert names("First, we read.", "首先,我们读数。") == ["punctuation"]
    assert names("What is it?", "Qué es esto?", "es") == ["punctuation"]
    assert names("What is it?", "¿Qué es esto?", "es") == []
    assert names("What is it?", "Qu'est-ce que c'est?", "fr") == ["punctuation"]
    assert names("Is it raining now?", "هل تمطر الآن?", "ar") == ["punctuation"]


def test_spacing() -> None:
    assert names("We read it.", "我们 读数。") == ["spacing"]
    assert names("We read it.", "La leemos .", "es") == ["spacing"]
    assert names("First,second", "Primero,segundo", "es") == []
    assert names("We read, then write.", "Leemos,después escribimos.", "es") == ["spacing"]
    assert names("We read it.", "La  leemos.", "es") == ["spacing"]


def test_ending_and_brackets() -> None:
    assert names("Does the station stand here?", "La estación está aquí.", "es") == ["ending"]
    assert names("The station stands in the garden.", "La estación está en el jardín", "es") == ["ending"]
    assert names("The station stands here:", "气象站立在这里。") == []
    assert names("The station (old) stands.", "气象站（旧的立着。") == ["brackets"]
    assert names("The station (old) stands.", "旧的气象站立着。") == []


def test_every_check_can_be_switched_off() -> None:
    unit = Unit(
        "It was 17 degrees, and the rain gauge stood in the garden?", "La la  estación ы (", "en", "es", TERMS_ES
    )
    found = {finding.check for finding in checks.examine(unit)}
    assert len(found) >= 5
    for name in found:
        assert name not in {finding.check for finding in checks.examine(unit, off={name})}


def test_an_unknown_name_is_refused() -> None:
    assert checks.check_names(["numbers", "inconsistent"], "--without-check") == {"numbers", "inconsistent"}
    with pytest.raises(ConfigurationError, match=r"--without-check = 'colour'.*Accepted: numbers"):
        checks.check_names(["colour"], "--without-check")


def test_inconsistent() -> None:
    pairs = [
        ("Try this", "试一试"),
        ("Try this", "试试看"),
        ("Try this:", "试一试："),
        ("Rain", "雨"),
        ("Rain", "雨"),
        ("5", "五"),
    ]
    found = checks.inconsistencies(pairs)
    assert set(found) == {"Try this", "Try this:"}
    assert "2 ways" in found["Try this"].message


@pytest.mark.parametrize("language", ["zh_CN", "es"])
def test_human_translations_of_the_example_book_pass(language: str) -> None:
    entries = [
        entry
        for path in sorted((EXAMPLE / language / "LC_MESSAGES").glob("*.po"))
        for entry in catalog.read(path).by_msgid().values()
        if entry.origin is Origin.HUMAN
    ]
    assert len(entries) > 300
    found = [
        (entry.msgstr, finding)
        for entry in entries
        for finding in checks.examine(Unit(without_markup(entry.msgid), without_markup(entry.msgstr), "en", language))
    ]
    assert len(found) <= len(entries) // 200, found


def without_markup(text: str) -> str:
    """A rough reading of reST and Markdown: good enough for text that people wrote carefully."""
    text = re.sub(
        r"[:{][\w:+-]+[:}]`[^`]*`|`[^`]*`_?|\$[^$]*\$|\[\^?[^\]]*\]_?|\|[^|]*\|", OBJECT, text.replace("\\ ", "")
    )
    return text.replace("*", "")


@given(st.text(max_size=60), st.text(max_size=60), st.sampled_from(["zh_CN", "es", "ar", "fr", "de", "th", "xx"]))
def test_no_text_makes_a_check_fail(source: str, target: str, language: str) -> None:
    for finding in checks.examine(Unit(source, target, "en", language, TERMS)):
        assert finding.check in checks.CHECKS
        assert finding.excerpt in target


@given(st.text(max_size=80), st.sampled_from(["zh_CN", "es", "ar", "fr", "de", "th", "xx"]))
def test_a_text_that_equals_its_source_needs_only_the_checks_that_it_gets(text: str, language: str) -> None:
    unit = Unit(text, text, "en", language)
    everything = [finding for check in checks.CHECKS.values() for finding in check(unit)] if text.strip() else []
    assert checks.examine(unit) == everything


def test_digits_that_are_no_decimal_ones() -> None:
    every = {chr(code) for code in range(sys.maxunicode + 1)}
    signs = {char for char in every if char.isdigit() and not char.isdecimal()}
    assert signs == {char for char in every if numbers._SIGNS.match(char)}
