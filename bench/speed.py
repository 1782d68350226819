"""Speed and memory of whole builds, as ratios to what Sphinx's own builders take in the same run.

    python bench/speed.py                          Sphinx's documentation (../shared/books/sphinx-doc)
    python bench/speed.py --cache FOLDER           and Django's, fetched into FOLDER as a source distribution
    python bench/speed.py --jobs 2 BOOK ...        other books (folders with a conf.py)

Two languages. The engine returns its input; checking is on, so that every localized document is compared with its source. A
second cold build has the engine ``pseudo``, which changes every text, so that every document is spliced and read again.
``cold`` is compared with ``sphinx-build -b gettext`` and ``sphinx-intl update``, ``no-op`` (nothing changed) and ``edit``
(one sentence changed) with ``sphinx-build -b dummy`` and warm doctrees. Rounds alternate between both sides; medians are
printed. Exit status 1 if a target is missed. Needs psutil and sphinx-intl (extra ``bench``).
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import statistics
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from processes import Cost, run

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parent
SPHINX_DOC = PROJECT.parent / "shared" / "books" / "sphinx-doc"
DJANGO = "django==5.2.*"
LANGUAGES = ("zh_CN", "es")
ENGINE = "splicing:Identity"
WRITING = "pseudo"

CONF = """
locale_dirs = ["locales"]
gettext_compact = False
"""
OFFLINE = """
extensions = [name for name in extensions if name not in {"sphinx.ext.intersphinx", "sphinx.ext.linkcode"}]
"""
OURS = """
extensions = [*extensions, "sphinx_amts"]
amts_languages = %r
amts_engine = %r
"""

_SENTENCE = re.compile(r"^[A-Z][a-z][\w ,']{30,}\.$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Target:
    """What is asked for."""

    step: str
    against: str
    limit: float
    memory: float | None = None


TARGETS = (
    Target("cold", "gettext + sphinx-intl", 1.5, 1.3),
    Target("no-op", "dummy", 1.05),
    Target("edit", "dummy", 1.15),
)


@dataclass(frozen=True, slots=True)
class Measured:
    """One step of one side: all rounds."""

    costs: tuple[Cost, ...]
    files: int

    def median(self, what: Callable[[Cost], float]) -> float:
        return statistics.median(map(what, self.costs))


class Bench:
    """One book in a folder of its own: a copy for Sphinx's builders and one for ours."""

    def __init__(self, book: Path, work: Path, jobs: int, offline: str = "") -> None:
        self.work = work
        self.jobs = jobs
        self.theirs = self._copy(book, "plain", offline + CONF)
        self.ours = self._copy(book, "book", offline + CONF + OURS % (list(LANGUAGES), ENGINE))
        self.writing = self._copy(book, "writing", offline + CONF + OURS % (list(LANGUAGES), WRITING))
        self.environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(PROJECT), str(HERE), os.environ.get("PYTHONPATH", "")]),
            "PYTHONHASHSEED": "0",
            "NO_COLOR": "1",
        }

    def _copy(self, book: Path, name: str, conf: str) -> Path:
        source = self.work / name
        shutil.copytree(book, source, ignore=shutil.ignore_patterns("_build", ".git", "locale", "locales"))
        for path in [source, *source.rglob("*")]:
            path.chmod(0o755 if path.is_dir() else 0o644)
        with (source / "conf.py").open("a", encoding="utf-8") as file:
            file.write(conf)
        return source

    def measure(self, rounds: int, cold_rounds: int, quick: bool) -> dict[tuple[str, str], Measured]:
        """Costs by step and side; both sides take turns."""
        found = {}
        steps: list[tuple[str, int, Callable[[], Cost], Callable[[], Cost]]] = [
            ("cold", cold_rounds, self._gettext, lambda: self._amts(self.ours)),
            ("warming up", 1, self._dummy, lambda: self._amts(self.ours)),
            ("no-op", rounds, self._dummy, lambda: self._amts(self.ours)),
            ("edit", rounds, self._dummy, lambda: self._amts(self.ours)),
        ]
        for step, count, theirs, ours in steps:
            sides = self._alternate(step, count, theirs, ours)
            found[step, "theirs"], found[step, "ours"] = sides
        if quick:
            return found
        before = self._snapshot()
        cost = self._amts(self.writing)
        found["cold, all texts change", "ours"] = Measured((cost,), self._changed(before))
        found["cold, all texts change", "theirs"] = found["cold", "theirs"]
        return found

    def _alternate(
        self, step: str, count: int, theirs: Callable[[], Cost], ours: Callable[[], Cost]
    ) -> tuple[Measured, Measured]:
        costs: tuple[list[Cost], list[Cost]] = ([], [])
        files = [0, 0]
        for number in range(count):
            if step == "cold":
                self._clear()
            if step == "edit":
                self._edit(number)
            for side, action in enumerate((theirs, ours)):
                before = self._snapshot()
                costs[side].append(action())
                files[side] = self._changed(before)
        return Measured(tuple(costs[0]), files[0]), Measured(tuple(costs[1]), files[1])

    def _gettext(self) -> Cost:
        out = self.work / "gettext"
        languages = [word for language in LANGUAGES for word in ("-l", language)]
        update = [sys.executable, "-m", "sphinx_intl", "update", "-p", str(out), "-d", str(self.theirs / "locales")]
        return self._sphinx("gettext", self.theirs, out) + run(
            [*update, *languages], self.work / "logs" / "intl.log", self.environment
        )

    def _dummy(self) -> Cost:
        return self._sphinx("dummy", self.theirs, self.work / "dummy")

    def _amts(self, source: Path) -> Cost:
        return self._sphinx("amts", source, self.work / f"amts-{source.name}")

    def _sphinx(self, builder: str, source: Path, out: Path) -> Cost:
        doctrees = self.work / "doctrees" / out.name
        command = [sys.executable, "-m", "sphinx", "-b", builder, "-j", str(self.jobs), "-d", str(doctrees)]
        return run([*command, str(source), str(out)], self.work / "logs" / f"{out.name}.log", self.environment)

    def _clear(self) -> None:
        for name in ("gettext", "amts-book", "doctrees/gettext", "doctrees/amts-book", "plain/locales", "book/locales"):
            shutil.rmtree(self.work / name, ignore_errors=True)

    def _edit(self, number: int) -> None:
        """Change one sentence, the same one in both copies."""
        name, line = next(self._sentences(number))
        for source in (self.theirs, self.ours):
            path = source / name
            text = path.read_text(encoding="utf-8")
            path.write_text(text.replace(line, f"{line[:-1]}, as round {number} has it.", 1), encoding="utf-8")

    def _sentences(self, number: int) -> Iterator[tuple[str, str]]:
        """A document near the middle of the book and a line of it that is a sentence."""
        suffixes = {".rst", ".txt", ".md"}
        names = sorted(
            path.relative_to(self.ours).as_posix() for path in self.ours.rglob("*") if path.suffix in suffixes
        )
        names = [name for name in names if not name.startswith("locales/")]
        for name in names[len(names) // 2 + number :]:
            match = _SENTENCE.search((self.ours / name).read_text(encoding="utf-8"))
            if match:
                yield name, match.group()

    def _snapshot(self) -> dict[str, tuple[int, int]]:
        """Size and time of every file that builders write, their doctrees aside."""
        found = {}
        for path in self.work.rglob("*"):
            name = path.relative_to(self.work).as_posix()
            if path.is_file() and not name.startswith(("logs/", "doctrees/")):
                found[name] = (path.stat().st_size, path.stat().st_mtime_ns)
        return found

    def _changed(self, before: dict[str, tuple[int, int]]) -> int:
        return sum(before.get(name) != stamp for name, stamp in self._snapshot().items())


def fetch_django(cache: Path, work: Path) -> Path:
    """Django's ``docs`` from its source distribution, which stays in *cache*."""
    cache.mkdir(parents=True, exist_ok=True)
    if not list(cache.glob("[Dd]jango-*.tar.gz")):
        command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--no-binary", ":all:", "-d", str(cache)]
        subprocess.run([*command, DJANGO], check=True)
    archive = max(cache.glob("[Dd]jango-*.tar.gz"))
    with tarfile.open(archive) as file:
        wanted = [
            one for one in file.getmembers() if re.match(r"[^/]+/docs/", one.name) and (one.isfile() or one.isdir())
        ]
        file.extractall(work, members=wanted, filter="data")
    return next(work.glob("*/docs"))


# -- report --------------------------------------------------------------------------------------------------------


def section(name: str, found: dict[tuple[str, str], Measured], jobs: int) -> tuple[str, bool]:
    """The figures of one book as Markdown, and whether every target is met."""
    lines = [
        f"{name}, `-j {jobs}`, medians of {len(found['edit', 'ours'].costs)} rounds (cold: {len(found['cold', 'ours'].costs)}):",
        "",
        "| step | seconds (processor time) | against | seconds (processor time) | ratio | target | peak MB | against | ratio | target | files written |",
        "|---|---:|---|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    met = True
    for step in ("cold", "cold, all texts change", "no-op", "edit"):
        if (step, "ours") not in found:
            continue
        ours, theirs = found[step, "ours"], found[step, "theirs"]
        target = next((one for one in TARGETS if one.step == step), None)
        against = "dummy" if step in {"no-op", "edit"} else "gettext + sphinx-intl"
        ratio = ours.median(_seconds) / theirs.median(_seconds)
        cpu = ours.median(_processor) / theirs.median(_processor)
        memory = ours.median(_memory) / theirs.median(_memory)
        if target:
            met &= ratio <= target.limit and (target.memory is None or memory <= target.memory)
        lines.append(
            f"| {step} | {_told(ours)} | {against} | {_told(theirs)} | {ratio:.2f} ({cpu:.2f}) "
            f"| {f'≤ {target.limit}' if target else ''} | {ours.median(_memory) / 1e6:.0f} | {theirs.median(_memory) / 1e6:.0f} "
            f"| {memory:.2f} | {f'≤ {target.memory}' if target and target.memory else ''} | {ours.files:,} ({theirs.files:,}) |"
        )
    return "\n".join(lines) + "\n", met


def _told(one: Measured) -> str:
    return f"{one.median(_seconds):.1f} ({one.median(_processor):.1f})"


def _seconds(cost: Cost) -> float:
    return cost.seconds


def _processor(cost: Cost) -> float:
    return cost.processor


def _memory(cost: Cost) -> float:
    return cost.memory


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("books", nargs="*", type=Path, help="folders with a conf.py, in place of those above")
    parser.add_argument("--cache", type=Path, default=os.environ.get("AMTS_BENCH_CACHE"), help="folder for downloads")
    parser.add_argument("--jobs", type=int, default=2, help="processes, for both sides (default: 2)")
    parser.add_argument("--rounds", type=int, default=3, help="of warm builds (default: 3)")
    parser.add_argument("--cold-rounds", type=int, default=1, help="of cold builds (default: 1)")
    parser.add_argument("--quick", action="store_true", help="without the build in which all texts change")
    options = parser.parse_args(arguments)
    met = True
    with tempfile.TemporaryDirectory() as temporary:
        for name, book, offline in _books(options.books, options.cache, Path(temporary)):
            work = Path(temporary) / "work" / name
            found = Bench(book, work, options.jobs, offline).measure(options.rounds, options.cold_rounds, options.quick)
            text, good = section(name, found, options.jobs)
            met &= good
            print(text, flush=True)
            shutil.rmtree(work)
    return int(not met)


def _books(given: Sequence[Path], cache: Path | None, work: Path) -> Iterator[tuple[str, Path, str]]:
    for path in given:
        yield path.resolve().name, path, ""
    if given:
        return
    if SPHINX_DOC.is_dir():
        yield "sphinx-doc", SPHINX_DOC, ""
    else:
        print(f"{SPHINX_DOC} is missing.", file=sys.stderr)
    if cache is None:
        print("Django's documentation is left out: name a folder for it with --cache.", file=sys.stderr)
    else:
        yield "django", fetch_django(Path(cache), work), OFFLINE


if __name__ == "__main__":
    sys.exit(main())
