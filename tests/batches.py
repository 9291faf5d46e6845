"""What the tests of the batch run share: a little corpus, and runs of it in this process."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cleaner.batch.job import Job
from cleaner.batch.ledger import Ledger
from cleaner.batch.outcome import Done
from cleaner.batch.places import Places
from cleaner.batch.run import Summary, run
from cleaner.io.readers import Source, find_sources

PHRASE: Final = "爱上海419论坛 "
CLEAN: Final = (
    "Officials said on Monday that the new rail link had eased the pressure on commuters, but rents keep rising.\n"
    "Semiconductor Sovereignty\n"
    "At the heart of the change lies the chip industry, which makes a quarter of the country's output.\n"
)
INFECTED: Final = CLEAN.replace("Semi", PHRASE + "Semi")


def line(number: int, *, ascii_only: bool = False) -> bytes:
    """Return a record; every fifth one is infected."""
    text = (INFECTED if number % 5 == 0 else CLEAN) + f"Report number {number}.\n"
    value = {"id": f"d{number}", "url": f"https://site{number % 3}.example/{number}", "text": text}
    return json.dumps(value, ensure_ascii=ascii_only).encode() + b"\n"


def corpus(folder: Path) -> Path:
    """Write files of every kind into a folder: one of many parts, packed ones, texts, bad records."""
    (folder / "deep").mkdir(parents=True)
    (folder / "large.jsonl").write_bytes(b"".join(line(number, ascii_only=number % 2 == 0) for number in range(120)))
    packed = b"".join(line(number) for number in range(120))
    (folder / "deep/packed.jsonl.gz").write_bytes(gzip.compress(packed, mtime=1))
    (folder / "clean.jsonl.gz").write_bytes(gzip.compress(line(1) + line(2), 9, mtime=1))
    for number in range(6):
        (folder / f"deep/{number}.txt").write_text((INFECTED if number % 2 else CLEAN) + f"{number}\n", "utf-8")
    (folder / "bad.jsonl").write_bytes(line(0) + b'{"id": 1, "text"\n' + b"\n" + b'{"id": 2}\n' + line(5) + b"[]")
    (folder / "empty.txt").write_bytes(b"")
    return folder


@dataclass
class Watched:
    """Notes what a run tells."""

    parts: list[Done] = field(default_factory=list)
    done_before: list[str] = field(default_factory=list)
    failures: list[tuple[str, int]] = field(default_factory=list)

    def passed(self, source: Source, size: int) -> None:
        """Note it."""
        self.done_before.append(source.name)

    def part(self, done: Done, size: int) -> None:
        """Note it."""
        self.parts.append(done)

    def failed(self, message: str, code: int) -> None:
        """Note it."""
        self.failures.append((message, code))

    @property
    def names(self) -> list[tuple[str, int]]:
        """Return the parts that were done, by output and number."""
        return sorted((done.output, done.entry.number) for done in self.parts)


SMALL: Final = Job(part_bytes=10_000)


def go(source: Path, out: Path, job: Job = SMALL, workers: int = 1) -> tuple[Summary, Watched]:
    """Clean a folder into another one in this process (or in processes of its own), in small parts."""
    sources, _ = find_sources([str(source)], out)
    watched = Watched()
    outputs = [item.relative.as_posix() for item in sources]
    places = Places(out, out.parent / "attributes" if job.attributes else None)
    return run(job, sources, outputs, places, watched, workers), watched


def tree(folder: Path, *, state: bool = True) -> dict[str, bytes]:
    """Return all files below a folder with their bytes; of the side data only audit and what was put aside."""
    files = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    kept = (".cleaner/audit/", ".cleaner/aside/") if state else ()
    return {
        name: path.read_bytes()
        for name, path in sorted(files.items())
        if not name.startswith(".cleaner") or name.startswith(kept or "\0")
    }


def left_over(out: Path) -> list[str]:
    """Return what half-made files a run has left in its side data."""
    state = out / ".cleaner"
    return [path.name for path in (*state.glob("work-*"), *(state / "parts").iterdir())]


def ledger_states(out: Path) -> set[str]:
    """Return the states of all files in the ledger."""
    ledger = Ledger(Places(out).ledger, readonly=True)
    try:
        return {entry.state for entry in ledger.files()}
    finally:
        ledger.close()
