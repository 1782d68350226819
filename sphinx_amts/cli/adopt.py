"""``amts adopt BOOK --language L --translated DIR [--origin DIR]``: an existing human translation becomes catalogs."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from pathlib import Path

from sphinx_amts.cli import book
from sphinx_amts.cli.reading import read_book
from sphinx_amts.model import Document, Message, Origin
from sphinx_amts.translate import Book, LanguageRun
from sphinx_amts.translate.people import fold

SURE = 0.9
"""Share of paired messages (0 to 1) below which a document is named as a doubtful translation."""

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
    """Fill the catalogs; exit status 1 if documents could not be paired well. Nothing is sent."""
    arguments.language = [arguments.language]
    confdir = (arguments.confdir or arguments.book).resolve()
    with book.opened(arguments, prepare=False) as runs:
        one = runs[0]
        state = one.pipeline.state.parent
        theirs = read_book(arguments.translated, one.pipeline.language, state, confdir)
        origin_folder = arguments.origin
        origin = read_book(origin_folder, one.pipeline.source_language, state, confdir) if origin_folder else None
        adopted, doubtful = adopt(one, theirs, origin or _origins(theirs) or one.book)
        settle(one)
        written = one.save()
    print(f"{one.pipeline.language}: {adopted} messages adopted, {len(written)} catalogs written")
    for name in doubtful:
        print(f"{name}: fewer than {SURE:.0%} of its messages have a counterpart in the translation", file=sys.stderr)
    return int(bool(doubtful))


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

    Returns how many messages were adopted, and the documents that could not be paired well. What a person has translated
    already stays as it is.
    """
    adopted = 0
    doubtful = []
    for docname, translated in theirs.documents.items():
        source, domain = origin.documents.get(docname), run.book.domains.get(docname)
        if source is None or domain is None:
            continue
        pairs = list(pair_messages(source, translated))
        both = sum(message.translatable for message in (*source.messages, *translated.messages))
        if 2 * len(pairs) < SURE * both:
            doubtful.append(translated.path)
        known = {(entry.msgid, entry.msgstr) for entry in run.catalogs.by_domain[domain].entries}
        for message, text in pairs:
            entry = run.catalogs.entry_of(domain, message.msgid)
            if (message.msgid, text) in known or entry.origin is Origin.HUMAN or text == fold(message.raw):
                continue
            run.catalogs.set_entry(domain, entry.approved(text))
            adopted += 1
    return adopted, doubtful


def settle(run: LanguageRun) -> None:
    """Put today's messages together from what was adopted: unchanged sentences stand, changed ones make an entry stale."""
    run.survey()
    run.plan()
    run.compose()


def pair_messages(source: Document, translated: Document) -> Iterator[tuple[Message, str]]:
    """Messages of *source* with their translated texts: one to one where the structures agree.

    Anchors are what is the same in both languages: kinds of blocks, code, maths, and labels in the text.
    """
    ours, theirs = list(source.messages), list(translated.messages)
    left, right = [_outline(one) for one in ours], [_outline(one) for one in theirs]
    for tag, first, last, start, end in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        if tag == "equal" or (
            tag == "replace" and last - first == end - start and _same_kinds(ours[first:last], theirs[start:end])
        ):
            for message, text in zip(ours[first:last], theirs[start:end], strict=True):
                if message.translatable:
                    yield message, fold(text.raw)


def _outline(message: Message) -> str:
    """What a message and its translation have in common: its kind, and all of it if it is not translated."""
    return f"{message.kind} {message.raw}" if not message.translatable else message.kind


def _same_kinds(ours: Sequence[Message], theirs: Sequence[Message]) -> bool:
    return [one.kind for one in ours] == [one.kind for one in theirs]
