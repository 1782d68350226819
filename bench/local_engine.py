"""The local engine on Dive into Deep Learning: quality, time and memory, as a Markdown section.

Five sections are held out (HELD_OUT). ``amts align`` makes parallel data of all others, and of the five it makes the
sentence pairs on which the drafts are scored. Needs ``../shared/books/d2l``. One row takes minutes:

    python bench/local_engine.py                       # everything
    python bench/local_engine.py --only en-zh:sentence # one row
    python bench/local_engine.py --pairs FOLDER        # with {train,test}-{sentence,paragraph}.tsv made before
    python bench/local_engine.py --tune zh-en:sentence # weights for the decoder, from part of the training data
"""

from __future__ import annotations

import argparse
import html
import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parent.parent
BOOK = REPOSITORY.parent / "shared" / "books" / "d2l"
HELD_OUT = (
    "chapter_attention-mechanisms/transformer.md",
    "chapter_convolutional-modern/resnet.md",
    "chapter_linear-networks/softmax-regression.md",
    "chapter_optimization/momentum.md",
    "chapter_recurrent-neural-networks/rnn.md",
)
ROWS = tuple(
    f"{direction}:{data}"
    for direction in ("en-zh", "zh-en")
    for data in ("none", "paragraph", "sentence", "sentence-1500", "sentence-400")
)
sys.path.insert(0, str(REPOSITORY))


def make_pairs(folder: Path) -> None:
    """Align the book but the held-out sections, and these, into TSV files in *folder*."""
    for part in ("train", "test"):
        for language in ("en", "zh"):
            for file in (BOOK / language).rglob("*.md"):
                name = file.relative_to(BOOK / language)
                if (name.as_posix() in HELD_OUT) == (part == "test"):
                    place = folder / part / language / name
                    place.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copyfile(file, place)
        for granularity in ("sentence", "paragraph"):
            sides = [str(folder / part / language) for language in ("en", "zh")]
            options = ["--granularity", granularity, "--source-lang", "en", "--target-lang", "zh"]
            output = str(folder / f"{part}-{granularity}.tsv")
            command = [sys.executable, "-m", "sphinx_amts.cli", "align", *sides, "-o", output, *options]
            subprocess.run(command, check=True, cwd=REPOSITORY, stdout=subprocess.DEVNULL)


def read(folder: Path, part: str, granularity: str, direction: str) -> list[Any]:
    """The pairs of a file, in the direction that is measured."""
    from sphinx_amts.parallel import read_pairs

    pairs = read_pairs(folder / f"{part}-{granularity}.tsv", "en", "zh")
    if direction == "zh-en":
        return [replace(pair, source=pair.target, target=pair.source) for pair in pairs]
    return pairs


def plain(fragment: str) -> str:
    """The text of an HTML fragment."""
    return html.unescape(re.sub(r"<[^>]+>", "", fragment))


def measure(folder: Path, row: str, state: Path) -> dict[str, Any]:
    """Train and translate for one row, in this process."""
    import random

    from sphinx_amts.engines.local import LocalEngine
    from sphinx_amts.model import Pipeline

    direction, _, data = row.partition(":")
    source, target = direction.split("-")
    granularity, _, size = data.partition("-")
    pairs = [] if data == "none" else read(folder, "train", granularity, direction)
    if size:
        random.Random(1).shuffle(pairs)
        pairs = pairs[: int(size)]
    test = read(folder, "test", "sentence", direction)
    engine = LocalEngine(Pipeline(target, source, confdir=state, state=state, output=state))
    engine.learn(pairs)
    started = time.perf_counter()
    if pairs:
        engine.translate(["This is only asked so that the model is trained ."], source, target)
    trained = time.perf_counter()
    answers = engine.translate([pair.source for pair in test], source, target)
    result: dict[str, Any] = {
        "row": row, "pairs": len(pairs), "training": trained - started, "decoding": time.perf_counter() - trained,
        "segments": len(test), "kept": sum(answer is None for answer in answers), "memory": peak_memory(),
    }  # fmt: skip
    drafts = [plain(pair.source if answer is None else answer) for pair, answer in zip(test, answers, strict=True)]
    result.update(score(drafts, [plain(pair.target) for pair in test], target))
    if data == "sentence":
        result["repair"] = repair(engine, test, target)
        result["confidence"] = calibration(engine, test)
    return result


def score(drafts: list[str], references: list[str], language: str) -> dict[str, Any]:
    """BLEU and chrF with their signatures."""
    from sacrebleu.metrics.bleu import BLEU
    from sacrebleu.metrics.chrf import CHRF

    scores: dict[str, Any] = {}
    for name, metric in (("bleu", BLEU(tokenize="zh" if language == "zh" else "13a")), ("chrf", CHRF())):
        scores[name] = metric.corpus_score(drafts, [references]).score / 100
        scores[f"{name}_signature"] = str(metric.get_signature())
    return scores


def repair(engine: Any, test: list[Any], language: str) -> dict[str, Any]:
    """Segments whose memory match was repaired, against the same ones translated from scratch."""
    from sphinx_amts.engines.local.encoding import encode

    drafter = engine._prepared()
    repaired, scratch, references = [], [], []
    for pair in test:
        source = encode(pair.source)
        match = drafter._memory.find(source, 0.8)
        mended = drafter._repaired(source, match) if match is not None and match.similarity < 1 else None
        if mended is not None:
            again = drafter._translated(source)
            repaired.append(plain(mended))
            scratch.append(plain(pair.source if again is None else again.html))
            references.append(plain(pair.target))
    if not references:
        return {"segments": 0}
    return {
        "segments": len(references), "repaired": score(repaired, references, language)["bleu"],
        "scratch": score(scratch, references, language)["bleu"],
    }  # fmt: skip


def calibration(engine: Any, test: list[Any]) -> list[list[float]]:
    """For bins of confidence: bounds, drafts, and their mean chrF."""
    import sacrebleu

    from sphinx_amts.engines.local.encoding import encode

    drafter = engine._prepared()
    found = []
    for pair in test:
        draft = drafter._translated(encode(pair.source))
        if draft is not None:
            chrf = sacrebleu.sentence_chrf(plain(draft.html), [plain(pair.target)]).score / 100
            found.append((draft.confidence, chrf))
    bins = []
    for low, high in ((0.0, 0.35), (0.35, 0.4), (0.4, 0.5), (0.5, 0.6), (0.6, 1.01)):
        inside = [chrf for trust, chrf in found if low <= trust < high]
        if inside:
            bins.append([low, high, len(inside), sum(inside) / len(inside)])
    return bins


TUNING_SENTENCES = 150
TUNING_ROUNDS = 6
N_BEST = 80


def tune(folder: Path, row: str, state: Path) -> str:
    """Fit the decoder's weights to BLEU on sentences kept from the training data, and print them.

    Minimum error rate training (F. J. Och, ACL 2003) by coordinate ascent over n-best lists that grow with each round.
    """
    import random

    import numpy as np

    from sphinx_amts.engines.local.decoder import Decoder, Weights
    from sphinx_amts.engines.local.encoding import encode_pair
    from sphinx_amts.engines.local.training import obtain, samples_of

    direction, _, data = row.partition(":")
    pairs = [encode_pair(pair) for pair in read(folder, "train", data.partition("-")[0], direction)]
    random.Random(1).shuffle(pairs)
    size = int(data.partition("-")[2] or len(pairs) - TUNING_SENTENCES)
    kept = samples_of(pairs[-TUNING_SENTENCES:])
    store = obtain(pairs[:size], state)
    assert store is not None, "too few pairs"
    names = tuple(Weights.__slots__)
    weights = np.array([getattr(Weights(), name) for name in names])
    features: list[dict[tuple[float, ...], list[float]]] = [{} for _ in kept]
    tried: list[tuple[float, Any]] = []
    for number in range(TUNING_ROUNDS):
        decoder = Decoder(store.options, store.language, Weights(*weights))
        best = np.zeros(10)
        for known, sample in zip(features, kept, strict=True):
            results = decoder.translate(sample.source, N_BEST)
            best += matches(results[0].target, sample.target)
            known.update((result.features, matches(result.target, sample.target)) for result in results)
        tried.append((bleu(best), weights))
        print(f"round {number}: {tried[-1][0]:.4f}", file=sys.stderr)
        weights = ascend(features, weights, len(names) - 1)
    score_, weights = max(tried, key=lambda item: item[0])
    return f"BLEU of tokens {score_:.4f}\n" + "\n".join(
        f"{name}: {weight:.3f}" for name, weight in zip(names, weights, strict=True)
    )


def matches(draft: tuple[str, ...], reference: tuple[str, ...]) -> list[float]:
    """What BLEU needs of a sentence: matching n-grams, n-grams, and both lengths."""
    from collections import Counter

    counts: list[float] = []
    for size in range(1, 5):
        ours, theirs = (
            Counter(text[at : at + size] for at in range(len(text) - size + 1)) for text in (draft, reference)
        )
        counts.append((ours & theirs).total())
    return [*counts, *(max(0, len(draft) - size + 1) for size in range(1, 5)), len(draft), len(reference)]


def bleu(counts: Any) -> float:
    """BLEU from the sums of :func:`matches`."""
    import numpy as np

    if min(counts[:4]) == 0:
        return 0.0
    precision = np.log(counts[:4] / counts[4:8]).mean()
    return float(np.exp(precision + min(0.0, 1 - counts[9] / counts[8])))


def ascend(features: list[dict[tuple[float, ...], list[float]]], weights: Any, free: int) -> Any:
    """Change one of the first *free* weights at a time as long as BLEU over the n-best lists rises."""
    import numpy as np

    longest = max(map(len, features))
    values = np.zeros((len(features), longest, len(weights)))
    counts = np.zeros((len(features), longest, 10))
    absent = np.full((len(features), longest), -1e9)
    for row, known in enumerate(features):
        values[row, : len(known)] = list(known)
        counts[row, : len(known)] = list(known.values())
        absent[row, : len(known)] = 0
    rows = np.arange(len(features))

    def quality(candidate: Any) -> float:
        return bleu(counts[rows, (values @ candidate + absent).argmax(1)].sum(0))

    current, better = quality(weights), True
    while better:
        better = False
        for at in range(free):
            for step in np.linspace(-0.6, 0.6, 25) * max(0.3, abs(weights[at])):
                candidate = weights.copy()
                candidate[at] += step
                if quality(candidate) > current + 1e-5:
                    weights, current, better = candidate, quality(candidate), True
    return weights


def peak_memory() -> float:
    """Most memory that this process had, in MB; 0 where the system does not tell."""
    try:
        import resource
    except ImportError:
        return 0.0
    unit = 1024 * 1024 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def report(results: list[dict[str, Any]]) -> str:
    """The section for bench/RESULTS.md."""
    sections = ", ".join(name.removesuffix(".md") for name in HELD_OUT)
    lines = [
        "## The local engine", "", f"D2L; held out: {sections}. `python bench/local_engine.py`", "",
        "| direction | parallel data | pairs | BLEU | chrF | kept source | training | sentences/s | memory |",
        "|---|---|---:|---:|---:|---:|---:|---:|---:|",
    ]  # fmt: skip
    for result in results:
        direction, _, data = result["row"].partition(":")
        lines.append(
            f"| {direction} | {data} | {result['pairs']} | {result['bleu']:.3f} | {result['chrf']:.3f} | "
            f"{result['kept']} of {result['segments']} | {result['training']:.0f} s | "
            f"{result['segments'] / max(result['decoding'], 1e-9):.0f} | {result['memory']:.0f} MB |"
        )
    signatures = {result[name] for result in results for name in ("bleu_signature", "chrf_signature")}
    lines += ["", *(f"- `{signature}`" for signature in sorted(signatures))]
    for result in results:
        if result.get("repair", {}).get("segments"):
            mended = result["repair"]
            lines.append(
                f"- {result['row']}: {mended['segments']} segments had a similar pair that could be repaired: BLEU "
                f"{mended['repaired']:.3f}, {mended['scratch']:.3f} when translated from scratch."
            )
        if "confidence" in result:
            bins = "; ".join(
                f"{low:.2f}-{min(high, 1):.2f}: {chrf:.2f} ({count:.0f})"
                for low, high, count, chrf in result["confidence"]
            )
            lines.append(f"- {result['row']}: confidence and the mean chrF of so many drafts: {bins}")
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--only", nargs="+", choices=ROWS, default=ROWS, metavar="ROW", help="rows such as en-zh:sentence"
    )
    parser.add_argument("--pairs", type=Path, help="folder with pairs made before")
    parser.add_argument("--tune", choices=ROWS, metavar="ROW", help="fit the decoder's weights instead")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        with tempfile.TemporaryDirectory() as state:
            print(json.dumps(measure(options.pairs, options.child, Path(state))))
        return 0
    if not BOOK.is_dir() and not options.pairs:
        print(f"{BOOK} is missing: this benchmark needs the shared books beside the repository.", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.pairs or Path(temporary)
        if not options.pairs:
            make_pairs(folder)
        if options.tune:
            print(tune(folder, options.tune, Path(temporary) / "state"))
            return 0
        results = []
        for row in options.only:
            command = [sys.executable, __file__, "--pairs", str(folder), "--child", row]
            child = subprocess.run(command, check=True, stdout=subprocess.PIPE, encoding="utf-8")
            results.append(json.loads(child.stdout.splitlines()[-1]))
            print(f"{row}: BLEU {results[-1]['bleu']:.3f}", file=sys.stderr)
    print(report(results))
    return 0


if __name__ == "__main__":
    sys.exit(main())
