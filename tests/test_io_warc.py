"""Web archives: WET cleaned in place, the pages of WARC as texts."""

from __future__ import annotations

import base64
import gzip
import hashlib
import zlib
from pathlib import Path

import pytest

from cleaner.io.outputs import default_output, make_writer
from cleaner.io.readers import Source, open_source
from cleaner.io.records import Document, Reading, Record
from cleaner.io.writers import AtomicFile
from cleaner.repair import apply_edits
from cleaner.types import Cleaning, Edit

ARTICLE = b"""<html><head><title>Harbour</title></head><body><nav><a href="/">Home</a></nav><article>
<h1>Harbour works begin</h1><p>The port authority began the long awaited works on the eastern quay on Monday morning,
and the first ships were moved to the western basin while the divers went down to look at the old wall.</p>
<p>spam The works will take two years and cost about forty million, the mayor told the council in a long session,
and nobody in the chamber seemed to be surprised by the figure or by the time that the repairs will take.</p>
</article></body></html>"""


def sha1(block: bytes) -> bytes:
    """Return a digest as Common Crawl writes it."""
    return b"sha1:" + base64.b32encode(hashlib.sha1(block, usedforsecurity=False).digest())


def record(kind: bytes, block: bytes, media: bytes = b"text/plain", number: int = 1, **fields: bytes) -> bytes:
    """Return a record of an archive."""
    header = b"WARC/1.0\r\nWARC-Type: %s\r\nWARC-Record-ID: <urn:uuid:%d>\r\n" % (kind, number)
    header += b"WARC-Target-URI: http://example.org/%d\r\nWARC-Date: 2026-01-01T00:00:00Z\r\n" % number
    header += b"".join(b"%s: %s\r\n" % (name.replace("_", "-").encode(), value) for name, value in fields.items())
    return header + b"Content-Type: %s\r\nContent-Length: %d\r\n\r\n%s\r\n\r\n" % (media, len(block), block)


def text(block: bytes, number: int = 1) -> bytes:
    """Return a record of text with digests."""
    return record(b"conversion", block, number=number, WARC_Block_Digest=sha1(block), WARC_Payload_Digest=sha1(block))


def page(body: bytes, head: bytes = b"Content-Type: text/html; charset=utf-8", status: bytes = b"200 OK") -> bytes:
    """Return the record of a page."""
    block = b"HTTP/1.1 %s\r\n%s\r\n\r\n%s" % (status, head, body)
    return record(b"response", block, b"application/http; msgtype=response")


INFO = record(b"warcinfo", b"software: test\r\n", b"application/warc-fields", 0)


def read(path: Path, longest: int = 1 << 20) -> list[Record]:
    """Return the records of an archive."""
    with open_source(Source(path, path.name, Path(path.name)), Reading(max_document=longest)) as opened:
        return [item for chunk in opened.chunks() for item in chunk.records]


def outcome(text: str) -> Cleaning:
    """Return the outcome that cuts every "spam "."""
    edits = tuple(Edit(at, "spam ") for at in range(len(text)) if text.startswith("spam ", at))
    return Cleaning(apply_edits(text, edits), (), edits, "changed" if edits else "clean", "", "en", "test")


def clean(path: Path, output: Path, to: str = "") -> None:
    """Clean an archive."""
    source = Source(path, path.name, Path(path.name))
    with open_source(source, Reading()) as opened, AtomicFile(output, packing=opened.packing) as file:
        writer = make_writer(to or default_output(opened.format), file, opened.format)
        for chunk in opened.chunks():
            writer.write(chunk, [outcome(item.text) if isinstance(item, Document) else None for item in chunk.records])
        writer.close()


def test_text_is_cleaned_in_place(tmp_path: Path) -> None:
    """Length and digests follow the text; all else stays, a record without a finding byte for byte."""
    (tmp_path / "a.wet").write_bytes(INFO + text("spam 上海 news".encode(), 1) + text(b"clean", 2))
    clean(tmp_path / "a.wet", tmp_path / "b.wet")
    assert (tmp_path / "b.wet").read_bytes() == INFO + text("上海 news".encode(), 1) + text(b"clean", 2)


def test_fastwarc_finds_the_archive_whole(tmp_path: Path) -> None:
    """Each record is a gzip member of its own, and its digests are right."""
    warc = pytest.importorskip("fastwarc.warc")
    packed = b"".join(gzip.compress(item) for item in (INFO, text(b"spam one", 1), text(b"two spam x", 2)))
    (tmp_path / "a.warc.wet.gz").write_bytes(packed)
    clean(tmp_path / "a.warc.wet.gz", tmp_path / "b.warc.wet.gz")
    with (tmp_path / "b.warc.wet.gz").open("rb") as stream:
        found = [(item.verify_block_digest(), item.reader.read()) for item in warc.ArchiveIterator(stream)]
    assert found == [(False, b"software: test\r\n"), (True, b"one"), (True, b"two x")]
    data, members = (tmp_path / "b.warc.wet.gz").read_bytes(), 0
    while data:
        member = zlib.decompressobj(31)
        assert member.decompress(data).startswith(b"WARC/1.0")
        data, members = member.unused_data, members + 1
    assert members == 3


@pytest.mark.parametrize("digest", ["hex", "base32", "wrong", "none"])
def test_the_source_comes_back(digest: str, tmp_path: Path) -> None:
    """From the output, the edits and what was noted besides them."""
    block = b"spam x\r\ny"
    values = {"hex": b"md5:" + hashlib.md5(block, usedforsecurity=False).hexdigest().encode(), "base32": sha1(block)}
    fields = {} if digest == "none" else {"WARC_Block_Digest": values.get(digest, b"sha1:WRONG")}
    path = tmp_path / "a.wet"
    path.write_bytes(record(b"conversion", block, number=1, **fields))
    (document,) = read(path)
    assert isinstance(document, Document)
    undo = document.undo(outcome(document.text))
    assert set(undo) == ({"raw"} if digest == "wrong" else set())
    raw = document.raw
    path.write_bytes(document.render(outcome(document.text)))
    (cleaned,) = read(path)
    assert isinstance(cleaned, Document) and cleaned.text == "x\r\ny"
    assert cleaned.revert(outcome("spam x\r\ny").edits, undo) == raw


def test_pages_become_texts(tmp_path: Path) -> None:
    """Requests, images and errors have no place among texts; the same page gives the same record."""
    pytest.importorskip("fastwarc")
    pytest.importorskip("trafilatura")
    others = [
        record(b"request", b"GET / HTTP/1.1\r\n\r\n", b"application/http; msgtype=request"),
        page(b"\x89PNG", b"Content-Type: image/png"),
        page(ARTICLE, status=b"404 Not Found"),
    ]
    packed = page(gzip.compress(ARTICLE), b"Content-Type: text/html\r\nContent-Encoding: gzip")
    (tmp_path / "a.warc").write_bytes(INFO + b"".join(others) + page(ARTICLE) + packed)
    clean(tmp_path / "a.warc", tmp_path / "b.wet")
    info, one, other = read(tmp_path / "b.wet")
    assert info.raw == INFO
    assert isinstance(one, Document) and isinstance(other, Document)
    assert one.text == other.text and "two years" in one.text and "spam" not in one.text and "Home" not in one.text
    assert b"WARC-Refers-To: <urn:uuid:1>\r\n" in one.raw and sha1(one.text.encode()) in one.raw
    assert one.row("x") == {"id": one.id, "url": "http://example.org/1", "date": "2026-01-01T00:00:00Z", "text": "x"}
    clean(tmp_path / "a.warc", tmp_path / "c.wet")
    assert (tmp_path / "c.wet").read_bytes() == (tmp_path / "b.wet").read_bytes()


def test_pages_without_a_text_are_named(tmp_path: Path) -> None:
    """They are kept as they are."""
    pytest.importorskip("fastwarc")
    pytest.importorskip("trafilatura")
    (tmp_path / "a.warc").write_bytes(page(b"<html></html>") + page(ARTICLE))
    assert [item.problem for item in read(tmp_path / "a.warc")] == ["no text could be extracted", ""]


def test_archives_are_known_by_content(tmp_path: Path) -> None:
    """Whatever the name."""
    for data, form in ((INFO + text(b"x"), "wet"), (INFO, "warc"), (page(ARTICLE), "warc")):
        (tmp_path / "a").write_bytes(data)
        with open_source(Source(tmp_path / "a", "a", Path("a")), Reading()) as opened:
            assert opened.format == form


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (text(b"x" * 50)[:-30], "the record is cut short"),
        (b"garbage\r\nmore garbage\r\n", "not a WARC record"),
        (b"WARC/1.0\r\nWARC-Type: conversion\r\n\r\n", "not a WARC record"),
        (text(b"x").replace(b"Content-Length: 1", b"Content-Length: -1"), "not a WARC record"),
        (text(b"x" * 5_000_000), "longer than 1 MiB"),
    ],
)
def test_bad_records_cost_no_other(bad: bytes, reason: str, tmp_path: Path) -> None:
    """Every byte is kept, the reason is said once, and the reader finds the next record."""
    after = [] if "cut short" in reason else [b"two"]
    data = text(b"one") + bad + b"".join(map(text, after))
    (tmp_path / "a.wet").write_bytes(data)
    records = read(tmp_path / "a.wet")
    assert b"".join(item.raw for item in records) == data
    assert [item.problem for item in records if item.problem] == [reason]
    assert max(len(item.raw) for item in records) <= 1 << 20
    assert [item.text.encode() for item in records if isinstance(item, Document)] == [b"one", *after]
