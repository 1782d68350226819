"""Translations carried over to a segment that differs from a known one in markup, case and punctuation only."""

from __future__ import annotations

import html
import re

from sphinx_amts.formats.inline import TagError, decode, plain, walk
from sphinx_amts.model import Fragment, Protected, Segment

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
