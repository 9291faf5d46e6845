"""Cleaning into one place, a file or standard output: one process, nothing kept beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cleaner import Cleaner, InputError
from cleaner.batch.counts import Counts
from cleaner.batch.job import Job
from cleaner.batch.outcome import BadRecord, annotated
from cleaner.cli._options import Faults
from cleaner.cli._screen import count, message, safe
from cleaner.io.outputs import default_output, infer_layout, make_writer
from cleaner.io.packing import packing_of
from cleaner.io.readers import Opened, Source, open_source
from cleaner.io.records import Chunk, Document, Record
from cleaner.io.text import json_line
from cleaner.io.writers import AtomicFile, Sink, StandardOutput, refuse_inputs
from cleaner.recurrence import chunk_sites
from cleaner.types import Cleaning


def figures(counts: Counts) -> list[str]:
    """Return what was done, in words."""
    parts = [
        count(counts.documents, "document"),
        f"{counts.changed} changed",
        f"{count(counts.cut, 'span')} removed",
        f"{counts.review} for review",
        f"{count(counts.removed, 'character')} removed",
    ]
    return parts + ([f"{count(counts.spam_pages, 'page')} of spam left whole"] if counts.spam_pages else [])


@dataclass
class Stream:
    """One run: what to do, the engine, and what came of it so far. ``records``: write what was found instead."""

    job: Job
    cleaner: Cleaner
    records: bool
    counts: Counts = field(default_factory=Counts)
    faults: Faults = field(default_factory=Faults)

    def run(self, sources: Sequence[Source], out: Path | None) -> None:
        """Write everything to one file, or to standard output."""
        if out is None:
            sink = StandardOutput()
            sink.refuse_inputs(sources)
            self._copy_all(sources, sink)
            sink.flush()
            return
        target = out.resolve()  # a link stays a link: what it points to is replaced
        refuse_inputs([target], sources)
        with AtomicFile(target, packing=packing_of(target.name)) as file:
            self._copy_all(sources, file)

    def summary(self) -> str:
        """Return the last line."""
        parts = figures(self.counts)
        if self.faults.records:
            parts.append(f"{count(self.faults.records, 'bad record')} passed on unchanged")
        if self.faults.sources:
            parts.append(f"{count(self.faults.sources, 'input')} failed")
        return "cleaner: " + ", ".join(parts)

    def _copy_all(self, sources: Sequence[Source], sink: Sink) -> None:
        for source in sources:
            try:
                with open_source(source, self.job.reading) as opened:
                    self._copy(opened, sink)
            except InputError as error:
                if len(sources) == 1:
                    raise  # then there is nothing to go on with, and no output file
                self.faults.source(error)

    def _copy(self, opened: Opened, sink: Sink) -> None:
        to = self.job.to or default_output(opened.format)
        if self.job.annotate and not to == opened.format == "jsonl":
            raise InputError(f"{opened.source.name}: --annotate is for JSON lines, not for {opened.format}")
        layout = infer_layout(opened.source, self.job.reading, to) if to != opened.format else None
        writer = make_writer(to, sink, opened.format, layout=layout)
        for chunk in opened.chunks():
            cleanings = self._cleaned(chunk)
            if self.records:
                sink.write(b"".join([_record_line(*pair) for pair in zip(chunk.records, cleanings, strict=True)]))
            elif self.job.annotate:
                sink.write(b"".join([annotated(*pair) for pair in zip(chunk.records, cleanings, strict=True)]))
            else:
                for record in writer.write(chunk, cleanings):
                    self._report(record, None)
        if not self.records:
            writer.close()

    def _cleaned(self, chunk: Chunk) -> list[Cleaning | None]:
        found = self.cleaner.clean_many(chunk.texts, chunk_sites(chunk) if self.job.verdicts else None)
        cleanings = [next(found) if isinstance(record, Document) else None for record in chunk.records]
        for record, cleaning in zip(chunk.records, cleanings, strict=True):
            if cleaning is not None:
                self.counts.documents += 1
                self.counts.note(cleaning)
            self._report(record, cleaning)
        return cleanings

    def _report(self, record: Record, cleaning: Cleaning | None) -> None:
        if record.problem:
            if self.job.bad == "stop":
                raise BadRecord(f"{record.place}: {record.problem} (--bad stop)")
            self.faults.record(record.place, record.problem)
        elif cleaning is not None and cleaning.status in ("skipped", "failed"):
            self.faults.record(record.place, f"{cleaning.status}: {cleaning.reason}")
        elif cleaning is not None and cleaning.status == "spam_page":
            message(f"{safe(record.place)}: spam from end to end, left whole")
        elif isinstance(record, Document) and record.note:
            message(f"{safe(record.place)}: {record.note}")


def _record_line(record: Record, cleaning: Cleaning | None) -> bytes:
    """Return the JSON record of a document. A bad record has one too: as many come out as went in."""
    place = {"file": record.file, "record": record.number or None}
    if isinstance(record, Document) and cleaning is not None:
        return json_line({"id": record.id, **place, **cleaning.to_dict()})
    if not record.problem:
        return b""
    empty: dict[str, object] = {"status": "failed", "reason": record.problem, "text": None, "spans": [], "edits": []}
    return json_line({"id": record.place, **place, **empty})
