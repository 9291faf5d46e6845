"""The judge: arrays that say exactly what scikit-learn's trees say, and why."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import sklearn.ensemble
from hypothesis import given
from hypothesis import strategies as st
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from cleaner.columns import NAMES, Matrix
from cleaner.judge import FIRST, HOPELESS, UNIT, Trees, probability
from cleaner.training.fit_judge import _below, grow

TREES, LEAVES = 56, 15


def data(count: int, seed: int) -> tuple[Matrix, npt.NDArray[np.bool_]]:
    """Return random rows, half of the columns whole numbers, and labels that depend on a few of them."""
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(count, len(NAMES))).astype(np.float32)
    rows[:, ::2] = np.round(rows[:, ::2] * 2)
    odds = rows[:, 0] + rows[:, 4] * rows[:, 7] - 2 * (rows[:, 10] > 0.5) + rng.normal(size=count)
    return rows, odds > 1


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """Grow small trees in one thread: many get in each other's way on a busy machine."""
    with threadpool_limits(1):
        yield


@pytest.fixture(scope="module")
def grown() -> tuple[Trees, Any]:
    """Give an ensemble as arrays, and the learner of scikit-learn that it was taken from."""
    learners: list[Any] = []
    original = sklearn.ensemble.HistGradientBoostingClassifier

    def capture(**settings: Any) -> Any:
        learners.append(original(**settings))
        return learners[-1]

    rows, label = data(2000, 1)
    weight = np.random.default_rng(2).uniform(0.5, 2.0, len(rows)).astype(np.float32)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sklearn.ensemble, "HistGradientBoostingClassifier", capture)
        trees = Trees(**grow(rows, label, weight, 3, TREES, LEAVES))
    (learner,) = learners
    return trees, learner


def test_the_walk_is_that_of_scikit_learn(grown: tuple[Trees, Any]) -> None:
    """Rows never seen get scikit-learn's own probability, but for the rounding of the leaf values."""
    trees, learner = grown
    rows, _ = data(3000, 4)
    odds = trees.log_odds(rows)
    walked = np.isfinite(odds)
    expected = learner.decision_function(rows)
    assert 0.1 < walked.mean() < 1.0
    assert np.abs(odds - expected)[walked].max() <= (TREES + 1) * UNIT / 2
    found = 1 / (1 + np.exp(-odds[walked]))
    assert np.abs(found - learner.predict_proba(rows)[walked, 1]).max() < 0.002


def test_rows_on_a_threshold_go_the_same_way(grown: tuple[Trees, Any]) -> None:
    """A value that is a threshold, and the numbers just beside it, take scikit-learn's branch."""
    trees, learner = grown
    inner = trees.left != np.arange(trees.left.shape[1])
    rows, _ = data(int(inner.sum()), 5)
    for step in (-np.inf, 0.0, np.inf):
        values = trees.threshold[inner]
        rows[np.arange(len(rows)), trees.feature[inner]] = np.nextafter(values, np.float32(step)) if step else values
        odds = trees.log_odds(rows)
        walked = np.isfinite(odds)
        assert np.abs(odds - learner.decision_function(rows))[walked].max() <= (TREES + 1) * UNIT / 2


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6, width=32))
def test_thresholds_lose_nothing_in_single_precision(threshold: float, value: float) -> None:
    """``value <= threshold`` says the same for the narrowed threshold, for every single-precision value."""
    narrowed = _below(np.array([threshold]))
    for near in (np.float32(value), np.float32(threshold), np.nextafter(np.float32(threshold), np.float32(np.inf))):
        assert (float(near) <= threshold) == bool(near <= narrowed[0])


def test_hopeless_rows_are_given_up(grown: tuple[Trees, Any]) -> None:
    """Minus infinity means that the first trees found next to no chance; such rows do not end up likely."""
    trees, learner = grown
    rows, _ = data(3000, 6)
    odds = trees.log_odds(rows)
    assert (np.isfinite(odds) == (trees.glance(rows) > HOPELESS)).all()
    early = np.array(list(learner.staged_decision_function(rows)))[FIRST - 1].ravel()
    clear = np.abs(early - HOPELESS) > TREES * UNIT
    assert (np.isfinite(odds) == (early > HOPELESS))[clear].all()


def test_shares_add_up(grown: tuple[Trees, Any]) -> None:
    """The shares of the features, the base and the trees' own means make the log-odds, to the last bit."""
    trees, _ = grown
    rows, _ = data(1000, 7)
    odds, shares = trees.log_odds(rows), trees.shares(rows)
    base = (trees.base + int(trees.value[:, 0].sum(dtype=np.int64))) * UNIT
    walked = np.isfinite(odds)
    assert shares.shape == rows.shape
    assert (shares[walked].sum(axis=1) + base == odds[walked]).all()


def test_shares_go_to_what_was_asked(grown: tuple[Trees, Any]) -> None:
    """A feature that no tree asks for has no share; those the labels depend on have the most."""
    trees, _ = grown
    rows, _ = data(1000, 8)
    inner = trees.left != np.arange(trees.left.shape[1])
    asked = np.unique(trees.feature[inner])
    total = np.abs(trees.shares(rows)).sum(axis=0)
    assert (np.delete(total, asked) == 0).all()
    assert set(np.argsort(-total)[:4].tolist()) == {0, 4, 7, 10}


def test_neighbours_change_nothing(grown: tuple[Trees, Any]) -> None:
    """A row alone, in a batch, and at the edge of a slice gets the same number."""
    trees, _ = grown
    rows, _ = data(1100, 9)
    odds, shares = trees.log_odds(rows), trees.shares(rows)
    for index in (0, 1, 511, 512, 513, 1023, 1024, 1099):
        assert trees.log_odds(rows[index : index + 1])[0] == odds[index]
        assert (trees.shares(rows[index : index + 1])[0] == shares[index]).all()
    assert (trees.log_odds(rows[::-1]) == odds[::-1]).all()


def test_few_trees_and_no_rows(grown: tuple[Trees, Any]) -> None:
    """An ensemble smaller than the first look works too, and no rows give no numbers."""
    trees, _ = grown
    parts = {name: getattr(trees, name)[:5] for name in ("feature", "threshold", "left", "right", "value")}
    few = dataclasses.replace(trees, **parts)
    rows, _ = data(200, 10)
    odds = few.log_odds(rows)
    base = (few.base + int(few.value[:, 0].sum(dtype=np.int64))) * UNIT
    walked = np.isfinite(odds)
    assert (few.shares(rows).sum(axis=1) + base == odds)[walked].all()
    assert len(trees.log_odds(rows[:0])) == len(trees.shares(rows[:0])) == len(trees.glance(rows[:0])) == 0


def test_growing_again_gives_the_same(grown: tuple[Trees, Any]) -> None:
    """The same rows and seed grow the same trees, bit for bit."""
    rows, label = data(600, 11)
    weight = np.ones(len(rows), np.float32)
    one, other = (grow(rows, label, weight, 3, 4, LEAVES) for _ in range(2))
    assert one.keys() == other.keys()
    assert all(np.array_equal(one[key], other[key]) for key in one)


def test_more_weight_of_words_never_speaks_against(grown: tuple[Trees, Any]) -> None:
    """Some features may only speak for an injection, whatever the examples: words, and standing naked."""
    trees, _ = grown
    rows, _ = data(300, 12)
    for name in ("words_sum", "words_mean", "words_peak", "naked"):
        more = rows.copy()
        more[:, NAMES.index(name)] += 1
        assert (trees.log_odds(more) >= trees.log_odds(rows)).all(), name


def test_probabilities() -> None:
    """They rise with the log-odds, lie between 0 and 1, and have five digits."""
    odds = np.array([-np.inf, -800.0, -1.0, 0.0, 1.0, 800.0])
    with np.errstate(over="ignore"):
        found = probability(odds, 1.0, 0.0)
    assert found.tolist() == [0.0, 0.0, 0.26894, 0.5, 0.73106, 1.0]
