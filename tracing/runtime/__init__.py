"""The seam between the primitives and whatever makes a thread wait: the operating system, or a simulator.

Owns: `Runtime`, the interface that the primitives know; `Waitable`, what a runtime can wait for; `Agent`, one
thread's part in a run; and `here`, the calling thread's own.

Rule: a primitive asks for the calling thread's agent at each operation, never at construction, so that one
made before a run, or in an earlier notebook cell, works in every run. A thread without an agent gets the
behaviour of `threading`.

How it works: whatever blocks is `agent.wait_until(waitable, seconds)`, and each operation begins with
`agent.point()`, so a run can be ended while its threads wait: from then on the first operation of each thread
raises `Unwind`, and later ones, in the `finally` and `with` blocks that it passes through, neither block nor
fail.
"""

from __future__ import annotations

import threading
import weakref
from _thread import LockType, allocate_lock, get_ident
from contextlib import suppress
from itertools import starmap
from typing import Any, NoReturn, Protocol

from tracing.cpython.frames import getframe
from tracing.events import SITE_SHIFT, Kind
from tracing.recorder import PLACES, Identity, Recorder, ThreadLog, raised_at, user_frame

LONGEST = 2**62  # ns: what an entry of a log can hold


class Unwind(BaseException):
    """Raised in a thread of a run that has been ended. Not an Exception: `except Exception` must not catch
    it. A call of an executor that it ended has it as its exception, so a program may come to see it.
    """

    def __str__(self) -> str:
        return "the run that this was done in has been ended"


class Waitable(Protocol):
    """Something that a thread can wait for."""

    def ready(self) -> bool:
        """Whether take(0) would succeed; takes nothing."""

    def take(self, seconds: float) -> bool:
        """Wait up to that many seconds (-1: without limit); whether it was had."""

    def open(self) -> None:
        """Let go whoever waits in take(): the run has been ended."""


Access = tuple[int, int, bool]
"""An operation as a simulator sees it: its Kind; what it touches: a primitive's serial number, minus the
number of a thread, or 0; and whether it may change that. A Condition's operations touch its lock."""

THREADS = -1  # what starting a thread touches: their numbering


class Runtime(Protocol):
    """How the threads of a run wait, sleep and start.

    direct: an uncontended operation needs nobody's leave; a primitive may record it without asking the
    runtime.
    """

    direct: bool

    def now(self) -> int:
        """The run's clock, ns."""

    def point(self, agent: Agent) -> None:
        """A synchronisation operation, `agent.next`, begins: a place at which another thread may go on."""

    def glance(self, agent: Agent) -> None:
        """An operation that only looks, `agent.next`, begins: who does that in a loop is spinning."""

    def wait_until(self, agent: Agent, waitable: Waitable, seconds: float | None) -> bool:
        """Wait for it, at most that long; whether it was had."""

    def start(self, agent: Agent, thread: threading.Thread) -> None:
        """Start the thread of the (child's) agent for real."""


class Run(Protocol):
    """What an agent needs of the run that it belongs to."""

    recorder: Recorder
    runtime: Runtime
    ended: bool  # from now on every thread of the run unwinds
    calls: set[Any]  # that its threads have submitted to executors, and that are not over

    @property
    def main(self) -> Agent | None:
        """Its main thread's part; None where it has none."""

    def adopt(self, thread: threading.Thread, parent: Agent) -> Agent:
        """An agent for a thread that `parent` is about to start."""

    def end(self, reason: str, detail: str = "") -> None:
        """Nothing is recorded from now on, every thread of the run unwinds."""


class Agent:
    """One thread's part in a run: its log, its runtime, and what it waits for.

    `waiting` is None, or what the thread waits for; `bounded` says whether that wait has a deadline, `older`
    whether it is for something that was there before the run; `waits` counts them. `next` is the operation
    that it is about to do, or is in the middle of. `quick`: it records, on the system's runtime; see
    `Runtime.direct`. `whose` gives its Thread, or None where that is gone: a run keeps no thread that its
    program has dropped. `ident` is what the system calls it, 0 before it begins.

    The contract of a primitive with who explores schedules. A thread is switched away from only where it
    announces an operation, and a search (`exploring.searching`) turns the order of two steps round only where
    both have announced the same thing and one of them may change it. So, before it so much as looks at state
    that others share, an operation calls

    - `point`, where it may change the thing or wait for it;
    - `glance`, where it only looks: then two such are not tried in both orders;
    - after either, `also` for each other thing that it touches within the same step. That counts as a change.

    What it found out before one of these calls may be wrong after it: others have run. Code of the program
    that an operation calls (a barrier's action, a timer's function) announces operations of its own, and what
    follows is part of the last of those: `point` again.

    `needs` and `retakes` spare a search useless attempts. While what a thread needs is not `ready()`, trying
    the operation changes nothing but that the thread waits, so it is not tried before that. `needs` is for an
    operation that waits, without limit, before all else (acquire, join); `retakes` for one that gives a lock
    up, waits for another thing, and must have the lock again before it goes on (a Condition's wait).

    Who announces too much costs runs. Who forgets one makes a search take two orders for one: it leaves out
    the one that fails, and claims that every schedule was tried. `tests/test_contract.py` finds who forgets.
    """

    any_hook = False  # whoever has set `threading.excepthook`, it is for the threads of this run
    # Few threads ever have these of their own. (With more than 30 attributes an object's are no longer kept
    # in the object itself, and each operation of each primitive takes longer: CPython, SHARED_KEYS_MAX_SIZE.)
    submits: Any = None  # what it is just submitting to an executor: see primitives.futures
    serves: Any = None  # simulated, it is a worker of that executor from its start to its last step
    hires: Any = None  # simulated, the executor for which it starts a worker now
    unannounced = 0  # the primitive whose wait is still to be recorded: see primitives.inner
    worker = False  # of an executor: it belongs to the run as long as it makes a call for it
    over = False  # the main one of a block: it has come to its end, and waits for the others
    forced = False  # the run has ended, and what the thread waits for was opened for it
    unwinding = False  # it has been told to: its operations must neither block nor fail
    _passes = 0  # operations since then
    FREE_PASSES = 100  # operations that an unwinding thread may do before it is told again

    def __init__(self, run: Run, log: ThreadLog, thread: threading.Thread) -> None:
        self.run, self.log = run, log
        self.whose, self.ident = weakref.ref(thread), 0
        self.runtime, self.now = run.runtime, run.runtime.now  # the clock, which each event asks, ns
        self.number = log.number
        self.first = run.recorder.first  # primitives with lower serial numbers were there before the run
        self.entries, self.lines = log.entries, log.lines
        self.quick = False
        self.waiting: Waitable | None = None
        self.bounded = self.older = False
        self.waits = 0
        self.next: Access = (Kind.BEGAN, -log.number, True)
        self.needs: Waitable | None = None  # for that operation: until it is there, trying changes nothing
        self.retakes: Waitable | None = None  # what it must have again once its wait is over
        self.finished = False
        self.reachable = self.wakes = self.pushing = self.pushed = False  # see runtime.raising
        self.pretended: list[LockType] = []  # unwinding, it goes on as if it held them
        self.unsure: list[int] = []  # serials of locks that it may have had when it was interrupted

    def enter(self) -> None:
        """The calling thread is this agent's from now on."""
        AGENTS.append(self)
        here.agent = self
        self.ident = get_ident()
        self.quick = self.runtime.direct

    def leave(self) -> None:
        """The calling thread has no agent any more."""
        self.quick = False
        here.agent = None
        while self in AGENTS:  # not where leaving was interrupted after this, and is done once more
            AGENTS.remove(self)
        self.finished = True
        # These may be a thread's end: it must not keep that thread.
        self.waiting = self.needs = self.retakes = None

    @property
    def thread(self) -> threading.Thread:
        """Its Thread: for the thread itself, and for who has it anyway. It may be gone for all others."""
        thread = self.whose()
        assert thread is not None
        return thread

    @property
    def stuck(self) -> bool:
        """Whether this thread waits, without a deadline, for what cannot be had as things stand."""
        waiting = self.waiting
        return waiting is not None and not self.bounded and not waiting.ready()

    def point(self, kind: Kind, obj: int, needs: Waitable | None = None) -> bool:
        """Begin an operation that may change something or wait for it. False: this thread is unwinding, do
        nothing. Raises Unwind where the run has ended.

        kind, obj: what it is going to do, and to what; see `Access`. needs: what it waits for, for ever if it
        must, before it does anything.
        """
        if self.run.ended:
            return self.unwind()
        self.next, self.needs, self.retakes = (kind, obj, True), needs, None
        self.runtime.point(self)
        return True

    def point_out(self, kind: Kind, obj: int) -> bool:
        """`point` of an operation that gives back what this thread has. Where the stack has no room for
        choosing who goes on, this thread does: what could be taken there can be given back there.
        """
        try:
            return self.point(kind, obj)
        except RecursionError:
            return not self.run.ended

    def also(self, kind: Kind, obj: int) -> None:
        """Within the operation that was announced, this thread does that to another thing as well.

        No other thread goes on here, unlike at a point. Only a search remembers it.
        """

    def touch(self, keys: dict[Any, int]) -> None:
        """The program's code touches that; see `runtime.preemption`."""

    def glance(self, kind: Kind, obj: int) -> None:
        """Begin to look at something, without waiting for it and without changing it."""
        if self.runtime.direct:
            return
        if self.run.ended:
            self.unwind()
        else:
            self.next, self.needs, self.retakes = (kind, obj, False), None, None
            self.runtime.glance(self)

    def unwind(self) -> bool:
        """Raise Unwind the first time; then let operations in `finally` pass (False), within a bound."""
        self.quick = False
        told, self.unwinding = self._passes % self.FREE_PASSES == 0, True
        self._passes += 1
        if told:
            raise Unwind
        return False

    def wait_until(self, waitable: Waitable, seconds: float | None) -> bool:
        """Wait for it, at most that long (None: without limit); whether it was had."""
        if self.run.ended:
            return self.unwind()
        around = self.waiting, self.bounded
        try:
            self.bounded, self.waiting = seconds is not None, waitable
            self.waits += 1
            return self.runtime.wait_until(self, waitable, seconds)
        finally:
            self.waiting, self.bounded = around

    def woken_late(self, waitable: Waitable, got: bool) -> bool:
        """The run was ended while it waited: give back what it had by right, and unwind."""
        if got and not self.forced:
            waitable.open()
        return self.unwind()

    def wait(self, identity: Identity, waitable: Waitable, seconds: float | None) -> bool:
        """A wait that is recorded: WAIT, and TIMED_OUT or CUT; success is for the caller to record."""
        try:
            self.record(Kind.WAIT, identity, nanoseconds(seconds))
            got = self.wait_until(waitable, seconds)
        except BaseException:
            self.record(Kind.CUT, identity)
            raise
        if not got:
            self.record(Kind.TIMED_OUT, identity)
        return got

    def record(self, kind: Kind, identity: Identity | None = None, arg: int | str | None = None) -> None:
        """Record that this thread did that, now, at the program's line that is being executed."""
        self.record_at(self.now(), kind, identity, arg)

    def record_at(
        self, time: int, kind: Kind, identity: Identity | None = None, arg: int | str | None = None
    ) -> None:
        """The same with a stamp taken earlier."""
        code = self.code(kind, identity)
        self.log.extend((time, code) if arg is None else (time, code, self._number(arg), 0))

    def fail(self, error: BaseException, words: str) -> None:
        """Record that an exception ends this thread, at the line of the program from which it came."""
        self._end(Kind.FAILED, error, words)

    def exit(self, error: SystemExit, words: str) -> None:
        """Record that this thread ends by `sys.exit()`, of which `threading` says nothing to anybody."""
        self._end(Kind.ENDED, error, words)

    def _end(self, kind: Kind, error: BaseException, words: str) -> None:
        place = raised_at(error) if self.log.lines else 0
        self.log.extend((self.now(), kind | place << SITE_SHIFT, self._number(words), 0))

    def code(self, kind: Kind, identity: Identity | None = None) -> int:
        """The code of an event at the program's line that is being executed."""
        frame = user_frame(getframe(1)) if self.log.lines else None
        if identity is not None:
            return identity.code(kind, frame)
        return kind | (PLACES.number(frame) if frame else 0) << SITE_SHIFT

    def code_out(self, kind: Kind, identity: Identity) -> int:
        """`code` of an operation that gives something back: without its line, where the stack has no room to
        look for that.
        """
        try:
            return self.code(kind, identity)
        except RecursionError:
            return identity.code(kind, None)

    def _number(self, arg: int | str) -> int:
        return self.run.recorder.text(arg) if isinstance(arg, str) else storable(arg)

    def meet(self, identity: Identity, value: int) -> None:
        """Remember a primitive's value as it was when the run first met it."""
        self.run.recorder.values.setdefault(identity.serial, storable(value))


class Here(threading.local):
    """What the calling thread is: `agent` if it belongs to a run."""

    agent: Agent | None = None


here = Here()
AGENTS: list[Agent] = []
"""Of all threads of this process that belong to a run. While there are none, as outside `with record()`,
nobody needs to ask whether the calling thread does: whether a list is empty is the cheapest question there
is, about a tenth of that.
"""


class RawWaitable:
    """Waiting for a raw lock of the interpreter: what all our primitives come down to."""

    __slots__ = ("_raw",)

    def __init__(self) -> None:
        self._raw = allocate_lock()

    def ready(self) -> bool:
        return not self._raw.locked()

    def take(self, seconds: float) -> bool:
        # As `self._raw.acquire(...)`: but after a call the interpreter may raise (Ctrl-C), and nobody would
        # know whether the lock was had. `+=` is no call, and none follows.
        got: list[bool] = []
        got += starmap(self._raw.acquire, ((seconds != 0, seconds or -1),))
        return got[0]

    def open(self) -> None:
        unlock(self._raw)

    def __reduce__(self) -> NoReturn:
        raise TypeError("cannot pickle '_thread.lock' object")


class Gate(RawWaitable):
    """A door that one thread waits at and another opens, once: a raw lock that is born locked.

    It stands where `threading.Condition` has its private waiter locks, hence the name `release` for opening
    it.
    """

    __slots__ = ("agent", "opened")

    def __init__(self, agent: Agent) -> None:
        self._raw = allocate_lock()  # without super(), which takes as long as all of this
        self._raw.acquire()
        self.agent, self.opened = agent, False

    def release(self) -> None:
        """Let the waiting thread go on."""
        self.opened = True
        self._raw.release()

    def ready(self) -> bool:
        return self.opened


def storable(value: float) -> int:
    """A number as an entry of a log can hold it: whole, and not too large."""
    return int(max(-LONGEST, min(value, LONGEST))) if value == value else 0


def nanoseconds(seconds: float | None) -> int:
    """A timeout as the record keeps it: ns, -1 for none. What cannot be waited for (inf, nan, up to Python
    3.14 a Decimal) is for the wait itself to refuse.
    """
    if seconds is None:
        return -1
    try:
        return round(max(0.0, min(float(seconds) * 1e9, LONGEST))) if seconds == seconds else 0
    except (TypeError, ValueError, OverflowError):
        return 0


def unlock(raw: Any) -> None:
    """Release a raw lock that may not be locked."""
    if raw.locked():
        with suppress(RuntimeError):  # somebody was quicker
            raw.release()
