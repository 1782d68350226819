"""The parts of the local engine: tokens, objects, phrases, language model, decoder, projection, case."""

from __future__ import annotations

import math
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sphinx_amts.engines.local import casing, tokens
from sphinx_amts.engines.local.decoder import Decoder, Weights
from sphinx_amts.engines.local.encoding import FOREIGN, encode, encode_pair, objects
from sphinx_amts.engines.local.language_model import BEGIN, END, LanguageModel
from sphinx_amts.engines.local.markup import MarkupError, parse, same_markup, serialise
from sphinx_amts.engines.local.memory import FuzzyMemory, Kept, plan
from sphinx_amts.engines.local.phrases import Lexicon, Option, PhraseCounts, read_options
from sphinx_amts.engines.local.projection import Placed, to_html
from sphinx_amts.model import SegmentPair

# -- markup --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "html",
    ["", "plain", "a &lt; b &amp; c", '<b id="1">x <i id="2">y</i></b> &gt; <span id="3" translate="no">x&lt;y</span>'],
)
def test_fragments_survive_reading_and_writing(html: str) -> None:
    assert serialise(parse(html)) == html


@pytest.mark.parametrize("html", ['<b id="1">', "</b>", '<b id="1"><i id="2"></b></i>', "<!-- x -->"])
def test_broken_fragments_are_refused(html: str) -> None:
    with pytest.raises(MarkupError):
        parse(html)
    assert not same_markup(html, html)


# -- tokens --------------------------------------------------------------------------------------------------------


def _split(text: str) -> list[str]:
    return [token.form for token in tokens.tokenise(text)]


def test_joiners_say_where_no_space_is() -> None:
    assert _split("Hello, (new) self-made world!") == [
        "hello", "￭,", "(￭", "new", "￭)", "self", "￭-￭", "made", "world", "￭!",
    ]  # fmt: skip
    assert _split("在⟦m⟧中，GPU加速。") == ["在", "⟦m⟧", "中", "，", "gpu", "加", "速", "。"]
    assert _split("l'eau 3.14 x_1") == ["l", "￭'￭", "eau", "3.14", "x￭", "_￭", "1"]


@given(st.lists(st.text(st.characters(codec="latin-1", exclude_categories=["C", "Z"]), min_size=1), max_size=8))
def test_spaced_text_comes_back_as_it_was(words: list[str]) -> None:
    text = " ".join(words)
    found = tokens.tokenise(text)
    assert tokens.join([token.form for token in found], [text[token.start : token.end] for token in found]) == text


@given(st.text())
def test_no_character_but_space_is_lost(text: str) -> None:
    found = tokens.tokenise(text)
    joined = tokens.join([token.form for token in found], [text[token.start : token.end] for token in found])
    assert "".join(joined.split()) == "".join(text.split())


# -- encoding ------------------------------------------------------------------------------------------------------


def test_code_maths_and_numbers_are_objects() -> None:
    found = encode(
        'See <span id="1" translate="no">$x^2$</span> in <span id="2" translate="no">f()</span>, 2014 &amp; 3'
    )
    assert found.words == ("see", "⟦m⟧", "in", "⟦c⟧", ",", "⟦n⟧", "&", "3")
    assert found.surfaces[1] == '<span id="1" translate="no">$x^2$</span>'
    assert found.surfaces[-3:] == ("2014", "&amp;", "3")


def test_elements_are_ranges_of_tokens() -> None:
    found = encode('a <b id="1">b <i id="2">c</i></b>d <i id="3"></i>')
    assert found.words == ("a", "b", "c", "d", "⟦c⟧")
    assert [(mark.start, mark.first, mark.last) for mark in found.marks] == [('<b id="1">', 1, 3), ('<i id="2">', 2, 3)]


def test_only_what_both_sides_have_is_an_object() -> None:
    code = '<span id="{}" translate="no">{}</span>'
    pair = SegmentPair(
        f"Use {code.format(1, 'f()')} or {code.format(2, 'g()')} in 2014.",
        f"{code.format(7, 'g()')} im Jahr 2014 {code.format(8, 'h()')}",
    )
    source, target = encode_pair(pair)
    assert source.words == ("use", FOREIGN, "or", "⟦c⟧", "in", "⟦n⟧", ".")
    assert target.words == ("⟦c⟧", "im", "jahr", "⟦n⟧", FOREIGN)


def test_control_characters_and_brackets_of_ours_are_harmless() -> None:
    segment = "a \x00\x1b ⟦m⟧ ￭ b"
    found = encode(segment)
    assert objects(found.forms)
    assert to_html(found, Placed(found.forms, found.surfaces, tuple(range(len(found.forms))))) == segment
    source, target = encode_pair(SegmentPair(segment, "c"))
    assert source.words == ("a", "m", "b")
    assert target.words == ("c",)


# -- language model ------------------------------------------------------------------------------------------------

TEXTS = [["the", "cat", "sat"], ["the", "dog", "sat", "down"], ["a", "cat"], ["the", "cat", "ran"]]
VOCABULARY = sorted({word for text in TEXTS for word in text} | {END})


@pytest.mark.parametrize("history", [(), (BEGIN,), (BEGIN, "the"), ("the", "cat"), ("dog",), ("never", "seen")])
def test_probabilities_add_up_to_one(history: tuple[str, ...]) -> None:
    model = LanguageModel.train(TEXTS)
    total = sum(math.exp(model.score(history, word)[0]) for word in [*VOCABULARY, "unknown"])
    assert total == pytest.approx(1.0, abs=1e-6)


def test_seen_text_is_more_probable() -> None:
    model = LanguageModel.train(TEXTS)
    assert model.score((BEGIN,), "the")[0] > model.score((BEGIN,), "a")[0] > model.score((BEGIN,), "down")[0]
    assert model.score((BEGIN, "the"), "cat")[1] == (BEGIN, "the", "cat")


def test_a_written_language_model_is_the_same() -> None:
    model = LanguageModel.train(TEXTS)
    again = LanguageModel.parse(list(model.dump()))
    for history, word in product([(), (BEGIN,), ("the", "cat"), (BEGIN, "the")], VOCABULARY):
        assert again.score(history, word)[0] == pytest.approx(model.score(history, word)[0], abs=1e-3)
        assert again.score(history, word)[1] == model.score(history, word)[1]


# -- phrases -------------------------------------------------------------------------------------------------------


def _phrases(source: str, target: str, links: str) -> dict[str, list[Option]]:
    pairs = tuple((int(left), int(right)) for left, right in (link.split("-") for link in links.split()))
    lexicon, counts = Lexicon(), PhraseCounts()
    lexicon.add(source.split(), target.split(), pairs)
    counts.add(source.split(), target.split(), pairs)
    return {phrase: read_options(text, counts.orientations()) for phrase, text in counts.rows(lexicon)}


def test_phrases_are_consistent_with_the_links() -> None:
    found = _phrases("das haus ist klein", "the house is very small", "0-0 1-1 2-2 3-4")
    assert {" ".join(option.target) for option in found["ist"]} == {"is", "is very"}
    assert {" ".join(option.target) for option in found["klein"]} == {"small", "very small"}
    assert [option.target for option in found["das haus"]] == [("the", "house")]
    assert {" ".join(option.target) for option in found["das haus ist klein"]} == {"the house is very small"}
    crossing = _phrases("a b c", "x y z", "0-0 0-2 1-1 2-2")
    assert "a" not in crossing
    assert "c" not in crossing
    assert [option.target for option in crossing["b"]] == [("y",)]


def test_phrases_keep_objects_and_drop_what_is_foreign() -> None:
    found = _phrases(f"see ⟦m⟧ in {FOREIGN}", f"sieh ⟦m⟧ in {FOREIGN}", "0-0 1-1 2-2 3-3")
    assert "see ⟦m⟧" in found
    assert not any(FOREIGN in phrase for phrase in found)
    assert "⟦m⟧" not in _phrases("⟦m⟧ x", "y x", "0-0 1-1")


def test_swapped_phrases_are_counted_as_such() -> None:
    option = _phrases("a b", "y x", "0-1 1-0")["a"][0]
    assert max(range(3), key=lambda at: option.reordering[at]) == 1


# -- decoder -------------------------------------------------------------------------------------------------------


def _option(target: str, forward: float) -> Option:
    return Option(tuple(target.split()), (forward, forward, forward, forward), (math.log(1 / 3),) * 6)


TABLE = {
    ("rot",): [_option("red", -0.5), _option("cat", -0.6)],
    ("katze",): [_option("cat", -0.3), _option("sat", -3.0)],
    ("katze", "rot"): [_option("red cat", -0.7)],
    ("sass",): [_option("sat", -0.2), _option("ran", -0.9)],
}


def _decoder() -> Decoder:
    texts = [*TEXTS, ["the", "red", "cat", "sat"]]
    return Decoder(lambda words: TABLE.get(words, []), LanguageModel.train(texts))


def _score(features: tuple[float, ...]) -> float:
    weights = Weights()
    names = Weights.__slots__
    return sum(getattr(weights, name) * value for name, value in zip(names, features, strict=True))


def test_the_decoder_finds_the_best_and_orders_the_rest() -> None:
    results = _decoder().translate(["katze", "rot", "sass"], count=200)
    scores = [_score(result.features) for result in results]
    assert scores == sorted(scores, reverse=True)
    assert len({(result.steps) for result in results}) == len(results) > 20
    best = _decoder().translate(["katze", "rot", "sass"])[0]
    assert best.target == ("red", "cat", "sat")
    assert _score(best.features) == pytest.approx(scores[0])


@given(st.lists(st.sampled_from(["katze", "rot", "sass", "⟦m⟧", "unbekannt"]), min_size=1, max_size=12))
def test_each_source_token_is_translated_once(words: list[str]) -> None:
    result = _decoder().translate(words)[0]
    covered = sorted(index for step in result.steps for index in range(step.first, step.last))
    assert covered == list(range(len(words)))
    assert objects(result.target) == objects(words)


def test_an_unknown_word_stands_for_itself() -> None:
    result = _decoder().translate(["qux"])[0]
    assert result.target == ("qux",)
    assert not result.steps[0].option.known
    assert _decoder().translate([]) == []


# -- projection ----------------------------------------------------------------------------------------------------


def test_elements_go_where_their_words_went() -> None:
    source = encode('the <b id="1">red <i id="2">cat</i></b> <span id="3" translate="no">x</span>')
    placed = Placed(("⟦c⟧", "chat", "rouge", "le"), ("", "chat", "rouge", "le"), (3, 2, 1, 0))
    assert to_html(source, placed) == ('<span id="3" translate="no">x</span> <b id="1"><i id="2">chat</i> rouge</b> le')


def test_what_has_no_place_is_an_error() -> None:
    source = encode('a <b id="1">b</b> <span id="2" translate="no">x</span>')
    assert to_html(source, Placed(("x", "⟦c⟧"), ("x", ""), (0, 2))) is None
    assert to_html(source, Placed(("x", "y"), ("x", "y"), (0, 1))) is None


@given(st.permutations(range(6)), st.lists(st.integers(-1, 5), max_size=4))
def test_projected_markup_is_whole_or_refused(order: list[int], more: list[int]) -> None:
    html = '<a id="1">a <b id="2">b</b></a> <span id="3" translate="no">x</span> <i id="4">c <b id="5">d</b></i> e'
    source = encode(html)
    owners = [*order, *(owner for owner in more if owner != 2)]
    forms = tuple("⟦m⟧" if owner == 2 else "w" for owner in owners)
    forms = tuple(source.forms[owner] if owner == 2 else "w" for owner in owners)
    result = to_html(source, Placed(forms, tuple("w" for _ in owners), tuple(owners)))
    assert result is None or same_markup(html, result)


# -- case ----------------------------------------------------------------------------------------------------------


def _casing(*pairs: tuple[str, str]) -> casing.Casing:
    return casing.learn([encode_pair(SegmentPair(source, target)) for source, target in pairs])


def test_names_and_first_words_get_their_capitals() -> None:
    learned = _casing(
        ("雨落在德国。", "Rain falls in Germany."),
        ("他看见雨。", "He sees rain from BERT."),
        ("雨", "The Rain in Spain"),
    )
    assert learned.apply(["rain", "in", "germany", "and", "bert", "￭."], encode("他看。")) == [
        "Rain", "in", "Germany", "and", "BERT", ".",
    ]  # fmt: skip
    assert learned.apply(["the", "clouds", "in", "germany"], encode("云")) == ["The", "Clouds", "in", "Germany"]


def test_the_first_word_follows_a_source_that_has_case() -> None:
    learned = _casing(("The rain falls.", "Der Regen fällt."), ("He sees rain.", "Er sieht Regen."))
    assert learned.apply(["der", "regen", "￭."], encode("the rain."))[0] == "der"
    assert learned.apply(["der", "regen", "￭."], encode("The rain.")) == ["Der", "Regen", "."]


# -- fuzzy memory --------------------------------------------------------------------------------------------------


def _memory(*pairs: tuple[str, str]) -> FuzzyMemory:
    return FuzzyMemory([encode_pair(SegmentPair(source, target)) for source, target in pairs])


def test_the_most_similar_source_is_found() -> None:
    memory = _memory(("the big red house stands here", "A"), ("the big blue house stands here", "B"), ("rain", "C"))
    match = memory.find(encode("the big blue house stands there"), 0.8)
    assert match is not None
    assert match.target.forms == ("b",)
    assert match.similarity == pytest.approx(10 / 12)
    assert [(edit.old, edit.new) for edit in match.edits] == [((5, 6), (5, 6))]
    assert memory.find(encode("the big blue house stands there"), 0.9) is None
    assert memory.find(encode("nothing of this kind is known at all"), 0.5) is None
    assert memory.find(encode(""), 0.8) is None


@given(
    st.lists(st.lists(st.sampled_from("abcdef"), min_size=1, max_size=9), min_size=1, max_size=12),
    st.lists(st.sampled_from("abcdefg"), min_size=1, max_size=9),
    st.sampled_from([0.5, 0.7, 0.8, 0.95]),
)
def test_no_match_is_overlooked(known: list[list[str]], segment: list[str], least: float) -> None:
    from difflib import SequenceMatcher

    memory = _memory(*((" ".join(words), "x") for words in known))
    best = max(SequenceMatcher(None, words, segment, autojunk=False).ratio() for words in known)
    match = memory.find(encode(" ".join(segment)), least)
    assert (match.similarity if match else 0.0) == pytest.approx(best if best >= least else 0.0)


def test_the_repair_keeps_what_is_the_same() -> None:
    memory = _memory(("the red house of 2014 is big", "das rote Haus von 2014 ist groß"))
    match = memory.find(encode("the blue house of 2015 is big"), 0.8)
    assert match is not None
    links = tuple((index, index) for index in range(7))
    layout = plan(match, links)
    assert layout is not None
    assert [item.owner if isinstance(item, Kept) else item.new for item in layout] == [0, (1, 2), 2, 3, 4, 5, 6]
    crossed = (*links[:1], (1, 1), (2, 1), *links[3:])
    assert plan(match, crossed) is None
