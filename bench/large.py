"""A source file as large as nobody writes by hand: right or one clear error, in time and memory that grow with its size.

    python bench/large.py [--megabytes 1 5] [--engine pseudo] [SHAPE ...]

Shapes: ``rest`` and ``myst`` (many paragraphs of a few sentences), ``rest-line`` and ``myst-line`` (one paragraph in one line).
The book is built once more by ``gettext``, which shows what Sphinx and docutils need alone. Afterwards the localized file must
have every number of its source (each sentence has one), in the same order, and every catalog entry a translation. Prints a
Markdown section; exit status 1 where something is missing. Needs psutil (extra ``bench``).
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from processes import Cost, run

PROJECT = Path(__file__).resolve().parent.parent
SHAPES = ("rest", "myst", "rest-line", "myst-line")
WORDS = "rain wind cloud pressure water river mountain valley reading station table air warm cold front rises falls under".split()
CONF = 'project = "Large"\nextensions = ["sphinx_amts", "myst_parser"]\namts_languages = ["zh_CN"]\namts_engine = %r\n'


def sentences(random_: random.Random) -> Iterator[str]:
    """Sentences without an end, some with markup, numbered from 100,000 on."""
    for number in range(100_000, 10_000_000):
        words = " ".join(random_.choices(WORDS, k=random_.randint(6, 14)))
        markup = f" *and* ``x{number}``" if random_.random() < 0.2 else ""
        yield f"{words.capitalize()}{markup} {number}."


def text(shape: str, size: int) -> str:
    """A document of *size* characters in one of :data:`SHAPES`."""
    random_ = random.Random(1)
    parts = ["# Large\n\n" if shape.startswith("myst") else "Large\n=====\n\n"]
    length = 0
    for number, sentence in enumerate(sentences(random_)):
        between = " " if shape.endswith("-line") or number % 3 else "\n\n"
        parts.append(sentence + between)
        length += len(parts[-1])
        if length >= size:
            break
    return "".join(parts).rstrip() + "\n"


def build(folder: Path, builder: str) -> Cost:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(PROJECT), os.environ.get("PYTHONPATH", "")])}
    command = [sys.executable, "-m", "sphinx", "-q", "-b", builder, "-d", str(folder / f"doctrees-{builder}")]
    return run([*command, str(folder / "book"), str(folder / builder)], folder / f"{builder}.log", environment)


def measure(shape: str, megabytes: float, engine: str) -> tuple[str, bool]:
    """A row of the table, and whether nothing is missing."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        book = folder / "book"
        book.mkdir()
        name = "large.md" if shape.startswith("myst") else "large.rst"
        source = text(shape, int(megabytes * 1e6))
        (book / "conf.py").write_text(CONF % engine, encoding="utf-8")
        (book / "index.rst").write_text("Book\n====\n\n.. toctree::\n\n   large\n", encoding="utf-8")
        (book / name).write_text(source, encoding="utf-8")
        theirs, ours = build(folder, "gettext"), build(folder, "amts")
        found = (folder / "amts" / "zh_CN" / name).read_text(encoding="utf-8")
        figures = json.loads((folder / "amts" / "amts.json").read_text(encoding="utf-8"))["zh_CN"]
    good = re.findall(r"\d{6,}", found) == re.findall(r"\d{6,}", source) and not figures["kept_source"]
    row = (
        f"| {shape} | {megabytes:g} | {figures['messages']:,} | {figures['sent_segments']:,} | {ours.processor:.0f} | "
        f"{theirs.processor:.0f} | {ours.processor / theirs.processor:.1f} | {ours.memory / 1e6:,.0f} | "
        f"{theirs.memory / 1e6:,.0f} | {'yes' if good else 'NO'} |"
    )
    return row, good


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shapes", nargs="*", metavar="SHAPE", help=f"only these: {', '.join(SHAPES)}")
    parser.add_argument("--megabytes", type=float, nargs="+", default=[1, 5], help="sizes (default: 1 5)")
    parser.add_argument("--engine", default="pseudo")
    options = parser.parse_args(arguments)
    print(
        "| shape | MB | messages | sentences sent | seconds (processor time) | gettext | ratio | peak MB | gettext | complete |\n"
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|---|"
    )
    complete = True
    for shape in options.shapes or SHAPES:
        for megabytes in options.megabytes:
            row, good = measure(shape, megabytes, options.engine)
            complete &= good
            print(row, flush=True)
    return int(not complete)


if __name__ == "__main__":
    sys.exit(main())
