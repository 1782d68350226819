"""What localized files show, noted when they are written: how a person's edit is told from another text of ours.

The index knows it of every message (:mod:`sphinx_amts.translate.showing`). Of people's texts the localized tree knows it, too, in a file that outlives the index
and goes along with a committed tree.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from sphinx_amts import catalog as po
from sphinx_amts.files import write_bytes
from sphinx_amts.model import Document, FileError, Origin
from sphinx_amts.translate import LanguageRun
from sphinx_amts.translate.people import digest

FILE = ".amts-shown.json"
"""Name of that file, in the folder of the tree."""


def note(run: LanguageRun, written: Iterable[tuple[Document, Mapping[str, str]]]) -> None:
    """Note what the files of documents show of people's texts, by msgid, when all of the tree are *written*."""
    path = run.pipeline.output / FILE
    before = _read(run)
    people = {docname: before[old] for docname in run.book.documents if (old := run.showing.former(docname)) in before}
    for document, texts in written:
        entries = run.catalogs.entries[run.book.domains[document.docname]]
        own = {
            po.digest(msgid): digest(text)
            for msgid, text in texts.items()
            if (entry := entries.get(msgid)) and entry.origin is Origin.HUMAN and entry.msgstr == text
        }
        people.pop(document.docname, None)
        if own:
            people[document.docname] = own
    run.showing.end()
    if people or path.exists():
        write_bytes(path, (json.dumps(people, indent=0, sort_keys=True, ensure_ascii=False) + "\n").encode())


def check(run: LanguageRun) -> None:
    """Stop before anything is sent or written if the tree's file cannot be read, as after a merge that git could not make."""
    _read(run)


def last(run: LanguageRun, document: Document, msgids: Iterable[str]) -> Mapping[str, str] | None:
    """Digests of what the file of *document* showed for *msgids* when the last run ended; ``None`` if that is not certain."""
    if run.showing.broke_off:
        return None
    known = run.showing.last(document.docname)
    if known is not None:
        return known
    return of_people(run, document.docname, msgids)


def of_people(run: LanguageRun, docname: str, msgids: Iterable[str]) -> dict[str, str]:
    """Digests of the people's texts that a localized file showed for *msgids*, as its tree has them."""
    people = _read(run).get(docname, {})
    return {msgid: people[key] for msgid in msgids if (key := po.digest(msgid)) in people}


def _read(run: LanguageRun) -> dict[str, dict[str, str]]:
    path = run.pipeline.output / FILE
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise FileError(path, f"cannot be read ({error})", "Delete it: the next build makes it anew.") from error
    if not isinstance(found, dict) or not all(isinstance(one, dict) for one in found.values()):
        raise FileError(path, "does not hold what this program writes", "Delete it: the next build makes it anew.")
    return found
