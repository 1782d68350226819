"""The documentation builds without a warning in both languages, and what it says of the program is so."""

from __future__ import annotations

import ast
import json
import re
import shlex
import shutil
import subprocess
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from dataclasses import fields
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from sphinx_amts import catalog as po
from sphinx_amts import cli, config, engines
from tests.conftest import Book

UNTRANSLATED = re.compile(r"`[^`]+`|[\d.,%]+")
"""Texts that are the same in every language: code and figures."""

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = [path for path in sorted(DOCS.glob("*.md")) if path.name != "README.md"]


def _sphinx(builder: str, source: Path, outdir: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "sphinx", "-q", "-b", builder, *options, str(source), str(outdir)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", check=False)


def _needs_the_theme() -> None:
    pytest.importorskip("furo", reason="the extra docs is not installed: the theme furo is missing")


def test_the_english_book_builds_without_a_warning(tmp_path: Path) -> None:
    _needs_the_theme()
    done = _sphinx("html", DOCS, tmp_path / "html", "-W", "--keep-going", "-d", str(tmp_path / "doctrees"))
    assert (done.returncode, done.stderr) == (0, "")
    options = (tmp_path / "html" / "options.html").read_text(encoding="utf-8")
    assert 'id="confval-amts_parallel_data"' in options
    commands = (tmp_path / "html" / "commands.html").read_text(encoding="utf-8")
    assert all(f'id="amts-{name}"' in commands for name in cli.COMMANDS)


# -- what the pages say --------------------------------------------------------------------------------------------


def _commands() -> Iterator[tuple[str, str]]:
    for path in [*PAGES, ROOT / "README.md"]:
        for line in path.read_text(encoding="utf-8").splitlines():
            if match := re.match(r"\s*(?:\$ |- run: )?(amts [^|&#>]+)", line):
                yield path.name, match[1].strip()


@pytest.mark.parametrize(("page", "command"), sorted(set(_commands())))
def test_commands_are_accepted(page: str, command: str) -> None:
    if "…" not in command and "--version" not in command:
        cli.parser().parse_args(shlex.split(command)[1:])


def test_promises_name_tests_that_exist() -> None:
    text = (DOCS / "guarantees.md").read_text(encoding="utf-8")
    named = re.findall(r"`(tests/\w+\.py)(?:::(\w+))?`", text)
    assert len(named) > 15
    for file, name in named:
        tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
        assert not name or name in {getattr(node, "name", None) for node in tree.body}, f"{file}::{name}"


def test_options_that_are_named_exist() -> None:
    known = {f"amts_{option.name}" for option in fields(config.Options)}
    for path in [*PAGES, ROOT / "README.md", ROOT / "CHANGELOG.md"]:
        named = set(re.findall(r"`(amts_\w+)`|^(amts_\w+) =", path.read_text(encoding="utf-8"), re.MULTILINE))
        assert {name for pair in named for name in pair if name} <= known, path.name


def test_all_marks_of_catalogs_are_described() -> None:
    text = (DOCS / "catalogs.md").read_text(encoding="utf-8")
    sources = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "sphinx_amts").rglob("*.py"))
    marks = set(re.findall(r'"(amts-\w+): "', sources))
    assert len(marks) >= 5
    assert marks <= set(re.findall(r"`(amts-\w+): ", text))


CODED = {
    "Diagnostic": 0,
    "RenderError": 0,
    "TagError": 0,
    "UnitError": 0,
    "_diagnose": 1,
    "_problem": 1,
    "take_back": 1,
}
"""What makes a diagnostic, and the place of its code among the arguments."""


def _trees() -> Iterator[ast.Module]:
    for path in (ROOT / "sphinx_amts").rglob("*.py"):
        yield ast.parse(path.read_text(encoding="utf-8"))


def _calls(tree: ast.Module) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, (ast.Name, ast.Attribute)):
            yield node.func.id if isinstance(node.func, ast.Name) else node.func.attr, node


def _codes() -> Iterator[str]:
    """Every code of a diagnostic that stands in the program, as itself or as a constant of its module."""
    for tree in _trees():
        constants = {
            target.id: node.value.value
            for node in tree.body
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for name, call in _calls(tree):
            if name in CODED and len(call.args) > CODED[name]:
                code = call.args[CODED[name]]
                value = constants.get(code.id) if isinstance(code, ast.Name) else getattr(code, "value", None)
                if isinstance(value, str):
                    yield value


def test_every_code_of_a_diagnostic_is_explained_and_no_other() -> None:
    text = (DOCS / "troubleshooting.md").read_text(encoding="utf-8")
    codes = set(_codes())
    assert len(codes) > 25
    assert set(re.findall(r"^\| `([a-z0-9]+(?:-[a-z0-9]+)*)` \|", text, re.MULTILINE)) == codes


def _warnings() -> Iterator[str]:
    """Every warning of the program that has words of its own; ``…`` stands for what differs."""
    for tree in _trees():
        for name, call in _calls(tree):
            if name in {"warning", "error"} and call.args and isinstance(call.args[0], ast.Constant):
                said = re.sub(r"%\.?\d*[sdr]", "…", str(call.args[0].value))
                if re.search(r"\w", said.removeprefix("Amazon Translate: ")):
                    yield said


def test_every_warning_without_a_code_is_explained_and_no_other() -> None:
    text = (DOCS / "troubleshooting.md").read_text(encoding="utf-8")
    rows = set(re.findall(r"^\| `([^`]* [^`]*)` \|", text, re.MULTILINE))
    texts = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "sphinx_amts").rglob("*.py"))
    said = set(_warnings())
    assert len(said) > 15
    assert said <= rows
    assert not [row for row in rows - said if row != "Amazon Translate: …" and row not in texts]


def test_what_an_engine_may_have_is_described() -> None:
    text = (DOCS / "adding-an-engine.md").read_text(encoding="utf-8")
    optional = (
        engines.Learner, engines.Priced, engines.Terminologist, engines.Router, engines.Repeater, engines.Cancellable,
    )  # fmt: skip
    names = {name for one in optional for name in {*vars(one), *one.__annotations__} if not name.startswith("_")}
    assert "sent_again" in names
    assert names <= set(re.findall(r"`(\w+)(?:\([^)]*\))?`", text))


class _Service(BaseHTTPRequestHandler):
    """Translates every text by writing it in capitals, but for its tags and entities."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        texts = [re.sub(r"<[^>]*>|&\w+;|\w+", self._capitals, text) for text in asked["texts"]]
        body = json.dumps({"texts": texts}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    @staticmethod
    def _capitals(match: re.Match[str]) -> str:
        return match.group() if match.group()[0] in "<&" else match.group().upper()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        """Says nothing."""


@pytest.fixture
def service() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), _Service)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_engine_of_the_guide_works(
    make_book: Callable[..., Book], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, service: str
) -> None:
    text = (DOCS / "adding-an-engine.md").read_text(encoding="utf-8")
    code = re.search(r"```python\n(\"\"\".*?)```", text, re.DOTALL)
    assert code
    (tmp_path / "my_engine.py").write_text(code[1], encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("MY_SERVICE", service)
    book = make_book(
        {"index.rst": "Tea\n===\n\nWait **four minutes** & call ``pour()``.\n"}, engine="my_engine:ServiceEngine"
    )
    assert book.build().status == 0
    assert book.localized("zh_CN", "index.rst").read_text(encoding="utf-8") == (
        "TEA\n===\n\nWAIT **FOUR MINUTES** & CALL ``pour()``.\n"
    )


# -- the Chinese book ----------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.filterwarnings("default:docs")
def test_the_chinese_book(tmp_path: Path) -> None:
    """The documentation through its own program; a page that was edited since its review is named, and no failure."""
    _needs_the_theme()
    shutil.copytree(DOCS, tmp_path / "docs", ignore=shutil.ignore_patterns(".amts", "__pycache__"))
    shutil.copytree(ROOT / "example_book" / "parallel", tmp_path / "example_book" / "parallel")
    done = _sphinx("amts", tmp_path / "docs", tmp_path / "amts")
    assert done.returncode in {0, 1}, done.stderr
    done = _sphinx("html", tmp_path / "amts" / "zh_CN", tmp_path / "html", "-W", "--keep-going")
    assert done.returncode == 0, done.stderr
    assert "语言代码的列表" in (tmp_path / "html" / "options.html").read_text(encoding="utf-8"), "generated parts, too"
    assert "引擎：把片段变成" in (tmp_path / "html" / "python.html").read_text(encoding="utf-8"), "and docstrings"
    for name in (path.stem for path in PAGES):
        place = Path("locales", "zh_CN", "LC_MESSAGES", f"{name}.po")
        before, after = (po.read(folder / place).by_msgid() for folder in (DOCS, tmp_path / "docs"))
        human = {entry.msgid: entry.msgstr for entry in before.values() if entry.engine is None and not entry.fuzzy}
        changed = [msgid for msgid, text in human.items() if msgid in after and after[msgid].msgstr != text]
        assert not changed, "a person's translation was overwritten"
        waiting = [msgid for msgid in after if msgid not in human and not UNTRANSLATED.fullmatch(msgid)]
        if waiting:
            warnings.warn(
                f"docs: the Chinese of {name}.md trails its source in {len(waiting)} texts, the first: {waiting[0][:60]!r}. "
                f"Run 'make docs', and translate them in docs/{place.as_posix()}.",
                stacklevel=1,
            )
