"""The page that a reviewer opens first: one HTML file that needs no network, no server and no installed program.

:class:`Page` is plain data; :func:`render` turns it into HTML with a Jinja2 template that escapes everything. The page
carries its own style and script, which its content security policy names by their digests, so that nothing else can run
in it, whatever a book contains, and nothing can be loaded.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from sphinx_amts.checks import CHECKS, INCONSISTENT, Finding
from sphinx_amts.report import figures

STATES = {
    "conflicts": "edited in two places; a person decides",
    "stale": "the source changed since a person translated it",
    "untranslated": "in the source language, as a whole or in parts",
    "machine": "translated by a machine, not yet read",
    "human": "translated or approved by a person",
}
"""States of a message in the order in which they wait for a person, with their meaning."""


@dataclass(frozen=True, slots=True)
class Language:
    """A target language of the page."""

    code: str
    """Sphinx's code."""
    name: str
    """Its name in English."""
    direction: str = "ltr"
    """Direction of its script, ``ltr`` or ``rtl``."""


@dataclass(frozen=True, slots=True)
class Source:
    """A message of the book, whatever the language."""

    document: str
    """Name of its document."""
    kind: str
    """The doctree node's name."""
    text: str
    """The msgid."""
    file: str
    """Its file relative to the book's source folder, with forward slashes; empty where it has none."""
    line: int
    """1-based line in the file; 0 when unknown."""


@dataclass(frozen=True, slots=True)
class Item:
    """A message in one language."""

    source: int
    """Index of the message in :attr:`Page.sources`."""
    language: int
    """Index of the language in :attr:`Page.languages`."""
    state: str
    """A key of :data:`STATES`."""
    text: str
    """The translation, empty where there is none."""
    catalog: str = ""
    """The catalog's path relative to the book's source folder."""
    catalog_line: int = 0
    """1-based line of the entry; 0 for one that is not in the file."""
    engine: str = ""
    """Name of the engine that made the translation."""
    previous: str = ""
    """The source that a stale translation was made for."""
    fresh: tuple[str, ...] = ()
    """Sentences that are new in a stale entry's source."""
    before: str = ""
    """The translation before the last run, where that run changed it."""
    change: str = ""
    """What the last run did: ``new``, ``edited``, or nothing."""
    other: str = ""
    """The other text of a conflict."""
    findings: tuple[Finding, ...] = ()
    """What the checks found."""


@dataclass(frozen=True, slots=True)
class Page:
    """Everything that the page shows."""

    project: str
    """Name of the book."""
    languages: Sequence[Language] = ()
    """Target languages in the order of the configuration."""
    documents: Mapping[str, str] = field(default_factory=dict)
    """Title of each document, in the order of the book."""
    sources: Sequence[Source] = ()
    """Messages in the order of the book."""
    items: Sequence[Item] = ()
    """Messages by language, in the order of the book."""
    files: Mapping[str, str] = field(default_factory=dict)
    """Text of the source files that a click opens, by their path relative to the book's source folder."""
    base: str = ""
    """The book's source folder as the page's links reach it: relative to the page, or a URL; empty for no links."""
    editor: str = ""
    """Pattern of links that open a file elsewhere, with ``{path}`` and ``{line}``; empty for links below :attr:`base`."""
    runs: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Figures of the last run by language, as ``amts.json`` has them."""
    evaluation: Mapping[str, Any] = field(default_factory=dict)
    """What ``amts evaluate --json`` wrote; empty without an evaluation."""
    off: frozenset[str] = frozenset()
    """Checks that were switched off."""


def render(page: Page) -> str:
    """The page as HTML; the same data gives the same bytes."""
    style, script = _asset("page.css"), _asset("page.js")
    html: str = _template().render(
        page=page,
        data=_data(page),
        states=STATES,
        overview=figures.overview(page, list(STATES)),
        charts=figures.charts(page.evaluation),
        style=style,
        script=script,
        policy=(
            f"default-src 'none'; base-uri 'none'; form-action 'none'; img-src data:; "
            f"style-src {_digest(style)}; script-src {_digest(script)}"
        ),
    )
    return html


def _data(page: Page) -> dict[str, Any]:
    """What the page's script reads: texts once, rows as short lists."""
    documents = list(page.documents)
    paths = sorted({source.file for source in page.sources} | {item.catalog for item in page.items})
    numbers = {path: number for number, path in enumerate(paths)}
    order = {document: number for number, document in enumerate(documents)}
    states = list(STATES)
    return {
        "languages": [[one.code, one.name, one.direction] for one in page.languages],
        "documents": [[name, title] for name, title in page.documents.items()],
        "states": states,
        "checks": [*CHECKS, INCONSISTENT],
        "paths": paths,
        "texts": dict(page.files),
        "base": page.base,
        "editor": page.editor,
        "messages": [
            [order[source.document], source.kind, numbers[source.file], source.line, source.text]
            for source in page.sources
        ],
        "rows": [
            [
                item.source,
                item.language,
                states.index(item.state),
                item.text,
                numbers[item.catalog],
                item.catalog_line,
                item.engine,
                _details(item),
            ]
            for item in page.items
        ],
    }


def _details(item: Item) -> dict[str, Any] | int:
    """What only some rows have."""
    details: dict[str, Any] = {
        name: value for name in ("previous", "before", "change", "other") if (value := getattr(item, name))
    }
    if item.fresh:
        details["fresh"] = list(item.fresh)
    if item.findings:
        details["findings"] = [[one.check, one.message, one.excerpt] for one in item.findings]
    return details or 0


@cache
def _asset(name: str) -> str:
    return files("sphinx_amts.report").joinpath(name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


@cache
def _template() -> Any:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("sphinx_amts.report", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.policies["json.dumps_kwargs"] = {"ensure_ascii": False, "separators": (",", ":")}
    environment.filters["number"] = "{:,}".format
    environment.filters["percent"] = "{:.0%}".format
    return environment.get_template("page.html")
