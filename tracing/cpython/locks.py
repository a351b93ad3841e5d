"""The insides of `threading`'s locks, conditions, semaphores, events and barriers.

What for: our primitives are `threading`'s own classes with other waiting and a record, so that results,
errors and fairness are those of the running version. `threading.Condition` asks its lock in private names;
Semaphore, Event and Barrier wait on a private condition and keep their state in private attributes.

No public way: none of them takes its inner lock or condition as an argument, or tells of its state.

Source: CPython, Lib/threading.py. The names are the same from 3.11 to 3.15. Where one is missing, using the
primitive raises AttributeError with that name; `threading` itself would have been written anew then. What
`threading` and `queue` have in Python beside what they have in C serves simulated runs alone: where it is
missing, `names.missing` says so, and nothing is simulated.

Rule: a class here hands on what CPython calls in a private name to a method in public words, or in a name
that begins with `_tracing_`, where a subclass of the program's could have such a word for itself.
"""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any


class LockOfCondition:
    """What `threading.Condition` asks its lock, and `os.fork` each lock of a child process.

    Without these a Condition would find out by trying to acquire who has the lock, which the record would
    show.
    """

    __slots__ = ()

    def is_owned(self) -> bool:
        """Whether the calling thread holds it, as far as the lock knows."""
        raise NotImplementedError

    def give_up(self) -> Any:
        """Release it wholly, to wait; returns what `take_back` needs."""
        raise NotImplementedError

    def take_back(self, state: Any) -> None:
        """Have it again as it was given up."""
        raise NotImplementedError

    def renew(self) -> None:
        """In a forked child: free, whoever held it."""
        raise NotImplementedError

    def _is_owned(self) -> bool:
        return self.is_owned()

    def _release_save(self) -> Any:
        return self.give_up()

    def _acquire_restore(self, state: Any) -> None:
        self.take_back(state)

    def _at_fork_reinit(self) -> None:
        self.renew()


class RLockOfCondition(LockOfCondition):
    """The same of a lock that counts."""

    __slots__ = ()

    def levels(self) -> int:
        """How often the calling thread has acquired it."""
        raise NotImplementedError

    def _recursion_count(self) -> int:
        return self.levels()


def renew(raw: Any) -> None:
    """A raw lock in a forked child: free, and the same object."""
    raw._at_fork_reinit()


# Condition


def lock_of(condition: threading.Condition) -> Any:
    """The lock that it was made with."""
    return condition._lock  # type: ignore[attr-defined]


def waiters_of(condition: threading.Condition) -> deque[Any]:
    """Who waits, in order: whatever `release()` lets go. To be changed only by who holds the lock."""
    waiters: deque[Any] = condition._waiters  # type: ignore[attr-defined]
    return waiters


def is_owned(condition: threading.Condition) -> bool:
    """Whether the calling thread holds the condition's lock."""
    return bool(condition._is_owned())  # type: ignore[attr-defined]


def give_up(condition: threading.Condition) -> Any:
    """Release the condition's lock wholly, to wait; returns what `take_back` needs."""
    return condition._release_save()  # type: ignore[attr-defined]


def take_back(condition: threading.Condition, state: Any) -> None:
    """Acquire the condition's lock as it was given up."""
    condition._acquire_restore(state)  # type: ignore[attr-defined]


# Semaphore, Event, Barrier


def inner_condition(primitive: Any) -> Any:
    """What a Semaphore, an Event or a Barrier waits on."""
    return primitive._cond


def wait_on(primitive: Any, condition: threading.Condition) -> None:
    """Let a Semaphore, an Event or a Barrier that was just made wait on that condition."""
    primitive._cond = condition


def permits_of(semaphore: threading.Semaphore) -> int:
    """How many permits it has now."""
    return semaphore._value


def set_permits(semaphore: threading.Semaphore, value: int) -> None:
    """So many it has from now on, but no more than it may have; who waits for one looks again."""
    condition = inner_condition(semaphore)
    with condition:
        semaphore._value = min(value, getattr(semaphore, "_initial_value", value))  # of a BoundedSemaphore
        condition.notify_all()


def is_up(event: threading.Event) -> bool:
    """Whether the flag is up; announces nothing."""
    return event._flag  # type: ignore[attr-defined, no-any-return]


def put(event: threading.Event, up: bool) -> None:
    """Raise or lower the flag, by who holds the inner condition; wakes nobody."""
    event._flag = up  # type: ignore[attr-defined]


class WatchedBarrier(threading.Barrier):
    """`threading.Barrier` that tells of its steps, while its inner lock is held.

    CPython's class calls `_release` in the last thread to arrive, `_wait` in all others, and `_break` where
    it breaks.
    """

    _action: Callable[[], Any] | None
    _count: int
    _state: int

    def _tracing_empties(self) -> bool:
        """Whether the last round is still leaving: who comes now has to wait until it has. (Asked while the
        inner lock is held. CPython: draining, or resetting.)
        """
        return self._state in (1, -1)

    def _tracing_arrives(self, count: int) -> None:
        """The calling thread is the `count`th here."""

    def _tracing_trips(self) -> None:
        """It is the last."""

    def _tracing_acts(self, action: Callable[[], Any]) -> None:
        """It runs the action."""
        action()

    def _tracing_breaks(self, why: str) -> None:
        """The barrier breaks; why: "abort", or "" where a time-out or the action does it."""

    def _tracing_resets(self) -> None:
        """The barrier will be as new."""

    def _release(self) -> None:
        self._tracing_arrives(self._count)
        self._tracing_trips()
        action = self._action
        if action:
            self._action = partial(self._tracing_acts, action)
        try:
            super()._release()  # type: ignore[misc]
        finally:
            self._action = action

    def _wait(self, timeout: float | None) -> None:
        self._tracing_arrives(self._count)
        super()._wait(timeout)  # type: ignore[misc]

    def _break(self, why: str = "") -> None:
        self._tracing_breaks(why)
        super()._break()  # type: ignore[misc]

    def abort(self) -> None:
        with inner_condition(self):
            self._break("abort")

    def reset(self) -> None:
        with inner_condition(self):  # not re-entrant: CPython's code once more, for the sake of a word in it
            self._tracing_resets()
            if not self._count:
                self._state = 0
            elif self._state in (0, -2):
                self._state = -1
            inner_condition(self).notify_all()


# What `threading` and `queue` have in Python beside what they have in C

PyRLock: Any = vars(threading).get("_PyRLock")
PySimpleQueue: Any = vars(queue).get("_PySimpleQueue")


def rlock_over(lock: Any) -> Any:
    """An RLock written in Python that waits for that lock."""
    rlock = PyRLock()
    rlock._block = lock
    return rlock
