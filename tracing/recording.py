"""`record()`: real threads, real clock, the operating system schedules.

Owns: when a recorded run is ended, and how its threads are freed.

Rule: a program that can go on is left alone; one that cannot never hangs the caller.

How it works: `Watch`, a thread outside the run, looks at the run's threads from time to time. When each of
them waits without a deadline, has not moved between looks, and the record confirms that nobody can let it go,
or when time is up, the run is ended: nothing is recorded any more, and each thread is made to raise `Unwind`,
by opening what it waits for or, where it is running, by an asynchronous exception.
"""

from __future__ import annotations

import threading
from _thread import allocate_lock, start_new_thread
from os import getpid
from time import perf_counter, perf_counter_ns
from types import FrameType
from typing import Any

from tracing.cpython.executors import is_worker_at_work
from tracing.cpython.frames import frames_now, getframe
from tracing.errors import RecordError
from tracing.events import Kind
from tracing.model import Model, fold
from tracing.patching import PATCHES, RECORDED, program_names
from tracing.recorder import Recorder, user_frame
from tracing.running import Block, OneRun
from tracing.runtime import Agent
from tracing.runtime.raising import absorb, raise_in, whereabouts
from tracing.runtime.system import System
from tracing.trace import Trace


class RecordedRun(OneRun):
    """The threads of one `record()` block and how it stands with them."""

    def __init__(self, recorder: Recorder, runtime: System) -> None:
        super().__init__(recorder, runtime)
        self._before = frozenset(frames_now())

    def elapsed(self) -> int:
        return perf_counter_ns() - self.recorder.began

    def has_strangers(self) -> bool:
        """Whether threads of the program that are not of the run were started since it began.

        They might let a waiting thread go. Service threads, of a kernel for example, do not count: none of
        the program's code is on their stack. A plain `threading.Timer` has none yet either, and counts, as
        does an executor's worker that has work.
        """
        still = {agent.thread.ident for run in RUNS.copy() for agent in run.alive() if agent.stuck}
        known = self._before | still  # threads of another run may be as stuck as those of this one
        timers = {each.ident for each in threading.enumerate() if isinstance(each, threading.Timer)}
        strangers = {ident: frame for ident, frame in frames_now().items() if ident not in known}
        return any(
            ident in timers or user_frame(frame) or is_worker_at_work(frame)
            for ident, frame in strangers.items()
        )


RUNS: set[RecordedRun] = set()  # that last, in whichever threads


class Watch:
    """The thread that looks after a run; it does not belong to it, and does not show in
    threading.enumerate().

    timeout: seconds after which the run is ended; None: never. max_events: recording stops there.
    """

    REST = 0.1  # s between looks while somebody can go on: each look takes time from the program
    INTERVAL = 0.025  # s between looks while all wait
    UNSEEN = 1.0  # s without a move, where the record does not say who holds what is waited for
    HASTE = 0.005  # s between looks at the threads of an ended run
    PATIENCE = 0.125  # s that a running thread of an ended run has before it gets an asynchronous exception
    LIMIT = 2.0  # s that unwinding may take, and
    CHANCES = 200  # looks: where the whole machine stood still, the seconds say nothing

    def __init__(self, run: RecordedRun, *, timeout: float | None, max_events: int) -> None:
        self.run, self.timeout, self.max_events = run, timeout, max_events
        self.main_left = False  # the main thread has come to the end of the block
        self.leaked: tuple[str, ...] = ()
        self._began = perf_counter()
        self._left_at = float("inf")
        self._chances = 0  # looks at what still unwinds, since then
        self._previous: tuple[tuple[int, int], ...] | None = None
        self._looks = 0
        self._running: dict[int, float] = {}  # thread: since when, or when it was sent the last exception
        self._process = getpid()
        self._pushed: set[int] = set()  # idents of threads that were sent an asynchronous exception
        self._stop, self._done = allocate_lock(), allocate_lock()
        self._stop.acquire()
        self._done.acquire()

    def start(self) -> None:
        """Begin to look; returns when the thread is there."""
        start_new_thread(self._loop, ())
        self._done.acquire()

    def finish(self) -> None:
        """By the main thread at the end of an ended run: wait until its threads are unwound, within LIMIT.

        A process that was forked inside the block has neither this thread nor those.
        """
        if getpid() != self._process:
            return
        self._left_at = perf_counter()
        self.main_left = True
        self._stop.release()
        self._done.acquire()

    def _loop(self) -> None:
        self._done.release()
        try:
            while not self._over():
                self._stop.acquire(True, self._pause())
                self._look()
        finally:
            self.leaked = tuple(whereabouts(agent.thread) for agent in self._others())
            self._done.release()

    def _pause(self) -> float:
        """Seconds until the next look."""
        if self.run.ended:
            return self.HASTE
        pause = self.REST if self._previous is None else self.INTERVAL
        return max(0.0, min(pause, self._left()))

    def _left(self) -> float:
        """Seconds until time is up."""
        return float("inf") if self.timeout is None else self.timeout - (perf_counter() - self._began)

    def _over(self) -> bool:
        late = perf_counter() - self._left_at > self.LIMIT and self._chances >= self.CHANCES
        return self.main_left and (late or not self._others())

    def _others(self) -> list[Agent]:
        return [agent for agent in self.run.alive() if agent is not self.run.agents[0]]

    def _look(self) -> None:
        if self.run.ended:
            self._unwind()
        elif self._left() <= 0:
            self.run.end("timeout")
        elif self._hung():
            self.run.end("hung")
        else:
            self._limit()

    def _limit(self) -> None:
        recorder = self.run.recorder
        if recorder.compact() > self.max_events and recorder.full is None:
            recorder.notes.append(f"the record was full after {self.max_events:,} events")
            recorder.stop(self.run.elapsed())

    # Is anybody able to go on?

    def _hung(self) -> bool:
        waits = self._waits()
        self._looks = self._looks + 1 if waits is not None and waits == self._previous else 0
        self._previous = waits
        return self._looks >= 2 and not self.run.has_strangers() and self._confirmed()

    def _waits(self) -> tuple[tuple[int, int], ...] | None:
        """Which wait each thread is in; None where one is not waiting, or can go on, or has a deadline."""
        alive = self.run.alive()
        if not all(agent.stuck for agent in alive):
            return None
        return tuple((agent.number, agent.waits) for agent in alive)

    def _confirmed(self) -> bool:
        """A thread may have got its lock and not have said so yet: believe it where the record knows the
        holder.
        """
        return self._looks * self.INTERVAL >= self.UNSEEN or _holders_known(fold(self.run.log()))

    # Unwinding

    def _unwind(self) -> None:
        self._chances += self.main_left
        for agent in self.run.alive():
            waits = agent.let_go()
            if not waits and not (agent is self.run.agents[0] and self.main_left):
                self._push(agent)

    def _push(self, agent: Agent) -> None:
        """A thread that runs gets some time to come to an operation by itself."""
        now = perf_counter()
        if now - self._running.setdefault(agent.number, now) >= self.PATIENCE and agent.thread.ident:
            self._running[agent.number] = now
            self._pushed.add(agent.thread.ident)
            raise_in(agent.thread.ident)

    def call_off(self) -> None:
        """By the main thread at the end of the block: an exception that was sent to it and is still to come,
        comes now.
        """
        if threading.get_ident() in self._pushed:
            absorb()


def _holders_known(model: Model) -> bool:
    """Whether each lock that is waited for at the end is held by a thread of the record."""
    open_waits = [wait for wait in model.waits if wait.outcome.value == "open" and wait.obj]
    holds = [model.objects[wait.obj - 1].holds for wait in open_waits]
    return all(hold[-1].open for hold in holds if hold)


def _names_of(caller: FrameType) -> dict[str, Any]:
    """The program's globals, also where `contextlib` enters the block. A notebook has them in no file."""
    return (user_frame(caller) or caller).f_globals


def _check_settings(title: object, timeout: object, patience: object, max_events: object) -> None:
    """Raise RecordError for what no run can be recorded with."""
    if not (title is None or isinstance(title, str)):
        raise RecordError(f"record(title={title!r}): give a text, or None.")
    if not (timeout is None or isinstance(timeout, int | float) and timeout >= 0):
        raise RecordError(f"record(timeout={timeout!r}): give seconds, from 0 on, or None for no limit.")
    for name, number in (("patience", patience), ("max_events", max_events)):
        if not (isinstance(number, int) and number >= 0):
            raise RecordError(f"record({name}={number!r}): give a whole number, from 0 on.")


class record(Block):
    """Record what the threads of a block do: `with record() as run: ...`, then look at `run`.

    title: stands above the timeline.
    timeout: seconds after which the run is ended where it has not ended by itself; None: never.
    lines: record the source line of each event (it costs about a third of an uncontended `with lock`).
    patience: how often a thread that finds a lock taken naps for 50 µs and tries again before it parks. 0
    shows the program's waits as they are; 1 is faster where many threads crowd at one lock, and hides some of
    their waits. See `runtime.system`.
    max_events: about so many are kept; what comes later is not, and the record says so. They are counted
    every 0.1 s, so what the threads do within 0.1 s may be kept on top.

    The thread that enters the block is the run's main thread; a traced Thread belongs to the run of the
    thread that starts it. At its end the block waits for all threads that are not daemons; then daemons are
    cut off. When nobody can go on, or time is up, the run is ended: blocked threads unwind, the block ends
    normally, and `run.findings` says what hung. Threads that ran before the block began do not count: they
    may never let anybody go. A process that is forked in the block leaves it without waiting.

    `time.sleep` is recorded by whatever name the program's modules have it (`from time import sleep`), but
    not where the program kept it elsewhere before the block: as a default argument, a class attribute, in a
    list.

    Raises RecordError for settings of the wrong kind, where it is entered twice, or by a thread that is being
    recorded, and where another thread than the one that entered it leaves it. Different threads may record at
    the same time, each its own run.
    """

    def __init__(
        self,
        title: str | None = None,
        timeout: float | None = None,
        *,
        lines: bool = True,
        patience: int = 0,
        max_events: int = 10_000_000,
    ) -> None:
        super().__init__()
        _check_settings(title, timeout, patience, max_events)
        self._settings = dict(title=title or "", lines=lines)
        self._timeout, self._patience, self._max_events = timeout, patience, max_events

    error = RecordError

    def __enter__(self) -> Trace:
        self._check()
        recorder = Recorder(**self._settings)  # type: ignore[arg-type]
        run = RecordedRun(recorder, System(self._patience))
        trace = self._begin(run)
        RUNS.add(run)
        self._patched = PATCHES.install(RECORDED, program_names(_names_of(getframe(1))))
        self._watch = Watch(run, timeout=self._timeout, max_events=self._max_events)
        self._watch.start()
        recorder.began = perf_counter_ns()  # what was done until now is ours
        self._main.enter()
        self._main.record(Kind.BEGAN)
        return trace

    def _left(self) -> None:
        self._watch.main_left = True
        self._watch.call_off()

    def _stop(self) -> tuple[str, ...]:
        self._watch.finish()
        return self._watch.leaked

    def _restore(self) -> None:
        assert isinstance(self._run, RecordedRun)
        RUNS.discard(self._run)
        PATCHES.remove(self._patched)
        self._see_off()

    def _see_off(self) -> None:
        """Threads that have ended may still be on their way out of threading.enumerate()."""
        for agent in self._run.agents:
            if agent.finished and agent is not self._main and threading.Thread.is_alive(agent.thread):
                threading.Thread.join(agent.thread, Watch.LIMIT)
