"""``amts align``: a book in two languages becomes parallel data; two lists of sentences become beads."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

from sphinx_amts.align import DOUBTFUL, MismatchError, align_sentence_files, check_languages
from sphinx_amts.cli.evaluate.aligned import articles_of, check_document
from sphinx_amts.cli.evaluate.pairing import Article, Unit, pair
from sphinx_amts.cli.reading import Block, read_blocks
from sphinx_amts.config import check_language
from sphinx_amts.formats.inline import plain
from sphinx_amts.model import ConfigurationError, FileError
from sphinx_amts.parallel import write_pairs

FORMATS = {".csv", ".tsv", ".tmx"}
FEW = 8
"""Documents with fewer sentences are not judged by their scores: a title and two sentences say little."""
SURE = 0.9
"""Mean score from which a document is a translation of its counterpart without another check."""

Blocks: TypeAlias = "Mapping[str, Sequence[Block]]"
"""Documents of one language by name."""

EXAMPLE = "amts align book/en book/zh -o pairs-zh_CN.csv --source-lang en --target-lang zh_CN"
"""Shown by ``--help``."""


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
    """Align; exit status 1 if documents were left out, each with its reason."""
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
    languages = _checked(arguments)
    source, target = _read(arguments, languages)
    left_out: list[str] = []
    names = [name for name in source if _is_fit(name, source, target, languages, left_out)]
    left_out += [f"{name}: has no counterpart in the source" for name in sorted(set(target) - set(source))]
    good = _articles({name: source[name] for name in names}, target, languages, left_out)
    for problem in left_out:
        print(f"left out: {problem}", file=sys.stderr)
    if not good:
        raise ConfigurationError(f"{arguments.source} and {arguments.target}: nothing to align. No file was written.")
    units: list[Unit] = []
    for article in good:
        units += article.sentences if arguments.granularity == "sentence" else article.paragraphs
    kept = [pair(unit, *languages) for unit in units if unit.score >= arguments.min_score]
    report = write_pairs(arguments.output, kept, *languages)
    print(f"{len(good)} documents, {len(units)} pairs, {len(units) - len(kept)} below {arguments.min_score}; {report}")
    return int(bool(left_out))


def _articles(source: Blocks, target: Blocks, languages: tuple[str, str], left_out: list[str]) -> list[Article]:
    """The documents that are translations of their counterparts, aligned with a lexicon that was learned from them alone."""
    articles = articles_of(source, target, languages)
    good = [article for article in articles if _is_translation(article, source, target, languages, left_out)]
    if len(good) == len(articles):
        return articles
    return articles_of({article.name: source[article.name] for article in good}, target, languages)


def _checked(arguments: argparse.Namespace) -> tuple[str, str]:
    """The languages, if the arguments are in order. Raises :class:`ConfigurationError`."""
    if arguments.output is None or arguments.output.suffix.lower() not in FORMATS:
        raise ConfigurationError(
            f"-o {arguments.output or 'is missing'}: name a file that ends in {', '.join(sorted(FORMATS))}."
        )
    if not arguments.target_lang:
        raise ConfigurationError("--target-lang is missing: name the language of TARGET, such as zh_CN.")
    if not 0 <= arguments.min_score <= 1:
        raise ConfigurationError(f"--min-score {arguments.min_score}: name a number from 0 to 1.")
    languages = arguments.source_lang, arguments.target_lang
    for language, option in zip(languages, ("--source-lang", "--target-lang"), strict=True):
        check_language(language, option)
    return languages


def _read(arguments: argparse.Namespace, languages: tuple[str, str]) -> tuple[Blocks, Blocks]:
    """The documents of both sides by name; of two files, the second takes the name of the first."""
    with tempfile.TemporaryDirectory() as state:
        source = read_blocks(arguments.source, languages[0], Path(state))
        target = read_blocks(arguments.target, languages[1], Path(state))
    if arguments.source.is_file() and arguments.target.is_file():
        target = dict.fromkeys(source, next(iter(target.values())))
    return source, target


def _is_fit(name: str, source: Blocks, target: Blocks, languages: tuple[str, str], left_out: list[str]) -> bool:
    """Whether a document has text in the right language on both sides; if not, *left_out* gets the reason."""
    if name not in target:
        left_out.append(f"{name}: has no counterpart in the translation")
        return False
    sides = [[plain(one.pieces) for block in side[name] for one in block.segments] for side in (source, target)]
    empty = [label for label, side in zip(("source", "translation"), sides, strict=True) if not side]
    if empty:
        left_out.append(f"{name}: has no text in the {' and the '.join(empty)}")
        return False
    try:
        check_languages(sides[0], sides[1], languages)
    except MismatchError as error:
        left_out.append(f"{name}: {error}")
        return False
    return True


def _is_translation(
    article: Article, source: Blocks, target: Blocks, languages: tuple[str, str], left_out: list[str]
) -> bool:
    """Whether a document is a translation of its counterpart; if not, *left_out* gets the reason.

    Scores alone do not tell: a free translation may have lower ones than another chapter of the book.
    """
    if article.score >= SURE:
        return True
    try:
        check_document(source[article.name], target[article.name], languages)
    except MismatchError as error:
        left_out.append(f"{article.name}: {error}")
        return False
    if article.score < DOUBTFUL and min(len(article.texts(side)) for side in (0, 1)) >= FEW:
        reason = (
            f"its sentences match badly (mean score {article.score:.2f}, less than {DOUBTFUL}): a free translation?"
        )
        print(f"doubtful: {article.name}: {reason} A higher --min-score leaves more of it out.", file=sys.stderr)
    return True
