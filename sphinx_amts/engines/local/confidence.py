"""How far a draft can be trusted, as an estimate of its chrF against a person's translation.

A linear model of what the decoder says about its own result, fitted by least squares on held-out sections of D2L in both
directions, with models of 400 to 9,300 sentence pairs (bench/local_engine.py prints the fit and what it predicts).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sphinx_amts.engines.local.tokens import is_word

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sphinx_amts.engines.local.decoder import Result

THRESHOLD = 0.2
"""A draft of a lower confidence is not given: the text stays in the source language."""


def signals(words: Sequence[str], result: Result) -> tuple[float, ...]:
    """What tells good drafts from bad ones, each value about between 0 and 1.

    The share of source words that were never seen; source tokens in a phrase, on average, as a share of five; the
    phrase, lexical and language models' log-probability for a target token, on average, as a share of -10.
    """
    content = [step for step in result.steps if any(map(is_word, words[step.first : step.last]))]
    size = max(1, sum(step.last - step.first for step in content))
    unknown = sum(1 for step in content if not step.option.known)
    target = max(1, len(result.target))
    forward, _, lexical, _, language, *_ = result.features
    return (
        unknown / size,
        min(1.0, size / max(1, len(content)) / 5),
        max(-1.0, forward / max(1, len(result.steps)) / 10),
        max(-1.0, lexical / target / 10),
        max(-1.0, language / target / 10),
    )


_CONSTANT = 0.5
_SLOPES = (-0.5, 0.2, 0.1, 0.1, 0.3)


def confidence(words: Sequence[str], result: Result) -> float:
    """Estimate the chrF of *result* as a translation of *words*, from 0 to 1."""
    estimate = _CONSTANT + sum(slope * signal for slope, signal in zip(_SLOPES, signals(words, result), strict=True))
    return min(1.0, max(0.0, estimate))
