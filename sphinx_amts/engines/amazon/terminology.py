"""Terminology: a term list as a resource, imported once per content.

The digest of the content is part of the name, so a changed list is a new resource: an overwritten one would take up to
ten minutes to reach all translations, and two versions of a book could not use their own.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sphinx_amts.engines.amazon.parallel_data import resource_name
from sphinx_amts.engines.amazon.service import Service, ServiceError
from sphinx_amts.engines.amazon.state import digest
from sphinx_amts.engines.amazon.tmx import write_tmx
from sphinx_amts.model import EngineError, Term

logger = logging.getLogger("sphinx.sphinx_amts.engines.amazon")

TERM_BYTES = 200
"""Longest term on either side, in bytes of UTF-8."""
FILE_BYTES = 10 * 1024**2
"""Largest file."""
SPREADING_SECONDS = 900.0
"""Seconds in which an import has reached the whole service; the documentation speaks of ten minutes."""

_BUSY = frozenset({"ConcurrentModificationException"})


@dataclass(frozen=True, slots=True)
class Terms:
    """A term list in the form that is imported."""

    pairs: tuple[tuple[str, str], ...]
    """Term and translation, one for a term, sorted."""
    left_out: tuple[str, ...]
    """Terms that the service would refuse: empty or too long."""


def prepare(terms: Sequence[Term]) -> Terms:
    """Turn *terms* into what the service accepts; the last entry of a term wins."""
    chosen: dict[str, str] = {}
    left_out: list[str] = []
    for term in terms:
        source, target = " ".join(term.source.split()), " ".join(term.target.split())
        if not source or not target or max(len(source.encode()), len(target.encode())) > TERM_BYTES:
            left_out.append(source)
        else:
            chosen[source] = target
    return Terms(tuple(sorted(chosen.items())), tuple(left_out))


class Terminology:
    """The terminology of one book and language pair."""

    def __init__(self, service: Service, source: str, target: str) -> None:
        self._service = service
        self._source = source
        self._target = target
        self._stem = f"{resource_name(service.settings, source, target)}-"

    def ensure(self, terms: Terms) -> str | None:
        """Import *terms* unless the service has them; return the resource's name, ``None`` for an empty list."""
        if not terms.pairs:
            return None
        data = write_tmx(self._source, self._target, terms.pairs)
        if len(data) > FILE_BYTES:
            raise EngineError(f"Amazon Translate: the terminology has {len(data)} bytes; {FILE_BYTES} are allowed.")
        name = self._stem + digest(data.decode())[:16]
        if not self._exists(name):
            logger.info("Amazon Translate: importing terminology %s (%d terms)", name, len(terms.pairs))
            self._import(name, data)
            self._wait_for(name)
        return name

    def _wait_for(self, name: str) -> None:
        """Wait until the service knows *name*: an import takes some minutes to reach every part of it."""
        started = self._service.clock.now()
        while not self._exists(name):
            if self._service.clock.now() - started > SPREADING_SECONDS:
                raise EngineError(f"Amazon Translate: terminology {name} was imported and is not known. Run again.")
            self._service.sleep(5.0)

    def _exists(self, name: str) -> bool:
        try:
            self._service.call("translate", "get_terminology", Name=name)
        except ServiceError as error:
            if error.code == "ResourceNotFoundException":
                return False
            raise
        return True

    def _import(self, name: str, data: bytes) -> None:
        parameters: dict[str, Any] = {
            "Name": name,
            "MergeStrategy": "OVERWRITE",
            "TerminologyData": {"File": data, "Format": "TMX", "Directionality": "UNI"},
        }
        if self._service.settings.kms_key:
            parameters["EncryptionKey"] = {"Type": "KMS", "Id": self._service.settings.kms_key}
        try:
            self._service.call("translate", "import_terminology", retry=_BUSY, **parameters)
        except ServiceError as error:
            if error.code != "LimitExceededException" or not self._make_room():
                raise
            self._service.call("translate", "import_terminology", retry=_BUSY, **parameters)

    def _make_room(self) -> bool:
        """Delete our own oldest list of this language pair; return whether there was one."""
        own: list[tuple[str, str]] = []
        parameters: dict[str, Any] = {"MaxResults": 500}
        while True:
            page = self._service.call("translate", "list_terminologies", **parameters)
            own += [
                (str(properties.get("CreatedAt", "")), properties["Name"])
                for properties in page.get("TerminologyPropertiesList", ())
                if properties["Name"].startswith(self._stem)
            ]
            if not page.get("NextToken"):
                break
            parameters["NextToken"] = page["NextToken"]
        if own:
            self._service.call("translate", "delete_terminology", retry=_BUSY, Name=min(own)[1])
        return bool(own)
