"""The batch run as a process among others: interrupts, a second run, outputs that cannot be written."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import cleaner
from cleaner.batch.places import Places
from tests.batches import line

ENV = {**os.environ, "PYTHONPATH": str(Path(cleaner.__file__).parents[1])}
pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="signals and locks of Unix")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupt_says_how_to_go_on(tmp_path: Path, number: int, code: int) -> None:
    """One line, the code of the signal, no process left; the same command goes on."""
    (tmp_path / "in").mkdir()
    data = b"".join(line(item) for item in range(20_000))
    for shard in range(6):
        (tmp_path / f"in/{shard}.jsonl").write_bytes(data)
    command = [sys.executable, "-m", "cleaner", "clean", "in", "-o", "out", "--workers", "2"]
    process = subprocess.Popen(command, cwd=tmp_path, env=ENV, stderr=subprocess.PIPE, start_new_session=True)
    until = time.monotonic() + 60
    while not list(tmp_path.glob("out/.cleaner/work-*/*")) and time.monotonic() < until:
        time.sleep(0.02)
    os.killpg(process.pid, number) if number == signal.SIGINT else process.send_signal(number)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == code
    assert errors.decode().count("\n") == 1 and "the same command goes on from here" in errors.decode()
    with pytest.raises(ProcessLookupError):
        for _ in range(100):  # multiprocessing's own helper ends when it sees that we are gone
            os.killpg(process.pid, 0)
            time.sleep(0.05)
    assert not list(tmp_path.glob("out/.cleaner/work-*"))


def test_the_second_run_is_told_at_once(tmp_path: Path) -> None:
    """Exit code 75 while another run writes there; the lock of a killed run is gone."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.txt").write_text("The council met.\n", "utf-8")
    places = Places(tmp_path / "out")
    places.parts.mkdir(parents=True)
    holder = (
        "import sys, time; from pathlib import Path; from cleaner.batch.lock import locked\n"
        "with locked(Path('out/.cleaner/lock')): print('held', flush=True); time.sleep(60)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", holder], cwd=tmp_path, env=ENV, stdout=subprocess.PIPE)
    assert process.stdout is not None and process.stdout.readline() == b"held\n"
    command = [sys.executable, "-m", "cleaner", "clean", "in", "-o", "out"]
    second = subprocess.run(command, cwd=tmp_path, env=ENV, capture_output=True, timeout=60)
    assert second.returncode == 75 and f"process {process.pid}" in second.stderr.decode()
    process.kill()
    process.communicate()
    assert subprocess.run(command, cwd=tmp_path, env=ENV, capture_output=True, timeout=60).returncode == 0


@pytest.mark.parametrize("obstacle", ["file", "fifo", "folder for a file", "link out", "in is out"])
def test_places_that_cannot_be_written(tmp_path: Path, obstacle: str) -> None:
    """Exit code 74, the path in the message, and nothing written through it."""
    source, out = tmp_path / "in", tmp_path / "out"
    (source / "deep").mkdir(parents=True)
    (source / "deep/a.txt").write_text("The council met.\n", "utf-8")
    (tmp_path / "elsewhere").mkdir()
    if obstacle == "file":
        out.write_text("x", "utf-8")
    elif obstacle == "fifo":
        os.mkfifo(out)
    elif obstacle == "folder for a file":
        (out / "deep/a.txt").mkdir(parents=True)
    elif obstacle == "link out":
        out.mkdir()
        (out / "deep").symlink_to(tmp_path / "elsewhere")
    else:
        out = source
    command = [sys.executable, "-m", "cleaner", "clean", str(source), "-o", str(out)]
    result = subprocess.run(command, env=ENV, capture_output=True, timeout=60)
    assert result.returncode == 74 and result.stderr.decode().count("\n") == 1
    assert str(out) in result.stderr.decode()
    assert not list((tmp_path / "elsewhere").iterdir())
    assert (source / "deep/a.txt").read_text("utf-8") == "The council met.\n"
