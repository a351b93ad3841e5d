"""Event: the face of `threading.Event`.

Owns: a flag and who waits for it, recorded.

Rule: set, clear and the beginning of a wait are stamped while the inner lock is held, so the record has their
true order. A wait that returns True is stamped when it returns: its thread may be late, and the flag down
again.
"""

from __future__ import annotations

import threading

from tracing.cpython.locks import inner_condition, is_up, put, wait_on
from tracing.cpython.stack import FEW, room
from tracing.events import Kind
from tracing.primitives.inner import InnerCondition, Operation, as_threading
from tracing.recorder import Identity
from tracing.runtime import Agent, here


class Event(threading.Event):
    """`threading.Event`, recorded: a flag that threads can wait for.

    Same signatures, results and exceptions as `threading.Event` on the running version of Python.
    """

    def __init__(self) -> None:
        super().__init__()
        self._tracing_identity = Identity("Event", self)
        wait_on(self, InnerCondition(self._tracing_identity))

    def __repr__(self) -> str:
        self.__glance()
        return as_threading(super().__repr__())

    def set(self) -> None:
        """Raise the flag and wake all who wait for it."""
        room(FEW)  # or the flag could be up, and who waits for it not be told
        self.__point(Kind.SET)
        with inner_condition(self):
            self.__record(Kind.SET)
            put(self, True)
            inner_condition(self).notify_all()

    def clear(self) -> None:
        """Lower the flag."""
        self.__point(Kind.CLEARED)
        with inner_condition(self):
            self.__record(Kind.CLEARED)
            put(self, False)

    def is_set(self) -> bool:
        """Whether the flag is up."""
        self.__glance()
        return is_up(self)

    def __glance(self) -> None:
        if here.agent is not None:
            here.agent.glance(Kind.PASSED, self._tracing_identity.serial)

    def __point(self, kind: Kind) -> None:
        if here.agent is not None:
            here.agent.point(kind, self._tracing_identity.serial)

    def __record(self, kind: Kind) -> None:
        agent = here.agent
        if agent is not None and not agent.unwinding:
            agent.meet(self._tracing_identity, is_up(self))
            agent.record(kind, self._tracing_identity)

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until the flag is up, at most `timeout` seconds. Returns whether it was."""
        agent = here.agent
        if agent is None:
            return super().wait(timeout)
        room()
        if not agent.point(Kind.PASSED, self._tracing_identity.serial):
            return is_up(self)
        agent.meet(self._tracing_identity, is_up(self))
        return self.__wait(agent, timeout)

    def __wait(self, agent: Agent, timeout: float | None) -> bool:
        with Operation(agent, self._tracing_identity):
            passed = super().wait(timeout)
            agent.record(Kind.PASSED if passed else Kind.TIMED_OUT, self._tracing_identity)
        return passed
