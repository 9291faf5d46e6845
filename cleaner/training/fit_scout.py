"""Learning the scout: which cores the judge, asked about all their candidates, takes for injected."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from cleaner.columns import Matrix
from cleaner.detect import Detector
from cleaner.judge import FIRST, probability
from cleaner.model import Model
from cleaner.training.fit_judge import export
from cleaner.training.synthesize import Case

_PAGES: Final = 48
_LIKELY: Final = 0.5  # probability of a core's best candidate from which the scout is to send the core on
_SURE: Final = 0.85  # the same of the cores that are counted when the threshold is chosen
_LOST: Final = 0.015  # share of them that may be lost; most injections have several cores
_LEAVES: Final = 31

Glances = tuple[Matrix, npt.NDArray[np.float64], npt.NDArray[np.float64]]


def glances(model: Model, groups: Iterable[tuple[Sequence[Case], float]]) -> Glances:
    """Return what the scout sees of every core of the cases, how likely its best candidate is, and its weight.

    Each group of cases comes with the weight of its cores.
    """
    detector = Detector(model)
    rows: list[Matrix] = []
    best: list[npt.NDArray[np.float64]] = []
    weights: list[npt.NDArray[np.float64]] = []
    for cases, weight in groups:
        for begin in range(0, len(cases), _PAGES):
            texts = [case.text for case in cases[begin : begin + _PAGES]]
            survey = detector.survey(texts)
            if not len(survey.cores):
                continue
            found, features = detector.candidates(survey, texts, promising=False)
            likely = np.zeros(len(survey.cores))
            np.maximum.at(likely, found.core, probability(model.pure.log_odds(features), *model.calibration))
            rows.append(detector.glances(survey))
            best.append(likely)
            weights.append(np.full(len(likely), weight))
    return np.concatenate(rows), np.concatenate(best), np.concatenate(weights)


def grow_scout(seen: Sequence[Glances], seed: int) -> dict[str, Any]:
    """Grow the ensemble and return it as the arrays of :class:`cleaner.judge.Trees`."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    rows, best, weights = (np.concatenate(parts) for parts in zip(*seen, strict=True))
    learner = HistGradientBoostingClassifier(
        max_iter=FIRST, max_leaf_nodes=_LEAVES, max_depth=6, learning_rate=0.15, l2_regularization=10.0,
        min_samples_leaf=30, early_stopping=False, random_state=seed,
    )  # fmt: skip
    learner.fit(rows, best >= _LIKELY, sample_weight=weights)
    return export(
        [predictors[0].nodes for predictors in learner._predictors], float(learner._baseline_prediction[0, 0])
    )


def least(model: Model, cases: Sequence[Case]) -> float:
    """Return the log-odds from which the scout sends on all but a few of the cores that the judge is sure of."""
    rows, best, _ = glances(model, ((cases, 1.0),))
    odds = np.sort(model.scout.trees.glance(rows[best >= _SURE]))
    return float(np.round(odds[int(_LOST * len(odds))], 3)) if len(odds) else 0.0
