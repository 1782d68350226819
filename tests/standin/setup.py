"""Settings for engines that talk to the stand-in."""

from __future__ import annotations

from collections.abc import Callable
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
    usual["parallel_data"] = (folder / "pairs.csv",)
    places = {"state": folder / ".amts" / language, "output": folder / language}
    return Pipeline(**{**usual, **places, **more}, amazon=amazon)


def environment(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """An AWS configuration that knows the stand-in's credentials and nothing else."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", CREDENTIALS["aws_access_key_id"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", CREDENTIALS["aws_secret_access_key"])
    monkeypatch.setenv("AWS_CONFIG_FILE", str(folder / "no-config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(folder / "no-credentials"))
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)


def stop_at_first_look(engine: AmazonEngine) -> None:
    """Let Ctrl-C arrive when the engine first waits for a job."""
    sleep = engine._service.sleep

    def interrupted(seconds: float) -> None:
        if any(job.state == "running" for job in engine._records._all()):
            raise KeyboardInterrupt
        sleep(seconds)

    engine._service.sleep = interrupted  # type: ignore[method-assign]
