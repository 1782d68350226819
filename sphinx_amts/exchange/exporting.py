"""From catalogs to units."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace

from sphinx_amts import catalog as po
from sphinx_amts.exchange.content import Code
from sphinx_amts.exchange.slots import Slot, Syntax, slots
from sphinx_amts.exchange.unit import Unit, UnitError, marks_of, status_of
from sphinx_amts.formats import RenderError
from sphinx_amts.model import Diagnostic, Location
from sphinx_amts.parallel import xml
from sphinx_amts.translate import LanguageRun
from sphinx_amts.translate.states import state_of


def collect(run: LanguageRun, only: Collection[str], problems: list[Diagnostic]) -> Iterator[Unit]:
    """The units of a language, whose state is one of *only* if that names some; what XML cannot hold goes to *problems*.

    Texts that the book no longer has, and other texts that are not to be translated, come only where *only* is empty.
    """
    for slot in slots(run):
        if only and (slot.locked or state_of(slot.entry) not in only):
            continue
        unit = _unit(slot, run)
        bad = _unwritable(unit)
        if bad:
            place = Location(slot.message.location.path, slot.message.location.line) if slot.message else None
            text = f"left out: XML cannot hold the character U+{ord(bad):04X} of this message or its translation"
            problems.append(Diagnostic("control-character", text, place))
        else:
            yield unit
    foreign = [
        entry
        for catalog in run.catalogs.by_domain.values()
        for entry in catalog.entries
        if entry.foreign and entry.msgid
    ]
    if foreign and not only:
        text = f"left out: {len(foreign)} entries with a context or plural forms, which no message of a Sphinx book has"
        problems.append(Diagnostic("foreign-entries", text))


def _unit(slot: Slot, run: LanguageRun) -> Unit:
    syntax = Syntax(slot, run)
    message = slot.message
    unit = Unit(
        place=slot.place,
        key=slot.key,
        source=syntax.source,
        target=syntax.translation(slot.entry.msgstr),
        status=status_of(slot.entry),
        line=message.location.line if message else 0,
        kind=message.kind if message else "",
        locked=slot.locked,
    )
    return replace(unit, marks=marks_of(slot.entry, _read_back(unit, slot, run)))


def _read_back(unit: Unit, slot: Slot, run: LanguageRun) -> str:
    """The translation as an import reads it from the unit alone; empty if it cannot."""
    if not unit.target:
        return ""
    bare = replace(slot, entry=po.Entry(slot.entry.msgid))
    try:
        return Syntax(bare, run).text(unit)
    except (UnitError, RenderError):
        return ""  # the unit then carries the text as it stands in the catalog


def _unwritable(unit: Unit) -> str:
    """The first character of a unit that XML cannot hold; empty if there is none."""
    texts = [text for part in (*unit.source, *unit.target) for text in _texts(part)]
    match = next((found for text in [*texts, *unit.marks.lines()] if (found := xml.INVALID.search(text))), None)
    return match[0] if match else ""


def _texts(part: str | Code) -> tuple[str, ...]:
    return (part,) if isinstance(part, str) else (part.native, part.shown)
