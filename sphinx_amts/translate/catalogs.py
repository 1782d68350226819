"""The catalogs of one language, read as they are asked for, and the entries that the book has of them.

Catalogs keep what the book has no longer, and people write into them at any time: what a message is translated as may stand in
its own catalog, used or obsolete, or in any other one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cached_property
from typing import TypeVar

from sphinx_amts import catalog as po
from sphinx_amts.memory import Memory
from sphinx_amts.model import Message, Origin
from sphinx_amts.translate.book import Book
from sphinx_amts.translate.sources import settled
from sphinx_amts.translate.standing import Standing, holders

_Value = TypeVar("_Value")


class OnDemand(dict[str, _Value]):
    """Makes a value that it does not have when it is asked for by its key."""

    def __init__(self, make: Callable[[str], _Value]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, key: str) -> _Value:
        value = self[key] = self._make(key)
        return value


class Catalogs:
    """The catalogs of *book* in *language*, whose index is *memory*."""

    def __init__(self, book: Book, language: str, memory: Memory) -> None:
        self._book = book
        self._language = language
        self._memory = memory
        self.domains: list[str] = []
        """All domains in their order: those of documents, of templates, and those that documents left behind."""
        self.left: frozenset[str] = frozenset()
        """Domains of catalogs that no document has any more: they are read and never written."""
        self.standing: dict[str, Standing] = {}
        """Domains that need not be looked at; :mod:`.standing` finds them. Their catalogs and entries are read when asked for."""
        self.by_domain: dict[str, po.Catalog] = OnDemand(self._read)
        """The catalogs that were looked into, by domain; another one is read when it is asked for."""
        self.begun: dict[str, po.Catalog] = {}
        """The catalogs as they were when the run began."""
        self.entries: dict[str, dict[str, po.Entry]] = OnDemand(self._entries_in)
        """Entries of the book by domain and msgid, in document order."""
        self.unsettled: dict[str, frozenset[str]] = {}
        """Msgids by domain of whose translations nobody knows the source."""
        self.receiving: set[str] = set()
        """Domains that took over what people wrote from other ones."""
        self._lookups: dict[str, dict[str, po.Entry]] = {}
        self._obsolete: dict[str, set[str]] = {}
        """Msgids by domain of which the catalog has obsolete entries only."""
        self._texts: dict[str, str] = {}
        self._humans: dict[str, po.Entry] | None = None

    # -- reading ---------------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Read the catalogs unless they are read, and forget which entries the book has: a survey is to :meth:`enter` them."""
        if not self.by_domain:
            self._read_all()
        self._lookups, self._humans = {}, None
        self.entries.clear()
        self.entries.update({domain: {} for domain in self.loaded})

    def _read_all(self) -> None:
        """Read the catalogs of the book, and those that documents left behind which were renamed or removed."""
        folder = self._book.locale_dir / self._language / "LC_MESSAGES"
        own = [*dict.fromkeys(self._book.domains.values()), *self._book.extra]
        left = sorted(path.relative_to(folder).with_suffix("").as_posix() for path in folder.rglob("*.po"))
        self.domains = list(dict.fromkeys([*own, *left]))
        self.left = frozenset(left) - frozenset(own)
        self.by_domain.update({one: self._read(one) for one in self.domains if one not in self.standing})

    def _read(self, domain: str) -> po.Catalog:
        self.begun[domain] = po.read(self._book.catalog_path(domain, self._language))
        catalog, self.unsettled[domain] = settled(self.begun[domain], self._memory.note(f"texts:{domain}"))
        return catalog

    def wake(self) -> None:
        """Read all catalogs, in their order: texts are looked for in the whole book."""
        found = {domain: self.by_domain[domain] for domain in self.domains}
        self.by_domain.clear()
        self.by_domain.update(found)

    @property
    def loaded(self) -> list[str]:
        """The domains that were looked at, those without a document among them."""
        return [domain for domain in self.by_domain if domain not in self.standing]

    # -- entries of the book ---------------------------------------------------------------------------------------

    def enter(self, domain: str, msgid: str, reference: str) -> po.Entry:
        """The entry of *msgid*, which the book has in *domain*; made if it is new, with *reference* unless that is empty."""
        entries = self.entries[domain]
        if msgid not in entries:
            known = self.lookup(domain).get(msgid)
            entries[msgid] = known or po.Entry(msgid, references=(reference,) if reference else ())
        return entries[msgid]

    def _entries_in(self, domain: str) -> dict[str, po.Entry]:
        """The entries of a standing domain."""
        entries = self.entries[domain] = {}
        for docname, document in self._book.documents.items():
            if self._book.domains[docname] == domain:
                for message in document.messages:
                    self.enter(domain, message.msgid, self._book.reference(message))
        return entries

    def take_over(self, domain: str, moved: po.Entry) -> None:
        """Give the entry of a msgid that the book has in *domain* what a person wrote for it elsewhere, or before it was gone."""
        entry = self.entries[domain][moved.msgid]
        self.entries[domain][moved.msgid] = replace(
            moved, references=entry.references, extracted=entry.extracted, obsolete=False, raw=""
        )
        self.receiving.add(domain)

    def set_entry(self, domain: str, entry: po.Entry) -> None:
        """Put *entry* into the catalog in place of the one with its msgid; a survey has to follow."""
        catalog = self.by_domain[domain]
        entries = self.entries[domain]
        self.standing.pop(domain, None)
        others = [one for one in catalog.entries if one.msgid != entry.msgid or one.foreign or not one.msgid]
        place = next((n for n, one in enumerate(catalog.entries) if one.msgid == entry.msgid), len(others))
        changed = replace(entry, obsolete=False)
        self.by_domain[domain] = replace(catalog, entries=(*others[:place], changed, *others[place:]))
        self._lookups.pop(domain, None)
        self._texts = {}
        entries.pop(entry.msgid, None)

    def of_message(self, message: Message) -> Iterator[tuple[str, po.Entry]]:
        """The entries of *message*, by domain: of its own document, or of all that include its file."""
        for domain in self._domains_of.get((message.location.path, message.msgid), ()):
            if (entry := self.entries[domain].get(message.msgid)) is not None:
                yield domain, entry

    @cached_property
    def _domains_of(self) -> dict[tuple[str, str], list[str]]:
        """The domains of each message by its file and msgid, once for each document that has it."""
        found: dict[tuple[str, str], list[str]] = {}
        for docname, document in self._book.documents.items():
            for place in dict.fromkeys((one.location.path, one.msgid) for one in document.messages):
                found.setdefault(place, []).append(self._book.domains[docname])
        return found

    # -- what the catalogs hold ------------------------------------------------------------------------------------

    def lookup(self, domain: str) -> dict[str, po.Entry]:
        """The entries of a catalog by msgid, obsolete ones as if they were in use."""
        if domain not in self._lookups:
            catalog = self.by_domain[domain]
            revived = {msgid: replace(entry, obsolete=False, raw="") for msgid, entry in catalog.obsolete().items()}
            used = catalog.by_msgid()
            self._lookups[domain] = {**revived, **used}
            self._obsolete[domain] = revived.keys() - used.keys()
        return self._lookups[domain]

    def is_back(self, domain: str, msgid: str) -> bool:
        """Whether *msgid*, which was looked up before, had nothing but an obsolete entry in the catalog of *domain*."""
        return msgid in self._obsolete.get(domain, ())

    def entry_of(self, domain: str, msgid: str) -> po.Entry:
        """The catalog's entry of *msgid*, alive or obsolete, or an empty one."""
        return self.entries[domain].get(msgid) or self.lookup(domain).get(msgid) or po.Entry(msgid)

    def text_of(self, domain: str, msgid: str) -> str:
        """The catalog's translation of *msgid*, alive or obsolete; empty if there is none."""
        return self.entry_of(domain, msgid).msgstr

    def any_text(self, msgid: str) -> str:
        """A translation of *msgid* from any catalog of the language; empty if there is none."""
        if not self._texts:
            self.wake()
            entries = [entry for catalog in self.by_domain.values() for entry in catalog.entries if entry.msgid]
            self._texts = {entry.msgid: entry.msgstr for entry in sorted(entries, key=lambda entry: bool(entry.msgstr))}
        return self._texts.get(msgid, "")

    def is_known(self, msgid: str) -> bool:
        """Whether any catalog of the language has *msgid*: what none has was never written to a localized file."""
        self.any_text(msgid)
        return msgid in self._texts

    def place_of(self, domain: str, msgid: str) -> str:
        """The domain that has *msgid*: *domain*, or the one that it went to in a run that broke off before it wrote the file."""
        if msgid in self.lookup(domain):
            return domain
        own = (one for one in self.loaded if one not in self.left)
        return next((one for one in own if msgid in self.by_domain[one].by_msgid()), domain)

    def by_person(self, msgid: str) -> po.Entry | None:
        """What people wrote for a whole message, in any catalog: text that moves keeps its translation and its state.

        What the book has now comes before what was left behind.
        """
        asleep = [one for one in holders(self.standing, self._memory, msgid) if one not in self.by_domain]
        if asleep or self._humans is None:
            places = [domain for domain in self.domains if domain in self.by_domain or domain in asleep]
            places.sort(key=lambda domain: domain in self.left)
            every = [entry for domain in places for entry in self.by_domain[domain].entries if is_persons(entry)]
            self._humans = {}
            for entry in sorted(every, key=lambda entry: entry.obsolete):
                self._humans.setdefault(entry.msgid, entry)
        return self._humans.get(msgid)

    def gone(self, domain: str) -> list[po.Entry]:
        """The entries of a catalog whose texts the book has no longer, with the msgids that their texts were made for."""
        there = self.entries[domain]
        known = self.by_domain[domain].by_msgid()
        found = []
        for entry in known.values():
            if entry.msgid in there:
                continue
            if not entry.stale or entry.composed or entry.previous is None:
                found.append(entry)
            elif entry.previous not in known:
                found.append(replace(entry, msgid=entry.previous, previous=None, flags=(), raw=""))
        return found


def is_persons(entry: po.Entry) -> bool:
    """Whether *entry* holds what a person wrote for its msgid, if only in parts."""
    if not entry.msgid or entry.foreign or not entry.msgstr:
        return False
    return (entry.composed and not entry.obsolete) or (entry.origin is Origin.HUMAN and not entry.fuzzy)
