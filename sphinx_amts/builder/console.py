"""Progress on a terminal, quiet lines in a log, and mistakes told in one line."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sphinx.util import logging

from sphinx_amts.model import AmtsError

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


def shown(path: Path) -> str:
    """*path* as a user would type it: relative where it is below the current folder."""
    return path.relative_to(Path.cwd()).as_posix() if Path.cwd() in path.parents else str(path)


@contextmanager
def one_line_errors() -> Iterator[None]:
    """Under ``sphinx-build``, tell a user's mistake in one line and exit with 2.

    Sphinx 8.2 and newer print a bug report with a traceback for every error, also for those that are the user's.
    """
    try:
        yield
    except AmtsError as error:
        if not _is_sphinx_build(Path(sys.argv[0])):
            raise
        print(f"{error.category}: {error}", file=sys.stderr)
        raise SystemExit(2) from error


def _is_sphinx_build(program: Path) -> bool:
    return (
        program.stem == "sphinx-build"
        or program.parts[-2:] == ("sphinx", "__main__.py")
        or program.parts[-3:] == ("sphinx", "cmd", "build.py")
    )
