"""Reading and committing files: every byte comes back, every fault has a name."""

from __future__ import annotations

import gzip
import json
import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.errors import InputError, OutputError
from cleaner.io.jsonl import JsonDocument, cut_literal, parse_line
from cleaner.io.readers import Source, find_sources, open_source
from cleaner.io.records import Document, Fields, Reading, Record
from cleaner.io.streams import MissingInput
from cleaner.io.text import decode, encode, json_line
from cleaner.io.writers import AtomicFile, make_parents, output_paths, refuse_inputs
from cleaner.repair import apply_edits
from cleaner.types import Cleaning, Edit

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


def source(path: Path) -> Source:
    """Return the input for a path."""
    return Source(path, str(path), Path(path.name))


def read(path: Path, form: str = "auto", longest: int = 1 << 28) -> list[Record]:
    """Return all records of a file."""
    with open_source(source(path), Reading(form, max_document=longest)) as opened:
        return list(opened.records)


def texts(path: Path, form: str = "auto", longest: int = 1 << 28) -> list[str]:
    """Return the texts of a file."""
    return [record.text for record in read(path, form, longest) if isinstance(record, Document)]


def cleaning(text: str, *edits: Edit) -> Cleaning:
    """Return the outcome with these edits."""
    return Cleaning(apply_edits(text, edits), (), edits, "changed", "", "en", "test")


def parsed(raw: bytes) -> Record:
    """Return the record in a line."""
    return parse_line(raw, "f", 1, Fields())


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


def test_gzip_members_are_one_stream(tmp_path: Path) -> None:
    """Two members, as `cat a.gz b.gz` makes them, are read through, also across a record."""
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(gzip.compress(b'{"text": "a"}\n{"te') + gzip.compress(b'xt": "b"}\n'))
    assert texts(path) == ["a", "b"]


def test_gzip_cut_anywhere_is_an_error(tmp_path: Path) -> None:
    """A gzip file that ends too early is never taken for a whole one."""
    packed = gzip.compress(bytes(range(256)) * 64)
    path = tmp_path / "a.txt.gz"
    for offset in range(0, len(packed), max(1, len(packed) // 60)):
        path.write_bytes(packed[:offset])
        with pytest.raises(InputError, match="cut short"):
            read(path)


def test_damaged_gzip_is_an_error(tmp_path: Path) -> None:
    """A wrong checksum, noise inside or after the stream: one line that names the file."""
    packed = gzip.compress(b"text " * 1000)
    path = tmp_path / "a.txt.gz"
    for bad in (packed[:-8] + b"\0" * 8, packed[:20] + b"\xff" * 9 + packed[29:], packed + b"garbage"):
        path.write_bytes(bad)
        with pytest.raises(InputError, match=r"a\.txt\.gz: damaged"):
            read(path)


def test_gzip_is_known_by_content(tmp_path: Path) -> None:
    """Plain text named .gz is plain text; gzip under another name is unpacked."""
    (tmp_path / "a.txt.gz").write_bytes(b"plain")
    (tmp_path / "b.txt").write_bytes(gzip.compress(b"packed"))
    assert texts(tmp_path / "a.txt.gz") == ["plain"]
    assert texts(tmp_path / "b.txt") == ["packed"]


@pytest.mark.parametrize("form", ["text", "jsonl"])
def test_a_bomb_is_passed_on_in_pieces(form: str, tmp_path: Path) -> None:
    """What is larger than the limit is named once and never held in memory as a whole."""
    data = b"\0" * (20 << 20) + b"\n"
    path = tmp_path / "bomb.gz"
    path.write_bytes(gzip.compress(data))
    records = read(path, form, 1 << 20)
    assert [bool(record.problem) for record in records] == [True] + [False] * (len(records) - 1)
    assert max(len(record.raw) for record in records) <= 1 << 21
    assert sum(len(record.raw) for record in records) == len(data)


def test_after_a_long_line_the_next_ones_are_read(tmp_path: Path) -> None:
    """The limit holds for one record, not for its file."""
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"text": "%s"}\n{"text": "b"}\n' % (b"a" * 1000))
    assert texts(path, longest=100) == ["b"]


def test_folders_are_walked_in_order(tmp_path: Path) -> None:
    """Files by name; hidden ones, links to folders, the output and what is no text are passed over."""
    for name in ("b.txt", "a/z.jsonl", "a/c", ".hidden", ".git/x.txt", "out/old.txt", "nul.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"text\0" if name == "nul.txt" else b"text")
    (tmp_path / "image.png").write_bytes(b"\x89PNG\0\0")
    (tmp_path / "loop").symlink_to(tmp_path)
    sources, passed_over = find_sources([str(tmp_path)], leave_out=tmp_path / "out")
    assert [str(item.relative) for item in sources] == ["b.txt", "nul.txt", "a/c", "a/z.jsonl"]
    assert passed_over == [str(tmp_path / "image.png")]


def test_several_folders_keep_their_names(tmp_path: Path) -> None:
    """Equal file names in two folders do not meet in the output; equal outputs are refused."""
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.txt").write_text("text")
    sources, _ = find_sources([str(tmp_path / "one"), str(tmp_path / "two")])
    assert output_paths(sources, Path("out")) == [Path("out/one/a.txt"), Path("out/two/a.txt")]
    with pytest.raises(OutputError, match="both"):
        output_paths(find_sources([str(item.path) for item in sources])[0], Path("out"))


@pytest.mark.parametrize("name", ["none.txt", "a\0b", "x" * 300])
def test_missing_inputs_are_named(name: str) -> None:
    """An input that is not there ends everything before anything is written."""
    with pytest.raises(MissingInput, match="no such file"):
        find_sources([name])


def test_a_failed_write_leaves_the_former_file(tmp_path: Path) -> None:
    """A file under its final name is always whole; nothing is left beside it."""
    path = tmp_path / "a.txt"
    path.write_bytes(b"former")
    with pytest.raises(RuntimeError), AtomicFile(path) as file:
        file.write(b"new")
        assert path.read_bytes() == b"former"
        raise RuntimeError
    assert path.read_bytes() == b"former"
    assert os.listdir(tmp_path) == ["a.txt"]


def test_packed_output_is_reproducible(tmp_path: Path) -> None:
    """The same bytes give the same gzip file, whatever its name and the time."""
    for name in ("a.gz", "b.gz"):
        with AtomicFile(tmp_path / name, packing="gzip") as file:
            file.write(b"text")
    assert (tmp_path / "a.gz").read_bytes() == (tmp_path / "b.gz").read_bytes()
    assert gzip.decompress((tmp_path / "a.gz").read_bytes()) == b"text"


def test_only_regular_files_are_replaced(tmp_path: Path) -> None:
    """A folder, a pipe or a device is never replaced by a file."""
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe", Path("/dev/null")):
        with pytest.raises(OutputError, match="not a regular file"), AtomicFile(path):
            pass
    assert not Path("/dev/null").is_file()


def test_inputs_are_never_outputs(tmp_path: Path) -> None:
    """Neither by name nor through a symbolic or hard link."""
    path = tmp_path / "a.txt"
    path.write_text("text")
    (tmp_path / "soft").symlink_to(path)
    os.link(path, tmp_path / "hard")
    for output in (path, tmp_path / "soft", tmp_path / "hard", tmp_path / "x" / ".." / "a.txt"):
        (tmp_path / "x").mkdir(exist_ok=True)
        with pytest.raises(OutputError, match="this is the input"):
            refuse_inputs([output], [source(path)])
    refuse_inputs([tmp_path / "other"], [source(path)])


def test_links_do_not_lead_out_of_the_output_folder(tmp_path: Path) -> None:
    """A link inside the output folder does not send files elsewhere."""
    (tmp_path / "out").mkdir()
    (tmp_path / "else").mkdir()
    (tmp_path / "out" / "sub").symlink_to(tmp_path / "else")
    with pytest.raises(OutputError, match="leads out"):
        make_parents(tmp_path / "out" / "sub" / "deep" / "a.txt", tmp_path / "out")
    assert not list((tmp_path / "else").iterdir())
