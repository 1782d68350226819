"""Parallel data and terminologies: CSV, TSV and TMX files of pairs that people approved.

The formats are those that Amazon Translate takes (Developer Guide, "Formatting your parallel data"). A segment in a file is
an HTML fragment as an engine sees it, and plain text serves as well: elements with an ``id`` that open and close in order
are markup, character references such as ``&amp;`` stand for their characters, and every other ``<``, ``>`` and ``&`` is
text. Writing leaves out what the service would skip, and says how much and why.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sphinx_amts.files import write_bytes
from sphinx_amts.model import FileError, Origin, SegmentPair, Term
from sphinx_amts.parallel import tables, tmx, xml
from sphinx_amts.parallel.fragments import fold, fragment, sentences
from sphinx_amts.parallel.languages import amazon_code

logger = logging.getLogger("sphinx.sphinx_amts.parallel")

SEGMENT_BYTES = 1000
"""Longest segment that Amazon Translate takes, in bytes of UTF-8."""

_FORMATS = (".csv", ".tab", ".tmx", ".tsv")


@dataclass(frozen=True, slots=True)
class Report:
    """What writing a file of pairs came to."""

    written: int
    """Pairs in the file."""
    split: int = 0
    """Pairs that were too long and are in the file as several sentences."""
    left_out: Mapping[str, int] = field(default_factory=dict)
    """Reason to number of pairs that are not in the file."""

    def __str__(self) -> str:
        parts = [f"{self.written} pairs written"]
        if self.split:
            parts.append(f"{self.split} too long and split into sentences")
        parts += [f"{number} left out: {reason}" for reason, number in sorted(self.left_out.items())]
        return "; ".join(parts)


def read_pairs(path: Path, source_language: str, target_language: str) -> list[SegmentPair]:
    """Read the pairs of a file between two languages (Sphinx's codes), in its order; the file's ending tells its format.

    Language codes in the file match leniently (``zh``, ``zh-CN``, ``ZH_cn``). Records without text on both sides are left
    out. Raises :class:`~sphinx_amts.model.FileError` with the line for what cannot be read.
    """
    return [
        SegmentPair(fragment(ours), fragment(theirs), Origin.PARALLEL)
        for ours, theirs in _read(path, source_language, target_language)
    ]


def read_terms(path: Path, source_language: str, target_language: str) -> list[Term]:
    """Read the terms of a file in the same formats; a term is plain text, as it stands in the file."""
    return [Term(fold(ours), fold(theirs)) for ours, theirs in _read(path, source_language, target_language)]


def write_pairs(path: Path, pairs: Iterable[SegmentPair], source_language: str, target_language: str) -> Report:
    """Write *pairs* for Amazon Translate, atomically; the file's ending tells its format.

    Each source occurs once, in the order of first occurrence, with the translation that occurs most often (of equally
    frequent ones the last). A pair with more than 1,000 bytes on a side is split where both sides have as many
    sentences. The same pairs give the same bytes. Raises :class:`~sphinx_amts.model.FileError`.
    """
    suffix = _suffix(path)
    left_out: Counter[str] = Counter()
    fitting: list[tuple[str, str]] = []
    split = 0
    for pair in pairs:
        ours, theirs = fold(pair.source), fold(pair.target)
        pieces = _pieces(ours, theirs, source_language, target_language)
        split += len(pieces) > 1
        for piece in pieces:
            reason = _unfit(piece, suffix)
            if reason:
                left_out[reason] += 1
            else:
                fitting.append(piece)
    chosen = _chosen(fitting, left_out)
    codes = amazon_code(source_language), amazon_code(target_language)
    write_bytes(path, tmx.write(codes, chosen) if suffix == ".tmx" else tables.write(suffix, codes, chosen))
    return Report(len(chosen), split, dict(left_out))


def _suffix(path: Path) -> str:
    suffix = path.suffix.lower()
    if suffix not in _FORMATS:
        raise FileError(path, "is in no known format", f"Its name must end in one of {', '.join(_FORMATS)}.")
    return suffix


def _read(path: Path, source: str, target: str) -> Iterator[tuple[str, str]]:
    reader = tmx.read if _suffix(path) == ".tmx" else tables.read
    incomplete = []
    for line, ours, theirs in reader(path, xml.load(path), source, target):
        if ours.strip() and theirs.strip():
            yield ours, theirs
        else:
            incomplete.append(line)
    if incomplete:
        logger.info("%s:%d: left out %d records with an empty side", path, incomplete[0], len(incomplete))


def _pieces(ours: str, theirs: str, source: str, target: str) -> list[tuple[str, str]]:
    """Cut a pair that is too long into pairs of sentences, if both sides have as many."""
    if max(_bytes(ours), _bytes(theirs)) > SEGMENT_BYTES:
        cut = sentences(ours, source), sentences(theirs, target)
        if len(cut[0]) == len(cut[1]):
            return list(zip(*cut, strict=True))
    return [(ours, theirs)]


def _unfit(pair: tuple[str, str], suffix: str) -> str:
    """Say why Amazon Translate would skip a pair; an empty string if it would not."""
    if not all(pair):
        return "no text on one side"
    if max(map(_bytes, pair)) > SEGMENT_BYTES:
        return f"more than {SEGMENT_BYTES} bytes on one side"
    if suffix != ".tmx" and any(text.startswith(tables.FORBIDDEN_STARTS) for text in pair):
        return f"a field begins with one of {' '.join(tables.FORBIDDEN_STARTS)} (TMX allows that)"
    return ""


def _bytes(text: str) -> int:
    return len(text.encode())


def _chosen(pairs: Iterable[tuple[str, str]], left_out: Counter[str]) -> list[tuple[str, str]]:
    """Give each source once, with its most frequent translation; of equally frequent ones, with the last."""
    votes: dict[str, dict[str, tuple[int, int]]] = {}
    for number, (ours, theirs) in enumerate(pairs):
        count, _ = votes.setdefault(ours, {}).get(theirs, (0, 0))
        votes[ours][theirs] = (count + 1, number)
    chosen = []
    for ours, choices in votes.items():
        best = max(choices, key=choices.__getitem__)
        chosen.append((ours, best))
        repeated = choices[best][0] - 1
        outvoted = sum(count for count, _ in choices.values()) - repeated - 1
        left_out.update({"the same pair again": repeated} if repeated else {})
        left_out.update({"another translation of the source is preferred": outvoted} if outvoted else {})
    return chosen
