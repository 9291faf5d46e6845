"""What decisions teach a model about a family it was never taught: before, after 20, after 100.

A model is trained without one or more families. It looks at generated pages infected by one of them; a reviewer
who knows the truth decides the first spans it flags (from probability 0.1 on), one phrase a decision. Then
``cleaner learn`` is run on the decisions, and every model is scored on other pages: other hosts, other phrases
of the family, none of them decided. Harm is measured on clean documents that nothing was learnt from.

SOURCES are folders as ``cleaner train`` reads them (clean/train, spam); the hosts come from their clean/dev.
--model takes a model that was trained without the families before. Needs: pip install 'cleaner[train]'.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from common import Table, add_output_options, read_documents, show

from cleaner import Cleaner, Config, resources
from cleaner.cases import Case, make_case
from cleaner.evaluate import Figures, evaluate
from cleaner.learning.learn import Material, learn, read_replay
from cleaner.review.store import Store, Verdict, occurrence
from cleaner.training.campaigns import expand
from cleaner.training.sides import share_of
from cleaner.training.sources import Host, Phrase, read_material
from cleaner.training.synthesize import Synthesizer
from cleaner.training.train import Plan, train

_FLAGGED = 0.1  # probability from which a span is shown to the reviewer
_CONTEXT = 40
_SEED = 4711


@dataclass(frozen=True, slots=True)
class Run:
    """One family in one language (``""``: in all), on a model that does not know it."""

    family: str
    language: str
    decided: list[Case]
    tested: list[Case]

    def __str__(self) -> str:
        return f"{self.family} {self.language}".strip()


def main() -> None:
    """Train without the families if need be, decide, learn, score."""
    args = _parser().parse_args()
    pairs = [(one.partition("/")[0], one.partition("/")[2]) for one in args.families]
    with resources.corpus_folder(args.corpus) as corpus, tempfile.TemporaryDirectory() as folder:
        model = args.model or _trained(corpus, args.sources, Path(folder) / "model", {name for name, _ in pairs})
        replay = read_replay(corpus)
        hosts = [Host(one.text, one.lang, one.id) for one in _unseen(args.sources)]
        random.Random(_SEED).shuffle(hosts)
        runs = [_run(corpus, args, hosts, *pair) for pair in pairs]
        clean = [Case(host.site, host.text, (), host.text) for host in hosts[len(hosts) // 2 :]]
        table, figures = _measured(model, replay, runs, clean, args.decisions, Path(folder))
    note = f"{args.documents:,} infected pages a run, {len(clean):,} clean documents; CPU seconds of one process"
    show(args, {"runs": figures}, [table], [note])


def _trained(corpus: Path, sources: Sequence[Path], output: Path, families: set[str]) -> Path:
    print(f"training without {', '.join(sorted(families))}", file=sys.stderr)
    train(corpus, sources, output, plan=Plan(), keep=lambda phrase: phrase.family not in families)
    return output


def _run(corpus: Path, args: argparse.Namespace, hosts: Sequence[Host], family: str, language: str) -> Run:
    """Return pages to decide on and pages to test on, apart in hosts and phrases."""
    material = read_material(corpus, args.sources)
    every = [*expand(material.grammars, random.Random(_SEED)), *material.phrases]
    phrases = [one for one in every if one.family == family and one.lang.startswith(language)]
    if not phrases:
        raise SystemExit(f"learn.py: no phrases of {family} {language}")
    local = [host for host in hosts if host.lang.startswith(language)]
    half = len(local) // 2
    sides = [[one for one in phrases if (share_of(f"decided:{one.text}") < 0.5) is side] for side in (True, False)]
    made = [
        list(islice(_pages(material.frames, some, sites, _SEED + number), args.documents))
        for number, (some, sites) in enumerate(zip(sides, (local[:half], local[half:]), strict=True))
    ]
    return Run(family, language, *made)


def _pages(frames: Any, phrases: list[Phrase], hosts: list[Host], seed: int) -> Iterator[Case]:
    maker = Synthesizer(hosts, phrases, [], frames, seed)
    texts = {phrase.text for phrase in phrases}
    number = 0
    while True:
        case = maker.infected()
        # Naked addresses and link words come from no phrase, so there is nothing to learn about them.
        if case.mechanism == "naked_anchor" and not all(case.text[start:end] in texts for start, end in case.spans):
            continue
        number += 1
        yield make_case({"id": f"page-{number}", "text": case.text, "spans": [list(span) for span in case.spans]}, "")


def _measured(
    model: Path, replay: Material, runs: Sequence[Run], clean: Sequence[Case], sizes: Sequence[int], folder: Path
) -> tuple[Table, list[dict[str, Any]]]:
    columns = ("decisions", "learnt", "precision", "recall", "F1", "restored", "clean harmed/M", "touched", "CPU s")
    table = Table("A family left out of training, before and after decisions", ("family", *columns))
    figures: list[dict[str, Any]] = []
    untouched = evaluate(Cleaner(model=model), clean).overall
    for run in runs:
        verdicts = decisions(run.decided, Cleaner(Config(review=_FLAGGED), model=model), max(sizes))
        _add(table, figures, run, 0, "-", evaluate(Cleaner(model=model), run.tested).overall, untouched, 0.0)
        for size in sizes:
            output = folder / f"{run}-{size}".replace(" ", "-")
            output.mkdir()
            begun = time.process_time()
            outcome = learn(model, verdicts[:size], replay, output)
            spent = time.process_time() - begun
            after = Cleaner(model=outcome.folder)
            learnt = f"{len(outcome.lessons)}{'' if outcome.promotable else ', not used'}"
            scored = evaluate(after, run.tested).overall
            _add(table, figures, run, size, learnt, scored, evaluate(after, clean).overall, spent)
    return table, figures


def decisions(cases: Sequence[Case], cleaner: Cleaner, most: int) -> list[Verdict]:
    """Return the verdicts of a reviewer who knows the truth on the first flagged spans, each phrase once."""
    seen: set[str] = set()
    with Store(":memory:") as store:
        for case, result in zip(cases, cleaner.clean_many(case.text for case in cases), strict=True):
            for span in result.spans:
                true = [one for one in case.spans if one[0] < span.end and span.start < one[1]]
                start, end = true[0] if true else (span.start, span.end)
                text = case.text
                before, after = text[max(0, start - _CONTEXT) : start], text[end : end + _CONTEXT]
                found = occurrence(text[start:end], before, after, start, document_id=case.id)
                if found.phrase not in seen and len(seen) < most:
                    seen.add(found.phrase)
                    store.decide(
                        [found], "accept" if true else "reject", reviewer="truth", decided_at=_moment(len(seen))
                    )
        return list(store.verdicts())


def _moment(number: int) -> str:
    return f"2026-01-01T{number // 20 % 24:02}:{number % 20 * 3:02}:00"  # unhurried


def _add(
    table: Table, figures: list[dict[str, Any]], run: Run, size: int, learnt: str, infected: Figures, clean: Figures,
    spent: float,
) -> None:  # fmt: skip
    shares = {name: getattr(infected, name) for name in ("precision", "recall", "f1", "restored")}
    cells = ["-" if share is None else f"{share:.3f}" for share in shares.values()]
    table.rows.append((str(run), str(size), learnt, *cells, f"{clean.harmed:.1f}", str(clean.touched), f"{spent:.0f}"))
    about = {"family": run.family, "language": run.language, "decisions": size, "learnt": learnt, "seconds": spent}
    figures.append({**about, **shares, "harmed": clean.harmed, "touched": clean.touched})


def _unseen(sources: Sequence[Path]) -> Iterator[Any]:
    for source in sources:
        yield from read_documents(source / "clean" / "dev")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sources", nargs="+", type=Path, metavar="SOURCES", help="folders as cleaner train takes them")
    parser.add_argument(
        "--families", nargs="+", default=["pharma/en", "essay/en", "pharma"], metavar="FAMILY[/LANG]",
        help="families to leave out, each tested in one language or in all (pharma/en essay/en pharma)",
    )  # fmt: skip
    parser.add_argument("--decisions", nargs="+", type=int, default=[20, 100], metavar="N", help="(20 100)")
    parser.add_argument("--documents", type=int, default=400, metavar="N", help="infected pages to test on (400)")
    parser.add_argument("--model", type=Path, metavar="DIR", help="a model that was trained without the families")
    parser.add_argument("--corpus", type=Path, metavar="DIR", help="another corpus than the shipped one")
    add_output_options(parser)
    return parser


if __name__ == "__main__":
    main()
