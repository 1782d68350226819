"""The whole cycle on the example book: command line, sphinx-build and the unmodified boto3 client, over HTTP."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest

pytest.importorskip("boto3", reason="the amazon engine needs boto3")
pytest.importorskip("moto", reason="the stand-in is built on moto")
pytest.importorskip("myst_parser", reason="the example book has Markdown pages")

from sphinx_amts.cli import main
from tests.conftest import Book, Build
from tests.standin import StandIn
from tests.standin.setup import settings

pytest_plugins = ["tests.standin.fixtures"]

EXAMPLE = Path(__file__).parent.parent / "example_book"
CODES = {"zh_CN": "zh", "es": "es"}


@pytest.fixture
def example(standin: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Book:
    """The example book, with what people have translated of it, and Amazon as its engine."""
    monkeypatch.setattr("sphinx_amts.engines.amazon.Clock", lambda: standin.clock)
    book = Book(tmp_path)
    shutil.copytree(EXAMPLE, book.source, ignore=shutil.ignore_patterns(".amts", "_build"))
    with (book.source / "conf.py").open("a", encoding="utf-8") as conf:
        conf.write(f'amts_engine = "amazon"\namts_amazon = {settings(standin)!r}\n')
    return book


def sent(build: Build) -> int:
    return sum(language["sent_characters"] for language in build.summary.values())


def push(book: Book, capsys: pytest.CaptureFixture[str]) -> str:
    """``amts parallel-data push``, and what it says."""
    assert main(["parallel-data", "push", str(book.source)]) == 0
    return capsys.readouterr().out


def approve(book: Book, language: str, source: str, target: str) -> None:
    """Add an approved pair to the parallel data."""
    with (book.source / "parallel" / f"{language}.csv").open("a", encoding="utf-8", newline="") as file:
        csv.writer(file).writerow([source, target])


def test_the_example_book(standin: StandIn, example: Book, capsys: pytest.CaptureFixture[str]) -> None:
    """Push, translate into two languages, update the data, edit a sentence, translate again: billed is what was sent."""
    push(example, capsys)
    assert len(standin.calls("CreateParallelData")) == 2
    assert standin.billed == 0
    first = example.build()
    assert first.status == 0, first.warnings
    assert {language["kept_source"] for language in first.summary.values()} == {0}
    assert set(standin.backend.billed) == {"batch-custom"}
    assert standin.billed == sent(first) > 50_000
    assert len(standin.calls("CreateParallelData")) == 2, "what was pushed is not pushed again"
    assert not standin.calls("UpdateParallelData")
    for language in CODES:
        assert example.build("html", source=example.localized(language)).warnings == ""

    approve(example, "zh_CN", "The cold front arrives at noon.", "冷锋在中午到达。")
    approve(example, "es", "The cold front arrives at noon.", "El frente frío llega a mediodía.")
    push(example, capsys)
    assert len(standin.calls("UpdateParallelData")) == 2
    example.edit("fronts.rst", "clouds form and rain falls", "clouds form and heavy rain falls")
    before = standin.billed
    second = example.build()
    assert second.status == 0, second.warnings
    assert {language["sent_segments"] for language in second.summary.values()} == {1}
    billed = standin.billed
    assert billed - before == sent(second) > 0
    for language, code in CODES.items():
        text = example.localized(language, "fronts.rst").read_text(encoding="utf-8")
        assert text.count(f"{code}+v2:") == 1, "one sentence was made with the new data"
        assert f"{code}+v1:" in text
    assert example.build().summary["es"]["sent_segments"] == 0
    assert standin.billed == billed
