"""A small table of general words in twelve languages: the aligner's knowledge before it has seen a text.

``seeds.tsv`` was written for this package. A row is a concept, a column a language; alternatives are separated by spaces,
words of one alternative by ``_``. Any two of the languages can be linked through the rows.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

_WORD = re.compile(r"[^\W\d_]+(?:[.-][^\W\d_]+)*")
_NOT = re.compile(r"n['’]t\b")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af]")
_SCRIPTS = (
    ("ko", re.compile(r"[\uac00-\ud7af]")),
    ("ja", re.compile(r"[\u3040-\u30ff]")),
    ("zh", re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")),
    ("ru", re.compile(r"[\u0400-\u04ff]")),
)
_UNSPACED = frozenset({"zh", "ja", "ko"})
_STEM = 4
"""Shortest rest of a word that may be looked up after its ending was cut off, in letters."""


@dataclass(frozen=True, slots=True)
class Column:
    """One language's words of the table."""

    entries: dict[str, tuple[int, ...]]
    """From a word, or words joined by ``_``, to the rows in which it stands."""
    longest: int
    """Length of the longest entry, in characters (languages without spaces) or words."""
    spaced: bool
    """Whether words are separated by spaces."""
    endings: int
    """How many letters may be cut off the end of a word to find it."""

    def find(self, text: str) -> dict[str, tuple[int, ...]]:
        """Find the entries that occur in *text*, the longest first at each place, with their rows."""
        return self._find_words(text) if self.spaced else self._find_characters(text)

    def _find_characters(self, text: str) -> dict[str, tuple[int, ...]]:
        found = {}
        position = 0
        while position < len(text):
            for size in range(self.longest, 0, -1):
                piece = text[position : position + size]
                if piece in self.entries:
                    found[piece] = self.entries[piece]
                    position += size - 1
                    break
            position += 1
        return found

    def _find_words(self, text: str) -> dict[str, tuple[int, ...]]:
        words = _words(text)
        found = {}
        position = 0
        while position < len(words):
            for size in range(min(self.longest, len(words) - position), 0, -1):
                key = self._lookup(words[position]) if size == 1 else "_".join(words[position : position + size])
                if key in self.entries:
                    found[key] = self.entries[key]
                    position += size - 1
                    break
            position += 1
        return found

    def _lookup(self, word: str) -> str:
        for cut in range(min(self.endings, max(len(word) - _STEM, 0)) + 1):
            if word[: len(word) - cut] in self.entries:
                return word[: len(word) - cut]
        return ""


def _words(text: str) -> list[str]:
    return _WORD.findall(_NOT.sub(" not", text.lower()))


@cache
def columns() -> dict[str, Column]:
    """Read the table: a column for each language code."""
    lines = files(__package__).joinpath("seeds.tsv").read_text(encoding="utf-8").splitlines()
    codes = lines[0].split("\t")
    table: dict[str, dict[str, list[int]]] = {code: {} for code in codes}
    for row, line in enumerate(lines[1:]):
        for code, cell in zip(codes, line.split("\t"), strict=True):
            for alternative in cell.split():
                text = alternative.replace("_", " ")
                key = text if code in _UNSPACED else "_".join(_words(text))
                table[code].setdefault(key, []).append(row)
    return {
        code: Column(
            entries={key: tuple(rows) for key, rows in entries.items()},
            longest=max(len(key) if code in _UNSPACED else key.count("_") + 1 for key in entries),
            spaced=code not in _UNSPACED,
            endings=6 if code == "tr" else 3,
        )
        for code, entries in table.items()
    }


def column(language: str) -> Column | None:
    """Give the column of a language code such as ``zh_CN``; None where the table has none."""
    return columns().get(re.split(r"[-_]", language, maxsplit=1)[0].lower())


def identify(sentences: Sequence[str]) -> str:
    """Guess the language of *sentences*; an empty string where it is none of the table's or there is too little text."""
    text = " ".join(_sample(sentences))
    letters = sum(character.isalpha() for character in text)
    for code, script in _SCRIPTS:
        # A Chinese or Japanese character says about as much as three Latin letters.
        if len(script.findall(text)) * (3 if code != "ru" else 1) > letters / 3:
            return code
    words = Counter(_words(text))
    total = sum(words.values())
    known = {
        code: sum(count for word, count in words.items() if word in table.entries) / max(total, 1)
        for code, table in columns().items()
        if table.spaced
    }
    best, second = sorted(known, key=lambda code: (-known[code], code))[:2]
    return best if total >= 5 and known[best] > 0.15 and known[best] > 1.2 * known[second] else ""


def _sample(sentences: Sequence[str], most: int = 400) -> Sequence[str]:
    step = max(1, len(sentences) // most)
    return sentences[::step]
