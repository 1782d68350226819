"""Recognising texts that are no translations of each other: swapped languages, another chapter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sphinx_amts.model import AmtsError

if TYPE_CHECKING:
    from sphinx_amts.align.evidence import Evidence

_FEW = 8
"""Texts with fewer sentences than this are not judged."""
_SAMPLE = 300
"""So many sentences are judged."""
_LEAST, _LEAST_UNKNOWN = 1.0, 0.5
"""Least advantage of translations, with the seed table and without: ``bench/alignment.py`` shows how far both kinds lie apart."""


class MismatchError(AmtsError):
    """Two texts that are no translations of each other."""


def check_languages(source: Sequence[str], target: Sequence[str], languages: tuple[str, str]) -> None:
    """Raise :class:`MismatchError` where the sentences of a side are clearly in another language than they should be."""
    from sphinx_amts.align.seeds import column, identify

    found = identify(source), identify(target)
    wanted = tuple(code.replace("-", "_").partition("_")[0].lower() for code in languages)
    if found == wanted[::-1] and found[0] != found[1]:
        raise MismatchError(
            f"The languages are swapped: the source text is {found[0]!r} and the translation {found[1]!r}. "
            f"Give the {wanted[0]!r} text first, or exchange the language codes."
        )
    for side, seems, should in zip(("source text", "translation"), found, wanted, strict=True):
        if seems and seems != should and column(should) is not None:
            raise MismatchError(
                f"The {side} seems to be in the language {seems!r}, not {should!r}. Check the file and the language codes."
            )


def check_translation(evidence: Evidence) -> None:
    """Raise :class:`MismatchError` where two texts are no better a match than in the wrong order."""
    if min(map(len, evidence.texts)) < _FEW:
        return
    found = advantage(evidence)
    if found < (_LEAST if evidence.knows_languages else _LEAST_UNKNOWN):
        raise MismatchError(
            "The two texts do not seem to be translations of each other: their sentences match no better than in the "
            f"wrong order (advantage {found:.2f}). Check that both files hold the same chapter."
        )


def advantage(evidence: Evidence) -> float:
    """How much more gain a sentence has than in a comparison with the target in the opposite order, in nats.

    Texts that are no translations of each other gain as little in one order as in the other.
    """
    from sphinx_amts.align.band import band_of
    from sphinx_amts.align.dynamic import best_chain
    from sphinx_amts.align.evidence import Evidence

    source, target = evidence.texts
    share = min(1.0, _SAMPLE / max(len(source), len(target)))
    ours, theirs = source.first(round(len(source) * share)), target.first(round(len(target) * share))
    orders = Evidence(ours, theirs), Evidence(ours, theirs.first(len(theirs), backwards=True))
    right, wrong = (best_chain(order, band_of(*order.texts)).gain for order in orders)
    return (right - wrong) / max(len(ours), len(theirs))
