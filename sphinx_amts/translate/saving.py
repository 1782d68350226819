"""Catalogs written: what changed in them, what left the book, and the notes by which the next run knows what it finds."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from sphinx_amts import catalog as po
from sphinx_amts.files import at_once
from sphinx_amts.memory import Memory
from sphinx_amts.translate.book import Book
from sphinx_amts.translate.catalogs import Catalogs, OnDemand, is_persons
from sphinx_amts.translate.learning import Learning, text_digest
from sphinx_amts.translate.matching import Matcher
from sphinx_amts.translate.showing import Showing
from sphinx_amts.translate.sources import noted


@dataclass(frozen=True, slots=True)
class _Saved:
    """A catalog as it was written."""

    catalog: po.Catalog
    digest: str
    """Digest of its text."""


class Saver:
    """Writes the catalogs of *book* in *language*, and brings *memory* up to date with them."""

    def __init__(
        self,
        book: Book,
        language: str,
        memory: Memory,
        catalogs: Catalogs,
        matcher: Matcher,
        learning: Learning,
        showing: Showing,
    ) -> None:
        self._book = book
        self._language = language
        self._memory = memory
        self._catalogs = catalogs
        self._matcher = matcher
        self._learning = learning
        self._showing = showing
        self._saved: dict[str, _Saved] = {}
        self._orders: dict[str, list[str]] = OnDemand(self._order_before)
        """Msgids by domain in the order of the localized files that the run found, asked for before it writes any."""

    def save(self, domains: Collection[str] | None = None) -> list[Path]:
        """Write the catalogs that changed, of all *domains* or of those; return their paths."""
        changed: dict[str, po.Catalog] = {}
        every = self._catalogs.entries.values()
        moved = {(entry.msgid, entry.msgstr) for entries in every for entry in entries.values()}
        taken = {msgid for msgid, msgstr in moved if msgid and msgstr}
        for domain, catalog in self._catalogs.by_domain.items():
            if domain in self._catalogs.left:
                _leave(catalog, taken)
                continue
            if domain in self._catalogs.standing or (domains is not None and domain not in domains):
                continue
            updated = self._updated(domain, catalog, moved)
            before = self._saved.get(domain)
            if before is not None and updated == before.catalog:
                continue
            changed[domain] = updated
        written = []
        for (domain, updated), (digest, is_new) in zip(changed.items(), at_once(_write, changed.values()), strict=True):
            self._saved[domain] = _Saved(updated, digest)
            if is_new:
                written.append(updated.path)
                self._learning.follow(domain, updated, digest)
        self._memory.set_notes((f"texts:{domain}", noted(updated)) for domain, updated in changed.items())
        self._showing.keep_found()
        return written

    def _updated(self, domain: str, catalog: po.Catalog, moved: Collection[tuple[str, str]]) -> po.Catalog:
        """*catalog* with the entries that the book has now; *moved* are the msgids and translations of all domains."""
        head = () if catalog.has_header else (po.header(self._book.project, self._language),)
        begun = replace(catalog, entries=(*head, *catalog.entries))
        forgotten, retired = self._matcher.forgotten.get(domain, ()), self._matcher.retired.get(domain, ())
        return po.update(begun, self._catalogs.entries[domain], forgotten, retired, moved, self._orders[domain])

    def _order_before(self, domain: str) -> list[str]:
        """The msgids of a domain in the order in which its localized files were last written, as far as that is noted."""
        names = (name for name in self._book.documents if self._book.domains[name] == domain)
        return [msgid for name in names for msgid in self._showing.order(name)]

    def is_remembered(self, domain: str) -> bool:
        """Whether the catalog of *domain* was saved and the memory has its pairs."""
        return domain in self._saved and self._memory.has(f"catalog:{domain}", self._saved[domain].digest)

    def humans_of(self, domain: str) -> Iterator[str]:
        """The msgids of *domain*, used or obsolete, of which it has a person's translation, if only in parts."""
        return (entry.msgid for entry in self._saved[domain].catalog.entries if is_persons(entry))


def _write(catalog: po.Catalog) -> tuple[str, bool]:
    """Write *catalog*; return the digest of its text, and whether the file changed."""
    text = catalog.text()
    return text_digest(text), po.write(catalog, text)


def _leave(catalog: po.Catalog, taken: Collection[str]) -> None:
    """Mark what other documents took over from a catalog without a document; all else stays as it is."""
    entries = [
        entry.gone() if not entry.obsolete and not entry.foreign and entry.msgid in taken else entry
        for entry in catalog.entries
    ]
    po.write(replace(catalog, entries=po.each_once(entries)))
