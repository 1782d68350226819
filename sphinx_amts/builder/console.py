"""Progress on a terminal, quiet lines in a log."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sphinx.util import logging

logger = logging.getLogger(__name__)


@contextmanager
def progress(title: str, total: int, quiet: bool) -> Iterator[Callable[[int], None]]:
    """Show the progress of *total* steps; yields a function that is called with the number of steps done."""
    if not total:
        yield lambda _steps: None
        return
    if quiet or not sys.stdout.isatty():
        logger.info("%s: %d", title, total)
        yield lambda _steps: None
        return
    from rich.progress import Progress

    with Progress(transient=True) as bar:
        task = bar.add_task(title, total=total)
        yield lambda steps: bar.advance(task, steps)
