"""Condition: the face of `threading.Condition`.

Owns: the three phases of a wait in the record: gave the lock up, was notified (by whom), has the lock back.

Rule: the Condition records its own operations only; giving up and re-acquiring the lock are recorded by the
lock. A Condition over a lock that is not ours works and records the waits alone.

How it works: CPython's class with `wait` and `notify` extended. Where CPython's waiters wait for a raw lock,
threads of a run wait at a `Gate`, which knows whose it is, so that `notify` can say whom it woke.
"""

from __future__ import annotations

import threading
from typing import Any

from tracing.cpython.durations import above_zero
from tracing.cpython.locks import is_owned, lock_of, waiters_of
from tracing.cpython.stack import room
from tracing.events import Kind, Woken
from tracing.primitives.inner import wait_at_gate
from tracing.primitives.rlock import RLock
from tracing.recorder import Identity
from tracing.runtime import Agent, Gate, RawWaitable, here, nanoseconds


class Condition(threading.Condition):
    """`threading.Condition`, recorded.

    lock: a Lock or RLock; without one it makes an RLock for itself.
    Same signatures, results and exceptions as `threading.Condition` on the running version of Python.
    """

    def __init__(self, lock: Any = None) -> None:
        identity = Identity("Condition", self)
        inner: Any = RLock.of_condition(identity) if lock is None else lock
        super().__init__(inner)
        identity.lock = getattr(getattr(inner, "_tracing_identity", None), "serial", 0)
        self._tracing_identity = identity  # last: who pickles it stumbles over the lock, as with threading's

    def wait(self, timeout: float | None = None) -> bool:
        """Give the lock up, wait for a notification (at most `timeout` seconds), and take the lock again.

        Returns whether it was notified. Raises RuntimeError where the calling thread does not hold the lock.
        """
        room()
        agent = here.agent
        if agent is None:
            return super().wait(timeout)
        if not agent.point(Kind.COND_WAIT, self.__touched()):
            return False
        if not is_owned(self):
            raise self.__refused(agent, "cannot wait on un-acquired lock")
        timeout = above_zero(timeout)
        self.__begin(agent, timeout)
        lock = lock_of(self)
        agent.retakes = lock if isinstance(lock, RawWaitable) else None
        return self.__wait(agent, timeout)

    def __repr__(self) -> str:
        if here.agent is not None:
            here.agent.glance(Kind.COND_WAIT, self.__touched())  # how many wait
        return super().__repr__()

    def __touched(self) -> int:
        identity = self._tracing_identity
        return identity.lock or identity.serial  # who does anything with it must hold the lock

    def __begin(self, agent: Agent, timeout: float | None) -> None:
        """On record. Where that is interrupted, the wait that it may have put there is over."""
        try:
            agent.record(Kind.COND_WAIT, self._tracing_identity, nanoseconds(timeout))
        except BaseException:
            agent.record(Kind.CUT, self._tracing_identity)
            raise

    def __wait(self, agent: Agent, timeout: float | None) -> bool:
        return wait_at_gate(self, agent, timeout, woke=self.__woke)

    def __woke(self, agent: Agent, how: Woken | None) -> None:
        kind, arg = (Kind.CUT, None) if how is None else (Kind.COND_WOKE, int(how))
        agent.record(kind, self._tracing_identity, arg)

    def notify(self, n: int = 1) -> None:
        """Wake up to `n` of the threads that wait. Raises RuntimeError where the calling thread does not hold
        the lock.
        """
        agent = here.agent
        if agent is None:
            return super().notify(n)
        if not agent.point(Kind.NOTIFY, self.__touched()):
            return None
        if not is_owned(self):
            raise self.__refused(agent, "cannot notify on un-acquired lock")
        self.__record_notify(agent, n)
        super().notify(n)

    def __record_notify(self, agent: Agent, n: int) -> None:
        woken = [gate for place, gate in enumerate(waiters_of(self)) if n > place]
        agent.record(Kind.NOTIFY, self._tracing_identity, len(woken))
        for gate in woken:
            if isinstance(gate, Gate) and gate.agent.run is agent.run:
                agent.record(Kind.NOTIFIED, self._tracing_identity, gate.agent.number)

    def __refused(self, agent: Agent, message: str) -> RuntimeError:
        agent.record(Kind.REFUSED, self._tracing_identity, f"RuntimeError: {message}")
        return RuntimeError(message)
