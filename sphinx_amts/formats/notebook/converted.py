"""Notebooks that nbsphinx reads: Pandoc makes reST of their Markdown, so messages and catalogs are reST.

The Markdown that a message came from is found by its words, in the order of the notebook. To localize it, the markup of the
translation is replaced piece by piece by the author's Markdown: Pandoc keeps the order and the kinds of markup.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sphinx_amts.formats import Edit, RenderError, splitlines
from sphinx_amts.formats.inline import merge, walk
from sphinx_amts.formats.notebook import LINES, markdown_cells, splice_cells
from sphinx_amts.formats.pandoc import PandocFormat
from sphinx_amts.formats.rest import RestFormat
from sphinx_amts.model import Fragment, Inline, Piece, Protected

_KINDS = {
    "literal": "code", "backticks": "code", "role:math": "math", "math_inline": "math", "substitution_reference": "image",
    "uri": "autolink",
}  # fmt: skip
"""Kinds of markup, by their names in either syntax, that become each other; others keep their names."""

_WORDLESS = {"image", "html_inline"}

CAPTION_MARK = re.compile(r"(?:[Tt]able)?:\s*")
"""What begins a paragraph that Pandoc takes for the caption of a table."""

_HARD_BREAK = re.compile(r"(?: {2,}|\\)\n")
_TEXT_BLOCKS = {"paragraph_open": "paragraph", "heading_open": "title", "th_open": "entry", "td_open": "entry"}


@dataclass(frozen=True, slots=True)
class Block:
    """A block of text in a Markdown cell, or the text of a picture in it."""

    line: int
    """Its line in the notebook, as :mod:`sphinx_amts.formats.notebook` counts."""
    kind: str
    """Kind of message that it becomes (``paragraph``, ``title``, ``entry``, ``alt``)."""
    content: str
    """Its text as the author wrote it."""
    key: str
    """What :func:`key` makes of it."""

    def matches(self, wanted: str, kind: str) -> bool:
        """Whether a message of this *kind*, of whose text :func:`key` makes *wanted*, can come from here."""
        if (self.kind == "alt") != (kind == "alt"):
            return False
        mark = CAPTION_MARK.match(self.content) if kind == "caption" else None
        return self.key == (f"{mark.group().strip()[:-1]}{wanted}" if mark else wanted)


class ConvertedFormat(RestFormat):
    """Messages in reST, files in Markdown cells. Needs MyST-Parser for reading the Markdown."""

    name = "nbsphinx"

    def __init__(self) -> None:
        from myst_parser.config.main import MdParserConfig

        super().__init__()
        self.markdown = PandocFormat(MdParserConfig(enable_extensions={"dollarmath"}, disable_syntax=["myst_role"]))

    def splice(self, text: str, edits: Iterable[Edit]) -> str:
        """See :meth:`sphinx_amts.formats.Format.splice`."""
        return splice_cells(text, edits, self._splice)

    def _splice(self, source: str, edits: Iterable[Edit]) -> str:
        lines = splitlines(source)
        changed, failed = [], []
        for edit in edits:
            written = "\n".join(lines[span.line - 1][span.start : span.end] for span in edit.message.spans)
            text = self._translated(written, edit)
            if text is None:
                failed.append(edit)
            else:
                changed.append(Edit(replace(edit.message, raw=written), text))
        if failed:
            raise RenderError("notebook-markup", "its markup cannot be told apart in the notebook's Markdown", failed)
        return self.markdown.splice(source, changed)

    def _translated(self, written: str, edit: Edit) -> str | None:
        """The text of *edit* in Markdown, with the markup of *written*; ``None`` if the markup does not correspond."""
        message = edit.message
        if message.kind == "alt":
            return self.markdown.render((edit.text,), written, "alt")
        mark = CAPTION_MARK.match(written) if message.kind == "caption" else None
        start = mark.group() if mark else ""
        written = written[len(start) :]
        ours = self.markdown.parse(written, message.kind)
        translated = exchange(self.parse(edit.text, message.kind), self.parse(message.raw, message.kind), ours)
        if translated is None:
            return None
        try:
            return start + self.markdown.render(translated, written, message.kind)
        except RenderError:
            return None


def respelled(raw: str, kind: str) -> str:
    """Pandoc's reST in this program's spelling, so that the two can be compared: Pandoc escapes more than it must."""
    format_ = RestFormat()
    try:
        return format_.render(format_.parse(raw, kind), "", kind)
    except RenderError:
        return raw


def exchange(pieces: Fragment, source: Fragment, other: Fragment) -> Fragment | None:
    """*pieces*, which have the markup of *source*, with the markup of *other*, which is *source* in another syntax.

    ``None`` if the two do not have the same kinds of markup in the same order.
    """
    if not any(getattr(piece, "kind", "") == "autolink" for piece in walk(other)):
        pieces, source = _without_links(pieces), _without_links(source)  # Markdown knows no address without brackets
    theirs = [piece for piece in walk(source) if not isinstance(piece, str)]
    ours = [piece for piece in walk(other) if not isinstance(piece, str)]
    if [_kind(piece) for piece in theirs] != [_kind(piece) for piece in ours]:
        return None
    if [isinstance(piece, Inline) for piece in theirs] != [isinstance(piece, Inline) for piece in ours]:
        return None
    left = list(zip(map(_spelling, theirs), ours, strict=True))
    try:
        return _exchanged(pieces, left)
    except KeyError:
        return None  # a person's text with other markup than its source


def _exchanged(pieces: Fragment, left: list[tuple[object, Protected | Inline]]) -> Fragment:
    changed: list[Piece] = []
    for piece in pieces:
        if isinstance(piece, str):
            changed.append(piece)
            continue
        number = next((number for number, (spelling, _ours) in enumerate(left) if spelling == _spelling(piece)), None)
        if number is None:
            raise KeyError(_spelling(piece))
        ours = left.pop(number)[1]
        if isinstance(ours, Inline):
            assert isinstance(piece, Inline), "both sides were compared"
            ours = replace(ours, children=_exchanged(piece.children, left))
        changed.append(ours)
    return merge(changed)


def _without_links(pieces: Fragment) -> Fragment:
    """*pieces* with bare addresses, which reST takes for links, as text."""
    plain: list[Piece] = []
    for piece in pieces:
        if isinstance(piece, Inline):
            plain.append(replace(piece, children=_without_links(piece.children)))
        else:
            plain.append(piece.source if isinstance(piece, Protected) and piece.kind == "uri" else piece)
    return merge(plain)


def _kind(piece: Protected | Inline) -> str:
    return _KINDS.get(piece.kind, piece.kind)


def _spelling(piece: Protected | Inline) -> object:
    return piece.source if isinstance(piece, Protected) else (piece.kind, piece.open, piece.close)


# -- finding -------------------------------------------------------------------------------------------------------


def key(pieces: Fragment) -> str:
    """The letters and digits that a reader sees of *pieces*, without pictures, by which both syntaxes are compared."""
    shown = (piece if isinstance(piece, str) else _shown(piece) for piece in walk(pieces))
    return re.sub(r"[\W_]+", "", "".join(shown))


def _shown(piece: Protected | Inline) -> str:
    return piece.text if isinstance(piece, Protected) and _kind(piece) not in _WORDLESS else ""


def blocks(text: str, format_: ConvertedFormat) -> list[Block]:
    """The texts of the Markdown cells of a notebook, in order; a picture's text follows its paragraph."""
    found: list[Block] = []
    for number, source in markdown_cells(text).items():
        found += _blocks(source, (number + 1) * LINES, format_.markdown)
    return found


def _blocks(source: str, offset: int, markdown: PandocFormat) -> Iterator[Block]:
    tokens = markdown.tokens(source)
    for number, token in enumerate(tokens):
        kind = _TEXT_BLOCKS.get(tokens[number - 1].type, "")
        if token.type != "inline" or not kind:
            continue
        line = offset + (token.map[0] if token.map else 0) + 1
        before = 0
        for part in _HARD_BREAK.split(token.content):  # Pandoc makes blocks of what stands between forced line breaks
            yield Block(line + before, kind, part, key(markdown.parse(part, kind)))
            before += part.count("\n") + 1
        for picture in _pictures(token.children or ()):
            yield Block(line, "alt", picture.content, key((picture.content,)))


def _pictures(tokens: Sequence[Any]) -> Iterator[Any]:
    return (token for token in tokens if token.type == "image" and token.content.strip())
