"""From decisions to a candidate: learn, hold what looks wrong, measure, and say whether it may be used.

Learning always begins from the base model and takes all decisions that count today. So a decision that was
taken back leaves nothing behind, versions do not drift, and the same decisions give the same bytes.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from cleaner import Cleaner
from cleaner.errors import InputError
from cleaner.learning.candidate import read_weights, write_candidate
from cleaner.learning.fit import Strength, continued
from cleaner.learning.gate import Change, Gate, changes, closed_by, measure, read_gate
from cleaner.learning.guard import Guard, Held, culprits
from cleaner.learning.lessons import Lesson, digest, lessons_of
from cleaner.model import Model, load
from cleaner.review.store import Verdict
from cleaner.training.campaigns import expand
from cleaner.training.sources import read_material

Weights = npt.NDArray[np.int8]

_ROUNDS: Final = 6  # of holding what would cut clean text and learning again
# Shares of the change that are tried until the gate stays open: a weaker candidate beats none.
_SHARES: Final = (1.0, 0.5, 0.25)
_GATE_SIDE: Final = 0.84  # the corpus' sites from this share on are the gate's, as those of training's third side
_SEED: Final = 20260


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of learning.

    ``changes`` are the gate's figures before and after, ``followed`` those of the decisions themselves.
    ``promotable``: the candidate in ``folder`` may be used; otherwise ``reason`` says why not.
    """

    name: str
    folder: Path
    base: str
    lessons: tuple[Lesson, ...]
    held: tuple[Held, ...]
    disputed: tuple[str, ...]
    changes: tuple[Change, ...]
    followed: tuple[Change, ...]
    share: float
    moved: int
    promotable: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Material:
    """What is replayed from the corpus: clean texts and phrases; and the gate, none of which is in it."""

    clean: list[str]
    known: list[str]
    gate: Gate


def read_replay(corpus: Path, further: Sequence[Path] = ()) -> Material:
    """Return the corpus as learning needs it; ``further`` are files of the user's own gate cases."""
    from cleaner.training.sides import share_of

    material = read_material(corpus, ())
    clean = {host.text for host in (*material.hosts, *material.negatives) if share_of(host.site) < _GATE_SIDE}
    phrases = {phrase.text for phrase in expand(material.grammars, random.Random(_SEED))}
    return Material(sorted(clean), sorted(phrases), read_gate(corpus, further))


def learn(
    base: Path, verdicts: Iterable[Verdict], material: Material, output: Path, *,
    confirmed: Collection[str] = (), strength: Strength | None = None,
    progress: Callable[[str, int, int], None] = lambda stage, done, total: None,
) -> Outcome:  # fmt: skip
    """Learn from verdicts and write the candidate below the folder ``output``; nothing else is changed.

    ``base`` is the model folder to begin from, ``confirmed`` the ids of lessons that somebody looked at
    although they were held. Raises InputError when there is nothing to learn from.
    """
    every, disputed = lessons_of(verdicts)
    if not every:
        raise InputError("nothing to learn from: the store has no accepted or rejected spans")
    model, weights = load(base), read_weights(base)
    clean = material.clean + material.gate.clean_texts()
    progress("looking at decisions", 0, 1)
    held = [one for one in Guard(model, clean, material.known).holds(every) if one.lesson.id not in confirmed]
    work = _Work(base, model, weights, material, output, strength or Strength(), progress)
    lessons, learnt = _without(every, held), weights
    before = Cleaner(model=base)
    left = list(before.clean_many(clean))
    for round_number in range(_ROUNDS):
        progress("learning", round_number, _ROUNDS)
        learnt = continued(model, weights, lessons, material.clean, material.known, work.strength)
        rise = np.maximum(learnt.astype(np.int64) - weights, 0)
        more = culprits(lessons, clean, left, work.cleaner(learnt), rise, model)
        more = [one for one in more if one.lesson.id not in confirmed]
        if not more:
            break
        held += more
        lessons = _without(every, held)
    return _judged(work, before, lessons, held, disputed, learnt)


@dataclass(frozen=True, slots=True)
class _Work:
    """What all steps need."""

    base: Path
    model: Model
    weights: Weights
    material: Material
    output: Path
    strength: Strength
    progress: Callable[[str, int, int], None]

    def cleaner(self, weights: Weights) -> Cleaner:
        """Return a cleaner with other weights, by way of a folder that is only looked at."""
        number = sum(1 for _ in self.output.glob("trial-*"))
        folder = self.output / f"trial-{number}"
        write_candidate(self.base, weights, folder, "trial", {})
        return Cleaner(model=folder)


def _judged(
    work: _Work, before: Cleaner, lessons: Sequence[Lesson], held: Sequence[Held], disputed: Sequence[str],
    learnt: Weights,
) -> Outcome:  # fmt: skip
    """Measure the candidate, weaken it until the gate stays open, and write it."""
    gate = work.material.gate
    figures, obeyed = measure(before, gate), follows(before, lessons)
    found: list[Change] = []
    share, weights, after = 0.0, work.weights, before
    for number, share in enumerate(_SHARES):
        work.progress("gate", number, len(_SHARES))
        step = np.round((learnt.astype(np.float64) - work.weights) * share)
        weights = (work.weights + step).astype(np.int8)
        after = work.cleaner(weights)
        found = changes(figures, measure(after, gate))
        if not closed_by(found):
            break
    work.progress("gate", len(_SHARES), len(_SHARES))
    moved = int((weights != work.weights).sum())
    closed = closed_by(found)
    reason = "; ".join(f"{change.cases}: {change.figure} was {change.before}, now {change.after}" for change in closed)
    if not moved:
        reason = "no weight changed"
    followed = changes({"decisions": obeyed}, {"decisions": follows(after, lessons)})
    learning = {
        "base": work.model.id, "decisions": digest(lessons), "gate": gate.digest, "share": share, "moved": moved,
        "strength": asdict(work.strength),
        "lessons": [[lesson.id, "accept" if lesson.remove else "reject", lesson.text] for lesson in lessons],
        "figures": {f"{one.cases}/{one.figure}": [one.before, one.after] for one in (*found, *followed)},
    }  # fmt: skip
    name = f"{work.model.name.partition('+')[0]}+{_short(learning)}"
    folder = work.output / name
    write_candidate(work.base, weights, folder, name, learning)
    return Outcome(
        name, folder, work.model.id, tuple(lessons), tuple(held), tuple(disputed), tuple(found), tuple(followed),
        share, moved, bool(moved) and not closed, reason,
    )  # fmt: skip


def follows(cleaner: Cleaner, lessons: Sequence[Lesson]) -> dict[str, float]:
    """Return the shares of accepted places that are cut and of rejected ones that stay, as they were decided."""
    places = [(lesson, sample) for lesson in lessons for sample in lesson.samples]
    right: dict[bool, list[bool]] = {True: [], False: []}
    cleaned = cleaner.clean_many(sample.text for _, sample in places)
    for (lesson, sample), result in zip(places, cleaned, strict=True):
        cut = sum(
            max(0, min(span.end, sample.end) - max(span.start, sample.start))
            for span in result.spans
            if span.action == "remove"
        )
        whole = cut >= 0.8 * (sample.end - sample.start)
        right[lesson.remove].append(whole if lesson.remove else not cut)
    names = {True: "accepted, cut", False: "rejected, kept"}
    return {names[kind]: round(sum(some) / len(some), 4) for kind, some in right.items() if some}


def _without(lessons: Sequence[Lesson], held: Sequence[Held]) -> list[Lesson]:
    out = {one.lesson.id for one in held}
    return [lesson for lesson in lessons if lesson.id not in out]


def _short(learning: object) -> str:
    return hashlib.sha256(repr(learning).encode("utf-8", "surrogatepass")).hexdigest()[:8]
