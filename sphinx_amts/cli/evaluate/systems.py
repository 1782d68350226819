"""The systems that are compared: one engine, with and without parallel data, asked as a build asks it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sphinx_amts.cli.evaluate.corpus import Data
from sphinx_amts.cli.evaluate.pairing import Article, pair, text_of
from sphinx_amts.engines import Engine, Learner, construct, price_of, telling
from sphinx_amts.evaluate import Texts
from sphinx_amts.formats.inline import decode
from sphinx_amts.memory import Memory
from sphinx_amts.model import ConfigurationError, Fragment, Pipeline, Segment, SegmentPair
from sphinx_amts.translate.asking import Asker
from sphinx_amts.translate.splitting import translatable

_VERSION = 1
"""Raised when a translation that was kept must not be used any more."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What is the same for every system of an evaluation."""

    engine: str
    """Name of the engine."""
    state: Path
    """Folder for what can be made again: trained models, translations that were received."""
    terminology: tuple[Path, ...] = ()
    """Term lists of the system ``terminology``."""
    amazon: Mapping[str, object] = field(default_factory=dict)
    """Settings of the ``amazon`` engine."""
    max_cost: float | None = None
    """Ceiling in US dollars for everything that is sent."""


@dataclass(slots=True)
class System:
    """One engine with one set of parallel data for one direction."""

    name: str
    """``none``, ``paragraph``, ``sentence`` or ``terminology``."""
    source: str
    """Language that is translated from."""
    target: str
    """Language that is translated into."""
    engine: Engine
    memory: Memory
    segments: tuple[Segment, ...]
    """Every sentence of the evaluated articles, each once."""
    problems: list[str] = field(default_factory=list)
    """Why sentences stay in the source language."""

    def missing(self) -> list[Segment]:
        """What has to be translated still: neither received before, nor refused."""
        fingerprint = self._asker().fingerprint
        return [
            one
            for one in self.segments
            if self.memory.get(one.html, self.engine.name) is None and not self.memory.is_refused(one.html, fingerprint)
        ]

    def ask(self, step: Callable[[int], None]) -> None:
        """Translate what is missing; every answer is kept as it arrives."""
        asker = self._asker(step)
        asker.ask(self.missing())
        self.problems = [
            f"{problem.message} ({problem.code})"
            for problem in asker.problems.values()
            if problem.code == "engine-failed"
        ]

    def _asker(self, step: Callable[[int], None] = lambda _count: None) -> Asker:
        return Asker(self.engine, self.source, self.target, self.memory, step)

    def text(self, segments: Sequence[Segment]) -> str:
        """The translation of *segments* as one text; what has none stays in the source language, as in a build."""
        return text_of([self._pieces(one) for one in segments], self.target)

    def _pieces(self, one: Segment) -> Fragment:
        found = self.memory.get(one.html, self.engine.name)
        return one.pieces if found is None else decode(found.text, one.pieces)


def make_systems(setting: Setting, languages: tuple[str, str], articles: Sequence[Article], data: Data) -> list[System]:
    """The systems for one direction; *articles* and *data* are turned so that their source is ``languages[0]``."""
    segments = tuple(
        dict.fromkeys(
            one for article in articles for unit in article.sentences for one in unit.source if translatable(one)
        )
    )
    pairs = {name: tuple(pair(unit, *languages) for unit in units) for name, units in data.units.items()}
    wanted: list[tuple[str, tuple[SegmentPair, ...], tuple[Path, ...]]] = [
        ("none", (), ()),
        ("paragraph", pairs["paragraph"], ()),
        ("sentence", pairs["sentence"], ()),
    ]
    if setting.terminology:
        wanted.append(("terminology", pairs["sentence"], setting.terminology))
    return [_system(setting, languages, segments, *one) for one in wanted]


def _system(
    setting: Setting,
    languages: tuple[str, str],
    segments: tuple[Segment, ...],
    name: str,
    pairs: tuple[SegmentPair, ...],
    terminology: tuple[Path, ...],
) -> System:
    known = hashlib.sha256(
        json.dumps(
            [
                _VERSION,
                setting.engine,
                languages,
                [[one.source, one.target] for one in pairs],
                [path.read_text(encoding="utf-8-sig", errors="replace") for path in terminology],
            ]
        ).encode()
    ).hexdigest()[:16]
    folder = setting.state / f"{languages[0]}-{languages[1]}-{name}-{known}"
    pipeline = Pipeline(
        language=languages[1],
        source_language=languages[0],
        confdir=Path.cwd(),
        state=folder,
        output=folder / "out",
        engine=setting.engine,
        terminology=terminology,
        amazon=setting.amazon,
        max_cost=setting.max_cost,
    )
    engine = construct(setting.engine, pipeline)
    if isinstance(engine, Learner):
        with telling(engine, "learn"):
            engine.learn(pairs)
    answers = hashlib.sha256(str(getattr(engine, "fingerprint", "")).encode()).hexdigest()[:8]
    return System(name, *languages, engine, Memory(folder / f"translations-{answers}.sqlite"), segments)


def check_cost(systems: Sequence[System], limit: float | None) -> float:
    """What sending everything costs in US dollars, as the engine estimates it; refuse what is above *limit*."""
    cost = 0.0
    for system in systems:
        cost += price_of(system.engine, [one.html for one in system.missing()])
    if limit is not None and cost > limit:
        raise ConfigurationError(
            f"This evaluation would cost about ${cost:.2f}, more than --max-cost {limit}. Nothing was sent."
        )
    return cost


def texts_of(articles: Sequence[Article], systems: Sequence[System]) -> dict[str, Texts]:
    """What the systems gave and what people wrote, by article."""
    target = systems[0].target
    return {
        article.name: Texts(
            tuple(text_of(unit.target, target) for unit in article.sentences),
            {system.name: tuple(system.text(unit.source) for unit in article.sentences) for system in systems},
        )
        for article in articles
    }
