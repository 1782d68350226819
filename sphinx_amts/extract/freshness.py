"""Which documents have to be read again: Sphinx compares times, and times can be wrong.

A clock that was set back, a checkout or a copy that keeps old times: the file has changed and is not newer than the last
reading. What was found in it then must never be spliced into what it holds now, so that contents are compared as well.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from sphinx_amts.model import Document


def digest(paths: Iterable[str]) -> str:
    """Hexadecimal digest of the contents of files, in the order of their names; an absent one has its own."""
    total = hashlib.sha256()
    for path in sorted(paths):
        try:
            total.update(hashlib.sha256(Path(path).read_bytes()).digest())
        except OSError:
            total.update(b"absent")
    return total.hexdigest()


def has_changed(document: Document) -> bool:
    """Whether a file of *document* holds something else than when it was read."""
    return digest(document.files) != document.digest
