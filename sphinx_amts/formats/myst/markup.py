"""Inline markup of MyST Markdown: parsing into pieces with exact spans, and writing pieces back.

Parsing is markdown-it's own, with the rules that the book's MyST configuration switches on: a recorder around each inline
rule notes from where to where it read. What no rule claims is text. Syntax: https://spec.commonmark.org and
https://myst-parser.readthedocs.io
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sphinx_amts.formats.inline import fold, hoist, merge, walk
from sphinx_amts.formats.roles import EXPLICIT, is_prose, is_wholly_prose
from sphinx_amts.model import Fragment, Inline, Piece, Protected

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_inline import StateInline

_TEXT_RULES = {"text", "newline", "escape", "entity"}
_DELIMITER_RULES = {"emphasis", "strikethrough"}
_LABEL_RULES = {"link", "span"}
_OPENING = {"em_open": ("emphasis", 1, 0), "strong_open": ("strong", 2, 1), "s_open": ("strikethrough", 2, 0)}
_CLOSING = {"em_close": 1, "strong_close": 2, "s_close": 2}
_GAP = re.compile(r"\\([!-/:-@\[-`{-~])|(&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});)")
_ROLE = re.compile(r"\{([^}]+)\}(`+)")
_SPACE = re.compile(r"\s+")
_SCHEME = re.compile(r"(?:^|[^a-z0-9.+-])([a-z][a-z0-9.+-]*)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Mark:
    """A construct in a text: offsets of its whole, and of the text inside unless it is opaque."""

    start: int
    end: int
    kind: str
    inner: tuple[int, int] | None = None


class Scanner:
    """Runs a markdown-it parser over inline text and notes what each rule read."""

    def __init__(self, parser: MarkdownIt) -> None:
        self.parser = parser
        self._levels: list[list[Mark]] = [[]]
        self._delimiters: list[tuple[Any, int]] = []
        for rule in parser.inline.ruler.__rules__:
            parser.inline.ruler.at(rule.name, self._recorded(rule.name, rule.fn))

    def scan(self, text: str, references: Sequence[str]) -> list[Mark]:
        """All constructs of *text*, outer before inner; *references* are the link labels that its document defines."""
        self._levels, self._delimiters = [[]], []
        env: dict[str, Any] = {
            "references": {label: {"href": "", "title": ""} for label in references},
            "footnotes": {"refs": _AnyFootnote(), "list": {}},
        }
        self.parser.inline.parse(text, self.parser, env, [])
        marks = [*self._levels[0], *self._emphasis()]
        marks += self._addresses(text, marks)
        return sorted(marks, key=lambda mark: (mark.start, -mark.end))

    def _recorded(self, name: str, rule: Callable[..., bool]) -> Callable[..., bool]:
        if name in _TEXT_RULES:
            return self._text_rule(rule)
        if name in _DELIMITER_RULES:
            return self._delimiter_rule(rule)
        return self._construct_rule(name, rule)

    def _text_rule(self, rule: Callable[..., bool]) -> Callable[..., bool]:
        def run(state: StateInline, silent: bool) -> bool:
            start, count = state.pos, len(state.tokens)
            matched = rule(state, silent)
            if matched and not silent and any(token.type == "hardbreak" for token in state.tokens[count:]):
                while state.src[start - 1] == " ":
                    start -= 1
                self._levels[-1].append(Mark(start, state.pos, "hardbreak"))
            return matched

        return run

    def _delimiter_rule(self, rule: Callable[..., bool]) -> Callable[..., bool]:
        def run(state: StateInline, silent: bool) -> bool:
            start, count = state.pos, len(state.tokens) + (1 if state.pending else 0)
            matched = rule(state, silent)
            if matched and not silent and (new := state.tokens[count:]):
                width = (state.pos - start) // len(new)
                self._delimiters += [(token, start + number * width) for number, token in enumerate(new)]
            return matched

        return run

    def _construct_rule(self, name: str, rule: Callable[..., bool]) -> Callable[..., bool]:
        def run(state: StateInline, silent: bool) -> bool:
            if silent:
                return rule(state, silent)
            start = state.pos - (_scheme(state.pending) if name == "linkify" else 0)
            label_end = (
                state.md.helpers.parseLinkLabel(state, start, True)
                if name in _LABEL_RULES and state.src[start] == "["
                else -1
            )
            self._levels.append([])
            delimiters = len(self._delimiters)
            matched = rule(state, silent)
            nested = self._levels.pop()
            if matched:
                self._note(name, start, label_end, state.pos, nested, delimiters)
            return matched

        return run

    def _note(self, name: str, start: int, label_end: int, end: int, nested: list[Mark], delimiters: int) -> None:
        level = self._levels[-1]
        if name == "attr" and level:
            level[-1] = replace(level[-1], end=end)
        elif label_end > start + 1:
            level.append(Mark(start, end, name, (start + 1, label_end)))
            level += nested
        else:
            del self._delimiters[delimiters:]
            level.append(Mark(start, end, name))

    def _emphasis(self) -> Iterator[Mark]:
        """Pairs of delimiters, after markdown-it has decided which of them open and close what."""
        opened: list[tuple[str, int, int]] = []
        for token, position in self._delimiters:
            if token.type in _OPENING:
                kind, width, before = _OPENING[token.type]
                opened.append((kind, position - before, position - before + width))
            elif token.type in _CLOSING and opened:
                kind, start, inner = opened.pop()
                yield Mark(start, position + _CLOSING[token.type], kind, (inner, position))

    def _addresses(self, text: str, marks: Sequence[Mark]) -> Iterator[Mark]:
        """Addresses without a scheme, of which markdown-it makes links when all inline rules are through."""
        if self.parser.options.get("linkify") and self.parser.linkify is not None:
            for found in self.parser.linkify.match(text) or ():
                start, end = found.index, found.index + len(text[found.index : found.last_index].rstrip("*_~"))
                if all(_is_beside(start, end, mark) for mark in marks):
                    yield Mark(start, end, "linkify")


def _scheme(pending: str) -> int:
    """How many characters at the end of *pending* are the scheme of an address; the rule begins at the colon behind it."""
    match = _SCHEME.search(pending)
    return len(match[1]) if match else 0


def _is_beside(start: int, end: int, mark: Mark) -> bool:
    """Whether what lies from *start* to *end* is outside of *mark*, or is text in one that is no link."""
    if end <= mark.start or mark.end <= start:
        return True
    return mark.inner is not None and mark.kind != "link" and mark.inner[0] <= start and end <= mark.inner[1]


class _AnyFootnote(dict[str, int]):
    """Takes every footnote label for a defined one: whether it is, is the document's affair."""

    def __contains__(self, key: object) -> bool:
        return True

    def __missing__(self, key: str) -> int:
        return -1


def parse(text: str, scanner: Scanner, references: Sequence[str], open_roles: bool = False) -> Fragment:
    """Parse *text* into pieces: unescaped, white space folded, the author's spelling of each construct kept.

    With *open_roles*, the explicit text of every role counts as prose.
    """
    marks = scanner.scan(text, references)
    pieces = fold(merge(_pieces(text, 0, len(text), marks)))
    return fold(opened(pieces)) if open_roles else pieces


def opened(pieces: Fragment) -> Fragment:
    """*pieces* with the explicit text of every role taken for prose: a translation may not look it."""
    changed: list[Piece] = []
    for piece in pieces:
        if isinstance(piece, Inline):
            changed.append(replace(piece, children=opened(piece.children)))
        elif isinstance(piece, Protected) and piece.kind.startswith("role:"):
            changed.append(_role(piece.source, open_roles=True))
        else:
            changed.append(piece)
    return tuple(changed)


def _pieces(text: str, start: int, end: int, marks: Sequence[Mark], number: int = 0) -> Iterator[Piece]:
    """The pieces from *start* to *end*, whose marks are among those from *number* on."""
    position = start
    while number < len(marks) and marks[number].start < end:
        mark = marks[number]
        number += 1
        if mark.start < position or mark.end > end:
            continue
        yield _decode(text[position : mark.start])
        source = text[mark.start : mark.end]
        if mark.kind == "myst_role":
            yield _role(source)
        elif mark.inner is None:
            yield Protected(
                source if mark.kind == "hardbreak" else _fold(source), _visible(source, mark.kind), mark.kind
            )
        else:
            inner = merge(_pieces(text, *mark.inner, marks, number))
            yield _around(text, mark, inner)
        position = mark.end
    yield _decode(text[position:end])


def _around(text: str, mark: Mark, inner: Fragment) -> Piece:
    assert mark.inner is not None, "opaque marks are handled by the caller"
    opening, closing = text[mark.start : mark.inner[0]], _fold(text[mark.inner[1] : mark.end])
    if not inner:
        return Protected(_fold(text[mark.start : mark.end]), "", mark.kind)
    if mark.kind == "link" and closing in {"]", "][]"}:
        closing = f"][{_fold(text[mark.inner[0] : mark.inner[1]])}]"  # the label must survive a translated text
    return Inline(opening, closing, inner, mark.kind)


def _decode(text: str) -> str:
    """Text as a reader sees it: backslash escapes and character references resolved."""
    return _GAP.sub(lambda match: match.group(1) or html.unescape(match.group(2)), text)


def _fold(text: str) -> str:
    return _SPACE.sub(" ", text)


def _visible(source: str, kind: str) -> str:
    if kind == "backticks":
        return _fold(source.strip("`").strip())
    if kind == "math_inline":
        return _fold(source.strip("$"))
    if kind == "hardbreak":
        return ""
    return _fold(source)


def _role(source: str, open_roles: bool = False) -> Piece:
    head = _ROLE.match(source)
    assert head is not None, "markdown-it found a role"
    ticks = head.group(2)
    content = source[head.end() : -len(ticks)]
    role = head.group(1)
    explicit = EXPLICIT.match(content)
    if explicit and (open_roles or is_prose(role, explicit["text"])):
        close = _fold(content[explicit.end("text") :]) + ticks
        return Inline(head.group(), close, (explicit["text"],), f"role:{role}")
    if not explicit and is_wholly_prose(role, content, translated=open_roles):
        return Inline(head.group(), ticks, (content,), f"role:{role}")
    return Protected(_fold(source), _fold(explicit["text"] if explicit else content), f"role:{role}")


# -- writing back --------------------------------------------------------------------------------------------------

_SPECIAL = re.compile(r"[\\`*_{}\[\]<>$&~|!#^:@\"'=+-]")
_ENTITY = re.compile(r"&(?=#?\w+;)")


def write(pieces: Fragment, read: Callable[[str], Fragment]) -> str | None:
    """Write *pieces* as inline markup that *read* parses to just these pieces; ``None`` if Markdown cannot.

    Where the flanking rules of emphasis fail (no spaces around CJK), ``_`` becomes ``*``, then punctuation at the
    edges moves out of the emphasis, and only then are spaces put around it. An address that Markdown would take the text
    behind it for a part of gets a space, too.
    """
    stars = _map_inline(pieces, _with_stars)
    variants = [pieces, stars, hoist(_spread(stars, _punctuation_out)), hoist(_spread(stars, _spaces_around))]
    if any(isinstance(piece, Protected) and piece.kind == "linkify" for piece in walk(pieces)):
        variants += [hoist(_with_spaced_addresses(variant)) for variant in variants]
    for variant in variants:
        wanted = fold(opened(variant))
        for escape in (_escape_backslash, _escape_all):
            text = _join(variant, escape)
            if read(text) == wanted:
                return text
    return None


def _escape_backslash(text: str) -> str:
    return _ENTITY.sub(r"\\&", re.sub(r"\\(?=[!-/:-@\[-`{-~]|$)", r"\\\\", text))


def _escape_all(text: str) -> str:
    return _SPECIAL.sub(r"\\\g<0>", text)


def _join(pieces: Fragment, escape: Callable[[str], str]) -> str:
    parts = []
    for piece in pieces:
        if isinstance(piece, str):
            parts.append(escape(piece))
        elif isinstance(piece, Protected):
            parts.append(piece.source)
        elif piece.kind.startswith("role:"):
            parts.append(
                piece.open + "".join(child for child in piece.children if isinstance(child, str)) + piece.close
            )
        else:
            parts.append(piece.open + _join(piece.children, escape) + piece.close)
    return "".join(parts)


def _map_inline(pieces: Fragment, change: Callable[[Inline], Inline]) -> Fragment:
    return tuple(
        change(replace(piece, children=_map_inline(piece.children, change))) if isinstance(piece, Inline) else piece
        for piece in pieces
    )


def _with_stars(piece: Inline) -> Inline:
    if piece.kind in {"emphasis", "strong"}:
        return replace(piece, open="*" * len(piece.open), close="*" * len(piece.close))
    return piece


def _spread(pieces: Fragment, change: Callable[[Inline], list[Piece]]) -> Fragment:
    spread: list[Piece] = []
    for piece in pieces:
        if isinstance(piece, Inline):
            inner = replace(piece, children=_spread(piece.children, change))
            spread += change(inner) if piece.kind in {"emphasis", "strong", "strikethrough"} else [inner]
        else:
            spread.append(piece)
    return merge(spread)


def _punctuation_out(piece: Inline) -> list[Piece]:
    children = list(piece.children)
    before = after = ""
    if children and isinstance(children[-1], str):
        match = re.search(r"[^\w\s]+$", children[-1])
        if match and match.start() > 0:
            after, children[-1] = match.group(), children[-1][: match.start()]
    if children and isinstance(children[0], str):
        match = re.match(r"[^\w\s]+", children[0])
        if match and match.end() < len(children[0]):
            before, children[0] = match.group(), children[0][match.end() :]
    return [before, replace(piece, children=merge(children)), after]


def _with_spaced_addresses(pieces: Fragment) -> Fragment:
    """*pieces* with a space on both sides of each address that stands in the text without brackets."""
    spaced: list[Piece] = []
    for piece in pieces:
        if isinstance(piece, Inline):
            spaced.append(replace(piece, children=_with_spaced_addresses(piece.children)))
        elif isinstance(piece, Protected) and piece.kind == "linkify":
            spaced += [" ", piece, " "]
        else:
            spaced.append(piece)
    return merge(spaced)


def _spaces_around(piece: Inline) -> list[Piece]:
    return [" ", piece, " "]
