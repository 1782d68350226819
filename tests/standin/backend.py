"""Amazon Translate on moto's core: state, rules, and the operations that the engine uses."""

from __future__ import annotations

import copy
import json
import random
import sys
import types
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from typing import Any

import moto.backend_index
import regex
from moto.core.base_backend import BackendDict, BaseBackend
from moto.core.exceptions import JsonRESTError, ServiceException
from moto.core.responses import ActionResult, BaseResponse
from moto.iam.access_control import IAMPolicy, PermissionResult
from moto.iam.exceptions import NotFoundException
from moto.iam.models import iam_backends
from moto.s3.exceptions import MissingBucket
from moto.s3.models import s3_backends

from .clock import SimulatedTime
from .jobs import Job, run
from .parallel import Import, ParallelDataResource, UnreadableError, read
from .switches import Switches
from .translator import Manner, NotWellFormedError, billed, translate
from .validation import violations

LANGUAGES = frozenset(
    [
        "af",
        "am",
        "ar",
        "az",
        "bg",
        "bn",
        "bs",
        "ca",
        "cs",
        "cy",
        "da",
        "de",
        "el",
        "en",
        "es",
        "es-MX",
        "et",
        "fa",
        "fa-AF",
        "fi",
        "fr",
        "fr-CA",
        "ga",
        "gu",
        "ha",
        "he",
        "hi",
        "hr",
        "ht",
        "hu",
        "hy",
        "id",
        "is",
        "it",
        "ja",
        "ka",
        "kk",
        "kn",
        "ko",
        "lt",
        "lv",
        "mk",
        "ml",
        "mn",
        "mr",
        "ms",
        "mt",
        "nl",
        "no",
        "pa",
        "pl",
        "ps",
        "pt",
        "pt-PT",
        "ro",
        "ru",
        "si",
        "sk",
        "sl",
        "so",
        "sq",
        "sr",
        "sv",
        "sw",
        "ta",
        "te",
        "th",
        "tl",
        "tr",
        "uk",
        "ur",
        "uz",
        "vi",
        "zh",
        "zh-TW",
    ]
)
FORMAL = frozenset({"nl", "fr", "fr-CA", "de", "hi", "it", "ja", "ko", "pt-PT", "es", "es-MX"})
CUSTOM_REGIONS = frozenset({"us-east-1", "us-west-2", "eu-west-1"})
RATES = {  # calls a second, by group of operations
    **dict.fromkeys(["StartTextTranslationJob", "StopTextTranslationJob"], ("jobs", 5)),
    **dict.fromkeys(["DescribeTextTranslationJob", "ListTextTranslationJobs"], ("looks", 10)),
    **dict.fromkeys(["CreateParallelData", "UpdateParallelData", "DeleteParallelData"], ("imports", 5)),
    **dict.fromkeys(["GetParallelData", "ListParallelData"], ("data", 10)),
}
AUXILIARY_BUCKET = "translate-service-owned"
IMPORTING = {"CREATING", "UPDATING"}


class Refusal(ServiceException):
    """An error of the service; moto finds the model of its code by the name of the module."""

    __module__ = "moto.translate.exceptions"


def refuse(code: str, message: str) -> Refusal:
    return Refusal(code, message)


def moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, timezone.utc)


class TranslateBackend(BaseBackend):
    """The service in one region of one account."""

    time: SimulatedTime
    switches: Switches
    sign: Callable[[str, str], str]
    """Makes a signed address of bucket and key."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.resources: dict[str, ParallelDataResource] = {}
        self.terminologies: dict[str, dict[str, Any]] = {}
        self.jobs: dict[str, Job] = {}
        self.tokens: dict[tuple[str, str], tuple[str, Any]] = {}
        self.calls: dict[str, deque[float]] = defaultdict(deque)
        self.billed: dict[str, int] = defaultdict(int)
        self.random = random.Random(1)

    @property
    def _url_module(self) -> Any:
        return types.SimpleNamespace(url_bases=URL_BASES, url_paths=URL_PATHS)

    @property
    def s3(self) -> Any:
        return s3_backends[self.account_id]["aws"]

    # -- every call ------------------------------------------------------------------------------------------------

    def admit(self, operation: str, parameters: dict[str, Any]) -> None:
        """Check rate and model, and let what is due happen."""
        self.time.advance(self.switches.seconds_per_call)
        group, rate = RATES.get(operation, ("", 0))
        if group:
            recent = self.calls[group]
            while recent and self.time.now() - recent[0] >= 1.0:
                recent.popleft()
            if len(recent) >= rate:
                raise refuse("TooManyRequestsException", f"Rate exceeded for {operation}")
            recent.append(self.time.now())
        found = violations(operation, parameters)
        if found:
            raise refuse("ValidationException", f"{len(found)} validation errors detected: {'; '.join(found)}")
        self.progress()

    def once(self, operation: str, parameters: dict[str, Any], act: Callable[[], Any]) -> Any:
        """Carry out *act* once for a client token: repeated, it gives the same answer; with other parameters, none."""
        token = parameters["ClientToken"]
        content = json.dumps(parameters, sort_keys=True, default=str)
        if (operation, token) in self.tokens:
            before, answer = self.tokens[operation, token]
            if before != content:
                raise refuse("InvalidParameterValueException", "ClientToken was used with other parameters")
            return answer
        answer = act()
        self.tokens[operation, token] = (content, answer)
        return answer

    def progress(self) -> None:
        """Finish imports, deletions and jobs whose time has come; nothing finishes before it was looked at once."""
        for resource in list(self.resources.values()):
            running = resource.running
            if running is not None and running.looks >= 2 and self.time.now() >= running.ready_at:
                self._finish_import(resource, running)
            if resource.deleted_at is not None and self.time.now() >= resource.deleted_at + 5:
                del self.resources[resource.name]
        active = [job for job in self.jobs.values() if job.status not in job.TERMINAL]
        for job in active[:10]:  # ten run at a time, the others wait
            run(self, job)

    # -- parallel data ---------------------------------------------------------------------------------------------

    def create_parallel_data(self, parameters: dict[str, Any]) -> Any:
        def act() -> Any:
            if parameters["Name"] in self.resources:
                raise refuse("ConflictException", "a resource of this name exists")
            self._admit_import(parameters)
            if len(self.resources) >= 1000:
                raise refuse("LimitExceededException", "1000 parallel data resources")
            name = parameters["Name"]
            arn = f"arn:aws:translate:{self.region_name}:{self.account_id}:parallel-data/{name}"
            resource = ParallelDataResource(name, arn, self.time.now())
            self.resources[name] = resource
            self._begin_import(resource, parameters, update=False)
            return {"Name": name, "Status": "CREATING"}

        return self.once("CreateParallelData", parameters, act)

    def update_parallel_data(self, parameters: dict[str, Any]) -> Any:
        def act() -> Any:
            resource = self._resource(parameters["Name"])
            self._admit_import(parameters)
            if resource.status not in {"ACTIVE", "FAILED"}:
                raise refuse("ConcurrentModificationException", f"the resource is {resource.status}")
            self._begin_import(resource, parameters, update=True)
            return {
                "Name": resource.name,
                "Status": resource.status,
                "LatestUpdateAttemptStatus": resource.latest,
                "LatestUpdateAttemptAt": moment(resource.latest_at or 0),
            }

        return self.once("UpdateParallelData", parameters, act)

    def _admit_import(self, parameters: dict[str, Any]) -> None:
        if self.region_name not in CUSTOM_REGIONS:
            raise refuse("InvalidRequestException", f"parallel data is not supported in {self.region_name}")
        if any(resource.running for resource in self.resources.values()):
            raise refuse("LimitExceededException", "another parallel data import is under way")
        config = parameters["ParallelDataConfig"]
        if "S3Uri" not in config or "Format" not in config:
            raise refuse("InvalidRequestException", "S3Uri and Format are required")

    def _begin_import(self, resource: ParallelDataResource, parameters: dict[str, Any], *, update: bool) -> None:
        config = parameters["ParallelDataConfig"]
        ready = self.time.now() + self.switches.import_seconds
        resource.running = Import(config["S3Uri"], config["Format"], ready, update)
        if update:
            # While an update runs, Status stays that of the version in use.
            resource.latest, resource.latest_at = "UPDATING", self.time.now()

    def _finish_import(self, resource: ParallelDataResource, running: Import) -> None:
        resource.running = None
        failures = self.switches.import_failures
        error_file = b'{"summary": {"record_error_count": 0, "record_skipped_count": 0}, "messages": []}'
        try:
            if failures:
                raise UnreadableError(failures.pop(0))
            content = read(self.read_s3(running.uri), running.form, LANGUAGES)
        except (UnreadableError, KeyError, MissingBucket) as error:
            resource.message = str(error)
            error_file = json.dumps({"summary": {"record_error_count": 1}, "messages": [str(error)]}).encode()
            if running.update:
                resource.latest = "FAILED"
            else:
                resource.status = "FAILED"
        else:
            error_file = content.error_file()
            resource.content = content
            resource.version += 1
            resource.updated_at = self.time.now()
            resource.message = ""
            resource.config = {"S3Uri": running.uri, "Format": running.form}
            resource.status = "ACTIVE"
            resource.latest = "ACTIVE" if running.update else resource.latest
        key = f"{resource.name}/{self.time.now():.0f}.json"
        self.s3.put_object(AUXILIARY_BUCKET, key, error_file)
        if running.update:
            resource.latest_error_file = key
        else:
            resource.error_file = key

    def get_parallel_data(self, parameters: dict[str, Any]) -> Any:
        resource = self._resource(parameters["Name"])
        if resource.running:
            resource.running.looks += 1
        answer: dict[str, Any] = {"ParallelDataProperties": resource.describe()}
        for member, key in (
            ("AuxiliaryDataLocation", resource.error_file),
            ("LatestUpdateAttemptAuxiliaryDataLocation", resource.latest_error_file),
        ):
            if key:
                answer[member] = {"RepositoryType": "S3", "Location": self.sign(AUXILIARY_BUCKET, key)}
        return answer

    def list_parallel_data(self, parameters: dict[str, Any]) -> Any:
        names, token = self.page(self.resources, parameters)
        return {"ParallelDataPropertiesList": [self.resources[name].describe() for name in names], "NextToken": token}

    def delete_parallel_data(self, parameters: dict[str, Any]) -> Any:
        resource = self._resource(parameters["Name"])
        if resource.running:
            raise refuse("ConcurrentModificationException", "an import is under way")
        resource.status, resource.deleted_at = "DELETING", self.time.now()
        return {"Name": resource.name, "Status": "DELETING"}

    def _resource(self, name: str) -> ParallelDataResource:
        if name not in self.resources:
            raise refuse("ResourceNotFoundException", f"no parallel data {name}")
        return self.resources[name]

    def page(self, items: dict[str, Any], parameters: dict[str, Any]) -> tuple[list[str], str | None]:
        """Return a page of a listing in no particular order (but a stable one within a listing)."""
        names = sorted(items, key=lambda name: name[::-1])
        start = int(parameters.get("NextToken") or 0)
        end = start + parameters.get("MaxResults", 100)
        return names[start:end], str(end) if end < len(names) else None

    # -- terminology -----------------------------------------------------------------------------------------------

    def import_terminology(self, parameters: dict[str, Any]) -> Any:
        name, data = parameters["Name"], parameters["TerminologyData"]
        if name not in self.terminologies and len(self.terminologies) >= 100:
            raise refuse("LimitExceededException", "100 terminologies")
        try:
            content = read(data["File"], data["Format"], LANGUAGES)
        except UnreadableError as error:
            raise refuse("InvalidParameterValueException", str(error)) from error
        if len(content.targets) > 10:
            raise refuse("InvalidParameterValueException", "more than 10 target languages")
        for source, translations in content.records.items():
            if any(len(text.encode()) > 200 for text in (source, *translations.values())):
                raise refuse("InvalidParameterValueException", "a term has more than 200 bytes")
        self.terminologies[name] = {"content": content, "created": self.time.now()}
        return {"TerminologyProperties": {"Name": name, "TermCount": len(content.records)}}

    def get_terminology(self, parameters: dict[str, Any]) -> Any:
        if parameters["Name"] not in self.terminologies:
            raise refuse("ResourceNotFoundException", f"no terminology {parameters['Name']}")
        return {"TerminologyProperties": {"Name": parameters["Name"]}}

    def list_terminologies(self, parameters: dict[str, Any]) -> Any:
        names, token = self.page(self.terminologies, parameters)
        listed = [{"Name": name, "CreatedAt": moment(self.terminologies[name]["created"])} for name in names]
        return {"TerminologyPropertiesList": listed, "NextToken": token}

    def delete_terminology(self, parameters: dict[str, Any]) -> Any:
        if self.terminologies.pop(parameters["Name"], None) is None:
            raise refuse("ResourceNotFoundException", f"no terminology {parameters['Name']}")
        return {}

    # -- jobs ------------------------------------------------------------------------------------------------------

    def start_text_translation_job(self, parameters: dict[str, Any]) -> Any:
        def act() -> Any:
            self._admit_job(parameters)
            job = Job(f"{self.random.getrandbits(128):032x}", parameters, self.time.now())
            bucket, folder = split(parameters["OutputDataConfig"]["S3Uri"])
            job.inputs = len(list(self.documents(job.input_uri)))
            job.output = f"{folder.rstrip('/')}/{self.account_id}-TranslateText-{job.id}/".lstrip("/")
            # The service proves that it may write, and forgets to clean up.
            self.s3.put_object(bucket, job.output + ".write_access_check_file.temp", b"")
            for name in parameters.get("ParallelDataNames", ()):
                resource = self.resources[name]
                job.custom = f"v{resource.version}"
            for name in parameters.get("TerminologyNames", ()):
                job.terms = self.terminologies[name]["content"].records
            self.jobs[job.id] = job
            return {"JobId": job.id, "JobStatus": job.status}

        return self.once("StartTextTranslationJob", parameters, act)

    def _admit_job(self, parameters: dict[str, Any]) -> None:
        source, targets = parameters["SourceLanguageCode"], parameters["TargetLanguageCodes"]
        self.check_pair(source, targets)
        if len(targets) > 10:
            raise refuse("InvalidParameterValueException", "more than 10 target languages")
        if "Brevity" in parameters.get("Settings", {}):
            raise refuse("InvalidRequestException", "brevity is not supported in batch jobs")
        if sum(job.status not in job.TERMINAL for job in self.jobs.values()) >= 1010:
            raise refuse("TooManyRequestsException", "1000 jobs wait already")
        self._check_data(parameters.get("ParallelDataNames", []), source, targets)
        self.check_terminology(parameters.get("TerminologyNames", []), source, targets)
        self._check_role(parameters)
        self._check_input(parameters["InputDataConfig"])

    def check_pair(self, source: str, targets: list[str]) -> None:
        if source not in LANGUAGES | {"auto"} or not set(targets) <= LANGUAGES or source in targets:
            raise refuse("UnsupportedLanguagePairException", f"{source} to {', '.join(targets)}")

    def _check_data(self, names: list[str], source: str, targets: list[str]) -> None:
        if names and self.region_name not in CUSTOM_REGIONS:
            raise JsonRESTError("NotAuthorizedException", "not authorized to use parallel data in this region")
        if len(names) > 1:
            raise refuse("InvalidParameterValueException", "more than one parallel data resource")
        for name in names:
            resource = self._resource(name)
            if resource.status != "ACTIVE" or resource.content is None:
                raise refuse("InvalidRequestException", f"parallel data is {resource.status}, not ACTIVE")
            if resource.content.source != source or not set(targets) <= set(resource.content.targets):
                raise refuse("InvalidRequestException", "parallel data does not cover the languages of the job")

    def check_terminology(self, names: list[str], source: str, targets: list[str]) -> None:
        if len(names) > 1:
            raise refuse("InvalidParameterValueException", "more than one terminology")
        for name in names:
            if name not in self.terminologies:
                raise refuse("ResourceNotFoundException", f"no terminology {name}")
            content = self.terminologies[name]["content"]
            if content.source != source or not set(targets) & set(content.targets):
                raise refuse("InvalidRequestException", "the terminology does not cover the languages")

    def _check_role(self, parameters: dict[str, Any]) -> None:
        iam = iam_backends[self.account_id]["aws"]
        try:
            role = iam.get_role_by_arn(parameters["DataAccessRoleArn"])
        except NotFoundException as error:
            raise refuse("InvalidRequestException", "the role does not exist") from error
        trust = json.loads(role.assume_role_policy_document)
        trusted = any(
            statement.get("Principal", {}).get("Service") == "translate.amazonaws.com"
            and statement["Effect"] == "Allow"
            and statement["Action"] == "sts:AssumeRole"
            for statement in trust["Statement"]
        )
        if not trusted:
            raise refuse("InvalidRequestException", "Amazon Translate cannot assume the role")
        policies = [IAMPolicy(document) for document in role.policies.values()]
        in_bucket, in_folder = split(parameters["InputDataConfig"]["S3Uri"])
        out_bucket, out_folder = split(parameters["OutputDataConfig"]["S3Uri"])
        for action, resource in (
            ("s3:ListBucket", f"arn:aws:s3:::{in_bucket}"),
            ("s3:GetObject", f"arn:aws:s3:::{in_bucket}/{in_folder}x"),
            ("s3:ListBucket", f"arn:aws:s3:::{out_bucket}"),
            ("s3:PutObject", f"arn:aws:s3:::{out_bucket}/{out_folder}x"),
        ):
            if not any(
                policy.is_action_permitted(action, resource) == PermissionResult.PERMITTED for policy in policies
            ):
                raise refuse("InvalidRequestException", f"the role may not {action} on {resource}")

    def _check_input(self, config: dict[str, Any]) -> None:
        _, folder = split(config["S3Uri"])
        if not folder.strip("/"):
            raise refuse("InvalidRequestException", "the input must be a folder, not the root of the bucket")
        documents = dict(self.documents(config["S3Uri"]))
        if any("details/" in name for name in documents):
            raise refuse("InvalidRequestException", "the input holds a folder called details")
        if not documents or len(documents) > 1_000_000 or sum(map(len, documents.values())) > 5 * 1024**3:
            raise refuse("InvalidRequestException", "the input has no documents, or too many")
        if config["ContentType"] not in {"text/html", "text/plain"}:
            raise refuse("InvalidRequestException", "this content type has no use here")

    def documents(self, uri: str) -> Iterator[tuple[str, bytes]]:
        """Yield name and content of the input documents, in no particular order."""
        bucket, folder = split(uri)
        try:
            holder = self.s3.get_bucket(bucket)
        except MissingBucket as error:
            raise refuse("InvalidRequestException", f"no bucket {bucket}") from error
        if holder.region_name != self.region_name:
            raise refuse("InvalidRequestException", f"the bucket is in {holder.region_name}")
        folder = folder.rstrip("/") + "/"
        keys = [key for key in holder.keys if key.startswith(folder) and not key.endswith("/")]
        for key in sorted(keys, key=lambda key: key[::-1]):
            yield key.removeprefix(folder), self.s3.get_object(bucket, key).value

    def describe_text_translation_job(self, parameters: dict[str, Any]) -> Any:
        job = self._job(parameters)
        job.looks += 1
        return {"TextTranslationJobProperties": job.describe()}

    def stop_text_translation_job(self, parameters: dict[str, Any]) -> Any:
        job = self._job(parameters)
        if job.status not in job.TERMINAL:
            job.status = "STOP_REQUESTED"
            job.stopped_at = self.time.now()
        return {"JobId": job.id, "JobStatus": job.status}

    def _job(self, parameters: dict[str, Any]) -> Job:
        if parameters["JobId"] not in self.jobs:
            raise refuse("ResourceNotFoundException", f"no job {parameters['JobId']}")
        return self.jobs[parameters["JobId"]]

    # -- real time -------------------------------------------------------------------------------------------------

    def translate_text(self, parameters: dict[str, Any]) -> Any:
        text = parameters["Text"]
        if len(text.encode()) > 10_000:
            raise refuse("TextSizeLimitExceededException", f"{len(text.encode())} bytes")
        manner = self._manner(parameters)
        try:
            translated = translate(text, manner)
        except NotWellFormedError as error:
            raise refuse("InvalidRequestException", f"not well-formed: {error}") from error
        self.billed["realtime"] += len(text)  # markup included
        return {
            "TranslatedText": self.switches.rewrite(translated),
            "SourceLanguageCode": parameters["SourceLanguageCode"],
            "TargetLanguageCode": parameters["TargetLanguageCode"],
        }

    def translate_document(self, parameters: dict[str, Any]) -> Any:
        document = parameters["Document"]
        settings = parameters.get("Settings", {})
        if len(document["Content"]) > 100_000:
            raise refuse("LimitExceededException", "more than 100,000 bytes")
        if "en" not in {parameters["SourceLanguageCode"], parameters["TargetLanguageCode"]}:
            raise refuse("UnsupportedLanguagePairException", "one side must be English")
        if "Brevity" in settings:
            raise refuse("InvalidRequestException", "brevity is not supported for documents")
        if "Formality" in settings and parameters["TargetLanguageCode"] not in FORMAL:
            raise refuse("InvalidRequestException", "formality is not supported for this language")
        if document["ContentType"] != "text/html":
            raise refuse("InvalidRequestException", "this content type has no use here")
        manner = self._manner(parameters)
        content = document["Content"].decode("utf-8")
        try:
            count = billed(content)
            translated = translate(content, manner)
        except NotWellFormedError as error:
            raise refuse("InvalidRequestException", f"not well-formed: {error}") from error
        self.billed["realtime"] += count
        return {
            "TranslatedDocument": {"Content": self.switches.rewrite(translated).encode()},
            "SourceLanguageCode": parameters["SourceLanguageCode"],
            "TargetLanguageCode": parameters["TargetLanguageCode"],
        }

    def _manner(self, parameters: dict[str, Any]) -> Manner:
        source, target = parameters["SourceLanguageCode"], parameters["TargetLanguageCode"]
        self.check_pair(source, [target])
        names = parameters.get("TerminologyNames", [])
        self.check_terminology(names, source, [target])
        terms = {}
        for name in names:
            records = self.terminologies[name]["content"].records
            terms = {term: found[target] for term, found in records.items() if target in found}
        formality = parameters.get("Settings", {}).get("Formality", "")
        return Manner(target, "", formality if target in FORMAL else "", terms, self.switches.adversary)

    def read_s3(self, uri: str) -> bytes:
        bucket, key = split(uri)
        found = self.s3.get_object(bucket, key)
        if found is None:
            raise KeyError(f"cannot read {uri}")
        return found.value


def split(uri: str) -> tuple[str, str]:
    match = regex.fullmatch(r"s3://([^/]+)(?:/(.*))?", uri)
    assert match, uri
    return match[1], match[2] or ""


class TranslateResponse(BaseResponse):
    """Dispatches each operation to the backend's method of the same name."""

    def __init__(self) -> None:
        super().__init__(service_name="translate")
        self.automated_parameter_parsing = True

    def _answer(self) -> ActionResult:
        backend = translate_backends[self.current_account][self.region]
        operation = self._get_action()
        parameters = {name: value for name, value in self.params.items() if value is not None}
        backend.admit(operation, parameters)
        name = regex.sub(r"(?<!^)([A-Z])", r"_\1", operation).lower()
        answer = getattr(backend, name)(parameters)
        return ActionResult(backend.switches.alter(operation, copy.deepcopy(answer)))

    create_parallel_data = update_parallel_data = get_parallel_data = list_parallel_data = _answer
    delete_parallel_data = import_terminology = get_terminology = list_terminologies = _answer
    delete_terminology = start_text_translation_job = describe_text_translation_job = _answer
    stop_text_translation_job = translate_text = translate_document = _answer


URL_BASES = [r"https?://translate\.(.+)\.amazonaws\.com"]
URL_PATHS = {"{0}/$": TranslateResponse.dispatch}
translate_backends = BackendDict(TranslateBackend, "translate")


def register() -> None:
    """Make moto know the service; it has none of that name."""
    if "moto.translate" not in sys.modules:
        module = types.ModuleType("moto.translate")
        module.translate_backends = translate_backends  # type: ignore[attr-defined]
        sys.modules["moto.translate"] = module
        moto.backend_index.backend_url_patterns.append(("translate", regex.compile(URL_BASES[0])))
