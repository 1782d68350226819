"""``amts parallel-data push|list|delete BOOK``: Amazon Translate's parallel-data resources of a book."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence

from sphinx_amts.cli import book
from sphinx_amts.model import ConfigurationError, EngineError
from sphinx_amts.translate import LanguageRun

EXAMPLE = "amts parallel-data push book"
"""Shown by ``--help``."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.add_argument("action", choices=("push", "list", "delete"), help="what to do with the resources")
    book.add_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Do the action for every language; needs ``amts_engine = "amazon"``."""
    from sphinx_amts.engines import amazon

    with book.opened(arguments, prepare=False) as runs:
        for one in runs:
            if one.engine.name != "amazon":
                raise ConfigurationError(
                    f"{one.pipeline.language}: amts_engine is {one.pipeline.engine!r}; parallel-data needs 'amazon'."
                )
            if arguments.action != "list":
                amazon.require_bucket(one.pipeline)
        if arguments.action == "list":
            return _list(runs)
        act = _push if arguments.action == "push" else _delete
        return max((_done(act, one) for one in runs), default=0)


def _done(act: Callable[[LanguageRun], None], one: LanguageRun) -> int:
    """Return the exit status of *act* for one language; a failure does not keep the others from theirs."""
    try:
        act(one)
    except EngineError as error:
        print(f"{one.pipeline.language}: error: {error}", file=sys.stderr)
        return 1
    return 0


def _push(one: LanguageRun) -> None:
    from sphinx_amts.engines import amazon

    one.learning.learn()
    print(amazon.push_parallel_data(one.pipeline, one.memory.approved()))


def _delete(one: LanguageRun) -> None:
    from sphinx_amts.engines import amazon

    done = amazon.delete_parallel_data(one.pipeline)
    print(f"{one.pipeline.language}: {'deleted' if done else 'there was none'}")


def _list(runs: Sequence[LanguageRun]) -> int:
    """Print each resource once, though every language of an account sees it."""
    from sphinx_amts.engines import amazon

    found: dict[tuple[str, str], amazon.Resource] = {}
    for one in runs:
        account = repr([one.pipeline.amazon.get(name) for name in ("endpoint_url", "profile", "region")])
        for resource in amazon.list_parallel_data(one.pipeline):
            if resource.ours or (account, resource.name) not in found:
                found[account, resource.name] = resource
    for resource in sorted(found.values(), key=lambda resource: resource.name):
        print(resource)
    return 0
