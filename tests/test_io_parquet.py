"""Parquet: the text column changes, nothing else."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from cleaner.errors import InputError
from cleaner.io.outputs import join_parts, make_writer
from cleaner.io.readers import Source, open_source
from cleaner.io.records import WHOLE, Chunk, Document, Fields, Reading, Record, Unit
from cleaner.types import Cleaning, Edit
from tests.records import Held

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")


AS_USUAL = Reading()


def chunks(path: Path, reading: Reading = AS_USUAL, unit: Unit = WHOLE) -> list[Chunk]:
    """Return the chunks of a file."""
    with open_source(Source(path, path.name, Path(path.name)), reading) as opened:
        assert opened.format == "parquet"
        return list(opened.chunks(unit))


def records(path: Path, reading: Reading = AS_USUAL) -> list[Record]:
    """Return the records of a file."""
    return [record for chunk in chunks(path, reading) for record in chunk.records]


def cleaning(text: str) -> Cleaning:
    """Return the outcome that cuts the word spam where it leads."""
    edits = (Edit(0, "spam "),) if text.startswith("spam ") else ()
    return Cleaning(text[5:] if edits else text, (), edits, "changed" if edits else "clean", "", "en", "test")


def written(found: Sequence[Chunk]) -> bytes:
    """Return the file with the chunks, cleaned."""
    sink = Held()
    writer = make_writer("parquet", sink, "parquet")
    for chunk in found:
        cleanings = [cleaning(item.text) if isinstance(item, Document) else None for item in chunk.records]
        assert writer.write(chunk, cleanings) == []
    writer.close()
    return sink.data


def table(texts: Sequence[str | None], kind: Any) -> Any:
    """Return a table with a column of texts among others."""
    rows = len(texts)
    text = pa.array(texts)
    text = text.dictionary_encode().cast(kind) if pa.types.is_dictionary(kind) else text.cast(kind)
    columns = {
        "id": [f"d{number}" for number in range(rows)],
        "text": text,
        "when": pa.array(range(rows), pa.timestamp("us", "UTC")),
        "links": [[str(number)] * (number % 3) for number in range(rows)],
        "meta": [{"lang": "en", "score": number / 3} if number % 4 else None for number in range(rows)],
    }
    fields = pa.table(columns).schema
    fields = fields.set(0, fields.field(0).with_metadata({"of": "the id"})).with_metadata({"origin": "a test"})
    return pa.table(columns, schema=fields)


KINDS = [pa.string(), pa.large_string(), pa.string_view(), pa.dictionary(pa.int32(), pa.string())]


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_only_the_text_changes(kind: Any, tmp_path: Path) -> None:
    """Types, nulls, order, metadata, packing and row groups are those of the input."""
    texts = ["spam one", "two", None, "", "spam 上海 \U0001f600"] * 700
    before = table(texts, kind)
    pq.write_table(before, tmp_path / "a.parquet", row_group_size=1500, compression={"text": "zstd", "id": "gzip"})
    (tmp_path / "b.parquet").write_bytes(written(chunks(tmp_path / "a.parquet")))
    after = pq.read_table(tmp_path / "b.parquet")
    expected = table([text and text.removeprefix("spam ") for text in texts], kind)
    assert after.schema.equals(pq.read_schema(tmp_path / "a.parquet"), check_metadata=True)
    assert b"origin" in after.schema.metadata and after.schema.field("id").metadata == {b"of": b"the id"}
    assert after.column("text").to_pylist() == expected.column("text").to_pylist()
    assert after.drop(["text"]).equals(pq.read_table(tmp_path / "a.parquet").drop(["text"]))
    old, new = (pq.ParquetFile(tmp_path / name).metadata for name in ("a.parquet", "b.parquet"))
    assert [new.row_group(n).num_rows for n in range(new.num_row_groups)] == [1500, 1500, 500]
    for number in range(old.row_group(0).num_columns):
        one, other = old.row_group(0).column(number), new.row_group(0).column(number)
        assert (one.compression, one.encodings) == (other.compression, other.encodings)


def test_rows_are_numbered_and_nulls_pass(tmp_path: Path) -> None:
    """Numbers go through the file; a null is no document and no fault."""
    pq.write_table(table(["a", None, "c"], pa.string()), tmp_path / "a.parquet", row_group_size=2)
    found = records(tmp_path / "a.parquet")
    assert [(item.number, item.place, item.problem) for item in found] == [
        (1, "a.parquet:1", ""), (2, "a.parquet:2", ""), (3, "a.parquet:3", "")
    ]  # fmt: skip
    assert [item.id for item in found if isinstance(item, Document)] == ["d0", "d2"]


def test_a_text_inside_a_struct(tmp_path: Path) -> None:
    """Such a column is named with a dot; rows without the struct stay without it."""
    rows = [{"page": {"body": "spam x", "n": 1}}, {"page": None}, {"page": {"body": "y", "n": 2}}]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "a.parquet")
    reading = Reading(fields=Fields("page.body"))
    result = pq.read_table(io.BytesIO(written(chunks(tmp_path / "a.parquet", reading))))
    assert result.to_pylist() == [{"page": {"body": "x", "n": 1}}, {"page": None}, {"page": {"body": "y", "n": 2}}]
    first = records(tmp_path / "a.parquet", reading)[0]
    assert isinstance(first, Document) and first.row("x") == {"page": {"body": "x", "n": 1}}


def test_parts_are_the_file(tmp_path: Path) -> None:
    """Written in parts by row groups and joined, the file is the one that was written at once."""
    pq.write_table(table(["spam a", "b"] * 50, pa.string()), tmp_path / "a.parquet", row_group_size=15)
    path = tmp_path / "a.parquet"
    with open_source(Source(path, "a", Path("a")), Reading()) as opened:
        units = list(opened.units(1))
    assert [(unit.start, unit.end, unit.number) for unit in units] == [(n, n + 1, 15 * n + 1) for n in range(7)]
    parts = []
    for number, unit in enumerate(units):
        parts.append(tmp_path / str(number))
        parts[-1].write_bytes(written(chunks(path, unit=unit)))
    sink = Held()
    join_parts("parquet", parts, sink)
    whole = written(chunks(path))
    assert pq.read_table(io.BytesIO(sink.data)).equals(pq.read_table(io.BytesIO(whole)))
    assert sink.data == whole


def test_skipped_rows_are_left_out(tmp_path: Path) -> None:
    """Rows can be taken out of a chunk."""
    pq.write_table(table(["a", "b", "c"], pa.string()), tmp_path / "a.parquet")
    (chunk,) = chunks(tmp_path / "a.parquet")
    kept = written([chunk.keep([True, False, True])])
    assert pq.read_table(io.BytesIO(kept)).column("text").to_pylist() == ["a", "c"]


def test_a_file_without_rows_stays_one(tmp_path: Path) -> None:
    """The schema is all it has."""
    pq.write_table(table(["a"], pa.string()).slice(1), tmp_path / "a.parquet")
    result = pq.read_table(io.BytesIO(written(chunks(tmp_path / "a.parquet"))))
    assert result.num_rows == 0 and result.schema.names == ["id", "text", "when", "links", "meta"]
    with open_source(Source(tmp_path / "a.parquet", "a", Path("a")), Reading()) as opened:
        assert len(list(opened.units(1))) == 1


def test_texts_that_are_not_utf8_are_bad_records(tmp_path: Path) -> None:
    """One such value costs no other row, and comes back as it was."""
    text = pa.array([b"good", b"\xff\xfe", b"spam x"]).view(pa.string())
    pq.write_table(pa.table({"text": text}), tmp_path / "a.parquet", use_dictionary=False)
    found = records(tmp_path / "a.parquet")
    assert [item.problem for item in found] == ["", "the text is not UTF-8", ""]
    result = pq.read_table(io.BytesIO(written(chunks(tmp_path / "a.parquet"))))
    assert result.column("text").cast(pa.binary()).to_pylist() == [b"good", b"\xff\xfe", b"x"]


@pytest.mark.parametrize(
    ("column", "words"),
    [({"body": ["a"]}, "no column 'text'; its columns are body"), ({"text": [1]}, "column 'text' holds int64")],
)
def test_tables_without_a_text_are_refused(column: dict[str, Any], words: str, tmp_path: Path) -> None:
    """One line that says what is there."""
    pq.write_table(pa.table(column), tmp_path / "a.parquet")
    with pytest.raises(InputError, match=words):
        records(tmp_path / "a.parquet")


def test_damaged_files_are_named(tmp_path: Path) -> None:
    """Cut anywhere, or with noise inside: an error with the file's name, never another one."""
    pq.write_table(table([f"text {n}" for n in range(500)], pa.string()), tmp_path / "a.parquet")
    data = (tmp_path / "a.parquet").read_bytes()
    for offset in range(4, len(data), len(data) // 20):
        for bad in (data[:offset], data[:offset] + b"\xff" * 9 + data[offset + 9 :]):
            (tmp_path / "b.parquet").write_bytes(bad)
            try:
                records(tmp_path / "b.parquet")
            except InputError as error:
                assert str(error).startswith("b.parquet: ")
