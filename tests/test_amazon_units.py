"""The engine's parts that need no service."""

from __future__ import annotations

import html
import string
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sphinx_amts.engines.amazon import AmazonEngine, batch, documents, languages, markup, parallel_data, terminology
from sphinx_amts.engines.amazon.settings import read_settings
from sphinx_amts.engines.amazon.state import KEEP_SECONDS, Key, Results, Store, digest
from sphinx_amts.engines.amazon.tmx import write_tmx
from sphinx_amts.formats.inline import decode, segment
from sphinx_amts.model import ConfigurationError, FileError, Inline, Origin, Pipeline, Protected, SegmentPair, Term


def pipeline(**more: Any) -> Pipeline:
    folder = Path("my book")
    usual: dict[str, Any] = {"language": "zh_CN", "source_language": "en", "confdir": folder}
    return Pipeline(**{**usual, "state": folder / ".amts", "output": folder / "out", **more})


# -- languages ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sphinx", "amazon"),
    [
        ("zh_CN", "zh"), ("zh_TW", "zh-TW"), ("zh_HK", "zh-TW"), ("zh_Hans", "zh"), ("zh_Hant_TW", "zh-TW"),
        ("pt_BR", "pt"), ("pt_PT", "pt-PT"), ("pt", "pt"), ("es", "es"), ("es_MX", "es-MX"), ("es_419", "es-MX"),
        ("es_AR", "es"), ("fr_CA", "fr-CA"), ("fr_FR", "fr"), ("de_AT", "de"), ("nb_NO", "no"), ("en_GB", "en"),
        ("fil", "tl"), ("fa_AF", "fa-AF"), ("zh-cn", "zh"), ("he_IL", "he"),
    ],
)  # fmt: skip
def test_language_codes(sphinx: str, amazon: str) -> None:
    assert languages.amazon_code(sphinx, "amts_languages") == amazon


@pytest.mark.parametrize("code", ["tlh", "sr_Latn", "sr@latin", "eo", "", "nn", "xx_YY"])
def test_languages_that_amazon_lacks(code: str) -> None:
    with pytest.raises(ConfigurationError, match=r"^amts_languages = .* no such language\. Accepted: af, am,"):
        languages.amazon_code(code, "amts_languages")


def test_every_language_of_the_service_is_its_own_code() -> None:
    assert len(languages.SUPPORTED) == 75
    assert all(languages.amazon_code(code, "x") == code for code in languages.SUPPORTED)
    assert all(languages.amazon_code(code.replace("-", "_"), "x") == code for code in languages.SUPPORTED)
    assert languages.FORMALITY < languages.SUPPORTED


# -- settings ----------------------------------------------------------------------------------------------------------


def test_defaults() -> None:
    settings = read_settings(pipeline())
    assert (settings.mode, settings.prefix, settings.stop_on_interrupt) == ("auto", "amts/my-book", False)
    assert settings.bucket is settings.region is settings.formality is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("regoin", "us-east-1"),
        ("region", "Virginia"),
        ("bucket", "s3://bucket"),
        ("bucket", "Bucket"),
        ("bucket", 7),
        ("prefix", ""),
        ("prefix", "/"),
        ("prefix", "a/details/b"),
        ("prefix", "a//b"),
        ("prefix", 3),
        ("role_arn", "translate-role"),
        ("profile", ""),
        ("endpoint_url", "localhost:5000"),
        ("kms_key", "not a key!"),
        ("mode", "fast"),
        ("mode", 1),
        ("formality", "polite"),
        ("profanity", True),
        ("brevity", "yes"),
        ("poll_seconds", 0),
        ("poll_seconds", -1),
        ("poll_seconds", True),
        ("poll_seconds", "20"),
        ("poll_seconds", 1e9),
        ("poll_seconds", float("nan")),
        ("stop_on_interrupt", 1),
    ],
)
def test_wrong_settings_are_named(name: str, value: object) -> None:
    with pytest.raises(ConfigurationError) as raised:
        AmazonEngine(pipeline(amazon={name: value}))
    assert str(raised.value).startswith(f"amts_amazon[{name!r}]")
    assert "Accepted: " in str(raised.value)


@pytest.mark.parametrize("missing", ["bucket", "role_arn"])
def test_what_batch_jobs_need(missing: str) -> None:
    amazon = {"bucket": "a-bucket", "role_arn": "arn:aws:iam::123456789012:role/x"}
    del amazon[missing]
    with pytest.raises(ConfigurationError, match=f"'{missing}'.*mode 'batch' needs it"):
        AmazonEngine(pipeline(amazon={**amazon, "mode": "batch"}))
    with pytest.raises(ConfigurationError, match=f"'{missing}'.*amts_parallel_data is used by batch jobs only"):
        AmazonEngine(pipeline(amazon=amazon, parallel_data=(Path("pairs.csv"),)))
    AmazonEngine(pipeline(amazon={**amazon, "mode": "realtime"}, parallel_data=(Path("pairs.csv"),)))


def test_brevity_is_refused_where_it_does_not_exist() -> None:
    amazon = {"bucket": "a-bucket", "role_arn": "arn:aws:iam::123456789012:role/x", "mode": "batch", "brevity": True}
    with pytest.raises(ConfigurationError, match=r"amts_amazon\['brevity'\]"):
        AmazonEngine(pipeline(amazon=amazon))


def test_the_same_language_on_both_sides() -> None:
    with pytest.raises(ConfigurationError, match="the same language as the source's"):
        AmazonEngine(pipeline(language="en_GB"))


def test_importing_and_constructing_need_no_boto3() -> None:
    """The heavy packages are imported by the first call, not before."""
    code = (
        "import sys; from pathlib import Path; from sphinx_amts.model import Pipeline; "
        "from sphinx_amts.engines.amazon import AmazonEngine; p = Path('x'); "
        "AmazonEngine(Pipeline('es', 'en', p, p, p)).price(['Hello']); "
        "sys.exit('boto3' in sys.modules or 'botocore' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# -- markup ------------------------------------------------------------------------------------------------------------

texts = st.text(alphabet=string.ascii_letters + " <>&\"'-=/é字\u00a0;#", min_size=1, max_size=12)
leaves = st.one_of(texts, st.builds(Protected, texts, texts.filter(str.strip), st.just("literal")))
pieces = st.recursive(
    leaves,
    lambda children: st.builds(
        Inline, st.just("*"), st.just("*"), st.lists(children, min_size=1, max_size=3).map(tuple), st.just("emphasis")
    ),
    max_leaves=6,
)
segments = st.lists(pieces, min_size=1, max_size=4).map(lambda found: segment(tuple(found)))


@given(st.lists(segments, min_size=1, max_size=8), st.sampled_from([0, 300, 5000]))
def test_segments_survive_packing(found: list[Any], usual: int) -> None:
    """Well-formed, no id twice, every segment found again, characters counted as the model counts them."""
    sent = [one.html for one in found]
    packed = documents.pack(sent, usual, 100_000)
    assert not packed.refused
    assert [text for document in packed.documents for text in document.segments] == sent
    back: list[str | None] = []
    for document in packed.documents:
        root = ET.fromstring(document.html.removeprefix("<!DOCTYPE html>"))
        ids = [element.get("id") for element in root.iter() if element.get("id")]
        assert len(ids) == len(set(ids))
        assert len(document.html.encode()) <= max(usual, 100_000 if len(document.segments) == 1 else usual)
        back += documents.unpack(document.html, len(document.segments))
    for one, text in zip(found, back, strict=True):
        assert markup.characters(one.html) == one.characters
        if markup.natural(one.html).strip():
            assert text == markup.serialize(markup.tokenize(one.html))
            decode(text, one.pieces)


@given(st.text(alphabet='<>/divspan id="s01" translate=no&;ab ', max_size=80))
def test_reading_never_fails(text: str) -> None:
    documents.unpack(text, 2)
    written = markup.serialize(markup.tokenize(text))
    assert markup.serialize(markup.tokenize(written)) == written
    assert markup.characters(text) == markup.characters(written)


def test_limits_are_bytes() -> None:
    packed = documents.pack(["é" * 100, "é" * 200, "x"], 300, 400)
    assert [len(document.segments) for document in packed.documents] == [1, 1]
    [(segment_, problem)] = packed.refused
    assert segment_ == "é" * 200
    assert "bytes long" in problem
    assert all(len(document.html.encode()) <= 400 for document in packed.documents)


@pytest.mark.parametrize(
    ("fragment", "reason"),
    [
        ("<b>open", "<b> is not closed"),
        ("shut</b>", "</b> closes no open element"),
        ("<b><i>x</b></i>", "</b> closes no open element"),
        ('<b id="1">x</b><b id="1">y</b>', "id '1' stands twice"),
    ],
)
def test_broken_markup_is_refused_with_its_reason(fragment: str, reason: str) -> None:
    [(_, problem)] = documents.pack([fragment], 1000, 1000).refused
    assert reason in problem


def test_what_may_come_back() -> None:
    good = '<HTML><div id=s0>a <B id=s0-1>b</B></div><div id="s1">c</div><!-- x --></HTML>'
    assert documents.unpack(good, 2) == ['a <b id="1">b</b>', "c"]
    assert documents.unpack('<div id="s0"><b id="s1-1">strayed</b> x</div>', 1) == ['<b id="s1-1">strayed</b> x']
    assert documents.unpack('<div id="s0">a</div><div id="s7">b</div>', 2) == [None, None], "b may be a's"
    assert documents.unpack('<div id="s0"><div>a</div>b</div>', 1) == ["<div>a</div>b"]
    assert documents.unpack('<div id="s0">a<div id="s1">b</div></div>', 2) == [None, "b"]
    assert documents.unpack("", 2) == [None, None]


def test_protected_text_is_neither_counted_nor_lost() -> None:
    fragment = 'a <span id="1" translate="no">x<br/>y <b>z</b></span> b'
    assert markup.natural(fragment) == "a  b"
    assert markup.plain(fragment) == "a xy z b"


# -- parallel data and terminology -------------------------------------------------------------------------------------


def test_rows_choose_the_person_then_the_most_frequent_then_the_latest() -> None:
    def one(target: str, origin: Origin = Origin.PARALLEL) -> SegmentPair:
        return SegmentPair("s", target, origin)

    assert parallel_data.rows([one("a"), one("b")]).pairs == (("s", "b"),)
    assert parallel_data.rows([one("a"), one("b"), one("a"), one("c")]).pairs == (("s", "a"),)
    assert parallel_data.rows([one("h", Origin.HUMAN), one("a"), one("a")]).pairs == (("s", "h"),)


@given(st.lists(st.tuples(texts, texts), max_size=10))
def test_tmx_holds_what_was_put_in(found: list[tuple[str, str]]) -> None:
    table = parallel_data.rows([SegmentPair(html.escape(a), html.escape(b)) for a, b in found])
    root = ET.fromstring(write_tmx("en", "zh", table.pairs))
    assert root.find("header").get("srclang") == "en"  # type: ignore[union-attr]
    read = [tuple(seg.text for seg in unit.iter("seg")) for unit in root.iter("tu")]
    assert read == list(table.pairs)
    assert sum(table.left_out.values()) == sum(not a.strip() or not b.strip() for a, b in found)


def test_tmx_drops_what_xml_cannot_hold() -> None:
    assert ET.fromstring(write_tmx("en", "zh", [("a\x00\x0bb\ufffe", "c\x1f")])) is not None


def test_terms() -> None:
    found = terminology.prepare([Term("a", "b"), Term("a", "c"), Term("é" * 101, "x"), Term("", "x"), Term("K", "K")])
    assert found.pairs == (("K", "K"), ("a", "c"))
    assert found.left_out == ("é" * 101, "")


# -- state -------------------------------------------------------------------------------------------------------------


def test_digests_know_where_a_part_ends() -> None:
    assert digest("ab", "c") != digest("a", "bc")
    assert len(digest("")) == 64


def test_store(tmp_path: Path) -> None:
    store = Store(tmp_path / "state")
    assert store.read("jobs/a.json") is None
    assert store.names("jobs") == []
    store.write("jobs/a.json", {"é": 1})
    assert store.read("jobs/a.json") == {"é": 1}
    assert store.names("jobs") == ["jobs/a.json"]
    with pytest.raises(TypeError):
        store.write("jobs/a.json", {"x": object()})
    assert store.read("jobs/a.json") == {"é": 1}, "a failed write changes nothing"
    assert [path.name for path in (tmp_path / "state" / "jobs").iterdir()] == ["a.json"]
    (tmp_path / "state" / "jobs" / "a.json").write_text("[1]", encoding="utf-8")
    with pytest.raises(FileError, match="Delete the file"):
        store.read("jobs/a.json")


def test_results_that_were_handed_over_serve_only_the_same_settings(tmp_path: Path) -> None:
    results = Results(Store(tmp_path))
    old, new, other = Key("style", "old data"), Key("style", "new data"), Key("other style", "old data")
    results.add("one", old, "batch", {"x": "X"})
    assert results.find(new)["x"].text == "X", "paid and never handed over"
    assert results.find(other) == {}
    results.deliver(now=0.0)
    assert results.find(new) == {}
    assert results.find(old)["x"].route == "batch"
    results.deliver(now=KEEP_SECONDS + 1)
    assert results.find(old) == {}


def test_quotas_split_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    packed = documents.pack([f"text {number}" for number in range(10)], 0, 1000).documents
    monkeypatch.setattr(batch, "JOB_DOCUMENTS", 4)
    assert [len(group) for group in batch.groups(packed)] == [4, 4, 2]
    monkeypatch.setattr(batch, "JOB_BYTES", 250)
    assert max(sum(len(document.html) for document in group) for group in batch.groups(packed)) <= 250
    assert [document for group in batch.groups(packed) for document in group] == list(packed)
