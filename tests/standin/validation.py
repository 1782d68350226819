"""Botocore's model enforced in full: required members, types, min and max, patterns, enumerations."""

from __future__ import annotations

from functools import cache
from typing import Any

import botocore.session
import regex
from botocore.model import Shape


@cache
def _model() -> Any:
    return botocore.session.get_session().get_service_model("translate")


def violations(operation: str, parameters: dict[str, Any]) -> list[str]:
    """Return what in *parameters* the model of *operation* forbids."""
    shape = _model().operation_model(operation).input_shape
    return _check(shape, parameters, operation)


def _check(shape: Shape, value: Any, path: str) -> list[str]:
    if shape.type_name == "structure":
        found = [f"{path}.{name} is missing" for name in shape.required_members if value.get(name) is None]
        found += [f"{path}.{name} is unknown" for name in value if name not in shape.members]
        for name, member in shape.members.items():
            if value.get(name) is not None:
                found += _check(member, value[name], f"{path}.{name}")
        return found
    if shape.type_name == "list":
        found = _length(shape, len(value), path)
        for number, item in enumerate(value):
            found += _check(shape.member, item, f"{path}[{number}]")
        return found
    if shape.type_name in {"string", "blob"}:
        found = _length(shape, len(value), path)
        pattern = shape.metadata.get("pattern")
        if pattern and not regex.fullmatch(pattern, value):
            found.append(f"{path} = {value!r} does not match {pattern}")
        if shape.metadata.get("enum") and value not in shape.metadata["enum"]:
            found.append(f"{path} = {value!r} is none of {shape.metadata['enum']}")
        return found
    return _length(shape, value, path) if shape.type_name == "integer" else []


def _length(shape: Shape, size: int, path: str) -> list[str]:
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if (low is not None and size < low) or (high is not None and size > high):
        return [f"{path} has {size}; the model allows {low} to {high}"]
    return []
