"""What can be made to go wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Switches:
    """The stand-in's behaviour; every default is the friendly one."""

    throttle: float = 0.0
    """Share of Translate and S3 calls that are refused for their rate, drawn from a seeded generator."""
    s3_errors: float = 0.0
    """Share of S3 calls that end in an internal error."""
    seed: int = 1
    """Seed of the generator behind the shares."""
    import_seconds: float = 120.0
    """How long an import of parallel data takes."""
    import_failures: list[str] = field(default_factory=list)
    """Messages of the imports to come that fail, first to last."""
    job_seconds: float = 300.0
    """How long a job takes."""
    job_outcomes: list[str] = field(default_factory=list)
    """Ends of the jobs to come: ``COMPLETED``, ``FAILED``, ``STOPPED`` (half done), ``STOPPED_EARLY`` (nothing done),
    ``NOTHING`` (an error in every document, and no details file)."""
    job_message: str = "Amazon Translate cannot read from the input location"
    """What a failed job says."""
    document_error: Callable[[str, str], str | None] = lambda name, html: None
    """Gets name and content of an input document; returns the error code with which it fails."""
    missing_targets: set[str] = field(default_factory=set)
    """Input documents whose entry in the details has neither a target nor an error."""
    alter: Callable[[str, dict[str, Any]], dict[str, Any]] = lambda operation, answer: answer
    """Gets an operation of Translate and what it would answer; returns what it does answer."""
    details: Callable[[dict[str, Any]], dict[str, Any]] = lambda details: details
    """Gets the content of a details file; returns what is written."""
    target_name: Callable[[str, str], str] = lambda language, name: f"{language}.{name}"
    """Gets language and input document; returns the name of the translated document."""
    rewrite: Callable[[str], str] = lambda html: html
    """Gets a translated document; returns it as another program would write it."""
    refusals: dict[str, list[tuple[str, int, dict[str, str]]]] = field(default_factory=dict)
    """Operation to the refusals of its next calls, each with error code (empty: the call passes), HTTP status and
    headers."""
    hide_missing: bool = False
    """Whether S3 denies access to objects that are not there, as to a caller that may not list."""
    complete_on_stop: bool = False
    """Whether a job that is asked to stop completes first."""
    adversary: str = ""
    """Name of what the translator does wrong; see :mod:`standin.translator`."""
    lose_answers_of: set[str] = field(default_factory=set)
    """Operations whose next answer is lost on the way, although the request was carried out."""
    seconds_per_call: float = 0.0
    """How far time moves with every call, for clients that sleep by the machine's clock."""
    kill: tuple[int, str] | None = None
    """Number of a request (from 1) and ``before`` or ``after`` it is carried out: then the client is killed."""
    victim: int = 0
    """Process to be killed."""
