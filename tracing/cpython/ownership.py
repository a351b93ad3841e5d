"""Locks that neither a Ctrl-C nor a fork leaves held for ever.

What for: from 3.14 on the interpreter looks for signals after it has called the `__enter__` of a lock, which
is in C, and before it is inside the block: a Ctrl-C there leaves the lock held. Up to 3.13 it did not look
there (Python/ceval.c and bytecodes.c: BEFORE_WITH). So what our own code takes is a lock with an owner,
known here; when a thread has left its run, and holds none of them by right, it gives back those that it has.
The lock of the threads' register, which `Thread.start` takes, is one of them. Up to 3.13 none is ever left.
And in a forked process the threads that held one are gone.

A lock that a thread holds while it uses a run within cannot be given back at the end of that run. It is taken
by `alone`, which is a call instead of a `with`: what C puts into a list is known, whatever is raised then.

No public way: signal handlers run in the main thread whatever it does; a lock is freed for a forked process
by `_at_fork_reinit`. All versions; where the register's lock has another name, that one is not given back.
"""

from __future__ import annotations

import threading
from _thread import RLock
from collections.abc import Callable
from itertools import starmap
from typing import Any, TypeVar
from weakref import ref

T = TypeVar("T")

_known: set[ref[Any]] = set()  # not a WeakSet: that one cannot be copied while another thread adds to it


def exclusive() -> RLock:
    """A re-entrant lock that is known here."""
    lock = RLock()
    _known.add(ref(lock, _known.discard))
    return lock


def alone(lock: RLock, work: Callable[[], T]) -> T:
    """Do it as the one thread that has the lock. Whatever is raised, and whenever, it is given back."""
    taken: list[bool] = []
    try:
        taken += starmap(lock.acquire, ((),))
        return work()
    finally:
        if taken:
            lock.release()


def _known_locks() -> list[Any]:
    found = (each() for each in _known.copy())
    return [lock for lock in found if lock is not None]


def give_back_mine() -> None:
    """By a thread that is in no block of those locks."""
    of_register = vars(threading).get("_active_limbo_lock")
    for lock in (*_known_locks(), *([] if of_register is None else [of_register])):
        try:
            while True:
                lock.release()
        except RuntimeError:  # it is not mine, or not any more
            pass


def free_in_child() -> None:
    """By the thread that a forked process consists of: what others held is free."""
    for lock in _known_locks():
        if not lock._is_owned():
            lock._at_fork_reinit()
