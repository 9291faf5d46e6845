"""The processes of a run. Each has a pipe of its own: when one dies it is known which, and what it was doing.

(A pool of ``concurrent.futures`` breaks as a whole when one of its processes is killed, and names no task.)
"""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Final

from cleaner.batch.job import Job
from cleaner.batch.ledger import PartEntry
from cleaner.batch.outcome import Done
from cleaner.batch.work import Part, Worker
from cleaner.errors import CleanerError

Task = Sequence[Part]
Message = list[Done]

_TRIES: Final = 2  # a part on which two processes died has earned it
_STOP: Final = 3.0  # seconds that a process gets to end by itself


def serial(job: Job, folder: Path, tasks: Iterator[Task]) -> Generator[Message, None, None]:
    """Do all tasks in this process and yield what comes of them."""
    worker: Worker | None = None
    for task in tasks:
        worker = worker or Worker(job, folder)
        yield from worker.run(task)


def parallel(job: Job, folder: Path, tasks: Iterator[Task], count: int) -> Generator[Message, None, None]:
    """Do the tasks in ``count`` processes and yield what comes of them, in the order in which it is ready.

    A process that dies is replaced, and what it was doing is tried once more. All processes are gone when the
    iterator is closed; they also end when this process is killed, as their pipes close.
    """
    slots: list[_Slot] = []
    try:
        while True:
            # No more processes than there is work for.
            for number in range(count):
                idle = number >= len(slots) or not slots[number].busy
                if not idle:
                    continue
                if (task := next(tasks, None)) is None:
                    break
                if number == len(slots):
                    slots.append(_Slot(job, folder))
                slots[number].give(task)
            busy = {slot.pipe: slot for slot in slots if slot.busy}
            if not busy:
                return
            for pipe in wait(list(busy)):
                message = busy[pipe].take()  # type: ignore[index]
                if message:
                    yield message
    finally:
        for slot in slots:
            slot.stop()


class _Slot:
    """A process and what it was given to do."""

    def __init__(self, job: Job, folder: Path) -> None:
        self._job = job
        self._folder = folder
        self._left: list[Part] = []
        self._tries = 0
        self.busy = False
        self._start()

    def give(self, task: Task) -> None:
        """Give the process something to do."""
        self._left = list(task)
        self._tries = 1
        self.busy = True
        self._send()

    def take(self) -> Message:
        """Return what is ready. Nothing: the task is done, or its process died and it is tried again."""
        try:
            message: Message | CleanerError | None = self.pipe.recv()
        except (EOFError, OSError):
            return self._died()
        if isinstance(message, CleanerError):
            raise message
        if message is None:
            self.busy = False
            return []
        self._tries = 1
        for done in message:
            self._advance(done)
        return message

    def stop(self) -> None:
        """End the process, at once if it is at work."""
        with suppress(OSError):
            self.pipe.close()
        if self.busy:
            self._process.terminate()
        self._process.join(_STOP)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")  # the same everywhere, and safe with threads
        self.pipe, theirs = context.Pipe()
        self._process: SpawnProcess = context.Process(
            target=_serve, args=(theirs, self._job, self._folder), daemon=True, name="cleaner worker"
        )
        with _uninterrupted():
            self._process.start()
        theirs.close()

    def _send(self) -> None:
        with suppress(OSError):  # it is dead; the next take() finds out
            self.pipe.send(self._left)

    def _advance(self, done: Done) -> None:
        """Note that a part is done; what follows it in a file of unknown length is still to do."""
        part = self._left[0]
        if done.more:
            self._left[0] = Part(part.output, part.source, part.stamp, done.entry.number + 1, done.entry.follows)
        else:
            del self._left[0]

    def _died(self) -> Message:
        self._process.join(_STOP)
        code = self._process.exitcode
        self.pipe.close()
        self._start()
        self._tries += 1
        message: Message = []
        if self._tries > _TRIES and self._left:
            message.append(_lost(self._left.pop(0), code))
            self._tries = 1
        if self._left:
            self._send()
        else:
            self.busy = False
        return message


def _lost(part: Part, code: int | None) -> Done:
    entry = PartEntry(part.number, part.unit, True, part.unit, 0, "", "")
    reason = f"{part.source.name}: two worker processes died on it (exit code {code}); it was left out"
    return Done(part.output, entry, error=reason, code=CleanerError.exit_code)


def _serve(pipe: Connection, job: Job, folder: Path) -> None:
    """Be a worker: do what comes through the pipe until it closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides when to end
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    with suppress(EOFError, BrokenPipeError, ConnectionResetError):  # the parent is gone, or wants no more
        try:
            worker = Worker(job, folder)
            while True:
                for message in worker.run(pipe.recv()):
                    pipe.send(message)
                pipe.send(None)
        except CleanerError as error:
            pipe.send(error)
        except EOFError:
            raise
        except Exception as error:
            pipe.send(CleanerError(f"internal error in a worker: {type(error).__name__}: {error}; please report it"))


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Let a process start that does not hear Ctrl-C, not even before its first line of Python."""
    try:
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    except ValueError:  # not the main thread, which alone may
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
