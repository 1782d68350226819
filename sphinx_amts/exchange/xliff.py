"""Reading and writing XLIFF 1.2 (OASIS Standard, 1 February 2008, docs.oasis-open.org/xliff/v1.2/os/xliff-core.html).

Version 1.2, not 2.0: OmegaT, Weblate, Trados, memoQ and Poedit read and write it, and only it has states for drafts, reviews and
approvals (2.0 has four). Files of versions 1.0 and 1.1 are read as well; they differ in what is not used here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from xml.sax.saxutils import quoteattr

from sphinx_amts.exchange.content import Code, Content
from sphinx_amts.exchange.unit import Status, Unit, read_marks
from sphinx_amts.model import FileError
from sphinx_amts.parallel import xml
from sphinx_amts.parallel.languages import find, language_tag

_NAMESPACE = "urn:oasis:names:tc:xliff:document:1.2"
_KIND = xml.Kind(
    "XLIFF 1.2", "xliff", "trans-unit", "Export the file as XLIFF 1.2.",
    (_NAMESPACE, "urn:oasis:names:tc:xliff:document:1.1"),
)  # fmt: skip
_AROUND = {"emphasis": "italic", "strong": "bold", "link": "link"}
_ALONE = {"hardbreak": "lb", "image": "image"}
_PAIRED = {"bx": "open", "ex": "close", "bpt": "open", "ept": "close"}


# -- writing -------------------------------------------------------------------------------------------------------


def write(units: Iterable[Unit], languages: tuple[str, str], formats: dict[str, str]) -> bytes:
    """The file of *units*, which come place by place; *formats* are the syntaxes of places, as far as they have one."""
    codes = [language_tag(language) for language in languages]
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f'<xliff version="1.2" xmlns="{_NAMESPACE}">']
    for place, members in groupby(units, key=lambda unit: unit.place):
        datatype = f"x-{formats[place]}" if place in formats else "po"
        lines += [
            f'<file original={quoteattr(place)} source-language="{codes[0]}" target-language="{codes[1]}" datatype="{datatype}">',
            "<body>",
        ]
        for unit in members:
            lines += _unit(unit, codes)
        lines += ["</body>", "</file>"]
    return "\n".join([*lines, "</xliff>", ""]).encode()


def _unit(unit: Unit, codes: Sequence[str]) -> Iterator[str]:
    status = unit.status
    attributes = {
        "id": unit.key,
        "restype": f"x-{unit.kind}" if unit.kind else "",
        "translate": "no" if unit.locked else "",
        "approved": "yes" if status.approved else "",
        "xml:space": "preserve",
    }
    yield f"<trans-unit{_attributes(attributes)}>"
    yield f'<source xml:lang="{codes[0]}">{"".join(_markup(unit.source))}</source>'
    target = _attributes({"xml:lang": codes[1], "state": status.state, "state-qualifier": status.qualifier})
    yield f"<target{target}>{''.join(_markup(unit.target))}</target>"
    if unit.line:
        yield '<context-group purpose="location">'
        yield f'<context context-type="sourcefile">{xml.escaped(unit.place)}</context>'
        yield f'<context context-type="linenumber">{unit.line}</context>'
        yield "</context-group>"
    for line in unit.marks.lines():
        origin = "amts" if line.startswith("amts") else "translator"
        yield f'<note from="{origin}">{xml.escaped(line)}</note>'
    yield "</trans-unit>"


def _attributes(values: dict[str, str]) -> str:
    return "".join(f" {name}={quoteattr(value)}" for name, value in values.items() if value)


def _markup(content: Content) -> Iterator[str]:
    for part in content:
        if isinstance(part, str):
            yield xml.escaped(part)
        elif part.shape == "open":
            yield f"<g{_attributes({'id': part.key, 'ctype': _AROUND.get(part.kind, f'x-{part.kind}')})}>"
        elif part.shape == "close":
            yield "</g>"
        else:
            values = {"id": part.key, "ctype": _ALONE.get(part.kind, f"x-{part.kind}"), "equiv-text": part.shown}
            yield f"<ph{_attributes(values)}>{xml.escaped(part.native)}</ph>"


# -- reading -------------------------------------------------------------------------------------------------------


def read(path: Path, data: bytes, source: str, target: str) -> Iterator[Unit]:
    """Give the units of a file between two languages (Sphinx's codes). Raises :class:`FileError` with the line."""
    checked: set[int] = set()
    for element, around in xml.read(path, data, _KIND):
        file = next((one for one in around if one.name == "file"), None)
        if file is None:
            raise FileError(path, "a <trans-unit> outside of any <file>", _KIND.remedy, element.line)
        if file.line not in checked:
            _check_languages(path, file, (source, target))
            checked.add(file.line)
        yield _read_unit(element, file)


def languages(path: Path, data: bytes) -> set[str]:
    """The codes of the target languages of a file."""
    found = (one for _, around in xml.read(path, data, _KIND) for one in around if one.name == "file")
    return {file.attributes.get("target-language", "") for file in found} - {""}


def _check_languages(path: Path, file: xml.Element, wanted: tuple[str, str]) -> None:
    for name, language in zip(("source-language", "target-language"), wanted, strict=True):
        code = file.attributes.get(name)
        if code and find([code], language) is None:
            problem = f"its {name} is {code!r}, not {language!r}"
            raise FileError(path, problem, "Name the language with --language, or export the file for it.", file.line)


def _read_unit(element: xml.Element, file: xml.Element) -> Unit:
    target = element.first("target")
    source = element.first("source")
    said = target.attributes if target is not None else {}
    status = Status(said.get("state", ""), said.get("state-qualifier", ""), element.attributes.get("approved") == "yes")
    notes = [note for note in element.all("note") if note.attributes.get("from") in {"amts", "translator"}]
    return Unit(
        place=file.attributes.get("original", ""),
        key=element.attributes.get("id", ""),
        source=tuple(_content(source)) if source is not None else (),
        target=tuple(_content(target)) if target is not None else (),
        status=status,
        marks=read_marks(note.text for note in notes),
        line=element.line,
        locked=element.attributes.get("translate") == "no",
    )


def _content(element: xml.Element) -> Iterator[str | Code]:
    """The content of a ``source`` or ``target``; ``mrk`` and what other programs add around text count as nothing."""
    for child in element.children:
        if isinstance(child, str):
            yield child
            continue
        key = child.attributes.get("rid") or child.attributes.get("id", "")
        if child.name in _PAIRED:
            yield Code(key, "open" if _PAIRED[child.name] == "open" else "close", child.text)
        elif child.name == "g":
            yield Code(key, "open")
            yield from _content(child)
            yield Code(key, "close")
        elif child.name in {"x", "ph", "it"}:
            yield Code(key, "alone", child.text)
        else:
            yield from _content(child)
