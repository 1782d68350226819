"""Sentence splitting: rules per language, coverage of the text, and independence from what ran before."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sphinx_amts.sentences import PLACEHOLDER, spans

CASES = {
    "en": [
        "Use it, e.g. here.| See Fig. 3 and Eq. (3).| Done!",
        "Smith et al. (2014) and J. R. R. Tolkien agree.| See Sec. 4.| No. 5 is next.",
        "It is 3.14.| Version 2.0.1 is out.| Well… perhaps.| Well…| Then go.",
        "He said “Stop.”| Then he left.| (See this.)| And that.",
        '"Why?"| "No reason."| (And so on, etc.)| The end.',
        "Plan B.| The next.| Dr. Smith lives in the U.S.| The end.",
        "1. First item.| Second item.",
        "Why? he asked.| np.array works.| torch.Tensor too.",
        "Shown before.[1] Next.",
        f"Use {PLACEHOLDER}.| {PLACEHOLDER} is code.| So it is.{PLACEHOLDER}| Next, e.g. {PLACEHOLDER}.",
        f"As in Sec. {PLACEHOLDER}.| numpy is fine.| lower_case() begins this.",
        "No stop at the end: foo.bar(baz)",
        "...",
    ],
    "zh_CN": [
        "他说。|“你好。”|然后走了。|（真的！）他说是。",
        "版本 3.14 可用。|使用SGD.| 然后继续?| 好!|行",
        "“为什么？”他问。|这（真的吗？）很好。|等等……然后。|最后！",
        '他说。|"你好。"|然后a != b。|看x?y=1。',
        f"运行{PLACEHOLDER}。|{PLACEHOLDER}是代码（见 e.g. 这里）。",
    ],
    "ja": ["これはペンです。|「はい。」|本当？！|はい。"],
    "ko": ["이것은 책입니다.| 저것은 무엇입니까?| 예."],
    "de": [
        "Am 3. Oktober war es z. B. Die Sache, d. h. gut.| Es gibt 3.| Das ist so.",
        "Siehe Abb. 3.| Prof. Dr. Müller kam.| Äpfel usw.| Das Ende.| „Gut.“| »Ja!«| Dann.",
    ],
    "fr": ["C'est M. Dupont, p. ex. ici.| « Oui ! »| Il part.| Voir fig. 3.| Est-ce vrai ?| Oui."],
    "es": ["¿Qué es esto?| ¡Nada!| El Sr. Pérez vive en EE. UU.| Por ejemplo, p. ej. aquí."],
    "pt_BR": ["O Sr. Silva viu a fig. 2.| Foi em 5 a. C.| Os outros, p. ex. nós, não."],
    "it": ["Il sig. Rossi (cfr. pag. 3) parla.| Pane, latte ecc.| La fine, p. es. qui."],
    "ru": ["См. рис. 3.| Это т. е. так и т. д.| Затем он пришел.| А. С. Пушкин родился."],
    "tr": ["3. Bölüm burada.| Elma, armut vb.| Bu iyi."],
    "vi": ["TP. HCM đẹp v.v.| Các bạn ở đây."],
    "th": ["สวัสดีครับ ผมชื่อเล่น"],
    "hi": ["यह है।| वह है।"],
    "xx": ["Alpha, e.g. beta.| Gamma!"],
}


@pytest.mark.parametrize(
    ("language", "marked"), [(language, case) for language, all_ in CASES.items() for case in all_]
)
def test_boundaries(language: str, marked: str) -> None:
    text = marked.replace("|", "")
    assert [text[start:end] for start, end in spans(text, language)] == [part.strip() for part in marked.split("|")]


@pytest.mark.parametrize("text", ["", " ", "\u3000\u00a0"])
def test_nothing_but_space_has_no_sentence(text: str) -> None:
    assert spans(text, "en") == []


def test_codes_are_read_leniently() -> None:
    text = "一。二。"
    assert spans(text, "zh") == spans(text, "zh_TW") == spans(text, "ZH-Hans") == [(0, 2), (2, 4)]
    assert spans(text, "fr") == [(0, 4)]


TEXT = st.lists(
    st.sampled_from(
        [
            "e.g.",
            "etc.",
            "The",
            "word",
            "3.",
            "J.",
            "...",
            "…",
            "。",
            "！",
            "？",
            "”",
            "“",
            '"',
            "(",
            ")",
            "）",
            "文",
            "字",
            " ",
            ".",
            "?",
            "!",
            PLACEHOLDER,
            "z. B.",
            "»",
            "「",
            "」",
            "x_1",
        ]
    )
).map("".join)


@given(st.one_of(TEXT, st.text()), st.sampled_from(sorted(CASES)))
def test_every_character_is_covered_once(text: str, language: str) -> None:
    found = spans(text, language)
    position = 0
    for start, end in found:
        assert not text[position:start].strip()
        assert text[start:end]
        assert text[start:end] == text[start:end].strip()
        position = end
    assert not text[position:].strip()


@given(TEXT, TEXT)
def test_no_text_influences_another(first: str, second: str) -> None:
    before = spans(second, "en")
    spans(first, "en")
    assert spans(second, "en") == before
