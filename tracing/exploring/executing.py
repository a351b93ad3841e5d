"""One run of the program under a strategy, without a record: what a search does thousands of times.

Owns: `Executor`, which runs the program again and again, and `Result`, how one run ended.

Rule: a run goes exactly as `simulate` would let it go with the same choices, so that any schedule found here
can be replayed there with a full record. Nothing is logged, named or timed.

How it works: the runtime is the simulated one; `LeanAgent` and `LeanLog` stand where the record would be
written and keep only what a search needs: what threads failed with, and which locks were touched, which are
given back.
"""

from __future__ import annotations

import gc
import io
import re
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from os import getpid
from typing import Any

from tracing.cpython.exceptions import entered_at_once
from tracing.errors import ExploreError
from tracing.events import Kind, Stand
from tracing.exploring.programs import Program, refuse_fork
from tracing.keeping import Owner
from tracing.patching.process import Fresh, prepared
from tracing.primitives.ended import free
from tracing.primitives.inner import in_words
from tracing.recorder import Identity, next_serial
from tracing.running import refuse_in_run, wait_for_threads
from tracing.runtime import Access, Agent, Unwind, Waitable
from tracing.runtime.preemption import EVERYTHING, WRITE, Watch
from tracing.runtime.raising import allow_wake_up, seal
from tracing.runtime.schedules import Schedule, Strategy
from tracing.runtime.simulated import Simulated, SimulatedAgent
from tracing.simulating import SimulatedRun, SimulationKeeper

END = -(2**31)  # what the main thread's last wait touches: nothing that others do
TIDY = 50  # runs
_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")
MAX_STEPS = 20_000  # points of one run: more than any small program needs


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """How one run ended.

    kind: "returned", "raised", "hung", "livelock" or "stuck"; text: the value's repr, the exception, or
    what is known of the standstill.
    """

    kind: str
    text: str
    schedule: Schedule


class LeanLog:
    """Stands where a thread's log would be."""

    entries: Any = ()  # what somebody adds to them is lost
    __slots__ = ("called", "daemon", "hides", "lines", "name", "number", "parent", "timer")

    def __init__(self, number: int, name: str, parent: int, daemon: bool, timer: int) -> None:
        self.number, self.name, self.parent = number, name, parent
        self.daemon, self.timer, self.lines = daemon, timer, False
        self.called, self.hides = None, ()

    def extend(self, entry: object) -> None:
        """Nothing is kept."""

    def retract(self, event: object) -> None:
        """Nothing is kept."""


class LeanRecorder:
    """Stands where the recorder would be."""

    def __init__(self) -> None:
        self.count = 0
        self.values: dict[int, int] = {}
        self.first = next_serial()  # primitives with higher numbers are made in this run

    def add_thread(self, name: str, *, parent: int = 0, daemon: bool = False, timer: int = 0) -> LeanLog:
        """A log for one more thread."""
        self.count += 1
        return LeanLog(self.count, name, parent, daemon, timer)

    def text(self, text: str) -> int:
        """Nothing is kept."""
        return 0


class LeanAgent(SimulatedAgent):
    """A thread's part in a run that is not recorded."""

    run: LeanRun

    def record(self, kind: Kind, identity: Identity | None = None, arg: int | str | None = None) -> None:
        """Nothing is kept."""

    def also(self, kind: Kind, obj: int) -> None:
        self.run.simulated.trail.append((self.number, (kind, obj, True)))

    def touch(self, keys: dict[Any, int]) -> None:
        touched = self.run.simulated.touched
        for key, how in keys.items():
            touched[key] = touched.get(key, 0) | how

    def fail(self, error: BaseException, words: str) -> None:
        self.run.failed[self.number] = self.log.name or f"thread {self.number}", words

    def record_at(
        self, time: int, kind: Kind, identity: Identity | None = None, arg: int | str | None = None
    ) -> None:
        """Nothing is kept."""

    def code(self, kind: Kind, identity: Identity | None = None) -> int:
        if identity is not None:
            self.run.locks[identity.serial] = identity
        return 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """A thread that had not ended when its run did, as an `Option`."""

    number: int
    next: Access
    needs: Waitable | None
    waiting: Waitable | None
    retakes: Waitable | None
    bounded: bool

    @classmethod
    def of(cls, agent: SimulatedAgent) -> Left:
        """As it is now, before it unwinds."""
        return cls(
            number=agent.number,
            next=agent.next,
            needs=agent.needs,
            waiting=agent.waiting,
            retakes=agent.retakes,
            bounded=agent.bounded,
        )


class LeanSimulated(Simulated):
    """The simulated runtime without stamps.

    touched: what the step that is being done has touched so far, by key, and whether it changed that; see
    `searching`. left: the threads that had not ended when the run did.
    """

    def __init__(self, strategy: Strategy, *, max_steps: int) -> None:
        super().__init__(strategy, max_steps=max_steps)
        self.touched: dict[Any, int] = {}
        self.left: tuple[Left, ...] = ()
        self.first = next_serial()  # primitives with higher numbers are made in this run

    def now(self) -> int:
        return 0

    def _note_turn(self, thread: int, time: int) -> None:
        """Nothing is kept."""

    def look_at_clock(self) -> int:
        self.touched[EVERYTHING] = WRITE
        return super().look_at_clock()

    def wait_until(self, agent: Agent, waitable: Waitable, seconds: float | None) -> bool:
        if seconds is None:
            return super().wait_until(agent, waitable, seconds)
        self.touched[EVERYTHING] = WRITE
        try:
            return super().wait_until(agent, waitable, seconds)
        finally:
            self.touched[EVERYTHING] = WRITE

    def note_end(self, *, done: bool) -> None:
        """The run has ended. done: by its main thread, whatever the others were about to do."""
        self.left = tuple(Left.of(agent) for agent in tuple(self.unfinished) if agent is not self.main)
        if done and self.left:
            self.touched[EVERYTHING] = WRITE


class LeanRun(SimulatedRun):
    """The threads of one run of a search."""

    agent_type = LeanAgent

    def __init__(self, simulated: LeanSimulated) -> None:
        recorder: Any = LeanRecorder()
        super().__init__(recorder, simulated)
        self.simulated: LeanSimulated = simulated
        self.failed: dict[int, tuple[str, str]] = {}  # by thread: what ended it
        self.locks: dict[int, Identity] = {}  # that were acquired

    def stands(self) -> tuple[Stand, ...]:
        """It is not told: a run that is shown is made again."""
        return ()

    def end(self, reason: str, detail: str = "") -> None:
        if self.ending is None:
            self.simulated.note_end(done=reason == "done")
        super().end(reason, detail)

    def give_back(self) -> None:
        """Unlock what is still held: a lock made outside the program must be free for the next run. Where
        threads were cut off, a semaphore has the permits again that it had when the run met it.
        """
        cut = bool(self.simulated.left) or (self.ending is not None and self.ending.reason != "done")
        for serial, identity in self.locks.items():
            free(identity.primitive(), self, permits=self.recorder.values.get(serial) if cut else None)

    def part(self) -> None:
        """Cut the ties between the threads and the run that is over: cycles would wait for the collector."""
        main: Any = self.simulated.main
        for agent in self.agents:
            agent.needs = None
        del main.run, main.runtime, main.now, main.simulated
        self.agents, self.simulated.unfinished, self.simulated.enabled = [], [], []
        self.unfinished.clear()


class SearchKeeper(SimulationKeeper):
    """The keeper of a whole search."""

    def __init__(self, program: Program, main: threading.Thread, watch: Watch | None, timeout: float) -> None:
        super().__init__(timeout)
        self._program, self._thread, self._watch = program, main, watch
        self.fresh = Fresh()
        self.leaked: tuple[str, ...] = ()

    def set_up(self, around: ExitStack) -> None:
        thread, wanted = self._thread.native_id or 0, lambda: not self.left
        around.enter_context(prepared(*self._program.namespaces, thread=thread, wanted=wanted))
        around.enter_context(_silent())
        around.enter_context(self.fresh)
        if self._watch is not None:
            around.enter_context(self._watch)

    def finish(self) -> None:
        if self.run is not None:  # it was cut short
            self.end(self.run)

    def end(self, run: LeanRun) -> None:
        """The run is over: its threads come to their end, its locks are free."""
        self.leaked = self.see_off(run)
        run.give_back()


class Executor(Owner):
    """Runs a program under one strategy after another. A context manager around a whole search."""

    def __init__(
        self,
        program: Program,
        *,
        watch: Watch | None = None,
        max_steps: int = MAX_STEPS,
        timeout: float = 5.0,
    ) -> None:
        super().__init__()
        self.watch, self._runs, self._process = watch, 0, getpid()
        self.program, self.max_steps, self.timeout = program, max_steps, timeout
        self.keeper: SearchKeeper

    @property
    def leaked(self) -> tuple[str, ...]:
        """Threads of the last run that did not come to their end."""
        return self.keeper.leaked

    def __enter__(self) -> Executor:
        refuse_in_run("explore", ExploreError, "call it outside of the block")
        try:
            keeper = SearchKeeper(self.program, threading.current_thread(), self.watch, self.timeout)
            self._keeper = self.keeper = keeper
            keeper.start()
            self._wakes = allow_wake_up()
            return self
        except BaseException:
            self._let_go()
            raise

    @entered_at_once
    def __exit__(self, *exc_info: object) -> None:
        self._let_go()
        if self.keeper.error is not None:
            raise self.keeper.error

    def run(self, strategy: Strategy, number: int = 0) -> Result:
        """One run. Raises what the strategy raised, and KeyboardInterrupt."""
        self._tidy()
        simulated = LeanSimulated(strategy, max_steps=self.max_steps)
        simulated.watch = self.watch
        run = LeanRun(simulated)
        main: Any = run.adopt(threading.current_thread(), None)
        simulated.begin(main, number)
        main.wakes = self._wakes
        self._main, self.keeper.run = main, run
        told = self._perform(run, main)
        if simulated.error is not None:
            raise simulated.error
        return Result(kind=told[0], text=told[1], schedule=simulated.schedule)

    def _tidy(self) -> None:
        """The collector is off: what the last runs left behind is collected between runs."""
        self.keeper.fresh.renew()
        self._runs += 1
        if self._runs % TIDY == 0:
            gc.collect(0)

    def _perform(self, run: LeanRun, main: LeanAgent) -> tuple[str, str]:
        value, error = None, None
        main.enter()
        try:
            main.reachable = True
            value, error = _outcome_of(self.program.call)
            refuse_fork(self.program, self._process)
            wait_for_threads(run, main, partial(_announce_end, main))
        except Unwind:
            pass
        seal(main)
        main.leave()
        run.end("done")
        self.keeper.end(run)
        self.keeper.run = self._main = None
        if not self.keeper.leaked:  # else they are still there
            run.part()
        return _told(run, value, error)


def _outcome_of(call: Callable[[], object]) -> tuple[object, Exception | None]:
    try:
        return call(), None
    except Exception as error:
        return None, error


def _announce_end(main: Agent) -> None:
    """What the main thread is about to do: it waits for all others."""
    main.next, main.needs = (Kind.ENDED, END, False), None


HANGS = {"hung": "hung", "steps": "livelock", "stuck": "stuck"}


def _told(run: LeanRun, value: object, error: Exception | None) -> tuple[str, str]:
    """What is to be said of the run: kind and text."""
    assert run.ending is not None
    if run.ending.reason in HANGS:
        return HANGS[run.ending.reason], run.ending.detail
    if error is not None:
        return "raised", _lasting(in_words(error))
    if run.failed:
        # Not the first in time: that is no business of threads that touch nothing in common.
        name, words = run.failed[min(run.failed)]
        return "raised", _lasting(f"{words} (in {name})")
    return "returned", _lasting(repr(value))


def _lasting(text: str) -> str:
    """Without addresses, which are others in each run."""
    return _ADDRESS.sub("", text)


@contextmanager
def _silent() -> Iterator[None]:
    """What thousands of runs print is shown to nobody."""
    out, err = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = _Nowhere(), _Nowhere()
    try:
        yield
    finally:
        sys.stdout, sys.stderr = out, err


class _Nowhere(io.TextIOBase):
    def write(self, text: str) -> int:
        return len(text)
