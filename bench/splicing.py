"""Faithful sources, measured: books go through four engines, and what comes out is built and compared.

    python bench/splicing.py                     every book of ../shared/books
    python bench/splicing.py ~/django/docs ...   other books (folders with a conf.py)

Each book is copied to a temporary folder. One ``sphinx-build -b amts`` writes four localized books: ``identity`` (must be
the source, byte for byte), ``cjk`` (the ``pseudo`` engine), ``latin`` (three times as long) and ``hostile`` (an engine that
returns whatever breaks markup). Every localized book is read again as a book of its own, its structure compared with the
source's document by document, and built as HTML; its warnings are counted against those of the source. The msgids of the
catalogs are compared with those of ``sphinx-build -b gettext``. Prints a Markdown section.
"""

from __future__ import annotations

import argparse
import html
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parent
BOOKS = PROJECT.parent / "shared" / "books"
LANGUAGES = {"identity": "en_GB", "cjk": "zh_CN", "latin": "de", "hostile": "fr"}
ENGINES = {"identity": "splicing:Identity", "cjk": "pseudo", "latin": "splicing:Latin", "hostile": "splicing:Hostile"}
D2L_CONF = """\
project = "D2L pages"
extensions = ["sphinx_amts.formats.d2lbook"]
root_doc = "index"
"""

_WARNING = re.compile(r"^(?:(?P<file>[^\n]*?):(?P<line>\d*):? )?(?:WARNING|ERROR|SEVERE|CRITICAL): (?P<text>.*)$")
_TAGS = re.compile(r"(<[^>]+>)")


# -- engines -------------------------------------------------------------------------------------------------------


class Identity:
    """Returns what it is given."""

    name = "identity"

    def __init__(self, pipeline: Any) -> None:
        self.pipeline = pipeline

    def translate(self, segments: Sequence[str], source: str, target: str) -> list[str | None]:
        return list(segments)


class Latin(Identity):
    """Accented Latin text of three times the length; tags kept."""

    name = "latin"

    def translate(self, segments: Sequence[str], source: str, target: str) -> list[str | None]:
        return [_outside_tags(segment, _triple) for segment in segments]


class Hostile(Identity):
    """Breaks one rule per segment, chosen by the segment's checksum."""

    name = "hostile"

    def translate(self, segments: Sequence[str], source: str, target: str) -> list[str | None]:
        if zlib.crc32(segments[0].encode()) % 50 == 0:
            raise RuntimeError("the engine fell over")
        return [ATTACKS[zlib.crc32(segment.encode()) % len(ATTACKS)](segment) for segment in segments]


def _outside_tags(segment: str, change: Callable[[str], str]) -> str:
    """*segment* with *change* applied to its text outside tags and outside what must not be translated."""
    parts = re.split(r"(<[^>]*translate=\"no\"[^>]*>.*?</span>|<[^>]+>|&[#\w]+;)", segment, flags=re.DOTALL)
    return "".join(part if index % 2 else change(part) for index, part in enumerate(parts))


def _triple(text: str) -> str:
    def write(match: re.Match[str]) -> str:
        word = match.group().replace("a", "ä").replace("o", "ö").replace("u", "ü")
        return f"{word}{word.lower()} {word.lower()}"

    return re.sub(r"[^\W\d_]+", write, text)


def _nested(segment: str) -> str:
    """All the elements of *segment*, each inside the one before."""
    starts = re.findall(r"<(\w+)([^>]*)>", segment)
    text = html.escape(html.unescape(_TAGS.sub("", segment)), quote=False)
    return (
        "".join(f"<{name}{rest}>" for name, rest in starts)
        + text
        + "".join(f"</{name}>" for name, _ in reversed(starts))
    )


def _reordered(segment: str) -> str:
    found = [match.group() for match in re.finditer(r"<(\w+)[^>]*>.*?</\1>|[^<]+", segment, re.DOTALL)]
    return "".join(reversed(found))


ATTACKS: list[Callable[[str], str | None]] = [
    *(
        lambda segment, start=start: start + segment  # type: ignore[misc]
        for start in (
            "1. ",
            "- ",
            ".. ",
            "`",
            "x_ y__ ",
            "A. ",
            "* ",
            ":注: ",
            "| ",
            ">>> ",
            "# ",
            "% ",
            "+++ ",
            ": ",
            "::: ",
            "2021. ",
            "=== ",
            "[x]: ",
            "[^1]: ",
            "http://a.b/c",
            ".. note:: ",
            "__ ",
            "-- ",
            "```",
            "$",
            "    ",
            "<b>",
            "&lt;b&gt;",
            "{{ x }} ",
            "|x| ",
            "---",
            "** ",
            "* [ ] ",
            "译文",
            "“",
            "\\",
            ":math:`",
            "{math}`",
            "a|b",
            'a,b"',
            "'\"",
            "=",
            "%",
        )
    ),
    *(
        lambda segment, end=end: segment + end  # type: ignore[misc]
        for end in (
            "::",
            "_",
            "\\",
            "`",
            "*",
            "|",
            "$",
            "]",
            " :",
            " <x>",
            "&lt;x&gt;_",
            "。",
            "“",
            "--",
            "[1]_",
            "http://a.b/c",
            ":",
            "x_",
        )
    ),
    lambda segment: _TAGS.sub("", segment),
    lambda segment: segment + segment,
    lambda segment: f"<p>{segment}</p>",
    lambda segment: re.sub(r'id="(\d+)"', 'id="1"', segment),
    lambda segment: re.sub(r"</(\w+)>", "", segment),
    _nested,
    _reordered,
    lambda _segment: "",
    lambda _segment: " \t ",
    lambda _segment: "x" * 100_000,
    lambda segment: segment + "\x00",
    lambda segment: segment.replace(" ", "\u2028", 1),
    lambda segment: segment.replace(" ", "\n\n", 1),
    lambda segment: segment.replace(" ", "\n- ", 1),
    lambda segment: segment.replace(" ", " * ", 1),
    lambda segment: segment.replace(" ", "*", 1),
    lambda segment: segment.replace(" ", "_ ", 2),
    lambda segment: segment.replace(" ", " | ", 1),
    lambda segment: segment.replace(" ", "$", 2),
    lambda segment: segment.replace(" ", ""),
    lambda _segment: None,
    lambda segment: "\u202e" + segment + "\u200b",
    lambda segment: segment.upper(),
    lambda segment: "\u0301" + segment,
    lambda segment: segment.replace(">", "> ").replace("</", " </"),
]
"""What a bad day of an engine looks like."""


# -- one book ------------------------------------------------------------------------------------------------------


def main() -> int:
    """Measure the books named on the command line, or all of ``../shared/books``."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("books", nargs="*", type=Path, help="folders with a conf.py, or names below ../shared/books")
    parser.add_argument("--engines", nargs="+", choices=list(ENGINES), default=list(ENGINES))
    parser.add_argument("--no-html", action="store_true", help="do not build HTML")
    parser.add_argument("--keep", type=Path, help="work in this folder and leave it there")
    options = parser.parse_args()
    if not options.books and not BOOKS.is_dir():
        print(f"{BOOKS} is missing: name the folders of books to measure.", file=sys.stderr)
        return 2
    books = [path if path.is_dir() else BOOKS / path for path in options.books] or _shared_books()
    results = []
    with tempfile.TemporaryDirectory() as temporary:
        for book in books:
            work = (options.keep or Path(temporary)).resolve() / _name(book)
            if work.exists():
                shutil.rmtree(work)
            results.append(measure(book, work, options.engines, not options.no_html))
    print(section(results))
    return 0


def _shared_books() -> list[Path]:
    return [*sorted(path.parent for path in BOOKS.glob("*/conf.py")), BOOKS / "d2l" / "en"]


def _name(book: Path) -> str:
    return book.parent.name if book.name in {"docs", "doc", "Doc", "en", "source"} else book.name


def measure(book: Path, work: Path, engines: Sequence[str], with_html: bool) -> dict[str, Any]:
    """Everything about one book."""
    source = prepare(book, work, engines)
    result: dict[str, Any] = {"name": _name(book), "engines": {}}
    before_warnings = warnings(source, work / "html_source") if with_html else Counter()
    if (
        before_warnings is None
    ):  # sphinx-proof fails where its nodes have no numbers: in documents that no toctree lists
        list_all(source)
        before_warnings = warnings(source, work / "html_source")
    if before_warnings is None:
        raise SystemExit(f"{book}: the source book does not build")
    gettext = _sphinx("gettext", source, work / "gettext", "-D", "gettext_compact=0")
    _say(result["name"], "gettext", gettext)
    started = time.perf_counter()
    build = _sphinx("amts", source, work / "out", "-q", "-w", str(work / "amts.log"))
    result["seconds"] = time.perf_counter() - started
    _say(result["name"], "amts", build)
    result["messages"], result["located"] = located(source, work)
    ours, theirs = msgids_of_catalogs(source / "locales" / LANGUAGES[engines[0]]), msgids_of_catalogs(work / "gettext")
    result["msgids"] = (len(theirs), len(theirs ^ ours))
    result["source_warnings"] = before_warnings
    summary = json.loads((work / "out" / "amts.json").read_text(encoding="utf-8"))
    before = structures(source, work / "read_source")
    for engine in engines:
        tree = work / "out" / LANGUAGES[engine]
        figures = dict(summary[LANGUAGES[engine]])
        figures["identical"] = identical(source, tree)
        after = structures(tree, work / f"read_{engine}")
        figures["files"] = len(before)
        figures["broken"] = sorted(name for name in before if before[name] != after.get(name))
        found = warnings(tree, work / f"html_{engine}") if with_html else Counter()
        if found is None:
            raise SystemExit(f"{tree}: the localized book does not build")
        figures["warnings"] = sum(found.values())
        figures["new_warnings"] = found.total() - result["source_warnings"].total()
        (work / f"warnings_{engine}.txt").write_text(_difference(result["source_warnings"], found), encoding="utf-8")
        result["engines"][engine] = figures
    (work / "result.json").write_text(json.dumps(result, indent=1, default=str), encoding="utf-8")
    print(section([result]), file=sys.stderr)
    return result


def prepare(book: Path, work: Path, engines: Sequence[str]) -> Path:
    """Copy *book* and give its ``conf.py`` the languages."""
    source = work / "book"
    shutil.copytree(
        book, source, copy_function=shutil.copyfile, ignore=shutil.ignore_patterns("_build", ".git", "locale")
    )
    for path in [source, *source.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    conf = source / "conf.py"
    if not conf.exists():
        conf.write_text(D2L_CONF, encoding="utf-8")
    languages = {LANGUAGES[engine]: {"engine": ENGINES[engine]} for engine in engines}
    with conf.open("a", encoding="utf-8") as file:
        file.write(f'\nextensions = [*extensions, "sphinx_amts"]\namts_languages = {languages!r}\n')
        file.write('locale_dirs = ["locales"]\ngettext_compact = False\n')
    return source


def _sphinx(builder: str, source: Path, out: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [
        sys.executable,
        "-m",
        "sphinx",
        "-b",
        builder,
        "-d",
        str(out) + "_doctrees",
        *options,
        str(source),
        str(out),
    ]
    return subprocess.run(command, env=_environment(), capture_output=True, text=True, check=False, encoding="utf-8")


def _environment() -> dict[str, str]:
    paths = [str(PROJECT), str(HERE), *filter(None, [os.environ.get("PYTHONPATH", "")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "PYTHONHASHSEED": "0", "NO_COLOR": "1"}


def _say(name: str, step: str, done: subprocess.CompletedProcess[str]) -> None:
    print(f"{name}: {step} ended with status {done.returncode}", file=sys.stderr)
    if done.returncode not in {0, 1}:
        print(done.stderr[-3000:], file=sys.stderr)


def list_all(source: Path) -> None:
    """Give the book a first page that lists all its documents."""
    (source / "all_documents.rst").write_text("All\n===\n\n.. toctree::\n   :glob:\n\n   **\n", encoding="utf-8")
    with (source / "conf.py").open("a", encoding="utf-8") as file:
        file.write('root_doc = "all_documents"\n')


def warnings(source: Path, out: Path) -> Counter[str] | None:
    """Warnings of an HTML build, without places; ``None`` if it fails."""
    done = _sphinx("html", source, out, "-q", "-E")
    (out.parent / f"{out.name}.log").write_text(done.stderr, encoding="utf-8")
    if done.returncode != 0:
        print(f"{source}: the HTML build failed\n{done.stderr[-1000:]}", file=sys.stderr)
        return None
    found: Counter[str] = Counter()
    for line in done.stderr.splitlines():
        if match := _WARNING.match(re.sub(r"\x1b\[[\d;]*m", "", line)):
            file = match.group("file") or ""
            text = match.group("text").replace(str(source), "").replace(str(source.parent), "")
            found[f"{Path(file).name if file else ''}: {text}"] += 1
    return found


def _difference(before: Counter[str], after: Counter[str]) -> str:
    lines = [f"+{count} {text}" for text, count in sorted((after - before).items())]
    lines += [f"-{count} {text}" for text, count in sorted((before - after).items())]
    return "\n".join(lines) + "\n"


def identical(source: Path, tree: Path) -> tuple[int, int]:
    """Files of the tree that equal the source's, and files of the source that are in the tree, ``conf.py`` left out."""
    same = total = 0
    for path in sorted(tree.rglob("*")):
        original = source / path.relative_to(tree)
        if path.is_file() and path.name != "conf.py":
            total += 1
            same += original.is_file() and original.read_bytes() == path.read_bytes()
    return same, total


_READ = """
import json, sys
from sphinx.application import Sphinx
from sphinx_amts import extract
source, out = sys.argv[1:3]
app = Sphinx(source, source, out, out + "_doctrees", "amts", confoverrides={"amts_languages": []}, status=None, warning=None)
app.builder.read()
found = {}
for name, document in extract.documents(app.env).items():
    prose = [message for message in document.messages if message.translatable]
    found[name] = {
        "structure": [line for line in document.structure if not line.startswith("#")],
        "messages": len(prose),
        "located": sum(1 for message in prose if message.spans),
        "missing": [[message.kind, message.location.path, message.location.line, message.msgid] for message in prose if not message.spans],
    }
json.dump(found, open(sys.argv[3], "w"))
"""


def _read(source: Path, out: Path) -> dict[str, Any]:
    """What extraction says of the book in *source*, in a process of its own."""
    target = out.parent / f"{out.name}.json"
    command = [sys.executable, "-c", _READ, str(source), str(out), str(target)]
    subprocess.run(command, env=_environment(), check=True, stdout=subprocess.DEVNULL)
    return json.loads(target.read_text(encoding="utf-8"))


def structures(source: Path, out: Path) -> dict[str, list[str]]:
    """The structure of each document."""
    return {name: found["structure"] for name, found in _read(source, out).items()}


def located(source: Path, work: Path) -> tuple[int, int]:
    """Messages that hold text for translation, and those whose place in the book's files is known."""
    found = _read(source, work / "located").values()
    missing = [str(one) for document in found for one in document["missing"]]
    (work / "not_located.txt").write_text("\n".join(missing) + "\n", encoding="utf-8")
    return sum(one["messages"] for one in found), sum(one["located"] for one in found)


def msgids_of_catalogs(folder: Path) -> set[tuple[str, str]]:
    """Domain and msgid of every entry of the catalogs below *folder*."""
    return {(domain, msgid) for path in folder.rglob("*.po*") for domain, msgid in _msgids(path, folder)}


def _msgids(path: Path, folder: Path) -> Iterator[tuple[str, str]]:
    from babel.messages.pofile import read_po

    domain = path.relative_to(folder).with_suffix("").as_posix().removeprefix("LC_MESSAGES/")
    with path.open("rb") as file:
        for message in read_po(file):
            if message.id:
                yield domain, str(message.id)


# -- report --------------------------------------------------------------------------------------------------------


def section(results: Sequence[dict[str, Any]]) -> str:
    """The results as Markdown."""
    lines = [
        "| book | engine | files | structure kept | messages | located | kept in source language | HTML warnings (source book) |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for result in results:
        for engine, figures in result["engines"].items():
            name = (
                f"{engine}: {figures['identical'][0]} of {figures['identical'][1]} files identical"
                if engine == "identity"
                else engine
            )
            kept = figures["files"] - len(figures["broken"])
            lines.append(
                f"| {result['name']} | {name} | {figures['files']} | {kept} | {result['messages']} | {result['located']} | "
                f"{figures['kept_source']} ({figures['kept_source'] / max(result['messages'], 1):.2%}) | "
                f"{figures['warnings']} ({sum(result['source_warnings'].values())}) |"
            )
    lines.append("")
    for result in results:
        total, different = result["msgids"]
        lines.append(
            f"- {result['name']}: {result['seconds']:.0f} s for {len(result['engines'])} languages; "
            f"{total} msgids of `sphinx-build -b gettext`, {different} of them different"
        )
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
