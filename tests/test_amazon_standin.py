"""The stand-in is as strict as it claims: each rule has a request that it refuses, sent by a plain boto3 client."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest

pytest.importorskip("boto3", reason="the amazon engine needs boto3")
pytest.importorskip("moto", reason="the stand-in is built on moto")

from botocore.exceptions import ClientError

from tests.standin import BUCKET, ROLE, StandIn
from tests.standin.validation import violations

pytest_plugins = ["tests.standin.fixtures"]

PAGE = '<html><body><div id="s0">Hello, <span translate="no">world</span>!</div></body></html>'


class Desk:
    """A customer with a boto3 client."""

    def __init__(self, standin: StandIn) -> None:
        self.standin = standin
        self.client = standin.client("translate")
        self.put("in/a.html", PAGE)

    def put(self, key: str, text: str) -> None:
        self.standin.client("s3").put_object(Bucket=BUCKET, Key=key, Body=text.encode())

    def refused(self, operation: str, code: str, text: str, **parameters: Any) -> None:
        self.standin.time.advance(5)
        with pytest.raises(ClientError) as raised:
            getattr(self.client, operation)(**parameters)
        assert raised.value.response["Error"]["Code"] == code
        assert text in raised.value.response["Error"]["Message"]

    def job(self, **changes: Any) -> dict[str, Any]:
        parameters: dict[str, Any] = {
            "InputDataConfig": {"S3Uri": f"s3://{BUCKET}/in/", "ContentType": "text/html"},
            "OutputDataConfig": {"S3Uri": f"s3://{BUCKET}/out/"},
            "DataAccessRoleArn": ROLE,
            "SourceLanguageCode": "en",
            "TargetLanguageCodes": ["es"],
            "ClientToken": uuid.uuid4().hex,
        }
        return {**parameters, **changes}

    def data(self, content: str, name: str = "data", form: str = "CSV") -> dict[str, Any]:
        self.put(f"{name}.{form}", content)
        config = {"S3Uri": f"s3://{BUCKET}/{name}.{form}", "Format": form}
        return {"Name": name, "ParallelDataConfig": config, "ClientToken": uuid.uuid4().hex}

    def settle(self, name: str = "data") -> dict[str, Any]:
        for _ in range(3):
            self.standin.time.advance(200)
            answer: dict[str, Any] = self.client.get_parallel_data(Name=name)
        return answer

    def finish(self, job: str) -> dict[str, Any]:
        for _ in range(3):
            properties = self.client.describe_text_translation_job(JobId=job)["TextTranslationJobProperties"]
            self.standin.time.advance(1000)
        return dict(properties)


@pytest.fixture
def desk(standin: StandIn) -> Desk:
    return Desk(standin)


def test_1_the_model_is_enforced_in_full(desk: Desk) -> None:
    job = desk.job()
    assert violations("StartTextTranslationJob", job) == []
    for wrong, text in (
        ({"ClientToken": "no_underscores"}, "does not match"),
        ({"ClientToken": "x" * 65}, "allows 1 to 64"),
        ({"DataAccessRoleArn": "arn:aws:iam::1:role/x"}, "does not match"),
        ({"InputDataConfig": {"S3Uri": "http://bucket/x", "ContentType": "text/html"}}, "does not match"),
        ({"Settings": {"Profanity": "BLEEP"}}, "is none of"),
        ({"TargetLanguageCodes": ["spanish"]}, "allows 2 to 5"),
        ({"JobName": "a?b"}, "does not match"),
    ):
        assert any(text in found for found in violations("StartTextTranslationJob", {**job, **wrong}))
        desk.refused("start_text_translation_job", "ValidationException", text, **{**job, **wrong})
    assert "is missing" in violations("StartTextTranslationJob", {})[0]
    desk.refused("list_parallel_data", "ValidationException", "allows 1 to 500", MaxResults=501)
    desk.refused("create_parallel_data", "ValidationException", "is none of", **desk.data("x", form="XLS"))


def test_1_byte_limits_and_counts(desk: Desk) -> None:
    languages = {"SourceLanguageCode": "en", "TargetLanguageCode": "es"}
    desk.refused("translate_text", "TextSizeLimitExceededException", "bytes", Text="é" * 5001, **languages)
    document = {"Content": b"<html>" + b"x" * 100_000 + b"</html>", "ContentType": "text/html"}
    desk.refused("translate_document", "LimitExceededException", "100,000", Document=document, **languages)
    many = ["es", "de", "fr", "it", "pt", "nl", "sv", "da", "fi", "pl", "cs"]
    desk.refused(
        "start_text_translation_job", "InvalidParameterValueException", "10", **desk.job(TargetLanguageCodes=many)
    )
    desk.client.create_parallel_data(**desk.data("en,de\na,b\n"))
    for wrong, code, text in (
        ({"ParallelDataNames": ["data", "other"]}, "InvalidParameterValueException", "more than one"),
        ({"ParallelDataNames": ["data"]}, "InvalidRequestException", "not ACTIVE"),
        ({"TerminologyNames": ["a", "b"]}, "InvalidParameterValueException", "more than one"),
        ({"TerminologyNames": ["a"]}, "ResourceNotFoundException", "no terminology"),
    ):
        desk.refused("start_text_translation_job", code, text, **desk.job(**wrong))
    desk.settle()
    desk.refused(
        "start_text_translation_job", "InvalidRequestException", "cover", **desk.job(ParallelDataNames=["data"])
    )
    targets = ["de", "es"]
    wrong_job = desk.job(ParallelDataNames=["data"], TargetLanguageCodes=targets)
    desk.refused("start_text_translation_job", "InvalidRequestException", "does not cover", **wrong_job)
    assert desk.client.start_text_translation_job(**desk.job(ParallelDataNames=["data"], TargetLanguageCodes=["de"]))[
        "JobId"
    ]


def test_1_regions(monkeypatch: pytest.MonkeyPatch) -> None:
    with StandIn("eu-central-1") as elsewhere:
        desk = Desk(elsewhere)
        desk.refused("create_parallel_data", "InvalidRequestException", "not supported", **desk.data("en,de\na,b\n"))
        desk.refused(
            "start_text_translation_job", "NotAuthorizedException", "region", **desk.job(ParallelDataNames=["data"])
        )
        assert desk.client.start_text_translation_job(**desk.job())["JobStatus"] == "SUBMITTED"


def test_2_role_and_folders(desk: Desk) -> None:
    start = "start_text_translation_job"
    missing = ROLE.replace("translate-data", "nobody")
    desk.refused(start, "InvalidRequestException", "does not exist", **desk.job(DataAccessRoleArn=missing))
    stranger = desk.standin.make_role("stranger", service="lambda.amazonaws.com")
    desk.refused(start, "InvalidRequestException", "cannot assume", **desk.job(DataAccessRoleArn=stranger))
    for place, text in (
        (f"s3://{BUCKET}/", "root"),
        (f"s3://{BUCKET}", "root"),
        (f"s3://{BUCKET}/empty/", "no documents"),
    ):
        config = {"S3Uri": place, "ContentType": "text/html"}
        desk.refused(start, "InvalidRequestException", text, **desk.job(InputDataConfig=config))
    desk.put("in/details/x.json", "{}")
    desk.refused(start, "InvalidRequestException", "details", **desk.job())


def test_3_one_import_at_a_time_and_rates(desk: Desk) -> None:
    desk.client.create_parallel_data(**desk.data("en,es\na,b\n"))
    desk.refused("create_parallel_data", "LimitExceededException", "another", **desk.data("en,es\na,b\n", name="two"))
    desk.refused("delete_parallel_data", "ConcurrentModificationException", "import", Name="data")
    desk.standin.time.advance(5)
    for _ in range(10):
        desk.client.get_parallel_data(Name="data")
    with pytest.raises(ClientError, match="TooManyRequestsException"):
        desk.client.get_parallel_data(Name="data")
    desk.standin.time.advance(1)
    desk.client.get_parallel_data(Name="data")


def test_4_tokens(desk: Desk) -> None:
    job = desk.job()
    first = desk.client.start_text_translation_job(**job)
    assert desk.client.start_text_translation_job(**job)["JobId"] == first["JobId"]
    desk.refused(
        "start_text_translation_job",
        "InvalidParameterValueException",
        "ClientToken",
        **{**job, "TargetLanguageCodes": ["de"]},
    )
    assert desk.client.start_text_translation_job(**desk.job())["JobId"] != first["JobId"]


def test_5_nothing_is_ready_at_once_and_a_failed_update_keeps_the_old_data(desk: Desk) -> None:
    desk.client.create_parallel_data(**desk.data("en,es\na,b\n"))
    desk.standin.time.advance(1e6)
    assert desk.client.get_parallel_data(Name="data")["ParallelDataProperties"]["Status"] == "CREATING"
    assert desk.settle()["ParallelDataProperties"]["Status"] == "ACTIVE"
    desk.standin.switches.import_failures = ["broken"]
    update = desk.data("en,es\na,b\nc,d\n")
    desk.client.update_parallel_data(**update)
    properties = desk.client.get_parallel_data(Name="data")["ParallelDataProperties"]
    assert (properties["Status"], properties["LatestUpdateAttemptStatus"]) == ("ACTIVE", "UPDATING")
    answer = desk.settle()
    properties = answer["ParallelDataProperties"]
    assert (properties["Status"], properties["LatestUpdateAttemptStatus"]) == ("ACTIVE", "FAILED")
    assert properties["ImportedRecordCount"] == 1
    assert answer["LatestUpdateAttemptAuxiliaryDataLocation"]["Location"].startswith("http")
    job = desk.client.start_text_translation_job(**desk.job(ParallelDataNames=["data"]))["JobId"]
    desk.standin.time.advance(1e6)
    first = desk.client.describe_text_translation_job(JobId=job)["TextTranslationJobProperties"]
    assert first["JobStatus"] in {"SUBMITTED", "IN_PROGRESS"}
    assert desk.finish(job)["JobStatus"] == "COMPLETED"


TABLE = """en,es,de
good,bueno,gut
,vacío,leer
{long},largo,lang
half,medio,
-dash,guión,Strich
"two
lines",x,y
good,mejor,besser
"""


def test_6_rows_and_the_error_file(desk: Desk) -> None:
    from urllib.request import urlopen

    desk.client.create_parallel_data(**desk.data(TABLE.format(long="é" * 501)))
    answer = desk.settle()
    properties = answer["ParallelDataProperties"]
    assert properties["ImportedRecordCount"] == 2
    assert properties["SkippedRecordCount"] == 2
    assert properties["FailedRecordCount"] == 2
    content = desk.standin.backend.resources["data"].content
    assert content.records == {"good": {"es": "mejor", "de": "besser"}, "half": {"es": "medio"}}
    with urlopen(answer["AuxiliaryDataLocation"]["Location"]) as file:
        errors = json.load(file)
    assert errors["summary"] == {"record_error_count": 2, "record_skipped_count": 2}
    assert len(errors["messages"]) == 5


@pytest.mark.parametrize(
    ("form", "content", "reason"),
    [
        ("CSV", "en\nx\n", "no language codes"),
        ("CSV", "en,klingon\nx,y\n", "unsupported languages"),
        ("TMX", "<tmx", "not well-formed"),
        ("TMX", '<tmx version="1.4"><header/><body/></tmx>', "srclang"),
    ],
)
def test_6_files_that_cannot_be_read(desk: Desk, form: str, content: str, reason: str) -> None:
    desk.client.create_parallel_data(**desk.data(content, form=form))
    properties = desk.settle()["ParallelDataProperties"]
    assert properties["Status"] == "FAILED"
    assert reason in properties["Message"]


def test_7_documents_fail_one_by_one(desk: Desk) -> None:
    desk.put("in/broken.html", "<html><body>a < b</html>")
    desk.put("in/b.html", PAGE)
    job = desk.client.start_text_translation_job(**desk.job(TargetLanguageCodes=["es", "de"]))["JobId"]
    properties = desk.finish(job)
    assert properties["JobStatus"] == "COMPLETED_WITH_ERROR"
    folder = properties["OutputDataConfig"]["S3Uri"].removeprefix(f"s3://{BUCKET}/")
    assert folder == f"out/123456789012-TranslateText-{job}/"
    details = json.loads(desk.standin.read(f"{folder}details/de.auxiliary-translation-details.json"))
    by_name = {entry["sourceFile"]: entry for entry in details["details"]}
    assert details["charactersTranslated"] == "16"
    assert "targetFile" not in by_name["broken.html"]
    assert by_name["broken.html"]["auxiliaryData"]["error"]["errorCode"] == "InvalidDocument"
    assert b"de:Uryyb," in desk.standin.read(folder + by_name["a.html"]["targetFile"])
    assert desk.standin.billed == 2 * 2 * len("Hello, !")


@pytest.mark.parametrize(("completes", "status"), [(False, "STOPPED"), (True, "COMPLETED")])
def test_7_stopping_races_completion(desk: Desk, completes: bool, status: str) -> None:
    desk.standin.switches.complete_on_stop = completes
    job = desk.client.start_text_translation_job(**desk.job())["JobId"]
    assert desk.client.stop_text_translation_job(JobId=job)["JobStatus"] == "STOP_REQUESTED"
    assert desk.finish(job)["JobStatus"] == status


def test_8_leftovers_and_order(desk: Desk) -> None:
    for name in ("b", "c", "d"):
        desk.put(f"in/{name}.html", PAGE)
    job = desk.client.start_text_translation_job(**desk.job())["JobId"]
    desk.finish(job)
    keys = [key for key in desk.standin.stored() if key.startswith("out/")]
    assert any(key.endswith(".write_access_check_file.temp") for key in keys)
    [details] = [key for key in keys if key.endswith("details.json")]
    names = [entry["sourceFile"] for entry in json.loads(desk.standin.read(details))["details"]]
    assert names != sorted(names)


def test_10_real_time_ignores_parallel_data_and_everything_is_billed(desk: Desk) -> None:
    languages = {"SourceLanguageCode": "en", "TargetLanguageCode": "es"}
    desk.client.create_parallel_data(**desk.data("en,es\nHello,Hola\n"))
    desk.settle()
    text = '<div id="s0">Hello</div>'
    assert desk.client.translate_text(Text=text, **languages)["TranslatedText"] == '<div id="s0">es:Uryyb</div>'
    assert desk.standin.backend.billed == {"realtime": len(text)}
    document = {"Content": PAGE.encode(), "ContentType": "text/html"}
    desk.client.translate_document(Document=document, **languages)
    assert desk.standin.backend.billed == {"realtime": len(text) + len("Hello, !")}
    settings = {"Formality": "FORMAL"}
    languages["TargetLanguageCode"] = "zh"
    desk.refused(
        "translate_document", "InvalidRequestException", "formality", Document=document, Settings=settings, **languages
    )
    languages = {"SourceLanguageCode": "de", "TargetLanguageCode": "zh"}
    desk.refused("translate_document", "UnsupportedLanguagePairException", "English", Document=document, **languages)
