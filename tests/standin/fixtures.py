"""Fixtures for tests against the stand-in: a pytest plugin that a test module names in ``pytest_plugins``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sphinx_amts.engines.amazon import AmazonEngine

from . import StandIn
from .setup import Make, environment, pipeline, settings


@pytest.fixture(scope="module")
def running_standin() -> Iterator[StandIn]:
    with StandIn() as standin:
        yield standin


@pytest.fixture
def standin(running_standin: StandIn, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[StandIn]:
    """An empty account."""
    environment(monkeypatch, tmp_path)
    running_standin.reset()
    yield running_standin
    assert not running_standin.faults


@pytest.fixture
def make_engine(standin: StandIn, tmp_path: Path) -> Make:
    """Make an engine; keyword arguments are settings of ``amts_amazon`` (``...`` removes one)."""

    def build(language: str = "zh_CN", *, more: dict[str, Any] | None = None, **amazon: Any) -> AmazonEngine:
        chosen = pipeline(tmp_path, language, settings(standin, **amazon), **(more or {}))
        return AmazonEngine(chosen, clock=standin.clock)

    return build
