"""Names that change with their translation, and the references by name that follow them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from sphinx_amts.formats import Format, RenderError
from sphinx_amts.formats.inline import merge, plain
from sphinx_amts.model import Document, Fragment, Inline, Message, Piece, Protected
from sphinx_amts.translate.book import Book
from sphinx_amts.translate.catalogs import Catalogs

NAMED_KINDS = {"term", "title"}
"""Kinds of messages whose text other messages may refer to."""

_NAME = re.compile(r"term[:}]`|`__?(?!\w)|\w_(?!\w)")
"""What may refer to a glossary term or a title by its name."""


def refers(message: Message) -> bool:
    """Whether *message* has a place in a file and may refer to a glossary term or a title by its name."""
    return bool(message.spans and _NAME.search(message.raw))


@dataclass(slots=True)
class Names:
    """Names that other texts use and that a translation changes: glossary terms, and titles as implicit targets."""

    terms: dict[str, str] = field(default_factory=dict)
    """Folded source term → translated term, over the whole book."""
    titles: dict[str, dict[str, str]] = field(default_factory=dict)
    """Document → folded source title → translated title."""
    headings: dict[str, dict[str, str]] = field(default_factory=dict)
    """Document → folded source title → folded title in force, also of titles that are the same in both languages."""

    def collect(self, book: Book, catalogs: Catalogs) -> None:
        """Note the translations of terms and titles that *catalogs* have."""
        for one in catalogs.standing.values():
            self.terms.update(one.terms)
        for docname, document in book.documents.items():
            domain = book.domains[docname]
            if document.format not in book.formats or domain in catalogs.standing:
                continue
            entries = catalogs.entries[domain]
            for message in document.messages:
                if message.kind not in NAMED_KINDS or not message.spans:
                    continue  # without a span it keeps its name in the book
                entry = entries.get(message.msgid)
                if entry is not None and entry.msgstr:
                    self._note(message, entry.msgstr, document, book.format_of(message, document))

    def _note(self, message: Message, text: str, document: Document, format_: Format) -> None:
        """Note that *message* is *text* in translation."""
        original = _name(format_.parse(message.raw, message.kind))
        source = normalize(original)
        target = _name(format_.parse(text, message.kind))
        if message.context == "glossary":
            self.terms[source] = target
            return
        if message.context == "section":
            self.headings.setdefault(document.docname, {})[source] = normalize(target)
        if source in document.implicit_names and target != original:
            self.titles.setdefault(document.docname, {})[source] = target

    def terms_of(self, documents: Iterable[Document], book: Book) -> dict[str, str]:
        """The glossary terms that *documents* define, folded, and their translations."""
        found = {}
        for document in documents:
            if document.format in book.formats:
                for message in document.messages:
                    if message.context == "glossary":
                        pieces = book.format_of(message, document).parse(message.raw, message.kind)
                        source = normalize(_name(pieces))
                        if (target := self.terms.get(source)) is not None:
                            found[source] = target
        return found

    def in_source(self, message: Message, document: Document, format_: Format) -> str:
        """The source text of an untranslated message, its references pointing to names that are translated."""
        pieces = format_.parse(message.raw, message.kind)
        renamed = self.rename(pieces, document.docname)
        if renamed == pieces:
            return message.raw
        try:
            return format_.render(renamed, message.raw, message.kind)
        except RenderError:
            return message.raw

    def in_translation(self, pieces: Fragment, message: Message, document: Document, format_: Format) -> Fragment:
        """The translated *pieces* with references that follow their names, and with a name of its own for a term or title."""
        pieces = self.rename(pieces, document.docname)
        if not message.context:
            return pieces
        source = _name(format_.parse(message.raw, message.kind))
        if message.context == "glossary":
            return self.distinct(pieces, source)
        return self.distinct_title(pieces, source, document)

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
        end = _end_of_name(term)
        own = normalize(_name(term))
        if any(normalize(target) == own for other, target in self.terms.items() if other != normalize(source)):
            term = merge((*term[:end], f" ({source})", *term[end:]))
        self.terms[normalize(source)] = _name(term)
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


def _end_of_name(pieces: Fragment) -> int:
    """How many of the *pieces* of a term or title are its name: in a glossary, a key for the index may stand behind it."""
    return next((end for end, piece in enumerate(pieces) if getattr(piece, "kind", "") == "classifier"), len(pieces))


def _name(pieces: Fragment) -> str:
    return plain(pieces[: _end_of_name(pieces)]).strip()


def _other(names: Mapping[str, str], text: str) -> str | None:
    """The name that *text* has become, if it is another one than before."""
    name = names.get(normalize(text))
    return None if name is None or normalize(name) == normalize(text) else name


def normalize(name: str) -> str:
    """A reference name as docutils and Sphinx compare them: case and white space folded."""
    return " ".join(name.lower().split())
