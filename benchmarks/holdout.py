"""How well the cleaner finds what it was never trained on.

A model is trained without one family, language, mechanism, or a fifth of the campaigns, and scored on
documents made from just that, on hosts it has not seen either. A model of the same size that was trained on
everything is scored on the same documents: the difference is what not knowing costs.

SOURCES are folders as ``cleaner train`` reads them (clean/train, spam); the hosts of the tests come from their
clean/dev, which training never opens. Needs scikit-learn: pip install 'cleaner[train]'.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from common import QUICK, Table, add_output_options, one_thread, read_documents, show

from cleaner import Cleaner, resources
from cleaner.cases import Case, make_case
from cleaner.evaluate import Figures, evaluate

_FAMILIES = ("gambling", "escort", "pharma")
_LANGUAGES = ("zh", "id", "ru")
_MECHANISMS = ("line_prefix", "naked_anchor")
_HELD_CAMPAIGNS = 0.2
_SEED = 4711  # of the tests; the training has its own


@dataclass(frozen=True, slots=True)
class Fold:
    """What is held out: ``kind`` is family, language, mechanism, campaigns or nothing."""

    kind: str
    name: str = ""

    def keeps(self, phrase: Any) -> bool:
        """Return whether training may see a phrase (or sentence)."""
        from cleaner.training.sides import share_of

        if self.kind == "family":
            return bool(phrase.family != self.name)
        if self.kind == "language":
            return bool(phrase.lang.partition("-")[0] != self.name)
        if self.kind == "campaigns":
            return share_of(f"held out:{phrase.campaign}") >= _HELD_CAMPAIGNS
        return True

    def tests(self, case: Any, texts: set[str]) -> bool:
        """Return whether a made document tests what is held out; ``texts`` are the held-out phrases."""
        if self.kind == "mechanism":
            return bool(case.mechanism == self.name)
        # Naked addresses and link words come from no phrase, so they are nothing new.
        return case.mechanism != "naked_anchor" or all(case.text[start:end] in texts for start, end in case.spans)

    def __str__(self) -> str:
        return f"{self.kind} {self.name}".strip()


@dataclass(frozen=True, slots=True)
class Work:
    """What every process needs to know."""

    corpus: Path
    sources: tuple[Path, ...]
    full: bool
    documents: int


def main() -> None:
    """Train and score a model for each fold and one without any; print the figures."""
    args = _parser().parse_args()
    one_thread()
    folds = list(_folds(args))
    nothing = Fold("nothing")
    with resources.corpus_folder(args.corpus) as corpus:
        work = Work(corpus, tuple(args.sources), args.full, args.documents)
        found = _run(work, [nothing, *folds], folds, args.jobs)
    knowing = found.pop(nothing)
    table = _table(folds, found, knowing, args.documents)
    figures = {str(fold): {"held_out": found[fold][fold], "trained_on": knowing[fold]} for fold in folds}
    size = "models of the shipped one's size" if args.full else "models trained on less than the shipped one"
    show(args, {"folds": figures}, [table], [size])


def _folds(args: argparse.Namespace) -> Iterator[Fold]:
    yield from (Fold("family", name) for name in args.families)
    yield from (Fold("language", name) for name in args.languages)
    yield from (Fold("mechanism", name) for name in args.mechanisms)
    if not args.no_campaigns:
        yield Fold("campaigns")


def _run(work: Work, every: Sequence[Fold], tested: Sequence[Fold], jobs: int) -> dict[Fold, dict[Fold, Any]]:
    """Return, for every fold trained without, its figures on the documents of the folds it is tested on."""
    found: dict[Fold, dict[Fold, Any]] = {}
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        waiting = {
            pool.submit(run_fold, work, fold, tested if fold.kind == "nothing" else [fold]): fold for fold in every
        }
        for number, done in enumerate(as_completed(waiting), 1):
            found[waiting[done]] = done.result()
            print(f"{number} of {len(every)} models: without {waiting[done]}", file=sys.stderr)
    return found


def run_fold(work: Work, fold: Fold, tested: Sequence[Fold]) -> dict[Fold, dict[str, Any]]:
    """Train without a fold and score on the documents of the tested ones and on clean text."""
    from joblib.externals.loky import get_reusable_executor

    from cleaner.training.synthesize import MECHANISMS
    from cleaner.training.train import Plan, train

    plan = Plan() if work.full else Plan(**QUICK)
    cases = {one: list(_cases(work, one, plan)) for one in tested}
    names = tuple(name for name in MECHANISMS if (fold.kind, fold.name) != ("mechanism", name))
    with tempfile.TemporaryDirectory() as folder:
        train(work.corpus, work.sources, Path(folder), plan=plan, keep=fold.keeps, mechanisms=names)
        get_reusable_executor().shutdown()  # joblib's workers; this process would wait five minutes for them
        cleaner = Cleaner(model=folder)
        clean = evaluate(cleaner, _clean_cases(work)).overall
        return {one: _scored(cleaner, cases[one], clean) for one in tested}


def _scored(cleaner: Cleaner, cases: Sequence[Case], clean: Figures) -> dict[str, Any]:
    report = evaluate(cleaner, cases, ("mechanism", "lang"))
    shares = {name: getattr(report.overall, name) for name in ("precision", "recall", "f1", "restored")}
    return report.to_dict() | shares | {"clean": asdict(clean)}


def _cases(work: Work, fold: Fold, plan: Any) -> Iterator[Case]:
    """Yield infected documents on unseen hosts whose phrases are those held out."""
    from cleaner.training.campaigns import expand
    from cleaner.training.sources import Host, read_material
    from cleaner.training.synthesize import Synthesizer

    material = read_material(work.corpus, work.sources)
    phrases = expand(material.grammars, random.Random(plan.seed)) + material.phrases
    sentences = material.sentences
    if fold.kind != "mechanism":  # whose phrases are all known
        phrases = [phrase for phrase in phrases if not fold.keeps(phrase)]
        sentences = [sentence for sentence in sentences if not fold.keeps(sentence)]
    if not phrases:
        raise SystemExit(f"holdout.py: no phrases of {fold}")
    hosts = [Host(document.text, document.lang, document.id) for document in _unseen(work)]
    texts = {phrase.text for phrase in phrases}
    maker = Synthesizer(hosts, phrases, sentences, material.frames, _SEED)
    made = (maker.infected() for _ in range(work.documents * 100))
    fitting = (case for case in made if fold.tests(case, texts))
    for number, case in zip(range(work.documents), fitting, strict=False):
        record = {"id": f"{fold}-{number}", "text": case.text, "spans": [list(span) for span in case.spans]}
        yield make_case(record | {"mechanism": case.mechanism, "lang": case.lang}, str(fold))


def _clean_cases(work: Work) -> Iterator[Case]:
    documents = list(_unseen(work))
    step = max(1, len(documents) // 2000)
    for document in documents[::step]:
        yield Case(document.id, document.text, (), document.text)


def _unseen(work: Work) -> Iterator[Any]:
    for source in work.sources:
        yield from read_documents(source / "clean" / "dev")


def _table(
    folds: Sequence[Fold], found: dict[Fold, dict[Fold, Any]], knowing: dict[Fold, Any], documents: int
) -> Table:
    title = f"Characters found of what training never saw, {documents:,} documents each"
    table = Table(title, ("held out", "precision", "recall", "F1", "restored", "clean harmed/M", "F1 if trained on"))
    for fold in folds:
        held = found[fold][fold]
        shares = (held["precision"], held["recall"], held["f1"], held["restored"])
        harmed = held["clean"]["harmed"]
        cells = ["-" if share is None else f"{share:.3f}" for share in (*shares, knowing[fold]["f1"])]
        table.rows.append((str(fold), *cells[:4], "-" if harmed is None else f"{harmed:.1f}", cells[4]))
    return table


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sources", nargs="+", type=Path, metavar="SOURCES", help="folders as cleaner train takes them")
    names = partial(parser.add_argument, type=lambda value: [name for name in value.split(",") if name])
    for option, default in (("families", _FAMILIES), ("languages", _LANGUAGES), ("mechanisms", _MECHANISMS)):
        shown = ",".join(default)
        names(f"--{option}", default=list(default), metavar="A,B", help=f"{option} to hold out ({shown}); '' for none")
    parser.add_argument("--no-campaigns", action="store_true", help="do not hold out campaigns of known families")
    parser.add_argument("--full", action="store_true", help="models of the shipped one's size; takes much longer")
    parser.add_argument("--documents", type=int, default=1000, metavar="N", help="documents per test (1000)")
    parser.add_argument("--corpus", type=Path, metavar="DIR", help="another corpus than the shipped one")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="models trained at a time (all cores)")
    add_output_options(parser)
    return parser


if __name__ == "__main__":
    main()
