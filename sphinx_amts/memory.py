"""The memory of one language: every segment pair that was ever approved or paid for, in a disposable index.

A SQLite file under ``.amts/``; whatever it holds can be made again from the catalogs and the parallel data. Pairs belong
to a *source* (a catalog, a parallel-data file, an engine), so that a changed file replaces just its own pairs.
Precedence: a person's pair, then parallel data (the most frequent, then the newest), then what an engine gave.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path

from sphinx_amts.engines import DRAFTS
from sphinx_amts.model import FileError, Origin, SegmentPair, Translation

VERSION = 1
"""Number of the layout; another one makes the index anew."""

_SCHEMA = """
CREATE TABLE sources (id INTEGER PRIMARY KEY, name TEXT UNIQUE NOT NULL, digest TEXT NOT NULL);
CREATE TABLE pairs (
    key TEXT NOT NULL, target TEXT NOT NULL, origin INTEGER NOT NULL, source INTEGER NOT NULL, engine TEXT NOT NULL
);
CREATE INDEX pairs_by_key ON pairs (key);
CREATE INDEX pairs_by_source ON pairs (source);
CREATE TABLE refused (key TEXT NOT NULL, fingerprint TEXT NOT NULL, PRIMARY KEY (key, fingerprint)) WITHOUT ROWID;
CREATE TABLE notes (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""

_LOOKUP = """
SELECT target, origin, engine FROM pairs WHERE key = ? AND (origin < 2 OR engine IN (?, '') OR engine NOT IN ({drafts}))
GROUP BY target, origin ORDER BY origin, COUNT(*) DESC, MAX(rowid) DESC LIMIT 1
""".replace("{drafts}", ", ".join(f"'{name}'" for name in sorted(DRAFTS)))


class Memory:
    """Segment pairs of one language pair; not shared between threads."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self._connection = self._open(path)

    @staticmethod
    def _open(path: Path | None) -> sqlite3.Connection:
        if path is None:
            temporary = sqlite3.connect(":memory:", check_same_thread=False)
            temporary.executescript(_SCHEMA)
            return temporary
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            connection = _connect(path)
            if connection is None:
                path.unlink()
                connection = _connect(path)
        except (OSError, sqlite3.Error) as error:
            raise FileError(
                path, f"cannot be opened ({error})", "Delete the .amts folder: it holds nothing else."
            ) from error
        assert connection is not None, "a new file has the layout that it was given"
        return connection

    def close(self) -> None:
        """Close the index; it cannot be used any more."""
        self._connection.close()

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._connection:
            yield self._connection

    def get(self, key: str, engine: str = "") -> Translation | None:
        """The best translation of the segment *key*; what drafting engines gave counts only while *engine* is theirs."""
        row = self._connection.execute(_LOOKUP, (key, engine)).fetchone()
        return None if row is None else Translation(row[0], Origin(row[1]), row[2])

    def add(self, pairs: Iterable[SegmentPair], engine: str) -> None:
        """Remember what *engine* gave; durable when this returns."""
        with self._transaction() as connection:
            number = self._source(f"engine:{engine}")
            connection.executemany(
                "INSERT INTO pairs VALUES (?, ?, ?, ?, ?)",
                [(pair.source, pair.target, pair.origin.value, number, engine) for pair in pairs],
            )

    def has(self, source: str, digest: str) -> bool:
        """Whether the pairs of *source* were taken in when its content had *digest*."""
        row = self._connection.execute("SELECT digest FROM sources WHERE name = ?", (source,)).fetchone()
        return row is not None and row[0] == digest

    def replace(self, source: str, digest: str, pairs: Iterable[SegmentPair]) -> None:
        """Take in the *pairs* of *source* in place of those that it had."""
        with self._transaction() as connection:
            number = self._source(source)
            connection.execute("DELETE FROM pairs WHERE source = ?", (number,))
            connection.executemany(
                "INSERT INTO pairs VALUES (?, ?, ?, ?, '')",
                [(pair.source, pair.target, pair.origin.value, number) for pair in pairs],
            )
            connection.execute("UPDATE sources SET digest = ? WHERE id = ?", (digest, number))

    def keep_only(self, prefix: str, names: set[str]) -> None:
        """Forget the sources that begin with *prefix* and are not among *names*: their files are gone."""
        with self._transaction() as connection:
            for number, name in connection.execute("SELECT id, name FROM sources").fetchall():
                if name.startswith(prefix) and name not in names:
                    connection.execute("DELETE FROM pairs WHERE source = ?", (number,))
                    connection.execute("DELETE FROM sources WHERE id = ?", (number,))

    def _source(self, name: str) -> int:
        self._connection.execute("INSERT OR IGNORE INTO sources (name, digest) VALUES (?, '')", (name,))
        row = self._connection.execute("SELECT id FROM sources WHERE name = ?", (name,)).fetchone()
        return int(row[0])

    def approved(self) -> list[SegmentPair]:
        """All pairs that a person vouches for, in a fixed order without repetitions."""
        rows = self._connection.execute(
            "SELECT key, target, MIN(origin) FROM pairs WHERE origin < 2 "
            "GROUP BY key, target ORDER BY key, MIN(origin), target"
        )
        return [SegmentPair(key, target, Origin(origin)) for key, target, origin in rows]

    def refuse(self, keys: Iterable[str], fingerprint: str) -> None:
        """Note that an engine with *fingerprint* gave nothing usable for *keys*, so that it is not asked again."""
        with self._transaction() as connection:
            connection.executemany("INSERT OR IGNORE INTO refused VALUES (?, ?)", [(key, fingerprint) for key in keys])

    def is_refused(self, key: str, fingerprint: str) -> bool:
        """Whether :meth:`refuse` was called for *key*."""
        query = "SELECT 1 FROM refused WHERE key = ? AND fingerprint = ?"
        return self._connection.execute(query, (key, fingerprint)).fetchone() is not None

    def note(self, name: str) -> str | None:
        """A value that was stored with :meth:`set_note`."""
        row = self._connection.execute("SELECT value FROM notes WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def set_note(self, name: str, value: str) -> None:
        """Store a value."""
        with self._transaction() as connection:
            connection.execute("INSERT OR REPLACE INTO notes VALUES (?, ?)", (name, value))


def _connect(path: Path) -> sqlite3.Connection | None:
    """Open the index at *path*; ``None`` if it is damaged or of another layout."""
    connection = sqlite3.connect(path, check_same_thread=False, timeout=30)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version == 0 and not connection.execute("SELECT 1 FROM sqlite_master").fetchone():
            connection.executescript(_SCHEMA + f"PRAGMA user_version = {VERSION};")
            return connection
        if version == VERSION:
            return connection
    except sqlite3.DatabaseError:
        pass  # not a database, or a damaged one: the caller makes it anew
    connection.close()
    return None
