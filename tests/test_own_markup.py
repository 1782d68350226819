"""A person may use markup in their own way: the text stands, and stays when something beside it is edited."""

from __future__ import annotations

import shutil
from collections.abc import Callable

import pytest

from sphinx_amts import catalog as po
from sphinx_amts.model import Origin
from tests.conftest import Book
from tests.test_builder import UpperEngine, engine
from tests.test_people import edit_catalog, entries, shown

MakeBook = Callable[..., Book]

SENTENCES = {
    "A *big* dog runs.": "Un perro grande corre.",
    "A small dog runs.": "Un perro **pequeño** corre.",
    "A *wild* cat runs.": "Un gato **salvaje** corre.",
    "See `dogs <https://en.wikipedia.org/wiki/Dog>`_ there.": "Véase `perros <https://es.wikipedia.org/wiki/Perro>`_ allí.",
    "Call ``run()`` at once.": "Llame a ``run()``, sí, a ``run()`` enseguida.",
    "The ``cat`` sleeps.": "El gato duerme.",
    "Here :math:`a.b` holds.": "Aquí vale :math:`a{,}b`.",
    "Read :ref:`place` as well.": "Lea también :ref:`el lugar <place>`.",
}
"""Sentences, and what a person made of them."""
BODY = "".join(f"First {number}. {one} Last {number}.\n\n" for number, one in enumerate(SENTENCES))
TEXT = f"Title\n=====\n\n{BODY}.. _place:\n\nPlace\n-----\n\nWords.\n"


@pytest.fixture
def book(make_book: MakeBook) -> Book:
    """A book in which people translated one sentence of each paragraph."""
    made = make_book({"index.rst": TEXT}, languages=("es",), engine=engine("UpperEngine"))
    made.build()
    catalog = po.read(made.catalog("es", "index"))
    written = [
        entry.approved(f"FIRST {number}. {text} LAST {number}.")
        for number, text in enumerate(SENTENCES.values())
        for entry in catalog.entries
        if entry.msgid.startswith(f"First {number}.")
    ]
    others = [entry for entry in catalog.entries if not entry.msgid.startswith("First ")]
    po.write(po.Catalog(catalog.path, (*others, *written)))
    UpperEngine.asked.clear()
    return made


def test_it_is_shown(book: Book) -> None:
    result = book.build()
    assert (result.status, UpperEngine.asked) == (0, [])
    for text in SENTENCES.values():
        assert text in shown(book)
    assert "problem" not in book.build("html", book.localized("es")).warnings


@pytest.mark.parametrize("index_lost", [False, True])
def test_it_stays_when_the_sentence_beside_it_is_edited(book: Book, index_lost: bool) -> None:
    book.build()
    for _time in range(2):  # then what was put together is edited once more
        if index_lost:
            shutil.rmtree(book.source / "locales" / ".amts")
        for number in range(len(SENTENCES)):
            book.edit("index.rst", f"Last {number}", f"Last but {number}")
        book.build()
        assert all(asked.startswith("Last but") for asked in UpperEngine.asked)
        for text in SENTENCES.values():
            assert text in shown(book)
        assert all(entry.stale for msgid, entry in entries(book).items() if msgid.startswith("First"))
        UpperEngine.asked.clear()
        assert book.build().summary["es"]["documents_written"] == 0
        book.edit("index.rst", "Last but 0", "Last 0")
        for number in range(1, len(SENTENCES)):
            book.edit("index.rst", f"Last but {number}", f"Last {number}")


def test_it_goes_along_where_a_paragraph_is_split(book: Book) -> None:
    book.build()
    book.edit("index.rst", " A *big* dog runs. Last 0.", "\n\nA *big* dog runs. Last 0.")
    book.build()
    assert UpperEngine.asked == []
    assert "\nUn perro grande corre. LAST 0.\n" in shown(book)
    entry = entries(book)["A *big* dog runs. Last 0."]
    assert entry.stale, "a person looks whether the sentences were told apart rightly"


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("A *big* dog runs.", "Un perro *grande corre."),  # a slip
        ("Call ``run()`` now.", "Llame a run()`` ahora."),
        ("See :ref:`place` here.", "Véase :ref:`nowhere` aquí."),  # nothing is known to have this name
        ("A note [#f]_ here.", "Una nota aquí."),  # Sphinx would miss a reference to the footnote
    ],
)
def test_a_slip_is_named_and_what_follows_is_translated(make_book: MakeBook, source: str, text: str) -> None:
    notes = ".. [#f] Words.\n\nOther [#f]_.\n"
    files = {"index.rst": f"Title\n=====\n\n{source}\n\n.. _place:\n\nPlace\n-----\n\n{notes}"}
    book = make_book(files, languages=("es",), engine=engine("UpperEngine"))
    book.build()
    edit_catalog(book, f'msgstr "{entries(book)[source].msgstr}"', f'msgstr "{text}"')
    result = book.build()
    assert result.status == 1
    assert "index.rst:4" in result.warnings
    assert text not in shown(book)
    assert entries(book)[source].msgstr == text
    assert "\nPLACE\n-----\n" in shown(book)


NAMED = """\
Title
=====

See `Place`_ and :term:`rain`. Here it ends.

Place
-----

.. glossary::

   rain
      Water.
"""


@pytest.mark.parametrize("by_person", [False, True])
def test_references_that_follow_their_names_cost_nothing(make_book: MakeBook, by_person: bool) -> None:
    book = make_book({"index.rst": NAMED}, languages=("es",), engine=engine("UpperEngine"))
    book.build()
    edit_catalog(book, 'msgstr "RAIN"', 'msgstr "lluvia"')
    edit_catalog(book, 'msgstr "PLACE"', 'msgstr "Lugar"')
    edit_catalog(book, f'msgstr "{entries(book)["See `Place`_ and :term:`rain`. Here it ends."].msgstr}"', 'msgstr ""')
    book.build()
    sentence = "SEE `Lugar`_ AND :term:`lluvia`."
    if by_person:
        edit_catalog(book, sentence, "Véanse :term:`lluvia` y `Lugar`_.")
        sentence = "Véanse :term:`lluvia` y `Lugar`_."
        book.build()
    UpperEngine.asked.clear()
    shutil.rmtree(book.source / "locales" / ".amts")
    book.edit("index.rst", "Here it ends.", "It ends here.")
    book.build()
    assert UpperEngine.asked == ["It ends here."]
    assert f"\n{sentence} IT ENDS HERE.\n" in shown(book)
    entry = next(entry for msgid, entry in entries(book).items() if "It ends" in msgid)
    assert entry.stale == by_person
    assert entry.origin is Origin.MACHINE
