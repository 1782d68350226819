"""Carrying out a plan: everything ready, everything sent, everything waited for."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sphinx_amts.engines.amazon.batch import DOCUMENT_BYTES, SMALL_BYTES, Batch
from sphinx_amts.engines.amazon.jobs import Job, Records
from sphinx_amts.engines.amazon.languages import CUSTOM_REGIONS
from sphinx_amts.engines.amazon.parallel_data import ParallelData
from sphinx_amts.engines.amazon.planning import Plan, Planner
from sphinx_amts.engines.amazon.realtime import Realtime
from sphinx_amts.engines.amazon.requests import Pair, batch_request, realtime_request
from sphinx_amts.engines.amazon.service import InterruptedRunError, Service
from sphinx_amts.engines.amazon.state import Found, Results, Store, digest
from sphinx_amts.engines.amazon.terminology import Terminology
from sphinx_amts.model import EngineError

logger = logging.getLogger("sphinx.sphinx_amts.engines.amazon")


@dataclass(frozen=True, slots=True)
class Sender:
    """Carries out the plans of one engine."""

    service: Service
    """The door to AWS."""
    store: Store
    """The engine's state."""
    results: Results
    """What has come back so far."""
    records: Records
    """The jobs on record."""
    planner: Planner
    """Knows parallel data and terminology, and which route is taken."""

    def look_again(self) -> None:
        """Look for jobs that the last run could not find, before anything is planned."""
        Batch(self.service, self.records, self.results).look_again()

    def carry_out(self, plan: Plan) -> dict[str, Found]:
        """Get what *plan* lacks; return, by digest, all that it wants and that came.

        What did not come is named in the log with its reason. Raises :class:`EngineError` if nothing came at all.
        """
        batch = Batch(self.service, self.records, self.results)
        try:
            failed, reasons = self._obtain(plan, batch)
        except (KeyboardInterrupt, InterruptedRunError):
            batch.interrupted(plan.key.style)
            raise
        found = self.planner.found(plan.key, plan.wanted)
        if reasons and not any(item.text for item in found.values()):
            raise EngineError(f"Amazon Translate: {'; '.join(reasons)}.")
        for reason in reasons:
            logger.error("Amazon Translate: %s.", reason)
        _report([reason for name, reason in failed.items() if name in plan.wanted and name not in found])
        return found

    def _obtain(self, plan: Plan, batch: Batch) -> tuple[dict[str, str], list[str]]:
        """Send what is missing and wait for everything; return reasons by digest of segment and by job."""
        failed: dict[str, str] = {}
        jobs = [job if job.job_id else batch.send(job) for job in plan.pending]
        if plan.missing and self.planner.takes_batch(plan):
            jobs += self._start(plan, plan.missing, batch, failed, DOCUMENT_BYTES)
        elif plan.missing:
            failed.update(self._call(plan))
        outcome = batch.collect(jobs)
        reasons = list(outcome.jobs)
        retried = [plan.wanted[name] for name in outcome.documents if name in plan.wanted]
        if retried and self.planner.batch_possible:
            # A document that failed was not translated; in small ones a bad segment does not cost its neighbours.
            logger.info("Amazon Translate: %d segments of failed documents are tried again", len(retried))
            outcome = batch.collect(self._start(plan, retried, batch, failed, SMALL_BYTES))
            reasons += outcome.jobs
        failed.update(outcome.documents)
        return failed, reasons

    def _call(self, plan: Plan) -> Mapping[str, str]:
        """Translate what is missing in real time; return reasons by digest."""
        request = realtime_request(self.service.settings, plan.pair, self._terminology(plan.pair))
        realtime = Realtime(self.service, self.results, request, self.planner.text_limit(plan.pair))
        refused = realtime.translate(plan.missing, plan.key, alone=plan.again)
        return {digest(segment): reason for segment, reason in refused.items()}

    def _start(
        self, plan: Plan, segments: Sequence[str], batch: Batch, failed: dict[str, str], limit: int
    ) -> list[Job]:
        """Make parallel data and terminology ready and start jobs for *segments*."""
        name = self._parallel_data(plan.pair) if self.planner.custom else None
        request = batch_request(self.service.settings, plan.pair, self._terminology(plan.pair), name)
        jobs, refused = batch.start(segments, 0 if plan.again else limit, request, plan.key)
        failed.update({digest(segment): reason for segment, reason in refused.items()})
        return jobs

    def _parallel_data(self, pair: Pair) -> str:
        if self.service.region not in CUSTOM_REGIONS:
            logger.warning("Amazon Translate: %s is not known to take parallel data", self.service.region)
        report = ParallelData(self.service, self.store, pair.source, pair.target).push(self.planner.table)
        if report.changed:
            logger.info("Amazon Translate: %s", report)
        return report.name

    def _terminology(self, pair: Pair) -> str | None:
        return Terminology(self.service, pair.source, pair.target).ensure(self.planner.terms)


def _report(lost: Sequence[str]) -> None:
    """Warn of segments that were not translated: one line for each kind of reason, with its first case."""
    for kind, count in sorted(Counter(reason.partition(":")[0] for reason in lost).items()):
        example = next(reason for reason in lost if reason.startswith(kind))
        logger.warning("Amazon Translate: %d segments were not translated, the first: %s", count, example)
