"""One way through each framework, to be run as a program: ``doors.py DOOR IN.jsonl OUT.jsonl``.

A program of its own, because each framework brings its threads, its warnings and its own idea of an exit.
The output holds ``id``, ``text`` and ``record`` (spans, edits, status ...) of each document, in any order.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

WORKERS = 2
Row = dict[str, Any]


def read(path: Path) -> list[Row]:
    return [json.loads(line) for line in path.read_text("utf-8").split("\n") if line]


def library(source: Path) -> Iterator[Row]:
    from cleaner import Cleaner

    rows = read(source)
    for row, cleaning in zip(rows, Cleaner().clean_many([row["text"] for row in rows]), strict=True):
        found = cleaning.to_dict()
        yield {"id": row["id"], "text": found.pop("text"), "record": found}


def pandas(source: Path) -> Iterator[Row]:
    import pandas

    from cleaner.adapters.pandas import clean, records

    frame = pandas.DataFrame(read(source)).set_index("id")
    found = records(frame["text"])
    for name, text, row in zip(frame.index, clean(frame["text"]), found.to_dict("records"), strict=True):
        assert text == row.pop("text")
        yield {"id": name, "text": text, "record": row}


def polars(source: Path) -> Iterator[Row]:
    import polars

    from cleaner.adapters.polars import clean, records

    lazy = polars.LazyFrame(read(source)).with_columns(clean("text"), records("text").alias("record"))
    yield from lazy.collect(engine="streaming").iter_rows(named=True)


def datasets(source: Path) -> Iterator[Row]:
    import datasets

    from cleaner.adapters.datasets import CleanBatch

    rows = datasets.Dataset.from_list(read(source))
    yield from rows.map(CleanBatch(record_column="record"), batched=True, batch_size=100, num_proc=WORKERS)


def datasets_streamed(source: Path) -> Iterator[Row]:
    import datasets

    from cleaner.adapters.datasets import CleanBatch

    rows = datasets.IterableDataset.from_generator(lambda: iter(read(source)))
    yield from rows.map(CleanBatch(record_column="record"), batched=True, batch_size=64)


def datatrove(source: Path) -> Iterator[Row]:
    from datatrove.executor import LocalPipelineExecutor
    from datatrove.pipeline.readers import JsonlReader
    from datatrove.pipeline.writers import JsonlWriter

    from cleaner.adapters.datatrove import CleanText

    rows = read(source)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "in").mkdir()
        for half in range(WORKERS):
            lines = [json.dumps(row) + "\n" for row in rows[half::WORKERS]]
            (folder / "in" / f"{half}.jsonl").write_text("".join(lines), "utf-8")
        taken = JsonlWriter(str(folder / "taken"), compression=None)
        steps = [
            JsonlReader(str(folder / "in")),
            CleanText(exclusion_writer=taken, metadata_key="record", batch_size=50),
            JsonlWriter(str(folder / "out"), compression=None),
        ]
        LocalPipelineExecutor(steps, tasks=WORKERS, workers=WORKERS, logging_dir=str(folder / "log")).run()
        removed: dict[str, list[str]] = {}
        for row in _all(folder / "taken"):
            removed.setdefault(row["metadata"]["of"], []).append(row["text"])
        for row in _all(folder / "out"):
            record = row["metadata"]["record"]
            # What was taken out went to the exclusion writer, all of it and nothing else.
            assert [edit["removed"] for edit in record["edits"]] == removed.pop(row["id"], [])
            yield {"id": row["id"], "text": row["text"], "record": record}
        assert not removed


def ray(source: Path) -> Iterator[Row]:
    import ray

    from cleaner.adapters.ray import CleanBatch

    ray.init(num_cpus=WORKERS + 1, include_dashboard=False, log_to_driver=False, logging_level="ERROR")
    try:
        rows = ray.data.from_items(read(source)).repartition(8)
        settings: Row = {"record_column": "record"}
        yield from rows.map_batches(
            CleanBatch, batch_format="pyarrow", batch_size=100, concurrency=WORKERS, fn_constructor_kwargs=settings
        ).take_all()
    finally:
        ray.shutdown()


def spark(source: Path) -> Iterator[Row]:
    """Take both ways, ``mapInArrow`` and the pandas UDF, in one session: its start takes longest."""
    from pyspark.sql import SparkSession

    from cleaner.adapters.spark import clean_batches, clean_udf, output_schema

    os.environ["PYSPARK_PYTHON"] = sys.executable
    builder = SparkSession.builder.master(f"local[{WORKERS}]")
    settings = {"ui.enabled": "false", "driver.bindAddress": "127.0.0.1", "driver.host": "127.0.0.1"}
    for name, value in settings.items():
        builder = builder.config(f"spark.{name}", value)
    session = builder.getOrCreate()
    try:
        rows = [(row["id"], row["text"]) for row in read(source)]
        frame = session.createDataFrame(rows, "id string, text string").repartition(WORKERS)
        by_udf = dict(frame.withColumn("text", clean_udf()("text")).collect())
        schema = output_schema(frame.schema, "record")
        for row in frame.mapInArrow(clean_batches(record_column="record"), schema).collect():
            assert by_udf.pop(row["id"]) == row["text"]
            yield row.asDict(recursive=True)
        assert not by_udf
    finally:
        session.stop()


def scrapy(source: Path) -> Iterator[Row]:
    import scrapy
    from scrapy.crawler import CrawlerProcess

    rows = read(source)
    found: list[Row] = []

    class Keep:
        def process_item(self, item: Row) -> Row:
            found.append(item)
            return item

    class Spider(scrapy.Spider):
        name = "golden"
        custom_settings: dict[str, Any] = {  # noqa: RUF012 (as Scrapy wants it)
            "ITEM_PIPELINES": {"cleaner.adapters.scrapy.CleanPipeline": 300, Keep: 900},
            "CLEANER_RECORD_FIELD": "record",
            "TELNETCONSOLE_ENABLED": False,
            "LOG_LEVEL": "WARNING",
        }

        async def start(self) -> Any:
            for row in rows:
                yield dict(row)

    process = CrawlerProcess()
    process.crawl(Spider)
    process.start()
    for item in found:
        yield {**item, "record": item["record"]["text"]}


def _all(folder: Path) -> Iterator[Row]:
    for path in sorted(folder.rglob("*.jsonl")):
        yield from read(path)


DOORS: dict[str, Callable[[Path], Iterator[Row]]] = {
    door.__name__: door
    for door in (library, pandas, polars, datasets, datasets_streamed, datatrove, ray, spark, scrapy)
}


def main() -> None:
    door, source, target = sys.argv[1:]
    with open(target, "w", encoding="utf-8") as out:
        for row in DOORS[door](Path(source)):
            out.write(json.dumps(row) + "\n")


if __name__ == "__main__":
    main()
