"""Which messages of the book need work in one language, and which stand as they are."""

from __future__ import annotations

from sphinx_amts import catalog as po
from sphinx_amts.engines import DRAFTS
from sphinx_amts.model import Document, Message, Origin, Pipeline
from sphinx_amts.translate.book import Book, Summary, Work
from sphinx_amts.translate.catalogs import Catalogs
from sphinx_amts.translate.matching import Matcher


class Survey:
    """What there is to do with the *engine* of this name; nothing before :meth:`look`."""

    def __init__(self, book: Book, pipeline: Pipeline, engine: str, catalogs: Catalogs, matcher: Matcher) -> None:
        self._book = book
        self._pipeline = pipeline
        self._engine = engine
        self._catalogs = catalogs
        self._matcher = matcher
        self.summary = Summary(engine)
        self.counts: dict[str, int] = {}
        """Messages of each domain that was looked at, as the summary counts them."""
        self.work: list[Work] = []
        """Messages that have to be put together."""
        self.revived: list[Work] = []
        """Messages that come back with the text that a person once gave them."""

    def look(self) -> None:
        """Look at every message of the domains that do not stand, and give it its entry."""
        self._catalogs.begin()
        self._matcher.begin()
        self.summary.documents = len(self._book.documents)
        self.summary.messages = self.summary.unchanged = sum(one.messages for one in self._catalogs.standing.values())
        for docname, document in self._book.documents.items():
            domain = self._book.domains[docname]
            if domain in self._catalogs.standing:
                continue
            before = self.summary.messages
            for message in document.messages:
                self._plan_message(message, document, domain)
            self.counts[domain] = self.counts.get(domain, 0) + self.summary.messages - before
        for domain, msgids in self._book.extra.items():
            for msgid in msgids:
                self._catalogs.enter(domain, msgid, "")

    def _plan_message(self, message: Message, document: Document, domain: str) -> None:
        first_time = message.msgid not in self._catalogs.entries[domain]
        entry = self._catalogs.enter(domain, message.msgid, self._book.reference(message))
        if not self._book.is_wanted(message, document, self._pipeline):
            return
        self.summary.messages += 1
        if not first_time:
            self.summary.unchanged += 1  # the same text twice in one domain is one entry
            return
        if not entry.msgstr and (moved := self._catalogs.by_person(message.msgid)):
            self._take_over(message, document, domain, moved)
            return
        if entry.conflict:
            self.summary.conflicts += 1
        if self._stands(message, document, domain, entry):
            self.summary.unchanged += 1
            return
        if entry.stale and entry.previous and not entry.composed:
            self._matcher.retire(domain, entry)
        if segments := self._book.sentences(message, document, self._pipeline.source_language):
            self.work.append(Work(message, document.docname, domain, segments))
        else:
            self.summary.unchanged += 1

    def _take_over(self, message: Message, document: Document, domain: str, moved: po.Entry) -> None:
        """Give *message* what a person wrote for it in another catalog, or before it was gone."""
        self._catalogs.take_over(domain, moved)
        self.summary.reused += 1
        if moved.origin is Origin.HUMAN and (moved.obsolete or self._matcher.is_renewed(message.msgid)):
            self.revived.append(Work(message, document.docname, domain, ()))

    def _stands(self, message: Message, document: Document, domain: str, entry: po.Entry) -> bool:
        """Whether nothing is to be done for *message*, unless newer sentences of people are found for it."""
        is_back = bool(entry.msgstr) and self._catalogs.is_back(domain, message.msgid)
        if is_back and entry.composed and entry.engine is not None:
            self._matcher.previous[domain, message.msgid] = entry  # its sentences may have better translations now
            return False
        if not self._in_force(entry):
            return False
        if entry.origin is Origin.HUMAN and (is_back or self._matcher.is_renewed(message.msgid)):
            self.revived.append(Work(message, document.docname, domain, ()))
        return True

    def _in_force(self, entry: po.Entry) -> bool:
        """Whether the entry's text stands as it is."""
        origin = entry.origin
        if origin is Origin.HUMAN:
            return not entry.stale or entry.composed
        if origin is Origin.MACHINE:
            if entry.stale and not entry.composed:
                return False
            return entry.engine == self._engine or entry.engine not in DRAFTS
        return False

    def unfinished(self) -> set[str]:
        """Domains with messages that needed work and have no translation in force."""
        entries = self._catalogs.entries
        work = (one for one in self.work if not self._in_force(entries[one.domain][one.message.msgid]))
        return {one.domain for one in work}
