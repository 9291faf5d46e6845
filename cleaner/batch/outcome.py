"""The outcome of one part while it is done: its bytes, its audit, what was put aside, its counts."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final, Protocol

from cleaner import Cleaner, Cleaning
from cleaner.batch import audit
from cleaner.batch.counts import Counts
from cleaner.batch.job import Job
from cleaner.batch.ledger import PartEntry
from cleaner.batch.places import ASIDE, ATTRIBUTES, AUDIT, TEXT
from cleaner.errors import CleanerError, InputError, OutputError
from cleaner.io.outputs import default_output, infer_layout, make_writer
from cleaner.io.packing import Packer
from cleaner.io.readers import Opened
from cleaner.io.records import Chunk, Document, Record, Unit
from cleaner.io.text import json_line
from cleaner.recurrence import chunk_sites, site_of_row

_MESSAGES: Final = 100  # problems of a part that are reported one by one; the audit has them all


class BadRecord(CleanerError):
    """A record that cannot be used, where such a one is to end the run."""

    exit_code = 65


@dataclass(slots=True)
class Done:
    """The outcome of a part: its entry in the ledger, and the files with its bytes by kind, not in place yet.

    ``kind`` is the format read, its packing, and the format written. ``more``: the same task goes on behind this
    part. ``error`` ends the file, ``code`` is its exit code.
    """

    output: str
    entry: PartEntry
    kind: tuple[str, str, str] = ("", "", "")
    files: dict[str, str] = field(default_factory=dict)
    more: bool = False
    problems: list[tuple[str, str]] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)
    error: str = ""
    code: int = 0


class Desk(Protocol):
    """What an outcome needs of the worker who makes it."""

    job: Job
    cleaner: Cleaner
    config: str

    def new_file(self, kind: str) -> Path:
        """Return a name that was not used before."""


class Outcome:
    """The files and counts of one part while it is done."""

    def __init__(self, desk: Desk, name: str, output: str, opened: Opened, number: int, start: Unit) -> None:
        job = desk.job
        self._desk = desk
        self._name = name
        self._output = output
        self._number = number
        self._start = start
        self._next = start
        written = job.to or default_output(opened.format)
        self._kind = (opened.format, opened.packing, written)
        if job.annotate and not (written == opened.format == "jsonl"):
            raise InputError(f"{name}: --annotate is for JSON lines, not for {opened.format}")
        self._plain = written == opened.format and opened.format not in ("parquet", "wet")
        self._files = {TEXT: PackedFile(desk.new_file(TEXT), opened.packing if written != "parquet" else "")}
        self._sink = self._files[TEXT]
        layout = infer_layout(opened.source, job.reading, written) if written != opened.format else None
        self._writer = make_writer(written, self._sink, opened.format, layout=layout, first=number == 0)
        self._packing = opened.packing
        self._hash = hashlib.blake2b(digest_size=16)
        self._differs = not self._plain
        self._problems: list[tuple[str, str]] = []
        self._notes: list[tuple[str, str]] = []
        self.counts = Counts()
        self.size = 0
        self.whole = True  # no record is under way: a part may end here

    def add(self, chunk: Chunk) -> None:
        """Clean a chunk and write it."""
        raw = b"".join([record.raw for record in chunk.records])
        texts = chunk.texts
        self.size += len(raw) or sum(map(len, texts))  # Parquet has rows, not bytes
        self._next = chunk.next or self._next
        self.whole = chunk.next is not None
        found = iter(self._desk.cleaner.clean_many(texts, chunk_sites(chunk) if self._desk.job.verdicts else None))
        cleanings = [next(found) if isinstance(record, Document) else None for record in chunk.records]
        same = self._look(chunk.records, cleanings)
        if self._desk.job.attributes:
            self._attributes(chunk, cleanings)
        if same and self._plain:
            # Nothing to change: no reason to take it apart once more, nor to hash it twice.
            self._hash.update(raw)
            self._sink.write(raw, hashed=self._differs)
            return
        if not self._differs:
            self._differs = True
            self._sink.hash = self._hash.copy()
        self._hash.update(raw)
        self._put(chunk, cleanings)

    def _look(self, records: Sequence[Record], cleanings: Sequence[Cleaning | None]) -> bool:
        """Count what was found and put it on record; return whether the output will be as the input is."""
        job, counts = self._desk.job, self.counts
        same = True
        for record, cleaning in zip(records, cleanings, strict=True):
            if cleaning is not None and isinstance(record, Document):
                counts.documents += 1
                counts.characters += len(record.text)
                counts.languages[cleaning.language] += 1
                if cleaning.status != "clean":
                    self._note(record, cleaning)
                    same &= not (cleaning.changed or (job.annotate and cleaning.spans))
                if job.sites:
                    counts.sites[site_of_row(record.row(""))] += 1
                if record.note:
                    self._remark(record.place, record.note)
            elif record.bad:
                self._bad(record)
                same &= job.bad != "skip"
        return same

    def _put(self, chunk: Chunk, cleanings: Sequence[Cleaning | None]) -> None:
        if self._desk.job.bad == "skip" and any(record.bad for record in chunk.records):
            flags = [not record.bad for record in chunk.records]
            cleanings = [cleaning for cleaning, flag in zip(cleanings, flags, strict=True) if flag]
            chunk = chunk.keep(flags)
        if self._desk.job.annotate:
            self._sink.write(b"".join([annotated(*pair) for pair in zip(chunk.records, cleanings, strict=True)]))
            return
        for unfit in self._writer.write(chunk, cleanings):
            self._bad(unfit, stays=True)

    def close(self, *, last: bool, more: bool = False) -> Done:
        """Put everything on the disk and return what came of it."""
        self._writer.close()
        sizes = {kind: file.close() for kind, file in self._files.items()}
        counts = self.counts
        counts.bytes = self.size
        unit = Unit(self._start.start, self._next.start, self._start.number, self._start.line)
        digest = self._hash.hexdigest()
        out = self._sink.hash.hexdigest() if self._differs else digest
        entry = PartEntry(self._number, unit, last, self._next, self.size, digest, out, sizes, counts)
        files = {kind: str(file.path) for kind, file in self._files.items()}
        self._files = {}  # they are the receiver's now
        return Done(self._output, entry, self._kind, files, more, self._problems, self._notes)

    def discard(self) -> None:
        """Take away the files of a part that came to nothing."""
        for file in self._files.values():
            file.discard()

    def damage(self, reason: str) -> None:
        """Note that the rest of the file cannot be read."""
        record = Record(self._name, 0, self._next.number, b"", reason.removeprefix(f"{self._name}: "))
        self._bad(record, stays=True)

    def _note(self, document: Document, cleaning: Cleaning) -> None:
        self.counts.note(cleaning)
        self._file(AUDIT).write(audit.entry(document, cleaning, self._output, self._desk.config))
        if cleaning.status in ("skipped", "failed"):
            self._problem(document.place, f"{cleaning.status}: {cleaning.reason}")
        elif cleaning.status == "spam_page":
            self._remark(document.place, "spam from end to end, left whole")

    def _bad(self, record: Record, *, stays: bool = False) -> None:
        desk = self._desk
        aside = desk.job.bad == "skip" and not stays
        if aside:
            self._file(ASIDE).write(record.raw)
        if record.problem or aside:
            line = audit.bad_entry(
                record, self._output, desk.cleaner.model_id, desk.config, len(record.raw) if aside else None
            )
            self._file(AUDIT).write(line)
        if record.problem:
            self.counts.bad += 1
            if desk.job.bad == "stop":
                raise BadRecord(f"{record.place}: {record.problem} (--bad stop)")
            self._problem(record.place, record.problem)

    def _attributes(self, chunk: Chunk, cleanings: Sequence[Cleaning | None]) -> None:
        lines = [
            _attribute_line(record, cleaning)
            for record, cleaning in zip(chunk.records, cleanings, strict=True)
            if cleaning is not None or record.problem
        ]
        self._file(ATTRIBUTES).write(b"".join(lines))

    def _file(self, kind: str) -> PackedFile:
        if kind not in self._files:
            packing = self._packing if kind == ATTRIBUTES else ""
            self._files[kind] = PackedFile(self._desk.new_file(kind), packing)
        return self._files[kind]

    def _problem(self, place: str, reason: str) -> None:
        if len(self._problems) < _MESSAGES:
            self._problems.append((place, reason))

    def _remark(self, place: str, what: str) -> None:
        if len(self._notes) < _MESSAGES:
            self._notes.append((place, what))


class PackedFile:
    """A file of an outcome, packed on the way; ``hash`` is that of the bytes before packing."""

    def __init__(self, path: Path, packing: str) -> None:
        self.path = path
        self._packer = Packer(packing) if packing else None
        self.hash = hashlib.blake2b(digest_size=16)
        self._gone = False
        try:
            self._file: BinaryIO = path.open("xb")
        except OSError as error:
            raise OutputError(f"{path}: {error.strerror or error}") from None

    def write(self, data: bytes, *, hashed: bool = True) -> None:
        """Write bytes; not ``hashed``: the caller has their hash already."""
        if hashed:
            self.hash.update(data)
        self._put(self._packer.pack(data) if self._packer else data)

    def cut(self) -> None:
        """End a gzip member or zstd frame here."""
        if self._packer:
            self._put(self._packer.cut())

    def close(self) -> int:
        """Flush everything to the disk; return the size of the file."""
        if self._packer:
            self._put(self._packer.close())
        try:
            self._file.flush()
            os.fsync(self._file.fileno())
            size = self._file.tell()
            self._file.close()
        except OSError as error:
            raise OutputError(f"{self.path}: {error.strerror or error}") from None
        return size

    def discard(self) -> None:
        """Take the file away. What a writer still sends when it is thrown away goes nowhere."""
        self._gone = True
        with suppress(OSError, ValueError):
            self._file.close()
        with suppress(OSError):
            self.path.unlink(missing_ok=True)

    def _put(self, data: bytes) -> None:
        if self._gone:
            return
        try:
            self._file.write(data)
        except OSError as error:
            raise OutputError(f"{self.path}: {error.strerror or error}") from None


def annotated(record: Record, cleaning: Cleaning | None) -> bytes:
    """Return a line of JSON with what was found as a last member, nothing cut; without a finding as it is."""
    if cleaning is None or not cleaning.spans:
        return record.raw
    spans = [span.to_dict() for span in cleaning.spans]
    edits = [edit.to_dict() for edit in cleaning.edits]
    value = {"status": cleaning.status, "language": cleaning.language, "spans": spans, "edits": edits}
    end = record.raw.rindex(b"}")
    return record.raw[:end] + b', "cleaner": ' + json_line(value).rstrip() + record.raw[end:]


def _attribute_line(record: Record, cleaning: Cleaning | None) -> bytes:
    """Return a row of dolma attributes: what would be cut, seams included, and what is for review."""
    values: dict[str, list[list[float]]] = {"cleaner__cleaner__remove": [], "cleaner__cleaner__review": []}
    if cleaning is not None:
        for edit in cleaning.edits:
            inside = [span.score for span in cleaning.spans if span.start < edit.end and edit.start < span.end]
            score = round(max(inside, default=1.0), 5)
            values["cleaner__cleaner__remove"].append([edit.start, edit.end, score])
        for span in cleaning.spans:
            if span.action == "review":
                values["cleaner__cleaner__review"].append([span.start, span.end, round(span.score, 5)])
    identity = record.id if isinstance(record, Document) else record.place
    return json_line({"id": identity, "attributes": values})
