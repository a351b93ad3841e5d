"""What a recorded run replaces, and a simulated one too: `sleep`, plain queues, futures and executors.

Owns: `RECORDED`, replaced wherever the program has it, and `RECORDED_PLACES`, replaced in one place; and what
stands for `queue.SimpleQueue`.
"""

from __future__ import annotations

import queue
import time
from collections.abc import Iterable
from types import GenericAlias
from typing import Any

from tracing.cpython.frames import getframe
from tracing.cpython.locks import PySimpleQueue
from tracing.naming import is_library
from tracing.patching import Replacements
from tracing.primitives import futures
from tracing.primitives.queues import QUEUES
from tracing.primitives.simple_queue import SimpleQueue as RecordedSimpleQueue
from tracing.primitives.thread import sleep
from tracing.runtime import here
from tracing.runtime.simulated import simulated_here

_SimpleQueue = queue.SimpleQueue  # the name in `queue` is replaced for a while


def made_by_program() -> bool:
    """Whether it is the program's own code that calls the replacement that asks."""
    return not is_library(getframe(2).f_code.co_filename)


class _SimpleQueues:
    """In place of the class `queue.SimpleQueue`, which waits in C, where no run can see it or end it.

    What the program makes is recorded. In a simulated run a library gets the equivalent in Python. No class,
    for a class that extends it has to extend what is recorded.
    """

    __name__ = __qualname__ = "SimpleQueue"

    def __call__(self) -> Any:
        return _made(by_program=made_by_program())

    def __instancecheck__(self, instance: object) -> bool:
        return isinstance(instance, (_SimpleQueue, PySimpleQueue))

    def __subclasscheck__(self, cls: type) -> bool:
        return issubclass(cls, (_SimpleQueue, PySimpleQueue))

    def __mro_entries__(self, bases: tuple[object, ...]) -> tuple[type, ...]:
        return (RecordedSimpleQueue,)

    def __getitem__(self, item: Any) -> GenericAlias:
        return _SimpleQueueOf(_SimpleQueue, item)


class _SimpleQueueOf(GenericAlias):
    """In place of `queue.SimpleQueue[int]`, which makes queues, too, and can be extended."""

    def __call__(self) -> Any:
        return _made(by_program=made_by_program())

    def __mro_entries__(self, bases: Iterable[object], /) -> tuple[type, ...]:
        return (RecordedSimpleQueue,)


def _made(*, by_program: bool) -> Any:
    if here.agent is None:
        return _SimpleQueue()
    if by_program:
        return RecordedSimpleQueue()
    return _SimpleQueue() if simulated_here() is None else PySimpleQueue()


SimpleQueue = _SimpleQueues()

RECORDED: Replacements = ((time.sleep, sleep), (queue.SimpleQueue, SimpleQueue))
RECORDED_PLACES: tuple[tuple[Any, str, Any], ...] = (
    (queue, "SimpleQueue", SimpleQueue),
    *QUEUES,
    *futures.METHODS,
    *futures.IN_WORKERS,
)
