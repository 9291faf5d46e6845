"""``cleaner evaluate``: the figures of the cleaner on cases with known spans."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path

import click

from cleaner.cases import read_cases
from cleaner.cli._options import Engine, colour_option, engine_options
from cleaner.cli._screen import Lines, Screen, count, safe
from cleaner.evaluate import Failure, Figures, Report
from cleaner.evaluate import evaluate as measure_all
from cleaner.io.text import json_line
from cleaner.io.writers import StandardOutput
from cleaner.types import Span

_COLUMNS: tuple[tuple[str, int, Callable[[Figures], str]], ...] = (
    ("docs", 6, lambda figures: str(figures.counts.documents)),
    ("infected", 8, lambda figures: str(figures.counts.infected)),
    ("prec", 6, lambda figures: _share(figures.precision)),
    ("recall", 6, lambda figures: _share(figures.recall)),
    ("F1", 6, lambda figures: _share(figures.f1)),
    ("flagged", 7, lambda figures: _share(figures.flagged)),
    ("restored", 8, lambda figures: _share(figures.restored)),
    ("harmed/M", 8, lambda figures: _rate(figures.harmed)),
    ("touched", 7, lambda figures: str(figures.touched)),
)


@click.command(
    short_help="Measure the cleaner on cases with known spans.",
    epilog="""\b
Examples:
  cleaner evaluate cases.jsonl
  cleaner evaluate cases.jsonl --by family,host_lang
  cleaner evaluate cases.jsonl.gz --format json > figures.json
  cleaner evaluate cases.jsonl --failures 5 --threshold 0.9

\b
A case is a line {"id": ..., "text": ..., "spans": [[start, end], ...], any other fields}; offsets are
half-open code points. No spans: a clean document. "cleaned" may give the expected text; without it the
known spans are cut with the cleaner's own seams.

\b
Figures: characters that are not white space; prec(ision), recall and F1 of what is cut; flagged is the
recall when spans for review count too; restored is the share of infected documents that come out exactly
as expected; harmed/M are characters cut per million in clean documents; touched are clean documents that
were changed at all.""",
)
@click.argument("cases", nargs=-1, required=True, metavar="CASES...")
@click.option("--by", default="", metavar="FIELDS", help="Also per value of these fields, e.g. family,host_lang.")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
@click.option("--failures", type=click.IntRange(0), default=0, metavar="N", help="Show the first N wrong documents.")
@colour_option
@engine_options
def evaluate(
    cases: tuple[str, ...],
    by: str,
    form: str,
    failures: int,
    colour: str,
    engine: Engine,
) -> None:
    """Measure the cleaner on CASES: files of JSON lines (gz too) with known spans."""
    cleaner = engine.open()
    names = [name.strip() for name in by.split(",") if name.strip()]
    every = chain.from_iterable(read_cases(Path(name)) for name in cases)
    report = measure_all(cleaner, every, names, keep_failures=failures)
    if form == "json":
        StandardOutput().write(json_line(report.to_dict()))
        StandardOutput().flush()
        return
    screen = Screen(colour)
    for line in chain(_overall(report.overall), _tables(report)):
        screen.line(line)
    for failure in report.failures:
        _show_failure(screen, failure)


def _overall(figures: Figures) -> Iterator[str]:
    counts = figures.counts
    clean = counts.documents - counts.infected
    yield f"{count(counts.documents, 'document')}: {counts.infected} infected, {clean} clean"
    yield f"  characters     precision {_share(figures.precision)}   recall {_share(figures.recall)}   " + (
        f"F1 {_share(figures.f1)}   F1 on infected documents {_share(figures.f1_infected)}"
    )
    yield f"  with review    recall {_share(figures.flagged)}   ({count(counts.review_spans, 'span')} for review)"
    yield f"  spans          recall {_share(figures.span_recall)}   precision {_share(figures.span_precision)}   " + (
        f"exact {_share(figures.span_exact)}   ({counts.cut_spans} cut, {counts.spans} known)"
    )
    yield f"  restored       {_share(figures.restored)} of infected documents ({counts.restored} of {counts.infected})"
    yield (
        f"  clean harmed   {_rate(figures.harmed)} characters per million ({counts.clean_harmed} in clean documents; "
        + (f"{_rate(figures.harmed_all)} per million of all host text)")
    )
    yield f"  clean touched  {figures.touched} of {count(clean, 'document')}"


def _tables(report: Report) -> Iterator[str]:
    for name, group in report.groups.items():
        wide = max(12, len(name), *(min(32, len(safe(value))) for value in group))
        yield ""
        yield safe(name).ljust(wide) + "".join("  " + title.rjust(size) for title, size, _ in _COLUMNS)
        for value, figures in group.items():
            cells = "".join("  " + cell(figures).rjust(size) for _, size, cell in _COLUMNS)
            yield safe(value)[:wide].ljust(wide) + cells


def _show_failure(screen: Screen, failure: Failure) -> None:
    """Print what was missed, what was cut wrongly, and where; spans that are right are left out."""
    case, cleaning = failure.case, failure.cleaning
    lines = Lines(case.text)
    screen.line()
    reason = f"  {cleaning.status}" + (f": {cleaning.reason}" if cleaning.reason else "")
    screen.line(screen.style(safe(case.id), "cyan", bold=True) + safe(reason))
    found = {(span.start, span.end): span for span in cleaning.spans}
    for start, end in case.spans:
        if (start, end) not in found:
            _show_span(screen, case.text, lines, Span(start, end, "", 0.0, "review"), "expected")
    for place, span in found.items():
        verdict = "right" if place in case.spans else f"{span.action} {span.label} {span.score:.2f}"
        if verdict != "right" or span.action == "review":
            _show_span(screen, case.text, lines, span, verdict if verdict != "right" else "only for review")
    if cleaning.text != case.cleaned and set(found) == set(case.spans):
        screen.line("  the spans are right, the seams are not")


def _show_span(screen: Screen, text: str, lines: Lines, span: Span, verdict: str) -> None:
    line, column = lines.place(span.start)
    screen.line(f"  {line}:{column}  {safe(verdict)}")
    screen.line(screen.snippet(text, lines, span))


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _rate(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f}"
