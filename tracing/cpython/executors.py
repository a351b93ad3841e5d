"""The insides of `concurrent.futures.thread`: what its workers run, and what it keeps for the whole process.

What for: to know whether a worker has work; to see a function of the program that it calls, where that is
written in C; and to let it forget the workers of a run that is over, which it would wait for at the
interpreter's exit. No public way: an executor tells nobody of its threads or of what they do.

Source: CPython, Lib/concurrent/futures/thread.py. All versions; up to 3.13 a task is called by
`_WorkItem.run`, from 3.14 on by `WorkerContext.run`, which that calls. Where a name is missing, a worker
counts as one that may have work, its calls into C are not seen, and nothing is forgotten.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import thread as _executors
from types import CodeType, FrameType
from typing import Any

_names: Any = vars(_executors)


def _code(function: Any) -> CodeType | None:
    return getattr(function, "__code__", None)


_WORKER = _code(_names.get("_worker"))

CALLERS: tuple[CodeType, ...] = tuple(
    code
    for name in ("_WorkItem", "WorkerContext")
    if (code := _code(getattr(_names.get(name), "run", None))) is not None
)
"""What calls the function that was submitted."""

LOGGER: logging.Logger = logging.getLogger("concurrent.futures")
"""It is told of whatever ends a worker."""


def is_worker_at_work(top: FrameType | None) -> bool:
    """Whether a thread, by its innermost frame, is a worker that is not waiting for work: its work may be a
    library's.
    """
    frame = top
    while frame and frame.f_code is not _WORKER:
        frame = frame.f_back
    return frame is not None and frame is not top


def forget_workers(of_run: Callable[[threading.Thread], bool]) -> None:
    """At its exit the interpreter joins the threads of executors: from now on not those."""
    queues: Any = _names.get("_threads_queues", {})
    for thread in list(queues):
        if of_run(thread):
            queues.pop(thread, None)
