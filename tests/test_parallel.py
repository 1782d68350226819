"""Parallel data and term lists as people and tools write them, and as Amazon Translate reads them."""

from __future__ import annotations

import csv
import io
from html import unescape
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sphinx_amts.model import FileError, Origin, SegmentPair
from sphinx_amts.parallel import SEGMENT_BYTES, read_pairs, read_terms, write_pairs
from sphinx_amts.parallel.fragments import fold, fragment

TMX = """<?xml version="1.0" encoding="UTF-8"?>
<tmx version="1.4"><header srclang="en"/><body>
<tu><tuv xml:lang="en-US"><seg>A <hi>warm</hi> front<ph>{name}</ph> &amp; rain.</seg></tuv>
<tuv xml:lang="zh-CN"><seg>暖锋和雨<ph>{name}</ph>。</seg></tuv></tu>
<tu><tuv xml:lang="en"><seg>Only English.</seg></tuv></tu>
</body></tmx>
"""

OMEGAT = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE tmx SYSTEM "tmx14.dtd">
<tmx version="1.4">
  <header creationtool="OmegaT" o-tmf="OmegaT TMX" adminlang="EN-US" datatype="plaintext" creationtoolversion="6.0.0"
    segtype="sentence" srclang="EN-US"/>
  <body>
<!-- Default translations -->
    <tu>
      <tuv xml:lang="EN-US"><seg>The &lt;f0&gt;gauge&lt;/f0&gt; is full.&lt;br1/&gt;</seg></tuv>
      <tuv xml:lang="ES" changeid="ana" changedate="20240501T101010Z"><seg>El &lt;f0&gt;medidor&lt;/f0&gt; está lleno.</seg></tuv>
    </tu>
<!-- Alternative translations -->
    <tu>
      <prop type="file">one.md</prop><prop type="id">7</prop>
      <tuv xml:lang="EN-US"><seg><bpt i="0" x="0">&lt;a0&gt;</bpt>Clear<ept i="0">&lt;/a0&gt;</ept> sky<it pos="begin">x</it></seg></tuv>
      <tuv xml:lang="ES"><seg><bpt i="0" x="0">&lt;a0&gt;</bpt>Cielo<ept i="0">&lt;/a0&gt;</ept> despejado</seg></tuv>
    </tu>
  </body>
</tmx>
"""

WEBLATE = """<?xml version='1.0' encoding='utf-8'?>
<!DOCTYPE tmx SYSTEM 'tmx14.dtd'>
<tmx version="1.4"><header creationtool="Translate Toolkit" creationtoolversion="3.12" segtype="sentence" o-tmf="UTF-8"
 adminlang="en" srclang="en" datatype="PlainText"/><body>
<tu><note>about/1</note><tuv xml:lang="en"><seg>Wind &lt; 5 m/s</seg></tuv><tuv xml:lang="zh_Hans"><seg>风速&lt;5米/秒</seg></tuv></tu>
</body></tmx>
"""


def put(tmp_path: Path, name: str, text: str | bytes) -> Path:
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def texts(pairs: list[SegmentPair]) -> list[tuple[str, str]]:
    return [(pair.source, pair.target) for pair in pairs]


def test_tables(tmp_path: Path) -> None:
    path = put(
        tmp_path,
        "a.csv",
        'en,zh\n"It said ""no"", twice.",说了两次“不”。\nrain < 5 & wind,雨\n,空\n\n"two\nlines",二\n',
    )
    assert texts(read_pairs(path, "en", "zh_CN")) == [
        ('It said "no", twice.', "说了两次“不”。"),
        ("rain &lt; 5 &amp; wind", "雨"),
        ("two lines", "二"),
    ]
    path = put(tmp_path, "a.tsv", "de\ten\tpt-BR\nx\tA reading\tUma leitura\n")
    assert read_terms(path, "en", "pt_BR")[0].target == "Uma leitura"


def test_terms_are_plain_text(tmp_path: Path) -> None:
    path = put(tmp_path, "t.csv", "en,es\nAT&T,AT&T\n")
    assert read_terms(path, "en", "es")[0].source == "AT&T"


@pytest.mark.parametrize(
    ("header", "wanted", "column"),
    [
        ("en,zh", "zh_CN", 1),
        ("en,zh_CN", "zh_CN", 1),
        ("EN-us,ZH-cn", "zh_CN", 1),
        ("en,zh-TW,zh", "zh_CN", 2),
        ("en,zh-Hans", "zh_CN", 1),
        ("en,pt-PT,pt-BR", "pt_BR", 2),
        ("en,pt-PT,pt", "pt_BR", 2),
        ("en,zh-Hant,x", "zh_TW", 1),
    ],
)
def test_codes_match_leniently(tmp_path: Path, header: str, wanted: str, column: int) -> None:
    row = ["s", "one", "two"][: header.count(",") + 1]
    path = put(tmp_path, "a.csv", f"{header}\n{','.join(row)}\n")
    assert texts(read_pairs(path, "en", wanted)) == [("s", row[column])]


def test_traditional_characters_are_no_simplified_ones(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="zh_CN"):
        read_pairs(put(tmp_path, "a.csv", "en,zh-TW\na,b\n"), "en", "zh_CN")


def test_tmx(tmp_path: Path) -> None:
    assert texts(read_pairs(put(tmp_path, "a.tmx", TMX), "en", "zh_CN")) == [
        (
            'A warm front<span id="1" translate="no">{name}</span> &amp; rain.',
            '暖锋和雨<span id="1" translate="no">{name}</span>。',
        )
    ]


def test_tmx_of_omegat_and_weblate(tmp_path: Path) -> None:
    assert texts(read_pairs(put(tmp_path, "o.tmx", OMEGAT), "en", "es")) == [
        ("The gauge is full.", "El medidor está lleno."),
        ("Clear sky", "Cielo despejado"),
    ]
    assert texts(read_pairs(put(tmp_path, "w.tmx", WEBLATE), "en", "zh_CN")) == [("Wind &lt; 5 m/s", "风速&lt;5米/秒")]


def test_tmx_in_another_encoding(tmp_path: Path) -> None:
    text = TMX.replace("UTF-8", "UTF-16")
    assert texts(read_pairs(put(tmp_path, "a.tmx", text.encode("utf-16")), "en", "zh"))[0][1].startswith("暖锋")


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("a.csv", "english,chinese\na,b\n", ["a.csv:1", "'en'"]),
        ("a.csv", "en,zh-TW\na,b\n", ["a.csv:1", "'zh_CN'"]),
        ("a.csv", "", ["a.csv", "empty"]),
        ("a.csv", 'en,zh\nx,y\n"open,b\nc,d\n', ["a.csv:3", "quotation"]),
        ("a.csv", 'en,zh\n"a" b,c\n', ["a.csv:2", "quotation"]),
        ("a.csv", "en,zh\nOne, two,b\n", ["a.csv:2", "3 fields"]),
        ("a.csv", b"en,zh\nok,\xff\n", ["a.csv:2", "byte 9", "0xFF", "UTF-8"]),
        ("a.csv", "en,zh\n你好,a\n".encode("gbk"), ["a.csv:2", "UTF-8"]),
        ("a.txt", "en,zh\n", ["a.txt", ".tmx"]),
        ("a.tmx", "<tmx><body>", ["a.tmx:1", "XML"]),
        ("a.tmx", "<html></html>", ["a.tmx:1", "<html>"]),
        ("a.tmx", b"<tmx>\n\xff</tmx>", ["a.tmx:2", "0xFF"]),
        ("a.tmx", "<!DOCTYPE tmx [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><tmx>&x;</tmx>", ["a.tmx:1", "declares"]),
        ("a.tmx", "<?xml version='1.0'?>\n<!DOCTYPE tmx SYSTEM 'http://localhost/tmx14.dtd'><tmx/>", ["a.tmx:2", "fetched"]),
        ("a.tmx", "<!DOCTYPE tmx SYSTEM 'tmx14.dtd'><tmx><body><tu>&x;</tu></body></tmx>", ["a.tmx:1", "'x'"]),
    ],
)  # fmt: skip
def test_bad_files(tmp_path: Path, name: str, text: str | bytes, words: list[str]) -> None:
    with pytest.raises(FileError) as error:
        read_pairs(put(tmp_path, name, text), "en", "zh_CN")
    assert all(word in str(error.value) for word in words), str(error.value)


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"none\.csv: cannot be read"):
        read_pairs(tmp_path / "none.csv", "en", "es")


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("a <b> c", "a &lt;b&gt; c"),
        ('<em id="1">a</em> b', '<em id="1">a</em> b'),
        ('<em id="1">a b', '&lt;em id="1"&gt;a b'),
        ('Use <span id="1" translate="no">x &lt; y</span>.', 'Use <span id="1" translate="no">x &lt; y</span>.'),
        ("AT&T &amp; so &notit", "AT&amp;T &amp; so &amp;notit"),
        ("a\u00a0b \u2028 c", "a\u00a0b c"),
    ],
)
def test_plain_text_and_markup(tmp_path: Path, field: str, expected: str) -> None:
    quoted = field.replace('"', '""')
    assert read_pairs(put(tmp_path, "a.csv", f'en,es\n"{quoted}",x\n'), "en", "es")[0].source == expected


def test_writing_keeps_the_rules_of_the_service(tmp_path: Path) -> None:
    pairs = [
        SegmentPair("twice", "uno"),
        SegmentPair("- a dash", "un guion"),
        SegmentPair("twice", "dos"),
        SegmentPair("tie", "first"),
        SegmentPair("tie", "last"),
        SegmentPair("twice", "dos"),
        SegmentPair("x" * (SEGMENT_BYTES + 1), "y"),
        SegmentPair("long", "字" * (SEGMENT_BYTES // 3 + 1)),
        SegmentPair("two\nlines", 'say "yes", twice'),
        SegmentPair("nothing", " "),
    ]
    path = tmp_path / "deep" / "out.csv"
    report = write_pairs(path, pairs, "en", "es_MX")
    rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"))))
    assert rows == [["en", "es-MX"], ["twice", "dos"], ["tie", "last"], ["two lines", 'say "yes", twice']]
    assert b'"say ""yes"", twice"' in path.read_bytes()
    assert report.written == 3
    assert report.left_out == {
        "a field begins with one of + - = @ (TMX allows that)": 1,
        "more than 1000 bytes on one side": 2,
        "no text on one side": 1,
        "the same pair again": 1,
        "another translation of the source is preferred": 2,
    }
    assert all(reason in str(report) for reason in report.left_out)
    write_pairs(tmp_path / "out.tmx", pairs, "en", "es")
    assert ("- a dash", "un guion") in texts(read_pairs(tmp_path / "out.tmx", "en", "es"))


def test_long_pairs_are_split_into_sentences(tmp_path: Path) -> None:
    ours = [f'Sentence {n} is <em id="{n}">{"long " * 60}indeed. Really</em>.' for n in range(1, 5)]
    theirs = [f'第{n}句很<em id="{n}">{"长" * 60}。真的</em>。' for n in range(1, 5)]
    report = write_pairs(tmp_path / "a.csv", [SegmentPair(" ".join(ours), "".join(theirs))], "en", "zh_CN")
    assert (report.written, report.split, report.left_out) == (4, 1, {})
    assert texts(read_pairs(tmp_path / "a.csv", "en", "zh_CN")) == list(zip(ours, theirs, strict=True))
    report = write_pairs(tmp_path / "a.csv", [SegmentPair(" ".join(ours), theirs[0])], "en", "zh_CN")
    assert report.left_out == {"more than 1000 bytes on one side": 1}


TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc", "Co", "Cn")), min_size=1, max_size=40)
FRAGMENT = st.lists(
    st.sampled_from(
        ["a", "wort", "字", "&amp;", "&lt;", '"', ",", "\t", "; ", "'", " ", '<em id="1">x</em>', '<span id="2" translate="no">-&gt;</span>']
    ),
    min_size=1,
    max_size=8,
).map(lambda parts: "x" + "".join(parts))  # fmt: skip


@pytest.mark.parametrize("ending", ["csv", "tsv", "tmx"])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(pairs=st.lists(st.tuples(FRAGMENT, FRAGMENT), max_size=6, unique_by=lambda pair: " ".join(pair[0].split())))
def test_what_is_written_is_read_again(tmp_path: Path, ending: str, pairs: list[tuple[str, str]]) -> None:
    path = tmp_path / f"pairs.{ending}"
    report = write_pairs(path, [SegmentPair(*pair) for pair in pairs], "en", "de")
    expected = [tuple(" ".join(text.split()) for text in pair) for pair in pairs]
    assert texts(read_pairs(path, "en", "de")) == expected
    assert report.written == len(pairs)
    before = path.read_bytes()
    write_pairs(path, read_pairs(path, "en", "de"), "en", "de")
    assert path.read_bytes() == before


@given(field=TEXT.filter(lambda text: "&" not in text))
def test_any_plain_text_becomes_a_sound_fragment(field: str) -> None:
    once = fragment(field)
    assert fragment(once) == once
    assert unescape(once) == fold(field)


def test_pairs_are_approved(tmp_path: Path) -> None:
    pair = read_pairs(put(tmp_path, "a.csv", "en,es\na,b\n"), "en", "es")[0]
    assert (pair.origin, pair.score) == (Origin.PARALLEL, 1.0)
