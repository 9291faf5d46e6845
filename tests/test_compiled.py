"""The compiled loops and their twins in numpy: the same answers, whichever of them runs."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner import Cleaner, compiled
from cleaner.cases import read_cases
from cleaner.detect import Detector, Survey
from cleaner.model import load
from tests.quality import CASES, FILES
from tests.strategies import texts

pytestmark = pytest.mark.skipif(compiled.core is None, reason="the compiled loops were not built here")

# What a language has beyond letters: marks in every place that some shape asks about.
_SHAPES = st.text("aAbBzZ  .,!?\n-•12一文かな한ไΔбЖ(«»)”：|/\u200b\U0001f525【】", max_size=300)


@pytest.fixture(scope="module")
def detector(shipped: Path) -> Detector:
    """Give the shipped model's detector."""
    return Detector(load(shipped))


def golden(name: str) -> list[str]:
    """Return the texts of a file of golden cases."""
    return [case.text for case in read_cases(CASES / f"{name}.jsonl")]


def both_ways(detector: Detector, pages: Sequence[str]) -> tuple[Survey, Survey]:
    """Return the surveys of pages with the compiled loops and without."""
    with_core = detector.survey(pages)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compiled, "core", None)
        return with_core, detector.survey(pages)


def assert_same(one: Any, other: Any, name: str = "survey") -> None:
    """Compare two values, arrays of them by type and content."""
    if isinstance(one, np.ndarray):
        assert one.dtype == other.dtype, name
        np.testing.assert_array_equal(one, other, name)
    elif dataclasses.is_dataclass(one):
        for field in dataclasses.fields(one):
            assert_same(getattr(one, field.name), getattr(other, field.name), f"{name}.{field.name}")
    else:
        assert one == other, name


@given(pages=st.lists(st.one_of(texts(), _SHAPES), max_size=6))
def test_surveys_are_the_same(detector: Detector, pages: list[str]) -> None:
    """Classes, weights, signs, cores, languages and the scout's answer, on any text."""
    assert_same(*both_ways(detector, pages))


def test_surveys_of_the_golden_cases_are_the_same(detector: Detector) -> None:
    """The same on all golden cases together, which have cores of every gate."""
    found, plain = both_ways(detector, [text for name in FILES for text in golden(name)])
    assert_same(found, plain)
    assert set(found.cores.gate.tolist()) == {1 << bit for bit in range(8)}


@given(seed=st.integers(0, 2**32 - 1), size=st.integers(0, 40))
def test_walks_are_the_same(detector: Detector, seed: int, size: int) -> None:
    """The judges' log-odds of any rows, to the last bit."""
    rng = np.random.default_rng(seed)
    trees = detector.model.pure
    rows = rng.normal(0, 4, (size, int(trees.feature.max()) + 1)).round(1).astype(np.float32)
    found = trees.log_odds(rows)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compiled, "core", None)
        np.testing.assert_array_equal(found, trees.log_odds(rows))


def test_glances_are_the_same(detector: Detector) -> None:
    """What the scout is asked, column by column."""
    found, plain = both_ways(detector, golden("synthetic"))
    rows = detector.glances(found)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compiled, "core", None)
        assert_same(rows, detector.glances(plain))


def test_cleaning_is_the_same(engine: Cleaner) -> None:
    """Text, spans, scores and evidence from end to end."""
    infected = golden("in_the_wild")
    found = list(engine.clean_many(infected))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compiled, "core", None)
        assert found == list(engine.clean_many(infected))


@pytest.mark.parametrize(("value", "loaded"), [("1", "False"), ("0", "True"), ("", "True")])
def test_they_can_be_left_out(root: Path, value: str, loaded: str) -> None:
    """``CLEANER_PURE=1`` does without them."""
    code = "from cleaner import compiled; print(compiled.core is not None)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=root, env={**os.environ, "CLEANER_PURE": value}, capture_output=True,
        text=True, check=True,
    )  # fmt: skip
    assert done.stdout.strip() == loaded


def test_loops_of_other_sources_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """A module that was built before the functions changed is as good as none."""
    monkeypatch.setattr(compiled, "VERSION", compiled.VERSION + 1)
    assert compiled._load() is None
