"""Builds killed at random moments: no damaged file, no lost edit, nothing sent twice beyond the batch in flight.

    python bench/kill.py [--times 100] [--seed 1]

Each round builds the example book into Spanish, kills the build with SIGKILL at a random moment, and builds again. Every other
round begins from nothing, beside the translations of people that the book ships; the others build a book again after edits of its
source, of a catalog, and of a localized file, in which somebody also added a paragraph. The result must be that of a build that
nobody killed. Prints a Markdown section.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from difflib import unified_diff
from pathlib import Path

from sphinx_amts.model import Pipeline

ROOT = Path(__file__).resolve().parent.parent
BATCH = 10
CONF = '\nextensions = ["myst_parser", "sphinx_amts"]\namts_languages = ["es"]\namts_engine = "kill:LoggingEngine"\n'


class LoggingEngine:
    """Writes down every segment that it is sent, before it answers."""

    name = "logging"
    batch_size = BATCH

    def __init__(self, pipeline: Pipeline) -> None:
        self.log = pipeline.confdir.parent / "sent.log"

    def translate(self, segments: Sequence[str], source: str, target: str) -> list[str | None]:
        with self.log.open("a", encoding="utf-8") as file:
            file.writelines(f"{one}\n" for one in segments)
        return [one.replace(" the ", " el ") for one in segments]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    chance = random.Random(arguments.seed)
    with tempfile.TemporaryDirectory() as folder:
        begun = prepare(Path(folder) / "begun")
        references = []
        for number, make in enumerate((prepare, lambda place: edit(begun, place))):
            reference = make(Path(folder) / f"reference-{number}")
            references.append((make, reference, build(reference)))
            if not number:
                build(begun)
        worst, killed, rounds = 0, 0, 0
        while killed < arguments.times:
            place = Path(folder) / f"round-{rounds}"
            make, reference, seconds = references[rounds % 2]
            if kill(make(place), chance.uniform(0.1, 1.0) * seconds):
                killed += 1
            else:
                references[rounds % 2] = make, reference, seconds * 0.9  # the machine has become faster
            build(place)
            compare(reference, place)
            counts = Counter((place / "sent.log").read_text(encoding="utf-8").splitlines())
            worst = max(worst, sum(count - 1 for count in counts.values()))
            shutil.rmtree(place)
            rounds += 1
    print(
        f"{killed} builds of the example book killed at random moments (seed {arguments.seed}), every other one an update after edits: "
        f"every second build gave the files and catalogs of a build that nobody killed; at most {worst} segments were sent twice "
        f"(a batch has {BATCH})."
    )
    return int(worst > BATCH)


def prepare(place: Path) -> Path:
    """A copy of the example book with a person's translation in its catalogs."""
    shutil.copytree(ROOT / "example_book", place / "book", ignore=shutil.ignore_patterns(".amts"))
    with (place / "book" / "conf.py").open("a", encoding="utf-8") as file:
        file.write(CONF)
    return place


def edit(begun: Path, place: Path) -> Path:
    """A copy of the book *begun*, which is built, with edits of its source, of a catalog and of a localized file."""
    shutil.copytree(begun, place)
    (place / "sent.log").unlink()
    for name in ("clouds.md", "humidity.md", "plotting.md", "wind.rst", "rain.rst"):
        path = place / "book" / name
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace(" the ", " the same ", 3) + "\nA paragraph that is new.\n", encoding="utf-8")
    for path in (place / "book" / "locale" / "es" / "LC_MESSAGES" / "forecast.po", place / "out" / "es" / "wind.rst"):
        text = path.read_text(encoding="utf-8")
        changed = text.replace(" el ", " un ", 1)
        assert changed != text, f"{path} has nothing to edit"
        path.write_text(changed, encoding="utf-8")
    with (place / "out" / "es" / "rain.rst").open("a", encoding="utf-8") as file:
        file.write("\nUn párrafo de quien traduce.\n")
    return place


def _command(place: Path) -> list[str]:
    return [sys.executable, "-m", "sphinx", "-q", "-b", "amts", str(place / "book"), str(place / "out")]


def _environment() -> dict[str, str]:
    paths = [str(Path(__file__).parent), str(ROOT), os.environ.get("PYTHONPATH", "")]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}


def build(place: Path) -> float:
    start = time.perf_counter()
    subprocess.run(_command(place), env=_environment(), check=True)
    return time.perf_counter() - start


def kill(place: Path, after: float) -> bool:
    """Start a build and kill it with its workers; whether it was still running."""
    process = subprocess.Popen(_command(place), env=_environment(), start_new_session=True, stderr=subprocess.DEVNULL)
    try:
        process.wait(after)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return True
    return False


def compare(reference: Path, place: Path) -> None:
    """Both must have the same localized tree and the same catalogs."""
    for part in ("out/es", "book/locale"):
        ours = {path.relative_to(reference): path.read_bytes() for path in _files(reference / part)}
        theirs = {path.relative_to(place): path.read_bytes() for path in _files(place / part)}
        different = sorted(str(name) for name in ours.keys() | theirs.keys() if ours.get(name) != theirs.get(name))
        if different:
            for name in map(Path, different):
                texts = [one.get(name, b"").decode(errors="replace").splitlines() for one in (ours, theirs)]
                print(
                    *unified_diff(*texts, f"undisturbed/{name}", f"killed/{name}", lineterm=""),
                    sep="\n",
                    file=sys.stderr,
                )
            raise SystemExit(f"after a kill these files differ: {', '.join(different)}")


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and ".amts" not in path.parts)


if __name__ == "__main__":
    sys.exit(main())
