"""How fast records go in and out, without the engine: every format beside the plainest program that copies it.

    python benchmarks/formats.py --megabytes 64 DATA/clean/dev

The input is written in each format first, from the texts of the folder, repeated until it is large enough.
"""

from __future__ import annotations

import argparse
import csv
import importlib
import json
import statistics
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from common import Table, add_output_options, read_documents, show

from cleaner import Cleaner
from cleaner.io.outputs import make_writer
from cleaner.io.packing import packing_of
from cleaner.io.readers import Source, open_source
from cleaner.io.records import Document as Read
from cleaner.io.records import Reading
from cleaner.io.writers import AtomicFile

_NAMES = ("a.jsonl", "a.jsonl.gz", "a.jsonl.zst", "a.csv", "a.parquet", "a.wet")
_PIECE = 1 << 20
Copy = Callable[[Path, Path], None]


def ours(source: Path, target: Path, cleaner: Cleaner | None = None) -> None:
    """Read and write every record, through the engine if there is one."""
    read_as = Source(source, source.name, Path(source.name))
    with open_source(read_as, Reading()) as opened, AtomicFile(target, packing=opened.packing) as file:
        writer = make_writer(opened.format, file, opened.format)
        for chunk in opened.chunks():
            found = iter(cleaner.clean_many(chunk.texts) if cleaner else map(_unchanged, chunk.texts))
            writer.write(chunk, [next(found) if isinstance(item, Read) else None for item in chunk.records])
        writer.close()


def _unchanged(text: str) -> None:
    return None


def json_copy(source: Path, target: Path) -> None:
    """Parse and write every line with orjson."""
    orjson = importlib.import_module("orjson")
    with source.open("rb") as lines, target.open("wb") as output:
        for line in lines:
            output.write(orjson.dumps(orjson.loads(line)) + b"\n")


def gzip_copy(source: Path, target: Path) -> None:
    """Unpack and pack again with zlib alone, at the level we pack with."""
    _recode(source, target, zlib.decompressobj(31), zlib.compressobj(6, zlib.DEFLATED, 31))


def zstd_copy(source: Path, target: Path) -> None:
    """The same with zstandard."""
    zstandard = importlib.import_module("zstandard")
    packer = zstandard.ZstdCompressor(level=3, write_checksum=True).compressobj()
    _recode(source, target, zstandard.ZstdDecompressor().decompressobj(), packer)


def csv_copy(source: Path, target: Path) -> None:
    """Read and write with the csv module."""
    csv.field_size_limit(1 << 27)
    with source.open(encoding="utf-8", newline="") as rows, target.open("w", encoding="utf-8", newline="") as output:
        csv.writer(output).writerows(csv.reader(rows))


def parquet_copy(source: Path, target: Path) -> None:
    """Read and write with pyarrow, a row group at a time."""
    parquet = importlib.import_module("pyarrow.parquet")
    file = parquet.ParquetFile(source)
    with parquet.ParquetWriter(target, file.schema_arrow) as writer:
        for group in range(file.num_row_groups):
            writer.write_table(file.read_row_group(group, use_threads=False))


def bytes_copy(source: Path, target: Path) -> None:
    """Copy the bytes."""
    with source.open("rb") as data, target.open("wb") as output:
        while piece := data.read(_PIECE):
            output.write(piece)


_COPIES: dict[str, tuple[str, Copy]] = {
    "a.jsonl": ("orjson, parse and write", json_copy),
    "a.jsonl.gz": ("zlib alone", gzip_copy),
    "a.jsonl.zst": ("zstandard alone", zstd_copy),
    "a.csv": ("csv module", csv_copy),
    "a.parquet": ("pyarrow", parquet_copy),
    "a.wet": ("bytes", bytes_copy),
}


def _recode(source: Path, target: Path, unpack: Any, pack: Any) -> None:
    with source.open("rb") as data, target.open("wb") as output:
        while piece := data.read(1 << 16):
            output.write(pack.compress(unpack.decompress(piece)))
        output.write(pack.flush())


def write_inputs(texts: Sequence[str], size: float, folder: Path) -> None:
    """Write the texts, repeated to a size, as JSON lines, and that file in the other formats."""
    with (folder / "a.jsonl").open("wb") as file:
        for number, text in enumerate(_repeated(texts, size)):
            row = {"id": f"doc-{number}", "url": f"https://site{number % 97}.example.org/{number}", "text": text}
            file.write(json.dumps(row, ensure_ascii=False).encode() + b"\n")
    for name in _NAMES[1:-1]:
        to = "jsonl" if packing_of(name) else name.partition(".")[2]
        read_as = Source(folder / "a.jsonl", "a", Path("a"))
        packed = AtomicFile(folder / name, packing=packing_of(name))
        with open_source(read_as, Reading(format="jsonl")) as opened, packed as output:
            writer = make_writer(to, output, "jsonl")
            for chunk in opened.chunks():
                writer.write(chunk, [None] * len(chunk.records))
            writer.close()
    with (folder / "a.wet").open("wb") as file:
        for number, text in enumerate(_repeated(texts, size)):
            block = text.encode()
            header = f"WARC/1.0\r\nWARC-Type: conversion\r\nWARC-Record-ID: <urn:uuid:{number}>\r\n"
            header += f"Content-Type: text/plain\r\nContent-Length: {len(block)}\r\n\r\n"
            file.write(header.encode() + block + b"\r\n\r\n")


def _repeated(texts: Sequence[str], size: float) -> Iterator[str]:
    while size > 0:
        for text in texts:
            size -= len(text.encode()) + 100
            if size <= 0:
                return
            yield text


def timed(run: Copy, source: Path, target: Path) -> float:
    """Return the processor time of a copy in seconds."""
    begin = time.process_time()
    run(source, target)
    return time.process_time() - begin


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder of JSON lines")
    parser.add_argument("--megabytes", type=float, default=32)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--engine", action="store_true", help="also time JSON lines to JSON lines with the engine")
    add_output_options(parser)
    options = parser.parse_args()
    title = "Records in and out, MB of JSON lines a second of processor time"
    table = Table(title, ["", "cleaner", "beside", "MB/s", "ratio"])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_inputs([document.text for document in read_documents(options.data)], options.megabytes * 1e6, folder)
        size = (folder / "a.jsonl").stat().st_size / 1e6
        for file in _NAMES:
            words, copy = _COPIES[file]
            table.rows.append(row(file, words, ours, copy, folder, size, options.rounds))
        if options.engine:
            cleaner = Cleaner()
            table.rows.append(
                row("a.jsonl", "the same, with the engine", partial(ours, cleaner=cleaner), json_copy, folder, size, 1)
            )
    show(options, {"rows": table.rows}, [table], [])


def row(name: str, words: str, run: Copy, copy: Copy, folder: Path, size: float, rounds: int) -> list[str]:
    """Time ours and the other in turn; return the medians and the median of the ratios."""
    pairs = []
    for _ in range(rounds):
        first = timed(run, folder / name, folder / "o1")
        pairs.append((first, timed(copy, folder / name, folder / "o2")))
    mine, other = (statistics.median(times) for times in zip(*pairs, strict=True))
    share = statistics.median(second / first for first, second in pairs)
    return [name, f"{size / mine:.0f}", words, f"{size / other:.0f}", f"{share:.2f}"]


if __name__ == "__main__":
    main()
