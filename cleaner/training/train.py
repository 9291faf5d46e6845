"""Training from end to end: material in, model folder out, the same bytes for the same versions and seed.

The judge learns from n-gram weights that have not seen the documents it learns on: hosts and campaigns
are dealt into two sides, each side's documents are scored with weights fitted on the other (cross-fitting).
A third side is only used to calibrate probabilities and to choose the threshold.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from cleaner import alphabet, ngrams
from cleaner.detect import Detector
from cleaner.judge import Trees
from cleaner.language import Languages
from cleaner.model import Model, family_rows
from cleaner.openings import Openings
from cleaner.scout import Scout
from cleaner.training import save
from cleaner.training.campaigns import expand
from cleaner.training.fit_judge import Examples, grow
from cleaner.training.fit_ngrams import Rows, quantize
from cleaner.training.fit_openings import opening_table
from cleaner.training.fit_scout import glances, grow_scout
from cleaner.training.sides import SHARES, dealt, side_of
from cleaner.training.sources import Frames, Host, Material, Phrase, read_material
from cleaner.training.synthesize import Case, Synthesizer, untouched
from cleaner.training.tables import language_table
from cleaner.view import Reader

Progress = Callable[[str, int, int], None]

FAMILY_BITS: Final = 14
_SMOOTH: Final = 400.0  # n-grams; about what one fixed phrase list adds
_PARTS: Final = {"all": "ab", "a": "a", "b": "b"}  # the sides that each table is learnt from; the longest first


@dataclass(frozen=True, slots=True)
class Plan:
    """How much of everything; smaller numbers for tests."""

    seed: int = 20260
    ngram_cases: int = 60_000
    judge_cases: int = 48_000
    clean_hosts: int = 60_000
    sentences: int = 900  # of each kind in each language
    trees: int = 300
    leaves: int = 63


@dataclass(slots=True)
class Side:
    """One side of the split: hosts, phrases, sentences, and a generator of documents over them."""

    hosts: list[Host]
    negatives: list[Host]
    phrases: list[Phrase]
    sentences: list[Phrase]
    ham: list[Host]
    own: list[str]  # lines of honest sites
    maker: Synthesizer


def train(
    corpus: Path, sources: Sequence[Path], output: Path, progress: Progress = lambda stage, done, total: None,
    plan: Plan | None = None, keep: Callable[[Phrase], bool] = lambda phrase: True,
    mechanisms: Collection[str] | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Train a model, write it to the folder ``output`` and return the figures of its card.

    ``keep`` says which phrases and promotional sentences may be learnt from, ``mechanisms`` which ways of
    injecting them (all): with both, whole campaigns, families, languages and mechanisms can be held out.
    Raises InputError for material that cannot be read.
    """
    plan = plan or Plan()
    progress("reading", 0, 1)
    material = read_material(corpus, sources)
    material.sentences = [sentence for sentence in material.sentences if keep(sentence)]
    phrases = expand(material.grammars, random.Random(plan.seed)) + material.phrases
    phrases = [phrase for phrase in phrases if keep(phrase)]
    sides = {name: _side(material, phrases, name, plan.seed, mechanisms) for name in SHARES}
    classes, fold = alphabet.build_classes(), alphabet.build_fold(material.variants)
    languages = language_table(classes, fold)
    reader = Reader(classes, fold)
    progress("reading", 1, 1)

    weights = _weights(reader, sides, plan, progress)
    openings = {name: _opening_table(reader, sides, parts) for name, parts in _PARTS.items()}
    tables = {name: save.Tables(classes, fold, languages, openings[name], weights[name]) for name in _PARTS}
    rows, pure, exact, weight = _examples(tables, sides, plan, progress)
    progress("judge", 0, 2)
    trees = {"pure": grow(rows, pure, weight, plan.seed, plan.trees, plan.leaves)}
    progress("judge", 1, 2)
    trees["exact"] = grow(rows, exact, weight, plan.seed, plan.trees, plan.leaves)
    progress("judge", 2, 2)
    trees["scout"] = _scout(tables, sides, trees["pure"], plan)
    families, family_weights = _families(reader, phrases, plan)
    bundle = save.Bundle(tables["all"], families, family_weights, trees)
    return save.finish(bundle, sides["tune"], output, len(phrases), plan.seed, progress)


def _weights(
    reader: Reader, sides: dict[str, Side], plan: Plan, progress: Progress
) -> dict[str, tuple[npt.NDArray[np.int8], float]]:
    """Fit the n-gram weights of either side, for cross-fitting, and of both, to ship."""
    from joblib import Parallel, delayed

    cases = {name: _cases(side, plan) for name, side in sides.items() if name != "tune"}
    work = []
    for parts in _PARTS.values():
        some = [case for part in parts for case in cases[part]]
        said = [phrase for part in parts for phrase in (*sides[part].phrases, *sides[part].sentences)]
        texts = [text for part in parts for text in _hard_texts(sides[part])]
        told = [case for part in parts for case in sides[part].maker.sentences(plan.sentences)]
        work.append(delayed(_fit_weights)(reader, some + told, said, texts, plan))
    weights: dict[str, tuple[npt.NDArray[np.int8], float]] = {}
    progress("n-gram weights", 0, len(_PARTS))
    for name, fitted in zip(_PARTS, Parallel(n_jobs=2, return_as="generator")(work), strict=True):
        weights[name] = fitted
        progress("n-gram weights", len(weights), len(_PARTS))
    return weights


def _side(
    material: Material, phrases: list[Phrase], name: str, seed: int, mechanisms: Collection[str] | None = None
) -> Side:
    def mine(key: str) -> bool:
        return side_of(key) == name

    hosts = [host for host in material.hosts if mine(host.site)]
    some = [phrase for phrase in phrases if mine(phrase.campaign)]
    sentences = [sentence for sentence in material.sentences if mine(sentence.campaign)]
    negatives = [host for host in material.negatives if mine(host.site)]
    ham = [host for host in material.ham if mine(host.site)]
    frames = {lang: _some_frames(lang, every, name) for lang, every in material.frames.items()}
    maker = Synthesizer(hosts, some, sentences, frames, seed + list(SHARES).index(name), mechanisms)
    own = [line for _, every in sorted(frames.items()) for line in every.site]
    return Side(hosts, negatives, some, sentences, ham, own, maker)


def _some_frames(lang: str, frames: Frames, side: str) -> Frames:
    """Return the sentences and the words for them that a side knows; where a list is too short to be dealt out, all."""
    some = {}
    for kind in ("spun", "blend", "cta", "legit", "site"):
        every = getattr(frames, kind)
        some[kind] = tuple(text for text in every if side_of(f"{lang}/{kind}/{text}") == side) or every
    slots = {name: tuple(dealt(words, f"{lang}/{name}", side)) for name, words in frames.slots.items()}
    return Frames(**some, slots=slots)


def _cases(side: Side, plan: Plan) -> list[Case]:
    infected = [side.maker.infected() for _ in range(plan.ngram_cases // 2)]
    return infected + [side.maker.legitimate() for _ in range(plan.ngram_cases // 12)]


def _hard_texts(side: Side) -> list[str]:
    return [host.text for host in (*side.hosts, *side.negatives, *side.negatives, *side.ham)] + side.own


def _fit_weights(
    reader: Reader, cases: list[Case], phrases: list[Phrase], texts: list[str], plan: Plan
) -> tuple[npt.NDArray[np.int8], float]:
    rng = np.random.default_rng(plan.seed)
    rows = Rows(reader)
    rows.add(cases, rng, clean_rows=4)
    clean = [Case(text, (), "", "", "", "", "") for text in texts]
    rows.add(clean, rng, clean_rows=5)
    rows.add([_alone(phrase) for phrase in phrases if len(phrase.text) <= 80], rng, clean_rows=0)
    weights, scale = quantize(rows.fit(plan.seed))
    # Rounds of hard negatives: clean stretches the weights take for promotional go back in.
    for odds in (1.0, 0.5, 0.5):
        if rows.add_places(texts, weights, round(odds / scale)):
            weights, scale = quantize(rows.fit(plan.seed))
    return weights, scale


def _alone(phrase: Phrase) -> Case:
    return Case(phrase.text, ((0, len(phrase.text)),), phrase.lang, phrase.lang, phrase.family, "alone", "")


def _examples(
    tables: dict[str, save.Tables], sides: dict[str, Side], plan: Plan, progress: Progress
) -> tuple[npt.NDArray[Any], ...]:
    """Return the examples of both sides, each found with the tables of the other."""
    from joblib import Parallel, delayed

    pairs = (("a", "b"), ("b", "a"))
    work = [
        delayed(_side_examples)(tables[other], sides[name], plan, plan.seed + index)
        for index, (name, other) in enumerate(pairs)
    ]
    progress("examples for the judge", 0, len(pairs))
    found = Parallel(n_jobs=2)(work)
    progress("examples for the judge", len(pairs), len(pairs))
    return tuple(np.concatenate(parts) for parts in zip(*found, strict=True))


def _side_examples(tables: save.Tables, side: Side, plan: Plan, seed: int) -> tuple[npt.NDArray[Any], ...]:
    examples, detector = Examples(seed), Detector(_model(tables))
    maker = side.maker
    rng = random.Random(seed)
    examples.add(detector, [maker.infected() for _ in range(plan.judge_cases // 2)])
    examples.add(detector, [maker.legitimate() for _ in range(plan.judge_cases // 5)])
    examples.add(detector, [maker.glossed() for _ in range(plan.judge_cases // 5)], 2.0)
    hosts = rng.sample(side.hosts, min(len(side.hosts), plan.clean_hosts // 2))
    examples.add(detector, [maker.clean(host) for host in hosts], 2.0)
    examples.add(detector, [untouched(host) for host in side.negatives], 6.0)
    whole = rng.sample(side.hosts, min(len(side.hosts), plan.clean_hosts // 4))
    examples.add(detector, [untouched(host) for host in whole], 2.0)
    return examples.arrays()


def _scout(tables: dict[str, save.Tables], sides: dict[str, Side], judge: dict[str, Any], plan: Plan) -> dict[str, Any]:
    """Return the trees of the scout, learnt from what the judge says about new cases of both sides."""
    seen = []
    for name, other in (("a", "b"), ("b", "a")):
        side, maker = sides[name], sides[name].maker
        ordinary = [maker.legitimate() for _ in range(plan.judge_cases // 12)]
        ordinary += [maker.glossed() for _ in range(plan.judge_cases // 12)]
        clean = [untouched(host) for host in side.hosts[: plan.clean_hosts // 2]]
        groups = (
            ([maker.infected() for _ in range(plan.judge_cases // 4)], 1.0),
            (ordinary, 2.0), (clean, 2.0), ([untouched(host) for host in side.negatives], 6.0),
        )  # fmt: skip
        seen.append(glances(replace(_model(tables[other]), pure=Trees(**judge)), groups))
    return grow_scout(seen, plan.seed)


def _opening_table(reader: Reader, sides: dict[str, Side], parts: str) -> npt.NDArray[np.int8]:
    return opening_table(reader, [host.text for part in parts for host in (*sides[part].hosts, *sides[part].negatives)])


def _families(reader: Reader, phrases: list[Phrase], plan: Plan) -> tuple[list[str], npt.NDArray[np.int8]]:
    """Return the families' names and a table ``[hashed n-gram, family]`` of their log-odds (naive Bayes)."""
    names = sorted({phrase.family for phrase in phrases})
    counts = np.zeros((1 << FAMILY_BITS, len(names)))
    shift = np.uint32(32 - FAMILY_BITS)
    for begin in range(0, len(phrases), 512):
        some = phrases[begin : begin + 512]
        block = reader.read([phrase.text for phrase in some])
        for page, phrase in enumerate(some):
            grams = family_rows(block.hashes[block.first[page] : block.last[page]], shift)
            counts[grams, names.index(phrase.family)] += 1.0
    # Smoothed toward what n-grams do in all families, so that an unknown one speaks for none.
    usual = (counts.sum(axis=1, keepdims=True) + 0.5) / (counts.sum() + 0.5 * len(counts))
    logs = np.log((counts + _SMOOTH * usual) / (counts.sum(axis=0) + _SMOOTH) / usual)
    return names, np.clip(np.round(logs * 16), -127, 127).astype(np.int8)


def _model(tables: save.Tables) -> Model:
    """Return a model in memory without trees: enough to find candidates."""
    names, scripts, table = tables.languages
    empty = np.zeros((1, 1), np.int16)
    none = Trees(empty, np.zeros((1, 1), np.float32), empty, empty, np.zeros((1, 1), np.int32), base=0, depth=1)
    return Model(
        name="training", digest="", classes=tables.classes, fold=tables.fold, scorer=ngrams.Scorer(tables.weights[0]),
        languages=Languages(names, np.array(scripts), table), openings=Openings(tables.openings), families=("other",),
        family_weights=np.zeros((2, 1), np.int8), pure=none, exact=none, scout=Scout(none, 0.0),
        hot=round(save.HOT_ODDS / tables.weights[1]), scale=tables.weights[1], calibration=(1.0, 0.0),
        threshold=1.0, review=1.0, floor=0.0, curve=(),
    )  # fmt: skip
