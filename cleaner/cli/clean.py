"""``cleaner clean``: an infected article goes in, a clean one comes out."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import click

from cleaner import Cleaner
from cleaner.batch.job import BadPolicy, Job
from cleaner.cli._options import Engine, engine_options, finish, input_options, is_pattern, sources_of
from cleaner.cli._screen import count, message, safe
from cleaner.cli._settings import SettingsCommand, settings_option, shown_settings
from cleaner.cli._stream import Stream
from cleaner.io.outputs import OUTPUTS
from cleaner.io.records import Reading, Source
from cleaner.io.writers import StandardOutput
from cleaner.verdicts import Verdicts

# In MiB. A folder may be cleaned by many processes at once, and the engine takes about 25 bytes a code point
# of its longest document; a single file has the machine to itself.
_LONGEST_IN_FOLDER: Final = 16
_FOLDER_OPTIONS: Final = (
    ("workers", "--workers"),
    ("attributes", "--attributes"),
    ("recurrence", "--recurrence"),
    ("report", "--report"),
    ("report_json", "--report-json"),
)


@dataclass(frozen=True, slots=True)
class _Given:
    """The options, as click hands them over."""

    inputs: tuple[str, ...]
    reading: Reading
    max_document: int | None
    output: str | None
    to: str | None
    workers: int | None
    bad: BadPolicy
    annotate: bool
    attributes: str | None
    recurrence: bool
    report: str | None
    report_json: str | None
    resume: bool
    records: bool
    engine: Engine
    verdicts: str | None
    quiet: bool
    verbose: bool
    log: str
    config_file: str | None
    show_config: bool


@click.command(
    cls=SettingsCommand,
    short_help="Cut the injected spans and write everything else as it was.",
    epilog="""\b
Examples:
  cleaner clean article.txt > clean.txt          one text, to standard output
  curl -s URL | extract | cleaner clean          in a pipe
  cleaner clean article.txt -o clean.txt         appears only when it is complete
  cleaner clean crawl/ -o cleaned/               a folder: the same tree below cleaned/
  cleaner clean "crawl/*.wet.gz" -o cleaned/     the same command again goes on where it stopped
  cleaner restore cleaned/ -o crawl_again/       and back, from the audit in cleaned/.cleaner
  cleaner clean feed.jsonl.gz -o clean.jsonl.gz  JSON lines, packed
  cleaner clean --records pages/ > records.jsonl what was found and cut, per document
  cleaner clean --max-harm 5ppm article.txt      safer for clean text, leaves more spam

\b
Inputs and what becomes of them:
  Plain text is one document per file. JSON lines hold one document per line; only the characters
  that are cut change, every other byte of the line stays. A record that cannot be used (broken
  JSON, no text) is passed on as it is and reported as "file:line: reason"; the exit code is then 3.
  An input is never overwritten. Folders: files and folders that begin with a dot, links to folders
  and files that do not hold text are passed over.

\b
Into a folder:
  Files appear when they are complete. FOLDER/.cleaner holds the audit (what was cut, where, why), the
  ledger of what is done, and bad records that were put aside. After a crash or an interrupt the same
  command goes on; it does again what belongs to other inputs, another model or other settings.

\b
Settings may stand in cleaner.toml or under [tool.cleaner] in pyproject.toml, by the names of the options:
  workers = 8
  text-field = "content"
""",
)
@input_options
@click.option("--max-document", type=click.IntRange(1), metavar="MIB", help="Longer documents are passed on unread.")
@click.option(
    "-o", "--output", metavar="OUT", help="A file for one input, a folder for several. Default: standard output."
)
@click.option("--to", type=click.Choice(list(OUTPUTS)), help="Write this format. Default: that of each input.")
@click.option("--workers", type=click.IntRange(1), metavar="N", help="Processes. Default: as many as are worth it.")
@click.option(
    "--bad", type=click.Choice(["pass", "skip", "stop"]), default="pass", show_default=True,
    help="Records that cannot be used: pass them on, put them aside (skip), or stop.",
)  # fmt: skip
@click.option("--annotate", is_flag=True, help="Cut nothing; add the spans to the records (JSON lines).")
@click.option("--attributes", metavar="DIR", help="Also write the spans as dolma attributes, a file per input.")
@click.option("--recurrence", is_flag=True, help="Read twice; phrases that stand on many sites count as evidence.")
@click.option("--report", metavar="FILE", help="Write a report as one HTML page.")
@click.option("--report-json", metavar="FILE", help="Write the figures of the report.")
@click.option("--resume/--no-resume", default=True, show_default=True, help="Keep what an earlier run has done.")
@click.option("--records", is_flag=True, help="Write one JSON record per document (text, spans, edits, status).")
@engine_options
@click.option("--verdicts", metavar="STORE", help="Apply what reviewers decided: cut the accepted, keep the rejected.")
@click.option("-q", "--quiet", is_flag=True, help="No bar, no summary on standard error.")
@click.option("-v", "--verbose", is_flag=True, help="Name each file when it is done.")
@click.option("--log", type=click.Choice(["text", "json"]), default="text", show_default=True, help="Form of messages.")
@settings_option
def clean(**options: object) -> None:
    """Cut the injected spans out of INPUTS (files, folders, globs, or "-" for standard input, the default).

    Writes everything else back byte for byte, and one line of figures on standard error.
    """
    given = _Given(**options)  # type: ignore[arg-type]
    if given.show_config:
        _show_settings()
        return
    out = Path(given.output) if given.output is not None else None
    several = len(given.inputs) > 1 or any(_may_be_several(name) for name in given.inputs)
    if several and out is None and not given.records:
        raise click.UsageError("several inputs need -o FOLDER (or --records)", click.get_current_context())
    decided = _read_verdicts(given.verdicts) if given.verdicts is not None else None
    cleaner = given.engine.open(decided)
    if not given.quiet:
        _name_unfit(cleaner)
    folder = given.engine.folder
    model = None if folder is None else str(folder)
    job = Job(_reading(given), cleaner.config, model, given.to or "", given.bad, given.annotate, verdicts=decided)
    sources = sources_of(given.inputs, out)
    if out is not None and not given.records and (several or out.is_dir() or str(given.output).endswith("/")):
        finish(_into_folder(job, given, sources, out))
        return
    _refuse_folder_options(given)
    stream = Stream(job, cleaner, given.records)
    stream.run(sources, out)
    if not given.quiet:
        message(stream.summary())
    finish(stream.faults.exit_code())


def _read_verdicts(path: str) -> Verdicts:
    from cleaner.review.rulings import read_verdicts  # SQLite, which no other run needs

    return read_verdicts(path)


def _name_unfit(cleaner: Cleaner) -> None:
    """Say which accepted phrases are not cut everywhere: clean text may hold them."""
    unfit = cleaner.unfit_phrases()
    if unfit:
        some = ", ".join(f"{safe(phrase[:40])} ({reason})" for phrase, reason in list(unfit.items())[:3])
        more = ", ..." if len(unfit) > 3 else ""
        message(f"cleaner: cut only where decided: {count(len(unfit), 'accepted phrase')}: {some}{more}")


def _reading(given: _Given, longest: int | None = None) -> Reading:
    """Return how to read; ``longest`` (MiB) holds where no ``--max-document`` was given."""
    limit = given.max_document or longest
    return given.reading if limit is None else replace(given.reading, max_document=limit << 20)


def _into_folder(job: Job, given: _Given, sources: Sequence[Source], out: Path) -> int:
    from cleaner.cli._folder import Folder, clean_folder  # the batch run, which a single file does not need

    sites = given.recurrence or given.report is not None or given.report_json is not None
    reading = _reading(given, _LONGEST_IN_FOLDER)
    job = replace(job, reading=reading, attributes=given.attributes is not None, sites=sites)
    wanted = Folder(
        out,
        attributes=_path(given.attributes),
        workers=given.workers or 0,
        recurrence=given.recurrence,
        resume=given.resume,
        report=_path(given.report),
        report_json=_path(given.report_json),
        quiet=given.quiet,
        verbose=given.verbose,
        log=given.log == "json",
    )
    return clean_folder(job, sources, wanted)


def _refuse_folder_options(given: _Given) -> None:
    """Say what works into a folder only; a setting of the project is no reason to stop."""
    context = click.get_current_context()
    named = [option for name, option in _FOLDER_OPTIONS if getattr(given, name)]
    if given.bad == "skip":
        named.append("--bad skip")
    source = click.core.ParameterSource.COMMANDLINE
    asked = {name for name in context.params if context.get_parameter_source(name) == source}
    for option in named:
        if option.split()[0].lstrip("-").replace("-", "_") in asked:
            raise click.UsageError(f"{option} needs an output folder: -o FOLDER/", context)


def _may_be_several(name: str) -> bool:
    return os.path.isdir(name) or is_pattern(name)


def _path(name: str | None) -> Path | None:
    return None if name is None else Path(name)


def _show_settings() -> None:
    for line in shown_settings(click.get_current_context()):
        StandardOutput().write(line.encode("utf-8", "surrogateescape") + b"\n")
    StandardOutput().flush()
