"""The run: plans the parts, has them done, and puts every outcome in its place so that a crash loses nothing.

What is promised of ``kill -9`` at any moment: a file under its final name is whole; the next run goes on behind
the last part that is in the ledger; the bytes in the end are those of a run that was not interrupted.
"""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from cleaner.batch.counts import Counts
from cleaner.batch.job import Job
from cleaner.batch.ledger import Entry, Ledger, Stamp
from cleaner.batch.lock import locked
from cleaner.batch.outcome import Done
from cleaner.batch.place import Placer, named
from cleaner.batch.places import TEXT, Places
from cleaner.batch.plan import Planner, Underway
from cleaner.batch.workers import parallel, serial
from cleaner.errors import CleanerError, OutputError
from cleaner.io.readers import Source


class Watcher(Protocol):
    """Who wants to know how the run goes."""

    def passed(self, source: Source, size: int) -> None:
        """Note an input of this size that an earlier run has done."""

    def part(self, done: Done, size: int) -> None:
        """Note a part that is on the disk; it stands for ``size`` bytes of the input files."""

    def failed(self, message: str, code: int) -> None:
        """Note a file that cannot be done; the others go on."""


@dataclass(slots=True)
class Summary:
    """What came of a run: counts over the whole output folder, files done now and before, files that failed."""

    counts: Counts = field(default_factory=Counts)
    files: int = 0
    before: int = 0
    failed: int = 0
    code: int = 0


def run(
    job: Job,
    sources: Sequence[Source],
    outputs: Sequence[str],
    places: Places,
    watcher: Watcher,
    workers: int = 1,
    *,
    resume: bool = True,
) -> Summary:
    """Clean the sources into the folder of ``places`` and return what came of it.

    What an earlier run has done with the same job on the same inputs is left as it is, unless ``resume`` is
    false. Raises
    :class:`~cleaner.errors.LockedError` when another run is writing there,
    :class:`~cleaner.errors.OutputError` when something cannot be written. After any error or interrupt the next
    run goes on where this one stopped.
    """
    with named(places.state):
        places.parts.mkdir(parents=True, exist_ok=True)
    with locked(places.lock), closing(Ledger(places.ledger)) as ledger, _work_folder(places) as work:
        if not resume:
            with ledger.transaction():
                ledger.clear()
        return _Run(job, places, ledger, work, watcher).go(sources, outputs, workers)


class _Run:
    def __init__(self, job: Job, places: Places, ledger: Ledger, work: Path, watcher: Watcher) -> None:
        self._job = job
        self._places = places
        self._ledger = ledger
        self._work = work
        self._watcher = watcher
        self._placer = Placer(places, work, copies=not job.annotate)
        self._paths: dict[str, Path | None] = {}
        self._summary = Summary()
        cleaner = job.open()
        digest, settings = job.digest(cleaner.model_id), job.settings(cleaner)
        self._planner = Planner(job, digest, settings, places, ledger, self._passed, self._failed)

    def go(self, sources: Sequence[Source], outputs: Sequence[str], workers: int) -> Summary:
        self._paths = {output: source.path for source, output in zip(sources, outputs, strict=True)}
        sealed = [(entry, self._paths.get(entry.output)) for entry in self._ledger.files("sealed")]
        self._finish(sealed)  # a crash came between
        self._sweep()
        tasks = self._planner.tasks(sources, outputs)
        if workers > 1:
            messages = parallel(self._job, self._work, tasks, workers)
        else:
            messages = serial(self._job, self._work, tasks)
        with closing(messages):
            for message in messages:
                self._commit(message)
        summary = self._summary
        for output in outputs:
            summary.counts.add(self._ledger.counts(output))
        return summary

    def _commit(self, message: list[Done]) -> None:
        """Put the outcomes of a message into the ledger, and the files that are complete into their places."""
        good = [done for done in message if self._usable(done)]
        for done in good:
            self._placer.accept(done)
        self._placer.sync()
        complete: list[tuple[Entry, Path | None]] = []
        with self._ledger.transaction():
            for done in good:
                file = self._planner.underway[done.output]
                self._enter(file, done)
                if file.complete:
                    self._ledger.seal(done.output, done.kind)
                    form, packing, written = done.kind
                    entry = replace(file.entry, format=form, packing=packing, written=written)
                    complete.append((entry, self._paths[done.output]))
        self._finish(complete)
        for done in good:
            self._watcher.part(done, self._weight(done))
        for entry, _ in complete:
            del self._planner.underway[entry.output]
        self._summary.files += len(complete)

    def _usable(self, done: Done) -> bool:
        """Whether an outcome is to be kept; not of a file that failed. Raises what ends the run."""
        if done.error and (done.code == OutputError.exit_code or self._job.bad == "stop"):
            error = CleanerError(done.error)
            error.exit_code = done.code
            raise error
        if done.output not in self._planner.underway:
            return False
        if done.error:
            del self._planner.underway[done.output]
            self._fail(done.error, done.code)
            return False
        return True

    def _enter(self, file: Underway, done: Done) -> None:
        if not file.entered:
            self._placer.drop(done.output, [part for part in self._ledger.parts(done.output) if part.number])
            self._ledger.begin(file.entry)
            file.entered = True
        self._ledger.add(done.output, [done.entry])
        file.numbers.add(done.entry.number)
        if done.entry.last:
            file.last = done.entry.number

    def _finish(self, complete: Sequence[tuple[Entry, Path | None]]) -> None:
        """Put sealed files under their final names and note that."""
        parts = {entry.output: self._ledger.parts(entry.output) for entry, _ in complete}
        for entry, path in complete:
            self._placer.finish(entry, parts[entry.output], path)
        self._placer.sync()
        with self._ledger.transaction():
            for entry, _ in complete:
                stamp = Stamp.of(self._places.final(TEXT, entry.output))
                if stamp is None:
                    raise OutputError(f"{self._places.final(TEXT, entry.output)}: it was taken away")
                self._ledger.done(entry.output, stamp)
        for entry, _ in complete:
            self._placer.drop(entry.output, parts[entry.output])

    def _sweep(self) -> None:
        """Remove parts that a killed run left behind and no file is waiting for."""
        needed = {
            self._places.part(entry.output, part.number, kind)
            for entry in self._ledger.files("open")
            for part in self._ledger.parts(entry.output)
            for kind in part.sizes
        }
        with named(self._places.parts):
            for path in self._places.parts.iterdir():
                if path not in needed:
                    path.unlink()

    def _weight(self, done: Done) -> int:
        path = self._paths[done.output]
        file = self._planner.underway[done.output]
        if path is None or (done.kind[1] == "" and done.kind[0] != "parquet"):
            return done.entry.in_size
        size = file.entry.stamp.size
        guess = size - file.weighed if file.complete else min(done.entry.in_size // 4, (size - file.weighed) // 2)
        file.weighed += guess
        return guess

    def _passed(self, source: Source, size: int) -> None:
        self._summary.before += 1
        self._watcher.passed(source, size)

    def _failed(self, source: Source, error: CleanerError) -> None:
        self._fail(str(error), error.exit_code)

    def _fail(self, message: str, code: int) -> None:
        self._summary.failed += 1
        self._summary.code = max(self._summary.code, code)
        self._watcher.failed(message, code)


@contextmanager
def _work_folder(places: Places) -> Iterator[Path]:
    """Give a new folder for half-made files. What killed runs left is swept; their workers may still be dying."""
    with named(places.state):
        for old in places.state.glob("work-*"):
            shutil.rmtree(old, ignore_errors=True)
        folder = places.state / f"work-{secrets.token_hex(8)}"
        folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
