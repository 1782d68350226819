"""Scores by sacreBLEU, the effort that a translation saves, and whether a difference is more than chance.

Pure functions over texts: one string per segment, hypothesis and reference in the same order. Metrics and signatures
are those of sacreBLEU (M. Post, "A Call for Clarity in Reporting BLEU Scores", WMT 2018), so that its own command line
gives the same figures on the same text; :func:`command_line` says how to call it.
"""

from __future__ import annotations

import importlib.util
import itertools
from dataclasses import asdict, dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from sphinx_amts.model import Comparison, ConfigurationError, Score

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sacrebleu.metrics.base import Metric

SYSTEMS = ("none", "paragraph", "sentence", "terminology")
"""What is compared: no parallel data, paragraph pairs, sentence pairs, and a terminology on top of sentence pairs."""

RESAMPLES = 1000
"""Resamples of the paired bootstrap (P. Koehn, "Statistical Significance Tests for MT Evaluation", EMNLP 2004)."""

SEED = 12345
"""Seed of the resampling; sacreBLEU's own default."""

_BY_CHARACTER = {"zh", "ja"}
"""Languages whose edits are counted in characters, because their words are not told apart by spaces."""

_MECAB = {"ja": ("ja-mecab", "MeCab"), "ko": ("ko-mecab", "mecab_ko")}
"""Tokenizers that need a package: the tokenizer and the module that it imports."""


@dataclass(frozen=True, slots=True)
class Effort:
    """What a reviewer would have to do, estimated with the reference as the text to arrive at."""

    untouched: float
    """Share (0 to 1) of segments that could stay as they are: no edit leads to the reference, case counts."""
    saved: float
    """Share (0 to 1) of the words of the reference that need not be typed: a segment costs its edits, and no more than
    its own length, since nobody mends what is quicker to write anew. Reading is not counted."""


@dataclass(frozen=True, slots=True)
class Texts:
    """One article in one direction: what the systems gave, and what a person wrote."""

    references: tuple[str, ...]
    """The human translation, one string per segment."""
    hypotheses: Mapping[str, tuple[str, ...]]
    """Each system's text by its name, one string per segment."""


def language_of(code: str) -> str:
    """The language of a code without region and script (``zh_CN`` → ``zh``)."""
    return code.replace("-", "_").split("_")[0].split("@")[0].lower()


@cache
def tokenizer(language: str) -> str:
    """The sacreBLEU tokenizer for *language*: ``zh``, MeCab's where it is installed (else characters), or ``13a``."""
    code = language_of(language)
    if code in _MECAB:
        name, module = _MECAB[code]
        return name if importlib.util.find_spec(module) else "char"
    return "zh" if code == "zh" else "13a"


class Judge:
    """Scores texts in one language."""

    def __init__(self, language: str) -> None:
        from sacrebleu.metrics.bleu import BLEU
        from sacrebleu.metrics.chrf import CHRF
        from sacrebleu.metrics.ter import TER

        by_character = language_of(language) in _BY_CHARACTER
        self.language = language
        self._bleu = BLEU(tokenize=tokenizer(language))
        self._chrf = CHRF()
        self._ter = TER(normalized=by_character, asian_support=by_character)
        self._strict = TER(normalized=by_character, asian_support=by_character, case_sensitive=True)

    def score(self, hypotheses: Sequence[str], references: Sequence[str]) -> Score:
        """BLEU, chrF and TER of the whole text; raise :class:`ConfigurationError` where there is nothing to compare."""
        _check(hypotheses, references)
        scores = [metric.corpus_score(hypotheses, [references]).score for metric in (self._bleu, self._chrf, self._ter)]
        return Score(*(score / 100 for score in scores))

    def effort(self, hypotheses: Sequence[str], references: Sequence[str]) -> Effort:
        """Estimate the work that is left, by the edits that TER counts (M. Snover et al., AMTA 2006)."""
        _check(hypotheses, references)
        untouched, edits, length = 0, 0.0, 0.0
        for hypothesis, reference in zip(hypotheses, references, strict=True):
            score = self._strict.sentence_score(hypothesis, [reference])
            untouched += score.num_edits == 0
            edits += min(score.num_edits, score.ref_length)
            length += score.ref_length
        return Effort(untouched / len(references), 1 - edits / length)

    def compare(self, hypotheses: Sequence[str], baseline: Sequence[str], references: Sequence[str]) -> Comparison:
        """A system against *baseline*, with the p-value of the difference in BLEU by paired bootstrap resampling."""
        from sacrebleu.significance import PairedTest

        better, worse = self.score(hypotheses, references), self.score(baseline, references)
        if list(hypotheses) == list(baseline):
            return Comparison(better, worse, 1.0)  # the test takes no difference at all for a significant one
        test = PairedTest(
            [("baseline", baseline), ("system", hypotheses)], {"BLEU": self._bleu}, [references], "bs", RESAMPLES
        )
        test._seed = SEED  # whatever the environment says: the same text has the same p-value
        _signatures, results = test()
        result: Any = results["BLEU"][1]
        return Comparison(better, worse, float(result.p_value))

    def signatures(self) -> dict[str, str]:
        """Signatures of sacreBLEU by metric: what a figure needs to be compared with others."""
        for metric in self._metrics().values():
            metric.num_refs = 1
        return {name: metric.get_signature().format() for name, metric in self._metrics().items()}

    def _metrics(self) -> dict[str, Metric]:
        return {"bleu": self._bleu, "chrf": self._chrf, "ter": self._ter}


def command_line(language: str) -> str:
    """The call of sacreBLEU's own command line that gives the figures of :meth:`Judge.score` (times 100)."""
    ter = " --ter-normalized --ter-asian-support" if language_of(language) in _BY_CHARACTER else ""
    return f"sacrebleu REFERENCE -i HYPOTHESIS -m bleu chrf ter -tok {tokenizer(language)}{ter} -w 4"


def _check(hypotheses: Sequence[str], references: Sequence[str]) -> None:
    if len(hypotheses) != len(references):
        raise ConfigurationError(
            f"{len(hypotheses)} translated segments for {len(references)} references: the texts do not belong together."
        )
    if not any(reference.strip() for reference in references):
        raise ConfigurationError("The reference is empty: there is no human translation to compare with.")


# -- tables --------------------------------------------------------------------------------------------------------


def evaluate(
    texts: Mapping[str, Mapping[str, Texts]],
    targets: Mapping[str, str],
    step: Callable[[str], None] = lambda _what: None,
) -> dict[str, Any]:
    """Score everything: *texts* by direction (``en-zh``) and article, *targets* the target language of each direction.

    The result has ``articles``, ``average`` (the mean over articles), ``significance`` (all articles as one text) and
    ``signatures``, as ``amts evaluate --json`` writes them. *step* is told what is being scored.
    """
    articles: dict[str, dict[str, Any]] = {}
    average: dict[str, Any] = {}
    significance: dict[str, Any] = {}
    signatures: dict[str, Any] = {}
    for direction, by_article in texts.items():
        judge = Judge(targets[direction])
        for article, one in by_article.items():
            step(f"{direction} {article}")
            articles.setdefault(article, {})[direction] = _article(judge, one)
        step(f"{direction} significance")
        average[direction] = _average([articles[article][direction] for article in by_article])
        significance[direction] = _significance(judge, list(by_article.values()))
        signatures[direction] = {
            **judge.signatures(),
            "significance": f"paired-bs:{RESAMPLES}|seed:{SEED}",
            "command": command_line(targets[direction]),
        }
    return {"articles": articles, "average": average, "significance": significance, "signatures": signatures}


def _article(judge: Judge, texts: Texts) -> dict[str, Any]:
    figures: dict[str, Any] = {"segments": len(texts.references)}
    for system, hypotheses in texts.hypotheses.items():
        figures[system] = {
            **asdict(judge.score(hypotheses, texts.references)),
            **asdict(judge.effort(hypotheses, texts.references)),
        }
    return figures


def _average(articles: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, float]]:
    systems = [system for system in SYSTEMS if all(system in article for article in articles)]
    return {
        system: {
            name: sum(article[system][name] for article in articles) / len(articles) for name in articles[0][system]
        }
        for system in systems
    }


def _significance(judge: Judge, articles: Sequence[Texts]) -> list[dict[str, Any]]:
    """Every system against the first one, and each against the one before it."""
    references = [line for article in articles for line in article.references]
    systems = [system for system in SYSTEMS if all(system in article.hypotheses for article in articles)]
    whole = {system: [line for article in articles for line in article.hypotheses[system]] for system in systems}
    compared = [(system, systems[0]) for system in systems[1:]]
    compared += [(system, before) for before, system in itertools.pairwise(systems[1:])]
    found = []
    for system, baseline in compared:
        comparison = judge.compare(whole[system], whole[baseline], references)
        found.append(
            {
                "system": system,
                "against": baseline,
                "bleu": comparison.system.bleu,
                "difference": comparison.system.bleu - comparison.baseline.bleu,
                "p_value": comparison.p_value,
            }
        )
    return found
