"""SimpleQueue: the face of `queue.SimpleQueue`.

Owns: the record of puts and gets, and who waits for an item.

Rule: a put is stamped before the item is really there, a get after it is really taken: the length that
follows from the record is never below 0.

How it works: the items are in the original. Who finds none there waits at a gate, and each put opens the
first one; who comes through it tries again, for another may have been quicker. No lock is held anywhere, so
that a put may come in the middle of any operation: from a signal handler, or a finalizer.
"""

from __future__ import annotations

import queue
from collections import deque
from contextlib import suppress
from queue import Empty
from typing import TypeVar

from tracing.events import Kind
from tracing.recorder import Identity
from tracing.runtime import Agent, Gate, here, nanoseconds

T = TypeVar("T")
Plain = queue.SimpleQueue  # the name in `queue` is replaced while a run lasts


class SimpleQueue(Plain[T]):
    """`queue.SimpleQueue`, recorded: put never waits, get waits for an item.

    Same signatures, results and exceptions as `queue.SimpleQueue` on the running version of Python.
    """

    def __init__(self) -> None:
        super().__init__()
        self._tracing_identity = Identity("SimpleQueue", self)
        self._tracing_gates: deque[Gate] = deque()

    def put(self, item: T, block: bool = True, timeout: float | None = None) -> None:
        """Put the item in; never waits: `block` and `timeout` are for those who have a Queue in mind."""
        agent = here.agent
        if agent is not None:
            if not agent.point(Kind.PUT, self._tracing_identity.serial):
                return
            agent.meet(self._tracing_identity, super().qsize())
            agent.record(Kind.PUT, self._tracing_identity)
        super().put(item, block, timeout)
        self.__open_next()

    def put_nowait(self, item: T) -> None:
        """The same."""
        self.put(item)

    def get(self, block: bool = True, timeout: float | None = None) -> T:
        """Take the item that was put in first; wait for one unless `block` is false, at most `timeout`
        seconds. Raises Empty where there was none.
        """
        agent = here.agent
        if agent is None or not agent.point(Kind.GOT, self._tracing_identity.serial):
            return super().get(block and agent is None, timeout)
        if block and timeout is not None:
            _refuse_like_plain(timeout)
        agent.meet(self._tracing_identity, super().qsize())
        with suppress(Empty):
            return self.__take(agent)
        if block and (timeout is None or timeout > 0):
            return self.__wait(agent, timeout)
        agent.record(Kind.WOULD_BLOCK, self._tracing_identity)
        raise Empty

    def get_nowait(self) -> T:
        """Take the item that was put in first. Raises Empty where there is none."""
        return self.get(False)

    def empty(self) -> bool:
        """Whether there is none, at this moment."""
        self.__glance()
        return super().empty()

    def qsize(self) -> int:
        """How many there are, at this moment."""
        self.__glance()
        return super().qsize()

    def __repr__(self) -> str:
        return f"<_queue.SimpleQueue object at {id(self):#x}>"

    def __glance(self) -> None:
        if here.agent is not None:
            here.agent.glance(Kind.GOT, self._tracing_identity.serial)

    def __take(self, agent: Agent) -> T:
        """Take one, on record. Raises Empty where there is none."""
        item = super().get_nowait()
        agent.record(Kind.GOT, self._tracing_identity)
        return item

    def __wait(self, agent: Agent, timeout: float | None) -> T:
        """Wait, on record, until there is an item for this thread. Raises Empty where its time is up."""
        began = agent.now()
        left = timeout
        try:
            agent.record(Kind.GET_WAIT, self._tracing_identity, nanoseconds(timeout))
            while True:
                came = self.__pass_gate(agent, left)
                with suppress(Empty):
                    return self.__take(agent)
                if timeout is not None:
                    left = timeout - (agent.now() - began) / 1e9
                if not came or left is not None and left <= 0:
                    break
        except BaseException:
            agent.record(Kind.CUT, self._tracing_identity)
            self.__open_next()  # its gate may have been opened for an item that is there for another one now
            raise
        agent.record(Kind.TIMED_OUT, self._tracing_identity)
        raise Empty

    def __pass_gate(self, agent: Agent, seconds: float | None) -> bool:
        """Wait until there seems to be an item; whether there does."""
        gate = Gate(agent)
        self._tracing_gates.append(gate)
        try:
            # An item that came before the gate was there has opened no gate.
            return not super().empty() or agent.wait_until(gate, seconds)
        finally:
            with suppress(ValueError):  # it was opened
                self._tracing_gates.remove(gate)

    def __open_next(self) -> None:
        """Let the first of those who wait try again; not who was left behind by a run that has ended."""
        while self._tracing_gates and not super().empty():
            with suppress(IndexError, RuntimeError):  # another one was quicker; the end of its run opened it
                gate = self._tracing_gates.popleft()
                if not gate.agent.run.ended:
                    gate.release()
                    return


def _refuse_like_plain(timeout: float) -> None:
    """Raise what the original raises for a timeout that it does not take. It has an item: it never waits."""
    full: Plain[None] = Plain()
    full.put(None)
    full.get(True, timeout)
