"""Parallel data as people and tools write it."""

from __future__ import annotations

from pathlib import Path

import pytest

from sphinx_amts.align import align_message
from sphinx_amts.model import FileError
from sphinx_amts.parallel import read_pairs, read_terms

TMX = """<?xml version="1.0" encoding="UTF-8"?>
<tmx version="1.4"><header srclang="en"/><body>
<tu><tuv xml:lang="en-US"><seg>A <hi>warm</hi> front<ph>x</ph> &amp; rain.</seg></tuv>
<tuv xml:lang="zh-CN"><seg>暖锋和雨。</seg></tuv></tu>
<tu><tuv xml:lang="en"><seg>Only English.</seg></tuv></tu>
</body></tmx>
"""


def write(tmp_path: Path, name: str, text: str | bytes) -> Path:
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_tables(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", 'en,zh\n"It said ""no"", twice.",说了两次“不”。\nrain < 5 & wind,雨\n,空\n')
    pairs = read_pairs(path, "en", "zh_CN")
    assert [(one.source, one.target) for one in pairs] == [
        ('It said "no", twice.', "说了两次“不”。"),
        ("rain &lt; 5 &amp; wind", "雨"),
    ]
    path = write(tmp_path, "a.tsv", "de\ten\tpt-BR\nx\tA reading\tUma leitura\n")
    assert read_terms(path, "en", "pt_BR")[0].target == "Uma leitura"


def test_tmx(tmp_path: Path) -> None:
    pairs = read_pairs(write(tmp_path, "a.tmx", TMX), "en", "zh_CN")
    assert [(one.source, one.target) for one in pairs] == [("A warm front &amp; rain.", "暖锋和雨。")]


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("a.csv", "english,chinese\na,b\n", ["a.csv:1", "'en'"]),
        ("a.csv", 'en,zh\n"open,b\n', ["a.csv:", "quotation"]),
        ("a.csv", b"en,zh\nok,\xff\n", ["a.csv:2", "0xFF"]),
        ("a.tmx", "<tmx><body>", ["a.tmx:1", "XML"]),
        ("a.tmx", '<!DOCTYPE tmx [<!ENTITY x SYSTEM "file:///etc/passwd">]><tmx/>', ["entities"]),
    ],
)
def test_bad_files(tmp_path: Path, name: str, text: str | bytes, words: list[str]) -> None:
    with pytest.raises(FileError) as error:
        read_pairs(write(tmp_path, name, text), "en", "zh_CN")
    assert all(word in str(error.value) for word in words), str(error.value)


def test_sentences_of_a_message() -> None:
    source = ["The air is cold.", "It rains 12 mm.", "The station in the garden shows all of this at once."]
    target = ["El aire es frío y llueve 12 mm.", "La estación del jardín lo muestra todo a la vez."]
    beads = align_message(source, target)
    assert [(bead.source, bead.target) for bead in beads] == [((0, 1), (0,)), ((2,), (1,))]
    assert [bead.source for bead in align_message(["a", "b"], ["x", "y"])] == [(0,), (1,)]
    assert align_message([], ["x"])[0].target == (0,)
