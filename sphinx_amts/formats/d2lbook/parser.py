"""Sphinx's parser for d2lbook Markdown: MyST-Parser's, with d2lbook's rules and what they mean in a doctree."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from docutils import nodes
from docutils.parsers.rst import directives
from myst_parser.mdit_to_docutils.base import token_line
from myst_parser.mdit_to_docutils.sphinx_ import SphinxRenderer
from myst_parser.parsers.mdit import create_md_parser
from myst_parser.parsers.sphinx_ import MystParser

from sphinx_amts.formats.d2lbook.marks import ROLES, dialect

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.tree import SyntaxTreeNode

_ATTRIBUTES = re.compile(r"^\{\s*(.*?)\s*\}$")
_TAB = re.compile(r"[ \t]*(?:#[ \t]*@tab|%%tab)[ \t]+([\w, ]+?)[ \t]*(?:\n|\Z)")


def markdown(config: Any, renderer: Any) -> MarkdownIt:
    """A parser of d2lbook Markdown, with MyST's *config* (``MdParserConfig``) where d2lbook leaves a choice."""
    extensions = {*config.enable_extensions, "dollarmath"}
    md = create_md_parser(replace(config, enable_extensions=extensions, dmath_allow_labels=False), renderer)
    dialect(md)
    return md


class D2lParser(MystParser):
    """Source parser for the ``.md`` files of a d2lbook project."""

    supported = ("md", "markdown", "myst", "d2lbook")

    def parse(self, inputstring: str, document: nodes.document) -> None:
        """Parse *inputstring* into *document*."""
        md = markdown(document.settings.env.myst_config, D2lRenderer)
        md.options["document"] = document
        md.render(inputstring)


class D2lRenderer(SphinxRenderer):
    """Makes nodes of d2lbook's tokens; everything else is MyST-Parser's."""

    _caption: nodes.title | None = None

    # -- inline ----------------------------------------------------------------------------------------------------

    def render_d2l_mark(self, token: SyntaxTreeNode) -> None:
        """A role; a citation without a bibliography shows its keys."""
        name = token.meta["name"]
        if name == "label":
            self._target(token.content, token)
        elif name.startswith("cite") and not getattr(self.sphinx_env.config, "bibtex_bibfiles", None):
            text = f"[{token.content}]"
            self.current_node.append(nodes.inline(text, text, classes=["citation"]))
        else:
            assert token.token is not None, "a leaf has a token"
            token.token.meta = {"name": ROLES[name]}
            self.render_myst_role(token)

    def render_d2l_slide(self, token: SyntaxTreeNode) -> None:
        """What is marked for slides is plain text of the book; what is for slides only is left out."""
        if "~~" not in (token.markup or ""):
            self.render_children(token)

    def render_d2l_slide_half(self, token: SyntaxTreeNode) -> None:
        """Half of a pair of slide marks shows nothing."""

    def render_image(self, token: SyntaxTreeNode) -> None:
        """A picture; its alternative text is the author's, formulas included."""
        super().render_image(token)
        self.current_node[-1]["alt"] = token.content

    def render_front_matter(self, token: SyntaxTreeNode) -> None:
        """Nothing: d2lbook shows no front matter."""

    # -- blocks ----------------------------------------------------------------------------------------------------

    def render_d2l_marks(self, token: SyntaxTreeNode) -> None:
        """Marks that belong to nothing before them."""
        for name, value in token.meta["marks"]:
            if name in {"label", "eqlabel"}:
                self._target(value, token)
            elif name == "bibliography":
                self.current_node += self.run_directive("bibliography", value, "", token_line(token))

    def _target(self, name: str, token: SyntaxTreeNode) -> None:
        target = nodes.target("", "", names=[nodes.fully_normalize_name(name)])
        self.add_line_and_source_path(target, token)
        self.document.note_explicit_target(target, self.current_node)
        self.current_node.append(target)

    def render_d2l_tab(self, token: SyntaxTreeNode) -> None:
        """A container with the names of its tabs above what it holds."""
        with self.current_node_context(self._tab(token.meta["tabs"], token), append=True):
            self.render_children(token)

    def _tab(self, names: list[str], token: SyntaxTreeNode) -> nodes.container:
        container = nodes.container(classes=["d2l-tab", *(f"d2l-tab-{nodes.make_id(name)}" for name in names)])
        self.add_line_and_source_path(container, token)
        label = nodes.paragraph("", ", ".join(names), classes=["d2l-tab-name"], translatable=False)
        self.add_line_and_source_path(label, token)
        if names:
            container.append(label)
        return container

    def render_d2l_figure(self, token: SyntaxTreeNode) -> None:
        """A picture alone in its paragraph: a figure whose caption is the picture's text, with its markup."""
        image = next(child for child in token.walk() if child.type == "image")
        figure = nodes.figure()
        self.add_line_and_source_path(figure, token)
        with self.current_node_context(figure, append=True):
            super().render_image(image)
            figure[0]["alt"] = ""  # the caption says it, and a catalog needs it once
            sizes = {"width": directives.length_or_percentage_or_unitless, "height": directives.length_or_unitless}
            self.copy_attributes(token, figure[0], tuple(sizes), converters=sizes)
            self.copy_attributes(token, figure, ("id",))
            if image.content.strip():
                caption = nodes.caption(image.content, "")
                self.add_line_and_source_path(caption, token)
                with self.current_node_context(caption, append=True):
                    self.render_children(image)

    def render_d2l_caption(self, token: SyntaxTreeNode) -> None:
        """The caption of the table that follows."""
        title = nodes.title(token.children[0].content, "")
        self.add_line_and_source_path(title, token)
        with self.current_node_context(title):
            self.render_children(token)
        self._caption = title

    def render_table(self, token: SyntaxTreeNode) -> None:
        """A table, with the caption that stands before it."""
        super().render_table(token)
        if self._caption is not None:
            self.current_node[-1].insert(0, self._caption)
            self._caption = None

    def render_fence(self, token: SyntaxTreeNode) -> None:
        """A table of contents, reST, or code with its language and tabs."""
        info = (token.info or "").strip()
        if info == "toc":
            self.render_directive(token, "toctree", "")
        elif info == "eval_rst":
            self.render_restructuredtext(token)
        elif attributes := _ATTRIBUTES.match(info):
            self._render_cell(token, attributes[1])
        else:
            super().render_fence(token)

    def _render_cell(self, token: SyntaxTreeNode, attributes: str) -> None:
        """A notebook cell: ``{.python .input}`` and, in its first line, ``#@tab pytorch`` or ``%%tab pytorch``."""
        language = next((word[1:] for word in attributes.split() if word.startswith(".") and word != ".input"), "")
        tab = _TAB.match(token.content)
        code = token.content[tab.end() :] if tab else token.content
        names = [name.strip() for name in tab[1].split(",")] if tab else ["all"]
        block = self.create_highlighted_code_block(
            code, language or "python", source=self.document["source"], line=token_line(token, 0) or None
        )
        parent = self.current_node
        if names != ["all"]:
            parent = self._tab(names, token)
            self.current_node.append(parent)
        parent.append(block)
