"""``amts import BOOK FILE``: what a translation tool made of an exported file, or a translation memory, into the catalogs."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from sphinx_amts import exchange
from sphinx_amts.cli import book
from sphinx_amts.model import ConfigurationError
from sphinx_amts.parallel.languages import find
from sphinx_amts.translate import LanguageRun

EXAMPLE = "amts import book from-translators.xlf --dry-run"
"""Shown by ``--help``."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.add_argument("book", metavar="BOOK", type=Path, help="the source folder of the book, with its conf.py")
    parser.add_argument("file", metavar="FILE", type=Path, help="the file to read: .tmx, .xlf or .xliff")
    parser.add_argument("-c", "--confdir", type=Path, help="the folder of conf.py, if it is another one")
    parser.add_argument(
        "--language", metavar="L", help="the language, if the file does not say which of the book's it is"
    )
    parser.add_argument("--format", choices=("tmx", "xliff"), help="the format, if the file's ending does not say it")
    parser.add_argument("--dry-run", action="store_true", help="only say what would change")


def run(arguments: argparse.Namespace) -> int:
    """Take the file over; exit status 1 if units were skipped or conflict. Nothing is sent."""
    format_ = exchange.format_of(arguments.file, arguments.format)
    codes = exchange.languages_of(arguments.file, format_)
    arguments.language = [arguments.language] if arguments.language else []
    with book.opened(arguments, prepare=False) as runs:
        one = _chosen(runs, codes, arguments.file)
        found = exchange.plan_import(one, arguments.file, format_)
        written = [] if arguments.dry_run else exchange.save(one, found)
    language = one.pipeline.language
    done = "dry run, nothing written" if arguments.dry_run else f"{len(written)} catalogs written"
    print(f"{language}: {found}; {done}")
    for problem in found.problems:
        print(problem, file=sys.stderr)
    return int(bool(found.problems))


def _chosen(runs: Sequence[LanguageRun], codes: set[str], path: Path) -> LanguageRun:
    """The language that a file is in."""
    if len(runs) == 1:
        return runs[0]
    fitting = [one for one in runs if find(sorted(codes), one.pipeline.language) is not None]
    if len(fitting) == 1:
        return fitting[0]
    known = ", ".join(one.pipeline.language for one in runs)
    theirs = ", ".join(sorted(codes)) or "no language"
    raise ConfigurationError(f"{path}: names {theirs}, the book has {known}. Name one of them with --language.")
