"""The end of training: calibrate on the side that nothing was learnt from, choose the threshold, write."""

from __future__ import annotations

import hashlib
import importlib.metadata
import io
import json
import math
import platform
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from cleaner.columns import NAMES
from cleaner.config import Config
from cleaner.detect import Detector
from cleaner.model import FORMAT, load
from cleaner.pipeline import Cleaner
from cleaner.scout import NAMES as SCOUT_NAMES
from cleaner.training.card import write_card
from cleaner.training.fit_judge import Examples
from cleaner.training.fit_scout import least
from cleaner.training.synthesize import Case, untouched

HOT_ODDS: Final = 0.8  # log-odds of a window from which it opens a core
_FLOOR: Final = 0.1  # probability below which a candidate is not kept
_REVIEW: Final = 0.5  # probability from which a span is shown to a person
_HARM: Final = 10.0  # characters per million of clean text that the default threshold may take
_CUT: Final = 15.0  # characters of an ordinary cut
_HARM_HARD: Final = 800.0  # the same of pages made to look like trouble; a crawl has few of them
_STEPS: Final = (0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.925, 0.95, 0.965, 0.98, 0.99, 0.995, 0.998)


@dataclass(frozen=True, slots=True)
class Tables:
    """What is learnt without candidates. ``weights`` come with the log-odds of one step."""

    classes: npt.NDArray[np.uint8]
    fold: npt.NDArray[np.uint32]
    languages: tuple[list[str], list[int], npt.NDArray[np.int8]]
    openings: npt.NDArray[np.int8]
    weights: tuple[npt.NDArray[np.int8], float]


@dataclass(frozen=True, slots=True)
class Bundle:
    """All that was learnt."""

    tables: Tables
    families: list[str]
    family_weights: npt.NDArray[np.int8]
    trees: dict[str, dict[str, Any]]


def finish(
    bundle: Bundle, side: Any, output: Path, phrases: int, seed: int, progress: Callable[[str, int, int], None]
) -> dict[str, Any]:
    """Calibrate, choose the threshold, write the model folder; return its figures."""
    progress("calibration", 0, 3)
    settings = _settings(bundle)
    final, output = output, output.with_name(output.name + ".new")
    if output.exists():
        shutil.rmtree(output)
    _write(bundle, settings, {}, output)
    infected = [side.maker.infected() for _ in range(3000)]
    # The corpus' own hosts are there several times; here each document counts once.
    clean = [untouched(host) for host in {host.text: host for host in side.hosts}.values()]
    hard = [side.maker.legitimate() for _ in range(1500)] + [side.maker.glossed() for _ in range(1500)]
    hard += [untouched(host) for host in side.negatives]
    progress("calibration", 1, 3)
    settings["slope"], settings["intercept"] = _platt(output, infected, clean, hard, seed)
    _write(bundle, settings, {}, output)
    settings["scout_least"] = least(load(output), infected)
    _write(bundle, settings, {}, output)
    progress("calibration", 2, 3)
    curve = _curve(output, infected, clean, hard)
    settings["threshold"] = _threshold(curve)
    settings["curve"] = curve
    figures = {"phrases": phrases, "seed": seed, "threshold": settings["threshold"], "curve": curve}
    training = {"versions": versions(), "seed": seed, "phrases": phrases}
    write_card(output, _write(bundle, settings, training, output, final.name))
    _exchange(output, final)
    progress("calibration", 3, 3)
    return figures


def versions() -> dict[str, str]:
    """Return the versions on which the bytes of a model depend."""
    names = ("numpy", "scipy", "scikit-learn", "regex", "langdetect")
    return {"python": platform.python_version()} | {name: importlib.metadata.version(name) for name in names}


def upper_bound(count: int, trials: int, confidence: float = 0.95) -> float:
    """Return the exact (Clopper-Pearson) upper bound of a share, given ``count`` of ``trials``."""
    from scipy.stats import beta

    if count >= trials:
        return 1.0
    return float(beta.ppf(confidence, count + 1, trials - count))


def _platt(
    output: Path, infected: Sequence[Case], clean: Sequence[Case], hard: Sequence[Case], seed: int
) -> tuple[float, float]:
    from sklearn.linear_model import LogisticRegression

    model = load(output)
    examples = Examples(seed)
    for cases in (infected, clean, hard):
        examples.add(Detector(model), cases)
    rows, pure, _, weight = examples.arrays()
    odds = model.pure.log_odds(rows)
    known = np.isfinite(odds)
    learner = LogisticRegression(C=1e6).fit(odds[known, None], pure[known], sample_weight=weight[known])
    return float(np.round(learner.coef_[0, 0], 4)), float(np.round(learner.intercept_[0], 4))


def _curve(
    output: Path, infected: Sequence[Case], clean: Sequence[Case], hard: Sequence[Case]
) -> list[dict[str, float]]:
    """Return harm and yield at every step of the threshold, all on the side that nothing was learnt from."""
    from joblib import Parallel, delayed

    return list(Parallel(n_jobs=2)(delayed(_at_step)(step, output, infected, clean, hard) for step in _STEPS))


def _at_step(
    step: float, output: Path, infected: Sequence[Case], clean: Sequence[Case], hard: Sequence[Case]
) -> dict[str, float]:
    cleaner = Cleaner(Config(threshold=step, review=step), model=output)
    harmed, touched, size = _harm(cleaner, clean)
    hard_harmed, hard_touched, hard_size = _harm(cleaner, hard)
    found, wrong, gold = _yield(cleaner, infected)
    return {
        "threshold": step,
        "harmed_ppm": round(harmed / size * 1e6, 2),
        "harmed_upper_95": _harm_bound(harmed, touched, size, len(clean)),
        "touched": touched, "documents": len(clean),
        "touched_upper_95": round(upper_bound(touched, len(clean)), 6),
        "hard_harmed_ppm": round(hard_harmed / hard_size * 1e6, 1),
        "hard_touched": hard_touched, "hard_documents": len(hard),
        "precision": round(found / max(found + wrong, 1), 4), "recall": round(found / max(gold, 1), 4),
    }  # fmt: skip


def _harm_bound(harmed: int, touched: int, size: int, documents: int) -> float:
    """Return the upper bound of the characters harmed per million: of the share of documents touched, times a cut.

    The share's bound is exact (Clopper-Pearson); a document that is touched loses what one lost on average, and no
    less than ``_CUT`` characters.
    """
    loss = max(harmed / max(touched, 1), _CUT)
    return round(upper_bound(touched, documents) * loss * documents / size * 1e6, 2)


def _harm(cleaner: Cleaner, cases: Sequence[Case]) -> tuple[int, int, int]:
    harmed = touched = size = 0
    for case, result in zip(cases, cleaner.clean_many(case.text for case in cases), strict=True):
        lost = sum(len(edit.removed) for edit in result.edits)
        harmed, touched, size = harmed + lost, touched + bool(lost), size + len(case.text)
    return harmed, touched, size


def _yield(cleaner: Cleaner, cases: Sequence[Case]) -> tuple[int, int, int]:
    found = wrong = gold = 0
    for case, result in zip(cases, cleaner.clean_many(case.text for case in cases), strict=True):
        mine = {place for span in result.spans if span.action == "remove" for place in range(span.start, span.end)}
        true = {place for start, end in case.spans for place in range(start, end)}
        found, wrong, gold = found + len(mine & true), wrong + len(mine - true), gold + len(true)
    return found, wrong, gold


def _threshold(curve: Sequence[dict[str, float]]) -> float:
    for row in curve:
        if row["harmed_ppm"] <= _HARM and row["hard_harmed_ppm"] <= _HARM_HARD:
            return float(row["threshold"])
    return float(curve[-1]["threshold"])


def _settings(bundle: Bundle) -> dict[str, Any]:
    scale = bundle.tables.weights[1]
    languages, scripts, *_ = bundle.tables.languages
    return {
        "features": list(NAMES), "languages": languages, "language_scripts": scripts,
        "families": bundle.families, "scale": scale, "hot": math.ceil(HOT_ODDS / scale), "floor": _FLOOR,
        "scout_features": list(SCOUT_NAMES), "scout_least": 0.0,
        "threshold": 0.9, "curve": [], "review": _REVIEW, "slope": 1.0, "intercept": 0.0,
        **{f"{kind}_{key}": bundle.trees[kind][key] for kind in bundle.trees for key in ("base", "depth")},
    }  # fmt: skip


def _exchange(new: Path, final: Path) -> None:
    """Put a finished folder in the place of the old one, so that no reader meets half a model."""
    old = final.with_name(final.name + ".old")
    if final.exists():
        final.rename(old)
    new.rename(final)
    if old.exists():
        shutil.rmtree(old)


def _write(
    bundle: Bundle, settings: dict[str, Any], training: dict[str, Any], output: Path, name: str = "unfinished"
) -> dict[str, Any]:
    output.mkdir(parents=True, exist_ok=True)
    arrays: dict[str, npt.NDArray[Any]] = {
        "classes": bundle.tables.classes, "fold": bundle.tables.fold, "weights": bundle.tables.weights[0],
        "languages": bundle.tables.languages[2], "openings": bundle.tables.openings, "families": bundle.family_weights,
    }  # fmt: skip
    for kind, trees in bundle.trees.items():
        arrays |= {f"{kind}_{part}": trees[part] for part in ("feature", "threshold", "left", "right", "value")}
    files: dict[str, Any] = {}
    for array_name, array in arrays.items():
        buffer = io.BytesIO()
        np.save(buffer, array, allow_pickle=False)
        data = buffer.getvalue()
        (output / f"{array_name}.npy").write_bytes(data)
        files[f"{array_name}.npy"] = {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    manifest = {"format": FORMAT, "name": name, "files": files, "settings": settings, "training": training}
    (output / "manifest.json").write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n", "utf-8")
    return manifest
