"""Which text of a translated document is the translation of which message, and how far that can be trusted.

Structure alone does not tell: a translator leaves a paragraph out, splits one, or adds one, and all that follow shift. So the
sentences are aligned, with code and maths as anchors, and a pairing stands by its score.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sphinx_amts.align import MismatchError, align_book, mean_score
from sphinx_amts.cli.evaluate.aligned import Side, check_document
from sphinx_amts.cli.reading import Block, blocks_of
from sphinx_amts.formats import RenderError
from sphinx_amts.formats.inline import has_words
from sphinx_amts.model import Bead, Document, Message
from sphinx_amts.translate import Book
from sphinx_amts.translate.people import fold
from sphinx_amts.translate.splitting import join

TRUSTED = 0.5
"""Score from which a pairing stands by itself; also that from which ``amts align`` writes a pair."""
IN_PLACE = 0.1
"""Score that is enough between trusted neighbours: short and free texts share little, but there they have one place only."""
SURE = 0.9
"""Mean score from which a document is a translation of its counterpart without another check."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A document as one of the two books has it."""

    document: Document
    book: Book
    language: str

    def blocks(self) -> tuple[list[Message], list[Block]]:
        """The messages that hold any text, and their blocks."""
        blocks = blocks_of(self.document, self.book, self.language)
        both = [
            (message, block)
            for message, block in zip(self.document.messages, blocks, strict=True)
            if block.segments or block.text.strip()
        ]
        return [message for message, _ in both], [block for _, block in both]


@dataclass(frozen=True, slots=True)
class Counterpart:
    """A message and its translation, or why it has none."""

    message: Message
    text: str = ""
    """The translation; empty if there is none that can be trusted."""
    reason: str = ""
    """Why there is none."""


def counterparts(pairs: Sequence[tuple[Reading, Reading]]) -> list[list[Counterpart]]:
    """For each pair of a source document and its translation: the translatable messages with words, in order."""
    if not pairs:
        return []
    read = [(ours.blocks(), theirs.blocks()) for ours, theirs in pairs]
    sides = [(Side.of(ours[1]), Side.of(theirs[1])) for ours, theirs in read]
    languages = pairs[0][0].language, pairs[0][1].language
    beads = align_book([(ours.texts, theirs.texts) for ours, theirs in sides], languages=languages)
    found = []
    for (_, theirs), ((messages, blocks), others), side, aligned in zip(pairs, read, sides, beads, strict=True):
        problem = _mismatch(blocks, others[1], aligned, languages)
        pairing = _Pairing(theirs, messages, others[0], *side, aligned)
        wanted = [number for number, block in enumerate(blocks) if any(has_words(one.pieces) for one in block.segments)]
        found.append(
            [
                Counterpart(messages[number], reason=problem) if problem else pairing.counterpart(number)
                for number in wanted
            ]
        )
    return found


def _mismatch(ours: Sequence[Block], theirs: Sequence[Block], beads: Sequence[Bead], languages: tuple[str, str]) -> str:
    """Why a document is no translation of its counterpart; empty if it is one, or too short to tell."""
    if mean_score(beads) < SURE:
        try:
            check_document(ours, theirs, languages)
        except MismatchError as error:
            return str(error)
    return ""


@dataclass(frozen=True, slots=True)
class _Link:
    """What beads connect a source block with."""

    targets: tuple[int, ...]
    """Sentences of the translation, in order."""
    blocks: tuple[int, int]
    """The first and the last of their blocks."""
    score: float
    """Mean score, in which sentences without a counterpart count as 0."""
    crosses: bool
    """Whether a bead goes over the end of a block: then nobody can tell where one text ends and the next one begins."""


@dataclass(slots=True)
class _Pairing:
    """The aligned blocks of a document; *messages* and *others* are those of the source and of the translation."""

    theirs: Reading
    messages: Sequence[Message]
    others: Sequence[Message]
    source: Side
    target: Side
    beads: Sequence[Bead]
    links: list[_Link | None] = field(init=False)
    """Of each source block; ``None`` if no bead connects it with anything."""
    sharing: Counter[int] = field(init=False)
    """How many source blocks each block of the translation is connected with."""

    def __post_init__(self) -> None:
        of_source: list[list[Bead]] = [[] for _ in self.source.texts]
        alone: list[list[Bead]] = [[] for _ in self.target.texts]
        for bead in self.beads:
            for block in sorted({self.source.blocks[number] for number in bead.source}):
                of_source[block].append(bead)
            if not bead.source:
                alone[self.target.blocks[bead.target[0]]].append(bead)
        reached = [{self.target.blocks[number] for bead in beads for number in bead.target} for beads in of_source]
        self.sharing = Counter(block for blocks in reached for block in blocks)
        self.links = [
            self._link(beads, [one for block in blocks if self.sharing[block] == 1 for one in alone[block]])
            for beads, blocks in zip(of_source, reached, strict=True)
        ]

    def _link(self, beads: Sequence[Bead], added: Sequence[Bead]) -> _Link | None:
        """The link that *beads* make; *added* are sentences of the translation that stand in the same blocks alone."""
        targets = sorted({number for bead in [*beads, *added] for number in bead.target})
        if not any(bead.target for bead in beads):
            return None
        blocks = self.target.blocks[targets[0]], self.target.blocks[targets[-1]]
        crosses = any(
            side.blocks[numbers[0]] != side.blocks[numbers[-1]]
            for bead in beads
            for side, numbers in ((self.source, bead.source), (self.target, bead.target))
            if numbers
        )
        return _Link(tuple(targets), blocks, mean_score([*beads, *added]), crosses)

    def counterpart(self, number: int) -> Counterpart:
        """The translation of source block *number*."""
        message, link = self.messages[number], self.links[number]
        if link is None:
            return Counterpart(message, reason="the translation has no counterpart of it")
        if not self._is_trusted(number, link):
            return Counterpart(message, reason=f"its counterpart is in doubt (score {link.score:.2f})")
        if link.crosses:
            return Counterpart(message, reason="its counterpart cannot be told from its neighbours'")
        whole = link.blocks[0] == link.blocks[1] and self.sharing[link.blocks[0]] == 1
        other = self.others[link.blocks[0]]
        for one in self.others[link.blocks[0] : link.blocks[1] + 1]:
            if one.kind != message.kind:
                return Counterpart(message, reason=f"its kind is {message.kind}, that of its counterpart {one.kind}")
        return Counterpart(message, fold(other.raw)) if whole else self._written(message, other, link)

    def _written(self, message: Message, other: Message, link: _Link) -> Counterpart:
        """A counterpart that is made of parts of paragraphs, or of several."""
        parts = [one.pieces for one in self.target.prose(link.targets)]
        if len(parts) < len(link.targets):
            return Counterpart(message, reason="code or maths stands in the middle of its counterpart")
        format_ = self.theirs.book.format_of(other, self.theirs.document)
        try:
            text = format_.render(join(parts, self.theirs.language), other.raw, message.kind)
        except RenderError as error:
            return Counterpart(message, reason=f"its counterpart cannot be written as one text ({error})")
        return Counterpart(message, fold(text))

    def _is_trusted(self, number: int, link: _Link) -> bool:
        """Whether a pairing stands: by itself, or in a row of pairs, one to one, between trusted neighbours."""
        if link.score >= TRUSTED:
            return True
        before, after = range(number - 1, -1, -1), range(number + 1, len(self.links))
        return self._is_in_place(number) and all(
            self._leads_to_trust(number, numbers, step) for numbers, step in ((before, -1), (after, 1))
        )

    def _is_in_place(self, number: int) -> bool:
        """Whether a block has one counterpart of its own kind, for which some evidence speaks."""
        link = self.links[number]
        return (
            link is not None
            and link.blocks[0] == link.blocks[1]
            and self.sharing[link.blocks[0]] == 1
            and link.score >= IN_PLACE
            and self.messages[number].kind == self.others[link.blocks[0]].kind
        )

    def _leads_to_trust(self, number: int, numbers: Iterable[int], step: int) -> bool:
        """Whether the blocks *numbers*, beginning beside *number*, are paired in step up to a trusted one or the end."""
        link = self.links[number]
        assert link is not None, "only blocks in place are asked about"
        place = link.blocks[0]
        for one in numbers:
            place += step
            link = self.links[one]
            if link is None or link.blocks[0 if step > 0 else 1] != place:
                return False
            if link.score >= TRUSTED:
                return True
            if not self._is_in_place(one):
                return False
        return place == (len(self.others) - 1 if step > 0 else 0)
