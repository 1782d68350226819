"""Evaluation, checks and the reviewer's page, measured.

    python bench/evaluation.py                  the seed experiment's two tables on D2L, the checks, and the page
    python bench/evaluation.py --only checks    one part: tables, general, checks or page
    python bench/evaluation.py --state FOLDER   keeps models and translations there, so that a second run is quick
    python bench/evaluation.py --into bench/RESULTS.md docs/evaluation.md    also puts each part into its place there

The tables need ``../shared/books/d2l``, and minutes for each of eight models; the page's row needs Chromium and its driver.
Prints a Markdown section.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from experiment import ARTICLES, BOOK, PROJECT, all_articles, insert

CHAPTERS = ("pressure", "rain")
LEARNED = ("index", "looking-up", "station", "temperature")
MESSAGES = 30_000


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=("tables", "general", "checks", "page"))
    parser.add_argument("--state", type=Path)
    parser.add_argument(
        "--into", type=Path, nargs="+", default=[], help="Markdown files that have places for the parts"
    )
    arguments = parser.parse_args()
    if not BOOK.is_dir() and arguments.only not in {"general", "page"}:
        print(f"{BOOK}: not there. The tables and the checks are measured on this book.", file=sys.stderr)
        return 2
    parts: Mapping[str, Callable[[Path], Iterator[str]]] = {
        "tables": tables,
        "general": general,
        "checks": checking,
        "page": page,
    }
    with tempfile.TemporaryDirectory() as folder:
        for name, part in parts.items():
            if arguments.only in {None, name}:
                text = "\n".join(part(arguments.state or Path(folder)))
                print(text)
                insert(name, text, arguments.into)
    return 0


# -- the seed experiment -------------------------------------------------------------------------------------------


def tables(state: Path) -> Iterator[str]:
    """Held out and leaky, in both directions."""
    yield "### What parallel data is worth: the local engine on five articles of D2L\n"
    for mode in ("held out", "leaky"):
        start = time.monotonic()
        options = ["--leaky"] if mode == "leaky" else []
        result = evaluated(state, mode, BOOK / "en", BOOK / "zh", "zh", ARTICLES, *options)
        yield from table(mode, result)
        yield confirmed(result, state / "text" / mode)
        yield f"{time.monotonic() - start:.0f} s on this machine, with what was kept from earlier runs.\n"


def evaluated(
    state: Path, name: str, source: Path, target: Path, language: str, articles: Sequence[str], *options: str
) -> Mapping[str, Any]:
    """What ``amts evaluate --json`` writes for *articles*, from English to *language* and back."""
    from sphinx_amts.cli import main as amts

    output = state / f"{name.replace(' ', '-')}.json"
    command = ["evaluate", str(source), str(target), "--source-lang", "en", "--target-lang", language]
    command += ["--articles", *articles, "--state", str(state), "--json", str(output)]
    command += ["--html", str(output.with_suffix(".html")), "--text", str(state / "text" / name), *options]
    sys.stdout, shown = sys.stderr, sys.stdout
    try:
        status = amts(command)
    finally:
        sys.stdout = shown
    assert status == 0, "the evaluation failed"
    result: Mapping[str, Any] = json.loads(output.read_text(encoding="utf-8"))
    return result


def confirmed(result: Mapping[str, Any], texts: Path) -> str:
    """Whether sacreBLEU's own command line gives the same figures for the texts of the sentence pairs."""
    same, tried = 0, 0
    for article, figures in result["articles"].items():
        for direction in result["average"]:
            command = result["signatures"][direction]["command"].replace("-w 4", "-w 12 -f text")
            place = f"{direction}/{article}"
            names = {"REFERENCE": f"{place}.reference", "HYPOTHESIS": f"{place}.sentence"}
            arguments = [names.get(word, word) for word in command.split()]
            done = subprocess.run(
                [sys.executable, "-m", *arguments], cwd=texts, check=True, stdout=subprocess.PIPE, encoding="utf-8"
            )
            theirs = re.findall(r"^ *(?:BLEU|chrF2|TER)\S* = ([\d.]+)", done.stdout, re.MULTILINE)
            ours = [f"{100 * figures[direction]['sentence'][name]:.12f}" for name in ("bleu", "chrf", "ter")]
            same, tried = same + (theirs == ours), tried + 1
    return f"sacreBLEU's command line gives the same BLEU, chrF and TER to 12 digits for {same} of {tried} texts.\n"


class Nothing:
    """An engine that translates nothing: what a book has in another language is then what people wrote."""

    name = "nothing"

    def __init__(self, _pipeline: object) -> None:
        """Needs no settings."""

    def translate(self, segments: Sequence[str], _source: str, _target: str) -> list[None]:
        """Every segment fails."""
        return [None] * len(segments)


def general(state: Path) -> Iterator[str]:
    """Two chapters of the example book, English and Spanish: from other texts about the weather, and from other chapters."""
    with tempfile.TemporaryDirectory() as name:
        source, target = human_spanish(Path(name))
        data = [str(PROJECT / "bench" / "weather" / language) for language in ("en", "es")]
        yield "### Other documents on the same subject: two chapters of the example book, English and Spanish\n"
        for mode, options in (("other documents", ["--data", *data]), ("the book's other chapters", [])):
            yield from table(mode, evaluated(state, f"general {mode}", source, target, "es", CHAPTERS, *options))


def human_spanish(folder: Path) -> tuple[Path, Path]:
    """The chapters of the example book that people have translated into Spanish, in English and in Spanish."""
    book = folder / "book"
    shutil.copytree(PROJECT / "example_book", book, ignore=shutil.ignore_patterns(".amts", "_build"))
    command = [
        sys.executable,
        "-m",
        "sphinx",
        "-q",
        "-b",
        "amts",
        "-d",
        f"{folder}/doctrees",
        str(book),
        f"{folder}/out",
    ]
    places = os.pathsep.join([str(PROJECT), str(Path(__file__).parent)])
    subprocess.run(
        [*command, "-D", f"amts_engine={Path(__file__).stem}:Nothing"],
        check=False,  # text that stays in the source language makes it 1
        env={**os.environ, "PYTHONPATH": places},
        stderr=subprocess.DEVNULL,
    )
    for origin, language in ((book, "en"), (folder / "out" / "es", "es")):
        (folder / language).mkdir()
        for path in origin.iterdir():
            if path.stem in {*CHAPTERS, *LEARNED, "conf"}:
                shutil.copy2(path, folder / language)
    return folder / "en", folder / "es"


def table(mode: str, result: Mapping[str, Any]) -> Iterator[str]:
    """One mode as Markdown: the articles' BLEU, all figures of the average, significance and signatures."""
    directions = list(result["average"])
    systems = list(result["average"][directions[0]])
    yield f"#### {mode.capitalize()}\n\n{result['about']}\n"
    yield f"| BLEU | {' | '.join(f'{direction} {system}' for direction in directions for system in systems)} |"
    yield f"|---|{'---:|' * (len(directions) * len(systems))}"
    for name, figures in [*result["articles"].items(), ("**average**", result["average"])]:
        cells = [f"{figures[direction][system]['bleu']:.3f}" for direction in directions for system in systems]
        yield f"| {name.rsplit('/', 1)[-1]} | {' | '.join(cells)} |"
    yield "\n| average | BLEU (0-100) | chrF | TER | left as they are | typing saved |\n|---|---:|---:|---:|---:|---:|"
    for direction in directions:
        for system in systems:
            one = result["average"][direction][system]
            yield (
                f"| {direction} {system} | {100 * one['bleu']:.2f} | {one['chrf']:.3f} | {one['ter']:.3f} "
                f"| {one['untouched']:.1%} | {one['saved']:.1%} |"
            )
    yield "\nAll articles as one text, paired bootstrap:\n"
    for direction in directions:
        for one in result["significance"][direction]:
            yield (
                f"- {direction}: {one['system']} against {one['against']} {100 * one['difference']:+.2f} BLEU, "
                f"p = {one['p_value']:.3f}"
            )
    yield "\nSignatures:\n"
    for direction in directions:
        signatures = result["signatures"][direction]
        yield "".join(f"- {direction} `{signatures[name]}`\n" for name in ("bleu", "chrf", "ter")).rstrip("\n")
    yield ""


# -- checks --------------------------------------------------------------------------------------------------------


def checking(state: Path) -> Iterator[str]:
    """How often each check speaks up on what people wrote, and on the same text with a mistake put in."""
    from sphinx_amts.checks import CHECKS

    texts = {
        "example book, en-zh": (example("zh_CN"), "zh_CN"),
        "example book, en-es": (example("es"), "es"),
        "D2L sentences, en-zh": (d2l_sentences(state), "zh_CN"),
    }
    yield "### Checks without a reference\n"
    yield "Share of human translations with a finding (people make mistakes too: these are upper bounds of false alarms):\n"
    yield f"| check | {' | '.join(f'{name} ({len(pairs)})' for name, (pairs, _language) in texts.items())} |"
    yield f"|---|{'---:|' * len(texts)}"
    rates = [rates_of(pairs, language) for pairs, language in texts.values()]
    for name in [*CHECKS, "any"]:
        yield f"| {name} | {' | '.join(f'{rate[name]:.2%}' for rate in rates)} |"
    yield "\nShare of mistakes that are found, each put into every text of the example book that can have it:\n"
    yield "| mistake | check | en-zh | en-es |\n|---|---|---:|---:|"
    for mistake, (check, spoil) in MISTAKES.items():
        cells = [
            found_of(texts[f"example book, en-{code}"][0], language, check, spoil)
            for code, language in (("zh", "zh_CN"), ("es", "es"))
        ]
        yield f"| {mistake} | {check} | {' | '.join(cells)} |"
    yield ""


def example(language: str) -> list[tuple[str, str]]:
    """Plain texts of the example book's human catalogs."""
    from sphinx_amts import catalog
    from tests.test_checks import without_markup

    folder = PROJECT / "example_book" / "locale" / language / "LC_MESSAGES"
    entries = [entry for path in sorted(folder.glob("*.po")) for entry in catalog.read(path).by_msgid().values()]
    return [
        (without_markup(one.msgid), without_markup(one.msgstr)) for one in entries if one.msgstr and one.engine is None
    ]


def d2l_sentences(state: Path) -> list[tuple[str, str]]:
    """Sentence beads of the whole book that the aligner is sure of."""
    from sphinx_amts.cli.evaluate.pairing import text_of
    from sphinx_amts.formats.inline import PLACEHOLDER

    return [
        (text_of(unit.source, "en", PLACEHOLDER), text_of(unit.target, "zh", PLACEHOLDER))
        for article in all_articles(state)
        for unit in article.sentences
        if unit.score > 0.5
    ]


def rates_of(pairs: Sequence[tuple[str, str]], language: str) -> dict[str, float]:
    from sphinx_amts.checks import CHECKS, Unit, examine

    found = [{finding.check for finding in examine(Unit(*pair, "en", language))} for pair in pairs]
    return {
        **{name: sum(name in one for one in found) / len(pairs) for name in CHECKS},
        "any": sum(map(bool, found)) / len(pairs),
    }


def found_of(pairs: Sequence[tuple[str, str]], language: str, check: str, spoil: Callable[[str, str], str]) -> str:
    from sphinx_amts.checks import Unit, examine

    spoilt = [(source, target, spoil(source, target)) for source, target in pairs]
    tried = [(source, bad) for source, target, bad in spoilt if bad not in {target, ""}]
    if not tried:
        return "–"
    found = sum(any(one.check == check for one in examine(Unit(source, bad, "en", language))) for source, bad in tried)
    return f"{found / len(tried):.0%} of {len(tried)}"


def _other_number(_source: str, target: str) -> str:
    return re.sub(r"\d+", lambda match: str(int(match[0]) * 3 + 14), target, count=1)


def _without_number(_source: str, target: str) -> str:
    return re.sub(r"\d+(?:[.,]\d+)*", "", target, count=1)


def _half(source: str, target: str) -> str:
    return target[: len(target) // 3] if len(source) > 60 else ""


def _twice(source: str, target: str) -> str:
    return f"{target} {target}" if len(source) > 60 else ""


def _source(source: str, _target: str) -> str:
    return source if len(re.findall(r"\b[a-z]{2,}\b", source)) >= 5 else ""


def _source_sentence(source: str, target: str) -> str:
    first, stop, rest = source.partition(". ")
    return f"{first}{stop}{target}" if rest and len(re.findall(r"\b[a-z]{2,}\b", first)) >= 6 else ""


def _doubled(_source: str, target: str) -> str:
    generator = random.Random(target)
    words = list(re.finditer(r"(?<!\S)[^\W\d_]{3,}(?= )|[\u4e00-\u9fff]{3}", target))
    if not words:
        return ""
    word = generator.choice(words)
    gap = "" if re.match(r"[\u4e00-\u9fff]", word[0]) else " "
    return f"{target[: word.end()]}{gap}{word[0]}{target[word.end() :]}"


def _half_width(_source: str, target: str) -> str:
    return re.sub("，", ",", target, count=1)


def _no_inverted(_source: str, target: str) -> str:
    return re.sub("[¿¡]", "", target, count=1)


def _open_bracket(_source: str, target: str) -> str:
    return re.sub("[)）]", "", target, count=1)


MISTAKES: Mapping[str, tuple[str, Callable[[str, str], str]]] = {
    "another number": ("numbers", _other_number),
    "a number left out": ("numbers", _without_number),
    "two thirds left out (source over 60 characters)": ("length", _half),
    "everything twice": ("length", _twice),
    "the source instead of the translation": ("untranslated", _source),
    "a sentence of the source in front": ("untranslated", _source_sentence),
    "a word twice (Chinese: three characters)": ("doubled", _doubled),
    "a half-width comma": ("punctuation", _half_width),
    "no inverted mark": ("punctuation", _no_inverted),
    "a bracket left open": ("brackets", _open_bracket),
}
"""Mistakes that are put in, and the check that should find each."""


# -- the page ------------------------------------------------------------------------------------------------------


def page(state: Path) -> Iterator[str]:
    """A report of many messages: how large it is, how long it takes to make and to open, and how it answers."""
    from sphinx_amts.report import render
    from tests.test_report import large
    from tests.webdriver import browser, missing

    start = time.monotonic()
    path = state / "large.html"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(render(large(MESSAGES)), encoding="utf-8")
    yield f"### The reviewer's page with {MESSAGES:,} messages\n"
    yield f"- {path.stat().st_size / 1e6:.1f} MB, written in {time.monotonic() - start:.1f} s"
    if reason := missing():
        yield f"- not opened: {reason}\n"
        return
    with browser() as window:
        opened = []
        for _ in range(5):
            window.open("about:blank")
            window.open(path.as_uri())
            opened.append(int(window.wait("return document.documentElement.dataset.ready")))
        yield f"- opens in {sorted(opened)[2]} ms (median of 5, headless Chromium; longest {max(opened)} ms)"
        window.run("location.hash = '#messages'")
        window.wait("return document.querySelector('.row')")
        searched = window.run(SEARCH)
        yield f"- a search over source and translation takes {searched:.0f} ms, a filter {window.run(FILTER):.0f} ms"
        yield f"- {window.run('return document.querySelectorAll(`*`).length')} elements in the document\n"


SEARCH = """
const read = () => document.querySelector('#count').textContent;
const form = new URLSearchParams({ q: 'message 12345' });
const start = performance.now();
history.replaceState(null, '', `#messages?${form}`);
dispatchEvent(new HashChangeEvent('hashchange'));
return read().startsWith('1 ') ? performance.now() - start : -1;
"""
FILTER = """
const start = performance.now();
document.querySelector('#reset').click();
document.querySelector('#states button').click();
return performance.now() - start;
"""


if __name__ == "__main__":
    sys.exit(main())
