"""The guard: decisions that would pull the model toward ordinary words, or spam out of its sight, are held.

Nobody has to be ill-meaning: a slip on one key decides a thousand spans. What is held teaches nothing until
somebody has looked and confirmed it; it is still applied by ``cleaner clean --verdicts``.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np
import numpy.typing as npt

from cleaner import Cleaner, Cleaning
from cleaner.keys import normalise
from cleaner.learning.fit import buckets_of
from cleaner.learning.lessons import Lesson
from cleaner.model import Model
from cleaner.phrases import HEAD, Phrases, is_unspaced
from cleaner.view import Reader

_COMMON: Final = 2  # clean documents from which a word counts as common
_ORDINARY: Final = -0.05  # log-odds a character: the model has met these words mostly in clean text
_BURST: Final = 40  # decisions of one reviewer
_SHARED: Final = 0.05  # log-odds of a cut that come from one lesson; chance too (n-grams share buckets) may tip a text
_EDGES: Final = 40  # places where a word may end, that a phrase of known spam reaches over
_SECONDS: Final = 60.0  # in which so many were hardly read; a quick reader takes two to four seconds each


@dataclass(frozen=True, slots=True)
class Held:
    """A lesson that waits to be confirmed, and why, in words."""

    lesson: Lesson
    reason: str


class Guard:
    """What is known of clean text and of spam, to hold lessons against.

    ``clean`` are the clean texts of corpus and gate, ``known`` the promotional phrases of the corpus.
    """

    def __init__(self, model: Model, clean: Sequence[str], known: Sequence[str]) -> None:
        self._model = model
        self._clean = clean
        self._known = known
        self._reader = Reader(model.classes, model.fold)

    def holds(self, lessons: Sequence[Lesson]) -> list[Held]:
        """Return the lessons to hold, before anything is learnt; a reason each."""
        found: dict[str, str] = {}
        found |= dict.fromkeys(_bursts(lessons), "one of a burst: too many decisions of one reviewer in a minute")
        found |= dict.fromkeys(self._known_spam(lessons), "it holds a phrase of known spam")
        found |= dict.fromkeys(self._ordinary(lessons), "ordinary words of the language")
        found |= dict.fromkeys(self._in_clean(lessons), "it stands in clean text of the corpus or the gate")
        short = (lesson.id for lesson in lessons if lesson.remove and len(lesson.phrase.replace(" ", "")) < HEAD)
        found |= dict.fromkeys(short, "too short")
        return [Held(lesson, found[lesson.id]) for lesson in lessons if lesson.id in found]

    def _in_clean(self, lessons: Sequence[Lesson]) -> set[str]:
        accepted = {lesson.phrase: lesson for lesson in lessons if lesson.remove}
        texts = [lesson.text for lesson in accepted.values()]
        phrases = Phrases(texts, self._model.classes, self._model.fold)
        met = {phrase for _, _, _, phrase in phrases.find(self._clean)} if phrases else set()
        return {accepted[phrase].id for phrase in met if phrase in accepted}

    def _ordinary(self, lessons: Sequence[Lesson]) -> set[str]:
        """Return the accepted phrases of common words only that the model takes for ordinary too."""
        common: Counter[str] = Counter()
        for text in set(self._clean):
            common.update(set(self._words(normalise(text))))
        held: set[str] = set()
        for lesson in lessons:
            if lesson.remove and self._weight(lesson.text) < _ORDINARY:
                words = self._words(lesson.phrase)
                if words and all(common[word] >= _COMMON for word in words):
                    held.add(lesson.id)
        return held

    def _known_spam(self, lessons: Sequence[Lesson]) -> set[str]:
        rejected = [lesson for lesson in lessons if not lesson.remove]
        # The corpus' phrases are plain text: no more is needed to compare them than this.
        known = {" ".join(phrase.casefold().split()) for phrase in self._known} if rejected else set()
        return {lesson.id for lesson in rejected if any(part in known for part in self._parts(lesson.phrase))}

    def _parts(self, phrase: str) -> Iterator[str]:
        """Yield the stretches of a phrase between word ends; in scripts without blanks all of some length."""
        edges = [0, *(place for place in range(1, len(phrase)) if self._parts_words(phrase, place)), len(phrase)]
        for index, start in enumerate(edges):
            for end in edges[index + 1 : index + _EDGES]:
                if len(part := phrase[start:end].strip()) >= HEAD:
                    yield part

    def _parts_words(self, phrase: str, place: int) -> bool:
        before, after = phrase[place - 1], phrase[place]
        if before.isalnum() and after.isalnum():
            return is_unspaced(before, self._model.classes) or is_unspaced(after, self._model.classes)
        return True

    def _words(self, phrase: str) -> list[str]:
        """Return the words of a normalised text; where no blanks part words, its pairs of characters."""
        words: list[str] = []
        for word in phrase.split():
            word = word.strip(".,;:!?()[]{}\"'“”‘’«»。，、！？：；（）「」")
            if any(is_unspaced(character, self._model.classes) for character in word[:1]):
                words += (word[place : place + 2] for place in range(max(1, len(word) - 1)))
            elif word:
                words.append(word)
        return words

    def _weight(self, text: str) -> float:
        """Return the log-odds a character of a phrase under the model there is."""
        block = self._reader.read([text])
        scores = self._model.scorer.score(block.hashes)[block.first[0] : block.last[0]]
        return float(scores.mean()) * self._model.scale if len(scores) else 0.0


def culprits(
    lessons: Sequence[Lesson], clean: Sequence[str], before: Sequence[Cleaning], after: Cleaner,
    rise: npt.NDArray[np.int64], model: Model,
) -> list[Held]:  # fmt: skip
    """Return the lessons to hold because the candidate ``after`` cuts ``clean`` text that was left ``before``.

    ``rise`` is how far each n-gram bucket rose. For every new cut the lesson is named that shares most of it,
    if that is anything to speak of: the rest is for the gate to judge.
    """
    reader = Reader(model.classes, model.fold)
    taught = {lesson.id: buckets_of(reader, lesson.text, len(rise)) for lesson in lessons if lesson.remove}
    held: dict[str, Held] = {}
    for old, new in zip(before, after.clean_many(clean), strict=True):
        if not new.changed or new.text == old.text:
            continue
        cut = {edit.removed for edit in new.edits} - {edit.removed for edit in old.edits}
        for removed in sorted(cut):
            there = buckets_of(reader, removed, len(rise))
            shares = {name: int(rise[np.intersect1d(there, grams)].sum()) for name, grams in taught.items()}
            worst = max(shares, key=lambda name: (shares[name], name), default="")
            if worst and shares[worst] * model.scale >= _SHARED:
                lesson = next(lesson for lesson in lessons if lesson.id == worst)
                held.setdefault(worst, Held(lesson, f"it would cut clean text: {removed.strip()[:60]!r}"))
    return list(held.values())


def _bursts(lessons: Iterable[Lesson]) -> set[str]:
    """Return the lessons all of whose decisions one reviewer made in bursts."""
    made: dict[str, dict[int, float]] = defaultdict(dict)
    for lesson in lessons:
        for decision in lesson.decisions:
            made[decision.reviewer][decision.number] = _seconds(decision.at)
    hasty: set[int] = set()
    for decisions in made.values():
        order = sorted(decisions, key=lambda number: (decisions[number], number))
        for first, last in zip(order, order[_BURST:], strict=False):
            if decisions[last] - decisions[first] <= _SECONDS:
                begin = order.index(first)
                hasty.update(order[begin : begin + _BURST + 1])
    return {lesson.id for lesson in lessons if all(decision.number in hasty for decision in lesson.decisions)}


def _seconds(moment: str) -> float:
    try:
        return datetime.fromisoformat(moment).timestamp()
    except ValueError:
        return 0.0  # an imported decision without a time: all of them at once
