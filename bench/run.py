"""Run all benchmarks, one after another, and write what they print to a file.

python bench/run.py [-o FILE] [NAME ...]
"""

from __future__ import annotations

import argparse
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
NAMES = (
    "splicing",
    "d2lbook",
    "alignment",
    "local_engine",
    "evaluation",
    "replay",
    "synchronisation",
    "kill",
    "amazon",
    "memory",
    "speed",
    "large",
)
SHARING = {"local_engine", "evaluation"}
"""Benchmarks of one experiment: what one has trained and translated, the other uses."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"only these: {', '.join(NAMES)}")
    parser.add_argument("-o", "--output", type=Path, help="also write everything to this file")
    arguments = parser.parse_args()
    parts = [f"Python {platform.python_version()} on {platform.system()} {platform.machine()}."]
    failed = []
    shared = tempfile.TemporaryDirectory()
    for name in arguments.names or NAMES:
        script = HERE / f"{name}.py"
        if not script.is_file():
            parser.error(f"no benchmark is called {name!r}")
        print(f"== {name}", flush=True)
        start = time.perf_counter()
        options = ["--state", shared.name] if name in SHARING else []
        done = subprocess.run(
            [sys.executable, str(script), *options], cwd=HERE, stdout=subprocess.PIPE, text=True, check=False
        )
        print(done.stdout)
        parts.append(f"## {name} ({time.perf_counter() - start:.0f} s)\n\n{done.stdout.strip()}")
        if done.returncode:
            failed.append(name)
    if arguments.output:
        arguments.output.write_text("\n\n".join(parts) + "\n", encoding="utf-8")
    for name in failed:
        print(f"{name}: did not meet its bar, or could not run", file=sys.stderr)
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
