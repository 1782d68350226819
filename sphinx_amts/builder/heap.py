"""Keeping the garbage collector away from what lives as long as a build: the environment with a book's messages.

Python's collector walks through everything again and again while texts are put together, which takes a tenth of the time of
a large book. What is frozen is not walked through, and worker processes that are forked from here go on sharing its memory.

Nor are doctrees kept, which Sphinx (7.2 and newer) has ready for builders that write documents from them.
"""

from __future__ import annotations

import gc
from typing import Any

from sphinx.application import Sphinx


def setup(app: Sphinx) -> None:
    """Freeze before documents are read and before anything is translated; forget each doctree when the next is begun."""
    for event in ("source-read", "env-updated"):
        app.connect(event, _forget, priority=100)
    for event in ("env-before-read-docs", "env-updated"):
        app.connect(event, _freeze, priority=900)
    app.connect("build-finished", _thaw)


def _freeze(app: Any, *_arguments: object) -> None:
    if app.builder.name == "amts":
        gc.collect()  # garbage that is frozen would stay
        gc.freeze()


def _forget(app: Any, *_arguments: object) -> None:
    if app.builder.name == "amts" and (doctrees := getattr(app.env, "_write_doc_doctree_cache", None)):
        doctrees.clear()


def _thaw(_app: Any, _exception: Exception | None) -> None:
    gc.unfreeze()
