"""What the checks look at and what they find."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

from sphinx_amts.model import Term

OBJECT = "\ufffc"
"""Stands for an inline object that is not prose (OBJECT REPLACEMENT CHARACTER)."""

CJK = r"\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
UNSPACED = {"zh", "ja", "th", "lo", "my", "km"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing in a translation that a reviewer should look at."""

    check: str
    """Name of the check, a key of :data:`CHECKS` or ``inconsistent``."""
    message: str
    """What is the matter, as a sentence."""
    excerpt: str = ""
    """The part of the translation that it is about, as it stands there; empty where something is missing."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A text and its translation, as the checks see them."""

    source: str
    """Plain source text; U+FFFC for each object that is never translated."""
    target: str
    """Plain translation in the same form."""
    source_language: str = "en"
    """Sphinx's code of the source language."""
    language: str = "zh_CN"
    """Sphinx's code of the target language."""
    terms: Sequence[Term] = field(default=())
    """The terminology of the language."""

    @property
    def code(self) -> str:
        """The target language without region and script."""
        return language_of(self.language)


@cache
def language_of(code: str) -> str:
    """The language of *code* without region and script."""
    return code.replace("-", "_").split("_")[0].split("@")[0].lower()
