"""Our comments in PO files: how they stand in lines, so that tools that break or misread comment lines do no harm.

Babel (``sphinx-intl update``) and polib break comment lines at 76 or 78 columns; Babel also takes previous msgids (``#|``) for
translator comments and writes them as ``# |``. What they leave is read as what it was.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

NEW = "amts-new: "
"""Begins a comment that names a sentence which is new in an entry that a person had translated."""

CONFLICT = "amts-conflict: "
"""Begins the comment that holds the other text of an entry that was edited in two places."""

LAST_GOOD = "amts-before: "
"""Begins the comment that holds what a file showed before a person edited it: shown again if the edit breaks markup."""

EARLIER = "amts-earlier: "
"""Begins the comment that holds what a person once wrote for the same msgid: gettext takes no second entry for it."""

TEXTS = (NEW, CONFLICT, LAST_GOOD, EARLIER)
"""Beginnings of comments that hold a text."""

_WIDTH = 74
"""Columns of a comment without its ``# ``: no known tool breaks shorter lines."""

_OPEN = re.compile(rf"(?P<mark>{'|'.join(TEXTS)})\"(?P<text>.*)$")
_STRING = re.compile(r'(?:msgid |)"(?P<text>(?:[^"\\]|\\.)*)"$')


def broken(comment: str) -> Iterator[str]:
    """The lines of a comment: a text of ours is quoted, and broken at spaces if it is long."""
    mark = next((mark for mark in TEXTS if comment.startswith(mark)), None)
    if mark is None:
        yield comment
        return
    line, *words = f'{mark}"{_escaped(comment.removeprefix(mark))}"'.split(" ")
    for word in words:
        if len(line) + 1 + len(word) > _WIDTH and line != mark.rstrip():
            yield line
            line = word
        else:
            line += f" {word}"
    yield line


def joined(lines: Sequence[str]) -> Iterator[str]:
    """The comments that stand in *lines*, whoever broke them; a quoted text without an end is left as it is."""
    number = 0
    while number < len(lines):
        match = _OPEN.match(lines[number])
        text, end = match["text"] if match else "", number
        while match and not _ends(text) and end + 1 < len(lines):
            end += 1
            text += f" {lines[end].strip()}"
        if match and _ends(text):
            yield match["mark"] + re.sub(r"\\(.)", r"\1", text[:-1])
            number = end + 1
        else:
            yield lines[number]
            number += 1


def without_previous(lines: Sequence[str]) -> tuple[list[str], str | None]:
    """*lines* without a previous msgid that a tool took for translator comments; that msgid, still escaped."""
    first = next((number for number, line in enumerate(lines) if line.startswith("| msgid ")), None)
    if first is None:
        return list(lines), None
    strings: list[str] = []
    end = first
    while end < len(lines) and (lines[end].startswith("| ") or not _STRING.match(strings[-1])):
        if lines[end].startswith("| "):
            strings.append(lines[end][2:].strip())
        else:
            strings[-1] += f" {lines[end].strip()}"
        end += 1
    matches = [_STRING.match(string) for string in strings]
    if not all(matches):
        return list(lines), None
    return [*lines[:first], *lines[end:]], "".join(match["text"] for match in matches if match)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _ends(text: str) -> bool:
    body = text[:-1]
    return text.endswith('"') and (len(body) - len(body.rstrip("\\"))) % 2 == 0
