"""Where the output goes: inside the source folder or outside of it, and what a book needs of its folders and conf.py."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sphinx_amts import cli, config
from sphinx_amts.builder import conf
from sphinx_amts.builder.console import _is_sphinx_build
from sphinx_amts.model import AmtsError, ConfigurationError
from tests.conftest import Book, build

MakeBook = Callable[..., Book]
FILES = {"index.rst": "Tea\n===\n\nWarm *the pot*.\n"}


def _documents(book: Book, capsys: pytest.CaptureFixture[str]) -> str:
    """What ``amts status`` says, with a row for each document."""
    assert cli.main(["status", str(book.source)]) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("place", ["out", "out/amts", "out [1]", "_build/amts"])
def test_an_output_folder_inside_the_source_folder_is_no_chapter(
    make_book: MakeBook, place: str, capsys: pytest.CaptureFixture[str]
) -> None:
    book = make_book(FILES, languages=("es",), conf="exclude_patterns = []\n")
    build(book.source, book.source / place, "amts")
    assert (book.source / place / "es" / "index.rst").is_file()
    table = _documents(book, capsys)
    assert "index" in table
    assert "es/index" not in table
    assert not book.build("html").warnings
    other = build(book.source, book.source / "other", "amts")
    assert other.summary["es"]["documents"] == 1
    assert other.summary["es"]["sent_segments"] == 0
    assert sorted(one.name for one in (book.source / "other" / "es").iterdir()) == sorted(
        one.name for one in (book.source / place / "es").iterdir()
    )


@pytest.mark.parametrize(
    ("languages", "settings"),
    [
        ({"es": {"output": "own"}}, ""),
        ({"es": {"output": "in-{language}"}, "zh_CN": {}}, ""),
        (("es", "zh_CN"), "amts_output = 'trees/{language}'\n"),
    ],
)
def test_a_tree_inside_the_source_folder_is_no_chapter(
    make_book: MakeBook, languages: Any, settings: str, capsys: pytest.CaptureFixture[str]
) -> None:
    book = make_book(FILES, languages=languages, conf=settings)
    book.build()
    assert len([*book.source.rglob("index.rst")]) > 1
    assert not book.build("html").warnings
    assert book.build().summary["es"]["documents"] == 1
    assert "/index" not in _documents(book, capsys)


def test_another_programs_amts_json_hides_nothing(make_book: MakeBook) -> None:
    chapter = {"part/page.rst": "Page\n====\n\nMore tea.\n", "part/amts.json": '{"es": 1}', "amts.json": "[1]"}
    files = {"index.rst": FILES["index.rst"] + "\n.. toctree::\n\n   part/page\n"}
    assert make_book({**files, **chapter}, languages=("es",)).build().summary["es"]["documents"] == 2


def test_hidden_folders_are_there_if_conf_py_names_them(make_book: MakeBook) -> None:
    files = FILES | {".static/tea.css": "p {}\n", ".private/note.txt": "mine\n"}
    book = make_book(files, languages=("es",), conf="html_static_path = ['.static']\n")
    book.build()
    assert book.localized("es", ".static/tea.css").read_text(encoding="utf-8") == "p {}\n"
    assert not book.localized("es", ".private").exists()
    assert not book.build("html", book.localized("es")).warnings


def test_empty_folders_are_there(make_book: MakeBook) -> None:
    book = make_book(FILES, languages=("es",), conf='html_static_path = ["_static"]\ntemplates_path = ["_templates"]\n')
    (book.source / "_static").mkdir()
    (book.source / "_templates" / "more").mkdir(parents=True)
    book.build()
    assert book.localized("es", "_templates/more").is_dir()
    assert not book.build("html").warnings
    assert not book.build("html", book.localized("es")).warnings


# -- conf.py -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (b'\xef\xbb\xbflanguage = "en"\n', b'\xef\xbb\xbflanguage = "es"\n'),
        (
            b'# -*- coding: latin-1 -*-\nauthor = "Ren\xe9"\n',
            b'# -*- coding: latin-1 -*-\nauthor = "Ren\xe9"\n\nlanguage = "es"\n',
        ),
        (
            b'x = 1\n\x0c\nlanguage = "en"\ny = "a\xe2\x80\xa8b"\n',
            b'x = 1\n\x0c\nlanguage = "es"\ny = "a\xe2\x80\xa8b"\n',
        ),
        (
            b'x = "a\xe2\x80\xa8b"\r\nlanguage = "en"  # ours\r\n',
            b'x = "a\xe2\x80\xa8b"\r\nlanguage = "es"  # ours\r\n',
        ),
    ],
)
def test_conf_py_in_any_encoding(source: bytes, expected: bytes) -> None:
    assert conf.localized_bytes(source, "es", Path("/x/book"), Path("/x/out/es")) == expected


def test_conf_py_that_looks_around_in_a_folder_with_other_letters() -> None:
    source = b"# coding: latin-1\n\x0c\nimport os\nhere = os.getcwd()  # Ren\xe9\n"
    text = conf.localized_bytes(source, "es", Path("/x/book 书"), Path("/x/out/es")).decode("latin-1")
    assert "'../../book \\u4e66'" in text
    compile(text.encode("latin-1"), "conf.py", "exec")


# -- options -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ("amts_languages = {1: {}}\n", ["amts_languages = {1: {}}", "Accepted"]),
        ("amts_languages = 5\namts_output = 'x'\n", ["amts_languages = 5", "Accepted"]),
        ("amts_languages = {'es': 5}\n", ["amts_languages = {'es': 5}", "Accepted"]),
        ("amts_languages = {'es': {'amts_engine': 'x'}}\n", ["'es'", "'amts_engine': 'x'", "Accepted: engine, "]),
        ("amts_languages = ['zh_cn']\n", ["'zh_cn'", "Accepted", "'zh_CN'"]),
        ("amts_languages = ['EN']\n", ["'EN'", "Accepted", "'en'"]),
        ("amts_languages = ['zh_hans_CN']\n", ["'zh_hans_CN'", "'zh_Hans_CN'"]),
        ("amts_terminology = ['none.csv']\n", ["amts_terminology: ", "none.csv"]),
        ("amts_parallel_data = ['none.csv']\n", ["amts_parallel_data: ", "none.csv"]),
        ("amts_output = 'index.rst'\n", ["index.rst", "is a file", "amts_output"]),
    ],
)
def test_a_wrong_option_is_named_with_what_is_accepted(make_book: MakeBook, settings: str, words: list[str]) -> None:
    with pytest.raises(AmtsError) as error:
        make_book(FILES, conf=settings).build()
    assert all(word in str(error.value) for word in words), str(error.value)


@pytest.mark.parametrize("code", ["zh_CN", "zh_Hans_CN", "es", "pt_BR", "sr@latin", "ca@valencia", "es_419", "sr_Latn"])
def test_codes_that_are_accepted(code: str) -> None:
    config.check_language(code, "amts_languages")


def test_a_code_with_a_hyphen_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="Did you mean 'pt_BR'"):
        config.check_language("pt-BR", "amts_languages")


@pytest.mark.parametrize(
    "program", ["bin/sphinx-build", "sphinx/__main__.py", "sphinx/cmd/build.py", "sphinx-build.exe"]
)
def test_the_ways_to_call_sphinx_build(program: str) -> None:
    assert _is_sphinx_build(Path(program))
