"""What must survive a kill: small JSON files below ``.amts/``, each written atomically.

``jobs/`` holds a record for each batch job, written before the request that costs; ``results/`` a file for each
document that came back, written before anything else happens. A result that was never handed to the caller is used on
the next run even if parallel data changed in between: it is paid, and the caller keeps machine translations made under
older parallel data anyway. A result that was handed over is used again only while everything that shaped it is the
same.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sphinx_amts.files import write_bytes
from sphinx_amts.model import FileError

KEEP_SECONDS = 30 * 24 * 3600.0
"""How long results that were handed over are kept, in case the caller is killed before it has stored them."""


def digest(*parts: str) -> str:
    """Return the SHA-256 of *parts* as 64 hexadecimal digits; the borders between parts count."""
    total = hashlib.sha256()
    for part in parts:
        data = part.encode()
        total.update(f"{len(data)}:".encode() + data)
    return total.hexdigest()


class Store:
    """A folder of JSON files, made when first written to."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, name: str) -> dict[str, Any] | None:
        """Return the object in file *name*, or ``None``; raise :class:`FileError` for what is no JSON object."""
        path = self._folder / name
        try:
            text = path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        try:
            value = json.loads(text)
        except ValueError as error:
            raise FileError(path, f"not readable as JSON ({error})", "Delete the file.") from error
        if not isinstance(value, dict):
            raise FileError(path, "not a JSON object", "Delete the file.")
        return value

    def write(self, name: str, value: Mapping[str, Any]) -> None:
        """Replace file *name* by *value*, or leave it as it was if the process dies on the way."""
        text = json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True)
        write_bytes(self._folder / name, text.encode())

    def remove(self, name: str) -> None:
        """Delete file *name* if it is there."""
        (self._folder / name).unlink(missing_ok=True)

    def names(self, folder: str) -> list[str]:
        """List the JSON files of *folder* as names for :meth:`read`, sorted."""
        return sorted(f"{folder}/{path.name}" for path in (self._folder / folder).glob("*.json"))


@dataclass(frozen=True, slots=True)
class Key:
    """What shaped a translation, besides its source text."""

    style: str
    """Languages, formality and the like: never mixed."""
    data: str
    """Parallel data and terminology."""


@dataclass(frozen=True, slots=True)
class Found:
    """A translation from the store."""

    text: str | None
    """The translation as an HTML fragment; ``None`` where it came back unusable, which is paid all the same."""
    route: str
    """How it was made."""


class Results:
    """Translations that the service has given, by digest of the source segment."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def find(self, key: Key) -> dict[str, Found]:
        """Return what may serve under *key*."""
        delivered = self._delivered()
        found: dict[str, Found] = {}
        for name in self._store.names("results"):
            content = self._store.read(name) or {}
            same_data = content.get("data") == key.data
            if content.get("style") == key.style and (same_data or name not in delivered):
                for segment, text in content["translations"].items():
                    found[segment] = Found(text, content["route"])
        return found

    def routes(self) -> dict[str, str]:
        """Return how each segment that is stored was translated, by its digest."""
        stored = (self._store.read(name) or {} for name in self._store.names("results"))
        return {segment: str(one["route"]) for one in stored for segment in one.get("translations", ())}

    def has(self, name: str) -> bool:
        """Tell whether the results called *name* are stored."""
        return self._store.read(f"results/{name}.json") is not None

    def add(self, name: str, key: Key, route: str, translations: Mapping[str, str | None]) -> None:
        """Store *translations* under *name*, at once."""
        content = {"style": key.style, "data": key.data, "route": route, "translations": dict(translations)}
        self._store.write(f"results/{name}.json", content)

    def deliver(self, now: float) -> None:
        """Note that the caller now has everything that is stored, and forget what was handed over long ago."""
        delivered = self._delivered()
        for name in self._store.names("results"):
            if now - delivered.setdefault(name, now) > KEEP_SECONDS:
                self._store.remove(name)
        names = set(self._store.names("results"))
        self._store.write("delivered.json", {"results": {name: at for name, at in delivered.items() if name in names}})

    def _delivered(self) -> dict[str, float]:
        return dict((self._store.read("delivered.json") or {}).get("results", {}))
