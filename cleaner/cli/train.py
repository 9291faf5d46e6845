"""``cleaner train``: rebuild the model from the corpus and folders of clean and spam text."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from cleaner.cli._screen import message, safe
from cleaner.errors import MissingExtra
from cleaner.io.streams import MissingInput
from cleaner.io.text import json_line
from cleaner.io.writers import StandardOutput
from cleaner.resources import corpus_folder

Progress = Callable[[str, int, int], None]


@click.command(
    short_help="Train a model from the corpus and folders of text.",
    epilog="""\b
Examples:
  cleaner train ../shared/data/clean/train ../shared/data/spam/train -o model
  cleaner train ../shared/data/clean/train ../shared/data/spam/train -o models/news   (the shipped one)
  cleaner clean --model model article.txt
  cleaner evaluate --model model cases.jsonl

Needs scikit-learn: pip install 'cleaner[train]'. The same versions, corpus, sources and seed give the
same model, byte for byte. The figures of the training go to standard output as JSON.""",
)
@click.argument("sources", nargs=-1, metavar="SOURCES...")
@click.option("--corpus", metavar="DIR", help="The corpus to train from. Default: the one that is shipped.")
@click.option("-o", "--output", default="model", show_default=True, metavar="DIR", help="Where the model goes.")
@click.option("--seed", type=int, help="Seed of everything random. Default: the shipped model's.")
@click.option("-q", "--quiet", is_flag=True, help="No progress bar.")
def train(sources: tuple[str, ...], corpus: str | None, output: str, seed: int | None, quiet: bool) -> None:
    """Train a model from the corpus and SOURCES: folders or files of clean and spam text (JSON lines, gz too)."""
    for name in (*sources, *((corpus,) if corpus is not None else ())):
        if not os.path.exists(name):
            raise MissingInput(f"{name}: no such file or folder")
    module = _training()
    plan = module.Plan() if seed is None else module.Plan(seed=seed)
    with corpus_folder(Path(corpus) if corpus is not None else None) as folder, progress_bars(quiet) as progress:
        figures = module.train(folder, [Path(name) for name in sources], Path(output), progress, plan)
    StandardOutput().write(json_line(figures))
    StandardOutput().flush()
    if not quiet:
        message(f"cleaner: the model is in {safe(output)}")


def _training() -> Any:
    """Import the training only now: it loads scikit-learn, which no other command needs."""
    try:
        return importlib.import_module("cleaner.training.train")
    except ImportError as error:
        if (error.name or "").split(".")[0] not in ("sklearn", "scipy", "joblib"):
            raise
        raise MissingExtra("training needs scikit-learn: pip install 'cleaner[train]'") from None


@contextmanager
def progress_bars(quiet: bool) -> Iterator[Progress]:
    """Show a bar per stage on standard error; on what is no terminal, a line per stage."""
    bars = _Bars(quiet)
    try:
        yield bars.show
    finally:
        bars.close()


class _Bars:
    """The bar of the stage under way."""

    def __init__(self, quiet: bool) -> None:
        self._quiet = quiet
        self._stage = ""
        self._bar: Any = None

    def show(self, stage: str, done: int, total: int) -> None:
        """Move the bar of a stage; a new stage ends the former one's."""
        if self._quiet:
            return
        if stage != self._stage:
            self.close()
            self._stage = stage
            self._bar = click.progressbar(length=total, label=safe(stage).ljust(24), file=sys.stderr)
            self._bar.__enter__()
        self._bar.update(done - self._bar.pos)

    def close(self) -> None:
        """End the bar under way."""
        if self._bar is not None:
            self._bar.__exit__(None, None, None)
            self._bar = None
