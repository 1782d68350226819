"""Lines as display columns: what docutils measures tables in (a wide character takes two columns)."""

from __future__ import annotations

import unicodedata

from docutils.utils import column_width


def to_columns(line: str) -> list[str]:
    """One string per display column: a wide character is followed by an empty string, marks join their base."""
    columns: list[str] = []
    for char in line:
        if unicodedata.combining(char) and columns:
            columns[-1] += char
            continue
        columns.append(char)
        if unicodedata.east_asian_width(char) in "WF":
            columns.append("")
    return columns


def column_of(line: str, index: int) -> int:
    """The display column at which character *index* of *line* stands."""
    return len(to_columns(line[:index]))


def cut(columns: list[str], start: int, end: int | None = None) -> str:
    """The text between two display columns, without white space at its end."""
    return "".join(columns[start:end]).rstrip()


def pad(text: str, width: int) -> str:
    """*text* filled with spaces to *width* columns."""
    return text + " " * (width - column_width(text))


def wrap(text: str, width: int) -> list[str]:
    """Break *text* at spaces to lines of at most *width* columns; a longer word keeps its line.

    A line never begins with a word of punctuation only, which docutils could take for a title's underline.
    """
    lines: list[str] = []
    for word in text.split(" "):
        fits = lines and column_width(lines[-1]) + 1 + column_width(word) <= width
        if lines and (fits or not any(char.isalnum() for char in word)):
            lines[-1] += " " + word
        else:
            lines.append(word)
    return lines
