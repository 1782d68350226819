"""How the parts that a book's history fills bear growth: look-ups in memories, and catalogs.

    python bench/memory.py [--sizes 10000 100000 1000000] [--entries 100000]

Texts are made up: sentences of 8 to 22 words from a vocabulary with Zipf's distribution, in which a twentieth of the words
are names that stand nowhere else. ``exact`` and ``repairable`` (the same but for markup and case) are look-ups in the index of
one language (``.amts/…/memory.sqlite``); ``fuzzy`` is the local engine's search for the most similar known sentence, at
0.8, for sentences of which one word was changed. Every size is measured in a process of its own. Alignment as texts grow is
measured by ``alignment.py``. Prints a Markdown section; exit status 1 if a target is missed.
"""

from __future__ import annotations

import argparse
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from itertools import accumulate, count
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))

EXACT, FUZZY = 20e-6, 5e-3
"""Targets at the largest size, in seconds a look-up."""

ASKED = 2_000
FUZZY_ASKED = 300
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


class Sentences:
    """Sentences of made-up words, always the same."""

    def __init__(self, seed: int = 1) -> None:
        self._random = random.Random(seed)
        self._names = count(10_000_000)
        self._vocabulary = [_word(number) for number in range(50_000)]
        self._weights = list(accumulate(1 / (rank + 2.7) for rank in range(len(self._vocabulary))))

    def words(self) -> list[str]:
        length = self._random.randint(8, 22)
        words = self._random.choices(self._vocabulary, cum_weights=self._weights, k=length)
        return [_word(next(self._names)) if self._random.random() < 0.05 else word for word in words]

    def changed(self, words: Sequence[str]) -> list[str]:
        place = self._random.randrange(len(words))
        return [*words[:place], self._random.choice(self._vocabulary), *words[place + 1 :]]

    def some(self, size: int, number: int) -> list[int]:
        return [self._random.randrange(size) for _ in range(number)]


def _word(number: int) -> str:
    letters = ""
    while number or not letters:
        letters += _LETTERS[number % 26]
        number //= 26
    return letters + "o"


def _text(words: Sequence[str]) -> str:
    return " ".join(words).capitalize() + "."


def _median(action: Callable[[str], object], asked: Sequence[str]) -> float:
    """Median seconds of *action* for one of the texts *asked*."""
    seconds = []
    for text in asked:
        start = time.perf_counter()
        action(text)
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


def _peak() -> float:
    """Peak memory of this process in MB."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def index(size: int) -> str:
    """Look-ups in the index of one language with *size* pairs."""
    from sphinx_amts.memory import Memory
    from sphinx_amts.model import Origin, SegmentPair

    sentences = Sentences()
    texts = [_text(sentences.words()) for _ in range(size)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "memory.sqlite"
        memory = Memory(path)
        start = time.perf_counter()
        memory.replace("catalog:book", "1", (SegmentPair(text, text[::-1], Origin.HUMAN) for text in texts))
        filled = time.perf_counter() - start
        memory.close()
        start = time.perf_counter()
        memory = Memory(path)
        memory.get(texts[0])
        opened = time.perf_counter() - start
        asked = [texts[number] for number in sentences.some(size, ASKED)]
        for text in asked:  # what a build asks for is what it asked for before: the pages are in the system's cache
            memory.get(text)
        assert all(memory.get(text) is not None for text in asked)
        exact = _median(memory.get, asked)
        unknown = _median(memory.get, [text + " Not known." for text in asked])
        repairable = [f'<em id="1">{text[:-1]}</em>.' for text in asked]
        assert all(memory.alike(text) for text in repairable[:10])
        alike = _median(memory.alike, repairable)
        memory.close()
        megabytes = sum(one.stat().st_size for one in Path(folder).iterdir()) / 1e6
    MET.append(exact <= EXACT)
    return (
        f"| {size:,} | {exact * 1e6:.1f} µs | {unknown * 1e6:.1f} µs | {alike * 1e6:.1f} µs | {megabytes:,.0f} MB "
        f"| {opened * 1e3:.1f} ms | {filled:.1f} s |"
    )


def fuzzy(size: int) -> str:
    """Look-ups in the local engine's fuzzy memory of *size* pairs."""
    from sphinx_amts.engines.local.encoding import Encoded, encode
    from sphinx_amts.engines.local.memory import FuzzyMemory

    sentences = Sentences()
    nothing = Encoded((), (), ())
    known = [Encoded(tuple(words), (), ()) for words in (sentences.words() for _ in range(size))]
    start = time.perf_counter()
    memory = FuzzyMemory((one, nothing) for one in known)
    loaded = time.perf_counter() - start
    asked = [" ".join(sentences.changed(known[number].words)) for number in sentences.some(size, FUZZY_ASKED)]
    found = sum(memory.find(encode(text), 0.8) is not None for text in asked)
    assert found == len(asked), "a sentence with one other word is as similar as that"
    seconds = _median(lambda text: memory.find(encode(text), 0.8), asked)
    MET.append(seconds <= FUZZY)
    return f"| {size:,} | {seconds * 1e3:.2f} ms | {loaded:.1f} s | {_peak():,.0f} MB |"


def catalogs(size: int) -> str:
    """Reading and writing a catalog of *size* entries."""
    from sphinx_amts import catalog as po

    sentences = Sentences()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "book.po"
        entries = [po.Entry(f"{number} {_text(sentences.words())}").translated("x", "e") for number in range(size)]
        start = time.perf_counter()
        po.write(po.Catalog(path, (po.header("Book", "es"), *entries)))
        written = time.perf_counter() - start
        start = time.perf_counter()
        catalog = po.read(path)
        read = time.perf_counter() - start
        start = time.perf_counter()
        po.write(catalog)
        unchanged = time.perf_counter() - start
        megabytes = path.stat().st_size / 1e6
    return f"| {size:,} | {megabytes:.0f} MB | {read:.1f} s | {written:.1f} s | {unchanged:.1f} s | {_peak():,.0f} MB |"


MET: list[bool] = []
TABLES: dict[str, tuple[Callable[[int], str], str]] = {
    "index": (index, "pairs | exact | unknown | repairable | size on disk | opened in | filled in"),
    "fuzzy": (fuzzy, "pairs | fuzzy | loaded in | peak memory"),
    "catalogs": (catalogs, "entries | size | read | written | written, unchanged | peak memory"),
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="*", default=[10_000, 100_000, 1_000_000], help="pairs in memories")
    parser.add_argument("--entries", type=int, nargs="*", default=[100_000], help="entries of catalogs")
    parser.add_argument("--one", nargs=2, metavar=("TABLE", "SIZE"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(TABLES[options.one[0]][0](int(options.one[1])))
        return int(not all(MET))
    sizes = {
        "index": options.sizes, "fuzzy": options.sizes, "catalogs": options.entries
    }  # fmt: skip
    missed = False
    for name, (_measure, head) in TABLES.items():
        if not sizes[name]:
            continue
        print(f"| {head} |\n|{'---:|' * (head.count('|') + 1)}")
        for size in sizes[name]:
            done = subprocess.run([sys.executable, __file__, "--one", name, str(size)], check=False)
            missed |= bool(done.returncode) and size == max(sizes[name])
        print(flush=True)
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
