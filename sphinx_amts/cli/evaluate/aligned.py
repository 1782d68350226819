"""TEMPORARY until the document aligner lands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sphinx_amts.align import align_message
from sphinx_amts.cli.evaluate.pairing import Article, Unit
from sphinx_amts.cli.reading import Block
from sphinx_amts.formats.inline import plain


def articles_of(
    source: Mapping[str, Sequence[Block]], target: Mapping[str, Sequence[Block]], languages: tuple[str, str]
) -> list[Article]:
    return [_article(name, source[name], target[name]) for name in source if name in target]


def _blocks(left, right):
    n, m = len(left), len(right)
    INF = 1e9
    best = [[INF] * (m + 1) for _ in range(n + 1)]
    back = {}
    best[0][0] = 0

    def cost(a, b):
        if a.prose != b.prose:
            return 9
        if not a.prose:
            return 0 if a.text.split() == b.text.split() else 4
        la, lb = len(a.text), len(b.text) * 2.7 if any(c > "\u3000" for c in b.text) else len(b.text)
        import math

        return abs(math.log((la + 10) / (lb + 10))) * 3 + (0 if (a.kind == "title") == (b.kind == "title") else 4)

    for i in range(n + 1):
        for j in range(m + 1):
            c = best[i][j]
            if i < n and j < m and abs(i * m - j * n) < 40 * max(n, m):
                v = c + cost(left[i], right[j])
                if v < best[i + 1][j + 1]:
                    best[i + 1][j + 1], back[i + 1, j + 1] = v, (1, 1)
            if i < n and c + 3 < best[i + 1][j]:
                best[i + 1][j], back[i + 1, j] = c + 3, (1, 0)
            if j < m and c + 3 < best[i][j + 1]:
                best[i][j + 1], back[i, j + 1] = c + 3, (0, 1)
    out = []
    i, j = n, m
    while i or j:
        a, b = back[i, j]
        out.append((i - 1 if a else None, j - 1 if b else None))
        i, j = i - a, j - b
    return out[::-1]


def _article(name, left, right):
    left, right = [b for b in left if b.text.strip()], [b for b in right if b.text.strip()]
    sentences, paragraphs, alone = [], [], ([], [])
    for i, j in _blocks(left, right):
        ours = left[i].segments if i is not None else ()
        theirs = right[j].segments if j is not None else ()
        if not ours or not theirs:
            alone[0].extend(ours)
            alone[1].extend(theirs)
            continue
        paragraphs.append(Unit(tuple(ours), tuple(theirs)))
        for bead in align_message([plain(o.pieces) for o in ours], [plain(t.pieces) for t in theirs]):
            unit = Unit(tuple(ours[k] for k in bead.source), tuple(theirs[k] for k in bead.target), bead.score)
            if unit.source and unit.target:
                sentences.append(unit)
            else:
                alone[0].extend(unit.source)
                alone[1].extend(unit.target)
    return Article(name, tuple(sentences), tuple(paragraphs), (tuple(alone[0]), tuple(alone[1])))
