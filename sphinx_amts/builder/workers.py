"""Work on many tasks in forked processes: they begin with all that this one knows, and only results travel back."""

from __future__ import annotations

import multiprocessing
import multiprocessing.connection
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from sphinx_amts.model import AmtsError

Task = TypeVar("Task")
Result = TypeVar("Result")


def can_fork() -> bool:
    """Whether processes can be forked safely here: not on Windows, and not on macOS, whose libraries do not bear it."""
    return "fork" in multiprocessing.get_all_start_methods() and sys.platform != "darwin"


def run(
    tasks: Sequence[Task],
    begin: Callable[[], Callable[[Task], Result]],
    count: int,
    progress: Callable[[int], None] = lambda _steps: None,
) -> list[Result]:
    """Do all *tasks* in *count* processes, in each with what *begin* returns there; results in the order of the tasks.

    Only where :func:`can_fork`. Raises :class:`AmtsError` if a process dies; what it died of is on standard error.
    """
    context = multiprocessing.get_context("fork")
    results: dict[int, Result] = {}
    pending: dict[Any, Any] = {}
    for first in range(count):
        ours, theirs = context.Pipe(duplex=False)
        share = list(enumerate(tasks))[first::count]
        worker = context.Process(target=_work, args=(share, begin, theirs))
        worker.start()
        theirs.close()
        pending[ours] = worker
    while pending:
        for connection in multiprocessing.connection.wait(list(pending)):
            pipe: Any = connection
            try:
                number, result = pipe.recv()
            except EOFError:
                pending.pop(pipe).join()
                continue
            results[number] = result
            progress(1)
    if len(results) < len(tasks):
        raise AmtsError("a worker process died while it looked at localized documents. Run the build again with -v.")
    return [results[number] for number in range(len(tasks))]


def _work(tasks: Sequence[tuple[int, Task]], begin: Callable[[], Callable[[Task], Result]], connection: Any) -> None:
    try:
        step = begin()
        for number, task in tasks:
            connection.send((number, step(task)))
    except BaseException:
        traceback.print_exc()
        raise
    finally:
        connection.close()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)  # no exit handlers of the parent's
