"""One language's run over the whole book, from what its catalogs have to what they have then."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from sphinx_amts import catalog as po
from sphinx_amts.align import align_message
from sphinx_amts.engines import DRAFTS, Engine, Learner, Priced, Router, Terminologist
from sphinx_amts.formats import Format, RenderError
from sphinx_amts.formats.inline import TagError, decode, encode, fold, plain, segment, walk
from sphinx_amts.memory import Memory
from sphinx_amts.model import (
    ConfigurationError,
    Diagnostic,
    Document,
    Fragment,
    Location,
    Message,
    Origin,
    Pipeline,
    Segment,
    SegmentPair,
    Term,
    Translation,
)
from sphinx_amts.parallel import read_pairs, read_terms
from sphinx_amts.translate.asking import Asker, encode_like
from sphinx_amts.translate.book import Book, Summary, Work
from sphinx_amts.translate.carrying import predecessors, transfer
from sphinx_amts.translate.catalogs import Catalogs, OnDemand, is_persons
from sphinx_amts.translate.composing import Names, join, normalize, polish, split, split_fragment, translatable
from sphinx_amts.translate.repairing import repair
from sphinx_amts.translate.showing import Showing
from sphinx_amts.translate.sources import is_noted, noted
from sphinx_amts.translate.states import State

NAMED_KINDS = {"term", "title"}
"""Kinds of messages whose text other messages may refer to."""

_NOWHERE = Location("", 0)

_NAME = re.compile(r"term[:}]`|`__?(?!\w)|\w_(?!\w)")
"""What may refer to a glossary term or a title by its name."""

TRIED = 5
"""Fuzzy matches of a segment that are tried, the best first."""

REPAIRED = "memory-fuzzy"
"""Route of sentences that were made from a fuzzy match."""


@dataclass(frozen=True, slots=True)
class _Saved:
    """A catalog as it was written."""

    catalog: po.Catalog
    digest: str
    """Digest of its text."""


class LanguageRun:
    """One language's run: :meth:`plan`, then :meth:`execute`, then :meth:`save`."""

    def __init__(self, book: Book, pipeline: Pipeline, engine: Engine, memory: Memory) -> None:
        self.book = book
        self.pipeline = pipeline
        self.engine = engine
        self._router = engine if isinstance(engine, Router) else None
        self.memory = memory
        self.catalogs = Catalogs(book, pipeline.language, memory)
        self.showing = Showing(memory)
        self.asker = Asker(engine, pipeline.source_language, pipeline.language, memory)
        self.summary = Summary(engine.name)
        self.diagnostics: list[Diagnostic] = []
        self.names = Names()
        self.counts: dict[str, int] = {}
        """Messages of each domain that was looked at, as the summary counts them."""
        self.work: list[Work] = []
        self.missing: list[Segment] = []
        self.forgotten: dict[str, set[str]] = {}
        self.previous: dict[tuple[str, str], po.Entry] = {}
        """Entries that edited messages come from, by domain and the new msgid."""
        self._reverted: set[str] = set()
        self._saved: dict[str, _Saved] = {}
        self._orders: dict[str, list[str]] = OnDemand(self._order_before)
        """Msgids by domain in the order of the localized files that the run found, asked for before it writes any."""
        self._learned: set[str] = set()
        """Domains whose catalogs the memory has taken in."""
        self._recalled: dict[str, Translation | None] = {}
        self._repaired: set[str] = set()
        self._retired: dict[str, list[po.Entry]] = {}
        self._revived: list[Work] = []
        """Messages that come back with the text that a person once gave them."""
        self._renewed: dict[str, str] = {}
        """Msgids whose translations a run which broke off put together from people's texts, and the msgid whose text changed since."""

    # -- planning --------------------------------------------------------------------------------------------------

    def plan(self) -> None:
        """Find what is to be done and to be sent, after :meth:`survey`. Nothing is written or sent."""
        if self.work or self._revived:
            self.compare()
            self._find_missing()

    def compare(self) -> None:
        """Find what edits of the source left behind, after :meth:`survey`, without asking what it would cost to send."""
        if self.work or self._revived:
            self._match_predecessors()
            self.learn()
            self._merge_beads()
            self._renew_revived()

    def survey(self) -> None:
        """Find the messages that need work. May be called again after :meth:`set_entry`."""
        self.catalogs.begin()
        self.work, self._retired, self._revived = [], {}, []
        self.summary = Summary(self.engine.name)
        self.summary.documents = len(self.book.documents)
        self.summary.messages = self.summary.unchanged = sum(one.messages for one in self.catalogs.standing.values())
        self.counts = {}
        for docname, document in self.book.documents.items():
            domain = self.book.domains[docname]
            if domain in self.catalogs.standing:
                continue
            before = self.summary.messages
            for message in document.messages:
                self._plan_message(message, document, domain)
            self.counts[domain] = self.counts.get(domain, 0) + self.summary.messages - before
        for domain, msgids in self.book.extra.items():
            for msgid in msgids:
                self.catalogs.enter(domain, msgid, "")

    def renew_edits_of(self, place: str, msgid: str) -> None:
        """Have messages put together anew that took over from *msgid*, whose translation in the domain *place* is about to change.

        Only a run that broke off leaves them: its catalogs have the new text already, and localized files the old one. To be
        called before :meth:`set_entry`.
        """
        if msgid in self.catalogs.by_domain[place].by_msgid():
            return
        old = [po.Entry(msgid, "gone")]
        for domain, catalog in list(self.catalogs.by_domain.items()):
            for entry in catalog.by_msgid().values():
                if entry.msgid == msgid:
                    continue
                is_edit = bool(predecessors([entry.msgid], old))
                if entry.engine is not None and (is_edit or (entry.composed and entry.previous == msgid)):
                    self.catalogs.set_entry(domain, entry.translated("", ""))
                elif is_edit and is_noted(entry, self.memory.note(f"texts:{domain}")):
                    self._renewed[entry.msgid] = msgid  # made of people's sentences alone

    def states(self, docname: str) -> State:
        """The states of a document's messages, each msgid once."""
        domain = self.book.domains[docname]
        behind = self._behind(domain)
        state = State()
        for message, entry in self.counted(docname):
            state.add(entry, message.msgid, behind=message.msgid in behind)
        return state

    def _behind(self, domain: str) -> set[str]:
        """Msgids whose source a person translated before it was edited, as :meth:`compare` found: the catalogs trail."""
        return {
            work.message.msgid
            for work in self.work
            if work.domain == domain
            and (entry := self.previous.get((domain, work.message.msgid))) is not None
            and (entry.origin is Origin.HUMAN or entry.composed)
            and any(translatable(one) and self._recall(one) is None for one in work.segments)
        }

    def messages(self, docname: str) -> Iterator[tuple[Message, po.Entry]]:
        """A document's messages that are ours to translate, each msgid once, with their entries."""
        document = self.book.documents[docname]
        entries = self.catalogs.entries[self.book.domains[docname]]
        wanted = {
            message.msgid: message
            for message in document.messages
            if self.book.is_wanted(message, document, self.pipeline)
        }
        for msgid, message in wanted.items():
            yield message, entries.get(msgid) or po.Entry(msgid)

    def counted(self, docname: str) -> Iterator[tuple[Message, po.Entry]]:
        """Those of :meth:`messages` that have words to translate, or a translation."""
        document = self.book.documents[docname]
        for message, entry in self.messages(docname):
            if entry.msgstr or self.book.has_words(message, document):
                yield message, entry

    def unfinished(self) -> set[str]:
        """Domains that have messages without a translation in force after the run."""
        work = (one for one in self.work if not self._in_force(self.catalogs.entries[one.domain][one.message.msgid]))
        return {one.domain for one in work}

    def is_settled(self, domain: str) -> bool:
        """Whether nothing in *domain*, which is not :meth:`unfinished`, waits for a person, and the memory has its pairs."""
        known = domain in self._saved and self.memory.has(f"catalog:{domain}", self._saved[domain].digest)
        conflicts = any(entry.conflict for entry in self.catalogs.entries[domain].values())
        return known and domain not in self._reverted and not conflicts

    def humans_of(self, domain: str) -> Iterator[str]:
        """The msgids of *domain*, used or obsolete, of which it has a person's translation, if only in parts."""
        return (entry.msgid for entry in self._saved[domain].catalog.entries if is_persons(entry))

    def _plan_message(self, message: Message, document: Document, domain: str) -> None:
        first_time = message.msgid not in self.catalogs.entries[domain]
        entry = self.catalogs.enter(domain, message.msgid, self.book.reference(message))
        if not self.book.is_wanted(message, document, self.pipeline):
            return
        self.summary.messages += 1
        if not first_time:
            self.summary.unchanged += 1  # the same text twice in one domain is one entry
            return
        if not entry.msgstr and (moved := self.catalogs.by_person(message.msgid)):
            self._take_over(message, document, domain, moved)
            return
        if entry.conflict:
            self.summary.conflicts += 1
        if self._stands(message, document, domain, entry):
            self.summary.unchanged += 1
            return
        if entry.stale and entry.previous and not entry.composed:
            self._retire(domain, entry)
        if segments := self.book.sentences(message, document, self.pipeline.source_language):
            self.work.append(Work(message, document.docname, domain, segments))
        else:
            self.summary.unchanged += 1

    def _take_over(self, message: Message, document: Document, domain: str, moved: po.Entry) -> None:
        """Give *message* what a person wrote for it in another catalog, or before it was gone."""
        self.catalogs.take_over(domain, moved)
        self.summary.reused += 1
        if moved.origin is Origin.HUMAN and (moved.obsolete or message.msgid in self._renewed):
            self._revived.append(Work(message, document.docname, domain, ()))

    def _stands(self, message: Message, document: Document, domain: str, entry: po.Entry) -> bool:
        """Whether nothing is to be done for *message*, unless newer sentences of people are found for it."""
        is_back = bool(entry.msgstr) and self.catalogs.is_back(domain, message.msgid)
        if is_back and entry.composed and entry.engine is not None:
            self.previous[domain, message.msgid] = entry  # its sentences may have better translations now
            return False
        if not self._in_force(entry):
            return False
        if entry.origin is Origin.HUMAN and (is_back or message.msgid in self._renewed):
            self._revived.append(Work(message, document.docname, domain, ()))
        return True

    def _retire(self, domain: str, entry: po.Entry) -> None:
        """An edit of the source under a translation, found by another tool: its text belongs to the previous msgid."""
        assert entry.previous is not None, "the caller has looked"
        old = replace(entry, msgid=entry.previous, previous=None, flags=(), raw="")
        there = self.catalogs.lookup(domain).get(old.msgid)
        self.previous[domain, entry.msgid] = there if there is not None and there.msgstr else old
        if old.origin is Origin.HUMAN:
            self._retired.setdefault(domain, []).append(old)

    def _in_force(self, entry: po.Entry) -> bool:
        """Whether the entry's text stands as it is."""
        origin = entry.origin
        if origin is Origin.HUMAN:
            return not entry.stale or entry.composed
        if origin is Origin.MACHINE:
            if entry.stale and not entry.composed:
                return False
            return entry.engine == self.engine.name or entry.engine not in DRAFTS
        return False

    def _match_predecessors(self) -> None:
        """Find for each new message the entry that an edit of the source has left behind: in its own catalog, else in any."""
        new: dict[str, list[str]] = {}
        for work in self.work:
            if not self.catalogs.entries[work.domain][work.message.msgid].msgstr:
                new.setdefault(work.domain, []).append(work.message.msgid)
        gone = {
            domain: [entry for entry in self.catalogs.gone(domain) if entry.msgid not in self._renewed]
            for domain in self.catalogs.loaded
        }
        for domain, msgids in new.items():
            for msgid, entry in predecessors(msgids, gone[domain]).items():
                self.previous[domain, msgid] = entry
                gone[domain].remove(entry)
                if entry.origin is not Origin.HUMAN and not entry.composed:
                    self.forgotten.setdefault(domain, set()).add(entry.msgid)
        ours = {
            msgid
            for domain, catalog in self.catalogs.by_domain.items()
            if domain not in self.catalogs.left
            for msgid in catalog.by_msgid()
        }
        elsewhere = [
            one
            for domain, entries in gone.items()
            for one in entries
            if (one.composed or one.origin is Origin.HUMAN) and not (domain in self.catalogs.left and one.msgid in ours)
        ]
        for domain, msgids in new.items():
            rest = [msgid for msgid in msgids if (domain, msgid) not in self.previous]
            for msgid, entry in predecessors(rest, elsewhere).items():
                self.previous[domain, msgid] = entry
                elsewhere.remove(entry)

    def _renew_revived(self) -> None:
        """Have messages that come back take over what people wrote since for their sentences, if all of it is known."""
        if not self._revived:
            return
        gone = [
            entry
            for domain in self.catalogs.loaded
            for entry in self.catalogs.gone(domain)
            if entry.origin is Origin.HUMAN
        ]
        for work in self._revived:
            msgid = work.message.msgid
            source = self._renewed.get(msgid)
            found = predecessors(
                [msgid], [one for one in gone if one.msgid == source or (not source and one.msgid != msgid)]
            )
            if not found:
                continue
            document = self.book.documents[work.docname]
            format_ = self.book.format_of(document)
            whole = replace(work, segments=self.book.sentences(work.message, document, self.pipeline.source_language))
            self.previous[work.domain, msgid] = found[msgid]
            before = self._before(whole, format_)
            known = [self._recall(one, before.get(one.html, "")) for one in whole.segments if translatable(one)]
            if all(one is not None and one.origin is Origin.HUMAN for one in known):
                self.summary.unchanged -= 1
                self.work.append(whole)

    # -- memory ----------------------------------------------------------------------------------------------------

    def learn(self) -> None:
        """Bring the memory up to date with parallel data and catalogs, and let the engine learn what is approved."""
        names = set()
        for path in self.pipeline.parallel_data:
            name = f"parallel:{path}"
            names.add(name)
            digest = _file_digest(path)
            if not self.memory.has(name, digest):
                pairs = read_pairs(path, self.pipeline.source_language, self.pipeline.language)
                self.memory.replace(name, digest, pairs)
        self.memory.keep_only("parallel:", names)
        for domain, catalog in self.catalogs.by_domain.items():
            digest = _catalog_digest(catalog)
            if catalog.entries and not self.memory.has(f"catalog:{domain}", digest):
                self.memory.replace(f"catalog:{domain}", digest, self._pairs_of(domain, catalog))
            self._learned.add(domain)
        self.memory.keep_only("catalog:", {f"catalog:{domain}" for domain in self.catalogs.domains})
        if isinstance(self.engine, Learner):
            self.engine.learn(self.memory.approved())
        if isinstance(self.engine, Terminologist):
            self.engine.use_terms(self.terms())

    def terms(self) -> list[Term]:
        """The language's terminology, in the order of its files."""
        languages = self.pipeline.source_language, self.pipeline.language
        return [term for path in self.pipeline.terminology for term in read_terms(path, *languages)]

    def _pairs_of(self, domain: str, catalog: po.Catalog) -> Iterator[SegmentPair]:
        """Segment pairs of the translated entries of a catalog."""
        kinds = {
            message.msgid: (message, document)
            for document in self.book.documents.values()
            if self.book.domains[document.docname] == domain and document.format in self.book.formats
            for message in document.messages
        }
        others = (one for one in self.book.documents.values() if one.format in self.book.formats)
        fallback = next((document for _message, document in kinds.values()), None) or next(others, None)
        for entry in catalog.entries:
            if not entry.msgid or entry.foreign or not entry.msgstr or entry.kept or fallback is None:
                continue
            if entry.msgid in self.catalogs.unsettled[domain] and not entry.obsolete:
                continue
            source = entry.previous if entry.stale and entry.previous and not entry.composed else entry.msgid
            message, document = kinds.get(source, (Message(source, "paragraph", source, _NOWHERE), fallback))
            for pair in entry_pairs(message, entry, self.book.format_of(document), self.pipeline):
                yield replace(pair, gone=2 if entry.obsolete else int(domain in self.catalogs.left))

    def _find_missing(self) -> None:
        """Segments that neither the memory nor this run's answers hold, each once, in document order."""
        seen: dict[str, Segment] = {}
        is_first = self.memory.is_empty()
        for work in self.work:
            for one in work.segments:
                if one.html in seen or not translatable(one):
                    continue
                if is_first or (
                    self._recall(one) is None and not self.memory.is_refused(one.html, self.asker.fingerprint)
                ):
                    seen[one.html] = one
        self.missing = list(seen.values())
        if isinstance(self.engine, Priced):
            self.summary.estimated_cost = self.engine.price([one.html for one in self.missing])
        limit = self.pipeline.max_cost
        if limit is not None and self.summary.estimated_cost > limit:
            raise ConfigurationError(
                f"{self.pipeline.language}: this run would cost about ${self.summary.estimated_cost:.2f}, more than "
                f"amts_max_cost = {limit}. Nothing was sent. Raise the limit, or translate in parts (amts_exclude)."
            )

    def _recall(self, one: Segment, preferred: str = "") -> Translation | None:
        """What the memory holds for *one*, or for a segment that differs from it in markup only."""
        if preferred and (found := self.memory.get(one.html, self.engine.name, preferred)):
            return found
        if one.html not in self._recalled:
            self._recalled[one.html] = self.memory.get(one.html, self.engine.name) or self._alike(one)
        return self._recalled[one.html]

    def _alike(self, one: Segment) -> Translation | None:
        for key, found in self.memory.alike(one.html, self.engine.name):
            pieces = transfer(key, found.text, one)
            if pieces is not None:
                return replace(found, text=encode_like(pieces, one.pieces))
        return self._repair(one)

    def _repair(self, one: Segment) -> Translation | None:
        """A fuzzy match whose numbers are put right. It is a draft, whoever wrote the original."""
        languages = self.pipeline.source_language, self.pipeline.language
        for key, found in islice(self.memory.similar(one.html, self.engine.name), TRIED):
            repaired = repair(key, found.text, one.html, languages, self.pipeline.fuzzy)
            pieces = None if repaired is None else transfer(*repaired, one)
            if pieces is not None:
                self._repaired.add(one.html)
                engine = found.engine if found.origin is Origin.MACHINE else "memory"
                return Translation(encode_like(pieces, one.pieces), Origin.MACHINE, engine)
        return None

    def _merge_beads(self) -> None:
        """Take sentences that a person translated together for one segment."""
        if not self.memory.has_human():
            return
        merged = []
        for work in self.work:
            segments = list(work.segments)
            start = 0
            while start < len(segments):
                for size in (3, 2):
                    group = segments[start : start + size]
                    together = segment(join([one.pieces for one in group], self.pipeline.source_language))
                    known = self.memory.get(together.html) if len(group) == size else None
                    if known is not None and known.origin is Origin.HUMAN:
                        segments[start : start + size] = [together]
                        break
                start += 1
            merged.append(replace(work, segments=tuple(segments)))
        self.work = merged

    # -- executing -------------------------------------------------------------------------------------------------

    def send(self, progress: Callable[[int], None] = lambda _count: None) -> None:
        """Send what is missing; touches nothing that another language's run uses."""
        self.asker.progress = progress
        if self.missing:
            self.asker.ask(self.missing)
        self.summary.sent_segments = self.asker.sent_segments
        self.summary.sent_characters = self.asker.sent_characters

    def compose(self) -> None:
        """Put all messages together; terms and titles first, because others refer to them."""
        self._collect_names()
        for work in self.work:
            if work.message.kind in NAMED_KINDS:
                self._compose(work)
        self._collect_names()
        for work in self.work:
            if work.message.kind not in NAMED_KINDS:
                self._compose(work)

    def _collect_names(self) -> None:
        """Note the translations of terms and titles, for references by name."""
        for one in self.catalogs.standing.values():
            self.names.terms.update(one.terms)
        for docname, document in self.book.documents.items():
            if document.format not in self.book.formats or self.book.domains[docname] in self.catalogs.standing:
                continue
            format_ = self.book.format_of(document)
            entries = self.catalogs.entries[self.book.domains[docname]]
            for message in document.messages:
                if message.kind not in NAMED_KINDS or not (text := self._text(entries.get(message.msgid))):
                    continue
                if not message.spans:
                    continue  # in the book it keeps its name
                original = plain(format_.parse(message.raw, message.kind)).strip()
                source = normalize(original)
                target = plain(format_.parse(text, message.kind)).strip()
                if message.context == "glossary":
                    self.names.terms[source] = target
                    continue
                if message.context == "section":
                    self.names.headings.setdefault(docname, {})[source] = normalize(target)
                if source in document.implicit_names and target != original:
                    self.names.titles.setdefault(docname, {})[source] = target

    def terms_of(self, documents: Iterable[Document]) -> dict[str, str]:
        """The glossary terms that *documents* define, folded, and their translations."""
        found = {}
        for document in documents:
            if document.format in self.book.formats:
                for message in document.messages:
                    if message.context == "glossary":
                        pieces = self.book.format_of(document).parse(message.raw, message.kind)
                        source = normalize(plain(pieces).strip())
                        if (target := self.names.terms.get(source)) is not None:
                            found[source] = target
        return found

    def _text(self, entry: po.Entry | None) -> str:
        return entry.msgstr if entry is not None else ""

    def _compose(self, work: Work) -> None:
        """Put the translation of one message together and update its entry."""
        format_ = self.book.format_of(self.book.documents[work.docname])
        parts: list[Fragment] = []
        kept: list[Segment] = []
        used: list[Translation] = []
        new: list[Segment] = []
        before = self._before(work, format_)
        for one in work.segments:
            found = self.asker.answers.get(one.html) or self._recall(one, before.get(one.html, ""))
            pieces = self._restored(one, found) if found and translatable(one) else None
            if pieces is None:
                parts.append(one.pieces)
                if translatable(one):
                    kept.append(one)
                    new.append(one)
                continue
            assert found is not None, "pieces were restored from it"
            used.append(found)
            parts.append(pieces)
            if found.origin is Origin.MACHINE:
                new.append(one)
        pieces = self._with_names(join(parts, self.pipeline.language), work)
        try:
            text = format_.render(pieces, work.message.raw, work.message.kind) if used else ""
        except RenderError as error:
            self._diagnose(work, error.code, str(error))
            text, kept = "", list(work.segments)
        if text and self.memory.is_refused(_rejected(work.message, text), "structure"):
            self._diagnose(work, "structure", "the translation changes the document's structure")
            text, kept = "", list(work.segments)
        self._store(work, text, kept, used, new)

    def _with_names(self, pieces: Fragment, work: Work) -> Fragment:
        """*pieces* with references that follow their names, and with a name of its own for a term or title."""
        message, document = work.message, self.book.documents[work.docname]
        pieces = self.names.rename(pieces, document.docname)
        if not message.context:
            return pieces
        source = plain(self.book.format_of(document).parse(message.raw, message.kind))
        if message.context == "glossary":
            return self.names.distinct(pieces, source)
        return self.names.distinct_title(pieces, source, document)

    def _before(self, work: Work, format_: Format) -> dict[str, str]:
        """The segments of the entry that *work* is an edit of, and their translations there."""
        entry = self.previous.get((work.domain, work.message.msgid))
        if entry is None:
            return {}
        message = Message(entry.msgid, work.message.kind, entry.msgid, work.message.location)
        return {pair.source: pair.target for pair in entry_pairs(message, entry, format_, self.pipeline)}

    def _restored(self, one: Segment, found: Translation) -> Fragment | None:
        """The pieces of a remembered translation; ``None`` if it does not fit (a hand-made file may hold anything)."""
        try:
            pieces = decode(found.text, one.pieces)
        except TagError:
            return None
        if found.origin is Origin.HUMAN:
            return pieces
        return fold(polish(pieces, self.pipeline, plain(one.pieces)))

    def _store(
        self, work: Work, text: str, kept: Sequence[Segment], used: Sequence[Translation], new: Sequence[Segment]
    ) -> None:
        """Update the entry of *work*, made of the translations *used*; *new* are its segments that no person has translated."""
        origins = {one.origin for one in used}
        entry = self.catalogs.entries[work.domain][work.message.msgid]
        if kept:
            self.summary.kept_source += 1
            self._report_kept(work, kept)
        elif not any(one.html in self.asker.answers for one in work.segments):
            self.summary.reused += 1
        previous = self.previous.get((work.domain, work.message.msgid))
        by_person = previous is not None and (previous.origin is Origin.HUMAN or previous.composed)
        if text and not new and Origin.HUMAN in origins and Origin.PARALLEL not in origins:
            updated = entry.approved(text)
        else:
            by_engine = any(one.origin is Origin.MACHINE and one.engine != "memory" for one in used)
            engine = self.engine.name if by_engine else "memory"
            updated = entry.translated(text, engine, len(kept), self._routes(new))
            if previous is not None and by_person and text:
                was = previous.msgid if previous.origin is Origin.HUMAN else previous.previous
                updated = updated.to_review(was, [plain(one.pieces) for one in new])
        if previous is not None:
            carried = [one for one in previous.comments if one.startswith((po.CONFLICT, po.EARLIER))]  # still undecided
            if not entry.comments:
                carried += [one for one in previous.comments if not one.startswith("amts")]
            new_ones = tuple(one for one in carried if one not in updated.comments)
            updated = replace(updated, comments=(*new_ones, *updated.comments))
        if updated != entry:
            self.catalogs.entries[work.domain][work.message.msgid] = updated

    def _routes(self, segments: Sequence[Segment]) -> list[str]:
        """Where the translations of *segments* come from: repaired matches, and ways through the engine if it has several."""
        routes = {REPAIRED for one in segments if one.html in self._repaired}
        if self._router is not None:
            routes |= {self._router.route(one.html) for one in segments} - {""}
        return sorted(routes)

    def _report_kept(self, work: Work, kept: Sequence[Segment]) -> None:
        for one in kept:
            problem = self.asker.problems.get(one.html)
            code, reason = (problem.code, problem.message) if problem else ("not-translated", "no translation is known")
            self._diagnose(work, code, f"{reason}: {shorten(plain(one.pieces))}")

    def _diagnose(self, work: Work, code: str, reason: str) -> None:
        text = f"{self.pipeline.language}: stays in the source language: {reason}"
        self.diagnostics.append(Diagnostic(code, text, work.message.location))

    def take_back(self, message: Message, code: str, reason: str) -> None:
        """Put *message* back into the source language, because its translation cannot stand in the file.

        A machine's text is dropped; a person's stays in the catalog, and only the file shows the source.
        """
        for domain, entry in self.catalogs.of_message(message):
            self._reverted.add(domain)
            if entry.origin is not Origin.HUMAN:
                self.memory.refuse([_rejected(message, entry.msgstr)], "structure")
                self.catalogs.entries[domain][message.msgid] = entry.translated("", "")
        self.summary.kept_source += 1
        text = f"{self.pipeline.language}: stays in the source language: {reason}: {shorten(message.msgid)}"
        self.diagnostics.append(Diagnostic(code, text, message.location))

    def is_translated(self, message: Message) -> bool:
        """Whether any domain has a translation of *message* as it stands in its file."""
        return any(entry.msgstr for _domain, entry in self.catalogs.of_message(message))

    # -- results ---------------------------------------------------------------------------------------------------

    def texts(self, docname: str) -> dict[str, str]:
        """Translations of the messages of a document by msgid; messages without one are absent."""
        entries = self.catalogs.entries[self.book.domains[docname]]
        document = self.book.documents[docname]
        found = {}
        for message in document.messages:
            entry = entries.get(message.msgid)
            if entry is not None and entry.msgstr and self.book.is_wanted(message, document, self.pipeline):
                found[message.msgid] = entry.msgstr
            elif message.spans and _NAME.search(message.raw) and document.format in self.book.formats:
                found[message.msgid] = self._renamed(message, document)
        return found

    def _renamed(self, message: Message, document: Document) -> str:
        """The source text of an untranslated message, its references pointing to names that are translated."""
        format_ = self.book.format_of(document)
        pieces = format_.parse(message.raw, message.kind)
        renamed = self.names.rename(pieces, document.docname)
        if renamed == pieces:
            return message.raw
        try:
            return format_.render(renamed, message.raw, message.kind)
        except RenderError:
            return message.raw

    def fallbacks(self, docname: str) -> dict[str, str]:
        """By msgid, what stands in for a text that cannot stand: what the file showed before a person edited it, or the
        source text whose references follow their names.
        """
        document = self.book.documents[docname]
        found = {}
        if document.format in self.book.formats:
            for message in document.messages:
                if message.spans and _NAME.search(message.raw):
                    renamed = self._renamed(message, document)
                    if renamed != message.raw:
                        found[message.msgid] = renamed
        entries = self.catalogs.entries[self.book.domains[docname]]
        return found | {msgid: text for msgid, entry in entries.items() if (text := entry.last_good)}

    @staticmethod
    def _leave(catalog: po.Catalog, taken: Collection[str]) -> None:
        """Mark what other documents took over from a catalog without a document; all else stays as it is."""
        entries = [
            entry.gone() if not entry.obsolete and not entry.foreign and entry.msgid in taken else entry
            for entry in catalog.entries
        ]
        po.write(replace(catalog, entries=po.each_once(entries)))

    def _order_before(self, domain: str) -> list[str]:
        """The msgids of a domain in the order in which its localized files were last written, as far as that is noted."""
        names = (name for name in self.book.documents if self.book.domains[name] == domain)
        return [msgid for name in names for msgid in self.showing.order(name)]

    def _follow(self, domain: str) -> None:
        """Bring the memory up to date with a catalog that was saved."""
        saved = self._saved[domain]
        if domain in self.catalogs.receiving:
            self.memory.replace(f"catalog:{domain}", saved.digest, self._pairs_of(domain, saved.catalog))
        elif domain in self._learned:  # what this run added to it came from the memory
            self.memory.follow(f"catalog:{domain}", saved.digest)

    def save(self, domains: Collection[str] | None = None) -> list[Path]:
        """Write the catalogs that changed, of all *domains* or of those; return their paths."""
        written = []
        moved = {
            (entry.msgid, entry.msgstr) for entries in self.catalogs.entries.values() for entry in entries.values()
        }
        taken = {msgid for msgid, msgstr in moved if msgid and msgstr}
        for domain, catalog in self.catalogs.by_domain.items():
            if domain in self.catalogs.left:
                self._leave(catalog, taken)
                continue
            if domain in self.catalogs.standing or (domains is not None and domain not in domains):
                continue
            head = () if catalog.has_header else (po.header(self.book.project, self.pipeline.language),)
            begun = replace(catalog, entries=(*head, *catalog.entries))
            forgotten, retired = self.forgotten.get(domain, ()), self._retired.get(domain, ())
            updated = po.update(begun, self.catalogs.entries[domain], forgotten, retired, moved, self._orders[domain])
            before = self._saved.get(domain)
            if before is not None and updated == before.catalog:
                continue
            self._saved[domain] = _Saved(updated, _catalog_digest(updated))
            if po.write(updated):
                written.append(updated.path)
                self._follow(domain)
            self.memory.set_note(f"texts:{domain}", noted(updated))
        self.showing.keep_found()
        return written


def _rejected(message: Message, text: str) -> str:
    return f"message {po.digest(message.msgid)} {po.digest(text)}"


def shorten(text: str) -> str:
    """*text* for a message: not more than 60 characters of it."""
    return text if len(text) <= 60 else text[:57] + "…"


def entry_pairs(message: Message, entry: po.Entry, format_: Format, pipeline: Pipeline) -> Iterator[SegmentPair]:
    """The segment pairs of a translated entry: sentences aligned into beads, where markup agrees on both sides."""
    origin = Origin.HUMAN if entry.engine is None else Origin.MACHINE
    if entry.engine == "memory":
        return
    source = split(message, format_, pipeline.source_language)
    target = split_fragment(format_.parse(entry.msgstr, message.kind), pipeline.language)
    if not source or not target:
        return
    languages = pipeline.source_language, pipeline.language
    beads = align_message([one.html for one in source], [encode(pieces) for pieces in target], languages)
    for bead in beads:
        if not bead.source or not bead.target:
            continue
        ours = join([source[index].pieces for index in bead.source], pipeline.source_language)
        theirs = join([target[index] for index in bead.target], pipeline.language)
        pair = pair_of(ours, theirs, origin, bead.score)
        if pair is not None:
            yield pair


def pair_of(source: Fragment, target: Fragment, origin: Origin, score: float = 1.0) -> SegmentPair | None:
    """A segment pair of parsed texts; ``None`` where their markup differs, so that it could not be restored."""
    ours = sorted(_marks(source))
    if ours != sorted(_marks(target)):
        return None
    return SegmentPair(encode(fold(source)), encode_like(fold(target), fold(source)), origin, score)


def _marks(pieces: Fragment) -> Iterator[tuple[str, str]]:
    for piece in walk(pieces):
        if not isinstance(piece, str):
            yield piece.kind, getattr(piece, "source", "") or f"{piece.open}{piece.close}"  # type: ignore[union-attr]


def _catalog_digest(catalog: po.Catalog) -> str:
    return hashlib.sha256(catalog.text().encode()).hexdigest()


def _file_digest(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise ConfigurationError(
            f"amts_parallel_data: {path} cannot be read ({error.strerror}). Correct the path; it is relative to conf.py."
        ) from error
