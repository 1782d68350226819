"""TMX and XLIFF, out of the catalogs and into them: nothing is lost, and nothing is taken that does not fit."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sphinx_amts import catalog as po
from sphinx_amts.cli import main
from sphinx_amts.exchange import tmx as memory
from sphinx_amts.exchange import xliff
from sphinx_amts.exchange.content import Code, Content, natives, signature
from sphinx_amts.exchange.unit import Marks, Unit
from sphinx_amts.model import Origin
from tests.conftest import CONF, Book

SOURCE = """\
Title
=====

A **bold** word and ``code`` here.

See :ref:`the label <lab>`, then *this*. It costs 5 * 4 & more < most.

.. _lab:

Section
-------

.. code-block:: python

   x = "text"

Stale sentence. Kept sentence.

In conflict.

Read once more, please.

Not translated.

A human with **other markup**.
"""
FORMATS = ("xlf", "tmx")
HUMAN = "Una palabra **gorda** y ``code`` aquí."


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Book:
    """A book with a message in every state, and texts that it no longer has."""
    made = Book(tmp_path_factory.mktemp("exchange"))
    made.write({"conf.py": CONF.format(languages=["es"], engine="pseudo"), "index.rst": SOURCE + "\nGone soon.\n"})
    made.build()
    edit(made, "A **bold** word and ``code`` here.", HUMAN)
    edit(made, "Gone soon.", "Se va pronto.")
    edit(made, "Stale sentence. Kept sentence.", "Frase vieja. Frase guardada.")
    edit(made, "A human with **other markup**.", "Una persona con  *otro marcado* y ``más``.")
    made.edit("index.rst", "Stale sentence.", "Newer sentence.")
    made.edit("index.rst", "\nGone soon.\n", "")
    made.build()
    catalog = po.read(made.catalog("es", "index"))
    entries = {entry.msgid: entry for entry in catalog.entries}
    assert entries["Newer sentence. Kept sentence."].stale
    changed = {
        "In conflict.": replace(
            entries["In conflict."], msgstr="En conflicto.", comments=("a note", po.CONFLICT + "Otro."), raw=""
        ),
        "Read once more, please.": replace(
            entries["Read once more, please."], msgstr="Leer otra vez.", comments=(), flags=("fuzzy",), raw=""
        ),
        "Not translated.": entries["Not translated."].translated("", ""),
    }
    po.write(replace(catalog, entries=tuple(changed.get(entry.msgid, entry) for entry in catalog.entries)))
    shutil.rmtree(made.source / "locales" / ".amts")
    return made


@pytest.fixture
def book(built: Book, tmp_path: Path) -> Book:
    """A copy of that book."""
    shutil.copytree(built.source, tmp_path / "book")
    return Book(tmp_path)


def edit(book: Book, msgid: str, text: str) -> None:
    """A person's translation in the catalog."""
    catalog = po.read(book.catalog("es", "index"))
    assert msgid in {entry.msgid for entry in catalog.entries}
    entries = [entry.approved(text) if entry.msgid == msgid else entry for entry in catalog.entries]
    po.write(replace(catalog, entries=tuple(entries)))


def export(book: Book, name: str, *more: str) -> Path:
    path = book.folder / name
    assert main(["export", str(book.source), "-o", str(path), *more]) == 0
    return path


def take(book: Book, path: Path, *more: str) -> int:
    return main(["import", str(book.source), str(path), *more])


def entries(book: Book) -> dict[str, po.Entry]:
    return po.read(book.catalog("es", "index")).by_msgid()


def status(book: Book, capsys: pytest.CaptureFixture[str]) -> object:
    capsys.readouterr()
    main(["status", str(book.source), "--json"])
    return json.loads(capsys.readouterr().out)


def change(path: Path, source: str, pattern: str, new: str) -> None:
    """Change the unit whose source contains *source*."""
    units = re.split(r"(?=<trans-unit|<tu )", path.read_text(encoding="utf-8"))
    number = next(number for number, unit in enumerate(units) if source in unit.split("<target")[0].split("</tuv>")[0])
    units[number], count = re.subn(pattern, new, units[number], count=1, flags=re.DOTALL)
    assert count, units[number]
    path.write_text("".join(units), encoding="utf-8", newline="")


# -- round trips ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", FORMATS)
def test_an_untouched_file_changes_no_byte(book: Book, ending: str) -> None:
    before = book.catalog("es", "index").read_bytes()
    path = export(book, f"job.{ending}")
    assert take(book, path) == 0
    assert book.catalog("es", "index").read_bytes() == before
    first = path.read_bytes()
    assert export(book, f"job.{ending}").read_bytes() == first


@pytest.mark.parametrize("ending", FORMATS)
@pytest.mark.parametrize("loss", ["catalogs", "translations"])
def test_text_and_states_come_back(book: Book, ending: str, loss: str, capsys: pytest.CaptureFixture[str]) -> None:
    before = po.read(book.catalog("es", "index")).entries[1:]
    states = status(book, capsys)
    path = export(book, f"job.{ending}")
    if loss == "catalogs":
        shutil.rmtree(book.source / "locales")
    else:
        catalog = po.read(book.catalog("es", "index"))
        bare = [
            replace(one, msgstr="", comments=(), flags=(), previous=None, raw="") if one.msgid else one
            for one in catalog.entries
            if not one.obsolete
        ]
        po.write(replace(catalog, entries=tuple(bare)))
    assert take(book, path) == 0
    after = po.read(book.catalog("es", "index")).entries[1:]
    assert [replace(entry, references=()) for entry in after] == [replace(entry, references=()) for entry in before]
    assert status(book, capsys) == states


def test_units_say_their_states(book: Book) -> None:
    text = export(book, "job.xliff").read_text(encoding="utf-8")
    found = {
        re.sub("<[^>]*>", "", source): (state, qualifier)
        for source, state, qualifier in re.findall(
            r'<source[^>]*>(.*?)</source>\n<target[^>]* state="([^"]*)"(?: state-qualifier="([^"]*)")?', text
        )
    }
    assert found["Title"] == ("needs-review-l10n", "leveraged-mt")
    assert found["A bold word and ``code`` here."] == ("translated", "")
    assert found["Newer sentence. Kept sentence."] == ("needs-translation", "fuzzy-match")
    assert found["In conflict."] == ("needs-review-translation", "x-amts-conflict")
    assert found["Read once more, please."] == ("needs-review-translation", "")
    assert found["Not translated."] == ("needs-translation", "")
    assert text.count('approved="yes"') == 4, "two messages and two texts that are gone"


@pytest.mark.parametrize(
    ("only", "sources"),
    [
        ("untranslated", ["Not translated."]),
        ("stale", ["Newer sentence. Kept sentence.", "Read once more, please."]),
        ("conflicts", ["In conflict."]),
    ],
)
def test_a_job_holds_only_what_is_asked_for(book: Book, only: str, sources: list[str]) -> None:
    text = export(book, "job.xlf", "--only", only).read_text(encoding="utf-8")
    assert re.findall(r"<source[^>]*>(.*?)</source>", text) == sources


def test_valid_by_the_schema(book: Book) -> None:
    etree = pytest.importorskip("lxml.etree")
    schema = etree.XMLSchema(_local_schema(etree))
    document = etree.parse(str(export(book, "job.xlf")))
    assert schema.validate(document), schema.error_log
    document.find(".//{*}target").set("state", "nonsense")
    assert not schema.validate(document)


def _local_schema(etree: object) -> object:
    """OASIS' schema, which imports one of the W3C's by an address on the web: that one is beside it."""
    folder = Path(__file__).parent / "schemas"
    schema = etree.parse(str(folder / "xliff-core-1.2-strict.xsd"))  # type: ignore[attr-defined]
    imported = schema.getroot().find("{*}import")
    imported.set("schemaLocation", (folder / "xml.xsd").as_uri())
    return schema


# -- changes made in a translation tool ----------------------------------------------------------------------------


def test_a_changed_target_is_a_persons(book: Book) -> None:
    path = export(book, "job.xlf")
    change(path, "Title", r"(<target[^>]*>).*?</target>", r"\1El título</target>")
    change(path, "Not translated.", r"(<target[^>]*>).*?</target>", r"\1Sin traducir.</target>")
    change(path, "Newer sentence", r"(<target[^>]*>).*?</target>", r"\1Frase nueva. Frase guardada.</target>")
    assert take(book, path) == 0
    found = entries(book)
    for msgid, text in {
        "Title": "El título",
        "Not translated.": "Sin traducir.",
        "Newer sentence. Kept sentence.": "Frase nueva. Frase guardada.",
    }.items():
        assert (found[msgid].msgstr, found[msgid].origin, found[msgid].fuzzy) == (text, Origin.HUMAN, False)
        assert not found[msgid].stale
    assert book.build().summary["es"]["sent_characters"] == 0


@pytest.mark.parametrize(
    ("attributes", "origin", "fuzzy"),
    [
        ('state="final"', Origin.HUMAN, False),
        ('state="signed-off" state-qualifier="leveraged-mt"', Origin.HUMAN, False),
        ('state="translated"', Origin.HUMAN, False),
        ('state="translated" state-qualifier="leveraged-mt"', Origin.MACHINE, False),
        ('state="needs-review-translation"', Origin.MACHINE, False),
    ],
)
def test_a_state_alone(book: Book, attributes: str, origin: Origin, fuzzy: bool) -> None:
    text = entries(book)["Title"].msgstr
    path = export(book, "job.xlf")
    change(path, "Title", r'state="[^"]*" state-qualifier="[^"]*"', attributes)
    assert take(book, path) == 0
    entry = entries(book)["Title"]
    assert (entry.msgstr, entry.origin, entry.fuzzy) == (text, origin, fuzzy)


@pytest.mark.parametrize("msgid", ["Title", "Not translated."])
@pytest.mark.parametrize("state", ["needs-review-translation", "needs-translation", "new", "translated"])
def test_a_changed_target_with_a_state(book: Book, msgid: str, state: str) -> None:
    path = export(book, "job.xlf")
    change(path, msgid, r"<target[^>]*>.*?</target>", f'<target state="{state}">Otra cosa</target>')
    assert take(book, path) == 0
    entry = entries(book)[msgid]
    unchanged_state = msgid == "Not translated." and state == "needs-translation"
    assert (entry.msgstr, entry.origin) == ("Otra cosa", Origin.HUMAN)
    assert entry.fuzzy == (state != "translated" and not unchanged_state)


def test_a_reviewer_takes_an_approval_back(book: Book) -> None:
    path = export(book, "job.xlf")
    change(path, ">bold<", r' approved="yes"', "")
    change(path, ">bold<", r'state="translated"', 'state="needs-review-translation"')
    assert take(book, path) == 0
    entry = entries(book)["A **bold** word and ``code`` here."]
    assert (entry.msgstr, entry.fuzzy, entry.origin) == (HUMAN, True, Origin.HUMAN)


def test_what_the_catalog_has_since_then_stands(book: Book, capsys: pytest.CaptureFixture[str]) -> None:
    path = export(book, "job.xlf")
    change(path, "Not translated.", r"(<target[^>]*>).*?</target>", r"\1Desde el archivo.</target>")
    change(path, ">bold<", r"(<target[^>]*>).*?</target>", r"\1Desde el archivo.</target>")
    edit(book, "Title", "Más nuevo")
    edit(book, "Not translated.", "Desde el catálogo.")
    assert take(book, path) == 1, "bold has lost its markup, and one is a conflict"
    errors = capsys.readouterr().err
    assert "job.xlf:" in errors
    assert "[conflict]" in errors
    found = entries(book)
    assert found["Title"].msgstr == "Más nuevo"
    assert found["Not translated."].msgstr == "Desde el catálogo."
    assert found["Not translated."].comments == (po.CONFLICT + "Desde el archivo.",)
    assert take(book, path) == 1
    assert found == entries(book)


def test_dry_run_changes_nothing(book: Book, capsys: pytest.CaptureFixture[str]) -> None:
    before = book.catalog("es", "index").read_bytes()
    path = export(book, "job.xlf")
    change(path, "Title", r"(<target[^>]*>).*?</target>", r"\1El título</target>")
    assert take(book, path, "--dry-run") == 0
    assert "1 changed by a person" in capsys.readouterr().out
    assert book.catalog("es", "index").read_bytes() == before


# -- markup --------------------------------------------------------------------------------------------------------


def test_markup_moves_and_stays(book: Book) -> None:
    path = export(book, "job.xlf")
    change(
        path,
        ">bold<",
        r"(<target[^>]*>).*?</target>",
        r'\1<ph id="2">``code``</ph> va antes de <x id="1"/></target>',
    )
    assert take(book, path) == 1, "an empty element is not the bold text"
    change(
        path,
        ">bold<",
        r"(<target[^>]*>).*?</target>",
        r'\1<x id="2"/> y 2*3 <bpt id="1">**</bpt>negrita<ept id="1">**</ept>.</target>',
    )
    assert take(book, path) == 0
    assert entries(book)["A **bold** word and ``code`` here."].msgstr == r"``code`` y 2*3 **negrita**."


@pytest.mark.parametrize(
    ("target", "code"),
    [
        ('sin <g id="1">código</g>', "tag-lost"),
        ('<ph id="2">``code``</ph><ph id="2">``code``</ph> <g id="1">a</g>', "tag-doubled"),
        ('<ph id="2">``rm``</ph> <g id="1">a</g>', "protected-altered"),
        ('<g id="1">a <x id="2"/></g>', "tag-moved"),
        ('<g id="9">a</g> <x id="2"/>', "tag-invented"),
        ('<bx id="1" rid="1"/>a <x id="2"/>', "tag-crossed"),
    ],
)
def test_damaged_markup_is_refused(book: Book, target: str, code: str, capsys: pytest.CaptureFixture[str]) -> None:
    before = book.catalog("es", "index").read_bytes()
    path = export(book, "job.xlf")
    change(path, ">bold<", r"(<target[^>]*>).*?</target>", rf"\1{target}</target>")
    line = path.read_text(encoding="utf-8").split(">bold<")[0].count("\n")
    assert take(book, path) == 1
    assert re.search(rf"job\.xlf:{line}: unit '\w+' is skipped: .*\[{code}\]", capsys.readouterr().err)
    assert book.catalog("es", "index").read_bytes() == before


def test_a_translation_with_markup_of_its_own_can_be_edited(book: Book) -> None:
    path = export(book, "job.xlf")
    change(path, ">other markup<", "Una persona con", "Alguien con")
    assert take(book, path) == 0
    assert entries(book)["A human with **other markup**."].msgstr == "Alguien con *otro marcado* y ``más``."


# -- bad input -----------------------------------------------------------------------------------------------------

_XLIFF = '<xliff version="1.2" xmlns="urn:oasis:names:tc:xliff:document:1.2"><file original="index.rst" {}><body>{}</body></file></xliff>'
_UNIT = '<trans-unit id="{}"><source>{}</source><target>x</target></trans-unit>'
_LANGUAGES = 'source-language="en" target-language="es" datatype="po"'


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.xlf", b"<xliff><file>", "a.xlf:1: is not sound XML"),
        ("a.xlf", "<xliff>é</xliff>".encode("latin-1"), "a.xlf:1: byte 7 (0xE9) is not valid UTF-8"),
        ("a.xlf", b'<!DOCTYPE xliff SYSTEM "http://localhost/x.dtd"><xliff/>', "would have to be fetched"),
        ("a.xlf", b'<!DOCTYPE xliff [<!ENTITY e SYSTEM "file:///etc/passwd">]><xliff>&e;</xliff>', "declares entities"),
        ("a.tmx", b'<!DOCTYPE tmx [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><tmx>&b;</tmx>', "declares entities"),
        ("a.xlf", b'<xliff xmlns="urn:oasis:names:tc:xliff:document:2.0"/>', "not XLIFF 1.2"),
        ("a.tmx", b"<html/>", "is a <html> file, not TMX"),
        ("a.xlf", _XLIFF.format('source-language="en" target-language="fr"', _UNIT).encode(), "target-language is 'fr'"),
        ("a.xlf", _XLIFF.format('source-language="de" target-language="es"', _UNIT).encode(), "source-language is 'de'"),
        (
            "a.tmx",
            b'<tmx version="1.4"><body><tu><tuv xml:lang="de"><seg>a</seg></tuv><tuv xml:lang="fr"><seg>b</seg></tuv></tu></body></tmx>',
            "its languages are de, fr",
        ),
        ("a.po", b"", "name a file that ends in"),
    ],
)  # fmt: skip
def test_bad_files(book: Book, name: str, data: bytes, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    before = book.catalog("es", "index").read_bytes()
    path = book.folder / name
    path.write_bytes(data)
    assert take(book, path) == 2
    assert message in capsys.readouterr().err
    assert book.catalog("es", "index").read_bytes() == before


def test_wrong_use(book: Book, capsys: pytest.CaptureFixture[str]) -> None:
    assert take(book, book.folder / "missing.xlf") == 2
    assert main(["export", str(book.source), "-o", str(book.folder / "x.pdf")]) == 2
    assert main(["export", str(book.source), "-o", str(book.folder / "x.tmx"), "--language", "fr"]) == 2
    assert "missing.xlf: cannot be read" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("key", "source", "code"),
    [("nowhere", "Not of this book.", "unknown-unit"), (po.digest("Title"), "Another title", "source-differs")],
)
def test_unknown_units_are_named(
    book: Book, key: str, source: str, code: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = book.folder / "a.xlf"
    path.write_text(_XLIFF.format(_LANGUAGES, "\n" + _UNIT.format(key, source)), encoding="utf-8")
    before = book.catalog("es", "index").read_bytes()
    assert take(book, path) == 1
    error = capsys.readouterr().err
    assert f"a.xlf:2: unit '{key}' is skipped" in error
    assert f"[{code}]" in error
    assert book.catalog("es", "index").read_bytes() == before


def test_the_file_says_the_language(make_book: Callable[..., Book], capsys: pytest.CaptureFixture[str]) -> None:
    made = make_book({"index.rst": SOURCE}, languages=("es", "zh_CN"))
    assert main(["export", str(made.source), "-o", str(made.folder / "a.xlf")]) == 2
    path = export(made, "a.xlf", "--language", "zh_CN")
    assert 'target-language="zh-CN"' in path.read_text(encoding="utf-8")
    change(path, "Title", r"(<target[^>]*>).*?</target>", r"\1标题</target>")
    assert take(made, path) == 0
    assert po.read(made.catalog("zh_CN", "index")).by_msgid()["Title"].msgstr == "标题"
    assert not made.catalog("es", "index").exists()
    assert take(made, path, "--language", "es") == 2


# -- files alone ---------------------------------------------------------------------------------------------------

_TEXT = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), min_size=1, max_size=12
)
_CODE = st.builds(Code, st.integers(1, 99).map(str), st.just("alone"), _TEXT, st.just("literal"), _TEXT)
_CONTENT = st.lists(_TEXT | _CODE, min_size=1, max_size=4).map(tuple)


@given(_CONTENT, _CONTENT, st.lists(_TEXT, max_size=2), st.booleans())
@settings(max_examples=60)
def test_what_is_written_is_read_again(source: Content, target: Content, comments: list[str], is_tmx: bool) -> None:
    marks = Marks("0 - - -", ("fuzzy", "no-wrap"), "before", "exact\r\ntext ", comments=tuple(comments))
    unit = Unit("a.rst", "key", source, target, marks=marks)
    languages = ("en", "zh_CN")
    if is_tmx:
        (found,) = memory.read(Path("a.tmx"), memory.write([unit], languages), *languages)
    else:
        (found,) = xliff.read(Path("a.xlf"), xliff.write([unit], languages, {}), *languages)
    for ours, theirs in ((source, found.source), (target, found.target)):
        assert signature(ours) == signature(theirs)
        assert natives(ours) == natives(theirs)
    assert found.marks == marks
    assert (found.place, found.key) == ("a.rst", "key")


# -- other programs' files -----------------------------------------------------------------------------------------

_TMX = '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE tmx SYSTEM "{dtd}">\n<tmx version="{version}">\n<header {header}/>\n<body>\n{units}\n</body></tmx>\n'
_OMEGAT = 'creationtool="OmegaT" o-tmf="OmegaT TMX" adminlang="EN-US" datatype="plaintext" creationtoolversion="6.0.1" segtype="paragraph" srclang="en"'


def tmx(pairs: dict[str, str], header: str, dtd: str, version: str, lang: str) -> str:
    units = "\n".join(
        f'<tu>\n<tuv {lang}="en"><seg>{ours}</seg></tuv>\n<tuv {lang}="es" changeid="x"><seg>{theirs}</seg></tuv></tu>'
        for ours, theirs in pairs.items()
    )
    return _TMX.format(dtd=dtd, version=version, header=header, units=units)


def test_omegat_names_tags_in_the_text(book: Book) -> None:
    pairs = {
        "Title": "El título",
        "See &lt;r0&gt;the label&lt;/r0&gt;, then &lt;i0&gt;this&lt;/i0&gt;. It costs 5 * 4 &amp; more &lt; most.":
            "Vea &lt;i0&gt;esto&lt;/i0&gt; en &lt;r0&gt;la etiqueta&lt;/r0&gt;.",
    }  # fmt: skip
    path = book.folder / "project_save.tmx"
    path.write_text(tmx(pairs, _OMEGAT, "tmx11.dtd", "1.1", "lang"), encoding="utf-8")
    assert take(book, path) == 0
    found = {entry.msgstr for entry in entries(book).values() if entry.origin is Origin.HUMAN}
    assert {"El título", "Vea *esto* en :ref:`la etiqueta <lab>`."} <= found


def test_omegat_cuts_messages_into_sentences(book: Book, capsys: pytest.CaptureFixture[str]) -> None:
    pairs = {
        "See &lt;r0&gt;the label&lt;/r0&gt;, then &lt;i0&gt;this&lt;/i0&gt;.": "Vea &lt;i0&gt;esto&lt;/i0&gt; en &lt;r0&gt;la etiqueta&lt;/r0&gt;.",
        "It costs 5 * 4 &amp; more &lt; most.": "Cuesta 5 * 4 y más.",
        "Newer sentence.": "Frase nueva.",
    }  # fmt: skip
    path = book.folder / "project_save.tmx"
    path.write_text(tmx(pairs, _OMEGAT, "tmx11.dtd", "1.1", "lang"), encoding="utf-8")
    assert take(book, path) == 1, "the second sentence of one message is not there"
    assert capsys.readouterr().err.count("[unknown-unit]") == 1
    texts = {entry.msgstr for entry in entries(book).values() if entry.origin is Origin.HUMAN}
    assert r"Vea *esto* en :ref:`la etiqueta <lab>`. Cuesta 5 * 4 y más." in texts


def test_omegat_level_2(book: Book) -> None:
    ours = 'See <bpt i="0" x="0">&lt;r0&gt;</bpt>the label<ept i="0">&lt;/r0&gt;</ept>, then <bpt i="1" x="1">&lt;i0&gt;</bpt>this<ept i="1">&lt;/i0&gt;</ept>. It costs 5 * 4 &amp; more &lt; most.'
    theirs = 'Vea <bpt i="1" x="1">&lt;i0&gt;</bpt>esto<ept i="1">&lt;/i0&gt;</ept> en <bpt i="0" x="0">&lt;r0&gt;</bpt>la etiqueta<ept i="0">&lt;/r0&gt;</ept>.'
    path = book.folder / "book-level2.tmx"
    path.write_text(tmx({ours: theirs}, _OMEGAT, "tmx14.dtd", "1.4", "xml:lang"), encoding="utf-8")
    assert take(book, path) == 0
    assert "Vea *esto* en :ref:`la etiqueta <lab>`." in {entry.msgstr for entry in entries(book).values()}


def test_files_made_from_catalogs_hold_markup_as_text(book: Book) -> None:
    """Weblate's TMX of a gettext component: the Translate Toolkit writes msgid and msgstr as they stand."""
    storage = pytest.importorskip("translate.storage.tmx")
    edit(book, "A **bold** word and ``code`` here.", "")
    store = storage.tmxfile()
    store.addtranslation("A **bold** word and ``code`` here.", "en", "Con **negrita** y ``code``.", "es")
    path = book.folder / "weblate.tmx"
    path.write_bytes(bytes(store))
    assert take(book, path) == 0
    entry = entries(book)["A **bold** word and ``code`` here."]
    assert (entry.msgstr, entry.origin) == ("Con **negrita** y ``code``.", Origin.HUMAN)


def test_as_weblate_edits_an_xliff_file(book: Book) -> None:
    """Weblate works through the Translate Toolkit, which sets ``state`` and ``approved``."""
    storage = pytest.importorskip("translate.storage.xliff")
    path = export(book, "job.xlf")
    store = storage.xlifffile.parsefile(str(path))
    for unit in store.units:
        if unit.source == "Title":
            unit.target = "El título"
        elif unit.source == "In conflict.":
            unit.markapproved(True)
    store.savefile(str(path))
    assert take(book, path) == 0
    found = entries(book)
    assert (found["Title"].msgstr, found["Title"].origin) == ("El título", Origin.HUMAN)
    assert (found["In conflict."].msgstr, found["In conflict."].conflict) == ("En conflicto.", False)


def test_an_export_serves_as_parallel_data(book: Book) -> None:
    from sphinx_amts.parallel import read_pairs

    pairs = {pair.source: pair.target for pair in read_pairs(export(book, "job.tmx"), "en", "es")}
    assert pairs["Read once more, please."] == "Leer otra vez."
