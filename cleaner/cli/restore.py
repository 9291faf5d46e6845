"""``cleaner restore``: from a cleaned folder and its audit back to the inputs."""

from __future__ import annotations

import os
from pathlib import Path

import click

from cleaner.batch.restore import restore as put_back
from cleaner.cli._options import finish
from cleaner.cli._screen import count, message, safe
from cleaner.errors import CleanerError
from cleaner.io.streams import MissingInput


@click.command(
    short_help="Give the inputs back from a cleaned folder and its audit.",
    epilog="""\b
Examples:
  cleaner clean crawl/ -o cleaned/
  cleaner restore cleaned/ -o crawl_again/ && diff -r crawl/ crawl_again/

\b
What comes back:
  Text, JSON lines, CSV and WET come back byte for byte; every file is compared with the hash that
  was taken when it was read. Of packed files (.gz, .zst) in which something was cut the content
  comes back exactly, the packing may differ; Parquet comes back as the same table. No model is used.
  CLEANED must have its folder .cleaner. Outputs that were converted to another format cannot go back.""",
)
@click.argument("cleaned", metavar="CLEANED")
@click.option("-o", "--output", required=True, metavar="FOLDER", help="Where the inputs go.")
@click.option("-q", "--quiet", is_flag=True, help="No summary on standard error.")
def restore(cleaned: str, output: str, quiet: bool) -> None:
    """Restore the inputs of the folder CLEANED, which "cleaner clean ... -o CLEANED" has written."""
    if not os.path.isdir(cleaned):
        raise MissingInput(f"{cleaned}: no such folder")
    result = put_back(Path(cleaned), Path(output), _show)
    if not quiet:
        figures = [count(result.files, "file"), f"{count(result.documents, 'document')} put back as they were"]
        figures += [f"{count(result.failed, 'file')} failed"] if result.failed else []
        message("cleaner: " + ", ".join(figures))
    finish(result.code)


def _show(error: CleanerError) -> None:
    message(f"cleaner: {safe(str(error))}")
