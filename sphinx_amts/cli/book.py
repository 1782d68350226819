"""Opening a book for a command: Sphinx reads it, and nothing is sent or written but the disposable index."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.util.console import nocolor
from sphinx.util.docutils import docutils_namespace, patch_docutils
from sphinx.util.tags import Tags

from sphinx_amts.builder import AmtsBuilder
from sphinx_amts.model import AmtsError
from sphinx_amts.translate import LanguageRun


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of every command that opens a book."""
    parser.add_argument("book", metavar="BOOK", type=Path, help="the source folder of the book, with its conf.py")
    parser.add_argument("-c", "--confdir", type=Path, help="the folder of conf.py, if it is another one")
    parser.add_argument("--language", action="append", metavar="L", help="only this language (may be repeated)")


@contextmanager
def opened(arguments: argparse.Namespace, prepare: bool) -> Iterator[list[LanguageRun]]:
    """The languages' runs over the book, surveyed and, if *prepare*, planned down to what would be sent."""
    book, confdir = arguments.book.resolve(), (arguments.confdir or arguments.book).resolve()
    if not (confdir / "conf.py").is_file():
        raise AmtsError(f"{arguments.book}: no conf.py there. Name the source folder of a Sphinx book.")
    if not sys.stderr.isatty():
        nocolor()
    with patch_docutils(str(confdir)), docutils_namespace():
        builder = _builder(book, confdir)
        known = [pipeline.language for pipeline in builder.pipelines]
        for language in arguments.language or ():
            if language not in known:
                raise AmtsError(f"--language {language}: not in amts_languages. Accepted: {', '.join(known)}.")
        if arguments.language:
            builder.pipelines = tuple(one for one in builder.pipelines if one.language in arguments.language)
        builder.prepare_runs = prepare
        builder.sphinx.build()
        runs: list[LanguageRun] = builder.runs
        try:
            yield runs
        finally:
            for run in runs:
                run.memory.close()


def _builder(book: Path, confdir: Path) -> AmtsBuilder:
    config = Config.read(str(confdir), overrides={}, tags=Tags())
    locale = book / ((config.locale_dirs or ["locales"])[0])
    index = locale / ".amts"
    app = Sphinx(
        str(book), str(confdir), str(index / "out"), str(index / "doctrees"), "amts", status=None, warning=sys.stderr
    )
    builder = app.builder
    assert isinstance(builder, AmtsBuilder), "the builder's name is ours"
    builder.plan_only = True
    return builder
