"""Engines: what turns segments into another language.

The protocol is :class:`Engine`; everything beyond ``translate`` is optional and looked up by name (:class:`Learner`,
:class:`Priced`). An engine is named in ``amts_engine`` by a built-in name, by a name from the entry-point group
``sphinx_amts.engines``, or as ``"package.module:Class"``.
"""

from __future__ import annotations

import importlib
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.metadata import entry_points
from typing import Protocol, cast, runtime_checkable

from sphinx_amts.model import AmtsError, ConfigurationError, EngineError, Pipeline, SegmentPair, Term

GROUP = "sphinx_amts.engines"
DRAFTS = frozenset({"local", "pseudo"})
"""Engines whose text counts only as long as they are the ones in use: it is a draft, or a test of the layout."""

BUILT_IN = {
    "pseudo": "sphinx_amts.engines.pseudo:PseudoEngine",
    "local": "sphinx_amts.engines.local:LocalEngine",
    "apertium": "sphinx_amts.engines.apertium:ApertiumEngine",
    "ctranslate2": "sphinx_amts.engines.ctranslate2:CTranslate2Engine",
    "amazon": "sphinx_amts.engines.amazon:AmazonEngine",
}


CHUNK = 100
"""Segments per call of an engine that names no ``batch_size``."""

_NAME = re.compile(r"\S+")
"""What a name is at least: a comment in a catalog has it between two spaces, and would be no machine's with another."""


class Engine(Protocol):
    """Translates segments; constructed with one argument, the language's :class:`~sphinx_amts.model.Pipeline`."""

    name: str
    """Recorded with every translation; letters, digits, ``-`` and ``_``."""

    def __init__(self, pipeline: Pipeline) -> None: ...

    def translate(self, segments: Sequence[str], source: str, target: str) -> Sequence[str | None]:
        """Translate HTML fragments from *source* to *target* (Sphinx's language codes).

        The result has as many items as *segments*, in the same order; ``None`` is a segment that failed. Every
        element of a fragment has an ``id`` and must come back once; one with ``translate="no"`` must come back unaltered.
        """
        ...


@runtime_checkable
class Learner(Protocol):
    """An engine that is customised by approved pairs."""

    def learn(self, pairs: Sequence[SegmentPair]) -> None:
        """Take note of all approved pairs of the language; called once, before the first ``translate`` of a run."""
        ...


@runtime_checkable
class Priced(Protocol):
    """An engine that costs money."""

    def price(self, segments: Sequence[str]) -> float:
        """Estimate in US dollars what translating *segments* (HTML fragments) costs. Nothing is sent."""
        ...


@runtime_checkable
class Terminologist(Protocol):
    """An engine that takes a terminology."""

    def use_terms(self, terms: Sequence[Term]) -> None:
        """Translate these terms so and not otherwise; called before :meth:`Priced.price`."""
        ...


@runtime_checkable
class Router(Protocol):
    """An engine that has several ways of translating."""

    def route(self, segment: str) -> str:
        """Name of the way that *segment* (an HTML fragment) took, in this run or an earlier one; empty if not known."""
        ...

    def prices(self, segments: Sequence[str]) -> Mapping[str, float]:
        """What *segments* would cost in US dollars on each way. Nothing is sent."""
        ...


@runtime_checkable
class Repeater(Protocol):
    """An engine that tries again by itself, and pays for that."""

    sent_again: Sequence[str]
    """Segments that the last ``translate`` sent a second time."""


@runtime_checkable
class Cancellable(Protocol):
    """An engine whose work goes on elsewhere."""

    def cancel(self) -> None:
        """Stop waiting, because the user has interrupted the run; called from another thread."""
        ...


def resolve(name: str) -> type[Engine]:
    """Find the engine class called *name*; raise :class:`~sphinx_amts.model.ConfigurationError` when there is none."""
    if name in BUILT_IN:
        target = BUILT_IN[name]
    elif ":" in name:
        target = name
    else:
        plugins = {point.name: point.value for point in entry_points(group=GROUP)}
        if name not in plugins:
            known = ", ".join(sorted({*BUILT_IN, *plugins}))
            raise ConfigurationError(
                f"amts_engine = {name!r}: no such engine. Accepted: {known}, or 'package.module:Class'."
            )
        target = plugins[name]
    module, _, attribute = target.partition(":")
    try:
        found = getattr(importlib.import_module(module), attribute)
    except Exception as error:
        raise ConfigurationError(
            f"amts_engine = {name!r}: cannot load {target!r} ({reason(error)}). Install the package or correct the name."
        ) from error
    if not callable(getattr(found, "translate", None)):
        raise ConfigurationError(
            f"amts_engine = {name!r}: {target!r} has no method translate(segments, source, target)."
        )
    return cast("type[Engine]", found)


def construct(name: str, pipeline: Pipeline) -> Engine:
    """Construct the engine called *name*, and check what it says of itself; raise an error of ours for what is wrong."""
    found = resolve(name)
    try:
        engine = found(pipeline)
    except AmtsError:
        raise
    except BaseException as error:
        if not is_failure(error):
            raise
        raise ConfigurationError(
            f"amts_engine = {name!r}: cannot be constructed for {pipeline.language} ({reason(error)}). "
            "An engine is a class that takes one argument, the language's settings."
        ) from error
    own, size = getattr(engine, "name", None), getattr(engine, "batch_size", CHUNK)
    if not isinstance(own, str) or not _NAME.fullmatch(own):
        raise ConfigurationError(
            f"amts_engine = {name!r}: its attribute name is {own!r}. "
            "Accepted: a text of letters, digits, '-' and '_', by which catalogs tell who translated."
        )
    if not isinstance(size, int) or size < 0:
        raise ConfigurationError(
            f"amts_engine = {name!r}: its attribute batch_size is {size!r}. Accepted: a whole number; 0 is all in one call."
        )
    return engine


def price_of(engine: Engine, segments: Sequence[str]) -> float:
    """What *segments* would cost in US dollars: 0 where the engine costs nothing. Nothing is sent."""
    if not isinstance(engine, Priced):
        return 0.0
    with telling(engine, "price"):
        price = engine.price(segments)
        if not isinstance(price, (int, float)) or math.isnan(price):
            raise TypeError(f"{price!r} is no number of US dollars")
    return float(price)


@contextmanager
def telling(engine: Engine, method: str) -> Iterator[None]:
    """Turn whatever the *method* of an engine raises before anything is sent into one line that names both."""
    try:
        yield
    except AmtsError:
        raise
    except BaseException as error:
        if not is_failure(error):
            raise
        raise EngineError(
            f"engine {engine.name!r}: its method {method} failed ({reason(error)}). Nothing was sent. "
            "Correct the engine, or name another one in amts_engine."
        ) from error


def is_failure(error: BaseException) -> bool:
    """Whether *error* is a failure of an engine, which may raise anything, and not the user's wish to stop."""
    from asyncio import CancelledError  # only here: most runs never need it

    return isinstance(error, (Exception, SystemExit, GeneratorExit, CancelledError))


def reason(error: BaseException) -> str:
    """What *error* says, on one line; with its type where that says more than the text."""
    text = " ".join(str(error).split())
    return (
        text
        if text and isinstance(error, AmtsError)
        else f"{type(error).__name__}: {text}"
        if text
        else type(error).__name__
    )
