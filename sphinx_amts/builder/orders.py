"""Which messages a localized file has, and in which order: as the index noted them, or, where it is lost, as is likely."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path, PurePosixPath

from sphinx_amts import catalog as po
from sphinx_amts.model import Document
from sphinx_amts.translate import LanguageRun
from sphinx_amts.translate.people import Shown, likeness

_FROM_ELSEWHERE = re.compile(r"^(\.\./)+|:\d+$")


def target_of(run: LanguageRun, document: Document) -> Path:
    """The localized file of a document."""
    return run.pipeline.output / _name(run, document)


def domain_of(run: LanguageRun, docname: str) -> str:
    """The domain of a document, also of one that the book no longer has; empty if it has none."""
    if docname in run.book.domains or docname in run.catalogs.left:
        return run.book.domains.get(docname, docname)
    folder = docname.split("/", maxsplit=1)[0]  # catalogs of whole folders
    return folder if folder in run.catalogs.by_domain else ""


def of_document(run: LanguageRun, document: Document, shown: Sequence[Shown]) -> list[str]:
    """The messages that a document had when its localized file, which shows *shown*, was written, in that order."""
    domain = run.book.domains[document.docname]
    orders = run.showing.orders(document.docname, target_of(run, document))
    if not orders:
        sharing = [one for one in run.book.documents.values() if run.book.domains[one.docname] == domain]
        orders = _in_catalog(run, document, _owned(run, domain, sharing)[document.docname])
    return max(orders, key=lambda order: likeness(shown, order, expected(run, document, order)))


def of_left(run: LanguageRun, name: str) -> list[str]:
    """The messages of the localized file *name* whose document is gone, in their order: as noted, or as its catalog has them."""
    docname = PurePosixPath(name).with_suffix("").as_posix()
    if noted := run.showing.order(docname):
        return noted
    if not (domain := domain_of(run, docname)):
        return []
    gone = run.catalogs.gone(domain)
    return [entry.msgid for entry in gone] if domain == docname else _by_file(gone).get(name, [])


def guess(run: LanguageRun) -> None:
    """Note orders that follow from the catalogs, for want of better ones, before the run changes these.

    The run may be killed when the catalogs are saved and the localized files are not yet written.
    """
    by_domain: dict[str, list[Document]] = {}
    for docname, document in run.book.documents.items():
        if run.book.domains[docname] not in run.catalogs.standing:
            by_domain.setdefault(run.book.domains[docname], []).append(document)
    for domain, documents in by_domain.items():
        targets = {document.docname: target_of(run, document) for document in documents}
        unknown = [
            document
            for document in documents
            if (target := targets[document.docname]).exists() and not run.showing.orders(document.docname, target)
        ]
        owned = _owned(run, domain, documents) if unknown else {}
        for document in unknown:
            run.showing.guess_order(document.docname, owned[document.docname])


def expected(run: LanguageRun, document: Document, order: Sequence[str]) -> dict[str, str]:
    """What a localized file shows for the messages of *order*, as far as the catalogs know."""
    domain = domain_of(run, document.docname)
    texts = run.texts(document.docname) if document.docname in run.book.documents else {}
    return {
        msgid: text
        for msgid in order
        if (text := run.catalogs.text_of(domain, msgid) or texts.get(msgid) or run.catalogs.any_text(msgid))
    }


def referred(entry: po.Entry) -> Iterator[str]:
    """The files that an entry refers to, without the way from another folder and the lines that gettext's templates have."""
    for line in entry.references:
        for reference in line.split():
            yield _FROM_ELSEWHERE.sub("", reference)


def _in_catalog(run: LanguageRun, document: Document, own: list[str]) -> list[list[str]]:
    """For want of a note in the index: *own*, the catalog's messages in the order of the catalog, and in that of the document.

    Catalogs follow their documents, so the first is that of the localized file, unless a tool has sorted the catalog since.
    Such a tool may also have added what is new: both orders follow without what has no certain translation.

    What the document no longer has stands behind what it follows in the catalog.
    """
    entries = run.catalogs.by_domain[run.book.domains[document.docname]].by_msgid()
    there = set(own)
    present = [
        one.msgid for one in document.messages if one.msgid in there or (not own and run.catalogs.is_known(one.msgid))
    ]
    order = list(_with_gone(present, own))
    certain = {msgid for msgid, entry in entries.items() if entry.msgstr and (entry.composed or not entry.fuzzy)}
    return [own, order, *([msgid for msgid in one if msgid in certain] for one in (own, order))]


def _with_gone(present: Sequence[str], own: Sequence[str]) -> Iterator[str]:
    """*present*, and behind each what follows it in *own* and is not present."""
    there = set(present)
    following: dict[str | None, str] = dict(zip([None, *own], own, strict=False))
    for one in (None, *present):
        if one is not None:
            yield one
        gone = following.pop(one, None)
        while gone is not None and gone not in there:
            yield gone
            gone = following.pop(gone, None)


def _owned(run: LanguageRun, domain: str, documents: Sequence[Document]) -> dict[str, list[str]]:
    """The messages of a catalog, in its order, by the *documents* of its domain: where these share it, those that refer to them."""
    entries = run.catalogs.by_domain[domain].by_msgid()
    if len(documents) == 1:
        return {documents[0].docname: list(entries)}
    by_file = _by_file(entries.values())
    return {document.docname: by_file.get(_name(run, document).as_posix(), []) for document in documents}


def _by_file(entries: Iterable[po.Entry]) -> dict[str, list[str]]:
    """Msgids by the files of the book that they refer to, however long a way to these they name."""
    found: dict[str, dict[str, None]] = {}
    for entry in entries:
        for name in referred(entry):
            parts = name.split("/")
            for number in range(len(parts)):
                found.setdefault("/".join(parts[number:]), {})[entry.msgid] = None
    return {name: list(msgids) for name, msgids in found.items()}


def _name(run: LanguageRun, document: Document) -> Path:
    return Path(document.path).relative_to(run.book.srcdir)
