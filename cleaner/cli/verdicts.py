"""``cleaner verdicts``: take verdicts to other tools and back, and count them."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path

import click

from cleaner import InputError
from cleaner.cli._options import Engine, Faults, finish, sources_of
from cleaner.cli._screen import Screen, count, message, safe
from cleaner.cli.review import STORE, clean_when_needed, flagged
from cleaner.io.records import Reading
from cleaner.io.streams import open_stream
from cleaner.io.text import json_line
from cleaner.io.writers import AtomicFile, Sink, StandardOutput
from cleaner.review.agreement import alpha, pairs, ratings
from cleaner.review.exchange import FORMATS, Task, read_tasks, task_of
from cleaner.review.session import Session
from cleaner.review.store import Occurrence, Scope, Store, Verdict

_store = click.option("--store", default=STORE, show_default=True, metavar="FILE", help="Where decisions are kept.")
_form = click.Choice(list(FORMATS))


@click.group(short_help="Take verdicts to other tools and back; count them.")
def verdicts() -> None:
    """Export and import verdicts (Prodigy, doccano, Label Studio, Argilla, JSON lines), and count them."""


@verdicts.command(
    "export",
    short_help="Write verdicts, or spans to decide, for another tool.",
    epilog="""\b
Examples:
  cleaner verdicts export > verdicts.jsonl                     what counts today
  cleaner verdicts export --to prodigy spans.jsonl -o tasks.jsonl   what is still to decide
  cleaner verdicts export --to label-studio -o tasks.json

\b
Each task is a span with 40 characters on each side as its text. Offsets: code points for jsonl and
prodigy, UTF-16 code units for doccano, label-studio and argilla (an emoji counts twice there).
The label is INJECTED; Argilla's span question is to be called "span".""",
)
@click.argument("flagged_files", nargs=-1, metavar="[FLAGGED]...")
@_store
@click.option("--to", "form", type=_form, default="jsonl", show_default=True)
@click.option("-o", "--output", metavar="FILE", help="Default: standard output.")
@click.option("--each-reviewer", is_flag=True, help="The last verdict of every reviewer, not only the last of all.")
def export(flagged_files: tuple[str, ...], store: str, form: str, output: str | None, each_reviewer: bool) -> None:
    """Write the verdicts of a store, or the spans of FLAGGED that are not decided yet, in a tool's format."""
    faults = Faults()
    with Store(store, create=bool(flagged_files)) as opened:
        if flagged_files:
            items = flagged(flagged_files, Reading(), clean_when_needed(Engine()), faults)
            session = Session(opened, items, "")
            tasks: Iterable[Task] = (Task(item.span) for group in session.groups for item in group.items)
        else:
            tasks = map(task_of, opened.verdicts(each_reviewer=each_reviewer))
        if output is None:
            _write(tasks, form, StandardOutput())
            StandardOutput().flush()
        else:
            with AtomicFile(Path(output)) as file:
                _write(tasks, form, file)
    finish(faults.exit_code())


def _write(tasks: Iterable[Task], name: str, sink: Sink) -> None:
    form = FORMATS[name]
    written = left_out = 0
    for task in tasks:
        if task.verdict == "flag" and not form.flags:
            left_out += 1
            continue
        line = json_line(form.write(task))
        sink.write(line if form.lines else (b",\n" if written else b"[\n") + line.rstrip(b"\n"))
        written += 1
    if not form.lines:
        sink.write(b"\n]\n" if written else b"[]\n")
    if left_out:
        message(f"cleaner: {count(left_out, 'flagged span')} left out, {name} has no place for them")


@verdicts.command(
    "import",
    short_help="Read verdicts that another tool wrote.",
    epilog="""\b
Examples:
  cleaner verdicts import verdicts.jsonl
  cleaner verdicts import --from prodigy --reviewer ann annotated.jsonl
  cleaner verdicts import --from label-studio project.json

\b
Tasks that "cleaner verdicts export" made come back as decisions about the same spans, with ends that
were moved. Records of other origin count as spans to remove wherever something is labelled. What the
store holds already, from the same reviewer, is not added again. Tasks nobody answered are passed over.""",
)
@click.argument("files", nargs=-1, required=True, metavar="FILES...")
@_store
@click.option("--from", "form", type=_form, default="jsonl", show_default=True)
@click.option("--reviewer", metavar="NAME", help="Who decided, where the file does not say.")
@click.option("--offsets", type=click.Choice(["code-points", "utf-16"]), help="Other than the tool's own.")
def import_(files: tuple[str, ...], store: str, form: str, reviewer: str | None, offsets: str | None) -> None:
    """Add the decisions in FILES, written by another tool, to a store."""
    faults = Faults()
    found: list[Task] = []
    for name in files:
        for task in read_tasks(_values(name, FORMATS[form].lines), form, offsets):
            if isinstance(task, str):
                faults.records += 1
                message(safe(task))
            else:
                found.append(task)
    with Store(store) as opened:
        added = _add(opened, found, reviewer or form, f"{form}: {', '.join(Path(name).name for name in files)}")
    message(f"cleaner: {count(added, 'verdict')} added, {len(found) - added} known already")
    finish(faults.exit_code())


def _add(store: Store, tasks: list[Task], reviewer: str, note: str) -> int:
    """Write the tasks as few decisions: one per verdict, scope, reviewer and time. Return how many were new."""
    known = {_identity(one.span, one.reviewer): one.verdict for one in store.verdicts(each_reviewer=True)}
    new: dict[tuple[str, Scope, str, str], list[Occurrence]] = defaultdict(list)
    for task in tasks:
        name = task.reviewer or reviewer
        if task.verdict is not None and known.get(_identity(task.span, name)) != task.verdict:
            new[task.verdict, task.scope, name, task.decided_at].append(task.span)
    for (verdict, scope, name, when), spans in sorted(new.items(), key=lambda item: item[0][3]):
        choice = next(task.verdict for task in tasks if task.verdict == verdict)
        if choice is not None:
            store.decide(spans, choice, scope=scope, reviewer=name, note=note, decided_at=when)
    return sum(map(len, new.values()))


def _identity(span: Occurrence, reviewer: str) -> tuple[str, str, str, int, int]:
    return reviewer, span.document, span.flagged_key, span.start, span.end


def _values(name: str, lines: bool) -> Iterator[tuple[str, object]]:
    """Yield the JSON values of a file with their places: its lines, or the members of its one list."""
    for source in sources_of([name]):
        with open_stream(source.path, source.name) as stream:
            if not lines:
                try:
                    found = json.loads(stream.read())
                except (ValueError, RecursionError) as error:
                    raise InputError(f"{name}: not JSON: {error}") from None
                yield from ((f"{name}[{number}]", one) for number, one in enumerate(_listed(found)))
                continue
            for number, raw in enumerate(iter(lambda: stream.readline(Reading().max_document), b""), 1):
                try:
                    yield f"{name}:{number}", json.loads(raw) if raw.strip() else {}
                except (ValueError, RecursionError):
                    yield f"{name}:{number}", None


def _listed(found: object) -> list[object]:
    return found if isinstance(found, list) else [found]


@verdicts.command(
    "stats",
    short_help="Count verdicts and say how far reviewers agree.",
    epilog="""\b
Agreement: kappa is Cohen's, for two reviewers on the spans both decided; alpha is Krippendorff's, for
all of them. 1 is full agreement, 0 what chance would give. Let reviewers decide the same spans with
"cleaner review --independent".""",
)
@_store
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def stats(store: str, form: str) -> None:
    """Count the verdicts of a store by reviewer, family and scope, with the agreement between reviewers."""
    with Store(store, create=False) as opened:
        figures = _figures(list(opened.verdicts()), list(opened.verdicts(each_reviewer=True)))
    if form == "json":
        StandardOutput().write(json_line(figures))
        StandardOutput().flush()
    else:
        _show(Screen("never"), figures)


def _figures(current: list[Verdict], each: list[Verdict]) -> dict[str, object]:
    rated = ratings(each)
    return {
        "spans": len(current),
        "documents": len({one.span.document or one.span.document_id for one in current}),
        "verdicts": dict(Counter(one.verdict for one in current)),
        "scopes": dict(Counter(one.scope for one in current)),
        "reviewers": {name: dict(found) for name, found in _by(each, "reviewer").items()},
        "families": {name: dict(found) for name, found in _by(current, "label").items()},
        "agreement": [asdict(pair) for pair in pairs(rated)],
        "alpha": alpha(rated),
    }


def _by(found: list[Verdict], what: str) -> dict[str, Counter[str]]:
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for one in found:
        counts[one.reviewer if what == "reviewer" else one.span.label or "-"][one.verdict] += 1
    return dict(sorted(counts.items(), key=lambda item: (-sum(item[1].values()), item[0])))


def _show(screen: Screen, figures: dict[str, object]) -> None:
    spans, documents = figures["spans"], figures["documents"]
    screen.line(f"{count(_whole(spans), 'span')} decided in {count(_whole(documents), 'document')}")
    for title, singular in (("reviewers", "reviewer"), ("families", "family")):
        rows = figures[title]
        screen.line()
        screen.line(f"{singular:24}{'removed':>10}{'kept':>10}{'flagged':>10}")
        for name, found in rows.items() if isinstance(rows, dict) else ():
            cells = "".join(f"{found.get(verdict, 0):>10}" for verdict in ("accept", "reject", "flag"))
            screen.line(f"{safe(name)[:23]:24}{cells}")
    screen.line()
    agreement = figures["agreement"]
    for pair in agreement if isinstance(agreement, list) else ():
        score = "-" if pair["kappa"] is None else f"{pair['kappa']:.2f}"
        share = f"{pair['equal']} of {pair['spans']} equal"
        screen.line(f"{safe(pair['first'])} and {safe(pair['second'])}: {share}, kappa {score}")
    value = figures["alpha"]
    screen.line(f"alpha over all reviewers: {value:.2f}" if isinstance(value, float) else "no span has two reviewers")


def _whole(value: object) -> int:
    return value if isinstance(value, int) else 0
