"""Six sections through their real history: characters sent, as a share of what paragraph-level tools would send.

    python bench/replay.py [--sections NAME ...]

Every version of every section of ../shared/replay is built in turn, as one book in which one file changes per step. The share
is the characters given to the engine by the updates (all versions but the first of each section) divided by those of all
messages that a tool without sentence memory would send for them: every message whose text was never seen before, as a whole.
Prints a Markdown section.
"""

from __future__ import annotations

import argparse
import importlib.util
import io
import json
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from unittest import mock

from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace, patch_docutils

from sphinx_amts.translate import LanguageRun

ROOT = Path(__file__).resolve().parent.parent
REPLAY = ROOT.parent / "shared" / "replay"
GIVEN = 249_366
"""Characters that paragraph-level tools would send over the six sections, as measured for the task."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sections", nargs="*", help="only these sections")
    parser.add_argument("--verbose", action="store_true", help="print every segment that is sent")
    arguments = parser.parse_args()
    if not (REPLAY / "manifest.json").is_file():
        print(f"{REPLAY} is missing: nothing to replay", file=sys.stderr)
        return 2
    steps = json.loads((REPLAY / "manifest.json").read_text(encoding="utf-8"))
    chosen = [step for step in steps if not arguments.sections or step["section"] in arguments.sections]
    chosen.sort(key=lambda step: (step["order"], step["section"]))
    with tempfile.TemporaryDirectory() as folder:
        rows = replay(Path(folder), chosen, arguments.verbose)
    print_table(rows)
    return 0


def replay(folder: Path, steps: list[dict[str, object]], verbose: bool) -> dict[str, list[float]]:
    """Build step by step; per section: updates, characters sent, characters of new messages, seconds."""
    book = folder / "book"
    book.mkdir()
    (book / "index.rst").write_text("Replay\n======\n\n.. toctree::\n   :glob:\n\n   *\n", encoding="utf-8")
    (book / "conf.py").write_text(_conf(), encoding="utf-8")
    rows: dict[str, list[float]] = defaultdict(lambda: [0, 0, 0, 0.0])
    seen: set[str] = set()
    begun: set[str] = set()
    for step in steps:
        section = str(step["section"])
        data = (REPLAY / str(step["file"])).read_bytes()
        (book / f"{section}.md").write_bytes(data)
        start = time.perf_counter()
        sent, messages = build(book, folder / "out", verbose)
        if section in begun:
            new = sum(size for msgid, size in messages.items() if msgid not in seen)
            seconds = time.perf_counter() - start
            rows[section] = [sum(pair) for pair in zip(rows[section], (1, sent, new, seconds), strict=True)]
        begun.add(section)
        seen.update(messages)
    return dict(rows)


def _conf() -> str:
    d2lbook = importlib.util.find_spec("sphinx_amts.formats.d2lbook") is not None
    extensions = ["sphinx_amts", "sphinx_amts.formats.d2lbook"] if d2lbook else ["sphinx_amts", "myst_parser"]
    return (
        f'project = "Replay"\nextensions = {extensions}\namts_languages = ["es"]\namts_engine = "pseudo"\n'
        'myst_enable_extensions = ["dollarmath"]\nsuppress_warnings = ["myst", "ref", "toc"]\n'
    )


def build(book: Path, out: Path, verbose: bool) -> tuple[int, dict[str, int]]:
    """Build the book; characters sent, and the natural-language characters of each of its messages."""
    from sphinx_amts.model import count_text

    with patch_docutils(str(book)), docutils_namespace():
        app = Sphinx(str(book), str(book), str(out), str(out / ".doctrees"), "amts", {}, io.StringIO(), io.StringIO())
        with mock.patch.object(LanguageRun, "send", _showing(LanguageRun.send)) if verbose else nullcontext():
            app.build()
        run = app.builder.runs[0]
        messages = {}
        for document in run.book.documents.values():
            for message in document.messages:
                if message.translatable and document.format in run.book.formats:
                    pieces = run.book.formats[document.format].parse(message.raw, message.kind)
                    messages[message.msgid] = count_text(pieces)
    summary = json.loads((out / "amts.json").read_text(encoding="utf-8"))["es"]
    return int(summary["sent_characters"]), messages


def _showing(send: Callable[..., None]) -> Callable[..., None]:
    """*send* of a run, which also prints what it sends."""

    def shown(run: LanguageRun, *arguments: object) -> None:
        for one in run.missing:
            print(one.html)
        send(run, *arguments)

    return shown


def print_table(rows: dict[str, list[float]]) -> None:
    print("| section | updates | characters sent | of new messages | share | seconds a step |")
    print("|---|---:|---:|---:|---:|---:|")
    total = [sum(row[column] for row in rows.values()) for column in range(4)]
    for name, (steps, sent, whole, seconds) in [*sorted(rows.items()), ("all", total)]:
        print(f"| {name} | {steps:.0f} | {sent:,.0f} | {whole:,.0f} | {sent / whole:.3f} | {seconds / steps:.2f} |")
    print(f"\nAs a share of {GIVEN:,} characters: {total[1] / GIVEN:.3f}.")


if __name__ == "__main__":
    sys.exit(main())
