"""Edits flow, and no human sentence is ever lost: random histories of a book.

After each build every human sentence whose source still exists is in force, every other one is still in a catalog, and
building again sends nothing. ``bench/synchronisation.py`` runs the same machine over many more histories.
"""

from __future__ import annotations

import io
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import polib
import pytest
from babel.messages import Catalog
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule
from sphinx_intl import catalog as sphinx_intl

from sphinx_amts import catalog as po
from tests.fakebook import CountingEngine, FakeBook, Killed

WORDS = "amber birch cedar delta ember frost grove haven ivory juniper kelp lagoon maple north ocean pine quartz river".split()
HAPPENED: Counter[str] = Counter()
"""How often each kind of event took place in all histories of this process; ``bench/synchronisation.py`` prints it."""

PLACES = st.integers(0, 3)
SOURCE_EVENTS = [
    "edit", "insert", "delete", "move", "move a sentence", "bring back", "add", "rename", "add a document", "remove a document",
]  # fmt: skip
MACHINE_EVENTS = [
    "lose the index", "change the engine", "die while sending", "plan", "send", "save", "first file", "files",
]  # fmt: skip


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
        self.earlier: dict[str, set[str]] = {}
        """Source sentence → what people wrote for it before."""
        self.written: set[str] = set()
        """All that people ever wrote."""
        self.replaced: set[str] = set()
        """What a person wrote and a person, who saw it, wrote over."""
        self.past: list[str] = []
        """Paragraphs that the book had once."""
        self.disputed: set[str] = set()
        """Source sentences that were edited in both places between two builds."""
        self.edited: dict[str, str] = {}
        """Source sentence → place where it was edited since the last build."""
        self.loose = False
        """Whether a file may have more paragraphs than its source: edits of which nobody could tell whose they were."""
        self.blind = {"index lost": False, "texts carried": False, "killed": False, "killed, then index lost": False}
        """What happened since the last build."""
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

    # -- the rules: few, so that each history has some of everything

    @rule(what=st.sampled_from(SOURCE_EVENTS), where=PLACES, which=PLACES, to=PLACES)
    def change_the_source(self, what: str, where: int, which: int, to: int) -> None:
        events: dict[str, Callable[[], None]] = {
            "edit": lambda: self.edit_a_sentence(where, which),
            "insert": lambda: self.insert_a_sentence(where, which),
            "delete": lambda: self.delete_a_sentence(where, which),
            "move": lambda: self.move_a_paragraph(where, to),
            "move a sentence": lambda: self.move_a_sentence(where, which, to),
            "bring back": lambda: self.bring_back_a_paragraph(where, which),
            "add": lambda: self.add_a_paragraph(where),
            "rename": lambda: self.rename_a_document(where),
            "add a document": self.add_a_document,
            "remove a document": lambda: self.remove_a_document(where),
        }
        events[what]()

    @rule(where=PLACES, which=PLACES, approves=st.booleans())
    def write_into_the_catalog(self, where: int, which: int, approves: bool) -> None:
        self.edit_the_catalog(where, which, approves)

    @rule(where=PLACES, which=PLACES)
    def write_into_the_file(self, where: int, which: int) -> None:
        self.edit_the_file(where, which)

    @rule(what=st.sampled_from(["approve", "decide", "save", "sphinx-intl"]), width=st.sampled_from([0, 40, 78]))
    def use_an_editor(self, what: str, width: int) -> None:
        events: dict[str, Callable[[], None]] = {
            "approve": self.approve,
            "decide": self.decide_conflicts,
            "save": lambda: self.save_with_another_editor(width),
            "sphinx-intl": self.run_sphinx_intl,
        }
        events[what]()

    @rule(what=st.sampled_from(MACHINE_EVENTS), calls=st.integers(0, 2))
    def disturb_the_machine(self, what: str, calls: int) -> None:
        if what == "lose the index":
            self.lose_the_index()
        elif what == "change the engine":
            self.change_the_engine()
        elif what == "die while sending":
            self.die_while_sending(calls)
        else:
            self.die_in_a_build(what)

    @rule()
    def build(self) -> None:
        self.build_and_check()

    # -- what happens to a book

    def edit_a_sentence(self, where: int, which: int) -> None:
        HAPPENED["source sentences edited"] += 1
        name, index = self.place(where)
        sentences = self.split(self.book.documents[name][index])
        self.past.append(self.book.documents[name][index])
        sentences[which % len(sentences)] = self.sentence()
        self.book.documents[name][index] = " ".join(sentences)

    def insert_a_sentence(self, where: int, which: int) -> None:
        HAPPENED["source sentences inserted"] += 1
        name, index = self.place(where)
        sentences = self.split(self.book.documents[name][index])
        self.past.append(self.book.documents[name][index])
        sentences.insert(which % (len(sentences) + 1), self.sentence())
        self.book.documents[name][index] = " ".join(sentences)

    def delete_a_sentence(self, where: int, which: int) -> None:
        name, index = self.place(where)
        sentences = self.split(self.book.documents[name][index])
        self.past.append(self.book.documents[name][index])
        if len(sentences) > 1:
            HAPPENED["source sentences deleted"] += 1
            del sentences[which % len(sentences)]
            self.book.documents[name][index] = " ".join(sentences)

    def move_a_paragraph(self, where: int, to: int) -> None:
        name, index = self.place(where)
        if len(self.book.documents[name]) > 1:
            HAPPENED["paragraphs moved"] += 1
            paragraph = self.book.documents[name].pop(index)
            other, position = self.place(to)
            self.book.documents[other].insert(position, paragraph)

    def move_a_sentence(self, where: int, which: int, to: int) -> None:
        name, index = self.place(where)
        sentences = self.split(self.book.documents[name][index])
        self.past.append(self.book.documents[name][index])
        if len(sentences) > 1:
            HAPPENED["sentences moved"] += 1
            moved = sentences.pop(which % len(sentences))
            self.book.documents[name][index] = " ".join(sentences)
            other, position = self.place(to)
            self.past.append(self.book.documents[other][position])
            self.book.documents[other][position] += f" {moved}"

    def bring_back_a_paragraph(self, where: int, which: int) -> None:
        there = {sentence for texts in self.book.documents.values() for text in texts for sentence in self.split(text)}
        past = [text for text in self.past if there.isdisjoint(self.split(text))]
        if past:
            HAPPENED["paragraphs brought back"] += 1
            name, index = self.place(where)
            self.book.documents[name].insert(index, past[which % len(past)])

    def add_a_paragraph(self, where: int) -> None:
        name, index = self.place(where)
        if sum(map(len, self.book.documents.values())) < 8:
            HAPPENED["paragraphs added"] += 1
            self.book.documents[name].insert(index, self.paragraph(2))

    def rename_a_document(self, where: int) -> None:
        HAPPENED["documents renamed"] += 1
        name, _index = self.place(where)
        self.count += 1
        self.book.documents[f"renamed-{self.count}"] = self.book.documents.pop(name)
        self.built[f"renamed-{self.count}"] = self.built.pop(name, [])
        (self.book.source / f"{name}.rst").unlink(missing_ok=True)

    def add_a_document(self) -> None:
        if len(self.book.documents) < 4:
            HAPPENED["documents added"] += 1
            self.count += 1
            self.book.documents[f"new-{self.count}"] = [self.paragraph(2)]

    def remove_a_document(self, where: int) -> None:
        name, _index = self.place(where)
        if len(self.book.documents) > 1:
            HAPPENED["documents removed"] += 1
            self.past += self.book.documents.pop(name)
            (self.book.source / f"{name}.rst").unlink(missing_ok=True)

    def change_the_engine(self) -> None:
        HAPPENED["engine changes"] += 1
        self.engine_name = "beta" if self.engine_name == "alpha" else "alpha"

    # -- what people do

    def edit_the_catalog(self, where: int, which: int, approves: bool) -> None:
        name, index = self.place(where)
        source = self.book.documents[name][index]
        entry = self.catalog(name).by_msgid().get(source)
        if entry is None or not entry.msgstr or not self.matches(source, entry.msgstr):
            return
        HAPPENED["catalog edits"] += 1
        text = self.with_human_sentence(source, entry.msgstr, which, "catalog")
        if entry.fuzzy and not entry.composed:  # a tool's guess
            if approves:  # who approves it, has put all of it right
                for number in range(len(self.split(source))):
                    text = self.with_human_sentence(source, text, number, "catalog")
            else:  # nobody says what it is good for
                self.disputed |= set(self.split(source))
        if approves:
            entry = po.Entry(source, "", entry.comments, entry.extracted, entry.references)
        self.replace_entry(name, replace(entry, msgstr=text, raw=""))

    def approve(self) -> None:
        """Approve all that waits for it."""
        for name, source, entry in self.entries():
            if entry.composed and self.matches(source, entry.msgstr):
                HAPPENED["approvals"] += 1
                for sentence, text in zip(self.split(source), self.split(entry.msgstr), strict=True):
                    if self.edited.setdefault(sentence, "catalog") == "catalog":
                        self.speak(sentence, text)
                    else:
                        self.disputed.add(sentence)  # a person has another text in the localized file already
                self.replace_entry(name, replace(entry, flags=(), previous=None, raw=""))

    def decide_conflicts(self) -> None:
        """Decide all conflicts for the catalogs' texts."""
        for name, _source, entry in self.entries():
            if entry.conflict:
                HAPPENED["conflicts decided"] += 1
                comments = [one for one in entry.comments if not one.startswith(po.CONFLICT)]
                for other in set(entry.comments) - set(comments):
                    self.replaced |= {text for text in self.written if text in other and text not in entry.msgstr}
                self.replace_entry(name, replace(entry, comments=tuple(comments), raw=""))

    def entries(self) -> list[tuple[str, str, po.Entry]]:
        """Document, source and entry of all paragraphs that are in the catalogs."""
        return [
            (name, source, entry)
            for name, paragraphs in sorted(self.book.documents.items())
            for source in paragraphs
            if (entry := self.catalog(name).by_msgid().get(source))
        ]

    def save_with_another_editor(self, width: int) -> None:
        HAPPENED["catalogs saved by polib"] += 1
        for path in self.book.catalog_paths():
            if path.exists():
                polib.pofile(str(path), wrapwidth=width).save(newline="")

    def run_sphinx_intl(self) -> None:
        """It gives new texts the translations of similar ones, and takes these away from the old texts."""
        HAPPENED["sphinx-intl updates"] += 1
        before = self.book.catalogs()
        for name, paragraphs in self.book.documents.items():
            path, template = self.book.catalog_path(name), Catalog()
            for paragraph in paragraphs:
                template.add(paragraph)
            with redirect_stdout(io.StringIO()):  # Babel's reader cannot do without print
                catalog = sphinx_intl.load_po(str(path)) if path.exists() else Catalog()
            sphinx_intl.update_with_fuzzy(catalog, template)
            sphinx_intl.dump_po(str(path), catalog)
        self.blind["texts carried"] = True
        for sentence, text in self.human.items():  # what it threw away before a build has seen it, no build can know
            if text in before and text not in self.book.catalogs() + self.book.trees():
                self.replaced.add(text)
                self.disputed.add(sentence)

    def edit_the_file(self, where: int, which: int) -> None:
        name, index = self.place(where)
        path = self.book.tree / f"{name}.rst"
        if not path.exists() or not self.built.get(name):
            return
        sources, paragraphs = self.built[name], self.book.shown(name)
        index %= len(sources)
        if len(paragraphs) != len(sources) or not self.matches(sources[index], paragraphs[index]):
            return
        HAPPENED["file edits"] += 1
        paragraphs[index] = self.with_human_sentence(sources[index], paragraphs[index], which, "file")
        path.write_text("\n\n".join([*paragraphs, ""]), encoding="utf-8", newline="")

    def speak(self, sentence: str, text: str) -> None:
        """A person writes *text* for *sentence*."""
        if sentence in self.human:
            self.earlier.setdefault(sentence, set()).add(self.human[sentence])
        self.human[sentence] = text
        self.written.add(text)

    def matches(self, source: str, target: str) -> bool:
        """Whether *target* has a sentence for each of *source*: not where a tool gave a text the translation of another one."""
        return len(self.split(source)) == len(self.split(target))

    def catalog(self, name: str) -> po.Catalog:
        return po.read(self.book.catalog_path(name))

    def replace_entry(self, name: str, entry: po.Entry) -> None:
        """Write *entry* into the catalog in place of the one of its msgid."""
        catalog = self.catalog(name)
        entries = [entry if one.msgid == entry.msgid and not one.obsolete else one for one in catalog.entries]
        po.write(replace(catalog, entries=tuple(entries)))

    def with_human_sentence(self, source: str, target: str, which: int, place: str) -> str:
        """*target* with one sentence written by a person."""
        sources, targets = self.split(source), self.split(target)
        number = which % len(sources)
        self.count += 1
        text = f"Persona {self.count} escribe aqui."
        for one in sources:
            if self.edited.setdefault(one, place) != place:
                self.disputed.add(one)
        if targets[number] in self.written:
            self.replaced.add(targets[number])
        targets[number] = text
        self.speak(sources[number], text)
        return " ".join(targets)

    # -- what machines do

    def lose_the_index(self) -> None:
        HAPPENED["deletions of .amts"] += 1
        shutil.rmtree(self.book.locale / ".amts", ignore_errors=True)
        self.blind["index lost"] = True
        self.blind["killed, then index lost"] |= self.blind["killed"]

    def die_while_sending(self, calls: int) -> None:
        self.note_what_cannot_be_told()
        try:
            self.book.build(CountingEngine(self.engine_name, calls))
        except Killed:
            HAPPENED["kills while sending"] += 1
            return
        self.settled()

    def die_in_a_build(self, stop: str) -> None:
        self.note_what_cannot_be_told()
        try:
            self.book.build(CountingEngine(self.engine_name), stop)
        except Killed:
            HAPPENED["kills at other moments"] += 1
            self.blind["killed"] = True
            self.built.update({name: list(self.book.documents[name]) for name in self.book.written})

    def settled(self) -> None:
        self.built = {name: list(paragraphs) for name, paragraphs in self.book.documents.items()}
        self.edited.clear()
        self.blind = dict.fromkeys(self.blind, False)

    def note_what_cannot_be_told(self) -> None:
        """What no build can know after all that happened since the last one."""
        if self.blind["killed, then index lost"]:
            self.disputed |= set(self.edited)  # catalogs are ahead of files, and nobody knows any more by how much
            self.loose = True
        if self.blind["index lost"] and self.blind["texts carried"]:
            self.disputed |= set(self.human)  # nobody knows any more which text was whose
            self.loose = True

    def build_and_check(self) -> None:
        self.note_what_cannot_be_told()
        HAPPENED["builds"] += 1
        self.book.build(CountingEngine(self.engine_name))
        self.settled()
        self.check_people()
        again = CountingEngine(self.engine_name)
        self.book.build(again)
        assert again.sent == []

    def check_people(self) -> None:
        catalogs = self.book.catalogs()
        for name, paragraphs in self.book.documents.items():
            shown = self.book.shown(name)
            assert len(shown) == len(paragraphs) or (self.loose and len(shown) > len(paragraphs))
            if len(shown) > len(paragraphs):
                shown = [" ".join(shown)] * len(paragraphs)
            for source, target in zip(paragraphs, shown, strict=True):
                for sentence in self.split(source):
                    text = self.human.get(sentence)
                    if text is not None and sentence not in self.disputed:
                        # a paragraph that comes back as it was takes its own old translation
                        old = self.earlier.get(sentence, set()) if source in self.past else set()
                        assert any(one in target for one in {text, *old}), (
                            f"{text!r} is not in force for {sentence!r}: {target!r}"
                        )
        for path in self.book.catalog_paths():
            msgids = [entry.msgid for entry in po.read(path).entries]
            assert len(msgids) == len(set(msgids)), "gettext's tools refuse a catalog with two entries for one msgid"
        abandoned = self.book.trees(lambda name: self.loose or name not in self.book.documents)
        for text in self.written - self.replaced:
            assert text in catalogs or text in abandoned, f"{text!r} is lost"


TestHistories = pytest.mark.slow(History.TestCase)
TestHistories.settings = settings(
    max_examples=200,
    stateful_step_count=30,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
