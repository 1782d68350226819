"""The whole cycle on the example book: command line, sphinx-build and the unmodified boto3 client, over HTTP."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("boto3", reason="the amazon engine needs boto3")
pytest.importorskip("moto", reason="the stand-in is built on moto")
pytest.importorskip("myst_parser", reason="the example book has Markdown pages")

from sphinx_amts.cli import main
from tests.conftest import Book, Build, copy_example
from tests.standin import StandIn
from tests.standin.server import CREDENTIALS
from tests.standin.setup import settings
from tests.standin.translator import parse, texts

pytest_plugins = ["tests.standin.fixtures"]

CODES = {"zh_CN": "zh", "es": "es"}


@pytest.fixture
def example(standin: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Book:
    """The example book, with what people have translated of it, and Amazon as its engine."""
    monkeypatch.setattr("sphinx_amts.engines.amazon.Clock", lambda: standin.clock)
    book = Book(tmp_path)
    copy_example(book.source)
    with (book.source / "conf.py").open("a", encoding="utf-8") as conf:
        conf.write(f'amts_engine = "amazon"\namts_amazon = {settings(standin)!r}\n')
    return book


def sent(build: Build) -> int:
    return sum(language["sent_characters"] for language in build.summary.values())


def push(book: Book, capsys: pytest.CaptureFixture[str]) -> str:
    """``amts parallel-data push``, and what it says."""
    assert main(["parallel-data", "push", str(book.source)]) == 0
    return capsys.readouterr().out


def estimate(book: Book, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """``amts estimate --json``."""
    assert main(["estimate", str(book.source), "--json"]) == 0
    return dict(json.loads(capsys.readouterr().out))


def approve(book: Book, language: str, source: str, target: str) -> None:
    """Add an approved pair to the parallel data."""
    with (book.source / "parallel" / f"{language}.csv").open("a", encoding="utf-8", newline="") as file:
        csv.writer(file).writerow([source, target])


def check_what_left(standin: StandIn, book: Book) -> None:
    """No credential, no text that is not the book's, and no code or formula that is not marked as protected."""
    sources = [path for path in book.source.rglob("*") if path.suffix in {".rst", ".md", ".po", ".csv"}]
    prose = " ".join(_folded(path.read_text(encoding="utf-8")) for path in sources)
    uploads = standin.calls("PutObject")
    documents = [request.body for request in uploads if request.path.endswith(".html")]
    assert len(documents) > 2
    found = [one for body in documents for one in texts(parse(body.decode()))]
    shown = {_folded(text) for text, protected in found if not protected}
    strangers = sorted(text for text in shown if text not in prose)
    assert strangers == []
    hidden = {text.strip() for text, protected in found if protected}
    pages = [path.read_text(encoding="utf-8") for path in sources if path.suffix in {".rst", ".md"}]
    code = {next(filter(None, groups)) for page in pages for groups in re.findall(_CODE, page)}
    assert len(code & hidden) > 10
    assert not {_folded(text) for text in code if not text.isalpha()} & shown
    everything = b"".join(r.body + repr(r.headers).encode() + r.path.encode() for r in standin.requests)
    assert CREDENTIALS["aws_secret_access_key"].encode() not in everything


_CODE = r"``([^`\n]+)``|(?<![\\$])\$([^$\n]+)\$|:math:`([^`\n]+)`"
"""Literal text and formulas, in both syntaxes."""


def _folded(text: str) -> str:
    return re.sub(r"[\s\\|]+", "", text)


@pytest.mark.slow
def test_the_example_book(standin: StandIn, example: Book, capsys: pytest.CaptureFixture[str]) -> None:
    """Push, translate into two languages, update the data, edit a sentence, translate again: billed is what was sent."""
    expected = estimate(example, capsys)
    assert not standin.requests
    push(example, capsys)
    assert len(standin.calls("CreateParallelData")) == 2
    assert standin.billed == 0
    first = example.build()
    assert first.status == 0, first.warnings
    assert {language["kept_source"] for language in first.summary.values()} == {0}
    assert set(standin.backend.billed) == {"batch-custom"}
    assert standin.billed == sent(first) > 50_000
    for language, row in expected.items():
        characters = first.summary[language]["sent_characters"]
        assert row["characters"] == characters
        assert row["estimated_cost"] == pytest.approx(60e-6 * characters, abs=1e-4)
        per_route = {"realtime": 15e-6, "batch": 15e-6, "batch-custom": 60e-6}
        assert row["prices"] == pytest.approx(
            {route: price * characters for route, price in per_route.items()}, abs=1e-4
        )
    check_what_left(standin, example)
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
