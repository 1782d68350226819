"""The batch route: segments to S3 as HTML documents, a job, and the results from where the job says they are.

The service answers a start request that it has seen before with the job that it has already, so that a run that was
killed pays once. Even with all state lost, the same segments lead to the same job as long as the service remembers the
token.

One job has one target language, although the service takes ten. Each language misses other sentences, because memory
and human work differ, so a shared job would send, and bill, what a language already has; its parallel data would have
to cover all its languages in one resource that changes whenever a person corrects any of them; and no language could
finish before the slowest. A shared job costs no less: every language is billed by itself. Up to ten jobs run at the
same time and a thousand wait.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sphinx_amts.engines.amazon.documents import Document, pack, unpack
from sphinx_amts.engines.amazon.jobs import Job, Records
from sphinx_amts.engines.amazon.outputs import Outputs, entries
from sphinx_amts.engines.amazon.service import Service, ServiceError, quietly
from sphinx_amts.engines.amazon.state import Key, Results
from sphinx_amts.engines.amazon.storage import Bucket
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
YOUNG = 600.0
"""Seconds after its start in which a job that the service does not know may still become known."""

_ACCESS_CHECK = ".write_access_check_file.temp"
"""What the service leaves behind where it has proved that it may write."""

_UNFINISHED = frozenset({"SUBMITTED", "IN_PROGRESS", "STOP_REQUESTED"})
_NOT_STARTED = frozenset(
    {
        "InvalidRequestException",
        "InvalidParameterValueException",
        "ValidationException",
        "ConflictException",
        "IdempotentParameterMismatchException",
        "ResourceNotFoundException",
        "UnsupportedLanguagePairException",
        "NotAuthorizedException",
        "AccessDeniedException",
    }
)
"""Refusals of a start after which there is certainly no job."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What jobs did not translate."""

    documents: Mapping[str, str]
    """Digest of a segment to the reason that its document was given up for."""
    jobs: tuple[str, ...]
    """Reasons for which whole jobs came to nothing."""


class Batch:
    """The batch route for one language pair."""

    def __init__(self, service: Service, records: Records, results: Results) -> None:
        self._service = service
        self._records = records
        self._results = results

    def start(
        self, segments: Sequence[str], limit: int, request: Mapping[str, Any], key: Key
    ) -> tuple[list[Job], dict[str, str]]:
        """Pack *segments* into documents of *limit* bytes, upload them, and start as many jobs as the quotas ask for.

        *request* holds the parameters of StartTextTranslationJob that do not depend on the documents. Returns the
        running jobs, and each segment that cannot be sent with the reason.
        """
        packed = pack(segments, limit, LARGEST_BYTES)
        bucket = Bucket(self._service)
        started = []
        for group in groups(packed.documents):
            job = self._records.new(bucket, group, request, key)
            self._upload(bucket, job)
            started.append(self.send(self._records.save(job)))
        return started, dict(packed.refused)

    def _upload(self, bucket: Bucket, job: Job) -> None:
        """Upload the files of *job* that are not there yet."""
        folder = bucket.key("jobs", job.digest, "input/")
        there = {key.removeprefix(folder) for key in bucket.keys(folder)} - {"", _ACCESS_CHECK}
        unknown = sorted(there - set(job.files))
        if unknown:
            raise EngineError(
                f"Amazon Translate: {bucket.uri(folder)} holds files that are not ours ({', '.join(unknown[:3])}), and "
                "a job would translate and bill them. Delete them, then run again."
            )
        for name in sorted(set(job.files) - there):
            bucket.put(folder + name, job.files[name], "text/html; charset=utf-8")

    def send(self, job: Job) -> Job:
        """Send the recorded request of *job*; the service answers a repetition with the job that it already has."""
        try:
            answer = self._service.call("translate", "start_text_translation_job", **job.request)
        except ServiceError as error:
            if error.code in _NOT_STARTED and not error.may_have_arrived:
                self._records.save(job, state="closed")
            raise
        started = self._records.save(job, state="running", job_id=str(answer["JobId"]))
        logger.info("Amazon Translate: job %s started, %d documents", started.job_id, len(started.documents))
        return started

    def collect(self, jobs: Iterable[Job]) -> Outcome:
        """Wait for *jobs* and store their results as they come; return what failed."""
        waiting = list(jobs)
        failed: dict[str, str] = {}
        reasons: list[str] = []
        progress = _Progress(self._service)
        pause = self._service.settings.poll_seconds
        while waiting:
            for job in list(waiting):
                properties = self._describe(job)
                progress.show(job, properties)
                if properties.get("JobStatus", "SUBMITTED") not in _UNFINISHED:
                    waiting.remove(job)
                    reasons += self._finish(job, properties, failed)
            if waiting:
                progress.check_age(waiting[0])
                self._service.sleep(pause)
                pause = min(pause * 1.5, max(LONGEST_POLL, self._service.settings.poll_seconds))
        return Outcome(failed, tuple(reasons))

    def look_again(self) -> None:
        """Look for the jobs that the last run could not find: those that are known now go on, the others are closed."""
        for job in self._records.missing():
            try:
                self._service.call("translate", "describe_text_translation_job", JobId=job.job_id)
            except ServiceError as error:
                if error.code != "ResourceNotFoundException":
                    raise
                self._records.save(job, state="closed")
            else:
                self._records.save(job, state="running")

    def interrupted(self, style: str) -> None:
        """Leave running jobs alone, or stop them if the user asked for that; the next run picks them up either way."""
        for job in self._records.open(style):
            if not job.job_id or not self._service.settings.stop_on_interrupt:
                logger.warning("Amazon Translate: job %s goes on; the next run picks it up", job.request["JobName"])
            elif quietly(self._service, "stop_text_translation_job", JobId=job.job_id):
                logger.warning("Amazon Translate: job %s was asked to stop", job.job_id)
            else:
                logger.warning("Amazon Translate: job %s could not be stopped; the next run picks it up", job.job_id)

    def _describe(self, job: Job) -> Mapping[str, Any]:
        """Ask for the state of *job*; an answer need not have any part, and an empty one says nothing."""
        try:
            answer = self._service.call("translate", "describe_text_translation_job", JobId=job.job_id)
        except ServiceError as error:
            if error.code != "ResourceNotFoundException":
                raise
            if self._service.clock.now() - job.since < YOUNG:
                return {}
            self._records.save(job, state="missing")
            raise EngineError(
                f"Amazon Translate: job {job.job_id} is not known in {self._service.region} to the AWS account in use. "
                "If it was started with another profile or region, set that again in amts_amazon. Run again: if it is "
                "still not known, its segments are translated, and billed, anew."
            ) from error
        properties: Mapping[str, Any] = answer.get("TextTranslationJobProperties") or {}
        return properties

    def _lost(self, job: Job, what: str) -> EngineError:
        """Close *job*; running it again is a decision to pay again, so it is left to the user."""
        self._records.save(job, state="closed")
        return EngineError(f"Amazon Translate: {what}. Run again to have its segments translated, and billed, anew.")

    def _finish(self, job: Job, properties: Mapping[str, Any], failed: dict[str, str]) -> list[str]:
        """Fetch what *job* has left and close it; return why nothing came, if so."""
        status = properties["JobStatus"]
        outputs = Outputs(self._service, job, properties)
        reasons = []
        details = None if status == "FAILED" else outputs.details()
        if status == "FAILED":
            reasons.append(
                f"job {job.job_id} failed: {properties.get('Message') or 'no reason given'}. Most often the role in "
                "amts_amazon['role_arn'] may not read or write the bucket. Correct the cause, then run again"
            )
        elif details is not None:
            reasons += self._fetch_documents(job, outputs, details, failed)
        elif status == "STOPPED":
            reasons.append(f"job {job.job_id} was stopped before it translated anything. Run again to go on")
        elif _nothing_translated(properties):
            failed.update(dict.fromkeys(job.segments, f"its job left nothing in {job.target}"))
        else:
            raise self._lost(job, f"the results of job {job.job_id} are no longer in {outputs.place}")
        if status == "STOPPED" and details is not None:
            logger.warning("Amazon Translate: job %s was stopped; what it had finished is kept", job.job_id)
        self._records.save(job, state="closed")
        return reasons

    def _fetch_documents(
        self, job: Job, outputs: Outputs, details: Mapping[str, Any], failed: dict[str, str]
    ) -> list[str]:
        """Store what *job* has translated; return what is paid for and not there, which is not sent again by itself."""
        found = entries(details)
        gone = []
        for name, segments in job.documents.items():
            stored = f"{job.digest}-{job.attempt}-{name.removesuffix('.html')}"
            if self._results.has(stored):
                continue
            entry = found.get(name, {})
            target = entry.get("targetFile")
            data = outputs.document(target) if target else None
            if data is not None:
                answers = unpack(data.decode("utf-8", errors="replace"), len(segments))
                self._results.add(stored, job.key, job.route, dict(zip(segments, answers, strict=True)))
            elif target:
                gone.append(target)
            else:
                failed.update(dict.fromkeys(segments, _reason(entry)))
        if not gone:
            return []
        reason = (
            f"{len(gone)} translated documents of job {job.job_id} are no longer in {outputs.place} (the first: "
            f"{gone[0]}). Run again to have their segments translated, and billed, anew"
        )
        return [reason]


class _Progress:
    """Tells the user how far the jobs are: when something changes, and now and then."""

    def __init__(self, service: Service) -> None:
        self._clock = service.clock
        self._started = service.clock.now()
        self._shown: dict[str, tuple[object, float]] = {}

    def show(self, job: Job, properties: Mapping[str, Any]) -> None:
        status = properties.get("JobStatus")
        if status is None:
            return
        done = properties.get("JobDetails", {}).get("TranslatedDocumentsCount", 0)
        now = self._clock.now()
        last, at = self._shown.get(job.job_id, (None, 0.0))
        if last == (status, done) and now - at < PROGRESS_SECONDS:
            return
        self._shown[job.job_id] = ((status, done), now)
        minutes = (now - self._started) // 60
        logger.info(
            "Amazon Translate: job %s %s, %d of %d documents, %d min",
            job.job_id, status, done, len(job.documents), minutes,
        )  # fmt: skip

    def check_age(self, job: Job) -> None:
        if self._clock.now() - self._started > LONGEST_JOB:
            raise EngineError(
                f"Amazon Translate: job {job.job_id} has not ended after {LONGEST_JOB / 86400:.0f} days. "
                "Look at it in the AWS console; the next run goes on waiting for it."
            )


def groups(documents: Iterable[Document]) -> list[list[Document]]:
    """Split *documents* into jobs that keep the quotas."""
    found: list[list[Document]] = []
    size = 0
    for document in documents:
        length = len(document.html.encode())
        if not found or size + length > JOB_BYTES or len(found[-1]) >= JOB_DOCUMENTS:
            found.append([])
            size = 0
        found[-1].append(document)
        size += length
    return found


def _reason(entry: Mapping[str, Any]) -> str:
    """Say why a document has no translation."""
    error = (entry.get("auxiliaryData") or {}).get("error") or {}
    if error:
        return f"{error.get('errorCode', 'error')}: {error.get('errorMessage', 'no reason given')}"
    return "the job left no translation of its document"


def _nothing_translated(properties: Mapping[str, Any]) -> bool:
    """Tell whether a job without a details file has failed in every document, so that none of them is paid."""
    counts = properties.get("JobDetails") or {}
    return bool(counts.get("DocumentsWithErrorsCount")) and not counts.get("TranslatedDocumentsCount")
