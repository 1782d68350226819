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


GARDEN = """\
The garden
==========

The garden has 12 beds, and each of them is 3 metres long.

We water the tomatoes every morning, because they need 5 litres a day. The cabbages need only 2 litres.

An old wall keeps the wind away. It was built in 1890 by the Miller family.

The greenhouse is heated with 900 kilos of wood from October to March.

Bees visit the 40 apple trees in spring. Without the bees there would be no apples.

In winter the ``thermometer`` shows -15 degrees, and the beds sleep under straw.
"""
JARDIN = [
    "El jardín\n=========",
    "El jardín tiene 12 bancales, y cada uno de ellos mide 3 metros de largo.",
    "Regamos los tomates todas las mañanas, porque necesitan 5 litros al día. Las coles solo necesitan 2 litros.",
    "Un viejo muro protege del viento. Fue construido en 1890 por la familia Miller.",
    "El invernadero se calienta con 900 kilos de leña de octubre a marzo.",
    "Las abejas visitan los 40 manzanos en primavera. Sin las abejas no habría manzanas.",
    "En invierno el ``thermometer`` marca -15 grados, y los bancales duermen bajo la paja.",
]
MESSAGES = [" ".join(one.split()) for one in GARDEN.split("\n\n")]
MESSAGES[0] = "The garden"


def write_garden(book: Book, blocks: list[str], source: str = GARDEN) -> None:
    (book.source / "index.rst").write_text(source, encoding="utf-8")
    (book.folder / "translated" / "index.rst").write_text("\n\n".join(blocks) + "\n", encoding="utf-8")


def texts(book: Book) -> dict[str, str]:
    return {msgid: entry.msgstr for msgid, entry in entries(book).items() if msgid in MESSAGES}


def test_another_paragraph_is_not_taken_for_a_translation(book: Book, capsys: pytest.CaptureFixture[str]) -> None:
    """One paragraph is missing and another one was added: as many as before, and not the same ones."""
    added = "La ley municipal 77 prohíbe las hogueras y `multa <https://example.org>`_ a quienes venden pólvora sin permiso."
    write_garden(book, [*JARDIN[:2], *JARDIN[3:6], added, JARDIN[6]])
    assert adopt(book) == 1
    expected = dict(zip(MESSAGES, [*JARDIN[:2], "", *JARDIN[3:]], strict=True))
    assert texts(book) == {**expected, "The garden": "El jardín"}
    told = capsys.readouterr()
    assert told.err.count("left untranslated") == 1
    assert "index.rst:6: left untranslated: the translation has no counterpart of it" in told.err
    assert "1 left untranslated" in told.out
    before = book.catalog("es", "index").read_bytes()
    assert adopt(book) == 1
    assert book.catalog("es", "index").read_bytes() == before


def test_paragraphs_that_a_translator_split_or_joined(book: Book) -> None:
    split = JARDIN[2].replace("día. ", "día.\n\n")
    write_garden(book, [*JARDIN[:2], split, f"{JARDIN[3]} {JARDIN[4]}", *JARDIN[5:]])
    assert adopt(book) == 0
    assert list(texts(book).values()) == ["El jardín", *JARDIN[1:]]


def test_a_text_of_another_subject_at_the_same_place_is_in_doubt(
    book: Book, capsys: pytest.CaptureFixture[str]
) -> None:
    other = "Véase ``config.yaml``: 7, 8 y 9."
    write_garden(book, [*JARDIN[:3], other, *JARDIN[4:]])
    assert adopt(book) == 1
    assert texts(book)[MESSAGES[3]] == ""
    assert texts(book)[MESSAGES[4]] == JARDIN[4]
    assert "index.rst:8: left untranslated: " in capsys.readouterr().err


def test_a_short_text_is_trusted_between_its_neighbours(book: Book) -> None:
    """Nothing in it can be compared; elsewhere it would be in doubt."""
    source = GARDEN.replace(
        "The greenhouse is heated with 900 kilos of wood from October to March.", "Glass everywhere, mostly cracked."
    )
    write_garden(book, [*JARDIN[:4], "Casi todo está roto.", *JARDIN[5:]], source)
    assert adopt(book) == 0
    assert entries(book)["Glass everywhere, mostly cracked."].msgstr == "Casi todo está roto."


def test_code_is_an_anchor_without_an_origin(book: Book) -> None:
    """Builds have no messages for code; between two blocks of it a note of the translator's stands where it was put."""
    code = ".. code-block:: python\n\n   x = {}"
    ours = ["Title\n=====", code.format(1), "One.", code.format(2), "Two.", code.format(3), "Three."]
    theirs = ["Título\n======", code.format(1), "Uno.", code.format(2), code.format(3), "Tres."]
    write_garden(book, theirs, "\n\n".join(ours) + "\n")
    assert adopt(book) == 1
    found = {msgid: entry.msgstr for msgid, entry in entries(book).items()}
    assert [found[one] for one in ("Title", "One.", "Two.", "Three.")] == ["Título", "Uno.", "", "Tres."]


def test_wrong_use(book: Book) -> None:
    assert main(["adopt", str(book.source), "--language", "fr", "--translated", str(book.folder)]) == 2
    assert main(["adopt", str(book.source), "--language", "es", "--translated", str(book.folder / "missing")]) == 2
