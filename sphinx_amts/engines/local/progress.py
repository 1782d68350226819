"""Progress of a long computation: a bar on a terminal, quiet lines in a log."""

from __future__ import annotations

import logging
import sys
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

_QUIET_SECONDS = 30
_logger = logging.getLogger("sphinx.sphinx_amts.engines.local")


class Progress:
    """A context in which :meth:`update` shows how much is done."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._bar: Any = None
        self._task: Any = None
        self._logged = time.monotonic()

    def __enter__(self) -> Self:
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

            columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
            self._bar = Progress(*columns, console=Console(stderr=True), transient=True)
            self._task = self._bar.add_task(self._title, total=1.0)
            self._bar.start()
        else:
            _logger.info("%s", self._title)
        return self

    def update(self, share: float) -> None:
        """Tell the *share* that is done, from 0 to 1."""
        if self._bar is not None:
            self._bar.update(self._task, completed=share)
        elif time.monotonic() - self._logged > _QUIET_SECONDS:
            self._logged = time.monotonic()
            _logger.info("%s: %d %%", self._title, round(share * 100))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()
