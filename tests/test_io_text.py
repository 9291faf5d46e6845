"""Bytes to text and back: every byte returns."""

from __future__ import annotations

import gzip
import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.errors import InputError
from cleaner.io.plain import document
from cleaner.io.text import decode, encode, json_line
from cleaner.types import Edit
from tests.records import cleaning, read, texts

TEXT = "naïve – 上海 😀\n"
AWKWARD = {
    "all bytes": bytes(range(256)),
    "overlong": b"a\xc0\xafb",
    "encoded surrogate": b"\xed\xa0\x80",
    "UTF-16 LE, marked": ("\ufeff" + TEXT).encode("utf-16-le"),
    "UTF-16 BE, marked": ("\ufeff" + TEXT).encode("utf-16-be"),
    "UTF-16, not marked": TEXT.encode("utf-16-le"),
    "UTF-16 of odd length": b"\xff\xfea\0b",
    "UTF-16 with half a pair": b"\xff\xfe\x3d\xd8a\0",
    "UTF-32": ("\ufeff" + TEXT).encode("utf-32-le"),
    "GBK": "上海的新闻".encode("gbk"),
    "Latin-1": "café".encode("latin-1"),
    "mark only": b"\xef\xbb\xbf",
    "mark inside": b"a\xef\xbb\xbfb",
    "line ends": "a\rb\r\nc\n\rd\x85e\x0bf\x0cg\x1ch\u2028i\u2029j".encode(),
    "zeros": b"\0" * 99,
    "sequence cut at 4 KiB": b"a" * 4095 + "上".encode()[:1] + b"b",
    "sequence across 64 KiB": b"a" * 65535 + "上".encode(),
    "nothing": b"",
}


@pytest.mark.parametrize("name", AWKWARD)
def test_i1_every_byte_comes_back(name: str) -> None:
    """Decoding and encoding again is the identity, whatever the bytes are."""
    decoded = decode(AWKWARD[name])
    assert encode(decoded.text, decoded.encoding) == AWKWARD[name]


@given(st.binary(), st.sampled_from([b"", b"\xff\xfe", b"\xfe\xff", b"\xff\xfe\0\0", b"\xef\xbb\xbf"]))
def test_i1_any_bytes_come_back(data: bytes, mark: bytes) -> None:
    """The same for bytes nobody thought of, also behind a byte order mark."""
    decoded = decode(mark + data)
    assert encode(decoded.text, decoded.encoding) == mark + data


def test_marked_utf16_is_read_as_text() -> None:
    """A page saved as UTF-16 is text to clean, not a row of zeros."""
    assert decode(AWKWARD["UTF-16 LE, marked"]).text == "\ufeff" + TEXT


def test_other_encodings_are_noted() -> None:
    """Bytes that are not UTF-8 are kept, and the reader says where they begin."""
    assert "byte 3" in decode(b"caf\xe9").note


def test_json_line_survives_everything() -> None:
    """A written record is one line for every reader and gives every text back."""
    value = {"text": "a\ud800\u2028\x85\x1c\n\0é\U0001f600"}
    line = json_line(value)
    assert json.loads(line) == value
    assert len(line.decode().splitlines()) == 1


def test_format_by_name_then_by_content(tmp_path: Path) -> None:
    """The name decides; without a known suffix an object on the first line makes JSON lines."""
    record = b'{"text": "a"}\n{"text": "b"}\n'
    for name, count in {"a.txt": 1, "a.jsonl": 2, "a.NDJSON": 2, "a": 2, "a.json": 2, "a.jsonl.gz": 2}.items():
        path = tmp_path / name
        path.write_bytes(gzip.compress(record) if name.endswith("gz") else record)
        assert len(texts(path)) == count, name
    (tmp_path / "b").write_bytes(b'{\n "text": "a"}')
    assert texts(tmp_path / "b") == ['{\n "text": "a"}']


@given(st.binary(max_size=300).map(lambda data: data.replace(b"0", b"\n").replace(b"1", b'{"text":"a"}')))
def test_records_add_up_to_the_file(data: bytes) -> None:
    """No byte is lost between records, in either format."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "f")
        path.write_bytes(data)
        try:
            for form in ("text", "jsonl"):
                assert b"".join(record.raw for record in read(path, form)) == data
        except InputError:
            assert data.startswith((b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd"))


@pytest.mark.parametrize("name", ["all bytes", "UTF-16 LE, marked", "UTF-32", "GBK", "line ends", "mark inside"])
def test_a_text_comes_back_after_a_cut(name: str) -> None:
    """From the output, the edits and what was noted besides them; also when the cut takes the mark itself."""
    before = document("f", AWKWARD[name])
    for start, end in ((0, 1), (1, 2), (0, len(before.text))):
        outcome = cleaning(before.text, Edit(start, before.text[start:end]))
        after = document("f", before.render(outcome))
        assert after.revert(outcome.edits, before.undo(outcome)) == before.raw
