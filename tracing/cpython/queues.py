"""The insides of `queue.Queue`: what its methods do, once more, with a word at each step.

What for: a plain queue is recorded while a run lasts. What is put or taken has to be known while the mutex is
held, or the record would not have the true order; and who waits has to wait as the run does. No public way:
a queue tells nobody of what it does, and `_put` and `_get` belong to the program's subclasses.

Source: CPython, Lib/queue.py. The same from 3.11 to 3.15, but for `shutdown`, which is there from 3.13 on.
So `put`, `get`, `task_done`, `join` and `shutdown` are CPython's code with these differences: they take the
mutex itself where CPython takes it by way of a condition, and where CPython waits they ask `told` to. Should
a name be missing, using a queue in a run raises AttributeError with it; `queue` would have been written anew
then.
"""

from __future__ import annotations

import queue as _queue
from collections.abc import Callable
from queue import Empty, Full, LifoQueue, PriorityQueue, Queue
from threading import Condition
from types import FrameType
from typing import Any, Protocol

TOO_MANY = "task_done() called too many times"
HAS_SHUTDOWN = hasattr(Queue, "shutdown")
ShutDown: type[Exception] = getattr(_queue, "ShutDown", type("ShutDown", (Exception,), {}))
"""From 3.13 on; before that nobody raises it."""


class Told(Protocol):
    """Who is told of what is done to a queue, by the thread that does it, which holds the mutex.

    by: what the caller of the operation gave: who does it. plain: the queue's `order` is known, so that its
    `_qsize()` is `len(queue.queue)`: put and get ask that, which takes a twentieth less time.
    """

    plain: bool

    def wait_to_put(self, by: Any, full: Callable[[], bool], timeout: float | None) -> None:
        """Wait on `not_full` as long as `full()`; raise Full where that takes longer than the timeout."""

    def wait_to_get(self, by: Any, empty: Callable[[], bool], timeout: float | None) -> None:
        """Wait on `not_empty` as long as `empty()`; raise Empty where that takes longer than the timeout."""

    def wait_for_all(self, by: Any, unfinished: Callable[[], bool]) -> None:
        """Wait on `all_tasks_done` as long as `unfinished()`."""

    def has_put(self, by: Any, item: object, length: int) -> None:
        """That is in the queue; its length now."""

    def has_got(self, by: Any, item: object, length: int) -> None:
        """That is out of the queue; its length now."""

    def has_done(self, by: Any, unfinished: int) -> None:
        """A task is done; how many are not."""

    def all_done(self, by: Any) -> None:
        """No task is unfinished: `join` goes on."""

    def is_refused(self, by: Any, error: Exception) -> None:
        """The operation will raise that, without having waited."""

    def has_shut_down(self, by: Any, dropped: int) -> None:
        """It was shut down; how many items were thrown away."""


def put(queue: Any, item: object, block: bool, timeout: float | None, told: Told, by: Any) -> None:
    """`Queue.put`."""
    with queue.mutex as held:  # noqa: F841 (see frame_that_holds)
        if HAS_SHUTDOWN and queue.is_shutdown:
            told.is_refused(by, ShutDown())
            raise ShutDown
        if queue.maxsize > 0:
            if not block:
                if queue._qsize() >= queue.maxsize:
                    told.is_refused(by, Full())
                    raise Full
            elif timeout is not None and timeout < 0:
                raise ValueError("'timeout' must be a non-negative number")
            elif queue._qsize() >= queue.maxsize:
                told.wait_to_put(by, lambda: _is_full(queue), timeout)
        queue._put(item)
        queue.unfinished_tasks += 1
        told.has_put(by, item, len(queue.queue) if told.plain else queue._qsize())
        condition = queue.not_empty
        # Where nobody waits notify() would take as long as all the rest.
        if type(condition) is not Condition or condition._waiters:  # type: ignore[attr-defined]
            condition.notify()


def get(queue: Any, block: bool, timeout: float | None, told: Told, by: Any) -> Any:
    """`Queue.get`."""
    with queue.mutex as held:  # noqa: F841 (see frame_that_holds)
        if HAS_SHUTDOWN and queue.is_shutdown and not queue._qsize():
            told.is_refused(by, ShutDown())
            raise ShutDown
        if not block:
            if not queue._qsize():
                told.is_refused(by, Empty())
                raise Empty
        elif timeout is not None and timeout < 0:
            raise ValueError("'timeout' must be a non-negative number")
        elif not (queue.queue if told.plain else queue._qsize()):
            told.wait_to_get(by, lambda: _is_empty(queue), timeout)
        item = queue._get()
        told.has_got(by, item, len(queue.queue) if told.plain else queue._qsize())
        condition = queue.not_full
        if type(condition) is not Condition or condition._waiters:  # type: ignore[attr-defined]
            condition.notify()
        return item


def _is_full(queue: Any) -> bool:
    """Of one in which a thread waits for room. Raises ShutDown where it will get none."""
    if HAS_SHUTDOWN and queue.is_shutdown:
        raise ShutDown
    return bool(queue._qsize() >= queue.maxsize)


def _is_empty(queue: Any) -> bool:
    """Of one in which a thread waits for an item. Raises ShutDown where none will come."""
    if queue._qsize():
        return False
    if HAS_SHUTDOWN and queue.is_shutdown:
        raise ShutDown
    return True


def task_done(queue: Any, told: Told, by: Any) -> None:
    """`Queue.task_done`."""
    with queue.mutex as held:  # noqa: F841 (see frame_that_holds)
        unfinished = queue.unfinished_tasks - 1
        if unfinished < 0:
            told.is_refused(by, ValueError(TOO_MANY))
            raise ValueError(TOO_MANY)
        told.has_done(by, unfinished)
        if not unfinished:
            queue.all_tasks_done.notify_all()
        queue.unfinished_tasks = unfinished


def join(queue: Any, told: Told, by: Any) -> None:
    """`Queue.join`."""
    with queue.mutex as held:  # noqa: F841 (see frame_that_holds)
        if queue.unfinished_tasks:
            told.wait_for_all(by, lambda: bool(queue.unfinished_tasks))
        told.all_done(by)


def shutdown(queue: Any, immediate: bool, told: Told, by: Any) -> None:
    """`Queue.shutdown`."""
    with queue.mutex as held:  # noqa: F841 (see frame_that_holds)
        queue.is_shutdown = True
        told.has_shut_down(by, _drained(queue) if immediate else 0)
        if immediate:
            queue.all_tasks_done.notify_all()
        queue.not_empty.notify_all()
        queue.not_full.notify_all()


def _drained(queue: Any) -> int:
    """Throw away what is in it; how much that was."""
    dropped = 0
    while queue._qsize():
        queue._get()
        dropped += 1
        if queue.unfinished_tasks > 0:
            queue.unfinished_tasks -= 1
    return dropped


_INSIDE = frozenset(function.__code__ for function in (put, get, task_done, join, shutdown))


def frame_that_holds(queue: Any, frame: FrameType | None) -> FrameType | None:
    """The frame of an operation of this module that has the queue's mutex: that one, or one that led to it.

    What for: a finaliser or a signal handler comes in the middle of an operation, and one that uses the same
    queue waits for its own thread. A mutex says only that it is locked, not by whom; `held` is there once it
    is had. Where the operation waits, it has given the mutex up.
    """
    while frame is not None:
        if frame.f_code in _INSIDE and frame.f_locals.get("queue") is queue:
            return frame if frame.f_locals.get("held") else None
        if frame.f_code.co_name in _WAITING:
            return None
        frame = frame.f_back
    return None


_WAITING = ("wait_to_put", "wait_to_get", "wait_for_all")


def now() -> float:
    """The clock of `queue`, virtual in a simulated run."""
    return float(vars(_queue)["time"]())


_OWN = ("_put", "_get", "_init", "_qsize")  # what a class of the program's may have for itself


def order(kind: type[Queue[Any]]) -> str:
    """In which order a queue of that class gives its items: "fifo", "lifo", or "" where the program decides.

    A priority queue's order is the items' own.
    """
    for known, word in ((LifoQueue, "lifo"), (PriorityQueue, ""), (Queue, "fifo")):
        if issubclass(kind, known):
            own = any(getattr(kind, name) is not getattr(known, name) for name in _OWN)
            return "" if own else word
    return ""
