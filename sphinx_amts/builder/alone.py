"""One build of a book at a time: a second one waits, so that neither overwrites what the other has just written."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

from sphinx_amts.builder.console import one_line_errors
from sphinx_amts.files import Lock

FILE = "lock"
"""Name of the lock in the index beside the catalogs."""
PAUSE = 0.5
"""Seconds between two looks at a lock that is held."""
_held: dict[Path, Lock] = {}
"""Locks that this process holds: what a build left that broke off is not waited for."""


def setup(app: Sphinx) -> None:
    """Hold the lock from before the reading of documents to the end of the build."""
    app.connect("env-before-read-docs", _begin)
    app.connect("build-finished", _end)


def _begin(app: Any, _env: Any, _docnames: Any) -> None:
    """Wait until no other process writes the book's catalogs; builds that write nothing do not ask."""
    if not _writes(app):
        return
    _end(app, None)
    lock = _held[_path(app)] = Lock(_path(app))
    with one_line_errors():
        if lock.acquire():
            return
        print(f"amts: another build of this book is running ({lock.path}): waiting for its end", file=sys.stderr)
        while not lock.acquire():
            time.sleep(PAUSE)


def _end(app: Any, _exception: Exception | None) -> None:
    if _writes(app) and (lock := _held.pop(_path(app), None)):
        lock.release()


def _writes(app: Any) -> bool:
    return app.builder.name == "amts" and not app.builder.plan_only


def _path(app: Any) -> Path:
    return Path(app.builder.locale_dir) / ".amts" / FILE
