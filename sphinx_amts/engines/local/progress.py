"""Progress of a training: a bar on a terminal, quiet lines in a log."""

from __future__ import annotations

import logging
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import TracebackType

_QUIET_SECONDS = 30
_logger = logging.getLogger("sphinx.sphinx_amts.engines.local")


class _Bars:
    """The bars of all trainings that are under way, for each language one: a terminal has room for one display."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._display: Any = None
        self._tasks: set[Any] = set()

    def add(self, title: str) -> Any:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

        with self._lock:
            if self._display is None:
                columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
                self._display = Progress(*columns, console=Console(stderr=True), transient=True)
                self._display.start()
            task = self._display.add_task(title, total=1.0)
            self._tasks.add(task)
            return task

    def update(self, task: Any, share: float) -> None:
        self._display.update(task, completed=share)

    def remove(self, task: Any) -> None:
        with self._lock:
            self._display.remove_task(task)
            self._tasks.discard(task)
            if not self._tasks:
                self._display.stop()
                self._display = None


_bars = _Bars()


class Progress:
    """A context in which :meth:`update` shows how much is done."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._task: Any = None
        self._logged = time.monotonic()

    def __enter__(self) -> Progress:
        if sys.stderr.isatty():
            self._task = _bars.add(self._title)
        else:
            _logger.info("%s", self._title)
        return self

    def update(self, share: float) -> None:
        """Tell the *share* that is done, from 0 to 1."""
        if self._task is not None:
            _bars.update(self._task, share)
        elif time.monotonic() - self._logged > _QUIET_SECONDS:
            self._logged = time.monotonic()
            _logger.info("%s: %d %%", self._title, round(share * 100))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._task is not None:
            _bars.remove(self._task)
