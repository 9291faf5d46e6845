"""``cleaner model``: the versions that ``cleaner learn`` made: list, use, compare, check."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from cleaner.cli._options import Command
from cleaner.cli._screen import Screen, count, message, safe
from cleaner.errors import ModelError
from cleaner.learning.candidate import read_weights
from cleaner.learning.versions import SHIPPED, Versions
from cleaner.resources import model_folder

_PHRASES = 20  # on the screen, of each kind


@click.group(short_help="The models that learnt from decisions: list, use, diff, verify.")
def model() -> None:
    """The shipped model and the versions that "cleaner learn" made from it.

    The version in use is what clean, scan, explain and evaluate take without --model.
    The library takes it with Cleaner(model=FOLDER); Cleaner() is always the shipped model.
    """


def _models(command: Command) -> Command:
    return click.option(
        "--models", metavar="DIR", help="Where your models are. Default: cleaner/models in XDG_DATA_HOME."
    )(command)


def _versions(models: str | None) -> Versions:
    return Versions(Path(models) if models is not None else None)


@model.command("list")
@_models
def list_(models: str | None) -> None:
    """List the versions, with what each was made from; the one in use has a star."""
    screen = Screen("auto")
    every = _versions(models).each()
    wide = max(len(version.name) for version in every)
    for version in every:
        lessons = version.learning.get("lessons", [])
        what = f"{count(len(lessons), 'decision')}, from {version.learning['base']}" if version.learning else version.id
        star = "*" if version.in_use else " "
        screen.line(f"{star} {safe(version.name).ljust(wide)}  {safe(version.problem or what)}")


@model.command()
@click.argument("name", required=False)
@click.option("--previous", is_flag=True, help="Go back to the version that was in use before.")
@_models
def use(name: str | None, previous: bool, models: str | None) -> None:
    """Bring the version NAME into use ("shipped": the model of the package), or roll back with --previous."""
    if (name is None) != previous:
        raise click.UsageError("give a NAME or --previous", click.get_current_context())
    versions = _versions(models)
    if name is not None:
        versions.use(name)
    else:
        name = versions.roll_back()
    message(f"cleaner: in use: {safe(name)}")


@model.command()
@click.argument("first")
@click.argument("second", required=False)
@_models
def diff(first: str, second: str | None, models: str | None) -> None:
    """Show how version SECOND (default: the one in use) differs from FIRST: decisions, weights, figures."""
    versions = _versions(models)
    names = (first, second if second is not None else versions.in_use())
    learnt = []
    weights = []
    for name in names:
        versions.load(name)
        learnt.append(versions.manifest(name).get("learning", {}))
        with model_folder(versions.path(name)) as folder:
            weights.append(read_weights(folder))
    screen = Screen("auto")
    screen.line(safe(f"{names[0]} -> {names[1]}"))
    if len(weights[0]) == len(weights[1]):
        screen.line(f"  {count(int((weights[0] != weights[1]).sum()), 'weight')} of {len(weights[0]):,} differ")
    old, new = ({tuple(lesson) for lesson in one.get("lessons", [])} for one in learnt)
    _show_lessons(screen, "+", sorted(new - old, key=str))
    _show_lessons(screen, "-", sorted(old - new, key=str))
    _show_figures(screen, *learnt)


def _show_lessons(screen: Screen, sign: str, lessons: list[Any]) -> None:
    for _, verdict, phrase in lessons[:_PHRASES]:
        screen.line(f"  {sign} {verdict}  {screen.fit(phrase, screen.columns - 14)}")
    if len(lessons) > _PHRASES:
        screen.line(f"  {sign} and {len(lessons) - _PHRASES} more")


def _show_figures(screen: Screen, old: dict[str, Any], new: dict[str, Any]) -> None:
    """Print the gate's figures, where both were measured on the same cases."""
    if old and new and old.get("gate") != new.get("gate"):
        screen.line("  their figures are of different gate cases")
        return
    before = {name: pair[1] for name, pair in old.get("figures", {}).items()}
    after = {name: pair[1] for name, pair in new.get("figures", {}).items()}
    before = before or {name: pair[0] for name, pair in new.get("figures", {}).items()}
    after = after or {name: pair[0] for name, pair in old.get("figures", {}).items()}
    for name in sorted(before.keys() & after.keys()):
        if not name.startswith("decisions/"):  # of other decisions each
            screen.line(f"  {safe(name):<28}  {before[name]:>9.4g}  {after[name]:>9.4g}")


@model.command()
@click.argument("names", nargs=-1)
@_models
def verify(names: tuple[str, ...], models: str | None) -> None:
    """Check every file of the versions NAMES (all) against their manifests."""
    versions = _versions(models)
    screen = Screen("auto")
    damaged: list[str] = []
    for name in names or versions.names():
        try:
            screen.line(safe(f"{name}  sound  {versions.load(name).id}"))
        except ModelError as error:
            damaged.append(name)
            screen.line(safe(f"{name}  {error}"))
    if damaged:
        used = versions.in_use()
        hint = f"; 'cleaner model use {SHIPPED}' goes back to the shipped one" if used in damaged else ""
        raise ModelError(f"damaged: {', '.join(damaged)}{hint}")
