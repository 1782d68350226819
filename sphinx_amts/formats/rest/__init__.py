"""reStructuredText: inline markup, the start of blocks, titles with their lines, and tables."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace

from docutils.nodes import fully_normalize_name
from docutils.parsers.rst.states import Body
from docutils.utils import column_width

from sphinx_amts.formats import Edit, RenderError, ending, ordered, plain_text, replace_spans, splitlines
from sphinx_amts.formats.inline import fold, merge, plain
from sphinx_amts.formats.rest import markup, tables
from sphinx_amts.model import Fragment, Inline, Piece, Protected

PLAIN_KINDS = frozenset({"alt", "index", "meta", "toctree"})
"""Kinds of messages whose text is taken literally: no inline markup, no escapes."""

_DELIMITER = re.compile(" +: +")
_CLASSIFIER = Protected(" : ", ":", "classifier")

_REFERENCE = re.compile(
    r"""`((?:\\.|[^`<\\])+)`_(?!_)  # `Section title`_
    | <((?:\\.|[^`<>\\])+)_>`_     # `text <Section title_>`_
    | (?<![\w`])(\w[\w.+:-]*?)_(?![\w`])""",
    re.VERBOSE | re.DOTALL,
)
_LISTS = re.compile(r"^\s*(?:(?:[-*+•‣⁃]|\(?(?:#|\w+)[.)])\s+)*")
"""Markers of list items: what stands beside one gives the indent of the rest."""

_PARAGRAPHS = frozenset({"entry", "paragraph"})
"""Kinds of messages that a literal block may follow."""

_BARE_MARKER = re.compile(r"[-*+•‣⁃]|\(?(?:#|\w+)[.)]")

_BLOCKS = {
    name: re.compile(pattern) for name, pattern in Body.patterns.items() if name != "text" and Body.patterns[name]
}
"""What docutils takes a line for by how it begins."""


class RestFormat:
    """The syntax of docutils and Sphinx."""

    name = "rest"

    def __init__(self, dollars: bool = False) -> None:
        self._dollars = dollars
        """Whether an extension takes what stands between dollars for maths."""
        self._referenced: frozenset[str] = frozenset()
        self._titles: Collection[str] = ()

    def bind(self, labels: Sequence[str], titles: Collection[str] = ()) -> None:
        """Take *labels* for the names that the next document refers to; a link that defines one keeps its text.

        A reference to one of its *titles* reads as the title does, and is no text of its own.
        """
        self._referenced = frozenset(labels)
        self._titles = titles

    def parse(self, raw: str, kind: str) -> Fragment:
        """Pieces of *raw*; a final ``::`` counts as the colon that a reader sees."""
        if kind in PLAIN_KINDS:
            return fold((raw.strip(),))
        if _opens_literal(raw, kind):
            raw = raw.rstrip()[:-2]
            raw = raw if not raw or raw[-1].isspace() else raw + ":"
        pieces = markup.parse(raw.strip(), dollars=self._dollars)
        if kind == "term":
            pieces = merge(part for piece in pieces for part in _classified(piece))
        return tuple(self._kept(piece) for piece in pieces)

    def _kept(self, piece: Piece) -> Piece:
        if isinstance(piece, Inline) and is_named_link(piece):
            text = plain(piece.children)
            if fully_normalize_name(text) in self._referenced and not set(text) & set("\\`<"):
                return Protected(f"{piece.open}{text}{piece.close}", text, piece.kind)
        if isinstance(piece, Inline) and self._titles and (name := markup.name_of(piece)):
            return Protected(f"`{name}`_", name, "phrase") if fully_normalize_name(name) in self._titles else piece
        return piece

    def render(self, pieces: Fragment, raw: str, kind: str) -> str:
        """One line of text, escaped only where needed, that starts no other block and keeps a final ``::``."""
        if pieces == self.parse(raw, kind):
            return " ".join(raw.split())  # the author's own spelling of escapes
        if kind in PLAIN_KINDS:
            return plain_text(pieces, kind)
        text = _CLASSIFIER.source.join(_written(part, raw, kind) for part in _parts(pieces))
        if not _opens_literal(raw, kind):
            return text[:-1] + "\\:" if text.endswith("::") and kind in _PARAGRAPHS else text
        if text.endswith(":"):
            return text + ":"
        return f"{text} ::"

    def splice(self, text: str, edits: Iterable[Edit]) -> str:
        """See :meth:`sphinx_amts.formats.Format.splice`."""
        lines = splitlines(text)
        for edit in tables.splice(lines, _with_single_names(ordered(edits))):
            replace_spans(lines, _on_two_lines(lines, _below_marker(lines, edit)))
            if edit.message.context == "section":
                _adorn(lines, edit)
        return "".join(lines)


def _classified(piece: Piece) -> Iterator[Piece]:
    """*piece* of a definition list's term, cut at the colons behind which its classifiers begin."""
    if not isinstance(piece, str):
        yield piece
        return
    first, *others = _DELIMITER.split(piece)
    yield first
    for other in others:
        yield _CLASSIFIER
        yield other


def _parts(pieces: Fragment) -> list[Fragment]:
    """*pieces* of a term and of each of its classifiers; of another message, all pieces."""
    parts: list[list[Piece]] = [[]]
    for piece in pieces:
        if piece == _CLASSIFIER:
            parts.append([])
        else:
            parts[-1].append(piece)
    return [tuple(part) for part in parts]


def _written(pieces: Fragment, raw: str, kind: str) -> str:
    text = markup.write(pieces)
    if text is None:
        raise RenderError("inline-markup", "its inline markup cannot be written in reStructuredText")
    return _guard(text.strip(), raw, kind)


def reference_names(text: str) -> tuple[str, ...]:
    """Names that a document refers to, as docutils compares them (`` `Name`_ ``, `` `text <Name_>`_ ``, ``name_``)."""
    found = {next(filter(None, groups)) for groups in _REFERENCE.findall(text)} if "_" in text else set()
    return tuple(sorted(fully_normalize_name(re.sub(r"\\(.)", r"\1", name)) for name in found))


def is_named_link(piece: Inline) -> bool:
    """Whether *piece* is a link with an address that also defines its text as a name (`` `text <address>`_ ``)."""
    return piece.kind == "link" and piece.close.endswith(">`_")


def _with_single_names(edits: Sequence[Edit]) -> list[Edit]:
    """Let links whose translated texts are the same, but whose addresses are not, define no name."""
    known: dict[str, str] = {}
    result: list[Edit] = []
    for edit in edits:
        if ">`_" not in edit.text or edit.message.kind in PLAIN_KINDS:
            result.append(edit)
            continue
        pieces = list(markup.parse(edit.text))
        for number, piece in enumerate(pieces):
            if isinstance(piece, Inline) and is_named_link(piece):
                name = fully_normalize_name(plain(piece.children))
                if known.setdefault(name, piece.close) != piece.close:
                    pieces[number] = replace(piece, close=piece.close + "_")
        text = edit.text if tuple(pieces) == markup.parse(edit.text) else markup.write(tuple(pieces))
        result.append(edit if text is None else replace(edit, text=text))
    return result


def _opens_literal(raw: str, kind: str) -> bool:
    return kind in _PARAGRAPHS and raw.rstrip().endswith("::") and raw.strip() != "::"


def _guard(text: str, raw: str, kind: str) -> str:
    """Keep *text* from being taken for another kind of block where *raw* was not."""
    if kind == "term":
        text = re.sub(r" :(?= )", r" \\:", text)
    if kind == "field_name":
        text = re.sub(r"(?<!\\):(?=\s|$)", r"\\:", text)
    blocks = (name for name, pattern in _BLOCKS.items() if pattern.match(text))
    if all(kind == "title" and name != "line_block" and _BLOCKS[name].match(raw) for name in blocks):
        return text
    return ("\\ " if text.startswith("\\") else "\\") + text  # a backslash before another would escape it


def _below_marker(lines: list[str], edit: Edit) -> Edit:
    """*edit* on its second line, its first one taken away, where that line tells docutils how far the body is indented.

    After the marker of a field, an option, a footnote or a directive, the least indented of the following lines decides;
    a body whose other lines are all deeper (a literal block, a quotation) would lose their indent.
    """
    first, *rest = edit.message.spans
    line = lines[first.line - 1]
    if not rest or not _LISTS.sub("", line[: first.start]).strip():
        return edit
    outer, inner = len(line) - len(line.lstrip()), rest[0].start
    indents = []
    for following in lines[rest[-1].line :]:
        indent = len(following) - len(following.lstrip())
        if following.strip() and indent <= outer:
            break
        indents += [indent] if following.strip() else []
    if not indents or min(indents) <= inner:
        return edit
    lines[first.line - 1] = line[: first.start].rstrip() + ending(line)
    return replace(edit, message=replace(edit.message, spans=tuple(rest)))


def _on_two_lines(lines: Sequence[str], edit: Edit) -> Edit:
    r"""*edit* with a line break where its message is one paragraph only because it has several lines.

    One line with a deeper one right behind it would be a term, and one with a bare marker of a list behind it no item.
    Where there is no space, a backslash at the line's end leaves none.
    """
    spans = edit.message.spans
    following = lines[spans[-1].line] if spans[-1].line < len(lines) else ""
    if len(spans) < 2 or edit.message.kind != "paragraph" or not following.strip():
        return edit
    deeper = len(following) - len(following.lstrip()) > spans[1].start
    if not deeper and not _BARE_MARKER.fullmatch(following.strip()):
        return edit
    margin = ending(lines[spans[0].line - 1]) + lines[spans[1].line - 1][: spans[1].start]
    head, _space, tail = edit.text.rpartition(" ")
    if head and not head.endswith("\\"):
        return replace(edit, text=f"{head}{margin}{tail}")
    if edit.text[:2].isalnum():
        return replace(edit, text=f"{edit.text[0]}\\{margin}{edit.text[1:]}")
    return edit


def _adorn(lines: list[str], edit: Edit) -> None:
    """Fit a section title's underline and overline to its width in display columns, as docutils counts them."""
    first, last = edit.message.spans[0], edit.message.spans[-1]
    if last.line >= len(lines):
        return
    under = lines[last.line].rstrip()
    margin = under[: len(under) - len(under.lstrip())]
    mark = under[len(margin) :]
    if not mark or mark != mark[0] * len(mark) or mark[0].isalnum() or not mark.isascii():
        return
    title = lines[first.line - 1].rstrip()[len(margin) :]
    width = column_width(title)
    if len(mark) > first.start - len(margin) + column_width(edit.message.raw.rstrip()):
        width = max(width, len(mark))  # the author's lines are longer than their titles
    for number in (last.line, first.line - 2):
        if number >= 0 and lines[number].rstrip() == under:
            lines[number] = margin + mark[0] * width + ending(lines[number])
