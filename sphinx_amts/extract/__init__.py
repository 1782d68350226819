"""From doctrees to messages with spans: what Sphinx's gettext builder extracts, and where it stands in the files.

Messages are collected while Sphinx reads a document (in its parallel readers too), from the doctree that the gettext
builder sees, and kept in the build environment. Measured rates of locating: see ``bench/RESULTS.md``.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, TypeAlias, cast

from docutils import nodes
from docutils.parsers.rst import roles
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.builders import gettext as sphinx_gettext
from sphinx.environment import BuildEnvironment
from sphinx.transforms import SphinxTransform
from sphinx.util import nodes as sphinx_nodes
from sphinx.util.i18n import docname_to_domain

from sphinx_amts.extract import freshness, notebooks, outside
from sphinx_amts.extract.anchors import KeepAnchors
from sphinx_amts.extract.application import application
from sphinx_amts.extract.structure import structure_of
from sphinx_amts.formats import d2lbook, embedded, notebook
from sphinx_amts.formats.myst import link_labels
from sphinx_amts.formats.rest import reference_names
from sphinx_amts.locate import CellIndex, FileIndex
from sphinx_amts.model import Diagnostic, Document, Location, Message, Span

BUILDER = "amts"
MARKDOWN = {"myst", "d2lbook", "notebook"}
"""Formats in which a document defines link labels."""

AnyIndex: TypeAlias = "FileIndex | CellIndex | notebooks.ConvertedIndex"
"""Where messages stand in a file."""

_ROLE_OR_SUBSTITUTION = re.compile(r"`|\|\S[^|]*\|")
"""Where an author writes a reference in reST."""

_NEVER_SENT = (nodes.literal_block, nodes.doctest_block, nodes.math_block, nodes.raw)


def documents(env: BuildEnvironment) -> dict[str, Document]:
    """The documents of the book that have been read with the ``amts`` builder, by name."""
    if not hasattr(env, "amts_documents"):
        env.amts_documents = {}  # type: ignore[attr-defined]
    return cast("dict[str, Document]", env.amts_documents)  # type: ignore[attr-defined]


def domain_of(docname: str, app: Sphinx) -> str:
    """The gettext domain of a document, as the book's ``gettext_compact`` gives it."""
    return docname_to_domain(docname, app.config.gettext_compact)


class MarkMessages(SphinxTransform):
    """Marks the nodes that exist when Sphinx numbers them for its catalogs; copies made later are no messages."""

    default_priority = 879

    def apply(self, **kwargs: Any) -> None:
        """Mark every translatable node."""
        if application(self.env).builder.name == BUILDER:
            node: Any
            for node in self.document.findall(sphinx_nodes.is_translatable):
                if not _is_replaced(node):
                    node.amts_message = True


def _is_replaced(node: nodes.Element) -> bool:
    """Whether *node* is no longer there when Sphinx's gettext builder looks: resolving references puts another in its place.

    Texts of references to documents, and the words that sphinx-exercise puts before the number of an exercise.
    """
    if isinstance(node, nodes.inline):
        return node.parent is not None and isinstance(node.parent.parent, addnodes.pending_xref)
    return node.tagname in {"exercise_title", "solution_title"}


class CollectMessages(SphinxTransform):
    """Collects a document's messages, just before Sphinx takes apart the nodes that carry some of them."""

    default_priority = 998

    def apply(self, **kwargs: Any) -> None:
        """Store the :class:`Document` in the environment; of a document that is read to be checked, its structure."""
        app = application(self.env)
        if app.builder.name == BUILDER:
            docname = self.env.docname
            if getattr(app.builder, "checking", False):
                numbers = _numbered(node for node, _msgid in _extract(self.document, app))
                document = Document(docname, "", "", (), structure=tuple(structure_of(self.document, numbers)))
            else:
                document = _with_fingerprint(read_document(app, docname, self.document))
                _leave_others(app, self.env)
            documents(self.env)[docname] = document


def _leave_others(app: Any, env: Any) -> None:
    """In one of Sphinx's parallel readers, which sends its whole environment back, keep only what it reads itself."""
    if os.getpid() != app.amts_process:
        env.amts_documents = {}
        app.amts_process = os.getpid()


def read_document(app: Sphinx, docname: str, doctree: nodes.document) -> Document:
    """Collect the messages of *doctree* with their places in the book's files."""
    path = Path(str(app.env.doc2path(docname)))
    format_ = _format_of(app, path)
    problem = _problem(format_, path)
    index = _Index(Path(str(app.srcdir)), format_)
    located = ((node, _message(node, msgid, path, index)) for node, msgid in _extract(doctree, app))
    found = [(node, message) for node, message in located if not _is_generated(node, message, index)]
    ordinals = _numbered(node for node, _message in found)
    messages = [message for _node, message in found]
    messages.sort(key=lambda message: message.kind != "toctree")  # the gettext builder looks at toctrees first
    own = index.file(path)
    files = index.files()
    return Document(
        docname=docname,
        path=path.as_posix(),
        format="" if problem else format_,
        messages=tuple(messages),
        structure=tuple(structure_of(doctree, ordinals)),
        anchors=getattr(doctree, "amts_anchors", ()),
        implicit_names=frozenset(name for name, explicit in doctree.nametypes.items() if not explicit),
        labels=_labels("\n".join(own.lines), format_) if own is not None else (),
        files=files,
        digest=freshness.digest(files),
        problem=problem,
    )


def _with_fingerprint(document: Document) -> Document:
    total = hashlib.sha256()
    for one in fields(document):
        value = getattr(document, one.name)
        parts = sorted(value) if isinstance(value, frozenset) else value if isinstance(value, tuple) else (value,)
        for part in (one.name, len(parts), *parts):
            total.update(f"{part!r}\n".encode())  # piece by piece: all at once is several times as long as the file
    return replace(document, fingerprint=total.hexdigest())


def _is_generated(node: nodes.Element, message: Message, index: _Index) -> bool:
    """Whether an extension made *node* up, to replace it before anything is written ("Exercise", "Solution to").

    Sphinx's gettext builder, which sees the doctree after that, has no such message. What is in the file and has only lost
    its markup is no such node.
    """
    known = node.__class__.__module__ in {"docutils.nodes", "sphinx.addnodes"}
    return not known and message.translatable and not message.spans and not index.mentions(message)


def _problem(format_: str, path: Path) -> Diagnostic | None:
    """Why the file at *path* cannot be localized; ``None`` if nothing is wrong with it."""
    if format_ not in {"d2lbook", "notebook", "nbsphinx"}:
        return None
    text = path.read_text(encoding="utf-8-sig", errors="replace")
    found = d2lbook.problem(text.splitlines()) if format_ == "d2lbook" else notebook.problem(text)
    if found is None:
        return None
    line, reason = found
    text = f"the file is copied as it is: {reason}. Correct it."
    return Diagnostic("unreadable", text, Location(path.as_posix(), line))


def _labels(text: str, format_: str) -> tuple[str, ...]:
    """What :attr:`sphinx_amts.model.Document.labels` says of a document in *format_*."""
    if format_ == "rest":
        return reference_names(text)
    return (*link_labels(text), *_names_in_rest(text)) if format_ in MARKDOWN else ()


def _names_in_rest(text: str) -> tuple[str, ...]:
    """Names that the blocks of reST in a Markdown *text* refer to."""
    lines = text.split("\n")
    blocks = embedded.blocks(lines) if "eval" in text else ()
    return reference_names("\n".join(line for block in blocks for line in lines[block.start : block.stop]))


def _numbered(found: Iterable[nodes.Element]) -> dict[int, int]:
    """The number of the first message of each node, by the node's ``id()``."""
    ordinals: dict[int, int] = {}
    for number, node in enumerate(found):
        ordinals.setdefault(id(node), number)
    return ordinals


def _extract(doctree: nodes.document, app: Sphinx) -> Iterator[tuple[nodes.Element, str]]:
    """Nodes and msgids as ``sphinx.builders.gettext`` collects them, in its order."""
    inside_substitution = getattr(sphinx_gettext, "_is_node_in_substitution_definition", lambda _node: False)
    for node, msgid in sphinx_nodes.extract_messages(doctree):
        if getattr(node, "amts_message", False) and not inside_substitution(node):
            yield node, msgid
    if "index" in app.config.gettext_additional_targets:
        for node, entries in sphinx_nodes.traverse_translatable_index(doctree):
            for kind, value, *_rest in entries:
                for msgid in _index_texts(kind, value):
                    yield node, msgid


def _index_texts(kind: str, value: str) -> Iterable[str]:
    try:
        from sphinx.util.index_entries import split_index_msg
    except ImportError:  # Sphinx 5
        from sphinx.util import split_index_msg  # type: ignore[no-redef]
    return cast("Iterable[str]", split_index_msg(kind, value))


def template_messages(app: Sphinx) -> dict[str, list[str]]:
    """Messages of the book's own HTML templates, in the domain that Sphinx gives them; empty without templates."""
    folders = [Path(str(app.srcdir)) / name for name in app.config.templates_path]
    files = sorted(path for folder in folders for path in folder.rglob("*.html"))
    if not files:
        return {}
    from jinja2 import Environment

    environment: Any = Environment(extensions=["jinja2.ext.i18n"])  # noqa: S701 - templates are read here, not rendered
    found: list[str] = []
    for path in files:
        for _line, _function, message in environment.extract_translations(path.read_text(encoding="utf-8")):
            if isinstance(message, str) and message not in found:
                found.append(message)
    return {"sphinx": found} if found else {}


class _Index:
    """The files of the book that the messages of one document stand in."""

    def __init__(self, srcdir: Path, format_: str) -> None:
        self._folders = {srcdir, srcdir.resolve()}
        self._format = format_
        self._files: dict[Path, AnyIndex | None] = {}
        self._places: dict[str, tuple[str, AnyIndex | None]] = {}
        self._rest: dict[int, frozenset[int]] = {}

    def place(self, source: str) -> tuple[str, AnyIndex | None]:
        """Absolute path of a node's *source* and the lines of that file; docutils' paths may be relative to here."""
        if source not in self._places:
            path = Path(os.path.abspath(source))  # noqa: PTH100 - links are not followed
            self._places[source] = (path.as_posix(), self.file(path))
        return self._places[source]

    def file(self, path: Path) -> AnyIndex | None:
        """The lines of *path* if it is a readable text file of the book."""
        if path not in self._files:
            self._files[path] = self._open(path)
        return self._files[path]

    def _open(self, path: Path) -> AnyIndex | None:
        if self._folders.isdisjoint(path.parents) or path.suffix == ".py":
            return None  # docstrings and files of others are not ours to write; a page that is a link becomes a file
        try:
            with path.open(encoding="utf-8-sig", newline="") as file:
                text = file.read()
        except (OSError, UnicodeDecodeError):
            return None
        if self._format in MARKDOWN:
            text = text.replace("\0", "\ufffd")  # as markdown-it reads it
        return notebooks.index(text, self._format) if path.suffix == notebooks.SUFFIX else FileIndex(text)

    def syntax(self, file: AnyIndex | None, spans: Sequence[Span]) -> str:
        """What :attr:`sphinx_amts.model.Message.syntax` says of a message at *spans*."""
        if self._format not in MARKDOWN or not spans or isinstance(file, notebooks.ConvertedIndex) or file is None:
            return ""
        if id(file) not in self._rest:
            parts = file.parts().items()
            found = (offset + number for offset, lines in parts for block in embedded.blocks(lines) for number in block)
            self._rest[id(file)] = frozenset(found)
        return embedded.SYNTAX if spans[0].line - 1 in self._rest[id(file)] else ""

    def mentions(self, message: Message) -> bool:
        """Whether the file of *message* has its letters at its line."""
        _path, file = self.place(message.location.path)
        return isinstance(file, (FileIndex, CellIndex)) and file.mentions(message.raw, message.location.line)

    def files(self) -> tuple[str, ...]:
        """All files that were looked into."""
        return tuple(sorted(path.as_posix() for path, index in self._files.items() if index is not None))


def _message(node: nodes.Element, msgid: str, document: Path, index: _Index) -> Message:
    kind = _kind(node, msgid)
    raw = node.rawsource if kind not in {"alt", "toctree", "meta", "index"} and node.rawsource else msgid
    path, file = index.place(_source_of(node) or document.as_posix())
    line = sphinx_nodes.get_node_line(node) if node.parent is not None and _has_line(node) else (node.line or 0)
    translatable = (
        not isinstance(node, _NEVER_SENT) and kind != "image" and not _is_keyword(node) and not _is_type(node)
    )
    spans = file.locate(raw, line, kind) if file is not None and translatable else ()
    if kind == "alt" and spans and isinstance(file, FileIndex):
        raw = file.text(spans)  # the node has lost its markup
    return Message(
        msgid=msgid,
        kind=kind,
        raw=msgid if raw == msgid else raw,  # one string in memory
        location=Location(path, spans[0].line if spans else line),
        spans=spans,
        translatable=translatable,
        context=_context(node),
        syntax=index.syntax(file, spans),
    )


def _context(node: nodes.Element) -> str:
    """What :attr:`sphinx_amts.model.Message.context` says of *node*."""
    if isinstance(node, nodes.title) and isinstance(node.parent, nodes.section):
        return "section"
    if isinstance(node, nodes.term) and any(
        isinstance(parent, addnodes.glossary) for parent in sphinx_nodes.traverse_parent(node)
    ):
        return "glossary"
    return ""


def _is_keyword(node: nodes.Element) -> bool:
    """Whether *node* is a field's name that has a meaning for Sphinx (``:param x:`` of an object description)."""
    return isinstance(node, nodes.field_name) and any(
        isinstance(parent, addnodes.desc_content) for parent in sphinx_nodes.traverse_parent(node)
    )


def _is_type(node: nodes.Element) -> bool:
    """Whether Sphinx takes the words of *node* for the names of types (``:type: list`` of an object description).

    It makes references of words that have no markup; in another language they would refer to something else.
    """
    return (
        isinstance(node, nodes.paragraph)
        and isinstance(node.parent, nodes.field_body)
        and not _ROLE_OR_SUBSTITUTION.search(node.rawsource)
        and next(iter(node.findall(addnodes.pending_xref)), None) is not None
    )


def _has_line(node: nodes.Element) -> bool:
    return any(parent.line for parent in sphinx_nodes.traverse_parent(node))


def _source_of(node: nodes.Element) -> str:
    return node.source or next((parent.source for parent in sphinx_nodes.traverse_parent(node) if parent.source), "")


def _kind(node: nodes.Element, msgid: str) -> str:
    if isinstance(node, addnodes.toctree):
        return "toctree"
    if isinstance(node, addnodes.index):
        return "index"
    if isinstance(node, nodes.image):
        return "alt" if msgid == node.get("alt") else "image"
    if isinstance(node, nodes.meta):
        return "meta"
    if isinstance(node, nodes.inline):
        return "paragraph"
    if isinstance(node, nodes.title) and isinstance(node.parent, nodes.table):
        return "caption"
    if isinstance(node, (nodes.paragraph, nodes.line, nodes.attribution)) and any(
        isinstance(parent, nodes.entry) for parent in sphinx_nodes.traverse_parent(node.parent)
    ):
        return "entry"
    return str(node.tagname)


def _format_of(app: Sphinx, path: Path) -> str:
    """Name of the format of *path*: by the parser that Sphinx chooses for its suffix."""
    suffixes = app.config.source_suffix
    suffix = max((suffix for suffix in suffixes if path.name.endswith(suffix)), key=len, default="")
    filetype = suffixes.get(suffix, "")
    if not suffix:
        return ""
    supported = {"restructuredtext": "rest", "markdown": "myst", "myst-nb": "myst", "myst": "myst"}
    parser = app.registry.get_source_parser(filetype or "restructuredtext")
    if suffix == notebooks.SUFFIX:
        return notebooks.format_of(parser.__module__.split(".")[0])
    if parser.__module__.split(".")[0] in {"sphinx", "docutils"}:
        return "rest"
    if parser.__module__.split(".")[0] in {"myst_parser", "myst_nb"}:
        return "myst"
    if parser.__module__.startswith("sphinx_amts.formats."):
        return parser.__module__.split(".")[2]
    return supported.get(filetype, "")


# -- Sphinx ---------------------------------------------------------------------------------------------------------


def _purge(_app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    documents(env).pop(docname, None)


def _merge(_app: Sphinx, env: BuildEnvironment, docnames: Iterable[str], other: BuildEnvironment) -> None:
    theirs = documents(other)
    documents(env).update({name: theirs[name] for name in docnames if name in theirs})


def _outdated(app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], removed: set[str]) -> set[str]:
    """Documents whose messages are not known yet, because another builder has read them, or not any more."""
    if app.builder.name != BUILDER:
        return set()
    known = documents(env)
    waiting = set(env.found_docs) - added - changed - removed
    return {name for name in waiting if name not in known or freshness.has_changed(known[name])}


def _follow_roles(app: Any, docname: str, _content: list[str]) -> None:
    """Let a document that is read again find the roles that it found the first time.

    docutils keeps the roles that documents define for the whole process, so that what a document means depends on those
    read before it, and localized documents are read in another order.
    """
    if app.builder.name != BUILDER:
        return
    found = app.__dict__.setdefault("amts_roles", {})
    if not getattr(app.builder, "rereading", False):
        found[docname] = dict(roles._roles)
    elif docname in found:
        roles._roles.clear()
        roles._roles.update(found[docname])


def setup(app: Sphinx) -> None:
    """Connect the collection of messages to Sphinx's reading."""
    app.amts_process = os.getpid()  # type: ignore[attr-defined]
    notebooks.setup(app)
    outside.setup(app)
    app.add_transform(KeepAnchors)
    app.add_transform(MarkMessages)
    app.add_transform(CollectMessages)
    app.connect("source-read", _follow_roles)
    app.connect("env-purge-doc", _purge)
    app.connect("env-merge-info", _merge)
    app.connect("env-get-outdated", _outdated)
