"""Directives of the reference pages: what the program says of itself, so that the pages cannot disagree with it.

``{amts-options}`` writes the options of ``conf.py`` from the dataclass that checks them, ``{amts-commands}`` the command
line from its parsers.
"""

from __future__ import annotations

import argparse
import re
import textwrap
from collections.abc import Iterator
from dataclasses import MISSING, Field, fields
from typing import Any

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from sphinx_amts import cli, config

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>$|#~])")


def escaped(text: str) -> str:
    """*text* as Markdown that says just that."""
    return _SPECIAL.sub(r"\\\1", text)


def _parsed(directive: SphinxDirective, lines: Iterator[str]) -> list[nodes.Node]:
    """What the page holds in place of *directive*: *lines* of Markdown, sections among them."""
    container = nodes.Element()
    content = StringList(list(lines), directive.env.docname)
    directive.state.nested_parse(content, 0, container, match_titles=True)
    return list(container.children)


class OptionsDirective(SphinxDirective):
    """Every option of ``conf.py``."""

    def run(self) -> list[nodes.Node]:
        """The nodes of the generated Markdown."""
        return _parsed(self, self._lines())

    def _lines(self) -> Iterator[str]:
        """A ``confval`` for each."""
        for option in fields(config.Options):
            help_ = option.metadata["help"]
            yield f":::{{confval}} amts_{option.name}"
            yield f":default: `{_default(option)!r}`"
            yield ""
            yield f"{escaped(help_[0].upper() + help_[1:])}. Accepted: {escaped(option.metadata['check'].accepted)}."
            yield ":::"
            yield ""


def _default(option: Field[Any]) -> Any:
    return option.default if option.default is not MISSING else option.default_factory()  # type: ignore[misc]


class CommandsDirective(SphinxDirective):
    """Every command, with its arguments and its example."""

    def run(self) -> list[nodes.Node]:
        """The nodes of the generated Markdown."""
        return _parsed(self, self._lines())

    def _lines(self) -> Iterator[str]:
        """A section for each."""
        top = cli.parser()
        chosen = next(action for action in top._actions if isinstance(action, argparse._SubParsersAction))
        for name, parser in chosen.choices.items():
            yield from (f"## amts {name}", "", escaped(parser.description or ""), "")
            usage = " ".join(parser.format_usage().removeprefix("usage: ").split())
            yield from ("```text", *_folded(usage), "```", "", f"```{{program}} amts {name}", "```", "")
            for action in parser._actions:
                if not isinstance(action, argparse._HelpAction):
                    yield from _argument(parser, action)
            if parser.epilog:
                example = textwrap.dedent(parser.epilog.removeprefix("example:")).strip()
                yield from ("```console", *(f"$ {line}" for line in example.splitlines()), "```", "")


def _folded(usage: str) -> list[str]:
    """A usage line in lines of at most 90 characters, broken between arguments."""
    words = re.findall(r"\[[^\]]*\](?: \.\.\.)?|\S+", usage)
    lines = [words[0]]
    for word in words[1:]:
        if len(lines[-1]) + len(word) < 90:
            lines[-1] += f" {word}"
        else:
            lines.append(f"    {word}")
    return lines


def _argument(parser: argparse.ArgumentParser, action: argparse.Action) -> Iterator[str]:
    formatter = parser._get_formatter()
    shown = formatter._format_action_invocation(action)
    help_ = formatter._expand_help(action) if action.help else ""
    yield f":::{{option}} {shown}"
    yield ""
    yield escaped(help_[:1].upper() + help_[1:] + ("" if help_.endswith(".") else "."))
    yield ":::"
    yield ""


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directives."""
    app.add_directive("amts-options", OptionsDirective)
    app.add_directive("amts-commands", CommandsDirective)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
