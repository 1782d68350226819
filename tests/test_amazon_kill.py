"""Killed at any moment and run again: the same result, and nothing billed twice."""

from __future__ import annotations

import argparse
import multiprocessing
import random
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("boto3", reason="the amazon engine needs boto3")
pytest.importorskip("moto", reason="the stand-in is built on moto")

from sphinx_amts.cli.book import opened
from sphinx_amts.engines.amazon.markup import characters
from sphinx_amts.engines.amazon.realtime import CONCURRENCY
from tests.conftest import copy_example
from tests.standin import StandIn, driver
from tests.standin.setup import settings

pytest_plugins = ["tests.standin.fixtures"]
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL on Windows")

MOMENTS = 20
PHASES = {
    "upload": {"PutObject", "ListObjectsV2"},
    "create": {"CreateParallelData", "GetParallelData", "ImportTerminology"},
    "start": {"StartTextTranslationJob"},
    "poll": {"DescribeTextTranslationJob"},
    "download": {"GetObject"},
}
ALL = sum(characters(segment) for segment in driver.BOOK)


@pytest.fixture(scope="module")
def processes() -> Any:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["boto3", "tests.standin.driver"])
    return context


def chosen(standin: StandIn) -> dict[str, Any]:
    return settings(standin, poll_seconds=60)


@pytest.fixture(scope="module")
def example() -> list[str]:
    """The segments of the example book that a first build sends."""
    pytest.importorskip("myst_parser", reason="the example book has Markdown pages")
    with tempfile.TemporaryDirectory() as folder:
        book = Path(folder) / "book"
        copy_example(book)
        arguments = argparse.Namespace(book=book, confdir=None, language=["zh_CN"])
        with opened(arguments, prepare=True) as runs:
            return [segment.html for segment in runs[0].missing]


def reference(standin: StandIn, folder: Path, segments: list[str] | None = None) -> tuple[list[str | None], list[str]]:
    """The result of a run that nothing happens to, and its requests in order."""
    result = driver.run(str(folder / "reference"), standin.endpoint, chosen(standin), True, segments)
    operations = [request.operation for request in standin.requests]
    assert standin.billed == (ALL if segments is None else sum(map(characters, segments)))
    standin.reset()
    return result, operations


def kill_at(
    standin: StandIn, processes: Any, folder: Path, number: int, when: str, segments: list[str] | None = None
) -> None:
    """Start a run and kill it before or after request *number* is carried out."""
    arguments = (str(folder), standin.endpoint, chosen(standin), True, segments)
    process = processes.Process(target=driver.child, args=arguments)
    standin.forget_requests()
    standin.switches.kill = (number, when)
    process.start()
    standin.switches.victim = process.pid
    process.join(60)
    assert process.exitcode == -9
    standin.switches.kill = None


@pytest.mark.slow
def test_twenty_random_moments(standin: StandIn, processes: Any, tmp_path: Path, example: list[str]) -> None:
    """The example book in a batch job with parallel data."""
    assert len(example) > 300
    wanted, operations = reference(standin, tmp_path, example)
    total = sum(map(characters, example))
    draw = random.Random(7)
    # A few moments of every phase, the rest anywhere.
    numbers = [
        draw.choice([number for number, operation in enumerate(operations, 1) if operation in members])
        for members in PHASES.values()
        for _ in range(3)
    ]
    numbers += [draw.randint(1, len(operations)) for _ in range(MOMENTS - len(numbers))]
    for moment, number in enumerate(numbers):
        when = draw.choice(["before", "after"])
        standin.reset()
        folder = tmp_path / f"moment-{moment}"
        kill_at(standin, processes, folder, number, when, example)
        where = f"{when} request {number} ({operations[number - 1]})"
        assert driver.run(str(folder), standin.endpoint, chosen(standin), True, example) == wanted, where
        assert standin.billed == total, where
        assert len(standin.backend.jobs) == 1, where
        assert len(standin.backend.resources) == 1, where
        assert next(iter(standin.backend.resources.values())).version == 1, where


def test_killed_again_and_again(standin: StandIn, processes: Any, tmp_path: Path) -> None:
    """Every run is killed a little later than the one before, until one comes through."""
    wanted, _ = reference(standin, tmp_path)
    folder = tmp_path / "again"
    for number in range(1, 7):
        kill_at(standin, processes, folder, number, "after" if number % 2 else "before")
    assert driver.run(str(folder), standin.endpoint, chosen(standin), custom=True) == wanted
    assert standin.billed == ALL
    assert len(standin.backend.jobs) == 1


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("write", [1, 2, 3, 4, 5, 7])
def test_killed_while_state_is_written(standin: StandIn, processes: Any, tmp_path: Path, write: int, when: str) -> None:
    arguments = (str(tmp_path), standin.endpoint, chosen(standin), write, when)
    process = processes.Process(target=driver.child_killed_while_writing, args=arguments)
    process.start()
    process.join(60)
    assert process.exitcode == 137
    driver.run(str(tmp_path), standin.endpoint, chosen(standin), custom=True)
    assert standin.billed == ALL
    assert len(standin.backend.jobs) == 1


def test_real_time_calls_lose_at_most_what_was_under_way(standin: StandIn, processes: Any, tmp_path: Path) -> None:
    """The service cannot repeat a real-time call, so what was in flight is billed again, and nothing else."""
    realtime = settings(standin, mode="realtime")
    wanted = driver.run(str(tmp_path / "reference"), standin.endpoint, realtime, custom=False)
    calls = len(standin.calls("TranslateDocument"))
    assert calls > 10
    standin.reset()
    folder = tmp_path / "killed"
    process = processes.Process(target=driver.child, args=(str(folder), standin.endpoint, realtime, False))
    standin.switches.kill = (8, "after")
    process.start()
    standin.switches.victim = process.pid
    process.join(60)
    assert process.exitcode == -9
    stored = len(list((folder / ".amts" / "zh_CN" / "amazon" / "results").glob("*.json")))
    assert 8 - CONCURRENCY <= stored < calls
    assert driver.run(str(folder), standin.endpoint, realtime, custom=False) == wanted
    assert calls <= len(standin.calls("TranslateDocument")) <= calls + CONCURRENCY
