"""Writing localized documents and reading them again: no translation may change a book's structure.

Each document is written, read with Sphinx's own reader in a process of its own, and compared with its source. What
differs is taken back: first the message where the difference begins, then the titles of the file, then the whole file.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import pickle
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

from sphinx_amts import extract
from sphinx_amts.builder.tree import Unit, spliced
from sphinx_amts.extract import anchors
from sphinx_amts.files import write_bytes
from sphinx_amts.formats import Edit, RenderError
from sphinx_amts.model import AmtsError, Document, Message

ROUNDS = 8
"""Readings of one document before all its messages go back to the source language."""


@dataclass(frozen=True, slots=True)
class Job:
    """One document of one language."""

    document: Document
    """The source document."""
    unit: Unit
    """Its file."""
    edits: tuple[Edit, ...]
    """What is to change in it."""
    tree: Path
    """Folder of the localized tree."""
    target: Path
    """Where the localized file goes."""


@dataclass(slots=True)
class Outcome:
    """What became of a job."""

    written: bool = False
    """Whether the file's bytes changed."""
    reverted: list[tuple[Message, str, str]] = field(default_factory=list)
    """Messages that went back to the source language, with a short code and the reason."""
    error: str = ""
    """Why the file could not be written; empty if it was."""


def run(app: Sphinx, jobs: Sequence[Job], processes: int, progress: Callable[[int], None]) -> list[Outcome]:
    """Do all *jobs* and return their outcomes in the same order, whatever the number of *processes*."""
    if not jobs:
        return []
    if "fork" not in multiprocessing.get_all_start_methods() or sys.platform == "darwin":
        return _in_process(app, jobs, progress)
    return _in_children(app, jobs, max(1, min(processes, len(jobs))), progress)


def _in_process(app: Sphinx, jobs: Sequence[Job], progress: Callable[[int], None]) -> list[Outcome]:
    """Read again in this process, with a copy of the environment (where processes cannot be forked)."""
    env, app_srcdir, disabled = app.env, app.srcdir, logging.root.manager.disable
    outcomes = []
    try:
        copy = pickle.loads(pickle.dumps(env, pickle.HIGHEST_PROTOCOL))  # noqa: S301 - our own object
        copy.setup(app)
        app.env = app.builder.env = copy
        for job in jobs:
            outcomes.append(_Reader(app).do(job))
            progress(1)
    finally:
        logging.disable(disabled)
        app.env = app.builder.env = env
        app.srcdir = app_srcdir
        env.setup(app)
        for name in ("write_doctree", "checking"):
            app.builder.__dict__.pop(name, None)
        anchors.expect(app, {})
    return outcomes


def _in_children(app: Sphinx, jobs: Sequence[Job], count: int, progress: Callable[[int], None]) -> list[Outcome]:
    context = multiprocessing.get_context("fork")
    order = sorted(range(len(jobs)), key=lambda number: -len(jobs[number].unit.text))
    outcomes: list[Outcome | None] = [None] * len(jobs)
    workers = []
    for first in range(count):
        ours, theirs = context.Pipe(duplex=False)
        worker = context.Process(target=_child, args=(app, [(n, jobs[n]) for n in order[first::count]], theirs))
        worker.start()
        theirs.close()
        workers.append((worker, ours))
    pending = {connection: worker for worker, connection in workers}
    while pending:
        for connection in multiprocessing.connection.wait(list(pending)):
            assert not isinstance(connection, (int,)), "only pipes are waited for"
            try:
                number, outcome = connection.recv()  # type: ignore[union-attr]
            except EOFError:
                pending.pop(connection).join()  # type: ignore[arg-type, call-overload]
                continue
            outcomes[number] = outcome
            progress(1)
    missing = [jobs[number].document.docname for number, outcome in enumerate(outcomes) if outcome is None]
    if missing:
        raise AmtsError(f"a worker process died while it checked {missing[0]!r}. Run the build again with -v for details.")
    return [outcome for outcome in outcomes if outcome is not None]


def _child(app: Sphinx, jobs: Sequence[tuple[int, Job]], connection: Any) -> None:
    try:
        reader = _Reader(app)
        for number, job in jobs:
            connection.send((number, reader.do(job)))
    finally:
        connection.close()
        sys.stdout.flush()
        os._exit(0)  # no exit handlers of the parent's


class _Reader:
    """Reads localized documents with the book's own Sphinx."""

    def __init__(self, app: Sphinx) -> None:
        self.app = app
        logging.disable(logging.CRITICAL)  # what is wrong with a localized document is told by its structure
        builder: Any = app.builder
        builder.write_doctree = lambda *_args, **_options: None
        builder.checking = True

    def do(self, job: Job) -> Outcome:
        """Write one document; take back what changes its structure."""
        outcome = Outcome()
        edits = list(job.edits)
        try:
            before = job.target.read_bytes() if job.target.is_file() else None
            for round_ in range(ROUNDS + 2):
                edits = self._write(job, edits, outcome)
                reason, culprits = self._culprits(job, edits, round_) if edits else ("", [])
                if not culprits:
                    break
                outcome.reverted += [(message, "structure", reason) for message in culprits]
                edits = [edit for edit in edits if edit.message not in culprits]
            outcome.written = job.target.read_bytes() != before
        except AmtsError as error:
            outcome.error = str(error)
        return outcome

    def _write(self, job: Job, edits: list[Edit], outcome: Outcome) -> list[Edit]:
        """Write the file; return the edits that could be made."""
        while True:
            try:
                data = spliced(job.unit, edits)
            except RenderError as error:
                assert error.edits, "a splicer names the edits that it cannot make"
                outcome.reverted += [(edit.message, error.code, str(error)) for edit in error.edits]
                edits = [edit for edit in edits if edit not in error.edits]
                continue
            write_bytes(job.target, data)
            return edits

    def _culprits(self, job: Job, edits: Sequence[Edit], round_: int) -> tuple[str, list[Message]]:
        """Read the document again; the messages to take back, and why."""
        ours, theirs = job.document.structure, self._read(job)
        difference = first_difference(ours, theirs)
        if difference is None:
            return "", []
        place, was, became = difference
        reason = f"the translation changes the document's structure ({was!r} becomes {became!r})"
        edited = [edit.message for edit in edits]
        titles = [message for message in edited if message.kind == "title"]
        if round_ >= ROUNDS:
            return reason, edited
        if round_ >= ROUNDS - 2 and titles:
            return reason, titles
        return reason, list(_near(job.document, place, edited))

    def _read(self, job: Job) -> tuple[str, ...]:
        app, env = self.app, self.app.env
        docname = job.document.docname
        tree: Any = type(app.srcdir)(job.tree)
        app.srcdir = env.srcdir = env.project.srcdir = tree  # type: ignore[misc]
        if hasattr(env.project, "_srcdir"):
            env.project._srcdir = tree
        anchors.expect(app, {docname: job.document.anchors})
        app.emit("env-purge-doc", env, docname)
        env.clear_doc(docname)
        try:
            app.builder.read_doc(docname)
        except Exception as error:  # noqa: BLE001 - whatever a directive raises, the text before it was at fault
            return (f"problem {error!r}",)
        return extract.documents(env)[docname].structure


def first_difference(ours: Sequence[str], theirs: Sequence[str]) -> tuple[int, str, str] | None:
    """Where two structures differ first: the place in *ours*, and what stands there on both sides; ``None`` if nowhere.

    Numbers of messages do not count: a sorted glossary has another order in another language.
    """
    left = [(number, line) for number, line in enumerate(ours) if not line.startswith("#")]
    right = [line for line in theirs if not line.startswith("#")]
    end = (len(ours) - 1, "the end")
    for position in range(max(len(left), len(right))):
        number, was = left[position] if position < len(left) else end
        became = right[position] if position < len(right) else "the end"
        if was != became:
            return number, was, became
    return None


def _near(document: Document, place: int, edited: Sequence[Message]) -> Iterator[Message]:
    """The edited message in which the difference begins, and a title that follows at once."""
    ordinals = [int(line[1:]) for line in document.structure[: place + 1] if line.startswith("#")]
    number = ordinals[-1] if ordinals else 0
    candidates = [message for message in document.messages[number:] if message in edited]
    before = [message for message in document.messages[: number + 1] if message in edited]
    first = before[-1] if before and before[-1] is document.messages[number] else None
    chosen = [first] if first else []
    following = candidates[1:] if first else candidates
    if following and (not chosen or following[0].kind == "title"):
        chosen.append(following[0])
    if not chosen and before:
        chosen = [before[-1]]
    yield from chosen
