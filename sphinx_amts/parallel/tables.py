"""Reading and writing CSV and TSV.

Rules of Amazon Translate (Developer Guide, "Formatting your parallel data"): UTF-8, language codes in the first row, one
line a record, quotation marks in fields doubled, and no field that begins with ``+ - = @`` even in quotes.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from sphinx_amts.model import FileError
from sphinx_amts.parallel.languages import find

FORBIDDEN_STARTS = ("+", "-", "=", "@")
_SEPARATORS = {".csv": ",", ".tsv": "\t", ".tab": "\t"}


def read(path: Path, data: bytes, source: str, target: str) -> Iterator[tuple[int, str, str]]:
    """Give of each record its line and its fields in two languages. Raises :class:`FileError`."""
    reader = csv.reader(
        io.StringIO(_decoded(path, data), newline=""), delimiter=_SEPARATORS[path.suffix.lower()], strict=True
    )
    line = 1
    columns: tuple[int, int] | None = None
    width = 0
    try:
        for record in reader:
            if columns is None:
                columns, width = _columns(path, record, source, target), len(record)
            elif record:
                _check_width(path, record, width, line)
                ours, theirs = ([*record, *[""] * width][column] for column in columns)
                yield line, ours, theirs
            line = reader.line_num + 1
    except csv.Error as error:
        raise FileError(
            path, f"the record that begins here is not sound ({error})", _remedy(str(error)), line
        ) from error
    if columns is None:
        raise FileError(
            path, "is empty", f"Its first row should hold language codes such as {source!r} and {target!r}."
        )


def write(suffix: str, codes: tuple[str, str], pairs: Iterable[tuple[str, str]]) -> bytes:
    """Write records of two fields under a row of language codes."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=_SEPARATORS[suffix], lineterminator="\n")
    writer.writerow(codes)
    writer.writerows(pairs)
    return file.getvalue().encode()


def _decoded(path: Path, data: bytes) -> str:
    encoding = "utf-16" if data[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        where = f"byte {error.start} (0x{data[error.start]:02X})"
        line = data.count(b"\n", 0, error.start) + 1
        raise FileError(
            path, f"{where} is not valid {encoding.removesuffix('-sig').upper()}", "Save the file as UTF-8.", line
        ) from error


def _columns(path: Path, header: Sequence[str], source: str, target: str) -> tuple[int, int]:
    places = find(header, source), find(header, target)
    for place, language in zip(places, (source, target), strict=True):
        if place is None:
            raise FileError(
                path,
                f"its first row {list(header)!r} names no column for the language {language!r}",
                "The first row must hold language codes such as 'en' and 'zh'.",
                1,
            )
    if places[0] is None or places[1] is None or places[0] == places[1]:
        raise FileError(path, f"one column serves both {source!r} and {target!r}", "Give each language a column.", 1)
    return places[0], places[1]


def _check_width(path: Path, record: Sequence[str], width: int, line: int) -> None:
    if any(record[width:]):
        raise FileError(
            path,
            f"the record has {len(record)} fields, the first row {width}",
            "Put fields that hold the separator between quotation marks.",
            line,
        )


def _remedy(problem: str) -> str:
    if "field larger" in problem:
        return "A quotation mark that is never closed may have swallowed the rest of the file."
    if "NUL" in problem:
        return "Save the file as UTF-8 text."
    return "Close every quotation mark, and double those inside fields."
