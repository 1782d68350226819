"""A team that already has a translation starts without paying for it again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sphinx_amts import catalog as po
from sphinx_amts.cli import main
from sphinx_amts.model import Origin
from tests.conftest import Book
from tests.test_builder import UpperEngine, engine

SOURCE = (
    "Title\n=====\n\nFirst one. Second one.\n\n.. code-block:: python\n\n   x = 1\n\nAnother paragraph.\n\n- An item\n"
)
TRANSLATED = (
    "Título\n======\n\nEl primero. El segundo.\n\n.. code-block:: python\n\n   x = 1\n\nOtro párrafo.\n\n- Un punto\n"
)


@pytest.fixture
def book(make_book: Callable[..., Book], tmp_path: Path) -> Book:
    UpperEngine.asked.clear()
    made = make_book({"index.rst": SOURCE}, languages=("es",), engine=engine("UpperEngine"))
    (tmp_path / "translated").mkdir()
    (tmp_path / "translated" / "index.rst").write_text(TRANSLATED, encoding="utf-8")
    return made


def adopt(book: Book, *more: str) -> int:
    return main(["adopt", str(book.source), "--language", "es", "--translated", str(book.folder / "translated"), *more])


def entries(book: Book) -> dict[str, po.Entry]:
    return po.read(book.catalog("es", "index")).by_msgid()


def test_nothing_is_sent_for_what_people_translated(book: Book) -> None:
    assert adopt(book) == 0
    assert {entry.origin for entry in entries(book).values()} == {Origin.HUMAN}
    assert entries(book)["First one. Second one."].msgstr == "El primero. El segundo."
    before = book.catalog("es", "index").read_bytes()
    assert adopt(book) == 0
    assert book.catalog("es", "index").read_bytes() == before
    assert book.build().summary["es"]["sent_characters"] == 0
    assert book.localized("es", "index.rst").read_text(encoding="utf-8") == TRANSLATED


def test_what_changed_since_the_origin_is_stale(book: Book) -> None:
    origin = book.folder / "origin"
    origin.mkdir()
    (origin / "index.rst").write_text(SOURCE, encoding="utf-8")
    book.edit("index.rst", "Second one.", "Second one, newer.")
    book.edit("index.rst", "- An item\n", "- An item\n- A new item\n")
    assert adopt(book, "--origin", str(origin)) == 0
    assert UpperEngine.asked == []
    entry = entries(book)["First one. Second one, newer."]
    assert entry.stale
    assert entry.msgstr.startswith("El primero. ")
    book.build()
    assert sorted(UpperEngine.asked) == ["A new item", "Second one, newer."]
    assert entries(book)["First one. Second one, newer."].msgstr == "El primero. SECOND ONE, NEWER."
    assert entries(book)["An item"].msgstr == "Un punto"


def test_another_chapter_is_named(book: Book, capsys: pytest.CaptureFixture[str]) -> None:
    other = "Otro\n====\n\nUno.\n\n- Dos\n- Tres\n- Cuatro\n\nSub\n---\n\nCinco.\n"
    (book.folder / "translated" / "index.rst").write_text(other, encoding="utf-8")
    assert adopt(book) == 1
    assert "index.rst" in capsys.readouterr().err


def test_wrong_use(book: Book) -> None:
    assert main(["adopt", str(book.source), "--language", "fr", "--translated", str(book.folder)]) == 2
    assert main(["adopt", str(book.source), "--language", "es", "--translated", str(book.folder / "missing")]) == 2
