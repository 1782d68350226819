"""A d2lbook project's ``config.ini`` as Sphinx configuration: language, title, bibliography, and which files are the book.

What ``conf.py`` or the command line says wins over it. The values that d2lbook itself gives Sphinx for every book are taken
over too (numbered figures and equations), because ``:numref:`` needs them. Keys: ``d2lbook/config_default.ini`` of 1.0.3.
"""

from __future__ import annotations

import configparser
import glob
import logging
import os
import re
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sphinx_amts.model import FileError

if TYPE_CHECKING:
    from sphinx.application import Sphinx

logger = logging.getLogger("sphinx.sphinx_amts.d2lbook")

FILE = "config.ini"
NUMBERING = {"numfig": True, "numfig_secnum_depth": 2, "math_numfig": True, "math_number_all": True}
"""What d2lbook's own Sphinx configuration always has."""

LANGUAGES = {"zh": "zh_CN", "pt-br": "pt_BR", "zh-tw": "zh_TW"}
"""d2lbook's language codes where Sphinx has another one."""

BIBTEX = "sphinxcontrib.bibtex"


def read(path: Path) -> Mapping[str, Mapping[str, str]]:
    """The sections of a ``config.ini``; none if there is no such file or it is no d2lbook project's."""
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read(path, encoding="utf-8")
    except (configparser.Error, UnicodeDecodeError) as error:
        line = getattr(error, "lineno", None)
        raise FileError(path, f"is no valid INI file ({str(error).splitlines()[0]})", "Correct it.", line) from error
    if not {"project", "build"} & set(parser.sections()):
        return {}
    return {name: dict(parser.items(name)) for name in parser.sections()}


def settings(path: Path, srcdir: Path) -> dict[str, Any]:
    """Sphinx options that the ``config.ini`` at *path* stands for, with patterns relative to *srcdir*."""
    sections = read(path)
    found: dict[str, Any] = dict(NUMBERING)
    if not sections:
        return found
    project, build = sections.get("project", {}), sections.get("build", {})
    found.update(
        project=project.get("title") or project.get("name"),
        author=project.get("author"),
        copyright=project.get("copyright"),
        release=project.get("release"),
        language=_language(project.get("lang", "")),
        root_doc=re.sub(r"\.md$", "", build.get("index", "")),
    )
    root = path.parent / build.get("source_dir", ".")
    found["include_patterns"] = sorted(_pattern(name, srcdir) for name in _documents(build, root))
    found["exclude_patterns"] = [_pattern(os.path.join(root, build.get("output_dir", "_build")), srcdir)]  # noqa: PTH118
    bibliography = sections.get("pdf", {}).get("bibfile")
    if bibliography and (root / bibliography).is_file():
        found["bibtex_bibfiles"] = [bibliography]
    return {name: value for name, value in found.items() if value}


def _language(code: str) -> str:
    code = code.strip().lower()
    if code in LANGUAGES:
        return LANGUAGES[code]
    language, _, region = code.replace("-", "_").partition("_")
    return f"{language}_{region.upper()}" if region else language


def _documents(build: Mapping[str, str], root: Path) -> set[str]:
    """Files that d2lbook makes pages of: its notebooks and reST files without what is excluded or no notebook."""
    out = set(_files(build.get("exclusions", "") + " " + build.get("non-notebooks", ""), root))
    out |= set(_files(build.get("output_dir", "_build"), root))
    return set(_files(build.get("notebooks", "**/*.md"), root)) - out | set(_files(build.get("rsts", ""), root))


def _files(patterns: str, root: Path) -> Iterator[str]:
    """Files that match one of the *patterns*, as d2lbook finds them: a folder stands for all that is in it."""
    for pattern in patterns.split():
        path = os.path.join(root, pattern)  # noqa: PTH118 - glob's "**" wants strings
        path = os.path.join(path, "**") if os.path.isdir(path) else path  # noqa: PTH112, PTH118
        yield from (name for name in glob.glob(path, recursive=True) if os.path.isfile(name))  # noqa: PTH113, PTH207


def _pattern(name: str, srcdir: Path) -> str:
    """A pattern of Sphinx's that matches just the file *name*."""
    relative = Path(os.path.relpath(name, srcdir)).as_posix()
    return re.sub(r"[*?\[]", lambda match: f"[{match.group()}]", relative)


# -- Sphinx --------------------------------------------------------------------------------------------------------


def connect(app: Sphinx) -> None:
    """Let the project's ``config.ini`` configure *app*, before anything else looks at its configuration."""
    found: dict[str, Any] = (
        settings(Path(str(app.confdir)) / FILE, Path(str(app.srcdir))) if app.confdir else dict(NUMBERING)
    )
    app.setup_extension("sphinx.ext.autodoc")  # d2lbook's own configuration has it, for blocks of reST
    given: dict[str, Any] = {**getattr(app.config, "_raw_config", {}), **app.config.overrides}
    if found.get("bibtex_bibfiles") or given.get("bibtex_bibfiles"):
        _resolve_citations(app)
    if BIBTEX not in app.extensions:
        found.pop("bibtex_bibfiles", None)

    def configure(_app: Sphinx, config: Any) -> None:
        for name, value in found.items():
            if name == "exclude_patterns":
                config.exclude_patterns += [pattern for pattern in value if pattern not in config.exclude_patterns]
            elif name not in given and not (name == "root_doc" and "master_doc" in given):
                setattr(config, name, value)

    app.connect("config-inited", configure, priority=100)


def _resolve_citations(app: Sphinx) -> None:
    """Use ``sphinxcontrib-bibtex``; where it is missing or broken, citations show their keys."""
    try:
        import_module(BIBTEX)
    except ImportError as error:
        logger.warning("citations show their keys, because sphinxcontrib-bibtex cannot be used (%s)", error)
        return
    app.setup_extension(BIBTEX)
