"""Amazon Translate: batch jobs with parallel data, real-time calls, terminology, and no surprise on the bill.

`markup` and `documents` turn segments into HTML and back; `service`, `storage` and `state` are the doors to AWS, S3 and
disk; `parallel_data`, `terminology`, `batch` and `realtime` are one thing each; this module decides what goes where.

What costs is put on record before it is asked for, and what comes back is stored before anything else, so that a run
that is killed at any moment goes on where it was and pays once (real-time calls that were under way excepted: the
service has no way to repeat one).
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sphinx_amts.engines.amazon import parallel_data as parallel
from sphinx_amts.engines.amazon import pricing
from sphinx_amts.engines.amazon.batch import DOCUMENT_BYTES, SMALL_BYTES, Batch
from sphinx_amts.engines.amazon.clock import Clock
from sphinx_amts.engines.amazon.jobs import Job, Records
from sphinx_amts.engines.amazon.languages import CUSTOM_REGIONS
from sphinx_amts.engines.amazon.markup import natural
from sphinx_amts.engines.amazon.parallel_data import ParallelData, Report, Resource
from sphinx_amts.engines.amazon.pricing import Prices
from sphinx_amts.engines.amazon.realtime import Realtime, text_limit
from sphinx_amts.engines.amazon.requests import Pair, batch_request, language_pair, realtime_request, style
from sphinx_amts.engines.amazon.service import InterruptedRunError, Service
from sphinx_amts.engines.amazon.settings import read_settings
from sphinx_amts.engines.amazon.state import Found, Key, Results, Store, digest
from sphinx_amts.engines.amazon.terminology import Terminology, Terms, prepare
from sphinx_amts.model import ConfigurationError, EngineError, Pipeline, SegmentPair, Term

__all__ = [
    "AmazonEngine",
    "InterruptedRunError",
    "Prices",
    "Report",
    "Resource",
    "delete_parallel_data",
    "list_parallel_data",
    "push_parallel_data",
]

logger = logging.getLogger("sphinx.sphinx_amts.engines.amazon")

LARGE = 500_000
"""Characters from which ``auto`` prefers a batch job even without parallel data: the price is the same, and one job
takes the place of thousands of calls, but needs minutes to start."""


@dataclass(frozen=True, slots=True)
class _Plan:
    """What a request for translations comes to; made without sending anything."""

    pair: Pair
    key: Key
    wanted: Mapping[str, str]
    """Digest to segment, for every segment that has text."""
    found: Mapping[str, Found]
    """Digest to what earlier runs have paid and stored."""
    pending: tuple[Job, ...]
    """Jobs of earlier runs that are still out and hold segments that are wanted."""
    missing: tuple[str, ...]
    """Segments that have to be sent."""
    again: bool
    """Whether the caller had an answer to each in this run already, and could not use it."""


class AmazonEngine:
    """Translates segments with Amazon Translate; one instance for each language."""

    name = "amazon"

    def __init__(self, pipeline: Pipeline, *, clock: Clock | None = None) -> None:
        """Check the settings of *pipeline*; raise :class:`ConfigurationError`. Nothing is sent."""
        self._pipeline = pipeline
        self._settings = read_settings(pipeline)
        self._pair = language_pair(pipeline.source_language, pipeline.language)
        self._service = Service(self._settings, clock or Clock())
        self._store = Store(pipeline.state / "amazon")
        self._results = Results(self._store)
        self._records = Records(self._store, self._service.clock)
        self._table = parallel.Rows((), {})
        self._terms = Terms((), ())
        self._spent = 0.0
        self._given: set[str] = set()
        self._routes: dict[str, str] = {}

    def learn(self, pairs: Sequence[SegmentPair]) -> None:
        """Take note of all approved pairs: they become the parallel data of batch jobs. Nothing is sent."""
        self._table = parallel.rows(pairs)
        for reason, count in sorted(self._table.left_out.items()):
            logger.warning("Amazon Translate: %d approved pairs do not go into parallel data: %s", count, reason)
        if self._table.pairs and not self._custom:
            realtime = self._settings.mode == "realtime"
            reason = "the mode is 'realtime'" if realtime else "set amts_amazon['bucket'] and amts_amazon['role_arn']"
            count = len(self._table.pairs)
            logger.warning("Amazon Translate: only batch jobs use the %d approved pairs; %s", count, reason)

    def use_terms(self, terms: Sequence[Term]) -> None:
        """Take note of the terminology, for both routes. Nothing is sent."""
        self._terms = prepare(terms)
        for term in self._terms.left_out:
            logger.warning("Amazon Translate: the term %r is left out: empty, or longer than 200 bytes", term)

    def price(self, segments: Sequence[str]) -> float:
        """Estimate in US dollars what translating *segments* costs on the route that they would take.

        What earlier runs have paid for and not yet handed over costs nothing again. Call :meth:`learn` first:
        parallel data quadruples the price. Nothing is sent.
        """
        plan = self._plan(segments, self._pair, again=False)
        return self._cost(plan)

    def prices(self, segments: Sequence[str]) -> Prices:
        """Price *segments* on every route, as if nothing had been translated yet. Nothing is sent."""
        return pricing.prices(segments, self._text_limit(self._pair))

    def route(self, segment: str) -> str:
        """Tell how *segment* was translated: ``realtime``, ``batch``, or ``batch-custom`` (with parallel data)."""
        return self._routes.get(digest(segment), "")

    def cancel(self) -> None:
        """End :meth:`translate` from another thread: it raises :class:`InterruptedRunError` and loses nothing."""
        self._service.cancelled.set()

    def translate(self, segments: Sequence[str], source: str, target: str) -> list[str | None]:
        """Translate HTML fragments from *source* to *target* (Sphinx's language codes).

        Returns one item for each segment, ``None`` for what could not be translated, with the reason in the log. A
        segment without natural-language text is returned as it is. One that this instance has answered before is sent
        again, in a document of its own: the caller found the first answer unusable. Raises :class:`EngineError` where
        nothing could be translated, :class:`InterruptedRunError` after :meth:`cancel`; the next run goes on where this
        one ended.
        """
        pair = language_pair(source, target)
        found: dict[str, Found] = {}
        for again in (False, True):
            chosen = [segment for segment in segments if (digest(segment) in self._given) == again]
            plan = self._plan(chosen, pair, again=again)
            if plan.wanted:
                found.update(self._carry_out(plan))
        self._given.update(found)
        self._routes.update({segment: item.route for segment, item in found.items()})
        self._results.deliver(self._service.clock.now())
        self._records.forget()
        return [_answer(segment, found) for segment in segments]

    @property
    def _batch_possible(self) -> bool:
        return bool(self._settings.mode != "realtime" and self._settings.bucket and self._settings.role_arn)

    @property
    def _custom(self) -> bool:
        """Whether parallel data is used: only batch jobs take it, real-time calls would silently go without."""
        return self._batch_possible and bool(self._table.pairs)

    def _text_limit(self, pair: Pair) -> int | None:
        return text_limit(pair.source, pair.target, self._settings.brevity)

    def _plan(self, segments: Iterable[str], pair: Pair, *, again: bool) -> _Plan:
        pairs = [text for row in self._table.pairs for text in row] if self._custom else []
        terms = [text for row in self._terms.pairs for text in row]
        manner = style(self._settings, pair) + ("-again" if again else "")
        key = Key(manner, digest(digest(*pairs), digest(*terms))[:16])
        wanted = {digest(segment): segment for segment in segments if natural(segment).strip()}
        found = {name: item for name, item in self._results.find(key).items() if name in wanted}
        pending = [job for job in self._records.open(manner) if job.segments & (set(wanted) - set(found))]
        covered = set(found).union(*(job.segments for job in pending))
        missing = tuple(segment for name, segment in wanted.items() if name not in covered)
        return _Plan(pair, key, wanted, found, tuple(pending), missing, again)

    def _takes_batch(self, plan: _Plan) -> bool:
        if self._settings.mode == "batch":
            return True
        # A second try of a few segments does not wait for another job where the user leaves the choice to us.
        large = sum(len(natural(segment)) for segment in plan.missing) >= LARGE
        return self._batch_possible and not plan.again and (self._custom or large)

    def _cost(self, plan: _Plan) -> float:
        prices = pricing.prices(plan.missing, self._text_limit(plan.pair))
        if not self._takes_batch(plan):
            return prices.realtime
        return prices.batch_custom if self._custom else prices.batch

    def _carry_out(self, plan: _Plan) -> dict[str, Found]:
        """Get what *plan* lacks and return all that it wants and that came."""
        batch = Batch(self._service, self._records, self._results)
        self._keep_ceiling(plan)
        try:
            failed, reasons = self._obtain(plan, batch)
        except (KeyboardInterrupt, InterruptedRunError):
            batch.interrupted(plan.key.style)
            raise
        found = {name: item for name, item in self._results.find(plan.key).items() if name in plan.wanted}
        if reasons and not any(item.text for item in found.values()):
            raise EngineError(f"Amazon Translate: {'; '.join(reasons)}.")
        for reason in reasons:
            logger.error("Amazon Translate: %s.", reason)
        lost = Counter(reason for name, reason in failed.items() if name in plan.wanted and name not in found)
        for reason, count in sorted(lost.items()):
            logger.warning("Amazon Translate: %d segments were not translated: %s", count, reason)
        damaged = sum(item.text is None for item in found.values())
        if damaged:
            logger.warning("Amazon Translate: %d segments came back incomplete and are not used", damaged)
        return found

    def _keep_ceiling(self, plan: _Plan) -> None:
        ceiling = self._pipeline.max_cost
        cost = self._cost(plan)
        if ceiling is not None and self._spent + cost > ceiling:
            raise EngineError(
                f"amts_max_cost = {ceiling}: Amazon Translate would cost {self._spent + cost:.2f} US dollars for "
                f"{self._pipeline.language}. Nothing more was sent. Raise the limit or translate less."
            )
        self._spent += cost

    def _obtain(self, plan: _Plan, batch: Batch) -> tuple[dict[str, str], list[str]]:
        """Send what is missing and wait for everything; return reasons by digest of segment and by job."""
        failed: dict[str, str] = {}
        jobs = [job if job.job_id else batch.send(job) for job in plan.pending]
        if plan.missing and self._takes_batch(plan):
            jobs += self._start(plan, plan.missing, batch, failed)
        elif plan.missing:
            request = realtime_request(self._settings, plan.pair, self._terminology(plan.pair))
            realtime = Realtime(self._service, self._results, request, self._text_limit(plan.pair))
            refused = realtime.translate(plan.missing, plan.key, alone=plan.again)
            failed.update({digest(segment): reason for segment, reason in refused.items()})
        outcome = batch.collect(jobs)
        reasons = list(outcome.jobs)
        retried = [plan.wanted[name] for name in outcome.documents if name in plan.wanted]
        if retried and self._batch_possible:
            # A document that failed was not translated; in small ones a poisonous segment does not cost its neighbours.
            logger.info("Amazon Translate: %d segments of failed documents are tried again", len(retried))
            outcome = batch.collect(self._start(plan, retried, batch, failed, SMALL_BYTES))
            reasons += outcome.jobs
        failed.update(outcome.documents)
        return failed, reasons

    def _start(
        self, plan: _Plan, segments: Sequence[str], batch: Batch, failed: dict[str, str], limit: int = DOCUMENT_BYTES
    ) -> list[Job]:
        """Make parallel data and terminology ready and start jobs for *segments*."""
        name = None
        if self._custom:
            if self._service.region not in CUSTOM_REGIONS:
                logger.warning("Amazon Translate: %s is not known to take parallel data", self._service.region)
            data = ParallelData(self._service, self._store, plan.pair.source, plan.pair.target)
            name = data.push(self._table).name
        request = batch_request(self._settings, plan.pair, self._terminology(plan.pair), name)
        jobs, refused = batch.start(segments, 0 if plan.again else limit, request, plan.key)
        failed.update({digest(segment): reason for segment, reason in refused.items()})
        return jobs

    def _terminology(self, pair: Pair) -> str | None:
        return Terminology(self._service, pair.source, pair.target).ensure(self._terms)


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


def _connect(pipeline: Pipeline, clock: Clock | None) -> tuple[Service, Pair]:
    pair = language_pair(pipeline.source_language, pipeline.language)
    return Service(read_settings(pipeline), clock or Clock()), pair


def _resource(pipeline: Pipeline, clock: Clock | None) -> ParallelData:
    service, pair = _connect(pipeline, clock)
    if service.settings.bucket is None:
        raise ConfigurationError("amts_amazon['bucket'] is not set: parallel data is imported from a bucket. Set it.")
    return ParallelData(service, Store(pipeline.state / "amazon"), pair.source, pair.target)
