"""From one format to another: no value lost on the way, none bent to fit."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from cleaner.io.outputs import OUTPUTS, default_output, infer_layout, join_parts, make_writer, output_name
from cleaner.io.readers import Source, open_source
from cleaner.io.records import Document, Reading, Record
from cleaner.types import Cleaning, Edit
from tests.records import Held

ROWS: list[dict[str, Any]] = [
    {"id": "a", "text": "spam one\ntwo", "n": 1, "tags": ["x", "y"], "meta": {"lang": "en"}, "ok": True},
    {"id": "b", "text": 'say "上海"', "n": None, "tags": [], "meta": None, "ok": False},
    {"id": "c", "text": "", "n": 3, "tags": ["z"], "meta": {"lang": "zh"}, "ok": None},
]


def outcome(text: str) -> Cleaning:
    """Return the outcome that cuts the word spam where it leads."""
    edits = (Edit(0, "spam "),) if text.startswith("spam ") else ()
    return Cleaning(text[5:] if edits else text, (), edits, "changed" if edits else "clean", "", "en", "test")


def convert(path: Path, to: str, *, infer: bool = True) -> tuple[bytes, list[Record]]:
    """Return the file in another format, and what did not fit."""
    source = Source(path, path.name, Path(path.name))
    sink, unfit = Held(), []
    with open_source(source, Reading()) as opened:
        layout = infer_layout(source, Reading(), to) if infer else None
        writer = make_writer(to, sink, opened.format, layout=layout)
        for chunk in opened.chunks():
            cleanings = [outcome(item.text) if isinstance(item, Document) else None for item in chunk.records]
            unfit += writer.write(chunk, cleanings)
        writer.close()
    return sink.data, unfit


def lines(rows: list[dict[str, Any]]) -> bytes:
    """Return rows as JSON lines."""
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


@pytest.fixture
def feed(tmp_path: Path) -> Path:
    """Return a file of JSON lines."""
    (tmp_path / "a.jsonl").write_bytes(lines(ROWS))
    return tmp_path / "a.jsonl"


def test_to_parquet_and_back(feed: Path) -> None:
    """The values, their types and their order survive both ways."""
    pytest.importorskip("pyarrow")
    packed, unfit = convert(feed, "parquet")
    (feed.parent / "b.parquet").write_bytes(packed)
    back, more = convert(feed.parent / "b.parquet", "jsonl")
    assert unfit == more == []
    assert [json.loads(line) for line in back.split(b"\n")[:-1]] == [{**ROWS[0], "text": "one\ntwo"}, *ROWS[1:]]


@pytest.mark.parametrize(("to", "mark"), [("csv", ","), ("tsv", "\t")])
def test_to_a_table_and_back(to: str, mark: str, feed: Path) -> None:
    """Strings stay, null is an empty field, everything else is JSON."""
    data, unfit = convert(feed, to)
    assert unfit == []
    header, *rows = csv.reader(io.StringIO(data.decode(), newline=""), delimiter=mark)
    assert header == list(ROWS[0])
    assert rows[0] == ["a", "one\ntwo", "1", '["x", "y"]', '{"lang": "en"}', "true"]
    assert rows[1] == ["b", 'say "上海"', "", "[]", "", "false"]
    (feed.parent / f"b.{to}").write_bytes(data)
    back, _ = convert(feed.parent / f"b.{to}", "jsonl")
    assert [json.loads(line)["text"] for line in back.split(b"\n")[:-1]] == ["one\ntwo", 'say "上海"', ""]


def test_to_text(feed: Path) -> None:
    """The texts, an empty line between two."""
    assert convert(feed, "text")[0] == 'one\ntwo\n\nsay "上海"\n\n\n\n'.encode()


def test_a_page_to_json_lines(tmp_path: Path) -> None:
    """The file's name is the id."""
    (tmp_path / "a.txt").write_text("spam x")
    assert json.loads(convert(tmp_path / "a.txt", "jsonl")[0]) == {"id": "a.txt", "text": "x"}


@pytest.mark.parametrize(
    ("to", "row", "reason"),
    [
        ("csv", {"id": "d", "text": "x", "extra": 1}, "'extra' is not among the columns"),
        ("csv", {"id": "d", "text": "\ud800"}, "surrogate"),
        ("text", {"id": "d", "text": "\ud800"}, "surrogate"),
        ("parquet", {"id": "d", "text": "x", "extra": 1}, "'extra' is not among the columns"),
        ("parquet", {"id": "d", "text": "\ud800"}, "surrogate"),
        ("parquet", {"id": "d", "text": "x", "n": "three"}, "'n' does not fit its column (int64)"),
        ("parquet", {"id": "d", "text": "x", "n": 10**30}, "'n' does not fit"),
        ("parquet", {"id": "d", "text": "x", "n": 1.5}, "'n' does not fit"),
        ("parquet", {"id": "d", "text": "x", "meta": {"lang": "en", "site": "x"}}, "'meta' does not fit"),
        ("parquet", {"id": "d", "text": "x", "tags": [1]}, "'tags' does not fit"),
    ],
)
def test_what_does_not_fit_is_handed_back(to: str, row: dict[str, Any], reason: str, tmp_path: Path) -> None:
    """The columns are fixed by the first records; a later one is written whole or not at all, and costs no other."""
    if to == "parquet":
        pytest.importorskip("pyarrow")
    path = tmp_path / "a.jsonl"
    path.write_bytes(lines(ROWS * 400 + [row] + ROWS[:1]))
    data, unfit = convert(path, to)
    assert [(item.number, reason in item.problem) for item in unfit] == [(1201, True)], unfit
    assert json.loads(unfit[0].raw) == row
    if to != "text":
        (tmp_path / f"b.{to}").write_bytes(data)
        assert len(convert(tmp_path / f"b.{to}", "jsonl")[0].split(b"\n")) == 1202


def test_mixed_values_become_text(tmp_path: Path) -> None:
    """A column that has no type among the first records is written as text."""
    pytest.importorskip("pyarrow")
    rows: list[dict[str, Any]] = [{"text": "x", "n": 1}, {"text": "y", "n": "one"}, {"text": "z", "n": [1]}]
    (tmp_path / "a.jsonl").write_bytes(lines(rows))
    (tmp_path / "b.parquet").write_bytes(convert(tmp_path / "a.jsonl", "parquet")[0])
    back = [json.loads(line)["n"] for line in convert(tmp_path / "b.parquet", "jsonl")[0].split(b"\n")[:-1]]
    assert back == ["1", "one", "[1]"]


@pytest.mark.parametrize("to", ["csv", "parquet", "jsonl"])
def test_parts_have_one_header(to: str, feed: Path) -> None:
    """Parts that several workers wrote join to one table."""
    if to == "parquet":
        pytest.importorskip("pyarrow")
    source = Source(feed, "a", Path("a"))
    layout = infer_layout(source, Reading(), to)
    with open_source(source, Reading()) as opened:
        units = list(opened.units(1))
    paths = []
    for number, unit in enumerate(units):
        sink = Held()
        writer = make_writer(to, sink, "jsonl", layout=layout, first=number == 0)
        with open_source(source, Reading()) as opened:
            for chunk in opened.chunks(unit):
                assert writer.write(chunk, [outcome(text) for text in chunk.texts]) == []
        writer.close()
        paths.append(feed.parent / f"part{number}")
        paths[-1].write_bytes(sink.data)
    joined = Held()
    join_parts(to, paths, joined)
    (feed.parent / f"joined.{to}").write_bytes(joined.data)
    (feed.parent / f"whole.{to}").write_bytes(convert(feed, to)[0])
    assert convert(feed.parent / f"joined.{to}", "text") == convert(feed.parent / f"whole.{to}", "text")


def test_without_a_second_look(feed: Path) -> None:
    """Standard input cannot be read twice: the first record fixes the columns."""
    data, unfit = convert(feed, "csv", infer=False)
    assert unfit == [] and data.startswith(b"id,text,n,tags,meta,ok\n")


def test_every_output_has_a_name() -> None:
    """Names say the format; what stays in its format keeps its name."""
    for to, suffix in OUTPUTS.items():
        assert default_output(to) == to
        assert output_name(Path("x/a.b.jsonl"), "jsonl", to).name == f"a.b{suffix}"
    assert output_name(Path("x/a.ndjson.gz"), "jsonl", "jsonl") == Path("x/a.ndjson.gz")
