"""`simulate()`: real threads one at a time, a virtual clock, a schedule that can be had again.

Owns: a simulated run from its first to its last event.

Rule: the same program with the same seed or schedule gives the same record, in every process.

How it works: as `record()`, on the simulated runtime. `Guard`, a thread outside the run, ends it where its
threads come to no point for a long time: one of them then waits for something that is not simulated, or loops
for ever.
"""

from __future__ import annotations

import signal
import threading
from _thread import allocate_lock, start_new_thread
from collections.abc import Mapping
from contextlib import ExitStack
from time import perf_counter
from typing import Any

from tracing.cpython.frames import getframe
from tracing.errors import SimulateError
from tracing.events import Kind
from tracing.recorder import Recorder
from tracing.running import Block, OneRun
from tracing.runtime.preemption import Watch
from tracing.runtime.raising import absorb, raise_in, whereabouts
from tracing.runtime.schedules import Replay, Schedule, SeededRandom, Strategy
from tracing.runtime.simulated import MAX_STEPS, TICK, Seat, Simulated
from tracing.surroundings import fresh, held_back, prepared
from tracing.trace import Trace


class SimulatedRun(OneRun):
    """The threads of one simulated run."""

    agent_type = Seat

    def __init__(self, recorder: Recorder, simulated: Simulated) -> None:
        super().__init__(recorder, simulated)
        self.simulated = simulated

    def elapsed(self) -> int:
        return self.simulated.clock

    def end(self, reason: str, detail: str = "") -> None:
        super().end(reason, detail)
        self.simulated.clock += 1  # what is done from now on is later than the ending, and not of the record


class Guard:
    """The thread that looks after simulated runs from outside; it does not show in threading.enumerate().

    timeout: seconds of real time that may pass without a point. `run` is the one that it looks after now.
    """

    INTERVAL = 0.05  # s between looks

    def __init__(self, run: SimulatedRun, timeout: float) -> None:
        self.run, self.timeout = run, timeout
        self.pushed = False  # the main thread was sent an exception
        self._seen: tuple[object, ...] = ()
        self._since = perf_counter()
        self._stop, self._done = allocate_lock(), allocate_lock()

    def start(self) -> None:
        """Begin to look; returns when the thread is there."""
        self._stop.acquire()
        self._done.acquire()
        start_new_thread(self._loop, ())
        self._done.acquire()

    def stop(self) -> None:
        """Look no more; returns when the thread has gone."""
        self._stop.release()
        self._done.acquire()

    def _loop(self) -> None:
        self._done.release()
        try:
            while not self._stop.acquire(True, self.INTERVAL):
                self._look()
        finally:
            self._done.release()

    def _look(self) -> None:
        run = self.run
        seen = (run, run.simulated.steps, run.simulated.clock, run.simulated.holder.number)
        if seen != self._seen:
            self._seen, self._since = seen, perf_counter()
        elif perf_counter() - self._since > self.timeout and not run.ended:
            self._end(run)

    def _end(self, run: SimulatedRun) -> None:
        holder = run.simulated.holder
        place = whereabouts(holder.thread)
        run.end("stuck", f"{place} came to no synchronisation point for {self.timeout:g} s")
        if holder is not run.simulated.main:
            run.simulated.wake_main()
        else:
            self.pushed = not _interrupt(holder.thread)
            if self.pushed:
                raise_in(holder.thread.ident)


def _interrupt(thread: threading.Thread) -> bool:
    """Interrupt a thread even where it waits in a call to the system: possible for the process's main one."""
    natural = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if thread is not threading.main_thread() or not natural or not hasattr(signal, "pthread_kill"):
        return False
    signal.pthread_kill(thread.ident or 0, signal.SIGINT)
    return True


class simulate(Block):
    """Simulate what the threads of a block do: `with simulate(seed=3) as run: ...`, then look at `run`.

    seed: of the schedule: at each synchronisation operation any thread that can may go on.
    schedule: instead of a seed, the choices that are not the default one, as `Schedule` writes them.
    strategy: instead of both, see `runtime.schedules`.
    title: stands above the timeline.
    max_steps: synchronisation operations after which the run is ended.
    timeout: seconds of real time without any, after which the run is ended: a thread then waits for something
    that is not simulated, or loops without end.
    tick: see `runtime.simulated`, in seconds.
    watch: what else is a point, see `runtime.preemption`.

    Threads run one at a time, on a virtual clock: a sleep takes no time. The block is the main thread. It
    waits at its end as that of `record()` does, and is ended where nobody can go on. Primitives made before
    the block work in it, as do `queue`, `ThreadPoolExecutor` and the clocks of `time`. What is printed
    appears when the block ends.

    Raises SimulateError where it is entered twice, or by a thread that is being recorded or simulated;
    ValueError for a schedule that is none.
    """

    error = SimulateError
    _namespaces: tuple[dict[str, Any], ...] = ()  # of the program, where it stands in no module

    def __init__(
        self,
        seed: int = 0,
        *,
        schedule: Schedule | Mapping[int, int] | str | None = None,
        strategy: Strategy | None = None,
        title: str | None = None,
        max_steps: int = MAX_STEPS,
        timeout: float = 5.0,
        tick: float = TICK / 1e9,
        watch: Watch | None = None,
    ) -> None:
        super().__init__()
        self._strategy, self._schedule = _strategy(seed, schedule, strategy)
        self._title, self._timeout = title or "", timeout
        self._max_steps, self._tick = max_steps, round(tick * 1e9)
        self._watch = watch
        self._around = ExitStack()

    def __enter__(self) -> Trace:
        self._check()
        with ExitStack() as around:
            around.enter_context(prepared(getframe(1).f_globals, *self._namespaces))
            around.enter_context(fresh())
            around.enter_context(held_back())
            if self._watch is not None:
                around.enter_context(self._watch)
            trace = self._start()
            self._around = around.pop_all()
        return trace

    def _start(self) -> Trace:
        simulated = Simulated(self._strategy, tick=self._tick, max_steps=self._max_steps)
        simulated.watch = self._watch
        recorder = Recorder(title=self._title, clock="virtual", now=simulated.now, times=simulated.times)
        recorder.schedule = self._schedule
        self._simulated, run = simulated, SimulatedRun(recorder, simulated)
        trace = self._begin(run)
        simulated.begin(self._main)
        self._guard = Guard(run, self._timeout)
        self._guard.start()
        self._main.enter()
        self._main.record(Kind.BEGAN)
        return trace

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> bool:
        over = super().__exit__(type(error) if error else None, error, None)
        if self._simulated.error is not None:
            raise self._simulated.error
        assert self._run.ending is not None
        return over or (isinstance(error, KeyboardInterrupt) and self._run.ending.reason == "stuck")

    def _left(self) -> None:
        if self._guard.pushed:
            absorb()

    def _stop(self) -> tuple[str, ...]:
        self._simulated.see_off()
        self._guard.stop()
        return self._simulated.close()

    def _restore(self) -> None:
        self._around.close()


class Called(simulate):
    """A simulated run of a function that the package calls: it says nothing of the line of that call.

    namespaces: where the function's names stand; the rest as for `simulate`.
    """

    def __init__(self, *namespaces: dict[str, Any], **settings: Any) -> None:
        super().__init__(**settings)
        self._namespaces = namespaces

    def _start(self) -> Trace:
        trace = super()._start()
        self._main.log.entries[1] = int(Kind.BEGAN)
        return trace

    def _last_event(self, error: BaseException | None) -> None:
        self._main.log.lines = error is not None
        super()._last_event(error)


def _strategy(
    seed: int, schedule: Schedule | Mapping[int, int] | str | None, strategy: Strategy | None
) -> tuple[Strategy, str]:
    """The strategy, and what the record says of it."""
    if strategy is None:
        strategy = SeededRandom(seed) if schedule is None else Replay(Schedule(schedule))
    if isinstance(strategy, Replay):
        return strategy, f"schedule {strategy.schedule}" if strategy.schedule else "default schedule"
    if isinstance(strategy, SeededRandom):
        return strategy, f"seed {strategy.seed}"
    return strategy, f"schedule of {type(strategy).__name__}"
