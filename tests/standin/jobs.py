"""The life of a batch job."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, ClassVar

from .translator import Manner, NotWellFormedError, billed, translate

if TYPE_CHECKING:
    from .backend import TranslateBackend

QUEUE_SECONDS = 60.0


@dataclass
class Job:
    """A batch job."""

    TERMINAL: ClassVar[frozenset[str]] = frozenset({"COMPLETED", "COMPLETED_WITH_ERROR", "FAILED", "STOPPED"})

    id: str
    parameters: dict[str, Any]
    submitted: float
    status: str = "SUBMITTED"
    output: str = ""
    inputs: int = 0
    custom: str = ""
    terms: dict[str, dict[str, str]] = field(default_factory=dict)
    looks: int = 0
    ended: float | None = None
    stopped_at: float | None = None
    message: str = ""
    translated: int = 0
    errors: int = 0

    @property
    def input_uri(self) -> str:
        return str(self.parameters["InputDataConfig"]["S3Uri"])

    def describe(self) -> dict[str, Any]:
        bucket = self.parameters["OutputDataConfig"]["S3Uri"].removeprefix("s3://").split("/")[0]
        properties = {
            **{name: value for name, value in self.parameters.items() if name != "ClientToken"},
            "JobId": self.id,
            "JobStatus": self.status,
            "JobDetails": {
                "InputDocumentsCount": self.inputs,
                "TranslatedDocumentsCount": self.translated,
                "DocumentsWithErrorsCount": self.errors,
            },
            "OutputDataConfig": {**self.parameters["OutputDataConfig"], "S3Uri": f"s3://{bucket}/{self.output}"},
            "SubmittedTime": datetime.fromtimestamp(self.submitted, timezone.utc),
        }
        if self.message:
            properties["Message"] = self.message
        return properties


def run(service: TranslateBackend, job: Job) -> None:
    """Let time do its work on *job*; it never ends before it was looked at once."""
    now = service.time.now()
    if job.status == "SUBMITTED" and now >= job.submitted + QUEUE_SECONDS:
        job.status = "IN_PROGRESS"
    if job.looks < 1:
        return
    due = now >= job.submitted + service.switches.job_seconds
    if job.status == "STOP_REQUESTED" and job.stopped_at is not None and now >= job.stopped_at + 30:
        _end(service, job, "COMPLETED" if service.switches.complete_on_stop else "STOPPED")
    elif job.status == "IN_PROGRESS" and due:
        outcomes = service.switches.job_outcomes
        _end(service, job, outcomes.pop(0) if outcomes else "COMPLETED")


def _end(service: TranslateBackend, job: Job, outcome: str) -> None:
    job.ended = service.time.now()
    if outcome in {"FAILED", "STOPPED_EARLY"}:
        job.status = outcome.removesuffix("_EARLY")
        job.message = service.switches.job_message if outcome == "FAILED" else ""
        return
    documents = sorted(service.documents(job.input_uri))
    if outcome == "NOTHING":
        job.status, job.errors = "COMPLETED_WITH_ERROR", len(documents)
        return
    if outcome == "STOPPED":
        documents = documents[: len(documents) // 2]
    for language in job.parameters["TargetLanguageCodes"]:
        _translate_all(service, job, language, documents)
    job.status = "COMPLETED_WITH_ERROR" if job.errors and outcome == "COMPLETED" else outcome


def _translate_all(service: TranslateBackend, job: Job, language: str, documents: list[tuple[str, bytes]]) -> None:
    bucket = job.parameters["OutputDataConfig"]["S3Uri"].removeprefix("s3://").split("/")[0]
    details: list[dict[str, Any]] = []
    characters = 0
    for name, data in documents:
        entry: dict[str, Any] = {"sourceFile": name, "auxiliaryData": {}}
        details.append(entry)
        if name in service.switches.missing_targets:
            continue
        code, content, count = _translate_one(service, job, language, name, data)
        if code:
            job.errors += 1
            entry["auxiliaryData"] = {"error": {"errorCode": code, "errorMessage": f"{name} could not be translated"}}
            continue
        # Not what a reader of the guide would guess; whoever does not read targetFile finds nothing.
        entry["targetFile"] = service.switches.target_name(language, name)
        content = service.switches.rewrite(content)
        service.s3.put_object(bucket, job.output + entry["targetFile"], content.encode())
        characters += count
        job.translated += 1
    service.billed["batch-custom" if job.custom else "batch"] += characters
    summary = {
        "sourceLanguageCode": job.parameters["SourceLanguageCode"],
        "targetLanguageCode": language,
        "charactersTranslated": str(characters),
        "documentCountWithCustomerError": str(job.errors),
        "documentCountWithServerError": "0",
        "inputDataPrefix": job.input_uri,
        "outputDataPrefix": f"s3://{bucket}/{job.output}",
        "details": details[::-1],
    }
    key = f"{job.output}details/{language}.auxiliary-translation-details.json"
    service.s3.put_object(bucket, key, json.dumps(service.switches.details(summary)).encode())


def _translate_one(
    service: TranslateBackend, job: Job, language: str, name: str, data: bytes
) -> tuple[str | None, str, int]:
    """Return error code, translation and billed characters of one document."""
    content = data.decode("utf-8")
    code = service.switches.document_error(name, content)
    if code:
        return code, "", 0
    try:
        count = billed(content)
    except NotWellFormedError:
        return "InvalidDocument", "", 0
    if len(data) > 20 * 1024**2 or count > 1_000_000:
        return "DocumentTooLarge", "", 0
    formality = job.parameters.get("Settings", {}).get("Formality", "")
    terms = {term: found[language] for term, found in job.terms.items() if language in found}
    manner = Manner(language, job.custom, formality, terms, service.switches.adversary)
    return None, translate(content, manner), count
