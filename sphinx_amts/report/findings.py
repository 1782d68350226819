"""What the checks find in catalogs: the same for a build, which counts it, and for the page, which shows it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sphinx_amts import checks
from sphinx_amts.catalog import Entry
from sphinx_amts.checks import Finding, Unit
from sphinx_amts.engines import DRAFTS
from sphinx_amts.formats import Format
from sphinx_amts.formats.inline import PLACEHOLDER, plain
from sphinx_amts.model import Message, Term


@dataclass(frozen=True, slots=True)
class Examined:
    """What is known of one document in one language."""

    texts: Mapping[str, tuple[str, str]]
    """Plain source and translation by msgid; what is not wholly translated is absent."""
    findings: Mapping[str, tuple[Finding, ...]]
    """What the checks found, by msgid; texts without findings are absent."""
    drafts: int
    """Translations that are a drafting engine's, wholly or in part, and that nobody has read."""


def examine(
    entries: Iterable[tuple[Message, Entry]],
    format_of: Callable[[Message], Format],
    languages: tuple[str, str],
    terms: Sequence[Term] = (),
) -> Examined:
    """Run all checks of single texts over the *entries* of a document; *languages* are those of source and translation.

    What is not wholly translated is not looked at; a stale translation is compared with the source that it was made for.
    """
    texts: dict[str, tuple[str, str]] = {}
    found: dict[str, tuple[Finding, ...]] = {}
    drafts = 0
    for message, entry in entries:
        drafts += entry.engine in DRAFTS
        if not entry.msgstr or entry.kept:
            continue
        format_ = format_of(message)
        source = entry.previous if entry.stale and entry.previous else message.raw
        plain_source = _plain(format_, source, message.kind)
        is_same = entry.msgstr == source
        pair = (plain_source, plain_source if is_same else _plain(format_, entry.msgstr, message.kind))
        texts[message.msgid] = pair
        if findings := checks.examine(Unit(*pair, *languages, terms)):
            found[message.msgid] = tuple(findings)
    return Examined(texts, found, drafts)


def of_book(documents: Mapping[str, Examined]) -> dict[tuple[str, str], tuple[Finding, ...]]:
    """The findings of all *documents*, by document and msgid, with those that only a whole book has."""
    found = {
        (docname, msgid): findings for docname, one in documents.items() for msgid, findings in one.findings.items()
    }
    different = checks.inconsistencies([pair for one in documents.values() for pair in one.texts.values()])
    for docname, one in documents.items():
        for msgid, (source, _target) in one.texts.items():
            if source in different:
                found[docname, msgid] = (*found.get((docname, msgid), ()), different[source])
    return found


def _plain(format_: Format, text: str, kind: str) -> str:
    return " ".join(plain(format_.parse(text, kind), PLACEHOLDER).split())
