"""Recurrence: what counts as the same phrase, how it is counted, and what it does to a decision."""

from __future__ import annotations

import pickle
import random
from collections.abc import Iterable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaner import Cleaner, Span
from cleaner.columns import NAMES
from cleaner.detect import Findings
from cleaner.errors import ConfigError, InputError
from cleaner.recurrence import Recurrence, Seen, site_of
from cleaner.recurrence.families import group, template
from cleaner.recurrence.keys import page_number, phrase_key
from cleaner.recurrence.store import NEAR

SPAM = "爱上海419论坛"
Visit = tuple[str, str, str]  # text, phrase in it, site


def page(number: int) -> str:
    """Return an ordinary text that shares next to nothing with that of another number."""
    rng = random.Random(number)
    return " ".join("".join(rng.choices("abcdefghijklmnop", k=6)) for _ in range(30))


def gather(visits: Iterable[Visit], **options: Any) -> Recurrence:
    """Return what was collected over some documents; one without its phrase has no span."""
    recurrence = Recurrence(**{"bits": 10, **options})
    for number, (text, phrase, site) in enumerate(visits):
        start = text.find(phrase) if phrase else -1
        spans = [Span(start, start + len(phrase), "escort", 0.6, "review")] if start >= 0 else []
        recurrence.add(text, spans, site=site, id=str(number))
    return recurrence


def crawl(sites: int, pages: int, infected: int = 1, phrase: str = SPAM) -> list[Visit]:
    """Return sites of so many pages; the phrase is on the first ones of each."""
    visits: list[Visit] = []
    for site in range(sites):
        for number in range(pages):
            text = page(1000 * site + number)
            text = f"{phrase} {text}" if number < infected else text
            visits.append((text, phrase, f"https://www.site{site}.example/{number}"))
    return visits


@pytest.mark.parametrize(
    "disguise",
    [
        "爱上海 419 论坛",
        "爱上海４１９论坛",
        "爱.上.海.8.8.论.坛",
        "爱上海①论坛",
        "\u202e爱上\u200b海1314论坛!",
        "爱上海0论坛",
    ],
)
def test_a_phrase_is_the_same_in_disguise(disguise: str) -> None:
    """Blanks, width, styled digits, other numbers, marks and invisible characters make no new phrase."""
    assert phrase_key(disguise) == phrase_key(SPAM) != ""


def test_letters_in_disguise_are_the_same_letters() -> None:
    """Case, mathematical and circled letters, and Cyrillic look-alikes."""
    assert len({phrase_key(text) for text in ("Kiss69 login", "KISS-138 LOGIN", "𝗞𝗶𝘀𝘀𝟲𝟵 𝗹𝗼𝗴𝗶𝗻", "Kiss69 lоgіn")}) == 1


@pytest.mark.parametrize("text", ["", "419", "№ 12!", "ab", "BBC", "上海", "\u200b\u200b"])
def test_too_little_is_no_phrase(text: str) -> None:
    """Chance would bring it to many sites."""
    assert phrase_key(text) == ""


@pytest.mark.parametrize(
    ("source", "site"),
    [
        ("https://www.example.com/a/b?c=d", "example.com"),
        ("http://user:pass@news.example.co.uk:8080/x", "example.co.uk"),
        ("//cdn.example.org", "example.org"),
        ("EXAMPLE.de/seite", "example.de"),
        ("a.blogspot.com", "a.blogspot.com"),
        ("http://192.168.1.10/x", "192.168.1.10"),
        ("https://xn--fiq228c.cn/", "xn--fiq228c.cn"),
        ("https://новости.рф/1", "новости.рф"),
        ("The Evening Herald", "the evening herald"),
        ("cc-2024-10", "cc-2024-10"),
        ("", ""),
        ("http://", "http://"),
    ],
)
def test_sites(source: str, site: str) -> None:
    """The registered domain; a name that is no address stays a name."""
    assert site_of(source) == site


@given(st.text())
def test_any_source_gives_some_site(source: str) -> None:
    """Nothing raises, and a site is its own site."""
    assert site_of(site_of(source)) == site_of(source)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 4), st.booleans()), max_size=30), st.randoms())
def test_division_and_order_do_not_matter(picks: list[tuple[int, int, bool]], rng: random.Random) -> None:
    """Parts collected apart, in any order, join to exactly the whole."""
    visits = [(f"{SPAM}{number} {page(number)}", SPAM if some else "", f"s{site}") for number, site, some in picks]
    whole = gather(visits)
    rng.shuffle(visits)
    half = len(visits) // 2
    joined = gather(visits[half:])
    joined.merge(gather(visits[:half]))
    assert joined.digest() == whole.digest()
    assert [(one.text, one.seen) for one in joined.phrases()] == [(one.text, one.seen) for one in whole.phrases()]


def test_it_goes_through_bytes_and_pickle() -> None:
    """Saved, sent to a process and read again it is the same, and the same bytes."""
    recurrence = gather(crawl(6, 4))
    for again in (Recurrence.from_bytes(recurrence.to_bytes()), pickle.loads(pickle.dumps(recurrence))):
        assert again.digest() == recurrence.digest()
        assert again.phrases() == recurrence.phrases()
        assert (again.depth, again.to_bytes()) == (recurrence.depth, recurrence.to_bytes())


def test_damaged_bytes_are_refused() -> None:
    """One clear error, whatever the bytes are."""
    data = gather(crawl(3, 2)).to_bytes()
    broken = [b"", b"PK", data[:-20], data[: len(data) // 2], b"\x80\x04N.", data.replace(b"cells", b"bells")]
    for bad in broken:
        with pytest.raises(InputError, match="recurrence"):
            Recurrence.from_bytes(bad)


@pytest.mark.parametrize("options", [{"sites": 1}, {"sites": True}, {"bits": 40}, {"phrases": -1}, {"sites": "5"}])
def test_settings_are_checked(options: dict[str, Any]) -> None:
    """The message names the setting."""
    with pytest.raises(ConfigError, match=next(iter(options))):
        Recurrence(**options)


def test_sizes_must_agree() -> None:
    """Sketches of different sizes cannot be joined."""
    with pytest.raises(ConfigError, match="bits"):
        Recurrence(bits=10).merge(Recurrence(bits=11))


@pytest.mark.parametrize("sites", [1, 7, 40, 150, 3000])
def test_sites_are_counted_well_enough(sites: int) -> None:
    """Exact to one up to ten, within a quarter above; one page a site, so documents are as many."""
    recurrence = Recurrence(bits=8)
    for number in range(sites):
        recurrence.add(SPAM, [Span(0, len(SPAM), "escort", 0.9, "review")], site=f"s{number}")
    seen = recurrence.seen(SPAM)
    assert seen.documents == sites
    assert abs(seen.sites - sites) <= max(1, sites // 4)


def test_many_unrelated_sites_raise() -> None:
    """The more sites, the more."""
    few, many = gather(crawl(6, 6)), gather(crawl(30, 6))
    assert 0 < few.weight(few.seen(SPAM)) < many.weight(many.seen(SPAM))


def test_one_site_raises_nothing() -> None:
    """Whether a single page or all of them hold it."""
    for infected in (1, 5, 40):
        recurrence = gather(crawl(1, 40, infected))
        assert recurrence.weight(recurrence.seen(SPAM)) <= 0


def test_copies_of_one_text_count_once() -> None:
    """An agency's text on twenty sites is one text."""
    copy = f"{SPAM} {page(1)}"
    visits = [*crawl(20, 6, 0), *((copy, SPAM, f"https://site{number}.example/copy") for number in range(20))]
    recurrence = gather(visits)
    seen = recurrence.seen(SPAM)
    assert seen.sites >= 18
    assert seen.pages == 1
    assert recurrence.weight(seen) == 0


def test_a_template_line_is_lowered() -> None:
    """It stands on most pages of its sites, as injected phrases do not."""
    recurrence = gather(crawl(12, 10, infected=9, phrase="Subscribe to our newsletter"))
    assert recurrence.weight(recurrence.seen("Subscribe to our newsletter")) < 0


def test_small_sites_tell_nothing() -> None:
    """With a page or two of each site a template line looks like a campaign."""
    recurrence = gather(crawl(30, 2))
    assert recurrence.weight(recurrence.seen(SPAM)) == 0


def test_documents_without_a_site_tell_nothing() -> None:
    """A corpus without addresses says nothing, however often a phrase comes."""
    recurrence = gather((f"{SPAM} {page(number)}", SPAM, "") for number in range(50))
    assert recurrence.unplaced == recurrence.counted == 50
    assert recurrence.weight(recurrence.seen(SPAM)) == 0


def test_an_overfull_sketch_tells_nothing() -> None:
    """Rather no evidence than that of other phrases."""
    recurrence = gather(crawl(12, 6), bits=8)
    assert recurrence.weight(recurrence.seen(SPAM)) > 0
    for number in range(400):
        recurrence.add(f"phrase{page(number)[:12]}", [Span(0, 18, "", 0.5, "review")], site="x")
    assert recurrence.overfull
    assert recurrence.weight(recurrence.seen(SPAM)) == 0


def test_the_list_of_phrases_is_bounded() -> None:
    """The widest spread stays; figures of the others are kept in the sketch all the same."""
    recurrence = gather(crawl(8, 3), bits=14, phrases=10)
    for number in range(300):
        text = f"{page(number)[:12]} news"
        recurrence.add(text, [Span(0, 12, "loans", 0.5, "review")], site="x")
    listed = recurrence.phrases()
    assert len(listed) <= 20
    assert phrase_key(listed[0].text) == phrase_key(SPAM)
    assert recurrence.seen(page(7)[:12]).documents == 1
    assert len({example.site for example in listed[0].examples}) == len(listed[0].examples) == 3


def findings(*candidates: tuple[int, int, float]) -> Findings:
    """Return judged candidates by place and probability."""
    pure = np.array([probability for _, _, probability in candidates])
    rows = np.zeros((len(candidates), len(NAMES)), np.float32)
    return Findings([one[0] for one in candidates], [one[1] for one in candidates], pure, pure, rows)


def test_only_near_candidates_of_recurring_phrases_are_raised() -> None:
    """Others keep their probability, and the rest of the findings is as it was."""
    recurrence = gather(crawl(30, 6))
    text = f"{SPAM} Semiconductor Sovereignty"
    judged = findings((0, 8, 0.5), (0, 8, NEAR - 0.01), (0, 12, 0.5))
    weighed = recurrence.weigh(text, judged)
    assert weighed.pure[0] > 0.9
    assert weighed.pure[1:].tolist() == judged.pure[1:].tolist()
    assert judged.pure[0] == 0.5
    assert weighed.exact is judged.exact


def test_a_cleaner_says_that_a_phrase_recurs() -> None:
    """The evidence names sites and documents; without recurrence there is none."""
    text = f"{SPAM} Semiconductor Sovereignty"
    plain, knowing = Cleaner(), Cleaner(recurrence=gather(crawl(30, 6)))
    assert "recurrence" not in {item.name for item in plain.find(text)[0].evidence}
    last = knowing.find(text)[0].evidence[-1]
    assert (last.name, last.weight > 0) == ("recurrence", True)
    assert "30 documents" in last.detail
    assert pickle.loads(pickle.dumps(knowing)).clean(text) == knowing.clean(text)
    assert knowing.find(text)[0].score >= plain.find(text)[0].score


def test_clean_text_stays_clean() -> None:
    """What is no candidate cannot be raised, however often it is seen."""
    text = "The council met on Tuesday. It will meet again in May, Reuters reported."
    recurrence = gather((f"{text} {page(number)}", "Reuters reported", f"s{number % 9}") for number in range(60))
    assert Cleaner(recurrence=recurrence).clean(text).status == "clean"


def test_candidates_stand_where_they_say() -> None:
    """In a long text too, which is looked at in pieces; the likeliest of a place has a label."""
    text = "The ferry was late again today.\n" * 2500 + f"{SPAM} Semiconductor Sovereignty\n" + "It rained.\n"
    found = next(iter(Cleaner().candidates_many([text])))
    named = [text[span.start : span.end] for span in found if span.label]
    assert SPAM in named
    assert all(text.index(SPAM) - 40 < span.start < span.end < len(text) for span in found)


def test_pages_with_one_text_have_one_number() -> None:
    """And others have others."""
    assert page_number(page(1)) == page_number(page(1) + "\n") != page_number(page(2))
    assert page_number("") == page_number(" ")


def test_templates() -> None:
    """What phrases share stays, what differs is a slot."""
    assert template(["same words"]) == "same words"
    assert template(["kiss69 login", "boss88 login", "king77 login"]) == "{…}{0} login"


def test_phrases_of_one_pattern_are_one_family() -> None:
    """Families come widest first; phrases that share no pattern stay apart."""
    texts = ("situs slot gacor", "situs slot dana", "situs slot qris", "payday loan no fax")
    visits = [(f"{text} {page(number)}", text, f"s{number}") for text in texts for number in range(4)]
    families = group(gather(visits).phrases())
    assert sorted(len(family.members) for family in families) == [1, 3]
    assert max(families, key=lambda one: len(one.members)).template == "situs slot {…}"


def test_nothing_seen_is_nothing() -> None:
    """An empty collection answers too."""
    recurrence = Recurrence(bits=8)
    assert recurrence.seen(SPAM) == Seen(0, 0, 0, 0.0)
    assert recurrence.evidence(SPAM) == ()
    assert recurrence.weight(recurrence.seen(SPAM)) == 0
    assert group(recurrence.phrases()) == []
