"""Sentence alignment, measured: against gold beads, against wrong texts, for speed, and over a whole book.

    python bench/alignment.py                   everything
    python bench/alignment.py gold speed        some of it: gold, wrong, speed, book
    python bench/alignment.py --pairs FILE      also write 50 random pairs of the book to a file, to be read and judged

Needs the gold beads and the book of ../shared. Times are processor time of one process. Prints a Markdown section.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")  # threads of NumPy's that wait count as processor time

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from sphinx_amts.align import align, learn  # noqa: E402
from sphinx_amts.align.check import advantage  # noqa: E402
from sphinx_amts.align.evidence import Evidence  # noqa: E402
from sphinx_amts.align.seeds import column  # noqa: E402
from sphinx_amts.align.text import read  # noqa: E402
from sphinx_amts.sentences import PLACEHOLDER, spans  # noqa: E402

SHARED = HERE.parent.parent / "shared"
GOLD = SHARED / "alignment-dev"
BOOK = SHARED / "books" / "d2l"
LANGUAGES = ("en", "zh_CN")
BARS = {"dropout": 0.93, "async-computation": 0.75}
SIZES = (1_000, 10_000, 100_000)
LINEAR = 1.6
"""Most that the time for a sentence may grow from one size to the next, ten times as large."""

_FENCE = re.compile(r"^```.*?^```$|^\$\$.*?\$\$$", re.MULTILINE | re.DOTALL)
_NO_PROSE = re.compile(r"^(?::\w+:`[^`]*`|:(?:begin|end)_tab:.*|!\[.*|\[Discussions\].*|\|.*|<.*)$", re.MULTILINE)
_OBJECT = re.compile(r":\w+:`[^`]*`|`[^`]*`|\$[^$]*\$")

Blocks = list[list[str]]
Beads = list[tuple[tuple[int, ...], tuple[int, ...]]]


# -- texts ---------------------------------------------------------------------------------------------------------


def blocks_of(path: Path, language: str) -> Blocks:
    """The sentences of a Markdown file, roughly: enough for measuring, and without Sphinx."""
    text = _NO_PROSE.sub("\n", _FENCE.sub("\n", path.read_text(encoding="utf-8")))
    text = re.sub(r"^(#+ .*)$", r"\n\1\n", text, flags=re.MULTILINE)
    found = []
    for block in re.split(r"\n\s*\n|\n(?=[*+-] |\d+\. )", text):
        prose = " ".join(re.sub(r"^(?:#+|[*+-]|\d+\.) ", "", block.strip()).split())
        objects = _OBJECT.findall(prose)
        masked = _OBJECT.sub(PLACEHOLDER, prose)
        rest = iter(objects)
        sentences = [
            "".join(next(rest) if letter == PLACEHOLDER else letter for letter in masked[start:end])
            for start, end in spans(masked, language)
        ]
        if sentences:
            found.append(sentences)
    return found


def documents() -> list[tuple[str, Blocks, Blocks]]:
    found = []
    for path in sorted((BOOK / "en").rglob("*.md")):
        name = path.relative_to(BOOK / "en")
        sides = blocks_of(path, "en"), blocks_of(BOOK / "zh" / name, "zh")
        if min(sum(map(len, side)) for side in sides) >= 8:
            found.append((name.as_posix(), *sides))
    return found


def gold_sections() -> dict[str, tuple[Blocks, Blocks, Beads]]:
    sections: dict[str, tuple[Blocks, Blocks, Beads]] = {}
    last: dict[tuple[str, str], int] = {}
    for side, name in enumerate(("sentences.en.jsonl", "sentences.zh.jsonl")):
        for line in (GOLD / name).read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            blocks = sections.setdefault(row["section"], ([], [], []))[side]
            if last.get((row["section"], name)) != row["block"]:
                blocks.append([])
            last[row["section"], name] = row["block"]
            blocks[-1].append(row["text"])
    for line in (GOLD / "beads.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        sections[row["section"]][2].append((tuple(row["src"]), tuple(row["tgt"])))
    return sections


def seconds(call: Callable[[], object]) -> float:
    start = time.process_time()
    call()
    return time.process_time() - start


# -- Gale and Church -----------------------------------------------------------------------------------------------


def gale_church(source: Blocks, target: Blocks) -> Beads:
    """NLTK's implementation with the right ratio of lengths, over the whole section."""
    from nltk.translate import gale_church as nltk_aligner

    lengths = [[len(sentence) for block in side for sentence in block] for side in (source, target)]
    parameters = type(
        "Parameters", (nltk_aligner.LanguageIndependent,), {"AVERAGE_CHARACTERS": sum(lengths[1]) / sum(lengths[0])}
    )
    links = nltk_aligner.align_blocks(*lengths, parameters)
    left: dict[int, set[int]] = {}
    right: dict[int, set[int]] = {}
    for i, j in links:
        left.setdefault(i, set()).add(j)
        right.setdefault(j, set()).add(i)
    beads: Beads = []
    for i in range(len(lengths[0])):
        theirs = left.get(i, set())
        ours = {k for j in theirs for k in right[j]} | {i}
        if min(ours) == i:
            beads.append((tuple(sorted(ours)), tuple(sorted(theirs))))
    return beads + [((), (j,)) for j in range(len(lengths[1])) if j not in right]


# -- parts ---------------------------------------------------------------------------------------------------------


def strict(beads: Iterable[tuple[tuple[int, ...], tuple[int, ...]]], gold: Beads) -> float:
    found = set(beads)
    return 2 * len(found & set(gold)) / (len(found) + len(gold))


def part_gold() -> bool:
    """F1 against gold beads."""
    sections = gold_sections()
    lexicon = learn([(ours, theirs) for _, ours, theirs in documents()], languages=LANGUAGES)
    print(
        "Strict F1 against gold beads (two hard sections of D2L, not in the book that the lexicon was learned from):\n"
    )
    print(
        "| section | Gale-Church (NLTK) | `amts align`, two files | with the book's lexicon | bar |\n|---|---:|---:|---:|---:|"
    )
    met = True
    for name, (source, target, gold) in sections.items():
        two = strict(((bead.source, bead.target) for bead in align(source, target)), gold)
        book = strict(((bead.source, bead.target) for bead in align(source, target, lexicon)), gold)
        print(
            f"| {name} | {strict(gale_church(source, target), gold):.3f} | {two:.3f} | {book:.3f} | {BARS[name]:.2f} |"
        )
        met = met and two >= BARS[name]
    return met


def part_wrong() -> bool:
    """Texts that are no translations of each other."""
    texts = documents()
    columns = column("en"), column("zh")
    print(
        "\nAdvantage of the right order over the wrong one, in nats a sentence; below 1.0 (0.5 where the languages are"
    )
    print("not in the seed table) a pair of texts is refused as not being translations:\n")
    print(
        "| | least right | 2 % of right | 98 % of wrong | refused, of right | refused, of wrong |\n|---|---:|---:|---:|---:|---:|"
    )
    met = True
    for label, seeded, least in (("English and Chinese known", True, 1.0), ("languages unknown", False, 0.5)):
        sides = [
            [read(side, None, columns[k] if seeded else None) for k, side in enumerate(text[1:])] for text in texts
        ]
        right = sorted(advantage(Evidence(ours, theirs)) for ours, theirs in sides)
        wrong = sorted(advantage(Evidence(sides[k][0], sides[(k + 7) % len(sides)][1])) for k in range(len(sides)))
        refused = [sum(value < least for value in values) for values in (right, wrong)]
        print(
            f"| {label} | {right[0]:.2f} | {right[len(right) // 50]:.2f} | {wrong[-1 - len(wrong) // 50]:.2f} "
            f"| {refused[0]} of {len(right)} | {refused[1]} of {len(wrong)} |"
        )
        met = met and refused[0] == 0 and refused[1] >= 0.85 * len(wrong)
    return met


def repeated(size: int) -> tuple[Blocks, Blocks]:
    """A long text: the book again and again, with numbered headings."""
    sides: tuple[Blocks, Blocks] = ([], [])
    counted = number = 0
    texts = documents()
    while counted < size:
        _, *text = texts[number % len(texts)]
        for side, blocks in zip(sides, text, strict=True):
            side += [[f"{number}. {blocks[0][0]}", *blocks[0][1:]], *blocks[1:]]
        counted += sum(map(len, text[0]))
        number += 1
    return sides


def part_speed() -> bool:
    """Time and memory by length, each in a process of its own."""
    print("\nOne text without a lexicon of the book, by length:\n")
    print("| sentences | seconds | for 1,000 | times the row before | peak MB |\n|---:|---:|---:|---:|---:|")
    before = None
    met = True
    for size in SIZES:
        command = [sys.executable, __file__, "--measure", str(size)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        found = json.loads(done.stdout)
        each = found["seconds"] / found["sentences"] * 1000
        ratio = "" if before is None else f"{each / before:.2f}"
        met = met and (before is None or size == SIZES[1] or each / before <= LINEAR)
        print(f"| {found['sentences']:,} | {found['seconds']:.1f} | {each:.2f} | {ratio} | {found['megabytes']:.0f} |")
        before = each
    for size in (300, 600):
        source, target = repeated(size)
        taken = seconds(lambda s=source, t=target: gale_church(s, t))  # type: ignore[misc]
        print(
            f"| {sum(map(len, source))}, Gale-Church | {taken:.1f} | {taken / sum(map(len, source)) * 1000:.2f} | | |"
        )
    return met


def measure(size: int) -> None:
    """Align one long text and print figures as JSON."""
    source, target = repeated(size)
    taken = seconds(lambda: align(source, target))
    print(json.dumps({"sentences": sum(map(len, source)), "seconds": taken, "megabytes": peak_megabytes()}))


def peak_megabytes() -> float:
    """The most memory that this process has held; on Linux without what its parent held when it was started."""
    status = Path("/proc/self/status")
    if status.is_file():
        return int(next(line.split()[1] for line in status.read_text().splitlines() if line.startswith("VmHWM"))) / 1024
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform == "darwin" else 1) / 1024


def part_book(pairs: Path | None = None) -> bool:
    """A whole book as ``amts align`` reads it."""
    from sphinx_amts.cli.evaluate.aligned import articles_of
    from sphinx_amts.cli.reading import read_blocks

    with tempfile.TemporaryDirectory() as state:
        sides = [
            read_blocks(BOOK / name, language, Path(state))
            for name, language in zip(("en", "zh"), LANGUAGES, strict=True)
        ]
    start = time.process_time()
    articles = articles_of(sides[0], sides[1], LANGUAGES)
    taken = time.process_time() - start
    shapes: Counter[tuple[int, int]] = Counter()
    units = [(article.name, unit) for article in articles for unit in article.sentences]
    for _, unit in units:
        shapes[len(unit.source), len(unit.target)] += 1
    paired = [sum(len(getattr(unit, side)) for _, unit in units) for side in ("source", "target")]
    alone = [sum(len(article.alone[k]) for article in articles) for k in (0, 1)]
    print(
        f"\nD2L, English and Chinese, {len(articles)} documents, {taken:.0f} s of processor time for the alignment, "
        f"at most {peak_megabytes():.0f} MB with reading the book:\n"
    )
    print("| " + " | ".join(f"{a}-{b}" for (a, b), _ in shapes.most_common()) + " | 1-0 | 0-1 |")
    print("|" + "---:|" * (len(shapes) + 2))
    print("| " + " | ".join(f"{number:,}" for _, number in shapes.most_common()) + f" | {alone[0]} | {alone[1]} |")
    shares = [paired[k] / max(paired[k] + alone[k], 1) for k in (0, 1)]
    low = sum(unit.score < 0.5 for _, unit in units)
    print(
        f"\nPaired: {shares[0]:.1%} of the English sentences, {shares[1]:.1%} of the Chinese; {low} of {len(units):,} pairs"
    )
    print("have a score below 0.5 and stay out of the parallel data by default.")
    if pairs is not None:
        chosen = random.Random(5).sample([item for item in units if item[1].score >= 0.5], 50)
        lines = [
            f"{name} {unit.score:.2f}\n  {' | '.join(one.html for one in unit.source)}\n  {' | '.join(one.html for one in unit.target)}\n"
            for name, unit in chosen
        ]
        pairs.write_text("\n".join(lines), encoding="utf-8")
    return min(shares) > 0.9


PARTS = {"gold": part_gold, "wrong": part_wrong, "speed": part_speed, "book": part_book}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"only these: {', '.join(PARTS)}")
    parser.add_argument("--pairs", type=Path, metavar="FILE", help="write 50 random pairs of the book to this file")
    parser.add_argument("--measure", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.measure:
        measure(options.measure)
        return 0
    if unknown := sorted(set(options.parts) - set(PARTS)):
        parser.error(f"no such part: {', '.join(unknown)}")
    for folder in (GOLD, BOOK):
        if not folder.is_dir():
            print(f"{folder} is missing: this benchmark needs the public texts beside the checkout.", file=sys.stderr)
            return 1
    met = [part_book(options.pairs) if name == "book" else PARTS[name]() for name in options.parts or PARTS]
    return int(not all(met))


if __name__ == "__main__":
    sys.exit(main())
