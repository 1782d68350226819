"""Anchors that outlive a translation: a localized section or term keeps the ids and names of its source.

docutils makes ids from titles, so a translated title would move the section's address: links from other pages and other
sites, ``[text](#slug)`` in Markdown, ``autosectionlabel`` and ``:term:`` in text that is not translated yet would break. The
source's ids cannot be written into a localized file (every byte outside of translated spans stays); so the ``amts``
builder puts them beside the files, and when a localized book is read, :class:`KeepAnchors` gives each section and term the
ids and names of its counterpart. Sphinx does the same when it translates while it reads (``sphinx.transforms.i18n``).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple
from pathlib import Path
from typing import Any, cast

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform

from sphinx_amts.extract.application import application
from sphinx_amts.model import Anchor

FILE = ".amts-anchors.json"
"""Name of the file in a localized tree."""


class KeepAnchors(SphinxTransform):
    """Gives the sections and terms of a localized document the ids and names of their sources."""

    default_priority = 25  # before anything refers to an id, behind Sphinx's own translation (20)

    def apply(self, **kwargs: Any) -> None:
        """Change a localized document; a source document keeps a note of its anchors."""
        places = list(_places(self.document))
        document: Any = self.document
        document.amts_anchors = tuple(map(_anchor, places))
        wanted = _expected(application(self.env)).get(self.env.docname, ())
        if [node.tagname for node in places] != [anchor.kind for anchor in wanted]:
            return  # a source book, or a person has added or removed sections
        self._free([id_ for anchor in wanted for id_ in anchor.ids], places)
        for node, anchor in zip(places, wanted, strict=True):
            changed = dict(zip(node["ids"], anchor.ids, strict=False))
            self._restore(node, anchor, changed)
            if isinstance(node, nodes.term):
                self._restore_term(node, anchor, changed)
        self._restore_slugs(places, wanted)

    def _free(self, ids: Sequence[str], places: Sequence[nodes.Element]) -> None:
        """Give other nodes that happen to have got one of *ids* another one."""
        own = {id(node) for node in places}
        known = self.document.ids
        moved = {name: known[name] for name in ids if name in known and id(known[name]) not in own}
        for node in places:
            for name in node["ids"]:
                known.pop(name, None)
        known.update(dict.fromkeys(ids, self.document))  # none of them is given again
        for name, node in moved.items():
            node["ids"].remove(name)
            self._rename({name: self.document.set_id(node)})

    def _rename(self, ids: Mapping[str, str]) -> None:
        nameids = self.document.nameids
        for name, value in nameids.items():
            if value in ids:
                nameids[name] = ids[value]

    def _restore(self, node: nodes.Element, anchor: Anchor, changed: Mapping[str, str]) -> None:
        node["ids"] = list(anchor.ids)
        for name in anchor.ids:
            self.document.ids[name] = node
        self._rename(changed)
        elements = getattr(self.document, "names", {})  # where docutils 0.23 looks for the target of a target
        for name in anchor.names:
            if anchor.ids and name not in self.document.nameids:
                node["names"].append(name)
                self.document.nameids[name] = anchor.ids[0]
                self.document.nametypes[name] = False
                elements[name] = node
        if (
            "sphinx.ext.autosectionlabel" in application(self.env).extensions
            and len(node)
            and isinstance(node[0], nodes.title)
        ):
            node[0].rawsource = anchor.text  # that extension takes its labels from it

    def _restore_term(self, node: nodes.term, anchor: Anchor, changed: Mapping[str, str]) -> None:
        """Let index and glossary point to the new ids, and let the source's term find them too."""
        for index in node.findall(addnodes.index):
            index["entries"] = [(*entry[:2], changed.get(entry[2], entry[2]), *entry[3:]) for entry in index["entries"]]
        std: Any = self.env.get_domain("std")
        place = (self.env.docname, anchor.ids[0]) if anchor.ids else None
        for key, (docname, id_) in list(std.objects.items()):
            if key[0] == "term" and docname == self.env.docname and id_ in changed:
                std.objects[key] = (docname, changed[id_])
                std._terms[key[1].lower()] = std.objects[key]
        if place is not None:
            std.objects.setdefault(("term", anchor.text), place)
            std._terms.setdefault(anchor.text.lower(), place)

    def _restore_slugs(self, places: Sequence[nodes.Element], wanted: Sequence[Anchor]) -> None:
        """Let Markdown's ``[text](#slug)`` find the sections under the source's slugs."""
        slugs = getattr(self.document, "myst_slugs", {})
        found = [slugs.pop(node.get("slug"), (node.line, "", "")) for node in places]
        for node, anchor, (line, _id, text) in zip(places, wanted, found, strict=True):
            if anchor.slug:
                slugs[anchor.slug] = (line, anchor.ids[0], text)
                node["slug"] = anchor.slug


def _anchor(node: nodes.Element) -> Anchor:
    title = node if isinstance(node, nodes.term) or not len(node) else node[0]
    text = (getattr(title, "rawsource", "") if title is not node else "") or title.astext()
    return Anchor(node.tagname, tuple(node["ids"]), (*node["names"], *node["dupnames"]), text, node.get("slug") or "")


def _places(document: nodes.document) -> Iterator[nodes.Element]:
    """Sections and glossary terms, in the order in which they stand in the file."""
    for node in document.findall(lambda node: isinstance(node, (nodes.section, addnodes.glossary))):
        if isinstance(node, nodes.section):
            yield node
        else:  # a sorted glossary has another order in another language
            yield from sorted(node.findall(nodes.term), key=lambda term: cast("nodes.term", term).line or 0)


# -- the file ------------------------------------------------------------------------------------------------------


def encode(documents: Mapping[str, Sequence[Anchor]]) -> bytes:
    """The file with the anchors of the documents whose titles or terms are translated."""
    table = {name: [astuple(anchor) for anchor in documents[name]] for name in sorted(documents)}
    return (json.dumps(table, indent=0, ensure_ascii=False) + "\n").encode()


def expect(app: Sphinx, documents: Mapping[str, Sequence[Anchor]]) -> None:
    """Let documents that *app* reads from now on keep the anchors of their sources."""
    app.amts_anchors = documents  # type: ignore[attr-defined]


def _expected(app: Sphinx) -> Mapping[str, Sequence[Anchor]]:
    if not hasattr(app, "amts_anchors"):
        expect(app, read(Path(str(app.srcdir)) / FILE))
    return cast("Mapping[str, Sequence[Anchor]]", app.amts_anchors)  # type: ignore[attr-defined]


def read(path: Path) -> dict[str, tuple[Anchor, ...]]:
    """The anchors by document that the file at *path* holds; none if there is no file."""
    if not path.is_file():
        return {}
    table = json.loads(path.read_text(encoding="utf-8"))
    return {
        name: tuple(Anchor(kind, tuple(ids), tuple(names), text, slug) for kind, ids, names, text, slug in anchors)
        for name, anchors in table.items()
    }
