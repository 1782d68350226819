"""Engines: what turns segments into another language.

The protocol is :class:`Engine`; everything beyond ``translate`` is optional and looked up by name (:class:`Learner`,
:class:`Priced`). An engine is named in ``amts_engine`` by a built-in name, by a name from the entry-point group
``sphinx_amts.engines``, or as ``"package.module:Class"``.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from importlib.metadata import entry_points
from typing import Protocol, cast, runtime_checkable

from sphinx_amts.model import ConfigurationError, Pipeline, SegmentPair, Term

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
    except (ImportError, AttributeError) as error:
        raise ConfigurationError(
            f"amts_engine = {name!r}: cannot load {target!r} ({error}). Install the package or correct the name."
        ) from error
    if not callable(getattr(found, "translate", None)):
        raise ConfigurationError(
            f"amts_engine = {name!r}: {target!r} has no method translate(segments, source, target)."
        )
    return cast("type[Engine]", found)
