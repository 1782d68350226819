"""Texts at which a document cuts a file when it includes a part of it (``:start-after:``, ``:end-before:`` and kin).

They are looked for in the file as it is, so they have to stand in a localized file too. reST and MyST write the directive
differently and its options alike: https://docutils.sourceforge.io/docs/ref/rst/directives.html#include
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_INCLUDE = re.compile(r"\s*(?:\.\. +(?:\|[^|]+\| +)?|[`~:]{3,} *\{)(?:literal)?include(?:::|\}) *(?P<path>\S.*?)\s*$")
_OPTION = re.compile(r"\s*:(?P<name>[\w-]+):(?: +(?P<text>.*?))?\s*$")
_START = ("start-after", "start-at")
_END = ("end-before", "end-at")


@dataclass(frozen=True, slots=True)
class Cut:
    """A part of a file that a document includes."""

    path: str
    """The file as the document names it: relative to the document, or with a slash at its start to the book."""
    start: str
    """Text before or at its beginning; empty for the file's beginning."""
    end: str
    """Text behind or at its end; empty for the file's end."""


def cuts(text: str) -> Iterator[Cut]:
    """The parts of files that a document with this *text* includes by their texts."""
    if "include" not in text:
        return
    lines = text.splitlines()
    for number, line in enumerate(lines):
        if match := _INCLUDE.match(line):
            options = dict(_options(lines[number + 1 :]))
            start = next((options[name] for name in _START if options.get(name)), "")
            end = next((options[name] for name in _END if options.get(name)), "")
            if start or end:
                yield Cut(match["path"], start, end)


def _options(lines: list[str]) -> Iterator[tuple[str, str]]:
    for line in lines:
        match = _OPTION.match(line)
        if match is None:
            return
        yield match["name"], match["text"] or ""


def places(cut: Cut, text: str) -> Iterator[tuple[int, int]]:
    """Offsets, first and one past the last, at which *cut* finds its texts in the file's *text*."""
    position = 0
    for wanted in filter(None, (cut.start, cut.end)):
        found = text.find(wanted, position)
        if found < 0:
            return
        position = found + len(wanted)
        yield found, position
