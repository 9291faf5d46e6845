"""``cleaner scan``: show what would be cut, and cut nothing."""

from __future__ import annotations

from dataclasses import dataclass, field

import click

from cleaner.cli._options import (
    EXIT_FOUND,
    Engine,
    Faults,
    colour_option,
    each_document,
    engine_options,
    finish,
    input_options,
    sources_of,
)
from cleaner.cli._screen import Lines, Screen, count
from cleaner.cli._settings import SettingsCommand
from cleaner.cli._spans import show_heading, show_span, span_record
from cleaner.io.records import Document, Reading
from cleaner.io.text import json_line
from cleaner.io.writers import StandardOutput
from cleaner.types import Cleaning


@click.command(
    cls=SettingsCommand,
    short_help="Show the flagged spans in their context; write nothing.",
    epilog="""\b
Examples:
  cleaner scan article.txt
  cleaner scan pages/ feed.jsonl --color always | less -R
  cleaner scan --check pages/ || echo "something was found"
  cleaner scan --format json feed.jsonl.gz > spans.jsonl

\b
How to read it:
  news/a.txt                                      the file (and line of a JSON lines file)
    5:1  escort  0.99  remove                     line:column, family, probability, action
        [-...-] Semiconductor Sovereignty         the span in its line; [?...?] is for review
  With colours: red is removed by "cleaner clean", yellow is only reported.

\b
JSON: one record per span with file, record (line of a JSON lines file), id, document (hash of its text),
line, column, start, end (half-open code points), text, label, score, action, before, after, evidence.""",
)
@input_options
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--check", is_flag=True, help="Exit with 1 when anything was found.")
@colour_option
@engine_options
@click.option("-q", "--quiet", is_flag=True, help="No totals at the end.")
def scan(
    inputs: tuple[str, ...],
    reading: Reading,
    form: str,
    check: bool,
    colour: str,
    engine: Engine,
    quiet: bool,
) -> None:
    """Show the flagged spans of INPUTS (files, folders, or "-" for standard input, the default)."""
    cleaner = engine.open()
    faults = Faults()
    totals = _Totals()
    screen = Screen(colour)
    for document, cleaning in each_document(cleaner, sources_of(inputs), reading, faults):
        totals.add(cleaning)
        if cleaning.spans:
            _show_json(document, cleaning) if form == "json" else _show_text(screen, document, cleaning)
    if form == "json":
        StandardOutput().flush()
    elif not quiet:
        screen.line(totals.words())
    finish(faults.exit_code(EXIT_FOUND if check and totals.infected else 0))


@dataclass
class _Totals:
    documents: int = 0
    infected: int = 0
    actions: dict[str, int] = field(default_factory=lambda: {"remove": 0, "review": 0})

    def add(self, cleaning: Cleaning) -> None:
        self.documents += 1
        self.infected += bool(cleaning.spans)
        for span in cleaning.spans:
            self.actions[span.action] += 1

    def words(self) -> str:
        if not self.infected:
            return f"nothing found in {count(self.documents, 'document')}"
        spans = count(sum(self.actions.values()), "span")
        where = f"{self.infected} of {count(self.documents, 'document')}"
        return f"{spans} in {where}: {self.actions['remove']} to remove, {self.actions['review']} for review"


def _show_text(screen: Screen, document: Document, cleaning: Cleaning) -> None:
    lines = Lines(document.text)
    show_heading(screen, document, cleaning)
    for span in cleaning.spans:
        show_span(screen, document, span, lines)
    screen.line()


def _show_json(document: Document, cleaning: Cleaning) -> None:
    lines = Lines(document.text)
    for span in cleaning.spans:
        StandardOutput().write(json_line(span_record(document, span, lines)))
