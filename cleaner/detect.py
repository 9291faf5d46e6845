"""Finding: pages in, judged candidates out. The only place that joins the detectors.

Nothing here edits or decides. The work is done for many pages at once; pages without a core cost no more
than the n-gram weights and the gates.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

from cleaner import boundaries, features, gates, propose, switch
from cleaner.columns import Matrix
from cleaner.gates import WORDS, Cores
from cleaner.judge import probability
from cleaner.model import Model
from cleaner.scout import core_rows
from cleaner.signs import Places, Signs, read_signs
from cleaner.view import PAD, Block, Reader, around, join

_AROUND: Final = 4_000  # characters before and after a stretch in which its words are looked for
_CORES: Final = 384  # judged at a time; fewer cost calls, more leave the cache
_LABELLED: Final = 200  # characters of a span that name its family


@dataclass(slots=True)
class Pages:
    """A block of pages and what can't be read off it again at once; ``worth``: which cores get candidates."""

    block: Block
    scores: npt.NDArray[np.int16]
    cores: Cores
    scripts: Places
    languages: Places
    worth: npt.NDArray[np.bool_]


@dataclass(slots=True)
class Survey(Pages):
    """What is known of a block of pages before any candidate is judged."""

    signs: Signs


@dataclass(slots=True)
class Findings:
    """Judged candidates of one page, offsets in that page's text.

    ``pure`` and ``exact`` are probabilities, ``rows`` the features; all in the same order.
    """

    start: list[int]
    end: list[int]
    pure: npt.NDArray[np.float64]
    exact: npt.NDArray[np.float64]
    rows: Matrix


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
        signs = read_signs(block, scores, scripts, model.hot)
        cores = gates.find_cores(block, signs, scores, model.hot, model.openings)
        languages = model.languages.hosts(block, scripts)
        survey = Survey(block, scores, cores, scripts, languages, np.ones(len(cores), np.bool_), signs)
        if len(cores):
            survey.worth = model.scout.worth(self.glances(survey))
        return survey

    def with_signs(self, pages: Pages) -> Survey:
        """Return the survey of pages whose cores are known."""
        if isinstance(pages, Survey):
            return pages
        signs = read_signs(pages.block, pages.scores, pages.scripts, self.model.hot)
        return Survey(pages.block, pages.scores, pages.cores, pages.scripts, pages.languages, pages.worth, signs)

    def glances(self, survey: Survey) -> Matrix:
        """Return what the scout is asked about each core of a survey."""
        return core_rows(survey.block, survey.signs, survey.scores, survey.cores, self.model.scale)

    def candidates(
        self, survey: Survey, texts: Sequence[str], promising: bool = True
    ) -> tuple[propose.Candidates, Matrix]:
        """Return the candidates of a survey and their features; ``texts`` are its pages.

        With ``promising`` only of the cores that are worth a look: most cores in clean text are not.
        """
        block, cores = survey.block, survey.cores
        only = np.flatnonzero(survey.worth) if promising else np.arange(len(cores))
        # The features ask about the lines of all promotional words, candidates are drawn on the others' as well.
        seen = Cores(*cores.columns(np.union1d(only, np.flatnonzero(cores.gate == WORDS))))
        lines = boundaries.find_lines(block, survey.signs.newlines, seen, self.model.openings)
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
        start, end = cores.start[only], cores.end[only]
        # Asked per core: a stretch a few letters shorter or longer is of the same language.
        hosts = survey.languages[block.page_of(start)]
        context.surprise[only] = self.model.languages.surprise(block.hashes, start, hosts, end - start)
        context.echoes[only] = _echoes(block, start, end, texts)
        found = propose.find_candidates(block, survey.scores, cores, lines, only)
        return found, features.compute(block, cores, found, lines, context)

    def judge(self, survey: Survey, pages: Sequence[str]) -> dict[int, Findings]:
        """Return the findings of the pages of a survey that have any."""
        found, rows = self.candidates(survey, pages)
        if not len(found):
            return {}
        model = self.model
        pure = probability(model.pure.log_odds(rows), *model.calibration)
        likely = np.flatnonzero(pure >= model.floor)
        if not len(likely):
            return {}
        start, end, pure, rows = found.start[likely], found.end[likely], pure[likely], rows[likely]
        exact = probability(model.exact.log_odds(rows), 1.0, 0.0)
        # What is the whole injection holds nothing of the host: the surer of the two counts.
        pure = np.maximum(pure, exact)
        page = survey.block.page_of(start)
        findings: dict[int, Findings] = {}
        for number in np.unique(page).tolist():
            some = slice(*page.searchsorted((number, number + 1)).tolist())
            starts, ends = survey.block.to_source(number, start[some], end[some])
            findings[number] = Findings(starts, ends, pure[some], exact[some], rows[some])
        return findings

    def labels(self, phrases: Sequence[str]) -> list[str]:
        """Return the most likely family of each stretch that was chosen."""
        return self.model.families_of(self._reader.read([phrase[:_LABELLED] for phrase in phrases]))


class Search:
    """A search through many pages, given block by block; pages with cores are judged many at a time.

    A judgement takes some hundred calls of numpy however few cores there are, and few pages have any.
    """

    def __init__(self, detector: Detector) -> None:
        self._detector = detector
        self._waiting: list[tuple[Pages, list[tuple[int, str]]]] = []
        self._cores = self._pages = 0
        self._findings: dict[int, Findings] = {}

    def add(self, pages: Sequence[str]) -> Survey:
        """Look for cores on the next pages and return the survey."""
        survey = self._detector.survey(pages)
        for some, cores in _groups(survey):
            # The others are let go, so that the next block gets their memory while the caches still hold it.
            kept = _joined([(survey, some)])
            self._waiting.append((kept, [(self._pages + number, pages[number]) for number in some.tolist()]))
            self._cores += cores
            if self._cores >= _CORES:
                self._judge()
        self._pages += len(pages)
        return survey

    def findings(self) -> dict[int, Findings]:
        """Return the findings, by the number of the page in the order they were added."""
        if self._waiting:
            self._judge()
        return self._findings

    def _judge(self) -> None:
        origin = [item for _, items in self._waiting for item in items]
        survey = self._detector.with_signs(_joined([(pages, np.arange(len(items))) for pages, items in self._waiting]))
        for number, found in self._detector.judge(survey, [text for _, text in origin]).items():
            self._findings[origin[number][0]] = found
        self._waiting, self._cores = [], 0


def _groups(survey: Survey) -> Iterator[tuple[Places, int]]:
    """Yield pages with cores worth a look, as many at a time as have :data:`_CORES` of them together, and how many."""
    if survey.worth.any():
        pages, counts = np.unique(survey.block.page_of(survey.cores.start[survey.worth]), return_counts=True)
        group = (np.cumsum(counts) - counts) // _CORES
        breaks = np.flatnonzero(np.diff(group)) + 1
        yield from zip(np.split(pages, breaks), (int(part.sum()) for part in np.split(counts, breaks)), strict=True)


def _joined(parts: Sequence[tuple[Pages, Places]]) -> Pages:
    """Return some pages of several blocks as one."""
    only, pages = parts[0]
    if len(parts) == 1 and len(pages) == len(only.scripts):
        return only
    block = join([(part.block, pages) for part, pages in parts])
    pieces = [part.scores[piece] for part, pages in parts for piece in around(part.block, pages)]
    scores = np.concatenate((*pieces, only.scores[-PAD:]))
    scripts = np.concatenate([part.scripts[pages] for part, pages in parts])
    languages = np.concatenate([part.languages[pages] for part, pages in parts])
    done, found, worth = 0, [], []
    for part, pages in parts:
        old = part.block
        page = old.page_of(part.cores.start)
        place = np.minimum(pages.searchsorted(page), len(pages) - 1)
        some = np.flatnonzero(pages[place] == page)
        shift = (block.first[done : done + len(pages)] - old.first[pages])[place[some]]
        start, end, gate = part.cores.columns(some)
        found.append((start + shift, end + shift, gate))
        worth.append(part.worth[some])
        done += len(pages)
    cores = Cores(*map(np.concatenate, zip(*found, strict=True)))
    return Pages(block, scores, cores, scripts, languages, np.concatenate(worth))


def _echoes(block: Block, start: Places, end: Places, texts: Sequence[str]) -> Matrix:
    """Return per stretch how often it recurs near by, and the share of its words that stand elsewhere there."""
    echoes = np.zeros((len(start), 2), np.float32)
    known: dict[tuple[int, int, str], tuple[float, float]] = {}
    page = block.page_of(start)
    edges = np.flatnonzero(np.diff(page, prepend=-1, append=-1)).tolist()
    for first, last in pairwise(edges):
        number = int(page[first])
        text = texts[number].lower()
        if len(text) != len(texts[number]):
            continue
        ranges = zip(*block.to_source(number, start[first:last], end[first:last]), strict=True)
        for index, (begins, ends) in enumerate(ranges, first):
            words = text[begins:ends].strip()
            if words:
                # Only so far around, in steps, or a page of many phrases would take time by the square.
                begin = max(begins // _AROUND - 1, 0) * _AROUND
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
