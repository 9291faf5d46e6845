"""Speed of the cleaner and of what one would use instead, in one process on one core.

FOLDER holds JSON lines (gz too) with a field "text"; a file will do. Contestants take turns in rounds; figures
are medians. MB/s are 10^6 bytes of UTF-8 per second of processor time. Slow contestants get a part of the
texts, spread evenly over all of them.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import contestants
import workload
from common import (
    Missing,
    Table,
    add_output_options,
    bytes_of,
    entrant,
    one_core,
    one_thread,
    read_documents,
    show,
    spread,
)
from timing import Entry, Latency, Start, latency, ratio, run_rounds, start_ups

from cleaner import Cleaner, CleanerError

_BATCH = "cleaner, clean_many"
_ALL = 1e9  # MB: no limit
_ARTICLES = 400


def main() -> None:
    """Measure and print."""
    args = _parser().parse_args()
    one_thread()
    one_core()
    texts = workload.read(list(read_documents(args.folder)), args.megabytes)
    words = workload.phrases(args.phrases)
    missing: list[str] = []
    cleaner = entrant("cleaner", lambda: _cleaner(args.model), missing)
    entries = list(_entries(cleaner, texts, words, missing))
    run_rounds(entries, args.rounds)
    calls = _latencies(cleaner, texts, words, args.rounds)
    starts = _starts(texts, args)
    missing += [f"left out: {start.name}: {start.fault}" for start in starts if start.fault]
    starts = [start for start in starts if start.wall]
    tables = [_throughput(entries, texts), _calls(calls), _processes(starts)]
    show(args, _as_json(entries, calls, starts), [table for table in tables if table.rows], missing)


def _entries(
    cleaner: Cleaner | None, texts: Sequence[str], words: Sequence[str], missing: list[str]
) -> Iterator[Entry]:
    if cleaner is not None:
        yield _entry(_BATCH, contestants.batch(cleaner), texts, _ALL)
        yield _entry("cleaner, a call per document", contestants.one_by_one(cleaner.clean), texts, _ALL)
        every = workload.every_line(texts, words)
        yield _entry("cleaner, every line infected", contestants.batch(cleaner), every, _ALL)
    for name, make, megabytes in _peers(texts, words):
        run = entrant(name, make, missing)
        if run is not None:
            yield _entry(name, run, texts, megabytes)


def _peers(texts: Sequence[str], words: Sequence[str]) -> Iterator[tuple[str, Callable[[], contestants.Pass], float]]:
    """Yield name, maker, and the MB that take a second or so."""
    yield "Han rule (regex)", lambda: contestants.one_by_one(contestants.han()), _ALL
    yield "pycld2 vectors, documents", lambda: contestants.one_by_one(contestants.switches()), _ALL
    yield "pycld2 vectors, lines", lambda: contestants.by_line(contestants.switches()), _ALL
    yield "HashingVectorizer + SGD, lines", lambda: contestants.hashed(texts, words), 1.0
    yield "langdetect, lines", lambda: contestants.by_line(contestants.language()), 0.15


def _entry(name: str, run: contestants.Pass, texts: Sequence[str], megabytes: float) -> Entry:
    some = spread(texts, [bytes_of((text,)) for text in texts], megabytes * 1e6)
    return Entry(name, run, some, bytes_of(some))


def _latencies(cleaner: Cleaner | None, texts: Sequence[str], words: Sequence[str], rounds: int) -> list[Latency]:
    articles = workload.articles(texts, _ARTICLES)
    if not articles:
        return []
    sick = workload.infected(articles, words)
    few, silent = articles[:: max(1, len(articles) // 25)], list[str]()
    found = []
    if cleaner is not None:
        found.append(latency("cleaner, as they are", cleaner.clean, articles, rounds))
        found.append(latency("cleaner, one to three phrases", cleaner.clean, sick, rounds))
        found.append(latency("cleaner, every line", cleaner.clean, workload.every_line(articles, words), rounds))
    # Who is not installed has been named already.
    if (switches := entrant("", contestants.switches, silent)) is not None:
        found.append(latency("pycld2 vectors", switches, articles, rounds))
    if (hashed := entrant("", lambda: contestants.hashed(texts, words), silent)) is not None:
        found.append(latency("HashingVectorizer + SGD, lines", lambda text: hashed([text]), few, rounds))
    if (language := entrant("", contestants.language, silent)) is not None:
        found.append(latency("langdetect, whole document", language, few, rounds))
    return found


def _starts(texts: Sequence[str], args: argparse.Namespace) -> list[Start]:
    """Time whole processes; the interpreter alone and with numpy show what cannot be saved."""
    article = (workload.articles(texts, 1) or texts[:1] or [""])[0]
    model = [] if args.model is None else ["--model", str(args.model.resolve())]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "article.txt")
        path.write_bytes(article.encode("utf-8", "surrogatepass"))
        commands = {
            "cleaner clean one_file": [sys.executable, "-m", "cleaner", "clean", *model, str(path)],
            "python, nothing": [sys.executable, "-c", "pass"],
            "python, import numpy": [sys.executable, "-c", "import numpy"],
            "python, import sklearn.linear_model": [sys.executable, "-c", "import sklearn.linear_model"],
            "python, langdetect of one word": [sys.executable, "-c", "import langdetect; langdetect.detect('word')"],
        }
        return start_ups(commands, args.rounds)


def _throughput(entries: Sequence[Entry], texts: Sequence[str]) -> Table:
    title = f"In memory, {len(texts):,} documents, {bytes_of(texts) / 1e6:.1f} MB"
    table = Table(title, ("", "MB", "MB/s", "MB/s on the clock", "cleaner is", "least to most"))
    ours = next((entry for entry in entries if entry.name == _BATCH), None)
    for entry in entries:
        cells = ["", ""]
        if ours is not None and entry is not ours:
            middle, least, most = ratio(ours, entry)
            cells = [f"{_number(middle)}x", f"{_number(least)} to {_number(most)}"]
        size = f"{entry.size / 1e6:.2f}"
        table.rows.append((entry.name, size, _number(entry.speed), _number(entry.wall_speed), *cells))
    return table


def _calls(calls: Sequence[Latency]) -> Table:
    table = Table("One document of about 3 KB, microseconds", ("", "calls", "median", "p99", "mean processor time"))
    for call in calls:
        table.rows.append((call.name, f"{call.calls:,}", *map(_number, (call.median, call.p99, call.cpu))))
    return table


def _processes(starts: Sequence[Start]) -> Table:
    table = Table("A fresh process, seconds", ("", "wall", "processor time"))
    for start in starts:
        table.rows.append((start.name, *(f"{statistics.median(times):.3f}" for times in (start.wall, start.cpu))))
    return table


def _as_json(entries: Sequence[Entry], calls: Sequence[Latency], starts: Sequence[Start]) -> dict[str, Any]:
    ours = next((entry for entry in entries if entry.name == _BATCH), None)
    return {
        "throughput": {
            entry.name: {
                "bytes": entry.size, "mb_per_s": entry.speed, "mb_per_s_wall": entry.wall_speed,
                "cpu": entry.cpu, "wall": entry.wall, "cleaner_is": None if ours is None else ratio(ours, entry),
            }
            for entry in entries
        },
        "latency_us": [asdict(call) for call in calls],
        "start_up_s": [asdict(start) for start in starts],
    }  # fmt: skip


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def _cleaner(model: Path | None) -> Cleaner:
    try:
        return Cleaner(model=model)
    except CleanerError as error:
        raise Missing(str(error)) from None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="JSON lines (gz too), or a folder of them")
    parser.add_argument("--rounds", type=int, default=7, help="rounds that count (7)")
    parser.add_argument("--megabytes", type=float, default=20.0, help="how much text at most (20)")
    parser.add_argument("--phrases", type=Path, metavar="FILE", help="phrases to infect with, first column of the file")
    parser.add_argument("--model", type=Path, metavar="FOLDER", help="another model than the shipped one")
    add_output_options(parser)
    return parser


if __name__ == "__main__":
    main()
