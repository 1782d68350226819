"""Language codes in files of pairs: read leniently, written as Amazon Translate spells them."""

from __future__ import annotations

from collections.abc import Sequence

_SCRIPTS = {"zh_hans": "zh_cn", "zh_hans_cn": "zh_cn", "zh_hant": "zh_tw", "zh_hant_tw": "zh_tw"}
_REGIONS = {"zh_tw": "zh-TW", "pt_pt": "pt-PT", "fr_ca": "fr-CA", "es_mx": "es-MX"}
"""Languages that Amazon Translate tells apart by region; of every other it takes the bare code."""
_NO_MATCH = 3


def amazon_code(language: str) -> str:
    """Give Amazon Translate's code for Sphinx's: ``zh`` for ``zh_CN``, ``pt-PT`` for ``pt_PT``."""
    code = _normal(language)
    return _REGIONS.get(code, code.partition("_")[0])


def language_tag(language: str) -> str:
    """Give the language tag of RFC 5646 for Sphinx's code: ``zh-CN`` for ``zh_CN``, ``sr-latin`` for ``sr@latin``."""
    return language.replace("_", "-").replace("@", "-")


def find(codes: Sequence[str], wanted: str) -> int | None:
    """Find the place of a language among a file's *codes*: the region decides if it can, the language if it must."""
    distances = [_distance(_normal(code), _normal(wanted)) for code in codes]
    best = min(distances, default=_NO_MATCH)
    return distances.index(best) if best < _NO_MATCH else None


def _normal(code: str) -> str:
    plain = code.strip().lower().replace("-", "_")
    return _SCRIPTS.get(plain, plain)


def _distance(code: str, wanted: str) -> int:
    if code == wanted:
        return 0
    base, _, region = code.partition("_")
    wanted_base, _, wanted_region = wanted.partition("_")
    if base != wanted_base:
        return _NO_MATCH
    if base == "zh":  # two scripts: the bare code means the simplified one
        return 1 if {region or "cn", wanted_region or "cn"} == {"cn"} else _NO_MATCH
    return 2 if region and wanted_region else 1
