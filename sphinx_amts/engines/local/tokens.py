"""Tokenisation: from running text to the words that the models count, and back.

Tokens are lower-case. Where two neighbours stand without a space, a joiner (``￭``) on one of them says so, as in
OpenNMT's tokeniser: ``Hello, (new) world`` is ``hello ￭, (￭ new ￭) world``. So the spacing habits of a language are
learned with everything else, and :func:`join` needs no rules. Scripts that are written without spaces join by default.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

JOINER = "￭"
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"  # Thai, Lao, Burmese, Khmer
    "\u2e80-\u2fdf\u3001-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"  # Chinese, Japanese
    "\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65\u2014\u2018\u2019\u201c\u201d\u2026\U00020000-\U0003ffff"
)
"""Characters of scripts without spaces between words, and the punctuation that goes with them."""
_TOKEN = re.compile(
    r"⟦\w+⟧"  # an object, see objects.py
    r"|[ァ-ヺー]+"  # a Katakana word
    rf"|[{_UNSPACED}]"
    r"|\d+(?:[.,]\d+)*"
    rf"|(?:(?![{_UNSPACED}])[^\W\d_])+"
    r"|\S"
)
_OPENING = frozenset("([{<«„#@$")


def split(text: str, spaced: bool) -> list[tuple[int, int]]:
    """Find the tokens of *text* as half-open ranges of offsets."""
    return [match.span() for match in _TOKEN.finditer(text)]
