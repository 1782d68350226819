"""Imports point only to a lower level of the house plan."""

from __future__ import annotations

import ast
from pathlib import Path

import sphinx_amts

ROOT = Path(sphinx_amts.__file__).parent
LEVELS = {
    "model": 0, "config": 0, "files": 0, "sentences": 0, "stamps": 0,
    "formats": 1, "engines": 1, "catalog": 1, "align": 1, "parallel": 1, "evaluate": 1, "locate": 1, "checks": 1, "habits": 1,
    "extract": 2, "memory": 2,
    "translate": 3, "report": 3,
    "builder": 4, "exchange": 4, "cli": 5, "__init__": 5,
}  # fmt: skip
MAY_USE_SPHINX = {"extract", "builder", "cli", "__init__"}


def _module(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def _imports(path: Path) -> list[str]:
    names = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            names += [node.module] + (
                [f"{node.module}.{alias.name}" for alias in node.names] if node.module == "sphinx_amts" else []
            )
        elif isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
    return names


def test_every_module_has_a_level() -> None:
    assert {_module(path) for path in ROOT.rglob("*.py")} <= set(LEVELS)


def test_imports_point_downwards() -> None:
    wrong = []
    for path in ROOT.rglob("*.py"):
        here = _module(path)
        for name in _imports(path):
            parts = name.split(".")
            if parts[0] != "sphinx_amts" or len(parts) == 1 or parts[1] == here:
                continue
            if parts[1] != "model" and LEVELS.get(parts[1], -1) >= LEVELS[here]:
                wrong.append(f"{path.relative_to(ROOT)} imports {name}")
    assert not wrong


def test_only_the_edges_use_sphinx() -> None:
    wrong = []
    for path in ROOT.rglob("*.py"):
        here = _module(path)
        if "d2lbook" in path.parts:
            continue  # an extension of its own, which a book names in its conf.py
        allowed = {"sphinx.errors"} if here == "model" else set()
        wrong += [
            f"{path.relative_to(ROOT)} imports {name}"
            for name in _imports(path)
            if name.split(".")[0] == "sphinx" and here not in MAY_USE_SPHINX and name not in allowed
        ]
    assert not wrong
