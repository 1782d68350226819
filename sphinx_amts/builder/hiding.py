"""Localized trees inside the source folder are books of their own, and must not be read as chapters of this one."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

from sphinx_amts.builder import tree

_NEVER = {"__pycache__", "node_modules"}
"""Names of folders that nobody builds a book into."""


def setup(app: Sphinx) -> None:
    """Hide them from Sphinx, whatever it builds."""
    app.connect("config-inited", _hide)


def _hide(app: Sphinx, _config: Any) -> None:
    srcdir = Path(str(app.srcdir)).resolve()
    for folder in {**dict.fromkeys(_of_this_run(app)), **dict.fromkeys(_of_other_runs(srcdir))}:
        if srcdir in folder.parents:
            # "?" for what is special in a pattern: Sphinx has no way to quote it that Python would not warn of
            pattern = re.sub(r"[\[*]", "?", folder.relative_to(srcdir).as_posix())
            if pattern not in app.config.exclude_patterns:
                app.config.exclude_patterns.append(pattern)


def _of_this_run(app: Sphinx) -> Iterator[Path]:
    """The output folder, and where each language's tree goes. Wrong options are told later, by their own check."""
    confdir, outdir = Path(str(app.confdir)), Path(str(app.outdir))
    yield outdir.resolve()
    languages = app.config.amts_languages
    if not isinstance(languages, (list, tuple, dict)):
        return
    for language in languages:
        own = languages[language] if isinstance(languages, dict) else {}
        output = own.get("output", app.config.amts_output) if isinstance(own, dict) else None
        if isinstance(output, str) and output:
            yield (confdir / output.replace("{language}", str(language))).resolve()
        else:
            yield (outdir / str(language)).resolve()


def _of_other_runs(srcdir: Path) -> Iterator[Path]:
    """Output folders of other runs, told by their summary. Sphinx refuses the source folder itself as one."""
    for folder, folders, names in os.walk(srcdir):
        folders[:] = [name for name in folders if not name.startswith(".") and name not in _NEVER]
        if tree.SUMMARY in names and _is_summary(Path(folder) / tree.SUMMARY):
            yield Path(folder)
            folders.clear()


def _is_summary(path: Path) -> bool:
    """Whether *path* is what a run left, and not another program's file."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    figures = found.values() if isinstance(found, dict) else ()
    return any(isinstance(one, dict) and "documents_written" in one for one in figures)
