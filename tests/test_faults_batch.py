"""Crashes of the batch run, with real processes and a real SIGKILL. What is promised: nothing torn, lost or doubled.

The long table runs with ``CLEANER_LONG=1`` (see CONTRIBUTING).
"""

from __future__ import annotations

import multiprocessing
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import cleaner
from cleaner.batch import workers
from cleaner.batch.ledger import Stamp
from cleaner.batch.work import Part
from cleaner.errors import CleanerError, OutputError
from cleaner.io.readers import find_sources
from tests.batches import SMALL, corpus, go, ledger_states, left_over, line, tree

LONG = os.environ.get("CLEANER_LONG") == "1"
ENV = {**os.environ, "PYTHONPATH": str(Path(cleaner.__file__).parents[1])}
pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="the trials are forked"),
    # The interpreter warns of threads; those of numpy sleep, and the child runs no other.
    pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning"),
]


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, dict[str, bytes]]]:
    """Give a corpus and what a run that nobody disturbs makes of it."""
    folder = tmp_path_factory.mktemp("faults")
    source = corpus(folder / "in")
    go(source, folder / "out")
    yield source, tree(folder / "out")


def forked(action: Callable[[], object]) -> int:
    """Do something in a copy of this process and return how that ended (negative: by which signal)."""
    child = os.fork()
    if not child:
        code = 1
        try:
            action()
            code = 0
        except CleanerError as error:
            code = error.exit_code
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


class Fuse:
    """Lets the process die (or an error happen) at the k-th call into the file system; counts them."""

    EVENTS = frozenset({"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate", "sqlite3.connect"})

    def __init__(self, at: int, act: Callable[[], None]) -> None:
        self.at, self.act, self.count = at, act, 0

    def install(self) -> None:
        """Look at every call from now on; audit hooks cannot be taken away, so only in a child."""
        sys.addaudithook(lambda event, _: self.step() if event in self.EVENTS else None)
        before = os.fsync

        def fsync(fd: Any) -> None:
            self.step()
            before(fd)

        os.fsync = fsync

    def step(self) -> None:
        self.count += 1
        if self.count == self.at:
            self.act()


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def dying_run(source: Path, out: Path, at: int) -> int:
    """Run in a child that is killed at its k-th call; 0: it was not."""

    def action() -> None:
        Fuse(at, die).install()
        go(source, out)

    return forked(action)


def whole(out: Path, expected: dict[str, bytes]) -> bool:
    """Return whether every file under a final name is what it must be in the end."""
    return all(expected[name] == data for name, data in tree(out).items())


def calls(source: Path, out: Path) -> int:
    """Return how many calls a whole run makes."""
    reader, writer = os.pipe()

    def action() -> None:
        fuse = Fuse(-1, die)
        fuse.install()
        go(source, out)
        os.write(writer, str(fuse.count).encode())

    assert forked(action) == 0
    os.close(writer)
    with os.fdopen(reader, "rb") as answer:
        return int(answer.read())


@pytest.mark.slow
def test_killed_at_every_call(expected: tuple[Path, dict[str, bytes]], tmp_path: Path) -> None:
    """SIGKILL at the k-th call: no torn file, and the next run ends as one that was never killed.

    Every k in the long run, every seventh one else.
    """
    source, want = expected
    total = calls(source, tmp_path / "count")
    assert total > 100
    for at in range(1, total + 1, 1 if LONG else 7):
        out = tmp_path / "out"
        assert dying_run(source, out, at) == -signal.SIGKILL
        assert whole(out, want), f"a torn file after call {at}"
        assert forked(lambda: go(source, tmp_path / "out")) == 0
        assert tree(out) == want, f"another result after call {at}"
        assert not left_over(out) and ledger_states(out) == {"done"}
        shutil.rmtree(out)


def test_the_harness_sees_torn_files(
    expected: tuple[Path, dict[str, bytes]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With outputs written in place the same trials fail: they would notice."""
    source, want = expected

    def in_place(path: Path, final: Path) -> None:
        data = Path(path).read_bytes()
        with open(final, "wb") as file:
            file.write(data[: len(data) // 2])
            file.flush()
            os.fsync(file.fileno())
            file.write(data[len(data) // 2 :])
        os.remove(path)

    monkeypatch.setattr(os, "replace", in_place)
    torn = 0
    for at in range(20, 300, 3):
        out = tmp_path / "out"
        if dying_run(source, out, at) == 0:
            break
        torn += not whole(out, want)
        shutil.rmtree(out)
        if torn:
            return
    pytest.fail("no torn file was seen")


@pytest.mark.slow
def test_killed_at_any_time_with_workers(tmp_path: Path) -> None:
    """The command with two processes, killed by the clock, the whole group or the parent alone, then run again."""
    (tmp_path / "in").mkdir()
    for shard in range(4):
        lines = b"".join(line(number) for number in range(shard * 100, shard * 100 + (4000 if LONG else 800)))
        (tmp_path / f"in/{shard}.jsonl").write_bytes(lines)
    driver = (
        "import sys; sys.path[:0] = sys.argv[1:2]\n"
        "from pathlib import Path\n"
        "from dataclasses import replace\n"
        "from tests.batches import SMALL, go\n"
        "if __name__ == '__main__': go(Path('in'), Path(sys.argv[2]), replace(SMALL, part_bytes=60_000), workers=2)\n"
    )
    (tmp_path / "driver.py").write_text(driver, "utf-8")
    command = [sys.executable, "driver.py", ENV["PYTHONPATH"]]
    started = time.monotonic()
    subprocess.run([*command, "want"], cwd=tmp_path, env=ENV, check=True)
    seconds = time.monotonic() - started
    rng = random.Random(7)
    want = tree(tmp_path / "want")
    for trial in range(120 if LONG else 2):
        for kill in range(2):
            process = subprocess.Popen([*command, "out"], cwd=tmp_path, env=ENV, start_new_session=True)
            time.sleep(seconds * (0.3 + 0.7 * rng.random()))
            os.killpg(process.pid, signal.SIGKILL) if kill else process.kill()
            process.wait()
            assert all(want[name] == data for name, data in tree(tmp_path / "out").items())
        subprocess.run([*command, "out"], cwd=tmp_path, env=ENV, check=True)
        assert tree(tmp_path / "out") == want and not left_over(tmp_path / "out"), f"trial {trial}"
        shutil.rmtree(tmp_path / "out")


@pytest.mark.parametrize("size", [0, 1, 4096, 12_000, 30_000])
def test_a_disk_that_is_full(expected: tuple[Path, dict[str, bytes]], tmp_path: Path, size: int) -> None:
    """Exit code 74, no file that is not whole; with room again the run goes on."""
    import resource

    source, want = expected
    out = tmp_path / "out"

    def action() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
        go(source, out)

    assert forked(action) == OutputError.exit_code
    assert whole(out, want)
    go(source, out)
    assert tree(out) == want


def test_no_audit_no_text(expected: tuple[Path, dict[str, bytes]], tmp_path: Path) -> None:
    """Where the audit cannot be put, its text is not put either."""
    source, want = expected
    out = tmp_path / "out"
    (out / ".cleaner/audit/deep/1.txt.jsonl").mkdir(parents=True)
    with pytest.raises(OutputError, match=r"1\.txt\.jsonl"):
        go(source, out)
    assert not (out / "deep/1.txt").exists()
    shutil.rmtree(out / ".cleaner/audit/deep/1.txt.jsonl")
    go(source, out)
    assert tree(out) == want


@pytest.mark.parametrize("change", ["append", "truncate", "replace", "delete"])
def test_an_input_that_moves_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: str) -> None:
    """Changed while it is read: named, exit code 65, nothing written for it; the next run does it."""
    source, out = tmp_path / "in", tmp_path / "out"
    source.mkdir()
    (source / "a.jsonl").write_bytes(b"".join(line(number) for number in range(50)))
    (source / "b.txt").write_text("The council met.\n", "utf-8")
    original = cleaner.Cleaner.clean_many
    moves = iter([True])

    def meanwhile(
        self: cleaner.Cleaner, texts: list[str], sites: list[str] | None = None
    ) -> Iterator[cleaner.Cleaning]:
        if next(moves, False):
            path = source / "a.jsonl"
            if change == "append":
                path.write_bytes(path.read_bytes() + line(50))
            elif change == "truncate":
                os.truncate(path, 1000)
            elif change == "replace":
                (source / "new").write_bytes(line(1))
                os.replace(source / "new", path)
            else:
                path.unlink()
        return original(self, texts)

    monkeypatch.setattr(cleaner.Cleaner, "clean_many", meanwhile)
    summary, watched = go(source, out)
    assert summary.failed == 1 and summary.code == 65 and "a.jsonl" in watched.failures[0][0]
    assert sorted(tree(out)) == ["b.txt"]
    (source / "a.jsonl").write_bytes(line(0) + line(1))
    assert go(source, out)[0].failed == 0 and (out / "a.jsonl").exists()


def test_a_worker_that_dies_is_replaced(tmp_path: Path) -> None:
    """What it was doing is tried again in another process, and nothing is missing."""
    source = tmp_path / "in"
    source.mkdir()
    for number in range(3):
        (source / f"{number}.jsonl").write_bytes(b"".join(line(item) for item in range(60)))
    tasks = iter([[part] for part in _parts(source)])
    folder = tmp_path / "work"
    folder.mkdir()
    messages = workers.parallel(SMALL, folder, tasks, 2)
    first = next(messages)
    assert first and not first[0].error
    killed = 0
    for child in _children():
        os.kill(child, signal.SIGKILL)
        killed += 1
    rest = [done for message in messages for done in message]
    assert killed >= 2 and not [done.error for done in rest if done.error]
    assert {done.output for done in (*first, *rest) if done.entry.last} == {"0.jsonl", "1.jsonl", "2.jsonl"}


def _parts(source: Path) -> list[Part]:
    sources, _ = find_sources([str(source)])
    return [Part(item.relative.as_posix(), item, Stamp.of(Path(str(item.path)))) for item in sources]


def _children() -> list[int]:
    """Return the worker processes of this one."""
    return [child.pid for child in multiprocessing.active_children() if child.pid and child.name == "cleaner worker"]


def test_settings_of_another_run_do_not_mix(tmp_path: Path) -> None:
    """A run that was stopped goes on with other settings as if it began there."""
    source, out = corpus(tmp_path / "in"), tmp_path / "out"
    total = calls(source, tmp_path / "count")
    assert dying_run(source, out, total * 2 // 3) == -signal.SIGKILL
    other = replace(SMALL, bad="skip")
    go(source, out, other)
    go(source, tmp_path / "want", other)
    assert tree(out) == tree(tmp_path / "want")
