"""Scores: equal to sacreBLEU's own command line, and honest about effort, chance and what was held out."""

from __future__ import annotations

import random
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sphinx_amts.evaluate import SYSTEMS, Judge, Texts, command_line, evaluate, tokenizer
from sphinx_amts.evaluate.held_out import NEAR, HeldOut, similarity, words
from sphinx_amts.model import ConfigurationError

ENGLISH = (
    [
        "The rain gauge stands in the garden.",
        "Read it every morning at seven!",
        "Wind comes from the West, and clouds follow.",
        "",
    ],
    [
        "The rain gauge is standing in the garden.",
        "Read it at seven every morning!",
        "Winds come from the west and clouds follow.",
        "Nothing was measured.",
    ],
)
CHINESE = (
    ["雨量筒立在花园里。", "每天早上七点读数！", "风从西边来，云跟着来。", "GPU很快"],
    ["花园里立着雨量筒。", "每天早晨七点读它！", "风来自西边，随后有云。", "这块GPU速度很快"],
)


@pytest.mark.parametrize(("language", "texts"), [("en", ENGLISH), ("zh_CN", CHINESE), ("es", ENGLISH)])
def test_scores_equal_the_command_line_of_sacrebleu(
    language: str, texts: tuple[list[str], list[str]], tmp_path: Path
) -> None:
    hypotheses, references = texts
    (tmp_path / "hyp").write_text("\n".join(hypotheses) + "\n", encoding="utf-8")
    (tmp_path / "ref").write_text("\n".join(references) + "\n", encoding="utf-8")
    arguments = shlex.split(command_line(language).replace("REFERENCE", "ref").replace("HYPOTHESIS", "hyp"))
    arguments[-1] = "12"
    output = subprocess.run(
        [sys.executable, "-m", *arguments, "--format", "text"],
        cwd=tmp_path,
        capture_output=True,
        check=True,
        encoding="utf-8",
    ).stdout
    theirs = dict(re.findall(r"^ *(BLEU|chrF2|TER)\S* = ([\d.]+)", output, re.MULTILINE))
    ours = Judge(language).score(hypotheses, references)
    assert f"{100 * ours.bleu:.12f}" == theirs["BLEU"]
    assert f"{100 * ours.chrf:.12f}" == theirs["chrF2"]
    assert f"{100 * ours.ter:.12f}" == theirs["TER"]
    for metric, signature in Judge(language).signatures().items():
        assert signature in output, metric


def test_tokenizers() -> None:
    assert tokenizer("zh_TW") == "zh"
    assert tokenizer("es") == "13a"
    assert tokenizer("ja") in {"ja-mecab", "char"}
    assert "tok:zh" in Judge("zh_CN").signatures()["bleu"]


def test_what_cannot_be_compared_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="reference is empty"):
        Judge("en").score(["a"], [" "])
    with pytest.raises(ConfigurationError, match="2 translated segments for 1 references"):
        Judge("en").score(["a", "b"], ["a"])


def test_effort() -> None:
    same = Judge("en").effort(["The rain falls."], ["The rain falls."])
    assert (same.untouched, same.saved) == (1, 1)
    case = Judge("en").effort(["the rain falls."], ["The rain falls."])
    assert case.untouched == 0, "a reviewer mends a capital letter"
    assert case.saved == pytest.approx(2 / 3)
    nonsense = Judge("en").effort(["a b c d e f g h i", "The rain falls."], ["one two three", "The rain falls."])
    assert nonsense.saved == pytest.approx(1 / 2), "nobody mends what is quicker to write anew"
    assert Judge("zh_CN").effort(["雨量筒立在这里"], ["雨量计立在这里"]).saved == pytest.approx(6 / 7)


def test_significance() -> None:
    generator = random.Random(3)
    vocabulary = ["rain", "wind", "cloud", "gauge", "morning", "west", "garden", "station", "reading", "log"]
    references = [" ".join(generator.choices(vocabulary, k=9)) for _ in range(120)]
    worse = [" ".join(word if generator.random() < 0.5 else "x" for word in line.split()) for line in references]
    better = [" ".join(word if generator.random() < 0.7 else "x" for word in line.split()) for line in references]
    judge = Judge("en")
    comparison = judge.compare(better, worse, references)
    assert comparison.system.bleu > comparison.baseline.bleu
    assert comparison.p_value < 0.01
    assert judge.compare(better, worse, references) == comparison, "the same text has the same p-value"
    assert judge.compare(worse, worse, references).p_value == 1
    hardly = [references[0], *worse[1:]]
    assert judge.compare(hardly, worse, references).p_value > 0.05


def test_tables() -> None:
    references, hypotheses = tuple(ENGLISH[1]), tuple(ENGLISH[0])
    source = tuple("未翻译" for _ in references)
    texts = {"zh-en": {name: Texts(references, {"none": source, "sentence": hypotheses}) for name in ("a.md", "b.md")}}
    result = evaluate(texts, {"zh-en": "en"})
    assert set(result["articles"]) == {"a.md", "b.md"}
    average = result["average"]["zh-en"]
    assert list(average) == ["none", "sentence"]
    assert average["sentence"]["bleu"] == result["articles"]["a.md"]["zh-en"]["sentence"]["bleu"]
    assert 0 < average["none"]["ter"] <= 1.5
    assert result["significance"]["zh-en"][0]["against"] == "none"
    assert result["signatures"]["zh-en"]["bleu"].startswith("nrefs:1")
    assert SYSTEMS.index("paragraph") < SYSTEMS.index("sentence")


# -- held out ------------------------------------------------------------------------------------------------------


def test_near_duplicates() -> None:
    held = HeldOut(["The rain gauge stands in the garden behind our house.", "Summary", "雨量筒立在花园里。"])
    others = [
        "The rain gauge stands in the garden behind the house!",
        "SUMMARY",
        "The wind vane stands on a mast in front of our house.",
        "雨量计立在花园里",
        "Summary of the chapter",
        "¡!",
    ]
    assert held.leaks(others) == [True, True, False, True, False, False]
    left = [text for text, leak in zip(others, held.leaks(others), strict=True) if not leak]
    closest = held.closest(left)
    assert closest.similarity < NEAR
    assert closest.other in left


WORDS = st.lists(st.sampled_from(["the", "rain", "wind", "falls", "7", "雨", "风", "在", ""]), max_size=9)


@given(st.lists(WORDS.map(" ".join), max_size=6), st.lists(WORDS.map(" ".join), max_size=12))
def test_nothing_is_overlooked(held: list[str], others: list[str]) -> None:
    """The quick search finds what comparing each with each finds."""
    brute = [[similarity(words(one), words(other)) for one in held] for other in others]
    assert HeldOut(held).leaks(others) == [max(row, default=0) >= NEAR for row in brute]
    best = max((value for row in brute for value in row), default=0)
    assert HeldOut(held).closest(others).similarity == pytest.approx(best)


@given(WORDS, WORDS)
def test_similarity(left: list[str], right: list[str]) -> None:
    assert similarity(left, right) == similarity(right, left)
    assert 0 <= similarity(left, right) <= 1
    assert (similarity(left, right) == 1) == (left == right and bool(left))
