"""Simulated time: it moves when somebody sleeps, and a little with every request."""

from __future__ import annotations

import threading
import urllib.request

from sphinx_amts.engines.amazon.clock import Clock

START = 1_750_000_000.0


class SimulatedTime:
    """The stand-in's clock."""

    def __init__(self) -> None:
        self._now = START
        self._lock = threading.Lock()

    def now(self) -> float:
        with self._lock:
            return self._now

    def advance(self, seconds: float) -> float:
        with self._lock:
            self._now += seconds
            return self._now


class StandInClock(Clock):
    """What an engine sleeps on: asks the stand-in over HTTP to let time pass, from whatever process it is in."""

    def __init__(self, endpoint: str) -> None:
        self._endpoint = endpoint

    def now(self) -> float:
        return self._ask(0.0)

    def sleep(self, seconds: float, wake: threading.Event) -> None:
        self._ask(seconds)
        wake.wait(0)

    def _ask(self, seconds: float) -> float:
        with urllib.request.urlopen(f"{self._endpoint}/standin/advance?seconds={seconds}", timeout=30) as answer:
            return float(answer.read())
