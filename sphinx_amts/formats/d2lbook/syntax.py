"""d2lbook Markdown as a format: Pandoc's, with d2lbook's marks, and with lines that d2lbook reads as it read the author's.

A translated block becomes one line, as in every format, unless d2lbook would then see other cells in the file; in that case
it gets line breaks where they make d2lbook see the same ones, and if nothing helps it stays in the source language.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from unicodedata import category

from sphinx_amts.formats import Edit, RenderError, ending, splitlines
from sphinx_amts.formats.d2lbook import outline
from sphinx_amts.formats.d2lbook.marks import SLIDES
from sphinx_amts.formats.inline import skeleton, walk
from sphinx_amts.formats.myst import markup
from sphinx_amts.formats.pandoc import PandocFormat, opaque_offsets
from sphinx_amts.model import Fragment, Inline, Span

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_inline import StateInline

_BREAK = 0xF0000
"""First of the private-use characters that stand for line breaks while a block is put together."""

_BREAKS = re.compile("[\U000f0000-\U000fffff]")
_UNSPACED = re.compile("[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]")
"""Chinese and Japanese characters, beside which a reader takes a line break for none (``translate.people.join_lines``)."""

_WORD_JOINER = "&#8288;"


class D2lFormat(PandocFormat):
    """The syntax of a d2lbook project's ``.md`` files; *config* is MyST-Parser's ``MdParserConfig``."""

    name = "d2lbook"

    def __init__(self, config: Any) -> None:
        super().__init__(config)
        self._scanner = _Scanner(_parser(config))
        self._blocks = _parser(config)

    def parse(self, raw: str, kind: str) -> Fragment:
        """Pieces of *raw*; an alternative text has markup like any other text."""
        return super().parse(raw, _read_as(kind))

    def render(self, pieces: Fragment, raw: str, kind: str) -> str:
        """A text that MyST-Parser and Pandoc, which d2lbook converts with, read alike."""
        text = super().render(pieces, raw, _read_as(kind))
        if text == " ".join(raw.split()):
            return text
        if kind in {"caption", "alt"}:
            return self._in_brackets(text)
        if kind != "paragraph":
            return text
        wanted = _shape(raw.strip())
        return next((spelled for spelled in self._spellings(text) if _shape(spelled) == wanted), text)

    def _in_brackets(self, text: str) -> str:
        """*text* as it can stand in ``![…](…)``."""
        for candidate in (text, self.same(self.escaped(text, r"(?<!\\)[\[\]]"), text)):
            [inline] = self._blocks.parseInline(f"![{candidate}](x)", {})
            if [child.content for child in inline.children or ()] == [candidate]:
                return candidate
        raise RenderError("caption", "its brackets would end the picture's text")

    # -- the file --------------------------------------------------------------------------------------------------

    def splice(self, text: str, edits: Iterable[Edit]) -> str:
        """See :meth:`sphinx_amts.formats.Format.splice`; d2lbook sees the same cells in the result as in *text*."""
        lines = splitlines(text)
        blocks = outline.paragraphs([line.rstrip("\r\n") for line in lines])
        at = {number: block for block in blocks for number in block}
        grouped: dict[range, list[Edit]] = {}
        for edit in self._without_rest(lines, edits):
            first, last = edit.message.spans[0].line - 1, edit.message.spans[-1].line
            grouped.setdefault(at.get(first, range(first, last)), []).append(edit)
        for block, own in grouped.items():
            source = lines[block.start : block.stop]
            lines[block.start : block.stop] = [self._replace(source, own, block.start), *[""] * (len(block) - 1)]
        return "".join(lines)

    def _replace(self, lines: Sequence[str], edits: Sequence[Edit], offset: int) -> str:
        """The text of a block with *edits*, whose spans count from the file's first line."""
        moved = [_in_block(edit, lines, offset) for edit in edits]
        wanted = _view(lines)
        if _view(splitlines(text := self._put(lines, moved))) == wanted:
            return text
        fitted = [self._fitted(edit, lines, wanted) for edit in moved]
        failed = [edit for edit, found in zip(edits, fitted, strict=True) if found is None]
        if not failed and _view(splitlines(text := self._put(lines, [one for one in fitted if one]))) == wanted:
            return text
        raise RenderError(
            "d2lbook-cells", "d2lbook would take its lines for other cells than the author's", failed or edits
        )

    def _put(self, lines: Sequence[str], edits: Iterable[Edit]) -> str:
        text = super().splice("".join(lines), edits)
        end = ending(lines[0]) or "\n"
        margins = [line[: len(line) - len(line.lstrip())] for line in lines]
        return _BREAKS.sub(lambda match: end + margins[ord(match.group()) - _BREAK], text)

    def _fitted(self, edit: Edit, lines: Sequence[str], wanted: object) -> Edit | None:
        """*edit* in a spelling that leaves d2lbook's cells alone."""
        for text in self._spellings(edit.text):
            for broken in self._broken(text, edit.message.spans, lines):
                candidate = Edit(edit.message, broken)
                if _view(splitlines(self._put(lines, [candidate]))) == wanted:
                    return candidate
        return None

    def _spellings(self, text: str) -> Iterator[str]:
        """Spellings of *text* that begin differently, or keep brackets and stars apart; the author's way first."""
        yield text
        if match := re.match(r"\d+(?=\.)", text):
            yield self.same(f"{match.group()}\\{text[match.end() :]}", text)
        yield self.same(f"\\{text}", text)
        if match := re.match(r"(\*\*?)(?!\*)(.+?)\1(?!\*)", text):
            low = match[1].replace("*", "_")
            spelled = f"{low}{match[2]}{low}{text[match.end() :]}"
            if _starred(self.parse(spelled, "paragraph")) == _starred(self.parse(text, "paragraph")):
                yield spelled
        yield self._apart(text)
        yield _WORD_JOINER + text

    def _apart(self, text: str) -> str:
        """*text* with a space between stars and brackets that d2lbook would take for a slide mark."""
        slides = [mark for mark in self._scanner.scan(text, self._references) if mark.kind.startswith("d2l_slide")]
        marks = opaque_offsets(slides)
        for match in reversed(list(re.finditer(r"[(\[](?=\*\*|~~)|(?:\*\*|~~)(?=[)\]])", text))):
            if match.start() not in marks:
                text = f"{text[: match.end()]} {text[match.end() :]}"
        return text

    def _broken(self, text: str, spans: Sequence[Span], lines: Sequence[str]) -> Iterator[str]:
        """*text* on one line, and broken so that its lines are to d2lbook what the author's lines were."""
        yield text
        if len(spans) == 1 or "\n" in text:
            return
        starts = outline.starts([line.rstrip("\r\n") for line in lines])
        numbers = range(spans[0].line, spans[-1].line)  # 0-based lines after the message's first one
        wanted = [(number, starts[number]) for number in numbers if starts[number]] or [(numbers[0], "text")]
        chosen = _choose([kind for _number, kind in wanted], self._places(text))
        broken = text
        for (number, _kind), place in reversed(list(zip(wanted, chosen or (), strict=False))):
            broken = f"{broken[:place]}{chr(_BREAK + number)}{broken[place:]}"
        plain = _BREAKS.sub("\n", broken)
        if chosen and self._is_paragraph(plain) and self._skeleton(plain) == self._skeleton(text):
            yield broken

    def _skeleton(self, text: str) -> object:
        return skeleton(self.parse(text, "paragraph"))

    def _places(self, text: str) -> list[tuple[int, str]]:
        """Where *text* may be broken, and what d2lbook takes a line that begins there for.

        The best places come first: behind a space, then behind punctuation, and near the middle.
        """
        opaque = opaque_offsets(self._scanner.scan(text, self._references), breaks=True)
        places = [place for place in range(1, len(text)) if place not in opaque and not text[place].isspace()]
        places.sort(
            key=lambda place: (not text[place - 1].isspace(), text[place - 1].isalnum(), abs(2 * place - len(text)))
        )
        found = []
        for place in places:
            kind = outline.kinds([text[place:]])[0]
            apart = text[place - 1].isspace() or _UNSPACED.search(text[place - 1 : place + 1])
            if (kind == "list" or text[place].isalpha()) and apart and text[place - 1] != "\\":
                found.append((place, kind))
        return found


def _choose(kinds: Sequence[str], places: Sequence[tuple[int, str]]) -> list[int] | None:
    """Ascending places, one for each of *kinds*, that begin a line of that kind; early ones in *places* are better."""
    limits: list[int] = []
    limit = max((place for place, _kind in places), default=0) + 1
    for kind in reversed(kinds):  # the last place for each that leaves room for the rest
        limit = max((place for place, own in places if own == kind and place < limit), default=0)
        if not limit:
            return None
        limits.append(limit)
    chosen = [0]
    for kind, limit in zip(kinds, reversed(limits), strict=True):
        chosen.append(next(place for place, own in places if own == kind and chosen[-1] < place <= limit))
    return chosen[1:]


def _read_as(kind: str) -> str:
    return "paragraph" if kind == "alt" else kind


def _in_block(edit: Edit, lines: Sequence[str], offset: int) -> Edit:
    """*edit* with spans that count from the block's first line.

    A caption behind its colon does not begin with punctuation, or Pandoc would not take it for one.
    """
    spans = tuple(replace(span, line=span.line - offset) for span in edit.message.spans)
    before = lines[spans[0].line - 1][: spans[0].start]
    apart = edit.message.kind == "caption" and before.endswith(":") and category(edit.text[0]).startswith("P")
    return Edit(replace(edit.message, spans=spans), f" {edit.text}" if apart else edit.text)


def _view(lines: Sequence[str]) -> object:
    """What d2lbook makes of a block: its kinds (with and without the margin, which it strips at times), its slide marks."""
    return outline.kinds(lines), outline.kinds([lines[0].lstrip(), *lines[1:]]), _slides("".join(lines))


def _shape(text: str) -> object:
    """What d2lbook makes of the beginning of a paragraph, and its slide marks."""
    return outline.kinds(text.splitlines()[:1])[:1], _slides(text)


def _slides(text: str) -> tuple[int, ...]:
    """For each kind of slide mark, how many more are opened than closed; d2lbook stops where that is not nought."""
    return tuple(text.count(opening) - text.count(closing) for opening, closing in SLIDES.items())


def _starred(pieces: Fragment) -> list[object]:
    """*pieces* without the difference between ``*`` and ``_``."""
    return [
        (piece.kind, piece.open.replace("_", "*")) if isinstance(piece, Inline) else piece for piece in walk(pieces)
    ]


def _parser(config: Any) -> MarkdownIt:
    from markdown_it.renderer import RendererHTML

    from sphinx_amts.formats.d2lbook.parser import markdown

    return markdown(config, RendererHTML)


class _Scanner(markup.Scanner):
    """Knows that a slide mark begins with the bracket before its stars."""

    def _recorded(self, name: str, rule: Callable[..., bool]) -> Callable[..., bool]:
        return self._slide_rule(rule) if name == "d2l_slide" else super()._recorded(name, rule)

    def _slide_rule(self, rule: Callable[..., bool]) -> Callable[..., bool]:
        def run(state: StateInline, silent: bool) -> bool:
            if silent:
                return rule(state, silent)
            start = state.pos
            self._levels.append([])
            matched = rule(state, silent)
            nested = self._levels.pop()
            if matched:
                first = start - 1 if state.src[start - 1 : start + 2] in SLIDES and start else start
                whole = state.pos - first > 3
                inner = (first + 3, state.pos - 3) if whole else None
                self._levels[-1].append(
                    markup.Mark(first, state.pos, "d2l_slide" if whole else "d2l_slide_half", inner)
                )
                self._levels[-1].extend(nested)
            return matched

        return run
