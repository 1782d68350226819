"""The ``conf.py`` of a localized book: the source's with another language, read as in the source's folder if it looks around."""

from __future__ import annotations

import ast
import io
import os
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

_UP = re.compile(r"(?:^|[/\\])\.\.(?:[/\\]|$)")
_AROUND = {"__file__", "getcwd", "cwd", "dirname", "parent", "parents", "pardir", "subprocess"}
"""Names in a ``conf.py`` that tell that it looks for something outside of its folder."""

_AS_IN_SOURCE = """\
# What follows is read as in the folder of the source book, so that paths that lead out of it stay right.
import os as _os

_book = _os.path.join(_os.path.dirname(_os.path.abspath(__file__)), {folder!a})
if _os.path.isfile(_os.path.join(_book, "conf.py")):
    _os.chdir(_book)
    __file__ = _os.path.abspath("conf.py")

"""


def localized_bytes(source: bytes, language: str, confdir: Path, tree: Path) -> bytes:
    """As :func:`localized`, for the bytes of a file in whatever encoding it declares."""
    encoding, _lines = tokenize.detect_encoding(io.BytesIO(source).readline)
    return localized(source.decode(encoding), language, confdir, tree).encode(encoding)


def localized(source: str, language: str, confdir: Path, tree: Path) -> str:
    """The text of the ``conf.py`` in the localized *tree* for the text *source* of the one in *confdir*."""
    text = _with_language(source, language)
    start = _first_line(text) if _looks_around(source) else None
    if start is None:
        return text
    try:
        folder = Path(os.path.relpath(confdir, tree)).as_posix()
    except ValueError:  # another drive of Windows
        folder = confdir.as_posix()
    lines = _lines_of(text)
    prologue = _AS_IN_SOURCE.format(folder=folder).replace("\n", _newline(source))
    return "".join([*lines[:start], prologue, *lines[start:]])


def _lines_of(source: str) -> list[str]:
    """The lines of *source* with their ends, as Python counts them: a form feed, as some editors put it, ends none."""
    return list(io.StringIO(source, newline=""))


def _newline(source: str) -> str:
    return "\r\n" if "\r\n" in source else "\n"


def _looks_around(source: str) -> bool:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _UP.search(node.value):
            return True
        if (isinstance(node, ast.Name) and node.id in _AROUND) or (
            isinstance(node, ast.Attribute) and node.attr in _AROUND
        ):
            return True
    return False


def _first_line(source: str) -> int | None:
    """The line, counted from 0, of the first statement behind docstring and ``from __future__``; ``None`` without one."""
    for number, node in enumerate(ast.parse(source).body):
        is_docstring = number == 0 and isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if not is_docstring and not (isinstance(node, ast.ImportFrom) and node.module == "__future__"):
            starts: list[int] = [one.lineno for one in [node, *getattr(node, "decorator_list", ())]]
            return min(starts) - 1
    return None


def _with_language(source: str, language: str) -> str:
    """The text of ``conf.py`` with ``language`` set: in place if it is assigned once, else in a line at the end."""
    newline = _newline(source)
    assignments = list(_assignments(source))
    if len(assignments) == 1:
        value = assignments[0]
        lines = _lines_of(source)
        if value.end_lineno == value.lineno:
            line = lines[value.lineno - 1].encode()
            changed = (
                line[: value.col_offset] + repr(language).replace("'", '"').encode() + line[value.end_col_offset :]
            )
            lines[value.lineno - 1] = changed.decode()
            return "".join(lines)
    end = "" if not source or source.endswith("\n") else newline
    return f'{source}{end}{newline}language = "{language}"{newline}'


def _assignments(source: str) -> Iterator[ast.expr]:
    """Values assigned to ``language`` at the top level; a computed one, or one in a block, counts as many."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Assign) and any(
            isinstance(name, ast.Name) and name.id == "language" for name in node.targets
        ):
            yield node.value
            if not isinstance(node.value, ast.Constant) or node.col_offset:
                yield node.value
