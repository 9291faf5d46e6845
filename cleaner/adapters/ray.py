"""Ray Data: a class for ``Dataset.map_batches``; every actor opens the model once.

>>> dataset.map_batches(CleanBatch, batch_format="pyarrow", concurrency=8)  # doctest: +SKIP
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cleaner.adapters._arrow import clean_columns
from cleaner.adapters._values import ColumnCleaner

if TYPE_CHECKING:
    import pyarrow


class CleanBatch(ColumnCleaner):
    """Cleans the column of texts in Arrow batches; all other columns are passed on as they are.

    Use ``batch_format="pyarrow"``, and ``fn_constructor_kwargs`` for the settings. ``record_column`` adds a
    column of records: spans, edits, status and reasons. The others are those of :class:`cleaner.Config`.
    """

    def __call__(self, batch: pyarrow.Table) -> pyarrow.Table:
        """Return the batch with its texts cleaned."""
        return clean_columns(self.cleaner, batch, self.column, self.record_column, "ray")


__all__ = ["CleanBatch"]
