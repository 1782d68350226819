"""The command line ``amts``: one module per command, with ``EXAMPLE``, ``add_arguments(parser)`` and ``run(arguments)``.

Exit status: 0 done; 1 done, but something fell short and was named; 2 wrong use or configuration, nothing changed.
"""

from __future__ import annotations

import argparse
import importlib
import keyword
import sys
from collections.abc import Sequence

from sphinx_amts.model import AmtsError

COMMANDS = {
    "align": "make parallel data of a book in two languages, or beads of two lists of sentences",
    "adopt": "fill the catalogs from an existing human translation; nothing is sent",
    "status": "per language and document: what is translated, by whom, and what waits for a person",
    "estimate": "segments, characters and price per language that a build would send; nothing is sent",
    "parallel-data": "push, list or delete Amazon Translate's parallel-data resources of a book",
    "export": "write the catalogs of a language as TMX or XLIFF, for translation tools",
    "import": "take a TMX or XLIFF file over into the catalogs; nothing is sent",
    "evaluate": "measure translations of some articles against the human ones: BLEU, chrF, TER",
    "report": "one self-contained HTML page for reviewers",
}
"""Names of commands and one line of help each; a command lives in the module of its name, as PEP 8 spells it."""


def parser() -> argparse.ArgumentParser:
    """The parser of the whole command line."""
    from sphinx_amts import __version__

    top = argparse.ArgumentParser(
        prog="amts",
        description="Translate Sphinx books and keep the translations in step.",
        epilog="A book is translated by its own builder: sphinx-build -b amts BOOK OUT. 'amts estimate BOOK' says before "
        "what that would send.",
    )
    top.add_argument("--version", action="version", version=f"sphinx-amts {__version__}")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, help_ in COMMANDS.items():
        place = name.replace("-", "_") + ("_" if keyword.iskeyword(name) else "")
        module = importlib.import_module(f"sphinx_amts.cli.{place}")
        command = commands.add_parser(
            name,
            help=help_,
            description=f"{help_[0].upper()}{help_[1:]}.",
            epilog="example:\n" + "".join(f"  {line}\n" for line in module.EXAMPLE.splitlines()),
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        module.add_arguments(command)
        command.set_defaults(run=module.run)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status."""
    from sphinx.errors import SphinxError

    parsed = parser().parse_args(arguments)
    try:
        return int(parsed.run(parsed))
    except AmtsError as error:
        print(f"amts {parsed.command}: error: {error}", file=sys.stderr)
    except SphinxError as error:
        print(f"amts {parsed.command}: {error.category}: {error}", file=sys.stderr)
    except KeyboardInterrupt:
        print(f"amts {parsed.command}: stopped; the next run goes on from here", file=sys.stderr)
        return 130
    return 2
