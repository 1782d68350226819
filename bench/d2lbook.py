"""A d2lbook project measured: D2L's own sections, and notebooks made of some of them, through ``sphinx-build -b amts``.

    python bench/d2lbook.py [--d2lbook PYTHON] [--sections N] [--keep FOLDER]

Needs ``../shared/books/d2l/en``. PYTHON is the interpreter of an environment with ``d2lbook==1.0.3``: this one, that of
``make test-old`` if it is there, or another; without it, d2lbook's own view and its build are left out. d2lbook and nbsphinx
need Pandoc, on the path or from the package ``pypandoc_binary``. The book gets a ``conf.py`` of four lines and a
``config.ini``. One build writes two localized books: ``identity`` (must be the source, byte for byte) and ``cjk`` (the
``pseudo`` engine). Then: is the structure of each file the same, does d2lbook see the same cells, and does
``d2lbook build rst`` take the book. The notebooks go through MyST-NB and, if it is installed, through nbsphinx; they are
validated and compared cell by cell. Prints a Markdown section.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parent
BOOK = PROJECT.parent / "shared" / "books" / "d2l" / "en"
LANGUAGES = {"identity": "en_GB", "cjk": "zh_CN"}
CONF = """\
extensions = ["sphinx_amts", "sphinx_amts.formats.d2lbook"]
amts_languages = {"en_GB": {"engine": "splicing:Identity"}, "zh_CN": {"engine": "pseudo"}}
locale_dirs = ["../locales"]
gettext_compact = False
"""
INI = """\
[project]
name = d2l-en
title = Dive into Deep Learning
author = The D2L authors
lang = en

[build]
notebooks = *.md */*.md
exclusions = README.md
eval_notebook = False
tabs = mxnet, pytorch, tensorflow
"""
NOTEBOOK_CONF = """\
extensions = ["sphinx_amts", "{reader}"]
amts_languages = {{"en_GB": {{"engine": "splicing:Identity"}}, "zh_CN": {{"engine": "pseudo"}}}}
locale_dirs = ["../locales"]
gettext_compact = False
root_doc = "index"
myst_enable_extensions = ["dollarmath"]
"""


@dataclass
class Result:
    """What was measured of one book."""

    name: str
    documents: int = 0
    messages: int = 0
    located: int = 0
    seconds: float = 0.0
    identical: tuple[int, int] = (0, 0)
    broken: list[str] = field(default_factory=list)
    kept: int = 0
    msgids: tuple[int, int] = (0, 0)
    warnings: tuple[int, int] = (0, 0)
    notes: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        """Whether what must hold does."""
        same = self.identical[0] == self.identical[1] and not self.msgids[1]
        return same and not self.broken and not self.faults and self.warnings[1] <= self.warnings[0]


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--d2lbook", type=Path, metavar="PYTHON", help="interpreter of an environment with d2lbook")
    parser.add_argument("--sections", type=int, default=12, help="sections that are made notebooks (default 12)")
    parser.add_argument("--keep", type=Path, help="work in this folder and leave it there")
    options = parser.parse_args()
    if not BOOK.is_dir():
        print(f"{BOOK} is missing: this benchmark needs the D2L sections.", file=sys.stderr)
        return 2
    d2lbook = options.d2lbook or _find_d2lbook()
    os.environ["PATH"] = os.pathsep.join(
        [os.environ.get("PATH", ""), *_pandoc_folders([Path(sys.executable), d2lbook])]
    )
    with tempfile.TemporaryDirectory() as temporary:
        work = (options.keep or Path(temporary)).resolve()
        results = [measure_book(work / "d2l", d2lbook)]
        readers = [name for name in ("myst_nb", "nbsphinx") if importlib.util.find_spec(name)]
        if "nbsphinx" in readers and not shutil.which("pandoc"):
            readers.remove("nbsphinx")
        results += [measure_notebooks(work / reader, reader, options.sections) for reader in readers]
    print(section(results))
    return int(not all(one.is_good for one in results))


def _find_d2lbook() -> Path | None:
    """The interpreter of an environment with d2lbook."""
    old = PROJECT / ".venv-old" / "bin" / "python"
    return Path(sys.executable) if importlib.util.find_spec("d2lbook") else old if old.exists() else None


def _pandoc_folders(interpreters: Sequence[Path | None]) -> list[str]:
    """Where the package ``pypandoc_binary`` of these interpreters has its Pandoc."""
    found = []
    for python in filter(None, interpreters):
        command = [str(python), "-c", "import pypandoc; print(pypandoc.get_pandoc_path())"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        found += [str(Path(done.stdout.strip()).parent)] if done.returncode == 0 else []
    return found


# -- the book ------------------------------------------------------------------------------------------------------


def measure_book(work: Path, d2lbook: Path | None) -> Result:
    """D2L in its own Markdown."""
    shutil.rmtree(work, ignore_errors=True)
    source = work / "book"
    shutil.copytree(BOOK, source, copy_function=shutil.copyfile)
    (source / "conf.py").write_text(CONF, encoding="utf-8")
    (source / "config.ini").write_text(INI, encoding="utf-8")
    result = measure(Result("D2L"), source, work)
    if d2lbook:
        d2lbook_view(result, source, work, d2lbook)
        d2lbook_build(result, source, work, d2lbook)
    return result


def measure(result: Result, source: Path, work: Path) -> Result:
    """What is measured of every book."""
    import splicing

    run("gettext", source, work / "gettext")
    started = time.perf_counter()
    run("amts", source, work / "out")
    result.seconds = time.perf_counter() - started
    summary = json.loads((work / "out" / "amts.json").read_text(encoding="utf-8"))
    result.documents, result.kept = summary["zh_CN"]["documents"], summary["zh_CN"]["kept_source"]
    result.messages, result.located = splicing.located(source, work)
    result.identical = splicing.identical(source, work / "out" / "en_GB")
    before, after = (splicing.structures(tree, work / f"read_{tree.name}") for tree in (source, work / "out" / "zh_CN"))
    result.broken = sorted(name for name in before if before[name] != after.get(name))
    ours, theirs = (
        splicing.msgids_of_catalogs(work / "locales" / "zh_CN"),
        splicing.msgids_of_catalogs(work / "gettext"),
    )
    result.msgids = (len(theirs), len(theirs ^ ours))
    for tree in (source, work / "out" / "zh_CN"):
        found = splicing.warnings(tree, work / f"html_{tree.name}")
        if found is None:
            result.faults.append(f"the HTML build of {tree.name} fails")
        else:
            result.warnings = (result.warnings[1], found.total())
    return result


def run(builder: str, source: Path, out: Path) -> None:
    """One Sphinx build in a process of its own; status 1 is a build that named something."""
    command = [sys.executable, "-m", "sphinx", "-q", "-b", builder, "-d", f"{out}_doctrees", str(source), str(out)]
    paths = [str(PROJECT), str(HERE), *filter(None, [os.environ.get("PYTHONPATH", "")])]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "NO_COLOR": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, encoding="utf-8")
    (out.parent / f"{out.name}.log").write_text(done.stderr, encoding="utf-8")
    if done.returncode not in {0, 1}:
        raise SystemExit(f"{source}: {builder} failed\n{done.stderr[-3000:]}")


# -- d2lbook's view ------------------------------------------------------------------------------------------------

_VIEW = """
import json, logging, pathlib, sys
from d2lbook import markdown
logging.disable(logging.CRITICAL)

def view(text):
    found = []
    for cell in markdown.split_markdown(text):
        parts = markdown.split_text(cell["source"]) if cell["type"] == "markdown" and cell["source"].strip() else []
        code = cell["source"] if cell["type"] == "code" else ""
        found.append([cell["type"], cell.get("class"), [part["type"] for part in parts], code])
    return found

source, target = map(pathlib.Path, sys.argv[1:])
counts = {"files": 0, "cells": 0, "parts": 0, "different": []}
for path in sorted(source.rglob("*.md")):
    name = path.relative_to(source)
    ours, theirs = (view((folder / name).read_text(encoding="utf-8")) for folder in (source, target))
    counts["files"] += 1
    counts["cells"] += len(ours)
    counts["parts"] += sum(len(cell[2]) for cell in ours)
    if ours != theirs:
        counts["different"].append(str(name))
print(json.dumps(counts))
"""


def d2lbook_view(result: Result, source: Path, work: Path, python: Path) -> None:
    """The cells that d2lbook sees in each file, before and after."""
    command = [str(python), "-c", _VIEW, str(source), str(work / "out" / "zh_CN")]
    done = subprocess.run(command, capture_output=True, text=True, check=True, encoding="utf-8")
    counts = json.loads(done.stdout.splitlines()[-1])
    same = counts["files"] - len(counts["different"])
    seen = f"{counts['cells']} cells, {counts['parts']} paragraphs"
    what = "d2lbook's `split_markdown` and `split_text` see the same cells, tabs, code and kinds of paragraphs"
    result.notes.append(f"{what} in {same} of {counts['files']} files: {seen}")
    result.faults += [f"d2lbook sees other cells in {name}" for name in counts["different"]]


def d2lbook_build(result: Result, source: Path, work: Path, python: Path) -> None:
    """``d2lbook build tabcheck rst`` of the source and of the localized book."""
    for name, tree in (("source", source), ("localized book", work / "out" / "zh_CN")):
        copy = work / f"d2lbook_{tree.name}"
        shutil.copytree(tree, copy, ignore=shutil.ignore_patterns("locales", "_build"))
        command = [str(python), "-c", "from d2lbook.main import main; main()", "build", "tabcheck", "rst"]
        path = os.pathsep.join([str(python.parent), os.environ.get("PATH", "")])
        done = subprocess.run(
            command, cwd=copy, env={**os.environ, "PATH": path}, capture_output=True, text=True, check=False
        )
        complaints = [line for line in done.stderr.splitlines() if "INFO" not in line and line.strip()]
        pages = len(list((copy / "_build" / "rst").rglob("*.rst")))
        outcome = f"status {done.returncode}, {pages} pages, {len(complaints)} complaints"
        result.notes.append(f"`d2lbook build tabcheck rst` of the {name}: {outcome}")
        if done.returncode or complaints:
            result.faults.append(f"d2lbook complains of the {name}: {complaints[-1:]}")


# -- notebooks -----------------------------------------------------------------------------------------------------


def measure_notebooks(work: Path, reader: str, count: int) -> Result:
    """Notebooks made of D2L sections, read with MyST-NB or nbsphinx."""
    import nbformat

    shutil.rmtree(work, ignore_errors=True)
    source = work / "book"
    source.mkdir(parents=True)
    (source / "conf.py").write_text(NOTEBOOK_CONF.format(reader=reader), encoding="utf-8")
    chosen = sorted(path for path in BOOK.glob("*/*.md") if path.name != "index.md")
    chosen = chosen[:: max(1, len(chosen) // count)][:count]
    for number, path in enumerate(chosen):
        target = source / path.parent.name / f"{path.stem}.ipynb"
        target.parent.mkdir(exist_ok=True)
        text = nbformat.writes(notebook_of(path.read_text(encoding="utf-8")))
        if number % 2:
            text = (
                json.dumps(json.loads(text), indent=2, sort_keys=True) + "\n"
            )  # another layout, escaped, a final newline
        target.write_text(text, encoding="utf-8", newline="")
    index = "Notebooks\n=========\n\n.. toctree::\n   :glob:\n\n   */*\n"
    (source / "index.rst").write_text(index, encoding="utf-8")
    result = measure(Result(f"{len(chosen)} notebooks, {reader}"), source, work)
    compare_notebooks(result, source, work / "out" / "zh_CN")
    return result


def notebook_of(text: str) -> Any:
    """A notebook of the cells that d2lbook makes of *text*: code where it is marked as input, else Markdown."""
    from nbformat import v4

    from sphinx_amts.formats.d2lbook import outline

    lines = text.splitlines()
    cells = []
    prose: list[str] = []

    def flush() -> None:
        if source := "\n".join(prose).strip("\n"):
            cells.append(v4.new_markdown_cell(source, id=f"cell-{len(cells)}"))
        prose.clear()

    for cell in outline.cells(lines):
        own = lines[cell.start : cell.stop]
        if cell.kind == "code" and ".input" in (cell.tag or ""):
            flush()
            output = v4.new_output("stream", name="stdout", text="kept as it is: é\n")
            cells.append(v4.new_code_cell("\n".join(own), id=f"cell-{len(cells)}", execution_count=1, outputs=[output]))
        elif cell.kind == "code":
            prose += [f"```{cell.tag or ''}", *own, "```"]
        else:
            prose += own
    flush()
    return v4.new_notebook(
        cells=cells, metadata={"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    )


def compare_notebooks(result: Result, source: Path, target: Path) -> None:
    """Whether the localized notebooks are valid, and equal but for the sources of Markdown cells."""
    import nbformat

    files = cells = changed = 0
    for path in sorted(source.rglob("*.ipynb")):
        theirs = json.loads((target / path.relative_to(source)).read_text(encoding="utf-8"))
        ours = json.loads(path.read_text(encoding="utf-8"))
        nbformat.validate(nbformat.from_dict(theirs))
        files += 1
        cells += len(ours["cells"])
        for one, other in zip(ours["cells"], theirs["cells"], strict=True):
            if one["cell_type"] == "markdown":
                changed += one["source"] != other["source"]
                one["source"] = other["source"] = None
        if ours != theirs:
            result.faults.append(f"{path.name} differs outside its Markdown cells")
    result.notes.append(
        f"{files} localized notebooks pass `nbformat.validate`; of {cells} cells {changed} Markdown cells changed, "
        f"and all else is equal in {files - len(result.faults)} notebooks"
    )


# -- report --------------------------------------------------------------------------------------------------------


def section(results: Sequence[Result]) -> str:
    """The results as Markdown."""
    columns = "book|documents|messages|located|identity: files identical|CJK: structure kept|kept in source language"
    columns += "|HTML warnings (source)|seconds"
    lines = [_row(columns.split("|")), _row(["---"] * (columns.count("|") + 1)), *map(_figures, results)]
    lines.append("")
    for one in results:
        lines.append(
            f"- {one.name}: {one.msgids[0]} msgids of `sphinx-build -b gettext`, {one.msgids[1]} of them different"
        )
        lines += [f"- {one.name}: {note}" for note in one.notes]
        lines += [f"- {one.name}: **fault**: {fault}" for fault in one.faults]
    return "\n".join(lines) + "\n"


def _row(cells: Sequence[object]) -> str:
    return f"| {' | '.join(map(str, cells))} |"


def _figures(one: Result) -> str:
    structure = f"{one.documents - len(one.broken)} of {one.documents}"
    warnings = f"{one.warnings[1]} ({one.warnings[0]})"
    same = "{} of {}".format(*one.identical)
    cells = (
        one.name,
        one.documents,
        one.messages,
        one.located,
        same,
        structure,
        one.kept,
        warnings,
        f"{one.seconds:.0f}",
    )
    return _row(cells)


if __name__ == "__main__":
    sys.exit(main())
