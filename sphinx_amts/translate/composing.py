"""From segments to messages: sentences, joins, and names that change with their translation."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any

from sphinx_amts import sentences
from sphinx_amts.formats import Format
from sphinx_amts.formats.inline import PLACEHOLDER, cut, fold, has_words, merge, plain, segment
from sphinx_amts.model import Document, Fragment, Inline, Message, Piece, Pipeline, Protected, Segment

_UNSPACED = {"zh", "ja", "th", "lo", "my", "km"}
"""Languages that put no space between sentences."""

_MARKER = 0xE000
"""First of the private-use characters that stand for markup while ``amts_post`` runs."""


def split(message: Message, format_: Format, language: str) -> list[Segment]:
    """The sentences of *message*; a heading, term or cell is one segment whatever stops it holds."""
    pieces = format_.parse(message.raw, message.kind)
    text = plain(pieces, PLACEHOLDER)
    if not text.strip():
        return []
    whole = message.kind in {"title", "term", "toctree", "alt", "rubric", "field_name", "classifier", "index"}
    spans = [(0, len(text))] if whole else sentences.spans(text, language)
    return [segment(_trimmed(part)) for part in cut(pieces, spans)]


def split_fragment(pieces: Fragment, language: str) -> list[Fragment]:
    """The sentences of parsed text."""
    text = plain(pieces, PLACEHOLDER)
    return [_trimmed(part) for part in cut(pieces, sentences.spans(text, language))] if text.strip() else []


def _trimmed(pieces: Fragment) -> Fragment:
    level = list(fold(pieces))
    if level and isinstance(level[0], str):
        level[0] = level[0].lstrip()
    if level and isinstance(level[-1], str):
        level[-1] = level[-1].rstrip()
    return merge(level)


def translatable(one: Segment) -> bool:
    """Whether *one* holds words; what does not is the same in every language."""
    return has_words(one.pieces)


def join(parts: Sequence[Fragment], language: str) -> Fragment:
    """Put the sentences of a message together as *language* does."""
    space = "" if language.split("_", maxsplit=1)[0] in _UNSPACED else " "
    joined: list[Piece] = []
    for part in parts:
        if joined and part:
            joined.append(_gap(joined[-1], part[0], space))
        joined += part
    return merge(joined)


def _gap(before: Piece, after: Piece, space: str) -> str:
    """White space between two sentences; Latin text in a Chinese paragraph keeps its space."""
    if isinstance(before, Protected) and before.kind == "hardbreak":
        return ""
    if isinstance(after, Protected) and after.kind == "hardbreak":
        return ""
    end = before[-1:] if isinstance(before, str) else ""
    start = after[:1] if isinstance(after, str) else ""
    if not space and end.isascii() and (start.isascii() or not end):
        return " "
    return space


@dataclass(slots=True)
class Names:
    """Names that other texts use and that a translation changes: glossary terms, and titles as implicit targets."""

    terms: dict[str, str] = field(default_factory=dict)
    """Folded source term → translated term, over the whole book."""
    titles: dict[str, dict[str, str]] = field(default_factory=dict)
    """Document → folded source title → translated title."""
    headings: dict[str, dict[str, str]] = field(default_factory=dict)
    """Document → folded source title → folded title in force, also of titles that are the same in both languages."""

    def rename(self, pieces: Fragment, docname: str) -> Fragment:
        """*pieces* with every reference by name pointing to the translated name."""
        if not self.terms and docname not in self.titles:
            return pieces
        titles = self.titles.get(docname, {})
        return tuple(self._one(piece, titles) for piece in pieces)

    def distinct(self, term: Fragment, source: str) -> Fragment:
        """The translated *term*, with its *source* behind it if another term has the same translation.

        Sphinx takes no two terms of one name, and readers would not know which of them is meant.
        """
        own = normalize(plain(term))
        if any(normalize(target) == own for other, target in self.terms.items() if other != normalize(source)):
            term = merge((*term, f" ({source})"))
        self.terms[normalize(source)] = plain(term)
        return term

    def distinct_title(self, title: Fragment, source: str, document: Document) -> Fragment:
        """The translated section *title*, with its *source* behind it if a reference could not tell it from another title.

        docutils takes a name for none where two titles have it; titles that nothing refers to may be the same.
        """
        headings = self.headings.setdefault(document.docname, {})
        own, name = normalize(plain(title)), normalize(source)
        same = {other for other, heading in headings.items() if heading == own and other != name}
        if same and not {name, *same}.isdisjoint(document.labels):
            title = merge((*title, f" ({source})"))
        headings[name] = normalize(plain(title))
        return title

    def _one(self, piece: Piece, titles: dict[str, str]) -> Piece:
        if isinstance(piece, str):
            return piece
        if isinstance(piece, Inline):
            changed = replace(piece, children=tuple(self._one(child, titles) for child in piece.children))
            return self._alias(changed, titles)
        if piece.kind == "role:term":
            return self._term(piece)
        if piece.kind in {"phrase", "reference"} and (name := titles.get(normalize(piece.text))):
            underscores = "__" if piece.source.endswith("__") else "_"
            if underscores == "_":
                escaped = re.sub(r"([\\`<])", r"\\\1", name)
                return Protected(f"`{escaped}`_", name, "phrase")
        return piece

    def _term(self, piece: Protected) -> Piece:
        match = re.match(r"(?s)(:[^`]*:`+|\{[^}]*\}`+)(.*?)(`+)$", piece.source)
        if match is None:
            return piece
        name = _other(self.terms, piece.text)
        if name is None:
            return piece
        return Protected(f"{match.group(1)}{name}{match.group(3)}", name, piece.kind)

    def _alias(self, piece: Inline, titles: dict[str, str]) -> Inline:
        match = re.match(r"(?s)(\s*<)(.*?)(_?>`.*)$", piece.close)
        if match is None:
            return piece
        if piece.kind == "role:term":
            name = _other(self.terms, match.group(2))
        elif piece.kind == "link" and match.group(3).startswith("_>"):
            name = titles.get(normalize(match.group(2)))
        else:
            name = None
        return piece if name is None else replace(piece, close=f"{match.group(1)}{name}{match.group(3)}")


def _other(names: Mapping[str, str], text: str) -> str | None:
    """The name that *text* has become, if it is another one than before."""
    name = names.get(normalize(text))
    return None if name is None or normalize(name) == normalize(text) else name


def normalize(name: str) -> str:
    """A reference name as docutils and Sphinx compare them: case and white space folded."""
    return " ".join(name.lower().split())


def polish(pieces: Fragment, pipeline: Pipeline, source: str) -> Fragment:
    """Run the language's habits (``amts_post``) over a text; markup is one private-use character to them.

    A callable that loses or reorders markup is ignored for that text.
    """
    if not pipeline.post or any(0xE000 <= ord(char) <= 0xF8FF for char in plain(pieces)):
        return pieces
    marks: list[Piece | str] = []
    text = _flatten(pieces, marks)
    context = SimpleNamespace(
        language=pipeline.language, source_language=pipeline.source_language, source=source, pipeline=pipeline
    )
    for habit in pipeline.post:
        changed = _call(habit, text, context)
        found = [char for char in changed if _MARKER <= ord(char) < _MARKER + len(marks)]
        if found == [chr(_MARKER + number) for number in range(len(marks))]:
            text = changed
    return _unflatten(text, marks)


def _call(habit: Callable[..., Any], text: str, context: SimpleNamespace) -> str:
    changed = habit(text, context)
    return changed if isinstance(changed, str) and changed.strip() else text


def _flatten(pieces: Iterable[Piece], marks: list[Piece | str]) -> str:
    text = ""
    for piece in pieces:
        if isinstance(piece, str):
            text += piece
            continue
        text += chr(_MARKER + len(marks))
        marks.append(piece)
        if isinstance(piece, Inline):
            text += _flatten(piece.children, marks)
            text += chr(_MARKER + len(marks))
            marks.append("")
    return text


def _unflatten(text: str, marks: Sequence[Piece | str]) -> Fragment:
    stack: list[tuple[Inline | None, list[Piece]]] = [(None, [])]
    for char in text:
        number = ord(char) - _MARKER
        if not 0 <= number < len(marks):
            stack[-1][1].append(char)
            continue
        mark = marks[number]
        if isinstance(mark, Inline):
            stack.append((mark, []))
        elif mark == "":
            around, children = stack.pop()
            assert around is not None, "markers are in order"
            stack[-1][1].append(replace(around, children=merge(children)))
        else:
            stack[-1][1].append(mark)
    return merge(stack[0][1])
