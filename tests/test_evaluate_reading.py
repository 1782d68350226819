"""Reading files of a book outside of a build: blocks and sentences, whatever the syntax."""

from __future__ import annotations

from pathlib import Path

import pytest

from sphinx_amts.cli.reading import Block, read_blocks
from sphinx_amts.model import ConfigurationError

REST = "Rain\n====\n\nRain *falls*. It is ``wet``.\n\n.. code-block:: python\n\n   print(1)\n\nSee :ref:`nowhere`.\n"
D2L = "# Rain\n:label:`sec_rain`\n\nRain falls, see :numref:`sec_rain`.\nIt is $x$ wet.\n\n```{.python .input}\nprint(1)\n```\n"


def shown(blocks: list[Block]) -> list[tuple[str, str, int]]:
    return [(block.kind, block.text, len(block.segments)) for block in blocks]


def test_rest_without_a_conf(tmp_path: Path) -> None:
    (tmp_path / "part").mkdir()
    (tmp_path / "part" / "rain.rst").write_text(REST, encoding="utf-8")
    blocks = read_blocks(tmp_path, "en", tmp_path / "state")
    assert list(blocks) == ["part/rain"]
    assert shown(blocks["part/rain"]) == [
        ("title", "Rain", 1),
        ("paragraph", "Rain falls. It is wet.", 2),
        ("literal_block", "print(1)", 0),
        ("paragraph", "See nowhere.", 1),
    ]
    first, second = blocks["part/rain"][1].segments
    assert first.html == 'Rain <em id="1">falls</em>.'
    assert second.html == 'It is <span id="1" translate="no">wet</span>.'


def test_d2lbook_markdown(tmp_path: Path) -> None:
    pytest.importorskip("myst_parser", reason="Markdown needs myst-parser")
    path = tmp_path / "rain.md"
    path.write_text(D2L, encoding="utf-8")
    blocks = read_blocks(path, "en", tmp_path / "state")["rain"]
    assert [kind for kind, _text, _count in shown(blocks)] == ["title", "paragraph", "literal_block"]
    assert len(blocks[1].segments) == 2
    assert all('translate="no"' in segment.html for segment in blocks[1].segments)


def test_only_what_is_named_is_read_and_files_stay(tmp_path: Path) -> None:
    for name in ("a.rst", "b.rst"):
        (tmp_path / name).write_text(REST, encoding="utf-8")
    state = tmp_path / "elsewhere"
    assert list(read_blocks(tmp_path / "b.rst", "en", state)) == ["b"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.rst", "b.rst", "elsewhere"]
    (tmp_path / "b.rst").write_text(REST.replace("Rain *falls*", "Snow *falls*"), encoding="utf-8")
    assert read_blocks(tmp_path / "b.rst", "en", state)["b"][1].text.startswith("Snow")


def test_a_book_with_a_conf_is_read_with_it(tmp_path: Path) -> None:
    (tmp_path / "conf.py").write_text('exclude_patterns = ["draft*"]\nroot_doc = "rain"\n', encoding="utf-8")
    for name in ("rain.rst", "draft.rst"):
        (tmp_path / name).write_text(REST, encoding="utf-8")
    assert list(read_blocks(tmp_path, "en", tmp_path / "_state")) == ["rain"]


def test_what_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no such file or folder"):
        read_blocks(tmp_path / "none", "en", tmp_path)
    with pytest.raises(ConfigurationError, match="no files to read there"):
        read_blocks(tmp_path, "en", tmp_path)
    (tmp_path / "a.txt").write_text("text", encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"Accepted endings: \.md, \.rst, \.ipynb"):
        read_blocks(tmp_path / "a.txt", "en", tmp_path)
