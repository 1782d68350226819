"""The local engine on Dive into Deep Learning: time, memory, learning curve and confidence, as a Markdown section.

The experiment is that of ``evaluation.py`` (see ``experiment.py``): the same pairs, models and translations, of which this
measures what its tables do not show. One row takes minutes:

    python bench/local_engine.py                       # everything
    python bench/local_engine.py --only en-zh:sentence # one row
    python bench/local_engine.py --state FOLDER        # keeps models and translations there, for evaluation.py as well
    python bench/local_engine.py --tune zh-en:sentence # weights for the decoder, from part of the training data

Needs ``../shared/books/d2l``.
"""

from __future__ import annotations

import argparse
import html
import json
import pickle
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from experiment import ARTICLES, BOOK, Experiment, insert, load

ROWS = tuple(
    f"{direction}:{data}"
    for direction in ("en-zh", "zh-en")
    for data in ("paragraph", "sentence", "sentence-1500", "sentence-400")
)


def measure(experiment: Experiment, row: str, state: Path) -> dict[str, Any]:
    """Train and translate for one row, in this process; what was measured before is read from *state*."""
    from sphinx_amts.cli.evaluate.systems import texts_of
    from sphinx_amts.evaluate import evaluate

    direction, _, name = row.partition(":")
    name, _, size = name.partition("-")
    system = experiment.system(direction, name, state, int(size or 0))
    assert system.memory.path is not None, "it lies in the state folder"
    kept = system.memory.path.with_name("timing.json")
    if system.missing() or not kept.is_file():
        kept.write_text(json.dumps(timing(system)), encoding="utf-8")
    articles = experiment.articles(direction)
    result = evaluate({direction: texts_of(articles, [system])}, {direction: system.target})
    return {
        "row": row,
        "pairs": pairs_of(experiment, name, int(size or 0)),
        "segments": len(system.segments),
        "kept": sum(system.memory.get(one.html, system.engine.name) is None for one in system.segments),
        **json.loads(kept.read_text(encoding="utf-8")),
        **result["average"][direction][name],
        **(closer_look(system, articles) if row.endswith(":sentence") else {}),
    }


def timing(system: Any) -> dict[str, float]:
    """Seconds of training and of translating all segments, and the most memory that this process had until then."""
    started = time.perf_counter()
    system.engine.translate(["This is only asked so that the model is trained ."], system.source, system.target)
    trained = time.perf_counter()
    count = len(system.missing())
    system.ask(lambda _count: None)
    decoding = time.perf_counter() - trained
    return {"training": trained - started, "rate": count / max(decoding, 1e-9), "memory": peak_memory()}


def pairs_of(experiment: Experiment, name: str, size: int) -> int:
    return size or len(experiment.data.units[name])


def closer_look(system: Any, articles: list[Any]) -> dict[str, Any]:
    """Repaired memory matches and confidence, on the beads of the articles."""
    from sphinx_amts.cli.evaluate.pairing import pair

    pairs = [pair(unit, system.source, system.target) for article in articles for unit in article.sentences]
    return {"repair": repair(system, pairs), "confidence": calibration(system, pairs)}


def repair(system: Any, pairs: list[Any]) -> dict[str, Any]:
    """Segments whose memory match was repaired, against the same ones translated from scratch."""
    from sphinx_amts.engines.local.encoding import encode
    from sphinx_amts.evaluate import Judge

    drafter = system.engine._prepared()
    repaired, scratch, references = [], [], []
    for one in pairs:
        source = encode(one.source)
        match = drafter._memory.find(source, 0.8)
        mended = drafter._repaired(source, match) if match is not None and match.similarity < 1 else None
        if mended is not None:
            again = drafter._translated(source)
            repaired.append(plain(mended))
            scratch.append(plain(one.source if again is None else again.html))
            references.append(plain(one.target))
    if not references:
        return {"segments": 0}
    judge = Judge(system.target)
    figures = {"repaired": judge.score(repaired, references).bleu, "scratch": judge.score(scratch, references).bleu}
    return {"segments": len(references), **figures}


def calibration(system: Any, pairs: list[Any]) -> list[list[float]]:
    """For bins of confidence: bounds, drafts, and their mean chrF."""
    import sacrebleu

    from sphinx_amts.engines.local.encoding import encode

    drafter = system.engine._prepared()
    found = []
    for one in pairs:
        draft = drafter._translated(encode(one.source))
        if draft is not None:
            chrf = sacrebleu.sentence_chrf(plain(draft.html), [plain(one.target)]).score / 100
            found.append((draft.confidence, chrf))
    bins = []
    for low, high in ((0.0, 0.35), (0.35, 0.4), (0.4, 0.5), (0.5, 0.6), (0.6, 1.01)):
        inside = [chrf for trust, chrf in found if low <= trust < high]
        if inside:
            bins.append([low, high, len(inside), sum(inside) / len(inside)])
    return bins


def plain(fragment: str) -> str:
    """The text of an HTML fragment."""
    return html.unescape(re.sub(r"<[^>]+>", "", fragment))


TUNING_SENTENCES = 150
TUNING_ROUNDS = 6
N_BEST = 80


def tune(experiment: Experiment, row: str, state: Path) -> str:
    """Fit the decoder's weights to BLEU on sentences kept from the training data, and print them.

    Minimum error rate training (F. J. Och, ACL 2003) by coordinate ascent over n-best lists that grow with each round.
    """
    import random

    import numpy as np

    from sphinx_amts.cli.evaluate.pairing import pair
    from sphinx_amts.engines.local.decoder import Decoder, Weights
    from sphinx_amts.engines.local.encoding import encode_pair
    from sphinx_amts.engines.local.training import obtain, samples_of

    direction, _, data = row.partition(":")
    granularity, _, wanted = data.partition("-")
    languages = (direction[:2], direction[-2:])
    turned = experiment.data if direction == "en-zh" else experiment.data.turned()
    pairs = [encode_pair(pair(unit, *languages)) for unit in turned.units[granularity]]
    random.Random(1).shuffle(pairs)
    size = int(wanted or len(pairs) - TUNING_SENTENCES)
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
    status = Path("/proc/self/status")
    if status.is_file():  # Linux: what getrusage says there includes the parent of before the exec
        found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text(encoding="utf-8"))
        return int(found[1]) / 1024 if found else 0.0
    try:
        import resource
    except ImportError:
        return 0.0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 * 1024 if sys.platform == "darwin" else 1024)


def report(results: list[dict[str, Any]]) -> str:
    """The section for bench/RESULTS.md."""
    lines = [
        "### Time, memory, learning curve and confidence\n",
        f"D2L without {', '.join(ARTICLES)}; BLEU and chrF are averages over these, as in the tables of `evaluation.py`.\n",
        "| direction | parallel data | pairs | BLEU | chrF | kept source | training | segments/s | memory |",
        "|---|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for one in results:
        direction, _, data = one["row"].partition(":")
        lines.append(
            f"| {direction} | {data} | {one['pairs']} | {one['bleu']:.3f} | {one['chrf']:.3f} | {one['kept']} of "
            f"{one['segments']} | {one['training']:.0f} s | {one['rate']:.0f} | {one['memory']:.0f} MB |"
        )
    lines.append("")
    for one in results:
        if one.get("repair", {}).get("segments"):
            mended = one["repair"]
            lines.append(
                f"- {one['row']}: {mended['segments']} segments had a similar pair that could be repaired: BLEU "
                f"{mended['repaired']:.3f}, {mended['scratch']:.3f} when translated from scratch."
            )
        if "confidence" in one:
            bins = "; ".join(
                f"{low:.2f}-{min(high, 1):.2f}: {chrf:.2f} ({count:.0f})"
                for low, high, count, chrf in one["confidence"]
            )
            lines.append(f"- {one['row']}: confidence and the mean chrF of so many drafts: {bins}")
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--only", nargs="+", choices=ROWS, default=ROWS, metavar="ROW", help="rows such as en-zh:sentence"
    )
    parser.add_argument("--state", type=Path, help="folder for models and translations")
    parser.add_argument("--into", type=Path, nargs="+", default=[], help="Markdown files with a place for this section")
    parser.add_argument("--tune", choices=ROWS, metavar="ROW", help="fit the decoder's weights instead")
    parser.add_argument("--child", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        row, pickled = options.child
        with Path(pickled).open("rb") as file:
            print(json.dumps(measure(pickle.load(file), row, options.state)))
        return 0
    if not BOOK.is_dir():
        print(f"{BOOK} is missing: this benchmark needs the shared books beside the repository.", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as temporary:
        state = options.state or Path(temporary)
        experiment = load(state)
        if options.tune:
            print(tune(experiment, options.tune, Path(temporary) / "tuning"))
            return 0
        text = report(run(experiment, options.only, state, Path(temporary) / "experiment.pickle"))
        print(text)
        insert("local_engine", text, options.into)
    return 0


def run(experiment: Experiment, rows: list[str], state: Path, pickled: Path) -> list[dict[str, Any]]:
    """Measure *rows*, each in a process of its own: its memory is that of one model."""
    pickled.write_bytes(pickle.dumps(experiment))
    results = []
    for row in rows:
        command = [sys.executable, __file__, "--state", str(state), "--child", row, str(pickled)]
        child = subprocess.run(command, check=True, stdout=subprocess.PIPE, encoding="utf-8")
        results.append(json.loads(child.stdout.splitlines()[-1]))
        print(f"{row}: BLEU {results[-1]['bleu']:.3f}", file=sys.stderr)
    return results


if __name__ == "__main__":
    sys.exit(main())
