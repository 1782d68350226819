"""Writing PO catalogs: entries that nobody changed keep their bytes, others are wrapped as gettext's own tools wrap them."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from pathlib import Path

from sphinx_amts.catalog import comments as ours
from sphinx_amts.catalog.entry import Entry
from sphinx_amts.files import write_bytes

_WIDTH = 76


@dataclass(frozen=True, slots=True)
class Catalog:
    """A PO file: its entries in order, the header first."""

    path: Path
    """Where it is read from and written to."""
    entries: tuple[Entry, ...] = ()
    """All entries; the header has an empty msgid."""
    newline: str = "\n"
    """Line end of the file."""
    bom: bool = False
    """Whether the file begins with a byte order mark."""

    @property
    def has_header(self) -> bool:
        """Whether there is an entry with the catalog's own data."""
        return any(not entry.msgid and not entry.obsolete for entry in self.entries)

    def by_msgid(self) -> dict[str, Entry]:
        """Entries that the book can use, by msgid: no header, nothing obsolete or foreign."""
        return {
            entry.msgid: entry for entry in self.entries if entry.msgid and not entry.obsolete and not entry.foreign
        }

    def obsolete(self) -> dict[str, Entry]:
        """Obsolete entries by msgid."""
        return {entry.msgid: entry for entry in self.entries if entry.obsolete and not entry.foreign}

    def text(self) -> str:
        """The whole file as text with line feeds as line ends."""
        blocks = [entry.raw or write_entry(entry) for entry in self.entries]
        return "\n\n".join(block.strip("\n") for block in blocks) + "\n"


def write(catalog: Catalog, text: str | None = None) -> bool:
    """Write *catalog*, whose text is *text* if that is known, where it belongs, atomically, if its bytes change; return whether they did."""
    text = catalog.text() if text is None else text
    data = (text.replace("\n", catalog.newline) if catalog.newline != "\n" else text).encode()
    if catalog.bom:
        data = codecs.BOM_UTF8 + data
    return write_bytes(catalog.path, data)


def header(project: str, language: str) -> Entry:
    """The header of a new catalog: no dates and no names, so that the same book gives the same bytes."""
    fields = {
        "Project-Id-Version": project,
        "Language": language,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
    }
    return Entry("", "".join(f"{name}: {value}\n" for name, value in fields.items()))


def write_entry(entry: Entry) -> str:
    """The text of one entry, wrapped like gettext's own tools wrap it."""
    lines = [f"# {line}".rstrip() for comment in entry.comments for line in ours.broken(comment)]
    lines += [f"#. {comment}".rstrip() for comment in entry.extracted]
    lines += [f"#: {reference}" for reference in entry.references]
    if entry.flags:
        lines.append("#, " + ", ".join(entry.flags))
    prefix = "#~ " if entry.obsolete else ""
    if entry.previous is not None:
        mark = "#~| " if entry.obsolete else "#| "
        lines += [mark + line for line in _quote("msgid", entry.previous)]
    lines += [prefix + line for line in _quote("msgid", entry.msgid)]
    lines += [prefix + line for line in _quote("msgstr", entry.msgstr)]
    return "\n".join(lines)


_TO_ESCAPE = str.maketrans(
    {
        "\\": "\\\\",
        '"': '\\"',
        "\n": "\\n",
        "\t": "\\t",
        "\r": "\\r",
        "\b": "\\b",
        "\f": "\\f",
        "\v": "\\v",
        "\a": "\\a",
    }
)


def _quote(keyword: str, text: str) -> list[str]:
    """A keyword and its string; long ones are broken behind spaces, as Babel and gettext do, and at line ends."""
    if "\n" not in text and len(text) + len(keyword) + 3 <= _WIDTH:
        return [f'{keyword} "{text.translate(_TO_ESCAPE)}"']
    pieces: list[str] = []
    for line in text.splitlines(keepends=True) if "\n" in text else [text]:
        pieces += _CHUNK.findall(line)
    return [f'{keyword} ""', *(f'"{piece.translate(_TO_ESCAPE)}"' for piece in pieces)]


_CHUNK = re.compile(rf"(?s)(?:.{{1,{_WIDTH - 2}}}(?<=\S)(?=\s|$)|\S+)\s*|\s+")
"""As many words as fit into a line, or a single longer one, with the space behind them."""
