"""Notebooks: Markdown cells are localized inside the JSON, and nothing else changes."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest

pytest.importorskip("myst_parser")

from hypothesis import given, settings
from hypothesis import strategies as st

from sphinx_amts import catalog as po
from sphinx_amts.formats.notebook import layout, markdown_cells, problem
from sphinx_amts.formats.notebook.converted import ConvertedFormat, exchange
from sphinx_amts.model import Origin, Pipeline
from tests.conftest import Book, build

MakeBook = Callable[..., Book]
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

NOTEBOOK = (
    '{\n "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}, "zeta": [1, 2.50]},\n'
    ' "nbformat_minor": 5, "nbformat": 4,\n'
    ' "cells": [\n'
    '  {"source": ["# A *title*\\n",\n              "\\n",\n              "Text with `code` and $x^2$,\\n",\n'
    '              "on two lines. See [the docs](https://example.org).\\n",\n              "\\n",\n'
    '              "| one | two |\\n",\n              "|---|---|\\n",\n              "| a cell | $y$ |"],\n'
    '   "id": "first", "cell_type": "markdown", "metadata": {"tags": ["keep"]},\n'
    '   "attachments": {"p.png": {"image/png": "' + PIXEL + '"}}},\n'
    '  {"cell_type": "code", "execution_count": 3, "id": "second", "metadata": {}, "outputs":'
    ' [{"name": "stdout", "output_type": "stream", "text": ["never \\u00e9 translated\\n"]}], "source": "print(\'never\')"},\n'
    '  {"cell_type": "raw", "id": "third", "metadata": {"format": "text/latex"}, "source": ["never"]},\n'
    '  {"cell_type": "markdown", "id": "fourth", "metadata": {}, "source": "One item\\n\\n- first\\n- second"}\n'
    " ]\n}"
)
MYST_CONF = """\
project = "Notebooks"
source_suffix = {{".rst": "restructuredtext"}}  # Sphinx keeps what extensions add to its default
extensions = ["myst_nb", "sphinx_amts"]
myst_enable_extensions = ["dollarmath"]
nb_execution_mode = "off"
amts_languages = ["zh_CN"]
amts_engine = "{engine}"
gettext_compact = False
root_doc = "nb"
suppress_warnings = ["myst-nb.lexer", "mystnb.unknown_mime_type"]
"""


class Identity:
    """Returns what it is given."""

    name = "identity"

    def __init__(self, pipeline: Pipeline) -> None:
        self.pipeline = pipeline

    def translate(self, segments: Sequence[str], source: str, target: str) -> list[str | None]:
        return list(segments)


def with_myst_nb(make_book: MakeBook, files: dict[str, str], engine: str = "pseudo") -> Book:
    pytest.importorskip("myst_nb")
    return Book(make_book({}).folder).write({"conf.py": MYST_CONF.format(engine=engine), **files})


def without_markdown(text: str) -> Any:
    """The notebook without the sources of its Markdown cells."""
    notebook = json.loads(text)
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown":
            del cell["source"]
    return notebook


# -- the JSON ------------------------------------------------------------------------------------------------------


def test_cells_are_found_where_they_are() -> None:
    cells = layout.cells(NOTEBOOK)
    assert [cell.kind for cell in cells] == ["markdown", "code", "raw", "markdown"]
    assert [cell.source for cell in cells] == ["".join(cell["source"]) for cell in json.loads(NOTEBOOK)["cells"]]
    for cell in cells:
        for literal in cell.literals:
            assert json.loads(NOTEBOOK[literal.start : literal.end]) == literal.value


def test_only_what_changed_is_written_anew() -> None:
    source = layout.cells(NOTEBOOK)[0].source
    changed = layout.replaced(NOTEBOOK, {0: source.replace("A *title*", "一 *二*")})
    assert changed == NOTEBOOK.replace("# A *title*", r"# \u4e00 *\u4e8c*"), "the file spells other characters so, too"
    assert layout.replaced(NOTEBOOK, {0: source}) == NOTEBOOK


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ('"source": "a"', '"source": "é"'),
        ('"source": ["a"], "x": "\\u00e8"', '"source": ["\\u00e9"], "x": "\\u00e8"'),
        ('"source": ["a"], "x": "\\u00e8 è"', '"source": ["é"], "x": "\\u00e8 è"'),
        ('"source": ["a"], "x": "\\\\u00e8"', '"source": ["é"], "x": "\\\\u00e8"'),
    ],
)
def test_characters_are_spelled_as_in_the_file(text: str, written: str) -> None:
    frame = '{{"nbformat": 4, "nbformat_minor": 5, "metadata": {{}}, "cells": [{{"cell_type": "markdown", "metadata": {{}}, {}}}]}}'
    assert layout.replaced(frame.format(text), {0: "é"}) == frame.format(written)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
)  # fmt: skip
SOURCES = st.lists(st.text(alphabet='ab "\\\u4e00\u2028/é', max_size=6), max_size=4).map("\n".join)


@settings(max_examples=100)
@given(
    sources=st.lists(SOURCES, min_size=1, max_size=3),
    new=SOURCES,
    extra=JSON,
    indent=st.sampled_from([None, 0, 1, 2, "\t"]),
    ascii_only=st.booleans(),
    as_list=st.booleans(),
    last=st.booleans(),
)
def test_any_layout(
    sources: list[str], new: str, extra: object, indent: Any, ascii_only: bool, as_list: bool, last: bool
) -> None:
    cells = [
        {
            "cell_type": "markdown",
            "source": source.splitlines(keepends=True) if as_list else source,
            "metadata": {"extra": extra, "cells": [{"source": "decoy"}]},
        }
        for source in sources
    ]
    notebook = {"nbformat": 4, "metadata": {"cells": extra}, "cells": cells, "nbformat_minor": 5}
    text = json.dumps(notebook, indent=indent, ensure_ascii=ascii_only) + "\n" * last
    number = len(sources) - 1
    changed = layout.replaced(text, {number: new})
    if cells[number]["source"]:  # an empty list has no place for a literal
        assert "".join(json.loads(changed)["cells"][number]["source"]) == new
    found, wanted = json.loads(changed), json.loads(text)
    found["cells"][number]["source"] = wanted["cells"][number]["source"]
    assert found == wanted


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no valid JSON"),
        ('{"cells": [}', "no valid JSON"),
        ("[]", "nbformat is missing"),
        (NOTEBOOK.replace('"nbformat": 4', '"nbformat": 3'), "format is 3"),
        (NOTEBOOK.replace('"cell_type": "raw"', '"cell_type": "odd"'), "cell 3"),
        (NOTEBOOK.replace('"source": ["never"]', '"source": 5'), "cell 3"),
        (NOTEBOOK.replace('"nbformat_minor": 5, ', ""), "nbformat_minor"),
        (NOTEBOOK.replace('"cells":', '"worksheets":'), "no list"),
    ],
)
def test_what_is_no_notebook_is_told(text: str, reason: str) -> None:
    found = problem(text)
    assert found is not None
    assert reason in found[1]
    assert markdown_cells(text) == {}
    assert problem(NOTEBOOK) is None


# -- MyST-NB -------------------------------------------------------------------------------------------------------


def test_identity_gives_the_notebook_back(make_book: MakeBook) -> None:
    book = with_myst_nb(make_book, {"nb.ipynb": NOTEBOOK}, "tests.test_notebook:Identity")
    assert book.build().status == 0
    assert book.localized("zh_CN", "nb.ipynb").read_text(encoding="utf-8") == NOTEBOOK


def test_markdown_cells_are_localized(make_book: MakeBook) -> None:
    nbformat = pytest.importorskip("nbformat")
    book = with_myst_nb(make_book, {"nb.ipynb": NOTEBOOK})
    result = book.build()
    assert result.status == 0, result.warnings
    text = book.localized("zh_CN", "nb.ipynb").read_text(encoding="utf-8")
    nbformat.validate(nbformat.reads(text, as_version=4))
    assert without_markdown(text) == without_markdown(NOTEBOOK)
    first, last = markdown_cells(text).values()
    title, empty, body, *_rest = first.split("\n")
    assert title.startswith("# ")
    assert "title" not in title
    assert empty == ""
    assert "`code`" in body
    assert "$x^2$" in body
    assert "](https://example.org)" in body
    assert "item" not in last
    assert last.count("\n- ") == 2
    assert '"id": "first", "cell_type": "markdown", "metadata": {"tags": ["keep"]},\n' in text
    assert text.endswith("}\n ]\n}")


def test_messages_are_those_of_gettext(make_book: MakeBook) -> None:
    book = with_myst_nb(make_book, {"nb.ipynb": NOTEBOOK})
    book.build()
    template = po.read(book.build("gettext").outdir / "nb.pot")
    ours = po.read(book.catalog("zh_CN", "nb"))
    assert [entry.msgid for entry in ours.entries] == [entry.msgid for entry in template.entries]


def test_text_notebooks_are_localized(make_book: MakeBook) -> None:
    text = "---\nfile_format: mystnb\nkernelspec:\n  name: python3\n---\n\n# Title\n\nSome text.\n\n```{code-cell}\nprint('never')\n```\n\nMore text.\n"
    book = with_myst_nb(make_book, {"nb.md": text})
    assert book.build().status == 0
    localized = book.localized("zh_CN", "nb.md").read_text(encoding="utf-8")
    assert "```{code-cell}\nprint('never')\n```\n" in localized
    assert localized.startswith(text[: text.index("Title")])
    assert "text" not in localized


@pytest.mark.parametrize(
    "text", ['{"cells": [}', NOTEBOOK.replace('"nbformat": 4', '"nbformat": 3'), "[1]", '{"nbformat": 4}']
)
def test_bad_notebook_is_copied_and_named(make_book: MakeBook, text: str) -> None:
    book = with_myst_nb(make_book, {"nb.ipynb": NOTEBOOK, "bad.ipynb": text})
    result = book.build()
    assert result.status == 1
    assert "bad.ipynb:1: WARNING: the file is copied as it is" in result.warnings
    assert book.localized("zh_CN", "bad.ipynb").read_text(encoding="utf-8") == text
    assert "title" not in book.localized("zh_CN", "nb.ipynb").read_text(encoding="utf-8").split('"id"')[0]


# -- nbsphinx ------------------------------------------------------------------------------------------------------


def with_nbsphinx(make_book: MakeBook, files: dict[str, str], engine: str = "pseudo") -> Book:
    pytest.importorskip("nbsphinx")
    conf = MYST_CONF.replace("myst_nb", "nbsphinx").format(engine=engine) + 'nbsphinx_execute = "never"\n'
    return Book(make_book({}).folder).write({"conf.py": conf, **files})


@pytest.mark.usefixtures("pandoc")
def test_nbsphinx_identity(make_book: MakeBook) -> None:
    book = with_nbsphinx(make_book, {"nb.ipynb": NOTEBOOK}, "tests.test_notebook:Identity")
    book.build()
    assert book.localized("zh_CN", "nb.ipynb").read_text(encoding="utf-8") == NOTEBOOK


@pytest.mark.usefixtures("pandoc")
def test_nbsphinx_cells_are_localized(make_book: MakeBook) -> None:
    book = with_nbsphinx(make_book, {"nb.ipynb": NOTEBOOK})
    result = book.build()
    assert result.status == 0, result.warnings
    text = book.localized("zh_CN", "nb.ipynb").read_text(encoding="utf-8")
    assert without_markdown(text) == without_markdown(NOTEBOOK)
    first, last = markdown_cells(text).values()
    assert "`code`" in first
    assert "$x^2$" in first
    assert "](https://example.org)" in first
    assert "Text" not in first
    assert "cell" not in first
    assert "item" not in last
    msgids = [entry.msgid for entry in po.read(book.catalog("zh_CN", "nb")).entries]
    assert "Text with ``code`` and :math:`x^2`, on two lines. See `the docs <https://example.org>`__." in msgids
    built = build(book.localized("zh_CN"), book.folder / "html", "html")
    assert "code" in (built.outdir / "nb.html").read_text(encoding="utf-8")


@pytest.mark.usefixtures("pandoc")
@pytest.mark.parametrize("mark", [": ", "Table: "])
def test_nbsphinx_captions_stay_captions(make_book: MakeBook, mark: str) -> None:
    source = f"# T\n\n{mark}Some *words*\n\n| a | b |\n|---|---|\n| c | d |\n"
    notebook = {
        "cells": [{"cell_type": "markdown", "metadata": {}, "source": source}],
        "metadata": {},
        "nbformat": 4,
        "nbformat_minor": 4,
    }
    book = with_nbsphinx(make_book, {"nb.ipynb": json.dumps(notebook)})
    assert book.build().status == 0
    text = markdown_cells(book.localized("zh_CN", "nb.ipynb").read_text(encoding="utf-8"))[0]
    assert f"\n{mark}" in text
    assert "Some" not in text


@pytest.mark.parametrize(
    ("rest", "markdown", "translated", "expected"),
    [
        ("a *b* ``c``", "a *b* `c`", "``c`` 甲 *乙*", "`c` 甲 *乙*"),
        ("a http://x.y b", "a http://x.y b", "甲 http://x.y 乙", "甲 http://x.y 乙"),
        ("a `b <u>`__", "a [b][r]", "甲 `乙 <u>`__", "甲 [乙][r]"),
        (":math:`x` and :math:`x`", "$x$ and ${x}$", ":math:`x` 和 :math:`x`", "$x$ 和 ${x}$"),
        ("a b", "a <i>b</i>", "甲 乙", None),
        ("a *b*", "a **b**", "甲 *乙*", None),
    ],
)
def test_markup_is_exchanged(rest: str, markdown: str, translated: str, expected: str | None) -> None:
    converted = ConvertedFormat()
    converted.markdown.bind(["R"])
    pieces = exchange(
        converted.parse(translated, "paragraph"),
        converted.parse(rest, "paragraph"),
        converted.markdown.parse(markdown, "paragraph"),
    )
    assert (pieces and converted.markdown.render(pieces, markdown, "paragraph")) == expected


@pytest.mark.parametrize("reader", ["myst_nb", "nbsphinx"])
def test_persons_edit_in_a_cell_is_kept(make_book: MakeBook, reader: str, request: pytest.FixtureRequest) -> None:
    if reader == "nbsphinx":
        request.getfixturevalue("pandoc")
    made = with_myst_nb if reader == "myst_nb" else with_nbsphinx
    book = made(make_book, {"nb.ipynb": NOTEBOOK})
    book.build()
    path = book.localized("zh_CN", "nb.ipynb")
    source = markdown_cells(path.read_text(encoding="utf-8"))[3]
    edited = layout.replaced(path.read_text(encoding="utf-8"), {3: source.replace("\n- ", "\n- 人写的", 1)})
    path.write_text(edited, encoding="utf-8", newline="")
    book.build()
    human = [
        entry.msgstr
        for entry in po.read(book.catalog("zh_CN", "nb")).entries
        if entry.msgstr and entry.origin is Origin.HUMAN and entry.msgid
    ]
    assert len(human) == 1
    assert human[0].startswith("人写的")
    assert path.read_text(encoding="utf-8") == edited
