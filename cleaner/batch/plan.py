"""The plan: which parts of which inputs are still to be done."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from cleaner.batch.job import Job
from cleaner.batch.ledger import Entry, Ledger, PartEntry, Stamp
from cleaner.batch.places import TEXT, Places
from cleaner.batch.reuse import Known, known_parts
from cleaner.batch.work import Part
from cleaner.errors import CleanerError, InputError
from cleaner.io.readers import Source, open_source
from cleaner.io.records import Unit

# Small files are done together: one message and one flush of the ledger for all of them.
_GROUP_BYTES: Final = 4 << 20
_GROUP_FILES: Final = 256


@dataclass(slots=True)
class Underway:
    """A file that is being done: its entry, the numbers of its finished parts, the number of the last if known.

    ``weighed``: the bytes of it that were reported as done.
    """

    entry: Entry
    numbers: set[int] = field(default_factory=set)
    last: int | None = None
    entered: bool = False
    weighed: int = 0

    @property
    def complete(self) -> bool:
        """Whether all parts are done."""
        return self.last is not None and len(self.numbers) == self.last + 1


@dataclass(slots=True)
class Planner:
    """Walks over the inputs and yields what is to be done. ``underway`` gets an entry for each file begun.

    ``passed`` is called for inputs that are done already, ``failed`` for those that cannot be opened.
    """

    job: Job
    digest: str
    settings: dict[str, Any]
    places: Places
    ledger: Ledger
    passed: Callable[[Source, int], None]
    failed: Callable[[Source, CleanerError], None]
    underway: dict[str, Underway] = field(default_factory=dict)
    _reusable: dict[Unit, Known] = field(default_factory=dict)  # of the file that is being planned

    def tasks(self, sources: Sequence[Source], outputs: Sequence[str]) -> Iterator[list[Part]]:
        """Yield lists of parts: small files together, parts of large files one by one."""
        group: list[Part] = []
        size = 0
        for source, output in zip(sources, outputs, strict=True):
            stamp = None if source.path is None else Stamp.of(source.path)
            if stamp is None and source.path is not None:
                self.failed(source, InputError(f"{source.name}: no such file, or not to be read"))
                continue
            known = self._known(source, output, stamp)
            if known is None:
                continue
            if stamp is not None and stamp.size > self.job.part_bytes:
                try:
                    yield from ([part] for part in self._large(source, output, stamp, known))
                except CleanerError as error:
                    self.failed(source, error)
                continue
            group.append(_go_on(source, output, stamp, known))
            size += 0 if stamp is None else stamp.size
            if size >= _GROUP_BYTES or len(group) >= _GROUP_FILES:
                yield group
                group, size = [], 0
        if group:
            yield group

    def _known(self, source: Source, output: str, stamp: Stamp | None) -> dict[int, PartEntry] | None:
        """Return the parts that need not be done again; ``None`` when the whole file need not."""
        self._reusable = {}
        entry = self.ledger.file(output)
        if entry is not None and entry.job == self.digest and entry.stamp == stamp:
            if entry.state == "done" and entry.out == Stamp.of(self.places.final(TEXT, output)):
                self.passed(source, stamp.size if stamp else 0)
                return None
            if entry.state == "open":
                known = {part.number: part for part in self.ledger.parts(output) if self._there(output, part)}
                last = next((number for number, part in known.items() if part.last), None)
                self.underway[output] = Underway(entry, set(known), last, entered=True)
                return known
        mine = entry is not None and entry.job == self.digest and entry.state == "done"
        if entry is not None and mine and entry.out == Stamp.of(self.places.final(TEXT, output)):
            self._reusable = known_parts(entry, self.ledger.parts(output), self.places)
        unknown = Stamp(-1, -1)  # standard input is never the same again
        fresh = Entry(output, source.name, stamp or unknown, self.digest, "open", settings=self.settings)
        self.underway[output] = Underway(fresh)
        return {}

    def _there(self, output: str, part: PartEntry) -> bool:
        paths = {kind: self.places.part(output, part.number, kind) for kind in part.sizes}
        return all((stamp := Stamp.of(paths[kind])) and stamp.size == size for kind, size in part.sizes.items())

    def _large(self, source: Source, output: str, stamp: Stamp, known: dict[int, PartEntry]) -> Iterator[Part]:
        """Yield the parts of a large file that are left, all but the last as soon as the one behind is found."""
        with open_source(source, self.job.reading) as opened:
            if not opened.seekable:
                yield _go_on(source, output, stamp, known)
                return
            before: tuple[int, Unit] | None = None
            for item in enumerate(opened.units(self.job.part_bytes)):
                if before is not None and before[0] not in known:
                    yield Part(output, source, stamp, *before, known=self._reusable.get(before[1]))
                before = item
            if before is not None and before[0] not in known:
                yield Part(output, source, stamp, *before, last=True, known=self._reusable.get(before[1]))


def _go_on(source: Source, output: str, stamp: Stamp | None, known: dict[int, PartEntry]) -> Part:
    """Return the part that begins where the first parts that are done end."""
    number = 0
    while number in known:
        number += 1
    return Part(output, source, stamp, number, known[number - 1].follows) if number else Part(output, source, stamp)
