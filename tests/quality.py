"""The quality gate: figures on the golden cases may rise, never silently fall.

``python tests/quality.py`` prints the figures beside their floors and exits 1 when one fell;
``--update`` writes the figures of today as the new floors, ``--allow-regression`` lower ones too.
``tests/test_quality.py`` runs the same comparison. After trafilatura's evaluation gate.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
from pathlib import Path
from typing import Any, Final

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # the checkout is measured, not an installed release

from cleaner import Cleaner
from cleaner.cases import read_cases
from cleaner.evaluate import Figures, evaluate

TESTS: Final = Path(__file__).resolve().parent
FLOOR: Final = TESTS / "quality_floor.json"
CASES: Final = TESTS / "cases"
FILES: Final = ("in_the_wild", "negative", "synthetic")
COMMAND: Final = "python tests/quality.py --update"

RISING: Final = ("precision", "recall", "f1", "restored")  # shares: the more the better
FALLING: Final = ("touched", "harmed", "harmed_all")  # clean documents touched, characters per million: the fewer
# Sums are whole numbers, the same on every machine; but a feature that is a quotient may differ in its last
# bit between builds of numpy, and tip one span. One span is at most 0.002 of the known characters of a file.
EPSILON: Final = 0.002

Measured = dict[str, dict[str, Any]]


def measure(cleaner: Cleaner, cases: Path = CASES) -> Measured:
    """Return SHA-256, number of cases and figures of every case file."""
    measured: Measured = {}
    for name in FILES:
        path = cases / f"{name}.jsonl"
        overall = evaluate(cleaner, read_cases(path)).overall
        measured[name] = {
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
            "cases": overall.counts.documents,
            "figures": _figures(overall),
        }
    return measured


def _figures(overall: Figures) -> dict[str, float]:
    values = {name: getattr(overall, name) for name in (*RISING, *FALLING)}
    # Where there is nothing to divide by (no clean documents in a file) there is nothing to hold.
    return {name: round(value, 5) for name, value in values.items() if value is not None and _holds(overall, name)}


def _holds(overall: Figures, name: str) -> bool:
    clean_only = not overall.counts.infected
    return not (clean_only and name in RISING)  # without injections a cut of any size makes the precision 0


def falls(floors: Measured, measured: Measured) -> list[str]:
    """Return one line for every figure that is worse than its floor; no lines: the gate is open."""
    found: list[str] = []
    for name, floor in floors.items():
        now = measured[name]["figures"]
        for figure, least in floor["figures"].items():
            value = now.get(figure)
            if value is None or _is_worse(figure, value, least):
                found.append(f"{name}: {figure} was {least}, now {value}")
    return found


def changed(floors: Measured, measured: Measured) -> list[str]:
    """Return the case files that are not those the floors were measured on."""
    return [name for name in FILES if floors.get(name, {}).get("sha256") != measured[name]["sha256"]]


def _is_worse(figure: str, value: float, floor: float) -> bool:
    return value < floor - EPSILON if figure in RISING else value > floor


def _best(floor: dict[str, Any], entry: dict[str, Any]) -> dict[str, float]:
    figures: dict[str, float] = dict(entry["figures"])
    for figure, least in floor.get("figures", {}).items():
        figures[figure] = (max if figure in RISING else min)(least, figures[figure])
    return figures


def read_floors(path: Path = FLOOR) -> Measured:
    """Return the floors; none at all when there is no file yet."""
    if not path.exists():
        return {}
    floors: Measured = json.loads(path.read_text("utf-8"))["floors"]
    return floors


def update(measured: Measured, model: str, path: Path = FLOOR, *, allow_regression: bool = False) -> list[str]:
    """Write the figures as the new floors; return what fell, in which case nothing is written unless allowed.

    A floor within the epsilon above its figure stays where it is, or many small steps would carry it down.
    """
    floors = read_floors(path)
    fallen = falls(floors, measured)
    if fallen and not allow_regression:
        return fallen
    if not allow_regression:
        measured = {name: {**entry, "figures": _best(floors.get(name, {}), entry)} for name, entry in measured.items()}
    text = json.dumps({"command": COMMAND, "model": model, "floors": measured}, indent=1) + "\n"
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with open(beside, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)
    return []


def show(floors: Measured, measured: Measured) -> None:
    """Print figures and floors as a table."""
    for name, entry in measured.items():
        print(f"{name} ({entry['cases']} cases)")
        for figure, value in entry["figures"].items():
            floor = floors.get(name, {}).get("figures", {}).get(figure)
            print(f"  {figure:<11}{value:>12}   floor {'-' if floor is None else floor}")


def main() -> int:
    """Measure, compare or update; return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--update", action="store_true", help="write today's figures as the new floors")
    parser.add_argument("--allow-regression", action="store_true", help="let --update lower a floor")
    options = parser.parse_args()
    cleaner = Cleaner()
    floors, measured = read_floors(), measure(cleaner)
    show(floors, measured)
    if options.update:
        wrong = update(measured, cleaner.model_id, allow_regression=options.allow_regression)
        hint = "nothing was written; --allow-regression lowers floors"
    else:
        wrong = falls(floors, measured) + [f"{name}: the cases changed" for name in changed(floors, measured)]
        hint = f"the gate is closed; if this is meant: {COMMAND}"
    for line in wrong:
        print(line, file=sys.stderr)
    if wrong:
        print(hint, file=sys.stderr)
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
