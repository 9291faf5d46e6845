"""The audit: what was found and cut in a batch run, one JSON record per document that is not simply clean.

``cleaner clean IN -o OUT`` keeps its side data in ``OUT/.cleaner``; the dot keeps it out of globs and of readers
that walk ``OUT`` as a corpus. The audit of the output ``OUT/a/b.jsonl.gz`` is the file
``OUT/.cleaner/audit/a/b.jsonl.gz.jsonl``; an output without findings has none. :func:`read` yields all records of
``OUT`` in the order of the outputs' names, :func:`totals` gives the counts of all documents, the clean ones too.

A record has these fields, in this order:

=========  =====================================================================================================
file       output file below ``OUT``, ``"a/b.jsonl.gz"``, always with ``/``
input      the input's name as it was given on the command line
record     number of the record in the input (1, 2, ...; the line of JSON lines, 0: the file is one document)
id         the document's id: a string or a whole number
url        the record's field ``url``, or ``""``
source     the record's field ``source``, or ``""``
status     ``changed``, ``review``, ``spam_page``, ``skipped``, ``failed`` (as in :class:`cleaner.Cleaning`), or
           ``bad``: a record that could not be used (``id`` is then ``""``, ``hash`` ``""``, there are no spans)
reason     the same in words
language   host language, ``"und"`` when unknown
spans      list of ``{"start", "end", "label", "score", "action", "evidence": [{"name", "weight", "detail"}],
           "text", "before", "after"}``: half-open code points of the source text, the flagged text, and up to 60
           code points on each side
edits      list of ``{"start", "removed", "inserted"}``: what was cut, replayable and reversible
hash       BLAKE2b-128 (hex) of the source text in UTF-8 (``surrogatepass``)
model      name and digest of the model
config     digest of the settings of the engine
aside      only with ``--bad skip`` and status ``bad``: bytes of the record in ``OUT/.cleaner/aside/<file>``
undo       only if the edits do not give the record back byte for byte: what else it takes, as
           :meth:`cleaner.io.records.Document.undo` returned it (``{"raw": ...}``: the whole record)
=========  =====================================================================================================
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from cleaner.batch.ledger import Ledger
from cleaner.batch.places import Places
from cleaner.errors import InputError
from cleaner.io.records import Document, Record
from cleaner.io.text import json_line
from cleaner.types import Cleaning, Edit, Span

Entry = dict[str, Any]
_SITES: Final = 50_000  # the largest ones; the others are left out
_CONTEXT: Final = 60  # code points beside a span: enough to see a sentence, little enough to print


def entry(document: Document, cleaning: Cleaning, output: str, config: str) -> bytes:
    """Return the line for a document. It is proved here that a changed one can be restored from the line."""
    text = document.text
    row = document.row("")
    values: Entry = {
        "file": output,
        "input": document.file,
        "record": document.number,
        "id": document.id,
        "url": _string(row, "url"),
        "source": _string(row, "source"),
        "status": cleaning.status,
        "reason": cleaning.reason,
        "language": cleaning.language,
        "spans": [_span(text, span) for span in cleaning.spans],
        "edits": [edit.to_dict() for edit in cleaning.edits],
        "hash": text_hash(text),
        "model": cleaning.model,
        "config": config,
    }
    if cleaning.changed and (undo := document.undo(cleaning)):
        values["undo"] = undo
    return json_line(values)


def bad_entry(record: Record, output: str, model: str, config: str, aside: int | None) -> bytes:
    """Return the line for a record that could not be used; ``aside``: how many bytes of it were put aside."""
    values: Entry = {
        "file": output, "input": record.file, "record": record.number, "id": "", "url": "", "source": "",
        "status": "bad", "reason": record.problem, "language": "und", "spans": [], "edits": [], "hash": "",
        "model": model, "config": config,
    }  # fmt: skip
    if aside is not None:
        values["aside"] = aside
    return json_line(values)


def text_hash(text: str) -> str:
    """Return the hash by which a record names its source text."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def edits_of(values: Entry) -> tuple[Edit, ...]:
    """Return the edits of a record."""
    return tuple(Edit(item["start"], item["removed"], item["inserted"]) for item in values["edits"])


def read(folder: Path, outputs: Sequence[str] = ()) -> Iterator[Entry]:
    """Yield the records of an output folder, all or those of the named outputs.

    Raises :class:`~cleaner.errors.InputError` when the folder has no ledger or an audit is damaged.
    """
    places = Places(folder)
    for output in outputs or [item.output for item in _files(places)]:
        yield from read_file(places.final("audit", output))


def read_file(path: Path) -> Iterator[Entry]:
    """Yield the records of one audit file; one that is not there holds none."""
    if not path.exists():
        return
    with path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            try:
                values = json.loads(line)
                values["record"], values["edits"], values["status"]
            except (ValueError, KeyError, TypeError):
                raise InputError(f"{path}:{number}: not an audit record") from None
            yield values


def totals(folder: Path) -> Entry:
    """Return the counts over all documents of an output folder, the clean ones too.

    They are those of :class:`cleaner.batch.counts.Counts`, with ``spans`` as ``{"remove": n, "review": n}`` and
    ``review`` for the documents with doubtful spans only; further ``files``, ``model``, ``config``,
    ``threshold`` and ``review_threshold`` as they were in the last run.
    """
    places = Places(folder)
    ledger = Ledger(places.ledger, readonly=True)
    try:
        counts = ledger.counts()
        files = list(ledger.files())
    finally:
        ledger.close()
    values: Entry = counts.to_dict()
    values["spans"] = {"remove": values.pop("cut"), "review": values.pop("review")}
    values["review"] = values.pop("reviews")
    values["sites"] = dict(counts.sites.most_common(_SITES))
    last = files[-1].settings if files else {}
    values["threshold"], values["review_threshold"] = last.get("thresholds", (None, None))
    return {**values, "files": len(files), "model": last.get("model"), "config": last.get("config")}


def _files(places: Places) -> list[Any]:
    ledger = Ledger(places.ledger, readonly=True)
    try:
        return list(ledger.files("done"))
    finally:
        ledger.close()


def _span(text: str, span: Span) -> Entry:
    before, after = text[max(0, span.start - _CONTEXT) : span.start], text[span.end : span.end + _CONTEXT]
    return {**span.to_dict(), "text": text[span.start : span.end], "before": before, "after": after}


def _string(row: dict[str, object], name: str) -> str:
    value = row.get(name)
    return value if isinstance(value, str) else ""
