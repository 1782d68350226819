"""The real-time route: one synchronous call for each document, a few at a time.

``TranslateDocument`` with ``text/html`` is used wherever it can be, for the fidelity of tags: the service then knows
that the content is HTML and translates only text, while ``TranslateText`` takes markup as part of a text and bills it.
It needs English on one side, takes no brevity, and fails where the language has no formality; ``TranslateText`` with
the same elements, 10,000 bytes a request, serves the rest.

Neither call can be repeated for free. Each answer is stored as it arrives, so that a killed run loses at most the
calls that were under way.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from typing import Any

from sphinx_amts.engines.amazon.documents import Document, pack, unpack
from sphinx_amts.engines.amazon.service import CREDENTIALS, FORBIDDEN, Service, ServiceError
from sphinx_amts.engines.amazon.state import Key, Results, digest

logger = logging.getLogger("sphinx.sphinx_amts.engines.amazon")

ROUTE = "realtime"
"""Recorded with every result."""
DOCUMENT_BYTES = 100_000
"""Largest document for ``TranslateDocument``."""
TEXT_BYTES = 10_000
"""Largest text for ``TranslateText``, in bytes and not in characters."""
USUAL_BYTES = 20_000
"""What is put into one document: small enough to arrive soon and to lose little when it fails."""
CONCURRENCY = 4
"""Calls under way at the same time."""


def text_limit(source: str, target: str, brevity: bool) -> int | None:
    """Return the byte limit of ``TranslateText`` where that call has to be used, ``None`` for ``TranslateDocument``."""
    return TEXT_BYTES if brevity or "en" not in {source, target} else None


class Realtime:
    """The real-time route for one language pair."""

    def __init__(self, service: Service, results: Results, request: Mapping[str, Any], text_bytes: int | None) -> None:
        """*request* holds the parameters of every call, *text_bytes* the limit of ``TranslateText`` if that is used."""
        self._service = service
        self._results = results
        self._request = request
        self._text_bytes = text_bytes

    def translate(self, segments: Sequence[str], key: Key, *, alone: bool) -> dict[str, str]:
        """Translate *segments* into the results under *key*, each in a call of its own if *alone*.

        Returns the reason for each segment that could not be sent or was refused.
        """
        largest = self._text_bytes or DOCUMENT_BYTES
        packed = pack(segments, 0 if alone else min(USUAL_BYTES, largest), largest)
        failed = dict(packed.refused)
        executor = ThreadPoolExecutor(CONCURRENCY, thread_name_prefix="amazon-translate")
        try:
            running = {executor.submit(self._translate, document, key): document for document in packed.documents}
            for done in as_completed(running):
                failed.update(_failures(done, running[done]))
        finally:
            executor.shutdown(wait=True, cancel_futures=True)
        return failed

    def _translate(self, document: Document, key: Key) -> None:
        call: Callable[[Document], str] = self._as_text if self._text_bytes else self._as_document
        found = unpack(call(document), len(document.segments))
        translations = {digest(segment): text for segment, text in zip(document.segments, found, strict=True)}
        name = digest(key.style, key.data, *document.segments)[:40]
        self._results.add(name, key, ROUTE, translations)

    def _as_document(self, document: Document) -> str:
        answer = self._service.call(
            "translate",
            "translate_document",
            Document={"Content": document.html.encode(), "ContentType": "text/html"},
            **self._request,
        )
        content: bytes = answer["TranslatedDocument"]["Content"]
        return content.decode("utf-8", errors="replace")

    def _as_text(self, document: Document) -> str:
        answer = self._service.call("translate", "translate_text", Text=document.body, **self._request)
        return str(answer["TranslatedText"])


_FATAL = (
    frozenset({"UnsupportedLanguagePairException", "ResourceNotFoundException", "NotAuthorizedException"})
    | CREDENTIALS
    | FORBIDDEN
)
"""Refusals that every other call would meet as well."""


def _failures(done: Future[None], document: Document) -> dict[str, str]:
    """Return the reason for each segment of a call that was refused; raise what concerns every call."""
    try:
        done.result()
    except ServiceError as error:
        if error.code in _FATAL:
            raise
        logger.warning("%s", error)
        return dict.fromkeys(document.segments, str(error))
    return {}
