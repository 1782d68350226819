"""The checks on every build: counted, named with their place, remembered, and switched off by name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from sphinx_amts import catalog as po
from sphinx_amts import checks
from sphinx_amts.builder import checking
from sphinx_amts.model import ConfigurationError
from sphinx_amts.report import history
from tests.conftest import Book

FILES = {
    "index.rst": "Rain\n====\n\nRain falls 17 times on the gauge.\n\nThe gauge stands in the garden.\n\n.. toctree::\n\n   wind\n",
    "wind.rst": "Wind\n====\n\nThe vane turns 23 times.\n",
}
SPANISH = {
    "Rain": "Lluvia",
    "Rain falls 17 times on the gauge.": "La lluvia cae 71 veces en el pluviómetro.",
    "The gauge stands in the garden.": "El pluviómetro está está en el jardín.",
    "Wind": "Viento",
    "The vane turns 23 times.": "La veleta gira 23 veces.",
}


@pytest.fixture
def book(make_book: Callable[..., Book]) -> Book:
    """A book whose Spanish a person wrote, with three mistakes on one page."""
    made = make_book(FILES, languages=("es",))
    made.build()
    for domain in ("index", "wind"):
        rewrite(made, domain, SPANISH)
    return made


def rewrite(book: Book, domain: str, texts: dict[str, str]) -> None:
    catalog = po.read(book.catalog("es", domain))
    entries = [
        replace(one, msgstr=texts[one.msgid], comments=(), raw="") if one.msgid in texts else one
        for one in catalog.entries
    ]
    po.write(replace(catalog, entries=tuple(entries)))


def test_findings_are_counted_and_named_with_their_place(book: Book) -> None:
    result = book.build()
    assert result.status == 0, "hints do not change the exit status"
    assert result.warnings == ""
    counts = result.summary["es"]["checks"]
    assert {name: count for name, count in counts.items() if count} == {"numbers": 2, "doubled": 1}
    assert list(counts) == [*checks.CHECKS, checks.INCONSISTENT]
    place = (book.source / "index.rst").as_posix()
    assert f"{place}:4: es: The number 17 of the source is missing. [numbers]" in result.output
    assert f"{place}:6: es: “está” stands twice. [doubled]" in result.output
    assert "es: checks found: numbers 2, doubled 1; 'amts report' shows them" in result.output


def test_what_did_not_change_is_not_examined_again(book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    book.build()
    examined: list[str] = []
    examine = checks.examine

    def note(unit: checks.Unit, off: Sequence[str] = ()) -> list[checks.Finding]:
        examined.append(unit.source)
        return examine(unit, off)

    monkeypatch.setattr(checks, "examine", note)
    again = book.build()
    assert examined == []
    assert again.summary["es"]["checks"]["numbers"] == 2, "counts are those of the whole book"
    assert "[numbers]" not in again.output, "only new findings are shown one by one"
    assert "checks found: numbers 2, doubled 1" in again.output
    rewrite(book, "wind", {"The vane turns 23 times.": "La veleta gira 32 veces."})
    third = book.build()
    assert examined == ["Wind", "The vane turns 23 times."]
    assert third.summary["es"]["checks"]["numbers"] == 4
    assert "numbers 4 (2 new), doubled 1" in third.output
    assert "wind.rst:4: es: The number 32 is not in the source. [numbers]" in third.output


def test_a_check_is_switched_off_by_name(book: Book) -> None:
    result = book.build(amts_without_checks=["numbers"])
    assert "numbers" not in result.summary["es"]["checks"]
    assert result.summary["es"]["checks"]["doubled"] == 1
    assert "[numbers]" not in result.output
    result = book.build(amts_languages={"es": {"without_checks": ["doubled"]}})
    assert result.summary["es"]["checks"]["numbers"] == 2, "a check that is on again needs no second look at the text"
    assert "doubled" not in result.summary["es"]["checks"]


def test_an_unknown_check_stops_the_build_before_anything_happens(make_book: Callable[..., Book]) -> None:
    made = make_book(FILES, languages=("es",), conf='amts_without_checks = ["colour"]\n')
    with pytest.raises(ConfigurationError, match=r"amts_without_checks = 'colour': no such check. Accepted: numbers, "):
        made.build()
    assert not (made.source / "locales").exists()


def test_the_same_text_in_two_ways_is_found_across_documents(make_book: Callable[..., Book]) -> None:
    files = {**FILES, "wind.rst": "Wind\n====\n\nThe gauge stands in the garden!\n\nThe gauge stands in the garden:\n"}
    made = make_book(files, languages=("es",))
    made.build()
    texts = {"The gauge stands in the garden.": "El pluviómetro está en el jardín."}
    rewrite(made, "index", texts)
    rewrite(made, "wind", {"The gauge stands in the garden:": "El medidor está en el jardín:"})
    result = made.build()
    assert result.summary["es"]["checks"]["inconsistent"] == 2
    assert "in 2 ways: “El medidor está en el jardín:”, “El pluviómetro está en el jardín.”." in result.output


def test_terms_are_checked_again_when_the_terminology_changes(book: Book) -> None:
    terms = book.source / "terms.csv"
    terms.write_text("en,es\ngauge,pluviómetro\n", encoding="utf-8")
    settings: dict[str, Any] = {"amts_terminology": ["terms.csv"]}
    assert book.build(**settings).summary["es"]["checks"]["terms"] == 0
    terms.write_text("en,es\ngauge,medidor\n", encoding="utf-8")
    result = book.build(**settings)
    assert result.summary["es"]["checks"]["terms"] == 2
    assert "The term “gauge” should be “medidor”. [terms]" in result.output


def test_only_the_first_of_each_kind_are_shown(make_book: Callable[..., Book]) -> None:
    paragraphs = {f"There are {number} drops.": f"Hay {number} gotas gotas." for number in range(100, 108)}
    made = make_book({"index.rst": "Rain\n====\n\n" + "\n\n".join(paragraphs) + "\n"}, languages=("es",))
    made.build()
    rewrite(made, "index", paragraphs)
    result = made.build()
    assert result.summary["es"]["checks"]["doubled"] == 8
    assert result.output.count("[doubled]") == checking.SHOWN


def test_a_lost_index_gives_the_same_counts(book: Book) -> None:
    before = book.build().summary["es"]["checks"]
    for path in (book.source / "locales" / ".amts").rglob("memory.sqlite*"):
        path.unlink()
    assert book.build().summary["es"]["checks"] == before


def test_the_page_knows_what_the_last_run_changed(book: Book) -> None:
    book.build()
    book.edit("wind.rst", "turns 23 times", "turns round 23 times")
    book.build()
    state = book.source / "locales" / ".amts" / "es"
    last = history.load(state)
    assert [(one.domain, one.msgid, one.before) for one in last.changes] == [
        ("wind", "The vane turns round 23 times.", "La veleta gira 23 veces.")
    ]
    assert last.summary["sent_segments"] == 1
    book.build()
    assert history.load(state).changes == last.changes, "a run without changes leaves what the last one changed"
    assert history.load(state).summary["sent_segments"] == 0
