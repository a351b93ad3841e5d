"""What Lock and RLock share: the record of a mutual exclusion.

Owns: `Mutex`; `SilentLock`, a mutual exclusion without a record, for the inside of other primitives; and
`LibraryLock`, which the standard library gets for its own inside in a simulated run.

Rule: a lock has one state, the raw lock of the interpreter; it is really acquired before `acquired` is
stamped, and `released` is stamped before it is really released, so that the holds of one lock never overlap
in the record.

How it works: an uncontended operation of a thread that records on the real clock (`agent.quick`) goes the
short way, which Lock and RLock have each for itself: the raw lock, a stamp, and a ready-made code for the
program's line. While the lock is held as little is done as can be: a thread that is switched out then makes
all others run into it. Everything else (contention, time-outs, simulated runs, unwinding) goes the long way
through the agent, which is here.

An exception may come wherever the interpreter looks for signals: when a function is entered, and after a
call of one in C (Ctrl-C, the end of the run). What is on record was done, and what was done is put on record
or undone. Only whether a try has just succeeded is not known then; where a lock is left locked by nobody, the
end of the run unlocks it (`running`).
"""

from __future__ import annotations

from _thread import allocate_lock
from itertools import starmap
from types import CodeType, FrameType
from typing import Any

from tracing.cpython.locks import LockOfCondition, renew
from tracing.events import Kind
from tracing.recorder import Identity, next_serial, user_frame
from tracing.runtime import Agent, RawWaitable, here, unlock

# By the offset of an instruction: the code object that it is in, and the ready-made code of an event there.
Seen = dict[int, tuple[CodeType, int]]
NOWHERE = (None, 0)  # in no code object
AT_ONCE = ((False,),)
MOMENT = 0.05  # s: nobody who is well holds a silent lock for longer


class SilentLock(LockOfCondition, RawWaitable):
    """A mutual exclusion that is not recorded; waits as its run waits. Other primitives are built on it."""

    __slots__ = ()
    silent = True

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        got: list[bool] = []
        got += starmap(
            self._raw.acquire, AT_ONCE
        )  # where a Ctrl-C comes out, it was not had: see RawWaitable
        if got[0]:
            return True
        agent = here.agent
        if agent is None:
            return self._raw.acquire(blocking, timeout)
        if agent.unwinding and agent.runtime.direct:  # it goes on without: a Ctrl-C may have left it locked
            return self._raw.acquire(blocking, MOMENT if blocking and timeout == -1 else timeout)
        return blocking and agent.wait_until(self, None if timeout == -1 else timeout)

    def release(self, *exc_info: object) -> None:
        agent = here.agent
        if agent is not None and agent.unwinding:
            return unlock(self._raw)
        self._raw.release()

    # As deep out as in: where the stack had room for one, it has for the other.
    __enter__, __exit__ = acquire, release

    def locked(self) -> bool:
        return self._raw.locked()

    is_owned = locked
    give_up = release

    def take_back(self, state: object) -> None:
        self.acquire()

    def renew(self) -> None:
        renew(self._raw)


class WaiterLock(SilentLock):
    """What a plain Condition keeps for each thread that waits there, locked until that is notified.

    A thread of an ended run goes on as if it were, and nobody has taken its lock out of the Condition: it is
    left open, so that who notifies later takes it for one that was let go, and lets another thread go.
    """

    __slots__ = ()

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        got = super().acquire(blocking, timeout)
        if here.agent is not None and here.agent.unwinding:
            unlock(self._raw)
        return got


class LibraryLock(SilentLock):
    """A lock of library code: not recorded, but its acquiring is a point."""

    __slots__ = ("__weakref__", "_serial")

    def __init__(self) -> None:
        super().__init__()
        self._serial = next_serial()

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        agent = here.agent
        if agent is None or agent.runtime.direct:
            return self._raw.acquire(blocking, timeout)
        if not blocking and timeout != -1 or timeout < 0 and timeout != -1:
            return self._raw.acquire(blocking, timeout)  # raises
        if agent.point(Kind.ACQUIRED, self._serial, self if blocking and timeout == -1 else None):
            return super().acquire(blocking and timeout != 0, timeout)
        self._raw.acquire(False)
        return True

    def release(self, *exc_info: object) -> None:
        if here.agent is not None:
            here.agent.also(Kind.RELEASED, self._serial)
        super().release()

    __enter__, __exit__ = acquire, release
    give_up = release

    def locked(self) -> bool:
        if here.agent is not None:
            here.agent.glance(Kind.ACQUIRED, self._serial)
        return super().locked()

    def is_owned(self) -> bool:
        agent = here.agent
        return self._raw.locked() or agent is not None and agent.unwinding


class Mutex(LockOfCondition, RawWaitable):
    """What Lock and RLock share: the long way in and out, recorded."""

    __slots__ = (
        *("__weakref__", "_acquired", "_acquired_plain", "_released", "_released_plain"),
        "_tracing_identity",
    )

    def __init__(self, identity: Identity) -> None:
        super().__init__()
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

    def acquire_long(self, agent: Agent, blocking: bool, timeout: float) -> bool:
        """The long way in."""
        refuse_odd(blocking, timeout)
        needs = self if blocking and timeout == -1 else None
        if not agent.point(Kind.ACQUIRED, self._tracing_identity.serial, needs):
            return self.pretend(agent)
        if needs:
            return self.have(agent)
        # Whoever looks for deadlocks must know that it gives up.
        return self.have(agent, blocking=bool(blocking), timeout=timeout, arg=(0, 0))

    def have(
        self, agent: Agent, *, blocking: bool = True, timeout: float = -1, arg: tuple[int, ...] = ()
    ) -> bool:
        """Try, wait if that fails, and record how it came out; `arg`, entries that follow `acquired`.

        Where an exception comes out, the calling thread does not have the lock.
        """
        code, entries, got = agent.code(Kind.ACQUIRED, self._tracing_identity), agent.entries, False
        try:
            got = self.take(0)
            if not got and (not blocking or timeout == 0):
                agent.record(Kind.WOULD_BLOCK, self._tracing_identity)
            elif not got:
                got = agent.wait(self._tracing_identity, self, None if timeout == -1 else timeout)
            if not got:
                return agent.unwinding
            time = agent.now()
            entries += (time, code, *arg)
        except BaseException:
            if got and self._raw.locked():  # not open(): there may be no room on the stack for more than this
                self._raw.release()
            raise
        return True

    def look(self) -> None:
        """The program is about to ask whether it is held: see `Agent.glance`."""
        agent = here.agent
        if agent is not None:
            agent.glance(Kind.ACQUIRED, self._tracing_identity.serial)

    def pretend(self, agent: Agent) -> bool:
        """An unwinding thread goes on as if it had the lock."""
        return True

    def release_long(self, agent: Agent) -> None:
        """The long way out, of a simulated run."""
        time, code = agent.now(), agent.code_out(Kind.RELEASED, self._tracing_identity)
        try:
            self._raw.release()
        except RuntimeError as error:
            self.refuse(agent, error)
            raise
        agent.entries += (time, code)

    def let_go(self, agent: Agent, arg: tuple[int, ...] = ()) -> None:
        """Release it for a Condition's wait, and record that; `arg`, entries that follow `released`.

        Where an exception comes out, the calling thread has it still, or again.
        """
        code, entries = agent.code(Kind.RELEASED, self._tracing_identity), agent.entries
        time = agent.now()
        entries += (time, code, *arg)
        try:
            self._raw.release()
        except BaseException:
            self.have(agent, arg=arg)
            raise

    def refuse(self, agent: Agent, error: RuntimeError) -> None:
        """Record that an operation of this thread raised."""
        if not agent.unwinding:
            agent.record(Kind.REFUSED, self._tracing_identity, f"{type(error).__name__}: {error}")

    def give_back(self) -> None:
        """Unlock it: a run that had to be ended gives back what its threads held."""
        unlock(self._raw)


def refuse_odd(blocking: Any, timeout: Any) -> None:
    """Raise what threading raises for arguments of acquire() that are wrong."""
    if blocking is not True or timeout != -1:
        allocate_lock().acquire(blocking, timeout)
