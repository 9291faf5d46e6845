"""What the commands share: their options, and the way from inputs to cleaned records."""

from __future__ import annotations

import functools
import glob
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, fields, replace
from itertools import takewhile
from pathlib import Path
from typing import Any, TypeVar, cast

import click

from cleaner import Cleaner, CleanerError, Config, InputError, ModelError
from cleaner.cli._screen import message, safe
from cleaner.io.readers import FORMATS, Source, find_sources, open_source
from cleaner.io.records import Document, Fields, Reading, Record
from cleaner.io.streams import MissingInput
from cleaner.learning.versions import Versions
from cleaner.types import Cleaning
from cleaner.verdicts import Verdicts

EXIT_FOUND = 1
EXIT_RECORDS = 3

# A batch is what the engine works on at once. Enough documents for its fast path, few enough bytes that
# memory stays far below one large document.
_BATCH_RECORDS = 512
_BATCH_BYTES = 4 << 20

Command = TypeVar("Command", bound=Callable[..., Any])


def _budget(context: click.Context, parameter: click.Parameter, value: str | None) -> float | None:
    """Return a number of characters per million, written ``10`` or ``10ppm``."""
    try:
        return None if value is None else float(value.removesuffix("ppm"))
    except ValueError:
        words = f"{value!r} is not a number of characters per million, as 10 or 10ppm"
        raise click.BadParameter(words, context, parameter) from None


@dataclass(frozen=True, slots=True)
class Engine:
    """What the options say of the engine; ``model`` is a folder or the name of a version."""

    threshold: float | None = None
    max_harm: float | None = None
    review: float | None = None
    model: str | None = None

    @property
    def folder(self) -> Path | None:
        """Return the model's folder; without a model that of the version in use, ``None`` for the shipped one."""
        if self.model is not None and os.path.isdir(self.model):
            return Path(self.model)
        versions = Versions()
        if self.model is not None and self.model not in versions.names():
            raise ModelError(f"{self.model}: no such model folder, and no version that 'cleaner model list' names")
        return versions.path(versions.in_use() if self.model is None else self.model)

    def open(self, verdicts: Verdicts | None = None) -> Cleaner:
        """Open the engine; what is wrong with the options raises a :class:`CleanerError`."""
        config = Config(threshold=self.threshold, max_harm=self.max_harm, review=self.review)
        return Cleaner(config, model=self.folder, verdicts=verdicts)


def engine_options(command: Command) -> Command:
    """Add ``--threshold``, ``--max-harm``, ``--review`` and ``--model``; the command gets them as ``engine``."""

    @functools.wraps(command)
    def with_engine(*arguments: Any, **options: Any) -> Any:
        engine = Engine(**{item.name: options.pop(item.name) for item in fields(Engine)})
        return command(*arguments, engine=engine, **options)

    return _add(
        cast(Command, with_engine),
        click.option("--threshold", type=float, metavar="P", help="Cut spans of at least this probability (0 to 1)."),
        click.option("--max-harm", callback=_budget, metavar="PPM", help="Or: how much clean text may suffer (10ppm)."),
        click.option("--review", type=float, metavar="P", help="From here up to --threshold: report only."),
        click.option("--model", metavar="DIR", help="Use this model: a folder, or a version (cleaner model list)."),
    )


def input_options(command: Command) -> Command:
    """Add the inputs and how to read them; the command gets ``inputs`` and ``reading``."""

    @functools.wraps(command)
    def with_reading(*arguments: Any, text_field: str, id_field: str, input_format: str, **options: Any) -> Any:
        return command(*arguments, reading=Reading(input_format, Fields(text_field, id_field)), **options)

    return _add(
        cast(Command, with_reading),
        click.argument("inputs", nargs=-1, metavar="[INPUTS]..."),
        click.option("--text-field", default="text", show_default=True, help="The field or column with the text."),
        click.option("--id-field", default="id", show_default=True, help="The field or column with the id."),
        click.option(
            "--input-format",
            type=click.Choice(["auto", *FORMATS]),
            default="auto",
            show_default=True,
            help="auto: by file name (.jsonl, .csv, .wet, ..., each also packed), then by content.",
        ),
    )


def colour_option(command: Command) -> Command:
    """Add ``--color``."""
    kinds = click.Choice(["auto", "always", "never"])
    return _add(command, click.option("--color", "colour", type=kinds, default="auto", show_default=True))


def sources_of(inputs: Sequence[str], leave_out: Path | None = None) -> list[Source]:
    """Return the inputs; none means standard input, unless a person sits there."""
    if not inputs and sys.stdin is not None and sys.stdin.isatty():
        raise click.UsageError("give files or folders, or pipe a text in", click.get_current_context())
    patterns = [name for name in inputs if is_pattern(name)]
    names = [name for name in inputs if not is_pattern(name)]
    sources, passed_over = find_sources(names or ("-",), leave_out) if names or not patterns else ([], [])
    for pattern in patterns:
        more, others = _matches(pattern, leave_out)
        sources += more
        passed_over += others
    for name in passed_over:
        message(f"{safe(name)}: passed over (not text)")
    return sources


def is_pattern(name: str) -> bool:
    """Return whether an input is a pattern for names (``*``, ``?``, ``[...]``, ``**``) and not a name itself."""
    return glob.has_magic(name) and not os.path.lexists(name)


def _matches(pattern: str, leave_out: Path | None) -> tuple[list[Source], list[str]]:
    """Return what a pattern stands for; the tree below its fixed part is kept."""
    matches = sorted(glob.glob(pattern, recursive=True))
    if not matches:
        raise MissingInput(f"{pattern}: no such file or folder")
    fixed = Path(*takewhile(lambda part: not glob.has_magic(part), Path(pattern).parts))
    sources: dict[Path, Source] = {}
    passed_over: list[str] = []
    for match in matches:
        more, others = find_sources([match], leave_out)
        passed_over += others
        for source in more:
            if source.path is not None:
                # "**" gives a folder and then what lies in it: each file counts once.
                sources[source.path] = replace(source, relative=source.path.relative_to(fixed))
    return list(sources.values()), passed_over


def finish(code: int) -> None:
    """End the command with an exit code other than 0, if it is one."""
    if code:
        click.get_current_context().exit(code)


@dataclass
class Faults:
    """What went wrong on the way, reported as it happens; :meth:`exit_code` says how the command ends."""

    records: int = 0
    sources: int = 0
    code: int = field(default=0, repr=False)

    def record(self, place: str, reason: str) -> None:
        """Report a record that was passed on as it is."""
        self.records += 1
        message(f"{safe(place)}: {safe(reason)}")

    def source(self, error: CleanerError) -> None:
        """Report an input that could not be read; the others go on."""
        self.sources += 1
        self.code = max(self.code, error.exit_code)
        message(f"cleaner: {safe(str(error))}")

    def exit_code(self, otherwise: int = 0) -> int:
        """Return the code for the worst fault, or ``otherwise``."""
        return self.code or (EXIT_RECORDS if self.records else otherwise)


def each_document(
    cleaner: Cleaner, sources: Iterable[Source], reading: Reading, faults: Faults
) -> Iterator[tuple[Document, Cleaning]]:
    """Yield the documents of all inputs with their outcomes, for commands that only report."""
    for source in sources:
        try:
            with open_source(source, reading) as opened:
                for record, cleaning in outcomes(cleaner, opened.records, faults):
                    if isinstance(record, Document) and cleaning is not None:
                        yield record, cleaning
        except InputError as error:
            faults.source(error)


def outcomes(cleaner: Cleaner, records: Iterable[Record], faults: Faults) -> Iterator[tuple[Record, Cleaning | None]]:
    """Clean records in batches and yield each with its outcome (``None``: not a document), in order."""
    for batch in _batches(records):
        cleanings = iter(cleaner.clean_many([record.text for record in batch if isinstance(record, Document)]))
        for record in batch:
            cleaning = next(cleanings) if isinstance(record, Document) else None
            _report(record, cleaning, faults)
            yield record, cleaning


def _report(record: Record, cleaning: Cleaning | None, faults: Faults) -> None:
    if record.problem:
        faults.record(record.place, record.problem)
    elif cleaning is not None and cleaning.status in ("skipped", "failed"):
        faults.record(record.place, f"{cleaning.status}: {cleaning.reason}")
    elif isinstance(record, Document) and record.note:
        message(f"{safe(record.place)}: {record.note}")


def _batches(records: Iterable[Record]) -> Iterator[list[Record]]:
    batch: list[Record] = []
    size = 0
    fault: InputError | None = None
    try:
        for record in records:
            batch.append(record)
            size += len(record.raw)
            if len(batch) >= _BATCH_RECORDS or size >= _BATCH_BYTES:
                yield batch
                batch, size = [], 0
    except InputError as error:  # what was read before the damage is still good
        fault = error
    if batch:
        yield batch
    if fault is not None:
        raise fault


def _add(command: Command, *decorators: Callable[[Command], Command]) -> Command:
    for decorator in reversed(decorators):
        command = decorator(command)
    return command
