"""Translations in and out of the catalogs in the formats of translation tools: TMX 1.4b and XLIFF 1.2.

A module of its own, above ``translate``: it relates catalogs, messages and the syntax of their markup, and needs the book as a
language's run knows it; ``parallel`` below knows files of pairs and no book. Reading a file changes nothing: :func:`plan` says what
an import would change, and :func:`save` changes it.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from sphinx_amts.exchange import tmx, xliff
from sphinx_amts.exchange.exporting import collect
from sphinx_amts.exchange.importing import Import, Outcome, plan, save
from sphinx_amts.files import write_bytes
from sphinx_amts.model import ConfigurationError, Diagnostic
from sphinx_amts.parallel import xml
from sphinx_amts.translate import LanguageRun

__all__ = ["FORMATS", "Import", "Outcome", "export", "format_of", "languages_of", "plan_import", "save"]

FORMATS = {".tmx": "tmx", ".xlf": "xliff", ".xliff": "xliff"}
"""Formats by the ending of a file's name."""


def format_of(path: Path, name: str | None = None) -> str:
    """The format of a file: *name*, or what its ending says. Raises :class:`ConfigurationError`."""
    found = name or FORMATS.get(path.suffix.lower())
    if found is None:
        raise ConfigurationError(f"{path}: name a file that ends in {', '.join(sorted(FORMATS))}, or say --format.")
    return found


def export(run: LanguageRun, path: Path, format_: str, only: Collection[str] = ()) -> tuple[int, list[Diagnostic]]:
    """Write the units of a language, those in the states *only* if it names some; return their number and what was left out."""
    problems: list[Diagnostic] = []
    units = list(collect(run, only, problems))
    languages = run.pipeline.source_language, run.pipeline.language
    if format_ == "tmx":
        units = [unit for unit in units if unit.target]
        data = tmx.write(units, languages)
    else:
        syntaxes = {
            Path(document.path).relative_to(run.book.srcdir).as_posix(): document.format
            for document in run.book.documents.values()
            if document.format
        }
        data = xliff.write(units, languages, syntaxes)
    write_bytes(path, data)
    return len(units), problems


def languages_of(path: Path, format_: str) -> set[str]:
    """The codes of languages that the units of a file may be in. Raises :class:`~sphinx_amts.model.FileError`."""
    data = xml.load(path)
    return tmx.languages(path, data) if format_ == "tmx" else xliff.languages(path, data)


def plan_import(run: LanguageRun, path: Path, format_: str) -> Import:
    """Find what a file changes. Raises :class:`~sphinx_amts.model.FileError` for one that cannot be read as a whole."""
    languages = run.pipeline.source_language, run.pipeline.language
    read = tmx.read if format_ == "tmx" else xliff.read
    return plan(run, path, list(read(path, xml.load(path), *languages)))
