"""d2lbook's additions to Markdown, as rules for a markdown-it parser: marks, slide marks, tabs, captions, figures.

The author's text is never rewritten: the rules read d2lbook's own spelling, so that messages, catalogs and localized
files have it too. Syntax: https://book.d2l.ai/user/markdown.html and the package ``d2lbook`` 1.0.3.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.ruler import RuleOptionsType
    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_core import StateCore
    from markdown_it.rules_inline import StateInline
    from markdown_it.token import Token

ROLES = {
    "numref": "numref", "ref": "ref", "eqref": "eq", "cite": "cite", "citet": "cite:t", "citep": "cite:p",
    "class": "py:class", "func": "py:func", "mod": "py:mod",
}  # fmt: skip
"""Marks inside a text and the roles that they are, as d2lbook translates them to reST."""

PLACED = ("label", "eqlabel", "width", "height", "bibliography")
"""Marks that stand on lines of their own and belong to what is before them."""

SLIDES = {"[**": "**]", "(**": "**)", "[~~": "~~]", "(~~": "~~)"}
"""Marks around a text that is shown on slides; with tildes it is shown on slides only."""

_INLINE = re.compile(r":([a-z]+):`([ *-/\\._\w]+)`")
_PLACED = re.compile(rf":({'|'.join(PLACED)}):`([^`]+)`\s*")
_BEGIN_TAB = re.compile(r":begin_tab:(?:`([ *-/\\._\w]+)`)?")
_SLIDE_MATH = re.compile(r"([\[(])\*\*\$\$(.*?)\$\$\*\*([\])])\s*$", re.DOTALL)
_ALONE: RuleOptionsType = {"alt": ["paragraph", "reference", "blockquote", "list"]}
_NOT_D2LBOOK = ["myst_line_comment", "myst_block_break", "myst_target", "myst_role"]


def dialect(md: MarkdownIt) -> None:
    """Add d2lbook's rules to *md*, and switch off what is MyST's alone (comments, targets and roles in braces)."""
    md.disable(_NOT_D2LBOOK, ignoreInvalid=True)
    md.block.ruler.before("fence", "d2l_marks", _marks_rule, _ALONE)
    md.block.ruler.before("fence", "d2l_tab", _tab_rule, _ALONE)
    md.block.ruler.before("fence", "d2l_slide_math", _slide_math_rule, _ALONE)
    md.inline.ruler.before("emphasis", "d2l_slide", slide_rule)
    md.inline.ruler.before("emphasis", "d2l_mark", mark_rule)
    md.core.ruler.before("inline", "d2l_figures", _figures_rule)
    md.core.ruler.after("d2l_figures", "d2l_attach", _attach_rule)


# -- inline --------------------------------------------------------------------------------------------------------


def mark_rule(state: StateInline, silent: bool) -> bool:
    """A mark inside a text, such as ``:numref:`x```."""
    match = _INLINE.match(state.src, state.pos) if state.src[state.pos] == ":" else None
    if match is None or match.end() > state.posMax or match[1] not in {*ROLES, "label"}:
        return False
    if not silent:
        token = state.push("d2l_mark", "", 0)
        token.meta = {"name": match[1]}
        token.content = match[2]
    state.pos = match.end()
    return True


def slide_rule(state: StateInline, silent: bool) -> bool:
    """A text between slide marks, or half of a pair whose other half is in another block.

    The bracket before the stars was read as text already (parentheses end no text rule); it is taken back here.
    """
    sign = state.src[state.pos : state.pos + 2]
    if sign not in {"**", "~~"}:
        return False
    opening, closing = state.src[state.pos - 1 : state.pos] + sign, state.src[state.pos : state.pos + 3]
    if opening in SLIDES:
        return _slide(state, opening, silent)
    if closing in SLIDES.values() and state.src.count(sign, 0, state.pos) % 2 == 0:
        if not silent:
            state.push("d2l_slide_half", "", 0)
        state.pos += 3
        return True
    return False


def _slide(state: StateInline, opening: str, silent: bool) -> bool:
    closing = SLIDES[opening]
    end = state.src.find(closing, state.pos + 2, state.posMax)
    if end < 0 and state.src.count(opening[1:], state.pos + 2, state.posMax) % 2:
        return False  # a bracket before strong text
    if end >= 0 and closing[-1] == "]" and state.src.startswith("(", end + 3):
        return False  # the text of a link
    if not silent:
        state.pending = state.pending[:-1]
        if end < 0:
            state.push("d2l_slide_half", "", 0)
        else:
            state.push("d2l_slide_open", "", 1).markup = opening
            _tokenize(state, state.pos + 2, end)
            state.push("d2l_slide_close", "", -1)
    state.pos = state.pos + 2 if end < 0 else end + 3
    return True


def _tokenize(state: StateInline, start: int, end: int) -> None:
    position, limit = state.pos, state.posMax
    state.pos, state.posMax = start, end
    state.md.inline.tokenize(state)
    state.pos, state.posMax = position, limit


# -- blocks --------------------------------------------------------------------------------------------------------


def _line(state: StateBlock, number: int) -> str:
    return state.src[state.bMarks[number] + state.tShift[number] : state.eMarks[number]]


def _is_code(state: StateBlock, number: int) -> bool:
    return state.sCount[number] - state.blkIndent >= 4


def _marks_rule(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: ARG001
    """A line of marks that belong to the block before it."""
    text = _line(state, start)
    if not text.startswith(":") or _is_code(state, start):
        return False
    marks = [match.groups() for match in _PLACED.finditer(text)]
    if not marks or _PLACED.sub("", text).strip():
        return False
    if not silent:
        token = state.push("d2l_marks", "", 0)
        token.meta = {"marks": marks}
        token.map = [start, start + 1]
        state.line = start + 1
    return True


def _tab_rule(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """What stands between ``:begin_tab:`` and ``:end_tab:``."""
    begin = _BEGIN_TAB.match(_line(state, start))
    if begin is None or state.tShift[start]:
        return False
    close = next((line for line in range(start + 1, end) if _line(state, line).startswith(":end_tab:")), None)
    if close is None:
        return False
    if silent:
        return True
    token = state.push("d2l_tab_open", "", 1)
    token.map = [start, close + 1]
    token.meta = {"tabs": [name.strip() for name in (begin[1] or "").split(",") if name.strip()]}
    limit, state.lineMax = state.lineMax, close
    state.md.block.tokenize(state, start + 1, close)
    state.lineMax = limit
    state.push("d2l_tab_close", "", -1)
    state.line = close + 1
    return True


def _slide_math_rule(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A displayed formula between slide marks: ``(**$$…$$**)``."""
    if not _line(state, start).startswith(("(**$$", "[**$$")) or _is_code(state, start):
        return False
    text = ""
    for number in range(start, end):
        if state.isEmpty(number):
            break
        text += ("\n" if text else "") + _line(state, number)
        if match := _SLIDE_MATH.match(text):
            if not silent:
                token = state.push("math_block", "math", 0)
                token.block, token.markup, token.content = True, "$$", match[2]
                token.map = [start, number + 1]
                state.line = number + 1
            return True
    return False


# -- what belongs together -----------------------------------------------------------------------------------------


def _figures_rule(state: StateCore) -> None:
    """A picture alone in its paragraph is a figure; a paragraph that begins with a colon before a table, its caption."""
    tokens = state.tokens
    for number, token in enumerate(tokens):
        if token.type != "inline" or tokens[number - 1].type != "paragraph_open":
            continue
        opening, closing = tokens[number - 1], tokens[number + 1]
        following = tokens[number + 2].type if number + 2 < len(tokens) else ""
        if token.content.startswith(":") and following == "table_open":
            token.content = token.content[1:].lstrip()
            opening.type, closing.type = "d2l_caption_open", "d2l_caption_close"
        elif token.content.startswith("![") and _is_picture(token.content, state):
            opening.type, closing.type = "d2l_figure_open", "d2l_figure_close"


def _is_picture(text: str, state: StateCore) -> bool:
    [inline] = state.md.parseInline(text, {"references": state.env.get("references", {})})
    return [child.type for child in inline.children or ()] == ["image"]


def _attach_rule(state: StateCore) -> None:
    """Give the marks of a line to the heading, picture, table or formula before it; what fits nothing stays a target."""
    kept: list[Token] = []
    for token in state.tokens:
        if token.type != "d2l_marks":
            kept.append(token)
            continue
        rest = [mark for mark in token.meta["marks"] if not _attach(kept, *mark)]
        if rest:
            token.meta = {"marks": rest}
            kept.append(token)
    state.tokens = kept


def _attach(tokens: Sequence[Token], name: str, value: str) -> bool:
    if name == "bibliography":
        return False
    if name == "eqlabel":
        last = tokens[-1] if tokens else None
        if last is None or last.type != "math_block":
            return False
        last.type, last.info = "math_block_label", value
        return True
    key = "id" if name == "label" else name
    owner = _owner(tokens, pictures_only=name != "label")
    if owner is None or owner.attrGet(key) is not None:
        return name != "label"  # a size without a picture has no meaning
    owner.attrSet(key, value)
    return True


def _owner(tokens: Sequence[Token], pictures_only: bool) -> Token | None:
    """The token that opens the heading, table or picture before the end of *tokens*, as d2lbook seeks it upwards."""
    for number in range(len(tokens) - 1, -1, -1):
        token = tokens[number]
        if token.type == "d2l_figure_open":
            return token
        if token.type in {"heading_open", "table_open"}:
            return None if pictures_only else token
    return None
