"""Whatever an engine is, says, returns or raises: a valid book and exit status 1, or one line before anything is sent."""

from __future__ import annotations

import asyncio
import itertools
import json
import re
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest

from sphinx_amts import cli
from sphinx_amts.model import ConfigurationError, EngineError, Pipeline
from tests.conftest import Book

FILES = {"index.rst": "Tea\n===\n\nWarm *the pot*. Add ``leaves``.\n\nWait four minutes.\n"}


class _Engine:
    """Answers in capital letters."""

    name = "mine"

    def __init__(self, pipeline: Pipeline) -> None:
        self.pipeline = pipeline

    def translate(self, segments: Sequence[str], source: str, target: str) -> Any:
        return [one.upper() for one in segments]


class Leaving(_Engine):
    def translate(self, segments: Sequence[str], source: str, target: str) -> Any:
        sys.exit(0)


class Closing(_Engine):
    def translate(self, segments: Sequence[str], source: str, target: str) -> Any:
        raise GeneratorExit


class Cancelled(_Engine):
    def translate(self, segments: Sequence[str], source: str, target: str) -> Any:
        raise asyncio.CancelledError


class Endless(_Engine):
    def translate(self, segments: Sequence[str], source: str, target: str) -> Iterator[str]:
        return itertools.repeat("x")


class OneText(_Engine):
    def translate(self, segments: Sequence[str], source: str, target: str) -> Any:
        return "x" * len(segments)


class Table(_Engine):
    def translate(self, segments: Sequence[str], source: str, target: str) -> Any:
        return dict.fromkeys(segments, "x")


class Nothing(_Engine):
    def translate(self, segments: Sequence[str], source: str, target: str) -> Any:
        return None


class TwoLines(_Engine):
    def translate(self, segments: Sequence[str], source: str, target: str) -> Any:
        raise RuntimeError("first line\nsecond line")


class Wordless(_Engine):
    def translate(self, segments: Sequence[str], source: str, target: str) -> Any:
        raise MemoryError


class Merging(_Engine):
    """Makes one of two sentences where it is given several."""

    def translate(self, segments: Sequence[str], source: str, target: str) -> Any:
        return [f"{segments[0]} x"] if len(segments) > 1 else ["Uno."]


class Interrupted(_Engine):
    """The user presses Ctrl-C while it works."""

    batch_size = 1
    calls = 0

    def translate(self, segments: Sequence[str], source: str, target: str) -> Any:
        type(self).calls += 1
        if self.calls == 1:
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
        time.sleep(1)
        return super().translate(segments, source, target)


class Spaced(_Engine):
    name = "my engine"


class Nameless(_Engine):
    name = None


class Negative(_Engine):
    batch_size = -3


class Wordy(_Engine):
    batch_size = "10"


class Unready(_Engine):
    def __init__(self, pipeline: Pipeline) -> None:
        raise OSError("model is missing")


class Quitting(_Engine):
    def __init__(self, pipeline: Pipeline) -> None:
        sys.exit(3)


class NoArgument:
    name = "none"

    def translate(self, segments: Sequence[str], source: str, target: str) -> Any:
        return segments


class Priceless(_Engine):
    def price(self, segments: Sequence[str]) -> Any:
        return None


class Dear(_Engine):
    def price(self, segments: Sequence[str]) -> float:
        return 0.6 if segments else 0.0


class Puzzled(_Engine):
    def price(self, segments: Sequence[str]) -> Any:
        raise RuntimeError("no price list")


class Dull(_Engine):
    def learn(self, pairs: Any) -> None:
        raise KeyError("pairs")


@pytest.mark.parametrize(
    ("engine", "words"),
    [
        (Leaving, "SystemExit: 0"),
        (Closing, "GeneratorExit"),
        (Cancelled, "CancelledError"),
        (Endless, "too many translations came back"),
        (OneText, "it returned str"),
        (Table, "it returned dict"),
        (Nothing, "it returned NoneType"),
        (TwoLines, "RuntimeError: first line second line"),
        (Wordless, "MemoryError"),
    ],
)
def test_a_failing_engine_leaves_a_book_in_the_source_language(
    make_book: Callable[..., Book], engine: type, words: str
) -> None:
    book = make_book(FILES, languages=("es",), engine=f"{__name__}:{engine.__name__}")
    result = book.build()
    assert result.status == 1
    assert f"engine 'mine' failed: {words}" in result.warnings
    assert book.localized("es", "index.rst").read_text(encoding="utf-8") == FILES["index.rst"]
    assert result.summary["es"]["kept_source"] == 3
    assert not book.build("html", book.localized("es")).warnings


def test_an_engine_that_merges_sentences_is_asked_for_them_one_by_one(make_book: Callable[..., Book]) -> None:
    book = make_book({"index.rst": "Tea\n===\n\nWait.\n\nDrink.\n"}, languages=("es",), engine=f"{__name__}:Merging")
    result = book.build()
    assert book.localized("es", "index.rst").read_text(encoding="utf-8") == "Uno.\n====\n\nUno.\n\nUno.\n"
    assert result.summary["es"]["kept_source"] == 0


@pytest.mark.parametrize(
    ("engine", "words"),
    [
        ("Spaced", ["its attribute name is 'my engine'", "Accepted:"]),
        ("Nameless", ["its attribute name is None", "Accepted:"]),
        ("Negative", ["its attribute batch_size is -3", "Accepted:"]),
        ("Wordy", ["its attribute batch_size is '10'", "Accepted:"]),
        ("Unready", ["cannot be constructed for es", "OSError: model is missing"]),
        ("Quitting", ["cannot be constructed for es", "SystemExit: 3"]),
        ("NoArgument", ["cannot be constructed for es", "one argument"]),
        ("Missing", ["cannot load", "no attribute 'Missing'"]),
    ],
)
def test_an_engine_that_cannot_be_used_is_one_clear_error(
    make_book: Callable[..., Book], engine: str, words: list[str]
) -> None:
    book = make_book(FILES, languages=("es",), engine=f"{__name__}:{engine}")
    with pytest.raises(ConfigurationError) as error:
        book.build()
    assert all(word in str(error.value) for word in ["amts_engine = ", engine, *words]), str(error.value)
    assert not (book.source / "locales").exists()


@pytest.mark.parametrize("name", [":Engine", "tests.", "tests:", "tests/nothing:x"])
def test_a_name_that_leads_nowhere_is_one_clear_error(make_book: Callable[..., Book], name: str) -> None:
    with pytest.raises(ConfigurationError, match="amts_engine = "):
        make_book(FILES, engine=name).build()


def test_a_module_that_fails_when_imported_is_one_clear_error(
    make_book: Callable[..., Book], monkeypatch: pytest.MonkeyPatch
) -> None:
    book = make_book(FILES, engine="broken_engine:X").write({"broken_engine.py": "def (\n"})
    monkeypatch.syspath_prepend(str(book.source))
    with pytest.raises(ConfigurationError, match=r"cannot load 'broken_engine:X' .SyntaxError"):
        book.build()


@pytest.mark.parametrize(
    ("engine", "words"),
    [("Priceless", "None is no number"), ("Puzzled", "no price list"), ("Dull", "learn failed .KeyError")],
)
def test_an_engine_that_fails_before_anything_is_sent(make_book: Callable[..., Book], engine: str, words: str) -> None:
    book = make_book(FILES, languages=("es",), engine=f"{__name__}:{engine}")
    with pytest.raises(EngineError, match=words):
        book.build()
    assert not book.catalog("es", "index").exists()
    assert not book.localized("es").exists()


@pytest.mark.parametrize(
    ("languages", "limit", "words"),
    [
        (("es",), 0.5, "es: this run would cost about $0.60, more than amts_max_cost = 0.5. Nothing was sent."),
        (("es", "fr"), 1, "es, fr: this run would cost about $1.20, more than amts_max_cost = 1. Nothing was sent."),
        ({"es": {"max_cost": 0.1}, "fr": {}}, 9, "es: this run would cost about $0.60, more than amts_max_cost = 0.1."),
    ],
)
def test_a_run_is_never_dearer_than_its_limit(
    make_book: Callable[..., Book], capsys: pytest.CaptureFixture[str], languages: Any, limit: float, words: str
) -> None:
    book = make_book(FILES, languages=languages, engine=f"{__name__}:Dear", conf=f"amts_max_cost = {limit}\n")
    with pytest.raises(ConfigurationError, match=re.escape(words)):
        book.build()
    assert not book.catalog("es", "index").exists()
    assert not book.localized("es").exists()
    assert cli.main(["estimate", str(book.source), "--json"]) == 0, "to say what it costs is no cost"
    assert json.loads(capsys.readouterr().out)["es"]["estimated_cost"] == 0.6


def test_a_limit_may_be_given_on_the_command_line(make_book: Callable[..., Book]) -> None:
    book = make_book(FILES, languages=("es",), engine=f"{__name__}:Dear")
    with pytest.raises(ConfigurationError, match=re.escape("more than amts_max_cost = 0.5")):
        book.build(amts_max_cost="0.5")  # as "-D amts_max_cost=0.5" has it
    assert book.build(amts_max_cost="0.7").status == 0


def test_a_language_with_a_limit_of_its_own_is_not_counted_with_the_others(make_book: Callable[..., Book]) -> None:
    languages = {"es": {"max_cost": 2}, "fr": {}}
    book = make_book(FILES, languages=languages, engine=f"{__name__}:Dear", conf="amts_max_cost = 1\n")
    assert book.build().summary["fr"]["estimated_cost"] == 0.6


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no signal to one thread")
def test_nothing_more_is_sent_after_an_interrupt(make_book: Callable[..., Book]) -> None:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it
    book = make_book(FILES, languages=("es",), engine=f"{__name__}:Interrupted")
    with pytest.raises(KeyboardInterrupt):
        book.build()
    signal.signal(signal.SIGINT, before)
    assert Interrupted.calls == 1
