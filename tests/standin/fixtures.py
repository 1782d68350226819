"""Fixtures for tests against the stand-in; a test module imports them by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sphinx_amts.engines.amazon import AmazonEngine
from sphinx_amts.model import Pipeline

from . import BUCKET, REGION, ROLE, StandIn
from .server import CREDENTIALS

Make = Callable[..., AmazonEngine]


def settings(standin: StandIn, **more: Any) -> dict[str, Any]:
    """The usual ``amts_amazon``."""
    usual = {
        "region": REGION,
        "bucket": BUCKET,
        "role_arn": ROLE,
        "prefix": "amts/book",
        "endpoint_url": standin.endpoint,
    }
    return {name: value for name, value in {**usual, **more}.items() if value is not ...}


def pipeline(folder: Path, language: str, amazon: dict[str, Any], **more: Any) -> Pipeline:
    """One language's settings."""
    usual = {"language": language, "source_language": "en", "confdir": folder, "engine": "amazon"}
    places = {"state": folder / ".amts" / language, "output": folder / language}
    return Pipeline(**{**usual, **places, **more}, amazon=amazon)


@pytest.fixture(scope="module")
def running_standin() -> Iterator[StandIn]:
    with StandIn() as standin:
        yield standin


@pytest.fixture
def standin(running_standin: StandIn, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[StandIn]:
    """An empty account, and an AWS configuration that knows nothing else."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", CREDENTIALS["aws_access_key_id"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", CREDENTIALS["aws_secret_access_key"])
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "no-config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "no-credentials"))
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    running_standin.reset()
    yield running_standin
    assert not running_standin.faults


@pytest.fixture
def make(standin: StandIn, tmp_path: Path) -> Make:
    """Make an engine; keyword arguments are settings of ``amts_amazon`` (``...`` removes one)."""

    def build(language: str = "zh_CN", *, more: dict[str, Any] | None = None, **amazon: Any) -> AmazonEngine:
        chosen = pipeline(tmp_path, language, settings(standin, **amazon), **(more or {}))
        return AmazonEngine(chosen, clock=standin.clock)

    return build
