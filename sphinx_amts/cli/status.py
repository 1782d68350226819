"""``amts status BOOK``."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping

from sphinx_amts.cli import book
from sphinx_amts.translate import LanguageRun
from sphinx_amts.translate.states import STATES

EXAMPLE = "amts status book --fail-if-stale"
"""Shown by ``--help``."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    book.add_arguments(parser)
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument(
        "--fail-if-stale",
        action="store_true",
        help="exit with 1 if a source changed under a person's translation, or a conflict waits for a decision",
    )


def run(arguments: argparse.Namespace) -> int:
    """Print the states; exit status 1 with ``--fail-if-stale`` where something is stale or in conflict."""
    with book.opened(arguments, prepare=False) as runs:
        for run in runs:
            run.compare()
        report = {run.pipeline.language: _language(run) for run in runs}
    if arguments.json:
        print(json.dumps(report, indent=2, ensure_ascii=False))
    else:
        for language, figures in report.items():
            _print(language, figures)
    waiting = any(figures["total"]["stale"] or figures["total"]["conflicts"] for figures in report.values())
    return int(arguments.fail_if_stale and waiting)


def _language(run: LanguageRun) -> dict[str, dict[str, Mapping[str, float]]]:
    documents: dict[str, Mapping[str, float]] = {}
    total = dict.fromkeys((*STATES, "words", "words_to_read"), 0)
    for docname in run.book.documents:
        counts = run.states(docname).figures()
        documents[docname] = {**counts, "share_to_read": _share(counts)}
        for name, count in counts.items():
            total[name] += count
    return {"documents": documents, "total": {**total, "share_to_read": _share(total)}}  # type: ignore[dict-item]


def _share(counts: Mapping[str, int]) -> float:
    return round(counts["words_to_read"] / counts["words"], 4) if counts["words"] else 0.0


def _print(language: str, figures: Mapping[str, Mapping[str, Mapping[str, float]]]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(title=language, title_justify="left", box=box.SIMPLE_HEAD, padding=0, pad_edge=False)
    table.add_column("document", overflow="fold")
    for state in (*STATES, "to read"):
        table.add_column(state, justify="right", min_width=len(state))
    for docname, counts in [*figures["documents"].items(), ("total", figures["total"])]:
        cells = [f"{counts[state]:,}" if counts[state] else "·" for state in STATES]
        table.add_row(docname, *cells, f"{counts['share_to_read']:.0%}", end_section=docname == "total")
    Console().print(table)
