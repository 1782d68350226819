"""What did not change is not looked at, and looking at it would change nothing."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from sphinx_amts import catalog
from tests.conftest import Book

FILES = {
    "index.rst": "Book\n====\n\n.. toctree::\n\n   one\n   two\n   terms\n",
    "one.rst": "One\n===\n\nThe first text. It has two sentences.\n\nSee :term:`rain`, One_ and the rest.\n",
    "two.rst": "Two\n===\n\nThe second text.\n\nAnother paragraph of it.\n",
    "terms.rst": "Terms\n=====\n\n.. glossary::\n\n   rain\n      Water that falls.\n",
}


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the catalogs that were read."""
    names: list[str] = []
    before = catalog.read

    def note(path: Path) -> catalog.Catalog:
        names.append(path.stem)
        return before(path)

    monkeypatch.setattr(catalog, "read", note)
    return names


def _state(book: Book) -> dict[str, bytes]:
    """All catalogs and localized files."""
    roots = [book.source / "locales", book.localized("zh_CN")]
    return {path.as_posix(): path.read_bytes() for root in roots for path in root.rglob("*") if _counts(path)}


def _counts(path: Path) -> bool:
    return path.is_file() and ".amts" not in path.parts


def _looked_at_everything(book: Book) -> dict[str, bytes]:
    """What a build without an index makes of the book as it is now."""
    shutil.rmtree(book.source / "locales" / ".amts")
    book.build()
    return _state(book)


def test_an_unchanged_book_reads_no_catalog(make_book: Callable[..., Book], read: list[str]) -> None:
    book = make_book(FILES)
    first = book.build().summary["zh_CN"]
    read.clear()
    second = book.build().summary["zh_CN"]
    assert not read
    assert second["messages"] == second["unchanged"] == first["messages"]
    assert second["checks"] == first["checks"]


def test_an_edit_reads_the_catalog_of_its_document(make_book: Callable[..., Book], read: list[str]) -> None:
    book = make_book(FILES)
    book.build()
    read.clear()
    book.edit("two.rst", "The second text.", "The second text, changed.")
    summary = book.build().summary["zh_CN"]
    assert read == ["two"]
    assert summary["sent_segments"] == summary["documents_written"] == 1
    assert summary["unchanged"] == summary["messages"] - 1
    assert _state(book) == _looked_at_everything(book)


def test_a_changed_term_is_looked_for_everywhere(make_book: Callable[..., Book]) -> None:
    book = make_book(FILES)
    book.build()
    path = book.catalog("zh_CN", "terms")
    text = path.read_text(encoding="utf-8")
    before = catalog.read(path).by_msgid()["rain"].msgstr
    path.write_text(text.replace(f'msgstr "{before}"', 'msgstr "雨水"'), encoding="utf-8", newline="")
    book.edit("one.rst", "See :term:`rain`,", "See now :term:`rain`,")
    book.build()
    assert "雨水" in book.localized("zh_CN", "one.rst").read_text(encoding="utf-8")
    assert _state(book) == _looked_at_everything(book)


def test_a_text_that_moves_keeps_what_a_person_wrote(make_book: Callable[..., Book], read: list[str]) -> None:
    book = make_book(FILES)
    book.build()
    path = book.catalog("zh_CN", "two")
    text = path.read_text(encoding="utf-8")
    before = catalog.read(path).by_msgid()["Another paragraph of it."].msgstr
    path.write_text(text.replace(before, "人写的。"), encoding="utf-8", newline="")
    book.edit("index.rst", "Book\n", "Base\n")
    book.build()  # the memory takes the person's text in
    book.edit("one.rst", "The first text.", "Another paragraph of it.\n\nThe first text.")
    read.clear()
    book.build()
    assert set(read) == {"one", "two"}
    assert "人写的。" in book.localized("zh_CN", "one.rst").read_text(encoding="utf-8")
    assert _state(book) == _looked_at_everything(book)


@pytest.mark.parametrize("name", ["one.rst", "terms.rst", ".amts-anchors.json"])
def test_a_localized_file_that_is_gone_comes_back(make_book: Callable[..., Book], name: str) -> None:
    book = make_book(FILES)
    book.build()
    before = _state(book)
    book.localized("zh_CN", name).unlink()
    book.build()
    assert _state(book) == before
