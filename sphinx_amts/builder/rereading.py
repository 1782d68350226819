"""Reading localized documents again with the book's own Sphinx, in processes of their own.

Reading a document changes Sphinx's environment; a forked process keeps that to itself. Where processes cannot be forked, a
copy of the environment serves.
"""

from __future__ import annotations

import logging
import pickle
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from sphinx.application import Sphinx

from sphinx_amts import extract
from sphinx_amts.builder import workers
from sphinx_amts.extract import anchors, outside
from sphinx_amts.model import Document

Task = TypeVar("Task")
Result = TypeVar("Result")
Step = Callable[["Rereader", Task], Result]


class Rereader:
    """Reads documents of localized trees; *structure_only* leaves out their messages."""

    def __init__(self, app: Sphinx, structure_only: bool) -> None:
        self.app = app
        logging.disable(logging.CRITICAL)  # what is wrong with a localized document is told by its structure
        builder: Any = app.builder
        builder.write_doctree = lambda *_args, **_options: None
        builder.rereading = True
        builder.checking = structure_only
        outside.follow(app.env, Path(str(app.srcdir)))
        app.config.smartquotes = False  # changes texts only, and takes a fifteenth of the time
        self._text: str | None = None
        self._srcdir = Path(str(app.srcdir))
        self._paths: dict[str, Any] = getattr(
            app.project, "_docname_to_path", {}
        )  # Sphinx 7.2 and newer do not look for them
        self._added: set[str] = set()
        self._listener = app.connect("source-read", self._give_text, priority=0)

    def close(self) -> None:
        """Leave no trace in the application."""
        for docname in self._added:
            del self._paths[docname]
        self.app.disconnect(self._listener)

    def _give_text(self, _app: Sphinx, _docname: str, source: list[str]) -> None:
        if self._text is not None:
            source[0] = self._text

    def read(self, document: Document, tree: Path, text: str | None = None) -> Document:
        """Read the localized *document* of the *tree*, or *text* in its place.

        One that Sphinx cannot read has a structure that tells why.
        """
        self._text = text
        app: Any = self.app
        env = app.env
        docname = document.docname
        if docname not in self._paths:
            self._paths[docname] = Path(document.path).relative_to(self._srcdir)
            self._added.add(docname)
        folder: Any = type(app.srcdir)(tree)
        app.srcdir = env.srcdir = env.project.srcdir = folder
        if hasattr(env.project, "_srcdir"):
            env.project._srcdir = folder
        anchors.expect(app, {docname: document.anchors})
        app.emit("env-purge-doc", env, docname)
        env.clear_doc(docname)
        try:
            app.builder.read_doc(docname)
        except Exception as error:  # noqa: BLE001 - whatever a directive raises, the text before it was at fault
            return Document(docname, "", "", (), structure=(f"problem {error!r}",))
        return extract.documents(env)[docname]


def spread(
    app: Sphinx,
    tasks: Sequence[Task],
    step: Step[Task, Result],
    processes: int,
    done: Callable[[Task, Result], None] = lambda _task, _result: None,
    structure_only: bool = True,
) -> list[Result]:
    """Do *step* for all *tasks*; results in the same order, whatever the number of *processes*.

    *done* is told of each as soon as it is done.
    """
    if not tasks:
        return []
    if not workers.can_fork():
        return _in_process(app, tasks, step, done, structure_only)

    def begin() -> Callable[[Task], Result]:
        return partial(step, Rereader(app, structure_only))

    return workers.run(tasks, begin, max(1, min(processes, len(tasks))), done)


def _in_process(
    app: Sphinx,
    tasks: Sequence[Task],
    step: Step[Task, Result],
    done: Callable[[Task, Result], None],
    structure_only: bool,
) -> list[Result]:
    """Read again in this process, with a copy of the environment."""
    env, app_srcdir, disabled, quotes = app.env, app.srcdir, logging.root.manager.disable, app.config.smartquotes
    results = []
    reader: Rereader | None = None
    try:
        copy = pickle.loads(pickle.dumps(env, pickle.HIGHEST_PROTOCOL))  # noqa: S301 - our own object
        copy.setup(app)
        for name, value in vars(env).items():
            vars(copy).setdefault(name, value)  # what Sphinx leaves out when it pickles
        app.env = app.builder.env = copy
        reader = Rereader(app, structure_only)
        for task in tasks:
            results.append(step(reader, task))
            done(task, results[-1])
    finally:
        if reader is not None:
            reader.close()
        logging.disable(disabled)
        app.env = app.builder.env = env
        app.srcdir = app_srcdir
        app.config.smartquotes = quotes
        env.setup(app)
        for name in ("write_doctree", "checking", "rereading"):
            app.builder.__dict__.pop(name, None)
        anchors.expect(app, {})
    return results
