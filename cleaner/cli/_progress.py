"""How a batch run shows itself: a bar on a terminal, lines for what needs attention, or a log of JSON lines."""

from __future__ import annotations

import sys
import time
from typing import Any, Final

import click

from cleaner.batch.counts import Counts
from cleaner.batch.outcome import Done
from cleaner.cli._screen import message, safe
from cleaner.io.readers import Source
from cleaner.io.text import json_line

_CLEAR: Final = "\r\x1b[K"


class Progress:
    """Watches a run. ``total``: bytes of all inputs."""

    def __init__(self, total: int, *, quiet: bool, verbose: bool) -> None:
        self._verbose = verbose
        self._started = time.monotonic()
        self._counts = Counts()
        self._bytes = 0
        shows = not quiet and sys.stderr is not None and sys.stderr.isatty()
        self._bar: Any = None
        if shows:
            self._bar = click.progressbar(
                length=max(total, 1), file=sys.stderr, label="cleaning", show_eta=True, width=24,
                item_show_func=lambda _: self._figures(),
            )  # fmt: skip
            self._bar.__enter__()

    def close(self) -> None:
        """End the bar."""
        if self._bar is not None:
            self._bar.__exit__(None, None, None)
            self._bar = None

    def passed(self, source: Source, size: int) -> None:
        """Move on over an input that was done before."""
        if self._verbose:
            self._line(f"{safe(source.name)}: done before")
        self._move(size)

    def part(self, done: Done, size: int) -> None:
        """Move on, and report what was odd."""
        self._counts.add(done.entry.counts)
        self._bytes += done.entry.in_size
        for place, reason in (*done.problems, *done.notes):
            self._line(f"{safe(place)}: {safe(reason)}")
        left_out = done.entry.counts.bad + done.entry.counts.skipped + done.entry.counts.failed - len(done.problems)
        if left_out > 0:
            self._line(f"{safe(done.output)}: {left_out} more bad records; they are in the audit")
        if self._verbose and done.entry.last:
            counts = done.entry.counts
            self._line(f"{safe(done.output)}: {counts.documents} documents, {counts.changed} changed")
        self._move(size)

    def failed(self, text: str, code: int) -> None:
        """Report a file that cannot be done."""
        self._line(f"cleaner: {safe(text)}")

    def _line(self, text: str) -> None:
        if self._bar is not None:
            click.echo(_CLEAR, err=True, nl=False)
        message(text)
        if self._bar is not None:
            self._bar.render_progress()

    def _move(self, size: int) -> None:
        if self._bar is not None:
            self._bar.update(size)

    def _figures(self) -> str:
        counts, seconds = self._counts, max(time.monotonic() - self._started, 0.001)
        share = counts.changed / max(counts.documents, 1)
        return f"{counts.documents:,} documents  {self._bytes / 1e6 / seconds:.1f} MB/s  {share:.2%} infected"


class Log:
    """Watches a run and writes a line of JSON to standard error for each part, problem and file that fails."""

    def __init__(self) -> None:
        self._started = time.time()

    def close(self) -> None:
        """Do nothing: each line is written at once."""

    def passed(self, source: Source, size: int) -> None:
        """Write that an input was done before."""
        self.write("passed", input=source.name, bytes=size)

    def part(self, done: Done, size: int) -> None:
        """Write what came of a part."""
        for place, reason in done.problems:
            self.write("bad", place=place, reason=reason)
        for place, reason in done.notes:
            self.write("note", place=place, reason=reason)
        counts = done.entry.counts.to_dict()
        del counts["languages"], counts["sites"]
        self.write("part", file=done.output, part=done.entry.number, last=done.entry.last, **counts)

    def failed(self, text: str, code: int) -> None:
        """Write why a file cannot be done."""
        self.write("failed", reason=text, code=code)

    def write(self, event: str, **values: object) -> None:
        """Write one line."""
        line = json_line({"time": round(time.time(), 3), "event": event, **values})
        message(line.decode().rstrip("\n"))
