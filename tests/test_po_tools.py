"""Weblate, Poedit, Lokalize, gettext's own tools and sphinx-intl between two runs: nothing is lost on either side.

gettext's programs, sphinx-intl, polib and translate-toolkit (with which Weblate saves) are the real ones; of Poedit and
Lokalize, which are windows, the habits are done with polib.
"""

from __future__ import annotations

import io
import json
import shutil
import subprocess
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import polib
import pytest
from sphinx_intl import commands as sphinx_intl
from translate.storage import pypo

from sphinx_amts import catalog as po
from sphinx_amts.cli import main
from sphinx_amts.model import Origin
from tests.conftest import Book
from tests.test_builder import UpperEngine, engine
from tests.test_people import edit_catalog, edit_file, entries, shown

MakeBook = Callable[..., Book]
Tool = Callable[[Book], None]

LONG = "Machines translate this ``paragraph`` of many words, which any tool that breaks lines has to break somewhere."
TEXT = f"""\
Title
=====

The first sentence is of a length that is usual. The second sentence has about as many words as the first one has.

{LONG}

- An item of a list
- The next item
"""
PERSONS = "La primera oración tiene una longitud normal. La segunda oración tiene más o menos tantas palabras como la primera."
THEIR_HEADER = (
    '"Last-Translator: Ana <ana@example.org>\\n"\n"PO-Revision-Date: 2024-05-01 10:00+0000\\n"\n"X-Custom: yes\\n"\n'
)
THEIR_LINES = "# Why not «ítem»? Ana\n#. a hint of the author\n"
needs_gettext = pytest.mark.skipif(shutil.which("msgmerge") is None, reason="gettext's programs are not here")


@pytest.fixture
def book(make_book: MakeBook) -> Book:
    """A book in the middle of its life: texts of people and machines, one that waits for review, one that is gone."""
    made = make_book({"index.rst": TEXT}, languages=("es",), engine=engine("UpperEngine"))
    made.build()
    edit_file(made, TEXT.split("\n")[3].upper(), PERSONS)
    edit_catalog(made, '"AN ITEM OF A LIST"', '"Un elemento de una lista"')
    made.build()
    edit_catalog(made, '"Language: es\\n"\n', f'"Language: es\\n"\n{THEIR_HEADER}')
    edit_catalog(made, '#: index.rst\nmsgid "An item', f'{THEIR_LINES}#: index.rst\n#, no-wrap\nmsgid "An item')
    made.edit("index.rst", "about as many words", "almost as many words")
    made.build()
    UpperEngine.asked.clear()
    return made


def states(book: Book) -> Any:
    printed = io.StringIO()
    with redirect_stdout(printed):
        assert main(["status", str(book.source), "--json"]) == 0
    return json.loads(printed.getvalue())


def templates(book: Book) -> Path:
    book.build("gettext")
    return book.folder / "out" / "gettext"


def gettext(program: str, *options: str) -> Tool:
    def run(book: Book) -> None:
        path = book.catalog("es", "index")
        subprocess.run([program, *options, "-o", str(path), str(path)], check=True)

    return run


def msgmerge(*options: str) -> Tool:
    def run(book: Book) -> None:
        template = templates(book) / "index.pot"
        path = book.catalog("es", "index")
        subprocess.run(["msgmerge", "-q", *options, "-o", str(path), str(path), str(template)], check=True)

    return run


def update_with_sphinx_intl(book: Book) -> None:
    sphinx_intl.main(
        ["update", "-p", str(templates(book)), "-d", str(book.source / "locales"), "-l", "es"], standalone_mode=False
    )


def save_with_polib(width: int, **fields: str) -> Tool:
    def run(book: Book) -> None:
        path = book.catalog("es", "index")
        file = polib.pofile(str(path), wrapwidth=width)
        file.metadata.update(fields)
        file.save(newline="")

    return run


def save_with_weblate(book: Book) -> None:
    """What Weblate does when a string is saved: translate-toolkit reads, updates the header, and writes."""
    path = book.catalog("es", "index")
    store = pypo.pofile.parsefile(str(path))
    store.updateheader(add=True, X_Generator="Weblate 5.9", PO_Revision_Date="2026-01-01 00:00+0000", Language="es")
    path.write_bytes(bytes(store))


def remove_gone_entries(book: Book) -> None:
    path = book.catalog("es", "index")
    file = polib.pofile(str(path))
    for entry in file.obsolete_entries():
        file.remove(entry)
    file.save(newline="")


POEDIT = {"X-Generator": "Poedit 3.4.2", "Plural-Forms": "nplurals=2; plural=(n != 1);", "X-Poedit-Basepath": "."}
REWRITERS: dict[str, Any] = {
    "msgcat narrow": pytest.param(gettext("msgcat", "--width=50"), marks=needs_gettext),
    "msgcat without wraps": pytest.param(gettext("msgcat", "--no-wrap"), marks=needs_gettext),
    "msgcat sorted": pytest.param(gettext("msgcat", "--sort-output"), marks=needs_gettext),
    "msgattrib": pytest.param(gettext("msgattrib", "--no-obsolete"), marks=needs_gettext),
    "msgmerge": pytest.param(msgmerge(), marks=needs_gettext),
    "msgmerge with previous": pytest.param(msgmerge("--previous"), marks=needs_gettext),
    "sphinx-intl": pytest.param(update_with_sphinx_intl),
    "polib": pytest.param(save_with_polib(78)),
    "polib without wraps": pytest.param(save_with_polib(0)),
    "polib narrow": pytest.param(save_with_polib(50)),
    "Poedit": pytest.param(save_with_polib(79, **POEDIT)),
    "Lokalize": pytest.param(save_with_polib(80, **{"X-Generator": "Lokalize 23.08.1", "Language-Team": "Español"})),
    "Weblate": pytest.param(save_with_weblate),
    "no obsolete entries": pytest.param(remove_gone_entries),
}


@pytest.mark.parametrize("index_lost", [False, True], ids=["", "fresh clone"])
@pytest.mark.parametrize("tool", REWRITERS.values(), ids=REWRITERS)
def test_a_tool_that_writes_the_catalog_anew_changes_nothing(book: Book, tool: Tool, index_lost: bool) -> None:
    before, file, texts = states(book), shown(book), {msgid: one.msgstr for msgid, one in entries(book).items()}
    tool(book)
    written = book.catalog("es", "index").read_bytes()
    if index_lost:
        shutil.rmtree(book.source / "locales" / ".amts")
    result = book.build()
    assert UpperEngine.asked == []
    assert result.status == 0
    assert shown(book) == file
    assert states(book) == before
    assert book.catalog("es", "index").read_bytes() == written, "what a tool wrote stays as it wrote it"
    after = entries(book)
    assert {msgid: one.msgstr for msgid, one in after.items()} == texts
    item = after["An item of a list"]
    assert "Why not «ítem»? Ana" in item.comments
    assert ("no-wrap" in item.flags) == (b"#, no-wrap" in written), "msgmerge takes flags from the template"
    assert po.read(book.catalog("es", "index")).entries[0].msgstr.count("X-Custom: yes\n") == 1
    assert "Ana <ana@example.org>" in written.decode()


@pytest.mark.parametrize("tool", REWRITERS.values(), ids=REWRITERS)
def test_the_next_edit_finds_everything_after_a_tool(book: Book, tool: Tool) -> None:
    tool(book)
    book.edit("index.rst", "usual.", "usual. A third one.")
    book.build()
    waiting = entries(book)[next(msgid for msgid in entries(book) if "A third one." in msgid)]
    assert waiting.msgstr.startswith("La primera oración tiene una longitud normal. A THIRD ONE. THE SECOND")
    assert waiting.stale
    assert UpperEngine.asked == ["A third one."]


CARRIERS: dict[str, Any] = {
    "msgmerge": pytest.param(msgmerge(), marks=needs_gettext),
    "msgmerge with previous": pytest.param(msgmerge("--previous"), marks=needs_gettext),
    "sphinx-intl": pytest.param(update_with_sphinx_intl),
}


@pytest.mark.parametrize("tool", CARRIERS.values(), ids=CARRIERS)
def test_a_tool_that_guesses_by_similarity(book: Book, tool: Tool) -> None:
    """It gives changed texts the old translations: ours goes on from their sources, as if it had not been there."""
    book.edit("index.rst", "of a length that is usual", "of some length that is usual")
    book.edit("index.rst", "of many words", "of very many words")
    book.edit("index.rst", "An item of a list", "An item of the list")
    tool(book)
    result = book.build()
    assert result.status == 0
    assert sorted(UpperEngine.asked) == [
        "An item of the list",
        LONG.replace("many", "very many").replace("``paragraph``", '<span id="1" translate="no">paragraph</span>'),
        "The first sentence is of some length that is usual.",
    ]
    after = entries(book)
    item, machine = after["An item of the list"], after[LONG.replace("many", "very many")]
    assert item.msgstr == "AN ITEM OF THE LIST"
    assert (item.stale, item.previous) == (True, "An item of a list")
    assert (machine.origin, machine.fuzzy) == (Origin.MACHINE, False), "nobody has to approve what nobody wrote"
    waiting = after[next(msgid for msgid in after if msgid.startswith("The first"))]
    assert waiting.msgstr.startswith(
        "THE FIRST SENTENCE IS OF SOME LENGTH THAT IS USUAL. THE SECOND SENTENCE HAS ALMOST"
    )
    gone = po.read(book.catalog("es", "index")).obsolete()
    assert {one.msgstr for one in gone.values()} >= {PERSONS, "Un elemento de una lista"}
    assert "AN ITEM OF THE LIST" in shown(book)
    UpperEngine.asked.clear()
    book.build()
    assert UpperEngine.asked == []


@pytest.mark.parametrize("tool", CARRIERS.values(), ids=CARRIERS)
def test_a_guess_on_a_fresh_clone_loses_no_text_of_a_person(book: Book, tool: Tool) -> None:
    book.edit("index.rst", "of a length that is usual", "of some length that is usual")
    book.edit("index.rst", "of many words", "of very many words")
    book.edit("index.rst", "An item of a list", "An item of the list")
    tool(book)
    shutil.rmtree(book.source / "locales" / ".amts")
    assert book.build().status == 0
    text = " ".join(one.msgstr for one in po.read(book.catalog("es", "index")).entries)
    assert PERSONS in text
    assert "Un elemento de una lista" in text
    assert "OF VERY MANY WORDS" in shown(book), "a machine's guess is made anew"
    assert states(book)["es"]["total"]["stale"] >= 1
    UpperEngine.asked.clear()
    book.build()
    assert UpperEngine.asked == []


def test_approval_in_an_editor(book: Book) -> None:
    """Editors take the flag and the previous msgid away; comments stay."""
    path = book.catalog("es", "index")
    file = polib.pofile(str(path))
    (waiting,) = file.fuzzy_entries()
    waiting.flags.remove("fuzzy")
    waiting.previous_msgid = None
    file.save(newline="")
    book.build()
    entry = entries(book)[waiting.msgid]
    assert entry.origin is Origin.HUMAN
    assert entry.msgstr == waiting.msgstr
    assert states(book)["es"]["total"]["stale"] == 0


@pytest.mark.parametrize("index_lost", [False, True], ids=["", "fresh clone"])
def test_an_edit_that_leaves_the_flag_is_in_force(book: Book, index_lost: bool) -> None:
    """``Needs editing`` in Weblate: the person is not done yet, and what they wrote belongs to the new text all the same."""
    path = book.catalog("es", "index")
    file = polib.pofile(str(path))
    (waiting,) = file.fuzzy_entries()
    waiting.msgstr = waiting.msgstr.partition("THE SECOND")[0] + "La segunda casi tantas."
    file.save(newline="")
    if index_lost:
        shutil.rmtree(book.source / "locales" / ".amts")
    book.build()
    assert waiting.msgstr in shown(book)
    assert entries(book)[waiting.msgid].stale
    book.edit("index.rst", "usual.", "usual. A third one.")
    book.build()
    assert "La segunda casi tantas." in shown(book)
    assert UpperEngine.asked == ["A third one."]


def test_a_machines_text_that_a_person_flags_stays_and_keeps_the_flag(book: Book) -> None:
    edit_catalog(book, '#: index.rst\nmsgid "The next item"', '#: index.rst\n#, fuzzy\nmsgid "The next item"')
    book.build()
    assert UpperEngine.asked == []
    assert entries(book)["The next item"].fuzzy
    assert "THE NEXT ITEM" in shown(book)


def test_a_tool_that_drops_comments(book: Book) -> None:
    """Without our marks a machine's texts count as a person's; no text is lost, and nothing is sent."""
    path = book.catalog("es", "index")
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(line for line in lines if not line.startswith("# ")), encoding="utf-8", newline="")
    file = shown(book)
    book.build()
    assert UpperEngine.asked == []
    assert shown(book) == file
    assert states(book)["es"]["total"]["stale"] == 1


def test_an_edit_in_an_editor_becomes_a_persons(book: Book) -> None:
    path = book.catalog("es", "index")
    file = polib.pofile(str(path))
    entry = file.find("The next item")
    entry.msgstr = "El próximo elemento"
    file.save(newline="")
    book.build()
    assert entries(book)["The next item"].origin is Origin.HUMAN
    assert "- El próximo elemento" in shown(book)


@needs_gettext
def test_catalogs_are_what_gettext_accepts(book: Book) -> None:
    path = book.catalog("es", "index")
    subprocess.run(["msgfmt", "--check-format", "-o", str(path.with_suffix(".mo")), str(path)], check=True)
