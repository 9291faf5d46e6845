"""Cleaning into a folder: the batch run as the command shows it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from cleaner.batch.first_pass import first_pass
from cleaner.batch.job import Job
from cleaner.batch.places import Places
from cleaner.batch.run import Summary, run
from cleaner.cli._options import EXIT_RECORDS
from cleaner.cli._progress import Log, Progress
from cleaner.cli._screen import count, message, safe
from cleaner.cli._stream import figures
from cleaner.errors import OutputError
from cleaner.io.outputs import default_output, output_name
from cleaner.io.readers import Source, open_source
from cleaner.io.writers import output_paths, refuse_inputs

_BYTES_A_WORKER = 32 << 20  # below that a process of its own takes longer to start than it saves


@dataclass(frozen=True, slots=True)
class Folder:
    """What the command was asked for, apart from the cleaning itself. ``workers`` 0: as many as there are cores."""

    out: Path
    attributes: Path | None = None
    workers: int = 0
    recurrence: bool = False
    resume: bool = True
    report: Path | None = None
    report_json: Path | None = None
    quiet: bool = False
    verbose: bool = False
    log: bool = False


def clean_folder(job: Job, sources: Sequence[Source], wanted: Folder) -> int:
    """Mirror the sources below a folder, cleaned; show how it goes, and return the exit code."""
    outputs = _outputs(job, sources, wanted.out)
    places = Places(wanted.out, wanted.attributes)
    total = sum(_size(source) for source in sources)
    workers = wanted.workers or max(1, min(_cores(), total // _BYTES_A_WORKER))
    if any(source.path is None for source in sources):
        workers = 1  # there is one standard input, and it is ours
    watcher: Log | Progress
    watcher = Log() if wanted.log else Progress(total, quiet=wanted.quiet, verbose=wanted.verbose)
    try:
        if wanted.recurrence:
            job = replace(job, recurrence=first_pass(job, sources, places, workers, message))
        summary = run(job, sources, outputs, places, watcher, workers, resume=wanted.resume)
    except (KeyboardInterrupt, SystemExit) as error:
        watcher.close()
        words = "interrupted; nothing that was done is lost, the same command goes on from here"
        if isinstance(error, KeyboardInterrupt):
            raise KeyboardInterrupt(words) from None
        message(f"cleaner: {words}")
        raise
    finally:
        watcher.close()
    if isinstance(watcher, Log):
        watcher.write(
            "done", files=summary.files, before=summary.before, failed_inputs=summary.failed, **_plain(summary)
        )
    elif not wanted.quiet:
        message(_last_line(job, summary, places))
    _report(wanted)
    return summary.code or (EXIT_RECORDS if summary.counts.faults else 0)


def _outputs(job: Job, sources: Sequence[Source], folder: Path) -> list[str]:
    """Return the path of each output below the folder; refuses outputs that are inputs or fall together."""
    if folder.exists() and not folder.is_dir():
        raise OutputError(f"{folder}: not a folder")
    named = [replace(source, relative=_name(job, source)) for source in sources]
    refuse_inputs(output_paths(named, folder), sources)
    return [source.relative.as_posix() for source in named]


def _name(job: Job, source: Source) -> Path:
    if not job.to and ".warc" not in source.relative.name.lower():
        return source.relative
    with open_source(source, job.reading) as opened:
        return output_name(source.relative, opened.format, job.to or default_output(opened.format))


def _last_line(job: Job, summary: Summary, places: Places) -> str:
    counts = summary.counts
    parts = figures(counts)
    if counts.faults:
        fate = "put aside" if job.bad == "skip" else "passed on unchanged"
        parts.append(f"{count(counts.faults, 'bad record')} {fate}")
    if summary.before:
        parts.append(f"{count(summary.before, 'file')} done before")
    if summary.failed:
        parts.append(f"{count(summary.failed, 'input')} failed")
    audit = f"; audit in {safe(str(places.state / 'audit'))}" if counts.touched else ""
    return "cleaner: " + ", ".join(parts) + audit


def _report(wanted: Folder) -> None:
    if wanted.report is not None or wanted.report_json is not None:
        from cleaner.report import write_report  # it is not needed for a start

        write_report(wanted.out, wanted.report, wanted.report_json)


def _plain(summary: Summary) -> dict[str, object]:
    counts = summary.counts.to_dict()
    del counts["sites"]
    return counts


def _size(source: Source) -> int:
    try:
        return 0 if source.path is None else source.path.stat().st_size
    except OSError:
        return 0  # the run says what is wrong with it


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
