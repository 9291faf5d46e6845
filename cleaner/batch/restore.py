"""The way back: from outputs and their audit to the inputs, byte for byte, without a model."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from cleaner.batch import audit
from cleaner.batch.ledger import Entry, Ledger, PartEntry, Stamp
from cleaner.batch.place import named
from cleaner.batch.places import ASIDE, AUDIT, TEXT, Places
from cleaner.errors import CleanerError, InputError
from cleaner.io.outputs import make_writer
from cleaner.io.readers import Source, open_source
from cleaner.io.records import Chunk, Document, Fields, Reading, Record, inverse
from cleaner.io.writers import AtomicFile, Sink, make_parents, refuse_inputs
from cleaner.repair import restore as restore_text
from cleaner.types import Cleaning


@dataclass(slots=True)
class Restored:
    """What came of it: files and documents put back as they were, files that could not be."""

    files: int = 0
    documents: int = 0
    failed: int = 0
    code: int = 0


def restore(folder: Path, back: Path, failed: Callable[[CleanerError], None]) -> Restored:
    """Write the inputs of the output folder ``folder`` into ``back``, as a tree with the same names.

    Every file is compared with the hashes that were taken when it was read; one that differs is not written, and
    ``failed`` is called for it. Files of bytes come back byte for byte; packed files in which something was
    changed come back with the same content, packed anew; Parquet comes back as the same table.
    """
    places = Places(folder)
    result = Restored()
    with closing(Ledger(places.ledger, readonly=True)) as ledger:
        for entry in ledger.files():
            try:
                result.documents += _file(places, ledger, entry, back)
                result.files += 1
            except CleanerError as error:
                result.failed += 1
                result.code = max(result.code, error.exit_code)
                failed(error)
    return result


def _file(places: Places, ledger: Ledger, entry: Entry, back: Path) -> int:
    source, target = places.final(TEXT, entry.output), back / entry.output
    if entry.state != "done":
        raise InputError(f"{source}: not finished; run the same 'cleaner clean' again first")
    if Stamp.of(source) is None:
        raise InputError(f"{source}: the output is not there any more")
    if entry.written != entry.format:
        raise InputError(f"{source}: was converted from {entry.format}; only outputs of the same format go back")
    refuse_inputs([target], [Source(source, str(source), Path(entry.output))])
    with named(back):
        back.mkdir(parents=True, exist_ok=True)
    make_parents(target, back)
    parts = ledger.parts(entry.output)
    if not any(part.counts.touched for part in parts):
        with AtomicFile(target) as file:
            _copy(source, file, None if entry.packing else _Proof(parts, str(source)))
        return 0
    fields = Fields(entry.settings["text_field"], entry.settings["id_field"])
    reading = Reading(entry.format, fields, entry.settings["max_document"])
    proof = _Proof(parts, str(source))
    turned = _Turned(places, entry)
    found = Source(source, str(source), Path(entry.output))
    with AtomicFile(target, packing=entry.packing) as file, open_source(found, reading) as opened:
        if entry.format == "parquet":
            writer = make_writer(entry.written, file, entry.format)
            for chunk in opened.chunks():
                writer.write(chunk, turned.cleanings(chunk))
            writer.close()
            return turned.documents
        for chunk in opened.chunks():
            proof.pass_on(turned.raw(chunk), file)
        proof.pass_on(turned.rest(), file)
        proof.finish()
    return turned.documents


def _copy(source: Path, sink: Sink, proof: _Proof | None) -> None:
    with named(source), source.open("rb") as file:
        while piece := file.read(1 << 20):
            if proof is None:
                sink.write(piece)
            else:
                proof.pass_on(piece, sink)
    if proof is not None:
        proof.finish()


class _Turned:
    """Records of an output turned back into those of the input, with the help of the audit."""

    def __init__(self, places: Places, entry: Entry) -> None:
        self._entries = audit.read_file(places.final(AUDIT, entry.output))
        self._aside = places.final(ASIDE, entry.output)
        self._aside_at = 0
        self._annotated = bool(entry.settings.get("annotated"))
        self._shift = 0
        self._next: audit.Entry | None = None
        self._advance()
        self.documents = 0

    def raw(self, chunk: Chunk) -> bytes:
        """Return the bytes that these records had in the input."""
        pieces: list[bytes] = []
        for record in chunk.records:
            pieces += self._put_aside(record.number)
            entry = self._for(record)
            pieces.append(record.raw if entry is None else self._revert(record, entry))
        return b"".join(pieces)

    def rest(self) -> bytes:
        """Return what was put aside at the end of the file."""
        return b"".join(self._put_aside(None))

    def cleanings(self, chunk: Chunk) -> list[Cleaning | None]:
        """Return outcomes that put the source texts into the rows of a table."""
        results: list[Cleaning | None] = []
        for record in chunk.records:
            entry = self._for(record)
            if not isinstance(record, Document):
                results.append(None)
                continue
            edits = audit.edits_of(entry) if entry is not None else ()
            self.documents += bool(edits)
            text = restore_text(record.text, edits)
            results.append(Cleaning(text, (), tuple(inverse(edits)), "changed" if edits else "clean", "", "und", ""))
        return results

    def _for(self, record: Record) -> audit.Entry | None:
        """Return the audit record of a record of the output, if there is one."""
        number = record.number + self._shift
        while self._next is not None and self._next["record"] < number:
            self._advance()
        found = self._next
        if found is None or found["record"] != number or "aside" in found or found["status"] == "bad":
            return None
        self._advance()
        return found

    def _put_aside(self, number: int | None) -> Iterator[bytes]:
        """Yield the records that stood before this one of the output and were put aside."""
        while self._next is not None:
            if "aside" in self._next:
                here = self._next["record"] + (not self._next["reason"])  # the rest of one that was counted
                if number is not None and here > number + self._shift:
                    return
                size = self._next["aside"]
                with named(self._aside), self._aside.open("rb") as file:
                    file.seek(self._aside_at)
                    yield file.read(size)
                self._aside_at += size
                self._shift += bool(self._next["reason"])
            elif number is not None and self._next["record"] >= number + self._shift:
                return
            self._advance()

    def _revert(self, record: Record, entry: audit.Entry) -> bytes:
        if not isinstance(record, Document):
            raise InputError(f"{record.place}: this is not the record that was written here")
        if self._annotated and entry["spans"]:
            self.documents += 1
            end = record.raw.rindex(b', "cleaner": ')
            return record.raw[:end] + record.raw[record.raw.rindex(b"}") :]
        if not entry["edits"]:
            return record.raw
        self.documents += 1
        return record.revert(audit.edits_of(entry), entry.get("undo", {}))

    def _advance(self) -> None:
        self._next = next(self._entries, None)


class _Proof:
    """Compares bytes with the hashes of the parts that were read."""

    def __init__(self, parts: Sequence[PartEntry], name: str) -> None:
        self._parts = list(reversed(parts))
        self._name = name
        self._hash = hashlib.blake2b(digest_size=16)
        self._left = self._parts[-1].in_size if self._parts else 0

    def pass_on(self, data: bytes, sink: Sink) -> None:
        """Take bytes and write them on."""
        sink.write(data)
        view = memoryview(data)
        while view:
            piece = view[: self._left]
            self._hash.update(piece)
            self._left -= len(piece)
            view = view[len(piece) :]
            if not self._left:
                self._check(bool(view))

    def finish(self) -> None:
        """Raise :class:`InputError` unless all parts came and were right."""
        while self._parts:
            if self._left:
                raise self._wrong()
            self._check(False)

    def _check(self, more: bool) -> None:
        part = self._parts.pop() if self._parts else None
        if part is None or part.in_hash != self._hash.hexdigest() or (more and not self._parts):
            raise self._wrong()
        self._hash = hashlib.blake2b(digest_size=16)
        self._left = self._parts[-1].in_size if self._parts else 0

    def _wrong(self) -> InputError:
        return InputError(f"{self._name}: output and audit do not give back what was read; was one of them changed?")
