"""Ready-made habits of languages, for ``amts_post``: callables ``text, context -> text`` run on each translated text.

``amts_post = ["sphinx_amts.habits.chinese_punctuation", "sphinx_amts.habits.spanish_marks"]`` suits a book in several
languages, since each of them leaves texts in other languages alone. While they run, markup is a private-use character
from U+E000 on, which is neither read nor moved. Every habit is idempotent.

Sources: GB/T 15834-2011 (punctuation of Chinese); Real Academia Española, *Ortografía de la lengua española* (2010),
on question marks and quotation marks.
"""

from __future__ import annotations

import re
from typing import Protocol

_HAN = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_MARK = r"\ue000-\uf8ff"
_PRIVATE = "".join(chr(code) for code in range(0xE000, 0xF900))
_CLOSING = r"”’）)\]】》"
_FULL = "，。；：？！、（）“”‘’《》【】…—"
_CHINESE = re.compile(f"[{_HAN}]")


class Context(Protocol):
    """What a habit is told about the text."""

    @property
    def language(self) -> str:
        """Target language in Sphinx's code."""
        ...


def _is(context: Context, language: str) -> bool:
    return context.language.replace("-", "_").split("_")[0] == language


# -- Chinese -------------------------------------------------------------------------------------------------------

_WIDE = {",": "，", ";": "；", ":": "：", "?": "？", "!": "！"}
_HALF_WIDTH = re.compile(r"(?P<space>[ ]?)(?P<mark>[,;:?!]|\.(?!\.))(?P<after>[ ]*)")
_SENTENCE_START = re.compile(r"[。！？!?]")
_ABBREVIATION = re.compile(r"\b(?:etc|al|Inc|Ltd|Co|Corp|Jr|Dr|vs)$")
_ELLIPSIS = re.compile(rf"(?<=[{_HAN}]) ?(?:\.{{3,6}}|…(?!…))|(?:\.{{3,6}}|(?<!…)…(?!…)) ?(?=[{_HAN}])")
_NEEDLESS_SPACE = re.compile(rf" +(?=[{_FULL}])|(?<=[，。；：？！、（）“”《》【】]) +(?=[{_HAN}])")
_INNERMOST = re.compile(r"\(([^()]*)\)")
_STRAIGHT = re.compile(r'"([^"]*)"')


def chinese_punctuation(text: str, context: Context) -> str:
    """Write full-width punctuation in Chinese: marks next to Chinese characters, and brackets and quotes around them.

    Numbers (3.14, 1,000), times (12:30), and punctuation inside of Latin text stay.
    """
    if not _is(context, "zh") or not _CHINESE.search(text):
        return text
    while (changed := _chinese_pass(text)) != text:  # every pass widens a mark or drops a space, so it ends
        text = changed
    return text


def _chinese_pass(text: str) -> str:
    text = _ELLIPSIS.sub("……", text)
    text = _paired(text, _STRAIGHT, "“", "”")
    text = _paired(text, _INNERMOST, "（", "）")
    text = _HALF_WIDTH.sub(_widen, text)
    return _NEEDLESS_SPACE.sub("", text)


def _widen(match: re.Match[str]) -> str:
    """A mark in full width, if it belongs to Chinese text."""
    text, mark = match.string, match["mark"]
    before, after = text[: match.start()], text[match.end() :]
    left = re.search(rf"([^\s{_MARK}{_CLOSING}]?)(?P<closing>[{_MARK}{_CLOSING}]*)$", before)
    right = re.match(rf"[{_MARK}“‘（(\[【《]*([^{_MARK}\s]?)", after)
    assert left is not None, "every part of the patterns is optional"
    assert right is not None, "every part of the patterns is optional"
    chinese_left = bool(_CHINESE.match(left[1]) or set(left["closing"]) & set("”’）】》"))
    if mark == ".":
        whole = not after.strip(f"{_PRIVATE}{_CLOSING}") and _CHINESE.search(_SENTENCE_START.split(before)[-1])
        within = chinese_left and (match["after"] or not right[1] or _CHINESE.match(right[1]))
        return "。" if within or (whole and not _ABBREVIATION.search(before)) else match[0]
    if not match["after"] and after[:1] and after[0] in "/:`":
        return match[0]  # a path, an address, or markup
    if not chinese_left and (not match["after"] or not left[1]) and re.match(r"[ -~]", after):
        return match[0]  # 1,000 and 12:30 and a,b
    return _WIDE[mark] if chinese_left or (left[1] and _CHINESE.match(right[1])) else match[0]


def _paired(text: str, pattern: re.Pattern[str], opening: str, closing: str) -> str:
    """Write *opening* and *closing* where the inside, or the text before the pair, is Chinese."""

    def one(match: re.Match[str]) -> str:
        before = text[: match.start()].rstrip()[-1:]
        if _CHINESE.search(match[1]) or (_CHINESE.match(before) and match[1].strip() and pattern is _STRAIGHT):
            return f"{opening}{match[1]}{closing}"
        return match[0]

    if pattern is _STRAIGHT and text.count('"') % 2:
        return text
    return pattern.sub(one, text)


_LATIN = r"A-Za-z0-9À-ɏ"
_BETWEEN_TIGHT = re.compile(rf"(?<=[{_HAN}])(?=[{_LATIN}])|(?<=[{_LATIN}%])(?=[{_HAN}])")
_BETWEEN_SPACED = re.compile(rf"(?<=[{_HAN}])[ ]+(?=[{_LATIN}])|(?<=[{_LATIN}%])[ ]+(?=[{_HAN}])")


def chinese_spaces(text: str, context: Context) -> str:
    """Put a space between Chinese characters and Latin letters or digits (``使用 Python 编程``)."""
    return _BETWEEN_TIGHT.sub(" ", text) if _is(context, "zh") else text


def chinese_no_spaces(text: str, context: Context) -> str:
    """Take spaces away between Chinese characters and Latin letters or digits (``使用Python编程``)."""
    return _BETWEEN_SPACED.sub("", text) if _is(context, "zh") else text


# -- Spanish -------------------------------------------------------------------------------------------------------

_INVERTED = {"?": "¿", "!": "¡"}
_ENDS = re.compile(rf"(?<=[\w….])[)\]”»\"'{_MARK}]*([?!])(?=[?!]|[\s{_MARK})\]”»\"'.,;:]|$)")
_BEGINS = re.compile(rf"(?:^|[.?!…:]['\")\]”»{_MARK}]*\s+|\n)(?=\S)")
_ASKING = re.compile(
    r"[,;]\s+(?=(?:(?:y|o|pero|entonces)\s+)?(?:(?:a|de|con|en|por|para|desde|hasta|sobre)\s+)?"
    r"(?:qué|quién|quiénes|cómo|cuándo|dónde|adónde|cuál|cuáles|cuánto|cuánta|cuántos|cuántas)\b)",
    re.IGNORECASE,
)
_OPENING = re.compile(r"[\s(\[“«\"'—–-]*")


def spanish_marks(text: str, context: Context) -> str:
    """Put ``¿`` and ``¡`` where a question or an exclamation begins: at its interrogative, or at the sentence."""
    if not _is(context, "es"):
        return text
    written = ""
    rest = text
    while match := _ENDS.search(rest):
        sentence, mark = rest[: match.start(1)], match[1]
        begin = max((found.end() for found in _BEGINS.finditer(sentence)), default=0)
        if _INVERTED[mark] not in sentence[begin:] and any(char.isalnum() for char in sentence):
            begin = _question(sentence, begin) if mark == "?" else begin
            gap = _OPENING.match(sentence, begin)
            begin = gap.end() if gap else begin
            sentence = f"{sentence[:begin]}{_INVERTED[mark]}{sentence[begin:]}"
        written += sentence + mark
        rest = rest[match.end(1) :]
    return written + rest


def _question(sentence: str, begin: int) -> int:
    """Where the question begins: behind a subordinate clause (``Si llueve, ¿qué…``), else with the sentence."""
    found = list(_ASKING.finditer(sentence, begin))
    return found[0].end() if found else begin


_INCHES = re.compile(r'\d"')
_QUOTES = re.compile(r'["“”«»]')


def spanish_quotes(text: str, context: Context) -> str:
    """Write «…» for "…" and “…”, and “…” inside of «…»; a text whose marks do not pair up stays."""
    if not _is(context, "es") or _INCHES.search(text):
        return text
    stack: list[tuple[str, str]] = []
    balanced = True

    def one(match: re.Match[str]) -> str:
        nonlocal balanced
        mark = match[0]
        if mark in "“«" or (mark == '"' and (not stack or stack[-1][0] != '"')):
            stack.append((mark, "“" if stack else "«"))
            return stack[-1][1]
        opened, written = stack.pop() if stack else ("", "")
        balanced = balanced and {"“": "”", "«": "»"}.get(opened, opened) == mark
        return "”" if written == "“" else "»"

    changed = _QUOTES.sub(one, text)
    return changed if balanced and not stack else text
