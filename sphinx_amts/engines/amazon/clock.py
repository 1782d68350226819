"""Time, behind a seam: a batch job may run for two days, and a test of it must not."""

from __future__ import annotations

import threading
import time


class Clock:
    """The machine's clock; a subclass with simulated time may take its place."""

    def now(self) -> float:
        """Return seconds since 1970-01-01 UTC."""
        return time.time()

    def sleep(self, seconds: float, wake: threading.Event) -> None:
        """Wait for *seconds*, or until *wake* is set."""
        wake.wait(seconds)
