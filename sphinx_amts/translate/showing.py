"""What the index knows of localized files: what they showed when they were last written, and in which order.

Noted before and after files are written, so that a person's edit is told from a text of ours at any moment, also after a
run that ended in between.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from sphinx_amts.memory import Memory
from sphinx_amts.model import Document
from sphinx_amts.translate.people import digest


class Showing:
    """The notes of one language in its *memory*."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._found: dict[str, dict[str, str]] = {}
        """What people wrote into localized files: digests by document and msgid."""
        self._renamed: dict[str, str] = {}
        """Documents that were renamed since their files were written, and their old names."""

    def begin(self, texts: Iterable[str], files: Sequence[tuple[Document, Path]]) -> None:
        """Note what is about to be written, so that it is never taken for a person's edit: *texts*, and documents with their files."""
        if not files:
            return
        self._memory.set_note("writing", "yes")
        self._memory.show(digest(text) for text in texts)
        self._memory.set_notes((f"pending:{document.docname}", _pending(document, path)) for document, path in files)

    def note_order(self, docname: str, msgids: Sequence[str]) -> None:
        """Note the messages of a localized file in their order."""
        self._memory.set_notes(_order_notes(docname, msgids).items())

    def guess_order(self, docname: str, msgids: Sequence[str]) -> None:
        """Note an order that follows from the catalogs, for want of a better one, before a run changes these."""
        if not self.order(docname):
            self._memory.set_note(f"guess:{docname}", json.dumps(msgids, ensure_ascii=False))

    def note_found(self, docname: str, msgid: str, text: str) -> None:
        """Note that a localized file shows a person's *text*, once :meth:`keep_found` is called."""
        self._found.setdefault(docname, {})[msgid] = digest(text)

    def keep_found(self) -> None:
        """Store what :meth:`note_found` was given: to be called when the catalogs are saved that hold it."""
        for docname, digests in self._found.items():
            self._memory.show(digests.values())
            if (last := self.last(docname)) is not None:
                self._memory.set_note(f"last:{docname}", json.dumps({**last, **digests}, ensure_ascii=False))
        self._found = {}

    def note_written(self, document: Document, texts: Mapping[str, str]) -> None:
        """Note what the localized file of *document* shows by msgid: the source where *texts* have nothing."""
        digests = {one.msgid: digest(texts.get(one.msgid, one.raw)) for one in document.messages if one.spans}
        last = {f"last:{document.docname}": json.dumps(digests, ensure_ascii=False)}
        order = _order_notes(document.docname, [message.msgid for message in document.messages])
        self._memory.set_notes((last | order).items())

    def note_people(self, docname: str, digests: Mapping[str, str]) -> None:
        """Note digests of people's texts by msgid, where nothing else is known of what the file of a document showed."""
        if self.last(docname) is None:
            self._memory.set_note(f"last:{docname}", json.dumps(digests, ensure_ascii=False))

    def end(self) -> None:
        """Note that all localized files are written and :meth:`note_written` was called for each that changed."""
        self._memory.set_note("writing", "")

    def rename(self, old: str, new: str) -> None:
        """Give the document *new* what is noted of *old*."""
        for kind in ("order", "pending", "guess", "last"):
            self._memory.rename_note(f"{kind}:{old}", f"{kind}:{new}")
        self._renamed[new] = old

    def former(self, docname: str) -> str:
        """The name that a document had when its localized file was written, as far as this run found it renamed."""
        return self._renamed.get(docname, docname)

    @property
    def broke_off(self) -> bool:
        """Whether the last run ended while it wrote localized files."""
        return bool(self._memory.note("writing"))

    def order(self, docname: str) -> list[str]:
        """The msgids of a localized file in their order when it was last written; none if the index is lost."""
        noted: list[str] = json.loads(self._memory.note(f"order:{docname}") or "[]")
        return noted

    def orders(self, docname: str, path: Path) -> list[list[str]]:
        """The orders in which the file of a document at *path* may have its msgids: two where a run ended while it wrote files."""
        noted = [self.order(docname) or json.loads(self._memory.note(f"guess:{docname}") or "[]")]
        pending = json.loads(self._memory.note(f"pending:{docname}") or "{}")
        if pending and pending["before"] != _content(path):
            noted.append(pending["order"])
        return [one for one in noted if one]

    def last(self, docname: str) -> Mapping[str, str] | None:
        """By msgid, the digest of what a localized file showed when it was last written; ``None`` if the index is lost."""
        note = self._memory.note(f"last:{docname}")
        digests: Mapping[str, str] | None = json.loads(note) if note else None
        return digests


def _order_notes(docname: str, msgids: Sequence[str]) -> dict[str, str]:
    """The notes of an order that is certain."""
    return {
        f"order:{docname}": json.dumps(msgids, ensure_ascii=False),
        f"pending:{docname}": "",
        f"guess:{docname}": "",
    }


def _pending(document: Document, path: Path) -> str:
    """The note of a *document* that is about to be written to *path*."""
    order = [message.msgid for message in document.messages]
    return json.dumps({"before": _content(path), "order": order}, ensure_ascii=False)


def _content(path: Path) -> str:
    """Digest of the bytes of a file; empty where there is none."""
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
