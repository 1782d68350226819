"""What people write stays, wherever they write it."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from sphinx_amts import catalog as po
from sphinx_amts.files import write_bytes
from sphinx_amts.model import FileError, Origin
from sphinx_amts.translate import people
from tests.conftest import Book
from tests.test_builder import UpperEngine, engine

MakeBook = Callable[..., Book]
TEXT = "Title\n=====\n\nFirst one. Second one.\n\nAnother ``code`` paragraph.\n\n- An item\n- The next item\n"


@pytest.fixture
def book(make_book: MakeBook) -> Book:
    UpperEngine.asked.clear()
    made = make_book({"index.rst": TEXT}, languages=("es",), engine=engine("UpperEngine"))
    made.build()
    UpperEngine.asked.clear()
    return made


def edit_file(book: Book, old: str, new: str) -> None:
    path = book.localized("es", "index.rst")
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def edit_catalog(book: Book, old: str, new: str) -> None:
    path = book.catalog("es", "index")
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def entries(book: Book) -> dict[str, po.Entry]:
    return po.read(book.catalog("es", "index")).by_msgid()


def shown(book: Book) -> str:
    return book.localized("es", "index.rst").read_text(encoding="utf-8")


@pytest.mark.parametrize("index_lost", [False, True])
def test_an_edit_in_the_localized_file_goes_to_the_catalog(book: Book, index_lost: bool) -> None:
    edit_file(book, "ANOTHER ``code`` PARAGRAPH.", "Otro párrafo con ``code``.")
    if index_lost:
        shutil.rmtree(book.source / "locales" / ".amts")
    result = book.build()
    assert result.status == 0
    assert result.summary["es"]["sent_characters"] == 0
    entry = entries(book)["Another ``code`` paragraph."]
    assert entry.msgstr == "Otro párrafo con ``code``."
    assert entry.origin is Origin.HUMAN
    assert "\nOtro párrafo con ``code``.\n" in shown(book)


def test_an_edit_in_the_file_survives_an_edit_of_the_source(book: Book) -> None:
    edit_file(book, "FIRST ONE. SECOND ONE.", "El primero. El segundo.")
    book.edit("index.rst", "Second one.", "Second one, longer.")
    book.build()
    entry = entries(book)["First one. Second one, longer."]
    assert entry.msgstr == "El primero. SECOND ONE, LONGER."
    assert entry.stale
    assert UpperEngine.asked == ["Second one, longer."]
    assert "\nEl primero. SECOND ONE, LONGER.\n" in shown(book)


def test_a_persons_sentences_survive_two_edits_of_the_source(book: Book) -> None:
    edit_catalog(book, "FIRST ONE. SECOND ONE.", "El primero. El segundo.")
    book.build()
    book.edit("index.rst", "Second one.", "Second one, longer.")
    book.build()
    book.edit("index.rst", "Second one, longer.", "Second one, longer still.")
    book.build()
    entry = entries(book)["First one. Second one, longer still."]
    assert entry.msgstr == "El primero. SECOND ONE, LONGER STILL."
    assert entry.stale
    assert entry.previous == "First one. Second one."
    book.edit("index.rst", "Second one, longer still.", "Second one.")
    book.build()
    assert entries(book)["First one. Second one."].msgstr == "El primero. El segundo."
    assert entries(book)["First one. Second one."].origin is Origin.HUMAN


def test_sentences_that_a_person_joined_stay_joined(book: Book) -> None:
    edit_catalog(book, "FIRST ONE. SECOND ONE.", "El primero y el segundo.")
    book.build()
    book.edit("index.rst", "First one. Second one.", "First one. Second one. A third one.")
    book.build()
    assert entries(book)["First one. Second one. A third one."].msgstr == "El primero y el segundo. A THIRD ONE."
    assert UpperEngine.asked == ["A third one."]


def test_both_edited_is_a_conflict_that_keeps_both(book: Book) -> None:
    edit_file(book, "AN ITEM", "Un elemento")
    edit_catalog(book, "AN ITEM", "Un punto")
    result = book.build()
    assert result.status == 1
    assert result.summary["es"]["conflicts"] == 1
    entry = entries(book)["An item"]
    assert entry.msgstr == "Un punto"
    assert entry.conflict
    assert "Un elemento" in book.catalog("es", "index").read_text(encoding="utf-8")
    assert book.build().summary["es"]["conflicts"] == 1


def test_an_edit_that_breaks_markup_is_kept_and_not_shown(book: Book) -> None:
    edit_catalog(book, "ANOTHER ``code`` PARAGRAPH.", "Otro ``code párrafo.")
    result = book.build()
    assert result.status == 1
    assert entries(book)["Another ``code`` paragraph."].msgstr == "Otro ``code párrafo."
    assert "``code párrafo" not in shown(book)
    assert "index.rst:6" in result.warnings


def test_markup_and_line_wraps_send_nothing(book: Book) -> None:
    book.edit("index.rst", "First one. Second one.", "First\none. *Second one*.")
    book.edit("index.rst", "``code``", ":ref:`code <genindex>`")
    book.build()
    assert UpperEngine.asked in ([], ['<em id="1">Second one</em>.'])


def test_moved_text_keeps_its_translation_and_its_state(book: Book) -> None:
    edit_catalog(book, "AN ITEM", "Un elemento")
    book.build()
    book.edit("index.rst", "- An item\n", "")
    book.write({"other.rst": "Other\n=====\n\nAn item\n"})
    book.build()
    moved = po.read(book.catalog("es", "other")).by_msgid()["An item"]
    assert moved.msgstr == "Un elemento"
    assert moved.origin is Origin.HUMAN
    assert "An item" not in "".join(UpperEngine.asked)


def test_msgmerge_between_two_runs(book: Book) -> None:
    """A tool that guesses by similarity marks its guess fuzzy; the guess is not shown, the person's text is kept."""
    edit_catalog(book, "AN ITEM", "Un elemento")
    book.edit("index.rst", "- An item\n", "- An old item\n")
    edit_catalog(book, 'msgid "An item"', '#, fuzzy\n#| msgid "An item"\nmsgid "An old item"')
    book.build()
    assert "AN OLD ITEM" in shown(book)
    assert po.read(book.catalog("es", "index")).obsolete()["An item"].msgstr == "Un elemento"


@pytest.mark.parametrize("index_lost", [False, True])
def test_text_that_a_translator_added_stays(book: Book, index_lost: bool) -> None:
    added = ".. note:: Una nota del traductor.\n\nUn párrafo más.\n"
    edit_file(book, "- AN ITEM\n", f"{added}\n- AN ITEM\n")
    book.build()
    assert f"ANOTHER ``code`` PARAGRAPH.\n\n{added}\n- AN ITEM\n" in shown(book)
    if index_lost:
        shutil.rmtree(book.source / "locales" / ".amts")
    book.edit("index.rst", "- The next item\n", "- The very next item\n")
    book.build()
    assert f"ANOTHER ``code`` PARAGRAPH.\n\n{added}\n- AN ITEM\n- THE VERY NEXT ITEM\n" in shown(book)
    assert shown(book).count("Una nota") == 1
    before = shown(book)
    assert book.build().summary["es"]["documents_written"] == 0
    assert shown(book) == before


def test_an_addition_that_its_writer_takes_away_stays_away(book: Book) -> None:
    edit_file(book, "- AN ITEM\n", "Un párrafo más.\n\n- AN ITEM\n")
    book.build()
    edit_file(book, "Un párrafo más.\n\n", "")
    before = shown(book)
    book.build()
    assert shown(book) == before


def test_an_addition_goes_along_when_its_document_is_renamed(book: Book) -> None:
    book.write({"other.rst": "Other\n=====\n\nAn old text.\n\nA last one.\n"})
    book.build()
    other = book.localized("es", "other.rst")
    added = other.read_text(encoding="utf-8").replace("A LAST", "Un párrafo más.\n\nA LAST")
    other.write_text(added, encoding="utf-8")
    book.build()
    (book.source / "other.rst").rename(book.source / "third.rst")
    book.build()
    assert book.localized("es", "third.rst").read_text(encoding="utf-8") == added


def test_localized_files_have_what_people_added_at_any_moment(book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    """A kill between two writes of one file would leave it without the addition, and the next build would believe it."""
    edit_file(book, "- AN ITEM\n", "Un párrafo más.\n\n- AN ITEM\n")
    book.build()
    book.edit("index.rst", "Second one.", "Second one, longer.")
    written = []

    def note(path: Path, data: bytes) -> bool:
        if path == book.localized("es", "index.rst"):
            written.append(data.decode())
        return write_bytes(path, data)

    monkeypatch.setattr("multiprocessing.get_all_start_methods", lambda: ["spawn"])  # or the writer is another process
    monkeypatch.setattr("sphinx_amts.builder.verify.write_bytes", note)
    book.build()
    assert written
    assert all("Un párrafo más." in text for text in written)


def test_a_person_may_go_back_to_what_stood_there(book: Book) -> None:
    edit_file(book, "AN ITEM", "Un elemento")
    book.build()
    edit_file(book, "Un elemento", "AN ITEM")
    book.build()
    assert entries(book)["An item"].msgstr == "AN ITEM"
    assert entries(book)["An item"].origin is Origin.HUMAN
    assert "- AN ITEM\n" in shown(book)


def test_a_second_edit_of_the_file_on_a_fresh_clone_is_no_conflict(book: Book) -> None:
    """What the tree shows of people's texts is noted in the tree, too."""
    edit_file(book, "AN ITEM", "Un elemento")
    book.build()
    shutil.rmtree(book.source / "locales" / ".amts")
    edit_file(book, "Un elemento", "Un artículo")
    result = book.build()
    assert result.status == 0
    assert entries(book)["An item"].msgstr == "Un artículo"
    shutil.rmtree(book.source / "locales" / ".amts")
    edit_file(book, "Un artículo", "Un punto")
    edit_catalog(book, '"Un artículo"', '"Un ítem"')
    assert book.build().summary["es"]["conflicts"] == 1


def test_a_conflict_stays_until_it_is_decided(book: Book) -> None:
    edit_file(book, "AN ITEM", "Un elemento")
    edit_catalog(book, "AN ITEM", "Un punto")
    result = book.build()
    assert "Un elemento" in result.warnings
    assert "Un punto" in result.warnings
    edit_file(book, "Un punto", "Un artículo")
    assert book.build().summary["es"]["conflicts"] == 1
    assert f'# {po.CONFLICT}"Un elemento"\n' in book.catalog("es", "index").read_text(encoding="utf-8")
    edit_file(book, "Un artículo", "Un elemento")
    assert book.build().summary["es"]["conflicts"] == 0
    assert entries(book)["An item"].msgstr == "Un elemento"


def test_the_newest_text_of_a_sentence_is_in_force(book: Book) -> None:
    """However often an older one stands in entries that are gone."""
    edit_catalog(book, "FIRST ONE. SECOND ONE.", "El primero. El segundo.")
    for number in ("Third", "Fourth"):
        book.build()
        book.edit("index.rst", "First one.", f"First one. {number} one.")
    book.build()
    edit_catalog(book, "El primero. FOURTH", "Lo primero. FOURTH")
    book.edit("index.rst", "Second one.", "A last one.")
    book.build()
    assert "\nLo primero. FOURTH ONE. THIRD ONE. A LAST ONE.\n" in shown(book)


def test_a_renamed_document_takes_the_newest_text(book: Book) -> None:
    edit_catalog(book, "AN ITEM", "Un elemento")
    book.build()
    book.edit("index.rst", "- An item\n", "")
    book.write({"other.rst": "Other\n=====\n\nAn item\n"})
    book.build()
    other = book.localized("es", "other.rst")
    other.write_text(other.read_text(encoding="utf-8").replace("Un elemento", "Un punto"), encoding="utf-8")
    book.build()
    (book.source / "other.rst").rename(book.source / "third.rst")
    book.build()
    assert po.read(book.catalog("es", "third")).by_msgid()["An item"].msgstr == "Un punto"


def test_a_fresh_clone_tells_a_machines_old_text_by_its_mark(book: Book) -> None:
    """The catalog was edited, its entries stand in another order than the document, and the file is as it was."""
    book.edit("index.rst", "- An item\n- The next item\n", "- The next item\n- An item\n")
    book.build()
    shutil.rmtree(book.source / "locales" / ".amts")
    edit_catalog(book, '"THE NEXT ITEM"', '"El próximo elemento"')
    book.build()
    assert shown(book).endswith("- El próximo elemento\n- AN ITEM\n")
    assert entries(book)["An item"].origin is Origin.MACHINE


def test_a_text_that_comes_back_takes_over_what_was_written_since(book: Book) -> None:
    edit_catalog(book, "FIRST ONE. SECOND ONE.", "El primero. El segundo.")
    book.build()
    book.edit("index.rst", "First one.", "First one. A new one.")
    book.build()
    edit_catalog(book, "El primero. A NEW", "Lo primero. A NEW")
    book.build()
    book.edit("index.rst", "First one. A new one.", "First one.")
    book.build()
    assert "\nLo primero. El segundo.\n" in shown(book)
    assert entries(book)["First one. Second one."].origin is Origin.HUMAN


def test_a_conflict_waits_while_the_source_goes_on(book: Book) -> None:
    edit_file(book, "FIRST ONE. SECOND ONE.", "El primero. SECOND ONE.")
    edit_catalog(book, "FIRST ONE. SECOND ONE.", "Lo primero. SECOND ONE.")
    book.edit("index.rst", "Second one.", "Second one. A third one.")
    book.build()
    entry = entries(book)["First one. Second one. A third one."]
    assert entry.conflict
    assert f"{po.CONFLICT}El primero. SECOND ONE." in entry.comments
    assert entry.msgstr == "Lo primero. SECOND ONE. A THIRD ONE."


def test_an_edit_of_a_text_that_moved_is_found_on_a_fresh_clone(book: Book) -> None:
    shutil.rmtree(book.source / "locales" / ".amts")
    edit_file(book, "ANOTHER ``code`` PARAGRAPH.", "Otro párrafo con ``code``.")
    book.edit("index.rst", "Another ``code`` paragraph.\n\n", "")
    book.edit("index.rst", "First one.", "Another ``code`` paragraph.\n\nFirst one.")
    book.build()
    assert "=====\n\nOtro párrafo con ``code``.\n\nFIRST ONE. SECOND ONE.\n\n- AN ITEM" in shown(book)


@pytest.mark.parametrize("index_lost", [False, True])
@pytest.mark.parametrize("name", ["old.rst", "chapter/old.rst", "chapter/old.md"])
def test_an_edit_in_the_file_of_a_document_that_is_gone_goes_with_its_text(
    make_book: MakeBook, name: str, index_lost: bool
) -> None:
    title = "# Old\n" if name.endswith(".md") else "Old\n===\n"
    files = {
        "index.rst": TEXT,
        name: f"{title}\nA *moving* text. It stays.\n",
        "chapter/new.md": "# New\n\nOther words.\n",
    }
    book = make_book(files, languages=("es",), engine=engine("UpperEngine"), conf='extensions += ["myst_parser"]\n')
    book.build()
    other = book.localized("es", name)
    other.write_text(
        other.read_text(encoding="utf-8").replace("A *MOVING* TEXT.", "Un texto que *viaja*."), encoding="utf-8"
    )
    book.edit("index.rst", "First one.", "A *moving* text. First one.")
    (book.source / name).unlink()
    if index_lost:
        shutil.rmtree(book.source / "locales" / ".amts")
    book.build()
    assert "\nUn texto que *viaja*. FIRST ONE. SECOND ONE.\n" in shown(book)
    before = book.catalog("es", "index").read_bytes()
    again = book.build().summary["es"]
    assert (again["sent_segments"], again["documents_written"]) == (0, 0)
    assert book.catalog("es", "index").read_bytes() == before


@pytest.mark.parametrize("index_lost", [False, True])
def test_entries_move_with_their_paragraphs(book: Book, index_lost: bool) -> None:
    if index_lost:
        shutil.rmtree(book.source / "locales" / ".amts")
    book.edit("index.rst", "- An item\n- The next item\n", "- The next item\n- An item\n")
    book.build()
    assert list(entries(book))[-2:] == ["The next item", "An item"]


@pytest.mark.parametrize("index_lost", [False, True])
def test_a_catalog_that_a_tool_has_sorted_stays_sorted(book: Book, index_lost: bool) -> None:
    catalog = po.read(book.catalog("es", "index"))
    head, *rest = catalog.entries
    po.write(replace(catalog, entries=(head, *sorted(rest, key=lambda entry: entry.msgid))))
    in_order = list(entries(book))
    if index_lost:
        shutil.rmtree(book.source / "locales" / ".amts")
    book.build()
    assert list(entries(book)) == in_order


@pytest.mark.parametrize("by_person", [False, True])
def test_an_edit_in_a_file_that_a_killed_build_left_behind(
    book: Book, monkeypatch: pytest.MonkeyPatch, by_person: bool
) -> None:
    """The catalog already has the text for the new source; the person saw the old file."""
    if by_person:
        edit_catalog(book, "FIRST ONE. SECOND ONE.", "El primero. El segundo.")
        book.build()
    book.edit("index.rst", "First one. Second one.", "Second one. First one.")
    with monkeypatch.context() as killed:
        killed.setattr("sphinx_amts.builder.writing.Trees.write", _kill)
        with pytest.raises(KeyboardInterrupt):
            book.build()
    edit_file(book, *(("El primero.", "Lo primero.") if by_person else ("FIRST ONE.", "Lo primero.")))
    book.build()
    second = "El segundo." if by_person else "SECOND ONE."
    assert f"\n{second} Lo primero.\n" in shown(book)
    assert entries(book)["Second one. First one."].msgstr == f"{second} Lo primero."


def _kill(*_arguments: object) -> None:
    raise KeyboardInterrupt


def test_what_a_domain_took_over_stays_known_when_the_other_one_changes(book: Book) -> None:
    book.write({"other.rst": "Other\n=====\n\nAn item of the other kind. It stays here.\n"})
    book.build()
    other = book.catalog("es", "other")
    other.write_text(other.read_text(encoding="utf-8").replace("IT STAYS HERE.", "Se queda aquí."), encoding="utf-8")
    book.build()
    book.write({"other.rst": "Other\n=====\n\nNothing of it.\n"})
    book.edit("index.rst", "- An item\n", "An item of the other kind. It stays here.\n\n- An item\n")
    book.build()
    book.write({"other.rst": "Other\n=====\n\nNothing of it any more.\n"})
    book.build()
    book.edit("index.rst", "An item of the other kind. It stays here.", "It stays here.")
    book.build()
    assert "\nSe queda aquí.\n" in shown(book)


def test_a_text_comes_back_in_another_document_with_newer_sentences(book: Book) -> None:
    edit_catalog(book, "FIRST ONE. SECOND ONE.", "El primero. El segundo.")
    book.build()
    book.edit("index.rst", "First one.", "First one. A new one.")
    book.build()
    edit_catalog(book, "El primero. A NEW", "Lo primero. A NEW")
    book.edit("index.rst", "First one. A new one. Second one.\n", "")
    book.write({"other.rst": "Other\n=====\n\nFirst one. Second one.\n"})
    book.build()
    assert "\nLo primero. El segundo.\n" in book.localized("es", "other.rst").read_text(encoding="utf-8")


def test_an_addition_at_the_end_is_no_translation_of_what_a_killed_build_added(
    book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit_file(book, "- THE NEXT ITEM\n", "- THE NEXT ITEM\n\nUn párrafo de quien traduce.\n")
    book.edit("index.rst", "- The next item\n", "- The next item\n\nA paragraph that is new.\n")
    with monkeypatch.context() as killed:
        killed.setattr("sphinx_amts.builder.verify.run", _kill)
        with pytest.raises(KeyboardInterrupt):
            book.build()
    book.build()
    assert shown(book).endswith("- THE NEXT ITEM\n\nUn párrafo de quien traduce.\n\nA PARAGRAPH THAT IS NEW.\n")
    assert entries(book)["A paragraph that is new."].origin is Origin.MACHINE


def test_an_edit_after_a_killed_build_counts_for_what_the_file_shows(
    book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    book.edit("index.rst", "- The next item\n", "- Another thing\n")
    with monkeypatch.context() as killed:
        killed.setattr("sphinx_amts.builder.records.note", _kill)
        with pytest.raises(KeyboardInterrupt):
            book.build()
    edit_file(book, "ANOTHER THING", "Otra cosa")
    book.build()
    assert entries(book)["Another thing"].msgstr == "Otra cosa"


def test_a_second_edit_on_a_fresh_clone_goes_along_when_the_document_is_renamed(book: Book) -> None:
    other = book.localized("es", "other.rst")
    book.write({"other.rst": "Other\n=====\n\nAn old text.\n\nA last one.\n"})
    book.build()
    for old, new in (("A LAST ONE.", "El último."), ("El último.", "Lo último.")):
        other.write_text(other.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
        if old == "A LAST ONE.":
            book.build()
    shutil.rmtree(book.source / "locales" / ".amts")
    (book.source / "other.rst").rename(book.source / "third.rst")
    assert book.build().summary["es"]["conflicts"] == 0
    assert "\nLo último.\n" in book.localized("es", "third.rst").read_text(encoding="utf-8")


def test_a_second_edit_on_a_fresh_clone_is_no_conflict_after_a_rename(book: Book) -> None:
    other, third = book.localized("es", "other.rst"), book.localized("es", "third.rst")
    book.write({"other.rst": "Other\n=====\n\nAn old text.\n\nA last one.\n"})
    book.build()
    other.write_text(other.read_text(encoding="utf-8").replace("A LAST ONE.", "El último."), encoding="utf-8")
    book.build()
    (book.source / "other.rst").rename(book.source / "third.rst")
    book.build()
    shutil.rmtree(book.source / "locales" / ".amts")
    third.write_text(third.read_text(encoding="utf-8").replace("El último.", "Lo último."), encoding="utf-8")
    assert book.build().summary["es"]["conflicts"] == 0
    assert "\nLo último.\n" in third.read_text(encoding="utf-8")


MERGED = "<<<<<<< HEAD\nEl primero. SECOND ONE.\n=======\nLo primero. SECOND ONE.\n>>>>>>> other\n"


@pytest.mark.parametrize("name", ["index.rst", ".amts-shown.json"])
def test_a_merge_that_git_could_not_make_is_no_translation(book: Book, name: str) -> None:
    path = book.localized("es", name)
    path.write_text(f"TITLE\n=====\n\n{MERGED}", encoding="utf-8")
    before = book.catalog("es", "index").read_bytes()
    book.edit("index.rst", "Second one.", "Another one.")
    with pytest.raises(FileError, match=r"delete the file|Delete it"):
        book.build()
    assert (book.catalog("es", "index").read_bytes(), UpperEngine.asked) == (before, [])
    path.unlink()
    book.build()
    assert "\nFIRST ONE. ANOTHER ONE.\n" in shown(book)


def test_a_page_about_merges_may_show_their_marks(book: Book) -> None:
    pytest.importorskip("myst_parser")
    book.edit("conf.py", '["sphinx_amts"]', '["sphinx_amts", "myst_parser"]')
    book.write({"other.md": f"# Other\n\nLook at this.\n\n```\n{MERGED}```\n"})
    book.build()
    other = book.localized("es", "other.md")
    other.write_text(other.read_text(encoding="utf-8").replace("LOOK AT THIS.", "Mire esto."), encoding="utf-8")
    book.build()
    assert po.read(book.catalog("es", "other")).by_msgid()["Look at this."].msgstr == "Mire esto."


@pytest.mark.parametrize("edit", ["", "Palabras compartidas.\n"])
def test_an_included_file_may_be_there_before_the_document(book: Book, edit: str) -> None:
    """As a killed build leaves them."""
    book.write({"other.rst": "Other\n=====\n\n.. include:: shared.txt\n", "shared.txt": "Shared words.\n"})
    book.build()
    book.localized("es", "other.rst").unlink()
    book.localized("es", "shared.txt").write_text(edit or "Shared words.\n", encoding="utf-8")
    shutil.rmtree(book.source / "locales" / ".amts")
    book.build()
    assert book.localized("es", "other.rst").read_text(encoding="utf-8").startswith("OTHER\n=====\n")
    assert book.localized("es", "shared.txt").read_text(encoding="utf-8") == (edit or "SHARED WORDS.\n")


def test_an_edit_after_a_lost_index_and_a_killed_build(book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    """The killed build has saved the catalog in its new order, and the localized file still has the old one."""
    shutil.rmtree(book.source / "locales" / ".amts")
    book.edit("index.rst", "- An item\n- The next item\n", "- The next item\n- An item\n")
    with monkeypatch.context() as killed:
        killed.setattr("sphinx_amts.builder.writing.Trees.write", _kill)
        with pytest.raises(KeyboardInterrupt):
            book.build()
    edit_file(book, "- AN ITEM\n", "- Una cosa\n")
    book.build()
    assert shown(book).endswith("- THE NEXT ITEM\n- Una cosa\n")


def test_edits_are_paired_in_a_long_file_that_lost_a_paragraph_as_well() -> None:
    words = "rain wind cloud river valley station table water warm cold front rises falls under air".split()
    chosen = random.Random(1)
    before = [f"{' '.join(chosen.choices(words, k=40))} {number}." for number in range(400)]
    after = [text.replace("river", "stream") + " So it is." for number, text in enumerate(before) if number != 7]
    expected = [(place, place - (place > 7)) for place in range(400) if place != 7]
    assert sorted(people._pairs(before, after)) == expected


def test_short_edits_are_paired_in_a_long_file() -> None:
    chosen = random.Random(1)
    before = ["".join(chr(chosen.randrange(0x4E00, 0x9000)) for _ in range(4 + number % 4)) for number in range(55)]
    after = [text[:2] + "新" + text[3:] for text in before]
    assert sorted(people._pairs(before, [*after, "全新的一句"])) == [(number, number) for number in range(55)]
