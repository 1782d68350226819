"""A d2lbook file as d2lbook sees it: cells of code and Markdown, tabs, and the kinds of the paragraphs in them.

d2lbook reads its files line by line (``d2lbook.markdown``, version 1.0.3), not as CommonMark does: a line that begins with
``*emphasis*`` or ``3.5`` is a list item to it. Its own translator and its notebooks depend on these cells, so a localized
file must have the same ones. The rules below are d2lbook's; a property test compares them with d2lbook itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_FENCE = re.compile(r"(```+) *(.*)")
_MARK = re.compile(r":([-/\\._\w]+):(`[ *-/\\._\w]+`)?")
_LIST = re.compile(r" *[-*+] *| *\d+\. *")
_WORDS = r"[|':;<>^(){}\[\] *-/\\.,_=\w]+"
_MARKS_ONLY = re.compile(rf":{_WORDS}:(`{_WORDS}`)?")


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that d2lbook cannot read as its author meant it."""

    line: int
    """1-based line where it begins."""
    text: str
    """What is wrong, without a full stop."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A run of lines of one kind."""

    kind: str
    """``markdown`` or ``code``."""
    start: int
    """0-based first line of its content."""
    stop: int
    """One past the last line of its content."""
    tag: str | None = None
    """What follows the fence, or the tabs of a tab block as they are written, with backquotes; ``None`` outside."""


def cells(lines: Sequence[str]) -> list[Cell]:
    """The cells of a file; those without content are left out."""
    return [cell for cell in _scan(lines, []) if _counts(cell, lines)]


def problem(lines: Sequence[str]) -> Problem | None:
    """The first fence or tab that is not closed, or closes nothing; ``None`` in a file that is in order."""
    problems: list[Problem] = []
    for _cell in _scan(lines, problems):
        pass
    return min(problems, key=lambda one: one.line, default=None)


def _counts(cell: Cell, lines: Sequence[str]) -> bool:
    """Whether d2lbook keeps *cell*: there is a line in it and, outside tabs and code, one that is not blank."""
    if cell.start == cell.stop:
        return False
    return (
        cell.kind == "code" or bool(cell.tag) or any(lines[number].strip() for number in range(cell.start, cell.stop))
    )


def _scan(lines: Sequence[str], problems: list[Problem]) -> Iterator[Cell]:
    """All cells, empty ones too; what is not in order is added to *problems*."""
    fence, tag = "", None  # the open fence, and what follows it or the open tab
    tab = False
    first = 0
    for number, line in enumerate(lines):
        code, mark = _FENCE.match(line), _MARK.match(line)
        if code and not tab and (not fence or code[1] == fence):
            yield _cell(fence, first, number, tag)
            fence, tag = "" if fence else code[1], code[2]
        elif mark and not code and not fence and mark[1] in {"begin_tab", "end_tab"}:
            begins = mark[1] == "begin_tab"
            if begins == tab:
                problems.append(
                    Problem(number + 1, "a tab is not closed before this one" if tab else "no tab is open here")
                )
            yield _cell(fence, first, number, tag)
            tab, tag = begins, mark[2] if begins else None
        else:
            continue
        first = number + 1
    if fence or tab:
        problems.append(Problem(first, f"the {'code block' if fence else 'tab'} that begins here is not closed"))
    yield _cell(fence, first, len(lines), tag)


def _cell(fence: str, start: int, stop: int, tag: str | None) -> Cell:
    return Cell("code", start, stop, tag) if fence else Cell("markdown", start, stop, tag or None)


def paragraphs(lines: Sequence[str]) -> list[range]:
    """Runs of lines (counted from 0) of Markdown cells that hold no blank line: what d2lbook takes for a paragraph."""
    found = []
    for cell in cells(lines):
        if cell.kind == "code":
            continue
        first = cell.start
        for number in range(cell.start, cell.stop + 1):
            if number == cell.stop or not lines[number].strip():
                if number > first:
                    found.append(range(first, number))
                first = number + 1
    return found


def kinds(paragraph: Sequence[str]) -> tuple[str, ...]:
    """What d2lbook takes the lines of a paragraph for; ``!`` for a line that would begin or end a cell."""
    cuts = tuple("!" for line in paragraph if _cuts(line))
    return cuts + _kinds([line.rstrip("\r\n") for line in paragraph])


def _cuts(line: str) -> bool:
    mark = _MARK.match(line)
    return bool(_FENCE.match(line)) or (mark is not None and mark[1] in {"begin_tab", "end_tab"})


def _kinds(lines: Sequence[str]) -> tuple[str, ...]:
    return tuple(kind for kind in starts(lines) if kind)


def starts(lines: Sequence[str]) -> list[str]:
    """For each line of a paragraph (without line ends), and for the empty one that d2lbook adds, what begins there."""
    text = "\n".join(lines)
    if text.startswith("#"):
        whole = "title" if _marks_only(lines[1:]) else "text"
    elif text.startswith("$$"):
        whole = "equation" if text.count("$$") == 2 else "text"
    elif text.startswith("!["):
        whole = "image" if lines[0].strip().endswith(")") and _marks_only(lines[1:]) else "text"
    elif text.startswith("|"):
        rest = next((number for number, line in enumerate(lines) if not line.startswith("|")), len(lines))
        whole = "table" if _marks_only(lines[rest:]) else "text"
    else:
        return list(_groups(lines))
    return [whole, *[""] * len(lines)]


def _marks_only(lines: Sequence[str]) -> bool:
    return all(not line.strip() or _MARKS_ONLY.fullmatch(line.strip()) for line in lines)


def _groups(lines: Sequence[str]) -> Iterator[str]:
    """Runs of text lines, and list items with the lines indented deeper than their marker's."""
    state: str | None = None
    for line in [*lines, ""]:
        item = _LIST.match(line)
        if item:
            yield "list"
            state = item[0]
        elif state == "" or (state is not None and _indent(line) > _indent(state)):
            yield ""
        else:
            yield "text"
            state = ""


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))
