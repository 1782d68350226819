"""Paths that lead out of the book (``.. include:: ../README.rst``, ``html_logo = "../logo.png"``) in a localized tree.

A localized tree lies elsewhere, and its files keep such paths byte for byte. So the ``amts`` builder notes beside them where
the source book is, and when the localized book is read, a path that leads out of it to nothing is taken from there.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

from sphinx_amts.files import write_bytes

FILE = ".amts-source"
"""Name of the file in a localized tree; its text is the relative path of the source book."""

_UP = ("../", "..\\")


class OutwardEnvironment(BuildEnvironment):
    """An environment that looks for what lies outside of the book where the source book is."""

    amts_source = ""

    def relfn2path(self, filename: Any, docname: str | None = None) -> tuple[str, str]:
        """See :meth:`sphinx.environment.BuildEnvironment.relfn2path`."""
        relative, absolute = super().relfn2path(filename, docname)
        there = _from(self.amts_source, relative, Path(str(self.srcdir)))
        return (os.path.relpath(there, self.srcdir), str(there)) if there is not None else (relative, absolute)


def follow(env: Any, source: Path) -> None:
    """Let *env* take paths that lead out of its book from the book in *source*."""
    env.__class__ = OutwardEnvironment
    env.amts_source = str(source)


def note(app: Sphinx, tree: Path) -> None:
    """Write into the localized *tree* where the source book is, if paths of the book lead out of it."""
    srcdir = Path(str(app.srcdir))
    try:
        source = Path(os.path.relpath(srcdir, tree)).as_posix()
    except ValueError:  # another drive of Windows
        source = srcdir.as_posix()
    if _leads_out(app):
        write_bytes(tree / FILE, f"{source}\n".encode())
    else:
        (tree / FILE).unlink(missing_ok=True)


def _leads_out(app: Sphinx) -> bool:
    paths = (str(path) for found in app.env.dependencies.values() for path in found)
    return any(path.startswith(_UP) for path in paths) or any(_has_outward(one.value) for one in app.config)


def _has_outward(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_has_outward, value.values()))
    if isinstance(value, (list, tuple)):
        return any(map(_has_outward, value))
    return isinstance(value, str) and value.startswith(_UP)


def _from(source: str, relative: str, folder: Path) -> Path | None:
    """What *relative* leads to from the book in *source*, if it leads out of *folder* and there to nothing."""
    if not source or not relative.startswith(_UP) or (folder / relative).exists():
        return None
    there = Path(os.path.normpath(Path(source) / relative))
    return there if there.exists() else None


def _source(app: Sphinx) -> Path | None:
    """Where the source book of the localized book is that *app* builds; ``None`` for another book."""
    path = Path(str(app.srcdir)) / FILE
    if not path.is_file():
        return None
    return Path(os.path.normpath(path.parent / path.read_text(encoding="utf-8").strip()))


def _follow_values(app: Sphinx, config: Any) -> None:
    """Let options of ``conf.py`` that lead out of a localized book lead to the files of the source book."""
    if source := _source(app):
        for one in config:
            if _has_outward(one.value):
                setattr(config, one.name, _followed(one.value, source, Path(str(app.confdir))))


def _followed(value: Any, source: Path, folder: Path) -> Any:
    if isinstance(value, dict):
        return {key: _followed(one, source, folder) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(_followed(one, source, folder) for one in value)
    there = _from(str(source), value, folder) if isinstance(value, str) else None
    return str(there) if there is not None else value


def _follow_paths(app: Sphinx) -> None:
    if source := _source(app):
        follow(app.env, source)


def setup(app: Sphinx) -> None:
    """Connect the search to Sphinx's reading of options and documents."""
    app.connect("config-inited", _follow_values)
    app.connect("builder-inited", _follow_paths)
