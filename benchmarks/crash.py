"""Kill a run again and again, resume it, and take it back: nothing may be lost, doubled or changed.

FOLDER holds JSON lines (gz too) with clean text. A corpus of --megabytes is made of it, cleaned into a folder with
``cleaner clean`` and killed (SIGKILL, the whole process group or the parent alone, in turn) --kills times on the way.
Then the same command runs to its end, a second output is made without any kill, and both are compared byte for byte;
``cleaner restore`` gives the inputs back, and these are compared with what was read.
"""

from __future__ import annotations

import argparse
import filecmp
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from corpora import write_corpus


def main() -> None:
    """Run it all and say how it went."""
    args = _parser().parse_args()
    place = Path(tempfile.mkdtemp(prefix="cleaner-crash-", dir=args.scratch))
    try:
        _run(args, place)
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _run(args: argparse.Namespace, place: Path) -> None:
    size = int(args.megabytes * 1e6)
    records = write_corpus(args.folder, place / "in", size, args.files, args.infected)
    total = _size(place / "in")
    print(f"{records:,} records, {total / 1e6:.0f} MB in {args.files} files", flush=True)
    rng = random.Random(args.seed)
    command = ["clean", "in", "-o", "out", "--workers", str(args.workers), "-q"]
    started = time.monotonic()
    for kill in range(args.kills):
        limit = total * (kill + rng.random()) / args.kills
        _kill_at(command, place, limit, whole=kill % 2 == 0)
        print(f"kill {kill + 1}: {_size(place / 'out') / 1e6:.0f} MB written", flush=True)
    _cleaner(command, place)
    print(f"killed {args.kills} times and finished in {time.monotonic() - started:.0f} s", flush=True)
    started = time.monotonic()
    _cleaner([*command[:2], "-o", "whole", *command[4:]], place)
    print(f"without a kill: {time.monotonic() - started:.0f} s", flush=True)
    _same(place / "whole", place / "out", "the outputs")
    _same(place / "whole/.cleaner/audit", place / "out/.cleaner/audit", "the audits")
    shutil.rmtree(place / "whole")
    started = time.monotonic()
    _cleaner(["restore", "out", "-o", "back", "-q"], place)
    print(f"restored in {time.monotonic() - started:.0f} s", flush=True)
    _same(place / "in", place / "back", "what was read and what was restored")


def _kill_at(command: list[str], place: Path, limit: float, *, whole: bool) -> None:
    """Start the command and kill it when the output has so many bytes."""
    command = [sys.executable, "-m", "cleaner", *command]
    process = subprocess.Popen(command, cwd=place, env=_env(), start_new_session=True)
    while process.poll() is None and _size(place / "out") < limit:
        time.sleep(0.05)
    if process.poll() is not None and process.returncode:
        raise SystemExit(f"the run ended by itself with {process.returncode}")
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL) if whole else process.kill()
    process.wait()


def _cleaner(arguments: list[str], place: Path) -> None:
    subprocess.run([sys.executable, "-m", "cleaner", *arguments], cwd=place, env=_env(), check=True)


def _env() -> dict[str, str]:
    root = str(Path(__file__).resolve().parent.parent)
    return {**os.environ, "PYTHONPATH": root}


def _same(one: Path, other: Path, what: str) -> None:
    names = [sorted(_names(folder)) for folder in (one, other)]
    if names[0] != names[1]:
        raise SystemExit(f"{what}: not the same files")
    wrong = [name for name in names[0] if not filecmp.cmp(one / name, other / name, shallow=False)]
    if wrong:
        raise SystemExit(f"{what} differ: {wrong[:5]}")
    print(f"{what}: {len(names[0])} files, the same byte for byte", flush=True)


def _names(folder: Path) -> list[str]:
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return [str(path.relative_to(folder)) for path in paths if ".cleaner" not in path.relative_to(folder).parts]


def _size(folder: Path) -> int:
    size = 0
    for path in folder.rglob("*"):
        try:
            size += path.stat().st_size if path.is_file() else 0
        except OSError:
            continue  # it was moved to its place
    return size


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="JSON lines (gz too), or a folder of them")
    parser.add_argument("--megabytes", type=float, default=1000.0, help="size of the corpus (1000)")
    parser.add_argument("--files", type=int, default=4, help="files of the corpus (4)")
    parser.add_argument("--infected", type=float, default=0.01, help="share of records with a phrase (0.01)")
    parser.add_argument("--kills", type=int, default=10, help="how often to kill (10)")
    parser.add_argument("--workers", type=int, default=2, help="processes of the command (2)")
    parser.add_argument("--seed", type=int, default=1, help="of the moments of the kills (1)")
    parser.add_argument("--scratch", type=Path, help="where to put the files (a temporary folder)")
    return parser


if __name__ == "__main__":
    main()
