"""Hugging Face datasets: a function for ``Dataset.map`` and ``IterableDataset.map``.

>>> dataset.map(CleanBatch("text"), batched=True, num_proc=2)  # doctest: +SKIP
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cleaner import InputError
from cleaner.adapters._values import ColumnCleaner, outcomes, record


class CleanBatch(ColumnCleaner):
    """Cleans the column of texts in a batch (a mapping of columns to lists); other columns are not returned.

    ``record_column`` adds a column of records: spans, edits, status and reasons. The settings are those of
    :class:`cleaner.Config`. Works in other processes, and changes the fingerprint of a cached result when
    the settings or the model change.
    """

    def __call__(self, batch: Mapping[str, Sequence[Any]]) -> dict[str, list[Any]]:
        """Return the cleaned column, and the records if they were asked for."""
        if self.column not in batch:
            raise InputError(f"no column {self.column!r} among {list(batch)}")
        values = list(batch[self.column])
        found = outcomes(self.cleaner, values)
        cleaned = [value if item is None else item.text for value, item in zip(values, found, strict=True)]
        columns: dict[str, list[Any]] = {self.column: cleaned}
        if self.record_column is not None:
            columns[self.record_column] = [None if item is None else record(item) for item in found]
        return columns


__all__ = ["CleanBatch"]
