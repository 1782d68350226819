"""The text of an evaluation: a book in two languages, what is held out of it, and the parallel data that is left."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from sphinx_amts.align import check_languages
from sphinx_amts.cli.evaluate.pairing import Article, Unit
from sphinx_amts.cli.reading import Block, read_blocks
from sphinx_amts.evaluate.held_out import Closest, HeldOut
from sphinx_amts.formats.inline import plain
from sphinx_amts.model import ConfigurationError

LEAST = 0.5
"""Confidence of the aligner (0 to 1) from which a unit is parallel data, as in ``amts align``."""

Side = dict[str, list[Block]]
"""The blocks of the documents of one language, by document."""


@dataclass(frozen=True, slots=True)
class Data:
    """Parallel data, and the proof of what is not in it."""

    units: Mapping[str, tuple[Unit, ...]]
    """Units by granularity (``paragraph``, ``sentence``), from the source to the target language."""
    left_out: Mapping[str, int]
    """How many units of each granularity were left out, since they hold a near duplicate of an evaluated sentence."""
    closest: tuple[Closest, Closest] | None
    """In each language the most similar pair of an evaluated sentence and one in the data; ``None`` where it leaks."""

    def turned(self) -> Data:
        """The same data for the other direction."""
        units = {name: tuple(unit.turned() for unit in found) for name, found in self.units.items()}
        return Data(units, self.left_out, self.closest and (self.closest[1], self.closest[0]))


# -- reading -------------------------------------------------------------------------------------------------------


def read_sides(
    paths: tuple[Path, Path], languages: tuple[str, str], state: Path, say: Callable[[str], None]
) -> tuple[Side, Side]:
    """Read a book in two languages; raise :class:`ConfigurationError` where they are not what they are said to be."""
    sides: list[Side] = []
    for path, language in zip(paths, languages, strict=True):
        say(f"reading {path}")
        sides.append(read_blocks(path, language, state))
    source, target = sides
    check_languages(_sentences(source), _sentences(target), languages)
    if paths[0].is_file() and paths[1].is_file():
        target = {next(iter(source)): next(iter(target.values()))}
    if not set(source) & set(target):
        raise ConfigurationError(f"{paths[0]} and {paths[1]} have no file name in common: there is nothing to compare.")
    return source, target


def _sentences(side: Side) -> list[str]:
    return [one.html for blocks in side.values() for block in blocks for one in block.segments]


def find_articles(names: Sequence[str], documents: Iterable[str]) -> dict[str, str]:
    """Each document that *names* mean, with the name that it was given: whole names or ends, with or without a suffix."""
    known = sorted(documents)
    found: dict[str, str] = {}
    for name in names:
        wanted = re.sub(r"\.(md|rst|ipynb)$", "", name.replace("\\", "/")).strip("/")
        fitting = [one for one in known if one == wanted] or [one for one in known if one.endswith(f"/{wanted}")]
        if len(fitting) != 1:
            problem = "more than one article has this name" if fitting else "no such article in both languages"
            last = {one.rsplit("/", 1)[-1]: one for one in known}
            near = [last[one] for one in get_close_matches(wanted.rsplit("/", 1)[-1], last, 5)]
            shown = ", ".join((fitting or near or known)[:8])
            raise ConfigurationError(f"--articles {name}: {problem}. For example: {shown}.")
        found.setdefault(fitting[0], name)
    return found


# -- holding out ---------------------------------------------------------------------------------------------------


def make_data(held: Sequence[Article], rest: Sequence[Article], leaky: bool) -> Data:
    """The parallel data of *rest* without near duplicates of any sentence of *held*; if *leaky*, that of both."""
    used = [*rest, *held] if leaky else list(rest)
    units = {
        "paragraph": [unit for article in used for unit in article.paragraphs if unit.score >= LEAST],
        "sentence": [unit for article in used for unit in article.sentences if unit.score >= LEAST],
    }
    if leaky:
        return Data({name: tuple(found) for name, found in units.items()}, dict.fromkeys(units, 0), None)
    sides = [HeldOut(text for article in held for text in article.texts(side)) for side in (0, 1)]
    kept = {name: _without(found, sides) for name, found in units.items()}
    closest = [
        sides[side].closest([text for found in kept.values() for unit in found for text in _texts(unit, side)])
        for side in (0, 1)
    ]
    left_out = {name: len(units[name]) - len(kept[name]) for name in units}
    return Data(kept, left_out, (closest[0], closest[1]))


def _texts(unit: Unit, side: int) -> list[str]:
    return [plain(one.pieces) for one in (unit.target if side else unit.source)]


def _without(units: Sequence[Unit], sides: Sequence[HeldOut]) -> tuple[Unit, ...]:
    """The *units* none of whose sentences, on either side, is a near duplicate of a held-out one."""
    bad: set[int] = set()
    for side, held in enumerate(sides):
        owners = [number for number, unit in enumerate(units) for _one in (unit.target if side else unit.source)]
        leaks = held.leaks([text for unit in units for text in _texts(unit, side)])
        bad.update(owner for owner, leak in zip(owners, leaks, strict=True) if leak)
    return tuple(unit for number, unit in enumerate(units) if number not in bad)
