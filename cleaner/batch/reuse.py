"""Parts of a file that changed elsewhere: what an earlier run wrote for them is taken over."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from cleaner.batch.ledger import Entry, PartEntry
from cleaner.batch.outcome import Done, PackedFile
from cleaner.batch.places import KINDS, TEXT, Places
from cleaner.io.records import Unit

_PIECE: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Known:
    """A part as an earlier run did it, and where in the finished files its bytes stand: path and offset by kind."""

    entry: PartEntry
    kind: tuple[str, str, str]
    places: dict[str, tuple[Path, int]]


def known_parts(entry: Entry, parts: Sequence[PartEntry], places: Places) -> dict[Unit, Known]:
    """Return the parts of a finished file that may be taken over; only plain files have such."""
    if entry.packing or entry.format != entry.written or entry.format == "parquet":
        return {}
    offsets = dict.fromkeys(KINDS, 0)
    known: dict[Unit, Known] = {}
    for part in parts:
        where = {kind: (places.final(kind, entry.output), offsets[kind]) for kind in part.sizes}
        known[part.unit] = Known(part, (entry.format, entry.packing, entry.written), where)
        for kind, size in part.sizes.items():
            offsets[kind] += size
    return known


def take_over(
    output: str, path: Path, number: int, last: bool, known: Known, new_file: Callable[[str], Path]
) -> Done | None:
    """Return the outcome of a part whose input bytes are what they were; ``None`` if they are not."""
    unit = known.entry.unit
    digest = hashlib.blake2b(digest_size=16)
    try:
        for piece in _range(path, unit.start, known.entry.in_size):
            digest.update(piece)
    except OSError:
        return None
    if digest.hexdigest() != known.entry.in_hash:
        return None
    files: dict[str, PackedFile] = {}
    try:
        for kind, (source, offset) in known.places.items():
            files[kind] = PackedFile(new_file(kind), "")
            for piece in _range(source, offset, known.entry.sizes[kind]):
                files[kind].write(piece)
        whole = {kind: file.close() for kind, file in files.items()} == known.entry.sizes
        hashes = files[TEXT].hash.hexdigest() == known.entry.out_hash
    except OSError:
        whole = hashes = False
    if not (whole and hashes):
        for file in files.values():
            file.discard()
        return None
    names = {kind: str(file.path) for kind, file in files.items()}
    return Done(output, replace(known.entry, number=number, last=last), known.kind, names)


def _range(path: Path, start: int, size: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(start)
        while size > 0 and (piece := file.read(min(size, _PIECE))):
            size -= len(piece)
            yield piece
