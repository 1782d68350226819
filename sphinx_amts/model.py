"""The shared types and errors: frozen data that every other module speaks in.

A *message* is a block of a book, exactly Sphinx gettext's. A *segment* is a sentence of a message, the unit that is
remembered, aligned and sent. Columns and offsets are 0-based and count characters (code points); lines are 1-based.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any, TypeAlias

from sphinx.errors import SphinxError


class AmtsError(SphinxError):
    """A mistake of the user's or a state of the machine that stops a command; shown without a traceback."""

    category = "sphinx_amts error"


class ConfigurationError(AmtsError):
    """A wrong value in ``conf.py`` or on the command line: nothing has been written or sent."""


class FileError(AmtsError):
    """A file that cannot be read, parsed or written."""

    def __init__(self, path: Path | str, problem: str, remedy: str, line: int | None = None) -> None:
        where = f"{path}:{line}" if line is not None else f"{path}"
        super().__init__(f"{where}: {problem}. {remedy}")
        self.path = Path(path)
        self.line = line


class EngineError(AmtsError):
    """An engine that cannot work at all (missing program, refused account); single segments fail as ``None``."""


class Origin(Enum):
    """Who made a translation; a lower value takes precedence over a higher one."""

    HUMAN = 0
    """A person wrote or edited it: never overwritten by a machine."""
    PARALLEL = 1
    """An exact pair from approved parallel data."""
    MACHINE = 2
    """An engine gave it, and it passed the checks."""
    SOURCE = 3
    """No usable translation: the text stays in the source language."""


@dataclass(frozen=True, slots=True)
class Location:
    """Where something stands in a file."""

    path: str
    """Path of the file, absolute and with forward slashes."""
    line: int
    """1-based line, as ``str.splitlines`` counts; 0 when unknown."""

    def __reduce__(self) -> tuple[type[Location], tuple[str, int]]:
        """As for :class:`Span`."""
        return Location, (self.path, self.line)

    def __str__(self) -> str:
        return f"{self.path}:{self.line}" if self.line else self.path


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One thing that a person should know, with its place and the reason."""

    code: str
    """Short stable name such as ``tag-lost``; the same problem always has the same code."""
    message: str
    """What happened and what to do, as one sentence."""
    location: Location | None = None
    """Where, if it has a place."""

    def __str__(self) -> str:
        where = f"{self.location}: " if self.location else ""
        return f"{where}{self.message} [{self.code}]"


@dataclass(frozen=True, slots=True)
class Protected:
    """Inline markup that is never translated: code, maths, references without text of their own."""

    source: str
    """The markup exactly as the author wrote it."""
    text: str
    """What an engine and a reviewer see in its place."""
    kind: str
    """The syntax's name for it (``literal``, ``role:ref``, ``substitution`` …), used when structures are compared."""


@dataclass(frozen=True, slots=True)
class Inline:
    """Inline markup that holds translatable text, such as emphasis or a link with a text."""

    open: str
    """Markup before the text, exactly as in the source (``**``, ``:ref:```)."""
    close: str
    """Markup after the text, exactly as in the source (``**``, `` <target>```)."""
    children: tuple[Piece, ...]
    """The text inside, with whatever markup it holds."""
    kind: str
    """The syntax's name for it (``emphasis``, ``strong``, ``link``, ``role:doc`` …)."""


Piece: TypeAlias = "str | Protected | Inline"
"""A run of unescaped text, protected markup, or markup around pieces."""

Fragment: TypeAlias = "tuple[Piece, ...]"
"""A message or a sentence of it, parsed into pieces; neighbouring strings are merged."""


@dataclass(frozen=True, slots=True)
class Span:
    """A run of characters on one line of a file."""

    line: int
    """1-based line."""
    start: int
    """First column, 0-based, in characters."""
    end: int
    """One past the last column."""

    def __reduce__(self) -> tuple[type[Span], tuple[int, int, int]]:
        """Pickle as a call: a book has very many of them, and what dataclasses do of their own takes five times as long."""
        return Span, (self.line, self.start, self.end)


@dataclass(frozen=True, slots=True)
class Message:
    """One translatable block of a document, as Sphinx's gettext builder extracts it."""

    msgid: str
    """The text under which catalogs know it."""
    kind: str
    """The doctree node's name (``paragraph``, ``title``, ``term``, ``caption``, ``entry``, ``alt`` …)."""
    raw: str
    """The author's text of the block with its line ends; equals ``msgid`` but for line ends and trailing backslashes."""
    location: Location
    """The first line of the block."""
    spans: tuple[Span, ...] = ()
    """Where ``raw`` stands in the file, a span per line; empty where it is not in the book's own files."""
    translatable: bool = True
    """False for code, maths and pictures: they have a catalog entry as Sphinx gives them one, and are never sent."""
    context: str = ""
    """What surrounds the text and restricts how it may be written back (``table``, ``option``, ``csv`` …)."""
    syntax: str = ""
    """Name of the format that it is written in, where that is not its document's (``rest`` in MyST's ``eval-rst``)."""

    def __reduce__(self) -> tuple[type[Message], tuple[object, ...]]:
        """As for :class:`Span`."""
        values = (self.msgid, self.kind, self.raw, self.location, self.spans, self.translatable, self.context)
        return Message, (*values, self.syntax)


@dataclass(frozen=True, slots=True)
class Anchor:
    """A section or glossary term that links may point to."""

    kind: str
    """The doctree node's name: ``section`` or ``term``."""
    ids: tuple[str, ...]
    """The ids that it has before any transform."""
    names: tuple[str, ...]
    """Folded names under which reStructuredText refers to it."""
    text: str
    """Its title or term in the source language."""
    slug: str = ""
    """MyST's slug; empty without one."""

    def __reduce__(self) -> tuple[type[Anchor], tuple[object, ...]]:
        """As for :class:`Span`."""
        return Anchor, (self.kind, self.ids, self.names, self.text, self.slug)


@dataclass(frozen=True, slots=True)
class Document:
    """A source document of the book with its messages, in document order."""

    docname: str
    """Sphinx's name of the document."""
    path: str
    """Its file, absolute and with forward slashes."""
    format: str
    """Name of its format in :mod:`sphinx_amts.formats`; empty for a syntax that is not known."""
    messages: tuple[Message, ...]
    """Its messages in the order of Sphinx's gettext builder."""
    structure: tuple[str, ...] = ()
    """What must be the same in a localized copy: the doctree's nodes and targets, without their prose."""
    implicit_names: frozenset[str] = frozenset()
    """Folded titles that serve as implicit link targets (```Title`_``) because nothing else has their name."""
    labels: tuple[str, ...] = ()
    """Link labels that the document defines (``[label]: url`` in Markdown), or names that it refers to (in reST)."""
    anchors: tuple[Anchor, ...] = ()
    """Its sections and glossary terms, in the order of the file."""
    files: tuple[str, ...] = ()
    """Its own file and those that it includes, absolute and with forward slashes."""
    digest: str = ""
    """Hexadecimal digest of the contents of :attr:`files`."""
    problem: Diagnostic | None = None
    """Why it is copied as it is, although its syntax is known; ``None`` if nothing is wrong with it."""
    fingerprint: str = ""
    """Hexadecimal digest of all of the above."""


@dataclass(frozen=True, slots=True)
class Segment:
    """One sentence of a message, or a whole short message."""

    html: str
    """The HTML fragment that memory and engines know it by; white space is normalised."""
    pieces: Fragment = field(compare=False)
    """The same text as pieces, from which markup is restored."""

    @property
    def characters(self) -> int:
        """Characters of natural-language text: without tags and without protected text."""
        return count_text(self.pieces)


@dataclass(frozen=True, slots=True)
class Translation:
    """What a message or segment became in a target language."""

    text: str
    """The translation; for a message in the document's syntax, for a segment as HTML."""
    origin: Origin
    """Who made it."""
    engine: str = ""
    """Name of the engine for :attr:`Origin.MACHINE`."""


@dataclass(frozen=True, slots=True)
class SegmentPair:
    """A segment and its translation: the unit of memory and of parallel data."""

    source: str
    """Source text as an HTML fragment (plain text is a fragment when ``&``, ``<`` and ``>`` are escaped)."""
    target: str
    """Translation in the same form."""
    origin: Origin = Origin.PARALLEL
    """Who vouches for it."""
    score: float = 1.0
    """Confidence from 0 to 1 that both sides mean the same (an aligner's bead score; 1 for what a person paired)."""
    gone: int = 0
    """0 if the book has the text that it comes from, 1 if the book no longer has its document, 2 if it is older still."""


@dataclass(frozen=True, slots=True)
class Bead:
    """Sentences of a source and a target text that translate each other; either side may be empty."""

    source: tuple[int, ...]
    """Indices of source sentences, ascending and consecutive."""
    target: tuple[int, ...]
    """Indices of target sentences, ascending and consecutive."""
    score: float = 1.0
    """Confidence from 0 to 1."""


@dataclass(frozen=True, slots=True)
class Term:
    """An entry of a terminology."""

    source: str
    """The term in the source language."""
    target: str
    """Its only accepted translation; equal to the source where the term is never translated."""


@dataclass(frozen=True, slots=True)
class Score:
    """Quality of one system on one text, by sacreBLEU."""

    bleu: float
    """BLEU from 0 to 1."""
    chrf: float
    """chrF from 0 to 1."""
    ter: float
    """Translation edit rate; 0 is perfect, and it may exceed 1."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """A system against the baseline on the same text."""

    system: Score
    baseline: Score
    p_value: float
    """Probability that the difference in BLEU is chance, by paired bootstrap resampling."""


@dataclass(frozen=True, slots=True)
class Pipeline:
    """One language's settings: what an engine is constructed with."""

    language: str
    """Target language in Sphinx's code (``zh_CN``)."""
    source_language: str
    """Source language in Sphinx's code."""
    confdir: Path
    """Folder of ``conf.py``, against which relative paths are resolved."""
    state: Path
    """Folder for disposable state of this language (below ``.amts/``); may not exist yet."""
    output: Path
    """Folder of this language's localized tree."""
    engine: str = "local"
    """Name or dotted path of the engine."""
    parallel_data: tuple[Path, ...] = ()
    """Files of approved pairs, ``{language}`` already expanded."""
    terminology: tuple[Path, ...] = ()
    """Term lists, ``{language}`` already expanded."""
    amazon: Mapping[str, Any] = field(default_factory=dict)
    """Settings of the ``amazon`` engine."""
    max_cost: float | None = None
    """Ceiling in US dollars for one run."""
    fuzzy: float = 0.8
    """Similarity from 0 to 1 from which a memory match may serve as a draft."""
    captions: bool = True
    """Whether captions and alternative texts are translated."""
    exclude: tuple[str, ...] = ()
    """Patterns of documents that are copied as they are."""
    post: tuple[Any, ...] = ()
    """Callables ``text, context -> text`` run on each translated text."""
    without_checks: tuple[str, ...] = ()
    """Names of checks of the translation that are switched off."""


def count_text(pieces: Fragment) -> int:
    """Count the characters of natural-language text in *pieces*: no tags, nothing protected."""
    total = 0
    for piece in pieces:
        if isinstance(piece, str):
            total += len(piece)
        elif isinstance(piece, Inline):
            total += count_text(piece.children)
    return total
