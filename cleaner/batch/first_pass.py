"""The first pass of a run with recurrence: what phrases stand on many sites. Kept, so that a resumed run has it."""

from __future__ import annotations

import hashlib
import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from itertools import repeat

from cleaner.batch.job import Job
from cleaner.batch.ledger import Stamp
from cleaner.batch.place import named
from cleaner.batch.places import Places
from cleaner.errors import InputError
from cleaner.io.readers import Source, open_source
from cleaner.io.records import Document
from cleaner.io.writers import AtomicFile
from cleaner.recurrence import Recurrence, collect


def first_pass(
    job: Job, sources: Sequence[Source], places: Places, workers: int, tell: Callable[[str], None]
) -> Recurrence:
    """Return what recurs in the sources; read from the output folder when it was counted there before.

    Raises :class:`InputError` for standard input, which cannot be read twice.
    """
    if any(source.path is None for source in sources):
        raise InputError("--recurrence reads the inputs twice, and standard input only comes once")
    kept = places.state / f"recurrence-{_digest(job, sources)}.npz"
    if kept.is_file():
        return Recurrence.from_bytes(kept.read_bytes())
    whole = Recurrence()
    for part in _parts(job, sources, workers):
        whole.merge(Recurrence.from_bytes(part))
    if whole.overfull:
        tell("cleaner: more phrases than recurrence has room for; it is left out of the evidence")
    elif whole.counted and whole.unplaced == whole.counted:
        tell("cleaner: no document has a url or source field, so recurrence says nothing")
    with named(places.state):
        places.state.mkdir(parents=True, exist_ok=True)
        with AtomicFile(kept) as file:
            file.write(whole.to_bytes())
    return whole


def _parts(job: Job, sources: Sequence[Source], workers: int) -> Iterator[bytes]:
    if workers == 1:
        yield _collect(job, sources)
        return
    # A few groups a worker: one large file does not make the others wait, and few tables are merged.
    groups = [list(sources[start :: workers * 4]) for start in range(min(workers * 4, len(sources)))]
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:
        yield from pool.map(_collect, repeat(job), groups)


def _collect(job: Job, sources: Sequence[Source]) -> bytes:
    cleaner = replace(job, recurrence=None).open()
    part = Recurrence()
    for source in sources:
        try:
            with open_source(source, job.reading) as opened:
                for chunk in opened.chunks():
                    collect(cleaner, [record for record in chunk.records if isinstance(record, Document)], part)
        except InputError:
            continue  # the second pass reports it
    return part.to_bytes()


def _digest(job: Job, sources: Sequence[Source]) -> str:
    known = [f"{source.name}\0{Stamp.of(source.path) if source.path else None}" for source in sources]
    text = "\n".join([replace(job, recurrence=None).digest(job.open().model_id), *known])
    return hashlib.blake2b(text.encode("utf-8", "surrogateescape"), digest_size=8).hexdigest()
