"""Which source text a catalog's fuzzy translation belongs to, after tools that match by similarity have been there.

``msgmerge``, ``sphinx-intl update`` and PO editors give a new msgid the translation of a similar one and mark it ``fuzzy``; some
keep the previous msgid, some do not. Others use the same flag to say that a translation needs work. The index knows for which
msgid each text was; without it, the entry's own marks have to do.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from sphinx_amts import catalog as po
from sphinx_amts.model import Origin
from sphinx_amts.translate.similarity import predecessors


def noted(catalog: po.Catalog) -> str:
    """What the index keeps of *catalog*: the msgids of each translation, by its digest."""
    texts: dict[str, list[str]] = {}
    for entry in catalog.by_msgid().values():
        if entry.msgstr:
            texts.setdefault(po.digest(entry.msgstr), []).append(entry.msgid)
    return json.dumps(texts, ensure_ascii=False, sort_keys=True)


def is_noted(entry: po.Entry, note: str | None) -> bool:
    """Whether *entry* has the text that it had when :func:`noted` gave *note*: nobody has edited it since."""
    return note is not None and entry.msgid in json.loads(note).get(po.digest(entry.msgstr), ())


def settled(catalog: po.Catalog, note: str | None) -> tuple[po.Catalog, frozenset[str]]:
    """*catalog* with the true previous msgids of its fuzzy entries; msgids of which it is not known whose the text is.

    *note* is what :func:`noted` gave for the catalog as the last run left it. A person's text of unknown source keeps its
    place, a machine's is dropped: it is made anew.
    """
    texts: Mapping[str, list[str]] = json.loads(note) if note else {}
    known = {msgid for msgids in texts.values() for msgid in msgids}
    there = {entry.msgid for entry in catalog.entries}
    shown = {po.digest(entry.msgstr) for entry in catalog.entries}
    elsewhere = {msgid for text, msgids in texts.items() if text in shown for msgid in msgids}
    gone = [po.Entry(msgid, "gone") for msgid in sorted(known - there - elsewhere)]
    certain = {entry.msgstr: entry.msgid for entry in catalog.by_msgid().values() if entry.msgstr and not entry.fuzzy}
    entries = [_settled(entry, texts, known, gone, certain) for entry in catalog.entries]
    unknown = {
        entry.msgid
        for entry in entries
        if _asks(entry) and entry.previous is None and entry.msgid not in texts.get(po.digest(entry.msgstr), ())
    }
    return replace(catalog, entries=tuple(entries)), frozenset(unknown)


def _asks(entry: po.Entry) -> bool:
    """Whether *entry* has a translation that may be another text's."""
    return (
        entry.fuzzy and bool(entry.msgid and entry.msgstr) and not (entry.foreign or entry.obsolete or entry.composed)
    )


def _settled(
    entry: po.Entry,
    texts: Mapping[str, list[str]],
    known: Collection[str],
    gone: Sequence[po.Entry],
    certain: Mapping[str, str],
) -> po.Entry:
    """*entry* with its true previous msgid.

    *gone* are those whose texts the catalog had when the last run ended, *certain* those of texts that are not fuzzy where
    they stand.
    """
    if not _asks(entry):
        return entry
    own = (po.digest(entry.msgstr), *entry.made_digests)  # a person may have edited what an engine made
    sources = next((texts[one] for one in own if one in texts), ())
    if entry.msgid in sources:
        return entry if entry.previous is None else entry.made_for_msgid()
    if sources:
        return replace(entry, previous=sources[0], raw="")
    if entry.previous is not None and not entry.misplaced:
        return entry
    if entry.msgstr in certain:  # a copy
        return replace(entry, previous=certain[entry.msgstr], raw="")
    if entry.origin is Origin.HUMAN:  # edited since, perhaps before a tool carried it
        similar = {} if entry.msgid in known else predecessors([entry.msgid], gone)
        return replace(entry, previous=similar[entry.msgid].msgid if similar else None, raw="")
    blank = entry.translated("", "")
    return replace(blank, comments=(*blank.comments, po.LAST_GOOD + entry.msgstr))  # localized files may show it still
