"""A book of plain paragraphs without Sphinx: the whole path of an edit, fast enough for thousands of builds.

Everything is the real thing (catalogs, memory, translation, splicing, the search for people's edits) but the reading of
documents: a paragraph is a message.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from sphinx_amts import catalog as po
from sphinx_amts.builder import additions, edits, records, tree
from sphinx_amts.engines import Engine
from sphinx_amts.files import write_bytes
from sphinx_amts.formats.rest import RestFormat
from sphinx_amts.memory import Memory
from sphinx_amts.model import Document, Location, Message, Pipeline, Span
from sphinx_amts.translate import Book, LanguageRun, standing
from sphinx_amts.translate.people import Shown, fold


class Killed(BaseException):
    """The process ends here."""


class CountingEngine:
    """Writes the words of a text backwards, in a way that tells the engine; may end the process in the middle."""

    batch_size = 2

    def __init__(self, name: str, calls: int | None = None) -> None:
        self.name = name
        self.sent: list[str] = []
        self.calls = calls

    def translate(self, segments: Sequence[str], source: str, target: str) -> list[str | None]:
        if self.calls is not None:
            self.calls -= 1
            if self.calls < 0:
                raise Killed
        self.sent += segments
        return [f"{self.name.title()} {' '.join(reversed(one.rstrip('.').split()))}." for one in segments]


class FakeBook:
    """Documents as lists of paragraphs in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.source = folder / "book"
        self.tree = folder / "out" / "es"
        self.locale = self.source / "locales"
        self.documents: dict[str, list[str]] = {}
        self.written: list[str] = []
        """The documents that the last build wrote, in order."""

    def build(self, engine: Engine, stop: str = "") -> LanguageRun:
        """One build; raises :class:`Killed` behind the phase *stop*."""
        self.written = []
        for name, paragraphs in self.documents.items():
            write_bytes(self.source / f"{name}.rst", "\n\n".join([*paragraphs, ""]).encode())
        pipeline = Pipeline("es", "en", self.source, self.locale / ".amts" / "es", self.tree)
        memory = Memory(pipeline.state / "memory.sqlite")
        try:
            return self._run(LanguageRun(self._book(), pipeline, engine, memory), stop)
        finally:
            memory.close()

    def _run(self, run: LanguageRun, stop: str) -> LanguageRun:
        units = tree.read_units(run.book.documents, run.book.formats, self.source)
        run.catalogs.standing = edits.untouched(run, units)
        run.survey()
        if edits.absorb(run, units, self._read):
            run.survey()
        run.plan()
        self._stop("plan", stop)
        run.send()
        self._stop("send", stop)
        run.compose()
        run.save()
        self._stop("save", stop)
        self._write(run, units, stop)
        return run

    @staticmethod
    def _stop(here: str, stop: str) -> None:
        if here == stop:
            raise Killed

    def _write(self, run: LanguageRun, units: dict[Path, tree.Unit], stop: str) -> None:
        ledger = tree.Ledger.load(run.pipeline.state / "tree.json")
        written = []
        for name, document in run.book.documents.items():
            if run.book.domains[name] in run.catalogs.standing:
                continue
            unit = units[Path(document.path)]
            changes = tree.edits_of(unit, run.texts(document.docname))
            added = additions.load(run.memory, document.docname)
            target = self.tree / f"{document.docname}.rst"
            run.showing.begin([edit.text for edit in changes], [(document, target)])
            write_bytes(target, tree.encoded(unit, additions.insert(unit, changes, added)))
            run.showing.note_written(document, {edit.message.msgid: edit.text for edit in changes})
            self.written.append(name)
            self._stop("first file", stop)
            ledger.note(f"{document.docname}.rst", "", target)
            written.append((document, {edit.message.msgid: edit.text for edit in changes}))
        self._stop("files", stop)
        records.note(run, written)
        ledger.save()
        standing.note(run)

    def _book(self) -> Book:
        documents = {name: self._document(name, self.source / f"{name}.rst") for name in sorted(self.documents)}
        return Book(
            "Fake", documents, {name: name for name in documents}, {"rest": RestFormat()}, self.locale, self.source
        )

    @staticmethod
    def _document(name: str, path: Path) -> Document:
        messages = []
        for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
            if line.strip():
                place = Location(path.as_posix(), number)
                messages.append(Message(line, "paragraph", line, place, (Span(number, 0, len(line)),)))
        return Document(name, path.as_posix(), "rest", tuple(messages), fingerprint=repr(messages))

    def _read(self, tasks: Sequence[edits.Task]) -> list[list[Shown]]:
        return [
            [
                Shown(fold(one.raw), one.kind, one.location.line)
                for one in self._document(task.document.docname, path).messages
            ]
            for task in tasks
            for path in [task.tree / f"{task.document.docname}.rst"]
        ]

    def shown(self, name: str) -> list[str]:
        """The paragraphs of a localized document."""
        text = (self.tree / f"{name}.rst").read_text(encoding="utf-8")
        return [line for line in text.split("\n") if line.strip()]

    def trees(self, wanted: Callable[[str], bool] = lambda _name: True) -> str:
        """The texts of all localized files whose names without suffix are *wanted*, those that the book left behind among them."""
        paths = sorted(path for path in self.tree.glob("*.rst") if wanted(path.stem))
        return " ".join(path.read_text(encoding="utf-8") for path in paths)

    def catalog_path(self, name: str) -> Path:
        """The catalog of a document."""
        return self.locale / "es" / "LC_MESSAGES" / f"{name}.po"

    def catalog_paths(self) -> list[Path]:
        """All catalogs, those of documents that are gone among them."""
        return sorted(self.catalog_path("any").parent.glob("*.po"))

    def catalogs(self) -> str:
        """All texts and comments of all catalogs."""
        entries = [entry for path in self.catalog_paths() for entry in po.read(path).entries]
        return "\n".join(text for entry in entries for text in (entry.msgid, entry.msgstr, *entry.comments))
