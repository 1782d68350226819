"""A book goes in, localized books come out."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from sphinx_amts import catalog as po
from sphinx_amts.model import AmtsError, Origin, Pipeline
from tests.conftest import Book, build

INDEX = """\
Welcome
=======

The *first* sentence has ``code``. The second one has :math:`x^2`.

.. math:: e = mc^2

.. code-block:: python

   print("never translated")

.. only:: html

   Seen in HTML only.

.. toctree::
   :caption: Chapters

   chapter
"""
CHAPTER = """\
A chapter
=========

See `A chapter`_ and :doc:`the start <index>`.

- One item
- Another item,
  on two lines

.. note:: A short note.
"""
FILES = {"index.rst": INDEX, "chapter.rst": CHAPTER, "data/table.csv": "a,b\n1,2\n"}
MakeBook = Callable[..., Book]


class UpperEngine:
    """Upper-cases text outside tags, and notes what it was asked."""

    name = "upper"
    asked: list[str] = []  # noqa: RUF012

    def __init__(self, pipeline: Pipeline) -> None:
        self.pipeline = pipeline

    def translate(self, segments: Sequence[str], source: str, target: str) -> list[str | None]:
        self.asked.extend(segments)
        return [
            re.sub(r"(<[^>]*translate=\"no\"[^>]*>.*?</span>|<[^>]+>|&\w+;)|([^<&]+)", _upper, one) for one in segments
        ]


def _upper(match: re.Match[str]) -> str:
    return match.group(1) or match.group(2).upper()


class RaisingEngine(UpperEngine):
    name = "raising"

    def translate(self, segments: Sequence[str], source: str, target: str) -> list[str | None]:
        raise RuntimeError("out of order")


class PartialEngine(UpperEngine):
    """Knows everything but what mentions an item."""

    name = "partial"

    def translate(self, segments: Sequence[str], source: str, target: str) -> list[str | None]:
        return [
            None if "item" in one else text
            for one, text in zip(segments, super().translate(segments, source, target), strict=True)
        ]


def engine(name: str) -> str:
    return f"{__name__}:{name}"


@pytest.fixture(autouse=True)
def _nothing_asked() -> None:
    UpperEngine.asked.clear()


def test_localized_sources_differ_only_in_their_texts(make_book: MakeBook) -> None:
    book = make_book(FILES, languages=("es",), engine=engine("UpperEngine"))
    result = book.build()
    assert result.status == 0, result.warnings
    assert (
        book.localized("es", "index.rst").read_text(encoding="utf-8")
        == """\
WELCOME
=======

THE *FIRST* SENTENCE HAS ``code``. THE SECOND ONE HAS :math:`x^2`.

.. math:: e = mc^2

.. code-block:: python

   print("never translated")

.. only:: html

   SEEN IN HTML ONLY.

.. toctree::
   :caption: CHAPTERS

   chapter
"""
    )
    assert (
        book.localized("es", "chapter.rst").read_text(encoding="utf-8")
        == """\
A CHAPTER
=========

SEE `A CHAPTER`_ AND :doc:`THE START <index>`.

- ONE ITEM
- ANOTHER ITEM, ON TWO LINES

.. note:: A SHORT NOTE.
"""
    )
    assert book.localized("es", "data/table.csv").read_text(encoding="utf-8") == "a,b\n1,2\n"


def test_what_an_engine_sees(make_book: MakeBook) -> None:
    make_book(FILES, languages=("es",), engine=engine("UpperEngine")).build()
    assert 'The <em id="1">first</em> sentence has <span id="2" translate="no">code</span>.' in UpperEngine.asked
    assert 'The second one has <span id="1" translate="no">x^2</span>.' in UpperEngine.asked
    assert not [one for one in UpperEngine.asked if "mc^2" in one or "never translated" in one]


def test_msgids_are_those_of_the_gettext_builder(make_book: MakeBook) -> None:
    book = make_book(
        {**FILES, "index.rst": FILES["index.rst"].replace(".. toctree::\n", ".. toctree::\n   :caption: All\n", 1)}
    )
    book.build()
    gettext = book.build("gettext")
    for domain in ("index", "chapter"):
        theirs = po.read(gettext.outdir / f"{domain}.pot").by_msgid()
        ours = po.read(book.catalog("zh_CN", domain)).by_msgid()
        assert list(ours)
        assert list(ours) == list(theirs)


def test_localized_books_build_without_new_warnings(make_book: MakeBook) -> None:
    book = make_book(FILES, languages=("zh_CN", "es"))
    book.build()
    assert book.build("html").warnings == ""
    for language in ("zh_CN", "es"):
        result = build(book.localized(language), book.folder / "html" / language, "html")
        assert result.warnings == ""
        page = (result.outdir / "index.html").read_text(encoding="utf-8")
        assert f'lang="{language.replace("_", "-")}"' in page


def test_an_unchanged_book_sends_nothing_and_writes_nothing(make_book: MakeBook) -> None:
    book = make_book(FILES, languages=("zh_CN", "es"))
    first = book.build()
    assert first.summary["es"]["sent_characters"] > 0
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in _written(book)}
    second = book.build()
    assert second.status == 0
    for language in ("zh_CN", "es"):
        assert second.summary[language]["sent_characters"] == 0
        assert second.summary[language]["documents_written"] == 0
    assert before == {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in _written(book)}


def _written(book: Book) -> list[Path]:
    trees = [path for path in (book.folder / "out" / "amts").rglob("*") if ".doctrees" not in path.parts]
    catalogs = list((book.source / "locales").rglob("*.po"))
    return sorted(path for path in trees + catalogs if path.is_file() and path.name != "amts.json")


def test_one_edited_sentence_is_sent_alone_and_changes_its_own_line(make_book: MakeBook) -> None:
    book = make_book(FILES, languages=("es",), engine=engine("UpperEngine"))
    book.build()
    file, catalog = book.localized("es", "index.rst"), book.catalog("es", "index")
    old_file, old_catalog = file.read_text(encoding="utf-8"), po.read(catalog)
    UpperEngine.asked.clear()
    book.edit("index.rst", "The second one", "The next one")
    result = book.build()
    assert UpperEngine.asked == ['The next one has <span id="1" translate="no">x^2</span>.']
    assert result.summary["es"]["sent_segments"] == 1
    assert result.summary["es"]["sent_characters"] == len("The next one has .")
    assert result.summary["es"]["documents_written"] == 1
    assert _changed_lines(old_file, file.read_text(encoding="utf-8")) == 1
    changed = [
        (before.msgid, after.msgid)
        for before, after in zip(old_catalog.entries, po.read(catalog).entries, strict=True)
        if before != after
    ]
    assert len(changed) == 1
    assert "second" in changed[0][0]
    assert "next" in changed[0][1]


def _changed_lines(old: str, new: str) -> int:
    lines, others = old.splitlines(), new.splitlines()
    assert len(lines) == len(others)
    return sum(line != other for line, other in zip(lines, others, strict=True))


def test_the_index_can_be_deleted_at_no_cost(make_book: MakeBook) -> None:
    import shutil

    book = make_book(FILES, languages=("es",), engine=engine("UpperEngine"))
    book.build()
    tree = {path: path.read_bytes() for path in _written(book)}
    shutil.rmtree(book.source / "locales" / ".amts")
    result = book.build()
    assert result.summary["es"]["sent_characters"] == 0
    assert tree == {path: path.read_bytes() for path in _written(book)}


def test_a_persons_text_in_the_catalog_stands(make_book: MakeBook) -> None:
    book = make_book(FILES, languages=("es",), engine=engine("UpperEngine"))
    book.build()
    catalog = book.catalog("es", "chapter")
    catalog.write_text(catalog.read_text(encoding="utf-8").replace("ONE ITEM", "Un punto"), encoding="utf-8")
    book.edit("chapter.rst", "A short note.", "A longer note.")
    book.build()
    assert po.read(catalog).by_msgid()["One item"].origin is Origin.HUMAN
    assert "- Un punto\n" in book.localized("es", "chapter.rst").read_text(encoding="utf-8")


def test_a_persons_sentence_survives_an_edit_beside_it(make_book: MakeBook) -> None:
    book = make_book({"index.rst": "T\n=\n\nFirst one. Second one.\n"}, languages=("es",), engine=engine("UpperEngine"))
    book.build()
    catalog = book.catalog("es", "index")
    text = catalog.read_text(encoding="utf-8")
    catalog.write_text(text.replace("FIRST ONE. SECOND ONE.", "El primero. El segundo."), encoding="utf-8")
    book.build()
    UpperEngine.asked.clear()
    book.edit("index.rst", "Second one.", "Second one, changed.")
    book.build()
    assert UpperEngine.asked == ["Second one, changed."]
    entry = po.read(catalog).by_msgid()["First one. Second one, changed."]
    assert entry.msgstr == "El primero. SECOND ONE, CHANGED."
    assert entry.fuzzy
    assert entry.previous == "First one. Second one."
    assert po.read(catalog).obsolete()["First one. Second one."].msgstr == "El primero. El segundo."


def test_sphinx_builds_from_the_catalogs(make_book: MakeBook) -> None:
    book = make_book(FILES, languages=("es",), engine=engine("UpperEngine"))
    book.build()
    result = book.build("html", language="es")
    assert "THE <em>FIRST</em> SENTENCE" in (result.outdir / "index.html").read_text(encoding="utf-8")


def test_a_raising_engine_leaves_the_source_language(make_book: MakeBook) -> None:
    book = make_book(FILES, languages=("es",), engine=engine("RaisingEngine"))
    result = book.build()
    assert result.status == 1
    assert "out of order" in result.warnings
    assert book.localized("es", "index.rst").read_text(encoding="utf-8") == INDEX
    assert result.summary["es"]["kept_source"] > 0


def test_what_an_engine_does_not_know_stays_and_is_counted(make_book: MakeBook) -> None:
    book = make_book(FILES, languages=("es",), engine=engine("PartialEngine"))
    result = book.build()
    assert result.status == 1
    assert result.summary["es"]["kept_source"] == 2
    text = book.localized("es", "chapter.rst").read_text(encoding="utf-8")
    assert "- One item\n- Another item,\n  on two lines\n" in text
    assert "A SHORT NOTE." in text


def test_terms_are_followed(make_book: MakeBook) -> None:
    files = {
        "index.rst": "T\n=\n\nAn :term:`engine` and :term:`two engines <engine>`.\n\n"
        ".. glossary::\n\n   engine\n      It works.\n"
    }
    book = make_book(files)
    book.build()
    assert build(book.localized("zh_CN"), book.folder / "html", "html").warnings == ""


def test_terms_with_a_key_for_the_index_are_followed(make_book: MakeBook) -> None:
    files = {
        "index.rst": "T\n=\n\nAn :term:`engine` and :term:`two engines <engine>`.\n\n"
        ".. glossary::\n\n   engine : E\n      It works.\n"
    }
    book = make_book(files)
    book.build()
    lines = book.localized("zh_CN", "index.rst").read_text(encoding="utf-8").splitlines()
    name = next(line for line in lines if " : " in line).strip().partition(" : ")[0]
    assert name != "engine"
    assert f":term:`{name}`" in lines[3]
    assert f" <{name}>`" in lines[3]
    assert build(book.localized("zh_CN"), book.folder / "html", "html").warnings == ""


def test_local_engine_uses_parallel_data(make_book: MakeBook) -> None:
    book = make_book(FILES, languages=("es",), engine="local", conf='amts_parallel_data = ["pairs.csv"]\n')
    book.write({"pairs.csv": "en,es\nA short note.,Una nota breve.\n"})
    result = book.build()
    assert ".. note:: Una nota breve.\n" in book.localized("es", "chapter.rst").read_text(encoding="utf-8")
    assert result.status == 1
    assert result.summary["es"]["kept_source"] > 0


def test_myst_documents(make_book: MakeBook) -> None:
    pytest.importorskip("myst_parser")
    text = (
        "# Title\n\nSome **bold** text, `code` and {ref}`a role <label>`.\n\n(label)=\n## Second\n\n"
        "| a | b |\n|---|---|\n| one | two words |\n"
    )
    book = make_book(
        {"index.md": text}, languages=("es",), engine=engine("UpperEngine"), conf='extensions.append("myst_parser")\n'
    )
    assert book.build().status == 0
    assert book.localized("es", "index.md").read_text(encoding="utf-8") == (
        "# TITLE\n\nSOME **BOLD** TEXT, `code` AND {ref}`A ROLE <label>`.\n\n(label)=\n## SECOND\n\n"
        "| A | B |\n|---|---|\n| ONE | TWO WORDS |\n"
    )


@pytest.mark.parametrize(
    ("conf", "files", "words"),
    [
        ('amts_languages = ["xx_YY"]\n', {}, ["amts_languages", "xx_YY"]),
        ('amts_languages = ["zh-CN"]\n', {}, ["zh-CN", "zh_CN"]),
        ('amts_engine = "nonsense"\n', {}, ["amts_engine", "nonsense", "pseudo"]),
        ('amts_engine = "no.such.module:Engine"\n', {}, ["amts_engine", "no.such.module"]),
        ("amts_fuzzy = 7\n", {}, ["amts_fuzzy", "7"]),
        ('amts_languages = {"es": {"nothing": 1}}\n', {}, ["nothing"]),
        ('amts_parallel_data = ["missing.csv"]\n', {}, ["missing.csv"]),
        ('amts_output = "."\n', {}, ["amts_output"]),
        ('amts_output = "locales/{language}/book"\n', {}, ["amts_output", "catalogs"]),
        ('amts_max_cost = "much"\n', {}, ["amts_max_cost", "'much'"]),
        ("", {"locales/zh_CN/LC_MESSAGES/index.po": 'msgid "a"\nmsgstr "b\n'}, ["index.po:2"]),
        ("", {"locales/zh_CN/LC_MESSAGES/index.po": "<<<<<<< ours\n"}, ["index.po:1"]),
    ],
)
def test_bad_input_is_one_clear_error(make_book: MakeBook, conf: str, files: dict[str, str], words: list[str]) -> None:
    book = make_book(FILES, conf=conf).write(files)
    before = {path: path.read_bytes() for path in book.source.rglob("*") if path.is_file()}
    with pytest.raises(AmtsError) as error:
        book.build()
    assert all(word in str(error.value) for word in words), str(error.value)
    after = {path: path.read_bytes() for path in book.source.rglob("*") if path.is_file() and ".amts" not in path.parts}
    assert before == after
    assert not (book.folder / "out" / "amts" / "zh_CN").exists()


def test_a_read_only_output_folder_is_one_clear_error(make_book: MakeBook, tmp_path: Path) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("a file where a folder should be", encoding="utf-8")
    book = make_book(FILES, conf=f"amts_output = {str(blocked / '{language}')!r}\n")
    with pytest.raises(AmtsError, match="blocked"):
        book.build()


def test_a_book_with_errors_is_translated_all_the_same(make_book: MakeBook) -> None:
    book = make_book({"index.rst": "Title\n=====\n\nSee :nonsense:`x` and *this.\n\nFine text.\n"}, languages=("es",))
    result = book.build()
    assert "nonsense" in result.warnings
    assert "Fîñéé téxtt." in book.localized("es", "index.rst").read_text(encoding="utf-8")


def test_summary_has_its_fields(make_book: MakeBook) -> None:
    result = make_book(FILES, languages=("es",)).build()
    fields = {
        "engine", "documents", "messages", "unchanged", "reused", "sent_segments", "sent_characters", "kept_source",
        "conflicts", "estimated_cost", "documents_written",
    }  # fmt: skip
    assert fields <= set(result.summary["es"])
    assert json.loads((result.outdir / "amts.json").read_text(encoding="utf-8"))["es"]["documents"] == 2


def test_files_that_are_new_count_as_written_also_where_nothing_is_translated(make_book: MakeBook) -> None:
    book = make_book(FILES, languages=("es",), engine=engine("RaisingEngine"))
    assert book.build().summary["es"]["documents_written"] == 2
    assert book.localized("es", "index.rst").read_text(encoding="utf-8") == FILES["index.rst"]
    assert book.build().summary["es"]["documents_written"] == 0


def test_the_index_stays_out_of_version_control(make_book: MakeBook) -> None:
    book = make_book(FILES, languages=("es",))
    book.build()
    assert (book.source / "locales" / ".amts" / ".gitignore").read_text(encoding="utf-8").splitlines()[-1] == "*"


def test_sphinx_build_tells_a_mistake_in_one_line(make_book: MakeBook) -> None:
    book = make_book(FILES, engine="nonsense")
    command = [sys.executable, "-m", "sphinx", "-q", "-b", "amts", str(book.source), str(book.folder / "out")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "amts_engine = 'nonsense'" in done.stderr


def test_a_file_that_two_documents_include(make_book: MakeBook) -> None:
    files = {
        "index.rst": "T\n=\n\n.. toctree::\n\n   a\n   b\n",
        "a.rst": "A\n=\n\n.. include:: shared/note.txt\n",
        "b.rst": "B\n=\n\nFirst paragraph.\n\n.. include:: shared/note.txt\n",
        "shared/note.txt": "A shared note.\n",
    }
    book = make_book(files, languages=("es",), engine=engine("UpperEngine"))
    result = book.build()
    assert result.status == 0, result.warnings
    assert book.localized("es", "shared/note.txt").read_text(encoding="utf-8") == "A SHARED NOTE.\n"
    assert "FIRST PARAGRAPH." in book.localized("es", "b.rst").read_text(encoding="utf-8")


def test_files_that_the_book_no_longer_has_go(make_book: MakeBook) -> None:
    book = make_book({**FILES, "extra.rst": ":orphan:\n\nExtra\n=====\n"}, languages=("es",))
    book.build()
    assert book.localized("es", "extra.rst").exists()
    (book.source / "extra.rst").unlink()
    book.build()
    assert not book.localized("es", "extra.rst").exists()
    assert book.localized("es", "chapter.rst").exists()


def test_code_and_a_role_that_look_alike_to_an_engine_stay_what_they_are(make_book: Callable[..., Book]) -> None:
    book = make_book(
        {"index.rst": "T\n=\n\nUse ``x`` now.\n\nUse :kbd:`x` now.\n"}, languages=("es",), engine=engine("UpperEngine")
    )
    assert book.build().summary["es"]["kept_source"] == 0
    text = book.localized("es", "index.rst").read_text(encoding="utf-8")
    assert "\nUSE ``x`` NOW.\n\nUSE :kbd:`x` NOW.\n" in text
