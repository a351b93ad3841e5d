"""Where the interpreter's own Python code waits: for threads at its exit, for another thread's import.

What for: to know that a thread which stands in neither the program nor a primitive can still not go on, and
for whom it waits. No public way: `threading._shutdown`, which joins the threads at the interpreter's exit,
and the locks of modules that are being imported are private, and say nothing of themselves.

Source: CPython, Lib/threading.py (`_shutdown`) and Lib/importlib/_bootstrap.py (`_ModuleLock`: `acquire`, the
fields `name` and `owner`). All versions; where one of the names is missing, the thread counts as one that can
go on.

`INNERMOST` and `AIMS` are for stacks that are read from another process (`remote`): there is no object to ask
there, so functions are known by name, from 3.14 on. Source: Lib/threading.py, Lib/queue.py,
Lib/concurrent/futures/_base.py and thread.py. A function that has another name is not known to wait.
"""

from __future__ import annotations

import importlib
import threading
from dataclasses import dataclass
from types import FrameType, MappingProxyType
from typing import Any

from tracing.cpython.frames import code_of

INNERMOST = frozenset(
    {("threading.py", "Condition.wait"), ("threading.py", "Thread.join"), ("thread.py", "_worker")}
    | {("threading.py", "_shutdown")}
)
"""Innermost calls of threads that wait, in Python. (What waits in C, as a lock does, has none.)"""

AIMS = MappingProxyType(
    {
        ("threading.py", "Thread.join"): "for {of} to end",
        ("threading.py", "_shutdown"): "for threads that are no daemons, at the interpreter's exit",
        ("threading.py", "Condition.wait"): "for a notification of a condition",
        ("threading.py", "Event.wait"): "for an event to be set",
        ("threading.py", "Semaphore.acquire"): "for a permit of a semaphore",
        ("threading.py", "Barrier.wait"): "for the others at a barrier",
        ("queue.py", "Queue.get"): "for an item in a queue",
        ("queue.py", "Queue.put"): "for room in a queue",
        ("queue.py", "Queue.join"): "for the tasks of a queue to be done",
        ("_base.py", "Future.result"): "for the result of a call",
        ("_base.py", "Future.exception"): "for the result of a call",
        ("_base.py", "wait"): "for calls to be done",
        ("_base.py", "as_completed"): "for calls to be done",
        ("thread.py", "_worker"): "for work, as a worker of a pool",
    }
)
"""By file and function: what one waits for in it. Where one has called another, the outer one says more."""

_AT_EXIT = code_of(vars(threading).get("_shutdown"))
_bootstrap: Any = vars(importlib).get("_bootstrap")
_ACQUIRE = code_of(getattr(getattr(_bootstrap, "_ModuleLock", None), "acquire", None))


@dataclass(frozen=True, slots=True)
class Import:
    """An import by another thread: of which module, by the thread with that ident."""

    module: str
    owner: int


def waits_for_threads(top: FrameType | None) -> bool:
    """Whether a thread, by its innermost frame, waits for threads at the interpreter's exit."""
    return top is not None and top.f_code is _AT_EXIT


def awaited_import(top: FrameType | None) -> Import | None:
    """Which other thread's import a thread, by its innermost frame, waits for."""
    if top is None or top.f_code is not _ACQUIRE:
        return None
    lock = top.f_locals.get("self")
    module, owner = getattr(lock, "name", None), getattr(lock, "owner", None)
    return Import(module, owner) if isinstance(module, str) and isinstance(owner, int) else None
