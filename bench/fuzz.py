"""Fuzzing: coverage-guided random inputs for the readers and writers (targets of ``tests/fuzzing.py``).

    python bench/fuzz.py [--seconds 300] [TARGET ...]

Needs atheris (``pip install atheris``: CPython 3.11 to 3.13 on Linux). A target begins with its cases in ``tests/corpus``; an input
that fails is written there as ``crash-…``, and the fast tests replay it from then on. Prints a Markdown section.
"""

from __future__ import annotations

import argparse
import importlib.util
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CORPUS = ROOT / "tests" / "corpus"
NAMES = ("rest", "myst", "catalog", "csv", "tmx", "exchange", "tags")


def fuzz(name: str, arguments: list[str]) -> None:
    """Run one target in this process; ends it."""
    import atheris

    sys.path.insert(0, str(ROOT))
    with atheris.instrument_imports(include=["sphinx_amts", "html.parser", "_markupbase"]):
        from tests.fuzzing import TARGETS
    atheris.Setup([name, *arguments], TARGETS[name])
    atheris.Fuzz()


def run(name: str, seconds: int) -> tuple[str, bool]:
    """Fuzz one target in a process of its own; a row of the table, and whether nothing was found."""
    with tempfile.TemporaryDirectory() as found:
        options = [f"-max_total_time={seconds}", "-timeout=20", "-max_len=4000", f"-artifact_prefix={CORPUS / name}/"]
        command = [sys.executable, __file__, "--run", name, *options, found, str(CORPUS / name)]
        start = time.perf_counter()
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    runs = re.findall(r"^(?:Done (\d+) runs|#(\d+)\t)", done.stderr, re.MULTILINE)
    count = max((int(a or b) for a, b in runs), default=0)
    coverage = re.findall(r"cov: (\d+)", done.stderr)
    good = done.returncode == 0
    if not good:
        print(done.stderr[-3000:], file=sys.stderr)
    row = f"| {name} | {time.perf_counter() - start:.0f} | {count:,} | {coverage[-1] if coverage else 0} | {'none' if good else 'see above'} |"
    return row, good


def main() -> int:
    if sys.argv[1:2] == ["--run"]:
        fuzz(sys.argv[2], sys.argv[3:])
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="TARGET", help=f"only these: {', '.join(NAMES)}")
    parser.add_argument("--seconds", type=int, default=300)
    arguments = parser.parse_args()
    if importlib.util.find_spec("atheris") is None:
        print("fuzz: atheris is not installed (pip install atheris)", file=sys.stderr)
        return 2
    print("| target | seconds | inputs | edges reached | failures |\n|---|---:|---:|---:|---|")
    failed = False
    for name in arguments.names or NAMES:
        row, good = run(name, arguments.seconds)
        failed |= not good
        print(row, flush=True)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
