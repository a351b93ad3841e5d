"""What a simulated run replaces besides what a recorded one does: locks, clocks, threads.

Owns: `SIMULATED`, replaced wherever the program has it, and `SIMULATED_PLACES`, replaced in one place; and
what code gets meanwhile that says `threading.Lock()`: `queue.Queue`, executors, a program of its own.

Rule: everything in `threading` and `queue` is Python code on top of these few, so it is simulated as soon
as they are. A lock that the program makes itself is recorded; those inside the standard library are not. A
thread that belongs to no simulated run gets the original.

What takes a clock's place is a method already: a class that is made meanwhile, with such a name as an
attribute, must not make it one of its own, for it would not make one of the original.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from types import MethodType
from typing import Any

from tracing.cpython.locks import rlock_over
from tracing.cpython.names import FUTURES_ORDER, QUEUES_CLOCK, THREADINGS_CLOCK, WAITERS_LOCK
from tracing.cpython.threads import native_id
from tracing.patching import Replacements
from tracing.patching.recorded import RECORDED, SimpleQueue, made_by_program
from tracing.primitives import futures, life
from tracing.primitives.lock import Lock
from tracing.primitives.mutex import LibraryLock, WaiterLock
from tracing.primitives.queues import LOOKS, QUEUES
from tracing.primitives.rlock import RLock
from tracing.runtime.simulated import simulated_here

_new_lock, _new_rlock = threading.Lock, threading.RLock  # the names in `threading` are replaced for a while
_new_waiter: Any = getattr(*WAITERS_LOCK, None)


def new_lock() -> Any:
    """In place of threading.Lock."""
    if simulated_here() is None:
        return _new_lock()
    return Lock() if made_by_program() else LibraryLock()


def new_rlock() -> Any:
    """In place of threading.RLock."""
    if simulated_here() is None:
        return _new_rlock()
    if made_by_program():
        return RLock()
    return rlock_over(LibraryLock())


def new_waiter() -> Any:
    """In place of the raw lock that a waiter in `threading.Condition` waits for: neither point nor record."""
    return _new_waiter() if simulated_here() is None else WaiterLock()


EPOCH = 1_700_000_000  # s: what time.time() gives at the beginning of a simulated run


def _clock(original: Callable[[], Any], *, since: int = 0, ns: bool = False) -> Callable[[], Any]:
    """A clock that shows virtual time to threads of a simulated run; a method, see above."""

    def clock(original: Callable[[], Any]) -> Any:
        run = simulated_here()
        if run is None:
            return original()
        now = since * 10**9 + run.look_at_clock()
        return now if ns else now / 1e9

    return MethodType(clock, original)


_CLOCKS: Replacements = (
    (time.monotonic, _clock(time.monotonic)),
    (time.perf_counter, _clock(time.perf_counter)),
    (time.time, _clock(time.time, since=EPOCH)),
    (time.monotonic_ns, _clock(time.monotonic_ns, ns=True)),
    (time.perf_counter_ns, _clock(time.perf_counter_ns, ns=True)),
    (time.time_ns, _clock(time.time_ns, since=EPOCH, ns=True)),
)
SIMULATED: Replacements = (
    *RECORDED,
    *_CLOCKS,
    (threading.Lock, new_lock),
    (threading.RLock, new_rlock),
)


def _of_run(original: Callable[..., Any], ours: Callable[..., Any]) -> Callable[..., Any]:
    """Ours for a thread of a simulated run, the original for all others."""

    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        return (original if simulated_here() is None else ours)(self, *args, **kwargs)

    return method


def order_of(thing: Any) -> int:
    """A number for hashing and sorting that depends on the program alone: sets keep their order from run to
    run.
    """
    number: int | None = vars(thing).get("_order")
    if number is None:
        run = simulated_here()
        if run is None:
            return object.__hash__(thing)
        number = thing._order = run.next_order()
    return number


SIMULATED_PLACES: tuple[tuple[Any, str, Any], ...] = (
    (queue, "SimpleQueue", SimpleQueue),
    *QUEUES,
    *LOOKS,
    *futures.METHODS,
    (threading, "Lock", new_lock),
    (threading, "RLock", new_rlock),
    (*WAITERS_LOCK, new_waiter),
    (*THREADINGS_CLOCK, _CLOCKS[0][1]),
    (*QUEUES_CLOCK, _CLOCKS[0][1]),
    (threading.Thread, "start", _of_run(life.START, life.start)),
    (threading.Thread, "join", _of_run(life.JOIN, life.join)),
    (threading.Thread, "is_alive", _of_run(life.IS_ALIVE, life.is_alive)),
    (threading.Thread, "native_id", property(_of_run(threading.Thread.native_id.__get__, native_id))),
    (threading.Thread, "__hash__", order_of),
    (Future, "__hash__", order_of),
    (*FUTURES_ORDER, order_of),
)
