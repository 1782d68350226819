"""Ready-made habits: what they write, what they leave alone, and that doing it twice changes nothing."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sphinx_amts import catalog, habits
from sphinx_amts.model import Origin

ZH = SimpleNamespace(language="zh_CN")
ES = SimpleNamespace(language="es")
EXAMPLE = Path(__file__).parent.parent / "example_book" / "locale"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("我们先量温度,再记下来.", "我们先量温度，再记下来。"),
        ("圆周率是3.14,见表1.", "圆周率是3.14，见表1。"),
        ("在12:30读数,共1,000次.", "在12:30读数，共1,000次。"),
        ("使用Python(一种语言)编程.", "使用Python（一种语言）编程。"),
        ('他说"你好" ,走了', "他说“你好”，走了"),
        ("为什么? 因为下雨!", "为什么？因为下雨！"),
        ("见 Smith et al. (2010), 第3页", "见 Smith et al. (2010)，第3页"),
        ("打开http://x.y/a?b=c, 再看", "打开http://x.y/a?b=c，再看"),
        ("等等...然后", "等等……然后"),
        ("读\ue000,再写\ue001.", "读\ue000，再写\ue001。"),
        ("（见图1）.", "（见图1）。"),
        ("图1. 温度", "图1. 温度"),
        ("运行`a:b`或a,b", "运行`a:b`或a,b"),
        ("Only Latin text, with (brackets).", "Only Latin text, with (brackets)."),
    ],
)
def test_chinese_punctuation(text: str, expected: str) -> None:
    assert habits.chinese_punctuation(text, ZH) == expected


def test_chinese_spaces_and_back() -> None:
    assert habits.chinese_spaces("用Python写3个函数，100%正确", ZH) == "用 Python 写 3 个函数，100% 正确"
    assert habits.chinese_no_spaces("用 Python 写 3 个函数，100% 正确", ZH) == "用Python写3个函数，100%正确"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Qué es esto? Nada.", "¿Qué es esto? Nada."),
        ("Hola! Cómo estás?", "¡Hola! ¿Cómo estás?"),
        ("Si llueve, qué haces?", "Si llueve, ¿qué haces?"),
        ("No. (Llueve?) Sí.", "No. (¿Llueve?) Sí."),
        ("\ue000Qué\ue001 hora es?", "¿\ue000Qué\ue001 hora es?"),
        ("«Por qué?», dijo.", "«¿Por qué?», dijo."),
        ("¿Qué? Sí!", "¿Qué? ¡Sí!"),
        ("Llueve…? Y ahora?", "¿Llueve…? ¿Y ahora?"),
        ("Abre http://x.y/a?b=c y lee.", "Abre http://x.y/a?b=c y lee."),
    ],
)
def test_spanish_marks(text: str, expected: str) -> None:
    assert habits.spanish_marks(text, ES) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('Dijo "hola".', "Dijo «hola»."),
        ("“a “b” c”", "«a “b” c»"),
        ('«a "b" c»', "«a “b” c»"),
        ('un tubo de 5" y "x"', 'un tubo de 5" y "x"'),
        ('una " sola', 'una " sola'),
        ("al revés ”x“", "al revés ”x“"),
    ],
)
def test_spanish_quotes(text: str, expected: str) -> None:
    assert habits.spanish_quotes(text, ES) == expected


HABITS = [
    (habits.chinese_punctuation, ZH),
    (habits.chinese_spaces, ZH),
    (habits.chinese_no_spaces, ZH),
    (habits.spanish_marks, ES),
    (habits.spanish_quotes, ES),
]
PRIVATE = re.compile("[\ue000-\uf8ff]")
TEXTS = st.text(alphabet=st.sampled_from(list('你好天a1Bé ,.;:?!()"“”«»¿¡。，…\ue000\ue001\ue002 \n')), max_size=30)


@pytest.mark.parametrize(("habit", "context"), HABITS)
@given(text=TEXTS)
def test_twice_is_once_and_markup_stays(habit: object, context: SimpleNamespace, text: str) -> None:
    once = habit(text, context)  # type: ignore[operator]
    assert habit(once, context) == once  # type: ignore[operator]
    assert PRIVATE.findall(once) == PRIVATE.findall(text)


@pytest.mark.parametrize(("habit", "context"), HABITS)
@given(text=TEXTS)
def test_other_languages_are_left_alone(habit: object, context: SimpleNamespace, text: str) -> None:
    assert habit(text, SimpleNamespace(language="de")) == text  # type: ignore[operator]


@pytest.mark.parametrize(
    ("habit", "context"), [(habits.chinese_punctuation, ZH), (habits.spanish_marks, ES), (habits.spanish_quotes, ES)]
)
def test_what_people_wrote_in_the_example_book_stays(habit: object, context: SimpleNamespace) -> None:
    paths = sorted((EXAMPLE / context.language / "LC_MESSAGES").glob("*.po"))
    entries = (entry for path in paths for entry in catalog.read(path).by_msgid().values())
    texts = [entry.msgstr for entry in entries if entry.origin is Origin.HUMAN]
    assert len(texts) > 200
    prose = [text for text in texts if "`" not in text and "\\" not in text]
    changed = [(text, habit(text, context)) for text in prose if habit(text, context) != text]  # type: ignore[operator]
    assert not changed
