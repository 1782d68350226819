"""Files are recognised again without being read, and a change is never overlooked."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

from sphinx_amts import stamps
from tests.conftest import Book

HOUR = 3_600_000_000_000


def _aged(path: Path, text: str) -> Path:
    """A file that was last written an hour ago; only its change time is of now."""
    path.write_text(text, encoding="utf-8")
    moment = time.time_ns() - HOUR
    os.utime(path, ns=(moment, moment))
    return path


def test_a_young_stamp_is_not_believed(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text("one", encoding="utf-8")
    stamp = stamps.take(path)
    assert stamp[4], "written just now"
    assert stamps.is_same(path, stamp)
    other = [*stamp[:5], "0" * 24]  # another file of the same size, written in the same tick
    assert not stamps.is_same(path, other)


def test_an_old_stamp_spares_the_reading(tmp_path: Path) -> None:
    path = _aged(tmp_path / "a", "one")
    stamp = [*stamps.take(path)[:4], 0, "not read"]
    assert stamps.is_same(path, stamp)
    path.write_text("two", encoding="utf-8")
    os.utime(path, ns=(int(stamp[1]), int(stamp[1])))
    assert not stamps.is_same(path, stamp), "same size and time, but changed since"


def test_the_same_bytes_under_other_times_are_the_same(tmp_path: Path) -> None:
    path = _aged(tmp_path / "a", "one")
    stamp = stamps.take(path)
    path.unlink()
    path.write_text("one", encoding="utf-8")
    assert stamps.is_same(path, stamp)
    assert stamps.renewed(path, stamp)[:4] != stamp[:4]
    path.unlink()
    assert not stamps.is_same(path, stamp)
    assert stamps.is_same(path, stamps.ABSENT)
    assert not stamps.is_same(path, ["an", "older", "layout"])


def test_a_time_ahead_is_not_believed(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text("one", encoding="utf-8")
    ahead = time.time_ns() + HOUR
    os.utime(path, ns=(ahead, ahead))
    assert stamps.take(path)[4]
    assert stamps.mark(path) != stamps.mark(path)


def test_an_edit_of_the_same_size_and_time_is_found(make_book: Callable[..., Book]) -> None:
    book = make_book({"index.rst": "Title\n=====\n\nOne sentence.\n", "data.txt": "one"})
    book.build()
    for path, text in ((book.localized("zh_CN", "index.rst"), None), (book.source / "data.txt", "two")):
        status = path.stat()
        old = path.read_text(encoding="utf-8")
        new = text or old.replace("。", "！", 1).replace(".", "!", 1)
        assert len(new.encode()) == len(old.encode())
        assert new != old
        path.write_text(new, encoding="utf-8", newline="")
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    book.build()
    entries = book.catalog("zh_CN", "index").read_text(encoding="utf-8")
    assert "!" in entries or "！" in entries
    assert book.localized("zh_CN", "data.txt").read_text(encoding="utf-8") == "two"
