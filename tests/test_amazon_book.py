"""A book through sphinx-build, with the stand-in in the place of Amazon."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

pytest.importorskip("boto3", reason="the amazon engine needs boto3")
pytest.importorskip("moto", reason="the stand-in is built on moto")

from sphinx_amts.cli import main
from sphinx_amts.translate import LanguageRun
from tests.conftest import Book, Build
from tests.standin import StandIn
from tests.standin.setup import settings

pytest_plugins = ["tests.standin.fixtures"]

INDEX = """\
Weather
=======

.. toctree::

   rain

The first sentence stays. The *second* sentence uses ``code < here`` and :math:`a_1`.

- A bullet.
- Another & one.
"""
RAIN = """\
Rain
====

Rain falls from clouds. It has **many** forms. See :doc:`index`.
"""


@pytest.fixture
def book(standin: StandIn, make_book: Callable[..., Book], monkeypatch: pytest.MonkeyPatch) -> Book:
    monkeypatch.setattr("sphinx_amts.engines.amazon.Clock", lambda: standin.clock)
    conf = f'amts_amazon = {settings(standin)!r}\namts_parallel_data = ["pairs-{{language}}.csv"]\n'
    files = {
        "index.rst": INDEX,
        "rain.rst": RAIN,
        "pairs-zh_CN.csv": "en,zh\nSun,太阳\n",
        "pairs-es.csv": "en,es\nSun,Sol\n",
    }
    return make_book(files, ("zh_CN", "es"), "amazon", conf)


def sent(build: Build) -> int:
    return sum(language["sent_characters"] for language in build.summary.values())


def correct(catalog: Path, msgid: str, msgstr: str) -> None:
    """Do what a person does in a PO editor."""
    text = catalog.read_text(encoding="utf-8")
    changed = re.sub(rf'(msgid "{re.escape(msgid)}"\nmsgstr )"[^"]*"', rf'\1"{msgstr}"', text)
    assert changed != text
    catalog.write_text(changed, encoding="utf-8")


def test_full_cycle_of_a_book(standin: StandIn, book: Book) -> None:
    """Push, translate into two languages, update the data, edit a sentence, translate again; then a person corrects."""
    first = book.build()
    assert first.status == 0, first.warnings
    assert standin.billed == sent(first) > 200
    assert sum(language["estimated_cost"] for language in first.summary.values()) == pytest.approx(60e-6 * sent(first))
    assert set(standin.backend.billed) == {"batch-custom"}
    assert len(standin.calls("CreateParallelData")) == 2
    assert "zh+v1:" in book.localized("zh_CN", "rain.rst").read_text(encoding="utf-8")
    assert "``code < here``" in book.localized("es", "index.rst").read_text(encoding="utf-8")

    for round_ in (2, 3):
        if round_ == 2:
            book.edit("pairs-zh_CN.csv", "Sun,太阳", "Sun,太阳\nMoon,月亮")
            book.edit("pairs-es.csv", "Sun,Sol", "Sun,Sol\nMoon,Luna")
        else:
            # What a person writes in a catalog is approved as well.
            for language in ("zh_CN", "es"):
                correct(book.catalog(language, "index"), "A bullet.", "Escrito por una persona.")
        book.edit("rain.rst", "falls from", f"round {round_} falls from")
        before = standin.billed
        again = book.build()
        assert again.status == 0, again.warnings
        assert {language["sent_segments"] for language in again.summary.values()} == {1}
        assert standin.billed - before == sent(again) > 0
        for language, code in (("zh_CN", "zh"), ("es", "es")):
            text = book.localized(language, "rain.rst").read_text(encoding="utf-8")
            assert f"{code}+v{round_}:" in text, "the translation was made with the parallel data of this round"
    assert len(standin.calls("UpdateParallelData")) == 4
    assert "Escrito por una persona." in book.localized("es", "index.rst").read_text(encoding="utf-8")

    quiet = standin.billed
    assert book.build().summary["es"]["sent_characters"] == 0
    assert standin.billed == quiet


@pytest.mark.parametrize("mode", ["batch", "realtime"])
def test_memory_and_fuzzy_matches_come_first_on_both_routes(standin: StandIn, book: Book, mode: str) -> None:
    """An exact pair and one with another number are not sent; the price knows it, and the catalog tells."""
    conf = book.source / "conf.py"
    conf.write_text(
        conf.read_text(encoding="utf-8") + f'amts_languages = ["zh_CN"]\namts_amazon["mode"] = "{mode}"\n',
        encoding="utf-8",
    )
    book.edit(
        "pairs-zh_CN.csv",
        "Sun,太阳",
        "Rain falls from clouds.,雨从云中落下。\nThe gauge holds 12 litres of rain.,雨量计可容12升雨水。",
    )
    book.edit("rain.rst", "It has", "The gauge holds 15 litres of rain. It has")
    first = book.build()
    assert first.status == 0, first.warnings
    assert "雨从云中落下。雨量计可容15升雨水。" in book.localized("zh_CN", "rain.rst").read_text(encoding="utf-8")
    documents = [r.parameters["Document"]["Content"] for r in standin.calls("TranslateDocument")]
    bodies = b"".join(r.body for r in standin.calls("PutObject") if r.path.endswith(".html"))
    bodies += b"".join(map(base64.b64decode, documents))
    assert b"It has" in bodies
    assert b"litres" not in bodies
    assert b"falls from" not in bodies
    catalog = book.catalog("zh_CN", "rain").read_text(encoding="utf-8")
    routes = sorted(["batch-custom" if mode == "batch" else "realtime", "memory-fuzzy"])
    assert f"# amts-route: {' '.join(routes)}\n" in catalog
    assert standin.billed == sent(first) > 0


def test_a_job_that_fails_leaves_a_valid_book(standin: StandIn, book: Book) -> None:
    standin.switches.job_outcomes = ["FAILED", "FAILED"]
    broken = book.build()
    assert broken.status == 1
    assert "Amazon Translate cannot read from the input location" in broken.warnings
    assert broken.summary["es"]["kept_source"] > 0
    assert book.build("html", source=book.localized("es")).status == 0
    assert book.build().status == 0
    assert standin.billed == sent(broken)


def test_ceiling(standin: StandIn, book: Book) -> None:
    conf = book.source / "conf.py"
    conf.write_text(conf.read_text(encoding="utf-8") + "amts_max_cost = 0.0001\n", encoding="utf-8")
    with pytest.raises(Exception, match="amts_max_cost"):
        book.build()
    assert not standin.requests


def test_ceiling_of_all_languages_together(standin: StandIn, book: Book, capsys: pytest.CaptureFixture[str]) -> None:
    """Each language alone would stay below the limit."""
    assert main(["estimate", str(book.source), "--json"]) == 0
    costs = [one["estimated_cost"] for one in json.loads(capsys.readouterr().out).values()]
    conf = book.source / "conf.py"
    limit = (max(costs) + sum(costs)) / 2
    conf.write_text(conf.read_text(encoding="utf-8") + f"amts_max_cost = {limit}\n", encoding="utf-8")
    with pytest.raises(Exception, match=r"zh_CN, es: this run would cost.*amts_max_cost"):
        book.build()
    assert not standin.requests


def test_second_tries_of_the_engine_itself_are_counted(standin: StandIn, book: Book) -> None:
    standin.switches.rewrite = lambda html: html.replace('<div id="s1">', 'lost words <div id="s1">', 1)
    build = book.build()
    assert sent(build) == standin.billed
    assert standin.billed > sum(one["estimated_cost"] for one in build.summary.values()) * 1e6 / 60


def test_parallel_data_commands_of_a_book(standin: StandIn, book: Book, capsys: pytest.CaptureFixture[str]) -> None:
    standin.switches.import_failures = ["the file is damaged"]
    assert main(["parallel-data", "push", str(book.source)]) == 1
    said = capsys.readouterr()
    assert "zh_CN: error: Amazon Translate could not import parallel data" in said.err
    assert "en-es-" in said.out
    assert main(["parallel-data", "push", str(book.source)]) == 0
    capsys.readouterr()
    assert main(["parallel-data", "list", str(book.source)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.count(", of this book") for line in lines] == [1, 1]
    assert "ACTIVE, en to es, 1 records" in lines[0]
    assert main(["parallel-data", "delete", str(book.source)]) == 0
    assert not standin.backend.resources


def test_parallel_data_commands_need_a_bucket_for_every_language(standin: StandIn, book: Book) -> None:
    conf = book.source / "conf.py"
    languages = '{"zh_CN": {}, "es": {"amazon": {"region": "us-east-1"}, "parallel_data": []}}'
    conf.write_text(conf.read_text(encoding="utf-8") + f"amts_languages = {languages}\n", encoding="utf-8")
    assert main(["parallel-data", "push", str(book.source)]) == 2
    assert not standin.requests


def test_a_build_that_is_killed_before_its_catalogs_loses_no_route(
    standin: StandIn, book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was paid is in the memory by then, and the catalogs of the next build are those of an undisturbed one."""

    class Killed(BaseException):
        """The process ends here."""

    def die(self: LanguageRun) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(LanguageRun, "compose", die)
        with pytest.raises(Killed):
            book.build()
    billed = standin.billed
    assert billed > 0
    assert book.build().summary["es"]["sent_segments"] == 0
    assert standin.billed == billed
    assert book.catalog("es", "rain").read_text(encoding="utf-8").count("# amts-route: batch-custom\n") == 2
