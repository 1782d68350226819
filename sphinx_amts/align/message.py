"""Aligning the few sentences of one message with those of its translation: cheap and cautious."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from itertools import pairwise
from typing import TypeAlias

from sphinx_amts.model import Bead

_ANCHOR = re.compile(r"\d+(?:[.,]\d+)*|[A-Za-z][A-Za-z_]{2,}|\ufffc")
_MARGIN = 0.5
"""A boundary between two beads stands only if all chains without it are worse by so much (log likelihood)."""

Gains: TypeAlias = "dict[tuple[int, int, int, int], float]"
"""Of each bead, by its first source and target sentence and their numbers, how good it is."""


def align_message(source: Sequence[str], target: Sequence[str], languages: tuple[str, str] | None = None) -> list[Bead]:
    """Align the sentences of one message; beads are monotone, and every index is in exactly one.

    As many sentences on both sides pair one to one, unless what they share (numbers, Latin words, placeholders) stands
    elsewhere. Otherwise the best chain is taken, and sentences whose boundary is in doubt stay together: a larger bead
    is never wrong. Only where one side is empty has a sentence no counterpart.
    """
    if not source or not target:
        return [Bead((n,), (), 0.0) for n in range(len(source))] + [Bead((), (n,), 0.0) for n in range(len(target))]
    if len(source) == len(target) and _in_place(source, target):
        return [Bead((number,), (number,)) for number in range(len(source))]
    if min(len(source), len(target)) == 1:
        return [Bead(tuple(range(len(source))), tuple(range(len(target))))]
    return _best(source, target, languages)


def _in_place(source: Sequence[str], target: Sequence[str]) -> bool:
    """Tell whether everything that occurs once on both sides stands in sentences of the same number."""
    if len(source) == 1:
        return True
    places: list[dict[str, list[int]]] = [{}, {}]
    for side, sentences in zip(places, (source, target), strict=True):
        for number, sentence in enumerate(sentences):
            for anchor in set(_ANCHOR.findall(sentence)):
                side.setdefault(anchor.lower(), []).append(number)
    ours, theirs = places
    return all(
        theirs[anchor] == where for anchor, where in ours.items() if len(where) == len(theirs.get(anchor, ())) == 1
    )


def _best(source: Sequence[str], target: Sequence[str], languages: tuple[str, str] | None) -> list[Bead]:
    gains = _gains(source, target, languages)
    size = len(source), len(target)
    total, chain = _chain(gains, size, None)
    inner = [place for place in chain[1:-1] if total - _chain(gains, size, place)[0] >= _MARGIN]
    return [
        Bead(tuple(range(i, next_i)), tuple(range(j, next_j)))
        for (i, j), (next_i, next_j) in pairwise([(0, 0), *inner, size])
    ]


def _gains(source: Sequence[str], target: Sequence[str], languages: tuple[str, str] | None) -> Gains:
    """Evidence and priors of all beads; a bead of an unusual shape has only a low prior."""
    from sphinx_amts.align.dynamic import PRIORS
    from sphinx_amts.align.evidence import SHAPES, Evidence
    from sphinx_amts.align.seeds import column, identify
    from sphinx_amts.align.text import read

    codes = languages or (identify(source), identify(target))
    columns = column(codes[0]), column(codes[1])
    if None in columns:
        columns = None, None
    evidence = Evidence(read([source], None, columns[0]), read([target], None, columns[1]))
    _, matrices = evidence.stretch(range(len(source)), range(len(target)))
    return {
        (i, j, a, b): float(matrices[a, b][i, j]) + math.log(PRIORS[a, b])
        for a, b in SHAPES
        for i in range(len(source) - a + 1)
        for j in range(len(target) - b + 1)
    }


def _chain(gains: Gains, size: tuple[int, int], without: tuple[int, int] | None) -> tuple[float, list[tuple[int, int]]]:
    """Give the gain of the best chain that does not go through the place *without*, and its places."""
    best: dict[tuple[int, int], tuple[float, tuple[int, int]]] = {(0, 0): (0.0, (0, 0))}
    for (i, j, a, b), gain in sorted(gains.items()):
        end = (i + a, j + b)
        if (i, j) in best and end != without:
            total = best[i, j][0] + gain
            if end not in best or total > best[end][0]:
                best[end] = (total, (i, j))
    if size not in best:
        return -math.inf, [(0, 0), size]
    places = [size]
    while places[-1] != (0, 0):
        places.append(best[places[-1]][1])
    return best[size][0], places[::-1]
