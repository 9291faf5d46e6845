"""What the benchmarks share: one core, documents, tables, and the line that says where they were run."""

from __future__ import annotations

import argparse
import gzip
import importlib
import importlib.metadata
import json
import os
import platform
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

Value = TypeVar("Value")

# What a training that is only to be compared with others makes of everything; see cleaner.training.train.Plan.
QUICK = {"ngram_cases": 6_000, "sentences": 150, "judge_cases": 3_000, "clean_hosts": 6_000, "trees": 60}
# numpy, OpenMP and Rust libraries read these when they are loaded, and not again.
_THREADS = (
    "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS", "NUMEXPR_NUM_THREADS",
    "RAYON_NUM_THREADS",
)  # fmt: skip


class Missing(Exception):
    """A contestant that cannot take part; the message is one line and says why."""


@dataclass(frozen=True, slots=True)
class Document:
    """A text with its language, as the data names it."""

    id: str
    text: str
    lang: str


@dataclass(slots=True)
class Table:
    """A table of strings; the first column is text, the others are numbers."""

    title: str
    columns: Sequence[str]
    rows: list[Sequence[str]] = field(default_factory=list)

    def lines(self, markdown: bool = False) -> Iterator[str]:
        """Yield the lines to print."""
        if markdown:
            yield from (f"**{self.title}**", "")
            yield _piped(self.columns)
            yield _piped(["---"] + ["---:"] * (len(self.columns) - 1))
            yield from (_piped(row) for row in self.rows)
            return
        sizes = [max(map(len, cells)) for cells in zip(self.columns, *self.rows, strict=True)]
        yield self.title
        for row in (self.columns, ["-" * size for size in sizes], *self.rows):
            first, *rest = (
                cell.rjust(size) if place else cell.ljust(size)
                for place, (cell, size) in enumerate(zip(row, sizes, strict=True))
            )
            yield "  ".join((first, *rest)).rstrip()


def one_thread() -> None:
    """Keep every library to one thread; starts the script over to have it so."""
    if any(os.environ.get(name) != "1" for name in _THREADS):
        os.environ.update(dict.fromkeys(_THREADS, "1"))
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])


def one_core() -> None:
    """Keep the process and those it starts to one core."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def load(module: str, package: str) -> Any:
    """Import a peer's module. Raises :class:`Missing` when its package is not there."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        missing = error.name == module.partition(".")[0]
        reason = "not installed" if missing else f"does not load ({str(error).splitlines()[0]})"
        raise Missing(f"{reason}; pip install {package}") from None


def entrant(name: str, make: Callable[[], Value], missing: list[str]) -> Value | None:
    """Return what ``make`` makes; when that cannot be, note why in ``missing`` and return nothing."""
    try:
        return make()
    except Missing as error:
        missing.append(f"left out: {name}: {error}")
        return None


def read_documents(path: Path) -> Iterator[Document]:
    """Yield the documents of a file of JSON lines (gz too), or of all such files in a folder, by name."""
    files = sorted(path.glob("*.jsonl*")) if path.is_dir() else [path]
    if not files or not path.exists():
        raise SystemExit(f"{path}: no such file, or a folder without *.jsonl or *.jsonl.gz")
    for file in files:
        opener: Any = gzip.open if file.suffix == ".gz" else open
        with opener(file, "rt", encoding="utf-8", newline="\n") as lines:
            for number, line in enumerate(lines, 1):
                record = json.loads(line)
                if record["text"]:
                    place = f"{file.name}:{number}"
                    yield Document(str(record.get("id", place)), record["text"], str(record.get("lang", "und")))


def spread(values: Sequence[Value], sizes: Iterable[int], limit: float) -> list[Value]:
    """Return values evenly spread over the sequence, about ``limit`` of the summed sizes, in order."""
    total = sum(sizes)
    if total <= limit:
        return list(values)
    wanted = max(1, round(len(values) * limit / total))
    return [values[index * len(values) // wanted] for index in range(wanted)]


def bytes_of(texts: Iterable[str]) -> int:
    """Return the size of the texts in UTF-8."""
    return sum(len(text.encode("utf-8", "surrogatepass")) for text in texts)


def add_output_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that choose the form of the output."""
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print all figures as JSON")
    form.add_argument("--markdown", action="store_true", help="print the tables for the README")


def show(args: argparse.Namespace, figures: dict[str, Any], tables: Sequence[Table], notes: Sequence[str]) -> None:
    """Print the figures in the form the arguments ask for; ``notes`` follow the tables."""
    place = surroundings()
    if args.json:
        print(json.dumps({"where": place, **figures, "notes": list(notes)}, ensure_ascii=False, indent=1))
        return
    for table in tables:
        print(*table.lines(args.markdown), "", sep="\n")
    last = [*notes, ", ".join(f"{name} {value}" for name, value in place.items())]
    print(*("- " * args.markdown + line for line in last), sep="\n")


def surroundings() -> dict[str, str]:
    """Return what the figures depend on: machine, Python, versions."""
    versions = {"processor": _processor(), "Python": platform.python_version()}
    for package in ("numpy", "scikit-learn", "regex", "langdetect", "pycld2", "lingua-language-detector", "jusText"):
        try:
            versions[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return versions


def _processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def _piped(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"
