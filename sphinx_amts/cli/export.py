"""``amts export BOOK -o FILE``: the catalogs of a language as TMX or XLIFF."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from sphinx_amts import exchange
from sphinx_amts.cli import book
from sphinx_amts.model import ConfigurationError
from sphinx_amts.translate.states import STATES

ONLY = tuple(state for state in STATES if state != "translated")

EXAMPLE = "amts export book --language zh_CN -o for-translators.xlf"
"""Shown by ``--help``."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.add_argument("book", metavar="BOOK", type=Path, help="the source folder of the book, with its conf.py")
    parser.add_argument("-c", "--confdir", type=Path, help="the folder of conf.py, if it is another one")
    parser.add_argument("--language", metavar="L", help="the language, as in amts_languages, if the book has several")
    parser.add_argument(
        "-o", "--output", metavar="FILE", type=Path, required=True, help="what to write: .tmx, .xlf or .xliff"
    )
    parser.add_argument("--format", choices=("tmx", "xliff"), help="the format, if the file's ending does not say it")
    parser.add_argument(
        "--only",
        action="append",
        choices=ONLY,
        default=[],
        help="only messages in this state (may be repeated): a job for a translator",
    )


def run(arguments: argparse.Namespace) -> int:
    """Write the file; exit status 1 if something had to be left out."""
    format_ = exchange.format_of(arguments.output, arguments.format)
    arguments.language = [arguments.language] if arguments.language else []
    with book.opened(arguments, prepare=False) as runs:
        if len(runs) != 1:
            known = ", ".join(one.pipeline.language for one in runs)
            raise ConfigurationError(f"--language is missing: the book has {known}. Name one of them.")
        count, problems = exchange.export(runs[0], arguments.output, format_, arguments.only)
        print(f"{runs[0].pipeline.language}: {count} units written to {arguments.output}")
    for problem in problems:
        print(problem, file=sys.stderr)
    return int(bool(problems))
