"""Figures of the cleaner and of what one would use instead, on the same cases in one run.

CASES are files of JSON lines (gz too) as ``cleaner evaluate`` reads them: {"id", "text", "spans": [[start,
end], ...]}. ``--clean`` adds clean text: JSON lines with "text" and "lang", of which nothing should be cut.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any, cast

from common import Missing, Table, add_output_options, bytes_of, entrant, one_thread, read_documents, show
from peers import PEERS, Entry, Peer

from cleaner import Cleaner, CleanerError, Config
from cleaner.cases import Case, read_cases
from cleaner.evaluate import Figures, Report, evaluate

_COLUMNS: tuple[tuple[str, Callable[[Figures], str]], ...] = (
    ("precision", lambda figures: _share(figures.precision)),
    ("recall", lambda figures: _share(figures.recall)),
    ("F1", lambda figures: _share(figures.f1)),
    ("F1 infected", lambda figures: _share(figures.f1_infected)),
    ("restored", lambda figures: _share(figures.restored)),
    ("touched", lambda figures: f"{figures.touched} of {figures.counts.documents - figures.counts.infected}"),
    ("harmed/M", lambda figures: _rate(figures.harmed_all)),
)
_CLEAN_COLUMNS: tuple[tuple[str, Callable[[Figures], str]], ...] = (
    ("harmed/M", lambda figures: _rate(figures.harmed)),
    ("harmed", lambda figures: f"{figures.counts.clean_harmed:,}"),
    ("touched", lambda figures: f"{figures.touched:,}"),
    ("touched %", lambda figures: f"{100 * figures.touched / max(1, figures.counts.documents):.2f}"),
)


@dataclass(slots=True)
class Result:
    """The figures of one contestant."""

    name: str
    cases: Report
    clean: Report | None


def main() -> None:
    """Run the contestants the arguments name and print their figures."""
    args = _parser().parse_args()
    one_thread()
    missing: list[str] = []
    try:
        cases = list(chain.from_iterable(read_cases(path) for path in args.cases))
    except CleanerError as error:
        raise SystemExit(str(error)) from None
    clean = [] if args.clean is None else list(_clean_cases(args.clean, args.every))
    results: list[Result] = []
    for name, make in _contestants(args):
        contestant = entrant(name, make, missing)
        if contestant is not None:
            figures = evaluate(contestant, cases)
            harm = evaluate(contestant, clean, ("lang",)) if clean else None
            results.append(Result(name, figures, harm))
    show(args, _as_json(results), list(_tables(results, clean, args)), missing)


def _contestants(args: argparse.Namespace) -> Iterator[tuple[str, Callable[[], Cleaner]]]:
    for threshold in (None, *args.threshold):
        name = "cleaner" if threshold is None else f"cleaner, threshold {threshold:g}"
        yield name, partial(_cleaner, threshold, args.model)
    for entry in PEERS:
        if entry.key in args.peers:
            yield entry.name, partial(_peer, entry)


def _cleaner(threshold: float | None, model: Path | None) -> Cleaner:
    try:
        return Cleaner(Config(threshold=threshold), model=model)
    except CleanerError as error:
        raise Missing(str(error)) from None


def _peer(entry: Entry) -> Cleaner:
    return cast(Cleaner, Peer(entry.make()))  # it has what ``evaluate`` uses: clean_many


def _clean_cases(folder: Path, every: int) -> Iterator[Case]:
    for number, document in enumerate(read_documents(folder)):
        if number % every == 0:
            yield Case(document.id, document.text, (), document.text, {"lang": document.lang})


def _tables(results: Sequence[Result], clean: Sequence[Case], args: argparse.Namespace) -> Iterator[Table]:
    if not results:
        return
    counts = results[0].cases.overall.counts
    title = f"{counts.infected} infected and {counts.documents - counts.infected} clean documents"
    yield _table(title, _COLUMNS, [(result.name, result.cases.overall) for result in results])
    harms = [(result.name, result.clean) for result in results if result.clean is not None]
    if not harms:
        return
    size = bytes_of(case.text for case in clean)
    title = f"Clean text: {len(clean):,} documents, {size / 1e6:.1f} MB"
    yield _table(title, _CLEAN_COLUMNS, [(name, report.overall) for name, report in harms])
    if args.by_language:
        yield _language_table(harms, clean, args.least)


def _table(
    title: str, columns: Sequence[tuple[str, Callable[[Figures], str]]], rows: Sequence[tuple[str, Figures]]
) -> Table:
    cells = [(name, *(cell(figures) for _, cell in columns)) for name, figures in rows]
    return Table(title, ("", *(heading for heading, _ in columns)), list(cells))


def _language_table(harms: Sequence[tuple[str, Report]], clean: Sequence[Case], least: int) -> Table:
    sizes: dict[str, int] = {}
    for case in clean:
        lang = str(case.fields["lang"])
        sizes[lang] = sizes.get(lang, 0) + bytes_of((case.text,))
    shown = sorted((lang for lang in sizes if sizes[lang] >= least * 1000), key=lambda lang: -sizes[lang])
    title = f"Clean characters harmed per million, languages with {least:,} KB or more"
    table = Table(title, ("", "KB", *(name for name, _ in harms)))
    for lang in shown:
        rates = [_rate(report.groups["lang"][lang].harmed) for _, report in harms]
        table.rows.append((lang, f"{sizes[lang] / 1000:,.0f}", *rates))
    return table


def _as_json(results: Sequence[Result]) -> dict[str, Any]:
    return {
        "contestants": {
            result.name: {
                "cases": asdict(result.cases.overall),
                "clean": None if result.clean is None else result.clean.to_dict(),
            }
            for result in results
        }
    }


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _rate(value: float | None) -> str:
    return "-" if value is None else f"{value:,.0f}" if value >= 100 else f"{value:.1f}"


def _parser() -> argparse.ArgumentParser:
    keys = [entry.key for entry in PEERS]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", nargs="+", type=Path, metavar="CASES", help="files of cases with known spans")
    parser.add_argument("--clean", type=Path, metavar="FOLDER", help="clean text: JSON lines, or a folder of them")
    parser.add_argument("--every", type=_positive, default=1, metavar="N", help="take every Nth clean document only")
    parser.add_argument("--by-language", action="store_true", help="also the harm in each language of the clean text")
    parser.add_argument(
        "--least", type=_positive, default=200, metavar="KB", help="languages of that much text at least (200)"
    )
    parser.add_argument(
        "--threshold", type=float, action="append", default=[], metavar="P",
        help="a further row for the cleaner with this threshold; may be given more than once",
    )  # fmt: skip
    parser.add_argument("--model", type=Path, metavar="FOLDER", help="another model than the shipped one")
    parser.add_argument(
        "--peers", nargs="*", choices=keys, default=keys, metavar="PEER",
        help=f"which peers run, none if empty: {', '.join(keys)} (all); put -- or another option behind the last",
    )  # fmt: skip
    add_output_options(parser)
    return parser


def _positive(value: str) -> int:
    number = int(value)
    if number < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return number


if __name__ == "__main__":
    main()
