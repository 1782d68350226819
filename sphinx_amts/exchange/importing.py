"""From units to catalogs: what a person changed in a file is taken over, and nothing that a person wrote is lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from pathlib import Path

from sphinx_amts import catalog as po
from sphinx_amts.exchange import content
from sphinx_amts.exchange.slots import Slot, Syntax, slots
from sphinx_amts.exchange.unit import Unit, UnitError, restored, status_of
from sphinx_amts.formats import RenderError
from sphinx_amts.formats.inline import TagError
from sphinx_amts.model import Diagnostic, Location, Origin
from sphinx_amts.translate import LanguageRun

UNKNOWN = "unknown-unit"
"""Code of units whose source no message of the book has."""


class Outcome(Enum):
    """What became of a unit."""

    UNCHANGED = "unchanged"
    EMPTY = "without a translation"
    OLDER = "older than the catalog, not changed in the file"
    RESTORED = "restored"
    CHANGED = "changed by a person"
    APPROVED = "approved as they are"
    OPENED = "marked for review"
    CONFLICT = "conflicts"


@dataclass(slots=True)
class Import:
    """What an import came to."""

    counts: Counter[Outcome] = field(default_factory=Counter)
    """Numbers of units by outcome."""
    problems: list[Diagnostic] = field(default_factory=list)
    """Units that were skipped and conflicts, with file and line."""
    changes: dict[str, dict[str, po.Entry]] = field(default_factory=dict)
    """By domain and msgid, the entries that are to change."""
    gone: dict[str, list[po.Entry]] = field(default_factory=dict)
    """By domain, entries of texts that the book no longer has, which the catalog has lost."""

    def __str__(self) -> str:
        parts = [f"{self.counts[outcome]} {outcome.value}" for outcome in Outcome if self.counts[outcome]]
        skipped = sum(problem.code != "conflict" for problem in self.problems)
        return ", ".join(parts + ([f"{skipped} skipped"] if skipped else [])) or "no units"


def plan(run: LanguageRun, path: Path, units: Iterable[Unit]) -> Import:
    """Find what the units of the file *path* change in the catalogs of *run*. Nothing is written."""
    found = Import()
    index = _Index(run)
    sentences: dict[str, tuple[Unit, UnitError]] = {}
    for unit in units:
        if not any(isinstance(part, content.Code) or part.strip() for part in unit.target):
            found.counts[Outcome.EMPTY] += 1
            continue
        try:
            if unit.marks.obsolete:
                _plan_gone(index, unit, found)
            else:
                for slot in index.slots_of(unit):
                    _plan_slot(run, path, slot, unit, found)
        except (UnitError, RenderError) as error:
            if isinstance(error, UnitError) and error.code == UNKNOWN:
                sentences.setdefault(content.signature(unit.source), (unit, error))
            else:
                _skip(found, path, unit, error)
    used = _plan_sentences(run, path, index, {source: unit for source, (unit, _) in sentences.items()}, found)
    for source, (unit, reason) in sentences.items():
        if source not in used:
            _skip(found, path, unit, reason)
    found.problems.sort(key=lambda problem: problem.location.line if problem.location else 0)
    return found


def _skip(found: Import, path: Path, unit: Unit, error: UnitError | RenderError) -> None:
    shown = content.folded("".join(part for part in unit.source if isinstance(part, str)))[:60]
    place = Location(path.as_posix(), unit.line)
    found.problems.append(Diagnostic(error.code, f"unit {unit.key!r} is skipped: {error}: {shown}", place))


def _plan_sentences(run: LanguageRun, path: Path, index: _Index, units: Mapping[str, Unit], found: Import) -> set[str]:
    """Put messages together whose sentences are *units* of their own, by their sources; return the sources used."""
    used: set[str] = set()
    for slot in index.all() if units else ():
        sources = Syntax(slot, run).sentences(run)
        if not sources or not all(source in units for source, _ in sources):
            continue
        first = units[sources[0][0]]
        try:
            parts = [content.restore(units[source].target, units[source].source, pieces) for source, pieces in sources]
            text = Syntax(slot, run).joined(parts, run)
        except (TagError, RenderError) as error:
            _skip(found, path, first, UnitError(error.code, str(error)))
        else:
            _enter(path, slot, first, text, found)
        used.update(source for source, _ in sources)
    return used


def save(run: LanguageRun, found: Import) -> list[Path]:
    """Write the catalogs that an import changes; return their paths."""
    for domain, entries in found.changes.items():
        run.catalogs.entries[domain].update(entries)
    for domain, gone in found.gone.items():
        catalog = run.catalogs.by_domain[domain]
        begun = catalog.entries or (po.header(run.book.project, run.pipeline.language),)
        run.catalogs.by_domain[domain] = replace(catalog, entries=(*begun, *gone))
    domains = {*found.changes, *found.gone}
    return run.save(domains) if domains else []


class _Index:
    """Finds the slots of a book for units."""

    def __init__(self, run: LanguageRun) -> None:
        self._run = run
        self.domains = set(run.catalogs.by_domain) - run.catalogs.left
        self.gone: set[tuple[str, str]] = set()
        self._by_id: dict[tuple[str, str], Slot] = {}
        self._by_source: dict[str, list[Slot]] = {}
        for slot in slots(run):
            if slot.entry.obsolete:
                self.gone.add((slot.domain, slot.key))
                continue
            self._by_id[slot.place, slot.key] = slot
            source = content.signature(Syntax(slot, run).source)
            for name in dict.fromkeys([source, content.folded(slot.entry.msgid)]):
                self._by_source.setdefault(name, []).append(slot)

    def all(self) -> Iterable[Slot]:
        """The slots of the book that can be translated, in its order."""
        return self._by_id.values()

    def slots_of(self, unit: Unit) -> Sequence[Slot]:
        """The slots that *unit* translates: by its place and key, else all with its source. Raises :class:`UnitError`."""
        named = self._by_id.get((unit.place, unit.key))
        alike = self._by_source.get(content.signature(unit.source), [])
        if named is not None:
            if named in alike and self._fits(named, unit):
                return [named]
            raise UnitError("source-differs", "its source is not the book's text of this message")
        exact = [slot for slot in alike if self._fits(slot, unit)]
        if not exact:
            raise UnitError(UNKNOWN, "the book has no message with this source (it may have changed since)")
        return exact

    def _fits(self, slot: Slot, unit: Unit) -> bool:
        """Whether the protected markup of a unit's source is the slot's, as far as the file holds it."""
        own = list(content.natives(Syntax(slot, self._run).source).values())
        theirs = list(content.natives(unit.source).values())
        return len(own) != len(theirs) or all(
            native in {"", known} or native.startswith("<") for native, known in zip(theirs, own, strict=True)
        )


def _plan_gone(index: _Index, unit: Unit, found: Import) -> None:
    """A text that the book no longer has: it comes back if the catalog has lost it."""
    domain = unit.place.removesuffix(".po")
    source, target = content.plain(unit.source), content.plain(unit.target)
    if domain not in index.domains or source is None or target is None:
        raise UnitError("unknown-catalog", "the book has no such catalog")
    if (domain, unit.key) in index.gone:
        found.counts[Outcome.UNCHANGED] += 1
        return
    entry = restored(po.Entry(source, obsolete=True), unit.marks.text or target, unit.marks)
    found.gone.setdefault(domain, []).append(entry)
    found.counts[Outcome.RESTORED] += 1


def _plan_slot(run: LanguageRun, path: Path, slot: Slot, unit: Unit, found: Import) -> None:
    _enter(path, slot, unit, Syntax(slot, run).text(unit), found)


def _enter(path: Path, slot: Slot, unit: Unit, text: str, found: Import) -> None:
    """Note what the translation *text* of a unit changes."""
    changes = found.changes.setdefault(slot.domain, {})
    earlier = changes.get(slot.entry.msgid)
    if earlier is not None and earlier.msgstr != text:
        raise UnitError("second-translation", "an earlier unit of the file has another translation of this message")
    entry, outcome = merge(slot.entry, unit, text)
    found.counts[outcome] += 1
    if entry != slot.entry:
        changes[slot.entry.msgid] = entry
    if not changes:
        del found.changes[slot.domain]
    if outcome is Outcome.CONFLICT:
        message = "the catalog and this file were edited differently; both texts are kept in the catalog"
        found.problems.append(Diagnostic("conflict", message, Location(path.as_posix(), unit.line)))


def merge(entry: po.Entry, unit: Unit, text: str) -> tuple[po.Entry, Outcome]:
    """The catalog's *entry* with what *unit* says of it, whose translation is *text*.

    The file knows what was exported: what was not changed since never overrides the catalog. A person's text in the catalog is
    replaced only by one that was made from it; otherwise both are kept.
    """
    marks = unit.marks
    known = bool(marks.digest)
    edited = not known or po.digest(text) != marks.digest
    said = bool(unit.status.state or unit.status.approved) and str(unit.status) != marks.exported.partition(" ")[2]
    if text == entry.msgstr:
        return _same_text(entry, unit, said)
    if known and not edited:
        if not entry.msgstr:
            return _with_status(restored(entry, text, marks), unit, said, Outcome.RESTORED)
        if not said or entry.origin is Origin.HUMAN:
            return entry, Outcome.OLDER
    if entry.origin is Origin.HUMAN and po.digest(entry.msgstr) != marks.digest:
        comments = [comment for comment in entry.comments if not comment.startswith(po.CONFLICT)]
        return replace(entry, comments=(*comments, po.CONFLICT + text), raw=""), Outcome.CONFLICT
    return _with_status(entry.approved(text), unit, said, Outcome.CHANGED)


def _same_text(entry: po.Entry, unit: Unit, said: bool) -> tuple[po.Entry, Outcome]:
    """An entry whose text stands: only its state may have changed."""
    if not said or unit.status == status_of(entry):
        return entry, Outcome.UNCHANGED
    return _with_status(entry, unit, said, Outcome.UNCHANGED)


def _with_status(entry: po.Entry, unit: Unit, said: bool, outcome: Outcome) -> tuple[po.Entry, Outcome]:
    """*entry* in the state that the file gives it, if it *said* something since it was exported."""
    if said and unit.status.finished and entry != _decided(entry):
        return _decided(entry), Outcome.APPROVED
    draft = unit.status.by_machine and not unit.marks.digest and not unit.status.finished
    if said and (unit.status.open or draft) and entry.origin is Origin.HUMAN and not entry.fuzzy:
        flagged = replace(entry, flags=("fuzzy", *entry.flags), raw="")
        return flagged, Outcome.OPENED if outcome is Outcome.UNCHANGED else outcome
    return entry, outcome


def _decided(entry: po.Entry) -> po.Entry:
    """*entry* approved as it stands: where two texts were in conflict, the other becomes an earlier one."""
    approved = entry.approved(entry.msgstr)
    comments = (
        po.EARLIER + comment.removeprefix(po.CONFLICT) if comment.startswith(po.CONFLICT) else comment
        for comment in approved.comments
    )
    return replace(approved, comments=tuple(comments), raw="")
