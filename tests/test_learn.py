"""Learning from decisions: the same from the same, nothing worse elsewhere, and the way back."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

import cleaner
from cleaner.learning.candidate import read_weights
from cleaner.learning.fit import buckets_of
from cleaner.learning.gate import closed_by, read_gate
from cleaner.learning.guard import Guard
from cleaner.learning.learn import Material, Outcome, learn, read_replay
from cleaner.learning.lessons import digest, lessons_of
from cleaner.model import load
from cleaner.resources import corpus_folder
from cleaner.review.store import Choice, Store, Verdict, occurrence
from cleaner.view import Reader

pytest.importorskip("scipy")

# Goods that nobody has heard of, sold in words that are known; each phrase shares words with the others.
WORDS = ("Zorblatt", "Quimblex", "Frandolin", "Vextrim")
TAUGHT = [f"order {first} {second} online" for first in WORDS for second in WORDS]
GATE_LINES = 40


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the English part of the corpus, with a small gate."""
    folder = tmp_path_factory.mktemp("corpus")
    with corpus_folder(None) as corpus:
        for name in ("phrases/en.json", "frames/en.json", "negatives/en.jsonl", "hosts/en.jsonl"):
            (folder / name).parent.mkdir(exist_ok=True)
            shutil.copyfile(corpus / name, folder / name)
        (folder / "gate").mkdir()
        for name in ("infected", "clean"):
            lines = (corpus / "gate" / f"{name}.jsonl").read_text("utf-8").split("\n")[:GATE_LINES]
            (folder / "gate" / f"{name}.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
    return folder


@pytest.fixture(scope="module")
def material(small: Path) -> Material:
    """Give what learning replays."""
    return read_replay(small)


def decide(
    store: Store, phrases: Sequence[str], verdict: Choice = "accept", reviewer: str = "ann", minute: int = 0
) -> None:
    """Decide phrases, one after the other at a reader's pace."""
    for number, phrase in enumerate(phrases):
        moment = f"2026-11-23T{9 + (minute + number) // 60:02}:{(minute + number) % 60:02}:00+00:00"
        page = f"{reviewer}-{number}"
        span = occurrence(phrase, "The vote was close. ", "\nThe council", 20, document=page, document_id=page)
        store.decide([span], verdict, reviewer=reviewer, decided_at=moment)


def verdicts_of(phrases: Sequence[str], verdict: Choice = "accept", reviewer: str = "ann") -> list[Verdict]:
    """Return the verdicts of a store in which the phrases were decided."""
    with Store(":memory:") as store:
        decide(store, phrases, verdict, reviewer)
        return list(store.verdicts())


@pytest.fixture(scope="module")
def outcome(shipped_folder: Path, material: Material, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """Give what comes of learning the made-up family."""
    return learn(shipped_folder, verdicts_of(TAUGHT), material, tmp_path_factory.mktemp("learnt"))


@pytest.fixture(scope="module")
def shipped_folder(shipped: Path) -> Path:
    """Give the folder of the shipped model."""
    return shipped


def test_learning_follows_the_decisions_and_harms_nothing(outcome: Outcome) -> None:
    """More of what was accepted is cut, and no figure of the gate is worse."""
    (accepted,) = [change for change in outcome.followed if change.figure == "accepted, cut"]
    assert accepted.after > accepted.before
    assert outcome.promotable
    assert not closed_by(outcome.changes)
    assert load(outcome.folder).name == outcome.name


def test_only_ngrams_of_decided_phrases_move_and_accepted_ones_only_up(outcome: Outcome, shipped_folder: Path) -> None:
    """So what a decision can do is bounded by what it says."""
    before, after = (read_weights(folder).astype(int) for folder in (shipped_folder, outcome.folder))
    moved = np.flatnonzero(before != after)
    model = load(shipped_folder)
    reader = Reader(model.classes, model.fold)
    # An n-gram that begins in the phrase may end in what follows it.
    said = np.concatenate([buckets_of(reader, f"{phrase}\nThe council", len(before)) for phrase in TAUGHT])
    assert len(moved)
    assert np.isin(moved, said).all()
    assert (after >= before).all()


def test_the_same_decisions_give_the_same_bytes(
    outcome: Outcome, shipped_folder: Path, material: Material, tmp_path: Path
) -> None:
    """In any order, by whomever, whenever; and what was taken back leaves nothing behind."""
    with Store(tmp_path / "v.sqlite") as store:
        decide(store, ["Something else entirely 99 xq"], reviewer="eve")
        decide(store, TAUGHT[::-1], minute=200)
        (store.undo(1, reviewer="ann"))
        verdicts = list(store.verdicts())
    again = learn(shipped_folder, verdicts, material, tmp_path / "learnt")
    assert again.name == outcome.name
    for path in outcome.folder.iterdir():
        assert (again.folder / path.name).read_bytes() == path.read_bytes()


def test_lessons_do_not_depend_on_who_when_or_how_often() -> None:
    """A phrase is one lesson; one that was decided both ways is none."""
    with Store(":memory:") as store:
        decide(store, ["Alpha One", "ＡＬＰＨＡ  one", "Beta Two"])
        decide(store, ["Beta Two"], "reject", "bob")
        lessons, disputed = lessons_of(store.verdicts())
    assert [(lesson.phrase, lesson.spans) for lesson in lessons] == [("alpha one", 2)]
    assert disputed == ["beta two"]
    assert digest(lessons_of(verdicts_of(TAUGHT))[0]) == digest(
        lessons_of(verdicts_of(TAUGHT[::-1], "accept", "bob"))[0]
    )


def held(folder: Path, verdicts: Sequence[Verdict], material: Material) -> dict[str, str]:
    """Return the phrases that the guard holds, with the reasons."""
    guard = Guard(load(folder), material.clean + material.gate.clean_texts(), material.known)
    return {one.lesson.phrase: one.reason for one in guard.holds(lessons_of(verdicts)[0])}


def test_what_stands_in_clean_text_is_held(shipped_folder: Path, material: Material) -> None:
    """A phrase of the corpus' clean documents, and one of common words."""
    text = material.clean[0]
    words = " ".join(text.split()[3:7])
    found = held(shipped_folder, verdicts_of([words, "the city and the council of the", TAUGHT[0]]), material)
    assert set(found) >= {"the city and the council of the"}
    assert any("clean text" in reason for reason in found.values())
    assert TAUGHT[0].lower() not in found


def test_known_spam_that_was_rejected_is_held(shipped_folder: Path, material: Material) -> None:
    """Or a slip would teach the model to look away from a whole family."""
    phrase = max(material.known[:200], key=len)
    assert "known spam" in next(iter(held(shipped_folder, verdicts_of([phrase], "reject"), material).values()))


def test_a_burst_of_one_reviewer_is_held(shipped_folder: Path, material: Material) -> None:
    """Nobody reads a decision a second; what others decided at their pace is learnt."""
    phrases = [f"Wibble wobble xq{number} zorb" for number in range(60)]
    with Store(":memory:") as store:
        for phrase in phrases:
            store.decide([occurrence(phrase, "", "", 0)], "accept", reviewer="eve", decided_at="2026-11-23T09:00:00")
        decide(store, TAUGHT[:3])
        found = held(shipped_folder, list(store.verdicts()), material)
    assert len(found) == 60
    assert all("burst" in reason for reason in found.values())


def test_a_decision_that_would_cut_clean_text_is_held_or_closes_the_gate(
    shipped_folder: Path, material: Material, small: Path, tmp_path: Path
) -> None:
    """Also when it was confirmed: the gate has the last word."""
    phrase = TAUGHT[0]
    case = {"id": "mine", "text": f"The vote was close.\n{phrase}\nThe council met again.", "spans": []}
    (tmp_path / "mine.jsonl").write_text(json.dumps(case) + "\n", "utf-8")
    gate = read_gate(small, [tmp_path / "mine.jsonl"])
    guarded = Material(material.clean, material.known, gate)
    (tmp_path / "a").mkdir()
    first = learn(shipped_folder, verdicts_of(TAUGHT), guarded, tmp_path / "a")
    assert phrase.lower() in {one.lesson.phrase for one in first.held}
    everything = {lesson.id for lesson in lessons_of(verdicts_of(TAUGHT))[0]}
    (tmp_path / "b").mkdir()
    second = learn(shipped_folder, verdicts_of(TAUGHT), guarded, tmp_path / "b", confirmed=everything)
    assert not second.held
    assert second.promotable == (not closed_by(second.changes))
    assert not second.promotable or second.share < 1 or not first.changes[-1].worse


def test_the_gate_that_ships_is_the_one_that_was_frozen() -> None:
    """Figures of other cases cannot be compared; a new gate is a decision, not an accident."""
    with corpus_folder(None) as corpus:
        assert read_gate(corpus).digest == FROZEN


FROZEN = "61d7136b3e46cd25b91fac59664430942fe3bc5d78664af24d89ee894d95e6f3"


def run(home: Path, *arguments: object) -> tuple[int, str, str]:
    """Run the command with models of its own; return exit code, standard output and standard error."""
    everything = {**os.environ, "PYTHONPATH": str(Path(cleaner.__file__).parents[1]), "XDG_DATA_HOME": str(home)}
    command = [sys.executable, "-m", "cleaner", *map(str, arguments)]
    result = subprocess.run(command, capture_output=True, env=everything, cwd=home.parent, timeout=550)
    return result.returncode, result.stdout.decode(), result.stderr.decode()


@pytest.mark.slow
def test_the_command_from_decisions_to_use_and_back(small: Path, tmp_path: Path) -> None:
    """Learn, look, use, roll back; a dry run writes nothing; a damaged version is named."""
    home, store = tmp_path / "home", tmp_path / "v.sqlite"
    with Store(store) as opened:
        decide(opened, TAUGHT)
        decide(opened, ["the city and the council of the"], minute=100)
    page = tmp_path / "page.txt"
    page.write_text(f"The vote was close.\n{TAUGHT[0]}\nThe council met again.\n", "utf-8")
    code, out, err = run(home, "learn", store, "--corpus", small, "--dry-run", "-q")
    assert (code, err) == (0, "")
    assert "would be used as news+" in out and "held: 1 decision" in out
    assert not home.exists()
    code, out, err = run(home, "learn", store, "--corpus", small, "-q")
    assert (code, err) == (0, "")
    name = out.strip().split("\n")[-1].removeprefix("in use: ").split(" ")[0]
    assert f"* {name}" in run(home, "model", "list")[1]
    assert json.loads(run(home, "clean", "--records", page)[1])["model"].startswith(name)
    assert f"+ accept  {TAUGHT[0]}" in run(home, "model", "diff", "shipped")[1]
    weights = home / "cleaner" / "models" / name / "weights.npy"
    whole = weights.read_bytes()
    weights.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    code, out, err = run(home, "model", "verify")
    assert code == 66 and "shipped  sound" in out and f"{name}" in err
    assert run(home, "clean", page)[0] == 66
    assert run(home, "model", "use", "--previous")[2] == "cleaner: in use: shipped\n"
    assert run(home, "clean", page)[0] == 0
    assert run(home, "model", "use", "--previous")[0] == 66


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("learn", "missing.sqlite"), 65, "missing.sqlite: no such store"),
        (("learn", "v.sqlite", "--dry-run", "--forget", "1"), 2, "--forget changes the store"),
        (("learn", "v.sqlite", "--forget", "99", "--models", "m"), 65, "no decision 99"),
        (("learn", "v.sqlite", "--confirm", "nobody", "--models", "m"), 65, "nobody"),
        (("learn", "v.sqlite", "--gate", "none.jsonl", "--models", "m"), 66, "none.jsonl"),
        (("model", "use", "../../etc"), 66, "no such version"),
        (("model", "use"), 2, "--previous"),
        (("scan", "--model", "nothing", "v.sqlite"), 66, "no such model"),
    ],
)
def test_bad_input_gets_one_line(tmp_path: Path, arguments: Sequence[str], code: int, said: str) -> None:
    """What is wrong, and an exit code; never a traceback."""
    with Store(tmp_path / "v.sqlite") as store:
        decide(store, TAUGHT[:2])
    found, _, err = run(tmp_path / "home", *arguments)
    assert (found, err.count("\n")) == (code, 1)
    assert said in err
