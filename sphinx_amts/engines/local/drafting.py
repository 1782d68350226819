"""Drafts: a segment through the fuzzy memory and the phrase model, and back to HTML with a confidence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sphinx_amts.engines.local import confidence, tokens
from sphinx_amts.engines.local.decoder import Decoder
from sphinx_amts.engines.local.encoding import Encoded, encode, is_object, objects
from sphinx_amts.engines.local.language_model import BEGIN
from sphinx_amts.engines.local.markup import serialise
from sphinx_amts.engines.local.memory import Edit, FuzzyMemory, Kept, Match, plan
from sphinx_amts.engines.local.projection import Placed, to_html
from sphinx_amts.engines.local.training import sample_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sphinx_amts.engines.local.decoder import Result, Step
    from sphinx_amts.engines.local.language_model import Gram
    from sphinx_amts.engines.local.store import Store

_LONGEST = 60
"""Tokens that are translated at once; longer sentences are cut, at punctuation where there is some."""
_PAUSES = frozenset(",;:.!?，；：。！？、…")


@dataclass(frozen=True, slots=True)
class Draft:
    """A translation that may be used."""

    html: str
    """The translated segment."""
    confidence: float
    """Estimate of its chrF against a person's translation, from 0 to 1."""


class Drafter:
    """Translates segments with a model, if there is one, and with what is known of similar segments."""

    def __init__(self, pairs: Sequence[tuple[Encoded, Encoded]], store: Store | None, fuzzy: float) -> None:
        self._store = store
        self._decoder = None if store is None else Decoder(store.options, store.language)
        self._memory = FuzzyMemory(pairs)
        self._fuzzy = fuzzy

    def draft(self, html: str) -> Draft | None:
        """Translate a segment; raise :class:`~.markup.MarkupError` where its elements do not nest."""
        source = encode(html)
        if not any(tokens.is_word(word) for word in source.words):
            return Draft(html, 1.0)
        match = self._memory.find(source, self._fuzzy)
        if match is not None:
            repaired = self._repaired(source, match)
            if repaired is not None:
                return Draft(repaired, match.similarity)
        return self._translated(source)

    def _translated(self, source: Encoded) -> Draft | None:
        """Translate with the phrase model alone."""
        if self._decoder is None:
            return None
        pieces = list(self._decoded(source.words))
        size = max(1, sum(last - first for first, last, _ in pieces))
        trust = sum(
            confidence.confidence(source.words[first:last], result) * (last - first) for first, last, result in pieces
        )
        placed = _Layout(source)
        for first, _, result in pieces:
            for step in result.steps:
                self._place(placed, step, first)
        html = to_html(source, placed.finish(self._cased(source, placed)))
        return None if html is None else Draft(html, trust / size)

    def _decoded(self, words: tuple[str, ...]) -> Iterator[tuple[int, int, Result]]:
        """Translate *words* piece by piece."""
        assert self._decoder is not None
        state: Gram = (BEGIN,)
        for first, last in _pieces(words):
            result = self._decoder.translate(words[first:last], before=state, ends=last == len(words))[0]
            yield first, last, result
            state = self._decoder.language(state, result.target)[1]

    def _place(self, placed: _Layout, step: Step, offset: int) -> None:
        """Append the tokens of a phrase, each with the source token that it translates."""
        words = placed.source.words[offset + step.first : offset + step.last]
        waiting: dict[str, list[int]] = {}
        for index, word in enumerate(words):
            if is_object(word):
                waiting.setdefault(word, []).append(index)
        for position, form in enumerate(step.option.target):
            if is_object(form):
                owner = waiting[tokens.bare(form)].pop(0)
            else:
                owner = self._origin(words, form, position * len(words) / len(step.option.target))
            placed.append(form, offset + step.first + owner, step.option.known)

    def _origin(self, words: tuple[str, ...], form: str, diagonal: float) -> int:
        """The word of a source phrase that a target token most probably translates; of equal ones the nearest."""
        assert self._store is not None

        def rank(index: int) -> tuple[float, float]:
            assert self._store is not None
            return self._store.forward(words[index]).get(form, 0.0), -abs(index - diagonal)

        return max(range(len(words)), key=rank)

    def _cased(self, source: Encoded, placed: _Layout) -> list[str]:
        assert self._store is not None
        return self._store.casing.apply(placed.forms, source)

    def _repaired(self, source: Encoded, match: Match) -> str | None:
        """Take over the translation of a similar segment, and translate what differs; ``None`` where that fails."""
        links = () if self._store is None else self._store.links(sample_of(match.source, match.target)) or ()
        if match.edits and (self._decoder is None or not links):
            return None
        layout = plan(match, links)
        if layout is None:
            return None
        placed = _Layout(source)
        for item in layout:
            if isinstance(item, Kept):
                placed.append(match.target.forms[item.index], item.owner, True, match.target.surfaces[item.index])
            else:
                self._insert(placed, item)
        if objects(placed.forms) != objects(source.forms):
            return None
        words = self._cased(source, placed) if self._store is not None else list(placed.forms)
        return to_html(source, placed.finish(words), _known_ranges(source, match))

    def _insert(self, placed: _Layout, edit: Edit) -> None:
        """Translate the new words of an edit behind what is placed."""
        assert self._decoder is not None
        first, last = edit.new
        if first < last:
            state = self._decoder.language((BEGIN,), placed.forms)[1]
            result = self._decoder.translate(placed.source.words[first:last], before=state, ends=False)[0]
            for step in result.steps:
                self._place(placed, step, first)


class _Layout:
    """A translation in the making."""

    def __init__(self, source: Encoded) -> None:
        self.source = source
        self.forms: list[str] = []
        self._owners: list[int] = []
        self._fixed: list[str | None] = []

    def append(self, form: str, owner: int, known: bool, surface: str | None = None) -> None:
        """Add a token; what is not *known* is written as in the source, and a *surface* as it is."""
        self.forms.append(form)
        self._owners.append(owner)
        self._fixed.append(surface if known else self.source.surfaces[owner])

    def finish(self, words: Sequence[str]) -> Placed:
        """Write *words* where nothing else was said."""
        written = tuple(
            serialise((word,)) if fixed is None else fixed for word, fixed in zip(words, self._fixed, strict=True)
        )
        return Placed(tuple(self.forms), written, tuple(self._owners))


def _known_ranges(source: Encoded, match: Match) -> list[tuple[int, int]] | None:
    """Where the elements of *source* stand in the target of a match that differs in objects only."""
    known = {mark.start: (mark.first, mark.last) for mark in match.target.marks}
    here = [(mark.first, mark.last) for mark in source.marks]
    there = [(mark.first, mark.last) for mark in match.source.marks]
    if match.edits or here != there or {mark.start for mark in match.source.marks} != set(known):
        return None
    return [known[mark.start] for mark in match.source.marks]


def _pieces(words: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Cut a long sentence, behind punctuation if some stands in the second half of a piece."""
    first = 0
    while len(words) - first > _LONGEST:
        middle, end = first + _LONGEST // 2, first + _LONGEST
        last = next((index for index in range(end, middle, -1) if words[index - 1] in _PAUSES), end)
        yield first, last
        first = last
    yield first, len(words)
