"""What the last run of a language changed: kept beside its index, so that the page can show it.

Disposable like everything below ``.amts/``: without it the page has no list of changes, and nothing else is missing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from sphinx_amts.catalog import Entry
from sphinx_amts.files import write_bytes

FIGURES = "last-run.json"
"""Name of the file with the last run's figures, in a language's folder for disposable state."""

CHANGES = "last-changes.json"
"""Name of the file with what the last run that changed anything changed: apart, since most runs change nothing."""


@dataclass(frozen=True, slots=True)
class Change:
    """A translation that the run changed."""

    domain: str
    """Domain of the catalog."""
    msgid: str
    """The message."""
    before: str
    """Its translation before the run; for an edited message that of its predecessor; empty for a new one."""


@dataclass(frozen=True, slots=True)
class LastRun:
    """The last run of one language."""

    summary: Mapping[str, Any]
    """Its figures, as ``amts.json`` has them."""
    changes: Sequence[Change]
    """What the last run that changed anything changed."""


def changes_of(
    domain: str, before: Mapping[str, Entry], after: Mapping[str, Entry], predecessors: Mapping[str, Entry]
) -> Iterable[Change]:
    """Compare the entries of a catalog; *predecessors* are the entries that edited messages come from, by msgid."""
    for msgid, entry in after.items():
        known = before.get(msgid)
        old = known.msgstr if known is not None and known.msgstr else ""
        if entry.msgstr and entry.msgstr != old:
            ancestor = predecessors.get(msgid)
            yield Change(domain, msgid, old or (ancestor.msgstr if ancestor is not None else ""))


def record(state: Path, summary: Mapping[str, Any], changes: Iterable[Change]) -> None:
    """Keep the figures of a run and what it changed in the folder *state*; a run without changes keeps older ones."""
    names = [field.name for field in fields(Change)]
    found = [{name: getattr(change, name) for name in names} for change in changes]
    if found:
        write_bytes(state / CHANGES, json.dumps(found, ensure_ascii=False).encode())
    write_bytes(state / FIGURES, json.dumps(dict(summary), ensure_ascii=False).encode())


def load(state: Path) -> LastRun:
    """The last run that :func:`record` kept in the folder *state*; an empty one where there is none that can be read."""
    summary, changes = _read(state / FIGURES), _read(state / CHANGES)
    try:
        return LastRun(dict(summary or {}), [Change(**change) for change in changes or ()])
    except (TypeError, ValueError):
        return LastRun({}, [])  # damaged: the index is disposable


def _read(path: Path) -> Any:
    """What a file holds; ``None`` where it is missing or damaged, since the index is disposable."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
