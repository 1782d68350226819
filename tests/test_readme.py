"""What the README shows is what the example book gives."""

from __future__ import annotations

import re
from pathlib import Path

from sphinx_amts import catalog as po
from sphinx_amts import cli

ROOT = Path(__file__).parent.parent


def _blocks(language: str) -> list[str]:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def test_the_paragraph_is_in_the_example_book() -> None:
    before, after = _blocks("rst")
    assert before in (ROOT / "example_book" / "pressure.rst").read_text(encoding="utf-8")
    entries = po.read(ROOT / "example_book" / "locale" / "zh_CN" / "LC_MESSAGES" / "pressure.po").by_msgid()
    assert entries[" ".join(before.split())].msgstr == after.strip()


def test_the_commands_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"^make (\w+)", "".join(_blocks("sh")), re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE)


def test_every_command_is_named_and_no_other() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert set(re.findall(r"`amts ([\w-]+)", text)) == set(cli.COMMANDS)


def test_links_lead_somewhere() -> None:
    for page in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "docs" / "README.md"):
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
