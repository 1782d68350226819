"""Marks, spaces and brackets as the target language writes them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sphinx_amts.checks.unit import CJK, OBJECT, UNSPACED, Finding, Unit
from sphinx_amts.checks.wording import SHORTEST, weigh

_HALF_WIDTH = re.compile(rf"(?<=[{CJK}])(?:[,;:?!](?![/\w\ufffc-]*[\w]@)|\.(?=\s|$|[{CJK}]))")
_LATIN_IN_ARABIC = re.compile(r"(?<=[\u0620-\u064a])\s?[,;?]")
_FRENCH = re.compile(r"(?<=[^\W\d_])[?!;](?=\s|$)")
_SPANISH = {"?": "¿", "!": "¡"}


def punctuation(unit: Unit) -> Iterator[Finding]:
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


_CJK_SPACE = re.compile(rf"[{CJK}，。；：？！、][ \t]+(?=[{CJK}，。；：？！、])")
_TWO_SPACES = re.compile(r"\S[ \t\u3000]{2,}(?=\S)")
_SPACE_BEFORE = re.compile(r"[^\W_]\s+(?:[,;!?](?=\s|$)|\.(?=\s+[^\W\d_]|$))")
_NO_SPACE_AFTER = re.compile(r"[^\W\d_]{2,}[,;!?](?=[^\W\d_]{2,})")
_KEEPS_SPACE = {"fr", "br"}


def spacing(unit: Unit) -> Iterator[Finding]:
    """Spaces that the target language does not write, or misses."""
    patterns = [(_TWO_SPACES, "Two spaces in a row.")] if not _TWO_SPACES.search(unit.source) else []
    if unit.code in {"zh", "ja"}:
        patterns.append((_CJK_SPACE, "A space inside of {language} text."))
    elif unit.code not in UNSPACED:
        if unit.code not in _KEEPS_SPACE:
            patterns.append((_SPACE_BEFORE, "A space before a mark."))
        patterns.append((_NO_SPACE_AFTER, "No space behind a mark."))
    for pattern, message in patterns:
        match = pattern.search(unit.target)
        if match and not pattern.search(unit.source):
            yield Finding("spacing", message.format(language=unit.language), match[0])


_MARKS = {"?": "?", "？": "?", "؟": "?", **dict.fromkeys(";；؛:：!！,，、،", ":")}
_STOPS = ".。．।۔։።…"
_NO_STOP = {"th", "lo", "km", "my"}
_CLOSING = "\"'”’»›)）]】」』》〉*"
_NAMES = {"?": "a question mark", ":": "another mark", ".": "a full stop", "": "no mark"}


def ending(unit: Unit) -> Iterator[Finding]:
    """A text that ends with another kind of mark than its source."""
    ours, theirs = _end(unit.source), _end(unit.target)
    if ours is None or theirs is None or ours == theirs or {ours, theirs} in ({".", ":"}, {":", ""}):
        return
    if {ours, theirs} == {".", ""} and (unit.code in _NO_STOP or weigh(unit.source) < SHORTEST):
        return
    yield Finding("ending", f"The text ends with {_NAMES[theirs]}, its source with {_NAMES[ours]}.")


def _end(text: str) -> str | None:
    """The kind of mark that *text* ends with; ``None`` where an object ends it."""
    text = text.rstrip().rstrip(_CLOSING).rstrip()
    if not text or text[-1] == OBJECT:
        return None
    return "." if text[-1] in _STOPS else _MARKS.get(text[-1], "")


_PAIRS = {"(": ")", "（": "）", "[": "]", "【": "】", "「": "」", "『": "』", "《": "》", "«": "»", "“": "”"}
_WIDE = str.maketrans("（）", "()")


def brackets(unit: Unit) -> Iterator[Finding]:
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
