"""Pseudo-translation for finding layout faults: every text changes visibly, every tag stays.

``amts_engine = "pseudo"`` accents and lengthens Latin letters; for Chinese, Japanese and Korean targets it writes
ideographs, so that what breaks without spaces, or with wide characters, breaks before a translator has begun.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from sphinx_amts.model import Pipeline

_TOKEN = re.compile(r"(<[^>]*translate=\"no\"[^>]*>.*?</span>|<[^>]+>|&[#\w]+;)", re.DOTALL)
_WORD = re.compile(r"[^\W\d_]+")
_ACCENTED = str.maketrans("AEIOUYaeiouycnsz", "ÀÉÎÕÜÝàéîõüýçñšž")
_IDEOGRAPHS = "天地玄黄宇宙洪荒日月盈昃辰宿列张寒来暑往秋收冬藏"
_STOPS = str.maketrans({",": "，", ";": "；", "?": "？", "!": "！"})
_CJK = {"zh", "ja", "ko"}


class PseudoEngine:
    """Writes accented, about 30 % longer text; in CJK languages two ideographs for each word."""

    name = "pseudo"

    def __init__(self, pipeline: Pipeline) -> None:
        self.pipeline = pipeline

    def translate(self, segments: Sequence[str], source: str, target: str) -> list[str | None]:
        """See :class:`sphinx_amts.engines.Engine`; never fails."""
        change = _ideographs if target.split("_", maxsplit=1)[0] in _CJK else _accents
        return [_outside_tags(segment, change) for segment in segments]


def _outside_tags(segment: str, change: object) -> str:
    assert callable(change)
    parts = _TOKEN.split(segment)
    return "".join(part if index % 2 else change(part) for index, part in enumerate(parts))


def _accents(text: str) -> str:
    def lengthen(match: re.Match[str]) -> str:
        word = match.group().translate(_ACCENTED)
        return word + word[-1] * (len(word) // 3)

    return _WORD.sub(lengthen, text)


def _ideographs(text: str) -> str:
    def write(match: re.Match[str]) -> str:
        seed = sum(map(ord, match.group()))
        return _IDEOGRAPHS[seed % 24] + _IDEOGRAPHS[(seed // 24 + len(match.group())) % 24]

    without_spaces = re.sub(r"(?<=[一-鿿]) (?=[一-鿿])", "", _WORD.sub(write, text))
    return re.sub(r"(?<=[，；？！。]) ", "", re.sub(r"[.](?= |$)", "。", without_spaces).translate(_STOPS))
