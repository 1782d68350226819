"""Markdown that Pandoc reads as well: what CommonMark takes for text and Pandoc for markup is escaped.

d2lbook and nbsphinx convert their Markdown with Pandoc, which knows more syntax than CommonMark: subscripts, superscripts,
citations, lists that begin with ``(1)`` or ``a.`` (https://pandoc.org/MANUAL.html#pandocs-markdown).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from sphinx_amts.formats.myst import MystFormat, markup
from sphinx_amts.model import Fragment

if TYPE_CHECKING:
    from markdown_it.token import Token

_SIGNS = "~^@"
_START = re.compile(r"(\(?)((?:\d+|[A-Za-z]|[ivxlcdm]+|#|@[\w-]*)?)([.):~])(?=\s)|\[[^\]]*\]:")


class PandocFormat(MystFormat):
    """MyST's syntax, written so that Pandoc reads the same."""

    name = "pandoc"

    def render(self, pieces: Fragment, raw: str, kind: str) -> str:
        """A text without signs that only Pandoc knows, unless the author's text has them too."""
        text = super().render(pieces, raw, kind)
        if kind in {"alt", "meta", "toctree"} or text == " ".join(raw.split()):
            return text
        signs = "".join(sign for sign in _SIGNS if sign not in raw)
        text = self.escaped(text, rf"(?<!\\)[{re.escape(signs)}]") if signs else text
        text = self._before_digits(text, raw)
        if _START.match(text) and not _START.match(raw.strip()):
            text = self.same(_START.sub(_escape_start, text, count=1), text)
        return text

    def _before_digits(self, text: str, raw: str) -> str:
        """*text* with a space between a formula and a digit: to Pandoc, a dollar sign before a digit is money."""
        for mark in reversed(self._scanner.scan(text, self._references)):
            after = text[mark.end : mark.end + 1]
            if mark.kind == "math_inline" and after.isdigit() and text[mark.start : mark.end] + after not in raw:
                text = f"{text[: mark.end]} {text[mark.end :]}"
        return text

    def tokens(self, text: str) -> Sequence[Token]:
        """The blocks of a whole Markdown text, as markdown-it reads them."""
        return self._blocks.parse(text)

    def escaped(self, text: str, pattern: str) -> str:
        """*text* with a backslash before each match of *pattern* that is no part of markup."""
        opaque = opaque_offsets(self._scanner.scan(text, self._references))
        places = [match.start() for match in re.finditer(pattern, text) if match.start() not in opaque]
        for place in reversed(places):
            text = f"{text[:place]}\\{text[place:]}"
        return text

    def same(self, text: str, other: str) -> str:
        """*text* if it reads like *other*, else *other*."""
        return text if self.parse(text, "paragraph") == self.parse(other, "paragraph") else other


def _escape_start(match: re.Match[str]) -> str:
    whole = match[1] or not match[2]
    return f"\\{match.group()}" if whole else f"{match[2]}\\{match[3]}"


def opaque_offsets(marks: Iterable[markup.Mark], breaks: bool = False) -> set[int]:
    """Offsets of characters that markup itself takes; with *breaks*, of those before which no line may break."""
    taken: set[int] = set()
    for mark in marks:
        runs = (
            [(mark.start, mark.end)] if mark.inner is None else [(mark.start, mark.inner[0]), (mark.inner[1], mark.end)]
        )
        for number, (start, end) in enumerate(runs):
            taken.update(range(start + (breaks and number == 0), end))
        if breaks and mark.inner:
            taken.add(mark.inner[0])
    return taken
