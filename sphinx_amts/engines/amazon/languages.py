"""Sphinx's language codes to Amazon Translate's, and what is offered for which language.

Source: Amazon Translate Developer Guide, "Supported languages and language codes", "Setting formality".
"""

from __future__ import annotations

import re

from sphinx_amts.model import ConfigurationError

_CODES = (
    "af am ar az bg bn bs ca cs cy da de el en es es-MX et fa fa-AF fi fr fr-CA ga gu ha he hi hr ht hu hy id is it ja"
    " ka kk kn ko lt lv mk ml mn mr ms mt nl no pa pl ps pt pt-PT ro ru si sk sl so sq sr sv sw ta te th tl tr uk ur uz"
    " vi zh zh-TW"
)
SUPPORTED = frozenset(_CODES.split())
"""Codes that the service takes."""

FORMALITY = frozenset({"nl", "fr", "fr-CA", "de", "hi", "it", "ja", "ko", "pt-PT", "es", "es-MX"})
"""Target languages with a choice between formal and informal address."""

CUSTOM_REGIONS = frozenset({"us-east-1", "us-west-2", "eu-west-1"})
"""Regions known to take parallel data, as of 2022; there may be more by now, so they are a hint and no gate."""

_SPECIAL = {
    "zh-hans": "zh",
    "zh-hant": "zh-TW",
    "zh-tw": "zh-TW",
    "zh-hk": "zh-TW",
    "zh-mo": "zh-TW",
    "es-419": "es-MX",
    "nb": "no",
    "fil": "tl",
    "iw": "he",
    "in": "id",
}
"""Codes (lower case, with hyphens) whose equivalent cannot be read off the code itself."""


def amazon_code(language: str, option: str) -> str:
    """Translate Sphinx's code *language* (``zh_CN``) into Amazon's (``zh``).

    A country without a variant of its own falls back to the language (``de_AT`` to ``de``); a script that the service
    does not offer (``sr_Latn``, ``sr@latin``) does not. *option* is named in the :class:`ConfigurationError`.
    """
    subtags = re.split(r"[-_@]", language.lower())
    by_lower = {code.lower(): code for code in SUPPORTED}
    for length in range(len(subtags), 0, -1):
        candidate = "-".join(subtags[:length])
        dropped = subtags[length:]
        if any(not re.fullmatch(r"[a-z]{2}|\d{3}", subtag) for subtag in dropped):
            continue
        found = _SPECIAL.get(candidate) or by_lower.get(candidate)
        if found:
            return found
    raise ConfigurationError(
        f"{option} = {language!r}: Amazon Translate has no such language. Accepted: {', '.join(sorted(SUPPORTED))} "
        "(and Sphinx's codes for them, such as zh_CN or pt_BR)."
    )
