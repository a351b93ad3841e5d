"""Semaphore and BoundedSemaphore: the faces of `threading`'s.

Owns: permits, recorded: each acquire that got one, had to wait for one, or went without; each release and how
many it gave.

Rule: a release is stamped before the permits are really there, an acquire after one is really taken: the
value that follows from the record is never below 0.
"""

from __future__ import annotations

import threading

from tracing.cpython.locks import permits_of, wait_on
from tracing.cpython.stack import FEW, NOTIFYING, room
from tracing.events import Kind
from tracing.primitives.inner import InnerCondition, Operation, as_threading
from tracing.recorder import Identity
from tracing.runtime import Agent, here, storable


class Semaphore(threading.Semaphore):
    """`threading.Semaphore`, recorded: `value` permits; acquire takes one or waits, release gives.

    Same signatures, results and exceptions as `threading.Semaphore` on the running version of Python.
    """

    _tracing_type = "Semaphore"

    def __init__(self, value: int = 1) -> None:
        super().__init__(value)
        self._tracing_identity = Identity(self._tracing_type, self)
        wait_on(self, InnerCondition(self._tracing_identity))

    def acquire(self, blocking: bool = True, timeout: float | None = None) -> bool:
        """Take a permit; wait for it unless `blocking` is false, at most `timeout` seconds. Returns whether
        it was had.

        Raises ValueError for a timeout with blocking=False.
        """
        room(FEW)  # for the way out: it is deeper than the way in
        agent = here.agent
        if agent is None or not blocking and timeout is not None:
            return super().acquire(blocking, timeout)
        if not agent.point(Kind.ACQUIRED, self._tracing_identity.serial):
            return True
        agent.meet(self._tracing_identity, permits_of(self))
        code = agent.code(Kind.ACQUIRED, self._tracing_identity)
        with Operation(agent, self._tracing_identity) as operation:
            got = super().acquire(blocking, timeout)
            if got:
                self.__keep(agent, code, (0, 0) if not blocking or timeout is not None else ())
            else:
                agent.record(Kind.TIMED_OUT if operation.waited else Kind.WOULD_BLOCK, self._tracing_identity)
        return got

    def __keep(self, agent: Agent, code: int, arg: tuple[int, ...]) -> None:
        """Record a permit that was just taken; `arg`, entries that follow. Where an exception comes out, it
        was given back.
        """
        try:
            agent.log.extend((agent.now(), code, *arg))
        except BaseException:
            super().release()
            raise

    __enter__ = acquire

    def __repr__(self) -> str:
        if here.agent is not None:
            here.agent.glance(Kind.ACQUIRED, self._tracing_identity.serial)
        return as_threading(super().__repr__())

    def release(self, n: int = 1) -> None:
        """Give `n` permits. Raises ValueError for n < 1, and where a BoundedSemaphore would exceed its
        initial value.
        """
        room(NOTIFYING)
        agent = here.agent
        if agent is None:
            return super().release(n)
        if not agent.point_out(Kind.RELEASED, self._tracing_identity.serial):
            return None
        agent.meet(self._tracing_identity, permits_of(self))
        time, code = agent.now(), agent.code_out(Kind.RELEASED, self._tracing_identity)
        try:
            super().release(n)
        except ValueError as error:
            agent.record(Kind.REFUSED, self._tracing_identity, f"ValueError: {error}")
            raise
        agent.log.extend((time, code, storable(n), 0))


class BoundedSemaphore(Semaphore, threading.BoundedSemaphore):
    """`threading.BoundedSemaphore`, recorded: a release above the initial value raises ValueError."""

    _tracing_type = "BoundedSemaphore"

    # for Python's own words: "BoundedSemaphore.release() takes from ..."

    def __init__(self, value: int = 1) -> None:
        super().__init__(value)

    def release(self, n: int = 1) -> None:
        super().release(n)
