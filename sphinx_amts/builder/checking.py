"""Checks on every build: what a reviewer should look at first, counted by name and shown with its place.

A document is examined when its text, a translation of it or the terminology changed; of all others the findings are
remembered in the index, so that a build without changes pays for one digest a document. They are hints: the exit status
of a build does not depend on them.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

from sphinx_amts.builder import workers
from sphinx_amts.checks import CHECKS, INCONSISTENT, Finding
from sphinx_amts.report import findings
from sphinx_amts.report.findings import Examined
from sphinx_amts.translate import LanguageRun, learning

VERSION = 3
"""Raised when the checks find something else in the same text, or when notes look otherwise."""

SHOWN = 3
"""New findings of one check that a build shows one by one."""

SHARE = 20
"""Documents from which on it is worth while to examine them in a process of their own."""

_NOTE = f"checks{VERSION}"
_FOUND = f"{_NOTE}-found"

Place: TypeAlias = tuple[str, str]
"""A message: its document's name and its msgid."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What the checks found in one language of a book."""

    counts: Mapping[str, int]
    """Findings by the name of the check, for all checks that are not switched off."""
    new: tuple[tuple[Place, Finding], ...]
    """Findings that the check before this one did not have, in the order of the book."""
    drafts: int = 0
    """Messages whose translation is a drafting engine's, wholly or in part, and that nobody has read."""


def check(run: LanguageRun) -> Checked:
    """Examine what changed since the last time; the index of *run* remembers the findings."""
    off = run.pipeline.without_checks
    keys, common = _keys(run)
    key = hashlib.sha256("".join(keys.values()).encode()).hexdigest()
    known = json.loads(run.memory.note(_NOTE) or "{}")
    if known.get("key") == key:
        return Checked(_without(known["counts"], off), (), known["drafts"])
    examined = _examined(run, keys)
    found = list(_flat(findings.of_book(examined)))
    marks = _marks(found)
    before = set(json.loads(run.memory.note(_FOUND) or "[]"))
    counted = Counter(finding.check for _place, finding in found)
    counts = {name: counted[name] for name in (*CHECKS, INCONSISTENT)}
    run.memory.set_note(_FOUND, json.dumps(marks))
    drafts = sum(one.drafts for one in examined.values())
    note = {"key": key, "counts": counts, "drafts": drafts, "common": common, "keys": keys}
    run.memory.set_note(_NOTE, json.dumps(note))
    new = tuple(one for one, mark in zip(found, marks, strict=True) if one[1].check not in off and mark not in before)
    return Checked(_without(counts, off), new, drafts)


def found_in(run: LanguageRun, off: Collection[str] = ()) -> dict[Place, tuple[Finding, ...]]:
    """All findings in the language of *run* by message; checks named in *off* are left out."""
    found: dict[Place, tuple[Finding, ...]] = {}
    for place, finding in _flat(findings.of_book(_examined(run, _keys(run)[0]))):
        if finding.check not in off:
            found[place] = (*found.get(place, ()), finding)
    return found


def lines(run: LanguageRun, checked: Checked) -> Iterator[str]:
    """What a build says: new findings with file and line, the first of each check, and how many there are of each."""
    places = {
        (docname, message.msgid): message.location
        for docname in dict.fromkeys(docname for (docname, _msgid), _finding in checked.new)
        for message in run.book.documents[docname].messages
    }
    shown: Counter[str] = Counter()
    for place, finding in checked.new:
        shown[finding.check] += 1
        if shown[finding.check] <= SHOWN:
            yield f"{places[place]}: {run.pipeline.language}: {finding.message} [{finding.check}]"
    if any(checked.counts.values()):
        counts = ", ".join(_count(name, count, shown[name]) for name, count in checked.counts.items() if count)
        yield f"{run.pipeline.language}: checks found: {counts}; 'amts report' shows them"


def _count(name: str, count: int, new: int) -> str:
    return f"{name} {count} ({new} new)" if 0 < new < count else f"{name} {count}"


def _flat(found: Mapping[Place, Iterable[Finding]]) -> Iterator[tuple[Place, Finding]]:
    return ((place, one) for place, several in found.items() for one in several)


def _marks(found: Sequence[tuple[Place, Finding]]) -> list[str]:
    """For each finding a digest of what makes it the same in two builds; a long text may have many."""
    places = {place: _digest(*place) for place in dict.fromkeys(place for place, _finding in found)}
    return [_digest(places[place], finding.check, finding.message) for place, finding in found]


def _digest(*texts: str) -> str:
    return hashlib.sha256(repr(texts).encode()).hexdigest()[:16]


def _without(counts: Mapping[str, int], off: Collection[str]) -> dict[str, int]:
    return {name: count for name, count in counts.items() if name not in off}


def _keys(run: LanguageRun) -> tuple[dict[str, str], str]:
    """For each document a digest of all that decides its findings, and one of what decides those of all documents."""
    pipeline = run.pipeline
    common = hashlib.sha256(f"{VERSION} {pipeline.source_language} {pipeline.language}".encode())
    for path in pipeline.terminology:
        common.update(path.read_bytes())
    noted = json.loads(run.memory.note(_NOTE) or "{}")
    known = noted.get("keys", {}) if noted.get("common") == common.hexdigest() else {}
    keys = {}
    for docname, document in run.book.documents.items():
        if docname in known and run.book.domains[docname] in run.catalogs.standing:
            keys[docname] = known[docname]
        elif document.format in run.book.formats:
            total = common.copy()
            total.update(f"{docname} {document.format} {document.digest}".encode())
            for message, entry in run.messages(docname):
                state = (entry.flags, entry.comments, entry.previous) if entry.msgstr else ()
                total.update(f"{message.msgid}\0{entry.msgstr}\0{state}\0".encode())
            keys[docname] = total.hexdigest()
    return keys, common.hexdigest()


def _examined(run: LanguageRun, keys: Mapping[str, str]) -> dict[str, Examined]:
    """All documents of *keys*; only those whose key is new are examined."""
    notes = {docname: json.loads(run.memory.note(f"{_NOTE}:{docname}") or "{}") for docname in keys}
    known = {docname: _unpacked(note) for docname, note in notes.items() if note.get("key") == keys[docname]}
    new = [docname for docname in keys if docname not in known]
    examined = dict(zip(new, _examine(run, new), strict=True))
    known |= examined
    run.memory.set_notes((f"{_NOTE}:{docname}", _packed(keys[docname], one)) for docname, one in examined.items())
    return {docname: known[docname] for docname in keys}


def _examine(run: LanguageRun, docnames: Sequence[str]) -> list[Examined]:
    """Examine documents, many of them in several processes."""
    languages = run.pipeline.source_language, run.pipeline.language
    terms = learning.terms(run.pipeline)

    def examine(docname: str) -> Examined:
        document = run.book.documents[docname]
        format_of = partial(run.book.format_of, document=document)
        return findings.examine(run.messages(docname), format_of, languages, terms)

    count = min(os.cpu_count() or 1, len(docnames) // SHARE)
    if count > 1 and workers.can_fork():
        return workers.run(docnames, lambda: examine, count)
    return [examine(docname) for docname in docnames]


def _packed(key: str, one: Examined) -> str:
    found = {
        msgid: [(finding.check, finding.message, finding.excerpt) for finding in several]
        for msgid, several in one.findings.items()
    }
    note = {"key": key, "texts": dict(one.texts), "findings": found, "drafts": one.drafts}
    return json.dumps(note, ensure_ascii=False)


def _unpacked(note: Mapping[str, Any]) -> Examined:
    return Examined(
        {msgid: (source, target) for msgid, (source, target) in note["texts"].items()},
        {msgid: tuple(Finding(*one) for one in several) for msgid, several in note["findings"].items()},
        note["drafts"],
    )
