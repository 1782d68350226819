"""Work on many tasks in forked processes: they begin with all that this one knows, and only results travel back."""

from __future__ import annotations

import gc
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

BATCH = 16
"""Tasks that one process does at most."""


def can_fork() -> bool:
    """Whether processes can be forked safely here: not on Windows, and not on macOS, whose libraries do not bear it."""
    return "fork" in multiprocessing.get_all_start_methods() and sys.platform != "darwin"


def run(
    tasks: Sequence[Task],
    begin: Callable[[], Callable[[Task], Result]],
    count: int,
    done: Callable[[Task, Result], None] = lambda _task, _result: None,
) -> list[Result]:
    """Do all *tasks* in processes, each with what *begin* returns there; results in the order of the tasks.

    At most *count* processes run at once, and each does a few neighbouring tasks only: what it touches of the memory that it
    shares with this one is copied, until it ends. *done* is told of each result as soon as it comes. Only where
    :func:`can_fork`. Raises :class:`AmtsError` if a process dies; what it died of is on standard error.
    """
    size = max(1, min(BATCH, len(tasks) // (4 * count)))
    numbered = list(enumerate(tasks))
    waiting = [numbered[first : first + size] for first in range(0, len(numbered), size)][::-1]
    results: dict[int, Result] = {}
    pending: dict[Any, Any] = {}
    while waiting or pending:
        while waiting and len(pending) < count:
            ours, worker = _start(waiting.pop(), begin)
            pending[ours] = worker
        for connection in multiprocessing.connection.wait(list(pending)):
            pipe: Any = connection
            try:
                number, result = pipe.recv()
            except EOFError:
                pending.pop(pipe).join()
                pipe.close()
                continue
            results[number] = result
            done(tasks[number], result)
    if len(results) < len(tasks):
        raise AmtsError("a worker process died while it looked at localized documents. Run the build again with -v.")
    return [results[number] for number in range(len(tasks))]


def _start(tasks: Sequence[tuple[int, Task]], begin: Callable[[], Callable[[Task], Result]]) -> tuple[Any, Any]:
    """A process that does *tasks*, and the connection through which its results come."""
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe(duplex=False)
    worker = context.Process(target=_work, args=(tasks, begin, theirs))
    worker.start()
    theirs.close()
    return ours, worker


def _work(tasks: Sequence[tuple[int, Task]], begin: Callable[[], Callable[[Task], Result]], connection: Any) -> None:
    gc.freeze()  # a collection would touch, and so copy, all that this process shares with its parent
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
