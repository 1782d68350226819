"""Checks of a translation that need no reference: what a careful reviewer would stumble over, found by rules.

A module of its own because three parts ask the same questions of a text and must get the same answers: every build, the
page for reviewers, and an engine's output in an evaluation. It knows no syntax and no catalog: texts come in plain, with
U+FFFC for what is never translated (code, maths, references). Each check has a name, under which it can be switched off.
How often each one is wrong on human translations is measured in ``bench/evaluation.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

from sphinx_amts.checks import numbers, typography, wording
from sphinx_amts.checks.unit import OBJECT, Finding, Unit
from sphinx_amts.model import ConfigurationError

__all__ = ["CHECKS", "INCONSISTENT", "OBJECT", "Finding", "Unit", "check_names", "examine", "inconsistencies"]

CHECKS: Mapping[str, Callable[[Unit], Iterator[Finding]]] = {
    "numbers": numbers.numbers,
    "terms": wording.terms,
    "untranslated": wording.untranslated,
    "script": wording.script,
    "length": wording.length,
    "doubled": wording.doubled,
    "punctuation": typography.punctuation,
    "spacing": typography.spacing,
    "ending": typography.ending,
    "brackets": typography.brackets,
}
"""Checks of one text by name; :data:`INCONSISTENT` looks at a whole book."""

_OF_TARGET = {"terms", "untranslated", "doubled", "punctuation"}
"""Checks that can find something in a text that is the same as its source; all others compare the two."""

INCONSISTENT = "inconsistent"
"""Name of the check that :func:`inconsistencies` makes."""


def examine(unit: Unit, off: Collection[str] = ()) -> list[Finding]:
    """All findings in one translated text, in the order of :data:`CHECKS`; checks named in *off* are left out."""
    if not unit.target.strip():
        return []
    asked = _OF_TARGET if unit.source == unit.target else CHECKS
    return [finding for name, check in CHECKS.items() if name in asked and name not in off for finding in check(unit)]


def check_names(names: Iterable[str], option: str) -> frozenset[str]:
    """Take *names* for checks to switch off; raise :class:`ConfigurationError`, naming *option*, for an unknown one."""
    known = (*CHECKS, INCONSISTENT)
    chosen = frozenset(names)
    if unknown := sorted(chosen.difference(known)):
        raise ConfigurationError(f"{option} = {unknown[0]!r}: no such check. Accepted: {', '.join(known)}.")
    return chosen


def inconsistencies(pairs: Collection[tuple[str, str]]) -> dict[str, Finding]:
    """Sources that have more than one translation among *pairs* of plain texts (source, translation), by source.

    White space and final full stops and colons do not count.
    """
    suspected = _suspected(pairs)
    known: dict[str, dict[str, str]] = {}
    sources: dict[str, set[str]] = {}
    for source, target in pairs:
        key = _key(source)
        if hash(key) in suspected and _counts(source, target):
            known.setdefault(key, {}).setdefault(_key(target), target)
            sources.setdefault(key, set()).add(source)
    found = {}
    for key, targets in known.items():
        if len(targets) > 1:
            shown = ", ".join(f"“{_short(text)}”" for text in sorted(targets.values()))
            finding = Finding(INCONSISTENT, f"The same text is translated in {len(targets)} ways: {shown}.")
            found.update(dict.fromkeys(sources[key], finding))
    return found


def _suspected(pairs: Iterable[tuple[str, str]]) -> set[int]:
    """Hashes of the sources that may have several translations: a few of a large book's, whose texts need not be copied."""
    first: dict[int, int] = {}
    several = set()
    for source, target in pairs:
        if _counts(source, target):
            key, translation = hash(_key(source)), hash(_key(target))
            if first.setdefault(key, translation) != translation:
                several.add(key)
    return several


def _counts(source: str, target: str) -> bool:
    return bool(target.strip()) and any(char.isalpha() for char in source)


def _key(text: str) -> str:
    return " ".join(text.split()).rstrip(".。:：")


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:59] + "…"
