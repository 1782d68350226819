"""Inline markup of reStructuredText: parsing into pieces with exact spans, and writing pieces back.

Parsing is docutils' own: its :class:`~docutils.parsers.rst.states.Inliner` runs over the text with a recorder around each
of its recognisers, so that what it takes for markup is what we take for markup. Roles are recognised but never run.
Rules: https://docutils.sourceforge.io/docs/ref/rst/restructuredtext.html#inline-markup-recognition-rules
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, ClassVar

from docutils import nodes
from docutils.frontend import get_default_settings
from docutils.parsers.rst import Parser
from docutils.parsers.rst.states import Inliner
from docutils.utils import new_document, punctuation_chars, unescape, urischemes

from sphinx_amts.formats.inline import fold, merge
from sphinx_amts.formats.roles import EXPLICIT, is_prose, is_wholly_prose
from sphinx_amts.model import Fragment, Inline, Piece, Protected

_EMBEDDED = re.compile(r"(?:[ \n]+|^)<(?!\s)(?:[^<>]|\x00[<>])+(?<![\s\x00])>$")
_ADDRESS = re.compile(r"\s*(?:[a-z][\w+.-]*://|mailto:|[\w.+-]+@(?=\S*\.))\S+\s*", re.IGNORECASE)
_ROLE = re.compile(r"(:[^`]*?:)?`")
_SPACE = re.compile(r"\s+")
_MARK = re.compile(r"[*`|_\\@\0]|:(?=\S)")
"""Without one of these docutils finds no markup: start strings, references, escapes (a NUL is one of its own), addresses."""
_DOLLARS = re.compile(r"(?<![\\$])(\$\$?)(?![\s$])(?:\\.|[^$\\])+(?<!\s)\1(?!\$)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Construct:
    """Something that docutils recognises as inline markup."""

    start: int
    """Offset of its first character in the text."""
    end: int
    """Offset one past its last character."""
    kind: str
    """``emphasis``, ``strong``, ``literal``, ``role:ref``, ``link``, ``reference`` …; ``problem`` for broken markup."""


def _recorded(name: str) -> Callable[..., Any]:
    """The recogniser *name* of docutils' inliner, which also notes where it found something."""
    original = getattr(Inliner, name)

    def recognise(self: Recorder, match: re.Match[str], lineno: int) -> Any:
        result = original(self, match, lineno)
        before, inlines, remaining, _messages = result
        if inlines:
            base = len(self.text) - len(match.string)
            start = match.start("whole") if name == "footnote_reference" else len(before)
            self.found.append(Construct(base + start, len(self.text) - len(remaining), self.kind_of(name, inlines[0])))
        return result

    return recognise


class Recorder(Inliner):
    """docutils' inliner with the place of every construct; one instance serves any number of texts."""

    dispatch: ClassVar[dict[str, Any]] = {
        start: _recorded(method.__name__) for start, method in Inliner.dispatch.items()
    }

    def __init__(self) -> None:
        super().__init__()
        self.text = ""
        self.found: list[Construct] = []
        self.settings = _settings()
        self.init_customizations(self.settings)

    def kind_of(self, recogniser: str, node: nodes.Node) -> str:
        """Name the construct that *recogniser* made *node* of."""
        if isinstance(node, nodes.problematic):
            return "problem"
        if isinstance(node, nodes.inline):
            return f"role:{node['role']}"
        names = {
            "anonymous_reference": "reference",
            "inline_internal_target": "target",
            "interpreted_or_phrase_ref": "phrase",
        }
        return names.get(recogniser, recogniser)

    def interpreted(self, rawsource: str, text: str, role: str, lineno: int) -> tuple[list[nodes.Node], list[Any]]:
        """Note the role instead of running it."""
        return [nodes.inline(rawsource, text, role=role or "")], []

    def scan(self, text: str) -> list[Construct]:
        """All constructs of *text*, in order and not overlapping."""
        self.text, self.found = text, []
        document = new_document("", self.settings)
        memo = SimpleNamespace(document=document, language=None, reporter=document.reporter)
        self.parse(text, 0, memo, document)
        explicit = self.found
        found: list[Construct] = []
        position = 0
        for construct in [*explicit, Construct(len(text), len(text), "")]:
            found += self._uris(text[position : construct.start], position)
            if construct.kind:
                found.append(construct)
            position = construct.end
        return found

    def _uris(self, text: str, offset: int) -> list[Construct]:
        """Standalone hyperlinks of a run of text, which docutils looks for last."""
        if ":" not in text and "@" not in text:
            return []
        found = []
        nulled = _escape2null(text)
        position = 0
        while match := self.patterns.uri.search(nulled[position:]):
            start, end = match.start("whole") + position, match.end("whole") + position
            scheme = match.group("scheme")
            if not scheme or scheme.lower() in urischemes.schemes:
                found.append(Construct(start + offset, end + offset, "uri"))
                position = end
            else:
                break  # as docutils: an unknown scheme ends the search
        return found


for _name, _value in vars(Inliner).items():
    if isinstance(_value, str) and not _name.startswith("__"):
        setattr(Recorder, _name, _value)  # docutils builds its patterns from the attributes of the very class


@functools.cache
def _settings() -> Any:
    settings = get_default_settings(Parser)
    settings.report_level = settings.halt_level = 5
    settings.warning_stream = ""
    return settings


@functools.cache
def _recorder() -> Recorder:
    return Recorder()


def _escape2null(text: str) -> str:
    """Backslash escapes as NUL and the character, as docutils has them; the length stays the same."""
    return re.sub(r"\\(.|\n|$)", lambda match: "\x00" + match.group(1), text)


def _fold(text: str) -> str:
    return _SPACE.sub(" ", text)


def parse(text: str, open_roles: bool = False, dollars: bool = False) -> Fragment:
    """Parse *text* into pieces: unescaped, white space folded, the author's spelling of each construct kept.

    With *open_roles*, the explicit text of every role counts as prose; with *dollars*, what stands between them is maths.
    """
    if _MARK.search(text) or (dollars and "$" in text):
        return scanned(text.replace("\n", " "), open_roles, dollars)  # the catalogs' form, so that it is scanned once
    return fold(merge((text,)))


@functools.lru_cache(maxsize=1 << 15)
def scanned(text: str, open_roles: bool = False, dollars: bool = False) -> Fragment:
    """As :func:`parse`, always with docutils, which takes fifty times as long where there is no markup."""
    pieces: list[Piece] = []
    position = 0
    for construct in _recorder().scan(text):
        pieces += _prose(text[position : construct.start], dollars)
        pieces.append(_piece(text[construct.start : construct.end], construct.kind, open_roles))
        position = construct.end
    pieces += _prose(text[position:], dollars)
    return fold(merge(pieces))


def _prose(text: str, dollars: bool) -> Iterator[Piece]:
    """The pieces of a *text* in which docutils finds no markup."""
    position = 0
    for match in _DOLLARS.finditer(text) if dollars else ():
        yield _unescape(text[position : match.start()])
        yield Protected(_fold(match.group()), _fold(match.group()), "dollars")
        position = match.end()
    yield _unescape(text[position:])


def _unescape(text: str) -> str:
    return unescape(_escape2null(text))


def _piece(source: str, kind: str, open_roles: bool = False) -> Piece:
    if kind in {"emphasis", "strong"}:
        mark = 1 if kind == "emphasis" else 2
        return Inline(source[:mark], source[-mark:], (_unescape(source[mark:-mark]),), kind)
    if kind == "phrase":
        return _phrase(source)
    if kind.startswith("role:"):
        return _role(source, kind, open_roles)
    return Protected(_fold(source), _visible(source, kind), kind)


def _visible(source: str, kind: str) -> str:
    """What a reader sees of protected markup, roughly: without its delimiters."""
    if kind == "literal":
        return _fold(source[2:-2])
    if kind == "substitution_reference":
        return _fold(source.strip("_").strip("|"))
    if kind in {"reference", "target"}:
        return _fold(_unescape(source.strip("_").strip("`")))
    return _fold(source)


def _phrase(source: str) -> Piece:
    """A phrase reference: markup around its text, or a name that must not change."""
    nulled = _escape2null(source)
    tail = re.search(r"`__?$", nulled)
    assert tail is not None, "docutils found a phrase reference"
    embedded = _EMBEDDED.search(nulled[1 : tail.start()])
    if embedded is None:
        return _bare(source, tail.start())
    text = _unescape(source[1 : 1 + embedded.start()])
    if not text.strip():
        return Protected(_fold(source), _fold(source), "link")
    if _ADDRESS.fullmatch(text):
        return Protected(_fold(source), _fold(text), "link")
    return Inline("`", _fold(source[1 + embedded.start() :]), (text,), "link")


def _bare(source: str, end: int) -> Piece:
    """A phrase reference without a target of its own, whose text ends at *end*: prose if it can be told from its name.

    An anonymous one has no name. Any other is read as if it gave its name beside its text (`` `text <name_>`__ ``, which
    defines no further name), and is written so where the two differ. One word is taken for the name of something.
    """
    text = _unescape(source[1:end])
    if _ADDRESS.fullmatch(text) or not text.strip():
        return Protected(_fold(source), _fold(text), "phrase")
    if source.endswith("__"):
        return Inline("`", "`__", (text,), "link")
    name = _fold(text)
    if not is_prose("reference", name) or set(source) & set("\\<>\0") or name.endswith("_"):
        return Protected(_fold(source), name, "phrase")
    if _recorder().patterns.uri.match(f"{name}_"):
        return Protected(_fold(source), name, "phrase")
    return Inline("`", f" <{name}_>`__", (name,), "link")


def _shortest(piece: Inline, text: str) -> str:
    """*piece* with its *text*; a reference whose text is its name is written without it."""
    return f"`{text}`_" if _names(piece, text) else piece.open + text + piece.close


def _names(piece: Inline, text: str) -> bool:
    return piece.kind == "link" and piece.close == f" <{text}_>`__"


def name_of(piece: Inline) -> str:
    """The name that *piece* refers to if that is also its text (`` `name`_ ``), else nothing."""
    text = "".join(child for child in piece.children if isinstance(child, str))
    return text if _names(piece, text) else ""


def _role(source: str, kind: str, open_roles: bool) -> Piece:
    head = _ROLE.match(source)
    assert head is not None, "docutils found interpreted text"
    end = source.rindex("`")
    content = source[head.end() : end]
    role = kind.removeprefix("role:")
    explicit = EXPLICIT.match(_escape2null(content))
    if explicit and (open_roles or is_prose(role, explicit["text"])):
        text = _unescape(content[: explicit.end("text")])
        close = _fold(content[explicit.end("text") :]) + source[end:]
        return Inline(head.group(), close, (text,), kind)
    if not explicit and is_wholly_prose(role, content, translated=open_roles):
        return Inline(head.group(), source[end:], (_unescape(content),), kind)
    visible = explicit["text"] if explicit else content
    return Protected(_fold(source), _fold(_unescape(visible)), kind)


# -- writing back --------------------------------------------------------------------------------------------------

_AFTER = re.compile(rf"[\s{punctuation_chars.openers}{punctuation_chars.delimiters}]")
_BEFORE = re.compile(
    rf"[\s\\{punctuation_chars.closing_delimiters}{punctuation_chars.delimiters}{punctuation_chars.closers}]"
)
_START_STRINGS = frozenset({"*", "**", "`", "``", "|", "_`"})
_SPECIAL = re.compile(r"[*`|_@<>]|(?<=\w):(?=/)|(?<=\w):(?=\w)")


def write(pieces: Fragment) -> str | None:
    """Write *pieces* as inline markup that parses to exactly *pieces*; ``None`` if reST cannot express them.

    Text is escaped only where it has to be, so that most translations read like the source.
    """
    wanted = fold(_opened(pieces))
    dollars = any(isinstance(piece, Protected) and piece.kind == "dollars" for piece in pieces)
    for escape, apart in ((_escape_backslash, False), (_escape_all, False), (_escape_all, True)):
        text = _join(pieces, escape, apart)
        if parse(text, open_roles=True, dollars=dollars) == wanted:
            return text
    return None


def _opened(pieces: Fragment) -> Fragment:
    """*pieces* as they are parsed when the explicit text of every role, and of every link, counts as prose."""
    return tuple(
        _piece(piece.source, "phrase" if piece.kind == "link" else piece.kind, open_roles=True)
        if isinstance(piece, Protected) and piece.kind.startswith(("role:", "link", "phrase"))
        else piece
        for piece in pieces
    )


def _escape_backslash(text: str) -> str:
    return text.replace("\\", "\\\\")


def _escape_all(text: str) -> str:
    return _SPECIAL.sub(r"\\\g<0>", _escape_backslash(text))


def _join(pieces: Fragment, escape: Callable[[str], str], apart: bool) -> str:
    r"""Put *pieces* together with ``\ `` where docutils needs it around markup, or, *apart*, wherever it may stand."""
    text = ""
    previous_is_markup = False
    for piece in pieces:
        if isinstance(piece, str):
            part, is_markup = escape(piece), False
        elif isinstance(piece, Protected):
            part, is_markup = piece.source, piece.kind != "dollars"
        else:
            inner = "".join(escape(child) for child in piece.children if isinstance(child, str))
            part, is_markup = _shortest(piece, _inner(inner, piece)), True
        if not part:
            continue
        if text and (
            (is_markup and (previous_is_markup or not (_SPACE if apart else _AFTER).match(text[-1])))
            or (previous_is_markup and not (_SPACE if apart else _BEFORE).match(part[0]))
        ):
            text += "\\ "
        text += part
        previous_is_markup = is_markup and not _is_open(piece)
    return text


def _is_open(piece: Piece) -> bool:
    """Whether *piece* is a start-string that nothing ends (``**kwargs``): apart from its text it might end another one."""
    return isinstance(piece, Protected) and piece.kind == "problem" and piece.source in _START_STRINGS


def _inner(text: str, piece: Inline) -> str:
    """The text inside *piece*; an angle bracket would begin a target, a quote mark end the text."""
    return re.sub(r"(?<!\\)[<`]", r"\\\g<0>", text) if "`" in piece.open else text
