"""The amazon engine on the example book, whole builds, against the stand-in: what is billed, and kills at drawn moments.

    python bench/amazon.py [--kills 20] [--seed 1]

A build into Simplified Chinese and Spanish with parallel data is killed with SIGKILL before or after a drawn request is
carried out, and built again. The result must be that of a build that nobody killed, and the bill must be the same. Needs the
test extra; prints a Markdown section. No figure comes from the real service.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import random
import shutil
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.standin import StandIn  # noqa: E402
from tests.standin.clock import StandInClock  # noqa: E402
from tests.standin.server import CREDENTIALS  # noqa: E402
from tests.standin.setup import settings  # noqa: E402


def build(place: str, endpoint: str) -> None:
    """One ``sphinx-build`` as the whole life of a process, with the stand-in's clock."""
    from sphinx.cmd.build import main as sphinx_build

    import sphinx_amts.engines.amazon as engine

    os.environ["AWS_ACCESS_KEY_ID"] = CREDENTIALS["aws_access_key_id"]
    os.environ["AWS_SECRET_ACCESS_KEY"] = CREDENTIALS["aws_secret_access_key"]
    os.environ["AWS_CONFIG_FILE"] = os.environ["AWS_SHARED_CREDENTIALS_FILE"] = str(Path(place) / "none")
    engine.Clock = lambda: StandInClock(endpoint)  # type: ignore[assignment,misc]
    sys.exit(sphinx_build(["-q", "-b", "amts", f"{place}/book", f"{place}/out"]))


class Runs:
    """Builds of copies of the example book."""

    def __init__(self, standin: StandIn, folder: Path) -> None:
        self.standin = standin
        self.folder = folder
        self.context = multiprocessing.get_context("forkserver")
        self.context.set_forkserver_preload(["boto3", "sphinx.cmd.build", "sphinx_amts.builder"])

    def prepare(self, name: str) -> Path:
        place = self.folder / name
        shutil.copytree(ROOT / "example_book", place / "book", ignore=shutil.ignore_patterns(".amts", "_build"))
        with (place / "book" / "conf.py").open("a", encoding="utf-8") as conf:
            conf.write(f'amts_engine = "amazon"\namts_amazon = {settings(self.standin)!r}\n')
        return place

    def run(self, place: Path, kill: tuple[int, str] | None = None) -> int | None:
        process = self.context.Process(target=build, args=(str(place), self.standin.endpoint))
        self.standin.forget_requests()
        self.standin.switches.kill = kill
        process.start()
        self.standin.switches.victim = process.pid or 0
        process.join(300)
        self.standin.switches.kill = None
        return process.exitcode


def files(place: Path) -> dict[str, bytes]:
    """What a build has made: localized trees and catalogs."""
    return {
        path.relative_to(place).as_posix(): path.read_bytes()
        for part in ("out/es", "out/zh_CN", "book/locale")
        for path in sorted((place / part).rglob("*"))
        if path.is_file() and ".amts" not in path.parts
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    draw = random.Random(arguments.seed)
    with tempfile.TemporaryDirectory() as folder, StandIn() as standin:
        runs = Runs(standin, Path(folder))
        reference = runs.prepare("reference")
        if runs.run(reference) != 0:
            raise SystemExit("the undisturbed build failed")
        wanted, bill = files(reference), standin.billed
        operations = [request.operation for request in standin.requests]
        sent = summary(reference)
        if sum(one["sent_characters"] for one in sent.values()) != bill:
            raise SystemExit(f"billed {bill}, sent {sent}")
        killed = [kill(runs, number, draw, operations, wanted, bill) for number in range(arguments.kills)]
    report(sent, bill, operations, killed, arguments.seed)
    return 0


def summary(place: Path) -> dict[str, Any]:
    return dict(json.loads((place / "out" / "amts.json").read_text(encoding="utf-8")))


def kill(
    runs: Runs, number: int, draw: random.Random, operations: list[str], wanted: dict[str, bytes], bill: int
) -> str:
    """Kill a build at a drawn request, build again, compare; return the operation."""
    runs.standin.reset()
    place = runs.prepare(f"killed-{number}")
    request, when = draw.randint(1, len(operations) * 9 // 10), draw.choice(["before", "after"])
    if runs.run(place, (request, when)) != -9:
        raise SystemExit(f"the build was not killed {when} request {request}")
    died_in = runs.standin.requests[-1].operation if runs.standin.requests else "the first request"
    if runs.run(place) != 0:
        raise SystemExit(f"killed {when} request {request}: the next build failed")
    found = files(place)
    different = sorted(name for name in wanted.keys() | found.keys() if wanted.get(name) != found.get(name))
    if different or runs.standin.billed != bill or len(runs.standin.backend.jobs) != 2:
        raise SystemExit(
            f"killed {when} request {request}: billed {runs.standin.billed}, not {bill}; differ: {different}"
        )
    shutil.rmtree(place)
    return f"{when} {died_in}"


def report(sent: dict[str, Any], bill: int, operations: list[str], killed: list[str], seed: int) -> None:
    for language, figures in sent.items():
        print(
            f"- {language}: {figures['messages']} messages, {figures['unchanged']} of people, {figures['reused']} from memory, "
            f"{figures['sent_segments']} segments and {figures['sent_characters']:,} characters sent"
        )
    print(f"- billed by the stand-in: {bill:,} characters in {len(operations)} requests")
    moments = ", ".join(f"{name} ({count})" for name, count in sorted(Counter(killed).items()))
    print(
        f"- {len(killed)} builds killed (seed {seed}) and built again: the same files and the same bill each time, two jobs; "
        f"last request of the killed builds: {moments}"
    )


if __name__ == "__main__":
    sys.exit(main())
