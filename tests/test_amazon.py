"""The engine against the stand-in, over HTTP, with the unmodified boto3 client."""

from __future__ import annotations

import html
import re
import threading
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("boto3", reason="the amazon engine needs boto3")
pytest.importorskip("moto", reason="the stand-in is built on moto")

from sphinx_amts.engines import resolve
from sphinx_amts.engines.amazon import (
    AmazonEngine,
    InterruptedRunError,
    delete_parallel_data,
    list_parallel_data,
    push_parallel_data,
)
from sphinx_amts.engines.amazon.markup import characters
from sphinx_amts.model import EngineError, SegmentPair, Term
from tests.standin import BUCKET, StandIn
from tests.standin.book import TERMS, expected, pairs, sentences
from tests.standin.setup import Make, pipeline, settings, stop_at_first_look
from tests.standin.translator import ADVERSARIES

pytest_plugins = ["tests.standin.fixtures"]


def total(segments: list[str]) -> int:
    return sum(characters(segment) for segment in segments)


def test_it_is_built_in() -> None:
    assert resolve("amazon") is AmazonEngine


def test_full_cycle(standin: StandIn, make_engine: Make) -> None:
    """Push, translate into two languages, update, change one segment, translate again."""
    book = sentences(160, words=60)
    results = {}
    for language, code in (("zh_CN", "zh"), ("es", "es")):
        engine = make_engine(language)
        engine.learn(pairs(20))
        results[language] = engine.translate(book, "en", language)
        assert results[language] == [expected(segment, f"{code}+v1") for segment in book]
        assert {engine.route(segment) for segment in book} == {"batch-custom"}
    assert standin.billed == 2 * total(book)
    assert len(standin.calls("CreateParallelData")) == 2
    assert all(request.parameters["ParallelDataNames"] for request in standin.calls("StartTextTranslationJob"))

    changed = "This sentence is new."
    engine = make_engine("zh_CN")
    engine.learn(pairs(21, version="b"))
    assert engine.translate([changed], "en", "zh_CN") == [expected(changed, "zh+v2")]
    assert len(standin.calls("UpdateParallelData")) == 1
    assert standin.billed == 2 * total(book) + total([changed])
    assert dict(standin.backend.billed) == {"batch-custom": standin.billed}


def test_estimate_is_what_the_bill_says(standin: StandIn, make_engine: Make) -> None:
    book = sentences(40)
    engine = make_engine()
    assert engine.price(book) == pytest.approx(total(book) * 15e-6)
    engine.learn(pairs(3))
    assert engine.price(book) == pytest.approx(total(book) * 60e-6)
    assert not standin.requests
    engine.translate(book, "en", "zh_CN")
    assert standin.billed == total(book)
    per_route = {"realtime": 15e-6, "batch": 15e-6, "batch-custom": 60e-6}
    assert engine.prices(book) == pytest.approx({route: total(book) * price for route, price in per_route.items()})
    # What is paid and stored costs nothing again, for this engine's successor either.
    again = make_engine()
    again.learn(pairs(3))
    assert again.price(book) == 0


def test_ceiling_stops_before_anything_is_sent(standin: StandIn, make_engine: Make) -> None:
    book = sentences(40)
    engine = make_engine(more={"max_cost": total(book) * 15e-6 / 2})
    with pytest.raises(EngineError, match="amts_max_cost"):
        engine.translate(book, "en", "zh_CN")
    assert not standin.requests


def test_auto_prefers_real_time_for_a_little_text(standin: StandIn, make_engine: Make) -> None:
    book = sentences(30)
    engine = make_engine()
    assert engine.translate(book, "en", "zh_CN") == [expected(segment, "zh") for segment in book]
    assert {request.operation for request in standin.requests} == {"TranslateDocument"}
    assert standin.backend.billed == {"realtime": total(book)}


def test_auto_prefers_batch_for_much_text(standin: StandIn, make_engine: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sphinx_amts.engines.amazon.planning.LARGE", 1000)
    book = sentences(30)
    make_engine().translate(book, "en", "zh_CN")
    assert standin.backend.billed == {"batch": total(book)}


def test_without_english_real_time_uses_translate_text(standin: StandIn, make_engine: Make) -> None:
    book = sentences(120)
    engine = make_engine("zh_CN", more={"source_language": "de"})
    price = engine.price(book)
    assert engine.translate(book, "de", "zh_CN") == [expected(segment, "zh") for segment in book]
    assert {request.operation for request in standin.requests} == {"TranslateText"}
    # This call bills markup; the estimate knows it.
    assert standin.billed * 15e-6 == pytest.approx(price)
    assert standin.billed > total(book)


def test_settings_travel_only_where_they_are_understood(standin: StandIn, make_engine: Make) -> None:
    chosen = {"formality": "formal", "profanity": "mask", "mode": "realtime"}
    assert make_engine("es", **chosen).translate(["Hello."], "en", "es") == ["esF:Uryyb."]
    assert make_engine("zh_CN", **chosen).translate(["Hello."], "en", "zh_CN") == ["zh:Uryyb."]
    make_engine("es", brevity=True, mode="realtime").translate(["Brief."], "en", "es")
    sent = [(request.operation, request.parameters.get("Settings")) for request in standin.calls_of("translate")]
    assert sent == [
        ("TranslateDocument", {"Formality": "FORMAL", "Profanity": "MASK"}),
        ("TranslateDocument", {"Profanity": "MASK"}),
        ("TranslateText", {"Brevity": "ON"}),
    ]


@pytest.mark.parametrize("mode", ["batch", "realtime"])
def test_terminology_serves_both_routes_and_is_imported_once(standin: StandIn, make_engine: Make, mode: str) -> None:
    for _ in range(2):
        engine = make_engine(mode=mode)
        engine.use_terms([*TERMS, Term("too long " * 40, "x")])
        assert engine.translate(["A tensor by Adam"], "en", "zh_CN") == ["zh:N 张量 ol Adam"]
    assert len(standin.calls("ImportTerminology")) == 1
    changed = make_engine(mode=mode)
    changed.use_terms([Term("tensor", "張量")])
    assert changed.translate(["Another tensor"], "en", "zh_CN") == ["zh:Nabgure 張量"]
    names = {request.parameters["Name"] for request in standin.calls("ImportTerminology")}
    assert len(names) == 2, "the digest is part of the name"


def test_a_full_account_makes_room_among_our_own_terminologies(standin: StandIn, make_engine: Make) -> None:
    engine = make_engine(mode="realtime")
    engine.use_terms([Term("tensor", "张量")])
    engine.translate(["A tensor"], "en", "zh_CN")
    content = next(iter(standin.backend.terminologies.values()))
    for number in range(99):
        standin.backend.terminologies[f"somebody-elses-{number}"] = content
    engine = make_engine(mode="realtime")
    engine.use_terms([Term("tensor", "張量")])
    assert engine.translate(["My tensor"], "en", "zh_CN") == ["zh:Zl 張量"]
    assert sum(name.startswith("somebody") for name in standin.backend.terminologies) == 99


def test_kms_key_reaches_everything_that_is_stored(standin: StandIn, make_engine: Make) -> None:
    key = "arn:aws:kms:us-east-1:123456789012:key/abc-123"
    engine = make_engine(kms_key=key)
    engine.learn(pairs(3))
    engine.use_terms(TERMS)
    engine.translate(["Hello."], "en", "zh_CN")
    encryption = {"Type": "KMS", "Id": key}
    uploads = standin.calls("PutObject")
    assert {request.headers["x-amz-server-side-encryption-aws-kms-key-id"] for request in uploads} == {key}
    assert standin.calls("CreateParallelData")[0].parameters["EncryptionKey"] == encryption
    assert standin.calls("ImportTerminology")[0].parameters["EncryptionKey"] == encryption
    start = standin.calls("StartTextTranslationJob")[0].parameters
    assert start["OutputDataConfig"]["EncryptionKey"] == encryption


def test_uploads_are_encrypted_and_happen_once(standin: StandIn, make_engine: Make, tmp_path: Path) -> None:
    for attempt in range(2):
        engine = make_engine(more={"state": tmp_path / f"state-{attempt}"})
        engine.learn(pairs(3))
        engine.translate(sentences(20), "en", "zh_CN")
    paths = [request.path for request in standin.calls("PutObject")]
    assert len(paths) == len(set(paths)) == 2
    head = standin.client("s3").head_object(Bucket=BUCKET, Key=paths[0].removeprefix(f"/{BUCKET}/"))
    assert head["ServerSideEncryption"] == "AES256"


def test_lost_state_finds_the_job_by_its_token(standin: StandIn, make_engine: Make, tmp_path: Path) -> None:
    """Deleting the index costs no new translation while the service remembers the token."""
    book = sentences(20)
    first = make_engine(mode="batch").translate(book, "en", "zh_CN")
    second = make_engine(mode="batch", more={"state": tmp_path / "new"}).translate(book, "en", "zh_CN")
    assert first == second
    assert len(standin.backend.jobs) == 1
    assert standin.billed == total(book)


def test_a_segment_that_is_asked_for_again_is_sent_again_alone(standin: StandIn, make_engine: Make) -> None:
    book = sentences(6)
    engine = make_engine(mode="batch")
    engine.translate(book, "en", "zh_CN")
    engine.translate(book[:2], "en", "zh_CN")
    assert standin.billed == total(book) + total(book[:2])
    folders = {key.split("/")[3] for key in standin.stored() if "/input/" in key}
    documents = {folder: sum(folder in key and "/input/" in key for key in standin.stored()) for folder in folders}
    assert sorted(documents.values()) == [1, 2]
    engine.translate(book[:2], "en", "zh_CN")
    assert standin.billed == total(book) + total(book[:2]), "a third time gives the second answer"


def test_second_tries_do_not_wait_for_a_job_where_the_choice_is_ours(standin: StandIn, make_engine: Make) -> None:
    engine = make_engine()
    engine.learn(pairs(3))
    whole = 'Some text, <b id="1">a tag</b> and more text.'
    engine.translate([whole], "en", "zh_CN")
    assert engine.translate([whole, "and more text."], "en", "zh_CN") == [
        expected(whole, "zh"),
        expected("and more text.", "zh"),
    ]
    assert {engine.route(text) for text in (whole, "and more text.")} == {"realtime"}
    assert engine.translate(["Something else."], "en", "zh_CN") == [expected("Something else.", "zh+v1")]


def test_a_run_that_changed_its_mind_uses_what_is_paid(standin: StandIn, make_engine: Make, tmp_path: Path) -> None:
    """Killed while the job ran; then parallel data and one segment changed: only the new segment is sent."""
    book = sentences(12)
    engine = make_engine()
    engine.learn(pairs(3))
    stop_at_first_look(engine)
    with pytest.raises(KeyboardInterrupt):
        engine.translate(book, "en", "zh_CN")
    changed = [*book[:-1], "A new last sentence."]
    engine = make_engine()
    engine.learn(pairs(4, version="c"))
    assert engine.price(changed) == pytest.approx(60e-6 * total(changed[-1:]))
    result = engine.translate(changed, "en", "zh_CN")
    assert result == [expected(segment, "zh+v1") for segment in book[:-1]] + [expected(changed[-1], "zh+v2")]
    assert standin.billed == total(book) + total(changed[-1:])


@pytest.mark.parametrize("stop", [False, True])
def test_interruption_stops_a_job_only_if_asked_to(standin: StandIn, make_engine: Make, stop: bool) -> None:
    book = sentences(160, words=60)
    engine = make_engine(mode="batch", stop_on_interrupt=stop)
    stop_at_first_look(engine)
    with pytest.raises(KeyboardInterrupt):
        engine.translate(book, "en", "zh_CN")
    assert len(standin.calls("StopTextTranslationJob")) == int(stop)
    again = make_engine(mode="batch", stop_on_interrupt=stop)
    assert again.translate(book, "en", "zh_CN") == [expected(segment, "zh") for segment in book]
    assert standin.billed == total(book)


def test_cancel_from_another_thread(standin: StandIn, make_engine: Make) -> None:
    engine = make_engine(mode="batch")
    waiting = threading.Event()
    plain = engine._service.clock

    class Slow(type(plain)):  # type: ignore[misc]
        def sleep(self, seconds: float, wake: threading.Event) -> None:
            waiting.set()
            wake.wait(30)

    engine._service.clock = Slow(standin.endpoint)
    raised: list[BaseException] = []

    def run() -> None:
        try:
            engine.translate(["Hello."], "en", "zh_CN")
        except InterruptedRunError as error:
            raised.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    assert waiting.wait(20)
    engine.cancel()
    thread.join(20)
    assert raised
    assert make_engine(mode="batch").translate(["Hello."], "en", "zh_CN") == ["zh:Uryyb."]
    assert standin.billed == 6


def test_languages_side_by_side_import_one_at_a_time(standin: StandIn, make_engine: Make) -> None:
    languages = {"zh_CN": "zh", "es": "es", "de": "de"}
    book = sentences(30)
    results: dict[str, Any] = {}

    def run(language: str) -> None:
        engine = make_engine(language)
        engine.learn(pairs(3))
        results[language] = engine.translate(book, "en", language)

    threads = [threading.Thread(target=run, args=(language,)) for language in languages]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert results == {
        language: [expected(segment, f"{code}+v1") for segment in book] for language, code in languages.items()
    }
    assert not [r for r in standin.requests if r.operation == "CreateParallelData" and r.status != 200]
    assert standin.billed == 3 * total(book)


def test_another_process_imports_at_the_same_time(standin: StandIn, make_engine: Make) -> None:
    other = standin.client("translate")
    standin.client("s3").put_object(Bucket=BUCKET, Key="other.csv", Body=b"en,fr\na,b\n")
    config = {"S3Uri": f"s3://{BUCKET}/other.csv", "Format": "CSV"}
    other.create_parallel_data(Name="other", ParallelDataConfig=config)
    engine = make_engine()
    engine.learn(pairs(3))
    waits = engine._service.sleep

    def watch(seconds: float) -> None:
        other.get_parallel_data(Name="other")
        waits(seconds)

    engine._service.sleep = watch  # type: ignore[method-assign]
    assert engine.translate(["Hello."], "en", "zh_CN") == ["zh+v1:Uryyb."]
    refused = [r for r in standin.requests if r.operation == "CreateParallelData" and r.status == 400]
    assert refused
    assert all(b"LimitExceeded" in r.answer for r in refused)


def test_parallel_data_commands(standin: StandIn, tmp_path: Path) -> None:
    chosen = pipeline(tmp_path, "zh_CN", settings(standin))
    too_long = SegmentPair("长" * 334, "x")
    report = push_parallel_data(
        chosen, [*pairs(5), too_long, SegmentPair("Approved sentence 1.", "译文1。")], clock=standin.clock
    )
    assert (report.imported, report.skipped, report.failed, report.changed) == (11, 0, 0, True)
    assert report.left_out == {"more than 1000 bytes on one side": 1}
    assert "1 pairs left out" in str(report)
    assert not push_parallel_data(chosen, pairs(5), clock=standin.clock).changed
    [found] = list_parallel_data(chosen, clock=standin.clock)
    assert (found.ours, found.status, found.records, found.targets) == (True, "ACTIVE", 11, ("zh",))
    assert delete_parallel_data(chosen, clock=standin.clock)
    assert not delete_parallel_data(chosen, clock=standin.clock)
    assert list_parallel_data(chosen, clock=standin.clock) == []
    # The same data again, after a deletion: a new request, not the echo of the old one.
    assert push_parallel_data(chosen, pairs(5), clock=standin.clock).changed
    [found] = list_parallel_data(chosen, clock=standin.clock)
    assert found.status == "ACTIVE"


def test_listing_reads_every_page(standin: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.standin.parallel import ParallelDataResource

    for number in range(250):
        name = f"resource-{number:03}"
        standin.backend.resources[name] = ParallelDataResource(name, "arn", 0.0, "ACTIVE")
    found = list_parallel_data(pipeline(tmp_path, "es", settings(standin)), clock=standin.clock)
    assert [resource.name for resource in found] == [f"resource-{number:03}" for number in range(250)]


# -- the five commonest mistakes ---------------------------------------------------------------------------------------


def test_mistake_1_parallel_data_is_not_expected_from_real_time_calls(
    standin: StandIn, make_engine: Make, caplog: pytest.LogCaptureFixture
) -> None:
    automatic = make_engine()
    automatic.learn(pairs(3))
    assert automatic.translate(["Hello."], "en", "zh_CN") == ["zh+v1:Uryyb."]
    assert not standin.calls("TranslateText")
    assert not standin.calls("TranslateDocument")
    explicit = make_engine("es", mode="realtime")
    explicit.learn(pairs(3))
    assert "real-time calls ignore amts_parallel_data (9 pairs)" in caplog.text
    assert explicit.price(["Hello."]) == pytest.approx(6 * 15e-6)


def test_mistake_2_parallel_data_is_used_only_when_its_update_is_active(standin: StandIn, make_engine: Make) -> None:
    """The stand-in refuses a job whose data is not ACTIVE, and uses the old version until an update is."""
    for version in (1, 2, 3):
        engine = make_engine()
        engine.learn(pairs(2 + version))
        text = f"Sentence of version {version}."
        assert engine.translate([text], "en", "zh_CN") == [expected(text, f"zh+v{version}")]
    looks = [r for r in standin.requests if r.operation == "GetParallelData" and b'"UPDATING"' in r.answer]
    assert looks
    assert all(b'"Status": "ACTIVE"' in look.answer for look in looks), "Status is no help during an update"


def test_mistake_3_completed_with_error_is_neither_success_nor_failure(
    standin: StandIn, make_engine: Make, caplog: pytest.LogCaptureFixture
) -> None:
    book = sentences(160, words=60)
    standin.switches.document_error = lambda name, text: "InternalServerError" if "f_70(" in text else None
    result = make_engine(mode="batch").translate(book, "en", "zh_CN")
    lost = [number for number, text in enumerate(result) if text is None]
    assert 70 in lost
    assert len(lost) <= 8, "only the neighbours in the small document of the second try"
    assert all(text == expected(book[n], "zh") for n, text in enumerate(result) if text is not None)
    assert "InternalServerError" in caplog.text
    assert standin.billed == total(book) - total([book[number] for number in lost])


def test_mistake_4_bytes_and_cells(standin: StandIn, make_engine: Make, tmp_path: Path) -> None:
    """Limits are bytes; and nothing is lost because it begins with a dash."""
    table = [SegmentPair("é" * 500, "a"), SegmentPair("é" * 501, "b"), *pairs(0)]
    report = push_parallel_data(pipeline(tmp_path, "zh_CN", settings(standin)), table, clock=standin.clock)
    assert (report.imported, report.skipped, report.failed) == (7, 0, 0)
    assert report.left_out == {"more than 1000 bytes on one side": 1}
    records = standin.backend.resources[report.name].content.records
    assert records["- a bullet"] == {"zh": "- 项目"}
    assert records['He said "no", and left'] == {"zh": "他说“不”， 就走了"}
    book = [f"{'字' * 1500} {number}" for number in range(9)]
    engine = make_engine("es", more={"source_language": "ja"})
    assert None not in engine.translate(book, "ja", "es")
    sizes = [len(request.parameters["Text"].encode()) for request in standin.calls("TranslateText")]
    assert max(sizes) <= 10_000 < max(sizes) * 2
    too_long = make_engine("es", more={"source_language": "ja"}).translate(["字" * 4000, "短い"], "ja", "es")
    assert too_long[0] is None
    assert too_long[1]


def test_mistake_5_markup_is_well_formed_and_tokens_are_kept(standin: StandIn, make_engine: Make) -> None:
    awkward = ["a < b & c > d", "5 <x and y> 6", "- not a bullet", "[link](url)", '<b id="1">x', "<b>ok</b>"]
    result = make_engine(mode="batch").translate(awkward, "en", "zh_CN")
    assert result[0] == "zh:n &lt; o &amp; p &gt; q"
    assert result[4] is None, "broken markup is not sent"
    standin.switches.lose_answers_of = {"StartTextTranslationJob"}
    make_engine("es", mode="batch").translate(["Hello."], "en", "es")
    tokens = [r.parameters["ClientToken"] for r in standin.requests if r.operation == "StartTextTranslationJob"]
    assert len(tokens) == 3
    assert tokens[1] == tokens[2]
    assert len(standin.backend.jobs) == 2


# -- what comes back spoiled -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["batch", "realtime"])
@pytest.mark.parametrize("adversary", ADVERSARIES)
def test_adversarial_translator(standin: StandIn, make_engine: Make, adversary: str, mode: str) -> None:
    """Whatever the service does, a translation is never given to another segment, and damage stays where it is."""
    standin.switches.adversary = adversary
    book = sentences(24)
    result = make_engine(mode=mode).translate(book, "en", "zh_CN")
    assert len(result) == len(book)
    for number, (segment, text) in enumerate(zip(book, result, strict=True)):
        if text is None:
            continue
        if adversary in {"double-segment", "drop-segment", "empty", "sloppy-html", "spill", "cut"}:
            assert text == expected(segment, "zh")
        elif number % 4 != 2:
            # Every third kind of segment has its number in the part that these adversaries spoil.
            shown = html.unescape(re.sub("<[^>]+>", "", text)).replace(" ", "")
            assert str(number) in re.findall(r"\d+", shown)
    damaged = sum(text is None for text in result)
    # What was damaged was tried again alone; some vices then find nothing to spoil.
    tried_again = {"drop-segment": 3, "double-segment": 1, "spill": 2, "empty": 1}
    if adversary == "cut":
        assert 0 < damaged < len(book)
    else:
        assert damaged == (1 if adversary == "double-segment" else 0)
        alone = len(standin.calls("TranslateDocument")) + sum("/input/" in key for key in standin.stored()) - 1
        assert alone == tried_again.get(adversary, 0)


# -- what leaves the machine -------------------------------------------------------------------------------------------


def texts_of(body: bytes) -> list[tuple[str, bool]]:
    """Every text in an HTML or TMX body, and whether it is protected."""
    from tests.standin.translator import texts

    content = re.sub(rb"<!DOCTYPE html>|<\?xml[^>]*\?>", b"", body).decode()
    return list(texts(ET.fromstring(content)))


def test_recorder_nothing_else_leaves_and_protection_is_marked(standin: StandIn, make_engine: Make) -> None:
    book = sentences(40)
    approved = pairs(4)
    engine = make_engine()
    engine.learn(approved)
    engine.use_terms(TERMS)
    engine.translate(book, "en", "zh_CN")
    realtime = make_engine("es", mode="realtime")
    realtime.translate(book, "en", "es")

    allowed = {text for segment in book for text, _ in texts_of(f"<p>{segment}</p>".encode())}
    protected = {text for segment in book for text, kept in texts_of(f"<p>{segment}</p>".encode()) if kept}
    approved_texts = {
        " ".join("".join(text for text, _ in texts_of(f"<p>{side}</p>".encode())).split())
        for pair in approved
        for side in (pair.source, pair.target)
    }
    seen = set()
    for request in standin.requests:
        if request.operation == "PutObject" and request.path.endswith(".tmx"):
            assert {text for text, _ in texts_of(request.body) if text.strip()} == approved_texts
        elif request.operation == "PutObject":
            seen |= check_document(request.body, allowed, protected)
        elif request.operation == "TranslateDocument":
            import base64

            seen |= check_document(base64.b64decode(request.parameters["Document"]["Content"]), allowed, protected)
        elif request.service == "translate" and request.operation != "ImportTerminology":
            words = re.findall(r"[a-z]{4,}", request.body.decode())
            assert not set(words) & {"gradient", "matters", "says", "approved"}
    assert seen == allowed
    everything = b"".join(r.body + repr(r.headers).encode() + r.path.encode() for r in standin.requests)
    assert b"secret-of-the-stand-in" not in everything


def check_document(body: bytes, allowed: set[str], protected: set[str]) -> set[str]:
    found = texts_of(body)
    assert {text for text, _ in found} <= allowed
    assert all(kept == (text in protected) for text, kept in found)
    return {text for text, _ in found}
