"""What the speed benchmark times: functions that do one whole pass, each over the texts it is given."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from common import Missing, load
from peers import han_rule, langdetect, plain, vectors
from workload import every_line, lines_of

from cleaner import Cleaner

Pass = Callable[[Sequence[str]], object]


def batch(cleaner: Cleaner) -> Pass:
    """``clean_many`` over all texts."""

    def run(texts: Sequence[str]) -> None:
        for _ in cleaner.clean_many(texts):
            pass

    return run


def one_by_one(function: Callable[[str], object]) -> Pass:
    """One call per text."""

    def run(texts: Sequence[str]) -> None:
        for text in texts:
            function(text)

    return run


def by_line(function: Callable[[str], object]) -> Pass:
    """One call per line."""

    def run(texts: Sequence[str]) -> None:
        for line in lines_of(texts):
            function(line)

    return run


def han() -> Callable[[str], object]:
    """Return the rule that takes out runs of Han characters."""
    load("regex", "regex")
    return han_rule()


def language() -> Callable[[str], str]:
    """Return langdetect, seeded."""
    return langdetect()


def switches() -> Callable[[str], object]:
    """Return pycld2 with the stretches of each language; offsets stay in bytes, as it gives them."""
    cld2 = load("pycld2", "pycld2")

    def run(text: str) -> object:
        try:
            return vectors(cld2, text.encode())
        except (cld2.error, UnicodeEncodeError):  # control characters, lone surrogates
            return vectors(cld2, plain(text).encode())

    return run


def hashed(clean: Sequence[str], words: Sequence[str]) -> Pass:
    """Return scikit-learn's HashingVectorizer with a linear model over the lines of all texts at once.

    It learns to tell clean lines from infected ones first; that is not timed.
    """
    text = load("sklearn.feature_extraction.text", "scikit-learn")
    linear = load("sklearn.linear_model", "scikit-learn")
    vectorizer = text.HashingVectorizer(analyzer="char", ngram_range=(1, 4), n_features=1 << 18, norm=None)
    learner: Any = linear.SGDClassifier(loss="log_loss", random_state=0)
    lines = lines_of(clean)[:1000]
    learner.fit(vectorizer.transform(lines + every_line(lines, words)), [0] * len(lines) + [1] * len(lines))

    def run(texts: Sequence[str]) -> object:
        found = lines_of(texts)
        return learner.decision_function(vectorizer.transform(found)) if found else None

    return run


__all__ = ["Missing", "Pass", "batch", "by_line", "han", "hashed", "language", "one_by_one", "switches"]
