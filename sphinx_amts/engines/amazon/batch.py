"""The batch route: segments to S3 as HTML documents, a job, and the results from where the job says they are.

A job's name, folder and client token are derived from its content and its parameters. The record with the whole request
is stored before the request is sent; a run that was killed sends the same request again, which the service answers
with the job that it has already, and so pays once. Even with all state lost, the same segments lead to the same job as long as
the service remembers the token.

One job has one target language, although the service takes ten. Each language misses other sentences, because memory and
human work differ, so a shared job would send, and bill, what a language already has; its parallel data would have to cover
all its languages in one resource that changes whenever a person corrects any of them; and no language could
finish before the slowest. A shared job costs no less: every language is billed by itself. Up to ten jobs run at the
same time and a thousand wait.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sphinx_amts.engines.amazon.documents import Document, pack, unpack
from sphinx_amts.engines.amazon.service import Interrupted, Service, ServiceError
from sphinx_amts.engines.amazon.state import KEEP_SECONDS, Key, Results, Store, digest
from sphinx_amts.engines.amazon.storage import Bucket, fetch, split_uri
from sphinx_amts.model import EngineError

logger = logging.getLogger("sphinx.sphinx_amts.engines.amazon")

DOCUMENT_BYTES = 50_000
"""Usual size of a document; the service allows 20 MB, but a document that fails takes its segments with it."""
SMALL_BYTES = 4_000
"""Size of a document when segments of a failed one are tried again, so that one bad segment spoils few others."""
LARGEST_BYTES = 1_000_000
"""Largest document for one long segment: 1 MB of translatable text."""
JOB_BYTES = 4_500_000_000
"""Bytes of documents in one job; the service allows 5 GB."""
JOB_DOCUMENTS = 1_000_000
"""Documents in one job."""
LONGEST_JOB = 4 * 24 * 3600.0
"""Seconds after which a job is no longer waited for; the service speaks of up to two days."""
LONGEST_POLL = 300.0
"""Longest wait in seconds between two looks at a job."""
PROGRESS_SECONDS = 900.0
"""Seconds between two progress lines while nothing changes."""

_UNFINISHED = frozenset({"SUBMITTED", "IN_PROGRESS", "STOP_REQUESTED"})
_NOT_STARTED = frozenset(
    "InvalidRequestException InvalidParameterValueException ValidationException ResourceNotFoundException "
    "UnsupportedLanguagePairException NotAuthorizedException AccessDeniedException".split()
)
"""Refusals of a start after which there is certainly no job."""


@dataclass(frozen=True, slots=True)
class Job:
    """A batch job as it is on record."""

    digest: str
    """Digest of documents, parameters and parallel data; names the record and the folder."""
    attempt: int
    """How many jobs of the same digest came to nothing before this one."""
    state: str
    """``starting``: the request may or may not have arrived; ``running``: it has; ``closed``: nothing more comes."""
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

    @property
    def segments(self) -> set[str]:
        """Digests of all its segments."""
        return {segment for segments in self.documents.values() for segment in segments}


@dataclass(frozen=True, slots=True)
class Failures:
    """What a round of jobs did not translate."""

    documents: Mapping[str, str]
    """Digest of a segment to the reason that its document was given up for."""
    jobs: tuple[str, ...]
    """Reasons for which whole jobs came to nothing."""


class Batch:
    """The batch route for one language pair."""

    def __init__(self, service: Service, store: Store, results: Results, style: str) -> None:
        self._service = service
        self._store = store
        self._results = results
        self._style = style

    def pending(self) -> list[Job]:
        """Return the jobs of earlier runs whose results are still out, of the same style."""
        return [job for job in self._jobs() if job.state != "closed" and job.key.style == self._style]

    def prepare(self, segments: Sequence[str], limit: int, request: Mapping[str, Any], key: Key) -> Packing:
        """Pack *segments* into jobs, each recorded as ``starting`` but not yet sent; refused segments are named.

        *request* holds the parameters of StartTextTranslationJob that do not depend on the documents.
        """
        packed = pack(segments, limit)
        large = pack([segment for segment, _ in packed.refused], LARGEST_BYTES)
        bucket = Bucket(self._service)
        jobs = [
            self._new_job(bucket, group, request, key) for group in _groups([*packed.documents, *large.documents])
        ]
        return Packing(jobs=tuple(jobs), refused=dict(large.refused))

    def _new_job(
        self, bucket: Bucket, documents: Sequence[Document], request: Mapping[str, Any], key: Key
    ) -> tuple[Job, Mapping[str, bytes]]:
        files = {f"{number:07}.html": document.html.encode() for number, document in enumerate(documents)}
        identity = digest(
            json.dumps(request, sort_keys=True), key.style, key.data, *(document.body for document in documents)
        )[:40]
        old = self._load(f"jobs/{identity}.json")
        attempt = 0 if old is None else old.attempt + (old.state == "closed")
        complete = {
            **request,
            "JobName": f"amts-{request['TargetLanguageCodes'][0]}-{identity[:16]}-{attempt}",
            "InputDataConfig": {"S3Uri": bucket.uri(bucket.key("jobs", identity, "input/")), "ContentType": "text/html"},
            "OutputDataConfig": {
                **request.get("OutputDataConfig", {}),
                "S3Uri": bucket.uri(bucket.key("jobs", identity, "output/")),
            },
            "ClientToken": digest("start", identity, str(attempt)),
        }
        segments = {
            name: [digest(segment) for segment in document.segments]
            for name, document in zip(files, documents, strict=True)
        }
        return Job(identity, attempt, "starting", complete, segments, key), files

    def start(self, job: Job, files: Mapping[str, bytes]) -> Job:
        """Upload *files* as far as they are not there and start *job*, or find it started."""
        bucket = Bucket(self._service)
        folder = bucket.key("jobs", job.digest, "input/")
        there = {key.removeprefix(folder) for key in bucket.keys(folder)} - {""}
        unknown = sorted(there - set(files))
        if unknown:
            raise EngineError(
                f"Amazon Translate: {bucket.uri(folder)} holds files that are not ours ({', '.join(unknown[:3])}), and "
                "a job would translate and bill them. Delete them, then run again."
            )
        for name in sorted(set(files) - there):
            bucket.put(folder + name, files[name], "text/html; charset=utf-8")
        self._save(job)
        return self.send(job)

    def send(self, job: Job) -> Job:
        """Send the recorded request of *job*; the service answers a repetition with the job that it already has."""
        try:
            answer = self._service.call("translate", "start_text_translation_job", **job.request)
        except ServiceError as error:
            if error.code in _NOT_STARTED:
                self._close(job)
            raise
        started = self._save(replace(job, state="running", job_id=str(answer["JobId"])))
        logger.info("Amazon Translate: job %s runs (%d documents)", started.job_id, len(started.documents))
        return started

    def collect(self, jobs: Iterable[Job]) -> Failures:
        """Wait for *jobs* and store their results as they come; return what failed."""
        waiting = list(jobs)
        failed: dict[str, str] = {}
        reasons: list[str] = []
        progress = _Progress(self._service)
        pause = self._service.settings.poll_seconds
        try:
            while waiting:
                for job in list(waiting):
                    properties = self._describe(job)
                    progress.show(job, properties)
                    if properties["JobStatus"] not in _UNFINISHED:
                        waiting.remove(job)
                        reason = self._finish(job, properties, failed)
                        reasons += [reason] if reason else []
                if waiting:
                    progress.check_age(waiting)
                    self._service.sleep(pause)
                    pause = min(pause * 1.5, max(LONGEST_POLL, self._service.settings.poll_seconds))
        except (KeyboardInterrupt, Interrupted):
            self._interrupted(waiting)
            raise
        return Failures(failed, tuple(reasons))

    def _describe(self, job: Job) -> Mapping[str, Any]:
        answer = self._service.call("translate", "describe_text_translation_job", JobId=job.job_id)
        properties: Mapping[str, Any] = answer["TextTranslationJobProperties"]
        return properties

    def _interrupted(self, jobs: Sequence[Job]) -> None:
        """Leave *jobs* running, or stop them if the user asked for that; either way the next run picks them up."""
        for job in jobs:
            if not self._service.settings.stop_on_interrupt:
                logger.warning("Amazon Translate: job %s runs on; the next run picks it up", job.job_id)
                continue
            # A direct call: the service's own waits end at once in an interrupted run.
            self._service.client("translate").stop_text_translation_job(JobId=job.job_id)
            logger.warning("Amazon Translate: job %s was asked to stop", job.job_id)

    def _finish(self, job: Job, properties: Mapping[str, Any], failed: dict[str, str]) -> str | None:
        """Fetch what *job* has left and close it; return why nothing came, if so."""
        status = properties["JobStatus"]
        reason = None
        if status == "FAILED":
            reason = (
                f"job {job.job_id} failed: {properties.get('Message') or 'no reason given'}. "
                "Most often the role in amts_amazon['role_arn'] may not read or write the bucket."
            )
        else:
            details = self._details(job, properties)
            if details is not None:
                self._fetch_documents(job, properties, details, failed)
            elif status == "STOPPED":
                reason = f"job {job.job_id} was stopped before it translated anything."
            else:
                # Running again is a decision to pay again, so it is the user's.
                self._close(job)
                raise EngineError(
                    f"Amazon Translate: the results of job {job.job_id} are no longer in "
                    f"{properties['OutputDataConfig']['S3Uri']}, so they were deleted before they were fetched. "
                    "Run again to have these segments translated, and billed, anew."
                )
            if status == "STOPPED":
                logger.warning("Amazon Translate: job %s was stopped; what it had finished is kept", job.job_id)
        self._close(job)
        return reason

    def _details(self, job: Job, properties: Mapping[str, Any]) -> Mapping[str, Any] | None:
        bucket, folder = split_uri(properties["OutputDataConfig"]["S3Uri"].rstrip("/"))
        language = job.request["TargetLanguageCodes"][0]
        data = fetch(self._service, bucket, f"{folder}/details/{language}.auxiliary-translation-details.json")
        if data is None:
            return None
        details: Mapping[str, Any] = json.loads(data)
        return details

    def _fetch_documents(
        self, job: Job, properties: Mapping[str, Any], details: Mapping[str, Any], failed: dict[str, str]
    ) -> None:
        bucket, folder = split_uri(properties["OutputDataConfig"]["S3Uri"].rstrip("/"))
        entries = {entry.get("sourceFile"): entry for entry in details.get("details", ())}
        for name, segments in job.documents.items():
            stored = f"{job.digest}-{job.attempt}-{name}"
            if self._results.has(stored):
                continue
            entry = entries.get(name, {})
            data = None
            if entry.get("targetFile"):
                data = fetch(self._service, bucket, f"{folder}/{entry['targetFile']}")
            if data is None:
                failed.update(dict.fromkeys(segments, _reason(entry)))
                continue
            found = unpack(data.decode("utf-8", errors="replace"), len(segments))
            self._results.add(stored, job.key, dict(zip(segments, found, strict=True)))

    def _jobs(self) -> list[Job]:
        loaded = (self._load(name) for name in self._store.names("jobs"))
        return [job for job in loaded if job is not None]

    def _load(self, name: str) -> Job | None:
        content = self._store.read(name)
        if content is None:
            return None
        return Job(**{**content, "key": Key(**content["key"])})

    def _save(self, job: Job) -> Job:
        dated = replace(job, since=self._service.clock.now())
        content = {field: getattr(dated, field) for field in Job.__dataclass_fields__}
        content["key"] = {"style": job.key.style, "data": job.key.data}
        self._store.write(f"jobs/{job.digest}.json", content)
        return dated

    def _close(self, job: Job) -> None:
        self._save(replace(job, state="closed"))

    def forget(self) -> None:
        """Remove records of jobs that were closed long ago."""
        for job in self._jobs():
            if job.state == "closed" and self._service.clock.now() - job.since > KEEP_SECONDS:
                self._store.remove(f"jobs/{job.digest}.json")


@dataclass(frozen=True, slots=True)
class Packing:
    """Segments packed into jobs."""

    jobs: tuple[tuple[Job, Mapping[str, bytes]], ...]
    """Each job with its files, name to content."""
    refused: Mapping[str, str]
    """Segments that cannot be sent, each with the reason."""


class _Progress:
    """Tells the user how far the jobs are: when something changes, and now and then."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._started = service.clock.now()
        self._shown: dict[str, tuple[object, float]] = {}

    def show(self, job: Job, properties: Mapping[str, Any]) -> None:
        counts = properties.get("JobDetails", {})
        done = counts.get("TranslatedDocumentsCount", 0)
        news = (properties["JobStatus"], done)
        now = self._service.clock.now()
        last, at = self._shown.get(job.job_id, (None, 0.0))
        if news == last and now - at < PROGRESS_SECONDS:
            return
        self._shown[job.job_id] = (news, now)
        logger.info(
            "Amazon Translate: job %s %s, %d of %d documents, %d min",
            job.job_id,
            properties["JobStatus"],
            done,
            len(job.documents),
            (now - self._started) // 60,
        )

    def check_age(self, waiting: Sequence[Job]) -> None:
        if self._service.clock.now() - self._started > LONGEST_JOB:
            raise EngineError(
                f"Amazon Translate: job {waiting[0].job_id} has not ended after {LONGEST_JOB / 86400:.0f} days. "
                "Look at it in the AWS console; the next run goes on waiting for it."
            )


def _groups(documents: Sequence[Document]) -> list[list[Document]]:
    """Split *documents* into jobs that keep the quotas."""
    groups: list[list[Document]] = []
    size = 0
    for document in documents:
        length = len(document.html.encode())
        if not groups or size + length > JOB_BYTES or len(groups[-1]) >= JOB_DOCUMENTS:
            groups.append([])
            size = 0
        groups[-1].append(document)
        size += length
    return groups


def _reason(entry: Mapping[str, Any]) -> str:
    """Say why a document has no translation."""
    error = (entry.get("auxiliaryData") or {}).get("error") or {}
    if error:
        return f"{error.get('errorCode', 'error')}: {error.get('errorMessage', 'no reason given')}"
    return "the job left no translation of its document"
