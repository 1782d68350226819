"""Fuzzy matches: a remembered sentence that differs from a new one in numbers only, with the numbers put right.

This is fuzzy-match repair (J. E. Ortega, F. Sánchez-Martínez and M. L. Forcada, "Fuzzy-match repair using black-box machine
translation systems: what can be expected?", AMTA 2016) within the range in which it needs no machine translation and can
be checked: every number that changed stands once, in the same digits, on both sides of the known pair, and both numbers
ask for the same plural form. Where anything else differs the engine translates better than a memory can.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from babel import Locale, UnknownLocaleError

from sphinx_amts.memory import NUMBER, PROTECTED

_PIECE = re.compile(rf"{PROTECTED.pattern}|<[^>]*>")
_TOKEN = re.compile(r"\w+|[^\w\s]")
_SEPARATOR = re.compile(r"[.,]")

Number = re.Match[str]


def repair(known: str, target: str, new: str, languages: Sequence[str], least: float) -> tuple[str, str] | None:
    """Put the numbers of the segment *new* into the pair *known* and *target*, which is alike but for numbers.

    *languages* are source and target (Sphinx's codes), *least* the similarity that is asked for: the share of tokens in
    common, from 0 to 1. Returns both sides of the repaired pair, or ``None`` where it is less similar or not certain.
    """
    old, ours = list(_numbers(known)), list(_numbers(new))
    if len(old) != len(ours):
        return None
    changes = {(a["core"], b["core"]) for a, b in zip(old, ours, strict=True) if a[0] != b[0]}
    size = _size(new)
    if not size or 1 - len(changes) / size < least:
        return None
    cores, theirs = [one["core"] for one in old], [one["core"] for one in _numbers(target)]
    for before, after in changes:
        certain = cores.count(before) == theirs.count(before) == 1 and _written_alike(before, after)
        if not certain or not all(_same_plural(before, after, language) for language in languages):
            return None
    if any((a["sign"], a["unit"]) != (b["sign"], b["unit"]) for a, b in zip(old, ours, strict=True)):
        return None
    return _exchanged(known, dict(changes)), _exchanged(target, dict(changes))


def _numbers(html: str) -> Iterator[Number]:
    """Numbers in the text of a segment, outside tags and protected text."""
    for text in _PIECE.split(html):
        yield from NUMBER.finditer(text)


def _size(html: str) -> int:
    """Tokens of a segment: words, numbers, punctuation marks, and protected texts."""
    protected = len(PROTECTED.findall(html))
    return protected + sum(len(_TOKEN.findall(NUMBER.sub("0", text))) for text in _PIECE.split(html))


def _exchanged(html: str, changes: dict[str, str]) -> str:
    def change(number: Number) -> str:
        return f"{number['sign']}{changes.get(number['core'], number['core'])}{number['unit']}"

    kept = [*(piece[0] for piece in _PIECE.finditer(html)), ""]
    return "".join(NUMBER.sub(change, text) + piece for text, piece in zip(_PIECE.split(html), kept, strict=True))


def _written_alike(before: str, after: str) -> bool:
    """Whether *after* can be written as *before* was: separators of decimals and thousands are a language's own."""
    return set(_SEPARATOR.findall(after)) <= set(_SEPARATOR.findall(before))


def _same_plural(before: str, after: str, language: str) -> bool:
    """Whether both numbers take the same plural form, by the rules of Unicode's CLDR, however they are read."""
    try:
        plural = Locale.parse(language.replace("-", "_")).plural_form
    except (UnknownLocaleError, ValueError):
        return False
    return [plural(value) for value in _readings(before)] == [plural(value) for value in _readings(after)]


def _readings(core: str) -> tuple[Decimal, Decimal]:
    """What a number may be worth: its separators are of thousands, or the last one is of decimals."""
    *whole, last = _SEPARATOR.split(core)
    return Decimal("".join([*whole, last])), Decimal(f"{''.join(whole)}.{last}" if whole else last)
