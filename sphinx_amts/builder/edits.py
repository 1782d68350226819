"""Looking into localized files that somebody changed since they were written."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sphinx.application import Sphinx

from sphinx_amts import catalog as po
from sphinx_amts.builder import additions, orders, records, tree
from sphinx_amts.builder.rereading import Rereader, spread
from sphinx_amts.formats import RenderError
from sphinx_amts.model import Diagnostic, Document, FileError, Location, Message
from sphinx_amts.translate import LanguageRun, standing
from sphinx_amts.translate.composing import shorten
from sphinx_amts.translate.people import (
    PersonsEdit,
    Shown,
    aligned,
    apply_edit,
    find_edits,
    fold,
    join_lines,
    known_texts,
)
from sphinx_amts.translate.similarity import predecessors

SAME_DOCUMENT = 0.3
"""Resemblance (0 to 1) from which a file without a source is that of a document without a file."""

_MERGE = re.compile(r"(?ms)^<{7} .*?^={7}\r?$.*?^>{7} ")
"""What git leaves where it could not merge."""


@dataclass(frozen=True, slots=True)
class Task:
    """A localized document to read."""

    document: Document
    """Its source."""
    tree: Path
    """Folder of the localized tree."""


Reader = Callable[[Sequence[Task]], Sequence[Sequence[Shown]]]
"""Reads localized documents and returns the messages of each."""


def sphinx_reader(app: Sphinx) -> Reader:
    """Reads localized documents with the book's own Sphinx."""

    def read(tasks: Sequence[Task]) -> list[list[Shown]]:
        return spread(app, tasks, _read, os.cpu_count() or 1, structure_only=False)

    return read


def untouched(run: LanguageRun, units: Mapping[Path, tree.Unit]) -> dict[str, standing.Standing]:
    """The domains in which neither sources nor catalogs nor localized files changed since they were in order."""
    ledger = tree.Ledger.load(run.pipeline.state / "tree.json")
    found = standing.find(run)
    for docname, document in run.book.documents.items() if found else ():
        path = Path(document.path)
        name = path.relative_to(run.book.srcdir)
        is_cut = path in units and units[path].cut
        if is_cut or not ledger.was_written(name.as_posix(), run.pipeline.output / name):
            gone = found.pop(run.book.domains[docname], None)
            if gone is not None and gone.terms:
                return {}  # other documents may refer to its terms
    return found


def absorb(run: LanguageRun, units: Mapping[Path, tree.Unit], read: Reader) -> int:
    """Take people's edits in the localized tree of *run* into its catalogs; return how many there were.

    *run* has been surveyed; if edits were found, it has to be surveyed again.
    """
    ledger = tree.Ledger.load(run.pipeline.state / "tree.json")
    records.check(run)
    _follow_renames(run, units, ledger)
    changed = [one for one in run.book.documents.values() if _is_changed(run, one, units, ledger)]
    for document in changed:
        if not (target := orders.target_of(run, document)).exists():  # it broke off, but what it includes is there
            tree.copy(Path(document.path), target)
    tasks = [Task(document, run.pipeline.output) for document in changed]
    tasks += _left_over(run, ledger)
    found = read(tasks)
    count = sum(_take(run, task.document, shown) for task, shown in zip(tasks, found, strict=True))
    orders.guess(run)
    return count


def _follow_renames(run: LanguageRun, units: Mapping[Path, tree.Unit], ledger: tree.Ledger) -> None:
    """Rename localized files with their documents, so that what people wrote into them is found."""
    names = {Path(document.path).relative_to(run.book.srcdir): document for document in run.book.documents.values()}
    missing = [name for name in names if not (run.pipeline.output / name).exists()]
    suffixes = {name.suffix for name in names}
    files = run.pipeline.output.rglob("*") if missing else ()
    left = {path for path in files if path.suffix in suffixes and path.relative_to(run.pipeline.output) not in names}
    for name in missing:
        unit = units.get(run.book.srcdir / name)
        if unit is None or not left:
            continue
        resembling = [(*_resemblance(run, unit, names[name], path), path) for path in left]
        found = max((one for one in resembling if one[1] >= SAME_DOCUMENT), default=None)
        if found is not None:
            path = found[2]
            old = path.relative_to(run.pipeline.output)
            target = run.pipeline.output / name
            target.parent.mkdir(parents=True, exist_ok=True)
            path.replace(target)
            left.remove(path)
            ledger.rename(old.as_posix(), name.as_posix())
            docname = old.with_suffix("").as_posix()
            order = orders.of_left(run, old.as_posix())
            run.showing.note_order(docname, order)
            run.showing.note_people(docname, records.of_people(run, docname, order))
            run.showing.rename(docname, names[name].docname)
            run.memory.rename_note(f"{additions.NOTE}:{docname}", f"{additions.NOTE}:{names[name].docname}")
    ledger.save()


def _left_over(run: LanguageRun, ledger: tree.Ledger) -> list[Task]:
    """Localized files that somebody changed and whose documents the book no longer has: parts of these may stand elsewhere."""
    srcdir, output = run.book.srcdir, run.pipeline.output
    formats = {
        Path(one.path).suffix: one.format for one in run.book.documents.values() if one.format in run.book.formats
    }
    current = {Path(document.path).relative_to(srcdir).as_posix() for document in run.book.documents.values()}
    names = {*ledger.files, *(f"{domain}{suffix}" for domain in run.catalogs.left for suffix in formats)}
    for domain in run.catalogs.loaded:
        names |= {name for entry in run.catalogs.gone(domain) for name in orders.referred(entry)}
    tasks = []
    for name in sorted(names - current):
        docname = Path(name).with_suffix("").as_posix()
        is_ours = (
            Path(name).suffix in formats and (output / name).is_file() and not ledger.was_written(name, output / name)
        )
        if is_ours and docname not in run.book.documents and orders.of_left(run, name):
            path = (srcdir / name).as_posix()
            tasks.append(Task(Document(docname, path, formats[Path(name).suffix], ()), output))
    return tasks


def _resemblance(run: LanguageRun, unit: tree.Unit, document: Document, path: Path) -> tuple[float, float]:
    """How much the localized file at *path* has of *document*, by its messages if noted, else by its lines.

    How many they are, an edited one for a half, and their share of the file (0 to 1).
    """
    before = set(orders.of_left(run, path.relative_to(run.pipeline.output).as_posix()))
    now = {message.msgid for message in document.messages}
    edited = predecessors(sorted(now - before), [po.Entry(msgid, "gone") for msgid in sorted(before - now)])
    shared = len(before & now) + len(edited) / 2
    if shared:
        return shared, shared / len(before)
    try:
        found = {fold(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()}
    except (OSError, UnicodeDecodeError):
        return 0.0, 0.0
    lines = {fold(line) for line in unit.text.splitlines()}
    lines |= {fold(run.catalogs.any_text(message.msgid)) for message in document.messages}
    return float(len(found & lines)), len(found & lines) / len(found) if found else 0.0


def _is_changed(run: LanguageRun, document: Document, units: Mapping[Path, tree.Unit], ledger: tree.Ledger) -> bool:
    """Whether a localized file of *document* is not what was written, as far as can be told without reading it."""
    paths = map(Path, {document.path, *(one.location.path for one in document.messages if one.spans)})
    return any(_is_edited(run, units[path], document, ledger) for path in paths if path in units)


def _is_edited(run: LanguageRun, unit: tree.Unit, document: Document, ledger: tree.Ledger) -> bool:
    name = unit.path.relative_to(run.book.srcdir)
    target = run.pipeline.output / name
    if not target.is_file() or ledger.was_written(name.as_posix(), target):
        return False
    _refuse_merge_marks(target, unit.text)
    edits = tree.edits_of(unit, run.texts(document.docname))
    added = additions.load(run.memory, document.docname) if unit.path == Path(document.path) else []
    try:
        expected = tree.encoded(unit, additions.insert(unit, edits, added))
    except RenderError:
        return True
    return target.read_bytes() != expected


def _refuse_merge_marks(target: Path, source: str) -> None:
    """Stop at a localized file in which git could not merge two versions, unless its *source* has such lines as well: nobody wrote that text."""
    text = target.read_text(encoding="utf-8", errors="replace")
    found = _MERGE.search(text)
    if found is not None and not _MERGE.search(source):
        line = text.count("\n", 0, found.start()) + 1
        raise FileError(
            target,
            "two versions that git could not merge",
            "Choose what is to stay there, or delete the file: the next build makes it anew from the catalogs.",
            line,
        )


def _read(reader: Rereader, task: Task) -> list[Shown]:
    document = reader.read(task.document, task.tree)
    return [Shown(fold(one.raw), one.kind, one.location.line, _joined(one, document)) for one in document.messages]


def _joined(message: Message, document: Document) -> str:
    """The text of *message* as it was before the file made it break lines, or Pandoc spelled it in its own way."""
    if document.format == "nbsphinx":
        from sphinx_amts.formats.notebook.converted import respelled

        return fold(respelled(message.raw, message.kind))
    return join_lines(message.raw)


def _take(run: LanguageRun, document: Document, shown: Sequence[Shown]) -> int:
    """Enter the edits of one document into its catalog."""
    run.catalogs.wake()
    domain = orders.domain_of(run, document.docname)
    is_left = document.docname not in run.book.documents
    target = orders.target_of(run, document)
    order = (
        orders.of_left(run, target.relative_to(run.pipeline.output).as_posix())
        if is_left
        else orders.of_document(run, document, shown)
    )
    texts = {} if is_left else run.texts(document.docname)
    expected = orders.expected(run, document, order)
    known = known_texts(run.catalogs.by_domain.values(), texts.values(), run.memory, records.last(run, document, order))
    edits, added = find_edits(shown, order, expected, known)
    for edit in edits:
        place = run.catalogs.place_of(domain, edit.msgid)
        entry, conflict = apply_edit(run.catalogs.entry_of(place, edit.msgid), edit, known)
        if not conflict:
            run.showing.note_found(document.docname, edit.msgid, edit.text)
            run.matcher.renew_edits_of(place, edit.msgid)
        else:
            run.diagnostics.append(_conflict(run, target, place, edit, entry))
        run.catalogs.set_entry(place, entry)
    if is_left:
        return len(edits)
    own = {one.line for one in added}
    placed = sorted(
        (one.line, msgid) for one, msgid in aligned(shown, order, expected) if one.line and one.line not in own
    )
    with target.open(encoding="utf-8-sig", newline="") as file:
        additions.store(run.memory, document.docname, additions.find(file.read(), added, placed))
    return len(edits)


def _conflict(run: LanguageRun, target: Path, domain: str, edit: PersonsEdit, entry: po.Entry) -> Diagnostic:
    """What to say of an edit of a localized file whose message a person has edited in its catalog, too."""
    text = (
        f"{run.pipeline.language}: edited differently here ({shorten(edit.text)!r}) and in the catalog "
        f"({shorten(entry.msgstr)!r}). The catalog's text is in force, the other stands beside it as '# {po.CONFLICT}…' "
        f"in {run.book.catalog_path(domain, run.pipeline.language)}: remove that comment when you have decided"
    )
    return Diagnostic("conflict", text, Location(target.as_posix(), edit.line))
