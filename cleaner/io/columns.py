"""Arrow columns of text: finding them, reading them, replacing some values. Needs pyarrow, imported when used."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

from cleaner.errors import InputError, MissingExtra

Path = tuple[str, ...]


def arrow(name: str = "pyarrow") -> Any:
    """Return a module of pyarrow; raises :class:`MissingExtra` when it is not installed."""
    try:
        return importlib.import_module(name)
    except ImportError:
        raise MissingExtra("Parquet needs the package pyarrow: pip install 'cleaner[parquet]'") from None


def text_path(schema: Any, field: str, name: str) -> Path:
    """Return the names that lead to the text: one column, or ``a.b`` for the member of a struct."""
    types = arrow("pyarrow.types")
    path = (field,) if field in schema.names else tuple(field.split("."))
    kind: Any = None
    for depth, step in enumerate(path):
        names = schema.names if not depth else [kind.field(n).name for n in range(kind.num_fields)]
        if step not in names:
            raise InputError(f"{name}: no column {field!r}; its columns are {', '.join(schema.names)[:200]}")
        kind = schema.field(step).type if not depth else kind.field(step).type
    if types.is_dictionary(kind):
        kind = kind.value_type
    if not (types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind)):
        raise InputError(f"{name}: column {field!r} holds {kind}, not text")
    return path


def texts_of(batch: Any, path: Path) -> list[str | bytes | None]:
    """Return the texts of a batch; a value that is not UTF-8 comes as bytes."""
    column = batch.column(path[0])
    for step in path[1:]:
        column = arrow("pyarrow.compute").struct_field(column, step)
    if arrow("pyarrow.types").is_dictionary(column.type):
        column = column.dictionary_decode()
    try:
        texts: list[str | bytes | None] = column.to_pylist()
    except UnicodeDecodeError:  # some writers do not look at what they call a string
        texts = [_decoded(data) for data in column.cast(arrow().large_binary()).to_pylist()]
    return texts


def _decoded(data: bytes | None) -> str | bytes | None:
    try:
        return data if data is None else data.decode("utf-8")
    except UnicodeDecodeError:
        return data


def with_texts(batch: Any, path: Path, changed: Mapping[int, str]) -> Any:
    """Return the batch with the texts of some rows replaced; types, nulls and all else stay."""
    index = batch.schema.names.index(path[0])
    columns = list(batch.columns)
    columns[index] = _with_texts(columns[index], path[1:], changed)
    return arrow().RecordBatch.from_arrays(columns, schema=batch.schema)


def _with_texts(column: Any, path: Path, changed: Mapping[int, str]) -> Any:
    pa = arrow()
    if path:
        kind = column.type
        place = kind.get_field_index(path[0])
        parts = [column.field(number) for number in range(kind.num_fields)]
        parts[place] = _with_texts(parts[place], path[1:], changed)
        fields = [kind.field(number) for number in range(kind.num_fields)]
        return pa.StructArray.from_arrays(parts, fields=fields, mask=column.is_null())
    mask = pa.array([number in changed for number in range(len(column))])
    packed = pa.types.is_dictionary(column.type)
    plain = column.dictionary_decode() if packed else column
    if pa.types.is_string_view(plain.type):  # no kernel replaces in these
        plain = plain.cast(pa.large_string())
    texts = pa.array([changed[number] for number in sorted(changed)], plain.type)
    replaced = arrow("pyarrow.compute").replace_with_mask(plain, mask, texts)
    return (replaced.dictionary_encode() if packed else replaced).cast(column.type)
