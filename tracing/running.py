"""What `record()` and `simulate()` have in common: a block of the program, run from its first event to its
last.

Owns: which threads belong to a run, how it ends, and that nothing is left behind.

Rule: the block is the program. At its end it waits for the threads that it started, as an interpreter does,
and daemons are cut off. A run that cannot go on is ended: it never hangs the caller.
"""

from __future__ import annotations

import threading
from _thread import allocate_lock
from abc import ABC, abstractmethod
from dataclasses import replace
from types import TracebackType

from tracing.errors import TracingError
from tracing.events import KIND_BITS, OBJECT_SHIFT, Ending, EventLog, Kind
from tracing.primitives.barrier import Barrier
from tracing.primitives.condition import Condition
from tracing.primitives.event import Event
from tracing.primitives.inner import forget_waiters, in_words
from tracing.primitives.life import EndOf, alive
from tracing.primitives.lock import Lock
from tracing.primitives.rlock import RLock
from tracing.primitives.semaphore import Semaphore
from tracing.primitives.thread import label
from tracing.recorder import Recorder
from tracing.runtime import Agent, Runtime, Unwind, here
from tracing.trace import Trace


class OneRun(ABC):
    """The threads of one block and how it stands with them."""

    agent_type: type[Agent] = Agent

    def __init__(self, recorder: Recorder, runtime: Runtime) -> None:
        self.recorder, self.runtime = recorder, runtime
        self.agents: list[Agent] = []
        self.ended = False
        self.ending: Ending | None = None
        self._lock = allocate_lock()

    @abstractmethod
    def elapsed(self) -> int:
        """ns since the run began."""

    def adopt(self, thread: threading.Thread, parent: Agent | None) -> Agent:
        """An agent for a thread that `parent` is about to start; for the main thread where that is None."""
        timer = getattr(vars(thread).get("_tracing_identity"), "serial", 0)
        log = self.recorder.add_thread(
            label(thread),
            parent=parent.number if parent else 0,
            daemon=bool(parent) and thread.daemon,
            timer=timer,
        )
        agent = self.agent_type(self, log, thread)
        self.agents.append(agent)
        return agent

    def alive(self) -> list[Agent]:
        """The agents whose threads have not ended, the main one included while its block lasts."""
        return [agent for agent in tuple(self.agents) if not agent.finished]

    def end(self, reason: str, detail: str = "") -> None:
        """Nothing is recorded from now on, every thread of the run unwinds. The first reason counts."""
        with self._lock:
            if self.ending is None:
                self.ending = Ending(reason=reason, time=self.elapsed(), detail=detail)
                self.ended = True

    def log(self) -> EventLog:
        """What is recorded so far."""
        return self.recorder.snapshot(self.ending or Ending(reason="running", time=self.elapsed()))


class Block(ABC):
    """A `with` block whose threads are one run. The thread that enters it is the run's main thread."""

    error: type[TracingError]  # what is raised where it cannot begin

    def __init__(self) -> None:
        self._used = False

    def _begin(self, run: OneRun) -> Trace:
        """By `__enter__`, when everything else stands: the first event."""
        self._run = run
        self._trace = Trace(run.log)
        self._main = run.adopt(threading.current_thread(), None)
        return self._trace

    def _check(self) -> None:
        name = type(self).__name__
        if self._used:
            raise self.error(
                f"this {name}() was used before: write a new `with {name}() as run:` for each run."
            )
        if here.agent is not None:
            doing = "recorded" if here.agent.runtime.direct else "simulated"
            raise self.error(
                f"{name}() inside a thread that is being {doing} ({threading.current_thread().name}): "
                "one run at a time in a thread; end the outer block first."
            )
        self._used = True

    def _check_open(self) -> None:
        """A thread knows for itself that it belongs to the run: no other can leave it in its place."""
        name = f"{type(self).__name__}()"
        if not self._used:
            raise self.error(f"{name} is left before it was entered: write `with {name} as run:`.")
        if self._main.finished:
            raise self.error(f"this {name} was left before: `with {name} as run:` leaves it by itself.")
        if here.agent is not self._main:
            owner, caller = self._main.thread.name, threading.current_thread().name
            raise self.error(f"this {name} was entered by {owner}: leave it there, not in {caller}.")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> bool:
        self._check_open()
        reason = "interrupted"
        try:
            self._left()
            self._last_event(error)
            if error is None or isinstance(error, Exception | SystemExit) and not _unwound(error):
                self._wait_for_threads()
                reason = "done"
        except Unwind:
            pass
        finally:
            self._close(reason)
        return _unwound(error)

    def _last_event(self, error: BaseException | None) -> None:
        if error is None or isinstance(error, SystemExit) and not _unwound(error):
            self._main.record(Kind.ENDED)
        elif not _unwound(error):
            self._main.fail(error, in_words(error))

    def _wait_for_threads(self) -> None:
        """As an interpreter at its end: for all that are not daemons, those included that are started
        meanwhile.
        """
        while waited_for := tuple(
            a.thread
            for a in self._run.alive()
            if a is not self._main and not a.thread.daemon and alive(a.thread)
        ):
            self._main.wait_until(EndOf(waited_for), None)

    def _close(self, reason: str) -> None:
        run = self._run
        run.end(reason)
        leaked: tuple[str, ...] = ()
        try:
            leaked = self._stop()
        finally:  # a second Ctrl-C must not leave this thread in the run
            self._main.leave()
            self._restore()
            run.recorder.close()
        assert run.ending is not None
        run.ending = replace(run.ending, leaked=leaked)
        log = run.log()
        if run.ending.reason != "done":
            _give_back(run)
        self._trace.seal(log)

    @abstractmethod
    def _left(self) -> None:
        """The main thread has come to the end of the block."""

    @abstractmethod
    def _stop(self) -> tuple[str, ...]:
        """See off the threads of an ended run; those that could not be unwound, "name at file:line"."""

    @abstractmethod
    def _restore(self) -> None:
        """Put back whatever was changed in the process."""


def _unwound(error: BaseException | None) -> bool:
    """Whether it is Unwind, or what became of it in the `finally` and `with` blocks that it passed."""
    while error is not None and not isinstance(error, Unwind):
        error = error.__context__
    return error is not None


def _give_back(run: OneRun) -> None:
    """Unlock the locks that threads of an ended run still held: the next cell may use them again. Locks that
    others hold stay held.
    """
    own = {agent.thread for agent in run.agents}
    others = {thread.ident for thread in threading.enumerate() if thread not in own}  # idents are used again
    owners = {0, *(thread.ident for thread in own)} - others
    last, known = _last_of_locks(run.recorder), run.recorder.identities
    used = {*last, *(identity.serial for identity in run.recorder.numbered)}
    for serial in used & known.keys():  # a thread that was left may have made others since
        match known[serial].primitive():
            case RLock() as lock if lock.owner in owners:
                lock.give_back()
            case Lock() as lock if last.get(serial) == Kind.ACQUIRED:
                lock.give_back()
            case Condition() as condition:
                forget_waiters(condition, run)
            case Semaphore() | Event() | Barrier() as other:
                other._cond.give_back(run)


def _last_of_locks(recorder: Recorder) -> dict[int, int]:
    """Whether a primitive was last acquired or released, by serial number; also after the end of the run."""
    kinds, wanted = (1 << KIND_BITS) - 1, (Kind.ACQUIRED, Kind.RELEASED)
    last: dict[int, tuple[int, int]] = {}
    for log in recorder.logs:
        entries = log.columns()
        for time, code in zip(entries[::2], entries[1::2], strict=True):
            serial = code >> OBJECT_SHIFT
            if code & kinds in wanted and time >= last.get(serial, (0, 0))[0]:
                last[serial] = time, code & kinds
    return {serial: kind for serial, (_, kind) in last.items()}
