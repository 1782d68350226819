"""An entry of a PO catalog: a message of the book, its translation, and what is known of who wrote that."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from sphinx_amts.catalog.comments import CONFLICT, EARLIER, LAST_GOOD, NEW
from sphinx_amts.model import Origin

_MARK = re.compile(r"amts: (?P<engine>\S+) (?P<digest>[0-9a-f]{12})$")
_NOTE = "amts-kept: "
_ROUTE = "amts-route: "
_FOR = "amts-for: "
"""Begins the comment with the digest of the msgid for which a text was put together."""


def digest(text: str) -> str:
    """The digest of a msgstr in an ``amts:`` comment: 12 hexadecimal digits of SHA-256 over its UTF-8."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a catalog."""

    msgid: str
    """Source text, unescaped."""
    msgstr: str = ""
    """Translation, unescaped; empty where there is none."""
    comments: tuple[str, ...] = ()
    """Translator comments without ``#`` and the space behind it."""
    extracted: tuple[str, ...] = ()
    """Extracted comments (``#.``)."""
    references: tuple[str, ...] = ()
    """Reference lines (``#:``)."""
    flags: tuple[str, ...] = ()
    """Flags (``#,``) such as ``fuzzy``."""
    previous: str | None = None
    """Previous msgid (``#|``)."""
    obsolete: bool = False
    """Whether the book no longer has the message (``#~``)."""
    foreign: bool = False
    """Whether the entry has a context or plural forms, which Sphinx never writes: it is kept and not used."""
    line: int = field(default=0, compare=False)
    """1-based line of its ``msgid``; 0 for a new entry."""
    raw: str = field(default="", compare=False)
    """Its text in the file; empty for an entry that was changed."""

    @property
    def fuzzy(self) -> bool:
        """Whether the entry is marked as needing work."""
        return "fuzzy" in self.flags

    @property
    def engine(self) -> str | None:
        """Name of the engine that made the msgstr as it stands; ``None`` if a person made or edited it."""
        for comment in self.comments:
            if (match := _MARK.match(comment)) and match["digest"] == digest(self.msgstr):
                reviewed = not self.fuzzy and any(comment.startswith(NEW) for comment in self.comments)
                return None if reviewed else match["engine"]
        return None

    @property
    def made_digests(self) -> list[str]:
        """Digests of texts that engines made for it, its msgstr or an earlier one."""
        return [match["digest"] for comment in self.comments if (match := _MARK.match(comment))]

    @property
    def composed(self) -> bool:
        """Whether the msgstr was put together for this very msgid from a person's sentences and new ones.

        Tools that match by similarity (msgmerge) carry our comments to other msgids: then it was not. A person may have
        edited it since.
        """
        return self.fuzzy and _FOR + digest(self.msgid) in self.comments

    @property
    def misplaced(self) -> bool:
        """Whether a tool gave the entry a text that was put together for another msgid, so that ``previous`` is not its source."""
        return self.fuzzy and not self.composed and any(comment.startswith(_FOR) for comment in self.comments)

    @property
    def last_good(self) -> str:
        """What the localized file showed before a person's edit; empty if nothing is noted."""
        return next((one.removeprefix(LAST_GOOD) for one in self.comments if one.startswith(LAST_GOOD)), "")

    @property
    def kept(self) -> bool:
        """Whether parts of the msgstr, or all of it, stayed in the source language."""
        return self._has_kept and self.engine is not None

    @property
    def _has_kept(self) -> bool:
        return any(comment.startswith(_NOTE) for comment in self.comments)

    @property
    def origin(self) -> Origin:
        """Who made the msgstr; :attr:`Origin.SOURCE` where there is none, or only parts."""
        if self.engine is None:
            return Origin.HUMAN if self.msgstr else Origin.SOURCE
        return Origin.SOURCE if self._has_kept else Origin.MACHINE

    @property
    def conflict(self) -> bool:
        """Whether the catalog and the localized file were edited differently, and a person has to decide."""
        return any(comment.startswith(CONFLICT) for comment in self.comments)

    @property
    def stale(self) -> bool:
        """Whether a person's translation waits for review because its source changed."""
        return self.fuzzy and (self.previous is not None or self.composed)

    def translated(self, text: str, engine: str, kept: int = 0, routes: Sequence[str] = ()) -> Entry:
        """A copy with a machine's *text*; *kept* sentences of it are still in the source language.

        *routes* name the ways that its new sentences took through the engine.
        """
        replaced = ("amts: ", _NOTE, NEW, _FOR, _ROUTE, LAST_GOOD)
        comments = [comment for comment in self.comments if not comment.startswith(replaced)]
        if text:
            comments.append(f"amts: {engine} {digest(text)}")
        if text and kept:
            comments.append(f"{_NOTE}{kept}")
        if text and routes:
            comments.append(f"{_ROUTE}{' '.join(routes)}")
        flags = tuple(flag for flag in self.flags if flag != "fuzzy")
        return replace(self, msgstr=text, comments=tuple(comments), flags=flags, previous=None, raw="")

    def approved(self, text: str) -> Entry:
        """A copy with *text* that only people wrote: nothing of a machine's is left, and no change of the source waits for review.

        Other texts of people stay beside it.
        """
        comments = tuple(
            comment
            for comment in self.comments
            if not comment.startswith("amts")
            or (comment.startswith((CONFLICT, EARLIER)) and comment not in {CONFLICT + text, EARLIER + text})
        )
        flags = tuple(flag for flag in self.flags if flag != "fuzzy")
        return replace(self, msgstr=text, comments=comments, flags=flags, previous=None, raw="")

    def gone(self) -> Entry:
        """A copy for the end of the catalog. It keeps no previous msgid that it does not need: Babel cannot read ``#~|``."""
        previous = None if self.composed else self.previous
        return replace(self, obsolete=True, references=(), previous=previous, raw="")

    def after(self, other: Entry) -> Entry:
        """A copy that keeps what a person wrote in *other*, an earlier entry of the same msgid."""
        texts = [comment for comment in other.comments if comment.startswith(EARLIER)]
        if other.origin is Origin.HUMAN:
            texts.append(EARLIER + other.msgstr)
        added = [one for one in texts if one not in self.comments and one != EARLIER + self.msgstr]
        return replace(self, comments=(*self.comments, *added), raw="") if added else self

    def to_review(self, previous: str | None, sentences: Sequence[str]) -> Entry:
        """A copy that waits for a person, who translated *previous*; its comments name the *sentences* that are new."""
        comments = [comment for comment in self.comments if not comment.startswith(NEW)]
        comments += [NEW + " ".join(sentence.split()) for sentence in sentences]
        flags = self.flags if self.fuzzy else ("fuzzy", *self.flags)
        return replace(self, comments=tuple(comments), flags=flags, previous=previous).made_for_msgid()

    def made_for_msgid(self) -> Entry:
        """A copy with the mark that its msgstr is a translation of its msgid, whatever its previous msgid is."""
        comments = [comment for comment in self.comments if not comment.startswith(_FOR)]
        return replace(self, comments=(*comments, _FOR + digest(self.msgid)), raw="")
