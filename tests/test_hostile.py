"""Texts made to break a cleaner: no exception, nothing lost, time in proportion to length."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from cleaner import Cleaner
from tests.checks import check
from tests.strategies import PHRASES, PROSE

HOST = "\n".join(PROSE[:2])
SPAM = PHRASES[0]
LINE_ENDS = ("\r", "\r\n", "\n\r", "\x85", "\x0b", "\x0c", "\x1c", "\u2028")

# Numbers are those of the list of hostile inputs in the design.
SMALL = {
    "6 bytes that are no text": bytes(range(256)).decode("utf-8", "surrogateescape"),
    "6 Latin-1 read as UTF-8": "café über naïve".encode("latin-1").decode("utf-8", "surrogateescape") + HOST,
    "6 UTF-16 read as UTF-8": HOST.encode("utf-16").decode("utf-8", "surrogateescape"),
    "6 GBK read as UTF-8": "上海的新闻".encode("gbk").decode("utf-8", "surrogateescape"),
    "7 lone surrogates": f"\ud800 {HOST} \udfff\udc00{SPAM}\ud800\n{HOST}",
    "7 surrogate halves in order": "\ud83d\ude00" * 50 + HOST,
    "7 astral Han": "𠮷野家𠀀𠀁\n" * 20 + HOST,
    "7 variation selectors": "爱\ufe0f上\ufe00海\U000e0100419论坛 " + HOST,
    "7 joined emoji": "👩‍👩‍👧‍👦🏳️‍🌈" * 100 + HOST,
    "7 tag characters": "".join(map(chr, range(0xE0000, 0xE0080))) + HOST,
    "7 private use": "\ue000\uf8ff\U0010fffd" * 50 + HOST,
    "8 every line end": "a\rb\r\nc\n\rd\x85e\x0bf\x0cg\x1ch\x1di\x1ej\u2028k\u2029l",
    "8 spam at every line end": "".join(f"{HOST}{end}{SPAM}" for end in LINE_ENDS),
    "11 full width and zero width": f"爱\u200b上\u200b海４１９论坛 {HOST}",
    "11 spaced": f"爱 上 海 4 1 9 论 坛\n{HOST}",
    "11 turned": f"\u202e坛论914海上爱\u202c {HOST}",
    "11 entities": f"&#29233;&#19978;&#28023;419&#35770;&#22363; {HOST}",
    "11 described": f"⿰⿱⿲⿳ {HOST}",
    "11 circled": f"ⓢⓛⓞⓣ ⓖⓐⓒⓞⓡ 𝐬𝐥𝐨𝐭 𝗴𝗮𝗰𝗼𝗿 ⑧⑧ {HOST}",
    "17 nothing": "",
    "17 one character": "x",
    "17 one mark": "\ufeff",
    "17 one combining mark": "\u0301",
    "17 one zero": "\0",
    "17 one surrogate": "\ud800",
    "17 blanks": " \t\r\n\u3000\u2028 \n",
    "17 only zero width": "\u200b\u200c\u200d\ufeff" * 20,
    "17 only spam": SPAM,
    "17 only spam, many": "\n".join([SPAM] * 200),
    "10 spans at both ends": f"{SPAM} {HOST} {SPAM}",
}

# Made for a length of n code points.
GROWING: dict[str, Callable[[int], str]] = {
    "1 marks without end": lambda n: "a" + "\u0300\u0316" * (n // 2),
    "2 one that grows": lambda n: "\ufdfa" * n,
    "3 one line": lambda n: "word " * (n // 5),
    "3 one word": lambda n: "a" * n,
    "3 line ends": lambda n: "\n" * n,
    "3 zeros": lambda n: "\0" * n,
    "3 turned": lambda n: "\u202e" * n,
    "10 scripts in turn": lambda n: "a爱бα" * (n // 4),
    "10 digits and Han in turn": lambda n: "爱4" * (n // 2),
    "10 spam without end": lambda n: f"{SPAM} " * (n // 10),
    "10 spam on every line": lambda n: f"{SPAM} {PROSE[1]}\n" * (n // 100),
    "10 spam lines": lambda n: f"{SPAM}\n" * (n // 10),
    "9 at signs": lambda n: "a@b." * (n // 4),
    "9 brackets": lambda n: "(" * (n // 2) + ")" * (n // 2),
    "9 links": lambda n: "http://a.bc/d " * (n // 14),
    "9 digits": lambda n: "0123456789" * (n // 10),
    "12 honest text": lambda n: f"{HOST}\n" * (n // len(HOST)),
}


@pytest.mark.parametrize("text", SMALL.values(), ids=SMALL)
def test_hostile_texts_have_an_outcome(engine: Cleaner, text: str) -> None:
    """No exception, I1 to I4, and the same in a batch."""
    cleaning = engine.clean(text)
    check(text, cleaning)
    assert engine.clean(cleaning.text).text == cleaning.text
    assert list(engine.clean_many([HOST, text, HOST]))[1] == cleaning


def test_a_text_of_nothing_but_spam_becomes_empty(engine: Cleaner) -> None:
    """17: the document stays, its text is empty."""
    cleaning = engine.clean(SPAM)
    assert (cleaning.text, cleaning.status) == ("", "changed")


@pytest.mark.parametrize("text", PROSE)
def test_look_alikes_survive(engine: Cleaner, text: str) -> None:
    """12: names in brackets, quotations, other scripts: alone and inside an article."""
    for page in (text, f"{HOST}\n{text}\n{HOST}"):
        cleaning = engine.clean(page)
        assert cleaning.text == page


def seconds(engine: Cleaner, text: str) -> float:
    """Return the processor time of one cleaning, the best of three unless it takes long."""
    times: list[float] = []
    while len(times) < 3 and sum(times) < 1.0:
        begin = time.process_time()
        engine.clean(text)
        times.append(time.process_time() - begin)
    return min(times)


@pytest.mark.slow
@pytest.mark.parametrize("make", GROWING.values(), ids=GROWING)
def test_i8_time_is_in_proportion(engine: Cleaner, make: Callable[[int], str]) -> None:
    """I8: four times the text takes about four times as long (16 would be quadratic).

    The bound a megabyte only catches a slip of an order of magnitude. The target, 2 s, is missed by texts that are
    nothing but phrases or links (about 4 s); everything else stays far below.
    """
    engine.clean(make(1000))
    times: list[float] = []
    for size in (1 << 16, 1 << 18):
        text = make(size)
        times.append(seconds(engine, text))
        assert times[-1] < 10.0 * len(text.encode("utf-8", "surrogatepass")) / 1e6 + 0.05
    # Below a few milliseconds the clock says nothing.
    assert times[1] < 12 * max(times[0], 0.01)
    check(text, engine.clean(text))
