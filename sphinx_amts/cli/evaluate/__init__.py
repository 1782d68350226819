"""``amts evaluate``: what parallel data is worth, measured on articles that a person has translated.

The engine translates the named articles in both directions, without parallel data, with paragraph pairs and with sentence
pairs; the texts of a person are the reference. Everything that was received is kept in a folder, so that a second run goes
on where the first one was stopped and sends nothing twice.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from sphinx_amts.builder.console import progress
from sphinx_amts.cli.evaluate.aligned import articles_of
from sphinx_amts.cli.evaluate.corpus import Data, find_articles, make_data, read_sides
from sphinx_amts.cli.evaluate.pairing import Article
from sphinx_amts.cli.evaluate.systems import Setting, System, check_cost, make_systems, texts_of
from sphinx_amts.cli.evaluate.tables import save_texts, show
from sphinx_amts.config import check_language
from sphinx_amts.evaluate import Texts, evaluate
from sphinx_amts.evaluate.held_out import NEAR
from sphinx_amts.files import write_bytes
from sphinx_amts.model import ConfigurationError
from sphinx_amts.report import Page, render

EXAMPLE = (
    "amts evaluate book/en book/zh --articles rnn momentum --source-lang en --target-lang zh --html evaluation.html"
)
"""Shown by ``--help``."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.add_argument("source", metavar="SOURCE", type=Path, help="file or folder of the book")
    parser.add_argument("target", metavar="TARGET", type=Path, help="the same in the other language")
    parser.add_argument("--articles", metavar="A", nargs="+", required=True, help="documents to translate and to score")
    parser.add_argument("--source-lang", required=True, metavar="L", help="language of SOURCE, such as en")
    parser.add_argument("--target-lang", required=True, metavar="L", help="language of TARGET, such as zh or zh_CN")
    parser.add_argument("--engine", default="local", help="engine to evaluate (default: %(default)s)")
    parser.add_argument(
        "--data",
        metavar=("SOURCE", "TARGET"),
        nargs=2,
        type=Path,
        action="append",
        default=[],
        help="take the parallel data from these files or folders instead of the book's other articles: other documents "
        "on the same subject (may be repeated)",
    )
    parser.add_argument(
        "--terminology", metavar="FILE", type=Path, nargs="+", default=[], help="term lists to add on top"
    )
    parser.add_argument("--leaky", action="store_true", help="also learn from the evaluated articles themselves")
    parser.add_argument("--json", metavar="FILE", type=Path, help="write the figures as JSON")
    parser.add_argument("--html", metavar="FILE", type=Path, help="write a page with charts")
    parser.add_argument("--text", metavar="FOLDER", type=Path, help="write every text, for sacreBLEU's command line")
    parser.add_argument("--amazon", metavar="JSON", type=json.loads, default={}, help="settings as in amts_amazon")
    parser.add_argument(
        "--max-cost", metavar="USD", type=float, help="stop before anything is sent if it would cost more"
    )
    parser.add_argument(
        "--state",
        metavar="FOLDER",
        type=Path,
        default=Path(".amts", "evaluate"),
        help="where models and received translations are kept for the next run (default: %(default)s)",
    )


def run(arguments: argparse.Namespace) -> int:
    """Evaluate; exit status 1 if the engine failed on some segments."""
    languages = (arguments.source_lang, arguments.target_lang)
    for option, code in zip(("--source-lang", "--target-lang"), languages, strict=True):
        check_language(code, option)
    if languages[0] == languages[1]:
        raise ConfigurationError(f"--target-lang {languages[1]}: it is the source language.")
    for path in arguments.terminology:
        if not path.is_file():
            raise ConfigurationError(f"--terminology {path}: no such file.")
    held, rest = _articles(arguments, languages)
    data = make_data(held, rest, arguments.leaky)
    if not data.units["sentence"]:
        lost = data.left_out["sentence"]
        reason = f"all {lost} pairs are near duplicates of evaluated sentences" if lost else "no other article is left"
        raise ConfigurationError(f"There is no parallel data: {reason}. Evaluate fewer articles, or add --data.")
    setting = Setting(
        arguments.engine, arguments.state, tuple(arguments.terminology), arguments.amazon, arguments.max_cost
    )
    texts, problems = _translate(setting, languages, held, data)
    targets = {f"{languages[0]}-{languages[1]}": languages[1], f"{languages[1]}-{languages[0]}": languages[0]}
    result = {"about": _about(arguments, held, data), **_score(texts, targets), "data": _described(data)}
    _publish(arguments, result, texts)
    for problem in problems:
        _say(problem)
    return int(bool(problems))


def _say(text: str) -> None:
    print(text, file=sys.stderr)


def _articles(arguments: argparse.Namespace, languages: tuple[str, str]) -> tuple[list[Article], list[Article]]:
    """The articles to evaluate, and those that give parallel data."""
    source, target = read_sides((arguments.source, arguments.target), languages, arguments.state, _say)
    names = find_articles(arguments.articles, set(source) & set(target))
    _say("aligning")
    articles = articles_of(source, target, languages)
    by_name = {one.name: one for one in articles}
    held = [replace(by_name[name], name=given) for name, given in names.items()]
    for one in held:
        if not one.sentences:
            raise ConfigurationError(f"--articles {one.name}: the reference is empty: no sentence has a translation.")
    if not arguments.data:
        return held, [one for one in articles if one.name not in names]
    rest: list[Article] = []
    for paths in arguments.data:
        rest += articles_of(*read_sides(tuple(paths), languages, arguments.state, _say), languages)
    return held, rest


def _translate(
    setting: Setting, languages: tuple[str, str], held: Sequence[Article], data: Data
) -> tuple[dict[str, dict[str, Texts]], list[str]]:
    """Ask all systems in both directions; the texts by direction and article, and what went wrong."""
    turned = [one.turned() for one in held]
    forward = make_systems(setting, languages, held, data)
    backward = make_systems(setting, (languages[1], languages[0]), turned, data.turned())
    cost = check_cost([*forward, *backward], setting.max_cost)
    if cost:
        _say(f"estimated cost: ${cost:.2f}")
    problems: list[str] = []
    for system in [*forward, *backward]:
        problems += _ask(system)
    texts = {
        "-".join(languages): texts_of(held, forward),
        f"{languages[1]}-{languages[0]}": texts_of(turned, backward),
    }
    for system in [*forward, *backward]:
        system.memory.close()
    return texts, problems


def _ask(system: System) -> list[str]:
    title = f"{system.source}-{system.target} {system.name}"
    missing = len(system.missing())
    _say(f"{title}: {len(system.segments)} sentences, {missing} to translate")
    with progress(title, missing, quiet=False) as step:
        system.ask(step)
    return [f"{title}: {problem}" for problem in system.problems]


def _score(texts: Mapping[str, Mapping[str, Texts]], targets: Mapping[str, str]) -> dict[str, Any]:
    steps = sum(len(articles) + 1 for articles in texts.values())
    with progress("scoring", steps, quiet=False) as step:
        return evaluate(texts, targets, lambda _what: step(1))


def _about(arguments: argparse.Namespace, held: Sequence[Article], data: Data) -> str:
    """What was evaluated, in words."""
    compared = sum(len(one.sentences) for one in held)
    alone = [sum(len(one.alone[side]) for one in held) for side in (0, 1)]
    text = (
        f"Engine {arguments.engine}; {len(held)} articles, {compared} segments (beads of sentences); "
        f"{alone[0]} sentences of {arguments.source_lang} and {alone[1]} of {arguments.target_lang} have no counterpart "
        f"and are not scored. Parallel data: {len(data.units['paragraph'])} paragraph pairs or "
        f"{len(data.units['sentence'])} sentence pairs"
    )
    if data.closest is None:
        return f"{text}, the evaluated articles among them (leaky: these figures say nothing about new text)."
    left_out = ", ".join(f"{count} {name} pairs" for name, count in data.left_out.items())
    nearest = ", ".join(
        f"{closest.similarity:.2f} ({language})"
        for closest, language in zip(data.closest, (arguments.source_lang, arguments.target_lang), strict=True)
    )
    return (
        f"{text}; held out: {left_out} were left out as near duplicates (similarity of {NEAR} or more) of an evaluated "
        f"sentence. The most similar sentence that is left has {nearest}."
    )


def _described(data: Data) -> dict[str, Any]:
    """The parallel data as JSON has it."""
    proof = None
    if data.closest is not None:
        proof = [
            {"similarity": one.similarity, "evaluated": one.held_out, "in_data": one.other} for one in data.closest
        ]
    return {
        "mode": "leaky" if data.closest is None else "held out",
        "pairs": {name: len(units) for name, units in data.units.items()},
        "left_out": dict(data.left_out),
        "near": NEAR,
        "closest": proof,
    }


def _publish(
    arguments: argparse.Namespace, result: Mapping[str, Any], texts: Mapping[str, Mapping[str, Texts]]
) -> None:
    show(result)
    if arguments.json:
        write_bytes(arguments.json, (json.dumps(result, indent=2, ensure_ascii=False) + "\n").encode())
    if arguments.html:
        write_bytes(
            arguments.html,
            render(Page(f"{arguments.source.name} and {arguments.target.name}", evaluation=result)).encode(),
        )
    if arguments.text:
        save_texts(arguments.text, texts)
