"""Words: terms, text in the wrong language, length, doubled words."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence

from sphinx_amts.checks.unit import CJK, UNSPACED, Finding, Unit, language_of
from sphinx_amts.model import Term


def terms(unit: Unit) -> Iterator[Finding]:
    """Terms of the terminology whose translation is missing."""
    for term in unit.terms:
        if _occurs(term.source, unit.source, unit.source_language) and not _rendered(term, unit):
            yield Finding("terms", f"The term “{term.source}” should be “{term.target}”.")


def _occurs(term: str, text: str, language: str) -> bool:
    if language_of(language) in UNSPACED:
        return term in text
    flags = 0 if any(char.isupper() for char in term) else re.IGNORECASE
    return re.search(rf"(?<!\w){re.escape(term)}(?!\w)", text, flags) is not None


def _rendered(term: Term, unit: Unit) -> bool:
    """Whether the translation holds the term; endings of its words may differ where words inflect."""
    if term.target.casefold() in unit.target.casefold():
        return True
    if unit.code in UNSPACED or term.source == term.target:
        return False
    stems = (word[: max(3, len(word) - 2)] for word in term.target.casefold().split())
    pattern = r"\w*\W+".join(rf"\b{re.escape(stem)}" for stem in stems)
    return re.search(pattern, unit.target.casefold()) is not None


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
_QUOTED = set("\"'“‘«„(（「『:：")


def _common_words(text: str) -> list[str]:
    """Words of *text* that are neither names nor codes: all of them in lower case."""
    return [word for word in _WORD.findall(text) if word.islower() and len(word) > 1]


def untranslated(unit: Unit) -> Iterator[Finding]:
    """Text that is still in the source language, as a whole or in part."""
    if unit.code == language_of(unit.source_language) or language_of(unit.source_language) in UNSPACED:
        return
    source, target = " ".join(unit.source.split()), " ".join(unit.target.split())
    if source == target:
        if len(_common_words(source)) >= _ENOUGH_WORDS:
            yield Finding("untranslated", "The text is the same as its source.", unit.target)
        return
    run = _longest_shared(_WORD.findall(source), _WORD.findall(target))
    if len(run) >= _LONG_RUN and len(_common_words(" ".join(run))) >= _LONG_RUN - 1:
        excerpt = re.search(r"\W+".join(re.escape(word) for word in run), unit.target)
        if excerpt and unit.target[: excerpt.start()].rstrip()[-1:] in _QUOTED:
            return  # a quotation in the source language, as authors have it of commands and examples
        yield Finding(
            "untranslated", "Part of the text is still in the source language.", excerpt[0] if excerpt else ""
        )


def _longest_shared(left: Sequence[str], right: Sequence[str]) -> Sequence[str]:
    """The longest run of words that stands in both texts, the first of several; none below :data:`_LONG_RUN` words.

    Runs of one length are compared by their hashes, and the length is found by trials: texts may have a million words.
    """
    if set(left).isdisjoint(right):
        return ()
    numbers: dict[str, int] = {}
    ours, theirs = ([numbers.setdefault(word, len(numbers) + 1) for word in side] for side in (left, right))
    place = _shared_place(ours, theirs, _LONG_RUN)
    if place is None:
        return ()
    length, failed = _LONG_RUN, min(len(left), len(right)) + 1
    while failed - length > 1:
        attempt = min(2 * length, (length + failed) // 2)
        found = _shared_place(ours, theirs, attempt)
        if found is None:
            failed = attempt
        else:
            length, place = attempt, found
    return left[place : place + length]


def _shared_place(left: Sequence[int], right: Sequence[int], length: int) -> int | None:
    """Where the first run of *length* words in *left* begins that stands in *right*, too."""
    known = set(_hashes(right, length))
    return next((place for place, one in enumerate(_hashes(left, length)) if one in known), None)


def _hashes(words: Sequence[int], length: int) -> Iterator[int]:
    """A hash of each run of *length* words (Rabin and Karp), with a prime that makes like ones of other runs unlikely."""
    prime, base = (1 << 61) - 1, 1_000_003
    power = pow(base, length, prime)
    value = 0
    for place, word in enumerate(words):
        gone = words[place - length] if place >= length else 0
        value = (value * base + word - gone * power) % prime
        if place >= length - 1:
            yield value


def script(unit: Unit) -> Iterator[Finding]:
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


_WEIGHT = {"han": 3.6, "kana": 1.8, "hangul": 2.4}
"""Letters of a Latin script that say as much as one of these (Chinese: measured on human translations from English)."""
_DENSE = re.compile(rf"(?P<han>[{_SCRIPTS['han']}])|(?P<kana>[{_SCRIPTS['kana']}])|(?P<hangul>[{_SCRIPTS['hangul']}])")
_SPACES = re.compile(r"\s{2,}|[^\S ]")
SHORTEST = 25
_SPREAD = (0.4, 3.0)
"""How far the logarithm of the ratio may be from 0: at least, and more for shorter texts (by the root of the length)."""


def weigh(text: str) -> float:
    """Length of *text* in letters of a Latin script; objects count little, since both sides have them."""
    text = _SPACES.sub(" ", text)
    if not _DENSE.search(text):
        return len(text)
    dense = Counter(match.lastgroup for match in _DENSE.finditer(text))
    return len(text) - dense.total() + sum(_WEIGHT[name or "han"] * count for name, count in dense.items())


def length(unit: Unit) -> Iterator[Finding]:
    """Translations that are much longer or shorter than such texts are."""
    source, target = weigh(unit.source), weigh(unit.target)
    if source < SHORTEST:
        return
    allowed = _SPREAD[0] + _SPREAD[1] / math.sqrt(source)
    ratio = target / source
    if abs(math.log(max(ratio, 1e-6))) > allowed:
        word = "short" if ratio < 1 else "long"
        yield Finding("length", f"The text is unusually {word}: {ratio:.1f} times what its source leads one to expect.")


_DOUBLED = re.compile(r"(?<![\w-])([^\W\d_]+)\s+\1(?![\w-])", re.IGNORECASE)
_MAY_DOUBLE = {
    "de": {"der", "die", "das", "sie", "den"}, "fr": {"nous", "vous", "se"}, "es": {"se", "no", "sí", "muy"}, "it": {"via", "man"},
    "nl": {"die", "dat", "je"}, "en": {"that", "had"},
}  # fmt: skip
_DOUBLED_HAN = re.compile(rf"([{CJK}]{{2,8}})\1|([的是在和把])\2")
_MAY_DOUBLE_HAN = re.compile(r"(一.)\1|(.)\2\2\2")


def doubled(unit: Unit) -> Iterator[Finding]:
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
