"""What edits of the source left behind: the entries that new messages come from, and messages that come back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from sphinx_amts import catalog as po
from sphinx_amts.formats import Format
from sphinx_amts.formats.inline import plain
from sphinx_amts.memory import Memory
from sphinx_amts.model import Fragment, Message, Origin, Pipeline, Segment
from sphinx_amts.translate.book import Book, Work
from sphinx_amts.translate.catalogs import Catalogs
from sphinx_amts.translate.naming import Names
from sphinx_amts.translate.pairing import entry_pairs, own_pairs
from sphinx_amts.translate.recalling import Recall
from sphinx_amts.translate.similarity import predecessors, words_of
from sphinx_amts.translate.sources import is_noted
from sphinx_amts.translate.splitting import translatable


class Matcher:
    """Matches what is new in the book with what is gone from it, in one language."""

    def __init__(
        self, book: Book, pipeline: Pipeline, memory: Memory, catalogs: Catalogs, recall: Recall, names: Names
    ) -> None:
        self._book = book
        self._pipeline = pipeline
        self._memory = memory
        self._catalogs = catalogs
        self._recall = recall
        self._names = names
        self.previous: dict[tuple[str, str], po.Entry] = {}
        """Entries that edited messages come from, by domain and the new msgid."""
        self.forgotten: dict[str, set[str]] = {}
        """Msgids by domain of entries that need not be kept: an engine can make them again."""
        self.retired: dict[str, list[po.Entry]] = {}
        """What people wrote for texts that another tool found edited, by domain: it is kept as obsolete."""
        self._left: list[tuple[po.Entry, set[str]]] = []
        """Entries with people's sentences whose messages an edit of the source took from the book, and the words of these."""
        self._own: dict[tuple[str, str, str, str], dict[str, Fragment]] = {}
        """The sentences of entries that have markup of their own, by the entry, and the document and kind of the new message."""
        self._renewed: dict[str, str] = {}
        """Msgids whose translations a run which broke off put together from people's texts, and the msgid whose text changed since."""

    def begin(self) -> None:
        """Forget what an earlier survey found edited by other tools."""
        self.retired = {}

    def retire(self, domain: str, entry: po.Entry) -> None:
        """An edit of the source under a translation, found by another tool: its text belongs to the previous msgid."""
        assert entry.previous is not None, "the caller has looked"
        old = replace(entry, msgid=entry.previous, previous=None, flags=(), raw="")
        there = self._catalogs.lookup(domain).get(old.msgid)
        self.previous[domain, entry.msgid] = there if there is not None and there.msgstr else old
        if old.origin is Origin.HUMAN:
            self.retired.setdefault(domain, []).append(old)

    def is_renewed(self, msgid: str) -> bool:
        """Whether :meth:`renew_edits_of` found that the text of *msgid* was put together from one that people changed since."""
        return msgid in self._renewed

    def renew_edits_of(self, place: str, msgid: str) -> None:
        """Have messages put together anew that took over from *msgid*, whose translation in the domain *place* is about to change.

        Only a run that broke off leaves them: its catalogs have the new text already, and localized files the old one. To be
        called before the entry is set.
        """
        if msgid in self._catalogs.by_domain[place].by_msgid():
            return
        old = [po.Entry(msgid, "gone")]
        for domain, catalog in list(self._catalogs.by_domain.items()):
            for entry in catalog.by_msgid().values():
                if entry.msgid == msgid:
                    continue
                is_edit = bool(predecessors([entry.msgid], old))
                if entry.engine is not None and (is_edit or (entry.composed and entry.previous == msgid)):
                    self._catalogs.set_entry(domain, entry.translated("", ""))
                elif is_edit and is_noted(entry, self._memory.note(f"texts:{domain}")):
                    self._renewed[entry.msgid] = msgid  # made of people's sentences alone

    def match(self, work: Iterable[Work]) -> None:
        """Find for each new message the entry that an edit of the source has left behind: in its own catalog, else in any."""
        new: dict[str, list[str]] = {}
        for one in work:
            if not self._catalogs.entries[one.domain][one.message.msgid].msgstr:
                new.setdefault(one.domain, []).append(one.message.msgid)
        gone = {
            domain: [entry for entry in self._catalogs.gone(domain) if entry.msgid not in self._renewed]
            for domain in self._catalogs.loaded
        }
        left = (entry for entries in gone.values() for entry in entries if entry.msgstr and _has_persons(entry))
        self._left = [(entry, set(words_of(entry.msgid))) for entry in left]
        self._own = {}
        for domain, msgids in new.items():
            for msgid, entry in predecessors(msgids, gone[domain]).items():
                self.previous[domain, msgid] = entry
                gone[domain].remove(entry)
                if entry.origin is not Origin.HUMAN and not entry.composed:
                    self.forgotten.setdefault(domain, set()).add(entry.msgid)
        elsewhere = self._elsewhere(gone)
        for domain, msgids in new.items():
            rest = [msgid for msgid in msgids if (domain, msgid) not in self.previous]
            for msgid, entry in predecessors(rest, elsewhere).items():
                self.previous[domain, msgid] = entry
                elsewhere.remove(entry)

    def _elsewhere(self, gone: dict[str, list[po.Entry]]) -> list[po.Entry]:
        """Those of the entries that are *gone*, by domain, which a message of another domain may come from."""
        left = self._catalogs.left
        ours = {
            msgid
            for domain, catalog in self._catalogs.by_domain.items()
            if domain not in left
            for msgid in catalog.by_msgid()
        }
        return [
            one
            for domain, entries in gone.items()
            for one in entries
            if _has_persons(one) and not (domain in left and one.msgid in ours)
        ]

    def renew(self, revived: Sequence[Work]) -> list[Work]:
        """Those of the messages *revived* that take over what people wrote since for their sentences: all of it is known."""
        if not revived:
            return []
        gone = [
            entry
            for domain in self._catalogs.loaded
            for entry in self._catalogs.gone(domain)
            if entry.origin is Origin.HUMAN
        ]
        renewed = []
        for work in revived:
            msgid = work.message.msgid
            source = self._renewed.get(msgid)
            found = predecessors(
                [msgid], [one for one in gone if one.msgid == source or (not source and one.msgid != msgid)]
            )
            if not found:
                continue
            document = self._book.documents[work.docname]
            format_ = self._book.format_of(work.message, document)
            sentences = self._book.sentences(work.message, document, self._pipeline.source_language)
            self.previous[work.domain, msgid] = found[msgid]
            before = self.sentences_before(work, format_)
            if all(self._is_persons(work, one, before) for one in sentences if translatable(one)):
                renewed.append(replace(work, segments=sentences))
        return renewed

    def _is_persons(self, work: Work, one: Segment, before: Mapping[str, str]) -> bool:
        """Whether a person translated the segment *one* of *work*."""
        known = self._recall.find(one, before.get(one.html, ""))
        return (known is not None and known.origin is Origin.HUMAN) or self.own(work, one) is not None

    def sentences_before(self, work: Work, format_: Format) -> dict[str, str]:
        """The segments of the entry that *work* is an edit of, and their translations there."""
        entry = self.previous.get((work.domain, work.message.msgid))
        if entry is None:
            return {}
        message = Message(entry.msgid, work.message.kind, entry.msgid, work.message.location)
        rename = partial(self._names.rename, docname=work.docname)
        return {pair.source: pair.target for pair in entry_pairs(message, entry, format_, self._pipeline, rename)}

    def own(self, work: Work, one: Segment) -> Fragment | None:
        """What a person wrote for the segment *one* of *work* with markup of its own, in what an edit of the source left behind.

        The memory has no such translation, because nobody could restore its markup in another text. Here it is the person's own.
        """
        entry = self.previous.get((work.domain, work.message.msgid))
        if entry is not None and _has_persons(entry) and (found := self._own_of(entry, work).get(one.html)):
            return found
        known = self._recall.find(one) if self._left else None
        if not self._left or (known is not None and known.origin is Origin.HUMAN):
            return None
        words = set(words_of(plain(one.pieces)))
        candidates = (left for left, there in self._left if words <= there)
        return next((found for left in candidates if (found := self._own_of(left, work).get(one.html))), None)

    def _own_of(self, entry: po.Entry, work: Work) -> Mapping[str, Fragment]:
        key = entry.msgid, entry.msgstr, work.docname, work.message.kind
        if key not in self._own:
            message = Message(entry.msgid, work.message.kind, entry.msgid, work.message.location)
            format_ = self._book.format_of(work.message, self._book.documents[work.docname])
            rename = partial(self._names.rename, docname=work.docname)
            self._own[key] = dict(own_pairs(message, entry, format_, self._pipeline, rename))
        return self._own[key]

    def is_behind(self, work: Work) -> bool:
        """Whether a person translated the source of *work* before it was edited, and some of it has no translation now."""
        entry = self.previous.get((work.domain, work.message.msgid))
        by_person = entry is not None and _has_persons(entry)
        return by_person and any(
            translatable(one) and self._recall.find(one) is None and self.own(work, one) is None
            for one in work.segments
        )


def _has_persons(entry: po.Entry) -> bool:
    """Whether a person wrote the translation of *entry*, if only in parts."""
    return entry.origin is Origin.HUMAN or entry.composed
