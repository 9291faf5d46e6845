"""Polars: expressions for eager and lazy frames.

>>> frame.with_columns(clean("text"), records("text").alias("cleaner"))  # doctest: +SKIP
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cleaner import Cleaner
from cleaner.adapters._values import need, outcomes, record

if TYPE_CHECKING:
    import polars


def clean(texts: str | polars.Expr, cleaner: Cleaner | None = None) -> polars.Expr:
    """Return an expression for the texts of a column, cleaned; nulls stay nulls.

    Works in ``select``, ``with_columns`` and lazy queries, streamed or not. For a bare Series use
    ``polars.select(clean(polars.lit(series))).to_series()``.
    """
    frames = need("polars", "polars")
    opened = cleaner or Cleaner()

    def run(series: Any) -> Any:
        found = outcomes(opened, series.to_list())
        if not any(cleaning is not None and cleaning.changed for cleaning in found):
            return series
        cleaned = [None if cleaning is None else cleaning.text for cleaning in found]
        return frames.Series(series.name, cleaned, dtype=frames.String)

    return _column(frames, texts).map_batches(run, return_dtype=frames.String, is_elementwise=True)


def records(texts: str | polars.Expr, cleaner: Cleaner | None = None) -> polars.Expr:
    """Return an expression for structs with what was found: spans, edits, status, reason, language, model."""
    frames = need("polars", "polars")
    opened = cleaner or Cleaner()
    kind = record_type()

    def run(series: Any) -> Any:
        found = outcomes(opened, series.to_list())
        values = [None if cleaning is None else record(cleaning) for cleaning in found]
        return frames.Series(series.name, values, dtype=kind)

    return _column(frames, texts).map_batches(run, return_dtype=kind, is_elementwise=True)


def record_type() -> polars.Struct:
    """Return the type of a record."""
    frames = need("polars", "polars")
    text, number, whole = frames.String, frames.Float64, frames.Int64
    evidence = frames.Struct({"name": text, "weight": number, "detail": text})
    span = {"start": whole, "end": whole, "label": text, "score": number, "action": text}
    edit = frames.Struct({"start": whole, "removed": text, "inserted": text})
    kind: polars.Struct = frames.Struct(
        {
            "spans": frames.List(frames.Struct({**span, "evidence": frames.List(evidence)})),
            "edits": frames.List(edit),
            **dict.fromkeys(("status", "reason", "language", "model"), text),
        }
    )
    return kind


def _column(frames: Any, texts: Any) -> Any:
    return frames.col(texts) if isinstance(texts, str) else texts


__all__ = ["clean", "record_type", "records"]
