"""RLock: the face of `threading.RLock`. For the rule and how it works see `mutex`.

Owns: who holds it, and how often that thread has acquired it.
"""

from __future__ import annotations

import threading
from _thread import get_ident
from time import perf_counter_ns
from types import FrameType
from typing import NoReturn

from tracing.cpython.frames import getframe
from tracing.cpython.locks import RLockOfCondition, renew
from tracing.events import Kind
from tracing.primitives.mutex import NOWHERE, Mutex, refuse_odd
from tracing.recorder import Identity
from tracing.runtime import AGENTS, Agent, here, storable

_THEIRS = threading.RLock  # early: the name is replaced while a simulated run lasts


class RLock(RLockOfCondition, Mutex):
    """`threading.RLock`, recorded: the thread that holds it may acquire it again, and must release it as
    often.

    Same signatures, results and exceptions as `threading.RLock` on the running version of Python.
    """

    __slots__ = ("depth", "owner")

    def __init__(self, *ignored: object, **ignored_too: object) -> None:
        if ignored or ignored_too:
            _THEIRS(*ignored, **ignored_too)  # takes them, warns or refuses them, as this version does
        self._begin(Identity("RLock", self))

    @classmethod
    def of_condition(cls, condition: Identity) -> RLock:
        """The lock that a Condition makes for itself."""
        lock = cls.__new__(cls)
        lock._begin(Identity("RLock", lock, owner=condition.serial))
        return lock

    def _begin(self, identity: Identity) -> None:
        super().__init__(identity)
        self.owner = self.depth = 0  # the ident of the thread that holds it, 0 where nobody does; how often

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        """Acquire the lock, or go one level deeper where the calling thread holds it.

        Waits unless `blocking` is false, at most `timeout` seconds (-1: without limit). Returns whether it
        was acquired. Raises ValueError for a negative timeout other than -1, and for a timeout with
        blocking=False.
        """
        if not AGENTS or (agent := here.agent) is None:
            return self._take(blocking, timeout)
        if agent.quick and blocking is True and timeout == -1 and self.try_once(agent, getframe(1)):
            return True
        return self.acquire_long(agent, blocking, timeout)

    # `with` is how most locks are taken: no arguments, and outside a run no further call. Into the lock and
    # out of it the calls are nested as deep, so that a thread which could get in can get out where
    # RecursionError ends a program. Likewise acquire() and release().

    def __enter__(self) -> bool:
        if not AGENTS or (agent := here.agent) is None:
            if self.owner == (me := get_ident()):
                self.depth += 1
            else:
                self._raw.acquire()
                self.owner, self.depth = me, 1
            return True
        return agent.quick and self.try_once(agent, getframe(1)) or self.acquire_long(agent, True, -1)

    def __exit__(self, kind: object = None, error: object = None, traceback: object = None) -> None:
        if not AGENTS or (agent := here.agent) is None:
            if self.owner != get_ident():
                raise RuntimeError("cannot release un-acquired lock")
            self.depth -= 1
            if not self.depth:
                self.owner = 0
                self._raw.release()
        elif agent.quick:
            self.give(agent, getframe(1))
        else:
            self.release_long(agent)

    def release(self) -> None:
        """Release one level. Raises RuntimeError where the calling thread does not hold the lock."""
        if not AGENTS or (agent := here.agent) is None:
            self._drop()
        elif agent.quick:
            self.give(agent, getframe(1))
        else:
            self.release_long(agent)

    if hasattr(_THEIRS(), "locked"):  # from Python 3.14 on

        def locked(self) -> bool:
            """Whether the lock is held, by whichever thread."""
            self.look()
            return self._raw.locked()

    # Without a record. Between having the lock and saying whose it is no call ends, after which a Ctrl-C
    # could come (see `RawWaitable.take`): nobody could ever release it. In `with` that would cost half as
    # much again.

    def _take(self, blocking: bool, timeout: float) -> bool:
        me = get_ident()
        if self.owner == me:
            refuse_odd(blocking, timeout)
            self.depth += 1
            return True
        (got,) = map(self._raw.acquire, (blocking,), (timeout,))
        if got:
            self.owner, self.depth = me, 1
        return got

    def _drop(self) -> None:
        if self.owner != get_ident():
            raise RuntimeError("cannot release un-acquired lock")
        self.depth -= 1
        if not self.depth:
            self.owner = 0
            self._raw.release()

    # Recorded, the short way: as Lock at the outermost level; within it nothing but a record and a number

    def try_once(self, agent: Agent, frame: FrameType) -> bool:
        """Take the lock where it is free or the thread's own, at the program's line in `frame`; whether it
        was taken.
        """
        code = self._acquired_plain
        if agent.lines:
            seen, code = self._acquired.get(frame.f_lasti, NOWHERE)
            if seen is not frame.f_code:
                code = self._see(Kind.ACQUIRED, frame, self._acquired)
        entries, me = agent.entries, agent.ident
        if self.owner == me:
            entries += perf_counter_ns(), code
            self.depth += 1
            return True
        try:
            if self._raw.acquire(False):
                entries += perf_counter_ns(), code
                self.owner, self.depth = me, 1
                return True
        except BaseException:  # not of these calls, but of a signal, or of the run's end
            agent.unsure.append(self._tracing_identity.serial)
            raise
        return False

    def give(self, agent: Agent, frame: FrameType) -> None:
        """Release one level, at the program's line in `frame`."""
        if self.owner != agent.ident:
            raise self._unowned(agent)
        time, entries, code = perf_counter_ns(), agent.entries, self._released_plain
        try:
            if self.depth == 1:
                self.owner = self.depth = 0
                self._raw.release()
            else:
                self.depth -= 1
            if agent.lines:
                seen, code = self._released.get(frame.f_lasti, NOWHERE)
                if seen is not frame.f_code:
                    code = self._see(Kind.RELEASED, frame, self._released)
        except BaseException:  # a signal, the run's end, or no room on the stack to look
            entries += time, self._released_plain
            raise
        entries += time, code

    def acquire_long(self, agent: Agent, blocking: bool, timeout: float) -> bool:
        me = get_ident()
        if self.owner == me:
            refuse_odd(blocking, timeout)
            if not agent.unwinding:
                agent.record(Kind.ACQUIRED, self._tracing_identity)
            self.depth += 1
            return True
        got = super().acquire_long(agent, blocking, timeout)
        if got and not agent.unwinding:
            self.owner, self.depth = me, 1
        return got

    def release_long(self, agent: Agent) -> None:
        """The long way out: of a simulated run, or unwinding."""
        if not agent.point_out(Kind.RELEASED, self._tracing_identity.serial):
            return self.give_back() if self.is_owned() else None
        if self.owner != get_ident():
            raise self._unowned(agent)
        if self.depth == 1:
            self.owner = self.depth = 0
            return super().release_long(agent)
        time, code = agent.now(), agent.code_out(Kind.RELEASED, self._tracing_identity)
        agent.entries += (time, code)
        self.depth -= 1

    def _unowned(self, agent: Agent) -> RuntimeError:
        error = RuntimeError("cannot release un-acquired lock")
        self.refuse(agent, error)
        return error

    def give_back(self) -> None:
        self.owner = self.depth = 0
        super().give_back()

    # What Condition needs.

    def is_owned(self) -> bool:
        return self.owner == get_ident()

    def levels(self) -> int:
        return self.depth if self.is_owned() else 0

    def give_up(self) -> tuple[int, int]:
        if not self.depth:
            raise RuntimeError("cannot release un-acquired lock")
        agent, state = here.agent, (self.depth, self.owner)
        self.owner = self.depth = 0
        if agent is None or agent.unwinding:
            self._raw.release()
            return state
        try:
            self.let_go(agent, (storable(state[0]), 0))
        except BaseException:
            self.depth, self.owner = state
            raise
        return state

    def take_back(self, state: tuple[int, int]) -> None:
        agent = here.agent
        if agent is None:
            self._raw.acquire()
        elif agent.unwinding or not self.have(agent, arg=(storable(state[0]), 0)):
            return  # such a thread must not block: it goes on without
        self.depth, self.owner = state

    def renew(self) -> None:
        renew(self._raw)
        self.owner = self.depth = 0

    def __reduce__(self) -> NoReturn:
        raise TypeError("cannot pickle '_thread.RLock' object")

    def __repr__(self) -> str:
        self.look()
        state = "locked" if self._raw.locked() else "unlocked"
        name = f"{type(self).__module__}.{type(self).__qualname__}"
        return f"<{state} {name} object owner={self.owner} count={self.depth} at {id(self):#x}>"
