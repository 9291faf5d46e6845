"""The batch run as the command shows it: settings, messages, codes, the way back."""

from __future__ import annotations

import gzip
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from cleaner.cli import run
from tests.batches import CLEAN, INFECTED, corpus, line, tree

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Call:
    """Give the command, run in a folder of its own in this process: code, standard output, standard error."""
    monkeypatch.chdir(tmp_path)

    def called(*arguments: str) -> tuple[int, str, str]:
        capfd.readouterr()
        code = run(arguments)
        out, err = capfd.readouterr()
        return code, out, err

    return called


def test_there_and_back(call: Call, tmp_path: Path) -> None:
    """Clean a folder, clean it again, restore it: codes and figures."""
    source = corpus(tmp_path / "in")
    code, out, err = call("clean", "in", "-o", "out", "--workers", "2")
    assert (code, out) == (3, "")
    *_, last = err.splitlines()
    assert "251 documents, 53 changed, 53 spans removed" in last and "3 bad records passed on unchanged" in last
    assert last.endswith(f"; audit in {Path('out/.cleaner/audit')}")
    assert "in/bad.jsonl:2: broken JSON" in err
    code, _, err = call("clean", "in", "-o", "out")
    assert code == 3 and "11 files done before" in err and "53 changed" in err
    code, out, err = call("restore", "out", "-o", "back")
    assert (code, out) == (0, "") and "11 files, 53 documents put back as they were" in err
    before, after = tree(source), tree(tmp_path / "back")
    packed = "deep/packed.jsonl.gz"
    assert gzip.decompress(before.pop(packed)) == gzip.decompress(after.pop(packed)) and before == after


def test_restore_names_what_is_missing(call: Call, tmp_path: Path) -> None:
    """A folder that is not there, one without a ledger, the folder itself as the place for the inputs."""
    assert call("restore", "none", "-o", "back")[0] == 66
    (tmp_path / "plain").mkdir()
    code, _, err = call("restore", "plain", "-o", "back")
    assert code == 65 and "no ledger there" in err
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.txt").write_text(INFECTED, "utf-8")
    call("clean", "in", "-o", "out")
    code, _, err = call("restore", "out", "-o", "out")
    assert code == 74 and "this is the input" in err
    assert (tmp_path / "out/a.txt").read_text("utf-8") == CLEAN


def test_settings_come_from_the_folder(call: Call, tmp_path: Path) -> None:
    """A file gives defaults, the command line goes first, and all are shown with their origin."""
    (tmp_path / "cleaner.toml").write_text('text-field = "body"\nworkers = 3\nthreshold = 0.5\n', "utf-8")
    code, out, _ = call("clean", "--show-config", "--threshold", "0.75")
    shown = {row.split(" = ")[0].strip("# ="): row for row in out.splitlines()}
    assert code == 0
    assert shown["text-field"].startswith('text-field = "body"') and shown["text-field"].endswith("# cleaner.toml")
    assert shown["threshold"].startswith("threshold = 0.75") and shown["threshold"].endswith("# command line")
    assert shown["id-field"].endswith("# default")
    (tmp_path / "a.jsonl").write_text(json.dumps({"body": INFECTED}) + "\n", "utf-8")
    code, out, _ = call("clean", "a.jsonl")
    assert (code, json.loads(out)) == (0, {"body": CLEAN})
    code, out, _ = call("scan", "a.jsonl")
    assert code == 0 and "1 span in 1 of 1 document" in out


def test_settings_of_pyproject(call: Call, tmp_path: Path) -> None:
    """The table of this tool is read, a file without it is nobody's business here."""
    (tmp_path / "pyproject.toml").write_text("this is [no TOML", "utf-8")
    assert call("clean", "--show-config")[0] == 0
    (tmp_path / "pyproject.toml").write_text('[tool.other]\nx = 1\n[tool.cleaner]\nbad = "skip"\n', "utf-8")
    assert 'bad = "skip"                      # pyproject.toml' in call("clean", "--show-config")[1]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("treshold = 0.9", "there is no setting 'treshold'; the settings are: annotate, attributes, bad,"),
        ("threshold = [1]", "threshold must be a text, a number, true or false"),
        ('threshold = "high"', "--threshold"),
        ("threshold = nan", "threshold must be a number from 0 to 1"),
        ('bad = "drop"', "'drop' is not one of"),
        ("x = = 1", "cleaner.toml:"),
        ('output = "there"', "there is no setting 'output'"),
    ],
)
def test_wrong_settings_are_named(call: Call, tmp_path: Path, text: str, words: str) -> None:
    """One line, exit code 2."""
    (tmp_path / "cleaner.toml").write_text(text + "\n", "utf-8")
    (tmp_path / "a.txt").write_text(CLEAN, "utf-8")
    code, out, err = call("clean", "a.txt")
    assert (code, out, err.count("\n")) == (2, "", 1) and words in err


def test_a_budget_of_harm_is_a_number_per_million(call: Call, tmp_path: Path) -> None:
    """With its unit or without; it takes the place of a threshold."""
    (tmp_path / "a.txt").write_text(INFECTED, "utf-8")
    assert call("clean", "a.txt", "--max-harm", "1000ppm")[:2] == (0, CLEAN)
    assert "max-harm = 20.0" in call("clean", "--show-config", "--max-harm", "20")[1]
    assert "not a number of characters per million" in call("clean", "a.txt", "--max-harm", "few")[2]
    assert call("clean", "a.txt", "--max-harm", "5", "--threshold", "0.9")[0] == 2


def test_a_named_settings_file(call: Call, tmp_path: Path) -> None:
    """It takes the place of the others; one that is not there is an error."""
    (tmp_path / "cleaner.toml").write_text("workers = 3\n", "utf-8")
    (tmp_path / "other.toml").write_text("review = 0.25\n", "utf-8")
    out = call("clean", "--show-config", "--config", "other.toml")[1]
    assert "review = 0.25" in out and "# workers =" in out
    assert call("clean", "--config=none.toml", "x")[0] == 66


def test_a_log_of_json_lines(call: Call, tmp_path: Path) -> None:
    """Every line of standard error is an object; the last one has the totals."""
    corpus(tmp_path / "in")
    code, _, err = call("clean", "in", "-o", "out", "--log", "json")
    events = [json.loads(row) for row in err.splitlines()]
    assert code == 3 and {item["event"] for item in events} == {"part", "bad", "done"}
    assert sum(item["documents"] for item in events if item["event"] == "part") == 251
    assert events[-1]["event"] == "done" and events[-1]["documents"] == 251 and events[-1]["files"] == 11


def test_quiet_and_verbose(call: Call, tmp_path: Path) -> None:
    """`-q` leaves only what is wrong, `-v` names the files."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.jsonl").write_bytes(line(0) + line(1))
    assert call("clean", "in", "-o", "out", "-q") == (0, "", "")
    assert "a.jsonl: done before" in call("clean", "in", "-o", "out", "-v")[2]
    assert "a.jsonl: 2 documents, 1 changed" in call("clean", "in", "-o", "out", "-v", "--no-resume")[2]


def test_globs_and_standard_input(call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pattern that the shell left alone, and a pipe, go into a folder too."""
    corpus(tmp_path / "in")
    code, _, err = call("clean", "in/**/[0-2].txt", "-o", "out/")
    assert code == 0 and "3 documents" in err
    assert sorted(tree(tmp_path / "out", state=False)) == ["deep/0.txt", "deep/1.txt", "deep/2.txt"]
    assert call("clean", "in/*.none", "-o", "out/")[0] == 66
    with (tmp_path / "in/deep/1.txt").open("rb") as file:
        handle = os.dup(0)
        os.dup2(file.fileno(), 0)
        monkeypatch.setattr(sys, "stdin", open(0, encoding="utf-8", closefd=False))  # noqa: SIM115
        try:
            code, _, err = call("clean", "-", "-o", "piped/")
        finally:
            os.dup2(handle, 0)
            os.close(handle)
    assert code == 0 and (tmp_path / "piped/stdin").read_text("utf-8") == CLEAN + "1\n"


@pytest.mark.parametrize("option", [["--workers", "2"], ["--attributes", "a"], ["--bad", "skip"], ["--report", "r"]])
def test_what_needs_a_folder_says_so(call: Call, tmp_path: Path, option: list[str]) -> None:
    """Not silently ignored when the output is a stream."""
    (tmp_path / "a.txt").write_text(CLEAN, "utf-8")
    code, out, err = call("clean", "a.txt", *option)
    assert (code, out) == (2, "") and "needs an output folder" in err


def test_annotations_in_a_pipe(call: Call, tmp_path: Path) -> None:
    """The records pass with the spans added; text files have no place for them."""
    (tmp_path / "a.jsonl").write_bytes(line(0) + line(1))
    code, out, _ = call("clean", "a.jsonl", "--annotate", "-q")
    first, second = map(json.loads, out.splitlines())
    assert code == 0 and first["cleaner"]["spans"] and "cleaner" not in second
    (tmp_path / "a.txt").write_text(CLEAN, "utf-8")
    assert call("clean", "a.txt", "--annotate")[0] == 65


def test_recurrence_and_report(call: Call, tmp_path: Path) -> None:
    """Two passes, then a page and its figures; a second run reads what the first pass had counted."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.jsonl").write_bytes(b"".join(line(number) for number in range(60)))
    arguments = ("clean", "in", "-o", "out", "--recurrence", "--report", "r.html", "--report-json", "r.json")
    code, _, err = call(*arguments)
    assert code == 0 and "60 documents, 12 changed" in err
    assert "<html" in (tmp_path / "r.html").read_text("utf-8") and json.loads((tmp_path / "r.json").read_text("utf-8"))
    assert len(list((tmp_path / "out/.cleaner").glob("recurrence-*.npz"))) == 1
    assert "1 file done before" in call(*arguments)[2]
