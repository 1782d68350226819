"""Every construct that holds prose: found, translated, and written back so that the book still builds.

In the sources below, the word ``sunrise`` stands only where text is to be translated, and ``KEEP`` only where it is not.
"""

from __future__ import annotations

import re
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import docutils
import pytest
from myst_parser.config.main import MdParserConfig

from sphinx_amts.formats.myst import MystFormat
from sphinx_amts.model import Fragment, Inline
from tests.conftest import Book

REST = {
    "title_over": "====================\n A sunrise\n====================\n\nText.\n",
    "lists": "T\n=\n\n* one sunrise\n\n  a second sunrise\n* two\n\n1. first sunrise\n#. second sunrise\n\na) letters of sunrise\n",
    "definitions": (
        "T\n=\n\nsunrise word\n    What sunrise means.\n\nother sunrise : classifier\n    More of it.\n\n"
        "``KEEP`` : KEEP_ or *sunrise*\n    Text.\n\nThe sunrise : KEEP_ of the sunrise : another sunrise\n    Text.\n\n.. _KEEP: T_\n"
    ),
    "fields": "T\n=\n\nText.\n\n:Author name: The sunrise of it\n    goes on.\n:Sunrise field: body\n",
    "line_block": "T\n=\n\n| A sunrise line\n|    an indented sunrise\n| and a long one\n  of sunrise\n",
    "quote": "T\n=\n\nText.\n\n    A sunrise quoted.\n\n    -- The sunrise author\n",
    "admonitions": (
        "T\n=\n\n.. note:: A sunrise at once.\n\n.. warning::\n\n   A sunrise later.\n\n.. admonition:: Sunrise title\n\n"
        "   The sunrise text.\n\n.. topic:: Topic of sunrise\n\n   Text of sunrise.\n\n.. seealso:: Sunrise elsewhere\n"
    ),
    "sidebar": "T\n=\n\n.. sidebar:: Side of sunrise\n   :subtitle: KEEP\n\n   Words of sunrise.\n",
    "rubric": "T\n=\n\n.. rubric:: Sunrise rubric\n\n.. epigraph::\n\n   Sunrise before all.\n\n   -- Sunrise person\n\n.. centered:: Sunrise middle\n",
    "figure": "T\n=\n\n.. figure:: picture.png\n   :alt: Alternative sunrise\n\n   Caption of sunrise.\n\n   Legend of sunrise.\n",
    "list_table": (
        "T\n=\n\n.. list-table:: Table of sunrise\n   :header-rows: 1\n\n   * - Head sunrise\n     - Other sunrise\n"
        "   * - Cell sunrise\n     - * item sunrise\n       * last\n"
    ),
    "csv_table": 'T\n=\n\n.. csv-table:: Table of sunrise\n   :header: "Head, sunrise", Second sunrise\n\n   Cell sunrise, "quoted, sunrise"\n   1, short sunrise\n',
    "csv_lines": (
        'T\n=\n\n.. csv-table::\n   :header: one sunrise,"the, sunrise"\n\n   "a sunrise of\n   two lines","* sunrise\n'
        '   * the ""other"" sunrise"\n   x, last sunrise\n'
    ),
    "csv_delim": "T\n=\n\n.. csv-table::\n   :delim: ;\n\n   Cell sunrise; other, sunrise\n",
    "simple_table": (
        "T\n=\n\n============  =====\nHead sunrise  Two\n============  =====\nsunrise       A\nb sunrise     - item\n              - sunrise\n"
        "------------  -----\nlong old sunrise\n-------------------\n============  =====\n"
    ),
    "narrow_table": (
        "T\n=\n\n::\n\n    KEEP\n\n======= ========= ===\nsunrise KEEP_ one =b=\n======= ========= ===\nthe     sunrises  x\n\\       sunrise   *sunrise*\n"
        "======= ========= ===\n\n.. _KEEP: T_\n"
    ),
    "lists_in_tables": (
        "T\n=\n\n=======  =======================\nsunrise  a sunrise : the sunrise\n             What sunrise is.\nsunrise  :the sunrise: of it\n"
        "=======  =======================\n\n+-------------------+---+\n| sunrise : sunrise | x |\n|   Text of sunrise | y |\n"
        "| :field sunrise: x |   |\n+-------------------+---+\n"
    ),
    "grid_table": (
        "T\n=\n\n+-----------+---------+\n| sunrise   | x       |\n|           | sunrise |\n+===========+=========+\n| - a       | y       |\n"
        "| - sunrise |         |\n|           +---------+\n|           | sunrise |\n+-----------+---------+\n"
    ),
    "bodies_in_cells": (
        "T\n=\n\n+---------------------+------------+\n| sunrise::           | 1. sunrise |\n|                     | 2. sunrise |\n"
        "|     KEEP            |    goes on |\n|                     |            |\n| | line sunrise      | x          |\n"
        "| | another           |            |\n|                     |            |\n| .. note:: A sunrise |            |\n"
        "+---------------------+------------+\n\n* item of sunrise\n\n=======  ==========\nsunrise  a. sunrise\n"
        "         b. sunrise\nother    Sunrise\n\n         -- Author of sunrise\n=======  ==========\n"
    ),
    "notes": "T\n=\n\nText [1]_ and [#auto]_ and [CIT]_.\n\n.. [1] Foot of sunrise.\n.. [#auto] Auto sunrise\n   goes on.\n.. [CIT] Citation of sunrise.\n",
    "versions": (
        "T\n=\n\n.. versionadded:: 1.0\n\n.. versionadded:: 1.1 A sunrise came.\n\n.. versionchanged:: 1.2\n   The sunrise changed.\n\n"
        ".. deprecated:: 1.3\n   Sunrise gone.\n"
    ),
    "objects": (
        "T\n=\n\n.. py:function:: KEEP(a, b)\n\n   A sunrise function.\n\n   :param a: the sunrise given\n   :param int b: the other\n      sunrise\n"
        "   :returns: sunrise back\n   :raises KEEP: at sunrise\n\n   .. rubric:: Sunrise inside\n\n.. option:: --KEEP\n\n   Option of sunrise.\n"
    ),
    "types": (
        "T\n=\n\n.. py:attribute:: b.KEEP\n\n   :type: list of KEEP\n\n   A sunrise.\n\n.. py:attribute:: a.KEEP\n\n"
        "   :type: the *type* of a sunrise\n   :See: |it| of sunrise\n\n.. |it| replace:: :doc:`lists`\n"
    ),
    "toctree": "T\n=\n\n.. toctree::\n   :caption: Caption of sunrise\n\n   Entry of sunrise <lists>\n   fields\n",
    "only": "T\n=\n\n.. only:: html\n\n   In HTML, sunrise.\n\n.. only:: latex\n\n   In LaTeX, sunrise.\n",
    "container": "T\n=\n\n.. container:: custom\n\n   Held sunrise.\n\n.. compound::\n\n   Compound sunrise::\n\n      KEEP\n\n   after sunrise.\n",
    "literal": "T\n=\n\nAs sunrise::\n\n   KEEP\n\n.. code-block:: python\n   :caption: Code of sunrise\n\n   KEEP = 1\n\n.. parsed-literal::\n\n   KEEP *this*\n",
    "comments": "T\n=\n\n.. KEEP this comment\n\n.. |sub| replace:: KEEP\n\nText with |sub| of sunrise.\n\n.. raw:: html\n\n   <b>KEEP</b>\n",
    "maths": "T\n=\n\nBefore :math:`KEEP` sunrise.\n\n.. math:: KEEP = 1\n\nAfter sunrise.\n",
    "roles": (
        "T\n=\n\n.. _label:\n\nSection of sunrise\n------------------\n\nSee :ref:`label`, :ref:`the sunrise text <label>`, :doc:`lists`, :doc:`a sunrise <lists>`,\n"
        ":abbr:`KEEP (Kept)`, :guilabel:`KEEP`, :kbd:`Ctrl-KEEP`, :pep:`8`, **strong sunrise**, *weak sunrise*.\n"
    ),
    "targets": "T\n=\n\nA sunrise link_ and `a phrase`_ and anonymous__ and http://a.b/KEEP.\n\n.. _link: http://a.b\n.. _a phrase: http://c.d\n__ http://e.f\n",
    "tabs": ".. tabs::\n\n   .. tab:: Tab of sunrise\n\n      Text of sunrise.\n\n   .. group-tab:: Group of sunrise\n\n      More sunrise.\n",
    "design": (
        "T\n=\n\n.. grid:: 2\n\n   .. grid-item-card:: Card of sunrise\n\n      Text of sunrise.\n\n   .. grid-item-card::\n\n      Body sunrise\n      +++\n"
        "      Foot of sunrise\n\n.. dropdown:: Drop of sunrise\n\n   Inside sunrise.\n\n.. tab-set::\n\n   .. tab-item:: Label sunrise\n\n      Tab sunrise.\n"
    ),
    "include": "T\n=\n\n.. include:: /parts/shared.txt\n\nOwn sunrise.\n",
    "index_entries": (
        "T\n=\n\n.. index:: sunrise, early sunrise\n\n.. index::\n   single: sunrise; red\n   pair: light; sunrise\n\n"
        "Text.\n\n.. index:: ! main sunrise\n\nMore.\n"
    ),
    "meta": ".. meta::\n   :description: Described sunrise\n   :keywords: sunrise, dawn\n\nT\n=\n\nText.\n",
    "docinfo": ":orphan:\n:author: KEEP\n\nT\n=\n\nSunrise.\n",
    "tabs_in_text": "T\n=\n\n*\tA tabbed sunrise\n\tgoes on.\n\n\tQuoted sunrise.\n",
    "nested": "T\n=\n\n* - deep sunrise\n\n    .. note::\n\n       - deeper sunrise\n\n         deepest *sunrise* of all::\n\n            KEEP\n",
}
MYST = {
    "late_glossary": (
        "# T\n\n"
        + "Words of sunrise.\n\n" * 20
        + "See {term}`the sunrise`.\n\n:::{glossary}\nthe sunrise\n  What it is.\n\n"
        "other sunrise\n  Text.\n:::\n"
    ),
    "m_headings": "# Sunrise title\n\nUnder sunrise\n===\n\n## Closed sunrise ##\n\nText.\n",
    "m_lists": "# T\n\n- one sunrise\n\n  second sunrise\n- two\n  lazy sunrise\n\n1. first sunrise\n2. next\n\n- [ ] task of sunrise\n",
    "m_quote": "# T\n\n> Quoted sunrise\n> goes on.\n>\n> - listed sunrise\n\nHard sunrise\\\nbreak sunrise  \nand end.\n",
    "m_definitions": "# T\n\nSunrise term\n: What sunrise means.\n\n  More sunrise.\n",
    "m_table": "# T\n\n| sunrise head | b |\n|---|:-:|\n| cell sunrise | `a \\| KEEP` of sunrise |\n| *last* sunrise | |\n",
    "m_directives": (
        "# T\n\n```{note} Sunrise at once\n```\n\n:::{warning}\nA sunrise inside.\n:::\n\n````{admonition} Sunrise title\n:class: tip\n\n"
        "Text of sunrise.\n\n```python\nKEEP\n```\n````\n\n```{figure} picture.png\n:alt: 'Alternative: sunrise'\n:name: KEEP\n\nCaption of sunrise\n```\n"
    ),
    "m_eval": "# T\n\n```{eval-rst}\n.. note::\n\n   A sunrise in **reST** and ``KEEP``.\n\n* item of sunrise ``KEEP``::\n\n    KEEP\n```\n\nAfter sunrise.\n",
    "m_eval_syntax": (
        "# T\n\n(a-label)=\n## Section\n\n```{eval-rst}\nSee :ref:`a sunrise <a-label>`, `a linked sunrise <https://KEEP.org>`_,"
        " :ref:`a-label`\nand ``KEEP`` of it.\n\nSunrise ``KEEP``\n----------------\n\n=======  ============\nsunrise  of sunrise\n"
        "=======  ============\nsunrise  two sunrises\n=======  ============\n\n+---------+---------+\n| sunrise | sunrise |\n"
        "+---------+---------+\n```\n\nAfter [the sunrise](#a-label).\n\n- An item of sunrise:\n\n  ```{eval-rst}\n  .. note::\n\n"
        "     A ``KEEP`` of *sunrise*:sup:`KEEP`.\n  ```\n"
    ),
    "m_yaml_options": (
        '---\nmyst:\n  html_meta:\n    description lang=en: "Described: sunrise"\n    "property=KEEP:title": All of sunrise\n---\n'
        "# T\n\n```{image} picture.png\n---\nalt: Alternative sunrise\nname: KEEP\n---\n```\n"
    ),
    "m_html_texts": (
        '# T\n\nInline <img src="picture.png" alt="sunrise of HTML"> and sunrise.\n\n<div class="admonition note" name="KEEP">\n'
        '<p class="title">Title of *sunrise*</p>\nBody of sunrise.\n</div>\n'
    ),
    "m_attribution": '# T\n\n{attribution="Sunrise, *its sunrise*"}\n> Quoted sunrise.\n',
    "m_images": "# T\n\n![Alternative sunrise](picture.png)\n\nInline ![sunrise *here*](picture.png) sunrise.\n",
    "m_footnotes": "# T\n\nText[^1] of sunrise.\n\n[^1]: Foot of sunrise\n    goes on.\n",
    "m_links": "# T\n\n(label)=\n## Section of light\n\nSee [](#label), [a sunrise](#section-of-light), <http://a.b/KEEP>, [sunrise *in* it](lists.rst), {ref}`the sunrise <label>`.\n",
    "m_maths": "# T\n\nInline $KEEP$ sunrise and\n$$\nKEEP\n$$\n\nafter sunrise.\n",
    "m_comments": "# T\n\n% KEEP\n\n<!-- KEEP -->\n\nText <b>of</b> sunrise.\n\n+++\n\nNext sunrise.\n",
    "m_glossary": "# T\n\n```{glossary}\nSunrise\n  Light of sunrise.\n```\n\nIt is {term}`Sunrise` and {term}`many sunrises <Sunrise>`.\n",
    "m_toctree": "# T\n\n```{toctree}\n:caption: Caption of sunrise\n\nEntry of sunrise <m_lists>\n```\n",
    "m_csv": '# T\n\n```{csv-table} Table of sunrise\n:header: Head sunrise, "Second, sunrise"\n\nCell sunrise, "quoted, sunrise"\n```\n\n```{list-table}\n* - cell sunrise\n  - `a | KEEP`\n```\n',
    "m_fields": "# T\n\n:name sunrise: body of sunrise\n\nText.\n",
    "m_front": "---\ntitle: KEEP\n---\n# T\n\nText of sunrise.\n",
    "m_html": '# T\n\n<div class="admonition note">\n<p class="title">KEEP</p>\n</div>\n\nText of sunrise &amp; more &copy; here.\n',
    "m_substitutions": "# T\n\nText {{ key }} of sunrise.\n",
}
CONF = """
extensions += ["myst_parser"]
myst_enable_extensions = ["dollarmath", "deflist", "colon_fence", "fieldlist", "tasklist", "substitution"]
myst_enable_extensions += ["html_image", "html_admonition", "attrs_block"]
myst_substitutions = {"key": "value"}
myst_heading_anchors = 3
gettext_additional_targets = ["index"]
exclude_patterns += ["parts"]
"""
EXTENSIONS = {"tabs": "sphinx_tabs.tabs", "design": "sphinx_design"}
MISSING = {case for case, name in EXTENSIONS.items() if find_spec(name.split(".")[0]) is None}
if docutils.__version_info__ < (0, 20):
    MISSING |= {"sidebar"}  # Sphinx sees no message in the title of a sidebar there
CASES = [case for case in [*REST, *MYST] if case not in MISSING]


@pytest.mark.parametrize(
    ("source", "translated"),
    [
        ("See http://a.org/x_y and www.b.org, x@c.org.", "见 http://a.org/x_y 见 www.b.org 见 x@c.org 见"),
        ("*See www.b.org/x* and (c.org).", "*见 www.b.org/x* 见 c.org 见"),
        ("[See www.b.org](d.md) and `c.org`", "[见](d.md)见`c.org`"),
    ],
)
def test_addresses_that_an_extension_makes_links_of_are_protected(source: str, translated: str) -> None:
    pytest.importorskip("linkify_it", reason="linkify-it-py, which MyST's extension needs, is not installed")
    format_ = MystFormat(MdParserConfig(enable_extensions={"linkify"}))
    pieces = format_.parse(source, "paragraph")
    assert format_.render(pieces, source, "paragraph") == source
    assert format_.render(_in_chinese(pieces), source, "paragraph") == translated


def _in_chinese(pieces: Fragment) -> Fragment:
    """*pieces* with one character, and no space, in place of each text."""
    return tuple(
        "见"
        if isinstance(piece, str)
        else replace(piece, children=_in_chinese(piece.children))
        if isinstance(piece, Inline)
        else piece
        for piece in pieces
    )


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Book, str, str]:
    """All constructs as the documents of one book, localized; with the warnings of the build and of the book's HTML."""
    book = Book(tmp_path_factory.mktemp("constructs"))
    conf = 'project = "C"\nextensions = ["sphinx_amts"]\namts_languages = ["zh_CN", "de"]\namts_engine = "pseudo"\n'
    conf += 'exclude_patterns = ["_build"]\n' + CONF
    conf += "".join(f"extensions.append({name!r})\n" for case, name in EXTENSIONS.items() if case not in MISSING)
    names = "".join(f"   {name}\n" for name in CASES)
    book.write({"conf.py": conf, "index.rst": f".. toctree::\n\n{names}", "parts/shared.txt": "Shared sunrise.\n"})
    book.write({f"{name}.rst": text for name, text in REST.items() if name in CASES})
    book.write({f"{name}.md": text for name, text in MYST.items()})
    (book.source / "picture.png").write_bytes(b"GIF89a")
    return book, book.build().warnings, book.build("html").warnings


@pytest.mark.parametrize("language", ["zh_CN", "de"])
@pytest.mark.parametrize("name", CASES)
def test_construct(name: str, language: str, built: tuple[Book, str, str]) -> None:
    book, warnings, _before = built
    suffix = "rst" if name in REST else "md"
    source = (REST | MYST)[name]
    found = book.localized(language, f"{name}.{suffix}").read_bytes().decode()
    assert "sunrise" not in found.lower(), found
    assert found.count("KEEP") == source.count("KEEP")
    assert not [line for line in warnings.splitlines() if f"{name}.{suffix}" in line and "stays" in line]


def test_included_files_are_translated_once(built: tuple[Book, str, str]) -> None:
    book, _warnings, _before = built
    assert "sunrise" not in book.localized("zh_CN", "parts/shared.txt").read_text(encoding="utf-8")
    assert "include:: /parts/shared.txt" in book.localized("zh_CN", "include.rst").read_text(encoding="utf-8")


@pytest.mark.parametrize("language", ["zh_CN", "de"])
def test_the_localized_book_builds_without_new_warnings(language: str, built: tuple[Book, str, str]) -> None:
    book, _warnings, before = built
    after = book.build("html", book.localized(language)).warnings
    assert len(after.splitlines()) <= len(before.splitlines()), after


def test_texts_of_unknown_nodes_that_lost_their_markup_are_in_the_catalog(tmp_path: Path) -> None:
    pytest.importorskip("sphinx_design")
    book = Book(tmp_path)
    conf = 'extensions = ["sphinx_amts", "myst_parser", "sphinx_design"]\nmyst_enable_extensions = ["colon_fence"]\n'
    card = "::::{grid} 2\n:::{grid-item-card} Card *title* here\n:link: https://a.org\n\nBody.\n:::\n::::\n"
    book.write({"conf.py": conf + 'amts_languages = ["de"]\namts_engine = "pseudo"\n', "index.md": f"# T\n\n{card}"})
    book.build()
    catalog = book.catalog("de", "index").read_text(encoding="utf-8")
    book.build("gettext")
    [template] = tmp_path.rglob("index.pot")
    assert msgids(template.read_text(encoding="utf-8")) == msgids(catalog)


def msgids(catalog: str) -> set[str]:
    return set(re.findall(r'^msgid "(.+)"$', catalog, re.MULTILINE))
