"""MyST Markdown: inline markup, the start of blocks, table cells, options and images."""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from sphinx_amts.formats import Edit, RenderError, embedded, ordered, plain_text, replace_spans, separated, splitlines
from sphinx_amts.formats.inline import fold
from sphinx_amts.formats.myst import markup
from sphinx_amts.formats.rest import RestFormat
from sphinx_amts.model import Fragment, Message

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

PLAIN_KINDS = frozenset({"index", "meta", "toctree"})
"""Kinds of messages whose text is taken literally: no inline markup, no escapes."""

_DEFINITION = re.compile(r"^[ >]*\[(?!\^)((?:\\.|[^\[\]\\])+)\]:", re.MULTILINE)
_YAML_SPECIAL = re.compile(
    r"^[\s\-?:,\[\]{}#&*!|>'\"%@`]|: |:$| #|\s$|^(?:true|false|null|yes|no|on|off|~)$", re.IGNORECASE
)
_OPTION_KINDS = frozenset({"alt", "caption", "entry", "meta", "toctree"})
_OPTION = re.compile(r"\s*(?:\"[^\"]*\"|'[^']*'|:?[\w-]+(?: [\w=-]+)*):\s+(?P<quote>[\"']?)$")
_HTML_ATTRIBUTE = re.compile(r"(?:alt|attribution)=[\"']?$")
_HARD_BREAK = re.compile(r"(?:\\|  )$", re.MULTILINE)


class MystFormat:
    """The syntax of MyST-Parser, with the extensions that *config* (its ``MdParserConfig``) switches on."""

    name = "myst"

    def __init__(self, config: Any) -> None:
        self._scanner = markup.Scanner(_parser(config))
        self._blocks = _parser(config)
        self._references: Sequence[str] = ()
        self._rest = RestFormat()

    def bind(self, labels: Sequence[str], titles: Collection[str] = ()) -> None:
        """See :meth:`sphinx_amts.formats.Format.bind`."""
        self._references = labels

    def parse(self, raw: str, kind: str) -> Fragment:
        """Pieces of *raw*."""
        if kind in PLAIN_KINDS:
            return fold((raw.strip(),))
        return markup.parse(raw.strip(), self._scanner, self._references)

    def render(self, pieces: Fragment, raw: str, kind: str) -> str:
        """A text, escaped only where needed, that starts no other block."""
        if pieces == self.parse(raw, kind):
            return raw.strip() if _HARD_BREAK.search(raw) else " ".join(raw.split())  # the author's own spelling
        if kind in PLAIN_KINDS:
            return plain_text(pieces, kind)
        text = markup.write(
            pieces, partial(markup.parse, scanner=self._scanner, references=self._references, open_roles=True)
        )
        if text is None:
            raise RenderError("inline-markup", "its inline markup cannot be written in Markdown")
        return text.strip() if kind == "alt" else self._guard(text.strip())

    def _guard(self, text: str) -> str:
        """Keep *text* from being taken for another block than a paragraph."""
        if self._is_paragraph(text):
            return text
        marker = re.match(r"(\d{1,9})(?=[.)])", text)
        guarded = f"{marker.group()}\\{text[marker.end() :]}" if marker else f"\\{text}"
        if not self._is_paragraph(guarded):
            raise RenderError("block-start", "it would begin another kind of block")
        return guarded

    def _is_paragraph(self, text: str) -> bool:
        tokens = self._blocks.parse(f"x\n\n{text}")  # a definition list needs something before it
        paragraph = ["paragraph_open", "inline", "paragraph_close"]
        return [token.type for token in tokens] == paragraph * 2 and bool(tokens[4].content == text)

    def splice(self, text: str, edits: Iterable[Edit]) -> str:
        """See :meth:`sphinx_amts.formats.Format.splice`."""
        lines = splitlines(text)
        for edit in _nest(ordered(self._without_rest(lines, edits))):
            replace_spans(lines, Edit(edit.message, _fit(edit, lines)))
        return "".join(lines)

    def _without_rest(self, lines: list[str], edits: Iterable[Edit]) -> list[Edit]:
        """Put those of *edits* that are reST into *lines*; return the others."""
        found = list(edits)
        embedded.splice(lines, [edit for edit in found if edit.message.syntax == embedded.SYNTAX], self._rest)
        return [edit for edit in found if edit.message.syntax != embedded.SYNTAX]


def link_labels(text: str) -> tuple[str, ...]:
    """The link labels that a document defines, as markdown-it compares them."""
    if "]:" not in text:
        return ()
    from markdown_it.common.utils import normalizeReference

    return tuple(sorted({normalizeReference(label) for label in _DEFINITION.findall(text)}))


def _parser(config: Any) -> MarkdownIt:
    from markdown_it.renderer import RendererHTML
    from myst_parser.parsers.mdit import create_md_parser

    return create_md_parser(config, RendererHTML)


def _contains(outer: Message, inner: Message) -> bool:
    first, last, here = outer.spans[0], outer.spans[-1], inner.spans[0]
    return (first.line, first.start) <= (here.line, here.start) and (here.line, here.end) <= (last.line, last.end)


def _nest(edits: Sequence[Edit]) -> list[Edit]:
    """Move edits that lie inside another one (alternative texts in a paragraph) into its text."""
    outer: list[Edit] = []
    for edit in reversed(edits):
        place = _place_around(outer, edit.message)
        if place is None:
            outer.append(edit)
        else:
            around = outer[place]
            outer[place] = Edit(around.message, _with_alternative(around.text, edit))
    return outer[::-1]


def _with_alternative(text: str, edit: Edit) -> str:
    """*text* with the alternative text of a picture in it, in Markdown or in HTML, replaced."""
    raw, quoted = edit.message.raw, html.escape(edit.text)
    for old, new in (
        (f"![{raw}]", f"![{_in_brackets(edit.text)}]"),
        (f'alt="{raw}"', f'alt="{quoted}"'),
        (f"alt='{raw}'", f"alt='{quoted}'"),
    ):
        if old in text:
            return text.replace(old, new, 1)
    return text


def _place_around(outer: Sequence[Edit], message: Message) -> int | None:
    """Which of *outer*, in the order of the file and none inside another, *message* lies in."""
    here, found = message.spans[0], None
    for place in range(len(outer) - 1, -1, -1):
        other = outer[place].message
        if (other.spans[-1].line, other.spans[-1].end) < (here.line, here.end):
            break  # it ends too early, and those before it end earlier still
        if other is not message and _contains(other, message):
            found = place
    return found


def _fit(edit: Edit, lines: Sequence[str]) -> str:
    """The text as its surroundings need it: escaped bars in a table row, quotes in an option, margins behind a break."""
    text, first = edit.text, edit.message.spans[0]
    line = lines[first.line - 1]
    before, behind = line[: first.start], line[first.end :]
    if edit.message.kind == "entry" and (quoted := separated.fitted(edit, lines)) is not edit:
        return quoted.text
    if edit.message.kind == "entry" and "|" in before + behind:
        return re.sub(r"(?<!\\)((?:\\\\)*)\|", r"\1\\|", text)
    if edit.message.kind == "alt" and before.endswith("!["):
        return _in_brackets(text)
    if edit.message.kind in {"alt", "attribution"} and _HTML_ATTRIBUTE.search(before):
        return html.escape(text)
    if edit.message.kind in _OPTION_KINDS and (option := _OPTION.match(before)):
        return _option_value(text, option["quote"])
    if "\n" in text and len(edit.message.spans) > 1:
        second = edit.message.spans[1]
        margin = lines[second.line - 1][: second.start]
        return text.replace("\n", "\n" + margin)
    return text


def _in_brackets(text: str) -> str:
    return re.sub(r"(?<!\\)[\[\]]", r"\\\g<0>", text)


def _option_value(text: str, quote: str) -> str:
    """*text* as the YAML value of an option; *quote* stands around it in the source already."""
    if quote == "'":
        return text.replace("'", "''")
    if not quote and not _YAML_SPECIAL.search(text):
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return escaped if quote else f'"{escaped}"'
