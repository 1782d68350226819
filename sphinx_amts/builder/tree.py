"""The localized tree of a language: which files it has, and what stands in them."""

from __future__ import annotations

import itertools
import json
import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from sphinx_amts import stamps
from sphinx_amts.files import write_bytes
from sphinx_amts.formats import Edit, Format, cuts, splitlines
from sphinx_amts.model import Document, FileError, Message

SUMMARY = "amts.json"
"""What a run leaves in its output folder."""

_GENERATED = {".buildinfo", ".doctrees", "environment.pickle", "pyvenv.cfg", "CACHEDIR.TAG", "objects.inv", SUMMARY}
"""Names that tell a folder of generated files; such a folder is no part of a book."""

_NEVER = {"__pycache__", "node_modules", "_build"}
"""Names of folders that are no part of a book; in ``_build`` is what Sphinx and d2lbook made of it."""

_BOM = "\ufeff"


@dataclass(frozen=True, slots=True)
class Unit:
    """A file of the book that holds messages."""

    path: Path
    """Its path in the source book."""
    format: Format
    """Its syntax."""
    text: str
    """Its text without a byte order mark, line ends as they are."""
    bom: bool
    """Whether it begins with a byte order mark."""
    messages: tuple[Message, ...]
    """Its messages that have a place in it, each place once."""
    cut: frozenset[Message] = frozenset()
    """Its messages that hold a text at which a document cuts the file when it includes a part of it."""


def book_files(srcdir: Path, skipped: Iterable[Path], named: Collection[Path] = ()) -> tuple[list[Path], list[Path]]:
    """All files of the book below *srcdir*, relative and sorted: nothing generated, or below *skipped* folders, or hidden,
    but for the hidden folders that are *named*; and its empty folders, such as the ``_static`` of ``sphinx-quickstart``,
    which Sphinx would miss.

    Links to folders are not followed: anything may lie there (:func:`linked_files`). Links that lead nowhere, pipes and the
    like are no files.
    """
    barred = {path.resolve() for path in skipped}
    found: list[Path] = []
    empty: list[Path] = []
    for folder, folders, names in os.walk(srcdir):
        here = Path(folder)
        if not folders and not names:
            empty.append(here.relative_to(srcdir))
        folders[:] = sorted(
            name
            for name in folders
            if (not name.startswith(".") or here / name in named)
            and name not in _NEVER
            and not _is_barred(here / name, barred)
        )
        found += [
            (here / name).relative_to(srcdir)
            for name in names
            if not name.endswith((".pyc", ".mo")) and not name.startswith(".amts-") and (here / name).is_file()
        ]
    return sorted(found), sorted(empty)


def linked_files(srcdir: Path, documents: Iterable[Path], used: Iterable[str | Path]) -> list[Path]:
    """The *documents* in linked folders, which Sphinx follows, and the *used* files there, relative to *srcdir* and sorted.

    They become files of the tree. Used files are named relative to *srcdir* or absolute, with links followed or not.
    """
    inside = {path: link for path in documents if (link := _link(path, srcdir))}
    found = set(inside)
    links = [(link, link.resolve()) for link in sorted(set(inside.values()))]
    for name in used if links else ():
        path = Path(os.path.normpath(srcdir / name))
        found |= {path} if _link(path, srcdir) else set()
        found |= {link / path.relative_to(place) for link, place in links if place in path.parents}
    return sorted(path.relative_to(srcdir) for path in found if path.is_file())


def _link(path: Path, srcdir: Path) -> Path | None:
    """The linked folder below *srcdir* that *path* lies in."""
    return next((folder for folder in path.parents if srcdir in folder.parents and folder.is_symlink()), None)


def refuse_links(output: Path, names: Iterable[Path]) -> None:
    """Raise :class:`FileError` if a folder below *output* that one of the files *names* goes into is a link."""
    for folder in sorted({parent for name in names for parent in name.parents}):
        place = output / folder
        if folder.parts and place.is_symlink():
            problem = "is a link, and nothing is written through links in a localized book"
            raise FileError(place, problem, "Remove it, or make the whole book another folder with amts_output.")


def _is_barred(folder: Path, barred: set[Path]) -> bool:
    if folder.is_symlink() or folder.resolve() in barred:
        return True
    return any((folder / name).exists() for name in _GENERATED)


def read_units(documents: Mapping[str, Document], formats: Mapping[str, Format], srcdir: Path) -> dict[Path, Unit]:
    """The files that hold located messages, with all messages of all documents that include them."""
    collected: dict[Path, tuple[str, dict[tuple[int, int], Message]]] = {}
    for document in documents.values():
        if document.format not in formats:
            continue
        own = Path(document.path)
        collected.setdefault(own, (document.format, {}))
        for message in document.messages:
            if message.spans:
                _name, places = collected.setdefault(Path(message.location.path), (document.format, {}))
                places.setdefault((message.spans[0].line, message.spans[0].start), message)
    units = {}
    for path, (name, places) in sorted(collected.items()):
        if srcdir in path.parents:
            units[path] = _read_unit(path, formats[name], tuple(places[place] for place in sorted(places)))
    for path, unit in list(units.items()):
        for cut in cuts.cuts(unit.text):
            other = srcdir / cut.path[1:] if cut.path.startswith("/") else path.parent / cut.path
            other = Path(os.path.normpath(other))
            if other in units:
                units[other] = _with_cut(units[other], cut)
    return units


def _with_cut(unit: Unit, cut: cuts.Cut) -> Unit:
    """*unit* with the messages marked that *cut* looks for its texts in."""
    lines = splitlines(unit.text)
    starts = [0, *itertools.accumulate(map(len, lines))]
    found = set(unit.cut)
    for first, last in cuts.places(cut, unit.text):
        for message in unit.messages:
            if any(starts[s.line - 1] + s.start < last and first < starts[s.line - 1] + s.end for s in message.spans):
                found.add(message)
    return replace(unit, cut=frozenset(found))


def _read_unit(path: Path, format_: Format, messages: tuple[Message, ...]) -> Unit:
    try:
        text = path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise FileError(path, f"cannot be read ({error})", "Save the file as UTF-8.") from error
    bom = text.startswith(_BOM)
    return Unit(path, format_, text.removeprefix(_BOM), bom, messages)


def edits_of(unit: Unit, texts: Mapping[str, str]) -> list[Edit]:
    """What changes in *unit*: messages whose text differs from the author's, but for those that includes look for."""
    edits = []
    for message in unit.messages:
        text = texts.get(message.msgid)
        if text is not None and message not in unit.cut and differs(message, text):
            edits.append(Edit(message, text))
    return edits


def differs(message: Message, text: str) -> bool:
    """Whether *text* is another one than the author's, white space aside."""
    return text.split() != message.raw.split()


def spliced(unit: Unit, edits: Sequence[Edit]) -> bytes:
    """The bytes of the localized file."""
    return encoded(unit, unit.format.splice(unit.text, edits) if edits else unit.text)


def encoded(unit: Unit, text: str) -> bytes:
    """The bytes of *text* in a file like that of *unit*."""
    return ((_BOM if unit.bom else "") + text).encode()


# -- what was written ----------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Ledger:
    """What the last run wrote into a tree, so that the next one can tell what it need not touch.

    Kept in the index under ``.amts``; without it, files are compared by their bytes.
    """

    path: Path
    files: dict[str, stamps.Stamp] = field(default_factory=dict)
    """Relative path → what decides its content, and the stamp of what was written."""

    @classmethod
    def load(cls, path: Path) -> Ledger:
        """Read the ledger at *path*; an absent or damaged one is empty."""
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            found = {}
        if not isinstance(found, dict) or not all(isinstance(one, list) and one for one in found.values()):
            found = {}
        return cls(path, found)

    def save(self) -> None:
        """Write the ledger if it changed."""
        write_bytes(self.path, (json.dumps(self.files, indent=0, sort_keys=True) + "\n").encode())

    def is_current(self, name: str, key: str, target: Path) -> bool:
        """Whether *target* is what the last run wrote for *key*."""
        return self.was_written(name, target) and self.files[name][0] == key

    def was_written(self, name: str, target: Path) -> bool:
        """Whether *target* is as the last run left it, whatever decided its content."""
        if name not in self.files:
            return False
        key, *stamp = self.files[name]
        if not stamps.is_same(target, stamp):
            return False
        self.files[name] = [key, *stamps.renewed(target, stamp)]
        return True

    def rename(self, old: str, new: str) -> None:
        """Record that a file was renamed."""
        if old in self.files:
            self.files[new] = self.files.pop(old)

    def note(self, name: str, key: str, target: Path) -> None:
        """Record that *target* was written for *key*."""
        self.files[name] = [key, *stamps.take(target)]


def copy(source: Path, target: Path) -> bool:
    """Copy a file's bytes and its executable bit; return whether *target* changed."""
    try:
        data = source.read_bytes()
    except OSError as error:
        raise FileError(source, f"cannot be read ({error.strerror})", "Check its permissions.") from error
    changed = write_bytes(target, data)
    if changed and source.stat().st_mode & 0o100:
        target.chmod(target.stat().st_mode | 0o111)
    return changed
