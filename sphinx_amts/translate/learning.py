"""What the memory takes in: the sentences of parallel data and of catalogs, aligned with their translations."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from sphinx_amts import catalog as po
from sphinx_amts.engines import Engine, Learner, Terminologist, telling
from sphinx_amts.memory import Memory
from sphinx_amts.model import (
    ConfigurationError,
    Location,
    Message,
    Pipeline,
    SegmentPair,
    Term,
)
from sphinx_amts.parallel import read_pairs, read_terms
from sphinx_amts.translate.book import Book
from sphinx_amts.translate.catalogs import Catalogs
from sphinx_amts.translate.naming import Names
from sphinx_amts.translate.pairing import entry_pairs

_NOWHERE = Location("", 0)


class Learning:
    """Keeps *memory*, and an *engine* that learns, up to date with what people gave for one language."""

    def __init__(
        self, book: Book, pipeline: Pipeline, engine: Engine, memory: Memory, catalogs: Catalogs, names: Names
    ) -> None:
        self._book = book
        self._pipeline = pipeline
        self._engine = engine
        self._memory = memory
        self._catalogs = catalogs
        self._names = names
        self._learned: set[str] = set()
        """Domains whose catalogs the memory has taken in."""

    def learn(self) -> None:
        """Bring the memory up to date with parallel data and catalogs, and let the engine learn what is approved."""
        self._read_parallel_data()
        for domain, catalog in self._catalogs.by_domain.items():
            digest = text_digest(catalog.text())
            if catalog.entries and not self._memory.has(f"catalog:{domain}", digest):
                self._memory.replace(f"catalog:{domain}", digest, self._pairs_of(domain, catalog))
            self._learned.add(domain)
        self._memory.keep_only("catalog:", {f"catalog:{domain}" for domain in self._catalogs.domains})
        if isinstance(self._engine, Learner):
            with telling(self._engine, "learn"):
                self._engine.learn(self._memory.approved())
        if isinstance(self._engine, Terminologist):
            known = terms(self._pipeline)
            with telling(self._engine, "use_terms"):
                self._engine.use_terms(known)

    def _read_parallel_data(self) -> None:
        names = set()
        for path in self._pipeline.parallel_data:
            name = f"parallel:{path}"
            names.add(name)
            digest = _file_digest(path)
            if not self._memory.has(name, digest):
                pairs = read_pairs(path, self._pipeline.source_language, self._pipeline.language)
                self._memory.replace(name, digest, pairs)
        self._memory.keep_only("parallel:", names)

    def follow(self, domain: str, catalog: po.Catalog, digest: str) -> None:
        """Bring the memory up to date with a *catalog* that was saved; *digest* is :func:`text_digest` of its text."""
        if domain in self._catalogs.receiving:
            self._memory.replace(f"catalog:{domain}", digest, self._pairs_of(domain, catalog))
        elif domain in self._learned:  # what this run added to it came from the memory
            self._memory.follow(f"catalog:{domain}", digest)

    def _pairs_of(self, domain: str, catalog: po.Catalog) -> Iterator[SegmentPair]:
        """Segment pairs of the translated entries of a catalog."""
        kinds = {
            message.msgid: (message, document)
            for document in self._book.documents.values()
            if self._book.domains[document.docname] == domain and document.format in self._book.formats
            for message in document.messages
        }
        others = (one for one in self._book.documents.values() if one.format in self._book.formats)
        fallback = next((document for _message, document in kinds.values()), None) or next(others, None)
        for entry in catalog.entries:
            if not entry.msgid or entry.foreign or not entry.msgstr or entry.kept or fallback is None:
                continue
            if entry.msgid in self._catalogs.unsettled[domain] and not entry.obsolete:
                continue
            source = entry.previous if entry.stale and entry.previous and not entry.composed else entry.msgid
            message, document = kinds.get(source, (Message(source, "paragraph", source, _NOWHERE), fallback))
            format_ = self._book.format_of(message, document)
            rename = partial(self._names.rename, docname=document.docname)
            for pair in entry_pairs(message, entry, format_, self._pipeline, rename):
                yield replace(pair, gone=2 if entry.obsolete else int(domain in self._catalogs.left))


def terms(pipeline: Pipeline) -> list[Term]:
    """The terminology of the language of *pipeline*, in the order of its files."""
    languages = pipeline.source_language, pipeline.language
    return [term for path in pipeline.terminology for term in read_terms(path, *languages)]


def text_digest(text: str) -> str:
    """Digest of the text of a catalog."""
    return hashlib.sha256(text.encode()).hexdigest()


def _file_digest(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise ConfigurationError(
            f"amts_parallel_data: {path} cannot be read ({error.strerror}). Correct the path; it is relative to conf.py."
        ) from error
