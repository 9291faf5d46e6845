"""Applying decisions: accepted phrases go and rejected ones stay, in their scope, without harm to clean text."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import cleaner
from cleaner import Cleaner
from cleaner.cases import read_cases
from cleaner.keys import document_hash, normalise
from cleaner.phrases import Phrases
from cleaner.review.store import Scope, Store, occurrence
from cleaner.verdicts import Ruling, Verdicts
from tests.checks import check

SPAM = "爱上海419论坛"  # the detector cuts it
UNKNOWN = "Kjwq Xqzv77 vbnx"  # the detector has never seen it
HOST = "The council met on Tuesday. It will meet again in May."
INFECTED = f"{SPAM} Semiconductor Sovereignty"


def ruling(text: str, remove: bool = True, scope: Scope = "everywhere", **more: object) -> Ruling:
    """Return a decision of ann."""
    return Ruling(remove, scope, text, "ann", "2026-11-23T10:00:00Z", **more)  # type: ignore[arg-type]


def decided(*rulings: Ruling) -> Cleaner:
    """Return a cleaner with decisions."""
    return Cleaner(verdicts=Verdicts(rulings))


def at(document: str, text: str, remove: bool, scope: Scope = "document") -> Ruling:
    """Return a decision about a stretch of a known document."""
    start = document.index(text)
    place = (start, start + len(text))
    known = {"document": document_hash(document), "start": place[0], "end": place[1], "flagged": place}
    return ruling(text, remove, scope, **known)


def test_the_examples_do_what_they_stand_for(engine: Cleaner) -> None:
    """Without decisions the one is cut and the other is not."""
    assert engine.clean(INFECTED).text == "Semiconductor Sovereignty"
    assert engine.clean(f"{HOST}\n{UNKNOWN}").text == f"{HOST}\n{UNKNOWN}"


def test_a_rejected_phrase_stays() -> None:
    """Wherever it stands, in other width and case too."""
    cleaner = decided(ruling(SPAM, remove=False))
    for text in (INFECTED, INFECTED.replace("419", "４１９"), f"{HOST}\n{INFECTED}"):
        assert cleaner.clean(text).text == text


@pytest.mark.parametrize("written", [UNKNOWN, UNKNOWN.upper(), "Ｋjwq  Xqzv77\u200b vbnx", "Kjwq\tXqzv77 vbnx"])
def test_an_accepted_phrase_goes_though_nobody_flagged_it(written: str) -> None:
    """It is found in other width, case and spacing; the evidence names who decided, and when."""
    text = f"{HOST}\n{written}\n{HOST}"
    result = decided(ruling(UNKNOWN, label="toys")).clean(text)
    assert result.text == f"{HOST}\n{HOST}"
    assert result.restore() == text
    (span,) = result.spans
    assert (span.label, span.action, span.score) == ("toys", "remove", 1.0)
    assert span.evidence[0].name == "verdict"
    assert span.evidence[0].detail == "decided by ann on 2026-11-23 (everywhere)"


@pytest.mark.parametrize(
    "text",
    [
        f"{HOST} Pre{UNKNOWN} went on.",
        f"{HOST} {UNKNOWN}ery went on.",
        f"{HOST} {UNKNOWN}9 went on.",
        f"{HOST} They call it “{UNKNOWN}” there.",
        f"{HOST} A toy ({UNKNOWN}) was sold.",
        f"{HOST} Kjwq. Xqzv77 vbnx",
    ],
)
def test_only_whole_phrases_are_cut(text: str) -> None:
    """Not as a part of a word, not quoted or in brackets, not with other marks inside."""
    assert decided(ruling(UNKNOWN)).clean(text).text == text


def test_a_chinese_phrase_may_be_glued_on_one_side() -> None:
    """Words are not parted by blanks there: one free side and some length tell a phrase."""
    cleaner = decided(ruling("魔法球球大乐园"))
    assert cleaner.clean("魔法球球大乐园人工智能的发展").text == "人工智能的发展"
    inside = "他们在魔法球球大乐园人工智能"
    assert cleaner.clean(inside).text == inside


@pytest.mark.parametrize(
    "phrase", ["419", "it", "council", "on Tuesday", "will meet again", "It will meet again in May"]
)
def test_short_and_ordinary_phrases_harm_no_clean_text(phrase: str) -> None:
    """Accepted by a slip they are cut where they were decided, and nowhere else."""
    there = f"{HOST} {phrase} 7"
    cleaner = decided(at(there, phrase, True, "everywhere"))
    assert normalise(phrase) in cleaner.unfit_phrases()
    assert cleaner.clean(HOST).text == HOST
    assert cleaner.clean(there).changed


def test_a_site_has_its_own_decisions() -> None:
    """They hold there alone, and go before those that hold everywhere."""
    cleaner = decided(ruling(SPAM, False, "site", site="a.example"), ruling(UNKNOWN, True, "site", site="b.example"))
    assert cleaner.clean(INFECTED, site="a.example").text == INFECTED
    assert cleaner.clean(INFECTED, site="c.example").changed
    assert [one.changed for one in cleaner.clean_many([UNKNOWN] * 3, ["b.example", "a.example"])] == [
        True,
        False,
        False,
    ]


def test_the_narrower_scope_wins_and_a_tie_keeps_the_text() -> None:
    """Document before site before everywhere; two reviewers who differ keep the text."""
    everywhere, site = ruling(SPAM, True), ruling(SPAM, False, "site", site="a.example")
    here = at(INFECTED, SPAM, True)
    assert decided(everywhere, site).clean(INFECTED, site="a.example").text == INFECTED
    assert decided(here, site).clean(INFECTED, site="a.example").changed
    for order in ((everywhere, ruling(SPAM, False)), (ruling(SPAM, False), everywhere)):
        assert decided(*order).clean(INFECTED).text == INFECTED


def test_a_document_has_its_own_decisions() -> None:
    """At the very place: another place of the same phrase, and another document, are not touched by it."""
    text = f"{INFECTED}\n{HOST}\n{SPAM} Harbour News"
    cleaner = decided(at(text, SPAM, False))
    assert cleaner.clean(text).text == f"{INFECTED}\n{HOST}\nHarbour News"
    assert cleaner.clean(INFECTED).changed


def test_moved_ends_are_cut_as_they_were_moved() -> None:
    """A reviewer who adjusted a span gets what was adjusted; with and without the document at hand."""
    start, end = INFECTED.index(SPAM), len(SPAM)
    shorter = Ruling(
        True, "document", SPAM[:-2], "ann", "2026-11-23", document=document_hash(INFECTED), start=start, end=end - 2,
        flagged=(start, end),
    )  # fmt: skip
    assert decided(shorter).clean(INFECTED).text == INFECTED[end - 2 :]


def test_decisions_without_a_document_are_known_by_their_surroundings() -> None:
    """Records of scan do not hold the text; the stretch and what stands around it tell the place."""
    span = occurrence(SPAM, "", " Semiconductor Sovereignty", 0)
    kept = decided(ruling(SPAM, False, "document", key=span.key))
    assert kept.clean(INFECTED).text == INFECTED
    assert kept.clean(f"{SPAM} Harbour News").changed


@given(st.text(max_size=60), st.lists(st.sampled_from([SPAM, UNKNOWN, HOST, "\n", " ", "魔法球球大乐园"]), max_size=8))
def test_every_outcome_keeps_its_promises(noise: str, parts: list[str]) -> None:
    """With decisions too: conservation, replay, and a second cleaning that changes nothing."""
    text = noise.join(parts)
    result = PROPERTY.clean(text)
    check(text, result)
    if result.changed:
        assert PROPERTY.clean(result.text).text == result.text


PROPERTY = decided(ruling(UNKNOWN), ruling("魔法球球大乐园"), ruling("Semiconductor Sovereignty", remove=False))


def test_batches_and_copies_give_the_same_answers() -> None:
    """In any company, and after pickling."""
    texts = [INFECTED, UNKNOWN, HOST, f"{HOST}\n{UNKNOWN}", "x" * 70_000 + f"\n{UNKNOWN}\n{HOST}"]
    alone = [PROPERTY.clean(text) for text in texts]
    assert list(PROPERTY.clean_many(texts)) == alone
    assert list(pickle.loads(pickle.dumps(PROPERTY)).clean_many(texts)) == alone


def test_decisions_do_no_harm_on_clean_cases(root: Path, engine: Cleaner) -> None:
    """Clean documents lose nothing to accepted phrases that are not in them."""
    cases = list(read_cases(root / "tests" / "cases" / "negative.jsonl"))[:150]
    texts = [case.text for case in cases]
    assert [one.text for one in PROPERTY.clean_many(texts)] == [one.text for one in engine.clean_many(texts)]


words = st.text(st.sampled_from("abАвЯß中文 1２\u200b."), min_size=4, max_size=12)


@given(st.lists(words, max_size=4), st.lists(st.one_of(words, st.just(" ")), max_size=8))
def test_phrases_are_found_wherever_they_stand(phrases: list[str], parts: list[str]) -> None:
    """Every plain occurrence is found, in every text of a batch, and nothing else is given."""
    model = PROPERTY._finder._detector.model
    classes, fold = model.classes, model.fold
    known = {normalise(phrase) for phrase in phrases}
    text = "".join([*parts, *phrases])
    found = list(Phrases(phrases, classes, fold).find(["", text, text[3:]]))
    assert all(
        normalise([("", text, text[3:])[number][start:end]][0]) == phrase for number, start, end, phrase in found
    )
    assert {phrase for _, _, _, phrase in found} <= known | {phrase for *_, phrase in found}
    for phrase in phrases:
        seen = [char for char in phrase if not char.isspace() and char != "\u200b"]
        if len(seen) >= 4:
            assert any(number == 1 and normalise(phrase) == one for number, _, _, one in found)


def run(*arguments: object) -> tuple[int, str, str]:
    """Run the command; return exit code, standard output and standard error."""
    everything = {**os.environ, "PYTHONPATH": str(Path(cleaner.__file__).parents[1]), "XDG_DATA_HOME": "/nowhere"}
    command = [sys.executable, "-m", "cleaner", *map(str, arguments)]
    result = subprocess.run(command, capture_output=True, env=everything, timeout=300)
    return result.returncode, result.stdout.decode(), result.stderr.decode()


def test_the_command_applies_a_store(tmp_path: Path) -> None:
    """``clean --verdicts``: by site, from the URL of each record; and it says what it does not cut everywhere."""
    with Store(tmp_path / "v.sqlite") as store:
        span = occurrence(SPAM, "", " Semiconductor", 0, site="a.example", document_id="1")
        store.decide([span], "reject", reviewer="ann", scope="site")
        store.decide([occurrence("May", "in ", ".", 3)], "accept", reviewer="ann", scope="everywhere")
    pages = [
        {"id": site, "url": f"https://{site}/x", "text": f"{INFECTED}\n{HOST}"} for site in ("a.example", "b.example")
    ]
    (tmp_path / "pages.jsonl").write_text("".join(json.dumps(page) + "\n" for page in pages), "utf-8")
    code, out, err = run("clean", "--verdicts", tmp_path / "v.sqlite", tmp_path / "pages.jsonl")
    kept, cleaned = (json.loads(line)["text"] for line in out.splitlines())
    assert (code, kept) == (0, pages[0]["text"])
    assert cleaned == f"Semiconductor Sovereignty\n{HOST}"
    assert "cut only where decided: 1 accepted phrase: may (too short)" in err


@pytest.mark.parametrize("content", [None, b"not a store", b""])
def test_what_is_no_store_is_named(tmp_path: Path, content: bytes | None) -> None:
    """One line and an exit code; nothing is written."""
    path = tmp_path / "v.sqlite"
    if content is not None:
        path.write_bytes(content)
    (tmp_path / "a.txt").write_text(INFECTED, "utf-8")
    code, out, err = run("clean", "--verdicts", path, tmp_path / "a.txt")
    if content == b"":  # an empty file is an empty store to SQLite
        assert code == 0
        return
    assert (code, out) == (65, "")
    assert err.count("\n") == 1
    assert str(path) in err
