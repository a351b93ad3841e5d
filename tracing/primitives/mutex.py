"""What Lock and RLock share: the record of a mutual exclusion, and the long way of acquiring it.

Owns: `Mutex`; and `SilentLock`, a mutual exclusion without a record, for the inside of other primitives.

Rule: a lock has one state, the raw lock of the interpreter; it is really acquired before `acquired` is
stamped, and `released` is stamped before it is really released, so that the holds of one lock never overlap
in the record.

How it works: an uncontended operation of a thread that records on the real clock goes the short way, which
Lock, its blocks and RLock each have in their own words: try the raw lock, append a stamp and a ready-made
code to the thread's log, both at once, so that an asynchronous exception cannot part them, and with no step
at which threads are switched while the lock is held (see `runtime.unswitched`). Everything else (contention,
time-outs, simulated runs, unwinding) goes the long way through the agent, here.
"""

from __future__ import annotations

from _thread import LockType, allocate_lock
from types import CodeType, FrameType

from tracing.events import Kind
from tracing.recorder import Identity, user_frame
from tracing.runtime import Agent, RawWaitable, here, unlock
from tracing.runtime.unswitched import CLOCK, repeated, unswitched


class SilentLock(RawWaitable):
    """A mutual exclusion that is not recorded; waits as its run waits. Other primitives are built on it."""

    __slots__ = ("_tries",)
    silent = True

    def __init__(self, raw: LockType | None = None) -> None:
        super().__init__(raw)
        self._tries = repeated(self._raw.acquire, False)

    @unswitched
    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        for got in self._tries:
            break
        if got:
            return True
        agent = here.agent
        if agent is None or agent.unwinding and agent.runtime.direct:
            return self._raw.acquire(blocking, timeout)
        return blocking and agent.wait_until(self, None if timeout == -1 else timeout)

    def release(self) -> None:
        agent = here.agent
        if agent is not None and agent.unwinding:
            return unlock(self._raw)
        self._raw.release()

    __enter__ = acquire

    def __exit__(self, *exc_info: object) -> None:
        self.release()

    def locked(self) -> bool:
        return self._raw.locked()

    _is_owned = locked  # for Condition, which would otherwise probe by acquiring

    def _at_fork_reinit(self) -> None:
        self._raw = allocate_lock()
        self._tries = repeated(self._raw.acquire, False)


# By the offset of an instruction: the code object that it is in, and the ready-made code of an event there.
Seen = dict[int, tuple[CodeType, int]]
NOWHERE = (None, 0)  # in no code object


class Mutex(RawWaitable):
    """What Lock and RLock share: the record, and the long way of acquiring."""

    __slots__ = (
        *("__weakref__", "_tracing_identity", "_releases", "_tries"),
        *("_acquired", "_acquired_plain", "_released", "_released_plain"),
    )

    def __init__(self, identity: Identity, raw: LockType | None = None) -> None:
        super().__init__(raw)
        self._tries, self._releases = repeated(self._raw.acquire, False), repeated(self._raw.release)
        self._tracing_identity = identity
        self._acquired: Seen = {}
        self._released: Seen = {}
        self._acquired_plain = identity.code(Kind.ACQUIRED, None)
        self._released_plain = identity.code(Kind.RELEASED, None)

    def _see(self, kind: Kind, frame: FrameType, places: Seen) -> int:
        """The code of an event at the program's line, kept for use again where the program called us, not a
        library.
        """
        user = user_frame(frame)
        code = self._tracing_identity.code(kind, user)
        if user is frame:
            places[frame.f_lasti] = (frame.f_code, code)
        return code

    def _acquire(self, agent: Agent, blocking: bool = True, timeout: float = -1) -> bool:
        needs = self if blocking and timeout == -1 else None
        if not agent.point(Kind.ACQUIRED, self._tracing_identity.serial, needs):
            return self._pretend(agent)
        # Before it is had: from then on no step may look for signals (see unswitched), nor take long.
        acquired, entries = agent.code(Kind.ACQUIRED, self._tracing_identity), agent.log.entries
        gives_up = () if needs else (0, 0)  # whoever looks for deadlocks must know
        clock = CLOCK if agent.runtime.direct else repeated(agent.runtime.now)
        for got in self._tries:
            break
        if not got:
            if not blocking or timeout == 0:
                agent.record(Kind.WOULD_BLOCK, self._tracing_identity)
                return False
            if not agent.wait(self._tracing_identity, self, None if timeout == -1 else timeout):
                return agent.unwinding
        for time in clock:
            break
        entries += (time, acquired, *gives_up)
        return True

    def _pretend(self, agent: Agent) -> bool:
        """An unwinding thread goes on as if it had the lock."""
        return True

    def _refuse(self, error: RuntimeError) -> None:
        """Record that an operation of this thread raised."""
        if here.agent is not None and not here.agent.unwinding:
            here.agent.record(Kind.REFUSED, self._tracing_identity, f"{type(error).__name__}: {error}")
