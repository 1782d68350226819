"""Tokenisation: from running text to the words that the models count, and back.

Tokens are lower-case. Where two neighbours stand without a space, a joiner (``￭``) on one of them says so, as in
OpenNMT's tokeniser: ``Hello, (new) world`` is ``hello ￭, (￭ new ￭) world``. So the spacing habits of a language are
learned with everything else, and :func:`join` needs no rules. In scripts that are written without spaces each character
is a token, and tokens join by default.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

JOINER = "￭"
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"  # Thai, Lao, Burmese, Khmer
    "\u2e80-\u2fdf\u3001-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"  # Chinese, Japanese
    "\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65\u2014\u2018\u2019\u201c\u201d\u2026\U00020000-\U0003ffff"
)
_TOKEN = re.compile(
    r"⟦\w+⟧"  # an object, see encoding.py
    r"|[ァ-ヺー]+"  # a Katakana word
    rf"|[{_UNSPACED}]"
    r"|\d+(?:[.,]\d+)*"
    rf"|(?:(?![{_UNSPACED}])[^\W\d_])+"
    r"|\S"
)
_IS_UNSPACED = re.compile(rf"[{_UNSPACED}]")
_IS_WORD = re.compile(r"⟦\w+⟧$|\w")
_OPENING = frozenset("([{<«„#@$")
_STOPS = frozenset(".!?:;…。！？：；।؟")


@dataclass(frozen=True, slots=True)
class Token:
    """A token and where it stands."""

    form: str
    """What the models count: lower-case, with joiners."""
    start: int
    """Offset of its first character in the text."""
    end: int
    """One past its last character."""


def tokenise(text: str, cuts: Iterable[int] = ()) -> list[Token]:
    """Find the tokens of *text*; none of them spans one of the offsets *cuts*."""
    bounds = [0, *sorted({cut for cut in cuts if 0 < cut < len(text)}), len(text)]
    spans = [match.span() for low, high in pairwise(bounds) for match in _TOKEN.finditer(text, low, high)]
    before = ["" for _ in spans]
    after = ["" for _ in spans]
    for index, ((left_start, left_end), (start, end)) in enumerate(pairwise(spans)):
        side = _joined(text[left_start:left_end], text[start:end]) if left_end == start else ""
        if side == "left":
            after[index] = JOINER
        elif side == "right":
            before[index + 1] = JOINER
    return [
        Token(f"{before[index]}{text[start:end].lower()}{after[index]}", start, end)
        for index, (start, end) in enumerate(spans)
    ]


def _joined(left: str, right: str) -> str:
    """Say which of two neighbours without a space between them carries the joiner; empty where they join anyway."""
    if _IS_UNSPACED.match(left[-1]) or _IS_UNSPACED.match(right[0]):
        return ""
    word_left, word_right = _IS_WORD.match(left), _IS_WORD.match(right)
    if word_left and not word_right:
        return "right"
    if word_right and not word_left:
        return "left"
    if word_left:
        return "right" if left.startswith("⟦") else "left"
    return "left" if left in _OPENING else "right"


def bare(form: str) -> str:
    """*form* without its joiners."""
    return form.strip(JOINER) or form


def spaces(forms: Sequence[str]) -> list[bool]:
    """Say for each token whether a space comes before it."""
    result = []
    glued, last = True, ""
    for form in forms:
        word = bare(form)
        unspaced = bool(last and _IS_UNSPACED.match(last)) or bool(_IS_UNSPACED.match(word[0]))
        result.append(not (glued or unspaced or (form != word and form.startswith(JOINER))))
        glued = form != word and form.endswith(JOINER)
        last = word[-1]
    return result


def join(forms: Sequence[str], words: Sequence[str]) -> str:
    """Write *words* as running text, spaced as their tokens *forms* say."""
    return "".join(f" {word}" if space else word for space, word in zip(spaces(forms), words, strict=True))


def is_word(form: str) -> bool:
    """Whether a token holds letters (neither an object nor a number nor punctuation)."""
    return not form.startswith("⟦") and any(char.isalpha() for char in form)


def is_unspaced(form: str) -> bool:
    """Whether a token is a character of a script without spaces between words, or its punctuation."""
    return bool(_IS_UNSPACED.match(form))


def ends_sentence(forms: Sequence[str]) -> bool:
    """Whether the last token but closing brackets and quotes is a stop."""
    for form in reversed(forms):
        word = bare(form)
        if word in _STOPS:
            return True
        if _IS_WORD.match(word):
            return False
    return False
