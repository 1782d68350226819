"""Running a program and measuring it: seconds, processor time and memory of the whole tree of processes."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

ATTEMPTS = 5
"""Looks at a family of processes that changes meanwhile, before one is left out."""

INTERVAL = 0.2
"""Seconds between two looks at the memory."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What a program, or several one after another, took."""

    seconds: float
    """Wall-clock time."""
    processor: float
    """User and system time of the program and its children, in seconds."""
    memory: int
    """Peak of all its processes together in bytes; pages that they share count once (PSS) where the system tells."""

    def __add__(self, other: Cost) -> Cost:
        return Cost(self.seconds + other.seconds, self.processor + other.processor, max(self.memory, other.memory))


def run(command: Sequence[str], log: Path, environment: Mapping[str, str], folder: Path | None = None) -> Cost:
    """Run *command* to its end; its output goes to *log*. Raises :class:`SystemExit` where its status is above 1."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w", encoding="utf-8") as output:
        before = os.times()
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, env=dict(environment), cwd=folder)
        watch = _Watch(process.pid)
        status = process.wait()
        seconds = time.perf_counter() - start
        memory = watch.stop()
    after = os.times()
    if status not in {0, 1}:
        raise SystemExit(f"{' '.join(command)} ended with status {status}:\n{log.read_text(encoding='utf-8')[-2000:]}")
    spent = after.children_user - before.children_user + after.children_system - before.children_system
    return Cost(seconds, spent, memory)


class _Watch(threading.Thread):
    """Looks at the memory of a process and its children now and then."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._process = psutil.Process(pid)
        self._ended = threading.Event()
        self._peak = 0
        self.start()

    def run(self) -> None:
        while not self._ended.wait(INTERVAL):
            self._peak = max(self._peak, _memory(self._process))

    def stop(self) -> int:
        self._ended.set()
        self.join()
        return self._peak


def _memory(process: psutil.Process) -> int:
    """Memory of a process and its children, which must be the same before and after: else pages are counted twice."""
    for _attempt in range(ATTEMPTS):
        family = _family(process)
        memory = sum(_own_memory(one) for one in family)
        if family == _family(process):
            return memory
    return 0


def _family(process: psutil.Process) -> list[psutil.Process]:
    try:
        return [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def _own_memory(process: psutil.Process) -> int:
    try:
        if sys.platform == "linux":
            return _proportional(process.pid)
        return int(process.memory_info().rss)
    except (psutil.Error, OSError):
        return 0  # it has just ended


def _proportional(pid: int) -> int:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    return 0
