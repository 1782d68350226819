"""Sentence splitting: deterministic, versioned and offline.

Stops of languages with spaces go to NLTK's Punkt (T. Kiss and J. Strunk, "Unsupervised multilingual sentence
boundary detection", Computational Linguistics 32(4), 2006) with parameters that ship in
:mod:`sphinx_amts.sentences.languages`; a few rules for technical prose then join or keep what Punkt gives. Chinese and
Japanese are split at their full-width stops, and then in the same way for the Latin text in them.
"""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

from sphinx_amts.sentences.languages import Rules, rules_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nltk.tokenize.punkt import PunktSentenceTokenizer

VERSION = 1
"""Number of the rules: it grows with every change that can move a boundary."""

PLACEHOLDER = "\ufffc"
"""Stands for an inline object that is not prose: code, maths, a reference without its own text."""

_ORTHO_MID_LC = 1 << 5
"""Punkt's flag: the word occurs inside sentences in lower case (so that in upper case it begins one)."""

_CLOSERS = "\"'’”»›)]}」』）】》〉］｝"
_ONLY_OPENERS = "‘“«‹([{「『（【《〈［｛¿¡"
_OPENERS = "\"'‘“«‹([{「『（【《〈［｛¿¡*_`"

# Punkt knows ASCII only; every replacement has the length of what it replaces, so that offsets stay.
_TO_PUNKT = str.maketrans(
    {
        **dict.fromkeys("’”»›」』", '"'),
        **dict.fromkeys("）】》〉］｝", ")"),
        **dict.fromkeys("।॥؟۔។։።‼⁇⁈⁉！？", "!"),
        **dict.fromkeys("‘“«‹「『（【《〈［｛", "("),
        "…": "!",  # as a stop; where it is no end, what follows tells (see _continues)
    }
)

_CLOSING = rf"[{re.escape(_CLOSERS)}]"
# Behind a stop without a space, German “ and « close as well; French puts a space before ».
_AFTER_STOP = re.compile(rf"(?:[{re.escape(_CLOSERS)}“‘«]|\s[»”)\]}}](?=\s|$))*")
_CANDIDATE = re.compile(rf"[.?!…।॥؟۔።։‼⁇⁈⁉！？][{re.escape(_CLOSERS)}“‘«{PLACEHOLDER}]*\s")
_CJK = r"\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_FULL_WIDTH_END = re.compile(
    rf"[。｡]+{_CLOSING}*"  # ends a sentence wherever it stands
    # "“真的？”他问" goes on after the bracket or quotation mark, and before a comma
    rf"|(?:[!?]*[！？‼⁇⁈⁉][!?]*|[!?]+(?={_CLOSING}*[{_CJK}]))(?:{_CLOSING}+(?![{_CJK}]))?(?![，、；：,;！？!?。｡]|{_CLOSING})"
    rf"|(?<=[{_CJK}])\.(?=[{_CJK}])"
)
_LATE_END = re.compile(rf"(?<=[^\W_])[.?!](?:{_CLOSING}*(?P<note>{PLACEHOLDER}+)|{_CLOSING}+)\s+(?=[^\W\d_])")
_LAST_WORD = re.compile(rf"[{re.escape(_OPENERS)}]*(\S+)\.$")
_FIRST_WORD = re.compile(rf"[{re.escape(_OPENERS)}]*([\w'’-]*)")
_ENUMERATOR = re.compile(r"[(\[]?(?:\d{1,3}(?:\.\d+)*|[A-Za-z]|[ivxIVX]{1,5})[.)\]]+")
_NUMBER_FOLLOWS = re.compile(rf"[\d{PLACEHOLDER}(\[#:]|[IVXLC]+\b|[A-Z]\b")
_IDENTIFIER = re.compile(r"\S*[_\d(]|\S+\.\w|[a-z]+[A-Z]")
_CONTENT = re.compile(rf"[^\W_]|{PLACEHOLDER}")
_OPEN_STOP = re.compile(rf"(?:[?!…।؟]|\.\.)[{re.escape(_CLOSERS)}]*$")
_ORDINAL = re.compile(r"\(?\d{1,3}\.")
_SHORT = re.compile(r"\S*\w\.\w\S*|[^\W\d_aeiouyàâäáãåéèêëíìîïóòôöõúùûüıаеёиоуыэюя]{1,4}", re.IGNORECASE)


def spans(text: str, language: str) -> list[tuple[int, int]]:
    """Find the sentences of one block of text.

    *text* is a message's plain text: white space folded, each inline object that is not prose replaced by U+FFFC.
    *language* is Sphinx's code (``en``, ``zh_CN``); general rules serve a language that is not known. The result is a
    list of half-open character spans in order, without surrounding white space, which cover every other character once.
    """
    rules = rules_for(language)
    cuts = {0, len(text)}
    if rules.ideographic:
        cuts.update(_full_width_cuts(text))
    if _CANDIDATE.search(text):
        cuts.update(_spaced_cuts(text, rules))
        cuts.update(_late_cuts(text, rules))
    return _trimmed(text, sorted(cuts))


def _full_width_cuts(text: str) -> Iterator[int]:
    """Give the offsets after full-width stops and what closes with them."""
    for match in _FULL_WIDTH_END.finditer(text):
        end = match.end()
        # A straight quotation mark looks the same on both sides: an even count before it means that it opens.
        while text[end - 1] in "\"'" and text.count(text[end - 1], 0, end - 1) % 2 == 0:
            end -= 1
        yield end


def _late_cuts(text: str, rules: Rules) -> Iterator[int]:
    """Give the offsets of ends that Punkt cannot see: after a footnote mark, and after an abbreviation in brackets."""
    for match in _LATE_END.finditer(text):
        left = text[: match.start() + 1]
        right = text[match.end() : match.end() + 80]
        starts = _first_word(right) in rules.starters if match["note"] is None else not right[:1].islower()
        if starts and not _continues(left.lstrip(), right, rules):
            yield match.end()


def _spaced_cuts(text: str, rules: Rules) -> Iterator[int]:
    """Give the offsets at which a sentence ends with a stop before white space."""
    begin = 0
    for _, end in _punkt(rules).span_tokenize(text.translate(_TO_PUNKT), realign_boundaries=False):
        end = _AFTER_STOP.match(text, end).end()  # type: ignore[union-attr]  # noqa: PLW2901 -- it always matches
        if text[end : end + 1].isspace() and not _continues(
            text[begin:end].strip(), text[end : end + 80].lstrip(), rules
        ):
            yield end
            begin = end


def _continues(left: str, right: str, rules: Rules) -> bool:
    """Tell whether *right* belongs to the sentence *left* although Punkt sees a boundary between them."""
    if _ENUMERATOR.fullmatch(left):
        return True
    starts_low = right[:1].islower() and not _IDENTIFIER.match(right.split(" ", 1)[0].rstrip(".,;:!?"))
    if _OPEN_STOP.search(left):
        return starts_low
    if _inside_spaced(left, right, rules):
        return True
    before, _, last = left.rpartition(" ")
    if (
        rules.ordinals
        and _ORDINAL.fullmatch(last)
        and before.rpartition(" ")[2].rstrip(".").lower() not in rules.numeric
    ):
        return _first_word(right) not in rules.starters
    match = _LAST_WORD.fullmatch(last)
    if match is None:
        return False
    word = match[1].lower()
    if word in rules.fixed or (word in rules.numeric and _NUMBER_FOLLOWS.match(right)):
        return True
    return starts_low and _SHORT.fullmatch(word) is not None


def _inside_spaced(left: str, right: str, rules: Rules) -> bool:
    """Tell whether the boundary lies within (or after) an abbreviation of several words such as ``z. B.``."""
    left, starts_low, right = left.lower(), right[:1].islower(), right.lower()
    if left.endswith(rules.spaced):
        return True
    if left.endswith(rules.spaced_final):
        return starts_low
    for whole in rules.spaced + rules.spaced_final:
        first, _, rest = whole.partition(" ")
        while rest:
            if right.startswith(rest) and left.endswith(first) and not left[: -len(first)][-1:].isalnum():
                return True
            head, _, rest = rest.partition(" ")
            first = f"{first} {head}"
    return False


def _first_word(text: str) -> str:
    match = _FIRST_WORD.match(text)
    return match[1].lower() if match else ""


def _trimmed(text: str, cuts: list[int]) -> list[tuple[int, int]]:
    """Turn sorted cuts into spans; a piece that holds neither letter, digit nor placeholder joins its neighbour."""
    found: list[tuple[int, int]] = []
    pending: int | None = None
    for start, end in pairwise(cuts):
        piece = text[start:end]
        stripped = piece.strip()
        if not stripped:
            continue
        begin = start + len(piece) - len(piece.lstrip())
        stop = begin + len(stripped)
        if not _CONTENT.search(stripped):
            if found and stripped[-1] not in _ONLY_OPENERS:
                found[-1] = (found[-1][0], stop)
            elif pending is None:
                pending = begin
            continue
        found.append((begin if pending is None else pending, stop))
        pending = None
    if pending is not None:
        found.append((pending, len(text.rstrip())))
    return found


@cache
def _punkt(rules: Rules) -> PunktSentenceTokenizer:
    """Make Punkt with our parameters in the place of trained ones."""
    from nltk.tokenize.punkt import PunktParameters, PunktSentenceTokenizer

    parameters = PunktParameters()
    parameters.abbrev_types = set(rules.fixed | rules.final)
    parameters.sent_starters = set(rules.starters)
    for word in rules.starters:
        if len(word) > 1:  # "J. A. Smith"
            parameters.add_ortho_context(word, _ORTHO_MID_LC)
    return PunktSentenceTokenizer(parameters)
