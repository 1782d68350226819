"""Apertium: rule-based translation by the program of that name, installed with a language pair.

On Debian: ``apt install apertium apertium-eng-spa``. Nothing of it is imported or started before it is named in
``amts_engine``. What must not be translated goes out as an empty element, since Apertium translates what stands in a
``translate="no"``.
"""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

from sphinx_amts.engines.local.markup import Element, MarkupError, Node, parse, same_markup, serialise
from sphinx_amts.model import EngineError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sphinx_amts.model import Pipeline

BATCH = 200
"""Segments in one run of the program."""
CODES = {
    "af": "afr", "an": "arg", "ar": "ara", "ast": "ast", "be": "bel", "bg": "bul", "br": "bre", "ca": "cat", "cy": "cym",
    "da": "dan", "de": "deu", "en": "eng", "eo": "epo", "es": "spa", "eu": "eus", "fr": "fra", "gl": "glg", "hi": "hin",
    "hr": "hrv", "id": "ind", "is": "isl", "it": "ita", "kk": "kaz", "mk": "mkd", "ms": "msa", "mt": "mlt", "nb": "nob",
    "nl": "nld", "nn": "nno", "oc": "oci", "pl": "pol", "pt": "por", "ro": "ron", "ru": "rus", "sc": "srd", "scn": "scn",
    "sl": "slv", "sr": "srp", "sv": "swe", "tr": "tur", "tt": "tat", "uk": "ukr", "ur": "urd",
}  # fmt: skip
"""Sphinx's codes (ISO 639-1) and Apertium's (ISO 639-3); older pairs are named by the former."""
_PARAGRAPH = re.compile(r"<p>(.*?)</p>", re.DOTALL)
_PROTECTED = re.compile(r'<img id="o(\d+)"\s*/>')


class ApertiumEngine:
    """Runs ``apertium -u -f html-alt`` for a language pair that is installed."""

    name = "apertium"

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline
        self._modes: dict[tuple[str, str], str] = {}

    def translate(self, segments: Sequence[str], source: str, target: str) -> list[str | None]:
        """Translate HTML fragments; ``None`` where the markup did not come back whole.

        Raise :class:`EngineError` when the program or the language pair is not installed, or when it fails.
        """
        if not segments:
            return []
        mode = self._mode(source, target)
        answers: list[str | None] = []
        for first in range(0, len(segments), BATCH):
            answers += self._batch(segments[first : first + BATCH], mode)
        return answers

    def _mode(self, source: str, target: str) -> str:
        """Find the installed translation direction, regional variants first."""
        if (source, target) not in self._modes:
            installed = _run(["-l"], "").split()
            wanted = [f"{left}-{right}" for left in _codes(source) for right in _codes(target)]
            known = next((mode for mode in wanted if mode in installed), None)
            if known is None:
                raise EngineError(
                    f"amts_engine = 'apertium': no language pair from {source!r} to {target!r} is installed (there is: "
                    f"{', '.join(installed) or 'none'}). Install one, such as Debian's package apertium-eng-spa."
                )
            self._modes[source, target] = known
        return self._modes[source, target]

    @staticmethod
    def _batch(segments: Sequence[str], mode: str) -> list[str | None]:
        hidden: list[str] = []
        readable: list[bool] = []
        paragraphs = []
        for segment in segments:
            try:
                nodes = parse(segment)
            except MarkupError:
                readable.append(False)
                continue
            readable.append(True)
            paragraphs.append(f"<p>{serialise(_hide(nodes, hidden))}</p>")
        output = _run(["-u", "-f", "html-alt", mode], "\n".join(paragraphs) + "\n")
        found = iter(_PARAGRAPH.findall(output))
        if len(_PARAGRAPH.findall(output)) != len(paragraphs):
            raise EngineError(
                f"apertium {mode}: {len(paragraphs)} paragraphs went in and {len(_PARAGRAPH.findall(output))} came out. "
                "Report it to the language pair's maintainers; another engine may be used meanwhile."
            )
        answers: list[str | None] = []
        for segment, is_readable in zip(segments, readable, strict=True):
            answer = _PROTECTED.sub(lambda match: hidden[int(match[1])], next(found).strip()) if is_readable else None
            answers.append(answer if answer is not None and same_markup(segment, answer) else None)
        return answers


def _codes(language: str) -> list[str]:
    """Apertium's names for a language, the most exact first."""
    base, _, territory = language.partition("_")
    names = [CODES.get(base, base), base]
    return [*(f"{name}_{territory}" for name in names if territory), *names]


def _hide(nodes: tuple[Node, ...], hidden: list[str]) -> tuple[Node, ...]:
    """Replace what must not be translated by empty elements that say where it is in *hidden*."""
    result: list[Node] = []
    for node in nodes:
        if isinstance(node, str):
            result.append(node)
        elif node.protected or not node.end:
            result.append(Element(f'<img id="o{len(hidden)}"/>', ""))
            hidden.append(serialise((node,)))
        else:
            result.append(Element(node.start, node.end, _hide(node.children, hidden)))
    return tuple(result)


def _run(arguments: list[str], text: str) -> str:
    """Run the program; raise :class:`EngineError` when it is missing or fails."""
    try:
        process = subprocess.run(
            ["apertium", *arguments], input=text, capture_output=True, encoding="utf-8", check=False
        )
    except FileNotFoundError as error:
        raise EngineError(
            "amts_engine = 'apertium': the program 'apertium' was not found. Install it with a language pair; on Debian: "
            "apt install apertium apertium-eng-spa."
        ) from error
    if process.returncode:
        problem = (process.stderr or process.stdout).strip()[:300]
        raise EngineError(f"apertium {' '.join(arguments)} failed ({process.returncode}): {problem}")
    return process.stdout
