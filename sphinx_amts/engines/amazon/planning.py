"""What a request for translations comes to, and what it costs; worked out without sending anything."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sphinx_amts.engines.amazon import pricing
from sphinx_amts.engines.amazon.jobs import Job, Records
from sphinx_amts.engines.amazon.markup import natural
from sphinx_amts.engines.amazon.parallel_data import Rows
from sphinx_amts.engines.amazon.realtime import text_limit
from sphinx_amts.engines.amazon.requests import Pair, style
from sphinx_amts.engines.amazon.settings import Settings
from sphinx_amts.engines.amazon.state import Found, Key, Results, digest
from sphinx_amts.engines.amazon.terminology import Terms
from sphinx_amts.model import Pipeline

LARGE = 500_000
"""Characters from which ``auto`` prefers a batch job even without parallel data: the price is the same, and one job
takes the place of thousands of calls, but needs minutes to start."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is wanted, and what is missing."""

    pair: Pair
    """The languages."""
    key: Key
    """What shapes the translations."""
    wanted: Mapping[str, str]
    """Digest to segment, for every segment that has text."""
    found: Mapping[str, Found]
    """Digest to what earlier runs have paid and stored."""
    pending: tuple[Job, ...]
    """Jobs of earlier runs that are still out and hold segments that are wanted."""
    missing: tuple[str, ...]
    """Segments that have to be sent."""
    again: bool
    """Whether these are second tries, after first answers that could not be used."""


class Planner:
    """Decides what has to be sent on which route."""

    def __init__(self, pipeline: Pipeline, settings: Settings, results: Results, records: Records) -> None:
        self._configured = bool(pipeline.parallel_data)
        self._settings = settings
        self._results = results
        self._records = records
        self.table = Rows((), {})
        """Approved pairs."""
        self.terms = Terms((), ())
        """The terminology."""

    @property
    def batch_possible(self) -> bool:
        """Whether the settings allow batch jobs."""
        return bool(self._settings.mode != "realtime" and self._settings.bucket and self._settings.role_arn)

    @property
    def custom(self) -> bool:
        """Whether parallel data is used: only batch jobs take it, real-time calls would silently go without.

        ``auto`` uses it where ``amts_parallel_data`` is set, and not because somebody has corrected a sentence: it
        quadruples the price and turns seconds into minutes.
        """
        asked_for = self._settings.mode == "batch" or self._configured
        return self.batch_possible and asked_for and bool(self.table.pairs)

    def plan(self, segments: Iterable[str], pair: Pair, *, again: bool) -> Plan:
        """Find out which of *segments* are paid for, under way, or missing."""
        pairs = [text for row in self.table.pairs for text in row] if self.custom else []
        terms = [text for row in self.terms.pairs for text in row]
        manner = style(self._settings, pair) + ("-again" if again else "")
        key = Key(manner, digest(digest(*pairs), digest(*terms))[:16])
        wanted = {digest(segment): segment for segment in segments if natural(segment).strip()}
        found = self.found(key, wanted)
        pending = [job for job in self._records.open(manner) if job.segments & (set(wanted) - set(found))]
        covered = set(found).union(*(job.segments for job in pending))
        missing = tuple(segment for name, segment in wanted.items() if name not in covered)
        return Plan(pair, key, wanted, found, tuple(pending), missing, again)

    def found(self, key: Key, wanted: Mapping[str, str]) -> dict[str, Found]:
        """Return what is stored of *wanted*."""
        return {name: item for name, item in self._results.find(key).items() if name in wanted}

    def takes_batch(self, plan: Plan) -> bool:
        """Tell whether what *plan* lacks goes into batch jobs."""
        if self._settings.mode == "batch":
            return True
        # Second tries of a few segments do not wait for another job where the choice is ours.
        large = sum(len(natural(segment)) for segment in plan.missing) >= LARGE
        return self.batch_possible and not plan.again and (self.custom or large)

    def cost(self, plan: Plan) -> float:
        """Price in US dollars what *plan* lacks, on the route that it takes."""
        found = pricing.prices(plan.missing, self.text_limit(plan.pair))
        if not self.takes_batch(plan):
            return found.realtime
        return found.batch_custom if self.custom else found.batch

    def text_limit(self, pair: Pair) -> int | None:
        """Return the byte limit of ``TranslateText`` where that call has to be used."""
        return text_limit(pair.source, pair.target, self._settings.brevity)
