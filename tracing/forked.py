"""A process that is forked in a block of `record()` or `simulate()`: it is one like any other, and it ends.

Owns: `Forks`, what such processes have to tell their run; and how a process ends that hangs (`Flusher`).

Rule: nothing of the run goes on in it: no record, no replaced name. It is only watched. It is ended where all
its threads wait for ever, in primitives of ours, and one of them for a lock: the classic fork, of a process
in which another thread has just taken it. In doubt it is left alone: who waits for anything but a lock, as
for an event, may be waiting for a signal, or to be killed.

How it works: a thread that `threading` knows nothing of looks at the frames of all others. Where `UNSEEN`
seconds of looks have found them at the very same instructions, it says so on the standard error stream, and
to the run, by a pipe that was opened before the fork; then it ends the process, with the exit code `HUNG`.
Who held what is known from the record of the run, which came into the new process with the rest of memory.
"""

from __future__ import annotations

import json
import os
import sys
from _thread import allocate_lock, get_ident, start_new_thread
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict
from time import sleep as _pause  # bound early: the name in `time` is replaced while a run lasts
from types import FrameType
from typing import Any

from tracing.cpython.forking import mute_warning_of_own_threads
from tracing.cpython.frames import frames_now, getframe
from tracing.cpython.locks import LockOfCondition
from tracing.cpython.threads import thread_of
from tracing.diagnosis import Finding
from tracing.diagnosis.forks import Stuck, forked_hang
from tracing.events import Ending, Site
from tracing.keeping import KEEPERS
from tracing.model import fold
from tracing.naming import site_of
from tracing.recorder import snapshot, user_frame
from tracing.runtime import Agent, here
from tracing.runtime.handlers import may_be_interrupted
from tracing.runtime.raising import take_no_signals
from tracing.runtime.strangers import Others, Position

HUNG = 70  # the exit code of a process that found itself hung: EX_SOFTWARE, where systems have names for them
MOST = 4000  # bytes that a pipe takes in one piece, or not at all
_exit = os._exit  # bound early: the name in `os` may be replaced


class Forks:
    """The way to a run from the processes that its threads fork: a pipe, once there is one."""

    def __init__(self) -> None:
        self._ends: tuple[int, int] | None = None  # to read, to write
        self._pipe: tuple[int, int] = (0, 0)  # which it is: a program that closes what it finds open may
        # have had others under those numbers since

    def open(self) -> None:
        """By a thread that is about to fork."""
        if self._ends is None:
            with suppress(OSError):  # no descriptor is left: nothing is told
                ends = os.pipe()
                self._pipe = _which(ends[0])
                for end in ends:
                    os.set_blocking(end, False)
                self._ends = ends

    def _end(self, number: int) -> int | None:
        """The end to read, 0, or to write, 1, if it is there."""
        with suppress(OSError):
            if self._ends is not None and _which(self._ends[number]) == self._pipe:
                return self._ends[number]
        return None

    def tell(self, finding: Finding) -> None:
        """By a forked process."""
        said, end = json.dumps(asdict(finding)).encode() + b"\n", self._end(1)
        if end is not None and len(said) <= MOST:
            with suppress(OSError):
                os.write(end, said)

    def told(self) -> tuple[Finding, ...]:
        """What they have told; by the run, at its end. No more is heard."""
        end, said = self._end(0), b""
        with suppress(OSError):  # there is no more
            while end is not None and (part := os.read(end, MOST)):
                said += part
        for number in (0, 1):
            if (end := self._end(number)) is not None:
                os.close(end)
        self._ends = None
        return tuple(map(_finding, said.splitlines()))


def _which(descriptor: int) -> tuple[int, int]:
    state = os.fstat(descriptor)
    return state.st_dev, state.st_ino


def _finding(line: bytes) -> Finding:
    fields = json.loads(line)
    told: dict[str, Any] = {
        name: tuple(each) if isinstance(each, list) else each for name, each in fields.items()
    }
    return Finding(**told)


class Flusher:
    """A thread that flushes the standard streams when it is told to.

    It is a thread of its own, for one of those that hang may be in the middle of printing: who tells it waits
    for PATIENCE and no longer.
    """

    PATIENCE = 0.2  # s for what the program has printed and not flushed

    def __init__(self) -> None:
        self._wanted, self._flushed = allocate_lock(), allocate_lock()
        self._wanted.acquire()
        self._flushed.acquire()

    def start(self) -> int:
        """Be ready to be told; the number of the thread. Raises RuntimeError where there can be no more."""
        return start_new_thread(self._live, ())

    def flush(self) -> None:
        """Once."""
        self._wanted.release()
        self._flushed.acquire(timeout=self.PATIENCE)

    def _live(self) -> None:
        take_no_signals()
        self._wanted.acquire()
        for stream in (sys.stdout, sys.stderr):
            with suppress(Exception):
                stream.flush()
        self._flushed.release()


class Watch:
    """The thread that looks, in a forked process, whether anybody can go on.

    agent: of the thread that forked it, in the run; line: where.
    """

    REST = 0.1  # s between looks
    UNSEEN = 1.0  # s of looks without a move: as for a recorded run that does not know who holds what

    def __init__(self, agent: Agent, line: Site) -> None:
        self.agent, self.line, self.main = agent, line, get_ident()

    def start(self) -> None:
        """Look from now on."""
        self._others = Others(all_threads=True)
        with suppress(RuntimeError):  # the system has no more threads
            start_new_thread(self._live, ())

    def _live(self) -> None:
        take_no_signals()
        last, looks = None, 0
        while looks * self.REST < self.UNSEEN:
            _pause(self.REST)
            now = self._stuck()
            looks = looks + 1 if now is not None and now == last else 0
            last = now
        self._tell()
        with suppress(RuntimeError):  # the system has no more threads
            flusher = Flusher()
            flusher.start()
            flusher.flush()
        _exit(HUNG)

    def _stuck(self) -> tuple[Position, ...] | None:
        """Where all its threads wait for ever, one of them for a lock; None where somebody may go on."""
        own, frames = get_ident(), frames_now()
        if not any(map(lock_at, frames.values())) or may_be_interrupted(frames.get(self.main)):
            return None
        return self._others.stuck({own}, older=False)

    def _tell(self) -> None:
        with suppress(Exception):  # it is ended in any case
            finding = self._finding()
            os.write(2, f"{finding.sentence} The process was ended, with exit code {HUNG}.\n".encode())
            self.agent.run.forks.tell(finding)  # type: ignore[attr-defined]

    def _finding(self) -> Finding:
        run: Any = self.agent.run
        log = snapshot(run.recorder, Ending(reason="running", time=run.elapsed()))
        numbers = {identity.serial: n for n, identity in enumerate(run.recorder.numbered, 1)}
        stuck = tuple(self._waits(numbers))
        return forked_hang(log, fold(log), thread=self.agent.number, fork=self.line, stuck=stuck)

    def _waits(self, numbers: dict[int, int]) -> Iterator[Stuck]:
        for ident, frame in frames_now().items():
            if (lock := lock_at(frame)) is not None:
                thread, serial = thread_of(ident), getattr(lock, "_tracing_identity", None)
                yield Stuck(
                    thread="a thread" if thread is None else thread.name,
                    obj=0 if serial is None else numbers.get(serial.serial, 0),
                    place=_line(frame),
                )


def lock_at(frame: FrameType) -> LockOfCondition | None:
    """The lock of ours in whose own method a thread stands, by its innermost frame."""
    lock = frame.f_locals.get("self") if frame.f_globals.get("__name__", "").startswith(_LOCKS) else None
    return lock if isinstance(lock, LockOfCondition) else None


_LOCKS = ("tracing.primitives.lock", "tracing.primitives.rlock", "tracing.primitives.mutex")


def _line(frame: FrameType | None) -> Site | None:
    frame = user_frame(frame)
    return site_of(frame.f_code, frame.f_lasti) if frame else None


class _Fork:
    """What is done around `os.fork`: before all that `keeping` does, and after it."""

    def __init__(self) -> None:
        self._by: dict[int, tuple[Agent, Site]] = {}  # by thread that forks
        self._watched: Agent | None = None  # in a forked process: who forked it

    def before(self) -> None:
        """In the thread that forks."""
        agent = here.agent or self._watched
        if KEEPERS or agent is not None:
            mute_warning_of_own_threads()
        forks: Forks | None = None if agent is None else getattr(agent.run, "forks", None)
        if agent is not None and forks is not None:
            forks.open()
            self._by[get_ident()] = agent, _line(getframe(1)) or Site(file="", line=0)

    def in_parent(self) -> None:
        """As if nothing had been."""
        self._by.pop(get_ident(), None)

    def in_child(self) -> None:
        """The forking thread is the only one there is."""
        found = self._by.pop(get_ident(), None)
        self._by.clear()
        if found is not None:
            self._watched = found[0]
            Watch(*found).start()


if hasattr(os, "register_at_fork"):
    _fork = _Fork()
    os.register_at_fork(before=_fork.before, after_in_parent=_fork.in_parent, after_in_child=_fork.in_child)
