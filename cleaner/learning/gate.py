"""The gate: frozen cases on which a candidate must not be worse than the model it comes from.

The cases ship with the corpus (``corpus/gate``) and are never learnt from. Their hash stands in every
candidate's manifest, so two figures are only compared when they are of the same cases.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cleaner import Cleaner
from cleaner.cases import Case, read_cases
from cleaner.evaluate import Figures, evaluate
from cleaner.io.streams import MissingInput

FILES: Final = ("infected", "clean")
_RISING: Final = ("precision", "recall", "restored")  # shares: the more the better
_FALLING: Final = ("touched", "harmed")  # clean documents touched, characters per million: the fewer
# Shares: two of the four hundred infected pages, as many as any small change tips either way. Harm has no allowance.
_ALLOWANCE: Final = 0.005


@dataclass(frozen=True, slots=True)
class Change:
    """A figure of one set of cases before and after; ``worse`` closes the gate."""

    cases: str
    figure: str
    before: float
    after: float
    worse: bool


@dataclass(frozen=True, slots=True)
class Gate:
    """Sets of cases by name, and the hash of the files they came from."""

    sets: Mapping[str, tuple[Case, ...]]
    digest: str

    def clean_texts(self) -> list[str]:
        """Return the texts that nothing may be cut from."""
        return [case.text for cases in self.sets.values() for case in cases if not case.spans]


def read_gate(corpus: Path, further: Sequence[Path] = ()) -> Gate:
    """Return the gate of a corpus, with files of the user's own. Raises MissingInput or InputError."""
    paths = {name: corpus / "gate" / f"{name}.jsonl" for name in FILES}
    if not all(path.exists() for path in paths.values()):
        raise MissingInput(f"{corpus}: no gate cases in gate/; is this the corpus folder?")
    paths |= {str(path): path for path in further}
    hashes = hashlib.sha256()
    for path in paths.values():
        if not path.is_file():
            raise MissingInput(f"{path}: no such file of gate cases")
        hashes.update(path.read_bytes())
    return Gate({name: tuple(read_cases(path)) for name, path in paths.items()}, hashes.hexdigest())


def measure(cleaner: Cleaner, gate: Gate) -> dict[str, dict[str, float]]:
    """Return the figures of every set of cases."""
    return {name: _figures(evaluate(cleaner, cases).overall) for name, cases in gate.sets.items()}


def changes(before: Mapping[str, Mapping[str, float]], after: Mapping[str, Mapping[str, float]]) -> list[Change]:
    """Return every figure before and after."""
    return [
        Change(cases, figure, value, after[cases][figure], _is_worse(figure, value, after[cases][figure]))
        for cases, figures in before.items()
        for figure, value in figures.items()
    ]


def closed_by(found: Iterable[Change]) -> list[Change]:
    """Return the figures that close the gate."""
    return [change for change in found if change.worse]


def _figures(overall: Figures) -> dict[str, float]:
    wanted = (*_RISING, *_FALLING) if overall.counts.infected else _FALLING
    values = {name: getattr(overall, name) for name in wanted}
    return {name: round(float(value), 5) for name, value in values.items() if value is not None}


def _is_worse(figure: str, before: float, after: float) -> bool:
    return after > before if figure in _FALLING else after < before - _ALLOWANCE
