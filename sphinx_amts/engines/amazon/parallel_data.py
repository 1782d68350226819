"""Parallel data: approved pairs as a resource of Amazon Translate, one per book and language pair.

The file lies in S3 under the digest of its content, so nothing is uploaded twice, and the resource tells by that
address which pairs it holds. Whether a version is in use is read from ``Status`` after a creation and from
``LatestUpdateAttemptStatus`` after an update, during which ``Status`` stays that of the old version. A description may
lag behind what was asked for, and may lack any part: what does not say how the import ended is asked for again.

The service takes one import at a time. Within a process a lock keeps the languages in line; other processes are waited
for. An import costs nothing; it is only slow.
"""

from __future__ import annotations

import json
import logging
import re
import threading
import urllib.request
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any, TypeAlias, TypeVar

from sphinx_amts.engines.amazon.markup import plain
from sphinx_amts.engines.amazon.service import Service, ServiceError
from sphinx_amts.engines.amazon.settings import Settings
from sphinx_amts.engines.amazon.state import Store, digest
from sphinx_amts.engines.amazon.storage import Bucket, fetch, split_uri
from sphinx_amts.engines.amazon.tmx import write_tmx
from sphinx_amts.model import EngineError, Origin, SegmentPair

logger = logging.getLogger("sphinx.sphinx_amts.engines.amazon")

SEGMENT_BYTES = 1000
"""Longest text on either side, in bytes of UTF-8; a longer one is skipped by the service."""
FILE_BYTES = 5 * 1024**3
"""Largest file."""
IMPORT_SECONDS = 6 * 3600.0
"""Seconds after which an import, or another's that is in the way, is waited for no longer."""

MOST_RESOURCES = 1000
"""Resources of an account in a region."""

_BUSY = frozenset({"ConcurrentModificationException", "ConflictException"})
_UNFINISHED = frozenset({"CREATING", "UPDATING", "DELETING"})
_STATE = "parallel-data.json"
_IMPORT = threading.Lock()

Answer: TypeAlias = "dict[str, Any]"
"""The service's description of a resource; empty where there is none."""
_Vote: TypeAlias = "tuple[bool, int, int]"
"""Whether a person made a translation, how often it occurs, where it occurs last."""
Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Rows:
    """Pairs in the form that is uploaded."""

    pairs: tuple[tuple[str, str], ...]
    """Source text and translation, plain, one pair for a source, sorted by source."""
    left_out: Mapping[str, int]
    """Reason to number of pairs that the service would skip."""


@dataclass(frozen=True, slots=True)
class Report:
    """What an import came to."""

    name: str
    """Name of the resource."""
    rows: int
    """Pairs that were sent."""
    imported: int
    """Records that the service took."""
    skipped: int
    """Records that it skipped."""
    failed: int
    """Records that it could not read."""
    left_out: Mapping[str, int]
    """Reason to number of pairs that were not sent at all."""
    messages: tuple[str, ...]
    """What the service's error file says."""
    changed: bool
    """False where the resource held these pairs already and nothing was sent."""

    def __str__(self) -> str:
        lines = [f"{self.name}: {self.imported} records in use{'' if self.changed else ', unchanged'}"]
        lines += [f"{count} pairs left out: {reason}" for reason, count in sorted(self.left_out.items())]
        if self.skipped or self.failed:
            lines.append(f"the service skipped {self.skipped} and failed on {self.failed}")
        return "; ".join([*lines, *self.messages])


@dataclass(frozen=True, slots=True)
class Resource:
    """A parallel-data resource of the account and region."""

    name: str
    """Its name."""
    status: str
    """Its status; while an update runs, that of the old version."""
    source: str
    """Source language, Amazon's code."""
    targets: tuple[str, ...]
    """Target languages, Amazon's codes."""
    records: int
    """Records in use."""
    latest_update: str
    """Status of the latest update; empty if there was none."""
    ours: bool
    """Whether it is the one of this book and language pair."""

    def __str__(self) -> str:
        update = f" (latest update {self.latest_update})" if self.latest_update else ""
        languages = f"{self.source or '?'} to {', '.join(self.targets) or '?'}"
        ours = ", of this book" if self.ours else ""
        return f"{self.name}: {self.status or 'status not known'}{update}, {languages}, {self.records} records{ours}"

    @property
    def is_changing(self) -> bool:
        """Whether an import or a deletion is under way."""
        return bool({self.status, self.latest_update} & _UNFINISHED)


def rows(pairs: Iterable[SegmentPair]) -> Rows:
    """Turn *pairs* into what the service accepts: plain text, one translation for a source.

    A person's translation comes before one from files, then the most frequent, then the latest.
    """
    choices: dict[str, dict[str, _Vote]] = {}
    left_out: Counter[str] = Counter()
    for position, pair in enumerate(pairs):
        source, target = plain(pair.source), plain(pair.target)
        if not source or not target:
            left_out["no text on one side"] += 1
        elif max(len(source.encode()), len(target.encode())) > SEGMENT_BYTES:
            left_out[f"more than {SEGMENT_BYTES} bytes on one side"] += 1
        else:
            votes = choices.setdefault(source, {})
            human, count, _ = votes.get(target, (False, 0, 0))
            votes[target] = (human or pair.origin is Origin.HUMAN, count + 1, position)
    chosen = {source: max(votes, key=votes.__getitem__) for source, votes in choices.items()}
    return Rows(tuple(sorted(chosen.items())), dict(left_out))


class ParallelData:
    """The resource of one book and language pair."""

    def __init__(self, service: Service, store: Store, source: str, target: str) -> None:
        self._service = service
        self._store = store
        self._bucket = Bucket(service)
        self._source = source
        self._target = target
        self.name = resource_name(service.settings, source, target)

    def push(self, table: Rows) -> Report:
        """Make the resource hold *table* and wait until it is in use; does nothing if it does already."""
        data = write_tmx(self._source, self._target, table.pairs)
        if not table.pairs:
            raise EngineError("Amazon Translate: there are no approved pairs that parallel data could be made of.")
        if len(data) > FILE_BYTES:
            raise EngineError(f"Amazon Translate: the parallel data has {len(data)} bytes; {FILE_BYTES} are allowed.")
        key = self._bucket.key("parallel-data", self.name, f"{digest(data.decode())}.tmx")
        with _one_import(self._service):
            before = self._settled()
            changed = not self._holds(before, key)
            if changed:
                if key not in self._bucket.keys(key):
                    self._bucket.put(key, data, "application/xml")
                before = self._import(before, key)
            self._store.remove(_STATE)
        return self._report(before, table, changed)

    def delete(self) -> bool:
        """Delete the resource; return whether there was one."""
        with _one_import(self._service):
            if not self._settled():
                return False
            self._patiently("delete_parallel_data", Name=self.name)
            self._wait(lambda: True if self._get() is None else None)
        return True

    def _get(self) -> Answer | None:
        try:
            answer: Answer = self._service.call("translate", "get_parallel_data", Name=self.name)
        except ServiceError as error:
            if error.code == "ResourceNotFoundException":
                return None
            raise
        return answer

    def _settled(self, is_news: Callable[[Answer], bool] = bool) -> Answer:
        """Wait until nothing happens to the resource any more; return it, empty if there is none.

        *is_news* tells of its properties whether they are those that are waited for.
        """

        def look() -> Answer | None:
            answer = self._get()
            if answer is None:
                return {}
            properties = answer.get("ParallelDataProperties") or {}
            return answer if _at_rest(properties) and is_news(properties) else None

        return self._wait(look)

    def _holds(self, answer: Answer, key: str) -> bool:
        """Tell whether the version in use was made from *key*."""
        if not answer:
            return False
        properties = answer["ParallelDataProperties"]
        if properties.get("Status") != "ACTIVE" or properties.get("LatestUpdateAttemptStatus", "ACTIVE") != "ACTIVE":
            return False
        return bool(properties.get("ParallelDataConfig", {}).get("S3Uri") == self._bucket.uri(key))

    def _import(self, before: Answer, key: str) -> Answer:
        """Create or update the resource from *key* and wait; raise :class:`EngineError` if the import fails."""
        operation = "update_parallel_data" if before else "create_parallel_data"
        parameters: dict[str, Any] = {
            "Name": self.name,
            "ParallelDataConfig": {"S3Uri": self._bucket.uri(key), "Format": "TMX"},
            "ClientToken": self._token(operation, key),
        }
        if not before and self._service.settings.kms_key:
            parameters["EncryptionKey"] = {"Type": "KMS", "Id": self._service.settings.kms_key}
        logger.info("Amazon Translate: importing parallel data %s", self.name)
        accepted = self._patiently(operation, **parameters)
        old = before.get("ParallelDataProperties", {})
        after = self._settled((lambda new: _is_decided(old, new, self._bucket.uri(key))) if before else bool)
        self._store.remove(_STATE)  # also where it has failed: the next attempt is another request
        if not after:
            raise EngineError(f"Amazon Translate: parallel data {self.name} vanished during its import. Run again.")
        if not accepted and not self._holds(after, key):
            # Somebody else has made it meanwhile, of other pairs.
            return self._import(after, key)
        properties = after["ParallelDataProperties"]
        outcome = properties.get("LatestUpdateAttemptStatus") if before else None
        if (outcome or properties["Status"]) != "ACTIVE":
            raise self._failure(after)
        return after

    def _token(self, operation: str, key: str) -> str:
        """Return the token for importing *key*: that of a killed run which asked for the same, else a new one on record.

        So the service sees one request where two runs ask, and never the request of an earlier import of the same data,
        which it would answer with the old outcome. It is not derived from the data: with the record lost, too, an import
        that the service has forgotten must begin anew, and asking twice costs nothing.
        """
        request = {"operation": operation, "name": self.name, "key": key}
        recorded = self._store.read(_STATE) or {}
        token = str(recorded.pop("token", ""))
        if not token or recorded != request:
            token = uuid.uuid4().hex
            self._store.write(_STATE, {**request, "token": token})
        return token

    def _failure(self, answer: Answer) -> EngineError:
        properties = answer["ParallelDataProperties"]
        old = "The version before it stays in use, but nothing was translated with it. "
        messages = "; ".join(_error_file(self._service, answer))
        return EngineError(
            f"Amazon Translate could not import parallel data {self.name}: "
            f"{properties.get('Message') or 'no reason given'}. {messages + '. ' if messages else ''}"
            f"{old if properties.get('Status') == 'ACTIVE' else ''}"
            "Correct the pairs or the access to the bucket, then run again."
        )

    def _patiently(self, operation: str, **parameters: Any) -> bool:
        """Call *operation*, waiting while another import is in the way; tell whether it was accepted.

        A creation is not where the resource exists: an earlier request arrived although its answer did not, or
        somebody else was faster.
        """

        def attempt() -> bool | None:
            try:
                self._service.call("translate", operation, **parameters)
            except ServiceError as error:
                if error.code == "ConflictException" and operation == "create_parallel_data" and self._get():
                    return False
                if error.code == "ResourceNotFoundException" and operation == "delete_parallel_data":
                    return True
                if not self._is_passing(error.code):
                    raise
                logger.info("Amazon Translate: another import is in the way (%s), waiting", error.code)
                return None
            return True

        return self._wait(attempt)

    def _is_passing(self, code: str) -> bool:
        """Tell whether a refusal with *code* is due to an import that is under way."""
        if code == "LimitExceededException":
            everything = list_resources(self._service, self.name)
            return len(everything) < MOST_RESOURCES or any(one.is_changing for one in everything)
        if code == "InvalidRequestException":
            # Not only a request that is wrong is called so: the resource accepts none while it changes.
            return not _at_rest((self._get() or {}).get("ParallelDataProperties") or {"Status": "FAILED"})
        return code in _BUSY

    def _wait(self, look: Callable[[], Found | None]) -> Found:
        """Call *look*, ever more slowly, until it returns something other than ``None``."""
        started = self._service.clock.now()
        pause = self._service.settings.poll_seconds
        while True:
            found = look()
            if found is not None:
                return found
            if self._service.clock.now() - started > IMPORT_SECONDS:
                raise EngineError(
                    f"Amazon Translate: parallel data {self.name} was not ready after {IMPORT_SECONDS / 3600:.0f} "
                    "hours. Look at it in the AWS console and run again."
                )
            self._service.sleep(pause)
            pause = min(pause * 1.5, max(60.0, self._service.settings.poll_seconds))

    def _report(self, answer: Answer, table: Rows, changed: bool) -> Report:
        properties = answer["ParallelDataProperties"]
        targets = properties.get("TargetLanguageCodes", [self._target])
        if properties.get("SourceLanguageCode", self._source) != self._source or self._target not in targets:
            raise EngineError(
                f"Amazon Translate: parallel data {self.name} does not hold {self._source}-{self._target}."
            )
        return Report(
            name=self.name,
            rows=len(table.pairs),
            imported=int(properties.get("ImportedRecordCount", 0)),
            skipped=int(properties.get("SkippedRecordCount", 0)),
            failed=int(properties.get("FailedRecordCount", 0)),
            left_out=table.left_out,
            messages=_error_file(self._service, answer) if changed else (),
            changed=changed,
        )


def resource_name(settings: Settings, source: str, target: str) -> str:
    """Return the name of the resource: readable, and different for every bucket, prefix and language pair."""
    readable = re.sub(r"[^A-Za-z0-9-]+", "-", settings.prefix).strip("-")[-60:]
    return f"amts-{readable}-{source}-{target}-{digest(settings.bucket or '', settings.prefix)[:8]}"


def list_resources(service: Service, name: str) -> list[Resource]:
    """List the account's resources in the region, sorted by name; *name* is the one that is ours."""
    found: list[Resource] = []
    parameters: dict[str, Any] = {"MaxResults": 100}
    while True:
        page = service.call("translate", "list_parallel_data", **parameters)
        found += [_resource(properties, name) for properties in page.get("ParallelDataPropertiesList", ())]
        if not page.get("NextToken"):
            return sorted(found, key=lambda resource: resource.name)
        parameters["NextToken"] = page["NextToken"]


def _resource(properties: Mapping[str, Any], ours: str) -> Resource:
    return Resource(
        name=properties["Name"],
        status=properties.get("Status", ""),
        source=properties.get("SourceLanguageCode", ""),
        targets=tuple(properties.get("TargetLanguageCodes", ())),
        records=int(properties.get("ImportedRecordCount", 0)),
        latest_update=properties.get("LatestUpdateAttemptStatus", ""),
        ours=properties["Name"] == ours,
    )


def _at_rest(properties: Answer) -> bool:
    """Tell whether *properties* say that nothing happens to a resource; without a status they say nothing."""
    states = {properties.get("Status"), properties.get("LatestUpdateAttemptStatus")}
    return properties.get("Status") is not None and not states & _UNFINISHED


def _is_decided(old: Answer, new: Answer, uri: str) -> bool:
    """Tell whether *new* knows how the update from *uri* ended that was asked for when the resource was *old*.

    Of an update that it has not heard of yet, a description says what it said before: no update, or the one before.
    """
    if new.get("LatestUpdateAttemptStatus") is not None:
        at = new.get("LatestUpdateAttemptAt")
        return at is None or at != old.get("LatestUpdateAttemptAt")
    is_ours = new.get("ParallelDataConfig", {}).get("S3Uri") == uri
    return is_ours and new.get("LastUpdatedAt") != old.get("LastUpdatedAt")


@contextmanager
def _one_import(service: Service) -> Iterator[None]:
    """Hold the process's only place for imports, giving way to an interruption while waiting for it."""
    while not _IMPORT.acquire(timeout=0.2):
        if service.cancelled.is_set():
            service.sleep(0)
    try:
        yield
    finally:
        _IMPORT.release()


def _error_file(service: Service, answer: Answer) -> tuple[str, ...]:
    """Read the first messages of the error file of the latest import."""
    location = answer.get("LatestUpdateAttemptAuxiliaryDataLocation") or answer.get("AuxiliaryDataLocation")
    if not location:
        return ()
    url = str(location.get("Location", ""))
    try:
        content = _read_json(service, url)
    except (OSError, HTTPException, ValueError, ServiceError) as error:
        # The address may be signed and must not be shown.
        return (f"its error file could not be read ({type(error).__name__})",)
    messages: Sequence[Any] = (content.get("messages") if isinstance(content, dict) else None) or ()
    return tuple(message if isinstance(message, str) else json.dumps(message) for message in messages[:5])


def _read_json(service: Service, url: str) -> Any:
    """Read the file at *url*, a signed address or one in S3; raise :class:`ValueError` for any other."""
    if url.startswith("s3://"):
        return json.loads(fetch(service, *split_uri(url)) or b"")
    if not url.startswith(("https://", "http://")):
        raise ValueError("no address of a file")
    with urllib.request.urlopen(url, timeout=60) as response:  # noqa: S310 - scheme checked above
        return json.load(response)
