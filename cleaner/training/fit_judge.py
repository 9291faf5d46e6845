"""Learning the judge: which candidates hold nothing of the host, and which are the whole injection."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from cleaner.columns import NAMES, Matrix
from cleaner.detect import Detector
from cleaner.judge import UNIT
from cleaner.training.synthesize import Case

_PAGES = 48
# More of these can only speak for an injection.
_RISING = ("words_sum", "words_mean", "words_peak", "naked")
_FALLING = ("quoted_pair", "in_quotes", "goes_on")
_KEPT = 0.34


class Examples:
    """Candidates with their features and the two labels."""

    def __init__(self, seed: int) -> None:
        self._rng = np.random.default_rng(seed)
        self.rows: list[Matrix] = []
        self.pure: list[npt.NDArray[np.bool_]] = []
        self.exact: list[npt.NDArray[np.bool_]] = []
        self.weight: list[npt.NDArray[np.float32]] = []

    def add(self, detector: Detector, cases: Sequence[Case], weight: float = 1.0) -> None:
        """Add every candidate that the detector finds in the cases."""
        for begin in range(0, len(cases), _PAGES):
            some = cases[begin : begin + _PAGES]
            survey = detector.survey([case.text for case in some])
            if not len(survey.cores):
                continue
            found, rows = detector.candidates(survey, [case.text for case in some], promising=False)
            page = survey.block.page_of(found.start)
            for number in np.unique(page).tolist():
                chosen = np.flatnonzero(page == number)
                starts, ends = survey.block.to_source(number, found.start[chosen], found.end[chosen])
                pure, exact = labels(some[number], starts, ends)
                # A core's candidates are variants of one question; together they weigh about one.
                counts = np.bincount(found.core[chosen])
                share = (weight * 12.0 / np.maximum(counts[found.core[chosen]], 12)).astype(np.float32)
                # Most variants differ little; a third of them tells as much at a third of the cost.
                kept = exact | (self._rng.random(len(chosen)) < _KEPT)
                share[~exact] /= _KEPT
                self.rows.append(rows[chosen[kept]])
                self.pure.append(pure[kept])
                self.exact.append(exact[kept])
                self.weight.append(share[kept])

    def arrays(self) -> tuple[Matrix, npt.NDArray[np.bool_], npt.NDArray[np.bool_], npt.NDArray[np.float32]]:
        """Return all features, both labels and the weights."""
        return (
            np.concatenate(self.rows),
            np.concatenate(self.pure),
            np.concatenate(self.exact),
            np.concatenate(self.weight),
        )


def labels(
    case: Case, starts: Sequence[int], ends: Sequence[int]
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Return which stretches lie wholly inside injected text, and which are one injected span exactly."""
    inside = np.zeros(len(case.text) + 1, np.int64)
    for start, end in case.spans:
        inside[start:end] = 1
    blank = np.array([char.isspace() for char in case.text] + [False])
    covered = np.concatenate(([0], np.cumsum((inside == 1) | blank)))
    real = np.concatenate(([0], np.cumsum(inside == 1)))
    first, last = np.array(starts), np.array(ends)
    pure = (covered[last] - covered[first] == last - first) & (real[last] - real[first] > 0)
    spans = set(case.spans)
    exact = np.array([(start, end) in spans for start, end in zip(starts, ends, strict=True)], np.bool_)
    return pure, exact


def grow(
    rows: Matrix, label: npt.NDArray[np.bool_], weight: npt.NDArray[np.float32], seed: int, trees: int, leaves: int
) -> dict[str, Any]:
    """Grow an ensemble and return it as the arrays of :class:`cleaner.judge.Trees`."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    constraints = dict.fromkeys(_RISING, 1) | dict.fromkeys(_FALLING, -1)
    learner = HistGradientBoostingClassifier(
        max_iter=trees, max_leaf_nodes=leaves, max_depth=9, learning_rate=0.1, l2_regularization=15.0,
        max_features=0.3, min_samples_leaf=60, early_stopping=False, random_state=seed,
        monotonic_cst=[constraints.get(name, 0) for name in NAMES],
    )  # fmt: skip
    learner.fit(rows, label, sample_weight=weight)
    return export(
        [predictors[0].nodes for predictors in learner._predictors], float(learner._baseline_prediction[0, 0])
    )


def export(trees: list[Any], base: float) -> dict[str, Any]:
    """Return scikit-learn's tree nodes as flat arrays; inner values are the means of the leaves below."""
    size = max(len(nodes) for nodes in trees)
    shape = (len(trees), size)
    arrays: dict[str, Any] = {
        "feature": np.zeros(shape, np.int16), "threshold": np.zeros(shape, np.float32),
        "left": np.tile(np.arange(size, dtype=np.int16), (len(trees), 1)),
        "right": np.tile(np.arange(size, dtype=np.int16), (len(trees), 1)),
        "value": np.zeros(shape, np.int32),
    }  # fmt: skip
    depth = 1
    for index, nodes in enumerate(trees):
        inner = nodes["is_leaf"] == 0
        places = np.flatnonzero(inner)
        arrays["feature"][index, places] = nodes["feature_idx"][inner]
        arrays["threshold"][index, places] = _below(nodes["num_threshold"][inner])
        arrays["left"][index, places] = nodes["left"][inner]
        arrays["right"][index, places] = nodes["right"][inner]
        values = np.where(inner, 0.0, nodes["value"])
        counts = nodes["count"].astype(np.float64)
        for place in places[::-1]:  # children come after their parent
            left, right = nodes["left"][place], nodes["right"][place]
            values[place] = (values[left] * counts[left] + values[right] * counts[right]) / (
                counts[left] + counts[right]
            )
        arrays["value"][index, : len(nodes)] = np.round(values / UNIT)
        depth = max(depth, int(nodes["depth"].max()))
    return arrays | {"base": round(base / UNIT), "depth": depth}


def _below(thresholds: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
    """Return single-precision thresholds that send every single-precision value the same way."""
    narrowed = thresholds.astype(np.float32)
    above = narrowed.astype(np.float64) > thresholds
    narrowed[above] = np.nextafter(narrowed[above], np.float32(-np.inf))
    return narrowed
