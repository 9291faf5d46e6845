"""Gzip and zstd: damage has a name, bombs have a bound, equal bytes give equal files."""

from __future__ import annotations

import gzip
import subprocess
import sys
from pathlib import Path

import pytest

from cleaner.errors import InputError
from cleaner.io import packing
from cleaner.io.readers import open_source
from cleaner.io.records import Reading
from cleaner.io.writers import AtomicFile
from tests.records import read, source, texts


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


def test_packed_output_is_reproducible(tmp_path: Path) -> None:
    """The same bytes give the same gzip file, whatever its name and the time."""
    for name in ("a.gz", "b.gz"):
        with AtomicFile(tmp_path / name, packing="gzip") as file:
            file.write(b"text")
    assert (tmp_path / "a.gz").read_bytes() == (tmp_path / "b.gz").read_bytes()
    assert gzip.decompress((tmp_path / "a.gz").read_bytes()) == b"text"


@pytest.mark.parametrize("bad", ["cut", "noise", "garbage", "checksum"])
def test_damaged_zstd_is_an_error(bad: str, tmp_path: Path) -> None:
    """Cut at any place it is never taken for whole."""
    zstandard = pytest.importorskip("zstandard")
    packed = zstandard.ZstdCompressor(write_checksum=True).compress(bytes(range(256)) * 99 + b"x" * 9999)
    cuts = [packed[:at] for at in range(0, len(packed), max(1, len(packed) // 40))]
    damaged = {
        "cut": cuts,
        "noise": [packed[:40] + b"\xff" * 30 + packed[70:]],
        "garbage": [packed + b"garbage"],
        "checksum": [packed[:-1] + bytes([packed[-1] ^ 1])],
    }
    for data in damaged[bad]:
        (tmp_path / "a.txt.zst").write_bytes(data)
        with pytest.raises(InputError, match=r"a\.txt\.zst: (the zstd data is cut short|damaged zstd)"):
            read(tmp_path / "a.txt.zst")


def test_zstd_frames_are_one_stream(tmp_path: Path) -> None:
    """As with gzip; and what is written is known again."""
    zstandard = pytest.importorskip("zstandard")
    data = zstandard.compress(b'{"text": "a"}\n{"te') + zstandard.compress(b'xt": "b"}\n')
    (tmp_path / "a.jsonl.zst").write_bytes(data)
    assert texts(tmp_path / "a.jsonl.zst") == ["a", "b"]
    with AtomicFile(tmp_path / "b.zst", packing="zstd") as file:
        file.write(b"one ")
        file.cut()
        file.write(b"two")
    assert texts(tmp_path / "b.zst") == ["one two"]


def test_records_before_the_damage_are_read(tmp_path: Path) -> None:
    """All whole records come first, then the error."""
    lines = [b'{"text": "%d %s"}\n' % (number, bytes([97 + number % 26]) * 50) for number in range(20_000)]
    packed = gzip.compress(b"".join(lines))
    (tmp_path / "a.jsonl.gz").write_bytes(packed[: len(packed) * 9 // 10])
    found = []
    cut = source(tmp_path / "a.jsonl.gz")
    with pytest.raises(InputError, match="cut short"), open_source(cut, Reading()) as opened:
        for chunk in opened.chunks():
            found += chunk.records
    assert [record.raw for record in found] == lines[: len(found)]
    assert len(found) > 15_000 and not any(record.problem for record in found)


def test_a_bomb_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What unpacks to many hundred times its size is no text."""
    zstandard = pytest.importorskip("zstandard")
    monkeypatch.setattr(packing, "FREE", 1 << 20)
    for name, pack in {"a.gz": gzip.compress, "a.zst": zstandard.compress}.items():
        (tmp_path / name).write_bytes(pack(b"\0" * (9 << 20)))
        with pytest.raises(InputError, match="more than 500 times its size"):
            read(tmp_path / name)


def test_gzip_inside_gzip_is_not_unpacked_twice(tmp_path: Path) -> None:
    """One layer is packing, the next is data."""
    (tmp_path / "a.gz").write_bytes(gzip.compress(inner := gzip.compress(b"text")))
    assert b"".join(record.raw for record in read(tmp_path / "a.gz")) == inner


_MEMORY = """
import resource, sys
from pathlib import Path
from cleaner.errors import InputError
from cleaner.io.readers import Source, open_source
from cleaner.io.records import Reading
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
size = 0
try:
    with open_source(Source(Path(sys.argv[1]), "a", Path("a")), Reading(sys.argv[2], max_document=1 << 22)) as opened:
        for chunk in opened.chunks():
            size += sum(len(record.raw) for record in chunk.records)
except InputError as error:
    print(error, file=sys.stderr)
print(size, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


@pytest.mark.slow
@pytest.mark.parametrize("form", ["jsonl", "text", "csv"])
@pytest.mark.parametrize("kind", ["letters", "zeros", "line feeds", "overrides", "gzip", "zstd"])
def test_memory_does_not_follow_the_input(kind: str, form: str, tmp_path: Path) -> None:
    """A line of 100 MB, a bomb: read to the end, or refused, in a few dozen megabytes."""
    size = (2 if kind == "line feeds" else 100) << 20
    pattern = {"line feeds": b"\n", "overrides": "\u202e".encode(), "letters": b"a"}.get(kind, b"\0")
    data = (pattern * (size // len(pattern)))[:size]
    head = b"text\n" if form == "csv" else b""
    if kind == "gzip":
        data, head = gzip.compress(head + data, 9), b""
    if kind == "zstd":
        data, head = pytest.importorskip("zstandard").compress(head + data * 6), b""
    (tmp_path / "a").write_bytes(head + data)
    done = subprocess.run([sys.executable, "-c", _MEMORY, tmp_path / "a", form], capture_output=True, check=True)
    read_bytes, grown = map(int, done.stdout.split())
    assert grown < 160
    if kind == "zstd":
        assert b"refused as a bomb" in done.stderr
    else:
        assert read_bytes >= size - 2 and not done.stderr
