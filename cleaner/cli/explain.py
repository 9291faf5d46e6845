"""``cleaner explain``: why each span was flagged, reason by reason."""

from __future__ import annotations

from collections.abc import Iterator

import click

from cleaner import Cleaner
from cleaner.cli._options import (
    Engine,
    Faults,
    colour_option,
    each_document,
    engine_options,
    finish,
    input_options,
    sources_of,
)
from cleaner.cli._screen import Lines, Screen
from cleaner.cli._settings import SettingsCommand
from cleaner.cli._spans import origin, show_evidence, show_heading, show_span, span_record
from cleaner.io.plain import TextDocument
from cleaner.io.records import Document, Reading
from cleaner.io.text import json_line
from cleaner.io.writers import StandardOutput
from cleaner.types import Cleaning


@click.command(
    cls=SettingsCommand,
    short_help="Show the evidence for each flagged span, with weights.",
    epilog="""\b
Examples:
  cleaner explain article.txt
  cleaner explain --text "爱上海419论坛 Semiconductor Sovereignty"
  cleaner explain --format json feed.jsonl | jq .spans

\b
How to read it: each reason has a weight in log-odds. Red bars (+) speak for an injection, green
ones (-) against it; their sum gives the probability behind the family's name.

\b
JSON: one record per document with file, record, id, status, reason, language, model and spans
(as in "cleaner scan --format json").""",
)
@input_options
@click.option("--text", "given", metavar="TEXT", help="Explain this text instead of INPUTS.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@colour_option
@engine_options
def explain(
    inputs: tuple[str, ...],
    reading: Reading,
    given: str | None,
    form: str,
    colour: str,
    engine: Engine,
) -> None:
    """Show why each span of INPUTS (files, folders, "-", or --text) was flagged."""
    if given is not None and inputs:
        raise click.UsageError("give INPUTS or --text, not both", click.get_current_context())
    cleaner = engine.open()
    faults = Faults()
    screen = Screen(colour)
    for document, cleaning in _documents(cleaner, inputs, given, reading, faults):
        if form == "json":
            StandardOutput().write(json_line(_record(document, cleaning)))
        else:
            _show(screen, document, cleaning)
    if form == "json":
        StandardOutput().flush()
    finish(faults.exit_code())


def _documents(
    cleaner: Cleaner, inputs: tuple[str, ...], given: str | None, reading: Reading, faults: Faults
) -> Iterator[tuple[Document, Cleaning]]:
    if given is None:
        return each_document(cleaner, sources_of(inputs), reading, faults)
    return iter([(TextDocument("--text", 0, 0, b"", id="--text", text=given), cleaner.clean(given))])


def _record(document: Document, cleaning: Cleaning) -> dict[str, object]:
    lines = Lines(document.text)
    return {
        **origin(document),
        "status": cleaning.status,
        "reason": cleaning.reason,
        "language": cleaning.language,
        "model": cleaning.model,
        "spans": [span_record(document, span, lines) for span in cleaning.spans],
    }


def _show(screen: Screen, document: Document, cleaning: Cleaning) -> None:
    lines = Lines(document.text)
    show_heading(screen, document, cleaning)
    if not cleaning.spans:
        screen.line(f"  nothing found (language {cleaning.language})")
    for span in cleaning.spans:
        show_span(screen, document, span, lines)
        show_evidence(screen, span)
    screen.line()
