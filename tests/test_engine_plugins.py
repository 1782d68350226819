"""The engine plug-ins: Apertium where it is installed, CTranslate2 with a tiny model that is made here."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sphinx_amts.engines.apertium import ApertiumEngine
from sphinx_amts.engines.ctranslate2 import CTranslate2Engine, Output, load, translate
from sphinx_amts.engines.local.markup import same_markup
from sphinx_amts.model import EngineError, Pipeline

MARKED = 'Use <b id="1">the <i id="2">red</i> cars</b> and <span id="3" translate="no">f(x)</span> &amp; a house.'


@pytest.fixture
def pipeline(tmp_path: Path) -> Pipeline:
    return Pipeline("es", "en", confdir=tmp_path, state=tmp_path / "state", output=tmp_path / "out")


def test_they_are_imported_only_when_named() -> None:
    code = (
        "import sys, sphinx_amts.engines.local, sphinx_amts.engines as engines\n"
        "assert not {'thot', 'ctranslate2', 'sentencepiece', 'rich', 'numpy'} & set(sys.modules), sys.modules.keys()"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


# -- Apertium ------------------------------------------------------------------------------------------------------

apertium = pytest.mark.skipif(shutil.which("apertium") is None, reason="the program apertium is not installed")


def _has_pair() -> bool:
    return (
        shutil.which("apertium") is not None
        and "eng-spa"
        in subprocess.run(["apertium", "-l"], capture_output=True, encoding="utf-8", check=True).stdout.split()
    )


@pytest.mark.skipif(not _has_pair(), reason="apertium-eng-spa is not installed")
def test_apertium_translates_and_keeps_markup(pipeline: Pipeline) -> None:
    answers = ApertiumEngine(pipeline).translate(["The house.", MARKED, "<b>broken", ""], "en", "es")
    assert answers[0] == "La casa."
    assert answers[1] is not None
    assert same_markup(MARKED, answers[1])
    assert "casa" in answers[1]
    assert answers[2:] == [None, ""]


@apertium
def test_apertium_names_a_missing_pair(pipeline: Pipeline) -> None:
    with pytest.raises(EngineError, match="no language pair from 'en' to 'tlh'"):
        ApertiumEngine(pipeline).translate(["The house."], "en", "tlh")


def test_apertium_missing_is_said(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EngineError, match="was not found"):
        ApertiumEngine(pipeline).translate(["The house."], "en", "es")


def _program(folder: Path, monkeypatch: pytest.MonkeyPatch, body: str) -> None:
    program = folder / "apertium"
    program.write_text(
        f"#!{sys.executable}\nimport sys\nif sys.argv[1] == '-l': print('  eng-spa'); sys.exit()\n{body}"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in is a script with a #! line")
@pytest.mark.parametrize(
    ("body", "problem"),
    [("sys.exit('no data')", r"failed \(1\): no data"), ("print('<p>one</p>')", "2 paragraphs went in and 1 came out")],
)
def test_apertium_failing_is_said(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, body: str, problem: str
) -> None:
    _program(tmp_path, monkeypatch, body)
    with pytest.raises(EngineError, match=problem):
        ApertiumEngine(pipeline).translate(["A.", "B."], "en", "es")


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in is a script with a #! line")
def test_apertium_losing_markup_gives_nothing(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _program(tmp_path, monkeypatch, "print('<p>Usa.</p>\\n<p>Casa.</p>')")
    assert ApertiumEngine(pipeline).translate([MARKED, "House."], "en", "es") == [None, "Casa."]


# -- CTranslate2 ---------------------------------------------------------------------------------------------------


def _upper(texts: Any) -> list[Output]:
    """A model that copies, in capitals where there is no bracket."""
    return [_copy(text) for text in texts]


def _copy(text: str) -> Output:
    words = [word if "(" in word else word.upper() for word in text.split(" ")]
    return Output(" ".join(words), tuple(range(len(text))))


def _reversed(texts: Any) -> list[Output]:
    """A model that turns the order of words round."""
    outputs = []
    for text in texts:
        starts = [0] + [index + 1 for index, char in enumerate(text) if char == " "]
        spans = [(start, start + len(word)) for start, word in zip(starts, text.split(" "), strict=True)][::-1]
        origins = [offset for first, last in spans for offset in (*range(first, last), last - 1)][:-1]
        outputs.append(Output(" ".join(text[first:last] for first, last in spans), tuple(origins)))
    return outputs


def test_objects_and_elements_follow_the_attention() -> None:
    assert translate([MARKED], _upper) == [
        'USE <b id="1">THE <i id="2">RED</i> CARS</b> AND <span id="3" translate="no">f(x)</span> &amp; A HOUSE.'
    ]
    source = 'Use <b id="1">red cars</b> and <span id="2" translate="no">f(x)</span> now'
    assert translate([source], _reversed) == [
        'now <span id="2" translate="no">f(x)</span> and <b id="1">cars red</b> Use'
    ]


def test_an_object_that_the_model_changed_is_translated_around() -> None:
    def forgetful(texts: Any) -> list[Output]:
        return [Output(text.replace("f(x)", "g"), (0,) * len(text)) for text in texts]

    source = 'Use <span id="1" translate="no">f(x)</span> now.'
    assert translate([source, "", "<b>x"], forgetful) == [source, None, None]


def test_a_missing_or_damaged_model_is_named(pipeline: Pipeline, tmp_path: Path) -> None:
    pytest.importorskip("ctranslate2")
    pytest.importorskip("sentencepiece")
    with pytest.raises(EngineError, match="no CTranslate2 model"):
        CTranslate2Engine(pipeline).translate(["A."], "en", "es")
    folder = tmp_path / "models" / "en-es"
    folder.mkdir(parents=True)
    for name in ("model.bin", "source.spm"):
        (folder / name).write_bytes(b"not a model")
    with pytest.raises(EngineError, match="cannot be loaded"):
        CTranslate2Engine(pipeline).translate(["A."], "en", "es")


def test_a_missing_package_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ctranslate2", None)
    with pytest.raises(EngineError, match=r"pip install 'sphinx-amts\[ctranslate2\]'"):
        load(tmp_path)


@pytest.fixture(scope="module")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A transformer of one layer with fixed weights, and a SentencePiece model of a few sentences."""
    specs = pytest.importorskip("ctranslate2.specs")
    sentencepiece = pytest.importorskip("sentencepiece")
    numpy = pytest.importorskip("numpy")
    folder = tmp_path_factory.mktemp("conf") / "models" / "en-es"
    (folder / "model").mkdir(parents=True)
    lines = ["Use the red cars and a house now.", "Rain falls on the red house.", "A cloud is not a car."] * 5
    with (folder / "sentencepiece.model").open("wb") as file:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(lines), model_writer=file, vocab_size=50, minloglevel=2, hard_vocab_limit=False
        )
    pieces = sentencepiece.SentencePieceProcessor(model_file=str(folder / "sentencepiece.model"))
    words = [pieces.id_to_piece(number) for number in range(pieces.get_piece_size())]
    spec = specs.TransformerSpec.from_config(1, 2)
    random = numpy.random.default_rng(1)
    size, inner = 8, 16
    shapes = {
        "embeddings": (len(words), size), "projection": (len(words), size), "linear_0": (inner, size),
        "linear_1": (size, inner), "self_attention/linear_0": (3 * size, size), "attention/linear_0": (size, size),
        "attention/linear_1": (2 * size, size), "self_attention/linear_1": (size, size), "attention/linear_2": (size, size),
    }  # fmt: skip
    for name, _ in spec.variables(ordered=True):
        _fill(spec, name, shapes, random, size, inner, len(words))
    spec.register_source_vocabulary(words)
    spec.register_target_vocabulary(words)
    spec.validate()
    spec.save(str(folder / "model"))
    return folder


def _fill(spec: Any, name: str, shapes: dict[str, Any], random: Any, size: int, inner: int, words: int) -> None:
    """Set a variable of *spec* to small fixed weights, where it is one."""
    import numpy

    *path, last = name.split("/")
    owner = spec
    for part in path:
        head, _, number = part.rpartition("_")
        owner = getattr(owner, part) if hasattr(owner, part) else getattr(owner, head)[int(number)]
    place = "/".join(path)
    shape = next((shape for key, shape in sorted(shapes.items(), key=lambda item: -len(item[0])) if key in place), None)
    if last == "weight" and shape is not None:
        setattr(owner, last, random.normal(0, 0.5, shape).astype(numpy.float32))
    elif last == "bias" and shape is not None:
        setattr(owner, last, numpy.zeros(shape[0], numpy.float32))
    elif last in {"gamma", "beta"}:
        setattr(owner, last, numpy.full(size, 1.0 if last == "gamma" else 0.0, numpy.float32))


def test_a_real_model_is_loaded_and_the_markup_holds(tiny_model: Path, pipeline: Pipeline) -> None:
    class Engine(CTranslate2Engine):
        folder = str(tiny_model)

    engine = Engine(pipeline)
    answers = engine.translate([MARKED, "The red house."], "en", "es")
    assert answers == engine.translate([MARKED, "The red house."], "en", "es")
    assert answers[1] is not None
    for segment, answer in zip([MARKED, "The red house."], answers, strict=True):
        assert answer is None or same_markup(segment, answer)
