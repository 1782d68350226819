"""``amts align``: a book in two languages becomes parallel data; two lists of sentences become beads."""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

from sphinx_amts.align import align_sentence_files
from sphinx_amts.cli.evaluate.aligned import articles_of
from sphinx_amts.cli.evaluate.pairing import Unit, pair
from sphinx_amts.cli.reading import read_blocks
from sphinx_amts.config import check_language
from sphinx_amts.model import ConfigurationError, FileError
from sphinx_amts.parallel import write_pairs

FORMATS = {".csv", ".tsv", ".tmx"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.add_argument("source", metavar="SOURCE", type=Path, help="a file or folder in the source language")
    parser.add_argument("target", metavar="TARGET", type=Path, help="its translation")
    parser.add_argument("-o", "--output", metavar="FILE", type=Path, help="parallel data: .csv, .tsv or .tmx")
    parser.add_argument(
        "--granularity",
        choices=("sentence", "paragraph"),
        default="sentence",
        help="what a pair is (default: sentence)",
    )
    parser.add_argument("--source-lang", metavar="L", default="en", help="Sphinx's code (default: en)")
    parser.add_argument("--target-lang", metavar="L", help="Sphinx's code, such as zh_CN")
    parser.add_argument(
        "--sentences",
        action="store_true",
        help="SOURCE and TARGET hold one sentence a line, blank lines between blocks; prints beads as JSON lines",
    )
    parser.add_argument(
        "--min-score", metavar="S", type=float, default=0.5, help="confidence (0 to 1) below which a pair is left out"
    )


def run(arguments: argparse.Namespace) -> int:
    """Align; exit status 1 if some documents have no counterpart."""
    return _sentences(arguments) if arguments.sentences else _book(arguments)


def _sentences(arguments: argparse.Namespace) -> int:
    source, target = _lines(arguments.source), _lines(arguments.target)
    languages = (arguments.source_lang, arguments.target_lang) if arguments.target_lang else None
    for bead in align_sentence_files(source, target, languages):
        print(json.dumps({"src": list(bead.source), "tgt": list(bead.target)}))
    return 0


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8-sig").split("\n")
    except OSError as error:
        raise FileError(path, f"cannot be read ({error.strerror})", "Check the path.") from error
    except UnicodeDecodeError as error:
        raise FileError(path, f"is not UTF-8 (byte {error.start})", "Save the file as UTF-8.") from error


def _book(arguments: argparse.Namespace) -> int:
    if arguments.output is None or arguments.output.suffix.lower() not in FORMATS:
        raise ConfigurationError(f"-o {arguments.output}: name a file that ends in {', '.join(sorted(FORMATS))}.")
    if not arguments.target_lang:
        raise ConfigurationError("--target-lang is missing: name the language of TARGET, such as zh_CN.")
    languages = arguments.source_lang, arguments.target_lang
    for language, option in zip(languages, ("--source-lang", "--target-lang"), strict=True):
        check_language(language, option)
    with tempfile.TemporaryDirectory() as state:
        source = read_blocks(arguments.source, languages[0], Path(state))
        target = read_blocks(arguments.target, languages[1], Path(state))
    if arguments.source.is_file() and arguments.target.is_file():
        target = dict.fromkeys(source, next(iter(target.values())))
    articles = articles_of(source, target, languages)
    if not articles:
        raise ConfigurationError(f"{arguments.source} and {arguments.target} have no document in common.")
    units: list[Unit] = []
    for article in articles:
        units += article.sentences if arguments.granularity == "sentence" else article.paragraphs
    kept = [pair(unit, *languages) for unit in units if unit.score >= arguments.min_score]
    report = write_pairs(arguments.output, kept, *languages)
    alone = sorted(set(source) - {article.name for article in articles})
    print(
        f"{len(articles)} documents, {len(units)} pairs, {len(units) - len(kept)} below {arguments.min_score}; {report}"
    )
    for name in alone:
        print(f"{name}: has no counterpart in {arguments.target}")
    return int(bool(alone))
