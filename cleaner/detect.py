"""Finding: pages in, judged candidates out. The only place that joins the detectors.

Nothing here edits or decides. The work is done for many pages at once; pages without a core cost no more
than the n-gram weights and the gates.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from cleaner import features, gates, propose, switch
from cleaner.gates import Cores, Places, Signs
from cleaner.judge import probability
from cleaner.model import Model
from cleaner.view import Block, Reader

_AROUND: Final = 4_000  # characters before and after a stretch in which its words are looked for
_LABELLED: Final = 200  # characters of a span that name its family


@dataclass(slots=True)
class Survey:
    """What is known of a block of pages before any candidate is judged."""

    block: Block
    scores: npt.NDArray[np.int16]
    signs: Signs
    cores: Cores
    scripts: Places
    languages: Places


@dataclass(slots=True)
class Findings:
    """Judged candidates of one page, offsets in that page's text.

    ``pure`` and ``exact`` are probabilities, ``rows`` the features; all in the same order.
    """

    start: list[int]
    end: list[int]
    pure: npt.NDArray[np.float64]
    exact: npt.NDArray[np.float64]
    rows: features.Matrix


class Detector:
    """Runs a model over pages. Thread-safe."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self._reader = Reader(model.classes, model.fold)

    def survey(self, pages: Sequence[str]) -> Survey:
        """Read pages and look for cores on every character."""
        model = self.model
        block = self._reader.read(pages)
        scores = model.scorer.score(block.hashes)
        scripts = switch.host_scripts(block)
        signs = gates.read_signs(block, scores, scripts, model.hot)
        cores = gates.find_cores(block, signs, scores, model.hot, model.openings)
        languages = model.languages.hosts(block, scripts)
        return Survey(block, scores, signs, cores, scripts, languages)

    def candidates(
        self, survey: Survey, texts: Sequence[str], promising: bool = True
    ) -> tuple[propose.Candidates, features.Matrix]:
        """Return the candidates of a survey and their features; ``texts`` are its pages.

        With ``promising`` a core gets all its candidates only if the judge gives one of the likeliest few a
        chance: most cores in clean text end there.
        """
        block, cores = survey.block, survey.cores
        lines = propose.find_lines(block, survey.signs.newlines, cores, self.model.openings)
        context = features.Context(
            scores=survey.scores,
            signs=survey.signs,
            host_scripts=survey.scripts,
            unspaced_hosts=switch.is_unspaced_host(survey.scripts),
            scale=self.model.scale,
            openings=self.model.openings,
            surprise=np.zeros(len(cores), np.float32),
            echoes=np.zeros((len(cores), 2), np.float32),
        )
        only = np.arange(len(cores))
        if promising:
            # Without surprise and echoes, which cost most and speak against an injection more often than for it.
            found = propose.find_candidates(block, survey.scores, cores, lines, only, first=True)
            rows = features.compute(block, cores, found, lines, context)
            only = np.unique(found.core[self.model.pure.promising(rows)])
        start, end = cores.start[only], cores.end[only]
        # Asked per core: a stretch a few letters shorter or longer is of the same language.
        hosts = survey.languages[block.page_of(start)]
        context.surprise[only] = self.model.languages.surprise(block.hashes, start, hosts, end - start)
        context.echoes[only] = _echoes(block, start, end, texts)
        found = propose.find_candidates(block, survey.scores, cores, lines, only)
        return found, features.compute(block, cores, found, lines, context)

    def find(self, pages: Sequence[str]) -> tuple[Survey, dict[int, Findings]]:
        """Return the survey of all pages and the findings of those that have any."""
        survey = self.survey(pages)
        findings: dict[int, Findings] = {}
        if not len(survey.cores):
            return survey, findings
        found, rows = self.candidates(survey, pages)
        if not len(found):
            return survey, findings
        model = self.model
        pure = probability(model.pure.log_odds(rows), *model.calibration)
        likely = np.flatnonzero(pure >= model.floor)
        if not len(likely):
            return survey, findings
        start, end, pure, rows = found.start[likely], found.end[likely], pure[likely], rows[likely]
        exact = probability(model.exact.log_odds(rows), 1.0, 0.0)
        # What is the whole injection holds nothing of the host: the surer of the two counts.
        pure = np.maximum(pure, exact)
        page = survey.block.page_of(start)
        for number in np.unique(page).tolist():
            some = slice(*page.searchsorted((number, number + 1)).tolist())
            starts, ends = survey.block.to_source(number, start[some], end[some])
            findings[number] = Findings(starts, ends, pure[some], exact[some], rows[some])
        return survey, findings

    def label(self, phrase: str) -> str:
        """Return the most likely family of a stretch that was chosen."""
        block = self._reader.read((phrase[:_LABELLED],))
        return self.model.family_of(block.hashes[block.first[0] : block.last[0]])


def _echoes(block: Block, start: Places, end: Places, texts: Sequence[str]) -> features.Matrix:
    """Return per stretch how often it recurs near by, and the share of its words that stand elsewhere there."""
    echoes = np.zeros((len(start), 2), np.float32)
    lowered: dict[int, str] = {}
    known: dict[tuple[int, int, str], tuple[float, float]] = {}
    for index, number in enumerate(block.page_of(start).tolist()):
        text = lowered.get(number)
        if text is None:
            text = lowered[number] = texts[number].lower()
        starts, ends = block.to_source(number, start[index : index + 1], end[index : index + 1])
        words = text[starts[0] : ends[0]].strip() if len(text) == len(texts[number]) else ""
        if words:
            # Only so far around, in steps, or a page of many phrases would take time by the square.
            begin = max(starts[0] // _AROUND - 1, 0) * _AROUND
            key = (number, begin, words)
            if key not in known:
                near = text[begin : begin + 3 * _AROUND]
                known[key] = min(near.count(words) - 1, 6), _shared(words, near)
            echoes[index] = known[key]
    return echoes


def _shared(words: str, text: str) -> float:
    """Return the share of a stretch's words (of its letter pairs where no blanks part words) found elsewhere."""
    parts = [word[:6] for word in words.split() if len(word) > 3]
    if not words.isascii() and " " not in words and ord(words[-1]) > 0x0E00:
        parts = [words[place : place + 2] for place in range(min(len(words) - 1, 16))]
    if not parts:
        return 0.0
    return sum(text.count(part) > words.count(part) for part in parts) / len(parts)
