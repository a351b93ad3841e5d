"""What code gets in a run that says `threading.Lock()` (a simulated one) or `queue.SimpleQueue()` (any):
`queue.Queue`, executors, a program of its own.

Owns: `LibraryLock`, and what stands in place of those names meanwhile.

Rule: everything in `threading` and `queue` is Python code on top of these few, so it is simulated as soon
as they are. A lock that the program makes itself is recorded; those inside the standard library are not. A
thread that belongs to no simulated run gets the original.
"""

from __future__ import annotations

import queue
import threading
from types import GenericAlias
from typing import Any

from tracing.cpython.frames import getframe
from tracing.cpython.locks import PySimpleQueue, rlock_over
from tracing.cpython.names import WAITERS_LOCK
from tracing.events import Kind
from tracing.naming import is_library
from tracing.primitives.lock import Lock
from tracing.primitives.mutex import SilentLock
from tracing.primitives.rlock import RLock
from tracing.primitives.simple_queue import SimpleQueue as RecordedSimpleQueue
from tracing.recorder import next_serial
from tracing.runtime import here
from tracing.runtime.simulated import simulated_here

_new_lock, _new_rlock = threading.Lock, threading.RLock  # the names in `threading` are replaced for a while
_SimpleQueue = queue.SimpleQueue
_new_waiter: Any = getattr(*WAITERS_LOCK, None)


class LibraryLock(SilentLock):
    """A lock of library code: not recorded, but its acquiring is a point."""

    __slots__ = ("_serial",)

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


def _made_by_program() -> bool:
    return not is_library(getframe(2).f_code.co_filename)


def new_lock() -> Any:
    """In place of threading.Lock."""
    if simulated_here() is None:
        return _new_lock()
    return Lock() if _made_by_program() else LibraryLock()


def new_rlock() -> Any:
    """In place of threading.RLock."""
    if simulated_here() is None:
        return _new_rlock()
    if _made_by_program():
        return RLock()
    return rlock_over(LibraryLock())


def new_waiter() -> Any:
    """In place of the raw lock that a waiter in `threading.Condition` waits for: neither point nor record."""
    return _new_waiter() if simulated_here() is None else SilentLock()


class _SimpleQueues:
    """In place of the class `queue.SimpleQueue`, which waits in C, where no run can see it or end it.

    What the program makes is recorded. In a simulated run a library gets the equivalent in Python. No class,
    for a class that extends it has to extend what is recorded.
    """

    __name__ = __qualname__ = "SimpleQueue"

    def __call__(self) -> Any:
        if here.agent is None:
            return _SimpleQueue()
        if _made_by_program():
            return RecordedSimpleQueue()
        return _SimpleQueue() if simulated_here() is None else PySimpleQueue()

    def __instancecheck__(self, instance: object) -> bool:
        return isinstance(instance, (_SimpleQueue, PySimpleQueue))

    def __subclasscheck__(self, cls: type) -> bool:
        return issubclass(cls, (_SimpleQueue, PySimpleQueue))

    def __mro_entries__(self, bases: tuple[object, ...]) -> tuple[type, ...]:
        return (RecordedSimpleQueue,)

    def __getitem__(self, item: Any) -> GenericAlias:
        return GenericAlias(_SimpleQueue, item)


SimpleQueue = _SimpleQueues()
