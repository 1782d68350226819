"""``amts estimate BOOK``."""

from __future__ import annotations

import argparse
import json

from sphinx_amts.cli import book


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    book.add_arguments(parser)
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")


def run(arguments: argparse.Namespace) -> int:
    """Print what a build would send; exit status 0."""
    with book.opened(arguments, prepare=True) as runs:
        rows = {
            run.pipeline.language: {
                "engine": run.summary.engine,
                "segments": len(run.missing),
                "characters": sum(one.characters for one in run.missing),
                "estimated_cost": round(run.summary.estimated_cost, 4),
            }
            for run in runs
        }
    if arguments.json:
        print(json.dumps(rows, indent=2))
        return 0
    from rich.console import Console
    from rich.table import Table

    table = Table("language", "engine")
    for title in ("segments", "characters", "US dollars"):
        table.add_column(title, justify="right")
    for language, row in rows.items():
        table.add_row(
            language,
            str(row["engine"]),
            f"{row['segments']:,}",
            f"{row['characters']:,}",
            f"{row['estimated_cost']:.2f}",
        )
    Console().print(table)
    return 0
