"""The report on a cleaned folder: what was cut where, and what that may have cost, as one page and as JSON."""

from __future__ import annotations

import json as json_format
from pathlib import Path

from cleaner.batch import audit
from cleaner.io.writers import AtomicFile
from cleaner.report.figures import Figures, collect
from cleaner.report.harm import expected_harm
from cleaner.report.page import render

__all__ = ["read_figures", "write_report"]


def read_figures(out: Path, *, model: Path | None = None) -> Figures:
    """Return all figures of a cleaned folder as plain JSON values.

    ``model`` is the folder of the model that was used, ``None`` the shipped one: its card tells what harm to
    expect. Raises :class:`~cleaner.errors.CleanerError` when the folder has no audit, or a damaged one.
    """
    totals = audit.totals(out)
    figures = collect(audit.read(out), totals)
    figures["harm"] = expected_harm(totals, model)
    return figures


def write_report(
    out: Path, html: Path | None = None, json: Path | None = None, *, title: str = "", model: Path | None = None
) -> None:
    """Write the report on the cleaned folder ``out``: a page, its figures as JSON, or both.

    Each appears under its name only when it is complete. The page is one file that loads nothing.
    """
    figures = read_figures(out, model=model)
    if html is not None:
        _write(html, render(figures, title or out.resolve().name))
    if json is not None:
        _write(json, json_format.dumps(figures, ensure_ascii=True, indent=1) + "\n")


def _write(path: Path, text: str) -> None:
    with AtomicFile(path) as file:
        file.write(text.encode("utf-8", "replace"))
