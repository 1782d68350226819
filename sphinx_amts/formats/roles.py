"""What is known of roles by their names, whatever the syntax that writes them: which of their texts are prose."""

from __future__ import annotations

import re

PROSE_ROLES = frozenset({"ref", "doc", "term", "download", "any", "dfn", "emphasis", "strong"})
"""Roles whose explicit text is prose."""

_WHOLE = frozenset({"dfn", "emphasis", "strong"})
"""Roles whose whole text is prose."""

_NO_ENTRY = re.compile(r"[;!<>_()`\\]|[a-z][A-Z]|\w\.\w|^[\W\d]*$")
"""What is code in the text of the role ``index``, or has a meaning of its own there."""

CODE_ROLES = frozenset(
    """abbr attr c class code command confval const cpp data eq envvar exc file func guilabel js kbd keyword literal
    macro mailheader makevar manpage math member menuselection meth mimetype mod newsgroup numref obj option pep program
    py raw regexp rfc rst samp sub sup token type var""".split()
)
"""Roles (or their domains) whose text is not prose even where it is given explicitly."""

EXPLICIT = re.compile(r"(?P<text>.+?)(?P<close>\s*(?<!\x00)<(?P<target>[^<]*?)>)$", re.DOTALL)
"""An explicit text and its target, as Sphinx reads them; an escaped ``<`` is preceded by NUL."""


def is_prose(role: str, text: str) -> bool:
    """Whether the explicit *text* that *role* was given is prose and not code, keys or a path."""
    parts = role.lower().replace("+", ":").split(":")
    if parts[-1] in PROSE_ROLES:
        return True
    if not role or parts[0] in CODE_ROLES or parts[-1] in CODE_ROLES or parts[-1].startswith("cite"):
        return False
    return " " in text.strip() or not text.isascii()


def is_wholly_prose(role: str, text: str, translated: bool = False) -> bool:
    """Whether the *text* of *role*, which is both what it shows and what it names, is prose; a *translated* entry always is."""
    return role in _WHOLE or (role == "index" and (translated or not _NO_ENTRY.search(text)))
