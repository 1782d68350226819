"""Amazon Translate: batch jobs with parallel data, real-time calls, terminology, and no surprise on the bill.

`markup` and `documents` turn segments into HTML and back; `service`, `storage` and `state` are the doors to AWS, S3 and
disk; `parallel_data`, `terminology`, `batch` and `realtime` are one thing each; this module decides what goes where.

What a translation costs is asked for only after it is on record, and what comes back is stored before anything else, so that a
run that is killed at any moment goes on where it was and pays once (real-time calls that were under way excepted: the
service has no way to repeat one).
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from typing import Any

from sphinx_amts.engines.amazon import parallel_data as parallel
from sphinx_amts.engines.amazon import pricing
from sphinx_amts.engines.amazon.batch import DOCUMENT_BYTES, SMALL_BYTES, Batch
from sphinx_amts.engines.amazon.clock import Clock
from sphinx_amts.engines.amazon.languages import CUSTOM_REGIONS, FORMALITY, amazon_code
from sphinx_amts.engines.amazon.markup import characters, natural
from sphinx_amts.engines.amazon.parallel_data import ParallelData, Report, Resource
from sphinx_amts.engines.amazon.pricing import Prices
from sphinx_amts.engines.amazon.realtime import Realtime, text_limit
from sphinx_amts.engines.amazon.service import Interrupted, Service
from sphinx_amts.engines.amazon.settings import read_settings
from sphinx_amts.engines.amazon.state import Key, Results, Store, digest
from sphinx_amts.engines.amazon.terminology import Terminology, Terms, prepare
from sphinx_amts.model import ConfigurationError, EngineError, Pipeline, SegmentPair, Term

__all__ = [
    "AmazonEngine",
    "Interrupted",
    "Prices",
    "Report",
    "Resource",
    "delete_parallel_data",
    "list_parallel_data",
    "push_parallel_data",
]

logger = logging.getLogger("sphinx.sphinx_amts.engines.amazon")

LARGE = 500_000
"""Characters from which ``auto`` prefers a batch job to real-time calls even without parallel data: it costs the same and
needs no thousands of calls, but takes minutes to start."""
