"""What need not be looked at: domains in which nothing changed since a run that left nothing to do there.

Noted at the end of a run in the index: for each domain a digest of its documents, the stamp of its catalog, and what a
survey would find. A run that finds both unchanged neither reads the catalog nor looks at the messages, so that the cost of an
edit is that of the domain that it was made in. Without the note everything is looked at, with the same result.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from sphinx_amts import __version__, catalog, stamps
from sphinx_amts.memory import Memory
from sphinx_amts.model import Document

if TYPE_CHECKING:
    from sphinx_amts.translate import LanguageRun

_NOTE = "standing1"


@dataclass(frozen=True, slots=True)
class Standing:
    """A domain that stands as it is."""

    documents: str
    """Digest of its documents."""
    stamp: stamps.Stamp
    """The stamp of its catalog."""
    messages: int
    """How many messages it has that are ours to translate; each of them is translated or has no words."""
    terms: Mapping[str, str]
    """Its glossary terms, folded, and their translations."""


def find(run: LanguageRun) -> dict[str, Standing]:
    """The domains that stand. None do where glossary terms may have changed, to which any document may refer."""
    noted = json.loads(run.memory.note(_NOTE) or "{}")
    if noted.get("key") != _key(run):
        return {}
    known = {domain: Standing(**one) for domain, one in noted["domains"].items()}
    found = {
        domain: known[domain]
        for domain, documents in _domains(run).items()
        if domain in known
        and known[domain].documents == _digest(documents)
        and stamps.is_same(run.book.catalog_path(domain, run.pipeline.language), known[domain].stamp)
    }
    looked_at = (one for name, one in run.book.documents.items() if run.book.domains[name] not in found)
    if any(known[domain].terms for domain in set(known) - set(found)) or any(map(has_terms, looked_at)):
        return {}
    return found


def note(run: LanguageRun) -> None:
    """Note the domains that stand at the end of *run*, and what people wrote in them."""
    domains = {}
    humans = {}
    unfinished = run.surveyed.unfinished()
    for domain, documents in _domains(run).items():
        path = run.book.catalog_path(domain, run.pipeline.language)
        if domain in run.catalogs.standing:
            before = run.catalogs.standing[domain]
            stamp, messages, terms = stamps.renewed(path, before.stamp), before.messages, before.terms
        elif domain not in unfinished and run.is_settled(domain) and not any(map(_shares_files, documents)):
            stamp, messages, terms = (
                stamps.take(path),
                run.surveyed.counts[domain],
                run.names.terms_of(documents, run.book),
            )
            humans[_humans(domain)] = json.dumps(sorted(map(catalog.digest, run.saver.humans_of(domain))))
        else:
            continue
        domains[domain] = asdict(Standing(_digest(documents), stamp, messages, dict(terms)))
    text = json.dumps({"key": _key(run), "domains": domains}, ensure_ascii=False)
    run.memory.set_notes([*humans.items(), (_NOTE, text)])


def holders(standing: Collection[str], memory: Memory, msgid: str) -> list[str]:
    """Those of the *standing* domains in which a person translated *msgid*."""
    if not standing:
        return []
    wanted = catalog.digest(msgid)
    return [domain for domain in standing if wanted in (memory.note(_humans(domain)) or "")]


def has_terms(document: Document) -> bool:
    """Whether *document* defines glossary terms."""
    return any(message.context == "glossary" for message in document.messages)


def _shares_files(document: Document) -> bool:
    """Whether *document* has messages in files that it includes: other documents may include them too."""
    return any(message.spans and message.location.path != document.path for message in document.messages)


def _humans(domain: str) -> str:
    return f"{_NOTE}-humans:{domain}"


def _key(run: LanguageRun) -> str:
    """What decides for all domains whether a message is looked at."""
    pipeline = run.pipeline
    settings = (pipeline.source_language, pipeline.language, pipeline.captions, list(pipeline.exclude))
    return repr((__version__, run.engine.name, settings, sorted(run.book.formats)))


def _domains(run: LanguageRun) -> dict[str, list[Document]]:
    """The documents of each domain that has no messages of templates."""
    found: dict[str, list[Document]] = {}
    for name, document in run.book.documents.items():
        if (domain := run.book.domains[name]) not in run.book.extra:
            found.setdefault(domain, []).append(document)
    return found


def _digest(documents: Iterable[Document]) -> str:
    return hashlib.sha256("".join(f"{one.docname}\0{one.fingerprint}\0" for one in documents).encode()).hexdigest()
