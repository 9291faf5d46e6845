"""Spark: ``mapInArrow`` for whole frames, a pandas UDF for one column.

>>> frame.mapInArrow(clean_batches("text"), frame.schema)  # doctest: +SKIP
>>> frame.withColumn("text", clean_udf()("text"))  # doctest: +SKIP
"""

from __future__ import annotations

import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cleaner import Cleaner
from cleaner.adapters._arrow import clean_columns, record_type
from cleaner.adapters._values import make_cleaner, need

if TYPE_CHECKING:
    import pyarrow
    from pyspark.sql.types import StructType


class _CleanBatches:
    """A class, not a closure: it travels to the workers as the name of this module and its settings."""

    def __init__(self, cleaner: Cleaner, column: str, record_column: str | None) -> None:
        self.cleaner, self.column, self.record_column = cleaner, column, record_column

    def __call__(self, batches: Iterator[pyarrow.RecordBatch]) -> Iterator[pyarrow.RecordBatch]:
        for batch in batches:
            yield clean_columns(self.cleaner, batch, self.column, self.record_column, "spark")


def clean_batches(
    column: str = "text",
    record_column: str | None = None,
    threshold: float | None = None,
    review: float | None = None,
    model: str | Path | None = None,
) -> Callable[[Iterator[pyarrow.RecordBatch]], Iterator[pyarrow.RecordBatch]]:
    """Return the function for ``DataFrame.mapInArrow``. All other columns are passed on as they are.

    ``record_column`` adds a column of records; :func:`output_schema` gives the schema that goes with it.
    The others are those of :class:`cleaner.Config`; ``model`` has to be a folder that every worker sees.
    """
    return _CleanBatches(make_cleaner(threshold, review, model), column, record_column)


def output_schema(schema: StructType, record_column: str | None = None) -> StructType:
    """Return the schema of a frame after ``clean_batches``: ``schema``, with the column of records if named."""
    if record_column is None:
        return schema
    arrow = need("pyspark.sql.pandas.types", "spark")
    return need("pyspark.sql.types", "spark").StructType(
        [*schema.fields, *arrow.from_arrow_schema(_one_column(record_column)).fields]
    )


def clean_udf(
    threshold: float | None = None, review: float | None = None, model: str | Path | None = None
) -> Callable[..., Any]:
    """Return a pandas UDF from a column of texts to the same texts cleaned; nulls stay nulls."""
    from cleaner.adapters.pandas import clean

    functions = need("pyspark.sql.functions", "spark")
    series = need("pandas", "spark").Series
    cleaner = make_cleaner(threshold, review, model)

    def cleaned(batches: Any) -> Any:
        for texts in batches:
            yield clean(texts, cleaner)

    # Spark reads the kind of the function from its types, which this module knows only here.
    batches = types.GenericAlias(Iterator, (series,))
    cleaned.__annotations__ = {"batches": batches, "return": batches}
    udf: Callable[..., Any] = functions.pandas_udf(cleaned, "string")
    return udf


def _one_column(name: str) -> Any:
    arrow = need("pyarrow", "spark")
    return arrow.schema([arrow.field(name, record_type("spark"))])


__all__ = ["clean_batches", "clean_udf", "output_schema"]
