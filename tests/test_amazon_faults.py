"""What goes wrong at Amazon, and what the engine makes of it: the right result, or an error that says what to do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("boto3", reason="the amazon engine needs boto3")
pytest.importorskip("moto", reason="the stand-in is built on moto")

from sphinx_amts.engines.amazon import delete_parallel_data, push_parallel_data
from sphinx_amts.engines.amazon.markup import characters
from sphinx_amts.model import ConfigurationError, EngineError
from tests.standin import BUCKET, StandIn
from tests.standin.book import TERMS, expected, pairs, sentences
from tests.standin.setup import Make, environment, pipeline, settings, stop_at_first_look

pytest_plugins = ["tests.standin.fixtures"]

BOOK = sentences(150, words=60)


def total(segments: list[str]) -> int:
    return sum(characters(segment) for segment in segments)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_throttled_at_half_of_all_calls(standin: StandIn, make_engine: Make, seed: int) -> None:
    standin.switches.throttle = 0.5
    standin.switches.seed = seed
    standin.forget_requests()
    engine = make_engine()
    engine.learn(pairs(5))
    engine.use_terms(TERMS)
    batch = engine.translate(BOOK, "en", "zh_CN")
    realtime = make_engine("es", mode="realtime").translate(BOOK, "en", "es")
    standin.switches.throttle = 0.0
    refused = [request for request in standin.requests if request.status >= 400]
    assert len(refused) > 0.3 * len(standin.requests)
    assert None not in batch
    assert realtime == [expected(segment, "es") for segment in BOOK]
    assert len(standin.backend.jobs) == 1
    assert standin.billed == 2 * total(BOOK)


def test_s3_errors(standin: StandIn, make_engine: Make) -> None:
    standin.switches.s3_errors = 0.4
    assert None not in make_engine(mode="batch").translate(BOOK, "en", "zh_CN")
    assert [request for request in standin.requests if request.status == 500]
    assert standin.billed == total(BOOK)


def test_s3_that_does_not_recover(standin: StandIn, make_engine: Make) -> None:
    standin.switches.s3_errors = 1.0
    with pytest.raises(EngineError, match=r"ListObjectsV2 \(InternalError\).*run the same command again"):
        make_engine(mode="batch").translate(BOOK, "en", "zh_CN")
    standin.switches.s3_errors = 0.0
    assert None not in make_engine(mode="batch").translate(BOOK, "en", "zh_CN")
    assert standin.billed == total(BOOK)


@pytest.mark.parametrize(
    "operation", ["PutObject", "CreateParallelData", "StartTextTranslationJob", "GetObject", "ImportTerminology"]
)
def test_answers_that_get_lost(standin: StandIn, make_engine: Make, operation: str) -> None:
    standin.switches.lose_answers_of = {operation}
    engine = make_engine()
    engine.learn(pairs(5))
    engine.use_terms(TERMS)
    assert None not in engine.translate(BOOK[:30], "en", "zh_CN")
    assert not standin.switches.lose_answers_of, "the answer was lost"
    assert standin.billed == total(BOOK[:30])
    assert len(standin.backend.jobs) == len(standin.backend.resources) == 1


def test_job_failed(standin: StandIn, make_engine: Make) -> None:
    standin.switches.job_outcomes = ["FAILED"]
    with pytest.raises(EngineError, match=r"failed: Amazon Translate cannot read.*role_arn.*run again"):
        make_engine(mode="batch").translate(BOOK, "en", "zh_CN")
    assert standin.billed == 0
    # The next run starts a job of its own and is not given the failed one again.
    assert make_engine(mode="batch").translate(BOOK, "en", "zh_CN") == [expected(text, "zh") for text in BOOK]
    assert len(standin.backend.jobs) == 2
    assert standin.billed == total(BOOK)


def test_job_stopped_half_way_keeps_what_came(
    standin: StandIn, make_engine: Make, caplog: pytest.LogCaptureFixture
) -> None:
    """Somebody stops the job in the console: what was done is kept, the rest is asked for once more."""
    standin.switches.job_outcomes = ["STOPPED"]
    assert make_engine(mode="batch").translate(BOOK, "en", "zh_CN") == [expected(text, "zh") for text in BOOK]
    assert "was stopped; what it had finished is kept" in caplog.text
    assert len(standin.backend.jobs) == 2
    assert standin.billed == total(BOOK)


def test_job_stopped_before_anything(standin: StandIn, make_engine: Make) -> None:
    standin.switches.job_outcomes = ["STOPPED_EARLY"]
    with pytest.raises(EngineError, match=r"was stopped before it translated anything. Run again"):
        make_engine(mode="batch").translate(BOOK, "en", "zh_CN")
    assert None not in make_engine(mode="batch").translate(BOOK, "en", "zh_CN")
    assert standin.billed == total(BOOK)


def test_completed_with_error_in_every_document(
    standin: StandIn, make_engine: Make, caplog: pytest.LogCaptureFixture
) -> None:
    standin.switches.document_error = lambda name, text: "InvalidDocument"
    assert make_engine(mode="batch").translate(BOOK, "en", "zh_CN") == [None] * len(BOOK)
    assert f"{len(BOOK)} segments were not translated, the first: InvalidDocument: 0000000.html" in caplog.text
    assert standin.billed == 0
    standin.switches.document_error = lambda name, text: None
    assert None not in make_engine(mode="batch").translate(BOOK, "en", "zh_CN")


def test_document_without_target_and_without_error(standin: StandIn, make_engine: Make) -> None:
    standin.switches.missing_targets = {"0000001.html"}
    result = make_engine(mode="batch").translate(BOOK, "en", "zh_CN")
    # The second try packs smaller documents, of which number 1 fails again.
    lost = [text for text, answer in zip(BOOK, result, strict=True) if answer is None]
    assert 0 < len(lost) <= 12
    assert standin.billed == total(BOOK) - total(lost)


def test_results_deleted_before_they_were_fetched(standin: StandIn, make_engine: Make, tmp_path: Path) -> None:
    """A lifecycle rule was faster: nothing is paid again behind the user's back."""
    make_engine(mode="batch").translate(BOOK, "en", "zh_CN")
    for key in standin.stored():
        if "/output/" in key:
            standin.client("s3").delete_object(Bucket=BUCKET, Key=key)
    fresh: dict[str, Any] = {"state": tmp_path / "state-after-loss"}
    with pytest.raises(EngineError, match=r"no longer in s3://.*Run again to have.*billed, anew"):
        make_engine(mode="batch", more=fresh).translate(BOOK, "en", "zh_CN")
    assert standin.billed == total(BOOK)
    assert None not in make_engine(mode="batch", more=fresh).translate(BOOK, "en", "zh_CN")
    assert standin.billed == 2 * total(BOOK)


def test_job_that_the_service_has_forgotten(standin: StandIn, make_engine: Make) -> None:
    engine = make_engine(mode="batch")
    stop_at_first_look(engine)
    with pytest.raises(KeyboardInterrupt):
        engine.translate(BOOK, "en", "zh_CN")
    standin.backend.jobs.clear()
    with pytest.raises(EngineError, match=r"is not known in us-east-1.*Run again"):
        make_engine(mode="batch").translate(BOOK, "en", "zh_CN")
    assert None not in make_engine(mode="batch").translate(BOOK, "en", "zh_CN")


def test_two_simulated_days(standin: StandIn, make_engine: Make, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    standin.switches.job_seconds = 2 * 86400.0
    assert None not in make_engine(mode="batch", poll_seconds=600).translate(BOOK, "en", "zh_CN")
    looks = len(standin.calls("DescribeTextTranslationJob"))
    assert 280 < looks < 300, "a look every ten minutes"
    lines = [line for line in caplog.messages if "IN_PROGRESS" in line]
    assert 140 < len(lines) < 150, "a line every twenty minutes"
    assert 2840 <= int(lines[-1].split()[-2]) <= 2880, "minutes in the last of them"
    assert standin.billed == total(BOOK)


def test_a_job_that_never_ends(standin: StandIn, make_engine: Make) -> None:
    standin.switches.job_seconds = 10 * 86400.0
    with pytest.raises(EngineError, match=r"has not ended after 4 days.*next run goes on waiting"):
        make_engine(mode="batch", poll_seconds=3600).translate(BOOK, "en", "zh_CN")
    standin.switches.job_seconds = 4 * 86400.0
    assert None not in make_engine(mode="batch", poll_seconds=3600).translate(BOOK, "en", "zh_CN")
    assert standin.billed == total(BOOK)
    assert len(standin.backend.jobs) == 1


def test_parallel_data_fails_while_the_old_version_stays_active(standin: StandIn, make_engine: Make) -> None:
    engine = make_engine()
    engine.learn(pairs(3))
    engine.translate(BOOK[:5], "en", "zh_CN")
    billed = standin.billed
    standin.switches.import_failures = ["the file is damaged"]
    engine = make_engine()
    engine.learn(pairs(4))
    with pytest.raises(EngineError, match=r"the file is damaged.*stays in use, but nothing was translated with it"):
        engine.translate(["Something new."], "en", "zh_CN")
    assert standin.billed == billed
    resource = next(iter(standin.backend.resources.values()))
    assert (resource.status, resource.latest, resource.version) == ("ACTIVE", "FAILED", 1)
    # The next run tries the import again and goes on.
    engine = make_engine()
    engine.learn(pairs(4))
    assert engine.translate(["Something new."], "en", "zh_CN") == [expected("Something new.", "zh+v2")]


def test_parallel_data_fails_when_it_is_created(standin: StandIn, tmp_path: Path) -> None:
    chosen = pipeline(tmp_path, "zh_CN", settings(standin))
    standin.switches.import_failures = ["first", "second"]
    for message in ("first", "second"):
        with pytest.raises(EngineError, match=f"{message}.*Correct the pairs or the access"):
            push_parallel_data(chosen, pairs(3), clock=standin.clock)
    assert push_parallel_data(chosen, pairs(3), clock=standin.clock).imported == 9
    assert delete_parallel_data(chosen, clock=standin.clock)


def test_an_import_that_never_ends(standin: StandIn, tmp_path: Path) -> None:
    standin.switches.import_seconds = 1e9
    chosen = pipeline(tmp_path, "zh_CN", settings(standin, poll_seconds=600))
    with pytest.raises(EngineError, match="was not ready after 6 hours"):
        push_parallel_data(chosen, pairs(3), clock=standin.clock)
    standin.switches.import_seconds = 0.0
    for resource in standin.backend.resources.values():
        assert resource.running
        resource.running.ready_at = 0.0
    report = push_parallel_data(chosen, pairs(3), clock=standin.clock)
    assert not report.changed, "the import that was under way is taken"


@pytest.mark.parametrize(
    ("role", "message"),
    [
        ({"name": "nobody", "service": "ec2.amazonaws.com"}, "cannot assume the role"),
        ({"name": "blind", "actions": ["s3:PutObject"]}, "may not s3:ListBucket"),
        ({"name": "mute", "actions": ["s3:GetObject", "s3:ListBucket"]}, "may not s3:PutObject"),
    ],
)
def test_role_that_does_not_do(standin: StandIn, make_engine: Make, role: dict[str, Any], message: str) -> None:
    arn = standin.make_role(**role)
    with pytest.raises(EngineError, match=message):
        make_engine(mode="batch", role_arn=arn).translate(["Hello."], "en", "zh_CN")
    # With the right role the next run goes on; the refused request is not sent again.
    assert make_engine(mode="batch").translate(["Hello."], "en", "zh_CN") == ["zh:Uryyb."]


def test_foreign_files_in_the_input_folder(standin: StandIn, make_engine: Make, tmp_path: Path) -> None:
    make_engine(mode="batch").translate(["Hello."], "en", "zh_CN")
    folder = next(key for key in standin.stored() if "/input/" in key).rsplit("/", 1)[0]
    standin.client("s3").put_object(Bucket=BUCKET, Key=f"{folder}/expensive.html", Body=b"<html>novel</html>")
    billed = standin.billed
    with pytest.raises(EngineError, match=r"not ours \(expensive.html\).*Delete them"):
        make_engine(mode="batch", more={"state": tmp_path / "new"}).translate(["Hello."], "en", "zh_CN")
    assert standin.billed == billed


def test_bucket_that_is_not_there(standin: StandIn, make_engine: Make) -> None:
    with pytest.raises(EngineError, match=r"NoSuchBucket.*Create the bucket"):
        make_engine(mode="batch", bucket="no-such-bucket").translate(["Hello."], "en", "zh_CN")


def test_language_pair_that_is_not_offered(
    standin: StandIn, make_engine: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.standin.backend.LANGUAGES", frozenset({"en", "zh"}))
    with pytest.raises(EngineError, match="UnsupportedLanguagePair"):
        make_engine("es", mode="realtime").translate(["Hello."], "en", "es")


def test_parallel_data_in_a_region_without_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    environment(monkeypatch, tmp_path)
    with StandIn("eu-central-1") as elsewhere:
        chosen = pipeline(tmp_path, "zh_CN", settings(elsewhere, region="eu-central-1"))
        with pytest.raises(EngineError, match="parallel data is not supported in eu-central-1"):
            push_parallel_data(chosen, pairs(3), clock=elsewhere.clock)


def test_without_credentials(standin: StandIn, make_engine: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with pytest.raises(EngineError, match="credentials"):
        make_engine(mode="realtime").translate(["Hello."], "en", "zh_CN")
    assert not standin.requests


def test_without_a_region_or_with_a_wrong_profile(standin: StandIn, make_engine: Make) -> None:
    with pytest.raises(ConfigurationError, match=r"amts_amazon\['region'\] is not set"):
        make_engine(region=...).translate(["Hello."], "en", "zh_CN")
    with pytest.raises(ConfigurationError, match=r"amts_amazon\['profile'\] = 'nobody'"):
        make_engine(profile="nobody").translate(["Hello."], "en", "zh_CN")
    assert not standin.requests


def test_without_a_connection(standin: StandIn, make_engine: Make) -> None:
    engine = make_engine(mode="realtime", endpoint_url="http://127.0.0.1:9")
    with pytest.raises(EngineError, match=r"No connection to Amazon.*Run again later"):
        engine.translate(["Hello."], "en", "zh_CN")
