"""A small book as an engine sees it: segments, approved pairs, terms."""

from __future__ import annotations

from sphinx_amts.model import SegmentPair, Term

_WORDS = "gradient tensor layer kernel loss batch weight model sample vector matrix graph node tree path".split()


def sentences(count: int, words: int = 12) -> list[str]:
    """Distinct segments with markup: plain, emphasised, with protected code, with characters that need escaping."""
    found = []
    for number in range(count):
        text = " ".join(_WORDS[(number * 7 + place * (number % 5 + 1)) % len(_WORDS)] for place in range(words))
        form = number % 4
        if form == 0:
            found.append(f"Sentence {number} says: {text}.")
        elif form == 1:
            found.append(f'In {number}, <b id="1">{text}</b> matters.')
        elif form == 2:
            found.append(f'Call <span id="1" translate="no">f_{number}(x &lt; y)</span> when {text}.')
        else:
            found.append(
                f'{text} &amp; more &lt; {number}; <em id="1">see <span id="2" translate="no">`{number}`</span></em>.'
            )
    return found


def pairs(count: int, version: str = "") -> list[SegmentPair]:
    """Approved pairs, some of them awkward."""
    found = [SegmentPair(f"Approved sentence {number}.", f"译文{number}{version}。") for number in range(count)]
    awkward = [
        SegmentPair("- a bullet", "- 项目"),
        SegmentPair("= equals", "= 等于"),
        SegmentPair("+1 is positive", "+1 为正"),
        SegmentPair("@property is a decorator", "@property 是装饰器"),
        SegmentPair('He said "no",\nand left', "他说“不”，\n就走了"),
        SegmentPair(
            'Use <span id="1" translate="no">a &lt; b</span> here', '在此用 <span id="1" translate="no">a &lt; b</span>'
        ),
    ]
    return found + awkward


TERMS = [Term("tensor", "张量"), Term("Adam", "Adam")]


def expected(segment: str, prefix: str) -> str:
    """What the stand-in's friendly translator makes of *segment*, worked out here by other means."""
    import codecs
    import re

    parts = re.split(r"(<[^>]+>)", segment)
    protected = 0
    done = []
    for part in parts:
        if part.startswith("<"):
            if part.startswith("</"):
                protected = max(0, protected - 1)
            elif protected or 'translate="no"' in part:
                protected += 1
            done.append(part)
        elif protected or not part.strip():
            done.append(part)
        else:
            plain = part.replace("&lt;", "\x01").replace("&gt;", "\x02").replace("&amp;", "\x03")
            turned = codecs.encode(plain.strip(), "rot13")
            text = plain.replace(plain.strip(), f"{prefix}:{turned}", 1)
            done.append(text.replace("\x01", "&lt;").replace("\x02", "&gt;").replace("\x03", "&amp;"))
    return "".join(done)
