"""Training from end to end on a little material: it works, twice alike, and refuses what it cannot read."""

from __future__ import annotations

import gzip
import json
import os
import random
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest

from cleaner import Cleaner, InputError
from cleaner.model import load
from cleaner.training import save
from cleaner.training.sources import read_material
from cleaner.training.train import Plan, train
from tests.material import PROMISED, document, write

SMALL: Final = {"seed": 1, "ngram_cases": 300, "judge_cases": 300, "clean_hosts": 100, "trees": 60, "leaves": 7}
STEPS: Final = (0.5, 0.8, 0.9)  # of the threshold; the default ones take most of the time of so small a training

PROGRAM = """
    import json, sys
    from pathlib import Path
    from cleaner.training import save
    from cleaner.training.train import Plan, train

    corpus, source, output, plan, steps = sys.argv[1:]
    save._STEPS = tuple(json.loads(steps))
    train(Path(corpus), [Path(source)], Path(output), plan=Plan(**json.loads(plan)))
"""


class Trained:
    """A model trained here: its folder, the material, the figures and the progress that was told."""

    def __init__(self, folder: Path) -> None:
        self.corpus, self.source = write(folder)
        self.output = folder / "model"
        self.told: list[tuple[str, int, int]] = []
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(save, "_STEPS", STEPS)
            self.figures: dict[str, Any] = train(
                self.corpus, [self.source], self.output, lambda *step: self.told.append(step), Plan(**SMALL)
            )


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """Give a model trained on a little material."""
    return Trained(tmp_path_factory.mktemp("training"))


@pytest.mark.slow
def test_the_model_opens(trained: Trained) -> None:
    """The folder is a model, named after itself, with a card that says how it was made."""
    model = load(trained.output)
    assert model.name == "model"
    assert model.families == ("escort", "gambling", "pharma")
    assert model.threshold == trained.figures["threshold"] in STEPS
    assert [row["threshold"] for row in trained.figures["curve"]] == list(STEPS)
    card = (trained.output / "README.md").read_text("utf-8")
    assert all(f"| {step} |" in card for step in STEPS)


@pytest.mark.slow
@pytest.mark.parametrize("host", ["en", "zh"])
def test_the_model_finds_a_phrase_of_a_campaign(trained: Trained, host: str) -> None:
    """A phrase that a trained grammar makes is cut out of pages it was never seen on, with nothing of theirs."""
    cleaner, rng = Cleaner(model=trained.output), random.Random(5)
    found: list[str] = []
    for _ in range(10):
        page = document(host, rng)
        for infected in (f"{PROMISED} - {page}", f"{page}\n{PROMISED}", f"{page}\n{PROMISED}\n{page}"):
            found += [infected[span.start : span.end] for span in cleaner.find(infected) if span.action == "remove"]
    assert set(found) == {PROMISED}
    assert len(found) >= 20, "of 30: so small a training need not find all"


@pytest.mark.slow
def test_the_model_leaves_pages_alone(trained: Trained) -> None:
    """Clean pages stay."""
    cleaner, rng = Cleaner(model=trained.output), random.Random(6)
    pages = [document(lang, rng) for lang in ("en", "zh") for _ in range(50)]
    assert [cleaning.text for cleaning in cleaner.clean_many(pages)] == pages


@pytest.mark.slow
def test_two_trainings_are_alike(trained: Trained, root: Path, tmp_path: Path) -> None:
    """Another process with another string hash writes the same bytes."""
    output = tmp_path / "model"
    subprocess.run(
        [sys.executable, "-c", textwrap.dedent(PROGRAM), trained.corpus, trained.source, output,
         json.dumps(SMALL), json.dumps(STEPS)],
        cwd=root, env=os.environ | {"PYTHONHASHSEED": "77"}, check=True,
    )  # fmt: skip
    names = sorted(path.name for path in trained.output.iterdir())
    assert names == sorted(path.name for path in output.iterdir())
    assert [name for name in names if (trained.output / name).read_bytes() != (output / name).read_bytes()] == []


@pytest.mark.slow
def test_progress_is_told(trained: Trained) -> None:
    """Every stage begins at nothing, moves on and ends complete, one stage after the other."""
    stages = list(dict.fromkeys(stage for stage, _, _ in trained.told))
    assert [stage for stage, _, _ in trained.told] == sorted((s for s, _, _ in trained.told), key=stages.index)
    for stage in stages:
        done = [count for name, count, _ in trained.told if name == stage]
        assert done == sorted(done)
        assert done[0] == 0
    assert {(stage, total) for stage, count, total in trained.told if count == total} >= {("calibration", 3)}


def test_what_is_read(tmp_path: Path) -> None:
    """Corpus and source are read; dev folders are not looked at."""
    corpus, source = write(tmp_path)
    unseen = source / "clean" / "dev" / "en.jsonl"
    unseen.parent.mkdir()
    unseen.write_text("not even JSON", "utf-8")
    material = read_material(corpus, [source])
    assert len(material.negatives) == 24
    assert len({host.site for host in material.hosts}) == 24 + 80
    assert [phrase.text for phrase in material.phrases] == ["royal jackpot slots"]
    assert (len(material.sentences), len(material.ham)) == (12, 12)
    assert set(material.frames) == set(material.grammars) == {"en", "zh"}


def test_variants_fold_to_one_form(trained: Trained) -> None:
    """What the corpus says stands for another character is read as that one."""
    fold = load(trained.output).fold
    assert chr(fold[ord("論")]) == "论" and chr(fold[ord("壇")]) == "壇"


def test_gz_files_are_read_too(tmp_path: Path) -> None:
    """A packed file counts like a plain one."""
    corpus, source = write(tmp_path)
    plain = source / "clean" / "train" / "en.jsonl"
    before = [host.text for host in read_material(corpus, [source]).hosts]
    plain.with_name("en.jsonl.gz").write_bytes(gzip.compress(plain.read_bytes()))
    plain.unlink()
    assert [host.text for host in read_material(corpus, [source]).hosts] == before


def spoil(path: str, data: bytes) -> Callable[[Path], None]:
    def action(folder: Path) -> None:
        (folder / path).write_bytes(data)

    return action


def no_phrases(folder: Path) -> None:
    for path in (folder / "corpus" / "phrases").iterdir():
        path.unlink()


def no_source(folder: Path) -> None:
    (folder / "source").rename(folder / "elsewhere")


HOSTS, TEXT = "source/clean/train/en.jsonl", '{"lang":"en","text":"One line."}\n'
FAULTS: dict[str, Callable[[Path], None]] = {
    "a corpus without phrases": no_phrases,
    "a source that is not there": no_source,
    "a record that is no JSON": spoil(HOSTS, f"{TEXT}no json\n".encode()),
    "a record without text": spoil(HOSTS, b'{"lang":"en"}\n'),
    "a text that is none": spoil(HOSTS, b'{"text":7}\n'),
    "a record that is a list": spoil(HOSTS, b"[1,2]\n"),
    "bytes that are no UTF-8": spoil(HOSTS, b'{"text":"\xff"}\n'),
    "a damaged gz": spoil("source/clean/train/fr.jsonl.gz", gzip.compress(TEXT.encode() * 99)[:-20]),
    "no gz at all": spoil("source/clean/train/fr.jsonl.gz", b"hello"),
    "a list of phrases that is no UTF-8": spoil("source/spam/phrases.tsv", b"\xff\xfe\ten\tx\n"),
    "a grammar that is no JSON": spoil("corpus/phrases/en.json", b"{"),
    "a grammar without families": spoil("corpus/phrases/en.json", b'{"lang":"en"}'),
    "a sentence with no slot of its name": spoil(
        "corpus/frames/en.json", b'{"lang":"en","spun":["{p} {x}"],"blend":["{p},"],"cta":["go"],"legit":["{p}"]}'
    ),
    "frames without clauses": spoil("corpus/frames/en.json", b'{"lang":"en","spun":[]}'),
}


@pytest.mark.parametrize("spoiler", FAULTS.values(), ids=FAULTS)
def test_bad_material(tmp_path: Path, spoiler: Callable[[Path], None]) -> None:
    """One line says which file, and nothing is written."""
    corpus, source = write(tmp_path)
    spoiler(tmp_path)
    with pytest.raises(InputError) as raised:
        train(corpus, [source], tmp_path / "model", plan=Plan(**SMALL))
    message = str(raised.value)
    assert "\n" not in message
    assert str(tmp_path) in message
    assert not (tmp_path / "model").exists()
