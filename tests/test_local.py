"""The local engine as its callers see it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from sphinx_amts.engines import Engine, Learner, resolve
from sphinx_amts.engines.local import LocalEngine
from sphinx_amts.engines.local.markup import MarkupError, parse, same_markup, serialise
from sphinx_amts.model import Pipeline, SegmentPair


@pytest.fixture
def pipeline(tmp_path: Path) -> Pipeline:
    return Pipeline("de", "en", confdir=tmp_path, state=tmp_path / "state", output=tmp_path / "out")


def test_it_is_an_engine_that_learns(pipeline: Pipeline) -> None:
    assert resolve("local") is LocalEngine
    engine: Engine = LocalEngine(pipeline)
    assert isinstance(engine, Learner)


def test_without_pairs_it_translates_nothing(pipeline: Pipeline) -> None:
    assert LocalEngine(pipeline).translate(["Rain falls.", ""], "en", "de") == [None, None]


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


@pytest.mark.parametrize(
    "target",
    [
        "Ruf an.",
        '<span id="1" translate="no">g()</span> nennen.',
        '<span id="1" translate="no">f()</span><b id="2">x</b>',
    ],
)
def test_a_pair_that_lost_markup_is_not_used(pipeline: Pipeline, target: str) -> None:
    engine = LocalEngine(pipeline)
    source = 'Call <span id="1" translate="no">f()</span>.'
    engine.learn([SegmentPair(source, target)])
    assert engine.translate([source], "en", "de") == [None]


def test_the_fingerprint_names_what_decides_the_output(pipeline: Pipeline) -> None:
    pair = SegmentPair("Rain", "Regen")
    prints = []
    for settings, pairs in ((pipeline, [pair]), (pipeline, []), (pipeline, [pair, pair])):
        engine = LocalEngine(settings)
        engine.learn(pairs)
        prints.append(engine.fingerprint)
    prints.append(LocalEngine(replace(pipeline, fuzzy=0.5)).fingerprint)
    assert len(set(prints)) == 4
    again = LocalEngine(pipeline)
    again.learn([pair])
    assert again.fingerprint == prints[0]


@pytest.mark.parametrize(
    "html",
    [
        "",
        "plain",
        "a &lt; b &amp; c",
        '<b id="1">bold <i id="2">both</i></b> &gt; <span id="3" translate="no">x&lt;y</span>',
    ],
)
def test_fragments_survive_reading_and_writing(html: str) -> None:
    assert serialise(parse(html)) == html


@pytest.mark.parametrize("html", ['<b id="1">', "</b>", '<b id="1"><i id="2"></b></i>', "<!-- x -->"])
def test_broken_fragments_are_refused(html: str) -> None:
    with pytest.raises(MarkupError):
        parse(html)
    assert not same_markup(html, html)
