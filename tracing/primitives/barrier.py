"""Barrier: the face of `threading.Barrier`.

Owns: arrivals, the trip, the action and breaking, recorded.

Rule: everything but the leaving is stamped while the barrier's inner lock is held, so that the record has the
true order.

How it works: CPython's class tells of its steps, and why it breaks follows from them; see `cpython.locks`.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import BrokenBarrierError
from typing import Any
from weakref import WeakMethod

from tracing.cpython.locks import WatchedBarrier, wait_on
from tracing.cpython.stack import room
from tracing.events import Kind
from tracing.primitives.inner import InnerCondition, Operation, as_threading, in_words
from tracing.recorder import Identity
from tracing.runtime import Agent, here


class _Round(InnerCondition):
    """What a barrier's threads wait on: for its round to be complete, or for the one before to have left."""

    def __init__(self, identity: Identity, barrier: Barrier) -> None:
        super().__init__(identity)
        self._empties = WeakMethod(barrier._tracing_empties)  # not for ever in a circle with its barrier

    def kind(self) -> Kind:
        empties = self._empties()
        return Kind.ROUND_WAIT if empties and empties() else Kind.WAIT


class Barrier(WatchedBarrier):
    """`threading.Barrier`, recorded: `parties` threads meet, then all go on.

    Same signatures, results and exceptions as `threading.Barrier` on the running version of Python.
    """

    def __init__(
        self, parties: int, action: Callable[[], Any] | None = None, timeout: float | None = None
    ) -> None:
        super().__init__(parties, action, timeout)
        self._tracing_identity = Identity("Barrier", self)
        wait_on(self, _Round(self._tracing_identity, self))
        self.__why = "timeout"  # it breaks, where CPython's code says so: unless abort() or the action did it

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
        room()
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
        super().abort()

    def reset(self) -> None:
        """Make the barrier as new; who waits gets BrokenBarrierError."""
        self.__point(Kind.RESET)
        super().reset()

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

    # The steps; the inner lock is held.

    def _tracing_arrives(self, count: int) -> None:
        self.__record(Kind.ARRIVED, count)
        if (agent := self.__agent()) is not None:
            agent.unannounced = self._tracing_identity.serial  # a wait for the others is another one

    def _tracing_trips(self) -> None:
        self.__record(Kind.TRIPPED)

    def _tracing_acts(self, action: Callable[[], Any]) -> None:
        self.__record(Kind.ACTION)
        try:
            action()
        except BaseException as error:
            self.__why = in_words(error)
            raise
        finally:
            self.__point(Kind.TRIPPED)  # anew: the action may have announced operations of its own
        self.__record(Kind.ACTION_DONE)

    def _tracing_breaks(self, why: str) -> None:
        self.__record(Kind.BROKEN, why or self.__why)
        self.__why = "timeout"

    def _tracing_resets(self) -> None:
        self.__record(Kind.RESET)
