"""What was written is read again, and what changes a book's structure is taken back."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import pytest

from sphinx_amts.builder import verify
from sphinx_amts.builder.verify import first_difference
from tests.conftest import Book

CONF = """\
project = "Checked"
extensions = ["sphinx_amts"]
amts_languages = ["de"]
amts_engine = "tests.test_verify:Scripted"
"""
TABLE: dict[str, str | None] = {}


class Scripted:
    """An engine that answers as the test says; everything else comes back in upper case."""

    name = "scripted"

    def __init__(self, pipeline: Any) -> None:
        self.pipeline = pipeline

    def translate(self, segments: Sequence[str], source: str, target: str) -> list[str | None]:
        return [TABLE.get(segment, segment if "<" in segment else segment.upper()) for segment in segments]


class Same(Scripted):
    """An engine that changes nothing."""

    def translate(self, segments: Sequence[str], source: str, target: str) -> list[str | None]:
        return list(segments)


@pytest.fixture
def book(make_book: Any) -> Any:
    TABLE.clear()
    return lambda files: make_book(files, conf="").write({"conf.py": CONF})


def _localized(book: Book, name: str = "index.rst") -> str:
    return book.localized("de", name).read_text(encoding="utf-8")


def test_first_difference() -> None:
    assert first_difference(["#0", "title", "/"], ["title", "/"]) is None
    assert first_difference(["#0", "title", "#1", "paragraph"], ["title", "block_quote"]) == (
        3,
        "paragraph",
        "block_quote",
    )
    assert first_difference(["a"], ["a", "b"]) == (0, "the end", "b")


NAMES = "Title\n=====\n\nSee `Two`_ or `\\<Three>`_.\n\nOne\n---\n\nText.\n\nTwo\n---\n\nMore.\n\n<Three>\n-------\n\nLast.\n"


def test_titles_that_are_referred_to_stay_apart(book: Any) -> None:
    TABLE.update({"One": "Same", "Two": "Same", "&lt;Three&gt;": "Same"})
    made = book({"index.rst": NAMES})
    build = made.build()
    assert "structure" not in build.warnings
    text = _localized(made)
    assert "\nSame\n----\n" in text
    assert "\nSame (Two)\n----------\n" in text
    assert "\nSame (<Three>)\n--------------\n" in text
    assert "`Same (Two)`_" in text
    assert "`Same (\\<Three>)`_" in text
    assert "problem" not in made.build("html", made.localized("de")).warnings


def test_a_duplicate_name_is_taken_back_and_told(book: Any) -> None:
    made = book({"index.rst": NAMES})
    TABLE["Two"] = "Second"
    made.build()
    catalog = made.catalog("de", "index")
    text = catalog.read_text(encoding="utf-8")
    catalog.write_text(text.replace('msgstr "ONE"', 'msgstr "Second"'), encoding="utf-8")
    build = made.build()
    assert build.status == 1
    assert "structure" in build.warnings
    assert not made.build("html", made.localized("de")).warnings
    assert "TEXT." in _localized(made)
    assert "MORE." in _localized(made)


def test_all_broken_messages_of_a_file_are_found_at_once(book: Any) -> None:
    broken = [f"Word {number} here." for number in range(20)]
    made = book({"index.rst": "Title\n=====\n\n" + "\n\n".join(broken) + "\n\nGood.\n"})
    TABLE.update({text: f"|undefined{number}|" for number, text in enumerate(broken)})
    made.build()
    assert "GOOD." in _localized(made)
    assert "\\|undefined0\\|" in _localized(made)  # escaped, so nothing had to be taken back


def test_a_person_may_break_many_messages_and_the_rest_stays(book: Any) -> None:
    broken = [f"Word {number} here." for number in range(20)]
    made = book({"index.rst": "Title\n=====\n\n" + "\n\n".join(broken) + "\n\nGood.\n"})
    made.build()
    catalog = made.catalog("de", "index")
    text = catalog.read_text(encoding="utf-8")
    for number in range(20):
        text = text.replace(f'msgstr "WORD {number} HERE."', f'msgstr "|undefined{number}|"')
    catalog.write_text(text, encoding="utf-8")
    build = made.build()
    assert build.status == 1
    assert "|undefined" not in _localized(made)
    assert "Word 7 here." in _localized(made)
    assert "GOOD." in _localized(made)
    assert "|undefined7|" in catalog.read_text(encoding="utf-8")  # a person's text is never thrown away


def test_an_included_file_is_checked_with_its_document(book: Any) -> None:
    text = "Title\n=====\n\n.. include:: part.txt\n\nOwn text.\n"
    made = book({"index.rst": text, "part.txt": "Shared text.\n\nMore shared.\n"})
    made.build()
    assert _localized(made, "part.txt") == "SHARED TEXT.\n\nMORE SHARED.\n"
    catalog = made.catalog("de", "index")
    changed = catalog.read_text(encoding="utf-8").replace('msgstr "SHARED TEXT."', 'msgstr "|undefined|"')
    catalog.write_text(changed, encoding="utf-8")
    build = made.build()
    assert "part.txt:1" in build.warnings
    assert "|undefined" not in _localized(made, "part.txt")
    assert "MORE SHARED." in _localized(made, "part.txt")
    assert "OWN TEXT." in _localized(made)


def test_a_link_that_names_itself_for_others_keeps_its_text(book: Any) -> None:
    made = book(
        {
            "index.rst": "Title\n=====\n\nRead `the index <http://a.b>`_ or `a page <http://c.d>`_.\n\nIn `the index`_ it is.\n"
        }
    )
    TABLE.update(
        {
            'Read <span id="1" translate="no">the index</span> or <a id="2">a page</a>.': 'LIES <span id="1" translate="no">the index</span> ODER <a id="2">EINE SEITE</a>.'
        }
    )
    build = made.build()
    assert "stays" not in build.warnings.replace("In `the index", "")
    assert "LIES `the index <http://a.b>`_ ODER `EINE SEITE <http://c.d>`_." in _localized(made)


def test_terms_of_the_same_translation_stay_apart(book: Any) -> None:
    made = book(
        {
            "index.rst": "Title\n=====\n\n:term:`gale`\n\n.. glossary::\n\n   gale\n      One.\n\n   storm\n      Two.\n\nstorm\n   No glossary.\n"
        }
    )
    TABLE.update({"gale": "Sturm", "storm": "Sturm"})
    made.build()
    assert ":term:`Sturm`" in _localized(made)
    assert "   Sturm (storm)\n" in _localized(made)
    assert made.build("html", made.localized("de")).warnings == ""


def test_anchors_stay_what_they_were(book: Any) -> None:
    made = book(
        {
            "index.rst": "First title\n===========\n\n.. toctree::\n\n   other\n\nSecond title\n------------\n\n.. glossary::\n\n   Some term\n      Text.\n",
            "other.rst": "Other\n=====\n\nText [1]_.\n\n.. [1] Note.\n",
        }
    )
    made.build()
    build = made.build("html", made.localized("de"))
    page = (build.outdir / "index.html").read_text(encoding="utf-8")
    assert "SECOND TITLE" in page
    for anchor in ("first-title", "second-title", "term-Some-term"):
        assert f'id="{anchor}"' in page


def test_autosectionlabel_and_kept_text_follow_the_source_names(book: Any) -> None:
    made = book(
        {
            "index.rst": "Title\n=====\n\n:ref:`Under it` and :term:`word`.\n\nUnder it\n--------\n\n.. glossary::\n\n   word\n      Text.\n"
        }
    )
    made.edit("conf.py", '["sphinx_amts"]', '["sphinx_amts", "sphinx.ext.autosectionlabel"]')
    made.build()
    assert "UNDER IT" in _localized(made)
    assert made.build("html", made.localized("de")).warnings == ""


def test_the_book_is_the_same_for_any_number_of_processes(book: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {f"d{number}.rst": f"Title {number}\n=======\n\nText *here* of ``it``.\n" for number in range(5)}
    made = book({**files, "index.rst": ".. toctree::\n   :glob:\n\n   d*\n"})
    made.build()
    forked = {name: _localized(made, name) for name in files}
    monkeypatch.setattr("multiprocessing.get_all_start_methods", lambda: ["spawn"])
    for name in files:
        made.localized("de", name).unlink()
    assert "stays" not in made.build().warnings
    assert {name: _localized(made, name) for name in files} == forked


def test_a_text_at_which_an_include_cuts_stays(book: Any) -> None:
    part = "Part\n====\n\nBefore.\n\nCut *here*.\n\nBetween.\n\nThe end\n-------\n\nCut here. Behind.\n"
    other = "Other\n=====\n\nOwn.\n\n.. include:: part.rst\n   :start-after: Cut *here*.\n   :end-before: The end\n"
    made = book(
        {"index.rst": "Title\n=====\n\n.. toctree::\n\n   part\n   other\n", "part.rst": part, "other.rst": other}
    )
    TABLE['Cut <em id="1">here</em>.'] = 'SCHNITT <em id="1">HIER</em>.'
    build = made.build()
    assert "part.rst:6: WARNING: de: stays in the source language: an include" in build.warnings
    assert build.summary["de"]["kept_source"] == 2
    expected = part.upper().replace("CUT *HERE*.", "Cut *here*.").replace("THE END", "The end")
    assert _localized(made, "part.rst") == expected
    assert _localized(made, "other.rst").startswith("OTHER\n=====\n\nOWN.\n")
    assert made.build("html", made.localized("de")).warnings == made.build("html").warnings
    catalog = made.catalog("de", "part").read_text(encoding="utf-8")
    assert 'msgid "Cut *here*."\nmsgstr ""\n' in catalog  # what is in force, and nothing else
    assert 'msgid "The end"\nmsgstr ""\n' in catalog
    again = made.build()
    assert again.summary["de"]["sent_segments"] == 0
    assert _localized(made, "part.rst") == expected


def test_what_is_taken_back_in_an_included_file_leaves_the_catalogs(book: Any) -> None:
    include = ".. include:: part.txt\n"
    other = f"Other\n=====\n\n{include}   :start-after: Cut here.\n"
    made = book({"index.rst": f"Title\n=====\n\n{include}", "other.rst": other, "part.txt": "Cut here.\n\nBehind.\n"})
    build = made.build()
    assert "part.txt:1: WARNING: de: stays in the source language: an include" in build.warnings
    assert _localized(made, "part.txt") == "Cut here.\n\nBEHIND.\n"
    assert 'msgid "Cut here."\nmsgstr ""\n' in made.catalog("de", "index").read_text(encoding="utf-8")
    assert 'msgid "Behind."\nmsgstr "BEHIND."\n' in made.catalog("de", "index").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "shown",
    [
        ".. literalinclude:: index.rst\n",
        ".. include:: index.rst\n   :literal:\n",
        ".. include:: index.rst\n   :code: rst\n",
    ],
)
def test_a_file_of_the_book_may_be_shown_as_it_is(book: Any, shown: str) -> None:
    made = book(
        {
            "index.rst": f"Title\n=====\n\n.. begin\n\nExample.\n\n.. end\n\n{shown}   :start-after: begin\n   :end-before: end\n"
        }
    )
    assert "structure" not in made.build().warnings
    assert "EXAMPLE." in _localized(made)
    html = made.build("html", made.localized("de"))
    assert html.warnings == ""
    assert (html.outdir / "index.html").read_text(encoding="utf-8").count("EXAMPLE") == 2


def test_what_goes_back_has_its_own_lines_or_follows_the_names(book: Any) -> None:
    lists = "* See `Same`_\n  and more.\n* See `Two`_\n  and more.\n"
    made = book({"index.rst": f"Title\n=====\n\n{lists}\nSame\n----\n\nText.\n\nTwo\n---\n\nMore.\n"})
    TABLE["Same"] = "Same"
    made.build()
    catalog = made.catalog("de", "index")
    text = catalog.read_text(encoding="utf-8")
    text, count = re.subn(r'(msgid "See `\w+`_ and more."\nmsgstr ").*"', r'\1|undefined|"', text)
    assert count == 2
    catalog.write_text(text, encoding="utf-8")
    assert made.build().status == 1
    assert lists.replace("`Two`_\n  and", "`TWO`_ and") in _localized(made)
    assert made.build("html", made.localized("de")).warnings == ""


def test_a_cause_far_from_its_effect_is_found(book: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    paragraphs = [f"Word {number} here." for number in range(40)]
    made = book({"index.rst": "Title\n=====\n\n" + "\n\n".join(paragraphs) + "\n\n.. image:: none.png\n"})
    given = verify.spliced

    def misplaced(unit: Any, edits: Sequence[Any]) -> bytes:
        """As if message 17 had been found where it is not."""
        data: bytes = given(unit, edits)
        return data.replace(b"none.png", b"other.png") if any("17" in edit.text for edit in edits) else data

    monkeypatch.setattr(verify, "spliced", misplaced)
    build = made.build()
    assert build.summary["de"]["kept_source"] == 1
    assert "index.rst:38: WARNING: de: stays in the source language" in build.warnings
    text = _localized(made)
    assert "none.png" in text
    assert "Word 17 here." in text
    assert text.count("HERE.") == 39


def test_a_target_of_a_titles_name_stays_one(book: Any) -> None:
    source = "Title\n=====\n\nList\n----\n\nSee list_ or `this one`__ or here__.\n\n__ list_\n__ http://a.b\n\n.. _list: http://c.d\n"
    toctree = "\n.. toctree::\n\n   other\n"
    made = book({"index.rst": source + toctree, "other.rst": source.replace("Title", "Other")})
    made.build("html")
    TABLE["List"] = "REIHE"
    assert "structure" not in made.build().warnings
    assert "\nREIHE\n-----\n" in _localized(made)
    before, after = made.build("html"), made.build("html", made.localized("de"))
    assert len(after.warnings.splitlines()) <= len(before.warnings.splitlines()), after.warnings
    pages = [(one.outdir / "index.html").read_text(encoding="utf-8") for one in (before, after)]
    assert [page.count('href="http://c.d"') for page in pages] == [2, 2]
    assert all('<section id="list">' in page for page in pages)


def test_a_title_with_short_lines_is_translated(book: Any) -> None:
    made = book({"index.rst": "Title\n=====\n\nA long title\n------\n\nText.\n"})
    assert "structure" not in made.build().warnings
    assert "\nA LONG TITLE\n------------\n" in _localized(made)


def test_a_mistake_in_indentation_stays_the_same_mistake(book: Any) -> None:
    made = book({"index.rst": "Title\n=====\n\nNot indented by\nmistake, as here.\n   Deeper.\n"})
    assert "structure" not in made.build().warnings
    assert _localized(made).endswith("\n\nNOT INDENTED BY MISTAKE, AS\nHERE.\n   DEEPER.\n")
