"""Building small books in the tests."""

from __future__ import annotations

import gc
import io
import json
import logging
import os
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from sphinx import locale
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace, patch_docutils

settings.register_profile("suite", deadline=None, derandomize=True)
settings.load_profile("suite")
"""The same examples in every run, however slow the machine; ``bench/fuzz.py`` and ``bench/synchronisation.py`` make up others."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long ones first, so that no process waits for one at the end."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


@pytest.fixture(autouse=True, scope="session")
def _no_debugging_records() -> Iterator[None]:
    """Sphinx makes a record of every registration, which no handler shows: an eighth of a small book's time."""
    logging.disable(logging.DEBUG)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture(autouse=True, scope="session")
def _unfrozen_heap() -> Iterator[None]:
    """Builds in this process leave its heap alone: collecting a whole test run's takes a third of its time."""
    with pytest.MonkeyPatch.context() as patch:
        for step in ("_freeze", "_thaw"):
            patch.setattr(f"sphinx_amts.builder.heap.{step}", lambda *_arguments: None)
        gc.collect()
        gc.freeze()  # the modules of all tests; what a test makes is collected as ever
        yield
        gc.unfreeze()


_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True)
class Build:
    """What one Sphinx build left."""

    status: int
    warnings: str
    output: str
    outdir: Path

    @property
    def summary(self) -> dict[str, Any]:
        return dict(json.loads((self.outdir / "amts.json").read_text(encoding="utf-8")))


@dataclass(frozen=True)
class Book:
    """A book in a temporary folder."""

    folder: Path

    @property
    def source(self) -> Path:
        return self.folder / "book"

    def write(self, files: Mapping[str, str]) -> Book:
        for name, text in files.items():
            path = self.source / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="")
        return self

    def edit(self, name: str, old: str, new: str) -> None:
        path = self.source / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8", newline="")

    def build(self, builder: str = "amts", source: Path | None = None, **settings: Any) -> Build:
        source = source or self.source
        outdir = self.folder / "out" / (builder if source == self.source else f"{builder}-{source.name}")
        return build(source, outdir, builder, **settings)

    def localized(self, language: str, name: str = "") -> Path:
        return self.folder / "out" / "amts" / language / name

    def catalog(self, language: str, domain: str) -> Path:
        return self.source / "locales" / language / "LC_MESSAGES" / f"{domain}.po"


def build(source: Path, outdir: Path, builder: str, **settings: Any) -> Build:
    """Run Sphinx in this process."""
    locale.translators.clear()  # or a book would find the words of the one before in its own language
    status, warning = io.StringIO(), io.StringIO()
    with patch_docutils(str(source)), docutils_namespace():
        app = Sphinx(
            str(source), str(source), str(outdir), str(outdir / ".doctrees"), builder, settings, status, warning
        )
        app.build()
    return Build(app.statuscode, _COLOUR.sub("", warning.getvalue()), _COLOUR.sub("", status.getvalue()), outdir)


CONF = """\
project = "Small"
extensions = ["sphinx_amts"]
amts_languages = {languages!r}
amts_engine = {engine!r}
exclude_patterns = ["_build"]
"""


@pytest.fixture
def make_book(tmp_path: Path) -> Callable[..., Book]:
    """Makes a book of files; ``conf.py`` is given or made."""

    def make(files: Mapping[str, str], languages: Any = ("zh_CN",), engine: str = "pseudo", conf: str = "") -> Book:
        made = CONF.format(languages=list(languages) if isinstance(languages, tuple) else languages, engine=engine)
        return Book(tmp_path).write({"conf.py": made + conf, **files})

    return make


@pytest.fixture
def pandoc(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pandoc on the path: the machine's, or that of the package ``pypandoc_binary``; without it the test is skipped."""
    if shutil.which("pandoc") is None:
        pypandoc = pytest.importorskip("pypandoc", reason="Pandoc is not here")
        monkeypatch.setenv("PATH", str(Path(pypandoc.get_pandoc_path()).parent), prepend=os.pathsep)


def copy_example(target: Path) -> None:
    """Copy the example book as it is committed, without the drafts that ``make example`` leaves beside it."""
    root = Path(__file__).parent.parent
    shutil.copytree(root / "example_book", target, ignore=shutil.ignore_patterns(".amts", "_build"))
    for line in (root / ".gitignore").read_text(encoding="utf-8").splitlines():
        if line.startswith("/example_book/"):
            for draft in target.glob(line.removeprefix("/example_book/")):
                draft.unlink()
