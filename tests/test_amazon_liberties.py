"""What Amazon's documents leave open: answers that another service, or the same one tomorrow, may give as well."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("boto3", reason="the amazon engine needs boto3")
pytest.importorskip("moto", reason="the stand-in is built on moto")

from sphinx_amts.engines.amazon import delete_parallel_data, list_parallel_data, push_parallel_data
from sphinx_amts.engines.amazon.markup import characters
from sphinx_amts.model import EngineError
from tests.standin import BUCKET, StandIn
from tests.standin.book import TERMS, expected, pairs, sentences
from tests.standin.parallel import Import, ParallelDataResource
from tests.standin.setup import Make, pipeline, settings, stop_at_first_look

pytest_plugins = ["tests.standin.fixtures"]

BOOK = sentences(40, words=60)
TOTAL = sum(map(characters, BOOK))
Answer = dict[str, Any]


def translated(prefix: str = "zh") -> list[str]:
    return [expected(segment, prefix) for segment in BOOK]


# -- documents -----------------------------------------------------------------------------------------------------------


def _in_head(html: str) -> str:
    added = '<style>p { color: red }</style><title>Translated</title><script>if (a < b) { c("x"); }</script>'
    return html.replace("</head>", f"{added}</head>") if "</head>" in html else added + html


REWRITTEN: dict[str, Callable[[str], str]] = {
    "XML declaration": lambda html: f'<?xml version="1.0" encoding="UTF-8"?>\n{html}',
    "byte order mark": lambda html: f"\ufeff{html}",
    "text in the head": _in_head,
    "head never closed": lambda html: html.replace("<head>", "<head><title>x").replace("</head>", ""),
    "attributes": lambda html: re.sub(r'id="(\S+)" translate="no"', r"translate=no id='\1'", html),
    "no head": lambda html: re.sub(r"<!DOCTYPE.*?<body>|</body></html>", "", html, flags=re.DOTALL),
    "white space": lambda html: re.sub(r"(<div|</body)", r"\n  <!-- block -->\n\1", html),
    "entities": lambda html: html.replace(":", "&#58;").replace("&amp;", "&#x26;"),
}


@pytest.mark.parametrize("mode", ["batch", "realtime"])
@pytest.mark.parametrize("manner", REWRITTEN)
def test_documents_that_were_written_anew(standin: StandIn, make_engine: Make, manner: str, mode: str) -> None:
    standin.switches.rewrite = REWRITTEN[manner]
    result = make_engine(mode=mode).translate(BOOK, "en", "zh_CN")
    found = [(answer or "").replace('translate="no" id="1"', 'id="1" translate="no"') for answer in result]
    assert [re.sub(r'translate="no" id="2"', 'id="2" translate="no"', one) for one in found] == translated()
    assert standin.billed == TOTAL


def test_text_outside_all_segments_still_counts(standin: StandIn, make_engine: Make) -> None:
    standin.switches.rewrite = lambda html: html.replace('<div id="s0">', 'lost words <div id="s0">')
    engine = make_engine(mode="batch")
    assert engine.translate(BOOK, "en", "zh_CN")[0] is None
    # The caller's count of what is billed needs to know of the second try.
    assert engine.sent_again == BOOK[:1]
    assert standin.billed == TOTAL + characters(BOOK[0])


# -- where the results are ---------------------------------------------------------------------------------------------


def _entries(change: Callable[[Answer, Answer], list[Answer]]) -> Callable[[Answer], Answer]:
    return lambda details: {
        **details,
        "details": [one for entry in details["details"] for one in change(entry, details)],
    }


DETAILS: dict[str, Callable[[Answer], Answer]] = {
    "addresses": _entries(
        lambda entry, details: [
            {
                "targetFile": details["outputDataPrefix"] + entry["targetFile"],
                "sourceFile": details["inputDataPrefix"] + entry["sourceFile"],
            }
        ]
    ),
    "keys": _entries(
        lambda entry, details: [
            {
                "targetFile": details["outputDataPrefix"].removeprefix(f"s3://{BUCKET}/") + entry["targetFile"],
                "sourceFile": details["inputDataPrefix"].removeprefix(f"s3://{BUCKET}/") + entry["sourceFile"],
            }
        ]
    ),
    "one entry a try": _entries(
        lambda entry, details: [entry, {**entry, "targetFile": None, "auxiliaryData": {"error": {"errorCode": "X"}}}]
    ),
    "more and other order": lambda details: {"new": [1], **dict(reversed(details.items()))},
    "no auxiliary data": _entries(lambda entry, details: [{**entry, "auxiliaryData": None}]),
}


@pytest.mark.parametrize("form", DETAILS)
def test_forms_of_the_details_file(standin: StandIn, make_engine: Make, form: str) -> None:
    standin.switches.details = DETAILS[form]
    standin.switches.target_name = lambda language, name: f"x y/ü+{name}%20.{language}.html"
    assert make_engine(mode="batch").translate(BOOK, "en", "zh_CN") == translated()
    assert standin.billed == TOTAL


def _output(place: Callable[[str], Answer]) -> Callable[[str, Answer], Answer]:
    def alter(operation: str, answer: Answer) -> Answer:
        if operation == "DescribeTextTranslationJob":
            properties = answer["TextTranslationJobProperties"]
            properties.update(place(properties.pop("OutputDataConfig")["S3Uri"]))
        return answer

    return alter


PLACES: dict[str, Callable[[str], Answer]] = {
    "no slash": lambda uri: {"OutputDataConfig": {"S3Uri": uri.rstrip("/")}},
    "what was asked for": lambda uri: {"OutputDataConfig": {"S3Uri": uri.rstrip("/").rpartition("/")[0] + "/"}},
    "none": lambda uri: {},
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("hidden", [False, True])
def test_place_of_the_results(standin: StandIn, make_engine: Make, place: str, hidden: bool) -> None:
    standin.switches.alter = _output(PLACES[place])
    standin.switches.hide_missing = hidden
    assert make_engine(mode="batch").translate(BOOK, "en", "zh_CN") == translated()
    assert standin.billed == TOTAL


@pytest.mark.parametrize("hidden", [False, True])
def test_completed_with_error_and_no_folder_of_the_language(
    standin: StandIn, make_engine: Make, caplog: pytest.LogCaptureFixture, hidden: bool
) -> None:
    standin.switches.hide_missing = hidden
    standin.switches.job_outcomes = ["NOTHING"]
    assert make_engine(mode="batch").translate(BOOK, "en", "zh_CN") == translated()
    standin.switches.job_outcomes = ["NOTHING", "NOTHING"]
    more = [f"{segment} More." for segment in BOOK]
    assert make_engine(mode="batch").translate(more, "en", "zh_CN") == [None] * len(more)
    assert "its job left nothing in zh" in caplog.text
    assert standin.billed == TOTAL


def test_a_translated_document_that_is_gone_is_not_paid_again_unasked(standin: StandIn, make_engine: Make) -> None:
    standin.switches.details = _entries(lambda entry, details: [{**entry, "targetFile": "gone/" + entry["targetFile"]}])
    with pytest.raises(EngineError, match=r"no longer in s3://.*the first: gone/zh.*Run again.*billed, anew"):
        make_engine(mode="batch").translate(BOOK, "en", "zh_CN")
    assert standin.billed == TOTAL
    standin.switches.details = lambda details: details
    assert make_engine(mode="batch").translate(BOOK, "en", "zh_CN") == translated()


def test_access_check_in_the_input_folder(standin: StandIn, make_engine: Make) -> None:
    standin.switches.job_outcomes = ["FAILED"]
    with pytest.raises(EngineError, match="failed"):
        make_engine(mode="batch").translate(BOOK, "en", "zh_CN")
    [folder] = {key.rpartition("/")[0] for key in standin.stored() if "/input/" in key}
    standin.client("s3").put_object(Bucket=BUCKET, Key=f"{folder}/.write_access_check_file.temp", Body=b"")
    engine = make_engine(mode="batch")
    assert None not in engine.translate(BOOK, "en", "zh_CN")


# -- jobs ----------------------------------------------------------------------------------------------------------------


def test_descriptions_of_a_job_may_lack_everything(standin: StandIn, make_engine: Make) -> None:
    looks = 0

    def alter(operation: str, answer: Answer) -> Answer:
        nonlocal looks
        if operation == "DescribeTextTranslationJob":
            looks += 1
            if looks % 3 == 1:
                del answer["TextTranslationJobProperties"]["JobStatus"]
            elif looks % 3 == 2:
                return {}
        return answer

    standin.switches.alter = alter
    assert make_engine(mode="batch").translate(BOOK, "en", "zh_CN") == translated()
    assert looks > 2


def test_a_job_that_is_not_known_at_once(standin: StandIn, make_engine: Make) -> None:
    standin.switches.refusals["DescribeTextTranslationJob"] = [("ResourceNotFoundException", 400, {})] * 2
    assert make_engine(mode="batch").translate(BOOK, "en", "zh_CN") == translated()
    assert len(standin.backend.jobs) == 1


def test_a_job_is_found_again_by_whoever_comes_back_to_its_account(standin: StandIn, make_engine: Make) -> None:
    engine = make_engine(mode="batch")
    stop_at_first_look(engine)
    with pytest.raises(KeyboardInterrupt):
        engine.translate(BOOK, "en", "zh_CN")
    standin.time.advance(3600)
    there = dict(standin.backend.jobs)
    standin.backend.jobs.clear()
    with pytest.raises(EngineError, match=r"is not known in us-east-1.*another profile or region"):
        make_engine(mode="batch").translate(BOOK, "en", "zh_CN")
    standin.backend.jobs.update(there)
    assert make_engine(mode="batch").translate(BOOK, "en", "zh_CN") == translated()
    assert standin.billed == TOTAL


@pytest.mark.parametrize("changed", [{"bucket": "other-books"}, {"prefix": "elsewhere"}])
def test_another_place_is_another_request(
    standin: StandIn, make_engine: Make, tmp_path: Path, changed: dict[str, str]
) -> None:
    """A token that is used again with another address would be refused."""
    standin.client("s3").create_bucket(Bucket="other-books")
    everything = standin.make_role("everything")
    policy = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}'
    standin.client("iam").put_role_policy(RoleName="everything", PolicyName="all", PolicyDocument=policy)
    make_engine(mode="batch", role_arn=everything).translate(BOOK, "en", "zh_CN")
    fresh: dict[str, Any] = {"state": tmp_path / "fresh"}
    again = make_engine(mode="batch", role_arn=everything, more=fresh, **changed)
    assert again.translate(BOOK, "en", "zh_CN") == translated()


@pytest.mark.parametrize("code", ["ConflictException", "IdempotentParameterMismatchException"])
def test_a_token_that_is_refused_is_not_used_again(standin: StandIn, make_engine: Make, code: str) -> None:
    standin.switches.refusals["StartTextTranslationJob"] = [(code, 400, {})]
    with pytest.raises(EngineError, match=f"{code}.*run again"):
        make_engine(mode="batch").translate(BOOK, "en", "zh_CN")
    assert make_engine(mode="batch").translate(BOOK, "en", "zh_CN") == translated()
    tokens = [r.parameters["ClientToken"] for r in standin.requests if r.operation == "StartTextTranslationJob"]
    assert len(set(tokens)) == 2


def test_a_start_that_may_have_arrived_is_not_given_up(standin: StandIn, make_engine: Make) -> None:
    """The answer is lost, and the repetition is refused: the job is there all the same, and is not paid twice."""
    standin.switches.lose_answers_of = {"StartTextTranslationJob"}
    standin.switches.refusals["StartTextTranslationJob"] = [("", 0, {}), ("AccessDeniedException", 400, {})]
    with pytest.raises(EngineError, match="AccessDeniedException"):
        make_engine(mode="batch").translate(BOOK, "en", "zh_CN")
    assert len(standin.backend.jobs) == 1
    assert make_engine(mode="batch").translate(BOOK, "en", "zh_CN") == translated()
    assert len(standin.backend.jobs) == 1
    assert standin.billed == TOTAL


# -- refusals ------------------------------------------------------------------------------------------------------------


def test_the_service_says_how_long_to_wait(standin: StandIn, make_engine: Make) -> None:
    before = standin.time.now()
    standin.switches.refusals["TranslateDocument"] = [("RequestThrottledException", 429, {"Retry-After": "700"})]
    assert make_engine(mode="realtime").translate(BOOK[:1], "en", "zh_CN") == translated()[:1]
    assert standin.time.now() - before > 700


@pytest.mark.parametrize("code", ["MissingAuthenticationTokenException", "AccessDenied", "ExpiredToken"])
def test_a_refusal_of_the_caller_ends_a_real_time_run(standin: StandIn, make_engine: Make, code: str) -> None:
    standin.switches.refusals["TranslateDocument"] = [(code, 400, {})] * 1000
    with pytest.raises(EngineError, match=f"{code}.*(Check the AWS configuration|Allow translate:TranslateDocument)"):
        make_engine(mode="realtime").translate(BOOK * 1, "en", "zh_CN")


@pytest.mark.parametrize(
    ("operation", "code", "status", "remedy"),
    [
        ("ListObjectsV2", "AccessDenied", 403, "Allow s3:ListBucket"),
        ("PutObject", "AccessDenied", 403, "Allow s3:PutObject"),
        ("GetObject", "AccessDenied", 403, "Allow s3:GetObject"),
        ("StartTextTranslationJob", "AccessDeniedException", 400, "iam:PassRole"),
        ("StartTextTranslationJob", "InvalidRequestException", 400, "role_arn, bucket, region"),
        ("StartTextTranslationJob", "UnsupportedLanguagePairException", 400, "another engine for this language"),
    ],
)
def test_every_refusal_says_what_to_do(
    standin: StandIn, make_engine: Make, operation: str, code: str, status: int, remedy: str
) -> None:
    standin.switches.refusals[operation] = [(code, status, {})]
    with pytest.raises(EngineError, match=rf"\({code}\).*{remedy}"):
        make_engine(mode="batch").translate(BOOK, "en", "zh_CN")
    assert make_engine(mode="batch").translate(BOOK, "en", "zh_CN") == translated()
    assert standin.billed == TOTAL


# -- parallel data and terminology -----------------------------------------------------------------------------------------


class _Forgetful:
    """Descriptions take turns in lacking what they may lack."""

    def __init__(self) -> None:
        self.looks = 0

    def __call__(self, operation: str, answer: Answer) -> Answer:
        if operation == "GetParallelData":
            self.looks += 1
            if self.looks % 3 == 1:
                return {}
            if self.looks % 3 == 2:
                answer["ParallelDataProperties"].pop("Status", None)
        return answer


def _without_attempts(operation: str, answer: Answer) -> Answer:
    """Descriptions never tell of updates."""
    if operation == "GetParallelData":
        for name in ("LatestUpdateAttemptStatus", "LatestUpdateAttemptAt"):
            answer["ParallelDataProperties"].pop(name, None)
    return answer


class _Late:
    """The first descriptions after an update know nothing of it."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.left = 0
        self.before: Answer = {}

    def __call__(self, operation: str, answer: Answer) -> Answer:
        if operation == "UpdateParallelData":
            self.left = self.count
        elif operation == "GetParallelData":
            if self.left:
                self.left -= 1
                return self.before
            self.before = answer
        return answer


@pytest.mark.parametrize("alter", [_Forgetful(), _without_attempts, _Late(2)], ids=["parts", "attempts", "late"])
def test_descriptions_of_parallel_data(
    standin: StandIn, tmp_path: Path, alter: Callable[[str, Answer], Answer]
) -> None:
    standin.switches.alter = alter
    chosen = pipeline(tmp_path, "zh_CN", settings(standin))
    for version in ("", "一", "二"):
        report = push_parallel_data(chosen, pairs(5, version), clock=standin.clock)
        assert report.changed
        [resource] = standin.backend.resources.values()
        assert resource.content is not None
        assert resource.content.records["Approved sentence 1."] == {"zh": f"译文1{version}。"}
        assert not push_parallel_data(chosen, pairs(5, version), clock=standin.clock).changed


def test_an_update_is_not_accepted_while_another_runs(standin: StandIn, tmp_path: Path) -> None:
    """Which error that is, the documents do not say."""
    chosen = pipeline(tmp_path, "zh_CN", settings(standin))
    push_parallel_data(chosen, pairs(5), clock=standin.clock)
    [resource] = standin.backend.resources.values()
    looks = 0

    def alter(operation: str, answer: Answer) -> Answer:
        nonlocal looks
        looks += operation == "GetParallelData"
        if looks == 1 and not resource.running:
            # Somebody else is faster than the update that follows this look.
            ready = standin.time.now() + 120
            resource.running = Import(resource.config["S3Uri"], "TMX", ready, update=True, looks=2)
            resource.latest, resource.latest_at = "UPDATING", standin.time.now()
        return answer

    standin.switches.alter = alter
    standin.switches.refusals["UpdateParallelData"] = [("InvalidRequestException", 400, {})]
    assert push_parallel_data(chosen, pairs(5, "新"), clock=standin.clock).changed
    assert resource.content is not None
    assert resource.content.records["Approved sentence 1."] == {"zh": "译文1新。"}


def test_somebody_else_makes_the_resource_at_the_same_time(standin: StandIn, tmp_path: Path) -> None:
    one = pipeline(tmp_path, "zh_CN", settings(standin))
    other = pipeline(tmp_path, "zh_CN", settings(standin), state=tmp_path / "other")
    push_parallel_data(other, pairs(3, "别"), clock=standin.clock)
    standin.switches.refusals["GetParallelData"] = [("ResourceNotFoundException", 400, {})]
    assert push_parallel_data(one, pairs(5), clock=standin.clock).changed
    [resource] = standin.backend.resources.values()
    assert resource.content is not None
    assert resource.content.records["Approved sentence 1."] == {"zh": "译文1。"}


def test_a_full_account_is_said_at_once(standin: StandIn, tmp_path: Path) -> None:
    before = standin.time.now()
    for number in range(1000):
        name = f"resource-{number:04}"
        standin.backend.resources[name] = ParallelDataResource(name, "arn", 0.0, "ACTIVE")
    with pytest.raises(
        EngineError, match=r"CreateParallelData \(LimitExceededException\).*1000 parallel data resources"
    ):
        push_parallel_data(pipeline(tmp_path, "es", settings(standin)), pairs(2), clock=standin.clock)
    assert standin.time.now() - before < 600


@pytest.mark.parametrize("content", [b'{"messages": [{"line": 7}], "new": 1}', b"[]", b"no JSON"])
def test_error_file_at_an_address_in_s3(standin: StandIn, tmp_path: Path, content: bytes) -> None:
    standin.client("s3").put_object(Bucket=BUCKET, Key="amts/error.json", Body=content)

    def alter(operation: str, answer: Answer) -> Answer:
        for name in answer:
            if name.endswith("AuxiliaryDataLocation"):
                answer[name]["Location"] = f"s3://{BUCKET}/amts/error.json"
        return answer

    standin.switches.alter = alter
    said = {b"n": ("its error file could not be read (JSONDecodeError)",), b"[": ()}.get(content[:1], ('{"line": 7}',))
    report = push_parallel_data(pipeline(tmp_path, "zh_CN", settings(standin)), pairs(2), clock=standin.clock)
    assert report.messages == said


def test_a_resource_that_is_deleted_twice(standin: StandIn, tmp_path: Path) -> None:
    chosen = pipeline(tmp_path, "zh_CN", settings(standin))
    push_parallel_data(chosen, pairs(2), clock=standin.clock)
    standin.switches.lose_answers_of = {"DeleteParallelData"}
    assert delete_parallel_data(chosen, clock=standin.clock)
    assert list_parallel_data(chosen, clock=standin.clock) == []


def test_the_same_data_after_everything_was_deleted(standin: StandIn, tmp_path: Path) -> None:
    """The service remembers the tokens of earlier imports; we do not."""
    for number in range(3):
        chosen = pipeline(tmp_path, "zh_CN", settings(standin), state=tmp_path / f"state-{number}")
        assert push_parallel_data(chosen, pairs(2), clock=standin.clock).changed
        assert push_parallel_data(chosen, pairs(2, "新"), clock=standin.clock).changed
        assert delete_parallel_data(chosen, clock=standin.clock)


@pytest.mark.parametrize("mode", ["batch", "realtime"])
def test_a_terminology_that_is_not_known_at_once(standin: StandIn, make_engine: Make, mode: str) -> None:
    standin.switches.refusals["GetTerminology"] = [("ResourceNotFoundException", 400, {})] * 3
    engine = make_engine(mode=mode)
    engine.use_terms(TERMS)
    assert None not in engine.translate(BOOK[:4], "en", "zh_CN")
    assert len(standin.calls("ImportTerminology")) == 1
    assert len(standin.calls("GetTerminology")) == 1
