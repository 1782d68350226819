"""The application behind Sphinx's objects, by the attribute that their version has."""

from __future__ import annotations

from typing import Any

from sphinx.application import Sphinx


def application(owner: Any) -> Sphinx:
    """The application of a builder or an environment: its attribute ``app`` is deprecated since Sphinx 8.2 and goes with Sphinx 11."""
    found: Sphinx = owner._app if hasattr(owner, "_app") else owner.app
    return found
