"""Trouble with files and folders: the right result or one clear error, and nothing is lost."""

from __future__ import annotations

import errno
import filecmp
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sphinx_amts import catalog as po
from sphinx_amts.builder import alone
from sphinx_amts.files import Lock
from sphinx_amts.model import AmtsError
from tests.conftest import Book

PAGES = {
    "index.rst": "Title\n=====\n\n.. toctree::\n\n   rain\n\nOne sentence.\n",
    "rain.rst": "Rain\n====\n\nRain falls.\n\n.. include:: shared.txt\n",
    "shared.txt": "Shared words.\n",
}
CONF = 'exclude_patterns = ["shared.txt"]\n'


def backdate(book: Book, name: str, seconds: float) -> None:
    """Give a file a time in the past, as a clock that was set back does, or a checkout that keeps times."""
    path = book.source / name
    when = path.stat().st_mtime - seconds
    os.utime(path, (when, when))


def test_an_edit_with_an_old_time_is_seen(make_book: Callable[..., Book]) -> None:
    book = make_book(PAGES, ("es",), conf=CONF)
    book.build()
    book.edit("index.rst", "One sentence.", "Another sentence, in a line of its own.\n\nAnd one more.")
    backdate(book, "index.rst", 86_400)
    again = book.build()
    assert again.summary["es"]["sent_segments"] == 2
    text = book.localized("es", "index.rst").read_text(encoding="utf-8")
    assert text.count("\n\n") == (book.source / "index.rst").read_text(encoding="utf-8").count("\n\n")
    assert "sentence" not in text


def test_an_edit_of_an_included_file_with_an_old_time_is_seen(make_book: Callable[..., Book]) -> None:
    book = make_book(PAGES, ("es",), conf=CONF)
    book.build()
    book.edit("shared.txt", "Shared words.", "New words that stand here.")
    backdate(book, "shared.txt", 86_400)
    assert book.build().summary["es"]["sent_segments"] == 1
    assert "words" not in book.localized("es", "shared.txt").read_text(encoding="utf-8")


def test_files_of_the_future_cost_nothing(make_book: Callable[..., Book]) -> None:
    """All files are newer than now: they are read again each time, and nothing is sent or written."""
    book = make_book(PAGES, ("es",), conf=CONF)
    for name in PAGES:
        backdate(book, name, -10 * 86_400)
    book.build()
    again = book.build()
    assert again.summary["es"]["sent_segments"] == 0
    assert again.summary["es"]["documents_written"] == 0


# -- two builds at once ------------------------------------------------------------------------------------------------


def test_a_lock_is_held_by_one(tmp_path: Path) -> None:
    first, second = Lock(tmp_path / "new" / "lock"), Lock(tmp_path / "new" / "lock")
    assert first.acquire()
    assert not second.acquire()
    first.release()
    assert second.acquire()
    second.release()


def test_a_second_build_waits_for_the_first(
    make_book: Callable[..., Book], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    book = make_book(PAGES, ("es",), conf=CONF)
    other = Lock(book.source / "locales" / ".amts" / alone.FILE)
    assert other.acquire()
    looks = []

    def pause(seconds: float) -> None:
        looks.append(seconds)
        assert not book.catalog("es", "index").exists()
        if len(looks) == 3:
            other.release()

    monkeypatch.setattr("sphinx_amts.builder.alone.time.sleep", pause)
    assert book.build().status == 0
    assert looks == [alone.PAUSE] * 3
    assert "another build of this book is running" in capsys.readouterr().err
    assert other.acquire(), "a build that has ended holds nothing"
    other.release()


def test_two_builds_at_once_translate_everything_once(make_book: Callable[..., Book]) -> None:
    """Two processes with folders of their own and the catalogs in common: the second finds what the first has made."""
    book = make_book(PAGES, ("es",), conf=CONF)
    command = [sys.executable, "-m", "sphinx", "-q", "-b", "amts", str(book.source)]
    outs = [book.folder / "first", book.folder / "second"]
    running = [subprocess.Popen([*command, str(out)], stderr=subprocess.PIPE) for out in outs]
    messages = [process.communicate(timeout=300)[1].decode() for process in running]
    assert [process.returncode for process in running] == [0, 0], messages
    counts = [json.loads((out / "amts.json").read_text(encoding="utf-8"))["es"]["sent_segments"] for out in outs]
    assert sorted(counts) == [0, 5]
    assert filecmp.cmp(outs[0] / "es" / "rain.rst", outs[1] / "es" / "rain.rst", shallow=False)
    assert list((book.source / "locales").rglob(".amts-*")) == []


# -- full disks --------------------------------------------------------------------------------------------------------


def sphinx(book: Book, *more: str, **options: Any) -> subprocess.CompletedProcess[str]:
    """``sphinx-build`` in a process of its own."""
    command = [sys.executable, "-m", "sphinx", "-q", "-b", "amts", str(book.source), str(book.folder / "out" / "amts")]
    return subprocess.run([*command, *more], capture_output=True, text=True, timeout=300, check=False, **options)


def state(book: Book) -> dict[str, bytes]:
    """All files of the book but the disposable index."""
    paths = (path for path in book.source.rglob("*") if path.is_file() and ".amts" not in path.parts)
    return {path.relative_to(book.source).as_posix(): path.read_bytes() for path in paths}


LARGE = {"index.rst": "Title\n=====\n\n" + "".join(f"Sentence {n} has its own words.\n\n" for n in range(1500))}


LIMIT = """
import resource, signal

def setup(app):
    app.connect("env-check-consistency", limit)  # Sphinx has written its own files by then

def limit(app, env):
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there are no limits of file sizes")
def test_a_file_that_does_not_fit(make_book: Callable[..., Book]) -> None:
    """A limit of file sizes, which ends a write in the middle of a file as a full disk does: nothing half is left."""
    book = make_book(LARGE, ("es",))
    conf = book.source / "conf.py"
    text = conf.read_text(encoding="utf-8")
    conf.write_text(text + LIMIT, encoding="utf-8")
    before = state(book)
    result = sphinx(book)
    assert result.returncode == 2, result.stderr
    assert state(book) == before
    assert "Traceback" not in result.stderr
    conf.write_text(text, encoding="utf-8")
    assert sphinx(book).returncode == 0
    assert len(book.catalog("es", "index").read_bytes()) > 40_000


@pytest.mark.parametrize("number", range(1, 9))
def test_disk_full_at_any_write(make_book: Callable[..., Book], monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """The disk is full from write *number* on: a clear error, every file is whole, and the next build completes."""
    book = make_book(PAGES, ("es",), conf=CONF)
    wanted = make_reference(book)
    count = 0
    fsync = os.fsync

    def full(handle: int) -> None:
        nonlocal count
        count += 1
        if count >= number:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        fsync(handle)

    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", full)
        with pytest.raises(AmtsError, match=r"No space left on device.*free space"):
            book.build()
    for path in book.source.rglob("*.po"):
        po.read(path)
    assert list(book.folder.rglob(".amts-*")) == []
    again = book.build()
    assert again.status == 0
    assert {name: data for name, data in state(book).items() if name.endswith(".po")} == wanted


def make_reference(book: Book) -> dict[str, bytes]:
    """The catalogs of a build that nothing happens to; the book is left as if it had not been built."""
    book.build()
    wanted = {name: data for name, data in state(book).items() if name.endswith(".po")}
    shutil.rmtree(book.folder / "out")
    shutil.rmtree(book.source / "locales")
    return wanted


@pytest.mark.parametrize("kilobytes", [60, 200, 320])
def test_a_disk_that_is_really_full(make_book: Callable[..., Book], tmp_path: Path, kilobytes: int) -> None:
    """Catalogs and index on a file system of a few kilobytes."""
    book = make_book(LARGE, ("es",))
    disk = book.source / "locales"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(disk)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("mounting a file system takes root")
    try:
        result = sphinx(book)
        catalog = book.catalog("es", "index")
        assert result.returncode == 2, result.stderr
        assert "Traceback" not in result.stderr
        assert result.stderr.count("\n") <= 2, result.stderr
        assert "free space" in result.stderr
        assert not catalog.exists()
        assert list(disk.rglob(".amts-*")) == []
        subprocess.run(["mount", "-o", "remount,size=20m", str(disk)], check=True)
        assert sphinx(book).returncode == 0
        assert len(po.read(catalog).by_msgid()) == 1501
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


# -- the index ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["[", "[1]", '{"index.rst": 1}', '{"index.rst": []}', '{"index.rst": ["key", {}]}'])
def test_a_record_of_written_files_that_says_nothing(make_book: Callable[..., Book], text: str) -> None:
    """It is disposable, whatever it holds: nothing is sent, and no file changes."""
    book = make_book(PAGES, ("es",), conf=CONF)
    book.build()
    before = book.localized("es", "index.rst").read_bytes()
    (book.source / "locales" / ".amts" / "es" / "tree.json").write_text(text, encoding="utf-8")
    again = book.build()
    assert again.summary["es"]["sent_segments"] == again.summary["es"]["documents_written"] == 0
    assert book.localized("es", "index.rst").read_bytes() == before


# -- permissions -------------------------------------------------------------------------------------------------------


def obey_permissions() -> None:
    """Give up, in a child before it begins, what lets root read and write everything (Linux: two capabilities)."""
    import ctypes

    drop, override, read_search = 24, 1, 2
    libc = ctypes.CDLL(None)
    for capability in (override, read_search):
        libc.prctl(drop, capability, 0, 0, 0)


def bound(book: Book) -> subprocess.CompletedProcess[str]:
    """``sphinx-build`` as somebody whom permissions bind."""
    doctrees = "-d", str(book.folder / "doctrees")  # Sphinx itself stops with a traceback where it cannot write these
    if sys.platform == "win32":
        pytest.skip("permissions are others on Windows")
    if os.getuid():
        return sphinx(book, *doctrees)
    closed = book.folder / "closed"
    closed.mkdir(exist_ok=True)
    closed.chmod(0o555)
    attempt = [sys.executable, "-c", f"open({str(closed / 'file')!r}, 'w')"]
    tried = subprocess.run(attempt, preexec_fn=obey_permissions, capture_output=True, check=False)
    if tried.returncode == 0:
        pytest.skip("root cannot give up its rights here")
    return sphinx(book, *doctrees, preexec_fn=obey_permissions)


@pytest.mark.parametrize("folder", ["book/locales", "book/locales/es/LC_MESSAGES", "out/amts", "out/amts/es"])
def test_a_folder_that_may_not_be_written(make_book: Callable[..., Book], folder: str) -> None:
    book = make_book(PAGES, ("es",), conf=CONF)
    place = book.folder / folder
    place.mkdir(parents=True)
    place.chmod(0o555)
    before = state(book)
    result = bound(book)
    assert result.returncode == 2, result.stderr
    assert "ermission" in result.stderr
    assert str(place) in result.stderr
    assert "Traceback" not in result.stderr
    assert {name: data for name, data in state(book).items() if not name.endswith(".po")} == before
    place.chmod(0o777)
    again = bound(book)
    assert again.returncode == 0, again.stderr


@pytest.mark.parametrize("name", ["picture.png", "locales/es/LC_MESSAGES/index.po", "pairs.csv"])
def test_a_file_that_may_not_be_read(make_book: Callable[..., Book], name: str) -> None:
    conf = CONF + 'amts_parallel_data = ["pairs.csv"]\n'
    book = make_book({**PAGES, "picture.png": "no picture", "pairs.csv": "en,es\nSun,Sol\n"}, ("es",), conf=conf)
    path = book.source / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("" if name.endswith(".po") else path.read_text(encoding="utf-8"), encoding="utf-8")
    path.chmod(0)
    result = bound(book)
    assert result.returncode == 2, result.stderr
    assert str(path) in result.stderr
    assert "Traceback" not in result.stderr
    path.chmod(0o666)
    again = bound(book)
    assert again.returncode == 0, again.stderr


# -- links and other things that are no files --------------------------------------------------------------------------


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A folder that is no part of the book."""
    folder = tmp_path / "outside"
    folder.mkdir()
    (folder / "rain.rst").write_text("Mine\n====\n\nOur own words.\n", encoding="utf-8")
    try:
        (tmp_path / "probe").symlink_to(folder)
    except OSError:
        pytest.skip("links cannot be made here")
    return folder


def test_nothing_is_written_through_a_link_in_the_localized_tree(make_book: Callable[..., Book], outside: Path) -> None:
    book = make_book({**PAGES, "part/rain.rst": "Rain\n====\n\nMore rain.\n"}, ("es",), conf=CONF)
    book.edit("index.rst", "   rain", "   rain\n   part/rain")
    book.build()
    shutil.rmtree(book.localized("es", "part"))
    book.localized("es", "part").symlink_to(outside)
    with pytest.raises(AmtsError, match=r"part.*is a link.*Remove it"):
        book.build()
    assert (outside / "rain.rst").read_text(encoding="utf-8") == "Mine\n====\n\nOur own words.\n"
    assert [path.name for path in outside.iterdir()] == ["rain.rst"]
    book.localized("es", "part").unlink()
    assert book.build().status == 0
    assert book.localized("es", "part/rain.rst").is_file()


def test_a_link_in_the_place_of_a_localized_file_is_replaced(make_book: Callable[..., Book], outside: Path) -> None:
    book = make_book(PAGES, ("es",), conf=CONF)
    book.localized("es").mkdir(parents=True)
    for name in ("rain.rst", "conf.py"):
        book.localized("es", name).symlink_to(outside / "rain.rst")
    assert book.build().status == 0
    assert not book.localized("es", "rain.rst").is_symlink()
    assert (outside / "rain.rst").read_text(encoding="utf-8") == "Mine\n====\n\nOur own words.\n"


def test_links_of_the_book_are_read(make_book: Callable[..., Book], outside: Path) -> None:
    """A page that is a link becomes a file; a link that leads nowhere, as editors leave them, is no part of the book."""
    book = make_book(PAGES, ("es",), conf=CONF)
    (book.source / "rain.rst").unlink()
    (book.source / "rain.rst").symlink_to(outside / "rain.rst")
    (book.source / ".#index.rst").symlink_to("somebody@host.1234")
    (book.source / "picture.png").symlink_to(outside / "gone.png")
    first = book.build()
    assert first.status == 0
    localized = book.localized("es", "rain.rst")
    assert not localized.is_symlink()
    assert localized.read_text(encoding="utf-8") != "Mine\n====\n\nOur own words.\n"
    assert (outside / "rain.rst").read_text(encoding="utf-8") == "Mine\n====\n\nOur own words.\n"
    assert not os.path.lexists(book.localized("es", "picture.png"))


def test_a_linked_folder_of_the_book(make_book: Callable[..., Book], outside: Path) -> None:
    """Sphinx follows it; documents and what they use become files of the localized book, other files there do not."""
    book = make_book({**PAGES, "own.txt": "Own words.\n"}, ("es",), conf=CONF)
    (outside / "more").mkdir()
    (outside / "more" / "code.py").write_text("print()\n", encoding="utf-8")
    (outside / "picture.png").write_bytes(b"no picture")
    (outside / "secret.txt").write_text("Not for the book.\n", encoding="utf-8")
    with (outside / "rain.rst").open("a", encoding="utf-8") as page:
        page.write("\n.. literalinclude:: more/code.py\n\n.. image:: picture.png\n\n:download:`It <picture.png>`\n")
    book.edit("index.rst", "   rain", "   rain\n   part/rain")
    (book.source / "part").symlink_to(outside)
    before = {path: path.read_bytes() for path in outside.rglob("*") if path.is_file()}
    for _build in range(2):
        assert book.build().status == 0
        part = book.localized("es", "part")
        found = {path.relative_to(part).as_posix() for path in part.rglob("*") if path.is_file()}
        assert found == {"rain.rst", "picture.png", "more/code.py"}
        assert not part.is_symlink()
        assert "Our own words" not in (part / "rain.rst").read_text(encoding="utf-8")
        assert {path: path.read_bytes() for path in outside.rglob("*") if path.is_file()} == before
    assert book.build("html", source=book.localized("es")).warnings == ""


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes here")
def test_a_pipe_in_the_book_is_not_read(make_book: Callable[..., Book]) -> None:
    """Reading it would wait for ever."""
    book = make_book(PAGES, ("es",), conf=CONF)
    os.mkfifo(book.source / "pipe")
    assert book.build().status == 0
    assert not book.localized("es", "pipe").exists()


# -- sources -----------------------------------------------------------------------------------------------------------


def test_a_source_that_is_not_utf_8(make_book: Callable[..., Book]) -> None:
    book = make_book(PAGES, ("es",), conf=CONF)
    path = book.source / "rain.rst"
    sound = path.read_bytes()
    path.write_bytes(sound + "\nUn café.\n".encode("latin-1"))
    before = state(book)
    result = sphinx(book)
    assert result.returncode == 2
    assert result.stderr.count("\n") == 1, result.stderr
    assert "rain.rst:8: byte 0xE9 is not valid utf-8. Save the file as UTF-8." in result.stderr
    assert state(book) == before
    path.write_bytes(sound + "\nUn café.\n".encode())
    assert sphinx(book).returncode == 0


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes here")
def test_a_pipe_with_the_name_of_a_document(make_book: Callable[..., Book]) -> None:
    book = make_book(PAGES, ("es",), conf=CONF)
    os.mkfifo(book.source / "pipe.rst")
    with pytest.raises(AmtsError, match=r"pipe\.rst: is no file.*exclude_patterns"):
        book.build()
    with (book.source / "conf.py").open("a", encoding="utf-8") as conf:
        conf.write('exclude_patterns += ["pipe.rst"]\n')
    assert book.build().status == 0


@pytest.mark.skipif(sys.platform in {"win32", "darwin"}, reason="names are text here")
def test_a_name_that_is_not_utf_8(make_book: Callable[..., Book]) -> None:
    """A picture is copied under its name; a document has no catalog that could be named like it."""
    book = make_book(PAGES, ("es",), conf=CONF)
    (book.source / os.fsdecode(b"picture\xff.png")).write_bytes(b"no picture")
    assert book.build().status == 0
    assert book.localized("es", os.fsdecode(b"picture\xff.png")).read_bytes() == b"no picture"
    page = book.source / os.fsdecode(b"page\xff.rst")
    page.write_text(":orphan:\n\nPage\n====\n", encoding="utf-8")
    before = state(book)
    result = sphinx(book)
    assert result.returncode == 2
    assert result.stderr.count("\n") == 1, result.stderr
    assert "name is not valid utf-8. Rename it" in result.stderr
    assert state(book) == before
    page.unlink()
    assert sphinx(book).returncode == 0


@pytest.mark.parametrize("name", ["page.rst", "page.md"])
def test_a_nul_character_in_a_source(make_book: Callable[..., Book], name: str) -> None:
    """Only the sentence that holds it is another one; markdown-it puts U+FFFD in its place, docutils nothing."""
    title = "# Page\n" if name.endswith(".md") else "Page\n====\n"
    text = f"{title}\nIt is a\0 sentence.\n\nAnother sentence.\n"
    index = "Book\n====\n\n.. toctree::\n\n   page\n"
    book = make_book({"index.rst": index, name: text}, ("es",), conf='extensions += ["myst_parser"]\n')
    assert book.build().status == 0
    assert "sentence" not in book.localized("es", name).read_text(encoding="utf-8")


# -- names -------------------------------------------------------------------------------------------------------------

NAMES = [
    "with space",
    "two.dots.here",
    "café",  # one character for the accented letter
    "天气",
    "UPPER",
    "a" * 120,
]


def test_unusual_names_of_documents(make_book: Callable[..., Book]) -> None:
    """Spaces, dots, accents, other scripts, very long names: catalogs and files have them too."""
    toctree = "".join(f"   {name}\n" for name in NAMES)
    pages = {f"{name}.rst": f"Page {number}\n=======\n\nText number {number}.\n" for number, name in enumerate(NAMES)}
    book = make_book({"index.rst": f"Title\n=====\n\n.. toctree::\n\n{toctree}", **pages}, ("es",))
    first = book.build()
    assert first.status == 0, first.warnings
    for name in NAMES:
        assert "Text" not in book.localized("es", f"{name}.rst").read_text(encoding="utf-8")
        assert po.read(book.catalog("es", name)).by_msgid()
    assert book.build("html", source=book.localized("es")).warnings == ""
    again = book.build()
    assert again.summary["es"]["sent_segments"] == again.summary["es"]["documents_written"] == 0


def test_a_decomposed_name_keeps_its_file(make_book: Callable[..., Book]) -> None:
    """Sphinx composes names and reads no such page where the file system tells both forms apart: it is copied."""
    name = "cafe\u0301.rst"
    book = make_book({"index.rst": "Title\n=====\n", name: ":orphan:\n\nPage\n====\n\nIts words.\n"}, ("es",))
    book.build()
    found = [path.name for path in book.localized("es").glob("caf*.rst")]
    assert len(found) == 1
    if not (book.source / "caf\u00e9.rst").exists():
        assert book.localized("es", name).read_bytes() == (book.source / name).read_bytes()


def test_names_that_differ_in_case_only(make_book: Callable[..., Book]) -> None:
    book = make_book({"index.rst": "Title\n=====\n\n.. toctree::\n\n   rain\n   Rain\n"}, ("es",))
    book.write({"rain.rst": "Small\n=====\n\nSmall rain.\n", "Rain.rst": "Great\n=====\n\nGreat rain.\n"})
    if len(list(book.source.glob("*.rst"))) < 3:
        pytest.skip("this file system does not tell cases apart")
    assert book.build().status == 0
    texts = {name: book.localized("es", name).read_text(encoding="utf-8") for name in ("rain.rst", "Rain.rst")}
    assert len(set(texts.values())) == 2
    assert "Great rain." in po.read(book.catalog("es", "Rain")).by_msgid()
    assert "Small rain." in po.read(book.catalog("es", "rain")).by_msgid()


# -- catalogs that other tools have touched ----------------------------------------------------------------------------


def spoil(book: Book, change: Callable[[bytes], bytes]) -> Path:
    """Change the bytes of a catalog."""
    path = book.catalog("es", "index")
    path.write_bytes(change(path.read_bytes()))
    return path


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda data: data + b'\n<<<<<<< HEAD\nmsgid "a"\nmsgstr "b"\n=======\n>>>>>>> other\n',
            r"index\.po:\d+.*<<<<<<<",
        ),
        (lambda data: data + b'\nmsgid "One sentence."\nmsgstr "Dos"\n', r"index\.po:\d+.*second entry.*Remove one"),
        (lambda data: data + b'\nmsgid "open\n', r"index\.po:\d+.*does not end"),
        (lambda data: data.replace(b"UTF-8", b"unknown-8"), r"unknown charset.*Convert"),
        (lambda data: data + b'\nmsgid "x"\nmsgstr "a\0b"\n', r"index\.po:\d+.*NUL.*Remove"),
        (lambda data: data.decode().encode("utf-16"), r"index\.po:1.*0xFF is not valid.*Convert"),
        (lambda data: data.decode().encode("utf-16-le"), r"index\.po:\d+: .*onvert the file to UTF-8"),
        (lambda data: data + b'\nmsgid "x"\nmsgstr "\xff"\n', r"index\.po:\d+.*0xFF is not valid.*Convert"),
    ],
)
def test_a_damaged_catalog_is_one_error_and_stays(
    make_book: Callable[..., Book], change: Callable[[bytes], bytes], message: str
) -> None:
    book = make_book(PAGES, ("es",), conf=CONF)
    book.build()
    sound = book.catalog("es", "index").read_bytes()
    path = spoil(book, change)
    before = state(book)
    with pytest.raises(AmtsError, match=message):
        book.build()
    assert state(book) == before
    path.write_bytes(sound)
    assert book.build().summary["es"]["sent_segments"] == 0


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data.replace(b"\n", b"\r\n"),
        lambda data: b"# Translators: ours\r" + data.replace(b"\n", b"\r"),
        lambda data: b"\xef\xbb\xbf" + data,
        lambda data: data.decode().replace("UTF-8", "ISO-8859-1").encode("iso-8859-1", "replace"),
    ],
    ids=["CRLF", "CR", "BOM", "Latin-1"],
)
def test_a_catalog_in_another_form_is_read(make_book: Callable[..., Book], change: Callable[[bytes], bytes]) -> None:
    """What a person wrote in it is in force, and is not lost when the file is written again."""
    book = make_book(PAGES, ("es",), conf=CONF)
    book.build()
    path = book.catalog("es", "index")
    catalog = po.read(path)
    theirs = [
        replace(one, msgstr="Una frase, señora.", comments=(), raw="") if one.msgid == "One sentence." else one
        for one in catalog.entries
    ]
    po.write(replace(catalog, entries=tuple(theirs)))
    spoil(book, change)
    assert book.build().summary["es"]["sent_segments"] == 0
    assert "Una frase, señora." in book.localized("es", "index.rst").read_text(encoding="utf-8")
    book.edit("index.rst", "One sentence.", "One sentence.\n\nNew words.")
    assert book.build().summary["es"]["sent_segments"] == 1
    assert po.read(path).by_msgid()["One sentence."].msgstr == "Una frase, señora."


def test_what_a_killed_build_had_begun_to_write_is_removed(
    make_book: Callable[..., Book], monkeypatch: pytest.MonkeyPatch
) -> None:
    book = make_book(PAGES, ("es",), conf=CONF)
    with monkeypatch.context() as killed:
        killed.setattr("multiprocessing.get_all_start_methods", lambda: ["spawn"])  # or other processes write
        killed.setattr("sphinx_amts.files.Path.replace", lambda _path, _target: _interrupt())
        with pytest.raises(KeyboardInterrupt):
            book.build()
    places = (book.source / "locales", book.localized("es"))
    assert any(path.name.endswith(".tmp") for place in places for path in place.rglob("*"))
    book.build()
    assert not any(path.name.endswith(".tmp") for place in places for path in place.rglob("*"))


def _interrupt() -> None:
    raise KeyboardInterrupt
