"""Counts and shapes of the page: what is summed up, and where lines and bars of its charts lie."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sphinx_amts.report import Page

_SYSTEM_NAMES = {
    "none": "without parallel data",
    "paragraph": "paragraph pairs",
    "sentence": "sentence pairs",
    "terminology": "with terminology",
}
_ROW = 46
"""Height of a chart's row in pixels: a name, and a line below it."""


def overview(page: Page, states: Sequence[str]) -> dict[str, Any]:
    """Counts by language, by chapter and by check, with the bars that show them."""
    counts: dict[tuple[int, str], Counter[str]] = {}
    totals: dict[int, Counter[str]] = {}
    findings: dict[int, Counter[str]] = {}
    changed: Counter[int] = Counter()
    for item in page.items:
        document = page.sources[item.source].document
        counts.setdefault((item.language, document), Counter())[item.state] += 1
        totals.setdefault(item.language, Counter())[item.state] += 1
        findings.setdefault(item.language, Counter()).update({finding.check for finding in item.findings})
        changed[item.language] += bool(item.change)
    languages = [
        {
            "language": language,
            "states": _states(totals.get(number, Counter()), states),
            "total": totals.get(number, Counter()).total(),
            "done": _share(totals.get(number, Counter()), ("human", "machine")),
            "findings": findings.get(number, Counter()).most_common(),
            "changed": changed[number],
            "run": page.runs.get(language.code, {}),
        }
        for number, language in enumerate(page.languages)
    ]
    chapters = [
        {
            "name": document,
            "title": title,
            "cells": [
                {"language": language, "states": _states(found, states), "total": found.total()}
                for number, language in enumerate(page.languages)
                for found in [counts.get((number, document), Counter())]
            ],
        }
        for document, title in page.documents.items()
    ]
    return {"languages": languages, "chapters": chapters}


def _share(found: Counter[str], states: Sequence[str]) -> float:
    """Share (0 to 1) of the messages that are in one of *states*; never 1 while any is not."""
    total = found.total()
    return int(100 * sum(found[state] for state in states) / total) / 100 if total else 0.0


def _states(found: Mapping[str, int], states: Sequence[str]) -> list[dict[str, Any]]:
    """Bars from what is done to what waits: share of the whole, and where each begins (0 to 100)."""
    total = sum(found.values())
    bars, start = [], 0.0
    for state in reversed(states):
        width = 100 * found.get(state, 0) / total if total else 0.0
        bars.append({"state": state, "count": found.get(state, 0), "start": round(start, 3), "width": round(width, 3)})
        start += width
    return bars


def charts(evaluation: Mapping[str, Any]) -> list[dict[str, Any]]:
    """One chart per direction: a row per article and for the average, a dot per system on a scale of BLEU."""
    found = []
    for direction, average in evaluation.get("average", {}).items():
        systems = list(average)
        articles = {
            name: figures[direction] for name, figures in evaluation["articles"].items() if direction in figures
        }
        highest = max(figures[system]["bleu"] for figures in [*articles.values(), average] for system in systems)
        step = 0.05 if highest <= 0.3 else 0.1
        limit = max(step * math.ceil(highest / step - 1e-9), step)
        rows = [
            _row(name, figures, systems, limit, number)
            for number, (name, figures) in enumerate([*articles.items(), ("average", average)])
        ]
        found.append(
            {
                "direction": direction,
                "systems": [(system, _SYSTEM_NAMES.get(system, system)) for system in systems],
                "rows": rows,
                "height": _ROW * len(rows),
                "ticks": [
                    {"x": round(100 * tick * step / limit, 2), "label": f"{tick * step:.2f}".rstrip("0").rstrip(".")}
                    for tick in range(round(limit / step) + 1)
                ],
                "significance": evaluation.get("significance", {}).get(direction, []),
                "signatures": evaluation.get("signatures", {}).get(direction, {}),
            }
        )
    return found


def _row(name: str, figures: Mapping[str, Any], systems: Sequence[str], limit: float, number: int) -> dict[str, Any]:
    dots = [
        {"system": system, "x": round(100 * figures[system]["bleu"] / limit, 2), "figures": figures[system]}
        for system in systems
    ]
    places = [dot["x"] for dot in dots]
    return {
        "name": name,
        "y": _ROW * number + 32,
        "dots": dots,
        "from": min(places),
        "to": max(places),
        "average": name == "average",
    }
