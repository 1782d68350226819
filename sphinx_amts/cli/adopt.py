"""``amts adopt BOOK --language L --translated DIR [--origin DIR]``: an existing human translation becomes catalogs."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from sphinx_amts.cli import book
from sphinx_amts.cli.counterparts import Counterpart, Reading, counterparts
from sphinx_amts.cli.reading import read_book
from sphinx_amts.model import Document, Origin
from sphinx_amts.translate import Book, LanguageRun
from sphinx_amts.translate.people import fold

EXAMPLE = "amts adopt book --language zh_CN --translated book-zh"
"""Shown by ``--help``."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.add_argument("book", metavar="BOOK", type=Path, help="the source folder of the book, with its conf.py")
    parser.add_argument("-c", "--confdir", type=Path, help="the folder of conf.py, if it is another one")
    parser.add_argument(
        "--language", metavar="L", required=True, help="the language of the translation, as in amts_languages"
    )
    parser.add_argument("--translated", metavar="DIR", type=Path, required=True, help="the translated sources")
    parser.add_argument(
        "--origin",
        metavar="DIR",
        type=Path,
        help="the sources as they were when they were translated (d2lbook's *_origin.md are found by themselves)",
    )


def run(arguments: argparse.Namespace) -> int:
    """Fill the catalogs; exit status 1 if messages have no translation that can be trusted. Nothing is sent."""
    arguments.language = [arguments.language]
    confdir = (arguments.confdir or arguments.book).resolve()
    with book.opened(arguments, prepare=False) as runs:
        one = runs[0]
        state, language = one.pipeline.state.parent, one.pipeline.source_language
        theirs = read_book(arguments.translated, one.pipeline.language, state, confdir)
        # The book itself is read again without an origin: code and maths, which a build leaves out, are anchors.
        origin = (_origins(theirs) if arguments.origin is None else None) or read_book(
            arguments.origin or arguments.book, language, state, confdir
        )
        adopted, left = adopt(one, theirs, origin)
        settle(one)
        written = one.save()
    for problem in left:
        print(problem, file=sys.stderr)
    left_out = f", {len(left)} left untranslated" if left else ""
    print(f"{one.pipeline.language}: {adopted} messages adopted{left_out}, {len(written)} catalogs written")
    return int(bool(left))


def _origins(theirs: Book) -> Book | None:
    """d2lbook keeps the source of ``x.md`` as ``x_origin.md`` beside it."""
    found = {
        name.removesuffix("_origin"): replace(document, docname=name.removesuffix("_origin"))
        for name, document in theirs.documents.items()
        if name.endswith("_origin")
    }
    return replace(theirs, documents=found) if found else None


def adopt(run: LanguageRun, theirs: Book, origin: Book) -> tuple[int, list[str]]:
    """Enter the texts of the translated book *theirs*, made from *origin*, into the catalogs of *run*.

    Returns how many messages were adopted, and for each that has no translation that can be trusted, its place and the
    reason. What a person has translated already stays as it is.
    """
    names = [name for name in theirs.documents if name in origin.documents and name in run.book.domains]
    found = counterparts(
        [
            (
                Reading(origin.documents[name], origin, run.pipeline.source_language),
                Reading(theirs.documents[name], theirs, run.pipeline.language),
            )
            for name in names
        ]
    )
    adopted = sum(_enter(run, run.book.domains[name], ones) for name, ones in zip(names, found, strict=True))
    return adopted, [
        problem
        for name, ones in zip(names, found, strict=True)
        for problem in _left(run, origin.documents[name], run.book.domains[name], ones)
    ]


def _enter(run: LanguageRun, domain: str, found: Iterable[Counterpart]) -> int:
    """Enter what was found into the catalog of *domain*; returns how many entries changed."""
    known = {(entry.msgid, entry.msgstr) for entry in run.catalogs.by_domain[domain].entries}
    adopted = 0
    for one in found:
        entry = run.catalogs.entry_of(domain, one.message.msgid)
        if (one.message.msgid, one.text) in known or entry.origin is Origin.HUMAN or not _says_more(one):
            continue
        run.catalogs.set_entry(domain, entry.approved(one.text))
        adopted += 1
    return adopted


def _says_more(one: Counterpart) -> bool:
    """Whether there is a text, and not only the source again."""
    return bool(one.text) and one.text != fold(one.message.raw)


def _left(run: LanguageRun, document: Document, domain: str, found: Iterable[Counterpart]) -> Iterator[str]:
    """Places and reasons of the messages that stay without a translation; what a person translated is not among them."""
    named = set()
    for one in found:
        place = f"{document.path}:{one.message.location.line}"
        is_theirs = run.catalogs.entry_of(domain, one.message.msgid).origin is Origin.HUMAN
        if one.text or is_theirs or (place, one.message.msgid) in named:
            continue
        named.add((place, one.message.msgid))
        yield f"{place}: left untranslated: {one.reason}"


def settle(run: LanguageRun) -> None:
    """Put today's messages together from what was adopted: unchanged sentences stand, changed ones make an entry stale."""
    run.survey()
    run.plan()
    run.compose()
