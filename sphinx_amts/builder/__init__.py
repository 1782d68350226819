"""The Sphinx builder ``amts``: reads the book, translates what changed, and writes localized books that build.

The work is done in :meth:`AmtsBuilder.write`, for all documents and languages at once: plan every language, send (side by
side), put together, save the catalogs, write the trees and read them again.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.builders import Builder
from sphinx.util import logging

from sphinx_amts import config
from sphinx_amts.builder import alone, checking, edits, heap, hiding, reading, tree
from sphinx_amts.builder.console import one_line_errors, progress
from sphinx_amts.builder.reporting import report
from sphinx_amts.builder.writing import Trees
from sphinx_amts.checks import check_names
from sphinx_amts.engines import Cancellable, construct
from sphinx_amts.extract.application import application
from sphinx_amts.files import remove_temporaries
from sphinx_amts.memory import Memory
from sphinx_amts.model import AmtsError, ConfigurationError, Pipeline
from sphinx_amts.report import history
from sphinx_amts.translate import LanguageRun

logger = logging.getLogger(__name__)


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
        self.limit = options.max_cost
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
        self.engines = {pipeline.language: construct(pipeline.engine, pipeline) for pipeline in self.pipelines}
        for pipeline in self.pipelines:
            check_names(pipeline.without_checks, "amts_without_checks")
            _check_paths(pipeline, srcdir)
            if Path(str(self.outdir)) not in pipeline.output.parents:
                _check_apart(pipeline, self.locale_dir.resolve())

    @property
    def sphinx(self) -> Sphinx:
        """The application."""
        return application(self)

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
        _check_cost(self.runs, self.limit)
        self._send(self.runs)
        for run in self.runs:
            run.compose()
            run.save()
        for run in self.runs:
            run.forget_sentences()
        if self.runs:
            Trees(self.sphinx, Path(str(self.outdir)), self.units, self.runs).write()
        for run in self.runs:
            self._check(run)
        report(self.sphinx, Path(str(self.outdir)), self.runs)

    # -- the phases ------------------------------------------------------------------------------------------------

    def plan(self) -> list[LanguageRun]:
        """One planned run per language; nothing is sent."""
        book = reading.read(self.sphinx, self.locale_dir)
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

    def _send(self, runs: Sequence[LanguageRun]) -> None:
        """Send what is missing, all languages side by side."""
        total = sum(len(run.missing) for run in runs)
        pool = ThreadPoolExecutor(len(runs) or 1)
        with progress("translating segments", total, self.sphinx.quiet) as step, pool:
            try:
                futures = [pool.submit(run.send, step) for run in runs]
                for future in futures:
                    future.result()
            except KeyboardInterrupt:
                logger.warning(
                    "amts: waiting for the answers that are under way, to keep them; Ctrl-C again stops at once"
                )
                for run in runs:
                    run.asker.stopped = True
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


def _changes(run: LanguageRun) -> Iterator[history.Change]:
    """The translations that differ from those of the catalogs that the run began with."""
    for domain, catalog in run.catalogs.begun.items():
        previous = {msgid: entry for (owner, msgid), entry in run.matcher.previous.items() if owner == domain}
        yield from history.changes_of(domain, catalog.by_msgid(), run.catalogs.entries[domain], previous)


def _check_cost(runs: Sequence[LanguageRun], limit: float | None) -> None:
    """Refuse to send what costs more than a language's own limit, or, for all languages together, than the common one."""
    costs = {run.pipeline.language: run.summary.estimated_cost for run in runs}
    for run in runs:
        own = run.pipeline.max_cost
        if own is not None and costs[run.pipeline.language] > own:
            _refuse_cost(run.pipeline.language, costs[run.pipeline.language], own)
    common = [run.pipeline.language for run in runs if run.pipeline.max_cost == limit]
    if limit is not None and (total := sum(costs[language] for language in common)) > limit:
        _refuse_cost(", ".join(common), total, limit)


def _refuse_cost(languages: str, cost: float, limit: float) -> None:
    raise ConfigurationError(
        f"{languages}: this run would cost about ${cost:.2f}, more than amts_max_cost = {limit}. Nothing was sent. "
        "Raise the limit, or translate in parts (amts_languages, amts_exclude)."
    )


def _check_apart(pipeline: Pipeline, locale_dir: Path) -> None:
    """Refuse an output folder inside or around the catalogs."""
    if locale_dir in (pipeline.output, *pipeline.output.parents) or pipeline.output in locale_dir.parents:
        raise AmtsError(
            f"amts_output: {pipeline.output} and {locale_dir}, which holds the catalogs, lie in each other. "
            f"Choose a folder of its own for {pipeline.language}."
        )


def _check_paths(pipeline: Pipeline, srcdir: Path) -> None:
    """Refuse an output folder that would overwrite the book, and data files that cannot be read."""
    if pipeline.output == srcdir or pipeline.output in srcdir.parents:
        raise AmtsError(
            f"amts_output: {pipeline.output} holds the book itself. Choose a folder of its own for {pipeline.language}."
        )
    nearest = next(folder for folder in [pipeline.output, *pipeline.output.parents] if folder.exists())
    if not nearest.is_dir():
        raise AmtsError(
            f"{nearest}: is a file, and the localized book would be written there. "
            "Move it away, or name another folder (the output folder of sphinx-build, or amts_output)."
        )
    if not os.access(nearest, os.W_OK):
        raise AmtsError(f"{nearest}: the localized book cannot be written there. Check its permissions.")
    for option, paths in (("parallel_data", pipeline.parallel_data), ("terminology", pipeline.terminology)):
        for path in paths:
            if not path.is_file() or not os.access(path, os.R_OK):
                raise AmtsError(f"amts_{option}: {path} is no readable file. Paths are relative to conf.py.")


def setup(app: Sphinx) -> None:
    """Register the builder and its options."""
    for option in fields(config.Options):
        app.add_config_value(f"amts_{option.name}", _default(option), "", _types(option.name))
    app.add_builder(AmtsBuilder)
    hiding.setup(app)
    app.connect("env-before-read-docs", reading.check)
    alone.setup(app)
    heap.setup(app)


def _default(option: Any) -> Any:
    from dataclasses import MISSING

    return option.default if option.default is not MISSING else option.default_factory()


def _types(name: str) -> Any:
    """Types for Sphinx's own warning; the real check is :func:`sphinx_amts.config.read`."""
    return {
        "languages": [list, tuple, dict],
        "max_cost": [int, float, str, type(None)],
        "output": [str, type(None)],
    }.get(name, ())
