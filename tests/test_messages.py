"""What a newcomer is told: misspelled options, where the book is, and plain text where nobody looks at a terminal."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import pytest

from tests.conftest import Book

MakeBook = Callable[..., Book]


def test_a_misspelled_option_is_named(make_book: MakeBook) -> None:
    book = make_book({"index.rst": "Title\n=====\n"}, conf="amts_paralel_data = []\namts_own_helper = 1\n")
    built = book.build()
    assert "amts_paralel_data: no such option. Did you mean amts_parallel_data?" in built.warnings
    assert "amts_own_helper" not in built.warnings


def test_the_output_closes_with_the_next_step(make_book: MakeBook, monkeypatch: pytest.MonkeyPatch) -> None:
    book = make_book({"index.rst": "Title\n=====\n"}, languages=("zh_CN", "es"))
    monkeypatch.chdir(book.folder)
    lines = [line for line in book.build().output.splitlines() if "see it with" in line]
    assert lines == [
        f"{language}: see it with: sphinx-build -b html out/amts/{language} HTML" for language in ("zh_CN", "es")
    ]


def test_commands_print_no_colours_into_files(make_book: MakeBook) -> None:
    book = make_book({"index.rst": "Title\n=====\n"}, languages=())
    command = [sys.executable, "-m", "sphinx_amts.cli", "status", str(book.source)]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=True)
    assert "amts_languages is empty" in done.stderr
    assert "\x1b" not in done.stderr + done.stdout
