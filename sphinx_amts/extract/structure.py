"""What must be the same in a localized copy of a document: its nodes and targets, without their prose."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from docutils import nodes
from sphinx import addnodes

_VERBATIM = (nodes.FixedTextElement, nodes.literal, nodes.math, nodes.raw)
_WARNING = 2
_SHORT = re.compile(r"(?s).*?Title (?:under|over)line too short")
"""What docutils says of a title whose lines the author drew too short; under a translation they are long enough."""

_ATTRIBUTES = ("refuri", "reftype", "uri", "refdomain", "format", "language", "objtype", "expr")


def structure_of(node: nodes.Node, ordinals: Mapping[int, int]) -> Iterator[str]:
    """The doctree below *node* without its prose, one string per node; ``#n`` where message *n* begins.

    *ordinals* numbers the messages by the ``id()`` of their nodes.
    """
    if isinstance(node, nodes.Text):
        return
    assert isinstance(node, nodes.Element), "doctrees hold texts and elements"
    if isinstance(node, nodes.system_message) and (node.get("level", 0) < _WARNING or _SHORT.match(node.astext())):
        return
    if isinstance(node, nodes.target) and "refuri" in node and isinstance(node.parent, nodes.TextElement):
        return  # a link with an address may define its text as a name, or not
    if "ismod" in node:
        return  # Sphinx joins a module's target with the section before it, or not, by what the title's id is
    if id(node) in ordinals:
        yield f"#{ordinals[id(node)]}"
    yield _describe(node)
    if isinstance(node, nodes.Invisible):
        return
    if isinstance(node, _VERBATIM) and "xref" not in node.get("classes", ()):
        yield "=" + ("" if _is_excerpt(node) else " ".join(node.astext().split()))
        return
    children = [list(structure_of(child, ordinals)) for child in node.children]
    sorted_glossary = isinstance(node, nodes.definition_list) and isinstance(node.parent, addnodes.glossary)
    if sorted_glossary or isinstance(node, nodes.TextElement):  # another language has another order of words
        children.sort(key=lambda lines: [line for line in lines if not line.startswith("#")])
    for child in children:
        yield from child
    yield "/"


def _is_excerpt(node: nodes.Element) -> bool:
    """Whether *node* shows a file as it is, which may be one that is translated: by ``literalinclude`` or ``include``.

    ``include`` with ``:code:`` leaves what only docutils' own directive for code does: a class and no language.
    """
    return isinstance(node, nodes.literal_block) and (
        "source" in node or ("code" in node["classes"] and "language" not in node)
    )


def _value(name: str, value: str) -> str:
    """An attribute as it is compared: the way to a picture outside of the book or in a linked folder depends on where the book lies."""
    if name == "uri" and "://" not in value:
        value = value.rpartition("/")[2]
    return " ".join(value.split())


def _describe(node: nodes.Element) -> str:
    parts = [node.tagname]
    if isinstance(node, nodes.system_message):
        return f"problem {node.get('level')}"
    names = [*_ATTRIBUTES, "reftarget"] if node.get("reftype") != "term" else _ATTRIBUTES
    parts += [f"{name}={_value(name, str(node[name]))}" for name in names if name in node]
    if isinstance(node, nodes.entry):
        parts += [f"{name}={node[name]}" for name in ("morerows", "morecols") if name in node]
    return " ".join(parts)
