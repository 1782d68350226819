"""``amts parallel-data push|list|delete BOOK``: Amazon Translate's parallel-data resources of a book."""

from __future__ import annotations

import argparse

from sphinx_amts.cli import book
from sphinx_amts.model import ConfigurationError
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
        for one in runs:
            if arguments.action == "push":
                one.learning.learn()
                print(amazon.push_parallel_data(one.pipeline, one.memory.approved()))
            elif arguments.action == "list":
                for resource in amazon.list_parallel_data(one.pipeline):
                    print(resource)
            else:
                _delete(one)
    return 0


def _delete(one: LanguageRun) -> None:
    from sphinx_amts.engines import amazon

    done = amazon.delete_parallel_data(one.pipeline)
    print(f"{one.pipeline.language}: {'deleted' if done else 'there was none'}")
