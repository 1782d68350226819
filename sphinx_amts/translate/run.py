"""One language's run over the whole book, from what its catalogs have to what they have then."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from pathlib import Path

from sphinx_amts import catalog as po
from sphinx_amts.engines import Engine, Router, price_of
from sphinx_amts.memory import Memory
from sphinx_amts.model import Diagnostic, Message, Origin, Pipeline, Segment
from sphinx_amts.translate.asking import Asker
from sphinx_amts.translate.book import Book
from sphinx_amts.translate.catalogs import Catalogs
from sphinx_amts.translate.composing import Composer, rejected, shorten
from sphinx_amts.translate.learning import Learning
from sphinx_amts.translate.matching import Matcher
from sphinx_amts.translate.naming import Names, refers
from sphinx_amts.translate.recalling import Recall
from sphinx_amts.translate.saving import Saver
from sphinx_amts.translate.showing import Showing
from sphinx_amts.translate.splitting import translatable
from sphinx_amts.translate.states import State
from sphinx_amts.translate.surveying import Survey


class LanguageRun:
    """One language's run: :meth:`survey`, :meth:`plan`, :meth:`send`, :meth:`compose`, then :meth:`save`."""

    def __init__(self, book: Book, pipeline: Pipeline, engine: Engine, memory: Memory) -> None:
        self.book = book
        self.pipeline = pipeline
        self.engine = engine
        self.memory = memory
        self.catalogs = Catalogs(book, pipeline.language, memory)
        self.showing = Showing(memory)
        self.asker = Asker(engine, pipeline.source_language, pipeline.language, memory)
        self.names = Names()
        self.learning = Learning(book, pipeline, engine, memory, self.catalogs, self.names)
        self.recall = Recall(memory, engine.name, pipeline)
        self.matcher = Matcher(book, pipeline, memory, self.catalogs, self.recall, self.names)
        self.saver = Saver(book, pipeline.language, memory, self.catalogs, self.matcher, self.learning, self.showing)
        self.surveyed = Survey(book, pipeline, engine.name, self.catalogs, self.matcher)
        self.summary = self.surveyed.summary
        self.diagnostics: list[Diagnostic] = []
        self.missing: list[Segment] = []
        """What is to be sent."""
        self._reverted: set[str] = set()

    # -- phases ----------------------------------------------------------------------------------------------------

    def survey(self) -> None:
        """Find the messages that need work. May be called again after entries were set in :attr:`catalogs`."""
        self.surveyed = Survey(self.book, self.pipeline, self.engine.name, self.catalogs, self.matcher)
        self.summary = self.surveyed.summary
        self.surveyed.look()

    def plan(self) -> None:
        """Find what is to be done and to be sent, after :meth:`survey`. Nothing is written or sent."""
        if self.surveyed.work or self.surveyed.revived:
            self.compare()
            self._find_missing()

    def compare(self) -> None:
        """Find what edits of the source left behind, after :meth:`survey`, without asking what it would cost to send."""
        if self.surveyed.work or self.surveyed.revived:
            self.names.collect(self.book, self.catalogs)
            self.matcher.match(self.surveyed.work)
            self.learning.learn()
            self.surveyed.work = self.recall.merged(self.surveyed.work, self.matcher.own)
            renewed = self.matcher.renew(self.surveyed.revived)
            self.surveyed.work += renewed
            self.summary.unchanged -= len(renewed)

    def _find_missing(self) -> None:
        """Segments that neither the memory nor this run's answers hold, each once, in document order."""
        seen: dict[str, Segment] = {}
        is_first = self.memory.is_empty()
        for work in self.surveyed.work:
            for one in work.segments:
                if one.html in seen or not translatable(one) or self.matcher.own(work, one) is not None:
                    continue
                if is_first or (
                    self.recall.find(one) is None and not self.memory.is_refused(one.html, self.asker.fingerprint)
                ):
                    seen[one.html] = one
        self.missing = list(seen.values())
        self.summary.estimated_cost = price_of(self.engine, [one.html for one in self.missing])

    def send(self, progress: Callable[[int], None] = lambda _count: None) -> None:
        """Send what is missing; touches nothing that another language's run uses."""
        self.asker.progress = progress
        if self.missing:
            self.asker.ask(self.missing)
        self.summary.sent_segments = self.asker.sent_segments
        self.summary.sent_characters = self.asker.sent_characters

    def compose(self) -> None:
        """Put all messages together that need work."""
        composer = Composer(
            self.book,
            self.pipeline,
            self.engine,
            self.engine if isinstance(self.engine, Router) else None,
            self.memory,
            self.catalogs,
            self.recall,
            self.matcher,
            self.asker,
            self.names,
            self.summary,
            self.diagnostics,
        )
        composer.compose(self.surveyed.work)

    def forget_sentences(self) -> None:
        """Let go of what only planning and putting together need, once all runs of the book have put together.

        Documents are read again by processes that share this one's memory. :attr:`missing` and :meth:`states` say nothing any more.
        """
        self.surveyed.work = [replace(one, segments=()) for one in self.surveyed.work]
        self.missing = []
        self.asker.forget()
        self.book.segments.clear()

    def take_back(self, message: Message, code: str, reason: str) -> None:
        """Put *message* back into the source language, because its translation cannot stand in the file.

        A machine's text is dropped; a person's stays in the catalog, and only the file shows the source.
        """
        for domain, entry in self.catalogs.of_message(message):
            self._reverted.add(domain)
            if entry.origin is not Origin.HUMAN:
                self.memory.refuse([rejected(message, entry.msgstr)], "structure")
                self.catalogs.entries[domain][message.msgid] = entry.translated("", "")
        self.summary.kept_source += 1
        text = f"{self.pipeline.language}: stays in the source language: {reason}: {shorten(message.msgid)}"
        self.diagnostics.append(Diagnostic(code, text, message.location))

    def save(self, domains: Collection[str] | None = None) -> list[Path]:
        """Write the catalogs that changed, of all *domains* or of those; return their paths."""
        return self.saver.save(domains)

    # -- results ---------------------------------------------------------------------------------------------------

    def messages(self, docname: str) -> Iterator[tuple[Message, po.Entry]]:
        """A document's messages that are ours to translate, each msgid once, with their entries."""
        document = self.book.documents[docname]
        entries = self.catalogs.entries[self.book.domains[docname]]
        wanted = {one.msgid: one for one in document.messages if self.book.is_wanted(one, document, self.pipeline)}
        for msgid, message in wanted.items():
            yield message, entries.get(msgid) or po.Entry(msgid)

    def counted(self, docname: str) -> Iterator[tuple[Message, po.Entry]]:
        """Those of :meth:`messages` that have words to translate, or a translation."""
        document = self.book.documents[docname]
        for message, entry in self.messages(docname):
            if entry.msgstr or self.book.has_words(message, document):
                yield message, entry

    def states(self, docname: str) -> State:
        """The states of a document's messages, each msgid once, after :meth:`compare`."""
        domain = self.book.domains[docname]
        work = (one for one in self.surveyed.work if one.domain == domain)
        behind = {one.message.msgid for one in work if self.matcher.is_behind(one)}
        state = State()
        for message, entry in self.counted(docname):
            state.add(entry, message.msgid, behind=message.msgid in behind)
        return state

    def texts(self, docname: str) -> dict[str, str]:
        """Translations of the messages of a document by msgid; messages without one are absent."""
        entries = self.catalogs.entries[self.book.domains[docname]]
        document = self.book.documents[docname]
        found = {}
        for message in document.messages:
            entry = entries.get(message.msgid)
            if entry is not None and entry.msgstr and self.book.is_wanted(message, document, self.pipeline):
                found[message.msgid] = entry.msgstr
            elif refers(message) and document.format in self.book.formats:
                found[message.msgid] = self.names.in_source(message, document, self.book.format_of(message, document))
        return found

    def fallbacks(self, docname: str) -> dict[str, str]:
        """By msgid, what stands in for a text that cannot stand: what the file showed before a person edited it, or the
        source text whose references follow their names.
        """
        document = self.book.documents[docname]
        found = {}
        if document.format in self.book.formats:
            for message in document.messages:
                if refers(message):
                    renamed = self.names.in_source(message, document, self.book.format_of(message, document))
                    if renamed != message.raw:
                        found[message.msgid] = renamed
        entries = self.catalogs.entries[self.book.domains[docname]]
        return found | {msgid: text for msgid, entry in entries.items() if (text := entry.last_good)}

    def by_people(self, docname: str) -> frozenset[str]:
        """The msgids of a document whose translations people wrote, if only in parts."""
        entries = self.catalogs.entries[self.book.domains[docname]]
        found = (entries.get(message.msgid) for message in self.book.documents[docname].messages)
        return frozenset(one.msgid for one in found if one and (one.origin is Origin.HUMAN or one.composed))

    def is_translated(self, message: Message) -> bool:
        """Whether any domain has a translation of *message* as it stands in its file."""
        return any(entry.msgstr for _domain, entry in self.catalogs.of_message(message))

    def is_settled(self, domain: str) -> bool:
        """Whether *domain* was saved and nothing in it waits for a person or an engine, so that another run finds nothing to do."""
        conflicts = any(entry.conflict for entry in self.catalogs.entries[domain].values())
        return self.saver.is_remembered(domain) and domain not in self._reverted and not conflicts
