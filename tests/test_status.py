"""What ``amts status`` says, and the exit status by which a pipeline knows."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from sphinx_amts import cli
from tests.conftest import Book

PAGE = "Title\n=====\n\nThe first sentence. The second sentence.\n"


@pytest.fixture
def book(make_book: Callable[..., Book]) -> Book:
    """A book whose paragraph a person has translated."""
    book = make_book({"index.rst": PAGE})
    book.build()
    catalog = book.catalog("zh_CN", "index")
    text = catalog.read_text(encoding="utf-8")
    machine = next(line for line in text.splitlines() if line.startswith("msgstr") and "。" in line)
    catalog.write_text(text.replace(machine, 'msgstr "第一句。第二句。"'), encoding="utf-8")
    return book


def _total(book: Book, capsys: pytest.CaptureFixture[str], *more: str) -> tuple[int, dict[str, float]]:
    capsys.readouterr()
    status = cli.main(["status", str(book.source), "--json", *more])
    return status, json.loads(capsys.readouterr().out)["zh_CN"]["total"]


def test_an_edit_under_a_persons_text_is_stale_before_any_build(book: Book, capsys: pytest.CaptureFixture[str]) -> None:
    status, total = _total(book, capsys, "--fail-if-stale")
    assert (status, total["human"], total["stale"]) == (0, 1, 0)
    book.edit("index.rst", "The second sentence", "The other sentence")
    status, total = _total(book, capsys, "--fail-if-stale")
    assert (status, total["human"], total["stale"]) == (1, 0, 1)
    assert _total(book, capsys)[0] == 0
    assert "amts-new" not in book.catalog("zh_CN", "index").read_text(encoding="utf-8")


def test_a_line_break_and_a_machines_text_are_not(book: Book, capsys: pytest.CaptureFixture[str]) -> None:
    book.edit("index.rst", "sentence. The", "sentence.\nThe")
    book.edit("index.rst", "Title\n=====", "Name\n====")
    status, total = _total(book, capsys, "--fail-if-stale")
    assert (status, total["stale"], total["untranslated"]) == (0, 0, 1)


def test_the_table_fits_a_narrow_terminal(
    book: Book, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    book.write({"chapter-with-a-long-name/and-a-long-page.rst": ":orphan:\n\nPage\n====\n"})
    capsys.readouterr()
    assert cli.main(["status", str(book.source)]) == 0
    shown = capsys.readouterr().out
    assert "…" not in shown
    assert all(name in shown for name in ("document", "translated", "untranslated", "conflicts", "to read"))


@pytest.mark.parametrize("command", cli.COMMANDS)
def test_each_help_has_an_example_that_is_accepted(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        cli.main([command, "--help"])
    assert stop.value.code == 0
    _, _, example = capsys.readouterr().out.partition("example:\n")
    lines = [line.split() for line in example.splitlines() if line.strip()]
    assert lines
    for program, *arguments in lines:
        assert program == "amts"
        assert cli.parser().parse_args(arguments).command == command
