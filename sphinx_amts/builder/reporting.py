"""What a build says at its end: diagnostics, counts, ``amts.json``, and the exit status."""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.util import logging

from sphinx_amts.builder import tree
from sphinx_amts.builder.console import shown
from sphinx_amts.files import write_bytes
from sphinx_amts.model import Diagnostic
from sphinx_amts.translate import LanguageRun

logger = logging.getLogger(__name__)

SHOWN = 10
"""Diagnostics of one kind and language that are shown one by one."""


def report(app: Sphinx, outdir: Path, runs: Sequence[LanguageRun]) -> None:
    """Write ``amts.json`` into *outdir*, close the console output, and set the exit status of *app*."""
    summary: dict[str, Any] = {}
    _show_problems(app, runs)
    for run in runs:
        figures = asdict(run.summary)
        summary[run.pipeline.language] = figures
        _show(run)
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
            app.statuscode = 1
        run.memory.close()
    for run in runs:
        logger.info(
            "%s: see it with: sphinx-build -b html %s HTML",
            run.pipeline.language,
            shlex.quote(shown(run.pipeline.output)),
        )
    text = json.dumps(summary, indent=2, ensure_ascii=False) + "\n"
    write_bytes(outdir / tree.SUMMARY, text.encode())


def _show_problems(app: Sphinx, runs: Sequence[LanguageRun]) -> None:
    """Name the files that could not be read as what they are, once for all languages."""
    for document in runs[0].book.documents.values() if runs else ():
        if one := document.problem:
            logger.warning("%s [%s]", one.message, one.code, location=str(one.location), type="amts", subtype=one.code)
            app.statuscode = 1


def _show(run: LanguageRun) -> None:
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
