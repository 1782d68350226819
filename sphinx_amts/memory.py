"""The memory of one language: every segment pair that was ever approved or paid for, in a disposable index.

A SQLite file under ``.amts/``; whatever it holds can be made again from the catalogs and the parallel data. Pairs belong
to a *source* (a catalog, a parallel-data file, an engine), so that a changed file replaces just its own pairs.
Precedence: a person's pair (of what the book has now before what it had), then parallel data (the most frequent, then the
newest), then what an engine gave.
"""

from __future__ import annotations

import contextlib
import re
import sqlite3
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice
from pathlib import Path

from sphinx_amts.engines import DRAFTS
from sphinx_amts.files import INDEX_REMEDY, Index
from sphinx_amts.model import FileError, Origin, SegmentPair, Translation

VERSION = 4
"""Number of the layout; another one makes the index anew."""

SHARED = 4096
"""Keys whose other forms are kept: the languages of a book come to the same sentence one soon after the other."""

CHECKPOINT = 16384
"""Pages (of 4 kB) that wait in SQLite's log before they go to their places: pairs go to random pages of four indexes, and
SQLite's own 1,000 would have it write, and wait for the disk, after every few hundred sentences."""

_SCHEMA = """
CREATE TABLE sources (id INTEGER PRIMARY KEY, name TEXT UNIQUE NOT NULL, digest TEXT NOT NULL);
CREATE TABLE pairs (
    key TEXT NOT NULL, loose TEXT NOT NULL, bare TEXT NOT NULL, target TEXT NOT NULL, origin INTEGER NOT NULL,
    source INTEGER NOT NULL, engine TEXT NOT NULL, gone INTEGER NOT NULL
);
CREATE INDEX pairs_by_key ON pairs (key);
CREATE INDEX pairs_by_loose ON pairs (loose);
CREATE INDEX pairs_by_bare ON pairs (bare);
CREATE INDEX pairs_by_source ON pairs (source);
CREATE TABLE refused (key TEXT NOT NULL, fingerprint TEXT NOT NULL, PRIMARY KEY (key, fingerprint)) WITHOUT ROWID;
CREATE TABLE shown (digest TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE notes (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""

_USABLE = "(origin < 2 OR engine IN (?, '') OR engine NOT IN ({drafts}))".format(
    drafts=", ".join(f"'{name}'" for name in sorted(DRAFTS))
)
_BEST = (
    "GROUP BY key, target, origin ORDER BY origin, target = ? DESC, MIN(gone), CASE MIN(gone) WHEN 0 THEN -COUNT(*) ELSE 0 END,"
    " MAX(rowid) DESC"
)
_LOOKUP = f"SELECT key, target, origin, engine FROM pairs WHERE key = ? AND {_USABLE} {_BEST} LIMIT 1"  # noqa: S608
_RELATIVES = {
    column: f"SELECT key, target, origin, engine FROM pairs WHERE {column} = ? AND {_USABLE} {_BEST} LIMIT 1000"  # noqa: S608
    for column in ("loose", "bare")
}
"""Of one sentence with a thousand different numbers, the best thousand are looked at."""
PROTECTED = re.compile(r'<span id="\d+" translate="no">.*?</span>')
"""Protected text in a segment."""
NUMBER = re.compile(
    r"""(?P<sign>(?:(?<![\w.,])[-−+±]|[$€£¥])?)
        (?<![A-Za-z_\d])(?P<core>\d+(?:[.,]\d+)*)(?![A-Za-z_])
        (?P<unit>(?:[ \u00a0\u202f]?[%‰°])?)""",
    re.VERBOSE | re.ASCII,
)
"""A number in digits, with the signs that belong to its value."""
_OPEN = re.compile(r'<\w+ id="\d+">')
_CLOSE = re.compile(r"</\w+>")
_NOT_WORD = re.compile(r"[^\w<>/?!]+")
_SHORT_FORMS = [
    (re.compile(pattern, re.IGNORECASE), full)
    for pattern, full in (
        (r"\blet['’]s\b", "let us"),
        (r"\b(?:can['’]t|cannot)\b", "can not"),
        (r"\bwon['’]t\b", "will not"),
        (r"(?<=[a-z])n['’]t\b", " not"),
        (r"(?<=[a-z])['’]re\b", " are"),
        (r"(?<=[a-z])['’]ll\b", " will"),
        (r"(?<=[a-z])['’]ve\b", " have"),
        (r"\bi['’]m\b", "i am"),
        (r"\b(it|that|there|here|what|who|he|she)['’]s\b", r"\1 is"),
    )
]
"""English words that are written in one or two, and how they count: the same words, whose translation is the same.

``'d`` is left out, which may be "had" or "would". No other language has such words beside the long form in the same sentence.
"""


def _in_full(key: str) -> str:
    """*key* without short forms."""
    if "'" in key or "’" in key or "annot" in key:
        for pattern, full in _SHORT_FORMS:
            key = pattern.sub(full, key)
    return key


@lru_cache(maxsize=SHARED)
def loose_key(key: str) -> str:
    """*key* without kinds of markup, protected text, short forms, case, spaces, punctuation, and with all numbers alike."""
    key = _in_full(key)
    tagged = _CLOSE.sub("</x>", _OPEN.sub("<x>", PROTECTED.sub("<n>", key)))
    return _NOT_WORD.sub(" ", NUMBER.sub(" 0 ", tagged)).strip().casefold()


@lru_cache(maxsize=SHARED)
def bare_key(key: str) -> str:
    """*key* without any markup, short forms, case and punctuation; what protected markup shows stays."""
    return _NOT_WORD.sub(" ", _in_full(_ANY_TAG.sub("", key))).strip().casefold()


_ANY_TAG = re.compile(r"<[^>]*>")


def _values(key: str, column: str) -> list[str]:
    """The numbers of a segment; where markup does not count, those in protected text are among them."""
    text = (PROTECTED if column == "loose" else _ANY_TAG).sub(" ", key)
    return [number[0] for number in NUMBER.finditer(_ANY_TAG.sub(" ", text))]


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
            raise FileError(path, f"cannot be opened ({error})", INDEX_REMEDY) from error
        assert connection is not None, "a new file has the layout that it was given"
        return connection

    def close(self) -> None:
        """Close the index; it cannot be used any more."""
        self._connection.close()

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._connection:
            yield self._connection

    def get(self, key: str, engine: str = "", preferred: str = "") -> Translation | None:
        """The best translation of the segment *key*; what drafting engines gave counts only while *engine* is theirs.

        Of several with one origin: *preferred*, if it is among them; what the book has now; the most frequent; the newest.
        """
        row = self._connection.execute(_LOOKUP, (key, engine, preferred)).fetchone()
        return None if row is None else Translation(row[1], Origin(row[2]), row[3])

    def alike(self, key: str, engine: str = "") -> list[tuple[str, Translation]]:
        """Keys that differ from *key* in markup, case, punctuation or short forms ("don't") only, and their translations; the closest first."""
        found = []
        for column, value in (("loose", loose_key(key)), ("bare", bare_key(key))):
            rows = list(self._relatives(column, value, engine))
            wanted = _values(key, column) if rows else []
            same = (row for row in rows if _values(row[0], column) == wanted)
            found += [(row[0], Translation(row[1], Origin(row[2]), row[3])) for row in islice(same, 1)]
        return found

    def similar(self, key: str, engine: str = "") -> Iterator[tuple[str, Translation]]:
        """Keys that differ from *key* in numbers as well, and their translations; the best first."""
        rows = list(self._relatives("loose", loose_key(key), engine))
        wanted = _values(key, "loose") if rows else []
        for row in rows:
            if _values(row[0], "loose") != wanted:
                yield row[0], Translation(row[1], Origin(row[2]), row[3])

    def _relatives(self, column: str, value: str, engine: str) -> Iterable[tuple[str, str, int, str]]:
        if not any(char.isalpha() for char in value):
            return ()
        return self._connection.execute(_RELATIVES[column], (value, engine, ""))

    def add(self, pairs: Iterable[SegmentPair], engine: str) -> None:
        """Remember what *engine* gave; durable when this returns."""
        with self._transaction() as connection:
            number = self._source(f"engine:{engine}")
            connection.executemany(
                _INSERT,
                [_row(pair, number, engine) for pair in pairs],
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
                _INSERT,
                [_row(pair, number, "") for pair in pairs],
            )
            connection.execute("UPDATE sources SET digest = ? WHERE id = ?", (digest, number))

    def follow(self, source: str, digest: str) -> None:
        """Note that *source* has *digest* now, and that its pairs are those which the memory has."""
        with self._transaction() as connection:
            number = self._source(source)
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

    def has_human(self) -> bool:
        """Whether a person translated any of the pairs."""
        query = "SELECT 1 FROM pairs WHERE origin = ? LIMIT 1"
        return self._connection.execute(query, (Origin.HUMAN.value,)).fetchone() is not None

    def refuse(self, keys: Iterable[str], fingerprint: str) -> None:
        """Note that an engine with *fingerprint* gave nothing usable for *keys*, so that it is not asked again."""
        with self._transaction() as connection:
            connection.executemany("INSERT OR IGNORE INTO refused VALUES (?, ?)", [(key, fingerprint) for key in keys])

    def is_empty(self) -> bool:
        """Whether neither a pair nor a refusal is known."""
        query = "SELECT EXISTS (SELECT 1 FROM pairs) OR EXISTS (SELECT 1 FROM refused)"
        return not self._connection.execute(query).fetchone()[0]

    def is_refused(self, key: str, fingerprint: str) -> bool:
        """Whether :meth:`refuse` was called for *key*."""
        query = "SELECT 1 FROM refused WHERE key = ? AND fingerprint = ?"
        return self._connection.execute(query, (key, fingerprint)).fetchone() is not None

    def show(self, digests: Iterable[str]) -> None:
        """Note digests of texts that this program is about to write into localized files."""
        with self._transaction() as connection:
            connection.executemany("INSERT OR IGNORE INTO shown VALUES (?)", [(digest,) for digest in digests])

    def was_shown(self, digest: str) -> bool:
        """Whether :meth:`show` was called for *digest*."""
        return self._connection.execute("SELECT 1 FROM shown WHERE digest = ?", (digest,)).fetchone() is not None

    def note(self, name: str) -> str | None:
        """A value that was stored with :meth:`set_note`."""
        row = self._connection.execute("SELECT value FROM notes WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def set_note(self, name: str, value: str) -> None:
        """Store a value, unless it is there."""
        self.set_notes([(name, value)])

    def set_notes(self, values: Iterable[tuple[str, str]]) -> None:
        """Store names with their values, all of them or, if the process dies, none; what is there already is not written.

        They are taken one after another: all at once may be much.
        """
        with self._transaction() as connection:
            new = ((name, value) for name, value in values if self.note(name) != value)
            connection.executemany("INSERT OR REPLACE INTO notes VALUES (?, ?)", new)

    def rename_note(self, old: str, new: str) -> None:
        """Store the value of *old*, if there is one, under the name *new* alone."""
        with self._transaction() as connection:
            connection.execute("UPDATE OR REPLACE notes SET name = ? WHERE name = ?", (new, old))


_INSERT = "INSERT INTO pairs VALUES (?, ?, ?, ?, ?, ?, ?, ?)"


def _row(pair: SegmentPair, source: int, engine: str) -> tuple[str, str, str, str, int, int, str, int]:
    key = pair.source
    return key, loose_key(key), bare_key(key), pair.target, pair.origin.value, source, engine, pair.gone


def _connect(path: Path) -> sqlite3.Connection | None:
    """Open the index at *path*; ``None`` if it is damaged or of another layout."""
    connection = sqlite3.connect(path, check_same_thread=False, timeout=30, factory=Index)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT}")
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version == 0 and not connection.execute("SELECT 1 FROM sqlite_master").fetchone():
            connection.executescript(_SCHEMA + f"PRAGMA user_version = {VERSION};")
            return connection.guarded(path)
        if version == VERSION:
            return connection.guarded(path)
    except sqlite3.OperationalError:
        connection.close()
        raise  # the disk is full, or somebody else holds it
    except sqlite3.DatabaseError:
        pass  # not a database, or a damaged one: the caller makes it anew
    connection.close()
    return None
