"""What the benchmarks of the local engine and of the evaluation share: five articles of D2L, held out of the rest.

Both keep models and received translations in the same folder, as ``amts evaluate --state`` does, so that no model is
trained twice.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))

from sphinx_amts.cli.evaluate.aligned import articles_of  # noqa: E402
from sphinx_amts.cli.evaluate.corpus import Data, find_articles, make_data, read_sides  # noqa: E402
from sphinx_amts.cli.evaluate.pairing import Article  # noqa: E402
from sphinx_amts.cli.evaluate.systems import Setting, System, make_systems  # noqa: E402

BOOK = PROJECT.parent / "shared" / "books" / "d2l"
LANGUAGES = ("en", "zh")
ARTICLES = (
    "chapter_attention-mechanisms/transformer",
    "chapter_convolutional-modern/resnet",
    "chapter_linear-networks/softmax-regression",
    "chapter_optimization/momentum",
    "chapter_recurrent-neural-networks/rnn",
)


@dataclass(frozen=True, slots=True)
class Experiment:
    """The evaluated articles and the parallel data of all others, from English to Chinese."""

    held: tuple[Article, ...]
    """Articles that are translated and scored."""
    data: Data
    """Parallel data without near duplicates of any of their sentences."""

    def system(self, direction: str, name: str, state: Path, size: int = 0) -> System:
        """The system *name* for ``en-zh`` or ``zh-en``; with a *size*, from so many sentence pairs drawn at random."""
        languages = (LANGUAGES[0], LANGUAGES[1]) if direction == "en-zh" else (LANGUAGES[1], LANGUAGES[0])
        data = self.data if direction == "en-zh" else self.data.turned()
        if size:
            drawn = tuple(random.Random(1).sample(data.units["sentence"], size))
            data = replace(data, units={"paragraph": (), "sentence": drawn})
        systems = make_systems(Setting("local", state), languages, self.articles(direction), data)
        return next(system for system in systems if system.name == name)

    def articles(self, direction: str) -> list[Article]:
        """The evaluated articles, turned so that they are translated in *direction*."""
        return list(self.held) if direction == "en-zh" else [one.turned() for one in self.held]


def all_articles(state: Path) -> list[Article]:
    """The whole book, aligned."""
    sides = read_sides((BOOK / "en", BOOK / "zh"), LANGUAGES, state, lambda text: print(text, file=sys.stderr))
    return articles_of(*sides, LANGUAGES)


def load(state: Path) -> Experiment:
    """Read and align the book, and hold the articles out, as ``amts evaluate`` does."""
    articles = all_articles(state)
    names = find_articles(ARTICLES, [one.name for one in articles])
    held = [one for one in articles if one.name in names]
    return Experiment(tuple(held), make_data(held, [one for one in articles if one.name not in names], leaky=False))


def insert(name: str, text: str, files: Sequence[Path]) -> None:
    """Put *text* between ``<!-- name -->`` and ``<!-- end name -->`` of each Markdown file that has such a place."""
    begin, end = f"<!-- {name} -->\n", f"<!-- end {name} -->"
    for path in files:
        before, found, rest = path.read_text(encoding="utf-8").partition(begin)
        if found:
            after = rest[rest.index(end) :]
            path.write_text(f"{before}{begin}\n{text.strip()}\n\n{after}", encoding="utf-8", newline="\n")
