"""Work that grows with the size of a text, not with its square: counted, never timed (``bench/large.py`` times it)."""

from __future__ import annotations

import hashlib
import os
import pickle
import re
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from myst_parser.config.main import MdParserConfig

from sphinx_amts import catalog as po
from sphinx_amts import extract
from sphinx_amts.builder import checking, tree, verify
from sphinx_amts.checks import Finding, Unit, numbers, wording
from sphinx_amts.formats import Edit, Format
from sphinx_amts.formats.inline import cut, plain
from sphinx_amts.formats.myst import MystFormat
from sphinx_amts.formats.rest import RestFormat, markup
from sphinx_amts.memory import Memory
from sphinx_amts.model import Document, Inline, Location, Message, Span
from sphinx_amts.translate import Book as TranslatedBook
from sphinx_amts.translate.catalogs import Catalogs
from tests.conftest import Book

SOME, MORE = 200, 800
"""Sizes that are compared."""
LINEAR = 1.3 * MORE / SOME
"""How many times the work may be of the larger size."""


def calls(action: Callable[[], object]) -> int:
    """Functions that are called while *action* runs."""
    counted = 0

    def count(_frame: Any, event: str, _argument: Any) -> None:
        nonlocal counted
        counted += event in {"call", "c_call"}

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        action()
    finally:
        sys.setprofile(before)
    return counted


def steps(action: Callable[[], object]) -> int:
    """Lines of this program that run while *action* does."""
    counted = 0

    def count(frame: Any, event: str, _argument: Any) -> Any:
        nonlocal counted
        counted += event == "line"
        return count if "sphinx_amts" in frame.f_code.co_filename else None

    before = sys.gettrace()
    sys.settrace(count)
    try:
        action()
    finally:
        sys.settrace(before)
    return counted


def cutting(size: int) -> Callable[[], object]:
    pieces = tuple(
        part for number in range(size) for part in (f"Rain {number}. ", Inline("*", "*", ("a",), "emphasis"))
    )
    starts = [match.start() for match in re.finditer("Rain", plain(pieces))]
    spans = list(zip(starts, [*starts[1:], len(plain(pieces))], strict=True))

    def action() -> None:
        assert len(cut(pieces, spans)) == size

    return action


def splicing(size: int) -> Callable[[], object]:
    text = "rain\n\n" * size
    at = [
        Message("rain", "paragraph", "rain", Location("a.md", line), (Span(line, 0, 4),))
        for line in range(1, 2 * size, 2)
    ]
    format_ = MystFormat(MdParserConfig())

    def action() -> None:
        assert format_.splice(text, [Edit(message, "lluvia") for message in at]) == "lluvia\n\n" * size

    return action


def taking_back(size: int) -> Callable[[], object]:
    """Half of the messages of one file change its structure."""
    at = tuple(
        Message(f"rain {line}", "paragraph", f"rain {line}", Location("/book/a.md", line), (Span(line, 0, 4),))
        for line in range(1, size + 1)
    )
    ours = tuple(line for number in range(size) for line in (f"#{number}", "paragraph"))
    theirs = tuple(line for number in range(size) for line in (f"#{number}", "paragraph" if number % 2 else "list"))
    document = Document("a", "/book/a.md", "myst", at, structure=ours)
    unit = tree.Unit(Path("/book/a.md"), MystFormat(MdParserConfig()), "", False, at)
    job: Any = verify.Job(document, unit, (), Path("/out"), Path("/out/a.md"))
    reader: Any = SimpleNamespace(read=lambda *_arguments: SimpleNamespace(structure=theirs))
    book = TranslatedBook(
        "Book", {"a": document}, {"a": "a"}, {"myst": unit.format}, Path("/book/locales"), Path("/book")
    )
    catalogs = Catalogs(book, "es", Memory(None))
    catalogs.entries["a"] = {one.msgid: po.Entry(one.msgid, "lluvia") for one in at}

    def action() -> None:
        _reason, culprits = verify._culprits(reader, job, [Edit(at[-1], "lluvia")])
        assert culprits == [at[-1]]
        for message in at:
            assert [domain for domain, _entry in catalogs.of_message(message)] == ["a"]

    return action


@pytest.mark.parametrize("work", [cutting, splicing, taking_back])
def test_calls_grow_with_the_size(work: Callable[[int], Callable[[], object]]) -> None:
    some, more = work(SOME), work(MORE)
    some()  # caches
    assert calls(more) < LINEAR * calls(some)


@pytest.mark.parametrize("format_", [MystFormat(MdParserConfig()), RestFormat()], ids=["myst", "rest"])
def test_steps_of_parsing_and_writing_grow_with_the_size(format_: Format) -> None:
    def work(size: int) -> Callable[[], object]:
        text = " ".join(f"Rain *falls on* day ``{number}``." for number in range(size))

        def action() -> None:
            pieces = format_.parse(text, "paragraph")
            assert format_.render((*pieces, " So it goes."), text, "paragraph") == text + " So it goes."

        return action

    work(SOME)()  # caches
    assert steps(work(MORE + 1)) < LINEAR * steps(work(SOME + 1))


def test_steps_of_looking_for_untranslated_text_grow_with_the_size() -> None:
    def work(size: int) -> Callable[[], object]:
        source = " ".join(f"Rain falls on the day of {chr(97 + number % 26)}." for number in range(size))
        unit = Unit(source, source.replace("falls on the day", "cae en el"), "en", "es")
        return lambda: list(wording.untranslated(unit))

    assert steps(work(MORE)) < LINEAR * steps(work(SOME))


_words = st.lists(st.sampled_from("abc"), max_size=30)


@given(_words, _words)
def test_the_longest_run_of_words_in_both_texts(left: list[str], right: list[str]) -> None:
    runs = (
        left[start : start + length]
        for length in range(min(len(left), len(right)), wording._LONG_RUN - 1, -1)
        for start in range(len(left) - length + 1)
    )
    held = {tuple(right[start:end]) for start in range(len(right)) for end in range(start, len(right) + 1)}
    wanted = next((run for run in runs if tuple(run) in held), [])
    assert list(wording._longest_shared(left, right)) == wanted


def test_numbers_of_a_long_text_are_looked_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    searched: list[int] = []

    class Counting:
        def __init__(self, pattern: re.Pattern[str]) -> None:
            self.pattern = pattern

        def findall(self, text: str) -> list[Any]:
            searched.append(len(text))
            return self.pattern.findall(text)

    for name in ("_SCALED", "_YEAR", "_NUMBER"):
        monkeypatch.setattr(numbers, name, Counting(getattr(numbers, name)))
    source = " ".join(f"It was {number} metres." for number in range(1000, 1000 + SOME))
    found = list(numbers.numbers(Unit(source, "Nada.", "en", "es")))
    assert len(found) == SOME
    assert sum(searched) < 10 * len(source)


def test_findings_of_a_long_text_are_noted_without_it(monkeypatch: pytest.MonkeyPatch) -> None:
    hashed: list[int] = []
    original = hashlib.sha256

    def sha256(data: bytes) -> Any:
        hashed.append(len(data))
        return original(data)

    monkeypatch.setattr(hashlib, "sha256", sha256)
    msgid = "Rain. " * 10_000
    found = [(("page", msgid), Finding("numbers", f"The number {number} is missing.")) for number in range(SOME)]
    marks = checking._marks(found)
    assert len(set(marks)) == SOME
    assert sum(map(len, marks)) < 20 * SOME
    assert sum(hashed) < 2 * len(msgid)


def test_a_worker_sends_back_what_differs_from_its_task(
    make_book: Callable[..., Book], monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[int] = []
    original = verify.run

    def run(app: Any, jobs: Any, processes: int, done: Any) -> Any:
        outcomes = original(app, jobs, processes, done)
        sent.extend(len(pickle.dumps(outcome)) for outcome in outcomes)
        assert all(len(outcome.shown(job)) == MORE + 1 for job, outcome in zip(jobs, outcomes, strict=True))
        return outcomes

    monkeypatch.setattr(verify, "run", run)
    book = make_book(
        {"index.rst": "Book\n====\n\n" + "".join(f"Rain {number}.\n\n" for number in range(MORE))}, ("es",)
    )
    assert book.build().status == 0
    assert max(sent) < MORE


DOCTREES = """
from pathlib import Path

def setup(app):
    app.connect("source-read", count)
    app.connect("env-check-consistency", lambda app, env: count(app))

def count(app, *_):
    counts.append(len(getattr(app.env, "_write_doc_doctree_cache", ())))
    with (Path(app.srcdir).parent / "counts").open("w") as file:
        print(*counts, file=file)

counts = []
"""


def test_no_doctree_is_kept(make_book: Callable[..., Book]) -> None:
    """Sphinx keeps those of all documents that it reads, for builders that write documents from them."""
    pages = {f"page{number}.rst": f":orphan:\n\nPage {number}\n======\n" for number in range(5)}
    book = make_book({"index.rst": "Book\n====\n", **pages}, ("es",), conf=DOCTREES)
    book.build()
    counts = (book.folder / "counts").read_text(encoding="utf-8").split()
    assert len(counts) >= 7
    assert set(counts) == {"0"}


@given(st.text(alphabet="ab *`|_\\@:/.<>[]\x00$\n", max_size=40))
def test_text_without_markup_is_what_docutils_makes_of_it(text: str) -> None:
    assert markup.parse(text) == markup.scanned.__wrapped__(text.replace("\n", " "))


def test_a_parallel_reader_sends_back_only_what_it_has_read() -> None:
    env = SimpleNamespace(amts_documents={"old": "document"})
    app = SimpleNamespace(amts_process=os.getpid())
    extract._leave_others(app, env)
    assert set(env.amts_documents) == {"old"}
    app.amts_process = -1  # it was set before the fork
    extract._leave_others(app, env)
    assert not env.amts_documents
    env.amts_documents["new"] = "document"
    extract._leave_others(app, env)
    assert set(env.amts_documents) == {"new"}


@pytest.mark.parametrize("name", ["page.rst", "page.md"])
def test_one_paragraph_of_very_many_sentences(make_book: Callable[..., Book], name: str) -> None:
    title = "# Page\n\n" if name.endswith(".md") else "Page\n====\n\n"
    source = title + " ".join(f"Rain falls on *day* {number}." for number in range(100_000, 100_000 + MORE)) + "\n"
    index = "Book\n====\n\n.. toctree::\n\n   page\n"
    book = make_book({"index.rst": index, name: source}, ("es",), conf='extensions += ["myst_parser"]\n')
    build = book.build()
    found = book.localized("es", name).read_text(encoding="utf-8")
    assert re.findall(r"\d+", found) == re.findall(r"\d+", source)
    assert "Rain" not in found
    assert build.summary["es"]["sent_segments"] == MORE + 2
    assert build.summary["es"]["kept_source"] == 0
