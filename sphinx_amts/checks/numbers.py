"""Numbers that a translation lost or invented, however the two languages write them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from sphinx_amts.checks.unit import OBJECT, Finding, Unit, language_of

_NUMBER = re.compile(r"\d+(?:[.,'’\u00a0\u202f\u2009]\d+)*")
_DIGIT = re.compile(r"\d")
_OTHER_DIGIT = re.compile(r"[^\D0-9]")
_SIGNS = re.compile(
    "[\u00b2\u00b3\u00b9\u1369-\u1371\u19da\u2070\u2074-\u2079\u2080-\u2089\u2460-\u2468\u2474-\u247c\u2488-\u2490\u24ea"
    "\u24f5-\u24fd\u24ff\u2776-\u277e\u2780-\u2788\u278a-\u2792\U00010a40-\U00010a43\U00010e60-\U00010e68"
    "\U00011052-\U0001105a\U0001f100-\U0001f10a]"
)
"""Digits that are no decimal ones: superscripts, numbers in circles."""
_SEPARATOR = re.compile(r"\D")
_YEAR = re.compile(r"(?<!\d)[12]\d{3}(?!\d)")
_SCALED = re.compile(
    r"(\d+(?:[.,]\d+)*)[\s\u00a0]*(thousand|million|billion|trillion|mil millones|mil|millones|millón|百|千|万|萬|亿|億)(?![a-z])"
)
_SCALES = {
    "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12, "mil": 10**3, "mil millones": 10**9,
    "millones": 10**6, "millón": 10**6, "百": 100, "千": 1000, "万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8,
}  # fmt: skip
_SPELLED = {
    "en": "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty",
    "es": "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis diecisiete "
    "dieciocho diecinueve veinte",
    "de": "null eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn siebzehn "
    "achtzehn neunzehn zwanzig",
    "fr": "zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize dix-sept dix-huit "
    "dix-neuf vingt",
}  # fmt: skip
_MORE_SPELLED = {
    "en": {
        "once": 1, "twice": 2, "half": 2, "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "quarter": 4,
        "twentieth": 20, "nineteenth": 19, "hundred": 100, "thousand": 1000, "dozen": 12, "thirty": 30, "forty": 40,
        "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90, "million": 10**6, "billion": 10**9,
    },
    "es": {
        "una": 1, "un": 1, "primer": 1, "primera": 1, "segundo": 2, "segunda": 2, "medio": 2, "treinta": 30,
        "cuarenta": 40, "cincuenta": 50, "sesenta": 60, "setenta": 70, "ochenta": 80, "noventa": 90, "cien": 100,
        "ciento": 100, "mil": 1000, "millón": 10**6,
    },
    "de": {"ein": 1, "eine": 1, "hundert": 100, "tausend": 1000, "dreißig": 30, "vierzig": 40, "fünfzig": 50},
    "fr": {"une": 1, "cent": 100, "mille": 1000, "trente": 30, "quarante": 40, "cinquante": 50},
}  # fmt: skip
_HAN_NUMERAL = re.compile(r"[〇零一二两兩三四五六七八九十百千万萬亿億]+")
_HAN_DIGITS = {
    "〇": 0,
    "零": 0,
    "一": 1,
    "二": 2,
    "两": 2,
    "兩": 2,
    **{char: n for n, char in enumerate("三四五六七八九", 3)},
}
_SMALL = 12
"""Up to here a number may be a word, or a month, in any language."""


def numbers(unit: Unit) -> Iterator[Finding]:
    """Numbers that are lost, and numbers that come from nowhere."""
    if not _DIGIT.search(unit.source) and not _DIGIT.search(unit.target):
        return
    ours, theirs = _evidence(unit.source, unit.source_language), _evidence(unit.target, unit.language)
    hidden = unit.target.count(OBJECT) - unit.source.count(OBJECT)  # a person may turn a number into maths and back
    for shown, value in _written(unit.source) if hidden <= 0 else ():
        small_word = value <= _SMALL and language_of(unit.language) not in {*_SPELLED, "zh", "ja"}
        if not theirs.holds(shown, value, ours) and not small_word and not _decade(value, unit.target):
            yield Finding("numbers", f"The number {shown} of the source is missing.")
    years = {int(year) for year in _YEAR.findall(unit.source)}
    decades = {number for year in years for number in (year % 100, year // 100 + 1)}
    for shown, value in _written(unit.target) if hidden >= 0 else ():
        is_decade = shown.isdigit() and int(shown) in decades
        if value > _SMALL and not ours.holds(shown, value, theirs) and not is_decade:
            yield Finding("numbers", f"The number {shown} is not in the source.", shown)


@dataclass(frozen=True, slots=True)
class _Evidence:
    """The numbers that a text holds, in digits, words and scales."""

    digits: frozenset[str]
    values: frozenset[float]
    scaled: Mapping[str, frozenset[float]]
    """Values of the numbers that a scale follows (``120 million``, ``1.2亿``), by the number as it is written."""

    def holds(self, shown: str, value: float, other: _Evidence) -> bool:
        """Whether the text holds the number *shown* of the *other* text, however it is written."""
        if _folded(shown) in self.digits or value in self.values:
            return True
        if other.scaled.get(_ascii(shown), frozenset()) & self.values:
            return True
        parts = _SEPARATOR.split(_ascii(shown))
        return len(parts) > 1 and all(part in self.digits for part in parts)


def _ascii(text: str) -> str:
    return text if text.isascii() else _OTHER_DIGIT.sub(lambda match: str(unicodedata.digit(match[0])), text)


def _folded(shown: str) -> str:
    return _SEPARATOR.sub("", _ascii(shown))


def _written(text: str) -> list[tuple[str, float]]:
    """Numbers in digits, each once: as written, and their value without separators."""
    return [(shown, float(_folded(shown))) for shown in dict.fromkeys(_NUMBER.findall(_digits_only(text)))]


def _digits_only(text: str) -> str:
    r"""*text* without superscripts and other digits that ``\\d`` does not know."""
    return _SIGNS.sub(" ", text)


def _evidence(text: str, language: str) -> _Evidence:
    text = _digits_only(text)
    digits = {part for shown in _NUMBER.findall(text) for part in (*_SEPARATOR.split(_ascii(shown)), _folded(shown))}
    values = {float(part) for part in digits}
    scaled: dict[str, frozenset[float]] = {}
    for amount, scale in _SCALED.findall(_ascii(text).lower()):
        scaled[amount] = scaled.get(amount, frozenset()) | _readings(amount, scale)
        values |= {*_readings(amount, scale), float(_SCALES[scale])}
    values.update(_spelled_values(text, language_of(language)))
    return _Evidence(frozenset(digits), frozenset(values), scaled)


def _readings(amount: str, scale: str) -> set[float]:
    """What ``1.2 million`` may be: the separator is one of decimals or of thousands."""
    readings = {amount.replace(",", ""), amount.replace(".", "").replace(",", ".")}
    return {round(float(reading) * _SCALES[scale], 6) for reading in readings if reading.count(".") < 2}


def _spelled_values(text: str, language: str) -> set[float]:
    if language in {"zh", "ja"}:
        return {value for numeral in _HAN_NUMERAL.findall(text) for value in _han_values(numeral)}
    known = _spelled(language)
    return {float(known[word]) for word in re.findall(r"[^\W\d_]+", text.lower()) if word in known}


@cache
def _spelled(language: str) -> Mapping[str, int]:
    words = {word: number for number, word in enumerate(_SPELLED.get(language, "").split())}
    return {**words, **_MORE_SPELLED.get(language, {})}


def _han_values(numeral: str) -> Iterator[float]:
    """What a Chinese numeral may say: its value (三十二), its digits (三二), and each of its characters."""
    total, section, digit = 0, 0, 0
    for char in numeral:
        if char in _HAN_DIGITS:
            digit = _HAN_DIGITS[char]
            yield float(digit)
        elif char in "十百千":
            section += (digit or 1) * {"十": 10, "百": 100, "千": 1000}[char]
            digit = 0
        else:
            total = (total + section + digit) * (10**4 if char in "万萬" else 10**8)
            section = digit = 0
            yield 10.0**4 if char in "万萬" else 10.0**8
    yield float(total + section + digit)
    if all(char in _HAN_DIGITS for char in numeral):
        yield float("".join(str(_HAN_DIGITS[char]) for char in numeral))


def _decade(value: float, target: str) -> bool:
    """Whether a year such as 1990 stands as 90年代 (or "años 90") in *target*."""
    return (
        1000 <= value < 3000
        and value % 10 == 0
        and re.search(rf"{int(value) % 100:02d}\b|{int(value) % 100:02d}年代", target) is not None
    )
