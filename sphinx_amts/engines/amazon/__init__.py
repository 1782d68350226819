"""Amazon Translate: batch jobs with parallel data, real-time calls, terminology, and no surprise on the bill.

`markup` and `documents` turn segments into HTML and back; `service`, `storage` and `state` are the doors to AWS, S3 and
disk; `parallel_data`, `terminology`, `batch` and `realtime` are one thing each; `planning` decides what goes where and
`sending` does it.

What costs is put on record before it is asked for, and what comes back is stored before anything else, so that a run
that is killed at any moment goes on where it was and pays once (real-time calls that were under way excepted: the
service has no way to repeat one).
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence

from sphinx_amts.engines.amazon import parallel_data as parallel
from sphinx_amts.engines.amazon import pricing
from sphinx_amts.engines.amazon.clock import Clock
from sphinx_amts.engines.amazon.jobs import Records
from sphinx_amts.engines.amazon.markup import natural
from sphinx_amts.engines.amazon.parallel_data import ParallelData, Report, Resource
from sphinx_amts.engines.amazon.planning import Plan, Planner
from sphinx_amts.engines.amazon.requests import Pair, language_pair
from sphinx_amts.engines.amazon.sending import Sender
from sphinx_amts.engines.amazon.service import InterruptedRunError, Service
from sphinx_amts.engines.amazon.settings import read_settings
from sphinx_amts.engines.amazon.state import Found, Results, Store, digest
from sphinx_amts.engines.amazon.terminology import prepare
from sphinx_amts.model import ConfigurationError, EngineError, Pipeline, SegmentPair, Term

__all__ = [
    "AmazonEngine",
    "InterruptedRunError",
    "Report",
    "Resource",
    "delete_parallel_data",
    "list_parallel_data",
    "push_parallel_data",
    "require_bucket",
]

logger = logging.getLogger("sphinx.sphinx_amts.engines.amazon")


class AmazonEngine:
    """Translates segments with Amazon Translate; one instance for each language."""

    name = "amazon"
    batch_size = 0
    """Everything is wanted in one call: it is packed, priced and started as a whole."""

    def __init__(self, pipeline: Pipeline, *, clock: Clock | None = None) -> None:
        """Check the settings of *pipeline*; raise :class:`ConfigurationError`. Nothing is sent."""
        settings = read_settings(pipeline)
        self._pair = language_pair(pipeline.source_language, pipeline.language)
        self._pipeline = pipeline
        self._service = Service(settings, clock or Clock())
        store = Store(pipeline.state / "amazon")
        self._results = Results(store)
        self._records = Records(store, self._service.clock)
        self._planner = Planner(pipeline, settings, self._results, self._records)
        self._sender = Sender(self._service, store, self._results, self._records, self._planner)
        self._spent = 0.0
        self._given: list[str] = []
        self._routes: dict[str, str] = {}
        self._earlier: dict[str, str] | None = None
        self.sent_again: list[str] = []
        """Segments that the last :meth:`translate` sent, and paid, twice, because the first answer was damaged."""

    def learn(self, pairs: Sequence[SegmentPair]) -> None:
        """Take note of all approved pairs: they become the parallel data of batch jobs. Nothing is sent."""
        self._planner.table = table = parallel.rows(pairs)
        if self._planner.custom:
            for reason, count in sorted(table.left_out.items()):
                logger.warning("Amazon Translate: %d approved pairs do not go into parallel data: %s", count, reason)
        elif table.pairs and self._pipeline.parallel_data:
            logger.warning(
                "Amazon Translate: real-time calls ignore amts_parallel_data (%d pairs); choose mode 'auto' or 'batch'",
                len(table.pairs),
            )

    def use_terms(self, terms: Sequence[Term]) -> None:
        """Take note of the terminology, for both routes. Nothing is sent."""
        self._planner.terms = prepare(terms)
        for term in self._planner.terms.left_out:
            logger.warning("Amazon Translate: the term %r is left out: empty, or longer than 200 bytes", term)

    def price(self, segments: Sequence[str]) -> float:
        """Estimate in US dollars what translating *segments* costs on the route that they would take.

        What earlier runs have paid for and not yet handed over costs nothing again. Call :meth:`learn` first:
        parallel data quadruples the price. Nothing is sent.
        """
        return self._planner.cost(self._planner.plan(segments, self._pair, again=False))

    def prices(self, segments: Sequence[str]) -> dict[str, float]:
        """Price *segments* in US dollars on every route, as if nothing had been translated yet. Nothing is sent."""
        found = pricing.prices(segments, self._planner.text_limit(self._pair))
        return {"realtime": found.realtime, "batch": found.batch, "batch-custom": found.batch_custom}

    def route(self, segment: str) -> str:
        """Tell how *segment* was translated: ``realtime``, ``batch``, or ``batch-custom`` (with parallel data).

        Of an earlier run, which may have been killed before it was asked, as long as its results are kept.
        """
        if self._earlier is None:
            self._earlier = self._results.routes()
        name = digest(segment)
        return self._routes.get(name) or self._earlier.get(name, "")

    def cancel(self) -> None:
        """End :meth:`translate` from another thread: it raises :class:`InterruptedRunError` and loses nothing."""
        self._service.cancelled.set()

    def translate(self, segments: Sequence[str], source: str, target: str) -> list[str | None]:
        """Translate HTML fragments from *source* to *target* (Sphinx's language codes).

        Returns one item for each segment, ``None`` for what could not be translated, with the reason in the log. A
        segment without natural-language text is returned as it is. What comes back incomplete is tried once more, each
        segment in a document of its own; so is one that this instance has answered before, and a part of one, because
        the caller found the answer unusable. Second tries go in real time in mode ``auto``.

        Raises :class:`EngineError` where nothing could be translated, :class:`InterruptedRunError` after
        :meth:`cancel`; the next run goes on where this one ended.
        """
        pair = language_pair(source, target)
        self.sent_again = []
        self._sender.look_again()
        second = [segment for segment in segments if self._is_second_try(segment)]
        repeated = set(second)
        first = self._planner.plan([one for one in segments if one not in repeated], pair, again=False)
        self._keep_ceiling(first)
        found = self._sender.carry_out(first) if first.wanted else {}
        damaged = [first.wanted[name] for name, item in found.items() if item.text is None]
        found.update(self._try_again(second, damaged, pair))
        self._given += [natural(segment) for segment in segments if digest(segment) in found]
        self._routes.update({segment: item.route for segment, item in found.items()})
        self._results.deliver(self._service.clock.now())
        self._records.forget()
        return [_answer(segment, found) for segment in segments]

    def _is_second_try(self, segment: str) -> bool:
        """Tell whether *segment* is one that this run has answered, or a part of one."""
        text = natural(segment).strip()
        return bool(text) and any(text in given for given in self._given)

    def _try_again(self, asked: Sequence[str], damaged: Sequence[str], pair: Pair) -> dict[str, Found]:
        """Translate alone, within the ceiling, what the caller has *asked* for again and what is found *damaged* here."""
        plan = self._planner.plan([*asked, *damaged], pair, again=True)
        if not plan.wanted:
            return {}
        if not self._affordable(plan):
            logger.warning("Amazon Translate: amts_max_cost leaves no room for %d second tries", len(plan.missing))
            return {}
        missing = set(plan.missing)
        self.sent_again = [one for one in damaged if one in missing]
        found = self._sender.carry_out(plan)
        useless = sum(item.text is None for item in found.values())
        if useless:
            logger.warning("Amazon Translate: %d segments came back incomplete twice and are not used", useless)
        return found

    def _keep_ceiling(self, plan: Plan) -> None:
        if not self._affordable(plan):
            raise EngineError(
                f"amts_max_cost = {self._pipeline.max_cost}: Amazon Translate would cost "
                f"{self._spent + self._planner.cost(plan):.2f} US dollars for {self._pipeline.language}. "
                "Nothing more was sent. Raise the limit or translate less."
            )

    def _affordable(self, plan: Plan) -> bool:
        """Take the cost of *plan* from what may be spent in this run; tell whether that suffices."""
        cost = self._planner.cost(plan)
        if self._pipeline.max_cost is not None and self._spent + cost > self._pipeline.max_cost:
            return False
        self._spent += cost
        return True


def _answer(segment: str, found: Mapping[str, Found]) -> str | None:
    if not natural(segment).strip():
        return segment
    item = found.get(digest(segment))
    return None if item is None else item.text


def push_parallel_data(pipeline: Pipeline, pairs: Sequence[SegmentPair], *, clock: Clock | None = None) -> Report:
    """Make the parallel-data resource of *pipeline*'s language hold *pairs*; wait until it is in use."""
    return _resource(pipeline, clock).push(parallel.rows(pairs))


def delete_parallel_data(pipeline: Pipeline, *, clock: Clock | None = None) -> bool:
    """Delete the parallel-data resource of *pipeline*'s language; return whether there was one."""
    return _resource(pipeline, clock).delete()


def list_parallel_data(pipeline: Pipeline, *, clock: Clock | None = None) -> list[Resource]:
    """List the parallel-data resources of account and region, that of *pipeline*'s language marked as ours."""
    service, pair = _connect(pipeline, clock)
    return parallel.list_resources(service, parallel.resource_name(service.settings, pair.source, pair.target))


def require_bucket(pipeline: Pipeline) -> None:
    """Raise :class:`ConfigurationError` if *pipeline* names no bucket that parallel data could be imported from."""
    if read_settings(pipeline).bucket is None:
        raise ConfigurationError("amts_amazon['bucket'] is not set: parallel data is imported from a bucket. Set it.")


def _connect(pipeline: Pipeline, clock: Clock | None) -> tuple[Service, Pair]:
    pair = language_pair(pipeline.source_language, pipeline.language)
    return Service(read_settings(pipeline), clock or Clock()), pair


def _resource(pipeline: Pipeline, clock: Clock | None) -> ParallelData:
    require_bucket(pipeline)
    service, pair = _connect(pipeline, clock)
    return ParallelData(service, Store(pipeline.state / "amazon"), pair.source, pair.target)
