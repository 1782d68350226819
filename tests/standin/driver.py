"""One run of the engine in a process of its own, to be killed."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from sphinx_amts.engines.amazon import AmazonEngine

from .book import TERMS, pairs, sentences
from .clock import StandInClock
from .server import CREDENTIALS
from .setup import pipeline

BOOK = sentences(150, words=60)
LARGE_BOOK = sentences(600, words=60)


def run(
    folder: str, endpoint: str, amazon: dict[str, Any], custom: bool, segments: list[str] | None = None
) -> list[str | None]:
    """Translate *segments* with the engine whose state lies in *folder*; by default a book, without parallel data a large one."""
    engine = AmazonEngine(pipeline(Path(folder), "zh_CN", amazon), clock=StandInClock(endpoint))
    if custom:
        engine.learn(pairs(5))
        engine.use_terms(TERMS)
    return engine.translate(segments or (BOOK if custom else LARGE_BOOK), "en", "zh_CN")


def child(folder: str, endpoint: str, amazon: dict[str, Any], custom: bool, segments: list[str] | None = None) -> None:
    """:func:`run` as the whole life of a process."""
    os.environ["AWS_ACCESS_KEY_ID"] = CREDENTIALS["aws_access_key_id"]
    os.environ["AWS_SECRET_ACCESS_KEY"] = CREDENTIALS["aws_secret_access_key"]
    os.environ["AWS_CONFIG_FILE"] = os.environ["AWS_SHARED_CREDENTIALS_FILE"] = str(Path(folder) / "none")
    run(folder, endpoint, amazon, custom, segments)


def child_killed_while_writing(folder: str, endpoint: str, amazon: dict[str, Any], write: int, when: str) -> None:
    """Like :func:`child`, and dies before or after state file number *write* is put in its place."""
    replace = Path.replace
    count = 0

    def dying(self: Path, target: Path) -> Path:
        nonlocal count
        count += 1
        if count == write and when == "before":
            os._exit(137)
        result = replace(self, target)
        if count == write:
            os._exit(137)
        return result

    Path.replace = dying  # type: ignore[assignment,method-assign]
    child(folder, endpoint, amazon, custom=True)
