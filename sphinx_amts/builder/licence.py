"""What people may do to inline markup: a translator knows why, a machine does not.

People leave emphasis out where their language has none, link to the page of another language, name a formula or a figure once where
the source names it twice. Their text stands as long as the localized book can be built with it: its blocks are the same, nothing in
it is a problem for the reader of the document, it refers to nothing but what the document refers to, footnotes and targets are all
there, and no mark of markup is left over, which would be a slip.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence

from sphinx_amts.formats import Format
from sphinx_amts.formats.inline import plain
from sphinx_amts.model import Message

_FREE = {
    "emphasis", "inline", "literal", "literal_emphasis", "literal_strong", "math", "reference", "strong", "subscript",
    "superscript", "title_reference",
}  # fmt: skip
"""Names of nodes that a text may have or not."""

_REFERENCE = "pending_xref"
"""Name of nodes that a text may leave out; what they refer to has to exist."""

_MARK = re.compile(r"[`*]+|\]\(|\[\w|:\w+:(?=\S)|\{\w+\}|\$")
"""What begins or ends inline markup; in a text without markup it is left over."""


def allows(
    format_: Format, message: Message, text: str, ours: Sequence[str], theirs: Sequence[str], known: Collection[str]
) -> bool:
    """Whether a person's *text* may stand for *message* of a document in *format_*.

    *ours* and *theirs* are the structure from this message to the next, in the source and in the localized file; *known* is all of
    the document's.
    """
    added = (line for line in theirs if line.split(" ", 1)[0] == _REFERENCE)
    if not all(line in known for line in added) or _fixed(ours) != _fixed(theirs):
        return False
    left = _marks(format_, text, message.kind)
    left.subtract(_marks(format_, message.raw, message.kind))
    return all(count <= 0 for count in left.values())


def _fixed(lines: Sequence[str]) -> Counter[str]:
    """The nodes that no text may change, each with what it holds to the letter, and how many others end among them."""
    found: Counter[str] = Counter()
    is_free = False
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        if line.startswith("="):  # what the node before holds; such a node has no end of its own
            found[line] += not is_free
        elif line == "/":
            found[line] += 1
        else:
            name = line.split(" ", 1)[0]
            is_free = name in _FREE or name == _REFERENCE
            found[line] += not is_free
            found["/"] -= is_free and not following.startswith("=")
    return +found


def _marks(format_: Format, text: str, kind: str) -> Counter[str]:
    """The marks of markup that are left over in *text*, and how often."""
    return Counter(_MARK.findall(plain(format_.parse(text, kind), " ")))
