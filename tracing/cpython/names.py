"""Names of the standard library that a simulated run replaces or builds on, and that are not public.

What for: `threading`, `queue` and `concurrent.futures` are Python code on top of a few functions in C. With
these few replaced, all of it is simulated. No public way: modules do not take their clock or their locks as
arguments.

Rule: an owner and a name. All versions from 3.11 on have them; where one is missing, `missing` says so, and
nothing is simulated, because what waits there would wait for real.
"""

from __future__ import annotations

import queue
import threading
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import _base as futures
from concurrent.futures import thread as executors
from typing import Any

from tracing.cpython import threads

Slot = tuple[Any, str]

WAITERS_LOCK: Slot = (threading, "_allocate_lock")
"""What a waiter of a Condition waits for is made by this."""
THREADINGS_CLOCK: Slot = (threading, "_time")
QUEUES_CLOCK: Slot = (queue, "time")
THREAD_COUNTER: Slot = (threading, "_counter")
"""Gives the numbers of default names: Thread-1, Thread-2, ..."""
POOL_COUNTER: Slot = (ThreadPoolExecutor, "_counter")
POOLS_LOCK: Slot = (executors, "_global_shutdown_lock")
"""Held by each executor while it starts a thread."""
FUTURES_ORDER: Slot = (futures, "id")
"""A builtin, and no name of this module until it is replaced: `wait` sorts futures by it, so as not to lock
them crosswise. The order of ids is another one in each process.
"""

_REPLACED = (WAITERS_LOCK, THREADINGS_CLOCK, QUEUES_CLOCK, THREAD_COUNTER, POOL_COUNTER, POOLS_LOCK)
_IN_PYTHON: tuple[Slot, ...] = ((threading, "_PyRLock"), (queue, "_PySimpleQueue"))  # see `locks`


def missing() -> tuple[str, ...]:
    """What a simulated run needs and this Python does not have."""
    names = (
        f"{owner.__name__}.{name}" for owner, name in (*_REPLACED, *_IN_PYTHON) if not hasattr(owner, name)
    )
    return (*names, *threads.missing())
