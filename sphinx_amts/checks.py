"""Checks of a translation that need no reference: what a careful reviewer would stumble over, found by rules.

A module of its own because three parts ask the same questions of a text and must get the same answers: every build, the
page for reviewers, and an engine's output in an evaluation. It knows no syntax and no catalog: texts come in plain, with
U+FFFC for what is never translated (code, maths, references). Each check has a name, under which it can be switched off.
How often each one is wrong on human translations is measured in ``bench/evaluation.py``.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from sphinx_amts.model import ConfigurationError, Term

OBJECT = "\ufffc"
"""Stands for an inline object that is not prose (OBJECT REPLACEMENT CHARACTER)."""

_CJK = r"\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_UNSPACED = {"zh", "ja", "th", "lo", "my", "km"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing in a translation that a reviewer should look at."""

    check: str
    """Name of the check, a key of :data:`CHECKS` or ``inconsistent``."""
    message: str
    """What is the matter, as a sentence."""
    excerpt: str = ""
    """The part of the translation that it is about, as it stands there; empty where something is missing."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A text and its translation, as the checks see them."""

    source: str
    """Plain source text; U+FFFC for each object that is never translated."""
    target: str
    """Plain translation in the same form."""
    source_language: str = "en"
    """Sphinx's code of the source language."""
    language: str = "zh_CN"
    """Sphinx's code of the target language."""
    terms: Sequence[Term] = field(default=())
    """The terminology of the language."""

    @property
    def code(self) -> str:
        """The target language without region and script."""
        return _language(self.language)


def examine(unit: Unit, off: Collection[str] = ()) -> list[Finding]:
    """All findings in one translated text, in the order of :data:`CHECKS`; checks named in *off* are left out."""
    if not unit.target.strip():
        return []
    return [finding for name, check in CHECKS.items() if name not in off for finding in check(unit)]


def check_names(names: Iterable[str], option: str) -> frozenset[str]:
    """Take *names* for checks to switch off; raise :class:`ConfigurationError`, naming *option*, for an unknown one."""
    known = (*CHECKS, INCONSISTENT)
    chosen = frozenset(names)
    if unknown := sorted(chosen.difference(known)):
        raise ConfigurationError(f"{option} = {unknown[0]!r}: no such check. Accepted: {', '.join(known)}.")
    return chosen


def _language(code: str) -> str:
    return code.replace("-", "_").split("_")[0].split("@")[0].lower()


# -- numbers -------------------------------------------------------------------------------------------------------

_NUMBER = re.compile(r"\d+(?:[.,'’\u00a0\u202f\u2009]\d+)*")
_SEPARATOR = re.compile(r"\D")
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


def _numbers(unit: Unit) -> Iterator[Finding]:
    """Numbers that are lost, and numbers that come from nowhere."""
    ours, theirs = _evidence(unit.source, unit.source_language), _evidence(unit.target, unit.language)
    for shown, value in _written(unit.source):
        small_word = value <= _SMALL and _language(unit.language) not in {*_SPELLED, "zh", "ja"}
        if not theirs.holds(shown, value) and not small_word and not _decade(value, unit.target):
            yield Finding("numbers", f"The number {shown} of the source is missing.")
    for shown, value in _written(unit.target):
        if value > _SMALL and not ours.holds(shown, value) and not _decade_of(shown, unit):
            yield Finding("numbers", f"The number {shown} is not in the source.", shown)


@dataclass(frozen=True, slots=True)
class _Evidence:
    """The numbers that a text holds, in digits, words and scales."""

    digits: frozenset[str]
    values: frozenset[float]

    def holds(self, shown: str, value: float) -> bool:
        """Whether the text holds the number, however it is written."""
        if _folded(shown) in self.digits or value in self.values:
            return True
        parts = _SEPARATOR.split(_ascii(shown))
        return len(parts) > 1 and all(part in self.digits for part in parts)


def _ascii(text: str) -> str:
    return "".join(str(unicodedata.digit(char)) if char.isdigit() else char for char in text)


def _folded(shown: str) -> str:
    return _SEPARATOR.sub("", _ascii(shown))


def _written(text: str) -> list[tuple[str, float]]:
    """Numbers in digits, each once: as written, and their value without separators."""
    return [(shown, float(_folded(shown))) for shown in dict.fromkeys(_NUMBER.findall(_digits_only(text)))]


def _digits_only(text: str) -> str:
    r"""*text* without superscripts and other digits that ``\\d`` does not know."""
    return "".join(" " if char.isdigit() and not char.isdecimal() else char for char in text)


def _evidence(text: str, language: str) -> _Evidence:
    text = _digits_only(text)
    digits = {part for shown in _NUMBER.findall(text) for part in (*_SEPARATOR.split(_ascii(shown)), _folded(shown))}
    values = {float(part) for part in digits}
    for amount, scale in _SCALED.findall(_ascii(text).lower()):
        for reading in {amount.replace(",", ""), amount.replace(".", "").replace(",", ".")}:
            if reading.count(".") < 2:
                values.add(round(float(reading) * _SCALES[scale], 6))
                values.add(_SCALES[scale])
    values.update(_spelled_values(text, _language(language)))
    return _Evidence(frozenset(digits), frozenset(values))


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


def _decade_of(shown: str, unit: Unit) -> bool:
    """Whether *shown* is the century or decade of a year in the source."""
    years = [int(year) for year in re.findall(r"(?<!\d)[12]\d{3}(?!\d)", unit.source)]
    return shown.isdigit() and any(int(shown) in {year % 100, year // 100 + 1} for year in years)


# -- terms ---------------------------------------------------------------------------------------------------------


def _terms(unit: Unit) -> Iterator[Finding]:
    """Terms of the terminology whose translation is missing."""
    for term in unit.terms:
        if _occurs(term.source, unit.source, unit.source_language) and not _rendered(term, unit):
            yield Finding("terms", f"The term “{term.source}” should be “{term.target}”.")


def _occurs(term: str, text: str, language: str) -> bool:
    if _language(language) in _UNSPACED:
        return term in text
    flags = 0 if any(char.isupper() for char in term) else re.IGNORECASE
    return re.search(rf"(?<!\w){re.escape(term)}(?!\w)", text, flags) is not None


def _rendered(term: Term, unit: Unit) -> bool:
    """Whether the translation holds the term; endings of its words may differ where words inflect."""
    if term.target.casefold() in unit.target.casefold():
        return True
    if unit.code in _UNSPACED or term.source == term.target:
        return False
    stems = (word[: max(3, len(word) - 2)] for word in term.target.casefold().split())
    pattern = r"\w*\W+".join(rf"\b{re.escape(stem)}" for stem in stems)
    return re.search(pattern, unit.target.casefold()) is not None


# -- language ------------------------------------------------------------------------------------------------------

_SCRIPTS = {
    "han": r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff", "kana": r"\u3040-\u30ff", "hangul": r"\uac00-\ud7af\u1100-\u11ff",
    "cyrillic": r"\u0400-\u052f", "greek": r"\u0370-\u03ff\u1f00-\u1fff", "hebrew": r"\u0590-\u05ff", "arabic": r"\u0600-\u06ff\u0750-\u077f\u08a0-\u08ff",
    "devanagari": r"\u0900-\u097f", "bengali": r"\u0980-\u09ff", "tamil": r"\u0b80-\u0bff", "telugu": r"\u0c00-\u0c7f", "thai": r"\u0e00-\u0e7f",
    "georgian": r"\u10a0-\u10ff", "armenian": r"\u0530-\u058f", "latin": r"A-Za-z\u00c0-\u024f\u1e00-\u1eff",
}  # fmt: skip
_SCRIPT_OF = {
    "zh": ("han",), "ja": ("han", "kana"), "ko": ("hangul", "han"), "ru": ("cyrillic",), "uk": ("cyrillic",), "bg": ("cyrillic",),
    "mk": ("cyrillic",), "sr": ("cyrillic", "latin"), "el": ("greek",), "he": ("hebrew",), "ar": ("arabic",), "fa": ("arabic",),
    "ur": ("arabic",), "hi": ("devanagari",), "mr": ("devanagari",), "ne": ("devanagari",), "bn": ("bengali",), "ta": ("tamil",),
    "te": ("telugu",), "th": ("thai",), "ka": ("georgian",), "hy": ("armenian",),
}  # fmt: skip
_LETTERS = {name: re.compile(f"[{letters}]") for name, letters in _SCRIPTS.items()}
_ALWAYS = {"latin", "greek"}
"""Scripts that belong to technical prose in every language: names, units, symbols."""
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_ENOUGH_WORDS = 3
_LONG_RUN = 5


def _common_words(text: str) -> list[str]:
    """Words of *text* that are neither names nor codes: all of them in lower case."""
    return [word for word in _WORD.findall(text) if word.islower() and len(word) > 1]


def _untranslated(unit: Unit) -> Iterator[Finding]:
    """Text that is still in the source language, as a whole or in part."""
    if unit.code == _language(unit.source_language) or _language(unit.source_language) in _UNSPACED:
        return
    source, target = " ".join(unit.source.split()), " ".join(unit.target.split())
    if source == target:
        if len(_common_words(source)) >= _ENOUGH_WORDS:
            yield Finding("untranslated", "The text is the same as its source.", unit.target)
        return
    run = _longest_shared(_WORD.findall(source), _WORD.findall(target))
    if len(run) >= _LONG_RUN and len(_common_words(" ".join(run))) >= _LONG_RUN - 1:
        excerpt = re.search(r"\W+".join(re.escape(word) for word in run), unit.target)
        yield Finding(
            "untranslated", "Part of the text is still in the source language.", excerpt[0] if excerpt else ""
        )


def _longest_shared(left: Sequence[str], right: Sequence[str]) -> Sequence[str]:
    """The longest run of words that stands in both texts."""
    if not set(left) & set(right):
        return ()
    best, end = 0, 0
    row = [0] * (len(right) + 1)
    for word in left:
        diagonal = 0
        for column, other in enumerate(right, 1):
            diagonal, row[column] = row[column], diagonal + 1 if word == other else 0
            if row[column] > best:
                best, end = row[column], column
    return right[end - best : end]


def _script(unit: Unit) -> Iterator[Finding]:
    """Letters of a script that neither the language nor the source has, or none of the language's own."""
    own = _SCRIPT_OF.get(unit.code, ("latin",))
    if unit.source != unit.target and len(_common_words(unit.source)) >= _ENOUGH_WORDS:
        letters = [char for char in unit.target if char.isalpha()]
        if letters and not any(_LETTERS[name].search(unit.target) for name in own):
            yield Finding("script", f"No letter of the text belongs to the language {unit.language}.", unit.target)
            return
    for name, pattern in _LETTERS.items():
        if name in own or name in _ALWAYS:
            continue
        strange = [char for char in pattern.findall(unit.target) if char not in unit.source]
        if strange and not pattern.search(unit.source):
            yield Finding("script", f"The text holds {name} letters ({''.join(strange[:8])}).", strange[0])


# -- length --------------------------------------------------------------------------------------------------------

_WEIGHT = {"han": 2.8, "kana": 1.7, "hangul": 2.2}
"""Letters of a Latin script that say as much as one of these, on average (English to Chinese: measured on D2L)."""
_DENSE = re.compile(rf"(?P<han>[{_SCRIPTS['han']}])|(?P<kana>[{_SCRIPTS['kana']}])|(?P<hangul>[{_SCRIPTS['hangul']}])")
_SHORTEST = 25
_SPREAD = 2.2
"""Factor by which a long text may be longer or shorter than its source; short ones may differ more."""


def _weigh(text: str) -> float:
    """Length of *text* in letters of a Latin script; objects count little, since both sides have them."""
    text = re.sub(r"\s+", " ", text)
    dense = Counter(match.lastgroup for match in _DENSE.finditer(text))
    return len(text) - dense.total() + sum(_WEIGHT[name or "han"] * count for name, count in dense.items())


def _length(unit: Unit) -> Iterator[Finding]:
    """Translations that are much longer or shorter than such texts are."""
    source, target = _weigh(unit.source), _weigh(unit.target)
    if source < _SHORTEST:
        return
    allowed = math.log(_SPREAD) + 6 / math.sqrt(source) * 0.5
    ratio = target / source
    if abs(math.log(max(ratio, 1e-6))) > allowed:
        word = "short" if ratio < 1 else "long"
        yield Finding("length", f"The text is unusually {word}: {ratio:.1f} times what its source leads one to expect.")


# -- doubled words -------------------------------------------------------------------------------------------------

_DOUBLED = re.compile(r"(?<![\w-])([^\W\d_]+)\s+\1(?![\w-])", re.IGNORECASE)
_MAY_DOUBLE = {
    "de": {"der", "die", "das", "sie", "den"}, "fr": {"nous", "vous", "se"}, "es": {"se", "no", "sí", "muy"}, "it": {"via", "man"},
    "nl": {"die", "dat", "je"}, "en": {"that", "had"},
}  # fmt: skip
_DOUBLED_HAN = re.compile(rf"([{_CJK}]{{2,8}})\1|([的了是在和与及被把])\2")
_MAY_DOUBLE_HAN = re.compile(r"(.)\1\1\1|([^的了是在和与])\2([^的了是在和与])\3")


def _doubled(unit: Unit) -> Iterator[Finding]:
    """Words that stand twice."""
    if unit.code in {"zh", "ja"}:
        for match in _DOUBLED_HAN.finditer(unit.target):
            if not _MAY_DOUBLE_HAN.fullmatch(match[0]):
                yield Finding("doubled", f"“{match[1] or match[2]}” stands twice.", match[0])
        return
    if _DOUBLED.search(unit.source):
        return
    for match in _DOUBLED.finditer(unit.target):
        if match[1].lower() not in _MAY_DOUBLE.get(unit.code, ()):
            yield Finding("doubled", f"“{match[1]}” stands twice.", match[0])


# -- punctuation ---------------------------------------------------------------------------------------------------

_HALF_WIDTH = re.compile(rf"(?<=[{_CJK}])(?:[,;:?!](?![/\w\ufffc-]*[\w]@)|\.(?=\s|$|[{_CJK}]))")
_LATIN_IN_ARABIC = re.compile(r"(?<=[\u0620-\u064a])\s?[,;?]")
_FRENCH = re.compile(r"(?<=[^\W\d_])[?!;](?=\s|$)")
_SPANISH = {"?": "¿", "!": "¡"}


def _punctuation(unit: Unit) -> Iterator[Finding]:
    """Marks that the target language writes otherwise."""
    if unit.code in {"zh", "ja"}:
        for match in _HALF_WIDTH.finditer(unit.target):
            yield Finding("punctuation", f"Half-width “{match[0]}” behind {unit.language} text.", _around(match))
    elif unit.code in {"ar", "fa", "ur"}:
        for match in _LATIN_IN_ARABIC.finditer(unit.target):
            yield Finding("punctuation", f"Latin “{match[0].strip()}” behind Arabic letters.", _around(match))
    elif unit.language in {"fr", "fr_FR"}:
        for match in _FRENCH.finditer(unit.target):
            yield Finding("punctuation", f"French has a no-break space before “{match[0]}”.", _around(match))
    elif unit.code == "es":
        for mark, inverted in _SPANISH.items():
            if _ends_of(mark, unit.target) > unit.target.count(inverted):
                yield Finding("punctuation", f"“{mark}” without “{inverted}” before it.", mark)


def _ends_of(mark: str, text: str) -> int:
    """How many sentences or clauses of *text* end with *mark*."""
    return len(re.findall(rf"(?<=[^\W_\d\"»)]){re.escape(mark)}+(?=\W|$)", text))


def _around(match: re.Match[str]) -> str:
    """A mark with the character before it, as it stands in the text."""
    return match.string[max(match.start() - 1, 0) : match.end()]


_CJK_SPACE = re.compile(rf"[{_CJK}，。；：？！、][ \t]+(?=[{_CJK}，。；：？！、])")
_TWO_SPACES = re.compile(r"\S[ \t\u3000]{2,}(?=\S)")
_SPACE_BEFORE = re.compile(r"[^\W_]\s+(?:[,;!?](?=\s|$)|\.(?=\s+[^\W\d_]|$))")
_NO_SPACE_AFTER = re.compile(r"[^\W\d_]{2,}[,;!?](?=[^\W\d_]{2,})")
_KEEPS_SPACE = {"fr", "br"}


def _spacing(unit: Unit) -> Iterator[Finding]:
    """Spaces that the target language does not write, or misses."""
    patterns = [(_TWO_SPACES, "Two spaces in a row.")] if not _TWO_SPACES.search(unit.source) else []
    if unit.code in {"zh", "ja"}:
        patterns.append((_CJK_SPACE, "A space inside of {language} text."))
    elif unit.code not in _UNSPACED:
        if unit.code not in _KEEPS_SPACE:
            patterns.append((_SPACE_BEFORE, "A space before a mark."))
        patterns.append((_NO_SPACE_AFTER, "No space behind a mark."))
    for pattern, message in patterns:
        match = pattern.search(unit.target)
        if match and not pattern.search(unit.source):
            yield Finding("spacing", message.format(language=unit.language), match[0])


_MARKS = {"?": "?", "？": "?", "؟": "?", ";": ";", ":": ":", "：": ":", "!": "!", "！": "!"}
_STOPS = ".。．।۔։።…"
_CLOSING = "\"'”’»›)）]】」』》〉*"
_NAMES = {"?": "a question mark", "!": "an exclamation mark", ":": "a colon", ".": "a full stop", "": "no mark"}


def _ending(unit: Unit) -> Iterator[Finding]:
    """A text that ends with another kind of mark than its source."""
    ours, theirs = _end(unit.source), _end(unit.target)
    if ours is None or theirs is None or ours == theirs or {ours, theirs} <= {".", ":", "!", ";"}:
        return
    if unit.code in _NO_STOP and {ours, theirs} == {".", ""}:
        return
    if "" in {ours, theirs} and _weigh(unit.source) < _SHORTEST:
        return
    yield Finding(
        "ending", f"The text ends with {_NAMES.get(theirs, theirs)}, its source with {_NAMES.get(ours, ours)}."
    )


_NO_STOP = {"th", "lo", "km", "my"}


def _end(text: str) -> str | None:
    """The kind of mark that *text* ends with; ``None`` where an object ends it."""
    text = text.rstrip().rstrip(_CLOSING).rstrip()
    if not text or text[-1] == OBJECT:
        return None
    return "." if text[-1] in _STOPS else _MARKS.get(text[-1], "")


_PAIRS = {"(": ")", "（": "）", "[": "]", "【": "】", "「": "」", "『": "』", "《": "》", "«": "»", "“": "”"}
_WIDE = str.maketrans("（）", "()")


def _brackets(unit: Unit) -> Iterator[Finding]:
    """Brackets and quotation marks that do not close."""
    source, target = unit.source.translate(_WIDE), unit.target.translate(_WIDE)
    for opening, closing in _PAIRS.items():
        if (opening == "«" and unit.code in {"de", "da"}) or (
            opening == "“" and unit.code in {"de", "cs", "sk", "bg", "sl"}
        ):
            continue  # »…« and „…“ use the same characters the other way round
        if source.count(opening) == source.count(closing) and target.count(opening) != target.count(closing):
            yield Finding(
                "brackets", f"“{opening}” and “{closing}” do not pair up.", opening if opening in unit.target else ""
            )


CHECKS: Mapping[str, Callable[[Unit], Iterator[Finding]]] = {
    "numbers": _numbers,
    "terms": _terms,
    "untranslated": _untranslated,
    "script": _script,
    "length": _length,
    "doubled": _doubled,
    "punctuation": _punctuation,
    "spacing": _spacing,
    "ending": _ending,
    "brackets": _brackets,
}
"""Checks of one text by name; :data:`INCONSISTENT` looks at a whole book."""

INCONSISTENT = "inconsistent"
"""Name of the check that :func:`inconsistencies` makes."""


def inconsistencies(pairs: Iterable[tuple[str, str]]) -> dict[str, Finding]:
    """Sources that have more than one translation among *pairs* of plain texts (source, translation), by source.

    White space, case and final marks do not count, so that a heading and the same words in a sentence's place agree.
    """
    known: dict[str, dict[str, str]] = {}
    sources: dict[str, set[str]] = {}
    for source, target in pairs:
        if not target.strip() or not any(char.isalpha() for char in source):
            continue
        key = _key(source)
        known.setdefault(key, {}).setdefault(_key(target), target)
        sources.setdefault(key, set()).add(source)
    found = {}
    for key, targets in known.items():
        if len(targets) > 1:
            shown = ", ".join(f"“{_short(text)}”" for text in sorted(targets.values()))
            finding = Finding(INCONSISTENT, f"The same text is translated in {len(targets)} ways: {shown}.")
            found.update(dict.fromkeys(sources[key], finding))
    return found


def _key(text: str) -> str:
    return " ".join(text.casefold().split()).rstrip(".。:：")


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:59] + "…"
