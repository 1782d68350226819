"""Messages put together from the translations of their sentences, and what becomes of their catalog entries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from sphinx_amts import catalog as po
from sphinx_amts.engines import Engine, Router
from sphinx_amts.formats import Format, RenderError
from sphinx_amts.formats.inline import TagError, fold, plain
from sphinx_amts.memory import Memory
from sphinx_amts.model import Diagnostic, Fragment, Message, Origin, Pipeline, Segment, Translation
from sphinx_amts.translate.asking import Asker
from sphinx_amts.translate.book import Book, Summary, Work
from sphinx_amts.translate.catalogs import Catalogs
from sphinx_amts.translate.matching import Matcher
from sphinx_amts.translate.naming import NAMED_KINDS, Names
from sphinx_amts.translate.polishing import polish
from sphinx_amts.translate.recalling import Recall
from sphinx_amts.translate.splitting import join, translatable

REPAIRED = "memory-fuzzy"
"""Route of sentences that were made from a fuzzy match."""


@dataclass(slots=True)
class _Parts:
    """The sentences of one message."""

    pieces: list[Fragment] = field(default_factory=list)
    """All of them as they are to stand in the file."""
    used: list[Translation] = field(default_factory=list)
    """The translations among them."""
    kept: list[Segment] = field(default_factory=list)
    """Those that stay in the source language."""
    new: list[Segment] = field(default_factory=list)
    """Those that no person has translated."""
    own: bool = False
    """Whether a person gave some of them markup that their sources do not have."""


@dataclass(frozen=True, slots=True)
class Composer:
    """Puts messages of one language's run together."""

    book: Book
    pipeline: Pipeline
    engine: Engine
    router: Router | None
    """The engine, if it has several ways."""
    memory: Memory
    catalogs: Catalogs
    """Where entries are updated."""
    recall: Recall
    matcher: Matcher
    asker: Asker
    """Has the answers of the engine."""
    names: Names
    """Gets the translated names of terms and titles."""
    summary: Summary
    """Counts what is reused and what stays in the source language."""
    diagnostics: list[Diagnostic]
    """Gets a reason for each text that stays in the source language."""

    def compose(self, work: Sequence[Work]) -> None:
        """Put all messages together; terms and titles first, because others refer to them."""
        self.names.collect(self.book, self.catalogs)
        for one in work:
            if one.message.kind in NAMED_KINDS:
                self._compose(one)
        self.names.collect(self.book, self.catalogs)
        for one in work:
            if one.message.kind not in NAMED_KINDS:
                self._compose(one)

    def _compose(self, work: Work) -> None:
        """Put the translation of one message together and update its entry."""
        document = self.book.documents[work.docname]
        format_ = self.book.format_of(work.message, document)
        parts = self._parts(work, format_)
        joined = join(parts.pieces, self.pipeline.language)
        pieces = self.names.in_translation(joined, work.message, document, format_)
        text = self._rendered(pieces, work, format_) if parts.used else ""
        if text is None:
            text, parts.kept = "", list(work.segments)
        self._store(work, text, parts)

    def _parts(self, work: Work, format_: Format) -> _Parts:
        """The sentences of *work*, in translation where one is known."""
        parts = _Parts()
        before = self.matcher.sentences_before(work, format_)
        for one in work.segments:
            if (own := self.matcher.own(work, one)) is not None:
                parts.own = True
                parts.used.append(Translation("", Origin.HUMAN))
                parts.pieces.append(own)
                continue
            found = self.asker.answers.get(one.html) or self.recall.find(one, before.get(one.html, ""))
            pieces = self._restored(one, found) if found and translatable(one) else None
            if pieces is None:
                parts.pieces.append(one.pieces)
                if translatable(one):
                    parts.kept.append(one)
                    parts.new.append(one)
                continue
            assert found is not None, "pieces were restored from it"
            parts.used.append(found)
            parts.pieces.append(pieces)
            if found.origin is Origin.MACHINE:
                parts.new.append(one)
        return parts

    def _restored(self, one: Segment, found: Translation) -> Fragment | None:
        """The pieces of a remembered translation; ``None`` if it does not fit (a hand-made file may hold anything)."""
        try:
            pieces = self.asker.pieces_of(one, found)
        except TagError:
            return None
        if found.origin is Origin.HUMAN:
            return pieces
        return fold(polish(pieces, self.pipeline, plain(one.pieces)))

    def _rendered(self, pieces: Fragment, work: Work, format_: Format) -> str | None:
        """The text of *pieces*; ``None`` if it cannot stand in the file, which is reported."""
        try:
            text = format_.render(pieces, work.message.raw, work.message.kind)
        except RenderError as error:
            self._diagnose(work, error.code, str(error))
            return None
        if text and self.memory.is_refused(rejected(work.message, text), "structure"):
            self._diagnose(work, "structure", "the translation changes the document's structure")
            return None
        return text

    def _store(self, work: Work, text: str, parts: _Parts) -> None:
        """Update the entry of *work*, whose translation is *text*."""
        if parts.kept:
            self.summary.kept_source += 1
            self._report_kept(work, parts.kept)
        elif not any(one.html in self.asker.answers for one in work.segments):
            self.summary.reused += 1
        entries = self.catalogs.entries[work.domain]
        entry = entries[work.message.msgid]
        previous = self.matcher.previous.get((work.domain, work.message.msgid))
        updated = self._updated(entry, text, parts, previous)
        if previous is not None:
            updated = _with_comments_of(previous, entry, updated)
        if updated != entry:
            entries[work.message.msgid] = updated

    def _updated(self, entry: po.Entry, text: str, parts: _Parts, previous: po.Entry | None) -> po.Entry:
        """*entry* with the translation *text*, in the state that its *parts* and the entry that it comes from give it."""
        was = None
        if previous is not None:
            was = (
                previous.msgid if previous.origin is Origin.HUMAN else previous.previous if previous.composed else None
            )
        origins = {one.origin for one in parts.used}
        if text and not parts.new and Origin.HUMAN in origins and Origin.PARALLEL not in origins:
            approved = entry.approved(text)
            return approved.to_review(was, ()) if parts.own else approved
        by_engine = any(one.origin is Origin.MACHINE and one.engine != "memory" for one in parts.used)
        engine = self.engine.name if by_engine else "memory"
        updated = entry.translated(text, engine, len(parts.kept), self._routes(parts.new))
        if text and (parts.own or was is not None or (previous is not None and previous.composed)):
            return updated.to_review(was, [plain(one.pieces) for one in parts.new])
        return updated

    def _routes(self, segments: Sequence[Segment]) -> list[str]:
        """Where the translations of *segments* come from: repaired matches, and ways through the engine if it has several."""
        routes = {REPAIRED for one in segments if one.html in self.recall.repaired}
        if self.router is not None:
            routes |= {self.router.route(one.html) for one in segments} - {""}
        return sorted(routes)

    def _report_kept(self, work: Work, kept: Sequence[Segment]) -> None:
        for one in kept:
            problem = self.asker.problems.get(one.html)
            code, reason = (problem.code, problem.message) if problem else ("not-translated", "no translation is known")
            self._diagnose(work, code, f"{reason}: {shorten(plain(one.pieces))}")

    def _diagnose(self, work: Work, code: str, reason: str) -> None:
        text = f"{self.pipeline.language}: stays in the source language: {reason}"
        self.diagnostics.append(Diagnostic(code, text, work.message.location))


def _with_comments_of(previous: po.Entry, entry: po.Entry, updated: po.Entry) -> po.Entry:
    """*updated*, made from *entry*, with the comments of the *previous* entry that are for its text as well."""
    carried = [one for one in previous.comments if one.startswith((po.CONFLICT, po.EARLIER))]  # still undecided
    if not entry.comments:
        carried += [one for one in previous.comments if not one.startswith("amts")]
    new_ones = tuple(one for one in carried if one not in updated.comments)
    return replace(updated, comments=(*new_ones, *updated.comments))


def rejected(message: Message, text: str) -> str:
    """What the memory calls the translation *text* of *message* where it notes that it cannot stand in the file."""
    return f"message {po.digest(message.msgid)} {po.digest(text)}"


def shorten(text: str) -> str:
    """*text* for a message: not more than 60 characters of it."""
    return text if len(text) <= 60 else text[:57] + "…"
