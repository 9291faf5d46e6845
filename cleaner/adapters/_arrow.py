"""Arrow columns in and out, for the engines that speak Arrow."""

from __future__ import annotations

from typing import Any

from cleaner import Cleaner, InputError
from cleaner.adapters._values import need, outcomes, record

# The record of an outcome as Arrow has it: what ``cleaner clean --records`` writes, without the text.
_EVIDENCE = (("name", "string"), ("weight", "float64"), ("detail", "string"))
_SPAN = (("start", "int64"), ("end", "int64"), ("label", "string"), ("score", "float64"), ("action", "string"))
_EDIT = (("start", "int64"), ("removed", "string"), ("inserted", "string"))


def record_type(extra: str) -> Any:
    """Return the Arrow type of a record."""
    arrow = need("pyarrow", extra)

    def struct(fields: tuple[tuple[str, str], ...], *more: tuple[str, Any]) -> Any:
        return arrow.struct([*((name, getattr(arrow, kind)()) for name, kind in fields), *more])

    return struct(
        (),
        ("spans", arrow.list_(struct(_SPAN, ("evidence", arrow.list_(struct(_EVIDENCE)))))),
        ("edits", arrow.list_(struct(_EDIT))),
        *((name, arrow.string()) for name in ("status", "reason", "language", "model")),
    )


def clean_columns(cleaner: Cleaner, batch: Any, column: str, record_column: str | None, extra: str) -> Any:
    """Return an Arrow table or record batch with its column of texts cleaned, and maybe a column of records.

    All other columns are passed on as they are, and so is the text column if nothing in it changes.
    """
    arrow = need("pyarrow", extra)
    place = batch.schema.get_field_index(column)
    if place < 0:
        raise InputError(f"no column {column!r} among {batch.schema.names}")
    texts = batch.column(place)
    kind = texts.type.value_type if arrow.types.is_dictionary(texts.type) else texts.type
    if not any(test(kind) for test in _text_tests(arrow)):
        raise InputError(f"column {column!r} holds {texts.type}, not text")
    found = outcomes(cleaner, texts.to_pylist())
    if any(cleaning is not None and cleaning.changed for cleaning in found):
        cleaned = arrow.array([None if cleaning is None else cleaning.text for cleaning in found], kind)
        cleaned = cleaned if kind == texts.type else cleaned.dictionary_encode().cast(texts.type)
        batch = batch.set_column(place, batch.schema.field(place), cleaned)
    if record_column is not None:
        records = [None if cleaning is None else record(cleaning) for cleaning in found]
        batch = batch.append_column(record_column, arrow.array(records, record_type(extra)))
    return batch


def _text_tests(arrow: Any) -> list[Any]:
    names = ("is_string", "is_large_string", "is_string_view")  # the last: pyarrow 16 or later
    return [getattr(arrow.types, name) for name in names if hasattr(arrow.types, name)]
