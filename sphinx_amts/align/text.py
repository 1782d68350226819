"""One side of a text pair as the aligner sees it: sentences as sets of comparable tokens, lengths and structure.

Tokens are strings whose first character tells their class: ``c`` code, maths and other protected objects, ``n`` a number,
``w`` a word, ``h`` a Chinese or Japanese character (or a pair of kana or Thai letters), ``o`` placeholders, ``p``
punctuation, ``s`` a word of the seed table.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from sphinx_amts.align.seeds import Column

if TYPE_CHECKING:
    from numpy.typing import NDArray

Array: TypeAlias = "NDArray[Any]"

_PROTECTED = re.compile(
    r'<span\b[^<>]*translate="no"[^<>]*>(?P<span>.*?)</span>'
    r"|(?P<role>:[\w:+.-]+:`[^`]*`)|``(?P<literal>.+?)``|`(?P<code>[^`]+)`_{0,2}|\$(?P<maths>[^$]+)\$|(?P<link>https?://\S+)"
)
_TAG = re.compile(r"</?[A-Za-z][\w-]*(?:\s[^<>]*)?/?>")
_NUMBER = re.compile(r"(?<![A-Za-z\u00c0-\u052f_])\d+(?:[.,]\d+)*")
_PLAIN_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_HAN = r"\u3005\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_PAIRED = r"\u3040-\u30ff\u0e00-\u0eff\u1780-\u17ff\u1000-\u109f"  # kana, Thai, Lao, Khmer, Burmese
_HANGUL = r"\uac00-\ud7af"
_UNSPACED = re.compile(rf"([{_HAN}])|([{_PAIRED}]+)")
_WORD = re.compile(rf"[^\W\d_{_HAN}{_PAIRED}][^\W_{_HAN}{_PAIRED}]*(?:[_+#]+[^\W_{_HAN}{_PAIRED}]*)*")
_WIDE = re.compile(rf"[{_HAN}]")
_HALF_WIDE = re.compile(rf"[{_PAIRED}{_HANGUL}]")
_TERMINAL = re.compile(r"""[.!?:;,…。！？：；，、](?:["'”’»）)\]]|\*|_|`)*$""")
_STEM = 6
"""Words count as the same when they agree in this many first letters."""
_HEADING = 100.0
"""Longest block that may count as a heading, in the unit of :attr:`Text.lengths`."""


@dataclass(frozen=True, slots=True)
class Text:
    """The sentences of one side of a text, in order."""

    tokens: tuple[frozenset[str], ...]
    """The tokens of each sentence."""
    lengths: Array
    """Length of each sentence in Latin letters; a Chinese character counts as three."""
    starts: Array
    """Of each sentence, and of the end of the text: whether a block begins there (booleans, one more than sentences)."""
    kinds: Array
    """Kind of each sentence's block as a small number; 0 is prose, 1 a heading, 2 code."""
    rows: dict[str, frozenset[int]]
    """From a seed token to the rows of the seed table that hold it."""

    def __len__(self) -> int:
        return len(self.tokens)

    def first(self, number: int, *, backwards: bool = False) -> Text:
        """Give the first *number* sentences as a text of their own, if wanted in the opposite order."""
        step = -1 if backwards else 1
        starts = self.starts[: number + 1].copy()
        starts[number:] = True
        return Text(
            self.tokens[:number][::step],
            self.lengths[:number][::step],
            starts[::step],
            self.kinds[:number][::step],
            self.rows,
        )


def read(blocks: Sequence[Sequence[str]], kinds: Sequence[str] | None, column: Column | None) -> Text:
    """Analyse one side: *blocks* of sentences, their *kinds* if known (``heading``, ``para``, ``code`` …)."""
    import numpy as np

    sentences = [sentence for block in blocks for sentence in block]
    starts = np.zeros(len(sentences) + 1, dtype=bool)
    numbers = np.zeros(len(sentences), dtype=np.int8)
    lengths = np.empty(len(sentences), dtype=np.float64)
    tokens = []
    rows: dict[str, frozenset[int]] = {}
    position = 0
    for index, block in enumerate(blocks):
        if not block:
            continue
        starts[position] = True
        first = position
        prose = ""
        for sentence in block:
            prose, protected = _separate(sentence)
            found = set(_tokens(prose, protected))
            if column is not None:
                entries = column.find(prose)
                found.update(f"s{entry}" for entry in entries)
                rows.update((f"s{entry}", frozenset(where)) for entry, where in entries.items())
            tokens.append(frozenset(found))
            lengths[position] = _length(prose) + 4.0 * len(protected)
            position += 1
        numbers[first:position] = _kind(kinds[index]) if kinds else _guess(block, prose, lengths[first])
    starts[position] = True
    return Text(tuple(tokens), lengths, starts, numbers, rows)


def _kind(name: str) -> int:
    return {"heading": 1, "title": 1, "code": 2, "math": 3, "cell": 4}.get(name, 0)


def _guess(block: Sequence[str], prose: str, length: float) -> int:
    """Guess the kind of a block of sentences; *prose* is what the last one holds of it."""
    if len(block) > 1:
        return 0
    if not prose.strip():
        return 2
    return int(length < _HEADING and not ends_sentence(block[0]))


def ends_sentence(line: str) -> bool:
    """Whether a line ends with punctuation, as sentences do and headings do not."""
    return _TERMINAL.search(line.rstrip()) is not None


def _separate(sentence: str) -> tuple[str, list[str]]:
    """Split a sentence into its prose and the normalised objects in it that are not prose."""
    protected: list[str] = []
    numbers: list[str] = []

    def keep(match: re.Match[str]) -> str:
        text = html.unescape(next(group for group in match.groups() if group is not None))
        text = "".join(text.strip("`$").split())
        (numbers if _PLAIN_NUMBER.fullmatch(text) else protected).append(text)
        return " "

    prose = html.unescape(_TAG.sub("", _PROTECTED.sub(keep, sentence)))
    prose = unicodedata.normalize("NFKC", prose)
    return " ".join([prose, *numbers]), protected


def _tokens(prose: str, protected: Sequence[str]) -> Iterator[str]:
    for text in protected:
        yield f"c{text}"
    for match in _NUMBER.finditer(prose):
        yield f"n{match[0].replace(',', '')}"
    for match in _WORD.finditer(prose):
        yield f"w{_stem(match[0])}"
    for match in _UNSPACED.finditer(prose):
        if match[1]:
            yield f"h{match[1]}"
        else:
            run = match[2]
            yield from (f"h{run[k : k + 2]}" for k in range(max(1, len(run) - 1)))
    for mark in "?:":
        if mark in prose:
            yield f"p{mark}"
    for count in range(min(prose.count("\ufffc"), 4)):
        yield f"o{count}"


def _stem(word: str) -> str:
    """Fold case and accents, and cut to the letters that decide: two syllables of Korean, else six letters."""
    if "\uac00" <= word[0] <= "\ud7af":
        return word[:2]
    folded = unicodedata.normalize("NFD", word.lower())
    return "".join(letter for letter in folded if not unicodedata.combining(letter))[:_STEM]


def _length(prose: str) -> float:
    return len(prose) + 2.0 * len(_WIDE.findall(prose)) + 1.0 * len(_HALF_WIDE.findall(prose))
