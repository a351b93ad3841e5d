"""Locks that a Ctrl-C does not leave held for ever.

What for: from 3.14 on the interpreter looks for signals after it has called the `__enter__` of a lock, which
is in C, and before it is inside the block: a Ctrl-C there leaves the lock held. Up to 3.13 it did not look
there (Python/ceval.c and bytecodes.c: BEFORE_WITH). No public way: signal handlers run in the main thread
whatever it does. So what our own code takes is a lock with an owner, known here; when a thread has left its
run, and holds none of them by right, it gives back those that it has. The lock of the threads' register,
which `Thread.start` takes, is one of them. Up to 3.13 none is ever left.
"""

from __future__ import annotations

import threading
from _thread import RLock
from weakref import WeakValueDictionary

_known: WeakValueDictionary[int, RLock] = WeakValueDictionary()  # by identity


def exclusive() -> RLock:
    """A re-entrant lock that `give_back_mine` knows."""
    lock = RLock()
    _known[id(lock)] = lock
    return lock


def give_back_mine() -> None:
    """By a thread that is in no block of those locks."""
    of_register = vars(threading).get("_active_limbo_lock")
    known = [its() for its in _known.valuerefs()]  # at once: another thread may make one meanwhile
    for lock in (*filter(None, known), *([] if of_register is None else [of_register])):
        try:
            while True:
                lock.release()
        except RuntimeError:  # it is not mine, or not any more
            pass
