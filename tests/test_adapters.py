"""One engine, every door: the golden cases come out of each framework as out of the library and the command."""

from __future__ import annotations

import json
import os
import pickle
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from cleaner import Cleaner

INFECTED = "爱上海419论坛 Semiconductor Sovereignty"
CLEAN = "Semiconductor Sovereignty"
Row = dict[str, Any]

HEAVY = (pytest.mark.slow, pytest.mark.engines)
DOORS = [
    pytest.param("pandas"),
    pytest.param("polars"),
    pytest.param("datasets", marks=pytest.mark.slow),
    pytest.param("datasets_streamed"),
    pytest.param("datatrove"),
    pytest.param("scrapy", marks=pytest.mark.slow),
    pytest.param("ray", marks=HEAVY),
    pytest.param("spark", marks=HEAVY),
]
PACKAGES = {
    "spark": ("pyspark", "pyarrow", "pandas"),
    "ray": ("ray", "pyarrow"),
    "scrapy": ("scrapy", "lxml"),
    "trafilatura": ("trafilatura", "lxml"),
}
PAGES = ("scrapy", "trafilatura", "datatrove", "pandas", "polars", "datasets", "ray", "spark")


def need(framework: str) -> None:
    """Skip a test whose framework is not here, and say how to get it."""
    for package in PACKAGES.get(framework, (framework,)):
        if find_spec(package) is None:
            pytest.skip(f"{package} is not installed: pip install '.[{framework}]'")


def run(arguments: list[str | Path], folder: Path, seconds: int = 900) -> str:
    """Run a Python program with this checkout in its path, in an empty folder; return what it printed."""
    root = Path(__file__).resolve().parent.parent
    env = {**os.environ, "PYTHONPATH": str(root), "PYSPARK_PYTHON": sys.executable, "HF_DATASETS_OFFLINE": "1"}
    env |= {"HF_HOME": str(folder / "hf"), "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0"}
    done = subprocess.run(
        [sys.executable, *map(str, arguments)], cwd=folder, env=env, stdin=subprocess.DEVNULL,
        capture_output=True, check=False, timeout=seconds,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode("utf-8", "replace")[-3000:]
    return done.stdout.decode()


def lines(text: str) -> list[Row]:
    return [json.loads(line) for line in text.split("\n") if line]


@pytest.fixture(scope="module")
def golden(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the golden cases as JSON lines with ``id`` and ``text``."""
    path = tmp_path_factory.mktemp("golden") / "cases.jsonl"
    cases = [case for file in sorted((root / "tests/cases").glob("*.jsonl")) for case in lines(file.read_text("utf-8"))]
    rows = [{"id": case["id"], "text": case["text"]} for case in cases]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


@pytest.fixture(scope="module")
def expected(golden: Path, engine: Cleaner) -> dict[str, Row]:
    """Give what the library makes of the cases, after the command made the same of them."""
    rows = lines(golden.read_text("utf-8"))
    found = [cleaning.to_dict() for cleaning in engine.clean_many([row["text"] for row in rows])]
    by_command = lines(run(["-m", "cleaner", "clean", "-q", golden], golden.parent))
    assert [row["text"] for row in by_command] == [item["text"] for item in found]
    records = lines(run(["-m", "cleaner", "clean", "-q", "--records", golden], golden.parent))
    assert [{name: record[name] for name in found[0]} for record in records] == found
    return {row["id"]: item for row, item in zip(rows, found, strict=True)}


@pytest.mark.parametrize("door", DOORS)
def test_the_same_answer_through_every_door(door: str, golden: Path, expected: dict[str, Row], tmp_path: Path) -> None:
    """The same text and the same spans, edits, status and reasons for each case, and no case is lost."""
    need(door.partition("_")[0])
    run([Path(__file__).with_name("doors.py"), door, golden, tmp_path / "out.jsonl"], tmp_path)
    rows = lines((tmp_path / "out.jsonl").read_text("utf-8"))
    assert len(rows) == len(expected)
    assert sum(item["status"] == "changed" for item in expected.values()) > 100
    for row in rows:
        assert {"text": row["text"], **row["record"]} == expected[row["id"]], row["id"]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve a small news site on the loopback interface and give its address."""
    folder = tmp_path_factory.mktemp("site")
    body = "<p>The council met on Monday. The library opens at nine.</p>"
    spam = "".join(f"<p>上海龙凤419论坛 爱上海419论坛 夜上海论坛 {number}</p>" for number in range(30))
    pages = {
        "clean": f"<h1>Harbour news</h1>{body}",
        "prefix": f"<h1>爱上海419论坛 Semiconductor Sovereignty</h1>{body}",
        "hidden": f"<h1>Harbour school</h1>{body}<p style='font-size:0'>爱上海419论坛</p>{body}",
        "spam": spam,
    }
    for name, page in pages.items():
        (folder / f"{name}.html").write_text(f"<!doctype html><meta charset=utf-8><article>{page}</article>", "utf-8")
    links = "".join(f'<a href="{name}.html">{name}</a>' for name in pages)
    (folder / "index.html").write_text(f"<!doctype html><nav>{links}</nav>", "utf-8")
    handler = partial(type("Quiet", (SimpleHTTPRequestHandler,), {"log_message": lambda *_: None}), directory=folder)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.mark.slow
def test_a_real_crawl(site: str, tmp_path: Path) -> None:
    """Scrapy over HTTP: items of three kinds, signal, statistics, a dropped page of spam, hidden text."""
    need("scrapy")
    found = lines(run([Path(__file__).with_name("crawl.py"), site], tmp_path))
    *items, last = found
    texts = {item["url"].rpartition("/")[2]: item for item in items}
    assert sorted(texts) == ["clean.html", "hidden.html", "prefix.html"]
    assert CLEAN in texts["prefix.html"]["text"]
    assert not any("419" in item["text"] for item in items)
    assert texts["clean.html"]["text"].startswith("Harbour news")
    assert texts["clean.html"]["cleaner"]["text"]["status"] == "clean"
    (span,) = (span for span in texts["hidden.html"]["cleaner"]["text"]["spans"] if span["action"] == "remove")
    assert span["evidence"][-1]["detail"] == "font-size:0 in the page"
    assert sorted(last["signals"]) == [["changed", "golden"], ["changed", "golden"], ["spam_page", "golden"]]
    stats = last["stats"]
    assert {name.removeprefix("cleaner/"): stats[name] for name in stats if "characters" not in name} == {
        "items": 4, "spans_removed": 2, "texts/changed": 2, "texts/clean": 1, "texts/spam_page": 1,
        "site/127.0.0.1/pages": 4, "site/127.0.0.1/infected": 3,
    }  # fmt: skip
    assert stats["cleaner/characters_removed"] >= 18
    assert last["dropped"] == 1


def test_datatrove_drops_pages_of_spam_if_asked(tmp_path: Path) -> None:
    """They go to the exclusion writer whole; everything else goes on, with what it holds besides its text."""
    need("datatrove")
    program = """
        import sys
        from datatrove.data import Document
        from datatrove.pipeline.writers import JsonlWriter
        from cleaner.adapters.datatrove import CleanText

        spam = "\\n".join(f"上海龙凤419论坛 爱上海419论坛 夜上海论坛 {number}" for number in range(30))
        step = CleanText(JsonlWriter(sys.argv[1], compression=None), drop_spam_pages=True, batch_size=2)
        documents = [Document("plain", "a", metadata={"url": "u"}), Document(spam, "b", metadata={"url": "v"}),
                     Document(sys.argv[2], "c"), Document("", "d")]
        for document in step.run(iter(documents)):
            print(document.id, document.text, document.metadata)
    """
    program = re.sub(r"^ {8}", "", program, flags=re.MULTILINE)
    printed = run(["-c", program, tmp_path / "out", INFECTED], tmp_path)
    assert printed.split("\n")[:3] == ["a plain {'url': 'u'}", f"c {CLEAN} {{}}", "d  {}"]
    whole, part = lines((tmp_path / "out" / "00000.jsonl").read_text("utf-8"))
    assert (whole["id"], whole["metadata"]["url"]) == ("b", "v")
    assert "spam from end to end" in whole["metadata"]["filter_reason"]
    assert (part["id"], part["metadata"]["of"], part["metadata"]["start"]) == ("c/0", "c", 0)
    assert part["text"] + CLEAN == INFECTED


def test_frames_keep_what_is_no_text() -> None:
    """Nulls, numbers, the index and the type of a column stay; an unknown column is one clear line."""
    need("pandas")
    program = """
        import pandas
        from cleaner.adapters.pandas import clean, records
        texts = pandas.Series([None, T, 7, T], index=[3, 3, "a", 0], name="body", dtype=object)
        done = clean(texts)
        assert done.tolist() == [None, C, 7, C] and done.name == "body" and done.dtype == object
        assert list(done.index) == [3, 3, "a", 0] and texts.iloc[1] == T
        found = records(texts)
        assert found["status"].tolist()[1] == "changed" and found["spans"].iloc[0] is None
        assert clean(pandas.Series([T], dtype="string[pyarrow]")).dtype == "string[pyarrow]"
        assert clean(pandas.Series([], dtype=object)).empty
    """
    check(program)


def test_polars_takes_nulls_and_lazy_frames() -> None:
    """An expression in a lazy frame gives what it says it gives."""
    need("polars")
    program = """
        import polars
        from cleaner.adapters.polars import clean, record_type, records
        frame = polars.LazyFrame({"text": [None, T, "plain"]}).with_columns(clean("text"), records("text").alias("r"))
        assert frame.collect_schema() == {"text": polars.String, "r": record_type()}
        assert frame.collect()["text"].to_list() == [None, C, "plain"]
        assert frame.collect()["r"].to_list()[0] is None
        assert polars.select(clean(polars.lit(polars.Series([T])))).to_series().to_list() == [C]
    """
    check(program)


def test_arrow_columns_of_every_kind() -> None:
    """The type of the column stays, a batch in which nothing changes is passed on as it is."""
    need("pyarrow")
    program = """
        import pyarrow
        from cleaner import Cleaner, InputError
        from cleaner.adapters.ray import CleanBatch
        plain = pyarrow.table({"n": [1, 2], "text": ["plain", None]})
        assert CleanBatch()(plain) is plain
        kinds = [pyarrow.string(), pyarrow.large_string(), pyarrow.dictionary(pyarrow.int8(), pyarrow.string())]
        for kind in kinds:
            table = pyarrow.table({"n": [1, 2, 3], "text": pyarrow.array([T, None, "plain"]).cast(kind)})
            done = CleanBatch(record_column="r")(table)
            assert done["text"].to_pylist() == [C, None, "plain"] and done.schema.field("text").type == kind, kind
            assert done["n"].to_pylist() == [1, 2, 3] and done["r"].to_pylist()[1] is None
        for column, words in (("body", "no column 'body'"), ("n", "holds int64, not text")):
            try:
                CleanBatch(column)(plain)
            except InputError as error:
                assert words in str(error)
            else:
                raise AssertionError(column)
    """
    check(program)


def test_the_fingerprint_follows_settings_and_model() -> None:
    """A cached result of ``datasets.map`` is not used for other settings."""
    need("datasets")
    program = """
        from datasets.fingerprint import Hasher
        from cleaner.adapters.datasets import CleanBatch
        assert Hasher.hash(CleanBatch()) == Hasher.hash(CleanBatch())
        assert Hasher.hash(CleanBatch()) != Hasher.hash(CleanBatch(threshold=0.99))
        other = CleanBatch()
        other.model_id = "news@other"
        assert Hasher.hash(CleanBatch()) != Hasher.hash(other)
    """
    check(program)


def check(program: str) -> None:
    """Run assertions in a fresh process, where a framework's warnings trouble nobody."""
    body = re.sub(r"^ {8}", "", program, flags=re.MULTILINE)
    run(["-c", f"T, C = {INFECTED!r}, {CLEAN!r}\n{body}"], Path(__file__).resolve().parent)


def test_what_travels_to_workers_is_small(engine: Cleaner) -> None:
    """A cleaner is sent as its settings; the model is opened where it is needed."""
    assert len(pickle.dumps(engine)) < 500


MISSING = """
import sys
for name in sys.argv[2:]:
    sys.modules[name] = None
from cleaner.errors import CleanerError
try:
    exec(sys.argv[1])
except CleanerError as error:
    print(error.exit_code, isinstance(error, ImportError), error)
"""


@pytest.mark.parametrize(
    ("use", "package", "extra"),
    [
        ("from cleaner.adapters.datatrove import CleanText", "datatrove", "datatrove"),
        ("from cleaner.adapters.pandas import records; import types; "
         "records(types.SimpleNamespace(tolist=list, index=[]))", "pandas", "pandas"),
        ("from cleaner.adapters.polars import clean; clean('text')", "polars", "polars"),
        ("from cleaner.adapters.ray import CleanBatch; CleanBatch()({})", "pyarrow", "ray"),
        ("from cleaner.adapters.spark import clean_udf; clean_udf()", "pyspark", "spark"),
        ("from cleaner.adapters.trafilatura import extract; extract('<p>x')", "trafilatura", "trafilatura"),
        ("from cleaner import Cleaner; Cleaner().clean_page('x', '<p>x')", "lxml", "html"),
    ],
    ids=["datatrove", "pandas", "polars", "ray", "spark", "trafilatura", "html"],
)  # fmt: skip
def test_a_missing_package_is_one_clear_line(use: str, package: str, extra: str, tmp_path: Path) -> None:
    """What is missing and the command that installs it; an ``ImportError`` to those who catch one."""
    printed = run(["-c", MISSING, use, package], tmp_path)
    assert printed.startswith("69 True ")
    assert printed.endswith(f"pip install 'cleaner[{extra}]'\n")
    assert printed.count("\n") == 1


@pytest.mark.parametrize(
    "page", [pytest.param(name, marks=HEAVY if name in ("ray", "spark") else ()) for name in PAGES]
)
def test_the_example_of_each_page_runs(page: str, root: Path, site: str, tmp_path: Path) -> None:
    """``docs/PAGE.md`` holds one program and what it prints; both are true."""
    need(page)
    text = (root / "docs" / f"{page}.md").read_text("utf-8")
    program, printed = re.findall(r"^```(?:python|text)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)[:2]
    (tmp_path / "example.py").write_text(program, "utf-8")
    arguments = ["example.py", site] if page == "scrapy" else ["example.py"]
    assert run([*arguments], tmp_path).strip() == printed.strip()
