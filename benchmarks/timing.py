"""Taking times: rounds in which every contestant has its turn, so that a slow minute slows all alike."""

from __future__ import annotations

import gc
import os
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(slots=True)
class Entry:
    """A contestant over its texts, with the processor and wall times of its rounds in seconds."""

    name: str
    run: Callable[[Sequence[str]], object]
    texts: Sequence[str]
    size: int
    cpu: list[float] = field(default_factory=list)
    wall: list[float] = field(default_factory=list)

    @property
    def speed(self) -> float:
        """Return MB of UTF-8 per second of processor time, the median of the rounds."""
        return self.size / 1e6 / statistics.median(self.cpu)

    @property
    def wall_speed(self) -> float:
        """Return MB of UTF-8 per second on the clock."""
        return self.size / 1e6 / statistics.median(self.wall)


def run_rounds(entries: Sequence[Entry], rounds: int) -> None:
    """Time all entries ``rounds`` times, in turn; a first round warms up and is not counted."""
    for number in range(rounds + 1):
        for entry in entries:
            gc.collect()
            wall, cpu = time.perf_counter(), time.process_time()
            entry.run(entry.texts)
            cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
            if number:
                entry.cpu.append(max(cpu, 1e-9))
                entry.wall.append(max(wall, 1e-9))


def ratio(ours: Entry, theirs: Entry) -> tuple[float, float, float]:
    """Return how many times as fast ours is: median, least and greatest of the rounds."""
    ratios = [(ours.size / own) / (theirs.size / other) for own, other in zip(ours.cpu, theirs.cpu, strict=True)]
    return statistics.median(ratios), min(ratios), max(ratios)


@dataclass(slots=True)
class Latency:
    """Times of single calls in microseconds."""

    name: str
    calls: int
    median: float
    p99: float
    cpu: float


def latency(name: str, function: Callable[[str], object], texts: Sequence[str], rounds: int) -> Latency:
    """Call the function on each text in turn; ``cpu`` is the mean processor time of a call."""
    for text in texts[:20]:
        function(text)
    times: list[int] = []
    gc.collect()
    begin = time.process_time()
    for _ in range(rounds):
        for text in texts:
            start = time.perf_counter_ns()
            function(text)
            times.append(time.perf_counter_ns() - start)
    cpu = (time.process_time() - begin) / len(times)
    times.sort()
    return Latency(name, len(times), statistics.median(times) / 1e3, times[len(times) * 99 // 100] / 1e3, cpu * 1e6)


@dataclass(slots=True)
class Start:
    """Times of whole processes in seconds."""

    name: str
    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    fault: str = ""


def start_ups(commands: Mapping[str, Sequence[str]], rounds: int) -> list[Start]:
    """Run each command ``rounds`` times, in turn; a first round warms the disk cache and is not counted."""
    found = {name: Start(name) for name in commands}
    for number in range(rounds + 1):
        for name, command in commands.items():
            wall, cpu = time.perf_counter(), _children()
            done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False)
            cpu, wall = _children() - cpu, time.perf_counter() - wall
            if done.returncode:
                found[name].fault = (done.stderr.decode(errors="replace").strip().splitlines() or ["failed"])[-1]
            elif number:
                found[name].wall.append(wall)
                found[name].cpu.append(cpu)
    return list(found.values())


def _children() -> float:
    times = os.times()
    return times.children_user + times.children_system
