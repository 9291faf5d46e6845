"""The quality gate of the golden cases, and that it closes when it should."""

from __future__ import annotations

import copy
import json
import os
from pathlib import Path

import pytest

from cleaner import Cleaner
from cleaner.cases import Case, read_cases
from tests import quality
from tests.quality import CASES, COMMAND, EPSILON, FILES, Measured

KNOWN_FAILURES = list(read_cases(CASES / "known_failures.jsonl"))


@pytest.fixture(scope="module")
def measured(engine: Cleaner) -> Measured:
    """Give the figures of the shipped model."""
    return quality.measure(engine)


def test_no_figure_fell(measured: Measured) -> None:
    """Every figure on the golden cases is at its floor or better."""
    floors = quality.read_floors()
    assert set(floors) == set(FILES)
    fallen = quality.falls(floors, measured)
    assert not fallen, "; ".join(fallen)


def test_the_cases_are_those_of_the_floors(measured: Measured) -> None:
    """A floor says something about the very cases it was measured on."""
    assert not quality.changed(quality.read_floors(), measured), f"the cases changed: {COMMAND}"


@pytest.mark.parametrize("case", [pytest.param(case, id=case.id) for case in KNOWN_FAILURES])
@pytest.mark.xfail(strict=True, reason="known failure; one that passes belongs into another file")
def test_known_failures(engine: Cleaner, case: Case) -> None:
    """What is listed as wrong is still wrong."""
    assert engine.clean(case.text).text == case.cleaned


def test_every_case_has_a_name_of_its_own() -> None:
    """A report names a case by its id, so no two share one, not even in two files."""
    names = [case.id for name in (*FILES, "known_failures") for case in read_cases(CASES / f"{name}.jsonl")]
    assert len(names) == len(set(names))


def test_every_case_is_told_once() -> None:
    """A text that stood twice would count twice; negative cases hold no injection, the others do."""
    cases = {name: list(read_cases(CASES / f"{name}.jsonl")) for name in FILES}
    texts = [case.text for some in cases.values() for case in some]
    assert len(texts) == len(set(texts))
    assert not any(case.spans or case.cleaned != case.text for case in cases["negative"])
    assert all(case.spans for name in ("in_the_wild", "synthetic") for case in cases[name])


def worse(measured: Measured, name: str, figure: str, by: float) -> Measured:
    """Return floors that are higher (lower where less is better) than what was measured."""
    floors = copy.deepcopy(measured)
    floors[name]["figures"][figure] += by if figure in quality.RISING else -by
    return floors


@pytest.mark.parametrize("figure", [*quality.RISING, *quality.FALLING])
def test_the_gate_closes_for_every_figure(measured: Measured, figure: str) -> None:
    """A figure that is worse than its floor by more than the epsilon is named; a better one is not."""
    name = "negative" if figure in ("touched", "harmed") else "synthetic"
    (line,) = quality.falls(worse(measured, name, figure, 1.0), measured)
    assert line.startswith(f"{name}: {figure} was ")
    assert quality.falls(measured, measured) == []
    assert quality.falls(worse(measured, name, figure, -1.0), measured) == []


def test_the_gate_forgives_one_span_and_no_touched_page(measured: Measured) -> None:
    """The epsilon is for shares only: a clean document more is a fall."""
    assert quality.falls(worse(measured, "synthetic", "recall", EPSILON / 2), measured) == []
    assert quality.falls(worse(measured, "synthetic", "recall", EPSILON * 1.1), measured)
    assert quality.falls(worse(measured, "negative", "touched", 1), measured)


def test_an_update_never_lowers_a_floor_unasked(measured: Measured, tmp_path: Path) -> None:
    """A lower figure leaves the file as it is, byte for byte, unless the regression is allowed."""
    path = tmp_path / "floor.json"
    high = worse(measured, "in_the_wild", "f1", 0.2)
    assert quality.update(high, "test", path) == []
    before = path.read_bytes()
    assert quality.update(measured, "test", path) == quality.falls(high, measured) != []
    assert path.read_bytes() == before
    assert quality.update(measured, "test", path, allow_regression=True) == []
    assert quality.read_floors(path) == measured
    assert list(tmp_path.iterdir()) == [path]


def test_small_steps_lead_nowhere(measured: Measured, tmp_path: Path) -> None:
    """A figure within the epsilon below its floor passes, and an update leaves the floor where it was."""
    path = tmp_path / "floor.json"
    high = worse(measured, "synthetic", "recall", EPSILON / 2)
    quality.update(high, "test", path)
    assert quality.update(measured, "test", path) == []
    assert quality.read_floors(path) == high


def test_an_update_pins_the_cases(measured: Measured, tmp_path: Path) -> None:
    """New cases need an update, and the update makes them the pinned ones."""
    path = tmp_path / "floor.json"
    old = copy.deepcopy(measured)
    old["negative"]["sha256"] = "0" * 64
    quality.update(old, "test", path)
    assert quality.changed(quality.read_floors(path), measured) == ["negative"]
    quality.update(measured, "test", path)
    assert quality.changed(quality.read_floors(path), measured) == []


def test_a_write_that_fails_leaves_the_old_floors(
    measured: Measured, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk in the middle of the update loses nothing."""
    path = tmp_path / "floor.json"
    quality.update(measured, "old", path)

    def broken(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", broken)
    with pytest.raises(OSError, match="No space"):
        quality.update(measured, "new", path)
    assert json.loads(path.read_text("utf-8"))["model"] == "old"
    assert list(tmp_path.iterdir()) == [path]
