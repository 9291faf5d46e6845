"""``cleaner report``: what was cut in a cleaned folder, as a page to read and as figures."""

from __future__ import annotations

import os
from pathlib import Path

import click

from cleaner.io.streams import MissingInput
from cleaner.io.text import json_line
from cleaner.io.writers import StandardOutput
from cleaner.report import read_figures, write_report


@click.command(
    short_help="Show what was cut in a cleaned folder, as an HTML page and as JSON.",
    epilog="""\b
Examples:
  cleaner clean crawl/ -o cleaned/
  cleaner report cleaned/ -o report.html
  cleaner report cleaned/ --json report.json
  cleaner report cleaned/ | jq '.sites[] | select(.share > 0.2) | .site'

\b
The page is one file without scripts that loads nothing: totals, expected mistakes, families, places,
languages, infected sites, phrases with their contexts, and what was left for review.
Sites need a field "url" or "source" in the records; the share of a site's documents is known when the
folder was cleaned with --report or --recurrence. Without -o and --json the figures go to standard output.""",
)
@click.argument("cleaned", metavar="CLEANED")
@click.option("-o", "--output", metavar="FILE", help="Write the page here.")
@click.option("--json", "json_file", metavar="FILE", help="Write the figures here.")
@click.option("--title", default="", metavar="TEXT", help="Heading of the page. Default: the folder's name.")
@click.option("--model", metavar="DIR", help="The model that was used, if not the shipped one.")
def report(cleaned: str, output: str | None, json_file: str | None, title: str, model: str | None) -> None:
    """Report on the folder CLEANED, which "cleaner clean ... -o CLEANED" has written."""
    if not os.path.isdir(cleaned):
        raise MissingInput(f"{cleaned}: no such folder")
    folder = None if model is None else Path(model)
    if output is None and json_file is None:
        StandardOutput().write(json_line(read_figures(Path(cleaned), model=folder)))
        return
    page, figures = (None if name is None else Path(name).resolve() for name in (output, json_file))
    write_report(Path(cleaned), page, figures, title=title, model=folder)
