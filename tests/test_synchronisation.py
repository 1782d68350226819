"""Edits flow, and no human sentence is ever lost: random histories of a book.

After each build every human sentence whose source still exists is in force, every other one is still in a catalog, and
building again sends nothing. ``bench/synchronisation.py`` runs the same machine over many more histories.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from unittest.mock import patch

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from sphinx_amts import catalog as po
from tests.fakebook import CountingEngine, FakeBook, Killed

WORDS = "amber birch cedar delta ember frost grove haven ivory juniper kelp lagoon maple north ocean pine quartz river".split()
PLACES = st.integers(0, 10_000)


class History(RuleBasedStateMachine):
    """A book, its translators and its machines."""

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.patches = [patch("os.fsync")]  # nobody pulls the plug here; kills are between calls
        for one in self.patches:
            one.start()
        self.book = FakeBook(self.folder)
        self.count = 0
        self.engine_name = "alpha"
        self.human: dict[str, str] = {}
        """Source sentence → what a person wrote for it last."""
        self.written: set[str] = set()
        """All that people ever wrote."""
        self.disputed: set[str] = set()
        """Source sentences that were edited in both places between two builds."""
        self.edited: dict[str, str] = {}
        """Source sentence → place where it was edited since the last build."""
        self.blind = {"index lost": False, "renamed": False}
        """What happened since the last build; both together leave a rewritten file without a sign of its source."""
        self.book.documents = {"one": [self.paragraph(3), self.paragraph(2)], "two": [self.paragraph(1)]}
        self.build_and_check()

    def teardown(self) -> None:
        if hasattr(self, "folder"):
            for one in self.patches:
                one.stop()
            shutil.rmtree(self.folder, ignore_errors=True)

    # -- helpers

    def sentence(self) -> str:
        """A sentence that never occurred before."""
        self.count += 1
        words = [WORDS[(self.count * step) % len(WORDS)] for step in (1, 5, 7)]
        return f"The {' '.join(words)} number {self.count} stands here."

    def paragraph(self, sentences: int) -> str:
        return " ".join(self.sentence() for _ in range(sentences))

    def place(self, number: int) -> tuple[str, int]:
        """Some paragraph of some document."""
        places = [(name, index) for name, texts in sorted(self.book.documents.items()) for index in range(len(texts))]
        return places[number % len(places)]

    def split(self, paragraph: str) -> list[str]:
        return [f"{part.strip('. ')}." for part in paragraph.split(". ") if part]

    # -- what happens to a book

    @rule(where=PLACES, which=PLACES)
    def edit_a_sentence(self, where: int, which: int) -> None:
        name, index = self.place(where)
        sentences = self.split(self.book.documents[name][index])
        sentences[which % len(sentences)] = self.sentence()
        self.book.documents[name][index] = " ".join(sentences)

    @rule(where=PLACES, which=PLACES)
    def insert_a_sentence(self, where: int, which: int) -> None:
        name, index = self.place(where)
        sentences = self.split(self.book.documents[name][index])
        sentences.insert(which % (len(sentences) + 1), self.sentence())
        self.book.documents[name][index] = " ".join(sentences)

    @rule(where=PLACES, which=PLACES)
    def delete_a_sentence(self, where: int, which: int) -> None:
        name, index = self.place(where)
        sentences = self.split(self.book.documents[name][index])
        if len(sentences) > 1:
            del sentences[which % len(sentences)]
            self.book.documents[name][index] = " ".join(sentences)

    @rule(where=PLACES, to=PLACES)
    def move_a_paragraph(self, where: int, to: int) -> None:
        name, index = self.place(where)
        if len(self.book.documents[name]) > 1:
            paragraph = self.book.documents[name].pop(index)
            other, position = self.place(to)
            self.book.documents[other].insert(position, paragraph)

    @rule(where=PLACES)
    def add_a_paragraph(self, where: int) -> None:
        name, index = self.place(where)
        if sum(map(len, self.book.documents.values())) < 8:
            self.book.documents[name].insert(index, self.paragraph(2))

    @rule(where=PLACES)
    def rename_a_document(self, where: int) -> None:
        name, _index = self.place(where)
        self.count += 1
        self.book.documents[f"renamed-{self.count}"] = self.book.documents.pop(name)
        (self.book.source / f"{name}.rst").unlink(missing_ok=True)
        self.blind["renamed"] = True

    @rule()
    def change_the_engine(self) -> None:
        self.engine_name = "beta" if self.engine_name == "alpha" else "alpha"

    # -- what people do

    @rule(where=PLACES, which=PLACES)
    def edit_the_catalog(self, where: int, which: int) -> None:
        name, index = self.place(where)
        path = self.book.locale / "es" / "LC_MESSAGES" / f"{name}.po"
        if not path.exists():
            return
        catalog = po.read(path)
        source = self.book.documents[name][index]
        entry = catalog.by_msgid().get(source)
        if entry is None or not entry.msgstr:
            return
        text = self.with_human_sentence(source, entry.msgstr, which, "catalog")
        entries = tuple(
            po.Entry(one.msgid, text, one.comments, one.extracted, one.references, (), None) if one is entry else one
            for one in catalog.entries
        )
        po.write(po.Catalog(path, entries))

    @rule(where=PLACES, which=PLACES)
    def edit_the_file(self, where: int, which: int) -> None:
        name, index = self.place(where)
        path = self.book.tree / f"{name}.rst"
        if not path.exists() or self.built.get(name) is None:
            return
        sources, paragraphs = self.built[name], self.book.shown(name)
        index %= len(sources)
        if len(paragraphs) != len(sources):
            return
        paragraphs[index] = self.with_human_sentence(sources[index], paragraphs[index], which, "file")
        path.write_text("\n\n".join([*paragraphs, ""]), encoding="utf-8", newline="")

    def with_human_sentence(self, source: str, target: str, which: int, place: str) -> str:
        """*target* with one sentence written by a person."""
        sources, targets = self.split(source), self.split(target)
        assert len(sources) == len(targets), (source, target)
        number = which % len(sources)
        self.count += 1
        text = f"Persona {self.count} escribe aqui."
        for one in sources:
            if self.edited.setdefault(one, place) != place:
                self.disputed.add(one)
        targets[number] = text
        self.human[sources[number]] = text
        self.written.add(text)
        return " ".join(targets)

    # -- what machines do

    @rule()
    def lose_the_index(self) -> None:
        if self.edited:
            self.disputed |= set(self.edited)  # without the index, which of two texts is newer cannot be told
        shutil.rmtree(self.book.locale / ".amts", ignore_errors=True)
        self.blind["index lost"] = True

    @rule(calls=st.integers(0, 3))
    def die_while_sending(self, calls: int) -> None:
        try:
            self.book.build(CountingEngine(self.engine_name, calls))
        except Killed:
            return
        self.settled()

    @rule(stop=st.sampled_from(["plan", "send", "save", "first file", "files"]))
    def die_in_a_build(self, stop: str) -> None:
        try:
            self.book.build(CountingEngine(self.engine_name), stop)
        except Killed:
            written = {"first file": sorted(self.book.documents)[:1], "files": list(self.book.documents)}.get(stop, [])
            self.built.update({name: list(self.book.documents[name]) for name in written})

    @rule()
    def build(self) -> None:
        self.build_and_check()

    def settled(self) -> None:
        self.built = {name: list(paragraphs) for name, paragraphs in self.book.documents.items()}
        self.edited.clear()
        self.blind = dict.fromkeys(self.blind, False)

    def build_and_check(self) -> None:
        if all(self.blind.values()):
            self.disputed |= set(self.edited)
        self.book.build(CountingEngine(self.engine_name))
        self.settled()
        self.check_people()
        again = CountingEngine(self.engine_name)
        self.book.build(again)
        assert again.sent == []

    def check_people(self) -> None:
        catalogs = " ".join(self.book.catalogs().replace('"\n"', "").split())
        for name, paragraphs in self.book.documents.items():
            shown = self.book.shown(name)
            assert len(shown) == len(paragraphs)
            for source, target in zip(paragraphs, shown, strict=True):
                for sentence in self.split(source):
                    text = self.human.get(sentence)
                    if text is not None and sentence not in self.disputed:
                        assert text in target, f"{text!r} is not in force for {sentence!r}: {target!r}"
        left = " ".join(path.read_text(encoding="utf-8") for path in self.book.tree.glob("*.rst"))
        for text in self.written:
            assert text in catalogs or text in left or text in self.superseded(), f"{text!r} is lost"

    def superseded(self) -> set[str]:
        """What a person wrote and a person replaced."""
        return self.written - set(self.human.values())


TestHistories = History.TestCase
TestHistories.settings = settings(
    max_examples=200,
    stateful_step_count=14,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
