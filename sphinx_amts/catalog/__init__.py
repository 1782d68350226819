"""PO catalogs: the truth of a translation, read and written without touching what did not change.

An entry that nobody changed keeps its bytes, whoever wrote it (Weblate, Poedit, msgmerge); only changed entries are
written anew. That is why this package has a reader of its own: Babel's drops previous msgids of obsolete entries, wraps
every line anew and sorts, which turns the edit of one sentence into a diff of the whole file.
"""

from sphinx_amts.catalog.comments import CONFLICT, EARLIER, LAST_GOOD, NEW
from sphinx_amts.catalog.entry import Entry, digest
from sphinx_amts.catalog.reading import read
from sphinx_amts.catalog.updating import each_once, update
from sphinx_amts.catalog.writing import Catalog, header, write, write_entry

__all__ = [
    "CONFLICT", "EARLIER", "LAST_GOOD", "NEW", "Catalog", "Entry", "digest", "each_once", "header", "read", "update", "write", "write_entry",
]  # fmt: skip
