"""The trained model on disk: one SQLite file, complete or not there at all."""

from __future__ import annotations

import json
import sqlite3
import zlib
from bisect import bisect_left
from contextlib import closing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sphinx_amts.engines.local.casing import Casing
from sphinx_amts.engines.local.language_model import LanguageModel
from sphinx_amts.engines.local.phrases import Option, read_options

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from sphinx_amts.engines.local.alignment import Links

FORMAT = 1
"""Number of the file's layout."""
_CACHE = 10_000
_STEM, _SUFFIX = 4, 3
_SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE samples (source TEXT, target TEXT, links TEXT NOT NULL, PRIMARY KEY (source, target)) WITHOUT ROWID;
CREATE TABLE phrases (source TEXT PRIMARY KEY, options TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE lexicon (source TEXT, target TEXT, forward REAL NOT NULL, PRIMARY KEY (source, target)) WITHOUT ROWID;
"""


class StoreError(Exception):
    """A file that is not a complete model of this format."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A sentence pair as the models learn from it."""

    source: tuple[str, ...]
    """Source tokens without joiners."""
    target: tuple[str, ...]
    """Target tokens with joiners."""


@dataclass(frozen=True, slots=True)
class Contents:
    """All that a model consists of."""

    digest: str
    """Digest of what it was trained on."""
    base: int
    """Number of samples that the aligner was trained on."""
    links: Mapping[Sample, Links]
    """The samples with their word alignments."""
    phrases: Iterable[tuple[str, str]]
    """Source phrases and their options as text (see phrases.py)."""
    orientations: tuple[float, ...]
    """Prior of the orientations."""
    lexicon: Iterable[tuple[str, str, float]]
    """Source word, target word, p(target | source)."""
    language: LanguageModel
    """The language model of the target."""
    casing: Casing
    """Habits of letter case."""


def write(path: Path, contents: Contents) -> None:
    """Write *contents* into the new file *path*."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executescript(_SCHEMA)
        connection.executemany(
            "INSERT INTO samples VALUES (?, ?, ?)",
            (
                (" ".join(sample.source), " ".join(sample.target), " ".join(f"{left}-{right}" for left, right in links))
                for sample, links in contents.links.items()
            ),
        )
        connection.executemany("INSERT INTO phrases VALUES (?, ?)", sorted(contents.phrases))
        connection.executemany("INSERT INTO lexicon VALUES (?, ?, ?)", contents.lexicon)
        casing = contents.casing
        meta = {
            "orientations": json.dumps(contents.orientations),
            "casing": json.dumps([casing.forms, casing.initial, casing.title], ensure_ascii=False),
            "language": zlib.compress("\n".join(contents.language.dump()).encode(), 1),
            "base": str(contents.base),
            "digest": contents.digest,
            "format": str(FORMAT),
        }
        connection.executemany("INSERT INTO meta VALUES (?, ?)", meta.items())


class Store:
    """A model on disk, open for reading; :meth:`close` it before its file is replaced."""

    def __init__(self, path: Path) -> None:
        """Open *path*; raise :class:`StoreError` when it is missing, damaged, foreign or of another format."""
        if not path.is_file():
            raise StoreError("there is no model")
        try:
            self._connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, check_same_thread=False)
        except sqlite3.Error as error:
            raise StoreError(str(error)) from error
        try:
            self._read_meta()
        except (sqlite3.Error, ValueError, KeyError, TypeError, zlib.error) as error:
            self.close()
            raise StoreError(f"{type(error).__name__}: {error}") from error
        self._options: dict[tuple[str, ...], list[Option]] = {}
        self._forward: dict[str, dict[str, float]] = {}

    def _read_meta(self) -> None:
        problems = self._connection.execute("PRAGMA quick_check(1)").fetchone()
        if problems != ("ok",):
            raise ValueError(str(problems))
        meta: dict[str, Any] = dict(self._connection.execute("SELECT key, value FROM meta"))
        if meta["format"] != str(FORMAT):
            raise ValueError(f"format {meta['format']} instead of {FORMAT}")
        self.digest: str = meta["digest"]
        self.base = int(meta["base"])
        self._orientations = tuple(float(share) for share in json.loads(meta["orientations"]))
        self.casing = Casing(*json.loads(meta["casing"]))
        self._vocabulary = [
            word for (word,) in self._connection.execute("SELECT DISTINCT source FROM lexicon ORDER BY 1")
        ]
        self.language = LanguageModel.parse(zlib.decompress(meta["language"]).decode().split("\n"))

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def options(self, words: tuple[str, ...]) -> list[Option]:
        """Find the translations of a source phrase; for a single word that was never seen, those of its nearest kin."""
        found = self._known(words)
        if not found and len(words) == 1:
            similar = variant(words[0], self._vocabulary)
            if similar is not None:
                return [replace(option, exact=False) for option in self._known((similar,))]
        return found

    def _known(self, words: tuple[str, ...]) -> list[Option]:
        known = self._options.get(words)
        if known is None:
            if len(self._options) > _CACHE:
                self._options.clear()
            row = self._connection.execute(
                "SELECT options FROM phrases WHERE source = ?", (" ".join(words),)
            ).fetchone()
            known = self._options[words] = [] if row is None else read_options(row[0], self._orientations)
        return known

    def forward(self, source: str) -> dict[str, float]:
        """p(target | source) for the words that were linked to *source*."""
        known = self._forward.get(source)
        if known is None:
            rows = self._connection.execute("SELECT target, forward FROM lexicon WHERE source = ?", (source,))
            known = self._forward[source] = dict(rows.fetchall())
        return known

    def links(self, sample: Sample) -> Links | None:
        """The word alignment of a sample that the model was trained on."""
        row = self._connection.execute(
            "SELECT links FROM samples WHERE source = ? AND target = ?",
            (" ".join(sample.source), " ".join(sample.target)),
        ).fetchone()
        return None if row is None else _links(row[0])

    def samples(self) -> dict[Sample, Links]:
        """All samples with their word alignments."""
        rows = self._connection.execute("SELECT source, target, links FROM samples")
        return {
            Sample(tuple(source.split(" ")), tuple(target.split(" "))): _links(links) for source, target, links in rows
        }


def variant(word: str, vocabulary: list[str]) -> str | None:
    """Find another form of *word* in the sorted *vocabulary*: the same but for up to three letters at the end.

    At least four letters and two thirds of the longer word are the same. Languages with other inflections lose nothing.
    """
    if len(word) < _STEM or not word.isalpha():
        return None
    stem = word[: max(_STEM, len(word) - _SUFFIX)]
    best, best_rank = None, (0, 0)
    for index in range(bisect_left(vocabulary, stem), len(vocabulary)):
        other = vocabulary[index]
        if not other.startswith(stem):
            break
        shared = next(
            (at for at in range(min(len(word), len(other))) if word[at] != other[at]), min(len(word), len(other))
        )
        rank = (shared, -len(other))
        alike = len(other) - shared <= _SUFFIX and 3 * shared >= 2 * max(len(word), len(other))
        if other.isalpha() and alike and rank > best_rank:
            best, best_rank = other, rank
    return best


def _links(text: str) -> Links:
    return tuple((int(left), int(right)) for left, _, right in (link.partition("-") for link in text.split()))
