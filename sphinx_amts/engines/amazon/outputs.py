"""What a batch job has left in the bucket: the details file of its language, and the documents that this names.

The service promises little about the place: the prefix that a description of the job returns may end in a slash or not,
and a description may lack it. Where the details file is not there, the folder of the job is looked for below the prefix
that was asked for; folders of other jobs and accounts may lie beside it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sphinx_amts.engines.amazon.jobs import Job
from sphinx_amts.engines.amazon.service import FORBIDDEN, Service, ServiceError
from sphinx_amts.engines.amazon.storage import fetch, list_keys, split_uri
from sphinx_amts.model import EngineError


class Outputs:
    """The results of one job that has ended."""

    def __init__(self, service: Service, job: Job, properties: Mapping[str, Any]) -> None:
        """*properties* is what the service says of *job*."""
        self._service = service
        self._job = job
        requested = str(job.request["OutputDataConfig"]["S3Uri"])
        self.place = str((properties.get("OutputDataConfig") or {}).get("S3Uri") or requested).rstrip("/")
        """Address of the folder."""
        self._requested = split_uri(requested.rstrip("/"))
        self._listed: dict[tuple[str, str], set[str]] = {}

    def details(self) -> Mapping[str, Any] | None:
        """Read the details file; ``None`` if there is none."""
        name = f"details/{self._job.target}.auxiliary-translation-details.json"
        bucket, folder = split_uri(self.place)
        data = self._read(bucket, f"{folder}/{name}")
        if data is None and self._find(name):
            bucket, folder = split_uri(self.place)
            data = self._read(bucket, f"{folder}/{name}")
        if data is None:
            return None
        try:
            details = json.loads(data)
        except ValueError as error:
            raise EngineError(f"Amazon Translate: {self.place}/{name} is not readable ({error}). Run again.") from error
        return details if isinstance(details, dict) else {}

    def document(self, target: str) -> bytes | None:
        """Read the document that the details file calls *target*, as a name in the folder or as a whole address."""
        bucket, folder = split_uri(self.place)
        if target.startswith("s3://"):
            return self._read(*split_uri(target))
        key = target.lstrip("/")
        return self._read(bucket, key if key.startswith(f"{folder}/") else f"{folder}/{key}")

    def _find(self, name: str) -> bool:
        """Look for the job's own folder with a file *name* below the prefix that was asked for."""
        bucket, folder = self._requested
        ending = f"-TranslateText-{self._job.job_id}/{name}"
        for key in self._keys(bucket, folder):
            if key.endswith(ending):
                self.place = f"s3://{bucket}/{key.removesuffix(f'/{name}')}"
                return True
        return False

    def _read(self, bucket: str, key: str) -> bytes | None:
        try:
            return fetch(self._service, bucket, key)
        except ServiceError as error:
            # S3 denies access to what does not exist, too, where it may not tell; a listing tells.
            if error.code not in FORBIDDEN or key in self._keys(bucket, key.rpartition("/")[0]):
                raise
            return None

    def _keys(self, bucket: str, folder: str) -> set[str]:
        if (bucket, folder) not in self._listed:
            self._listed[bucket, folder] = list_keys(self._service, bucket, f"{folder}/")
        return self._listed[bucket, folder]


def entries(details: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Return what *details* says of each input document, by its name.

    A document may be named by its name, its key or its address, and stand there once for each try: then the try that
    gave a translation counts.
    """
    found: dict[str, Mapping[str, Any]] = {}
    for entry in details.get("details") or ():
        name = str(entry.get("sourceFile") or "").rpartition("/")[2]
        if not found.get(name, {}).get("targetFile"):
            found[name] = entry
    return found
