"""What the command does when the world is not as it should be: one line, the right exit code, no traceback."""

from __future__ import annotations

import gzip
import itertools
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import cleaner

PLAIN = "The council met on Tuesday.\n"
ENV = {**os.environ, "PYTHONPATH": str(Path(cleaner.__file__).parents[1])}
COMMAND = f"{sys.executable} -m cleaner"


def run(*arguments: object, stdin: bytes = b"", cwd: Path | None = None) -> subprocess.CompletedProcess[bytes]:
    """Run the command in a process of its own."""
    command = [sys.executable, "-m", "cleaner", *map(str, arguments)]
    return subprocess.run(command, input=stdin, capture_output=True, cwd=cwd, env=ENV, timeout=60)


def shell(line: str, cwd: Path, **further: str) -> subprocess.CompletedProcess[bytes]:
    """Run a line of shell."""
    command = ["bash", "-c", line]
    return subprocess.run(command, capture_output=True, cwd=cwd, env={**ENV, **further}, timeout=60)


def start(*arguments: str, cwd: Path) -> subprocess.Popen[bytes]:
    """Start the command with pipes for all its streams."""
    command = [sys.executable, "-m", "cleaner", *arguments]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, cwd=cwd, env=ENV)


def wait_for(condition: Callable[[], object]) -> None:
    """Wait until the condition holds, at most 20 seconds."""
    end = time.monotonic() + 20
    while not condition() and time.monotonic() < end:
        time.sleep(0.02)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with a small text and a large file of records."""
    (tmp_path / "a.txt").write_text(PLAIN)
    (tmp_path / "big.jsonl").write_text((json.dumps({"text": PLAIN}) + "\n") * 20_000)
    return tmp_path


def one_line(result: subprocess.CompletedProcess[bytes]) -> str:
    """Check that standard error is one line without a traceback, and return it."""
    text = result.stderr.decode()
    assert text.count("\n") == 1 and "Traceback" not in text, text
    return text


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("clean", "none.txt"), 66, "none.txt: no such file"),
        (("scan", "none.txt"), 66, "none.txt: no such file"),
        (("explain", "x" * 300), 66, "no such file"),
        (("evaluate", "none.jsonl"), 66, "none.jsonl: No such file"),
        (("train", "none"), 66, "none: no such file"),
        (("clean", "a.txt", "--model", "none"), 66, "none: no such model"),
        (("clean", "a.txt", "--model", "empty"), 66, "empty"),
        (("clean", "a.txt", "--threshold", "nan"), 2, "threshold must be a number from 0 to 1"),
        (("clean", "a.txt", "--threshold", "2"), 2, "threshold must be a number from 0 to 1"),
        (("clean", "a.txt", "--threshold", "-1"), 2, "threshold must be"),
        (("clean", "a.txt", "--threshold", "high"), 2, "cleaner clean --help"),
        (("clean", "a.txt", "--threshold", "0.5", "--review", "0.9"), 2, "review (0.9) must not lie above"),
        (("clean", "a.txt", "--treshold", "1"), 2, "No such option"),
        (("wash", "a.txt"), 2, "No such command"),
        (("clean", "a.txt", "--input-format", "pdf"), 2, "'pdf' is not one of"),
        (("explain", "a.txt", "--text", "b"), 2, "not both"),
        (("clean", "a.txt", "-o", "none/b.txt"), 74, "none/b.txt: No such file"),
        (("clean", "a.txt", "-o", "/dev/null"), 74, "/dev/null: not a regular file"),
        (("clean", "a.txt", "-o", "pipe"), 74, "pipe: not a regular file"),
        (("clean", "--records", "a.txt", "-o", "empty"), 74, "empty: not a regular file"),
        (("clean", "empty", "a.txt", "-o", "big.jsonl"), 74, "big.jsonl"),
        (("clean", "a.txt", "-o", "a.txt"), 74, "this is the input a.txt"),
        (("clean", "a.txt", "-o", "soft"), 74, "this is the input a.txt"),
        (("clean", "a.txt", "-o", "hard"), 74, "this is the input a.txt"),
        (("clean", ".", "-o", "."), 74, "this is the input"),
        (("clean", "a.txt", "./a.txt", "-o", "out"), 74, "both be written"),
    ],
)
def test_faults_have_one_line_and_a_code(folder: Path, arguments: tuple[str, ...], code: int, words: str) -> None:
    """Wrong settings 2, missing inputs and models 66, impossible outputs 74; nothing on standard output."""
    (folder / "empty").mkdir()
    (folder / "soft").symlink_to("a.txt")
    os.link(folder / "a.txt", folder / "hard")
    os.mkfifo(folder / "pipe")
    result = run(*arguments, cwd=folder)
    assert words in one_line(result)
    assert (result.returncode, result.stdout) == (code, b"")
    assert (folder / "a.txt").read_text() == PLAIN
    assert not list(folder.glob(".cleaner-*"))


@pytest.mark.parametrize("closed", [c for n in (1, 2, 3) for c in itertools.combinations("012", n)], ids="".join)
def test_closed_streams_never_lose_output_silently(folder: Path, closed: tuple[str, ...]) -> None:
    """Every combination of closed standard streams: an error when input or output is lost, else success."""
    redirections = " ".join(f"{number}{'<' if number == '0' else '>'}&-" for number in closed)
    result = shell(f"{COMMAND} clean -q < a.txt {redirections}", folder)
    expected = 66 if "0" in closed else 74 if "1" in closed else 0
    assert result.returncode == expected
    assert result.stdout.decode() == ("" if {"0", "1"} & set(closed) else PLAIN)
    assert b"Traceback" not in result.stderr
    if "2" not in closed and expected:
        assert result.stderr.count(b"\n") == 1


def test_files_are_written_with_all_streams_closed(folder: Path) -> None:
    """A cron job without streams still gets its file, and no message lands in it."""
    result = shell(f"{COMMAND} clean a.txt -o b.txt <&- >&- 2>&-", folder)
    assert result.returncode == 0
    assert (folder / "b.txt").read_text() == PLAIN


@pytest.mark.parametrize("command", ["--help", "--version", "clean --help", "scan a.txt", "explain a.txt"])
def test_closed_standard_output_is_an_error_everywhere(folder: Path, command: str) -> None:
    """A report or help text that goes nowhere is not a success."""
    result = shell(f"{COMMAND} {command} >&-", folder)
    assert result.returncode == 74
    assert "standard output" in one_line(result)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
@pytest.mark.parametrize(
    "command", ["clean -q a.txt", "clean big.jsonl", "scan a.txt", "scan -q --format json spam.jsonl", "--help"]
)
def test_a_full_disk_is_an_error(folder: Path, command: str) -> None:
    """Output that does not fit: exit code 74, one line."""
    spam = {"text": "The council met.\n爱上海419论坛 Semiconductor Sovereignty\nIt met again on Monday.\n"}
    (folder / "spam.jsonl").write_text((json.dumps(spam) + "\n") * 20)
    result = shell(f"{COMMAND} {command} > /dev/full", folder)
    assert result.returncode == 74
    assert "standard output: No space left" in one_line(result)


@pytest.mark.parametrize("size", [0, 1, 100, 4096, 100_000])
def test_a_file_that_does_not_fit_is_not_there(folder: Path, size: int) -> None:
    """A limit in the middle of the file: exit code 74, no output file, nothing beside it."""
    script = (
        f"import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, ({size}, {size}));"
        "from cleaner.cli import run; sys.exit(run(['clean', 'big.jsonl', '-o', sys.argv[1]]))"
    )
    for name in ("out.jsonl", "out.jsonl.gz"):
        if name.endswith("gz") and size > 100:
            continue  # packed it fits
        result = subprocess.run([sys.executable, "-c", script, name], cwd=folder, env=ENV, capture_output=True)
        assert result.returncode == 74
        assert name in one_line(result)
        assert sorted(os.listdir(folder)) == ["a.txt", "big.jsonl"]


@pytest.mark.parametrize("command", ["clean big.jsonl", "clean - < big.jsonl", "clean --records big.jsonl"])
def test_a_reader_that_goes_away_is_no_fault(folder: Path, command: str) -> None:
    """`| head -1`: the first line, silence, exit code 141."""
    result = shell(f"{COMMAND} {command} | head -1; exit ${{PIPESTATUS[0]}}", folder)
    assert (result.returncode, result.stderr) == (141, b"")
    assert result.stdout.count(b"\n") == 1


def test_a_reader_that_is_gone_already(folder: Path) -> None:
    """A small output whose reader left before anything was written."""
    result = shell(f"{COMMAND} clean -q <(sleep 1; cat a.txt) | true; exit ${{PIPESTATUS[0]}}", folder)
    assert (result.returncode, result.stderr) == (141, b"")


def test_pipes_may_be_inputs(folder: Path) -> None:
    """Process substitution works as a file does."""
    assert shell(f"{COMMAND} clean -q <(cat a.txt)", folder).stdout.decode() == PLAIN


def test_output_into_the_input_is_refused(folder: Path) -> None:
    """`>> a.txt` would feed on itself."""
    result = shell(f"{COMMAND} clean a.txt >> a.txt", folder)
    assert result.returncode == 74
    assert "standard output: this is the input a.txt" in one_line(result)
    assert (folder / "a.txt").read_text() == PLAIN


def test_damaged_inputs_do_not_stop_the_others(folder: Path) -> None:
    """A folder with a cut gzip file: what can be read of it is kept, it is named and counted; exit code 3."""
    (folder / "in").mkdir()
    packed = gzip.compress((folder / "big.jsonl").read_bytes())
    (folder / "in/b.jsonl.gz").write_bytes(packed[: len(packed) // 2])
    (folder / "in/a.txt").write_text(PLAIN)
    (folder / "in/c.txt").write_text(PLAIN)
    result = run("clean", "in", "-o", "out", cwd=folder)
    assert result.returncode == 3
    *_, fault, last = result.stderr.decode().splitlines()
    assert fault == "in/b.jsonl.gz: the gzip data is cut short"
    assert "passed on unchanged" in last
    assert sorted(os.listdir(folder / "out")) == [".cleaner", "a.txt", "b.jsonl.gz", "c.txt"]
    assert (folder / "big.jsonl").read_bytes().startswith(gzip.decompress((folder / "out/b.jsonl.gz").read_bytes()))


def test_a_damaged_input_alone(folder: Path) -> None:
    """What was read before the damage is written to a pipe, but no file is left that looks whole."""
    packed = gzip.compress((folder / "big.jsonl").read_bytes())
    (folder / "b.jsonl.gz").write_bytes(packed[: len(packed) // 2])
    result = run("clean", "b.jsonl.gz", cwd=folder)
    assert result.returncode == 65
    assert "cut short" in one_line(result)
    assert (folder / "big.jsonl").read_bytes().startswith(result.stdout) and result.stdout
    assert run("clean", "b.jsonl.gz", "-o", "c.jsonl", cwd=folder).returncode == 65
    assert not (folder / "c.jsonl").exists()
    assert not list(folder.glob(".cleaner-*"))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read and write everything")
def test_forbidden_places_are_named(folder: Path) -> None:
    """Without permission to read: 66; to write: 74."""
    (folder / "a.txt").chmod(0)
    assert run("clean", "a.txt", cwd=folder).returncode == 66
    (folder / "shut").mkdir(mode=0o500)
    assert run("clean", "big.jsonl", "-o", "shut/b.jsonl", cwd=folder).returncode == 74


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_signals_leave_nothing_half_done(folder: Path, number: int, code: int) -> None:
    """Interrupted while it writes: the exit code of the signal, no traceback, no file, nothing beside it."""
    process = start("clean", "-", "--input-format", "jsonl", "-o", "out.jsonl", cwd=folder)
    assert process.stdin is not None
    process.stdin.write((folder / "big.jsonl").read_bytes())
    process.stdin.flush()
    wait_for(lambda: list(folder.glob(".cleaner-*")))
    assert list(folder.glob(".cleaner-*"))
    process.send_signal(number)
    _, errors = process.communicate(timeout=20)
    assert process.returncode == code
    assert b"Traceback" not in errors and errors.count(b"\n") <= 1
    assert sorted(os.listdir(folder)) == ["a.txt", "big.jsonl"]


BUG = (
    "import sys\n"
    "from cleaner import Cleaner\n"
    "def fail(*arguments): raise TypeError('one\\ntwo \\x1b[2J')\n"
    "Cleaner.clean_many = fail\n"
    "from cleaner.cli import run\n"
    "sys.exit(run(['clean', 'a.txt']))\n"
)


def test_a_bug_is_one_line_to_report(folder: Path) -> None:
    """No traceback for users, all of it for developers; exit code 70 both times."""
    (folder / "bug.py").write_text(BUG)
    result = shell(f"{sys.executable} bug.py", folder)
    assert result.returncode == 70
    assert "internal error: TypeError: one\\ntwo \\x1b[2J; please report it" in one_line(result)
    result = shell(f"{sys.executable} bug.py", folder, CLEANER_DEBUG="1")
    assert result.returncode == 70
    assert b"Traceback" in result.stderr


def test_a_terminal_as_input_gets_a_hint(folder: Path) -> None:
    """Called with nothing to read it does not wait for ever for a person to type."""
    import pty

    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "cleaner", "clean"]
    result = subprocess.run(command, stdin=theirs, capture_output=True, env=ENV, timeout=60)
    os.close(ours)
    os.close(theirs)
    assert result.returncode == 2
    assert "give files or folders, or pipe a text in" in one_line(result)


def test_names_cannot_steer_the_terminal(folder: Path) -> None:
    """File names are printed with their control characters escaped."""
    result = run("clean", "no\x1b]0;title\x07\nsuch\u202e.txt", cwd=folder)
    assert "no\\x1b]0;title\\x07\\nsuch\\u202e.txt" in one_line(result)


def test_any_file_name_works(folder: Path) -> None:
    """Line feeds, blanks, leading dashes, bytes that are not UTF-8, 255 bytes."""
    names = [b"a\nb.txt", b" .txt", b"-x.txt", b"caf\xe9.txt", b"n" * 251 + b".txt"]
    (folder / "in").mkdir()
    for name in names:
        with open(os.path.join(os.fsencode(folder / "in"), name), "w") as file:
            file.write(PLAIN)
    assert run("clean", "in", "-o", "out", cwd=folder).returncode == 0
    assert sorted(os.listdir(os.fsencode(folder / "out"))) == sorted([b".cleaner", *names])
    result = run("clean", "--records", "-q", "in", cwd=folder)
    assert {os.fsencode(json.loads(line)["file"]) for line in result.stdout.splitlines()} == {b"in/" + n for n in names}
