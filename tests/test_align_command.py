"""``amts align`` as a user runs it: what fits becomes parallel data, and everything else is named."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sphinx_amts.align import Blocks
from sphinx_amts.cli import main
from sphinx_amts.parallel import read_pairs
from tests.test_align import CHINESE, ENGLISH, Invented, lines

OTHER_CHINESE = [
    ["准备晚餐"],
    ["今天我们做一道简单的汤。", "先把土豆切成小块，再把洋葱炒软。", "水开以后放盐。"],
    ["如果客人很多，就多煮一些面条。", "孩子们通常更喜欢甜的东西。", "奶奶总是在花园里喝茶。"],
    ["猫睡在窗台上，什么也不想。", "火车明天早上从北站出发。", "邻居的狗又叫了一整夜。"],
    ["音乐会推迟到了星期五。", "谁也不知道钥匙放在哪里。"],
]


def rest(blocks: Blocks) -> str:
    """A document: its first block is the title."""
    title, *others = [" ".join(block) for block in blocks]
    return "\n\n".join([f"{title}\n{'=' * 2 * len(title)}", *others]) + "\n"


@pytest.fixture
def books(tmp_path: Path) -> Path:
    """Two books with one good document, and the right conf for neither."""
    for folder, text in (("en", ENGLISH), ("zh", CHINESE)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "good.rst").write_text(rest(text), encoding="utf-8")
    return tmp_path


def align(books: Path, *more: str, source: str = "en", target: str = "zh") -> int:
    arguments = [str(books / source), str(books / target), "-o", str(books / "pairs.tmx"), "--target-lang", "zh_CN"]
    return main(["align", *arguments, *more])


def test_a_book_becomes_parallel_data(books: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert align(books) == 0
    out, err = capsys.readouterr()
    assert out.startswith("1 documents, ")
    assert not err
    pairs = {pair.source: pair.target for pair in read_pairs(books / "pairs.tmx", "en", "zh_CN")}
    assert pairs["Reading a barometer"] == "读取气压计"
    assert pairs["It takes about two minutes."] == "大约需要两分钟。"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "has no text in the translation"),
        (rest(ENGLISH), "The translation seems to be in the language 'en', not 'zh'"),
        (rest(OTHER_CHINESE), "do not seem to be translations of each other"),
        (None, "has no counterpart in the translation"),
    ],
)
def test_a_document_that_does_not_fit_is_named_and_left_out(
    books: Path, text: str | None, reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (books / "en" / "bad.rst").write_text(rest(ENGLISH[1:]).replace("12", "14"), encoding="utf-8")
    if text is not None:
        (books / "zh" / "bad.rst").write_text(text, encoding="utf-8")
    (books / "zh" / "more.rst").write_text(rest(OTHER_CHINESE), encoding="utf-8")
    assert align(books) == 1
    out, err = capsys.readouterr()
    assert out.startswith("1 documents, ")
    assert f"left out: bad: {reason}" in err.replace("The two texts ", "")
    assert "left out: more: has no counterpart in the source" in err
    sources = {pair.source for pair in read_pairs(books / "pairs.tmx", "en", "zh_CN")}
    assert not any("14 experiments" in source for source in sources)
    assert "It takes about two minutes." in sources


def test_swapped_languages(books: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert align(books, source="zh", target="en") == 2
    err = capsys.readouterr().err
    assert "good: The languages are swapped" in err
    assert "nothing to align. No file was written." in err
    assert not (books / "pairs.tmx").exists()


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16"])
def test_wrong_encodings(books: Path, encoding: str, capsys: pytest.CaptureFixture[str]) -> None:
    (books / "zh" / "good.rst").write_bytes(rest(CHINESE).encode(encoding))
    assert align(books) == 2
    err = capsys.readouterr().err
    assert "good.rst" in err
    assert re.search("byte 0x(b6|ff)", err, re.IGNORECASE)
    assert "Save the file as UTF-8." in err
    assert not (books / "pairs.tmx").exists()


def test_a_translation_that_matches_badly_is_named(books: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Half of it is another text: too much for a wrong chapter, too little to trust."""
    half = [*CHINESE[:6], *OTHER_CHINESE[1:], *OTHER_CHINESE[1:]]
    (books / "zh" / "good.rst").write_text(rest(half), encoding="utf-8")
    assert align(books) == 0
    assert "doubtful: good: its sentences match badly (mean score 0." in capsys.readouterr().err


@pytest.mark.parametrize(
    ("source", "target", "message"),
    [
        (lines(ENGLISH), [], "target text holds no sentences"),
        (lines(CHINESE), lines(ENGLISH), "languages are swapped"),
        (lines(Invented(60, 1).source), lines(Invented(60, 2).target), "same chapter"),
    ],
)
def test_lists_that_do_not_match(
    tmp_path: Path, source: list[str], target: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, text in (("a.txt", source), ("b.txt", target)):
        (tmp_path / name).write_text("\n".join(text), encoding="utf-8")
    languages = ["--target-lang", "zh_CN"] if "swapped" in message else []
    assert main(["align", "--sentences", str(tmp_path / "a.txt"), str(tmp_path / "b.txt"), *languages]) == 2
    out, err = capsys.readouterr()
    assert message in err
    assert not out


def test_a_list_in_another_encoding(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.txt").write_text("\n".join(lines(ENGLISH)), encoding="utf-8")
    (tmp_path / "b.txt").write_bytes("\n".join(lines(CHINESE)).encode("gb18030"))
    assert main(["align", "--sentences", str(tmp_path / "a.txt"), str(tmp_path / "b.txt")]) == 2
    assert "b.txt: is not UTF-8" in capsys.readouterr().err


def test_wrong_use(books: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["align", str(books / "en"), str(books / "zh"), "--target-lang", "zh_CN"]) == 2
    assert main(["align", str(books / "en"), str(books / "zh"), "-o", str(books / "a.csv")]) == 2
    assert align(books, target="nowhere") == 2
    assert "no such file or folder" in capsys.readouterr().err
    for score in ("7", "-1", "nan"):
        assert align(books, "--min-score", score) == 2
        assert "--min-score" in capsys.readouterr().err
