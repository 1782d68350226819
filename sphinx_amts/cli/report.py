"""``amts report BOOK -o FILE.html``: fills the page for reviewers from the catalogs and the last run."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from babel import Locale, UnknownLocaleError

from sphinx_amts import checks
from sphinx_amts.builder import checking
from sphinx_amts.catalog import CONFLICT, NEW, Entry
from sphinx_amts.cli import book
from sphinx_amts.files import write_bytes
from sphinx_amts.formats.inline import plain
from sphinx_amts.model import Document, FileError, Message
from sphinx_amts.report import STATES, Item, Language, Page, Source, history, render
from sphinx_amts.translate import LanguageRun
from sphinx_amts.translate.states import State

EXAMPLE = "amts report book -o report.html"
"""Shown by ``--help``."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    book.add_arguments(parser)
    parser.add_argument("-o", "--output", metavar="FILE", type=Path, required=True, help="the HTML file to write")
    parser.add_argument(
        "--evaluation", metavar="FILE", type=Path, help="what 'amts evaluate --json' wrote, to be shown as charts"
    )
    parser.add_argument(
        "--editor",
        metavar="PATTERN",
        default="",
        help="links that open a file at its line, such as 'vscode://file/home/me/book/{path}:{line}' or "
        "'https://example.org/book/blob/main/{path}#L{line}'; by default the files beside the page",
    )
    parser.add_argument(
        "--without-check",
        metavar="NAME",
        action="append",
        default=[],
        help=f"switch a check off (may be repeated): {', '.join((*checks.CHECKS, checks.INCONSISTENT))}",
    )


def run(arguments: argparse.Namespace) -> int:
    """Write the page; exit status 0."""
    off = checks.check_names(arguments.without_check, "--without-check")
    evaluation = read_evaluation(arguments.evaluation) if arguments.evaluation else {}
    with book.opened(arguments, prepare=False) as runs:
        page = collect(runs, off)
    page = replace(
        page, evaluation=evaluation, editor=arguments.editor, base=_base(arguments.book.resolve(), arguments.output)
    )
    write_bytes(arguments.output, render(page).encode())
    print(f"{arguments.output}: {len(page.sources):,} messages, {len(page.languages)} languages")
    return 0


def read_evaluation(path: Path) -> Mapping[str, Any]:
    """Read what ``amts evaluate --json`` wrote; raise :class:`FileError` for anything else."""
    remedy = "Make it with: amts evaluate … --json FILE."
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise FileError(path, f"cannot be read ({error.strerror})", remedy) from error
    except ValueError as error:
        raise FileError(path, f"is not JSON ({error})", remedy) from error
    if not isinstance(data, dict) or not {"articles", "average", "signatures"} <= set(data):
        raise FileError(path, "is not an evaluation", remedy)
    return data


def _base(source: Path, output: Path) -> str:
    """The book's folder as links in *output* reach it; a URL where no relative path leads there (another drive)."""
    try:
        return Path(os.path.relpath(source, output.resolve().parent)).as_posix()
    except ValueError:
        return source.as_uri()


# -- collecting ----------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Sources:
    """Messages of the book, each once whatever the number of languages."""

    srcdir: Path
    found: list[Source] = field(default_factory=list)
    numbers: dict[tuple[str, str], int] = field(default_factory=dict)

    def number(self, document: Document, message: Message) -> int:
        """Index of *message*, which is taken in when it is new."""
        key = (document.docname, message.msgid)
        if key not in self.numbers:
            self.numbers[key] = len(self.found)
            path = Path(message.location.path)
            inside = path.relative_to(self.srcdir).as_posix() if self.srcdir in path.parents else ""
            line = message.location.line if inside else 0
            self.found.append(Source(document.docname, message.kind, message.msgid, inside, line))
        return self.numbers[key]


def collect(runs: Sequence[LanguageRun], off: Collection[str]) -> Page:
    """The page of the *runs*, without evaluation and links; checks named in *off* are left out."""
    if not runs:
        return Page("")
    shown = runs[0].book
    sources = _Sources(shown.srcdir)
    items: list[Item] = []
    for number, run in enumerate(runs):
        items += _items(run, number, sources, off)
    order = {docname: place for place, docname in enumerate(shown.order)}
    items.sort(key=lambda item: (order[sources.found[item.source].document], item.source, item.language))
    used = {source.document for source in sources.found}
    return Page(
        project=shown.project,
        languages=_languages([run.pipeline.language for run in runs]),
        documents={name: _title(runs[0], shown.documents[name]) for name in shown.order if name in used},
        sources=sources.found,
        items=items,
        files=_files(sources),
        runs={run.pipeline.language: history.load(run.pipeline.state).summary for run in runs},
        off=frozenset(off),
    )


def _languages(codes: Sequence[str]) -> list[Language]:
    """Languages with their names in English; with region or script only where two would be called the same."""
    locales = [_locale(code) for code in codes]
    names = [locale.get_language_name("en") if locale else code for code, locale in zip(codes, locales, strict=True)]
    found = []
    for code, locale, name in zip(codes, locales, names, strict=True):
        full = locale.get_display_name("en") if locale and names.count(name) > 1 else name
        found.append(Language(code, full or code, locale.text_direction if locale else "ltr"))
    return found


def _locale(code: str) -> Locale | None:
    try:
        return Locale.parse(code.partition("@")[0], sep="_")
    except (UnknownLocaleError, ValueError):
        return None  # Sphinx knows a few codes that CLDR does not


def _title(run: LanguageRun, document: Document) -> str:
    """The title of a document as plain text; its name where it has none."""
    title = next((message for message in document.messages if message.kind == "title"), None)
    if title is None or document.format not in run.book.formats:
        return document.docname
    return " ".join(plain(run.book.format_of(title, document).parse(title.raw, title.kind)).split()) or document.docname


def _files(sources: _Sources) -> dict[str, str]:
    texts = {}
    for name in dict.fromkeys(source.file for source in sources.found if source.file):
        with (sources.srcdir / name).open(encoding="utf-8-sig", newline="") as file:
            texts[name] = "\n".join(file.read().splitlines())
    return texts


def _items(run: LanguageRun, number: int, sources: _Sources, off: Collection[str]) -> Iterator[Item]:
    """The messages of one language."""
    changes = {(one.domain, one.msgid): one for one in history.load(run.pipeline.state).changes}
    found = checking.found_in(run, {*off, *run.pipeline.without_checks})
    texts = (
        (document, message, entry)
        for docname, document in run.book.documents.items()
        for message, entry in run.counted(docname)
    )
    for document, message, entry in texts:
        domain = run.book.domains[document.docname]
        catalog = Path(os.path.relpath(run.catalogs.by_domain[domain].path, run.book.srcdir)).as_posix()
        item = _item(entry, sources.number(document, message), number, catalog)
        change = changes.get((domain, message.msgid))
        if change is not None:
            item = replace(item, before=change.before, change="edited" if change.before else "new")
        yield replace(item, findings=found.get((document.docname, message.msgid), ()))


def _item(entry: Entry, source: int, language: int, catalog: str) -> Item:
    state = State()
    state.add(entry, entry.msgid)
    comments = entry.comments
    return Item(
        source=source,
        language=language,
        state=next(name for name in STATES if state.counts[name]),
        text=entry.msgstr,
        catalog=catalog if entry.line else "",
        catalog_line=entry.line,
        engine=entry.engine or "",
        previous=(entry.previous or "") if entry.stale else "",
        fresh=tuple(comment.removeprefix(NEW) for comment in comments if comment.startswith(NEW)),
        other=next((comment.removeprefix(CONFLICT) for comment in comments if comment.startswith(CONFLICT)), ""),
    )
