"""The garbage collector during a build."""

from __future__ import annotations

import gc
from types import SimpleNamespace

import pytest

from sphinx_amts.builder import heap


@pytest.mark.parametrize(("builder", "frozen"), [("amts", True), ("html", False)])
def test_what_lives_as_long_as_a_build_is_frozen(builder: str, frozen: bool) -> None:
    app = SimpleNamespace(builder=SimpleNamespace(name=builder))
    before = gc.get_freeze_count()
    heap._freeze(app)
    assert (gc.get_freeze_count() > before) is frozen
    heap._thaw(app, None)
    assert gc.get_freeze_count() == 0
