"""Writing files so that a crash leaves the old bytes or the new ones, and nothing else; and one process at a time.

A module of its own, below all others, because catalogs, engines, localized trees and reports all write files, and a second
way of doing it would be a second way of losing somebody's work.
"""

from __future__ import annotations

import contextlib
import errno
import os
import sqlite3
import tempfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Literal, TypeVar

from sphinx_amts.model import FileError

Result = TypeVar("Result")

WRITERS = 8
"""Files that are written at once: a disk that is told of several makes them durable in little more time than of one."""

_TEMPORARY = ".amts-", ".tmp"
"""Begins and ends the names of files that are not written to their end."""


def remove_temporaries(folder: Path) -> None:
    """Remove what processes left in *folder* that were killed while they wrote. Raises :class:`FileError`."""
    for path in folder.rglob("*".join(_TEMPORARY)):
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise _unwritable(path, error) from error


def write_bytes(path: Path, data: bytes) -> bool:
    """Put *data* into *path* atomically unless it is there already; return whether the file changed.

    Temporary file in the same folder, fsync, rename. Missing folders are made. Raises :class:`FileError`.
    """
    try:
        if path.is_file() and path.read_bytes() == data:
            return False
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=_TEMPORARY[0], suffix=_TEMPORARY[1], dir=path.parent)
    except OSError as error:
        raise _unwritable(path, error) from error
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask())
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise _unwritable(path, error) from error
    return True


def at_once(write: Callable[..., Result], *arguments: Iterable[Any]) -> list[Result]:
    """Call *write*, which writes files, with *arguments* as :func:`map` does, in threads: waiting for the disk overlaps.

    Results in the order of the arguments; the first error is raised when all others are done.
    """
    _umask()  # found once, before there are threads
    with ThreadPoolExecutor(WRITERS) as pool:
        return list(pool.map(write, *arguments))


def make_folder(path: Path) -> None:
    """Make the folder *path* and those that it lies in unless they are there. Raises :class:`FileError`."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(path, error) from error


class Lock:
    """A file that one process at a time may hold; the system lets go of it when the process ends, however it ends."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: IO[bytes] | None = None

    def acquire(self) -> bool:
        """Take the lock if nobody holds it; return whether it is held now. Raises :class:`FileError`."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            file = self.path.open("ab")
        except OSError as error:
            raise _unwritable(self.path, error) from error
        try:
            _lock(file)
        except OSError as error:
            file.close()
            if error.errno in _HELD:
                return False
            raise FileError(
                self.path, f"cannot be locked ({error.strerror})", "Put the book on a file system that has locks."
            ) from error
        self._file = file
        return True

    def release(self) -> None:
        """Let go of the lock, if it is held."""
        if self._file is not None:
            self._file.close()
            self._file = None


_HELD = {errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES, errno.EDEADLK}

if os.name == "nt":  # pragma: no cover - tested where it runs
    import msvcrt

    def _lock(file: IO[bytes]) -> None:
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]

else:
    import fcntl

    def _lock(file: IO[bytes]) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


INDEX_REMEDY = "Check permissions and free space; if it is damaged, delete the .amts folder: it holds nothing else."
"""What to do where the index cannot be used."""


class _Rows(sqlite3.Cursor):
    """Results that tell of damage as :class:`Index` does."""

    def fetchone(self) -> Any:
        with _told(self.connection):
            return super().fetchone()

    def fetchall(self) -> list[Any]:
        with _told(self.connection):
            return super().fetchall()

    def __next__(self) -> Any:
        with _told(self.connection):
            return super().__next__()


class Index(sqlite3.Connection):
    """A connection to a disposable SQLite file that raises :class:`FileError` once it is guarded."""

    path: Path | None = None

    def guarded(self, path: Path) -> Index:
        """Return the connection, which raises :class:`FileError` with *path* from now on."""
        self.path = path
        return self

    def cursor(self, factory: Any = _Rows) -> Any:
        """A cursor whose errors are told in the same way."""
        return super().cursor(factory)

    def execute(self, *arguments: Any) -> Any:
        """Execute one statement."""
        try:  # no context manager: this is called for every sentence of a book
            return self.cursor().execute(*arguments)
        except sqlite3.Error as error:
            if self.path is None:
                raise
            raise _unusable(self.path, error) from error

    def executemany(self, *arguments: Any) -> Any:
        """Execute one statement for many rows."""
        with _told(self):
            return self.cursor().executemany(*arguments)

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> Literal[False]:
        with _told(self):
            return super().__exit__(kind, value, trace)


@contextlib.contextmanager
def _told(connection: sqlite3.Connection) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        path = getattr(connection, "path", None)
        if path is None:
            raise
        raise _unusable(path, error) from error


def _unusable(path: Path, error: sqlite3.Error) -> FileError:
    return FileError(path, f"cannot be used ({error})", INDEX_REMEDY)


def _unwritable(path: Path, error: OSError) -> FileError:
    return FileError(path, f"cannot be written ({error.strerror})", "Check permissions and free space.")


@cache
def _umask() -> int:
    """What new files must not allow. It can be read by changing it only, for the whole process."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
