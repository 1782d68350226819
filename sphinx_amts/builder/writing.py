"""Writing the localized trees of one build: documents and what they include, all other files, ``conf.py``."""

from __future__ import annotations

import hashlib
import itertools
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from sphinx.application import Sphinx

from sphinx_amts import stamps
from sphinx_amts.builder import additions, conf, records, tree, verify
from sphinx_amts.builder.console import progress
from sphinx_amts.extract import anchors, outside
from sphinx_amts.files import at_once, make_folder, write_bytes
from sphinx_amts.formats import Edit
from sphinx_amts.model import AmtsError, Diagnostic, Document, Location
from sphinx_amts.translate import LanguageRun, standing
from sphinx_amts.translate.naming import NAMED_KINDS

IGNORE = b"# Disposable: the catalogs hold everything.\n*\n"
"""What keeps the index out of version control."""


_Written: TypeAlias = list[tuple[Document, Mapping[str, str]]]
"""Documents of a tree that were written, and what they show by msgid."""


@dataclass(frozen=True, slots=True)
class _Planned:
    """A document that has to be written."""

    run: LanguageRun
    job: verify.Job
    name: str
    """The file, relative to its tree."""
    key: str
    """What decides its content."""


class Trees:
    """The localized trees of one build."""

    def __init__(self, app: Sphinx, outdir: Path, units: Mapping[Path, tree.Unit], runs: Sequence[LanguageRun]) -> None:
        self.runs = runs
        self.app = app
        book = runs[0].book
        self.srcdir = book.srcdir
        self.units = units
        outputs = [run.pipeline.output for run in runs]
        skipped = [*outputs, book.locale_dir, outdir, Path(str(self.app.doctreedir))]
        self.main_units = {Path(document.path): document for document in book.documents.values()}
        self.files, self.empty = tree.book_files(self.srcdir, skipped, _named(app))
        self.files += tree.linked_files(self.srcdir, self.main_units, _used(app))

    def write(self) -> None:
        """Write all trees; documents are checked in worker processes."""
        ledgers = {}
        planned: list[_Planned] = []
        for run in self.runs:
            ledger = ledgers[run.pipeline.language] = tree.Ledger.load(run.pipeline.state / "tree.json")
            tree.refuse_links(run.pipeline.output, [*self.files, *self.empty, *map(Path, ledger.files)])
            self._write_others(run, ledger)
            self._keep_cut(run)
            planned += self._planned(run, ledger)
        written: dict[str, _Written] = {run.pipeline.language: [] for run in self.runs}
        for one, outcome in zip(planned, self._write_documents(planned), strict=True):
            if outcome.error:
                raise AmtsError(outcome.error)
            one.run.summary.documents_written += outcome.written
            self._take_back(one.run, outcome)
            ledgers[one.run.pipeline.language].note(one.name, one.key, one.job.target)
            written[one.run.pipeline.language].append((one.job.document, outcome.shown(one.job)))
        for run in self.runs:
            self._finish(run, ledgers[run.pipeline.language], written[run.pipeline.language])

    def _write_documents(self, planned: Sequence[_Planned]) -> list[verify.Outcome]:
        """Write documents of all languages; what each of them shows is noted before it is begun and when it is done."""
        for run in self.runs:
            own = [one.job for one in planned if one.run is run]
            run.showing.begin(
                (edit.text for job in own for edit in job.edits), [(job.document, job.target) for job in own]
            )
        runs = {one.job.target: one.run for one in planned}
        with progress("writing and checking documents", len(planned), self.app.quiet) as step:

            def done(job: verify.Job, outcome: verify.Outcome) -> None:
                if not outcome.error:
                    runs[job.target].showing.note_written(job.document, outcome.shown(job))
                step(1)

            return verify.run(self.app, [one.job for one in planned], os.cpu_count() or 1, done)

    def _finish(self, run: LanguageRun, ledger: tree.Ledger, written: _Written) -> None:
        """Write the rest of a tree, and note what its files are now."""
        run.save()
        self._write_anchors(run, ledger)
        outside.note(self.app, run.pipeline.output)
        self._remove_leftovers(run, ledger)
        records.note(run, written)  # first: what the ledger has is not looked at again
        ledger.save()
        standing.note(run)
        write_bytes(run.pipeline.state.parent / ".gitignore", IGNORE)

    def _write_anchors(self, run: LanguageRun, ledger: tree.Ledger) -> None:
        """Put the source's anchors beside the documents whose titles or terms are translated."""
        path = run.pipeline.output / anchors.FILE
        is_known = ledger.was_written(anchors.FILE, path)
        if is_known and set(run.book.domains.values()) <= set(run.catalogs.standing):
            return
        written = anchors.read(path) if is_known else {}
        kept = {}
        for name, document in run.book.documents.items():
            if is_known and run.book.domains[name] in run.catalogs.standing:
                has_new_names = name in written
            else:
                has_new_names = bool(document.anchors) and _has_new_names(document, run.texts(name))
            if has_new_names:
                kept[name] = document.anchors
        if kept or path.exists():
            write_bytes(path, anchors.encode(kept))
        ledger.note(anchors.FILE, "anchors", path)

    def _write_others(self, run: LanguageRun, ledger: tree.Ledger) -> None:
        """Copy what holds no messages, and write ``conf.py``."""
        output = run.pipeline.output
        confdir = Path(str(self.app.confdir))
        written = {*self.main_units, *self.units, confdir / "conf.py"}
        self._copy(run, [name for name in self.files if self.srcdir / name not in written], ledger)
        for name in self.empty:
            make_folder(output / name)
        path = confdir / "conf.py"
        if path.is_file():
            write_bytes(
                output / "conf.py", conf.localized_bytes(path.read_bytes(), run.pipeline.language, confdir, output)
            )

    def _remove_leftovers(self, run: LanguageRun, ledger: tree.Ledger) -> None:
        """Remove files that an earlier run wrote and the book no longer has; what somebody edited stays."""
        current = {anchors.FILE, *(name.as_posix() for name in self.files)}
        for name in sorted(set(ledger.files) - current):
            target = run.pipeline.output / name
            if ledger.was_written(name, target):
                target.unlink(missing_ok=True)
            elif target.exists():
                text = f"{run.pipeline.language}: the book has no such file any more, but somebody edited it: it stays"
                run.diagnostics.append(Diagnostic("left-over", text, Location(target.as_posix(), 0)))
            del ledger.files[name]

    def _copy(self, run: LanguageRun, names: Iterable[Path], ledger: tree.Ledger) -> int:
        """Copy files that the last run did not copy; return how many changed."""
        pairs = {name.as_posix(): (self.srcdir / name, run.pipeline.output / name) for name in names}
        marks = {name: stamps.mark(source) for name, (source, _target) in pairs.items()}
        new = [name for name, (_source, target) in pairs.items() if not ledger.is_current(name, marks[name], target)]
        changed = at_once(tree.copy, *zip(*(pairs[name] for name in new), strict=True)) if new else []
        for name in new:
            ledger.note(name, marks[name], pairs[name][1])
        return sum(changed)

    def _included(self, run: LanguageRun) -> dict[str, list[verify.Included]]:
        """Files that documents include, by the first document that does: they are written and checked together."""
        files = [path for path in self.units if path not in self.main_units]
        texts: dict[str, str] = {}
        owners: dict[Path, str] = {}
        for docname, document in run.book.documents.items() if files else ():
            elsewhere = {one.location.path for one in document.messages if one.spans} - {document.path}
            if elsewhere:
                texts = {**run.texts(docname), **texts}
            for name in elsewhere:
                owners.setdefault(Path(name), docname)
        found: dict[str, list[verify.Included]] = {}
        for path in files:
            unit, target = self.units[path], run.pipeline.output / path.relative_to(self.srcdir)
            edits = tuple(tree.edits_of(unit, texts))
            found.setdefault(owners[path], []).append(verify.Included(unit, edits, target))
        return found

    def _planned(self, run: LanguageRun, ledger: tree.Ledger) -> list[_Planned]:
        """Documents whose localized file is not what it should be."""
        planned = []
        unknown: list[Path] = []
        missing: dict[Path, Path] = {}
        included = self._included(run)
        for path, document in self.main_units.items():
            if run.book.domains[document.docname] in run.catalogs.standing:
                continue
            target = run.pipeline.output / path.relative_to(self.srcdir)
            unit = self.units.get(path)
            name = path.relative_to(self.srcdir).as_posix()
            if unit is None:
                unknown.append(path.relative_to(self.srcdir))
                continue
            changes = tree.edits_of(unit, run.texts(document.docname))
            added = tuple(additions.load(run.memory, document.docname))
            parts = tuple(included.get(document.docname, ()))
            key = _key(document, [*changes, *(edit for part in parts for edit in part.edits)])
            key += f"+{added}" if added else ""
            people = run.by_people(document.docname)
            key += f"+{hashlib.sha256(repr(sorted(people)).encode()).hexdigest()[:20]}" if people else ""
            if not ledger.is_current(name, key, target) or not all(part.target.exists() for part in parts):
                is_new = not target.exists()
                missing |= {target: path} | {part.target: part.unit.path for part in parts}
                fallbacks = run.fallbacks(document.docname)
                output = run.pipeline.output
                job = verify.Job(
                    document, unit, tuple(changes), output, target, is_new, fallbacks, added, parts, people
                )
                planned.append(_Planned(run, job, name, key))
        run.summary.documents_written += self._copy(run, unknown, ledger)
        _complete(missing)
        return planned

    def _keep_cut(self, run: LanguageRun) -> None:
        """Name the messages that stay because an include of the book looks for their text."""
        for unit in self.units.values():
            for message in unit.messages:
                if message in unit.cut and run.is_translated(message):
                    run.take_back(message, "include", "an include directive cuts its file at this text")

    def _take_back(self, run: LanguageRun, outcome: verify.Outcome) -> None:
        for message, code, reason in outcome.reverted:
            run.take_back(message, code, reason)


def _complete(sources: Mapping[Path, Path]) -> None:
    """Put *sources* where localized files are missing: documents are checked against a tree that has all its files."""
    missing = [target for target in sources if not target.exists()]
    at_once(tree.copy, map(sources.__getitem__, missing), missing)


def _named(app: Sphinx) -> set[Path]:
    """The folders that ``conf.py`` names in options such as ``html_static_path``: a hidden one is part of the book, too."""
    confdir = Path(str(app.confdir))
    options = (one.value for one in app.config if one.name.endswith("_path") and isinstance(one.value, (list, tuple)))
    return {Path(os.path.normpath(confdir / name)) for value in options for name in value if isinstance(name, str)}


def _used(app: Sphinx) -> Iterator[str]:
    """Pictures, downloads, and what documents include, as Sphinx names them."""
    env: Any = app.env  # the types of names differ between Sphinx's versions
    return map(str, itertools.chain(env.images, env.dlfiles, *env.dependencies.values()))


def _has_new_names(document: Document, texts: Mapping[str, str]) -> bool:
    """Whether a title or term of *document* is translated."""
    named = (message for message in document.messages if message.kind in NAMED_KINDS)
    return any(tree.differs(message, texts.get(message.msgid, message.raw)) for message in named)


def _key(document: Document, changes: Sequence[Edit]) -> str:
    """Digest of all that decides a localized document."""
    total = hashlib.sha256(document.digest.encode())
    for edit in changes:
        total.update(f"{edit.message.spans}{edit.text}\0".encode())
    return total.hexdigest()[:20]
