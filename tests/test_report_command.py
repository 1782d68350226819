"""``amts report``: the page is filled from the catalogs, and nothing is written but the page and the index."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sphinx_amts import catalog as po
from sphinx_amts.cli import main
from sphinx_amts.report import history
from tests.conftest import Book, copy_example
from tests.test_report import data_of

FILES = {
    "index.rst": "Rain\n====\n\nRain falls 17 times on the gauge.\n\nSnow <script> rests & stays.\n\n.. toctree::\n\n   wind\n",
    "wind.rst": "Wind\n====\n\nWind comes from the west.\n\n.. code-block:: python\n\n   print(1)\n",
}


def page_of(book: Book, *more: str) -> Any:
    path = book.folder / "out" / "report.html"
    assert main(["report", str(book.source), "-o", str(path), *more]) == 0
    return data_of(path.read_text(encoding="utf-8"))


def rows_of(data: Any) -> dict[str, dict[str, Any]]:
    """Rows of the first language by the message's text."""
    found = {}
    for row in data["rows"]:
        if row[1] == 0:
            details = row[7] or {}
            found[data["messages"][row[0]][4]] = {
                "state": data["states"][row[2]],
                "text": row[3],
                "line": row[5],
                "engine": row[6],
                **details,
            }
    return found


def edit(path: Path, change: Callable[[po.Entry], po.Entry]) -> None:
    catalog = po.read(path)
    po.write(replace(catalog, entries=tuple(change(entry) if entry.msgid else entry for entry in catalog.entries)))


@pytest.fixture
def book(make_book: Callable[..., Book]) -> Book:
    made = make_book(FILES, languages=("es", "ar"))
    made.build()
    return made


def test_states_places_and_links(book: Book) -> None:
    def human(entry: po.Entry) -> po.Entry:
        if entry.msgid.startswith("Snow"):
            return replace(entry, msgstr="La nieve <script> queda.", comments=(), raw="")
        return entry

    edit(book.catalog("es", "index"), human)
    data = page_of(book)
    assert [language[:1] + language[2:] for language in data["languages"]] == [["es", "ltr"], ["ar", "rtl"]]
    assert [document[1] for document in data["documents"]] == ["Rain", "Wind"]
    rows = rows_of(data)
    assert "print(1)" not in "".join(rows), "code is not translated"
    assert rows["Snow <script> rests & stays."]["state"] == "human"
    assert (
        rows["Wind comes from the west."] | {"state": "machine", "engine": "pseudo"}
        == rows["Wind comes from the west."]
    )
    message = next(one for one in data["messages"] if one[4] == "Wind comes from the west.")
    assert data["paths"][message[2]] == "wind.rst"
    assert message[3] == 4
    assert data["base"] == "../book"
    assert data["texts"]["wind.rst"] == FILES["wind.rst"].rstrip("\n")
    catalog = book.catalog("es", "index").read_text(encoding="utf-8").splitlines()
    assert catalog[rows["Snow <script> rests & stays."]["line"] - 1] == 'msgid "Snow <script> rests & stays."'


def test_findings_and_checks_that_are_switched_off(book: Book) -> None:
    def wrong(entry: po.Entry) -> po.Entry:
        text = {"Rain falls 17 times on the gauge.": "La lluvia cae 71 veces en el pluviómetro.", "Rain": "Lluvia"}
        return replace(entry, msgstr=text.get(entry.msgid, entry.msgstr), comments=(), raw="")

    edit(book.catalog("es", "index"), wrong)
    row = rows_of(page_of(book))["Rain falls 17 times on the gauge."]
    assert [one[0] for one in row["findings"]] == ["numbers", "numbers"]
    row = rows_of(page_of(book, "--without-check", "numbers"))["Rain falls 17 times on the gauge."]
    assert "findings" not in row


def test_stale_text_shows_what_it_was_made_for(book: Book) -> None:
    edit(
        book.catalog("es", "index"), lambda entry: replace(entry, msgstr="La lluvia cae 17 veces.", comments=(), raw="")
    )
    book.edit("index.rst", "on the gauge", "into the gauge")
    book.build()
    row = rows_of(page_of(book))["Rain falls 17 times into the gauge."]
    assert row["state"] == "stale"
    assert row["previous"] == "Rain falls 17 times on the gauge."


def test_what_the_last_run_changed(book: Book) -> None:
    state = book.source / "locales" / ".amts" / "es"
    changes = [history.Change("wind", "Wind comes from the west.", "Antes."), history.Change("wind", "Wind", "")]
    history.record(
        state, {"engine": "pseudo", "sent_segments": 2, "sent_characters": 30, "estimated_cost": 0.5}, changes
    )
    rows = rows_of(page_of(book))
    assert rows["Wind comes from the west."]["change"] == "edited"
    assert rows["Wind comes from the west."]["before"] == "Antes."
    assert rows["Wind"]["change"] == "new"
    assert "$0.50" in (book.folder / "out" / "report.html").read_text(encoding="utf-8")


def test_chapters_are_in_the_order_of_the_book(make_book: Callable[..., Book]) -> None:
    contents = ".. toctree::\n\n   {}\n"
    made = make_book(
        {
            "index.rst": "Top\n===\n\n" + contents.format("zebra\n   apple"),
            "zebra.rst": "Zebra\n=====\n\n" + contents.format("middle"),
            "middle.rst": "Middle\n======\n",
            "apple.rst": "Apple\n=====\n",
            "alone.rst": ":orphan:\n\nAlone\n=====\n",
        },
        languages=("es",),
    )
    made.build()
    data = page_of(made)
    assert [name for name, _title in data["documents"]] == ["index", "zebra", "middle", "apple", "alone"]
    assert [data["messages"][row[0]][0] for row in data["rows"]] == [0, 1, 2, 3, 4]


def test_an_editor_and_an_evaluation(book: Book, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "e.json"
    path.write_text('{"articles": {}}', encoding="utf-8")
    output = str(tmp_path / "r.html")
    assert main(["report", str(book.source), "-o", output, "--evaluation", str(path)]) == 2
    assert "is not an evaluation. Make it with: amts evaluate" in capsys.readouterr().err
    assert main(["report", str(book.source), "-o", output, "--evaluation", str(tmp_path / "none.json")]) == 2
    assert main(["report", str(book.source), "-o", output, "--without-check", "colour"]) == 2
    figures = {"bleu": 0.3, "chrf": 0.3, "ter": 0.3, "untouched": 0, "saved": 0}
    result = {
        "articles": {"a": {"en-es": {"none": figures}}},
        "average": {"en-es": {"none": figures}},
        "signatures": {},
    }
    path.write_text(json.dumps(result), encoding="utf-8")
    data = page_of(book, "--evaluation", str(path), "--editor", "vscode://file/x/{path}:{line}")
    assert data["editor"] == "vscode://file/x/{path}:{line}"
    assert "view-evaluation" in (book.folder / "out" / "report.html").read_text(encoding="utf-8")


def test_the_book_stays_as_it_is(book: Book) -> None:
    before = digests(book.source)
    page_of(book)
    assert digests(book.source) == before


def digests(folder: Path) -> dict[str, str]:
    """Digests of the files of the book and its catalogs; the index is disposable."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and ".amts" not in path.parts
    }


def test_the_example_book(tmp_path: Path) -> None:
    pytest.importorskip("myst_parser", reason="the example book has Markdown chapters, which need myst-parser")
    book = tmp_path / "book"
    copy_example(book)
    conf = book / "conf.py"
    text = conf.read_text(encoding="utf-8")
    if "sphinx_amts" not in text.replace("The sphinx_amts", ""):
        conf.write_text(
            text + '\nextensions.append("sphinx_amts")\namts_languages = ["zh_CN", "es"]\n', encoding="utf-8"
        )
    path = tmp_path / "report.html"
    assert main(["report", str(book), "-o", str(path)]) == 0
    data = data_of(path.read_text(encoding="utf-8"))
    human = [row for row in data["rows"] if data["states"][row[2]] == "human"]
    assert len(human) > 800
    findings = [(row[3], row[7]["findings"]) for row in human if row[7] and "findings" in row[7]]
    assert len(findings) <= len(human) // 100, findings
