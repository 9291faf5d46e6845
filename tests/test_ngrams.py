"""The weights of characters: sums of whole numbers that depend on the text around them and on nothing else."""

from __future__ import annotations

import threading
from unittest.mock import patch

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner import ngrams
from cleaner.ngrams import ORDERS, WINDOW, Scorer, buckets, hash_codes, window_sums
from cleaner.training.fit_ngrams import BITS, Rows
from cleaner.training.synthesize import Case
from tests.parts import reader
from tests.strategies import pages, texts

SMALL = 12  # bits of a table
RANDOM = np.random.default_rng(5).integers(-127, 128, 1 << SMALL).astype(np.int8)


def hashes(text: str) -> npt.NDArray[np.uint32]:
    return reader().read((text,)).hashes


def reference(text: str, weights: npt.NDArray[np.int8]) -> list[int]:
    """Return the weight of every character, added up one n-gram after the other."""
    sums = [0] * len(hashes(text))
    for _, found in buckets(hashes(text), len(weights).bit_length() - 1):
        for place, bucket in enumerate(found.tolist()):
            sums[place] += int(weights[bucket])
    return sums


@given(texts())
def test_a_weight_is_the_sum_of_its_ngrams(text: str) -> None:
    """The score at a place adds the weights of the n-grams of every order that begin there."""
    assert Scorer(RANDOM).score(hashes(text)).tolist() == reference(text, RANDOM)


@given(pages())
def test_scores_are_additive(text: str) -> None:
    """Scores under two tables add up to the score under their sum."""
    one, other = RANDOM // 2, np.roll(RANDOM, 7) // 2
    both = Scorer(one).score(hashes(text)) + Scorer(other).score(hashes(text))
    assert (both == Scorer(one + other).score(hashes(text))).all()


@given(pages(), st.sampled_from([6, 7, 16, 33, 100]))
def test_the_size_of_chunks_does_not_matter(text: str, size: int) -> None:
    """A long block is worked on in parts; the seams between them leave no trace."""
    whole = Scorer(RANDOM).score(hashes(text))
    with patch.object(ngrams, "_CHUNK", size):
        assert (Scorer(RANDOM).score(hashes(text)) == whole).all()


def test_the_real_chunk_leaves_no_trace() -> None:
    """A block of several chunks scores like its parts, read with the overlap of the longest n-gram."""
    text = "The council met. 市议会讨论了预算。 " * 5_000
    whole, size = hashes(text), ngrams._CHUNK
    scores = Scorer(RANDOM).score(whole)
    for seam in range(size, len(whole), size):
        near = slice(seam - 40, seam + 40)
        assert (Scorer(RANDOM).score(whole[seam - 40 : seam + 60])[:80] == scores[near]).all()


@given(st.lists(pages(), min_size=2, max_size=5))
def test_neighbours_do_not_matter(batch: list[str]) -> None:
    """A page in a batch has the scores it has alone."""
    block = reader().read(batch)
    scores = Scorer(RANDOM).score(block.hashes)
    for page, text in enumerate(batch):
        alone = reader().read((text,))
        expected = Scorer(RANDOM).score(alone.hashes)[alone.first[0] : alone.last[0]]
        assert (scores[block.first[page] : block.last[page]] == expected).all()


@pytest.mark.parametrize("text", ["", "a", "ab", "abc"])
def test_short_blocks(text: str) -> None:
    """Blocks shorter than an n-gram have the n-grams they have room for."""
    codes = np.array([ord(char) for char in text], np.uint32)
    found = {order: len(places) for order, places in buckets(hash_codes(codes), SMALL)}
    assert found == {order: len(text) - order + 1 for order in ORDERS if order <= len(text)}
    assert len(Scorer(RANDOM).score(hash_codes(codes))) == len(text)


@given(st.lists(st.integers(-508, 508), min_size=WINDOW, max_size=60))
def test_window_sums(scores: list[int]) -> None:
    """Each is the sum of the eight scores from its place on."""
    expected = [sum(scores[place : place + WINDOW]) for place in range(len(scores) - WINDOW + 1)]
    assert window_sums(np.array(scores, np.int16)).tolist() == expected


@pytest.mark.parametrize("weight", [-127, 127])
def test_the_largest_weights_do_not_overflow(weight: int) -> None:
    """Eight characters of the largest weights there are fit the numbers they are kept in."""
    scores = Scorer(np.full(1 << SMALL, weight, np.int8)).score(hashes("x" * 100))
    assert scores[0] == weight * len(ORDERS)
    assert window_sums(scores)[0] == weight * len(ORDERS) * WINDOW


def test_disguises_share_their_ngrams() -> None:
    """Width, style, case and the value of digits do not change the letters' hashes."""
    first, second = (
        block.hashes[block.first[0] : block.last[0]] >> 8
        for block in (reader().read((text,)) for text in ("slot419", "ＳⓁ𝐨𝚝８88"))
    )
    assert first.tolist() == second.tolist()


def test_hashes_are_spread() -> None:
    """Neighbouring code points fall into unrelated buckets: no bucket gets much more than its share."""
    codes = np.arange(0x4E00, 0x9FFF, dtype=np.uint32)
    counts = np.bincount(hash_codes(codes) >> np.uint32(32 - 8), minlength=256)
    assert counts.max() < 2 * counts.mean()
    assert counts.min() > counts.mean() / 2


@pytest.mark.parametrize("text", ["爱上海419论坛 Heading of the page", "One.\nslot\u200b gacor maxwin 88\nTwo."])
def test_training_counts_what_inference_adds_up(text: str) -> None:
    """A training row holds the buckets of the n-grams whose weights make the score of the stretch."""
    weights = np.random.default_rng(6).integers(-127, 128, 1 << BITS).astype(np.int8)
    rows = Rows(reader())
    start = text.index("slot") if "slot" in text else 0
    end = start + 9
    rows.add([Case(text, ((start, end),), "en", "zh", "x", "own_line", "s")], np.random.default_rng(1), clean_rows=0)
    columns, size = np.concatenate(rows._columns), int(rows._sizes[0][0])
    block = reader().read((text,))
    first = int(block.first[0]) + start
    hidden = text[start:end].count("\u200b")
    score = Scorer(weights).score(block.hashes)[first : first + end - start - hidden]
    assert weights[columns[:size]].sum(dtype=int) == score.sum(dtype=int)


def test_threads_do_not_share_buffers() -> None:
    """One scorer in many threads gives what it gives in one."""
    scorer = Scorer(RANDOM)
    inputs = [hashes(f"{number} The council met on Tuesday. " * 400) for number in range(8)]
    expected = [Scorer(RANDOM).score(item).tolist() for item in inputs]
    found: dict[int, list[list[int]]] = {}

    def work(number: int) -> None:
        found[number] = [scorer.score(inputs[number]).tolist() for _ in range(5)]

    threads = [threading.Thread(target=work, args=(number,)) for number in range(len(inputs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(found[number] == [expected[number]] * 5 for number in range(len(inputs)))
