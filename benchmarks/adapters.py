"""What the engines add, and what a second worker brings.

Each engine passes the same documents through twice: bare (a function that returns its batch) and with the
cleaner, with one worker and with two. DATA are JSON lines with "text", a file or a folder (gz too). An engine that
is not installed is left out. Start of the engine and of its workers is warmed up first and not counted.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from common import Table, add_output_options, bytes_of, one_thread, read_documents, show, spread

Run = Callable[[bool], object]  # with the cleaner or bare
ENGINES = ("datasets", "datatrove", "ray", "spark")


@contextmanager
def datasets(texts: Sequence[str], workers: int) -> Iterator[Run]:
    """``Dataset.map`` with ``num_proc``, nothing cached."""
    import datasets

    from cleaner.adapters.datasets import CleanBatch

    datasets.disable_progress_bars()
    datasets.disable_caching()
    rows = datasets.Dataset.from_dict({"text": list(texts)})
    with tempfile.TemporaryDirectory() as folder:
        rows.save_to_disk(folder)
        stored = datasets.load_from_disk(folder)
        clean = CleanBatch()
        yield lambda cleaned: stored.map(clean if cleaned else bare, batched=True, num_proc=workers)


@contextmanager
def datatrove(texts: Sequence[str], workers: int) -> Iterator[Run]:
    """The local executor, from JSON lines to JSON lines, eight tasks."""
    from datatrove.executor import LocalPipelineExecutor
    from datatrove.pipeline.readers import JsonlReader
    from datatrove.pipeline.writers import JsonlWriter
    from datatrove.utils.logging import logger

    from cleaner.adapters.datatrove import CleanText

    logger.remove()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "in").mkdir()
        for part in range(8):
            lines = [json.dumps({"id": str(number), "text": text}) for number, text in enumerate(texts[part::8])]
            (folder / "in" / f"{part}.jsonl").write_text("\n".join(lines), "utf-8")

        def run(cleaned: bool) -> None:
            steps = [JsonlReader(str(folder / "in")), JsonlWriter(str(folder / "out"), compression=None)]
            steps[1:1] = [CleanText()] if cleaned else []
            log = str(folder / f"log{time.monotonic_ns()}")
            LocalPipelineExecutor(steps, tasks=8, workers=workers, logging_dir=log).run()

        yield run


@contextmanager
def ray(texts: Sequence[str], workers: int) -> Iterator[Run]:
    """``map_batches`` with actors; their start is part of each run, with the cleaner and without."""
    import ray

    from cleaner.adapters.ray import CleanBatch

    ray.init(num_cpus=workers + 1, include_dashboard=False, log_to_driver=False, logging_level="ERROR")
    ray.data.DataContext.get_current().enable_progress_bars = False
    try:
        rows = ray.data.from_items([{"text": text} for text in texts]).repartition(8).materialize()
        options: dict[str, Any] = {"batch_format": "pyarrow", "batch_size": 512, "concurrency": workers}
        yield lambda cleaned: rows.map_batches(CleanBatch if cleaned else Bare, **options).materialize()
    finally:
        ray.shutdown()


@contextmanager
def spark(texts: Sequence[str], workers: int) -> Iterator[Run]:
    """``mapInArrow`` in local mode, eight partitions, written nowhere."""
    from pyspark.sql import SparkSession

    from cleaner.adapters.spark import clean_batches

    os.environ["PYSPARK_PYTHON"] = sys.executable
    builder = SparkSession.builder.master(f"local[{workers}]").config("spark.ui.enabled", "false")
    session = builder.config("spark.driver.bindAddress", "127.0.0.1").getOrCreate()
    try:
        frame = session.createDataFrame([(text,) for text in texts], "text string").repartition(8).cache()
        frame.count()
        clean = clean_batches()

        def run(cleaned: bool) -> None:
            done = frame.mapInArrow(clean if cleaned else bare, frame.schema)
            done.write.format("noop").mode("overwrite").save()

        yield run
    finally:
        session.stop()


def bare(batch: Any) -> Any:
    """Return what came."""
    return batch


class Bare:
    """Returns what came, as an actor."""

    def __call__(self, batch: Any) -> Any:
        """Return the batch."""
        return batch


def measure(engine: str, texts: Sequence[str], rounds: int) -> list[dict[str, Any]]:
    """Return the least seconds of each kind of run with one worker and with two."""
    found = []
    for workers in (1, 2):
        with globals()[engine](texts, workers) as run:
            seconds: dict[bool, list[float]] = {False: [], True: []}
            for number in range(rounds + 1):
                for cleaned in (False, True):
                    started = time.perf_counter()
                    run(cleaned)
                    if number:
                        seconds[cleaned].append(time.perf_counter() - started)
        found.append({"workers": workers, "bare": min(seconds[False]), "cleaner": min(seconds[True])})
    return found


def main() -> None:
    """Measure each engine in a process of its own and print the figures."""
    args = _parser().parse_args()
    one_thread()
    documents = [document.text for document in read_documents(args.data)]
    texts = spread(documents, [len(text.encode()) for text in documents], args.megabytes * 1e6)
    if args.only:
        found = measure(args.only, texts, args.rounds)
        print(json.dumps(found), flush=True)
        with contextlib.suppress(OSError):
            sys.stdout.close()
        os._exit(0)  # engines leave threads behind
    table = Table(
        f"{len(texts):,} documents, {bytes_of(texts) / 1e6:.1f} MB, seconds",
        ("engine", "workers", "bare", "with cleaner", "cleaner's own", "MB/s of it", "1 to 2 workers"),
    )
    figures, missing = {}, []
    for engine in args.engines:
        command = [sys.executable, __file__, *sys.argv[1:], "--only", engine]
        done = subprocess.run(command, capture_output=True, check=False, encoding="utf-8")
        if done.returncode:
            missing.append(f"left out: {engine}: {done.stderr.strip().rpartition(chr(10))[2][:160]}")
            continue
        figures[engine] = json.loads(done.stdout.strip().rpartition("\n")[2])
        _add(table, engine, figures[engine], bytes_of(texts) / 1e6)
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg()) if hasattr(os, "getloadavg") else "unknown"
    show(args, {"engines": figures}, [table], [*missing, f"load of the machine over 1, 5, 15 minutes: {load}"])


def _add(table: Table, engine: str, rows: Sequence[dict[str, Any]], megabytes: float) -> None:
    for row in rows:
        own = row["cleaner"] - row["bare"]
        gain = f"{rows[0]['cleaner'] / row['cleaner']:.2f}x" if row["workers"] > 1 else ""
        cells = f"{row['bare']:.2f}", f"{row['cleaner']:.2f}", f"{own:.2f}"
        table.rows.append((engine, str(row["workers"]), *cells, f"{megabytes / max(own, 1e-6):.1f}", gain))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="JSON lines with a field text, a file or a folder")
    parser.add_argument("--engines", nargs="+", choices=ENGINES, default=list(ENGINES))
    parser.add_argument("--megabytes", type=float, default=8.0, help="of text (default: 8)")
    parser.add_argument("--rounds", type=int, default=3, help="of which the least counts (default: 3)")
    parser.add_argument("--only", choices=ENGINES, help=argparse.SUPPRESS)
    add_output_options(parser)
    return parser


if __name__ == "__main__":
    main()
