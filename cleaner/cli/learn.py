"""``cleaner learn``: a model that has learnt from what reviewers decided, if it is no worse elsewhere."""

from __future__ import annotations

import getpass
import importlib
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cleaner.cli._options import EXIT_FOUND, finish
from cleaner.cli._screen import Screen, count, safe
from cleaner.cli.train import progress_bars
from cleaner.errors import InputError, MissingExtra, OutputError
from cleaner.io.text import json_line
from cleaner.io.writers import StandardOutput
from cleaner.learning.lessons import Lesson, lessons_of
from cleaner.learning.versions import Versions
from cleaner.resources import corpus_folder, model_folder
from cleaner.review.store import Store, Verdict

if TYPE_CHECKING:
    from cleaner.learning.gate import Change
    from cleaner.learning.learn import Outcome

_ALL = "all"
_SHOWN = 20  # held lessons on the screen; --format json has all


@click.command(
    short_help="Learn from what reviewers decided; keep the new model only if it is no worse.",
    epilog="""\b
Examples:
  cleaner learn verdicts.sqlite --dry-run        what would change; nothing is written
  cleaner learn verdicts.sqlite                  and use the new model from now on, if the gate is open
  cleaner learn verdicts.sqlite --confirm 3f2a91c0    learn a decision that was held, too
  cleaner learn verdicts.sqlite --forget 17      take decision 17 back first, then learn without it
  cleaner learn verdicts.sqlite -o models/mine   a folder for --model; what is in use stays
  cleaner model use --previous                   back to the model before

\b
What it does:
  It begins from the shipped model (or --base) and takes all decisions that count today: the same
  decisions give the same model, byte for byte, and a decision taken back leaves nothing behind.
  Only the weights of n-grams in decided phrases move. Decisions that pull toward ordinary words, that
  would cut clean text, that let known spam through, or that were made faster than anyone reads, are
  held until they are confirmed. Then both models are measured on the frozen gate cases of the corpus
  (and on --gate files); when any figure is worse the candidate is not used, and the exit code is 1.

\b
Needs scikit-learn: pip install 'cleaner[train]'.""",
)
@click.argument("store", metavar="STORE")
@click.option("-o", "--output", metavar="DIR", help="Write the model there; what is in use stays.")
@click.option("--models", metavar="DIR", help="Where your models are. Default: cleaner/models in XDG_DATA_HOME.")
@click.option("--base", metavar="DIR", help="Begin from this model instead of the shipped one.")
@click.option("--corpus", metavar="DIR", help="The corpus with the gate cases. Default: the one that is shipped.")
@click.option("--gate", "gates", multiple=True, metavar="CASES", help="Further gate cases of your own (repeatable).")
@click.option("--confirm", multiple=True, metavar="ID", help="Learn this decision although it is held; or: all.")
@click.option("--forget", multiple=True, type=int, metavar="N", help="Take decision N of the store back first.")
@click.option("--dry-run", is_flag=True, help="Show what would change; write nothing.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("-q", "--quiet", is_flag=True, help="No progress bar.")
def learn(
    store: str, output: str | None, models: str | None, base: str | None, corpus: str | None, gates: tuple[str, ...],
    confirm: tuple[str, ...], forget: tuple[int, ...], dry_run: bool, form: str, quiet: bool,
) -> None:  # fmt: skip
    """Learn from the decisions in STORE and bring the new model into use if it passes the gate."""
    versions = Versions(Path(models) if models is not None else None)
    target = Path(output) if output is not None else None
    if target is not None and target.exists():
        raise OutputError(f"{target}: is there already; give a new folder")
    if forget and dry_run:
        raise click.UsageError("--forget changes the store; it does not go with --dry-run", click.get_current_context())
    home = None if dry_run else versions.folder if target is None else target.parent
    with _scratch(home) as scratch, progress_bars(quiet) as progress, corpus_folder(_path(corpus)) as folder:
        module = _learning()
        verdicts = _verdicts(store, forget)
        material = module.read_replay(folder, [Path(name) for name in gates])
        known = _confirmed(verdicts, confirm, versions)
        with model_folder(_path(base)) as begin:
            outcome = module.learn(begin, verdicts, material, scratch, confirmed=known, progress=progress)
        used = _commit(outcome, versions, target, known) if outcome.promotable and not dry_run else ""
    _show_json(outcome, used) if form == "json" else _show(outcome, used, dry_run)
    finish(0 if outcome.promotable else EXIT_FOUND)


def _path(name: str | None) -> Path | None:
    return Path(name) if name is not None else None


def _learning() -> Any:
    """Import the learning only now: it needs SciPy, which no other command but train does."""
    for name in ("scipy.optimize", "scipy.sparse"):
        try:
            importlib.import_module(name)
        except ImportError:
            raise MissingExtra("learning needs SciPy: pip install 'cleaner[train]'") from None
    return importlib.import_module("cleaner.learning.learn")


@contextmanager
def _scratch(home: Path | None) -> Iterator[Path]:
    """Give a folder for trials that is taken away again; below ``home``, so that what is kept is moved at once."""
    try:
        if home is not None:
            home.mkdir(parents=True, exist_ok=True)
        scratch = tempfile.TemporaryDirectory(prefix=".learn-", dir=home)
    except OSError as error:
        raise OutputError(f"{error.filename or home}: {error.strerror or error}") from None
    with scratch as folder:
        yield Path(folder)


def _verdicts(path: str, forget: Sequence[int]) -> list[Verdict]:
    with Store(path, create=False) as store:
        for number in forget:
            if not store.undo(number, reviewer=getpass.getuser()):
                raise InputError(f"{path}: no decision {number}, or it was taken back already")
        return list(store.verdicts())


def _confirmed(verdicts: Iterable[Verdict], confirm: Sequence[str], versions: Versions) -> set[str]:
    """Return the lessons that were confirmed, now or before. Raises InputError for an id that names none."""
    known = {lesson.id for lesson in lessons_of(verdicts)[0]}
    unknown = [name for name in confirm if name != _ALL and name not in known]
    if unknown:
        raise InputError(f"{unknown[0]}: no decision of the store has this id; 'cleaner learn --dry-run' shows them")
    return versions.confirmed() | (known if _ALL in confirm else set(confirm))


def _commit(outcome: Outcome, versions: Versions, target: Path | None, confirmed: Iterable[str]) -> str:
    """Keep the candidate and return the name or folder under which it is used."""
    if target is not None:
        outcome.folder.rename(target)
        return str(target)
    versions.confirm(confirmed)
    versions.add(outcome.folder, outcome.name)
    versions.use(outcome.name)
    return outcome.name


def _show(outcome: Outcome, used: str, dry_run: bool) -> None:
    screen = Screen("auto")
    accepted = sum(lesson.remove for lesson in outcome.lessons)
    learnt = (
        f"{count(len(outcome.lessons), 'phrase')} ({accepted} accepted, {len(outcome.lessons) - accepted} rejected)"
    )
    disputed = f"; {len(outcome.disputed)} left out, decided both ways" if outcome.disputed else ""
    screen.line(f"learnt from {learnt}{disputed}; {count(outcome.moved, 'weight')} moved")
    if outcome.held:
        screen.line()
        for line in _held(outcome, screen):
            screen.line(line)
    screen.line()
    for line in _table((*outcome.followed, *outcome.changes)):
        screen.line(line)
    screen.line()
    screen.line(safe(_verdict(outcome, used, dry_run)))


def _held(outcome: Outcome, screen: Screen) -> Iterator[str]:
    yield f"held: {count(len(outcome.held), 'decision')}, not learnt until confirmed (--confirm ID)"
    for one in outcome.held[:_SHOWN]:
        lesson = one.lesson
        decided = f"{'accept' if lesson.remove else 'reject'}, {count(lesson.documents, 'document')}"
        phrase = screen.style(screen.fit(lesson.text, 40), bold=True)
        yield f"  {lesson.id}  {phrase}  {decided}, {safe(', '.join(lesson.reviewers))}"
        yield f"            {safe(one.reason)}"
    if len(outcome.held) > _SHOWN:
        yield f"  and {len(outcome.held) - _SHOWN} more (--format json shows all)"


def _table(changes: Sequence[Change]) -> Iterator[str]:
    names = [f"{change.cases}: {change.figure}" for change in changes]
    wide = max(map(len, names), default=0)
    yield f"{''.ljust(wide)}  {'before':>9}  {'after':>9}"
    for name, change in zip(names, changes, strict=True):
        mark = "  worse" if change.worse else ""
        yield f"{safe(name).ljust(wide)}  {change.before:>9.4g}  {change.after:>9.4g}{mark}"


def _verdict(outcome: Outcome, used: str, dry_run: bool) -> str:
    weak = f" (at {outcome.share:g} of its strength: more closed the gate)" if outcome.share < 1 else ""
    if not outcome.promotable:
        return f"not used: {outcome.reason}"
    if dry_run:
        return f"would be used as {outcome.name}{weak}; nothing was written"
    return f"in use: {used}{weak}" if used == outcome.name else f"written to {used}{weak}"


def _show_json(outcome: Outcome, used: str) -> None:
    def lesson(one: Lesson) -> dict[str, object]:
        decided = {"id": one.id, "phrase": one.text, "verdict": "accept" if one.remove else "reject"}
        return {**decided, "documents": one.documents, "reviewers": list(one.reviewers)}

    record = {
        "name": outcome.name, "base": outcome.base, "used": used or None, "promotable": outcome.promotable,
        "reason": outcome.reason, "share": outcome.share, "moved": outcome.moved,
        "lessons": [lesson(one) for one in outcome.lessons],
        "held": [{**lesson(one.lesson), "reason": one.reason} for one in outcome.held],
        "disputed": list(outcome.disputed),
        "changes": [asdict(one) for one in (*outcome.followed, *outcome.changes)],
    }  # fmt: skip
    StandardOutput().write(json_line(record))
    StandardOutput().flush()
