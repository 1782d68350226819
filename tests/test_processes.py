"""The same bytes, whatever the number of processes."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import CONF

PAGES = 12


def _build(folder: Path, processes: int) -> tuple[dict[str, bytes], str]:
    """All files that a build of the same book leaves, and what it said."""
    source = folder / "book"
    source.mkdir(parents=True)
    (source / "conf.py").write_text(CONF.format(languages=["zh_CN", "es"], engine="pseudo"), encoding="utf-8")
    names = [f"page{number}" for number in range(PAGES)]
    toctree = "".join(f"   {name}\n" for name in names)
    (source / "index.rst").write_text(f"Book\n====\n\n.. toctree::\n\n{toctree}", encoding="utf-8")
    for name in names:
        text = f"Page {name}\n============\n\n.. _{name}:\n\nA *text* of {name}. See :doc:`index` and `Page {name}`_.\n"
        (source / f"{name}.rst").write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "sphinx", "-b", "amts", "-j", str(processes), "book", "out"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    roots = [source / "locales", folder / "out"]
    files = [path for root in roots for path in root.rglob("*") if path.is_file()]
    left_out = {".amts", ".doctrees"}  # they hold times
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in files if not left_out & set(path.parts)
    }, done.stdout + done.stderr


@pytest.mark.skipif(not hasattr(os, "fork"), reason="Sphinx reads in parallel only where processes can be forked")
def test_the_result_does_not_depend_on_the_number_of_processes(tmp_path: Path) -> None:
    one, _said = _build(tmp_path / "one", 1)
    three, said = _build(tmp_path / "three", 3)
    assert one == three
    assert len([name for name in one if name.startswith("out/es/page")]) == PAGES
    assert re.search(r"reading sources.*\.\. page", said), f"Sphinx has not read in chunks: {said}"
    assert "not safe for parallel" not in said
