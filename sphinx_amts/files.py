"""Writing files so that a crash leaves the old bytes or the new ones, and nothing else.

A module of its own, below all others, because catalogs, engines, localized trees and reports all write files, and a second
way of doing it would be a second way of losing somebody's work.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from sphinx_amts.model import FileError


def write_bytes(path: Path, data: bytes) -> bool:
    """Put *data* into *path* atomically unless it is there already; return whether the file changed.

    Temporary file in the same folder, fsync, rename. Missing folders are made. Raises :class:`FileError`.
    """
    try:
        if path.is_file() and path.read_bytes() == data:
            return False
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".amts-", dir=path.parent)
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


def _unwritable(path: Path, error: OSError) -> FileError:
    return FileError(path, f"cannot be written ({error.strerror})", "Check permissions and free space.")


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
