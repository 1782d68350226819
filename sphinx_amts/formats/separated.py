"""CSV tables: a text is quoted where its field needs it.

Dialect: https://docutils.sourceforge.io/docs/ref/rst/directives.html#csv-table-1
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sphinx_amts.formats import Edit

_DIRECTIVE = re.compile(r"\s*(?:\.\. +|(?:```+|:::+|~~~+) ?\{)csv-table(?:::|\})")
_FENCE = re.compile(r"\s*(?:```+|:::+|~~~+)")
_OPTION = re.compile(r"\s*:(delim|quote|escape):\s*(\S+)")
_NAMED = {"tab": "\t", "space": " "}
_FILES = {".csv": ",", ".tsv": "\t"}


@dataclass(frozen=True, slots=True)
class Dialect:
    """How the fields of a CSV table are written."""

    delim: str = ","
    """Character between fields."""
    quote: str = '"'
    """Character around a field that holds special characters."""
    escape: str = ""
    """Character before a quote inside a quoted field; without it the quote is doubled."""


def fitted(edit: Edit, lines: Sequence[str]) -> Edit:
    """*edit* quoted as its field needs it if it lies in a CSV table of the file *lines*, else as it is."""
    span = edit.message.spans[0]
    dialect = _dialect(lines, span.line - 1, edit.message.location.path)
    if dialect is None:
        return edit
    quote, last = dialect.quote, edit.message.spans[-1]
    if not any(mark in edit.text for mark in (quote, dialect.delim, dialect.escape) if mark):
        return edit
    before = lines[span.line - 1][: span.start]
    quoted = before.endswith(quote) and lines[last.line - 1].startswith(quote, last.end)
    if not quoted:
        quoted = _is_quoted(dialect, [*_above(lines, span.line - 1, edit.message.location.path), before])
    if not quoted and quote not in edit.text and dialect.delim not in edit.text:
        return edit
    text = edit.text.replace(dialect.escape, dialect.escape * 2) if dialect.escape else edit.text
    text = text.replace(quote, (dialect.escape or quote) + quote)
    return replace(edit, text=text if quoted else f"{quote}{text}{quote}")


def _is_quoted(dialect: Dialect, lines: Sequence[str]) -> bool:
    """Whether what follows *lines* of a table lies in a quoted field, which may have several lines."""
    begins = re.compile(rf"(?:^\s*(?::[\w-]+:)?|{re.escape(dialect.delim)})\s*$")
    escaped = re.compile(re.escape(dialect.escape) + "." if dialect.escape else "$")
    is_quoted = False
    for line in lines:
        first, *others = escaped.sub("", line).split(dialect.quote)
        for text in (first, *others)[: len(others)]:  # a quote stands behind each
            is_quoted = not is_quoted and bool(not text or begins.search(text))
    return is_quoted


def _above(lines: Sequence[str], number: int, path: str) -> Sequence[str]:
    """The lines of the table before line *number*, of which those of its options are the first."""
    if path.endswith(tuple(_FILES)):
        return lines[:number]
    start = _directive_above(lines, number)
    return () if start is None else lines[start + 1 : number]


def _dialect(lines: Sequence[str], number: int, path: str) -> Dialect | None:
    """The dialect of the CSV table that line *number* (from 0) is part of."""
    for suffix, delim in _FILES.items():
        if path.endswith(suffix):
            return Dialect(delim)
    start = _directive_above(lines, number)
    if start is None:
        return None
    dialect = Dialect()
    for line in lines[start + 1 : number + 1]:
        if match := _OPTION.match(line):
            dialect = replace(dialect, **{match.group(1): _NAMED.get(match.group(2), match.group(2)[:1])})
    return dialect


def _directive_above(lines: Sequence[str], number: int) -> int | None:
    """The line of the ``csv-table`` directive around line *number*: the block's first line, or the fence above."""
    indent = _indent(lines[number])
    for above in range(number, -1, -1):
        line = lines[above]
        if _DIRECTIVE.match(line):
            return above
        if _FENCE.match(line):
            return None
        if above < number and line.strip() and _indent(line) < indent and not line.lstrip().startswith(":"):
            return None
    return None


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
