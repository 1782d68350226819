"""The garbage collector during a build."""

from __future__ import annotations

import gc
from types import SimpleNamespace

import pytest

from sphinx_amts.builder.heap import _freeze, _thaw  # the true ones, before the tests' builds go without


@pytest.mark.parametrize(("builder", "frozen"), [("amts", True), ("html", False)])
def test_what_lives_as_long_as_a_build_is_frozen(builder: str, frozen: bool) -> None:
    app = SimpleNamespace(builder=SimpleNamespace(name=builder))
    before = gc.get_freeze_count()
    _freeze(app)
    assert (gc.get_freeze_count() > before) is frozen
    _thaw(app, None)
    assert gc.get_freeze_count() == 0
    gc.freeze()  # as conftest.py has it
