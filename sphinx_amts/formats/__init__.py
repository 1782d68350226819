"""Formats: all knowledge of a markup syntax, and nowhere else.

A format does three things: it parses a message's raw text into pieces, renders translated pieces as text that a catalog
and a file can hold, and splices texts into a file, replacing the spans of messages and no other byte.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from sphinx_amts.model import AmtsError, Fragment, Message


class RenderError(AmtsError):
    """A text that the syntax cannot express at this place; ``code`` is a stable short name."""

    def __init__(self, code: str, message: str, edits: Sequence[Edit] = ()) -> None:
        super().__init__(message)
        self.code = code
        self.edits = tuple(edits)
        """The edits of a splice that cannot be made; empty while a message is rendered."""


@dataclass(frozen=True, slots=True)
class Edit:
    """A message and the text that takes its place."""

    message: Message
    """What is replaced; it has spans."""
    text: str
    """The localized text in the document's syntax, one line unless it holds hard line breaks."""


class Format(Protocol):
    """One markup syntax."""

    name: str
    """Recorded in :attr:`sphinx_amts.model.Document.format`."""

    def bind(self, labels: Sequence[str], titles: Collection[str] = ()) -> None:
        """Take the link *labels* of the document that comes next for defined, and its folded *titles* for names."""
        ...

    def parse(self, raw: str, kind: str) -> Fragment:
        """Parse the *raw* text of a message of the given *kind* into pieces."""
        ...

    def render(self, pieces: Fragment, raw: str, kind: str) -> str:
        """Write translated *pieces* in place of *raw*; raise :class:`RenderError` where the syntax cannot say it."""
        ...

    def splice(self, text: str, edits: Iterable[Edit]) -> str:
        """Return the file *text* with each edit in place; every character outside the edited spans stays."""
        ...


def plain_text(pieces: Fragment, kind: str) -> str:
    """Write *pieces* where no markup is read; raise :class:`RenderError` for what would read as something else there."""
    text = "".join(piece for piece in pieces if isinstance(piece, str)).strip()
    if kind == "index" and re.search(r"[;,]|^!", text):
        raise RenderError("index-entry", f"an index entry can hold no semicolon or comma: {text}")
    return text


def splitlines(text: str) -> list[str]:
    """Lines with their ends, as docutils counts them (``str.splitlines``: U+2028, form feeds and others break a line)."""
    return text.splitlines(keepends=True)


def ending(line: str) -> str:
    """The line end of *line*: what ``splitlines`` took for one."""
    return line[len(line.splitlines()[0]) :] if line.splitlines() else line


def replace_spans(lines: list[str], edit: Edit) -> None:
    """Put ``edit.text`` at the first span of its message and take the other spans away, with the lines that they fill.

    Lines that are taken away become empty strings, so that line numbers stay valid for further edits.
    """
    first, *rest = edit.message.spans
    last_end = ""
    for span in reversed(rest):
        line = lines[span.line - 1]
        end = ending(line)
        if line[span.end : len(line) - len(end)].strip():
            lines[span.line - 1] = line[: span.start] + line[span.end :].lstrip()
        else:
            lines[span.line - 1] = ""
            last_end = last_end or end
    line = lines[first.line - 1]
    behind = line[first.end :]
    if last_end and not behind.strip():
        behind = last_end  # not every line end ends a line for everybody (U+2028)
    lines[first.line - 1] = line[: first.start] + edit.text + behind


def ordered(edits: Iterable[Edit]) -> Sequence[Edit]:
    """Edits from the end of the file to its start, so that columns of earlier ones stay valid."""
    return sorted(edits, key=lambda edit: (edit.message.spans[0].line, edit.message.spans[0].start), reverse=True)
