"""An evaluation on a terminal, as JSON, and as a page."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sphinx_amts.evaluate import SYSTEMS
from sphinx_amts.files import write_bytes

TITLES = {"bleu": "BLEU", "chrf": "chrF", "ter": "TER", "untouched": "untouched", "saved": "saved"}
"""Figures of a system and their names."""


def show(result: Mapping[str, Any]) -> None:
    """Print the tables, their significance and their signatures."""
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False, soft_wrap=True)
    for direction, average in result["average"].items():
        systems = [system for system in SYSTEMS if system in average]
        table = Table(title=f"{direction} (BLEU, chrF and TER from 0 to 1)", title_justify="left")
        table.add_column("article", overflow="fold")
        table.add_column("system")
        for title in TITLES.values():
            table.add_column(title, justify="right")
        articles = {name: one[direction] for name, one in result["articles"].items() if direction in one}
        for name, figures in [*articles.items(), ("average", average)]:
            for system in systems:
                last = system == systems[-1]
                table.add_row(name if system == systems[0] else "", system, *_cells(figures[system]), end_section=last)
        console.print(table)
        for one in result["significance"][direction]:
            console.print(
                f"{direction}, all articles as one text: {one['system']} against {one['against']}: "
                f"{100 * one['difference']:+.2f} BLEU (0-100), p = {one['p_value']:.3f}"
            )
        for name, signature in result["signatures"][direction].items():
            console.print(f"{direction} {name}: {signature}")
    console.print(result["about"])


def _cells(figures: Mapping[str, float]) -> list[str]:
    return [f"{figures[name]:.3f}" if name in {"bleu", "chrf", "ter"} else f"{figures[name]:.0%}" for name in TITLES]


def save_texts(folder: Path, texts: Mapping[str, Mapping[str, Any]]) -> None:
    """Write every text, a segment a line: ``<direction>/<article>.reference`` and ``<direction>/<article>.<system>``."""
    for direction, articles in texts.items():
        for article, one in articles.items():
            for name, lines in {"reference": one.references, **one.hypotheses}.items():
                path = folder / direction / f"{article}.{name}"
                write_bytes(path, "".join(f"{line}\n" for line in lines).encode())
