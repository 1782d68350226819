"""What the checks find in catalogs: the same for a build, which looks at what it made, and for the page, which looks at all."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from sphinx_amts import checks
from sphinx_amts.catalog import Entry
from sphinx_amts.checks import Finding, Unit
from sphinx_amts.formats import Format
from sphinx_amts.formats.inline import PLACEHOLDER, plain
from sphinx_amts.model import Document, Message, Term


def examine(
    texts: Iterable[tuple[Document, Message, Entry]],
    formats: Mapping[str, Format],
    languages: tuple[str, str],
    terms: Sequence[Term] = (),
    off: Collection[str] = (),
) -> dict[tuple[str, str], tuple[Finding, ...]]:
    """The findings in *texts*, by document and msgid; texts without findings are absent.

    *languages* are those of source and translation, *off* names checks that are switched off. What is not wholly
    translated is not looked at; a stale translation is compared with the source that it was made for.
    """
    found: dict[tuple[str, str], tuple[Finding, ...]] = {}
    pairs: dict[tuple[str, str], tuple[str, str]] = {}
    for document, message, entry in texts:
        if not entry.msgstr or entry.kept or document.format not in formats:
            continue
        format_ = formats[document.format]
        format_.bind(document.labels)
        source = entry.previous if entry.stale and entry.previous else message.raw
        pair = (_plain(format_, source, message.kind), _plain(format_, entry.msgstr, message.kind))
        findings = checks.examine(Unit(*pair, *languages, terms), off)
        pairs[document.docname, message.msgid] = pair
        if findings:
            found[document.docname, message.msgid] = tuple(findings)
    if checks.INCONSISTENT not in off:
        different = checks.inconsistencies(pairs.values())
        for place, (source, _target) in pairs.items():
            if source in different:
                found[place] = (*found.get(place, ()), different[source])
    return found


def _plain(format_: Format, text: str, kind: str) -> str:
    return " ".join(plain(format_.parse(text, kind), PLACEHOLDER).split())
