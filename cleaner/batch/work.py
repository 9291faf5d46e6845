"""Cleaning one part of one file: what a worker does. It reads the input itself and writes files beside the output."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from cleaner.batch.job import Job
from cleaner.batch.ledger import PartEntry, Stamp
from cleaner.batch.outcome import Done, Outcome
from cleaner.batch.reuse import Known, take_over
from cleaner.errors import CleanerError, InputError, OutputError
from cleaner.io.readers import Source, open_source
from cleaner.io.records import WHOLE, Unit


@dataclass(frozen=True, slots=True)
class Part:
    """A part of an input that is to be done; without a ``unit`` everything from the start on.

    A ``unit`` with an end is done as it is; anything else ends in parts of ``Job.part_bytes``, counted on from
    ``number``. ``last``: no part of the file comes after this one. ``known``: what an
    earlier run wrote for it, to be taken over if its bytes are still the same.
    """

    output: str
    source: Source
    stamp: Stamp | None
    number: int = 0
    unit: Unit = WHOLE
    last: bool = False
    known: Known | None = None


class Worker:
    """Does parts, one after the other. ``folder`` takes the files of their outcomes."""

    def __init__(self, job: Job, folder: Path) -> None:
        self.job = job
        self.cleaner = job.open()
        self.config = self.cleaner.config.digest()
        self._folder = folder
        self._files = 0

    def run(self, task: Sequence[Part]) -> Iterator[list[Done]]:
        """Yield the outcomes of a task, a message at a time: a large part alone, small ones together."""
        message: list[Done] = []
        size = 0
        for part in task:
            for done in self._file(part):
                message.append(done)
                size += done.entry.in_size
                if size >= self.job.part_bytes:
                    yield message
                    message, size = [], 0
        if message:
            yield message

    def new_file(self, kind: str) -> Path:
        """Return a name in the folder of outcomes that was not used before."""
        self._files += 1
        return self._folder / f"{os.getpid()}-{self._files}.{kind}"

    def _file(self, part: Part) -> Iterator[Done]:
        """Yield the parts that a part falls into; errors become an outcome that says so."""
        outcome: Outcome | None = None
        number = part.number
        path = part.source.path
        if part.known is not None and path is not None:
            taken = take_over(part.output, path, number, part.last, part.known, self.new_file)
            if taken is not None:
                yield taken
                return
        try:
            with open_source(part.source, self.job.reading) as opened:
                outcome = Outcome(self, part.source.name, part.output, opened, number, part.unit)
                chunks = iter(opened.chunks(part.unit))
                for chunk in chunks:
                    if part.unit.end is None and outcome.whole and outcome.size >= self.job.part_bytes:
                        yield outcome.close(last=False, more=True)
                        number += 1
                        outcome = Outcome(self, part.source.name, part.output, opened, number, chunk.unit)
                    outcome.add(chunk)
                self._check_still(part)
                done = outcome.close(last=part.last or part.unit.end is None)
        except InputError as error:
            done = self._damaged(part, outcome, number, error)
        except (CleanerError, OSError) as error:
            done = _failed(part, number, error)
        finally:
            if outcome is not None:
                outcome.discard()
        yield done

    def _damaged(self, part: Part, outcome: Outcome | None, number: int, error: InputError) -> Done:
        """Keep what could be read of a damaged file, unless bad input is to end the run or to be left out."""
        useless = outcome is None or not (number or outcome.counts.documents)
        if isinstance(error, ChangedInput) or useless or self.job.bad != "pass":
            return _failed(part, number, error)
        assert outcome is not None
        try:
            self._check_still(part)
            outcome.damage(str(error))
            return outcome.close(last=True)
        except (CleanerError, OSError) as other:
            return _failed(part, number, other)

    def _check_still(self, part: Part) -> None:
        """Raise when the input is not what it was when the run was planned."""
        if part.source.path is not None and Stamp.of(part.source.path) != part.stamp:
            raise ChangedInput(f"{part.source.name}: changed while it was read; run the command again")


class ChangedInput(InputError):
    """An input that changed under the reader; nothing of it is kept."""


def _failed(part: Part, number: int, error: Exception) -> Done:
    if isinstance(error, CleanerError):
        message, code = str(error), error.exit_code
    else:
        message, code = f"{part.source.name}: {getattr(error, 'strerror', None) or error}", OutputError.exit_code
    entry = PartEntry(number, part.unit, True, part.unit, 0, "", "")
    return Done(part.output, entry, error=message, code=code)
