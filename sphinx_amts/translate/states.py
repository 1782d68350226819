"""What state each message of a document is in."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from sphinx_amts.catalog import Entry
from sphinx_amts.model import Origin

STATES = ("translated", "machine", "human", "stale", "untranslated", "conflicts")
"""Columns of ``amts status``: ``translated`` is ``machine`` and ``human`` together."""

_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|[^\W\u3040-\u30ff\u3400-\u9fff]+")


@dataclass(slots=True)
class State:
    """Counts of messages of one document, and of words of their sources."""

    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(STATES, 0))
    words: int = 0
    """Words of all messages (a Chinese or Japanese character counts as one)."""
    words_to_read: int = 0
    """Words of messages that no person has translated or approved since their source changed."""

    def add(self, entry: Entry | None, msgid: str, *, behind: bool = False) -> None:
        """Count the message *msgid* with its catalog *entry*; it is stale if its catalog is *behind* an edit."""
        state = "stale" if behind else state_of(entry)
        words = len(_WORD.findall(msgid))
        self.words += words
        self.counts[state] += 1
        if state in {"machine", "human"}:
            self.counts["translated"] += 1
        if state != "human":
            self.words_to_read += words

    def figures(self) -> dict[str, int]:
        """All counts by name."""
        return {**self.counts, "words": self.words, "words_to_read": self.words_to_read}


def state_of(entry: Entry | None) -> str:
    """The state of a message with this catalog *entry*: one of :data:`STATES`, but never ``translated``."""
    if entry is None or not entry.msgstr:
        return "untranslated"
    if entry.conflict:
        return "conflicts"
    if entry.stale or (entry.fuzzy and entry.origin is Origin.HUMAN):
        return "stale"
    return {Origin.HUMAN: "human", Origin.MACHINE: "machine"}.get(entry.origin, "untranslated")
