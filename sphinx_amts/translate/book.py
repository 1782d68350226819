"""The book that is translated: its documents and catalogs, what of it is to be translated, and what a run counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from sphinx_amts.formats import Format
from sphinx_amts.formats.inline import has_words
from sphinx_amts.model import Document, Message, Pipeline, Segment
from sphinx_amts.translate.splitting import split_parsed

CAPTION_KINDS = {"alt", "caption"}
"""Kinds of messages that ``amts_captions`` switches off."""


@dataclass(frozen=True, slots=True)
class Book:
    """What a run needs to know of the book, whatever the language."""

    project: str
    """Name of the project, for the headers of new catalogs."""
    documents: Mapping[str, Document]
    """All documents by name, in order of their names."""
    domains: Mapping[str, str]
    """Gettext domain of each document."""
    formats: Mapping[str, Format]
    """Formats by their names."""
    locale_dir: Path
    """Folder of the catalogs."""
    srcdir: Path
    """Folder of the sources."""
    order: Sequence[str] = ()
    """Names of the documents as a reader meets them: by the book's toctrees, then those in none."""
    extra: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """More msgids by domain (those of HTML templates): kept in catalogs, never sent."""
    segments: dict[tuple[str, ...], tuple[Segment, ...]] = field(default_factory=dict, compare=False, repr=False)
    """The sentences of messages, by document, msgid, raw text, kind and syntax, as far as a language has asked for them."""
    references: dict[str, str] = field(default_factory=dict, compare=False, repr=False)
    """What catalogs call the files of messages, as far as a language has asked for them."""

    def catalog_path(self, domain: str, language: str) -> Path:
        """The PO file of *domain* in *language*."""
        return self.locale_dir / language / "LC_MESSAGES" / f"{domain}.po"

    def format_of(self, message: Message, document: Document) -> Format:
        """The format of *message* in *document*, which knows the document's link labels from now on."""
        format_ = self.formats[message.syntax or document.format]
        format_.bind(document.labels, document.implicit_names)
        return format_

    def has_words(self, message: Message, document: Document) -> bool:
        """Whether *message* holds words: what does not is the same in every language."""
        return has_words(self.format_of(message, document).parse(message.raw, message.kind))

    def is_wanted(self, message: Message, document: Document, pipeline: Pipeline) -> bool:
        """Whether *message* is ours to translate into the language of *pipeline*."""
        if not message.translatable or document.format not in self.formats:
            return False
        if message.kind in CAPTION_KINDS and not pipeline.captions:
            return False
        return not excluded(document.docname, pipeline.exclude)

    def sentences(self, message: Message, document: Document, language: str) -> tuple[Segment, ...]:
        """The sentences of *message* by the rules of the source *language*, none if it holds no words.

        They are looked for once for all languages.
        """
        key = document.docname, message.msgid, message.raw, message.kind, message.syntax
        if key not in self.segments:
            pieces = self.format_of(message, document).parse(message.raw, message.kind)
            self.segments[key] = tuple(split_parsed(pieces, message.kind, language)) if has_words(pieces) else ()
        return self.segments[key]

    def reference(self, message: Message) -> str:
        """What catalogs call the file of *message*."""
        path = message.location.path
        if path not in self.references:
            file = Path(path.split(":docstring of")[0])
            inside = self.srcdir in file.parents
            self.references[path] = file.relative_to(self.srcdir).as_posix() if inside else file.name
        return self.references[path]


@dataclass(slots=True)
class Summary:
    """The counts of one run, as ``amts.json`` has them."""

    engine: str
    """Name of the engine."""
    documents: int = 0
    """Documents of the book."""
    messages: int = 0
    """Messages of the book that are ours to translate."""
    unchanged: int = 0
    """Messages whose translation stood, or which hold no words."""
    reused: int = 0
    """Messages that were put together from what was known, without asking the engine."""
    sent_segments: int = 0
    """Segments given to the engine, second tries included."""
    sent_characters: int = 0
    """Characters of natural-language text in them: no tags, nothing protected."""
    kept_source: int = 0
    """Messages that stay in the source language, wholly or in part."""
    conflicts: int = 0
    """Messages that were edited differently in the catalog and in the localized file, and wait for a decision."""
    estimated_cost: float = 0.0
    """US dollars for what was to be sent; 0 for an engine that costs nothing."""
    documents_written: int = 0
    """Localized documents that changed on disk."""
    drafts: int = 0
    """Messages of the whole book whose translation is a drafting engine's, wholly or in part, and that nobody has read."""
    checks: dict[str, int] = field(default_factory=dict)
    """Findings of the checks in the whole book, by the name of the check."""


@dataclass(frozen=True, slots=True)
class Work:
    """A message that has to be put together anew."""

    message: Message
    docname: str
    domain: str
    segments: tuple[Segment, ...]


@cache
def excluded(docname: str, patterns: tuple[str, ...]) -> bool:
    """Whether *docname*, or its folder, matches one of *patterns* (``amts_exclude``)."""
    from fnmatch import fnmatch

    return any(fnmatch(docname, pattern) or docname.startswith(pattern.rstrip("/") + "/") for pattern in patterns)
