"""Segment pairs of translated messages: sentences aligned with their translations, where both have the same markup."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TypeAlias

from sphinx_amts import catalog as po
from sphinx_amts.align import align_message
from sphinx_amts.formats import Format
from sphinx_amts.formats.inline import encode, fold, walk
from sphinx_amts.model import Fragment, Inline, Message, Origin, Piece, Pipeline, Protected, SegmentPair
from sphinx_amts.translate.asking import encode_like
from sphinx_amts.translate.splitting import join, split, split_fragment

_FREE = {
    "emphasis", "strong", "s", "literal", "backticks", "link", "uri", "autolink", "linkify", "dollars", "math", "math_inline",
    "role:", "role:math", "role:sub", "role:sup",
}  # fmt: skip
"""Kinds of markup that a person may add or leave out: nothing else in the book depends on them."""

_TARGET = re.compile(r"(?s).*?(?:`|<)([^`<>]*)>?`+$")
"""What a role refers to, in its source or in what closes it."""

Rename: TypeAlias = "Callable[[Fragment], Fragment]"
"""Has references by name follow the names that a translation changes."""


def entry_pairs(
    message: Message, entry: po.Entry, format_: Format, pipeline: Pipeline, rename: Rename
) -> Iterator[SegmentPair]:
    """The segment pairs of a translated entry: sentences aligned into beads, where markup agrees on both sides.

    References agree that are the same by *rename*; in the pairs they have the names of the source.
    """
    origin = Origin.HUMAN if entry.engine is None else Origin.MACHINE
    if entry.engine == "memory":
        return
    for ours, theirs, score in _beads(message, entry, format_, pipeline):
        pair = pair_of(ours, theirs, origin, score, rename)
        if pair is not None:
            yield pair


def own_pairs(
    message: Message, entry: po.Entry, format_: Format, pipeline: Pipeline, rename: Rename
) -> Iterator[tuple[str, Fragment]]:
    """The segments of a person's *entry* whose translations have other markup than they have, and these translations.

    Only a person leaves emphasis out or links to another page: what machines write has the markup of its source.
    Translations whose markup may be a slip, or may not stand in the file, are left out.
    """
    for ours, theirs, _score in _beads(message, entry, format_, pipeline):
        if pair_of(ours, theirs, Origin.HUMAN, rename=rename) is None and _is_deliberate(ours, theirs):
            yield encode(fold(ours)), fold(theirs)


def _is_deliberate(source: Fragment, target: Fragment) -> bool:
    """Whether *target* has other markup than *source* only where people are free to choose it."""
    ours, theirs = Counter(_marks(source)), Counter(_marks(target))
    targets = {(kind, _TARGET.sub(r"\1", mark)) for kind, mark in ours if kind.startswith("role:")}
    left_out = all(kind in _FREE or kind.startswith("role:") for kind, _mark in ours - theirs)
    return left_out and all(
        (kind == "link" and "://" in mark)
        or (kind in _FREE and kind != "link")
        or (kind, _TARGET.sub(r"\1", mark)) in targets
        for kind, mark in theirs - ours
    )


def _beads(
    message: Message, entry: po.Entry, format_: Format, pipeline: Pipeline
) -> Iterator[tuple[Fragment, Fragment, float]]:
    """The sentences of a translated entry, aligned: source, translation, and how certain it is (0 to 1)."""
    source = split(message, format_, pipeline.source_language)
    target = split_fragment(format_.parse(entry.msgstr, message.kind), pipeline.language)
    if not source or not target:
        return
    languages = pipeline.source_language, pipeline.language
    beads = align_message([one.html for one in source], [encode(pieces) for pieces in target], languages)
    for bead in beads:
        if bead.source and bead.target:
            ours = join([source[index].pieces for index in bead.source], pipeline.source_language)
            yield ours, join([target[index] for index in bead.target], pipeline.language), bead.score


def pair_of(
    source: Fragment, target: Fragment, origin: Origin, score: float = 1.0, rename: Rename = lambda pieces: pieces
) -> SegmentPair | None:
    """A segment pair of parsed texts; ``None`` where their markup differs, so that it could not be restored."""
    theirs = sorted(_marks(target))
    if sorted(_marks(source)) != theirs:
        renamed = rename(source)
        if sorted(_marks(renamed)) != theirs:
            return None
        target = _named_back(target, source, renamed)
    return SegmentPair(encode(fold(source)), encode_like(fold(target), fold(source)), origin, score)


def _named_back(target: Fragment, source: Fragment, renamed: Fragment) -> Fragment:
    """*target*, whose markup is that of *renamed*, with the markup of *source* in its place."""
    originals: dict[tuple[str, str], list[Protected | Inline]] = {}
    for ours, theirs in zip(walk(source), walk(renamed), strict=True):
        if not isinstance(ours, str) and not isinstance(theirs, str):
            originals.setdefault(_mark(theirs), []).append(ours)

    def back(piece: Piece) -> Piece:
        if isinstance(piece, str):
            return piece
        original = originals[_mark(piece)].pop(0)
        if isinstance(piece, Inline) and isinstance(original, Inline):
            return replace(original, children=tuple(back(child) for child in piece.children))
        return original

    return tuple(back(piece) for piece in target)


def _marks(pieces: Fragment) -> Iterator[tuple[str, str]]:
    for piece in walk(pieces):
        if not isinstance(piece, str):
            yield _mark(piece)


def _mark(piece: Protected | Inline) -> tuple[str, str]:
    return piece.kind, piece.source if isinstance(piece, Protected) else f"{piece.open}{piece.close}"
