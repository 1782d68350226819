"""The Sphinx builder ``amts``: reads the book, translates what changed, and writes localized books that build.

The work is done in :meth:`AmtsBuilder.write`, for all documents and languages at once: plan every language, send (side by
side), put together, save the catalogs, write the trees and read them again.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, fields
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.builders import Builder
from sphinx.util import logging

from sphinx_amts import config, extract, stamps
from sphinx_amts.builder import additions, alone, checking, conf, edits, heap, records, tree, verify
from sphinx_amts.builder.console import one_line_errors, progress, shown
from sphinx_amts.checks import check_names
from sphinx_amts.engines import Cancellable, resolve
from sphinx_amts.extract import anchors, outside
from sphinx_amts.files import remove_temporaries, write_bytes
from sphinx_amts.formats import Edit, Format
from sphinx_amts.formats.rest import RestFormat
from sphinx_amts.memory import Memory
from sphinx_amts.model import AmtsError, Diagnostic, Document, Location, Pipeline
from sphinx_amts.report import history
from sphinx_amts.translate import Book, LanguageRun, standing
from sphinx_amts.translate.naming import NAMED_KINDS

logger = logging.getLogger(__name__)

IGNORE = b"# Disposable: the catalogs hold everything.\n*\n"
"""What keeps the index out of version control."""
DOLLARS = {"sphinx_math_dollar", "texext.math_dollar"}
"""Extensions that take what stands between dollars for maths in reST."""

SHOWN = 10
"""Diagnostics of one kind and language that are shown one by one."""


class AmtsBuilder(Builder):
    """``sphinx-build -b amts``."""

    name = "amts"
    format = ""
    epilog = ""  # Sphinx's is shown only where nothing fell short
    allow_parallel = True
    versioning_method = "none"
    use_message_catalog = False

    plan_only = False
    """Whether to stop before anything is sent or written (``amts estimate``, ``amts status``)."""

    prepare_runs = True
    """Whether a plan goes down to the segments that would be sent."""

    def init(self) -> None:
        """Check the configuration and construct the engines: a mistake stops the build before anything happens."""
        with one_line_errors():
            self._configure()

    def _configure(self) -> None:
        values = {option.name: self.config[f"amts_{option.name}"] for option in fields(config.Options)}
        options = config.read(values)
        for name, meant in config.unknown(self.config._raw_config):
            logger.warning("%s: no such option. Did you mean %s?", name, meant, type="amts")
        srcdir = Path(str(self.srcdir))
        self.locale_dir = srcdir / (self.config.locale_dirs[0] if self.config.locale_dirs else "locales")
        self.pipelines = config.pipelines(
            options,
            self.config.language or "en",
            Path(str(self.sphinx.confdir)),
            Path(str(self.outdir)),
            self.locale_dir,
        )
        if not self.pipelines:
            logger.warning(
                "amts_languages is empty: there is nothing to translate into. Add it to conf.py.", type="amts"
            )
        self.engines = {pipeline.language: resolve(pipeline.engine)(pipeline) for pipeline in self.pipelines}
        for pipeline in self.pipelines:
            check_names(pipeline.without_checks, "amts_without_checks")
            _check_paths(pipeline, srcdir)

    @property
    def sphinx(self) -> Sphinx:
        """The application (its attribute has changed its name in Sphinx 8)."""
        return self._app if hasattr(self, "_app") else self.app

    def get_outdated_docs(self) -> str:
        """Everything is looked at; what did not change costs nothing."""
        return "changed messages in all languages"

    def get_target_uri(self, docname: str, typ: str | None = None) -> str:
        """Localized documents have no addresses."""
        return ""

    def prepare_writing(self, docnames: Any) -> None:
        """Nothing to prepare."""

    def write_doc(self, docname: str, doctree: nodes.document) -> None:
        """Documents are written all at once by :meth:`write`."""

    def write(  # type: ignore[misc]
        self, build_docnames: Iterable[str] | None, updated_docnames: Iterable[str], method: str = "update"
    ) -> None:
        """Translate and write all languages."""
        with one_line_errors():
            self._translate()

    def _translate(self) -> None:
        if not self.plan_only:
            outdir = Path(str(self.outdir))
            outputs = (pipeline.output for pipeline in self.pipelines if outdir not in pipeline.output.parents)
            for folder in (self.locale_dir, outdir, *outputs):
                remove_temporaries(folder)
        self.runs = self.plan()
        if self.plan_only:
            return
        self._send(self.runs)
        for run in self.runs:
            run.compose()
            run.save()
        if self.runs:
            Trees(self, self.runs).write()
        for run in self.runs:
            self._check(run)
        self._report(self.runs)

    # -- the phases ------------------------------------------------------------------------------------------------

    def plan(self) -> list[LanguageRun]:
        """One planned run per language; nothing is sent."""
        book = self.book()
        self.units = tree.read_units(book.documents, book.formats, book.srcdir)
        runs = []
        for pipeline in self.pipelines:
            memory = Memory(pipeline.state / "memory.sqlite")
            run = LanguageRun(book, pipeline, self.engines[pipeline.language], memory)
            if not self.plan_only:
                run.catalogs.standing = edits.untouched(run, self.units)
            run.survey()
            runs.append(run)
        if not self.plan_only:
            self._absorb(runs)
        if self.prepare_runs:
            for run in runs:
                run.plan()
        return runs

    def _absorb(self, runs: Sequence[LanguageRun]) -> None:
        """Take what people changed in the localized trees into the catalogs."""
        for run in runs:
            count = edits.absorb(run, self.units, edits.sphinx_reader(self.sphinx))
            if count:
                logger.info("%s: %d edits found in the localized files", run.pipeline.language, count)
                run.survey()

    def book(self) -> Book:
        """The book as it was read."""
        known = extract.documents(self.env)
        documents = {name: known[name] for name in sorted(self.env.found_docs) if name in known}
        app = self.sphinx
        formats = _formats(app, documents.values())
        for document in documents.values():
            if document.format and document.format not in formats:
                logger.warning("%s: its syntax is not known; it is copied as it is", document.path, type="amts")
        return Book(
            project=str(self.config.project),
            documents=documents,
            domains={name: extract.domain_of(name, app) for name in documents},
            formats=formats,
            locale_dir=self.locale_dir,
            srcdir=Path(str(self.srcdir)),
            order=_reading_order(self.env.toctree_includes, self.config.root_doc, documents),
            extra=extract.template_messages(app),
        )

    def _send(self, runs: Sequence[LanguageRun]) -> None:
        """Send what is missing, all languages side by side."""
        total = sum(len(run.missing) for run in runs)
        pool = ThreadPoolExecutor(len(runs) or 1)
        with progress("translating segments", total, self.sphinx.quiet) as step, pool:
            futures = [pool.submit(run.send, step) for run in runs]
            try:
                for future in futures:
                    future.result()
            except KeyboardInterrupt:
                for run in runs:
                    if isinstance(run.engine, Cancellable):
                        run.engine.cancel()
                raise

    def _check(self, run: LanguageRun) -> None:
        """Examine the translations, and keep what the run changed for the page for reviewers."""
        checked = checking.check(run)
        run.summary.checks = dict(checked.counts)
        run.summary.drafts = checked.drafts
        for line in checking.lines(run, checked):
            logger.info("%s", line)
        history.record(run.pipeline.state, asdict(run.summary), _changes(run))

    def _report(self, runs: Sequence[LanguageRun]) -> None:
        """Write ``amts.json``, close the console output, and set the exit status."""
        summary: dict[str, Any] = {}
        self._show_problems(runs)
        for run in runs:
            figures = asdict(run.summary)
            summary[run.pipeline.language] = figures
            self._show(run)
            logger.info(
                "%s (%s): %d messages, %d unchanged, %d reused; sent %d segments (%d characters); "
                "%d kept in the source language; %d documents written",
                run.pipeline.language,
                *(
                    figures[name]
                    for name in (
                        "engine", "messages", "unchanged", "reused", "sent_segments", "sent_characters", "kept_source",
                        "documents_written",
                    )
                ),
            )  # fmt: skip
            if run.diagnostics or run.summary.kept_source or run.summary.conflicts:
                self.sphinx.statuscode = 1
            run.memory.close()
        for run in runs:
            logger.info(
                "%s: see it with: sphinx-build -b html %s HTML", run.pipeline.language, shown(run.pipeline.output)
            )
        text = json.dumps(summary, indent=2, ensure_ascii=False) + "\n"
        write_bytes(Path(str(self.outdir)) / "amts.json", text.encode())

    def _show_problems(self, runs: Sequence[LanguageRun]) -> None:
        """Name the files that could not be read as what they are, once for all languages."""
        for document in runs[0].book.documents.values() if runs else ():
            if one := document.problem:
                logger.warning(
                    "%s [%s]", one.message, one.code, location=str(one.location), type="amts", subtype=one.code
                )
                self.sphinx.statuscode = 1

    def _show(self, run: LanguageRun) -> None:
        """Name what fell short: the first of each kind one by one, then how many more."""
        by_code: dict[str, list[Diagnostic]] = {}
        for diagnostic in run.diagnostics:
            by_code.setdefault(diagnostic.code, []).append(diagnostic)
        for code, found in by_code.items():
            named = 0 if code == "not-translated" else SHOWN
            for diagnostic in found[:named]:
                place = diagnostic.location
                location = str(place) if place else None
                logger.warning("%s [%s]", diagnostic.message, code, location=location, type="amts", subtype=code)
            if len(found) > named:
                more = "more " if named else ""
                logger.info(
                    "%s: %d %sin the source language [%s]; 'amts status' names the documents",
                    run.pipeline.language, len(found) - named, more, code,
                )  # fmt: skip


class Trees:
    """The localized trees of one build."""

    def __init__(self, builder: AmtsBuilder, runs: Sequence[LanguageRun]) -> None:
        self.builder = builder
        self.runs = runs
        self.app = builder.sphinx
        book = runs[0].book
        self.srcdir = book.srcdir
        self.units = builder.units
        outputs = [run.pipeline.output for run in runs]
        skipped = [*outputs, builder.locale_dir, Path(str(builder.outdir)), Path(str(self.app.doctreedir))]
        self.files = tree.book_files(self.srcdir, skipped)
        self.main_units = {Path(document.path): document for document in book.documents.values()}

    def write(self) -> None:
        """Write all trees; documents are checked in worker processes."""
        ledgers = {}
        jobs: list[tuple[LanguageRun, verify.Job, str, str]] = []
        for run in self.runs:
            ledger = ledgers[run.pipeline.language] = tree.Ledger.load(run.pipeline.state / "tree.json")
            tree.refuse_links(run.pipeline.output, [*self.files, *map(Path, ledger.files)])
            self._write_others(run, ledger)
            self._keep_cut(run)
            jobs += self._jobs(run, ledger)
        for run in self.runs:
            own = [job for other, job, _name, _key in jobs if other is run]
            run.showing.begin(
                (edit.text for job in own for edit in job.edits), [(job.document, job.target) for job in own]
            )
        runs = {job.target: run for run, job, _name, _key in jobs}
        with progress("writing and checking documents", len(jobs), self.app.quiet) as step:

            def done(job: verify.Job, outcome: verify.Outcome) -> None:
                if not outcome.error:
                    runs[job.target].showing.note_written(job.document, outcome.shown)
                step(1)

            outcomes = verify.run(self.app, [job for _run, job, _name, _key in jobs], os.cpu_count() or 1, done)
        written: dict[str, list[tuple[Document, Mapping[str, str]]]] = {run.pipeline.language: [] for run in self.runs}
        for (run, job, name, key), outcome in zip(jobs, outcomes, strict=True):
            if outcome.error:
                raise AmtsError(outcome.error)
            run.summary.documents_written += outcome.written
            self._take_back(run, outcome)
            ledgers[run.pipeline.language].note(name, key, job.target)
            written[run.pipeline.language].append((job.document, outcome.shown))
        for run in self.runs:
            run.save()
            self._write_anchors(run, ledgers[run.pipeline.language])
            outside.note(self.app, run.pipeline.output)
            self._remove_leftovers(run, ledgers[run.pipeline.language])
            records.note(run, written[run.pipeline.language])  # first: what the ledger has is not looked at again
            ledgers[run.pipeline.language].save()
            standing.note(run)
            write_bytes(run.pipeline.state.parent / ".gitignore", IGNORE)

    def _write_anchors(self, run: LanguageRun, ledger: tree.Ledger) -> None:
        """Put the source's anchors beside the documents whose titles or terms are translated."""
        path = run.pipeline.output / anchors.FILE
        is_known = ledger.was_written(anchors.FILE, path)
        if is_known and set(run.book.domains.values()) <= set(run.catalogs.standing):
            return
        written = anchors.read(path) if is_known else {}
        kept = {}
        for name, document in run.book.documents.items():
            if is_known and run.book.domains[name] in run.catalogs.standing:
                has_new_names = name in written
            else:
                has_new_names = bool(document.anchors) and _has_new_names(document, run.texts(name))
            if has_new_names:
                kept[name] = document.anchors
        if kept or path.exists():
            write_bytes(path, anchors.encode(kept))
        ledger.note(anchors.FILE, "anchors", path)

    def _write_others(self, run: LanguageRun, ledger: tree.Ledger) -> None:
        """Copy what holds no messages, and write ``conf.py``."""
        output = run.pipeline.output
        confdir = Path(str(self.app.confdir))
        for name in self.files:
            source, target = self.srcdir / name, output / name
            if source in self.main_units:
                continue
            if source in self.units or (name == Path("conf.py") and confdir == self.srcdir):
                continue
            self._copy(source, target, name.as_posix(), ledger)
        path = confdir / "conf.py"
        if path.is_file():
            with path.open(encoding="utf-8", newline="") as file:
                text = conf.localized(file.read(), run.pipeline.language, confdir, output)
            write_bytes(output / "conf.py", text.encode())

    def _remove_leftovers(self, run: LanguageRun, ledger: tree.Ledger) -> None:
        """Remove files that an earlier run wrote and the book no longer has; what somebody edited stays."""
        current = {anchors.FILE, *(name.as_posix() for name in self.files)}
        for name in sorted(set(ledger.files) - current):
            target = run.pipeline.output / name
            if ledger.was_written(name, target):
                target.unlink(missing_ok=True)
            elif target.exists():
                text = f"{run.pipeline.language}: the book has no such file any more, but somebody edited it: it stays"
                run.diagnostics.append(Diagnostic("left-over", text, Location(target.as_posix(), 0)))
            del ledger.files[name]

    @staticmethod
    def _copy(source: Path, target: Path, name: str, ledger: tree.Ledger) -> bool:
        """Copy a file unless the last run did; return whether *target* changed."""
        mark = stamps.mark(source)
        if ledger.is_current(name, mark, target):
            return False
        changed = tree.copy(source, target)
        ledger.note(name, mark, target)
        return changed

    def _included(self, run: LanguageRun) -> dict[str, list[verify.Included]]:
        """Files that documents include, by the first document that does: they are written and checked together."""
        files = [path for path in self.units if path not in self.main_units]
        texts: dict[str, str] = {}
        owners: dict[Path, str] = {}
        for docname, document in run.book.documents.items() if files else ():
            elsewhere = {one.location.path for one in document.messages if one.spans} - {document.path}
            if elsewhere:
                texts = {**run.texts(docname), **texts}
            for name in elsewhere:
                owners.setdefault(Path(name), docname)
        found: dict[str, list[verify.Included]] = {}
        for path in files:
            unit, target = self.units[path], run.pipeline.output / path.relative_to(self.srcdir)
            edits = tuple(tree.edits_of(unit, texts))
            found.setdefault(owners[path], []).append(verify.Included(unit, edits, target))
        return found

    def _jobs(self, run: LanguageRun, ledger: tree.Ledger) -> list[tuple[LanguageRun, verify.Job, str, str]]:
        """Documents whose localized file is not what it should be."""
        jobs = []
        included = self._included(run)
        for path, document in self.main_units.items():
            if run.book.domains[document.docname] in run.catalogs.standing:
                continue
            target = run.pipeline.output / path.relative_to(self.srcdir)
            unit = self.units.get(path)
            name = path.relative_to(self.srcdir).as_posix()
            if unit is None:
                run.summary.documents_written += self._copy(path, target, name, ledger)
                continue
            changes = tree.edits_of(unit, run.texts(document.docname))
            added = tuple(additions.load(run.memory, document.docname))
            parts = tuple(included.get(document.docname, ()))
            key = _key(document, [*changes, *(edit for part in parts for edit in part.edits)])
            key += f"+{added}" if added else ""
            if not ledger.is_current(name, key, target) or not all(part.target.exists() for part in parts):
                is_new = not target.exists()
                self._complete([(path, target), *((part.unit.path, part.target) for part in parts)])
                fallbacks = run.fallbacks(document.docname)
                output = run.pipeline.output
                job = verify.Job(document, unit, tuple(changes), output, target, is_new, fallbacks, added, parts)
                jobs.append((run, job, name, key))
        return jobs

    @staticmethod
    def _complete(files: Iterable[tuple[Path, Path]]) -> None:
        """Put sources where localized files are missing: documents are checked against a tree that has all its files."""
        for source, target in files:
            if not target.exists():
                tree.copy(source, target)

    def _keep_cut(self, run: LanguageRun) -> None:
        """Name the messages that stay because an include of the book looks for their text."""
        for unit in self.units.values():
            for message in unit.messages:
                if message in unit.cut and run.is_translated(message):
                    run.take_back(message, "include", "an include directive cuts its file at this text")

    def _take_back(self, run: LanguageRun, outcome: verify.Outcome) -> None:
        for message, code, reason in outcome.reverted:
            run.take_back(message, code, reason)


def _changes(run: LanguageRun) -> Iterator[history.Change]:
    """The translations that differ from those of the catalogs that the run began with."""
    for domain, catalog in run.catalogs.begun.items():
        previous = {msgid: entry for (owner, msgid), entry in run.matcher.previous.items() if owner == domain}
        yield from history.changes_of(domain, catalog.by_msgid(), run.catalogs.entries[domain], previous)


def _has_new_names(document: Document, texts: Mapping[str, str]) -> bool:
    """Whether a title or term of *document* is translated."""
    named = (message for message in document.messages if message.kind in NAMED_KINDS)
    return any(tree.differs(message, texts.get(message.msgid, message.raw)) for message in named)


def _key(document: Document, changes: Sequence[Edit]) -> str:
    """Digest of all that decides a localized document."""
    total = hashlib.sha256(document.digest.encode())
    for edit in changes:
        total.update(f"{edit.message.spans}{edit.text}\0".encode())
    return total.hexdigest()[:20]


def _reading_order(children: Mapping[str, Sequence[str]], root: str, documents: Iterable[str]) -> tuple[str, ...]:
    """*documents* in the order of the toctrees from *root* down; those that are in none follow."""
    known = dict.fromkeys(documents)
    order: dict[str, None] = {}
    waiting = [root]
    while waiting:
        name = waiting.pop()
        if name in known and name not in order:
            order[name] = None
            waiting += reversed(children.get(name, ()))
    return (*order, *(name for name in known if name not in order))


def _formats(app: Sphinx, documents: Iterable[Document]) -> Mapping[str, Format]:
    """The formats that the book's documents are written in."""
    wanted = {document.format for document in documents}
    formats: dict[str, Format] = {}
    if wanted:
        formats["rest"] = RestFormat(dollars=not DOLLARS.isdisjoint(app.extensions))
    if "myst" in wanted:
        from sphinx_amts.formats.myst import MystFormat

        formats["myst"] = MystFormat(app.env.myst_config)  # type: ignore[attr-defined]
    if "d2lbook" in wanted:
        from sphinx_amts.formats.d2lbook.syntax import D2lFormat

        formats["d2lbook"] = D2lFormat(app.env.myst_config)  # type: ignore[attr-defined]
    if "notebook" in wanted:
        from sphinx_amts.formats.notebook import NotebookFormat

        formats["notebook"] = NotebookFormat(app.env.myst_config)  # type: ignore[attr-defined]
    if "nbsphinx" in wanted and find_spec("myst_parser"):
        from sphinx_amts.formats.notebook.converted import ConvertedFormat

        formats["nbsphinx"] = ConvertedFormat()
    return formats


def _check_paths(pipeline: Pipeline, srcdir: Path) -> None:
    """Refuse an output folder that would overwrite the book, and data files that cannot be read."""
    if pipeline.output == srcdir or pipeline.output in srcdir.parents:
        raise AmtsError(
            f"amts_output: {pipeline.output} holds the book itself. Choose a folder of its own for {pipeline.language}."
        )
    nearest = next(folder for folder in [pipeline.output, *pipeline.output.parents] if folder.exists())
    if not nearest.is_dir() or not os.access(nearest, os.W_OK):
        raise AmtsError(f"{nearest}: the localized book cannot be written there. Check its permissions.")
    for path in [*pipeline.parallel_data, *pipeline.terminology]:
        if not path.is_file() or not os.access(path, os.R_OK):
            raise AmtsError(
                f"amts_parallel_data or amts_terminology: {path} is no readable file. Paths are relative to conf.py."
            )


def _hide_outputs(app: Sphinx, _config: Any) -> None:
    """Keep localized trees inside the source folder from being read as chapters of the book."""
    srcdir = Path(str(app.srcdir))
    languages = app.config.amts_languages or ()
    names = [str(app.outdir)]
    if isinstance(app.config.amts_output, str):
        names += [app.config.amts_output.replace("{language}", language) for language in languages]
    for name in names:
        folder = (Path(str(app.confdir)) / name).resolve()
        if srcdir in folder.parents:
            pattern = folder.relative_to(srcdir).as_posix()
            if pattern not in app.config.exclude_patterns:
                app.config.exclude_patterns.append(pattern)


def setup(app: Sphinx) -> None:
    """Register the builder and its options."""
    for option in fields(config.Options):
        app.add_config_value(f"amts_{option.name}", _default(option), "", _types(option.name))
    app.add_builder(AmtsBuilder)
    app.connect("config-inited", _hide_outputs)
    alone.setup(app)
    heap.setup(app)


def _default(option: Any) -> Any:
    from dataclasses import MISSING

    return option.default if option.default is not MISSING else option.default_factory()


def _types(name: str) -> Any:
    """Types for Sphinx's own warning; the real check is :func:`sphinx_amts.config.read`."""
    return {"languages": [list, tuple, dict], "max_cost": [int, float, type(None)], "output": [str, type(None)]}.get(
        name, ()
    )
