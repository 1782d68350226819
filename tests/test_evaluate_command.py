"""``amts evaluate`` from end to end, with an engine that knows only what it has learned."""

from __future__ import annotations

import html
import json
import random
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import pytest

from sphinx_amts.cli import main
from sphinx_amts.model import Pipeline, SegmentPair

ENGLISH = (
    "rain wind cloud snow storm fog hail frost dew sun moon star sky sea lake river hill field wood road house roof wall "
    "door night day week month year hour the of and is that with very often never"
).split()
SPANISH = (
    "lluvia viento nube nieve tormenta niebla granizo helada rocío sol luna estrella cielo mar lago río colina campo bosque "
    "camino casa techo pared puerta noche día semana mes año hora la de y es que con muy mucho nunca"
).split()


class Parrot:
    """Gives back the translation of a sentence that it has learned, and of other words the most frequent partner."""

    name = "parrot"
    calls: ClassVar[list[str]] = []

    def __init__(self, pipeline: Pipeline) -> None:
        self.known: dict[str, str] = {}
        self.words: dict[str, str] = {}
        self.language = pipeline.language

    def learn(self, pairs: Sequence[SegmentPair]) -> None:
        for pair in pairs:
            self.known[pair.source] = pair.target
            ours, theirs = _words(pair.source), _words(pair.target)
            if len(ours) == len(theirs) <= 12:
                self.words.update(zip(ours, theirs, strict=True))

    def translate(self, segments: Sequence[str], source: str, target: str) -> list[str | None]:
        Parrot.calls += segments
        return [self.known.get(one) or self.by_words(one) for one in segments]

    def by_words(self, text: str) -> str:
        return re.sub(r"\w+", lambda match: self.words.get(match[0].lower(), match[0]), html.unescape(text))


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def sentences(seed: int) -> list[tuple[str, str]]:
    """The nine sentences of an article in both languages: random words, so that no two articles are alike."""
    generator = random.Random(seed)
    found = []
    for _ in range(9):
        words = [generator.randrange(len(ENGLISH)) for _ in range(10)]
        pair = [" ".join(vocabulary[word] for word in words).capitalize() + "." for vocabulary in (ENGLISH, SPANISH)]
        found.append((pair[0], pair[1]))
    return found


def write_book(folder: Path, articles: int = 8) -> tuple[Path, Path]:
    for number in range(articles):
        pairs = sentences(number)
        for side, language in enumerate(("en", "es")):
            title = f"{['Chapter', 'Capítulo'][side]} {number}"
            paragraphs = [" ".join(pair[side] for pair in pairs[start : start + 3]) for start in range(0, 9, 3)]
            path = folder / language / f"part{number % 2}" / f"article{number}.rst"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"{title}\n{'=' * 20}\n\n" + "\n\n".join(paragraphs) + "\n", encoding="utf-8")
    return folder / "en", folder / "es"


@pytest.fixture
def command(tmp_path: Path) -> Any:
    """Runs the command on a small book and returns its exit status and its JSON."""
    source, target = write_book(tmp_path)
    Parrot.calls = []

    def run(*more: str, articles: Sequence[str] = ("article1", "part0/article4.rst")) -> tuple[int, dict[str, Any]]:
        path = tmp_path / "result.json"
        arguments = [
            "evaluate",
            str(source),
            str(target),
            "--articles",
            *articles,
            "--source-lang",
            "en",
            "--target-lang",
            "es",
        ]
        arguments += ["--engine", f"{__name__}:Parrot", "--state", str(tmp_path / "state"), "--json", str(path), *more]
        status = main(arguments)
        return status, json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}

    return run


def test_parallel_data_helps_and_the_shape_is_that_of_the_contract(command: Any, tmp_path: Path) -> None:
    status, result = command("--html", str(tmp_path / "page.html"), "--text", str(tmp_path / "text"))
    assert status == 0
    assert set(result["articles"]) == {"article1", "part0/article4.rst"}
    assert set(result["average"]) == {"en-es", "es-en"}
    for average in result["average"].values():
        assert set(average) == {"none", "paragraph", "sentence"}
        assert average["none"]["bleu"] < average["sentence"]["bleu"] <= 1
        assert set(average["none"]) >= {"bleu", "chrf", "ter"}
    assert "tok:13a" in result["signatures"]["en-es"]["bleu"]
    assert "sentence pairs" in (tmp_path / "page.html").read_text(encoding="utf-8")
    lines = (tmp_path / "text" / "en-es" / "article1.reference").read_text(encoding="utf-8").splitlines()
    assert lines[1:3] == [sentences(1)[0][1], sentences(1)[1][1]]


def test_nothing_of_an_evaluated_article_is_learned_from(command: Any) -> None:
    _status, result = command()
    assert result["data"]["mode"] == "held out"
    for closest in result["data"]["closest"]:
        assert closest["similarity"] < result["data"]["near"]
        assert closest["in_data"]
        assert closest["evaluated"]
    assert result["average"]["en-es"]["sentence"]["untouched"] < 1


def test_near_duplicates_are_left_out(command: Any, tmp_path: Path) -> None:
    words = sentences(1)[2][0].split(" ")
    copy = " ".join(["Perhaps", *words[1:]])
    for language, text in (("en", copy), ("es", "Otra cosa dice esta frase.")):
        path = tmp_path / language / "part0" / "article0.rst"
        path.write_text(path.read_text(encoding="utf-8") + f"\n{text}\n", encoding="utf-8")
    _status, result = command()
    assert result["data"]["left_out"]["sentence"] >= 1
    assert result["data"]["left_out"]["paragraph"] >= 1


def test_leaky_shows_what_happens_otherwise(command: Any) -> None:
    _status, result = command("--leaky")
    assert result["data"]["mode"] == "leaky"
    assert result["data"]["closest"] is None
    assert result["average"]["en-es"]["sentence"]["bleu"] == pytest.approx(1)
    assert result["average"]["en-es"]["sentence"]["untouched"] == 1
    assert "say nothing about new text" in result["about"]


def test_a_second_run_sends_nothing(command: Any) -> None:
    _status, first = command()
    assert Parrot.calls
    Parrot.calls = []
    _status, second = command()
    assert Parrot.calls == []
    assert second == first


def test_an_engine_that_would_answer_otherwise_is_asked_again(command: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Parrot, "fingerprint", "1", raising=False)
    command()
    Parrot.calls = []
    monkeypatch.setattr(Parrot, "fingerprint", "2")
    command()
    assert len(Parrot.calls) == 3 * 2 * 20


def test_an_interrupted_run_goes_on(command: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    translate = Parrot.translate
    monkeypatch.setattr(Parrot, "batch_size", 4, raising=False)

    def stop(self: Parrot, segments: Sequence[str], source: str, target: str) -> list[str | None]:
        if len(Parrot.calls) > 30:
            raise KeyboardInterrupt
        return translate(self, segments, source, target)

    monkeypatch.setattr(Parrot, "translate", stop)
    assert command()[0] == 130
    before = len(Parrot.calls)
    monkeypatch.setattr(Parrot, "translate", translate)
    _status, result = command()
    again = Parrot.calls[before:]
    Parrot.calls = []
    assert result["average"]["en-es"]["sentence"]["bleu"] > 0.3
    whole = 3 * 2 * 20
    assert len(again) <= whole - before + 4, "what had arrived was not sent again"


def test_terminology_comes_on_top(command: Any, tmp_path: Path) -> None:
    terms = tmp_path / "terms.csv"
    terms.write_text("en,es\nrain,lluvia\n", encoding="utf-8")
    _status, result = command("--terminology", str(terms))
    assert list(result["average"]["en-es"]) == ["none", "paragraph", "sentence", "terminology"]
    assert {"system": "terminology", "against": "sentence"}.items() <= result["significance"]["en-es"][-1].items()


def test_data_from_other_documents(command: Any, tmp_path: Path) -> None:
    write_book(tmp_path / "other", articles=3)
    _status, result = command("--data", str(tmp_path / "other" / "en"), str(tmp_path / "other" / "es"))
    assert result["data"]["pairs"]["sentence"] < 3 * 10
    assert result["data"]["left_out"]["sentence"] >= 9, "article 1 is among the other documents as well"


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--articles", "article99"], "--articles article99: no such article in both languages. For example: "),
        (["--target-lang", "en"], "--target-lang en: it is the source language"),
        (["--target-lang", "klingon"], "'klingon' is not a known language"),
        (["--terminology", "nowhere.csv"], "--terminology nowhere.csv: no such file"),
        (["--engine", "none-such"], "no such engine"),
    ],
)
def test_wrong_use_is_one_clear_error(
    command: Any, capsys: pytest.CaptureFixture[str], arguments: list[str], expected: str
) -> None:
    status, _result = command(*arguments)
    assert status == 2
    assert expected in capsys.readouterr().err
    assert Parrot.calls == []


PROSE = {
    "en": "The rain gauge stands in the garden. We read it in the morning. What did we see yesterday? There was no wind at all. "
    "The clouds were high and thin. It is the first page of our log. You can write what you want. The station is small.",
    "es": "El pluviómetro está en el jardín. Lo leemos por la mañana. ¿Qué vimos ayer? No había nada de viento. "
    "Las nubes eran altas y finas. Es la primera página de nuestro registro. Puedes escribir lo que quieras. La estación es pequeña.",
}


@pytest.mark.parametrize(
    ("languages", "expected"),
    [(("es", "en"), "The languages are swapped"), (("en", "zh_CN"), "seems to be in the language 'es', not 'zh'")],
)
def test_languages_that_do_not_fit(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], languages: tuple[str, str], expected: str
) -> None:
    for language, text in PROSE.items():
        (tmp_path / language).mkdir()
        (tmp_path / language / "rain.rst").write_text(text, encoding="utf-8")
    arguments = ["evaluate", str(tmp_path / "en"), str(tmp_path / "es"), "--articles", "rain", "--state", str(tmp_path)]
    assert main([*arguments, "--source-lang", languages[0], "--target-lang", languages[1]]) == 2
    assert expected in capsys.readouterr().err


def test_an_empty_reference(command: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "es" / "part1" / "article1.rst").write_text("", encoding="utf-8")
    status, _result = command()
    assert status == 2
    assert "--articles article1: the reference is empty" in capsys.readouterr().err


def test_folders_that_have_nothing_in_common(command: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for path in (tmp_path / "es").rglob("*.rst"):
        path.rename(path.with_stem(f"es-{path.stem}"))
    assert command()[0] == 2
    assert "have no file name in common" in capsys.readouterr().err
    for path in (tmp_path / "es").rglob("*.rst"):
        path.unlink()
    assert command()[0] == 2
    assert "no files to read there" in capsys.readouterr().err
