"""Telling without reading it that a file is still what it was.

A module of its own, below all others, because catalogs, localized files and copies are all recognised again in this way. A
stamp is a file's size, times and inode. A file that changed just before it was stamped may change again within the same
tick of the clock and keep them all: such a young stamp is not believed, and the file's bytes are compared by their digest
(as git does, https://git-scm.com/docs/racy-git). So it is with a time that lies ahead, after a clock was set back.
"""

from __future__ import annotations

import hashlib
import os
import time
from pathlib import Path
from typing import TypeAlias

Stamp: TypeAlias = "list[int | str]"
"""Size, modification and change time (ns), inode, 1 if it is young, and the hexadecimal digest of the bytes; JSON as it is."""

ABSENT: Stamp = []
"""The stamp of a file that is not there."""

_LENGTH = 6

SETTLED = 2_500_000_000
"""Nanoseconds after which a file's times tell of a change; file systems keep times in steps of up to two seconds."""


def take(path: Path) -> Stamp:
    """The stamp of the file at *path*."""
    now = time.time_ns()
    try:
        status = path.stat()
        digest = _digest(path)
    except OSError:
        return ABSENT
    latest = max(status.st_mtime_ns, status.st_ctime_ns)
    return [*_told(status), int(latest > now - SETTLED), digest]


def mark(path: Path) -> str:
    """A text that is another one after the file at *path* changed; a young file's is never the same again."""
    now = time.time_ns()
    try:
        status = path.stat()
    except OSError:
        return ""
    young = max(status.st_mtime_ns, status.st_ctime_ns) > now - SETTLED
    return ":".join(map(str, [*_told(status), *([now] if young else [])]))


def is_same(path: Path, stamp: Stamp) -> bool:
    """Whether the file at *path* has the bytes that it had when *stamp* was taken."""
    try:
        status = path.stat()
        if len(stamp) == _LENGTH and stamp[:4] == _told(status) and not stamp[4]:
            return True
        return len(stamp) == _LENGTH and stamp[0] == status.st_size and stamp[5] == _digest(path)
    except OSError:
        return stamp == ABSENT


def renewed(path: Path, stamp: Stamp) -> Stamp:
    """*stamp*, or if it would not be believed a new one of the same bytes; for a file that :func:`is_same`."""
    try:
        believed = stamp[:4] == _told(path.stat()) and not stamp[4]
    except OSError:
        believed = stamp == ABSENT
    return stamp if believed else take(path)


def _told(status: os.stat_result) -> Stamp:
    return [status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino]


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:24]
