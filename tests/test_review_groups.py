"""Groups: what belongs together stands together, under a name that shows why."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.review.groups import Group, doubt, group_flagged, placement
from cleaner.review.templates import script_of, template, undress, units
from tests.review_parts import campaign, flag, queue


def test_a_campaign_is_one_group_with_its_template() -> None:
    """City, code, number and venue: the fixed parts are shown, the slots in braces."""
    groups = group_flagged(queue(), 5)
    found = [group for group in groups if "419" in group.name]
    assert [(group.name, len(group.items), group.documents, group.sites) for group in found] == [
        ("上海{X}419{X}", 24, 24, 5)
    ]
    assert found[0].warning() == ""
    assert (
        template(["上海龙凤419论坛", "上海千花419会所", "上海品茶419论坛", "上海后花园419会所"])
        == "上海{X}419{会所|论坛}"
    )


@pytest.mark.parametrize(
    ("texts", "shown"),
    [
        (["situs slot gacor", "situs slot maxwin"], "situs slot {gacor|maxwin}"),
        (
            ["buy viagra online", "order viagra online", "buy cheap viagra online"],
            "{buy|order} {cheap|} viagra online",
        ),
        (["same words", "same words"], "same words"),
        (["alpha", "omega"], ""),
        (["купить диплом в Уфе", "купить диплом в Омске"], "купить диплом в {Омске|Уфе}"),
    ],
)
def test_templates(texts: list[str], shown: str) -> None:
    """The same in every script; phrases that share nothing have no template."""
    assert template(texts) == shown


def test_camouflage_does_not_part_a_campaign() -> None:
    """Full width, look-alikes, separators, zero-width characters and emoji are the same words underneath."""
    plain = "slot gacor 88"
    disguised = (
        "ｓｌｏｔ ｇａｃｏｒ 88",
        "slоt gacоr 88",
        "🔥slot gacor 88✨",
        "s\u200bl\u200bot gacor 88",
        "𝘀𝗹𝗼𝘁 gacor 88",
    )
    assert {undress(text) for text in disguised} == {plain}
    assert undress("s.l.o.t gacor") == "slot gacor"
    assert undress("казино онлайн") == "казино онлайн", "words of another script stay"


def test_units_know_words_pairs_brands_and_addresses() -> None:
    """What a group can be made of, in scripts with and without blanks."""
    assert {"上海", "419", "论坛"} <= units("上海龙凤419论坛")
    assert {"‹address›", "‹brand+number›"} <= units("betplay138 see kota77.example.com/x")
    assert [script_of(text) for text in ("上海", "слот", "スロット", "사이트", "419")] == [
        "Han", "Cyrillic", "Japanese", "Hangul", "signs",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("before", "after", "where"),
    [
        ("", " Semiconductor", "apart"),
        ("It ended.\n", "\n- Next", "apart"),
        ("It ended. ", " Another sentence", "apart"),
        ("the police closed ", " after complaints", "inside"),
        ("they shouted “", "” at night", "quoted"),
        ("他们说（", "）之后", "quoted"),
    ],
)
def test_placement(before: str, after: str, where: str) -> None:
    """Injected phrases stand apart from the text, mentions run inside a sentence or stand in quotes."""
    assert placement(flag("casino bonus", before, after)) == where


def test_doubtful_spans_are_kept_from_the_sure_ones() -> None:
    """A mention in a sentence never hides in a campaign's group, whatever its words."""
    mention = flag("上海龙凤419论坛", "the court banned ", " from its list", score=0.6, label="escort")
    groups = group_flagged([*campaign(), mention], 5)
    (home,) = [group for group in groups if mention in group.items]
    assert len(home.items) == 1


def test_doubt_times_reach_comes_first() -> None:
    """Six doubtful documents come before six sure ones, and before one doubtful document."""
    doubtful = [flag(f"loan {number}", f"{number}\n", label="loans", score=0.55) for number in range(6)]
    single = [flag("купить диплом", "x\n", label="documents", score=0.55)]
    groups = group_flagged([*campaign(6), *single, *doubtful], 2)
    assert groups[0].items[0] in doubtful
    assert [group.order for group in groups] == sorted((group.order for group in groups), reverse=True)


def test_members_that_differ_are_warned_about() -> None:
    """Actions, scores, places and families."""
    mixed = Group("x", [flag("a1", score=0.99), flag("b2", "went to ", " again", score=0.55, label="loans")])
    warning = mixed.warning()
    for words in ("1 of 2 are doubtful", "0.55 to 0.99", "1 stand inside a sentence", "2 families"):
        assert words in warning
    assert Group("x", campaign()).warning() == ""


@given(st.lists(st.tuples(st.text(min_size=1, max_size=20), st.floats(0, 1)), max_size=40), st.integers(1, 60))
def test_every_span_is_in_exactly_one_group(texts: list[tuple[str, float]], groups: int) -> None:
    """Whatever the texts are, and in the same groups whatever their order."""
    items = [flag(text, f"{number} ", score=score) for number, (text, score) in enumerate(texts)]
    found = group_flagged(items, groups)
    assert sorted(id(item) for group in found for item in group.items) == sorted(map(id, items))
    assert all(group.items and group.name for group in found)
    shuffled = random.Random(1).sample(items, len(items))
    again = group_flagged(shuffled, groups)
    assert [(group.name, len(group.items)) for group in again] == [(group.name, len(group.items)) for group in found]
    assert all(0.0 <= doubt(item) <= 1.0 for item in items)


def test_twenty_thousand_spans_are_grouped_in_seconds() -> None:
    """The time grows with the number of spans, not with its square."""
    rng = random.Random(3)
    words = ["slot", "gacor", "maxwin", "casino", "bonus", "viagra", "上海", "论坛", "диплом", "kredit"]
    items = [flag(" ".join(rng.sample(words, 3)) + str(number % 997), f"{number} ") for number in range(20_000)]
    start = time.process_time()
    groups = group_flagged(items)
    assert time.process_time() - start < 20.0
    assert len(groups) <= 60


@pytest.mark.slow
def test_a_thousand_spans_take_sixty_decisions(root: Path) -> None:
    """The goal of the review, over 18 families, 20 languages, camouflage and false alarms, by the benchmark itself."""
    script = root / "benchmarks" / "review.py"
    everything = {**os.environ, "PYTHONPATH": str(root)}
    command = [sys.executable, str(script), "--json"]
    result = subprocess.run(command, capture_output=True, env=everything, timeout=300, check=True)
    for name, crawl in json.loads(result.stdout)["crawls"].items():
        assert crawl["spans"] == 1000
        assert crawl["all rows"]["decisions"] <= 60, name
        assert crawl["all rows"]["wrong"] <= 10, "1 in a hundred, with every row looked at"
        assert crawl["first rows"]["wrong"] <= 100, "1 in ten, with one small screen a group"
