"""The places of a book where translations belong: one for each catalog entry that is or can be translated."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sphinx_amts import catalog as po
from sphinx_amts.exchange import content
from sphinx_amts.exchange.content import Content
from sphinx_amts.exchange.unit import Unit, UnitError
from sphinx_amts.formats import Format
from sphinx_amts.formats.inline import TagError
from sphinx_amts.model import Document, Fragment, Message
from sphinx_amts.translate import LanguageRun
from sphinx_amts.translate.splitting import join, split, translatable


@dataclass(frozen=True, slots=True)
class Slot:
    """A catalog entry with the message that it belongs to."""

    place: str
    """The message's file, relative to the book's folder; the catalog's name where there is no message."""
    domain: str
    """Gettext domain of its catalog."""
    entry: po.Entry
    """The entry as it stands; ``obsolete`` where the book no longer has the text."""
    message: Message | None = None
    """The message; ``None`` for texts without markup that is known: code, names in templates, texts that are gone."""
    document: Document | None = None
    """The document of the message."""
    locked: bool = False
    """Whether there is nothing to translate."""

    @property
    def key(self) -> str:
        """What tells it apart from the others of its place: a digest of its source."""
        if self.entry.obsolete:
            return f"obsolete-{po.digest(f'{self.entry.msgid} {self.entry.msgstr}')}"
        return po.digest(self.entry.msgid)


def slots(run: LanguageRun) -> Iterator[Slot]:
    """All slots of a language: messages in the order of the book, then each catalog's other entries."""
    seen: dict[str, set[str]] = {domain: set() for domain in run.catalogs.by_domain}
    for document in run.book.documents.values():
        domain = run.book.domains[document.docname]
        place = Path(document.path).relative_to(run.book.srcdir).as_posix()
        for message in document.messages:
            entry = run.catalogs.entries[domain][message.msgid]
            wanted = run.book.is_wanted(message, document, run.pipeline)
            if message.msgid in seen[domain] or not (
                entry.msgstr or (wanted and run.book.has_words(message, document))
            ):
                continue
            seen[domain].add(message.msgid)
            if wanted:
                yield Slot(place, domain, entry, message, document)
            else:
                yield Slot(place, domain, entry, locked=True)
    for domain, catalog in run.catalogs.by_domain.items():
        if domain not in run.catalogs.left:
            yield from _others(run, domain, catalog, seen[domain])


def _others(run: LanguageRun, domain: str, catalog: po.Catalog, seen: set[str]) -> Iterator[Slot]:
    """The entries of a catalog that are no messages of documents."""
    place = f"{domain}.po"
    for msgid in run.book.extra.get(domain, ()):
        if msgid not in seen:
            yield Slot(place, domain, run.catalogs.entries[domain][msgid])
    for entry in catalog.entries:
        gone = entry.obsolete or entry.msgid not in run.catalogs.entries[domain]
        if gone and entry.msgid and entry.msgstr and not entry.foreign:
            yield Slot(place, domain, replace(entry, obsolete=True), locked=True)


class Syntax:
    """Reads and writes the texts of one slot."""

    def __init__(self, slot: Slot, run: LanguageRun) -> None:
        self.slot = slot
        self._format: Format | None = None
        if slot.message is not None and slot.document is not None:
            self._format = run.book.format_of(slot.message, slot.document)
        self._pieces = self._parsed(slot.message.raw if slot.message is not None else slot.entry.msgid)

    def _parsed(self, text: str) -> Fragment:
        if self._format is None or self.slot.message is None:
            return (text,)
        return self._format.parse(text, self.slot.message.kind)

    @property
    def source(self) -> Content:
        """The source as a content."""
        return content.of_source(self._pieces)

    def translation(self, text: str) -> Content:
        """A translation in the document's syntax as a content."""
        return content.of_translation(self._parsed(text), self._pieces) if text else ()

    def text(self, unit: Unit) -> str:
        """The translation of a unit in the document's syntax: a text that is known already to the letter, else written anew.

        Raises :class:`UnitError` if its codes do not fit, :class:`~sphinx_amts.formats.RenderError` if the syntax cannot say it.
        """
        for known in (unit.marks.text, self.slot.entry.msgstr):
            if known and content.same(self.translation(known), unit.target):
                return known
        without_codes = content.plain(unit.target)
        if self.slot.message is None or self._format is None or self.is_raw(unit):
            if without_codes is None:
                raise UnitError("tag-invented", "its translation has codes, and its source has none")
            return content.folded(without_codes)
        try:
            pieces = self._restored(unit)
        except TagError as error:
            raise UnitError(error.code, str(error)) from error
        return self._format.render(pieces, self.slot.message.raw, self.slot.message.kind)

    def sentences(self, run: LanguageRun) -> list[tuple[str, Fragment]]:
        """The sentences of a message with several that hold words: the signature of each, and its pieces."""
        if self._format is None or self.slot.message is None:
            return []
        segments = split(self.slot.message, self._format, run.pipeline.source_language)
        if len(segments) < 2 or not all(translatable(one) for one in segments):
            return []
        return [(content.signature(content.of_source(one.pieces)), one.pieces) for one in segments]

    def joined(self, parts: Sequence[Fragment], run: LanguageRun) -> str:
        """The translation of a message from those of its sentences. Raises :class:`~sphinx_amts.formats.RenderError`."""
        assert self._format is not None, "texts without a format have no sentences"
        assert self.slot.message is not None, "texts without a message have no sentences"
        pieces = join(parts, run.pipeline.language)
        return self._format.render(pieces, self.slot.message.raw, self.slot.message.kind)

    def is_raw(self, unit: Unit) -> bool:
        """Whether *unit* holds the document's syntax as text, as files that were made from catalogs do."""
        text = content.plain(unit.source)
        return (
            text is not None
            and content.folded(text) == content.folded(self.slot.entry.msgid)
            and not content.same(unit.source, self.source)
        )

    def _restored(self, unit: Unit) -> Fragment:
        known = self._parsed(unit.marks.text or self.slot.entry.msgstr)
        own = content.with_own_codes(known)
        if content.uses(unit.target, own):
            return content.restore(unit.target, own, known)
        return content.restore(unit.target, unit.source, self._pieces)
