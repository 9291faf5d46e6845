"""The model card: what a model was made from, what it can do and what not, in one Markdown page."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def write_card(output: Path, manifest: dict[str, Any]) -> None:
    """Write ``README.md`` beside the model's files."""
    training, settings = manifest["training"], manifest["settings"]
    versions = ", ".join(f"{name} {version}" for name, version in training["versions"].items())
    rows = "\n".join(
        f"| {row['threshold']} | {row['harmed_ppm']} | {row['harmed_upper_95']} "
        f"| {row['touched']} of {row['documents']} "
        f"| {row['touched_upper_95']:.4%} | {row['hard_harmed_ppm']} | {row['precision']:.3f} | {row['recall']:.3f} |"
        for row in settings["curve"]
    )
    text = _TEXT.format(
        name=manifest["name"], seed=training["seed"], phrases=training["phrases"], versions=versions,
        threshold=settings["threshold"], review=settings["review"], rows=rows,
        families=", ".join(settings["families"]),
    )  # fmt: skip
    notes = output.parent / "notes.md"
    if notes.exists():
        text += "\n" + notes.read_text("utf-8")
    (output / "README.md").write_text(text, "utf-8")


_TEXT = """# Model card: {name}

Finds injected promotional text in news text. Two stages: n-gram weights on every character, and trees over
named features of the candidates. Data only: `.npy` arrays and one JSON file, checked by size and SHA-256.

- Trained with `cleaner train SOURCES` (seed {seed}; {versions}; {phrases} phrases). The same versions,
  corpus and sources give the same bytes.
- Families it names: {families}. The name of a family is a guess for the reader; no decision depends on it.
- Spans from probability {threshold} on are removed, those from {review} on are reported for review.

## Thresholds

Measured on documents of sites and campaigns that nothing was learnt from (generated infections, so the
recall is that of generated infections; figures on real pages are in the README of the project).
`--max-harm` takes the lowest threshold whose upper bound of the characters harmed stays within the budget.
Ppm are characters per million. "Hard" are clean documents with legitimate mentions, quotations and foreign
names put into them, and those of the corpus that were written to look like trouble.

| threshold | harmed ppm | at most (95 %) | documents touched | at most (95 %) | hard: harmed ppm | precision | recall |
|---:|---:|---:|---:|---:|---:|---:|---:|
{rows}
"""
