"""What a run may have cost: the model card's measured harm on clean text, applied to the size of the run."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from cleaner import resources


def expected_harm(totals: dict[str, Any], model: Path | None) -> dict[str, Any] | None:
    """Return the harm to expect of a run, or ``None`` when the model or its card is not at hand.

    The card's curve was measured on clean text that the model was not trained on. The entry at or just below
    the run's threshold counts, so that the expectation errs on the side of more harm. ``upper`` figures are
    those of an exact one-sided 95 % bound.
    """
    try:
        with resources.model_folder(model) as folder:
            manifest = (folder / "manifest.json").read_bytes()
        card = json.loads(manifest)
        name = f"{card['name']}@{hashlib.sha256(manifest).hexdigest()[:12]}"
        threshold = totals.get("threshold")
        if name != totals.get("model") or not isinstance(threshold, (int, float)):
            return None
        rows = [row for row in card["settings"]["curve"] if row["threshold"] <= threshold + 1e-9]
        row = max(rows, key=lambda one: float(one["threshold"]))
        share = row["touched"] / row["documents"]
        documents, characters = totals["documents"], totals["characters"]
        return {
            "threshold": threshold,
            "measured_at": row["threshold"],
            "clean_documents": row["documents"],
            "clean_touched": row["touched"],
            "harmed_ppm": row["harmed_ppm"],
            "harmed_upper_95": row["harmed_upper_95"],
            "touched_upper_95": row["touched_upper_95"],
            "expected_characters": round(characters * row["harmed_ppm"] / 1e6, 1),
            "upper_characters": round(characters * row["harmed_upper_95"] / 1e6, 1),
            "expected_documents": round(documents * share, 1),
            "upper_documents": round(documents * row["touched_upper_95"], 1),
        }
    except (OSError, ValueError, KeyError, TypeError, ZeroDivisionError):
        return None  # a report without this figure is better than none
