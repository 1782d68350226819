"""Asking an engine, and believing nothing that it returns.

Segments go out in chunks; what arrives is checked and stored at once. A segment that comes back damaged is tried again
alone, then piece by piece between its tags; what still fails stays in the source language and is named.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from sphinx_amts.engines import CHUNK, Engine, Repeater, is_failure, reason
from sphinx_amts.formats.inline import TagError, decode, encode, has_words, merge, segment, walk
from sphinx_amts.memory import Memory
from sphinx_amts.model import AmtsError, Diagnostic, Fragment, Inline, Origin, Piece, Segment, SegmentPair, Translation

logger = logging.getLogger("sphinx.sphinx_amts.translate")

PATIENCE = 8
"""Calls that may fail in a row before an engine is not asked any more in this run; one that is halved is not over yet."""


class AnswerError(AmtsError):
    """An engine returned something else than one answer for each segment; with fewer segments it may do better."""


@dataclass(slots=True)
class Asker:
    """Translates segments with one engine for one language."""

    engine: Engine
    source_language: str
    target_language: str
    memory: Memory
    progress: Callable[[int], None] = lambda _count: None
    sent_segments: int = 0
    sent_characters: int = 0
    answers: dict[str, Translation] = field(default_factory=dict)
    """Usable translations of this run, by segment."""
    restored: dict[str, tuple[Fragment, Fragment]] = field(default_factory=dict)
    """Pieces of the source that was sent, and those that :func:`decode` gave of the answer: another source may look the same to an engine."""
    problems: dict[str, Diagnostic] = field(default_factory=dict)
    """Why a segment stays in the source language."""
    stopped: bool = False
    """Set from another thread when the user interrupts the run: no further chunk is sent."""
    _failures: int = 0

    @property
    def fingerprint(self) -> str:
        """What decides the engine's answers, as far as it says; else its name."""
        return f"{self.engine.name}:{getattr(self.engine, 'fingerprint', '')}"

    def ask(self, segments: Sequence[Segment]) -> None:
        """Translate *segments*, each of which is unknown to the memory, and remember what can be used."""
        size = getattr(self.engine, "batch_size", CHUNK) or len(segments)
        for start in range(0, len(segments), size):
            if self.stopped:
                return
            chunk = segments[start : start + size]
            self._round(chunk)
            self.progress(len(chunk))

    def pieces_of(self, one: Segment, answer: Translation) -> Fragment:
        """The pieces of the *answer* to *one*, with the markup of its source; raises :class:`TagError` if it does not fit."""
        source, pieces = self.restored.get(one.html, ((), ()))
        if self.answers.get(one.html) is answer and source == one.pieces:
            return pieces
        return decode(answer.text, one.pieces)

    def forget(self) -> None:
        """Let go of all answers; the memory has their texts."""
        self.answers.clear()
        self.restored.clear()

    def _round(self, chunk: Sequence[Segment]) -> None:
        damaged = self._take(chunk, self._send(chunk))
        if len(chunk) > 1:
            damaged = self._again(damaged)
        self._piecewise(damaged)

    def _again(self, damaged: Sequence[Segment]) -> list[Segment]:
        """Send what came back damaged once more, without its neighbours; in one call where calls are jobs."""
        if not self._in_jobs:
            return [one for one in damaged if self._take([one], self._send([one]))]
        return self._take(damaged, self._send(damaged)) if damaged else []

    @property
    def _in_jobs(self) -> bool:
        """Whether the engine wants all segments in one call."""
        return getattr(self.engine, "batch_size", CHUNK) == 0

    def _send(self, chunk: Sequence[Segment]) -> list[str | None]:
        """Call the engine; ``None`` for what it did not translate. A chunk that fails as a whole is halved."""
        if self._failures >= PATIENCE:
            return [None] * len(chunk)
        try:
            answers = self._call(chunk)
        except BaseException as error:
            if not is_failure(error):
                raise
            logger.warning("%s: engine %r failed: %s", self.target_language, self.engine.name, reason(error))
            for one in chunk:
                self._problem(one, "engine-failed", f"engine {self.engine.name!r} failed: {reason(error)}")
            if len(chunk) == 1 or (isinstance(error, AmtsError) and not isinstance(error, AnswerError)):
                self._failures += 1
                return [None] * len(chunk)
            middle = len(chunk) // 2
            return self._send(chunk[:middle]) + self._send(chunk[middle:])
        self._failures = 0
        return [answer if isinstance(answer, str) else None for answer in answers]

    def _call(self, chunk: Sequence[Segment]) -> list[object]:
        """What the engine returns for *chunk*, one answer for each segment; raises whatever it raises.

        Counts what is given to it, with what it says that it has tried again by itself.
        """
        self._count(chunk)
        returned = self.engine.translate([one.html for one in chunk], self.source_language, self.target_language)
        if returned is None or isinstance(returned, (str, bytes, Mapping, set, frozenset)):
            raise AnswerError(f"it returned {type(returned).__name__} and no list of translations")
        answers: list[object] = list(islice(returned, len(chunk) + 1))  # it may have no end
        if isinstance(self.engine, Repeater):
            again = set(self.engine.sent_again)
            self._count([one for one in chunk if one.html in again])
        if len(answers) != len(chunk):
            count = str(len(answers)) if len(answers) < len(chunk) else "too many"
            raise AnswerError(f"{count} translations came back for {len(chunk)} segments")
        return answers

    def _count(self, sent: Sequence[Segment]) -> None:
        self.sent_segments += len(sent)
        self.sent_characters += sum(one.characters for one in sent)

    def _take(self, chunk: Sequence[Segment], answers: Sequence[str | None]) -> list[Segment]:
        """Remember the usable *answers*; return the segments whose answers are damaged."""
        damaged: list[Segment] = []
        good: list[SegmentPair] = []
        for one, answer in zip(chunk, answers, strict=True):
            if answer is None:
                self._problem(one, "not-translated", f"engine {self.engine.name!r} gave no translation")
                continue
            try:
                pieces = one.pieces if _came_back(one, answer) else decode(answer, one.pieces)
            except TagError as error:
                self._problem(one, error.code, str(error))
                damaged.append(one)
                continue
            good.append(self._remember(one, pieces))
            self.restored[one.html] = one.pieces, pieces
        if good:
            self.memory.add(good, self.engine.name)
        refused = [one.html for one, answer in zip(chunk, answers, strict=True) if answer is None]
        if refused and hasattr(self.engine, "fingerprint"):
            self.memory.refuse(refused, self.fingerprint)
        return damaged

    def _remember(self, one: Segment, pieces: Fragment) -> SegmentPair:
        html = one.html if pieces is one.pieces else encode_like(pieces, one.pieces)
        self.answers[one.html] = Translation(html, Origin.MACHINE, self.engine.name)
        self.problems.pop(one.html, None)
        return SegmentPair(one.html, html, Origin.MACHINE)

    def _problem(self, one: Segment, code: str, reason: str) -> None:
        self.problems.setdefault(one.html, Diagnostic(code, reason))

    def _piecewise(self, damaged: Sequence[Segment]) -> None:
        """Translate the runs of text between the tags of *damaged*, and leave the tags where the source has them."""
        parts: dict[str, Segment] = {}
        for one in damaged:
            parts.update((run, segment((run.strip(),))) for run in _runs(one.pieces) if has_words((run,)))
        whole = {one.html for one in damaged}
        unknown = [
            part for part in dict.fromkeys(parts.values()) if part.html not in whole and self._known(part) is None
        ]
        size = getattr(self.engine, "batch_size", CHUNK) or len(unknown) or 1
        for start in range(0, len(unknown), size):
            self._take(unknown[start : start + size], self._send(unknown[start : start + size]))
        for one in damaged:
            texts = {run: self._known(parts[run]) for run in _runs(one.pieces) if has_words((run,))}
            if not texts or any(text is None for text in texts.values()):
                self.memory.refuse([one.html], self.fingerprint)
                continue
            plain_texts = {run: _plain(text, parts[run]) for run, text in texts.items() if text is not None}
            pieces = _replace_runs(one.pieces, plain_texts)
            self.memory.add([self._remember(one, pieces)], self.engine.name)

    def _known(self, part: Segment) -> Translation | None:
        return self.answers.get(part.html) or self.memory.get(part.html, self.engine.name)


def _came_back(one: Segment, answer: str) -> bool:
    """Whether *answer* is what was sent, as of a name, with nothing in it that :func:`decode` would change or refuse."""
    return answer == one.html and answer.isprintable() and not any(isinstance(piece, Inline) for piece in one.pieces)


def _plain(translation: Translation, part: Segment) -> str:
    pieces = decode(translation.text, part.pieces)
    return "".join(piece for piece in pieces if isinstance(piece, str))


def _runs(pieces: Fragment) -> Iterable[str]:
    for piece in pieces:
        if isinstance(piece, str):
            yield piece
        elif isinstance(piece, Inline):
            yield from _runs(piece.children)


def _replace_runs(pieces: Fragment, texts: dict[str, str]) -> Fragment:
    replaced: list[Piece] = []
    for piece in pieces:
        if isinstance(piece, str):
            text = texts.get(piece)
            lead, trail = piece[: len(piece) - len(piece.lstrip())], piece[len(piece.rstrip()) :]
            replaced.append(piece if text is None else f"{lead}{text}{trail}")
        elif isinstance(piece, Inline):
            replaced.append(Inline(piece.open, piece.close, _replace_runs(piece.children, texts), piece.kind))
        else:
            replaced.append(piece)
    return merge(replaced)


def encode_like(pieces: Fragment, source: Fragment) -> str:
    """Write *pieces* with the ids that their markup has in *source*, so that the pair can be decoded again."""
    return encode(pieces, order_like(pieces, source))


def order_like(pieces: Fragment, source: Fragment) -> list[int]:
    """For each markup of *pieces*, its number (from 1) in *source*; raises :class:`LookupError` if *source* has it not."""
    numbers: dict[tuple[str, ...], list[int]] = {}
    for number, piece in enumerate((piece for piece in walk(source) if not isinstance(piece, str)), 1):
        numbers.setdefault(_identity(piece), []).append(number)
    return [numbers[_identity(piece)].pop(0) for piece in walk(pieces) if not isinstance(piece, str)]


def _identity(piece: Piece) -> tuple[str, ...]:
    if isinstance(piece, Inline):
        return (piece.kind, piece.open, piece.close)
    assert not isinstance(piece, str), "texts have no identity"
    return (piece.kind, piece.source)
