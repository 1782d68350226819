"""Training: from approved pairs to a model on disk, once for the same pairs.

A model lives in a folder that is named after the digest of its pairs. It is made beside its place and then renamed, so that a
run that is cancelled or killed leaves the old one, or none. Where a few pairs were added since, the words of these alone
are aligned, with the aligner of before; where many were, all is trained again.
"""

from __future__ import annotations

import hashlib
import json
import logging
import shutil
import sqlite3
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from sphinx_amts.engines.local import casing, tokens
from sphinx_amts.engines.local.alignment import Aligner
from sphinx_amts.engines.local.language_model import LanguageModel
from sphinx_amts.engines.local.phrases import Lexicon, PhraseCounts
from sphinx_amts.engines.local.progress import Progress
from sphinx_amts.engines.local.store import FORMAT, Contents, Sample, Store, StoreError, write

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sphinx_amts.engines.local.alignment import Links
    from sphinx_amts.engines.local.encoding import Encoded

VERSION = 1
"""Raised when training gives another model for the same pairs."""
MAX_TOKENS = 150
"""Longer sentences are not learned from: their word alignment is seldom right."""
MIN_SAMPLES = 50
"""With fewer sentence pairs there is no model: what it said would be noise."""
_FEW = 0.05
_ALIGNING, _ALIGNED = 0.7, 0.8
_FILE = "model.sqlite"
_STALE_SECONDS = 3600
_logger = logging.getLogger("sphinx.sphinx_amts.engines.local")


def samples_of(pairs: Sequence[tuple[Encoded, Encoded]]) -> list[Sample]:
    """Choose what can be learned from: sorted, each once, no empty, endless, lopsided or untranslated pairs."""
    chosen = set()
    for source, target in pairs:
        sample = sample_of(source, target)
        sizes = sorted((len(sample.source), len(sample.target)))
        if not 0 < sizes[0] <= sizes[1] <= MAX_TOKENS or sizes[1] > 6 * sizes[0] + 6:
            continue
        if sum(map(tokens.is_word, sample.source)) > 3 and sample.source == target.words:
            continue
        chosen.add(sample)
    return sorted(chosen, key=lambda sample: (sample.source, sample.target))


def sample_of(source: Encoded, target: Encoded) -> Sample:
    """The pair as the models see it."""
    return Sample(source.words, target.forms)


def digest_of(samples: Sequence[Sample], habits: casing.Casing) -> str:
    """Digest of all that decides a model but the state that it may be continued from."""
    settings = [VERSION, FORMAT, habits.forms, habits.initial, habits.title]
    digest = hashlib.sha256(json.dumps(settings, sort_keys=True).encode())
    for sample in samples:
        digest.update(f"{' '.join(sample.source)}\t{' '.join(sample.target)}\n".encode())
    return digest.hexdigest()


def obtain(pairs: Sequence[tuple[Encoded, Encoded]], folder: Path) -> Store | None:
    """Open the model of *pairs* in *folder*, after training if needed; ``None`` when the pairs are too few."""
    samples = samples_of(pairs)
    if len(samples) < MIN_SAMPLES:
        _logger.info("local engine: %d usable sentence pairs are too few to learn from", len(samples))
        return None
    habits = casing.learn(pairs)
    digest = digest_of(samples, habits)
    place = folder / digest[:16]
    if place.exists():
        try:
            store = Store(place / _FILE)
        except StoreError as error:
            _logger.warning("%s: this model cannot be used (%s); it is trained again", place, error)
        else:
            if store.digest == digest:
                return store
            store.close()
            _logger.warning("%s: this model belongs to other pairs; it is trained again", place)
    folder.mkdir(parents=True, exist_ok=True)
    _train(samples, habits, digest, place)
    return Store(place / _FILE)


def _train(samples: list[Sample], habits: casing.Casing, digest: str, place: Path) -> None:
    """Make the model in a new folder beside *place*, put it there, and remove older ones."""
    _sweep(place.parent)
    started = time.monotonic()
    temporary = Path(tempfile.mkdtemp(prefix=".new-", dir=place.parent))
    try:
        with Progress(f"local engine: learning from {len(samples)} sentence pairs") as progress:
            base, links = _aligned(samples, place, temporary, progress)
            write(temporary / _FILE, _contents(samples, links, habits, digest, base))
        if place.exists():
            shutil.rmtree(place)
        temporary.rename(place)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    for other in place.parent.iterdir():
        if other != place and other.is_dir() and not other.name.startswith("."):
            shutil.rmtree(other, ignore_errors=True)
    _logger.info("local engine: learned from %d sentence pairs in %.0f s", len(samples), time.monotonic() - started)


def _sweep(folder: Path) -> None:
    """Remove what killed runs left behind."""
    for left in folder.glob(".new-*"):
        with suppress(FileNotFoundError):
            if time.time() - left.stat().st_mtime > _STALE_SECONDS:
                shutil.rmtree(left, ignore_errors=True)


def _aligned(
    samples: list[Sample], place: Path, temporary: Path, progress: Progress
) -> tuple[int, dict[Sample, Links]]:
    """Align the samples, and put the aligner into *temporary*; the first item is the number it was trained on."""
    continued = _continued(samples, place, temporary)
    if continued is not None:
        return continued
    sources, targets = [sample.source for sample in samples], [sample.target for sample in samples]
    aligner = Aligner.train(sources, targets, lambda share: progress.update(_ALIGNING * share))
    aligner.save(temporary)
    links = aligner.align(sources, targets)
    progress.update(_ALIGNED)
    return len(samples), dict(zip(samples, links, strict=True))


def _continued(samples: list[Sample], place: Path, temporary: Path) -> tuple[int, dict[Sample, Links]] | None:
    """Take the links of an older model, and align with its aligner what is new; ``None`` when there is too much new."""
    for older in sorted(place.parent.glob("*")):
        if older == place or not (older / _FILE).is_file():
            continue
        try:
            store = Store(older / _FILE)
            known, base = store.samples(), store.base
            store.close()
            new = [sample for sample in samples if sample not in known]
            added = len(known.keys() | set(samples)) - base
            if added > _FEW * base or len(samples) < base / 2:
                continue
            links = Aligner.load(older).align([sample.source for sample in new], [sample.target for sample in new])
        except (StoreError, OSError, sqlite3.Error):
            continue
        for file in older.iterdir():
            if file.name != _FILE:
                shutil.copy2(file, temporary)
        known.update(zip(new, links, strict=True))
        return base, {sample: known[sample] for sample in samples}
    return None


def _contents(
    samples: list[Sample],
    links: dict[Sample, Links],
    habits: casing.Casing,
    digest: str,
    base: int,
) -> Contents:
    """Derive everything else from the aligned samples."""
    lexicon, counts = Lexicon(), PhraseCounts()
    for sample in samples:
        lexicon.add(sample.source, sample.target, links[sample])
        counts.add(sample.source, sample.target, links[sample])
    return Contents(
        digest,
        base,
        {sample: links[sample] for sample in samples},
        counts.rows(lexicon),
        counts.orientations(),
        (
            (source, target, lexicon.forward(source, target))
            for source, target in sorted(lexicon.joint)
            if source and target
        ),
        LanguageModel.train(sample.target for sample in samples),
        habits,
    )
