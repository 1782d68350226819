"""Automatic machine translation and synchronisation (AMTS) for Sphinx books."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sphinx.application import Sphinx

__version__ = "0.1.0"


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the builder ``amts`` and its options with Sphinx."""
    from sphinx_amts import builder, extract

    extract.setup(app)
    builder.setup(app)
    return {"version": __version__, "parallel_read_safe": True, "parallel_write_safe": True, "env_version": 4}
