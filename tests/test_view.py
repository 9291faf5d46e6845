"""Blocks: many pages as numbers, none of which can see another, each with its way back to the source."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner import Cleaner
from cleaner.alphabet import IGNORABLE, LATIN, LETTER, NEWLINE
from cleaner.view import PAD, PIECE, Block, pieces
from tests.parts import reader
from tests.strategies import texts

ZERO_WIDTH = "\u200b\u200d\u2060\u00ad\ufeff\u202e\ufe0f"


def visible(text: str) -> str:
    """Return a text without the characters that no view shows."""
    classes = reader().table[np.minimum([ord(char) for char in text], len(reader().table) - 1).astype(int)] & 0xFF
    return "".join(char for char, kind in zip(text, classes.tolist(), strict=True) if kind != IGNORABLE)


def shown(block: Block, page: int) -> str:
    """Return what a block shows of a page."""
    return "".join(map(chr, block.codes[block.first[page] : block.last[page]].tolist()))


def source(block: Block, page: int, text: str, start: int, end: int) -> str:
    """Return the source of the characters ``start`` to ``end`` that a block shows of a page."""
    base = block.first[page]
    (left,), (right,) = block.to_source(page, np.array([base + start]), np.array([base + end]))
    return text[left:right]


@given(st.lists(texts(), min_size=1, max_size=5))
def test_a_block_shows_every_page(pages: list[str]) -> None:
    """Each page is there, code point for code point, without its zero-width characters."""
    block = reader().read(pages)
    assert [shown(block, page) for page in range(len(pages))] == [visible(page) for page in pages]
    assert len(block.codes) == len(block.classes) == len(block.hashes)


@given(st.lists(texts(), min_size=1, max_size=5))
def test_pages_are_far_apart(pages: list[str]) -> None:
    """Line ends stand before, between and after pages, so many that no n-gram or window sees two of them."""
    block = reader().read(pages)
    edges = [0, *(edge for pair in zip(block.first, block.last, strict=True) for edge in pair), len(block.codes)]
    for left, right in zip(edges[::2], edges[1::2], strict=True):
        assert right - left == PAD
        assert (block.classes[left:right] == NEWLINE).all()


@given(st.lists(texts(), min_size=1, max_size=4), st.data())
def test_every_stretch_finds_its_source(pages: list[str], data: st.DataObject) -> None:
    """A stretch of the block is the source stretch, zero-width characters inside it included."""
    block = reader().read(pages)
    page = data.draw(st.sampled_from(range(len(pages))))
    size = int(block.last[page] - block.first[page])
    if size:
        start = data.draw(st.integers(0, size - 1))
        end = data.draw(st.integers(start + 1, size))
        back = source(block, page, pages[page], start, end)
        assert visible(back) == shown(block, page)[start:end]
        assert (visible(back[0]), visible(back[-1])) == (back[0], back[-1])


@given(st.lists(texts(), min_size=1, max_size=5))
def test_neighbours_change_nothing(pages: list[str]) -> None:
    """A page in a batch has the numbers it has alone, its surroundings included."""
    block = reader().read(pages)
    for page, text in enumerate(pages):
        alone = reader().read((text,))
        around = slice(block.first[page] - PAD, block.last[page] + PAD)
        for name in ("codes", "classes", "hashes"):
            assert (getattr(block, name)[around] == getattr(alone, name)).all()


@pytest.mark.parametrize("hidden", ZERO_WIDTH, ids=lambda char: f"U+{ord(char):04X}")
def test_zero_width_characters_are_dropped(hidden: str) -> None:
    """A phrase with a hidden character in every gap reads like the phrase, and is found back whole."""
    phrase = "爱上海𠮷419论坛"
    text = f"One {hidden.join(phrase)} two."
    block = reader().read(("other", text))
    assert shown(block, 1) == f"One {phrase} two."
    assert source(block, 1, text, 4, 4 + len(phrase)) == hidden.join(phrase)


def test_hidden_characters_at_the_edges_are_nobodys() -> None:
    """A stretch begins and ends on characters that can be seen."""
    text = "a\u200b\u200bspam\u200b\u200bb"
    block = reader().read((text,))
    assert source(block, 0, text, 1, 5) == "spam"


@pytest.mark.parametrize("text", ["𠮷𝒳👩", "\ud800a\udfff", "\U0010ffff\0", "a\ud83d", "𠮷\u200b\udc00"], ids=ascii)
def test_odd_characters_keep_their_places(text: str) -> None:
    """Astral characters and lone surrogates are one place each, as in the source."""
    block = reader().read(("first", text))
    assert shown(block, 1) == visible(text)
    assert [source(block, 1, text, i, i + 1) for i in range(len(visible(text)))] == list(visible(text))


def test_empty_pages() -> None:
    """A page of nothing, or of nothing that can be seen, is a page; no page at all is a block."""
    block = reader().read(("", "\u200b\ufeff", "a"))
    assert (block.last - block.first).tolist() == [0, 0, 1]
    assert block.page_of(block.first).tolist() == [0, 1, 2]
    assert len(reader().read(()).first) == 0


def test_places_know_their_page() -> None:
    """Every place from a page's first to its last belongs to it."""
    block = reader().read(("ab", "c\u200bd", "efg"))
    for page, (first, last) in enumerate(zip(block.first, block.last, strict=True)):
        assert (block.page_of(np.arange(first, last)) == page).all()


def test_the_class_rides_in_the_hash() -> None:
    """Capitals differ from small letters in class, not in hash."""
    block = reader().read(("aAａ",))
    small, capital, wide = block.hashes[block.first[0] : block.last[0]].tolist()
    assert small >> 8 == capital >> 8 == wide >> 8
    assert (small & 0xFF, capital & 0xFF) == (LETTER + 2 * LATIN, LETTER + 2 * LATIN + 1)


LONG = {
    "lines": "A line of ordinary text.\n" * 8_000,
    "one line": "ordinary words " * 12_000,
    "no blanks": "市议会讨论预算" * 24_000,
    "line ends far apart": ("x" * 50_000 + "\n") * 4,
    "CRLF": "a\r\n" * 50_000,
    "astral": "𠮷" * 140_000,
    "just too long": "x" * (PIECE + 1),
}


@pytest.mark.parametrize("text", LONG.values(), ids=LONG)
def test_long_texts_fall_into_pieces(text: str) -> None:
    """The pieces are the text; none is longer than allowed, and few are short."""
    found = pieces(text)
    assert "".join(found) == text
    assert all(PIECE // 2 <= len(piece) <= PIECE for piece in found[:-1])
    assert 0 < len(found[-1]) <= PIECE


@pytest.mark.parametrize("name", ["lines", "one line", "line ends far apart", "CRLF"])
def test_pieces_end_at_line_ends_or_blanks(name: str) -> None:
    """Where there is a line end or blank no word is cut."""
    assert {piece[-1] for piece in pieces(LONG[name])[:-1]} <= {"\n", " "}


@pytest.mark.parametrize("text", ["", "a", "x" * PIECE])
def test_short_texts_are_one_piece(text: str) -> None:
    """Up to the limit a text is a page."""
    assert pieces(text) == [text]


def test_long_texts_keep_their_offsets(engine: Cleaner) -> None:
    """Phrases far into a text are found where they stand, zero-width and astral characters before them."""
    prose = "The council met on Tuesday\u200b and put off the vote on the tram line 🚋 until the autumn.\n" * 600
    phrase = "南京听雨喝茶论坛"
    text = "".join(f"{phrase}\n{prose}" for _ in range(4))
    assert len(text) > 2 * PIECE
    spans = engine.find(text)
    assert [text[span.start : span.end] for span in spans] == [phrase] * 4
    assert [span.start for span in spans] == [number * len(text) // 4 for number in range(4)]
