"""JSON lines: only what is cut changes, what is broken is named."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.io import jsonl
from cleaner.io.jsonl import JsonDocument, cut_literal, parse_line
from cleaner.io.readers import open_source
from cleaner.io.records import Document, Fields, Reading, Record
from cleaner.repair import apply_edits
from cleaner.types import Edit
from tests.records import cleaning, read, source, texts

# What crawls hold: each line with the text a reader has to find, or the reason why there is none.
LINES = {
    b'{"id": "a", "text": "x", "text": "y"}': "y",
    b'{"id": "a", "text": "x", "n": 1e400}': "x",
    b'{"id": "a", "text": "x", "n": NaN}': "x",
    b'{"id": "a", "text": "x", "n": 123456789012345678901234567890}': "x",
    b'{"id": 123456789012345678901234567890, "text": "x"}': "x",
    b'{"id": "a", "text": "\\ud800x"}': "\ud800x",
    b'{"id": "a", "text": "x\\u0000"}': "x\0",
    b'\xef\xbb\xbf{"id": "a", "text": "x"}': "x",
    b'{"text": "x"}\r': "x",
    "{\"id\": \"a\", \"text\": \"x\u2028\x85y\"}".encode(): "x\u2028\x85y",
    b'{"id": "a", "text": "x", "deep": ' + b"[" * 300 + b"]" * 300 + b"}": "x",
    b'{"id": "a", "text": null}': "not a string",
    b'{"id": "a", "text": ["x"]}': "not a string",
    b'{"id": "a"}': "no field 'text'",
    b'{"id": "a", "text": "x\0"}': "broken JSON",
    b'{"id": "a", "text": "x"': "broken JSON",
    b'{"id": "a", "text": "\xff"}': "not UTF-8",
    b'{"id": "a", "text": "x", "deep": ' + b"[" * 10_000 + b"]" * 10_000 + b"}": "nested too deeply",
    b"[]": "not a JSON object",
    b"null": "not a JSON object",
    b"\0\0\0": "not a JSON object",
}


def parsed(raw: bytes) -> Record:
    """Return the record in a line."""
    return parse_line(raw, "f", 1, Fields())


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b'{"text": "a"', "broken JSON"),
        (b"nonsense", "not a JSON object"),
        (b"[1]", "not a JSON object"),
        (b'"text"', "not a JSON object"),
        (b'{"text": "a"} x', "something follows"),
        (b'{"text": "a",}', "name in double quotes"),
        (b'{"text": "\xff"}', "not UTF-8 at byte 11"),
        (b'{"body": "a"}', "no field 'text'"),
        (b'{"text": null}', "not a string"),
        (b'{"text": 5}', "not a string"),
        (b'{"text": ["a"]}', "not a string"),
        (b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "nested too deeply"),
        (b'{"a": ' + b'{"a":' * 100_000, "nested too deeply"),
    ],
)
def test_bad_records_are_named_and_kept(raw: bytes, reason: str) -> None:
    """A record that cannot be used is no document, keeps its bytes and says why."""
    record = parsed(raw)
    assert not isinstance(record, Document)
    assert reason in record.problem
    assert record.raw == raw


@pytest.mark.parametrize("raw", [b"\n", b"", b" \t\r\n", b"\xef\xbb\xbf\n"])
def test_blank_lines_are_no_fault(raw: bytes) -> None:
    """Blank lines pass without a word."""
    assert parsed(raw) == Record("f", 1, 1, raw)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b'{"text": "ab", "n": 1e400, "m": NaN, "k":-0.10}', b'{"text": "b", "n": 1e400, "m": NaN, "k":-0.10}'),
        (b'{"text" :\t"ab" , "n":1}\r\n', b'{"text" :\t"b" , "n":1}\r\n'),
        (b'{"text": "ab", "text": "ac"}', b'{"text": "ab", "text": "c"}'),
        (b'{"te\\u0078t": "ab"}', b'{"te\\u0078t": "b"}'),
        (b'\xef\xbb\xbf{"text": "ab"}', b'\xef\xbb\xbf{"text": "b"}'),
        (b'{"text": "\\u0061\\/\\u2028"}', b'{"text": "\\/\\u2028"}'),
        ('{"text": "a\u2028\x85é"}'.encode(), '{"text": "\u2028\x85é"}'.encode()),
        (b'{"text": "a\\ud800"}', b'{"text": "\\ud800"}'),
        (b'{"text": "a\\ud83d\\ude00"}', b'{"text": "\\ud83d\\ude00"}'),
        (b'{"n": ' + b"9" * 5000 + b', "text": "ab"}', b'{"n": ' + b"9" * 5000 + b', "text": "b"}'),
    ],
)
def test_only_the_cut_characters_change(raw: bytes, expected: bytes) -> None:
    """A changed record keeps all its other bytes: numbers, spacing, key order, escapes, repeated keys."""
    record = parsed(raw)
    assert isinstance(record, JsonDocument)
    assert record.render(cleaning(record.text, Edit(0, "a"))) == expected


@given(st.text(st.characters(codec=None), max_size=40), st.booleans(), st.data())
def test_edits_inside_a_json_string(text: str, ascii_only: bool, data: st.DataObject) -> None:
    """Cutting in the raw string means the same as cutting in the text, with escapes or without."""
    text = json.loads(json.dumps(text))  # half pairs side by side become one character
    bounds = sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=6)))
    edits = [Edit(start, text[start:end]) for start, end in zip(bounds[::2], bounds[1::2], strict=False)]
    literal = cut_literal(json.dumps(text, ensure_ascii=ascii_only), edits)
    assert json.loads(literal) == json.loads(json.dumps(apply_edits(text, edits)))


def test_ids_keep_their_type() -> None:
    """Numbers and strings are ids; anything else gets the record's place."""
    ids = [parsed(b'{"text":"","id":%s}' % value) for value in (b"7", b'"7"', b"null", b"true", b"[1]", b"1.5")]
    assert [record.id for record in ids if isinstance(record, Document)] == [7, "7", "f:1", "f:1", "f:1", "f:1"]


def test_after_a_long_line_the_next_ones_are_read(tmp_path: Path) -> None:
    """The limit holds for one record, not for its file."""
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"text": "%s"}\n{"text": "b"}\n' % (b"a" * 1000))
    assert texts(path, longest=100) == ["b"]


@pytest.mark.parametrize("fast", [True, False])
def test_both_parsers_agree(fast: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With orjson and without it every line gives the same text or the same reason, whatever it holds."""
    if not fast:
        monkeypatch.setattr(jsonl, "_LOADS", lambda raw: json.loads(raw.decode("utf-8")))
    (tmp_path / "a.jsonl").write_bytes(b"".join(line + b"\n" for line in LINES))
    records = read(tmp_path / "a.jsonl")
    assert [record.number for record in records] == list(range(1, len(LINES) + 1))
    for record, (line, expected) in zip(records, LINES.items(), strict=True):
        assert record.raw == line + b"\n"
        assert record == parsed_at(record.raw, record), line[:60]
        found = record.text if isinstance(record, Document) else record.problem
        assert found == expected if isinstance(record, Document) else expected in found


def parsed_at(raw: bytes, record: Record) -> Record:
    """Return what the exact parser says of a line."""
    return parse_line(raw, record.file, record.line, Fields())


def test_a_deep_record_can_be_cut() -> None:
    """What the fast parser takes, the exact one has to find its way in."""
    pytest.importorskip("orjson")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.jsonl")
        raw = b'{"id": 1, "text": "ab", "deep": ' + b"[" * 1000 + b"]" * 1000 + b"}\n"
        path.write_bytes(raw)
        (record,) = read(path)
        assert isinstance(record, JsonDocument)
        assert record.render(cleaning("ab", Edit(0, "a"))) == raw.replace(b"ab", b"b")


@given(st.text(st.characters(codec=None), max_size=30), st.booleans(), st.data())
def test_a_line_comes_back(text: str, ascii_only: bool, data: st.DataObject) -> None:
    """From the output, the edits and what was noted besides them; only odd escapes need the whole line."""
    text = json.loads(json.dumps(text))
    raw = json.dumps({"id": 1, "text": text}, ensure_ascii=ascii_only or not text.isprintable()).encode() + b"\n"
    before = parsed(raw)
    assert isinstance(before, JsonDocument)
    start = data.draw(st.integers(0, len(text)))
    outcome = cleaning(text, Edit(start, text[start : data.draw(st.integers(start, len(text)))]))
    undo = before.undo(outcome)
    after = parsed(before.render(outcome))
    assert isinstance(after, JsonDocument)
    assert after.revert(outcome.edits, undo) == raw


def test_odd_escapes_are_kept_whole() -> None:
    """What can be written in several ways is kept as it was written."""
    raw = rb'{"text": "\u0061\/ spam"}'
    before = parsed(raw)
    assert isinstance(before, JsonDocument)
    outcome = cleaning(before.text, Edit(0, "a/ "))
    assert before.undo(outcome) == {"raw": raw.decode()}
    assert parsed(before.render(outcome)).raw == b'{"text": "spam"}'


SOME = st.sampled_from([b"", b"{}", b'{"text":"a"}', b"x" * 300, b'{"text":"%s"}' % (b"b" * 900)])


@given(st.lists(SOME, max_size=30))
def test_parts_are_the_file(lines: list[bytes]) -> None:
    """Read in parts of any size, each by its own opening, a file gives the same records; parts can be resumed."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.jsonl")
        path.write_bytes(b"\n".join(lines))
        whole = read(path)
        for size in (1, 100, 1 << 20):
            with open_source(source(path), Reading()) as opened:
                units = list(opened.units(size))
            parts: list[Record] = []
            for unit in units:
                with open_source(source(path), Reading()) as opened:
                    parts += [record for chunk in opened.chunks(unit) for record in chunk.records]
            assert parts == whole
        with open_source(source(path), Reading()) as opened:
            first = next(opened.chunks(), None)
        if first is not None and first.next is not None:
            with open_source(source(path), Reading()) as opened:
                rest = [record for chunk in opened.chunks(first.next) for record in chunk.records]
            assert first.records + rest == whole
