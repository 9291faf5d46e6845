"""``cleaner clean``: an infected article goes in, a clean one comes out."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import click

from cleaner import Cleaner, InputError
from cleaner.cli._options import (
    Faults,
    engine_options,
    finish,
    input_options,
    make_cleaner,
    make_reading,
    outcomes,
    sources_of,
)
from cleaner.cli._screen import count, message, safe
from cleaner.io.packing import packing_of
from cleaner.io.readers import Source, open_source
from cleaner.io.records import Document, Reading, Record
from cleaner.io.text import json_line
from cleaner.io.writers import AtomicFile, Sink, StandardOutput, make_parents, output_paths, refuse_inputs
from cleaner.types import Cleaning


@click.command(
    short_help="Cut the injected spans and write everything else as it was.",
    epilog="""\b
Examples:
  cleaner clean article.txt > clean.txt          one text, to standard output
  curl -s URL | extract | cleaner clean          in a pipe
  cleaner clean article.txt -o clean.txt         appears only when it is complete
  cleaner clean pages/ -o cleaned/               a folder: the same tree below cleaned/
  cleaner clean feed.jsonl.gz -o clean.jsonl.gz  JSON lines, packed
  cleaner clean --records pages/ > records.jsonl what was found and cut, per document
  cleaner clean --threshold 0.99 article.txt     safer for clean text, leaves more spam

\b
Inputs and what becomes of them:
  Plain text is one document per file. JSON lines hold one document per line; only the characters
  that are cut change, every other byte of the line stays. A record that cannot be used (broken
  JSON, no text) is passed on as it is and reported as "file:line: reason"; the exit code is then 3.
  An input is never overwritten. Folders: files and folders that begin with a dot, links to folders
  and files that do not hold text are passed over.""",
)
@input_options
@click.option(
    "-o", "--output", metavar="OUT", help="A file for one input, a folder for several. Default: standard output."
)
@click.option("--records", is_flag=True, help="Write one JSON record per document (text, spans, edits, status).")
@engine_options
@click.option("-q", "--quiet", is_flag=True, help="No summary on standard error.")
def clean(
    inputs: tuple[str, ...],
    text_field: str,
    id_field: str,
    input_format: str,
    output: str | None,
    records: bool,
    threshold: float | None,
    review: float | None,
    model: str | None,
    quiet: bool,
) -> None:
    """Cut the injected spans out of INPUTS (files, folders, or "-" for standard input, the default).

    Writes everything else back byte for byte, and one line of figures on standard error.
    """
    out = Path(output) if output is not None else None
    several = len(inputs) > 1 or any(map(os.path.isdir, inputs))
    if several and out is None and not records:
        raise click.UsageError("several inputs need -o FOLDER (or --records)", click.get_current_context())
    job = _Job(make_cleaner(threshold, review, model), make_reading(input_format, text_field, id_field), records)
    sources = sources_of(inputs, out)
    if out is not None and not records and (several or os.path.isdir(out) or str(output).endswith("/")):
        _into_folder(job, sources, out)
    else:
        _into_one(job, sources, out)
    if not quiet:
        message(job.tally.summary(job.faults))
    finish(job.faults.exit_code())


@dataclass
class _Tally:
    """The figures of the summary line."""

    documents: int = 0
    changed: int = 0
    removed: int = 0
    review: int = 0
    characters: int = 0
    spam_pages: int = 0

    def add(self, cleaning: Cleaning) -> None:
        self.documents += 1
        self.changed += cleaning.changed
        self.removed += sum(span.action == "remove" for span in cleaning.spans) if cleaning.changed else 0
        self.review += sum(span.action == "review" for span in cleaning.spans)
        self.characters += sum(len(edit.removed) - len(edit.inserted) for edit in cleaning.edits)
        self.spam_pages += cleaning.status == "spam_page"

    def summary(self, faults: Faults) -> str:
        parts = [
            count(self.documents, "document"),
            f"{self.changed} changed",
            f"{count(self.removed, 'span')} removed",
            f"{self.review} for review",
            f"{count(self.characters, 'character')} removed",
        ]
        extra = {
            "left whole": count(self.spam_pages, "page of spam", "pages of spam"),
            "passed on unchanged": count(faults.records, "bad record"),
            "failed": count(faults.sources, "input"),
        }
        parts += [f"{value} {name}" for name, value in extra.items() if not value.startswith("0 ")]
        return "cleaner: " + ", ".join(parts)


@dataclass
class _Job:
    """One run: how to read, the engine, and what came of it so far."""

    cleaner: Cleaner
    reading: Reading
    records: bool
    tally: _Tally = field(default_factory=_Tally)
    faults: Faults = field(default_factory=Faults)

    def copy(self, records: Iterable[Record], sink: Sink) -> None:
        """Write every record to the sink, cleaned."""
        for record, cleaning in outcomes(self.cleaner, records, self.faults):
            if cleaning is not None:
                self.tally.add(cleaning)
                if cleaning.status == "spam_page":
                    message(f"{safe(record.place)}: spam from end to end, left whole")
            sink.write(self._rendered(record, cleaning))

    def _rendered(self, record: Record, cleaning: Cleaning | None) -> bytes:
        if self.records:
            return _record_line(record, cleaning)
        if isinstance(record, Document) and cleaning is not None and cleaning.changed:
            return record.render(cleaning)
        return record.raw


def _record_line(record: Record, cleaning: Cleaning | None) -> bytes:
    """Return the JSON record of a document. A bad record has one too: as many come out as went in."""
    place = {"file": record.file, "record": record.number or None}
    if isinstance(record, Document) and cleaning is not None:
        return json_line({"id": record.id, **place, **cleaning.to_dict()})
    if not record.problem:
        return b""
    empty: dict[str, object] = {"status": "failed", "reason": record.problem, "text": None, "spans": [], "edits": []}
    return json_line({"id": record.place, **place, **empty})


def _into_one(job: _Job, sources: list[Source], out: Path | None) -> None:
    """Write everything to one file, or to standard output."""
    if out is None:
        sink = StandardOutput()
        sink.refuse_inputs(sources)
        _copy_all(job, sources, sink)
        sink.flush()
        return
    target = out.resolve()  # a link stays a link: what it points to is replaced
    refuse_inputs([target], sources)
    with AtomicFile(target, packing=packing_of(target.name)) as file:
        _copy_all(job, sources, file)


def _copy_all(job: _Job, sources: list[Source], sink: Sink) -> None:
    for source in sources:
        try:
            with open_source(source, job.reading) as opened:
                job.copy(opened.records, sink)
        except InputError as error:
            if len(sources) == 1:
                raise  # then there is nothing to go on with, and no output file
            job.faults.source(error)


def _into_folder(job: _Job, sources: list[Source], folder: Path) -> None:
    """Mirror the inputs below the folder. An input that cannot be read has no output; the others go on."""
    paths = output_paths(sources, folder)
    refuse_inputs(paths, sources)
    for source, path in zip(sources, paths, strict=True):
        make_parents(path, folder)
        try:
            with open_source(source, job.reading) as opened, AtomicFile(path, packing=opened.packing) as file:
                job.copy(opened.records, file)
        except InputError as error:
            job.faults.source(error)
