"""Records of batch jobs: what was asked for, under which token, and what is still to come.

A job's name, folder and client token are derived from its content and its parameters, so that a run that was killed
asks for the same job again and is given the one that it has. The record with the whole request is stored before the
request.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sphinx_amts.engines.amazon.clock import Clock
from sphinx_amts.engines.amazon.documents import Document
from sphinx_amts.engines.amazon.state import KEEP_SECONDS, Key, Store, digest
from sphinx_amts.engines.amazon.storage import Bucket


@dataclass(frozen=True, slots=True)
class Job:
    """A batch job as it is on record."""

    digest: str
    """Digest of documents, parameters and parallel data; names the record and the folder in the bucket."""
    attempt: int
    """How many jobs of the same digest were closed before this one."""
    state: str
    """``starting``: the request may or may not have arrived; ``running``: it has; ``missing``: the service did not know
    it when last asked, perhaps because it was asked in another account; ``closed``: nothing more comes."""
    request: Mapping[str, Any]
    """Parameters of StartTextTranslationJob, client token included."""
    documents: Mapping[str, Sequence[str]]
    """File name to the digests of its segments, in order."""
    key: Key
    """What shapes its translations."""
    job_id: str = ""
    """The service's name for it; empty while it is starting."""
    since: float = 0.0
    """When the record was last changed, in seconds since 1970."""
    files: Mapping[str, bytes] = field(default_factory=dict, compare=False)
    """File name to content, for uploading; not on record, because a recorded job is uploaded."""

    @property
    def segments(self) -> set[str]:
        """Digests of all its segments."""
        return {segment for segments in self.documents.values() for segment in segments}

    @property
    def target(self) -> str:
        """Amazon's code of its target language."""
        return str(self.request["TargetLanguageCodes"][0])

    @property
    def route(self) -> str:
        """Recorded with every result: ``batch``, or ``batch-custom`` with parallel data."""
        return "batch-custom" if self.request.get("ParallelDataNames") else "batch"


class Records:
    """The jobs on record for one language pair."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def open(self, style: str) -> list[Job]:
        """Return the jobs of *style* whose results are still out."""
        return [job for job in self._all() if job.state in {"starting", "running"} and job.key.style == style]

    def missing(self) -> list[Job]:
        """Return the jobs that the service did not know when it was last asked."""
        return [job for job in self._all() if job.state == "missing"]

    def new(self, bucket: Bucket, documents: Sequence[Document], request: Mapping[str, Any], key: Key) -> Job:
        """Make a job of *documents*; *request* holds the parameters that do not depend on them. Nothing is stored."""
        files = {f"{number:07}.html": document.html.encode() for number, document in enumerate(documents)}
        # The bucket and the folder too: a token that is used again with another address is refused.
        parts = (json.dumps(request, sort_keys=True), key.style, key.data, bucket.uri(bucket.key("jobs")))
        identity = digest(*parts, *(document.body for document in documents))[:40]
        earlier = self._load(f"jobs/{identity}.json")
        attempt = 0 if earlier is None else earlier.attempt + (earlier.state == "closed")
        folder = bucket.uri(bucket.key("jobs", identity))
        complete = {
            **request,
            "JobName": f"amts-{request['TargetLanguageCodes'][0]}-{identity[:16]}-{attempt}",
            "InputDataConfig": {"S3Uri": f"{folder}/input/", "ContentType": "text/html"},
            "OutputDataConfig": {**request.get("OutputDataConfig", {}), "S3Uri": f"{folder}/output/"},
            "ClientToken": digest("start", identity, str(attempt)),
        }
        segments = {
            name: [digest(segment) for segment in document.segments]
            for name, document in zip(files, documents, strict=True)
        }
        return Job(identity, attempt, "starting", complete, segments, key, files=files)

    def save(self, job: Job, **changes: str) -> Job:
        """Put *job* with *changes* on record and return it."""
        dated = replace(job, since=self._clock.now(), **changes)  # type: ignore[arg-type]
        content = {name: getattr(dated, name) for name in Job.__dataclass_fields__ if name != "files"}
        content["key"] = {"style": job.key.style, "data": job.key.data}
        self._store.write(f"jobs/{job.digest}.json", content)
        return dated

    def forget(self) -> None:
        """Remove records of jobs that were closed long ago."""
        for job in self._all():
            if job.state == "closed" and self._clock.now() - job.since > KEEP_SECONDS:
                self._store.remove(f"jobs/{job.digest}.json")

    def _all(self) -> list[Job]:
        loaded = (self._load(name) for name in self._store.names("jobs"))
        return [job for job in loaded if job is not None]

    def _load(self, name: str) -> Job | None:
        content = self._store.read(name)
        return None if content is None else Job(**{**content, "key": Key(**content["key"])})
