"""The local engine as its callers see it, and its models on disk."""

from __future__ import annotations

import json
import logging
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sphinx_amts.engines import Engine, Learner, resolve
from sphinx_amts.engines import local as local_module
from sphinx_amts.engines.local import LocalEngine, alignment, training
from sphinx_amts.engines.local.markup import same_markup
from sphinx_amts.engines.local.training import Store
from sphinx_amts.model import Pipeline, SegmentPair
from tests.conftest import Book

thot = pytest.mark.skipif(not alignment.available(), reason="sil-thot is not installed")

NOUNS = {"rain": "regen", "wind": "wind", "snow": "schnee", "fog": "nebel", "hail": "hagel", "ice": "eis"}
VERBS = {"falls": "fällt", "comes": "kommt", "stays": "bleibt", "goes": "geht"}
PLACES = {"in the city": "in der stadt", "on the hill": "auf dem hügel", "at night": "nachts", "today": "heute"}


def corpus() -> list[SegmentPair]:
    """Ninety-six sentences of a small world, three quarters of all that it can say."""
    pairs = []
    for number, (noun, verb, place) in enumerate(
        (noun, verb, place) for noun in NOUNS for verb in VERBS for place in PLACES
    ):
        if number % 4 != 3:
            source = f"The {noun} {verb} {place}."
            pairs.append(SegmentPair(source, f"Der {NOUNS[noun].title()} {VERBS[verb]} {PLACES[place]}."))
    return [*pairs, SegmentPair("See 2014 <b id='1'>today</b>.", "Siehe 2014 <b id='1'>heute</b>.")]


@pytest.fixture
def pipeline(tmp_path: Path) -> Pipeline:
    return Pipeline("de", "en", confdir=tmp_path, state=tmp_path / "state", output=tmp_path / "out")


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of state with a model of the corpus."""
    folder = tmp_path_factory.mktemp("trained")
    engine = LocalEngine(Pipeline("de", "en", confdir=folder, state=folder / "state", output=folder / "out"))
    engine.learn(corpus())
    engine.translate(["The rain falls today."], "en", "de")
    return folder / "state"


@pytest.fixture
def engine(trained: Path, pipeline: Pipeline) -> LocalEngine:
    shutil.copytree(trained, pipeline.state)
    engine = LocalEngine(pipeline)
    engine.learn(corpus())
    return engine


def models(pipeline: Pipeline) -> list[Path]:
    return sorted((pipeline.state / "local").iterdir())


def no_training(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise AssertionError("trained again")

    monkeypatch.setattr(alignment.Aligner, "train", fail)


# -- the protocol and the exact stage ------------------------------------------------------------------------------


def test_it_is_an_engine_that_learns(pipeline: Pipeline) -> None:
    assert resolve("local") is LocalEngine
    engine: Engine = LocalEngine(pipeline)
    assert isinstance(engine, Learner)


def test_without_pairs_it_translates_nothing_and_says_what_to_do(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(local_module, "_said", set())
    for _ in range(2):
        assert LocalEngine(pipeline).translate(["Rain falls.", ""], "en", "de") == [None, None]
    assert [record.getMessage().count("amts_parallel_data") for record in caplog.records] == [1]
    assert not pipeline.state.exists()


def test_the_most_frequent_pair_wins_then_the_newest(pipeline: Pipeline) -> None:
    engine = LocalEngine(pipeline)
    engine.learn([SegmentPair("Rain", target) for target in ("Regen", "Schauer", "Regen")])
    assert engine.translate(["Rain"], "en", "de") == ["Regen"]
    engine.learn([SegmentPair("Rain", target) for target in ("Regen", "Schauer")])
    assert engine.translate(["Rain"], "en", "de") == ["Schauer"]


def test_line_wraps_do_not_matter(pipeline: Pipeline) -> None:
    engine = LocalEngine(pipeline)
    engine.learn([SegmentPair("Rain falls\nfrom clouds.", "Regen fällt aus\nWolken.")])
    assert engine.translate(["Rain falls from\n  clouds."], "en", "de") == ["Regen fällt aus Wolken."]


@pytest.mark.parametrize("target", ["Ruf an.", '<span id="1" translate="no">g()</span> nennen.'])
def test_a_pair_that_lost_markup_is_not_used(pipeline: Pipeline, target: str) -> None:
    engine = LocalEngine(pipeline)
    source = 'Call <span id="1" translate="no">f()</span>.'
    engine.learn([SegmentPair(source, target)])
    assert engine.translate([source], "en", "de") == [None]


def test_the_fingerprint_names_what_decides_the_output(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    pair = SegmentPair("Rain", "Regen")
    prints = []
    for options, pairs in ((pipeline, [pair]), (pipeline, []), (pipeline, [pair, pair])):
        engine = LocalEngine(options)
        engine.learn(pairs)
        prints.append(engine.fingerprint)
    prints.append(LocalEngine(replace(pipeline, fuzzy=0.5)).fingerprint)
    again = LocalEngine(pipeline)
    again.learn([pair])
    assert again.fingerprint == prints[0]
    monkeypatch.setattr(local_module, "THRESHOLD", 0.99)
    prints.append(LocalEngine(pipeline).fingerprint)
    assert len(set(prints)) == 5


# -- without Thot --------------------------------------------------------------------------------------------------


def test_without_thot_the_memory_still_works(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "thot.alignment", None)
    monkeypatch.setattr(local_module, "_said", set())
    pairs = [*corpus(), SegmentPair('Take 12 of <i id="1">these</i>.', 'Nimm 12 von <i id="1">diesen</i>.')]
    for _ in range(2):
        engine = LocalEngine(pipeline)
        engine.learn(pairs)
        with caplog.at_level(logging.WARNING):
            answers = engine.translate(
                ["The rain falls at night.", 'Take 345 of <i id="1">these</i>.', "The rain goes away."], "en", "de"
            )
        assert answers == ["Der Regen fällt nachts.", 'Nimm 345 von <i id="1">diesen</i>.', None]
    said = [record.getMessage() for record in caplog.records if "sil-thot" in record.getMessage()]
    assert len(said) == 1
    assert not pipeline.state.exists()


# -- translating ---------------------------------------------------------------------------------------------------


@thot
def test_sentences_that_were_never_seen_are_translated(engine: LocalEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local_module, "THRESHOLD", 0.0)
    known = {pair.source for pair in corpus()}
    new = [
        (f"The {noun} {verb} {place}.", f"Der {NOUNS[noun].title()} {VERBS[verb]} {PLACES[place]}.")
        for noun in NOUNS for verb in VERBS for place in PLACES
        if f"The {noun} {verb} {place}." not in known
    ]  # fmt: skip
    answers = engine.translate([source for source, _ in new], "en", "de")
    right = sum(answer == target for answer, (_, target) in zip(answers, new, strict=True))
    assert right >= 0.9 * len(new)


@thot
def test_markup_and_objects_come_through(engine: LocalEngine) -> None:
    source = 'The <b id="1">snow</b> falls in <span id="2" translate="no">$x$</span> today.'
    answer = engine.translate([source], "en", "de")[0]
    assert answer is not None
    assert same_markup(source, answer)
    assert '<b id="1">Schnee</b>' in answer


@thot
def test_what_it_does_not_know_stays_in_the_source_language(engine: LocalEngine) -> None:
    segments = ["Quantum chromodynamics describes gluons and quarks.", "<b>broken", "Der Wind."]
    assert engine.translate(segments, "en", "de") == [None, None, None]


@thot
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(
    st.lists(
        st.one_of(
            st.sampled_from(["the", "rain", "falls", "today.", "42", "&amp;", "\x07", "qux", "雨"]),
            st.sampled_from(
                ['<span id="{}" translate="no">f(x)</span>', '<b id="{}">wind comes</b>', '<i id="{}"></i>']
            ),
            st.just('<a id="{}">in the <i id="1{}">city</i></a>'),
        ),
        max_size=12,
    )
)
def test_markup_is_whole_whatever_comes(engine: LocalEngine, parts: list[str]) -> None:
    segment = " ".join(part.format(number, number) if "{" in part else part for number, part in enumerate(parts, 1))
    answer = engine.translate([segment], "en", "de")[0]
    assert answer is None or same_markup(segment, answer)


@thot
def test_an_endless_sentence_is_translated_in_pieces(engine: LocalEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local_module, "THRESHOLD", 0.0)
    answer = engine.translate(["The rain falls in the city, " * 150], "en", "de")[0]
    assert answer is not None
    assert answer.lower().count("regen") == 150


# -- bad data ------------------------------------------------------------------------------------------------------


def test_ten_pairs_are_too_few_to_learn_from(pipeline: Pipeline, caplog: pytest.LogCaptureFixture) -> None:
    engine = LocalEngine(pipeline)
    engine.learn(corpus()[:10])
    with caplog.at_level(logging.INFO):
        assert engine.translate(["The hail goes today."], "en", "de") == [None]
    assert not pipeline.state.exists()
    if alignment.available():
        assert "10 usable sentence pairs are too few" in caplog.text


def test_useless_pairs_are_left_out() -> None:
    def usable(*pairs: SegmentPair) -> int:
        return len(training.samples_of(local_module._encoded(pairs)))

    assert usable(*corpus(), *corpus()) == len(corpus())
    assert usable(SegmentPair("", "x"), SegmentPair("x", " "), SegmentPair("<b>x", "y")) == 0
    assert usable(SegmentPair("This is one language only.", "This is one language only.")) == 0
    assert usable(SegmentPair("word " * 20_000, "Wort " * 20_000), SegmentPair("a", "b " * 50)) == 0
    assert usable(SegmentPair("bell \x07 and \x00 null", "Glocke \x07 und Null")) == 1


@thot
def test_strange_pairs_do_no_harm(pipeline: Pipeline) -> None:
    strange = [
        SegmentPair("word " * 20_000, "Wort " * 20_000),
        SegmentPair("bell \x07 and \x00 null", "Glocke \x07 und \x1f Null"),
        SegmentPair("⟦m⟧ ￭ |||", "⟦x⟧ ||| \u2028"),
    ]
    engine = LocalEngine(pipeline)
    engine.learn([*corpus(), *strange])
    assert engine.translate(["The hail goes today."], "en", "de")[0] is not None


# -- the model on disk ---------------------------------------------------------------------------------------------


@thot
def test_a_model_is_trained_once(engine: LocalEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    no_training(monkeypatch)
    assert engine.translate(["The hail goes today."], "en", "de")[0] is not None


@thot
def test_training_again_gives_the_same_drafts(engine: LocalEngine, pipeline: Pipeline, tmp_path: Path) -> None:
    segments = [f"The {noun} {verb} {place}." for noun in NOUNS for verb in VERBS for place in PLACES]
    again = LocalEngine(replace(pipeline, state=tmp_path / "again"))
    again.learn(list(reversed(corpus())))
    assert again.translate(segments, "en", "de") == engine.translate(segments, "en", "de")


@thot
@pytest.mark.parametrize("name", ["digest", "format"])
def test_a_model_of_other_pairs_or_of_another_version_is_made_again(
    engine: LocalEngine, pipeline: Pipeline, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    (folder,) = models(pipeline)
    with closing(sqlite3.connect(folder / "model.sqlite")) as connection, connection:
        connection.execute("UPDATE meta SET value = '0' WHERE key = ?", (name,))
    with caplog.at_level(logging.WARNING):
        assert engine.translate(["The hail goes today."], "en", "de")[0] is not None
    expected = {"digest": "this model belongs to other pairs", "format": "format 0 instead of 1"}[name]
    assert expected in caplog.text
    assert Store(folder / "model.sqlite").digest != "0"


@thot
@pytest.mark.parametrize("damage", ["empty", "foreign", "cut", "missing"])
def test_a_damaged_model_is_made_again(
    engine: LocalEngine, pipeline: Pipeline, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    (folder,) = models(pipeline)
    file = folder / "model.sqlite"
    if damage == "missing":
        file.unlink()
    else:
        content = file.read_bytes()
        file.write_bytes(
            {"empty": b"", "foreign": b"PK\x03\x04 no model" * 99, "cut": content[: len(content) // 2]}[damage]
        )
    with caplog.at_level(logging.WARNING):
        assert engine.translate(["The hail goes today."], "en", "de")[0] is not None
    assert "this model cannot be used" in caplog.text
    Store(file).close()


@thot
def test_a_cancelled_training_leaves_nothing_behind(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    def cancel(*_: Any) -> None:
        raise KeyboardInterrupt

    engine = LocalEngine(pipeline)
    engine.learn(corpus())
    monkeypatch.setattr(training, "write", cancel)
    with pytest.raises(KeyboardInterrupt):
        engine.translate(["The hail goes today."], "en", "de")
    assert models(pipeline) == []


@thot
def test_a_correction_is_learned_without_training_again(
    engine: LocalEngine, pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    no_training(monkeypatch)
    monkeypatch.setattr(local_module, "THRESHOLD", 0.0)
    corrected = [SegmentPair("The sleet falls today.", "Der Schneeregen fällt heute.")]
    old = models(pipeline)
    engine.learn([*corpus(), *corrected])
    assert engine.translate(["The sleet stays at night."], "en", "de") == ["Der Schneeregen bleibt nachts."]
    (new,) = models(pipeline)
    assert [new] != old


@thot
def test_much_new_data_is_trained_on(engine: LocalEngine, pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    called = []
    train = alignment.Aligner.train
    monkeypatch.setattr(alignment.Aligner, "train", lambda *given: (called.append(1), train(*given))[1])
    more = [SegmentPair(f"The {noun} is here.", f"Der {NOUNS[noun].title()} ist hier.") for noun in NOUNS]
    engine.learn([*corpus(), *more])
    assert engine.translate(["The hail is here today."], "en", "de")[0] is not None
    assert called


@thot
def test_a_corrected_capital_is_learned(engine: LocalEngine) -> None:
    segment = "The rain goes today."
    assert engine.translate([segment], "en", "de") == ["Der Regen geht heute."]
    engine.learn([replace(pair, target=pair.target.replace("Regen", "REGEN")) for pair in corpus()])
    assert engine.translate([segment], "en", "de") == ["Der REGEN geht heute."]


# -- in a book -----------------------------------------------------------------------------------------------------


@thot
def test_drafts_are_marked_in_the_catalog_and_counted(make_book: Callable[..., Book]) -> None:
    book = make_book(
        {
            "index.rst": "Weather\n=======\n\nThe hail goes today.\n\nThe rain falls at night.\n\nQuarks and gluons.\n",
            "pairs.tsv": "en\tde\n"
            + "".join(f"{one.source}\t{one.target}\n" for one in corpus() if "<" not in one.source),
        },
        languages=("de",),
        engine="local",
        conf='amts_parallel_data = ["pairs.tsv"]\n',
    )
    result = book.build()
    figures = result.summary["de"]
    assert (figures["drafts"], figures["reused"], figures["kept_source"], figures["sent_segments"]) == (1, 1, 2, 3)
    assert result.status == 1
    catalog = book.catalog("de", "index").read_text(encoding="utf-8")
    entries = {block.split("msgid ")[-1].split("\n")[0]: block for block in catalog.split("\n\n")[1:]}
    assert "# amts: local " in entries[json.dumps("The hail goes today.")]
    assert "# amts: memory " in entries[json.dumps("The rain falls at night.")]
    assert 'msgstr ""' in entries[json.dumps("Quarks and gluons.")]
    assert book.build().summary["de"]["drafts"] == 1, "what stands in the book is counted, whenever it was made"
