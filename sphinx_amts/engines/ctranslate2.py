"""CTranslate2: neural models on this machine, such as OPUS-MT's or Argos Translate's packages in CTranslate2's format.

The model is a folder that the user supplies, by default ``models/<source>-<target>`` beside ``conf.py``; a subclass may
name another one. It holds CTranslate2's ``model.bin`` and a SentencePiece model: ``source.spm`` (OPUS-MT), or
``sentencepiece.model`` (Argos). ``model.bin`` may be in a folder ``model`` beside it, as Argos packs it.
Install ``sphinx-amts[ctranslate2]``; nothing of it is imported before it is named in ``amts_engine``.

Such a model knows no markup. A segment goes in as plain text; in what comes back, an object must be found again letter
for letter, and elements go where the model's attention points. Where that fails, the text between the marks is
translated piece by piece.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any, Protocol

from sphinx_amts.engines.local import tokens
from sphinx_amts.engines.local.encoding import Encoded, encode, is_object
from sphinx_amts.engines.local.markup import Element, MarkupError, Node, parse, same_markup, serialise
from sphinx_amts.engines.local.projection import Placed, to_html
from sphinx_amts.model import EngineError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sphinx_amts.model import Pipeline

BEAM = 4
"""Hypotheses that the model follows."""
_SPACE = "▁"
_END = ("</s>",)
_OPUS, _ARGOS = "source.spm", "sentencepiece.model"


@dataclass(frozen=True, slots=True)
class Output:
    """What a model made of a text."""

    text: str
    """The translation."""
    origins: tuple[int, ...]
    """For each character of it, the offset of the source character that it comes from."""


class Model(Protocol):
    """Translates plain texts."""

    def __call__(self, texts: Sequence[str]) -> list[Output]:
        """Translate each of *texts*."""
        ...


class CTranslate2Engine:
    """Translates with a CTranslate2 model and its SentencePiece models."""

    name = "ctranslate2"
    folder = "models/{source}-{target}"
    """Where the model is, relative to ``conf.py``."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline
        self._models: dict[tuple[str, str], Model] = {}

    def translate(self, segments: Sequence[str], source: str, target: str) -> list[str | None]:
        """Translate HTML fragments; ``None`` where the markup cannot be kept.

        Raise :class:`EngineError` when the package or the model is missing or cannot be loaded.
        """
        if (source, target) not in self._models:
            folder = self._pipeline.confdir / self.folder.format(source=source, target=target)
            self._models[source, target] = load(folder)
        return translate(segments, self._models[source, target])


def translate(segments: Sequence[str], model: Model) -> list[str | None]:
    """Translate HTML fragments with a *model* of plain text."""
    encoded = {segment: one for segment in segments if (one := _readable(segment)) is not None and one.forms}
    texts = {segment: _plain(segment) for segment in encoded}
    outputs = dict(zip(texts, model(list(texts.values())), strict=True)) if texts else {}
    answers: dict[str, str | None] = {}
    for segment, one in encoded.items():
        answer = _marked(one, texts[segment], outputs[segment])
        if answer is None or not same_markup(segment, answer):
            answer = serialise(_piece_by_piece(parse(segment), model))
        answers[segment] = answer if same_markup(segment, answer) else None
    return [answers.get(segment) for segment in segments]


def _readable(segment: str) -> Encoded | None:
    try:
        return encode(segment)
    except MarkupError:
        return None


def _plain(segment: str) -> str:
    return "".join(_texts(parse(segment)))


def _texts(nodes: tuple[Node, ...]) -> list[str]:
    return [text for node in nodes for text in ([node] if isinstance(node, str) else _texts(node.children))]


def _marked(source: Encoded, text: str, output: Output) -> str | None:
    """Put the objects and elements of *source* into the translation of its plain *text*; ``None`` where it fails."""
    places = _places(source, text)
    found: dict[int, tuple[int, int]] = {}
    position: dict[str, int] = {}
    for index, form in enumerate(source.forms):
        if is_object(form):
            first, last = places[index]
            content = text[first:last]
            start = output.text.find(content, position.get(content, 0)) if content else -1
            if start < 0:
                return None
            position[content] = start + len(content)
            found[index] = (start, start + len(content))
    forms, words, owners = [], [], []
    cuts = [offset for place in found.values() for offset in place]
    starts = {place[0]: (index, place[1]) for index, place in found.items()}
    end = 0
    for token in tokens.tokenise(output.text, cuts):
        if token.start < end:
            continue
        if token.start in starts:
            index, end = starts[token.start]
            forms.append(source.forms[index])
            words.append("")
            owners.append(index)
        else:
            forms.append(token.form)
            words.append(escape(output.text[token.start : token.end], quote=False))
            origin = output.origins[token.start]
            owners.append(next((i for i, (low, high) in enumerate(places) if low <= origin < high), -1))
    return to_html(source, Placed(tuple(forms), tuple(words), tuple(owners)))


def _places(source: Encoded, text: str) -> list[tuple[int, int]]:
    """Where each token of *source* stands in its plain *text*."""
    places = []
    position = 0
    for surface in source.surfaces:
        content = "".join(_texts(parse(surface)))
        start = text.index(content, position)
        position = start + len(content)
        places.append((start, position))
    return places


def _piece_by_piece(nodes: tuple[Node, ...], model: Model) -> tuple[Node, ...]:
    """Translate each run of text of its own."""
    result: list[Node] = []
    for node in nodes:
        if isinstance(node, str):
            core = node.strip()
            if any(char.isalpha() for char in core):
                lead, _, trail = node.partition(core)
                result.append(f"{lead}{model([core])[0].text}{trail}")
            else:
                result.append(node)
        elif node.protected:
            result.append(node)
        else:
            result.append(Element(node.start, node.end, _piece_by_piece(node.children, model)))
    return tuple(result)


def load(folder: Path) -> Model:
    """Load the model in *folder*; raise :class:`EngineError` when something is missing or cannot be read."""
    try:
        import ctranslate2
        import sentencepiece
    except ImportError as error:
        raise EngineError(
            f"amts_engine = 'ctranslate2': {error}. Install it with: pip install 'sphinx-amts[ctranslate2]'"
        ) from error
    binary = next((place for place in (folder, folder / "model") if (place / "model.bin").is_file()), None)
    pieces = next((path for name in (_OPUS, _ARGOS) if (path := folder / name).is_file()), None)
    if binary is None or pieces is None:
        raise EngineError(
            f"{folder}: no CTranslate2 model. Put model.bin and its vocabularies there, and {_OPUS} or {_ARGOS} beside them."
        )
    try:
        translator = ctranslate2.Translator(str(binary), device="cpu")
        source = sentencepiece.SentencePieceProcessor(model_file=str(pieces))
    except (RuntimeError, ValueError, OSError) as error:
        raise EngineError(f"{folder}: this model cannot be loaded ({error}). Convert or download it again.") from error
    return _Loaded(translator, source, _END if pieces.name == _OPUS and not _adds_end(binary) else ())


def _adds_end(binary: Path) -> bool:
    """Whether the model ends its input by itself; what was converted from Transformers (OPUS-MT) does not."""
    config = binary / "config.json"
    return config.is_file() and bool(json.loads(config.read_text(encoding="utf-8")).get("add_source_eos"))


class _Loaded:
    """A CTranslate2 model with its SentencePiece models."""

    def __init__(self, translator: Any, source: Any, end: tuple[str, ...]) -> None:
        self._translator = translator
        self._source = source
        self._end = end

    def __call__(self, texts: Sequence[str]) -> list[Output]:
        pieces = [self._source.encode(text, out_type=str) for text in texts]
        spans = [_spans(text, some) for text, some in zip(texts, pieces, strict=True)]
        results = self._translator.translate_batch(
            [[*some, *self._end] for some in pieces], beam_size=BEAM, return_attention=True, max_batch_size=32
        )
        return [
            self._read(result.hypotheses[0], result.attention[0], places)
            for result, places in zip(results, spans, strict=True)
        ]

    def _read(self, hypothesis: list[str], attention: list[list[float]], places: list[int]) -> Output:
        """Join the pieces, and let each character come from the source piece that got most attention."""
        text, origins = "", []
        for piece, row in zip(hypothesis, attention, strict=False):
            if piece.startswith("<") and piece.endswith(">"):
                continue
            written = piece.replace(_SPACE, " ")
            weights = row[: len(places)]
            origin = places[max(range(len(weights)), key=weights.__getitem__)] if weights else 0
            text += written
            origins += [origin] * len(written)
        lead = len(text) - len(text.lstrip())
        return Output(text.strip(), tuple(origins[lead : lead + len(text.strip())]))


def _spans(text: str, pieces: Sequence[str]) -> list[int]:
    """Where each piece begins in *text*; a piece that SentencePiece normalised stands where the one before ended."""
    found, position = [], 0
    for piece in pieces:
        core = piece.replace(_SPACE, "")
        start = text.find(core, position) if core else position
        if start < 0:
            start = position
        found.append(min(start, max(0, len(text) - 1)))
        position = start + len(core)
    return found
