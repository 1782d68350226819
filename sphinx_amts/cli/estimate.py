"""``amts estimate BOOK``."""

from __future__ import annotations

import argparse
import json
from typing import Any

from sphinx_amts.cli import book
from sphinx_amts.engines import Router
from sphinx_amts.translate import LanguageRun

EXAMPLE = "amts estimate book"
"""Shown by ``--help``."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    book.add_arguments(parser)
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")


def _prices(run: LanguageRun) -> dict[str, float]:
    """What each way through the engine would cost, if it has several."""
    if not isinstance(run.engine, Router):
        return {}
    prices = run.engine.prices([one.html for one in run.missing])
    return {route: round(price, 4) for route, price in prices.items()}


def run(arguments: argparse.Namespace) -> int:
    """Print what a build would send; exit status 0."""
    with book.opened(arguments, prepare=True) as runs:
        rows: dict[str, dict[str, Any]] = {
            run.pipeline.language: {
                "engine": run.summary.engine,
                "segments": len(run.missing),
                "characters": sum(one.characters for one in run.missing),
                "estimated_cost": round(run.summary.estimated_cost, 4),
                "prices": _prices(run),
            }
            for run in runs
        }
    if arguments.json:
        print(json.dumps(rows, indent=2))
        return 0
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table("language", "engine", box=box.SIMPLE_HEAD, padding=(0, 1), pad_edge=False)
    for title in ("segments", "characters", "US dollars"):
        table.add_column(title, justify="right")
    table.add_column("by route")
    for language, row in rows.items():
        table.add_row(
            language,
            str(row["engine"]),
            f"{row['segments']:,}",
            f"{row['characters']:,}",
            f"{row['estimated_cost']:.2f}",
            ", ".join(f"{route} {price:.2f}" for route, price in row["prices"].items()),
        )
    Console().print(table)
    return 0
