"""Speed of ``cleaner clean`` on a corpus of files, beside copies and filters of others, all in one run.

FOLDER holds JSON lines (gz too) with clean text. A corpus of --megabytes is made of it by repeating and varying its
texts; every contestant reads it and writes a file like it. They take turns; of each the best turn counts. MB/s are
10^6 bytes of the unpacked corpus per second on the clock, *processor* the seconds of processor time of all its
processes. *ratio* compares processor time where one process works, else the clock.

- orjson copy: every line parsed and written again; what reading and writing JSON lines costs at least.
- everything but the engine: the batch run of cleaner with an engine that finds nothing at once.
- datatrove: its JSON lines reader, the C4 line rules, its writer.
- pycld2: lines that are not in the document's main language are dropped; --slow megabytes only, as is datatrove.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from common import Table, add_output_options, entrant, load, one_thread, show
from corpora import write_corpus

from cleaner import Cleaner, Cleaning
from cleaner.batch.job import Job
from cleaner.batch.outcome import Done
from cleaner.batch.places import Places
from cleaner.batch.run import run
from cleaner.io.readers import Source, find_sources

Run = Callable[[Path, Path], None]


@dataclass(slots=True)
class Entry:
    """A contestant: its corpus, and seconds on the clock and of processor time of its best turn."""

    name: str
    run: Run
    source: Path
    size: int
    wall: float = field(default=float("inf"))
    cpu: float = field(default=float("inf"))


class NoEngine(Cleaner):
    """Finds nothing, in no time."""

    def clean_many(self, texts: Iterable[str], sites: Iterable[str] | None = None) -> Iterator[Cleaning]:
        """Yield an outcome for each text."""
        for text in texts:
            yield Cleaning(text, (), (), "clean", "", "en", self.model_id)


class _NoEngineJob(Job):
    def open(self) -> Cleaner:
        return NoEngine()


class _Silent:
    def passed(self, source: Source, size: int) -> None: ...

    def part(self, done: Done, size: int) -> None: ...

    def failed(self, message: str, code: int) -> None:
        raise SystemExit(message)


def main() -> None:
    """Measure and print."""
    args = _parser().parse_args()
    one_thread()
    place = Path(tempfile.mkdtemp(prefix="cleaner-batch-", dir=args.scratch))
    missing: list[str] = []
    try:
        entries = list(_entries(args, place, missing))
        for _ in range(args.rounds):
            for entry in entries:
                _time(entry, place / "out")
    finally:
        shutil.rmtree(place, ignore_errors=True)
    figures = {entry.name: {"bytes": entry.size, "wall": entry.wall, "cpu": entry.cpu} for entry in entries}
    show(args, {"batch": figures}, [_table(entries, args)], missing)


def _entries(args: argparse.Namespace, place: Path, missing: list[str]) -> Iterator[Entry]:
    size = int(args.megabytes * 1e6)
    plain, packed, little = place / "plain", place / "packed", place / "little"
    write_corpus(args.folder, plain, size, 2, args.infected)
    write_corpus(args.folder, packed, size // 4, 2, args.infected, ".gz")
    write_corpus(args.folder, little, int(args.slow * 1e6), 1, args.infected)
    yield Entry("orjson copy", entrant("orjson copy", lambda: _orjson(), missing) or _copy, plain, _size(plain))
    yield Entry("everything but the engine", _without_engine, plain, _size(plain))
    yield Entry("cleaner, 1 worker", _command(1), plain, _size(plain))
    yield Entry("cleaner, 2 workers", _command(2), plain, _size(plain))
    yield Entry("cleaner, gzip, 1 worker", _command(1), packed, size // 4)
    for name, make in (("datatrove, C4 rules", _datatrove), ("pycld2 line filter", _pycld2)):
        peer = entrant(name, make, missing)
        if peer is not None:
            yield Entry(name, peer, little, _size(little))


def _time(entry: Entry, out: Path) -> None:
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    before, wall = _cpu(), time.perf_counter()
    entry.run(entry.source, out)
    entry.wall = min(entry.wall, time.perf_counter() - wall)
    entry.cpu = min(entry.cpu, _cpu() - before)


def _cpu() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(item.ru_utime + item.ru_stime for item in used)


def _table(entries: list[Entry], args: argparse.Namespace) -> Table:
    copy = entries[0]
    table = Table(f"A corpus of {args.megabytes:.0f} MB", ("", "MB", "MB/s", "processor, s", "of the copy's speed"))
    for entry in entries:
        parallel = "2 workers" in entry.name
        seconds = (entry.wall, copy.wall) if parallel else (entry.cpu, copy.cpu)
        share = (entry.size / seconds[0]) / (copy.size / seconds[1])
        row = (entry.name, f"{entry.size / 1e6:.0f}", f"{entry.size / 1e6 / entry.wall:.1f}")
        table.rows.append((*row, f"{entry.cpu:.1f}", f"{share:.2f}x"))
    return table


def _command(workers: int) -> Run:
    def clean(source: Path, out: Path) -> None:
        options = ["-o", str(out), "-q", "--workers", str(workers)]
        command = [sys.executable, "-m", "cleaner", "clean", str(source), *options]
        root = str(Path(__file__).resolve().parent.parent)
        subprocess.run(command, check=True, env={**os.environ, "PYTHONPATH": root})

    return clean


def _without_engine(source: Path, out: Path) -> None:
    sources, _ = find_sources([str(source)], out)
    run(_NoEngineJob(), sources, [item.relative.as_posix() for item in sources], Places(out), _Silent())


def _orjson() -> Run:
    library = load("orjson", "orjson")

    def copy(source: Path, out: Path) -> None:
        for path in sorted(source.iterdir()):
            with path.open("rb") as lines, (out / path.name).open("wb") as file:
                for line in lines:
                    file.write(library.dumps(library.loads(line), option=library.OPT_APPEND_NEWLINE))

    return copy


def _copy(source: Path, out: Path) -> None:
    shutil.copytree(source, out, dirs_exist_ok=True)


def _datatrove() -> Run:
    filters: Any = load("datatrove.pipeline.filters", "datatrove")
    readers: Any = load("datatrove.pipeline.readers", "datatrove")
    writers: Any = load("datatrove.pipeline.writers", "datatrove")
    executor: Any = load("datatrove.executor", "datatrove")

    def filtered(source: Path, out: Path) -> None:
        steps = [
            readers.JsonlReader(str(source)),
            filters.C4QualityFilter(min_num_sentences=-1),  # counting sentences takes spaCy
            writers.JsonlWriter(str(out), compression=None),
        ]
        with open(os.devnull, "w", encoding="utf-8") as silence, contextlib.redirect_stderr(silence):
            executor.LocalPipelineExecutor(steps, logging_dir=str(out / "logs")).run()

    return filtered


def _pycld2() -> Run:
    orjson, library = load("orjson", "orjson"), load("pycld2", "pycld2")

    def main_language(text: str) -> str:
        try:
            return str(library.detect(text)[2][0][1])
        except library.error:
            return "un"

    def filtered(source: Path, out: Path) -> None:
        for path in sorted(source.iterdir()):
            with path.open("rb") as lines, (out / path.name).open("wb") as file:
                for line in lines:
                    record = orjson.loads(line)
                    host = main_language(record["text"])
                    kept = [row for row in record["text"].split("\n") if main_language(row) in (host, "un")]
                    record["text"] = "\n".join(kept)
                    file.write(orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE))

    return filtered


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.iterdir())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="JSON lines (gz too), or a folder of them")
    parser.add_argument("--megabytes", type=float, default=1000.0, help="size of the corpus (1000)")
    parser.add_argument("--slow", type=float, default=20.0, help="megabytes for the slow contestants (20)")
    parser.add_argument("--infected", type=float, default=0.01, help="share of records with a phrase (0.01)")
    parser.add_argument("--rounds", type=int, default=2, help="turns of each (2)")
    parser.add_argument("--scratch", type=Path, help="where to put the files (a temporary folder)")
    add_output_options(parser)
    return parser


if __name__ == "__main__":
    main()
