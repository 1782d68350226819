"""Word alignment with Thot.

Thot's Eflomal model (R. Östling and J. Tiedemann, "Efficient word alignment with Markov Chain Monte Carlo", The Prague
Bulletin of Mathematical Linguistics 106, 2016) is trained in both directions and symmetrised by grow-diag-final-and
(P. Koehn, F. J. Och and D. Marcu, "Statistical phrase-based translation", NAACL 2003).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Links: TypeAlias = tuple[tuple[int, int], ...]
"""Pairs of a source and a target token that translate each other, sorted."""

_SEED = 1
_BATCH = 500
_DIRECT, _INVERSE = "direct", "inverse"


def available() -> bool:
    """Whether Thot can be imported; there is no wheel of it for Linux on ARM."""
    try:
        import thot.alignment  # noqa: F401
    except ImportError:
        return False
    return True


class Aligner:
    """Aligns the words of sentence pairs; trained on pairs, or read from a folder that :meth:`save` filled."""

    def __init__(self, direct: Any, inverse: Any) -> None:
        import thot.alignment

        self._direct = direct
        self._inverse = inverse
        self._both = thot.alignment.SymmetrizedAligner(direct, inverse)
        self._both.heuristic = thot.alignment.SymmetrizationHeuristic.GROW_DIAG_FINAL_AND

    @classmethod
    def train(
        cls, sources: Sequence[Sequence[str]], targets: Sequence[Sequence[str]], step: Callable[[float], None]
    ) -> Aligner:
        """Train on token sequences; *step* is told the share that is done, and may raise to cancel."""
        return cls(
            _train(sources, targets, lambda share: step(share / 2)),
            _train(targets, sources, lambda share: step((1 + share) / 2)),
        )

    @classmethod
    def load(cls, folder: Path) -> Aligner:
        """Read a model; raise :class:`OSError` when it is not there or not a model."""
        import thot.alignment

        models = []
        for name in (_DIRECT, _INVERSE):
            model = thot.alignment.EflomalAlignmentModel()
            _settle(model)
            if not (folder / f"{name}.src").is_file() or not model.load(str(folder / name)):
                raise OSError(f"{folder / name}: not an alignment model")
            models.append(model)
        return cls(*models)

    def save(self, folder: Path) -> None:
        """Write both models into *folder*, without the sentences that they were trained on."""
        for name, model in ((_DIRECT, self._direct), (_INVERSE, self._inverse)):
            if not model.print(str(folder / name)):
                raise OSError(f"{folder / name}: Thot could not write its model")

    def align(self, sources: Sequence[Sequence[str]], targets: Sequence[Sequence[str]]) -> list[Links]:
        """Link the words of each pair of token sequences."""
        found: list[Links] = []
        for first in range(0, len(sources), _BATCH):
            batch = slice(first, first + _BATCH)
            for _, matrix in self._both.get_best_alignments(
                list(map(list, sources[batch])), list(map(list, targets[batch]))
            ):
                rows, columns = matrix.to_numpy().nonzero()
                found.append(tuple(sorted(zip(rows.tolist(), columns.tolist(), strict=True))))
        return found


def _settle(model: Any) -> None:
    """Make *model* give the same links for the same pairs, whatever the number of threads."""
    model.seed = _SEED
    model.deterministic = True
    model.num_samplers = 1  # three take 2.4 times as long, and drafts were no better (BLEU 37.0 with either)


def _train(sources: Sequence[Sequence[str]], targets: Sequence[Sequence[str]], step: Callable[[float], None]) -> Any:
    import thot.alignment

    model = thot.alignment.EflomalAlignmentModel()
    _settle(model)
    for source, target in zip(sources, targets, strict=True):
        model.add_sentence_pair(list(source), list(target), 1)
    model.start_training()
    rounds = model.scheduled_iterations
    for done in range(rounds):
        step(done / rounds)
        model.train()
    model.end_training()
    return model
