"""Barrier: the face of `threading.Barrier`.

Owns: arrivals, the trip, the action and breaking, recorded.

Rule: everything but the leaving is stamped while the barrier's inner lock is held, so that the record has the
true order.

How it works: CPython's class calls `_release` in the last thread to arrive, `_wait` in all others, and
`_break` where it breaks; these are extended. The methods have been the same since Python 3.2.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from threading import BrokenBarrierError
from typing import Any

from tracing.events import Kind
from tracing.primitives.inner import InnerCondition, Operation, as_threading, in_words
from tracing.recorder import Identity
from tracing.runtime import Agent, here


class Barrier(threading.Barrier):
    """`threading.Barrier`, recorded: `parties` threads meet, then all go on.

    Same signatures, results and exceptions as `threading.Barrier` on the running version of Python.
    """

    # CPython's own, which typeshed does not know.
    _action: Callable[[], Any] | None
    _count: int

    def __init__(
        self, parties: int, action: Callable[[], Any] | None = None, timeout: float | None = None
    ) -> None:
        super().__init__(parties, action, timeout)
        self._tracing_identity = Identity("Barrier", self)
        self._cond = InnerCondition(self._tracing_identity)
        self.__why = "timeout"  # it breaks, where CPython's code says so: unless the action raised

    def __repr__(self) -> str:
        return as_threading(super().__repr__())

    def wait(self, timeout: float | None = None) -> int:
        """Wait until `parties` threads are here (at most `timeout` seconds). Returns an index, different for
        each.

        Raises BrokenBarrierError where the barrier is broken or breaks: by abort(), reset(), a time-out in
        any thread, or an action that raises.
        """
        agent = here.agent
        if agent is None:
            return super().wait(timeout)
        if not agent.point(Kind.ARRIVED, self._tracing_identity.serial):
            return 0
        agent.meet(self._tracing_identity, self.parties)
        try:
            with Operation(agent, self._tracing_identity):
                index = super().wait(timeout)
                agent.record(Kind.PASSED, self._tracing_identity, index)
        except BrokenBarrierError:
            agent.record(Kind.BROKE_OUT, self._tracing_identity)
            raise
        return index

    def abort(self) -> None:
        """Break the barrier: all who wait or come get BrokenBarrierError, until reset()."""
        self.__point(Kind.BROKEN)
        with self._cond:
            self._break("abort")

    def reset(self) -> None:
        """Make the barrier as new; who waits gets BrokenBarrierError."""
        self.__point(Kind.RESET)
        with self._cond:  # CPython's code, Lib/threading.py, for the sake of a stamp inside the lock
            self.__record(Kind.RESET)
            if not self._count:
                self._state = 0
            elif self._state in (0, -2):
                self._state = -1
            self._cond.notify_all()

    @property
    def n_waiting(self) -> int:
        """How many threads are waiting."""
        self.__glance(Kind.ARRIVED)
        return super().n_waiting

    @property
    def broken(self) -> bool:
        """Whether the barrier is broken."""
        self.__glance(Kind.BROKEN)
        return super().broken

    def __point(self, kind: Kind) -> None:
        if here.agent is not None:
            here.agent.point(kind, self._tracing_identity.serial)

    def __glance(self, kind: Kind) -> None:
        if here.agent is not None:
            here.agent.glance(kind, self._tracing_identity.serial)

    def __agent(self) -> Agent | None:
        agent = here.agent
        if agent is None or agent.unwinding:
            return None
        agent.meet(self._tracing_identity, self.parties)
        return agent

    def __record(self, kind: Kind, arg: int | str | None = None) -> None:
        agent = self.__agent()
        if agent is not None:
            agent.record(kind, self._tracing_identity, arg)

    # CPython's hooks; the inner lock is held.

    def _release(self) -> None:
        self.__record(Kind.ARRIVED, self._count)
        self.__record(Kind.TRIPPED)
        action = self._action
        if action:
            self._action = partial(self.__perform, action)
        try:
            super()._release()  # type: ignore[misc]
        finally:
            self._action, self.__why = action, "timeout"

    def __perform(self, action: Callable[[], Any]) -> None:
        self.__record(Kind.ACTION)
        try:
            action()
        except BaseException as error:
            self.__why = in_words(error)
            raise
        self.__record(Kind.ACTION_DONE)

    def _wait(self, timeout: float | None) -> None:
        self.__record(Kind.ARRIVED, self._count)
        super()._wait(timeout)  # type: ignore[misc]

    def _break(self, why: str = "") -> None:
        self.__record(Kind.BROKEN, why or self.__why)
        super()._break()  # type: ignore[misc]
