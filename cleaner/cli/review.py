"""``cleaner review``: decide flagged spans by the group, on a full screen or line by line."""

from __future__ import annotations

import functools
import getpass
import importlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from cleaner import InputError
from cleaner.cli._options import (
    Engine,
    Faults,
    colour_option,
    engine_options,
    finish,
    input_options,
    sources_of,
)
from cleaner.cli._plain import run_plain
from cleaner.cli._screen import message
from cleaner.errors import MissingExtra
from cleaner.io.readers import open_source
from cleaner.io.records import Reading
from cleaner.review.flagged import Clean, Flagged, read_flagged
from cleaner.review.groups import GROUPS
from cleaner.review.keymap import read_keys
from cleaner.review.session import Session
from cleaner.review.store import SCOPES, Scope, Store

STORE = "verdicts.sqlite"


@click.command(
    short_help="Decide flagged spans, whole groups at a time.",
    epilog="""\b
Examples:
  cleaner scan --format json crawl/ > spans.jsonl
  cleaner review spans.jsonl                    the full screen; ? shows the keys
  cleaner review --plain spans.jsonl            line by line, for pipes and screen readers
  cleaner review crawl/                         raw text: looked at first
  cleaner review --only review records.jsonl    only what clean did not cut
  cleaner clean --verdicts verdicts.sqlite crawl/ -o cleaned/

\b
FLAGGED are records of "cleaner scan --format json", "cleaner clean --records" or an audit, or raw text.
Every decision is saved at once in the store, and nothing in it is ever deleted. Spans that were decided
before are not asked again, also under a newer model. Several reviewers may work on one store.
Keys can be moved: the table [review.keys] of cleaner.toml, as in accept = "y". The full screen needs
Textual: pip install 'cleaner[review]'.""",
)
@input_options
@click.option("--store", default=STORE, show_default=True, metavar="FILE", help="Where decisions are kept.")
@click.option("--reviewer", metavar="NAME", help="Who decides. Default: the user's name.")
@click.option("--plain", is_flag=True, help="Line by line instead of the full screen.")
@click.option("--only", type=click.Choice(["remove", "review"]), help="Only spans with this action.")
@click.option(
    "--scope", type=click.Choice(SCOPES), default="document", show_default=True, help="How far a decision reaches."
)
@click.option("--groups", type=click.IntRange(1), default=GROUPS, show_default=True, help="About how many groups.")
@click.option("--independent", is_flag=True, help="Also ask what only others have decided, to measure agreement.")
@click.option("--config", metavar="FILE", help="Settings with the table [review.keys]. Default: cleaner.toml.")
@colour_option
@engine_options
def review(
    inputs: tuple[str, ...],
    reading: Reading,
    store: str,
    reviewer: str | None,
    plain: bool,
    only: str | None,
    scope: Scope,
    groups: int,
    independent: bool,
    config: str | None,
    colour: str,
    engine: Engine,
) -> None:
    """Review the flagged spans of FLAGGED (files or folders): decide them whole groups at a time."""
    if not inputs:
        raise click.UsageError("give files of flagged spans, or raw text", click.get_current_context())
    if "-" in inputs:
        raise click.UsageError("standard input is for the answers; give a file", click.get_current_context())
    keys = read_keys(Path(config) if config is not None else None)
    app = None if plain else _app()
    faults = Faults()
    every = flagged(inputs, reading, clean_when_needed(engine), faults)
    items = [item for item in every if only in (None, item.action)]
    name = reviewer or _user()
    with Store(store) as opened:
        session = Session(opened, items, name, scope=scope, groups=groups, independent=independent)
        if not session.groups:
            decided = f"; {session.already} decided before" if session.already else ""
            message(f"cleaner: nothing to review{decided}")
        elif app is None:
            run_plain(session, colour)
        else:
            _need_terminal()
            app.run(session, keys)
    finish(faults.exit_code())


def clean_when_needed(engine: Engine) -> Clean:
    """Return what cleans texts with an engine that is opened when a text comes that nobody has looked at yet."""
    opened = functools.cache(engine.open)
    return lambda texts: opened().clean_many(texts)


def flagged(inputs: tuple[str, ...], reading: Reading, clean: Clean, faults: Faults) -> Iterator[Flagged]:
    """Yield the flagged spans of all inputs; an input that cannot be read is reported, the others go on."""
    for source in sources_of(inputs):
        try:
            with open_source(source, reading) as opened:
                yield from read_flagged(opened.records, clean, faults.record)
        except InputError as error:
            faults.source(error)


def _app() -> Any:
    """Import the screen only now: the other commands and ``--plain`` do without Textual."""
    try:
        return importlib.import_module("cleaner.review.app")
    except ImportError as error:
        if (error.name or "").split(".")[0] not in ("textual", "rich"):
            raise
        raise MissingExtra("the full screen needs Textual: pip install 'cleaner[review]' (or use --plain)") from None


def _need_terminal() -> None:
    for stream in (sys.stdin, sys.stdout):
        if stream is None or not stream.isatty():
            raise click.UsageError("the full screen needs a terminal; use --plain here", click.get_current_context())


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container without an entry for its user
        return os.environ.get("USER", "") or "reviewer"
