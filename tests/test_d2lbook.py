"""d2lbook's Markdown: read as d2lbook reads it, localized in its own spelling, with the same cells to d2lbook."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("myst_parser")

from hypothesis import given, settings
from hypothesis import strategies as st
from myst_parser.config.main import MdParserConfig

from sphinx_amts import catalog as po
from sphinx_amts.engines.pseudo import PseudoEngine
from sphinx_amts.formats import Edit, RenderError
from sphinx_amts.formats.d2lbook import outline, problem, project
from sphinx_amts.formats.d2lbook.marks import SLIDES
from sphinx_amts.formats.d2lbook.syntax import D2lFormat
from sphinx_amts.formats.inline import decode, encode, fold, skeleton
from sphinx_amts.locate import FileIndex
from sphinx_amts.model import ConfigurationError, FileError, Inline, Location, Message, Origin, Pipeline, Protected
from tests.conftest import Book, build

SUFFIX = 'source_suffix = {".rst": "restructuredtext"}  # Sphinx keeps what extensions add to its default\n'
CONF = 'extensions += ["sphinx_amts.formats.d2lbook"]\n' + SUFFIX
CHAPTER = """\
# Loss *functions*
:label:`sec_loss`

As :numref:`sec_loss` and :cite:`Box.1976,Cox` show, :eqref:`eq_square` is one of
*many functions* that [**measure an error**]. They are
3.5 times as common (**as others**), [~~slides only~~].

$$l = (y - z)^2$$
:eqlabel:`eq_square`

![The *square* of $x$, from :citet:`Box.1976`.](../img/square.svg)
:width:`300px`
:label:`fig_square`

:Errors and *losses*

| error | loss |
|:--|--|
| one | $1$ |
:label:`tab_losses`

:begin_tab:`mxnet, pytorch`
See :numref:`fig_square` and :numref:`tab_losses`.
:end_tab:

```{.python .input  n=1}
#@tab pytorch
loss = (y - z) ** 2
```

```{.python .input}
%%tab all
print(loss)
```

* One item
that goes on without a margin
* Another
1. A numbered one

[**What follows is a half:

$$z$$
**]
"""
INDEX = """\
A book
======

```toc
:maxdepth: 2
:numbered:

chapter
```

```eval_rst
.. only:: html

   Seen in HTML only.
```
"""
FILES = {"index.md": INDEX, "chapter.md": CHAPTER}
MakeBook = Callable[..., Book]


class Identity:
    """Returns what it is given."""

    name = "identity"

    def __init__(self, pipeline: Pipeline) -> None:
        self.pipeline = pipeline

    def translate(self, segments: Sequence[str], source: str, target: str) -> list[str | None]:
        return list(segments)


@pytest.fixture(scope="module")
def syntax() -> D2lFormat:
    return D2lFormat(MdParserConfig())


def view(text: str) -> list[tuple[str, str | None, tuple[str, ...]]]:
    """Cells and what is in them, as d2lbook sees them."""
    lines = text.splitlines()
    paragraphs = outline.paragraphs(lines)
    return [
        (
            cell.kind,
            cell.tag,
            tuple(
                kind
                for part in paragraphs
                if cell.start <= part.start < cell.stop
                for kind in outline.kinds(lines[part.start : part.stop])
            ),
        )
        for cell in outline.cells(lines)
    ]


# -- reading -------------------------------------------------------------------------------------------------------


def test_labels_figures_tables_and_formulas_are_what_they_are_to_d2lbook(make_book: MakeBook) -> None:
    book = make_book(FILES, conf=CONF)
    found = build(book.source, book.folder / "html", "html")
    page = (found.outdir / "chapter.html").read_text(encoding="utf-8")
    for name in ("fig-square", "tab-losses"):
        assert re.search(rf'href="#{name}"><span class="std std-numref">[^<]*1\.1', page)
    assert '<span class="caption-text">Errors and <em>losses</em>' in page
    assert "[Box.1976,Cox]" in page
    assert 'href="#equation-eq-square"' in page
    assert 'style="width: 300px;"' in page or 'width="300px"' in page
    assert 'class="d2l-tab d2l-tab-mxnet d2l-tab-pytorch docutils container"' in page
    assert "tab pytorch" not in page
    assert "measure an error" in page
    assert "slides only" not in page
    assert "Seen in HTML only." in (found.outdir / "index.html").read_text(encoding="utf-8")
    assert [line for line in found.warnings.splitlines() if "square.svg" not in line] == []


def test_messages_have_the_spelling_of_the_author(make_book: MakeBook) -> None:
    book = make_book(FILES, conf=CONF + "gettext_compact = False\n")
    book.build()
    ours = po.read(book.catalog("zh_CN", "chapter"))
    template = po.read(book.build("gettext").outdir / "chapter.pot")
    assert [entry.msgid for entry in ours.entries] == [entry.msgid for entry in template.entries]
    msgids = {entry.msgid for entry in ours.entries}
    assert "The *square* of $x$, from :citet:`Box.1976`." in msgids
    assert "Errors and *losses*" in msgids
    assert "See :numref:`fig_square` and :numref:`tab_losses`." in msgids


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("See :numref:`a_b`.", ("See ", Protected(":numref:`a_b`", ":numref:`a_b`", "d2l_mark"), ".")),
        ("a :foo: b", ("a :foo: b",)),
        ("[**an error**]", (Inline("[**", "**]", ("an error",), "d2l_slide"),)),
        ("x (~~an error~~)", ("x ", Inline("(~~", "~~)", ("an error",), "d2l_slide"))),
        ("[**half", (Protected("[**", "[**", "d2l_slide_half"), "half")),
        ("half**]", ("half", Protected("**]", "**]", "d2l_slide_half"))),
        ("(see **it**)", ("(see ", Inline("**", "**", ("it",), "strong"), ")")),
        ("[**it** is]", ("[", Inline("**", "**", ("it",), "strong"), " is]")),
        ("[**a**](u)", (Inline("[", "](u)", (Inline("**", "**", ("a",), "strong"),), "link"),)),
    ],
)
def test_marks(syntax: D2lFormat, text: str, pieces: Any) -> None:
    assert syntax.parse(text, "paragraph") == pieces


# -- localizing ----------------------------------------------------------------------------------------------------


def test_identity_gives_the_source_back(make_book: MakeBook) -> None:
    windows = CHAPTER.replace("\n", "\r\n")
    book = make_book({**FILES, "windows.md": windows}, engine="tests.test_d2lbook:Identity", conf=CONF)
    assert book.build().status == 0
    for name, text in {**FILES, "windows.md": windows}.items():
        assert book.localized("zh_CN", name).read_bytes() == text.encode()


def test_marks_and_code_stay_byte_for_byte(make_book: MakeBook) -> None:
    book = make_book(FILES, conf=CONF)
    result = book.build()
    assert result.status == 0
    assert result.summary["zh_CN"]["kept_source"] == 0
    text = book.localized("zh_CN", "chapter.md").read_text(encoding="utf-8")
    kept = [
        line
        for line in CHAPTER.splitlines()
        if line.startswith((":label:", ":width:", ":eqlabel:", ":begin", ":end", "```", "$$"))
    ]
    assert [line for line in text.splitlines() if line in kept] == kept
    assert ":cite:`Box.1976,Cox`" in text
    assert "#@tab pytorch\nloss = (y - z) ** 2\n" in text
    assert "error" not in text.replace("tab_losses", "")
    assert view(text) == view(CHAPTER)


def test_localized_book_builds_like_its_source(make_book: MakeBook) -> None:
    book = make_book(FILES, conf=CONF)
    book.build()
    source = build(book.source, book.folder / "html", "html")
    localized = build(book.localized("zh_CN"), book.folder / "zh", "html")
    assert localized.warnings.count("WARNING") == source.warnings.count("WARNING")
    page = (localized.outdir / "chapter.html").read_text(encoding="utf-8")
    assert 'id="sec-loss"' in page
    assert 'href="#fig-square"' in page


def test_broken_lines_are_nobodys_edit(make_book: MakeBook) -> None:
    book = make_book(FILES, conf=CONF + "gettext_compact = False\n")
    book.build()
    path = book.localized("zh_CN", "chapter.md")
    text = path.read_text(encoding="utf-8")
    assert "\n*" in text.split("\n\n")[1], "the first paragraph is broken where d2lbook sees an item"
    path.write_text(text.replace("\n* ", "\n* 人写的", 1), encoding="utf-8", newline="")
    book.build()
    entries = po.read(book.catalog("zh_CN", "chapter")).entries
    human = [entry.msgstr for entry in entries if entry.msgid and entry.msgstr and entry.origin is Origin.HUMAN]
    assert len(human) == 1
    assert human[0].startswith("人写的")
    assert human[0] in re.sub(r"(?<=\w) ?\n(?=\w)", "", path.read_text(encoding="utf-8"))


def edit(text: str, raw: str, new: str, kind: str = "paragraph") -> Edit:
    """An edit of *raw* in the file *text*."""
    spans = FileIndex(text).locate(raw, 1, kind)
    assert spans, "the test's text is in its file"
    return Edit(Message(raw, kind, raw, Location("x.md", spans[0].line), spans), new)


@pytest.mark.parametrize(
    ("source", "raw", "new", "expected"),
    [
        # a number at the start of a line is an item to d2lbook
        ("* one\n3.5 two\n", "one\n3.5 two", "uno 3.5 dos", "* uno \n3.5 dos\n"),
        # emphasis at the start of a line is an item to d2lbook
        (
            "See the\n*chain rule*,\nhere.\n",
            "See the\n*chain rule*,\nhere.",
            "见*链式法则*，在此。",
            "见\n*链式法则*，\n在此。\n",
        ),
        # what begins like a heading, a number, an item
        ("One.\n", "One.", "#1 一", "\\#1 一\n"),
        ("One.\n", "One.", "3.5 一", "3\\.5 一\n"),
        ("One.\n", "One.", "-5 一", "\\-5 一\n"),
        ("One *two*.\n", "One *two*.", "*二* 一", "_二_ 一\n"),
        ("One **two**.\n", "One **two**.", "**二**一", "&#8288;**二**一\n"),
        ("* two\r\n  *x* y\r\n", "two\r\n*x* y", "a *b* c", "* a \r\n  *b* c\r\n"),
        # stars beside brackets would be slide marks
        ("(See **two**, one)\n", "(See **two**, one)", "(一 **二**)", "(一 **二** )\n"),
    ],
)
def test_lines_are_to_d2lbook_what_the_authors_were(
    syntax: D2lFormat, source: str, raw: str, new: str, expected: str
) -> None:
    text = syntax.splice(source, [edit(source, raw, new)])
    assert text == expected
    assert view(text) == view(source)


def test_what_d2lbook_would_take_for_other_cells_stays(syntax: D2lFormat) -> None:
    source = "*Two* one.\n"
    one = edit(source, "*Two* one.", "一 *二*。")
    with pytest.raises(RenderError, match="other cells") as raised:
        syntax.splice(source, [one])
    assert raised.value.edits == (one,)


def test_breaks_are_found_or_given_up_at_once(syntax: D2lFormat) -> None:
    raw = "\n".join(f"a text\n*item {number}* and more" for number in range(12))
    source = f"{raw}\n"
    new = " ".join(f"*elemento {number}* con más palabras que antes" for number in range(11, -1, -1))
    text = syntax.splice(source, [edit(source, raw, f"un texto {new}")])
    assert view(text) == view(source)
    with pytest.raises(RenderError):
        syntax.splice(
            source,
            [
                edit(
                    source,
                    raw,
                    "un texto " + new.replace("*elemento 3*", "*elemento* 3", 1).replace("*elemento 5*", "x"),
                )
            ],
        )


@pytest.mark.parametrize(
    ("raw", "text", "expected"),
    [
        ("From one to two", "1~2 和 3~4", "1\\~2 和 3\\~4"),
        ("Write to us", "写给a@b.c @x", "写给a\\@b.c \\@x"),
        ("First", "(1) 文", "\\(1) 文"),
        ("First", "a. 文", "a\\. 文"),
        ("First", "[文]: 字", "\\[文]: 字"),
        ("a ~ b", "甲 ~ 乙", "甲 ~ 乙"),
        ("See `a~b` and $x^2$", None, None),
    ],
)
def test_signs_that_only_pandoc_knows(syntax: D2lFormat, raw: str, text: str | None, expected: str | None) -> None:
    source = syntax.parse(raw, "paragraph")
    pieces = (text,) if text is not None else ("见 ", *source[1:])
    assert syntax.render(pieces, raw, "paragraph") == (expected or "见 `a~b` and $x^2$")


def test_formula_keeps_away_from_digits(syntax: D2lFormat) -> None:
    formula = Protected("$x$", "x", "math_inline")
    assert syntax.render((formula, "2 和 ", formula, "个"), "$x$ and $x$", "paragraph") == "$x$ 2 和 $x$个"


def test_caption_of_a_table_is_one_to_pandoc(syntax: D2lFormat) -> None:
    source = ":Errors\n\n| a |\n|---|\n| b |\n"
    assert syntax.splice(source, [edit(source, "Errors", "《误差》", "caption")]) == source.replace(
        ":Errors", ": 《误差》"
    )
    assert syntax.splice(source, [edit(source, "Errors", "误差", "caption")]) == source.replace(":Errors", ":误差")


def test_caption_cannot_end_its_picture(syntax: D2lFormat) -> None:
    source = "![A net](n.svg)\n:label:`fig_n`\n"
    text = syntax.render(("网] [络",), "A net", "caption")
    localized = syntax.splice(source, [edit(source, "A net", text, "caption")])
    assert localized == "![网\\] \\[络](n.svg)\n:label:`fig_n`\n"


WORDS = st.sampled_from(
    ["word", "*two words*", "**bold**", "`code`", "$x^2$", ":numref:`fig_a`", "3.5", "-1", "(see", "it)", "[**slide text**]",
     "(**more**)", "[a link](http://b.c)", "1.", "+", "#5", "a|b", "~~x", ":cite:`K`"]
)  # fmt: skip
LINES = st.lists(st.lists(WORDS, min_size=1, max_size=5).map(" ".join), min_size=1, max_size=4).map("\n".join)


@settings(max_examples=150)
@given(lines=LINES, margin=st.sampled_from(["", "* ", "1. ", "- "]), language=st.sampled_from(["zh_CN", "es"]))
def test_localized_paragraphs_keep_cells_and_markup(lines: str, margin: str, language: str) -> None:
    syntax = D2lFormat(MdParserConfig())
    source = f"# T\n:label:`t`\n\n{margin}{lines}\n\nend\n"
    raw = next(
        (
            token.content
            for token in syntax.tokens(source)
            if token.type == "inline" and token.content not in {"T", "end"}
        ),
        "",
    )
    spans = FileIndex(source).locate(raw, 4, "paragraph")
    if not spans:
        return
    pieces = syntax.parse(raw, "paragraph")
    [answer] = PseudoEngine.translate(None, [encode(fold(pieces))], "en", language)  # type: ignore[arg-type]
    assert answer is not None
    try:
        text = syntax.render(decode(answer, fold(pieces)), raw, "paragraph")
        localized = syntax.splice(source, [Edit(Message(raw, "paragraph", raw, Location("x", 4), spans), text)])
    except RenderError:
        return
    assert view(localized) == view(source)
    assert sorted(map(repr, skeleton(syntax.parse(text, "paragraph")))) == sorted(map(repr, skeleton(pieces)))
    for opening, closing in SLIDES.items():
        assert localized.count(opening) - localized.count(closing) == source.count(opening) - source.count(closing)


# -- d2lbook itself ------------------------------------------------------------------------------------------------

SOME_LINES = st.lists(
    st.sampled_from(
        ["", "text", "  text", "* item", "- x", "-5", "1. one", "3.5", "   deep", "*emph* x", "# Title", "#5", ":label:`x`", "$$x$$",
         "$$", "![a](b)", "![a", "](b)", "| a |", "|---|", "```", "```python", "````", ":begin_tab:`a, b`", ":end_tab:", " ```",
         ":begin_tab:", "x :numref:`y`", "  * item", "+ y", ":caption"]
    ),
    max_size=14,
)  # fmt: skip


@settings(max_examples=400)
@given(SOME_LINES)
def test_outline_is_d2lbooks(lines: list[str]) -> None:
    markdown = pytest.importorskip("d2lbook.markdown")
    cells = [
        (
            cell["type"],
            cell.get("class"),
            tuple(part["type"] for part in markdown.split_text(cell["source"])) if _has_text(cell) else (),
        )
        for cell in markdown.split_markdown("\n".join(lines))
    ]
    assert _stripped("\n".join(lines).splitlines()) == cells


def _has_text(cell: dict[str, str]) -> bool:
    return cell["type"] == "markdown" and bool(cell["source"].strip())


def _stripped(lines: Sequence[str]) -> list[tuple[str, str | None, tuple[str, ...]]]:
    """Our view; d2lbook strips a cell, so that its first paragraph loses its margin."""
    found = []
    for cell in outline.cells(lines):
        kinds: list[str] = []
        for part in outline.paragraphs(lines):
            if cell.start <= part.start < cell.stop and cell.kind == "markdown":
                own = list(lines[part.start : part.stop])
                if not any(line.strip() for line in lines[cell.start : part.start]):
                    own[0] = own[0].lstrip()
                kinds += [kind for kind in outline.kinds(own) if kind != "!"]
        found.append((cell.kind, cell.tag, tuple(kinds)))
    return found


@pytest.mark.usefixtures("pandoc")
def test_d2lbook_builds_the_localized_book(make_book: MakeBook) -> None:
    pytest.importorskip("d2lbook")
    chapter = CHAPTER.replace("[**What follows is a half:\n\n$$z$$\n**]\n", "")
    ini = "[project]\nname = x\ntitle = T\n[build]\nnotebooks = *.md\neval_notebook = False\ntabs = mxnet, pytorch\n"
    book = make_book({"index.md": INDEX, "chapter.md": chapter, "config.ini": ini}, conf=CONF)
    book.build()
    done = subprocess.run(
        [sys.executable, "-c", "from d2lbook.main import main; main()", "build", "tabcheck", "rst"],
        cwd=book.localized("zh_CN"), capture_output=True, text=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "WARN" not in done.stderr
    assert "ERROR" not in done.stderr
    rst = (book.localized("zh_CN") / "_build" / "rst" / "chapter.rst").read_text(encoding="utf-8")
    assert ".. _fig_square:" in rst
    assert ":numref:`sec_loss`" in rst


# -- bad input -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("# T\n\n:begin_tab:`a`\nx\n", 3),
        ("# T\n\n:begin_tab:`a`\nx\n:begin_tab:`b`\ny\n:end_tab:\n", 5),
        ("# T\n\n:end_tab:\n", 3),
        ("# T\n\n```python\nx\n", 3),
    ],
)
def test_what_is_not_closed_is_copied_and_named(make_book: MakeBook, text: str, line: int) -> None:
    assert problem(text.splitlines()) is not None
    book = make_book({**FILES, "broken.md": text}, conf=CONF)
    result = book.build()
    assert result.status == 1
    assert f"broken.md:{line}: WARNING: the file is copied as it is" in result.warnings
    assert book.localized("zh_CN", "broken.md").read_text(encoding="utf-8") == text
    assert "Another" not in book.localized("zh_CN", "chapter.md").read_text(encoding="utf-8")


def test_closed_tabs_in_code_are_code() -> None:
    assert problem("```\n:begin_tab:`x`\n```\n\n:begin_tab:`a`\n```\n:end_tab:\n".splitlines()) is None


# -- config.ini ----------------------------------------------------------------------------------------------------

INI = """\
[project]
name = d2l-fr
title = Un livre
author = A. Author
lang = fr
[build]
index = start
notebooks = *.md chapter_*/*.md
non-notebooks = about.md
exclusions = chapter_old README.md
rsts = api/*.rst
output_dir = _out
[pdf]
bibfile = refs.bib
"""


def test_config_ini_is_the_books_configuration(make_book: MakeBook) -> None:
    book = Book(make_book({}).folder).write(
        {
            "conf.py": SUFFIX
            + 'extensions = ["sphinx_amts", "sphinx_amts.formats.d2lbook"]\namts_languages = ["zh_CN"]\namts_engine = "pseudo"\n',
            "config.ini": INI,
            "start.md": "# Début\n\n```toc\nchapter_a/one\napi/x\n```\n",
            "chapter_a/one.md": "# Un\n\nTexte.\n",
            "chapter_old/two.md": "# Deux\n\nTexte.\n",
            "README.md": "# Lisez-moi\n",
            "about.md": "# Qui\n",
            "api/x.rst": "API\n===\n\nTexte.\n",
            "api/notes.txt": "x\n",
            "_out/eval/start.md": "# Copy\n",
        }
    )
    result = book.build()
    assert result.status == 0
    assert result.warnings == ""
    assert result.summary["zh_CN"]["documents"] == 3
    assert book.localized("zh_CN", "README.md").read_text(encoding="utf-8") == "# Lisez-moi\n"
    assert "Texte" not in book.localized("zh_CN", "chapter_a/one.md").read_text(encoding="utf-8")
    assert "Texte" in book.localized("zh_CN", "chapter_old/two.md").read_text(encoding="utf-8")
    page = build(book.localized("zh_CN"), book.folder / "html", "html")
    assert "Un livre" in (page.outdir / "start.html").read_text(encoding="utf-8")


def test_citations_are_resolved_with_the_bibliography(make_book: MakeBook) -> None:
    pytest.importorskip("sphinxcontrib.bibtex", exc_type=ImportError)
    entry = "@book{Box.1976,\n  title = {Time},\n  author = {Box, George},\n  publisher = {P},\n  year = {1976}\n}\n"
    ini = "[project]\nname = x\n[build]\nnotebooks = *.md\n[pdf]\nbibfile = refs.bib\n"
    text = "# A\n\nAs :cite:`Box.1976` and :citet:`Box.1976` show.\n\n:bibliography:`refs.bib`\n"
    book = make_book({"index.md": text, "refs.bib": entry, "config.ini": ini}, conf=CONF)
    assert book.build().status == 0
    localized = book.localized("zh_CN", "index.md").read_text(encoding="utf-8")
    assert localized.endswith("\n:bibliography:`refs.bib`\n")
    for source in (book.source, book.localized("zh_CN")):
        found = build(source, book.folder / f"html-{source.name}", "html")
        page = (found.outdir / "index.html").read_text(encoding="utf-8")
        assert found.warnings == ""
        assert "George Box" in page
        assert page.count('href="#id') >= 2


@pytest.mark.parametrize(("code", "language"), [("en", "en"), ("zh", "zh_CN"), ("pt-br", "pt_BR"), ("", None)])
def test_language_of_config_ini(tmp_path: Path, code: str, language: str | None) -> None:
    (tmp_path / "config.ini").write_text(f"[project]\nlang = {code}\n", encoding="utf-8")
    assert project.settings(tmp_path / "config.ini", tmp_path).get("language") == language


def test_somebody_elses_config_ini_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "config.ini"
    path.write_text("[server]\nport = 1\n", encoding="utf-8")
    assert project.settings(path, tmp_path) == project.NUMBERING
    path.write_text("port = 1\n[project\n", encoding="utf-8")
    with pytest.raises(FileError, match=r"config\.ini"):
        project.settings(path, tmp_path)


def test_missing_parser_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    from sphinx_amts.formats import d2lbook

    monkeypatch.setitem(sys.modules, "sphinx_amts.formats.d2lbook.parser", None)
    with pytest.raises(ConfigurationError, match="pip install"):
        d2lbook.setup(None)  # type: ignore[arg-type]
