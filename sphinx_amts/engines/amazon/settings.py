"""The engine's settings: ``amts_amazon`` in ``conf.py``, checked before anything is sent."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sphinx_amts.model import ConfigurationError, Pipeline

MODES = ("auto", "batch", "realtime")

# Patterns of the service model (botocore, translate 2017-07-01), tightened where the model lets nonsense through.
_BUCKET = re.compile(r"[a-z0-9][.\-a-z0-9]{1,61}[a-z0-9]")
_ROLE = re.compile(r"arn:aws(-[^:]+)?:iam::[0-9]{12}:role/.+")
_KMS = re.compile(
    r"(arn:aws((-us-gov)|(-iso)|(-iso-b)|(-cn))?:kms:)?([a-z]{2}-[a-z]+(-[a-z]+)?-\d:)?(\d{12}:)?"
    r"(((key/)?[a-zA-Z0-9_-]+)|(alias/[a-zA-Z0-9:/_-]+))"
)
_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d+")
_PREFIX = re.compile(r"[A-Za-z0-9!_.*'()-]+(/[A-Za-z0-9!_.*'()-]+)*")


@dataclass(frozen=True, slots=True)
class Settings:
    """What ``amts_amazon`` says, with defaults filled in."""

    region: str | None
    """AWS region; ``None`` takes that of the user's AWS configuration."""
    bucket: str | None
    """S3 bucket for parallel data and batch jobs; ``None`` leaves only real-time calls."""
    prefix: str
    """Folder in the bucket, without a slash at either end; never empty, so that no job reads the bucket's root."""
    role_arn: str | None
    """IAM role that batch jobs read and write the bucket with."""
    profile: str | None
    """Profile of the user's AWS configuration; ``None`` is the default one."""
    endpoint_url: str | None
    """Another address of the services, for proxies and stand-ins."""
    kms_key: str | None
    """KMS key that encrypts uploads, outputs, parallel data and terminologies; ``None`` is the bucket's own default."""
    mode: str
    """``auto``, ``batch`` or ``realtime``."""
    formality: str | None
    """``FORMAL``, ``INFORMAL`` or ``None``; sent only for languages that have it."""
    profanity: str | None
    """``MASK`` or ``None``."""
    brevity: bool
    """Whether shorter translations are preferred; real-time calls only."""
    poll_seconds: float
    """Seconds before a running job is first looked at again; the wait grows from there."""
    stop_on_interrupt: bool
    """Whether Ctrl-C stops running batch jobs; otherwise they run on and the next run picks them up."""


def read_settings(pipeline: Pipeline) -> Settings:
    """Read and check ``amts_amazon``; raise :class:`ConfigurationError` for what is wrong. Nothing is sent."""
    given = pipeline.amazon
    accepted = tuple(Settings.__dataclass_fields__)
    for name in given:
        if name not in accepted:
            raise ConfigurationError(f"amts_amazon[{name!r}]: no such setting. Accepted: {', '.join(accepted)}.")
    settings = Settings(
        region=_text(given, "region", _REGION, "an AWS region such as 'us-east-1'"),
        bucket=_text(given, "bucket", _BUCKET, "the name of an S3 bucket; a folder in it is amts_amazon['prefix']"),
        prefix=_prefix(given, pipeline),
        role_arn=_text(given, "role_arn", _ROLE, "an ARN such as 'arn:aws:iam::123456789012:role/translate'"),
        profile=_text(given, "profile", None, "the name of a profile in the AWS configuration"),
        endpoint_url=_text(given, "endpoint_url", re.compile(r"https?://[^/]+.*"), "an http:// or https:// address"),
        kms_key=_text(given, "kms_key", _KMS, "a KMS key id, key ARN or alias"),
        mode=_choice(given, "mode", MODES) or "auto",
        formality=_upper(_choice(given, "formality", ("formal", "informal"))),
        profanity=_upper(_choice(given, "profanity", ("mask",))),
        brevity=_flag(given, "brevity"),
        poll_seconds=_seconds(given, "poll_seconds", 20.0),
        stop_on_interrupt=_flag(given, "stop_on_interrupt"),
    )
    _check_together(settings, pipeline)
    return settings


def _check_together(settings: Settings, pipeline: Pipeline) -> None:
    if settings.mode == "batch" and settings.brevity:
        raise ConfigurationError("amts_amazon['brevity'] = True: batch jobs do not offer it. Use mode 'realtime'.")
    batch = settings.mode == "batch"
    customised = settings.mode == "auto" and bool(pipeline.parallel_data)
    for name in ("bucket", "role_arn"):
        if getattr(settings, name) is None and (batch or customised):
            why = "mode 'batch' needs it" if batch else "amts_parallel_data is used by batch jobs only, which need it"
            raise ConfigurationError(
                f"amts_amazon[{name!r}] is not set: {why}. Set it, or choose amts_amazon['mode'] = 'realtime'."
            )


def _wrong(name: str, value: object, accepted: str) -> ConfigurationError:
    return ConfigurationError(f"amts_amazon[{name!r}] = {value!r}: not accepted. Accepted: {accepted}.")


def _text(given: Mapping[str, Any], name: str, pattern: re.Pattern[str] | None, accepted: str) -> str | None:
    value = given.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or not value or (pattern is not None and not pattern.fullmatch(value)):
        raise _wrong(name, value, accepted)
    return value


def _prefix(given: Mapping[str, Any], pipeline: Pipeline) -> str:
    value = given.get("prefix")
    if value is None:
        return "amts/" + (re.sub(r"[^A-Za-z0-9-]+", "-", pipeline.confdir.resolve().name).strip("-") or "book")
    folder = value.strip("/") if isinstance(value, str) else ""
    if not _PREFIX.fullmatch(folder) or len(folder) > 400:
        raise _wrong("prefix", value, "a folder in the bucket such as 'amts/my-book', not the bucket's root")
    if "details" in folder.split("/"):
        # The service keeps its own files in folders of this name and refuses them in the input.
        raise _wrong("prefix", value, "a folder in the bucket with no part called 'details'")
    return folder


def _choice(given: Mapping[str, Any], name: str, accepted: tuple[str, ...]) -> str | None:
    value = given.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or value.lower() not in accepted:
        raise _wrong(name, value, ", ".join(repr(choice) for choice in accepted) + " or None")
    return value.lower()


def _upper(value: str | None) -> str | None:
    return None if value is None else value.upper()


def _flag(given: Mapping[str, Any], name: str) -> bool:
    value = given.get(name, False)
    if isinstance(value, str) and value.lower() == "on":
        return True
    if value is None or isinstance(value, bool):
        return bool(value)
    raise _wrong(name, value, "True or False")


def _seconds(given: Mapping[str, Any], name: str, default: float) -> float:
    value = given.get(name, default)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value <= 3600:
        raise _wrong(name, value, "a number of seconds above 0 and up to 3600")
    return float(value)
