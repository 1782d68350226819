"""Parallel data as the service imports it: file formats, skipped rows, the error file, and a resource's life."""

from __future__ import annotations

import csv
import io
import json
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from typing import Any

_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
SEGMENT_BYTES = 1000


class UnreadableError(ValueError):
    """The file as a whole cannot be imported."""


@dataclass
class Imported:
    """What came of a file."""

    source: str
    targets: list[str]
    records: dict[str, dict[str, str]] = field(default_factory=dict)
    skipped: int = 0
    failed: int = 0
    messages: list[str] = field(default_factory=list)

    def add(self, number: int, source: str, translations: dict[str, str]) -> None:
        """Take a record, as the developer guide says: a bad source skips the row, a bad target only itself."""
        if not source.strip() or len(source.encode()) > SEGMENT_BYTES:
            self.skipped += 1
            self.messages.append(f"record {number}: source text is empty or longer than {SEGMENT_BYTES} bytes")
            return
        usable = {}
        for language, text in translations.items():
            if text.strip() and len(text.encode()) <= SEGMENT_BYTES:
                usable[language] = text
            else:
                self.messages.append(f"record {number}: {language} text is empty or too long")
        if usable:
            self.records[source] = usable
        else:
            self.skipped += 1

    def error_file(self) -> bytes:
        summary = {"record_error_count": self.failed, "record_skipped_count": self.skipped}
        return json.dumps({"summary": summary, "messages": self.messages}).encode()


def read(data: bytes, form: str, supported: frozenset[str]) -> Imported:
    """Read a parallel-data or terminology file."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UnreadableError("the file is not UTF-8") from error
    found = _tmx(text) if form == "TMX" else _table(text, "," if form == "CSV" else "\t")
    unknown = sorted({found.source, *found.targets} - supported)
    if unknown or not found.targets:
        raise UnreadableError(f"unsupported languages: {unknown or 'no target'}")
    return found


def _tmx(text: str) -> Imported:
    try:
        root = ET.fromstring(text)
    except ET.ParseError as error:
        raise UnreadableError(f"not well-formed: {error}") from error
    header = root.find("header")
    if root.tag != "tmx" or root.get("version") not in {"1.4", "1.4b"} or header is None or not header.get("srclang"):
        raise UnreadableError("no TMX 1.4 header with srclang")
    source = header.get("srclang") or ""
    targets = sorted({tuv.get(_LANG, "") for tuv in root.iter("tuv")} - {source})
    found = Imported(source, targets)
    for number, unit in enumerate(root.iter("tu"), 1):
        by_language: dict[str, list[str]] = {}
        for tuv in unit.iter("tuv"):
            by_language.setdefault(tuv.get(_LANG, ""), []).append("".join(tuv.find("seg").itertext()))  # type: ignore[union-attr]
        if len(by_language.get(source, [])) != 1:
            found.failed += 1
            found.messages.append(f"record {number}: not exactly one source text")
            continue
        found.add(number, by_language.pop(source)[0], {language: texts[-1] for language, texts in by_language.items()})
    return found


def _table(text: str, delimiter: str) -> Imported:
    lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    if not lines or len(lines[0]) < 2:
        raise UnreadableError("row 1 has no language codes")
    found = Imported(lines[0][0], lines[0][1:])
    for number, row in enumerate(lines[1:], 1):
        if any("\n" in cell or "\r" in cell for cell in row):
            found.failed += 1
            found.messages.append(f"record {number}: a field spans lines")
        elif any(cell.startswith(("+", "-", "=", "@")) for cell in row):
            found.failed += 1
            found.messages.append(f"record {number}: a field begins with + - = or @")
        else:
            found.add(number, row[0] if row else "", dict(zip(found.targets, row[1:], strict=False)))
    return found


@dataclass
class Import:
    """An import under way."""

    uri: str
    form: str
    ready_at: float
    update: bool
    looks: int = 0


@dataclass
class ParallelDataResource:
    """A parallel-data resource."""

    name: str
    arn: str
    created_at: float
    status: str = "CREATING"
    latest: str | None = None
    latest_at: float | None = None
    config: dict[str, str] = field(default_factory=dict)
    content: Imported | None = None
    version: int = 0
    updated_at: float | None = None
    message: str = ""
    running: Import | None = None
    error_file: str = ""
    latest_error_file: str = ""
    deleted_at: float | None = None

    def describe(self) -> dict[str, Any]:
        content = self.content
        properties: dict[str, Any] = {
            "Name": self.name,
            "Arn": self.arn,
            "Status": self.status,
            "ParallelDataConfig": self.config,
            "CreatedAt": self.created_at,
            "Message": self.message or None,
            "LastUpdatedAt": self.updated_at,
            "LatestUpdateAttemptStatus": self.latest,
            "LatestUpdateAttemptAt": self.latest_at,
        }
        if content is not None:
            properties |= {
                "SourceLanguageCode": content.source,
                "TargetLanguageCodes": content.targets,
                "ImportedRecordCount": len(content.records),
                "SkippedRecordCount": content.skipped,
                "FailedRecordCount": content.failed,
            }
        return {key: value for key, value in properties.items() if value is not None}
