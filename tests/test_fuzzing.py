"""Every case that a fuzzer has found, and every seed that it begins with, is replayed."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("myst_parser", reason="one of the targets reads Markdown")

from tests.fuzzing import TARGETS

CORPUS = Path(__file__).parent / "corpus"
CASES = sorted(path.relative_to(CORPUS).as_posix() for path in CORPUS.rglob("*") if path.is_file())


@pytest.mark.parametrize("case", CASES)
def test_case(case: str) -> None:
    TARGETS[case.split("/", maxsplit=1)[0]]((CORPUS / case).read_bytes())


def test_every_target_has_cases() -> None:
    assert {case.split("/")[0] for case in CASES} == set(TARGETS)
