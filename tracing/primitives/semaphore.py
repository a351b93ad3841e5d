"""Semaphore and BoundedSemaphore: the faces of `threading`'s.

Owns: permits, recorded: each acquire that got one, had to wait for one, or went without; each release and how
many it gave.

Rule: a release is stamped before the permits are really there, an acquire after one is really taken: the
value that follows from the record is never below 0.
"""

from __future__ import annotations

import threading

from tracing.cpython.locks import permits_of, wait_on
from tracing.events import Kind
from tracing.primitives.inner import InnerCondition, Operation, as_threading
from tracing.recorder import Identity
from tracing.runtime import Agent, here


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
        agent = here.agent
        if agent is None or not blocking and timeout is not None:
            return super().acquire(blocking, timeout)
        if not agent.point(Kind.ACQUIRED, self._tracing_identity.serial):
            return True
        agent.meet(self._tracing_identity, permits_of(self))
        with Operation(agent, self._tracing_identity) as operation:
            got = super().acquire(blocking, timeout)
            failure = Kind.TIMED_OUT if operation.waited else Kind.WOULD_BLOCK
            gives_up = got and (not blocking or timeout is not None)
            agent.record(Kind.ACQUIRED if got else failure, self._tracing_identity, 0 if gives_up else None)
        return got

    __enter__ = acquire

    def __repr__(self) -> str:
        if here.agent is not None:
            here.agent.glance(Kind.ACQUIRED, self._tracing_identity.serial)
        return as_threading(super().__repr__())

    def release(self, n: int = 1) -> None:
        """Give `n` permits. Raises ValueError for n < 1, and where a BoundedSemaphore would exceed its
        initial value.
        """
        agent = here.agent
        if agent is None:
            return super().release(n)
        if not agent.point(Kind.RELEASED, self._tracing_identity.serial):
            return None
        agent.meet(self._tracing_identity, permits_of(self))
        self.__give(agent, n)

    def __give(self, agent: Agent, n: int) -> None:
        time = agent.runtime.now()
        try:
            super().release(n)
        except ValueError as error:
            agent.record(Kind.REFUSED, self._tracing_identity, f"ValueError: {error}")
            raise
        agent.record_at(time, Kind.RELEASED, self._tracing_identity, n)


class BoundedSemaphore(Semaphore, threading.BoundedSemaphore):
    """`threading.BoundedSemaphore`, recorded: a release above the initial value raises ValueError."""

    _tracing_type = "BoundedSemaphore"

    # for Python's own words: "BoundedSemaphore.release() takes from ..."

    def __init__(self, value: int = 1) -> None:
        super().__init__(value)

    def release(self, n: int = 1) -> None:
        super().release(n)
