"""Aligning texts: real sentences in four languages, invented languages, structure, bands, and texts that do not match."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sphinx_amts.align import (
    Blocks,
    MismatchError,
    align,
    align_book,
    align_sentence_files,
    check_languages,
    learn,
    mean_score,
)
from sphinx_amts.model import Bead

GOLD = Path(__file__).parents[2] / "shared" / "alignment-dev"

ENGLISH = [
    ["Reading a barometer"],
    [
        "A barometer measures the pressure of the air.",
        "For example, `read_station()` returns 1013.2 on a normal day.",
        "If the value falls by 3 within an hour, expect a storm.",
    ],
    ["However, a single reading does not tell you much.", "Compare it with the previous day."],
    ["Step by step"],
    ["First, install the program.", "Then run `station --watch` and wait.", "It takes about two minutes."],
    ["What happens if the network is slow?", "Nothing is lost, because every value is written to a file."],
    ["Summary"],
    ["We can learn a lot from small differences.", "The table below shows the results of 12 experiments."],
]
CHINESE = [
    ["读取气压计"],
    [
        "气压计测量空气的压力。",
        "例如，在正常的一天，`read_station()`返回1013.2；如果该值在一小时内下降3，则预期会有暴风雨。",
    ],
    ["然而，单个读数并不能告诉我们很多。", "请将其与前一天进行比较。"],
    ["逐步说明"],
    ["首先安装程序。", "然后运行`station --watch`并等待。", "大约需要两分钟。"],
    ["如果网络很慢会怎样？", "没有任何数据会丢失。", "因为每个值都写入文件。"],
    ["总结"],
    ["我们可以从细微的差别中学到很多，下面的表格显示了12个实验的结果。"],
]
CHINESE_BEADS = [
    ((0,), (0,)), ((1,), (1,)), ((2, 3), (2,)), ((4,), (3,)), ((5,), (4,)), ((6,), (5,)), ((7,), (6,)), ((8,), (7,)),
    ((9,), (8,)), ((10,), (9,)), ((11,), (10, 11)), ((12,), (12,)),  ((13, 14), (13,)),
]  # fmt: skip
SPANISH = [
    ["Leer un barómetro"],
    [
        "Un barómetro mide la presión del aire.",
        "Por ejemplo, en un día normal `read_station()` devuelve 1013.2.",
        "Si el valor baja 3 en una hora, espere una tormenta.",
    ],
    ["Sin embargo, una sola lectura no dice mucho: compárela con la del día anterior."],
    ["Paso a paso"],
    ["Primero instale el programa.", "Luego ejecute `station --watch` y espere.", "Tarda unos dos minutos."],
    ["¿Qué pasa si la red es lenta?", "No se pierde nada, porque cada valor se escribe en un archivo."],
    ["Resumen"],
    [
        "Podemos aprender mucho de pequeñas diferencias.",
        "La tabla siguiente muestra los resultados de 12 experimentos.",
    ],
]
JAPANESE = [
    ["気圧計の読み方"],
    [
        "気圧計は空気の圧力を測定します。",
        "たとえば、通常の日には`read_station()`は1013.2を返します。",
        "1時間以内に値が3下がった場合は、嵐を予想してください。",
    ],
    ["しかし、1回の読み取りではあまり分かりません。", "前の日と比較してください。"],
    ["ステップごとに"],
    ["まず、プログラムをインストールします。", "次に`station --watch`を実行して待ちます。", "約2分かかります。"],
    ["ネットワークが遅い場合はどうなりますか？", "すべての値がファイルに書き込まれるので、何も失われません。"],
    ["まとめ"],
    ["小さな違いから多くを学ぶことができます。", "以下の表は12個の実験の結果を示しています。"],
]


def found(beads: Sequence[Bead]) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    return [(bead.source, bead.target) for bead in beads]


def lines(blocks: Blocks) -> list[str]:
    return [line for block in blocks for line in (*block, "")]


def correct(beads: Sequence[Bead], gold: Sequence[tuple[tuple[int, ...], tuple[int, ...]]]) -> float:
    """Strict F1."""
    right = len(set(found(beads)) & set(gold))
    return 2 * right / (len(beads) + len(gold))


class Invented:
    """A text of invented words and its translation into other invented words, with what translates what."""

    def __init__(self, sentences: int, seed: int) -> None:
        self.chance = random.Random(seed)
        words = [
            "".join(self.chance.choices("bdfgklmnprst", k=2) + self.chance.choices("aeiou", k=2)) for _ in range(400)
        ]
        others = ["".join(self.chance.choices("вгджзклмн", k=3) + self.chance.choices("аеио", k=3)) for _ in range(400)]
        self.dictionary = dict(zip(words, others, strict=True))
        self.source: list[list[str]] = []
        self.target: list[list[str]] = []
        self.gold: list[tuple[tuple[int, ...], tuple[int, ...]]] = []
        self.counts = [0, 0]
        while self.counts[0] < sentences:
            self._paragraph()

    def _sentence(self) -> list[str]:
        words = list(self.dictionary)
        weights = [1 / (k + 5) for k in range(len(words))]
        return self.chance.choices(words, weights, k=self.chance.randint(4, 18))

    def _paragraph(self) -> None:
        self.source.append([])
        self.target.append([])
        for _ in range(self.chance.randint(1, 6)):
            shape = self.chance.choices([(1, 1), (2, 1), (1, 2)], [88, 7, 5])[0]
            ours = [self._sentence() for _ in range(shape[0])]
            theirs = [
                [self.dictionary[word] for word in sentence if self.chance.random() < 0.9] or ["я"] for sentence in ours
            ]
            if shape == (2, 1):
                theirs = [theirs[0] + theirs[1]]
            elif shape == (1, 2):
                theirs = [theirs[0][: len(theirs[0]) // 2] or ["я"], theirs[0][len(theirs[0]) // 2 :] or ["я"]]
            self.source[-1] += [" ".join(words) + "." for words in ours]
            self.target[-1] += [" ".join(words) + "." for words in theirs]
            self.gold.append(
                tuple(
                    tuple(range(count, count + size))
                    for count, size in zip(self.counts, (len(ours), len(theirs)), strict=True)
                )  # type: ignore[arg-type]
            )
            self.counts = [self.counts[0] + len(ours), self.counts[1] + len(theirs)]


def test_english_and_chinese() -> None:
    assert found(align(ENGLISH, CHINESE)) == CHINESE_BEADS
    assert found(align(CHINESE, ENGLISH)) == [(target, source) for source, target in CHINESE_BEADS]


@pytest.mark.parametrize("text", [SPANISH, JAPANESE])
def test_other_languages(text: list[list[str]]) -> None:
    beads = found(align(ENGLISH, text))
    if text is SPANISH:
        assert ((4, 5), (4,)) in beads
        assert len(beads) == 14
    else:
        assert beads == [((number,), (number,)) for number in range(15)]


def test_scores_tell_translations_from_others() -> None:
    beads = align(ENGLISH, CHINESE)
    paired = [bead.score for bead in beads if bead.source and bead.target]
    assert all(0 <= bead.score <= 1 for bead in beads)
    assert all(bead.score == 0 for bead in beads if not (bead.source and bead.target))
    assert sorted(paired)[len(paired) // 2] > 0.75
    wrong = align(ENGLISH, [block[::-1] for block in CHINESE[::-1]])
    assert mean_score(beads) > 2 * mean_score(wrong)
    assert mean_score([]) == 0.0


def test_a_paragraph_of_one_side_only() -> None:
    target = [*CHINESE[:3], ["这一段是译者添加的说明。", "它在原文中不存在，也没有对应的句子。"], *CHINESE[3:]]
    beads = found(align(ENGLISH, target))
    assert [bead for bead in beads if not bead[0]] == [((), (5,)), ((), (6,))]
    assert ((6,), (7,)) in beads


@pytest.mark.parametrize(("source", "target"), [([], [["x"]]), ([["a", "b"], []], []), ([], []), ([[]], [[]])])
def test_an_empty_side(source: Blocks, target: Blocks) -> None:
    beads = align(source, target)
    assert [index for bead in beads for index in bead.source] == list(range(sum(map(len, source))))
    assert [index for bead in beads for index in bead.target] == list(range(sum(map(len, target))))


SENTENCE = st.sampled_from(
    [*chain.from_iterable(ENGLISH), *chain.from_iterable(CHINESE), "", "!", "12", "`x`", '<span id="1" translate="no">a</span> b']
)  # fmt: skip
BLOCKS = st.lists(st.lists(SENTENCE, max_size=4), max_size=6)


@given(BLOCKS, BLOCKS)
def test_every_sentence_is_in_one_bead_and_beads_are_in_order(source: list[list[str]], target: list[list[str]]) -> None:
    beads = align(source, target)
    assert [index for bead in beads for index in bead.source] == list(range(sum(map(len, source))))
    assert [index for bead in beads for index in bead.target] == list(range(sum(map(len, target))))
    assert align(source, target) == beads


def test_protected_objects_are_compared_by_what_they_hold() -> None:
    source = [['Use <span id="1" translate="no">a</span>.', 'Use <span id="1" translate="no">b</span>.', "Use it."]]
    target = [['用<span id="1" translate="no">b</span>。', "用它。"]]
    assert found(align(source, target)) in ([((0, 1), (0,)), ((2,), (1,))], [((0,), ()), ((1,), (0,)), ((2,), (1,))])


def test_kinds_of_blocks() -> None:
    source = [["Wind"], ["Wind and more of it here"], ["x = 1"]]
    target = [["Viento"], ["x = 1"], ["Viento y más aquí"]]
    kinds = (["heading", "para", "code"], ["heading", "code", "para"])
    assert ((1,), (1,)) not in found(align(source, target, kinds=kinds))


def test_languages_nothing_is_known_of() -> None:
    text = Invented(300, 7)
    assert correct(align(text.source, text.target), text.gold) > 0.93


def test_a_lexicon_of_the_book_helps_a_document() -> None:
    """Two documents of the same invented languages; the second alone is too short to learn from."""
    text = Invented(450, 3)
    cut = next(k for k in range(len(text.source)) if sum(map(len, text.source[:k])) > 390)
    first = (text.source[:cut], text.target[:cut])
    rest = (text.source[cut:], text.target[cut:])
    skipped = [sum(map(len, side)) for side in first]
    gold = [
        (tuple(i - skipped[0] for i in ours), tuple(j - skipped[1] for j in theirs))
        for ours, theirs in text.gold
        if ours[0] >= skipped[0]
    ]
    alone = correct(align(*rest), gold)
    helped = correct(align(*rest, learn([first])), gold)
    assert helped >= alone
    assert helped > 0.95
    both = align_book([first, rest])
    assert correct(both[1], gold) >= alone


def test_the_band_finds_what_the_whole_search_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    text = Invented(300, 5)
    # Numbers as anchors, and a long run that only the target has.
    source = [[f"{sentence} {1000 + number}" for sentence in block] for number, block in enumerate(text.source)]
    target = [[f"{sentence} {1000 + number}" for sentence in block] for number, block in enumerate(text.target)]
    inserted = [["Лишний абзац без пары.", "И ещё одно предложение."]] * 40
    target[30:30] = inserted
    whole = align(source, target)
    monkeypatch.setattr("sphinx_amts.align.band._SMALL", 10)
    assert found(align(source, target)) == found(whole)
    assert sum(not bead.source for bead in whole) >= 75


def test_the_area_of_the_band_is_linear() -> None:
    from sphinx_amts.align.band import band_of
    from sphinx_amts.align.text import read

    def area(size: int, every: int) -> int:
        sides = [[[f"a b {number} c" if number % every == 0 else "a b c"] for number in range(size)] for _ in range(2)]
        band = band_of(*(read(side, None, None) for side in sides))
        return int((band.last - band.first + 1).sum())

    assert area(4000, 50) / area(2000, 50) < 2.2
    assert area(12000, 10**9) / area(6000, 10**9) < 2.2  # without any anchor


def test_evidence_of_a_stretch_is_that_of_the_whole() -> None:
    import numpy as np

    from sphinx_amts.align.evidence import SHAPES, Evidence
    from sphinx_amts.align.seeds import column
    from sphinx_amts.align.text import read

    evidence = Evidence(read(ENGLISH, None, column("en")), read(CHINESE, None, column("zh")))
    _, whole = evidence.stretch(range(15), range(14))
    _, part = evidence.stretch(range(4, 9), range(3, 11))
    for shape in SHAPES:
        np.testing.assert_allclose(part[shape], whole[shape][4:9, 3:11], rtol=1e-4, atol=1e-4)


def test_a_lexicon_holds_translations() -> None:
    from sphinx_amts.align.lexicon import learn_pairs

    pairs = [(["wred", "whouse"], ["wrojo", "wcasa"]), (["wred", "wcar"], ["wrojo", "wcoche"]), (["wcar"], ["wcoche"])]
    lexicon = learn_pairs(pairs * 3)
    ratios = {
        divmod(int(code), len(lexicon.target)): ratio
        for code, ratio in zip(lexicon.pairs, lexicon.forward, strict=True)
    }
    words = {(s, t): ratios.get((a, b), 0) for s, a in lexicon.source.items() for t, b in lexicon.target.items()}
    assert words["wred", "wrojo"] > words["wred", "wcoche"]
    assert words["whouse", "wcasa"] > words["whouse", "wrojo"]
    assert not learn_pairs([]).pairs.size


def test_seed_table() -> None:
    from sphinx_amts.align.seeds import column, columns

    table = columns()
    assert set(table) == {"en", "de", "fr", "es", "pt", "it", "ru", "tr", "vi", "zh", "ja", "ko"}
    english, chinese = column("en_US"), column("zh_CN")
    assert english is not None
    assert chinese is not None
    rows = [
        set(chain.from_iterable(side.values()))
        for side in (english.find("For example, don't stop."), chinese.find("例如，不要停止。"))
    ]
    assert len(rows[0] & rows[1]) >= 3
    assert column("xx") is None


def test_languages_are_told_from_each_other_by_sphinx_catalogs() -> None:
    """Sphinx's own translations: text that this package's authors did not write."""
    import sphinx
    from babel.messages.pofile import read_po

    from sphinx_amts.align.seeds import column, columns, identify

    english = column("en")
    assert english is not None
    for code in sorted(set(columns()) - {"en"}):
        folder = Path(sphinx.__file__).parent / "locale" / {"zh": "zh_CN", "pt": "pt_BR"}.get(code, code)
        with (folder / "LC_MESSAGES" / "sphinx.po").open("rb") as file:
            messages = [
                one for one in read_po(file) if isinstance(one.id, str) and one.id and one.string and not one.fuzzy
            ]
        assert identify([str(one.string) for one in messages]) == code
        other = column(code)
        assert other is not None
        rows = [
            [set(chain.from_iterable(side.find(text).values())) for text in texts]
            for side, texts in (
                (english, [str(one.id) for one in messages]),
                (other, [str(one.string) for one in messages]),
            )
        ]
        right = sum(len(a & b) for a, b in zip(*rows, strict=True))
        wrong = sum(len(a & b) for a, b in zip(rows[0], rows[1][7:] + rows[1][:7], strict=True))
        assert right > 5 * wrong, code


def test_sentence_files() -> None:
    expected = found(align(ENGLISH, CHINESE))
    assert found(align_sentence_files(lines(ENGLISH), lines(CHINESE))) == expected
    spaced = ["", *(f"{line}\r\n" for line in lines(ENGLISH)), " ", ""]
    assert found(align_sentence_files(spaced, lines(CHINESE), ("en", "zh_CN"))) == expected


def test_sentence_files_without_blank_lines() -> None:
    flat = [[line for line in lines(text) if line] for text in (ENGLISH, CHINESE)]
    assert found(align_sentence_files(*flat)) == found(align(ENGLISH, CHINESE))
    bare = [[line.rstrip(".?。？") for line in side] for side in flat]
    assert len(align_sentence_files(*bare)) >= 10


def test_sentence_files_that_do_not_match() -> None:
    with pytest.raises(MismatchError, match="swapped"):
        align_sentence_files(lines(CHINESE), lines(ENGLISH), ("en", "zh_CN"))
    with pytest.raises(MismatchError, match="'es', not 'zh'"):
        align_sentence_files(lines(ENGLISH), lines(SPANISH), ("en", "zh_CN"))
    with pytest.raises(MismatchError, match="target text holds no sentences"):
        align_sentence_files(lines(ENGLISH), ["", " "])
    one, other = Invented(60, 1), Invented(60, 2)
    with pytest.raises(MismatchError, match="same chapter"):
        align_sentence_files(lines(one.source), lines(other.target))
    assert align_sentence_files(lines(one.source), lines(one.target))


def test_another_chapter_of_the_same_book() -> None:
    """The same words on both sides, but not the same sentences."""
    text = Invented(300, 9)
    half = len(text.source) // 2
    with pytest.raises(MismatchError, match="same chapter"):
        align_sentence_files(lines(text.source[:half]), lines(text.target[half:]))


def test_nothing_depends_on_the_order_of_sets() -> None:
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); import test_align as t; "
        "print(t.align(t.ENGLISH, t.CHINESE)); text = t.Invented(40, 4); print(t.align(text.source, text.target))"
    )
    printed = {
        subprocess.run(
            [sys.executable, "-c", code, str(Path(__file__).parent)],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(printed) == 1


def test_languages_of_a_text_are_not_guessed_from_little() -> None:
    check_languages(["OK"], ["好"], ("en", "zh_CN"))
    check_languages(["x = 1"], ["y = 2"], ("en", "nl"))


@pytest.mark.skipif(not GOLD.is_dir(), reason="the gold alignments are not beside this checkout")
@pytest.mark.parametrize(("section", "least"), [("dropout", 0.93), ("async-computation", 0.93)])
def test_gold(section: str, least: float) -> None:
    def rows(name: str) -> list[dict[str, Any]]:
        with (GOLD / name).open(encoding="utf-8") as file:
            return [row for row in map(json.loads, file) if row["section"] == section]

    sides = []
    for name in ("sentences.en.jsonl", "sentences.zh.jsonl"):
        blocks: dict[int, list[str]] = {}
        for row in rows(name):
            blocks.setdefault(row["block"], []).append(row["text"])
        sides.append(list(blocks.values()))
    gold: list[tuple[tuple[int, ...], tuple[int, ...]]] = [
        (tuple(row["src"]), tuple(row["tgt"])) for row in rows("beads.jsonl")
    ]
    assert correct(align_sentence_files(lines(sides[0]), lines(sides[1])), gold) >= least
