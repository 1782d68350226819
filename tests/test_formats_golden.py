"""Traps of writing localized sources: a source, a translation, and what must stand in the localized file.

Each folder of ``tests/golden`` is one trap: ``source.rst`` or ``source.md``, ``translation.tsv`` (segment, tab, translation,
both as HTML fragments) and ``expected.rst`` or ``expected.md``. The numbers 20 and 21 (notebooks and d2lbook's Markdown)
belong to the tests of their formats.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Book

GOLDEN = Path(__file__).parent / "golden"
CASES = sorted(path.name for path in GOLDEN.iterdir())
PIXEL = bytes.fromhex("47494638396101000100800000000000ffffff2c00000000010001000002024401003b")
CONF = """
extensions += ["myst_parser"]
myst_enable_extensions = ["dollarmath", "deflist", "colon_fence"]
"""


def _table(case: str) -> dict[str, str]:
    lines = (GOLDEN / case / "translation.tsv").read_text(encoding="utf-8").splitlines()
    return dict(line.split("\t") for line in lines)


class Table:
    """An engine that answers from the golden files."""

    name = "table"

    def __init__(self, pipeline: Any) -> None:
        self.table = {source: target for case in CASES for source, target in _table(case).items()}

    def translate(self, segments: Sequence[str], source: str, target: str) -> list[str | None]:
        return [self.table.get(segment) for segment in segments]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Book, str]:
    """All traps as the documents of one book, localized; with the warnings of the build."""
    book = Book(tmp_path_factory.mktemp("golden"))
    conf = 'project = "Traps"\nextensions = ["sphinx_amts"]\namts_languages = ["zh_CN"]\n'
    conf += f'amts_engine = "{__name__}:Table"\n{CONF}'
    names = "".join(f"   {case}\n" for case in CASES)
    book.write({"conf.py": conf, "index.rst": f".. toctree::\n\n{names}"})
    for case in CASES:
        (source,) = (GOLDEN / case).glob("source.*")
        (book.source / f"{case}{source.suffix}").write_bytes(source.read_bytes())
    (book.source / "picture.png").write_bytes(PIXEL)
    return book, book.build().warnings


@pytest.mark.parametrize("case", CASES)
def test_trap(case: str, built: tuple[Book, str]) -> None:
    book, warnings = built
    (expected,) = (GOLDEN / case).glob("expected.*")
    found = book.localized("zh_CN", f"{case}{expected.suffix}").read_bytes().decode()
    assert found == expected.read_bytes().decode()
    assert case not in warnings


def test_the_localized_book_builds_without_new_warnings(built: tuple[Book, str]) -> None:
    book, _warnings = built
    before = book.build("html").warnings
    after = book.build("html", book.localized("zh_CN")).warnings
    assert len(after.splitlines()) <= len(before.splitlines()), after
