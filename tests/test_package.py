"""The package as a user gets it: what the wheel holds, and the tutorial, from an empty folder, with that wheel."""

from __future__ import annotations

import email
import os
import re
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from email.message import Message
from pathlib import Path

import pytest
import sphinx

ROOT = Path(__file__).parent.parent
CONTRACT_EXTRAS = {"myst", "notebook", "d2lbook", "ctranslate2", "test", "docs"}
SUPPORTED = {"3.10", "3.11", "3.12", "3.13", "3.14"}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sphinx.version_info < (7,), reason="the package is the same in every environment"),
    pytest.mark.skipif(sys.platform == "win32", reason="the tutorial's commands are those of a POSIX shell"),
]


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the source distribution, and the wheel that is built from it."""
    pytest.importorskip("build", reason="the package build is not installed")
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run([sys.executable, "-m", "build", "-o", folder, ROOT], check=True, capture_output=True)
    return folder


def _metadata(wheel: zipfile.ZipFile) -> Message:
    (name,) = (name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
    return email.message_from_bytes(wheel.read(name))


def test_the_wheel_holds_the_package_and_nothing_else(dist: Path) -> None:
    with zipfile.ZipFile(next(dist.glob("*.whl"))) as wheel:
        names = set(wheel.namelist())
        metadata = _metadata(wheel)
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"sphinx_amts"}
    files = {path.relative_to(ROOT).as_posix() for path in (ROOT / "sphinx_amts").rglob("*") if path.is_file()}
    assert {name for name in names if name.startswith("sphinx_amts/")} == {
        name for name in files if "__pycache__" not in name
    }
    assert "sphinx_amts/py.typed" in names
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)
    assert metadata["License-Expression"] == "Apache-2.0"
    assert metadata["Requires-Python"] == ">=3.10"
    assert set(metadata.get_all("Provides-Extra", ())) >= CONTRACT_EXTRAS
    classifiers = metadata.get_all("Classifier", ())
    assert {one.rpartition(" ")[2] for one in classifiers if re.search(r"Python :: 3\.\d+$", one)} == SUPPORTED


def test_the_source_distribution_can_be_tested(dist: Path) -> None:
    with tarfile.open(next(dist.glob("*.tar.gz"))) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"LICENSE", "README.md", "Makefile", "pyproject.toml", "docs/tutorial.md", "tests/test_package.py"} <= names
    assert not [name for name in names if "__pycache__" in name or name.startswith((".venv", "build/"))]


# -- the tutorial --------------------------------------------------------------------------------------------------

FENCE = re.compile(
    r"^(?P<fence>`{3,})(?P<info>\{code-block\} \w+|console)\n(?P<body>.*?)^(?P=fence)$", re.MULTILINE | re.DOTALL
)


def _steps() -> Iterator[tuple[str, str]]:
    """What the tutorial asks for: ``(file name, content)`` or ``("", a command and what it prints)``."""
    for block in FENCE.finditer((ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")):
        if block["info"] != "console":
            caption, _, body = block["body"].partition("\n\n")
            yield caption.removeprefix(":caption: ").strip(), body
        else:
            for command in re.split(r"^\$ ", block["body"], flags=re.MULTILINE)[1:]:
                yield "", command


def _fits(expected: str, output: str) -> bool:
    """Whether *output* is as *expected*, where a line ``…`` stands for any lines, and ``…`` inside a line for any text."""
    lines = [
        r"(?:.*\n)*?" if line == "…" else ".*".join(map(re.escape, line.split("…"))) + r"\n"
        for line in expected.splitlines()
    ]
    tidy = "\n".join(line.rstrip() for line in output.strip("\n").splitlines()) + "\n"
    return bool(re.fullmatch("".join(lines) + (r"(?:.*\n)*" if expected.endswith("…\n") else ""), tidy))


def test_the_tutorial_from_an_empty_folder(dist: Path, tmp_path: Path) -> None:
    own = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
    environment = {
        **own,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{own['PATH']}",
        "PIP_FIND_LINKS": str(dist),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_NO_COMPILE": "1",  # byte code is made of what the tutorial imports only
        "COLUMNS": "80",
    }
    commands = 0
    for name, text in _steps():
        if name:
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            continue
        command, _, expected = text.partition("\n")
        activate = ". .venv/bin/activate; " if commands else ""
        done = subprocess.run(
            ["bash", "-c", activate + command],
            cwd=tmp_path,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            check=False,
        )
        commands += 1
        assert done.returncode == 0, f"$ {command}\n{done.stdout}"
        assert not expected.strip() or _fits(expected.strip("\n") + "\n", done.stdout), f"$ {command}\n{done.stdout}"
    assert commands > 10
    assert (tmp_path / "html" / "es" / "index.html").is_file()
