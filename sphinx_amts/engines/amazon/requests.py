"""The parameters that a language pair and the settings give to every call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sphinx_amts.engines.amazon.languages import FORMALITY, amazon_code
from sphinx_amts.engines.amazon.settings import Settings
from sphinx_amts.engines.amazon.state import digest
from sphinx_amts.model import ConfigurationError


@dataclass(frozen=True, slots=True)
class Pair:
    """Source and target language."""

    source: str
    """Amazon's code of the source language."""
    target: str
    """Amazon's code of the target language."""


def language_pair(source: str, target: str) -> Pair:
    """Map Sphinx's codes to Amazon's; raise :class:`ConfigurationError` for a language that it does not have."""
    pair = Pair(amazon_code(source, "language"), amazon_code(target, "amts_languages"))
    if pair.source == pair.target:
        raise ConfigurationError(
            f"amts_languages: {target!r} is to Amazon Translate the same language as the source's {source!r}. "
            "Choose another language or engine."
        )
    return pair


def style(settings: Settings, pair: Pair) -> str:
    """Return a digest of what a reader would notice: translations of different styles are never mixed."""
    brevity = "brevity" if settings.brevity else ""
    return digest("1", pair.source, pair.target, _formality(settings, pair), settings.profanity or "", brevity)[:16]


def batch_request(settings: Settings, pair: Pair, terminology: str | None, parallel_data: str | None) -> dict[str, Any]:
    """Return the parameters of StartTextTranslationJob that do not depend on the documents."""
    request: dict[str, Any] = {
        "DataAccessRoleArn": settings.role_arn,
        "SourceLanguageCode": pair.source,
        "TargetLanguageCodes": [pair.target],
        **_options(settings, pair, terminology, brevity=False),
    }
    if parallel_data:
        request["ParallelDataNames"] = [parallel_data]
    if settings.kms_key:
        request["OutputDataConfig"] = {"EncryptionKey": {"Type": "KMS", "Id": settings.kms_key}}
    return request


def realtime_request(settings: Settings, pair: Pair, terminology: str | None) -> dict[str, Any]:
    """Return the parameters of a real-time call that do not depend on the text."""
    options = _options(settings, pair, terminology, brevity=settings.brevity)
    return {"SourceLanguageCode": pair.source, "TargetLanguageCode": pair.target, **options}


def _options(settings: Settings, pair: Pair, terminology: str | None, *, brevity: bool) -> dict[str, Any]:
    chosen = {
        "Formality": _formality(settings, pair),
        "Profanity": settings.profanity or "",
        "Brevity": "ON" if brevity else "",
    }
    options: dict[str, Any] = {}
    if any(chosen.values()):
        options["Settings"] = {name: value for name, value in chosen.items() if value}
    if terminology:
        options["TerminologyNames"] = [terminology]
    return options


def _formality(settings: Settings, pair: Pair) -> str:
    """Return the formality to ask for; a language without one ignores it in one call and fails in another."""
    return settings.formality if settings.formality and pair.target in FORMALITY else ""
