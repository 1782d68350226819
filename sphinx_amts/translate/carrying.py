"""What an edit leaves usable: the entry that an edited message comes from, and translations of all but equal segments."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Sequence

from sphinx_amts.catalog import Entry
from sphinx_amts.formats.inline import TagError, decode, plain, walk
from sphinx_amts.model import Fragment, Protected, Segment

_WORD = re.compile(r"\w+|[^\w\s]")

ENOUGH = 0.5
"""Similarity (0 to 1) from which a message counts as an edit of another one."""


def predecessors(new: Sequence[str], gone: Sequence[Entry]) -> dict[str, Entry]:
    """Match msgids that are *new* with the entries that are *gone*, each used once, the most similar first.

    Similarity is Dice's coefficient over bags of words, which moves of words inside a message do not lower.
    """
    bags = [(entry, Counter(_words(entry.msgid))) for entry in gone if entry.msgstr]
    holders: dict[str, list[int]] = {}
    for number, (_entry, bag) in enumerate(bags):
        for word in bag:
            holders.setdefault(word, []).append(number)
    scored = []
    for position, msgid in enumerate(new):
        bag = Counter(_words(msgid))
        for number in sorted({number for word in bag for number in holders.get(word, ())}):
            score = _dice(bag, bags[number][1])
            if score >= ENOUGH:
                scored.append((-score, position, number))
    found: dict[str, Entry] = {}
    used: set[int] = set()
    for _score, position, number in sorted(scored):
        if new[position] not in found and number not in used:
            found[new[position]] = bags[number][0]
            used.add(number)
    return found


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())


def _dice(left: Counter[str], right: Counter[str]) -> float:
    shared = sum((left & right).values())
    return 2 * shared / (sum(left.values()) + sum(right.values()))


# -- segments that differ in markup only ------------------------------------------------------------------------------

_TAG = re.compile(r'<span id="(?P<no>\d+)" translate="no">.*?</span>|<\w+ id="(?P<open>\d+)">|(?P<close></\w+>)')


def transfer(old: str, target: str, new: Segment) -> Fragment | None:
    """The translation *target* of the segment *old*, with the markup of *new* in place of that of *old*.

    *old* and *new* differ in markup, case and punctuation only. ``None`` if it cannot be told where the markup belongs.
    """
    if _shape(old) == _shape(new.html):
        return _decoded(_with_tags(target, new), new)
    text = _TAG.sub(_visible, target)
    for piece in new.pieces:
        if isinstance(piece, str):
            continue
        shown = html.escape(piece.text if isinstance(piece, Protected) else plain(piece.children), quote=False)
        if not shown.strip() or text.count(shown) != 1:
            return None
    marked, number = text, 0
    for piece in new.pieces:
        if isinstance(piece, str):
            continue
        number += 1
        if isinstance(piece, Protected):
            shown = html.escape(piece.text, quote=False)
            marked = marked.replace(shown, f'<span id="{number}" translate="no">{shown}</span>', 1)
        elif any(not isinstance(child, str) for child in piece.children):
            return None
        else:
            shown = html.escape(plain(piece.children), quote=False)
            marked = marked.replace(shown, f'<span id="{number}">{shown}</span>', 1)
    return _decoded(marked, new)


def _shape(key: str) -> list[str]:
    return ["no" if match["no"] else "open" if match["open"] else "close" for match in _TAG.finditer(key)]


def _visible(match: re.Match[str]) -> str:
    return re.sub(r"<[^>]*>", "", match.group()) if match["no"] else ""


def _with_tags(target: str, new: Segment) -> str:
    """*target* with the protected text of *new* at the same ids."""
    shown = {
        str(number): html.escape(piece.text, quote=False)
        for number, piece in enumerate((piece for piece in walk(new.pieces) if not isinstance(piece, str)), 1)
        if isinstance(piece, Protected)
    }

    def fill(match: re.Match[str]) -> str:
        number = match["no"]
        return f'<span id="{number}" translate="no">{shown.get(number, "")}</span>' if number else match.group()

    return _TAG.sub(fill, target)


def _decoded(target: str, new: Segment) -> Fragment | None:
    try:
        return decode(target, new.pieces)
    except TagError:
        return None
