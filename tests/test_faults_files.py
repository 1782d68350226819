"""Trouble with files and folders: the right result or one clear error, and nothing is lost."""

from __future__ import annotations

import os
from collections.abc import Callable

from tests.conftest import Book

PAGES = {
    "index.rst": "Title\n=====\n\n.. toctree::\n\n   rain\n\nOne sentence.\n",
    "rain.rst": "Rain\n====\n\nRain falls.\n\n.. include:: shared.txt\n",
    "shared.txt": "Shared words.\n",
}
CONF = 'exclude_patterns = ["shared.txt"]\n'


def backdate(book: Book, name: str, seconds: float) -> None:
    """Give a file a time in the past, as a clock that was set back does, or a checkout that keeps times."""
    path = book.source / name
    when = path.stat().st_mtime - seconds
    os.utime(path, (when, when))


def test_an_edit_with_an_old_time_is_seen(make_book: Callable[..., Book]) -> None:
    book = make_book(PAGES, ("es",), conf=CONF)
    book.build()
    book.edit("index.rst", "One sentence.", "Another sentence, in a line of its own.\n\nAnd one more.")
    backdate(book, "index.rst", 86_400)
    again = book.build()
    assert again.summary["es"]["sent_segments"] == 2
    text = book.localized("es", "index.rst").read_text(encoding="utf-8")
    assert text.count("\n\n") == (book.source / "index.rst").read_text(encoding="utf-8").count("\n\n")
    assert "sentence" not in text


def test_an_edit_of_an_included_file_with_an_old_time_is_seen(make_book: Callable[..., Book]) -> None:
    book = make_book(PAGES, ("es",), conf=CONF)
    book.build()
    book.edit("shared.txt", "Shared words.", "New words that stand here.")
    backdate(book, "shared.txt", 86_400)
    assert book.build().summary["es"]["sent_segments"] == 1
    assert "words" not in book.localized("es", "shared.txt").read_text(encoding="utf-8")


def test_files_of_the_future_cost_nothing(make_book: Callable[..., Book]) -> None:
    """All files are newer than now: they are read again each time, and nothing is sent or written."""
    book = make_book(PAGES, ("es",), conf=CONF)
    for name in PAGES:
        backdate(book, name, -10 * 86_400)
    book.build()
    again = book.build()
    assert again.summary["es"]["sent_segments"] == 0
    assert again.summary["es"]["documents_written"] == 0
