"""What threads of a run that had to be ended leave in primitives, put right: the next run may use them again.

Rule: what others hold stays held.
"""

from __future__ import annotations

from collections.abc import Collection
from concurrent.futures import Future, ThreadPoolExecutor
from queue import Queue

from tracing.cpython.executors import forget_ended, unlock
from tracing.cpython.locks import inner_condition, permits_of, set_permits
from tracing.primitives.barrier import Barrier
from tracing.primitives.condition import Condition
from tracing.primitives.event import Event
from tracing.primitives.inner import forget_waiters
from tracing.primitives.lock import Lock
from tracing.primitives.mutex import MOMENT, LibraryLock, Mutex
from tracing.primitives.rlock import RLock
from tracing.primitives.semaphore import Semaphore
from tracing.primitives.thread import Fuse, Timer
from tracing.runtime import Run

PATIENCE = 1.0  # s for threads that have unwound and are on their way out


def put_right(primitive: object, run: Run, *, owners: Collection[int | None], held: bool, taken: int) -> None:
    """Unlock what the run's threads still held of it, and forget that they waited.

    owners: the idents of threads that have it in vain, 0: nobody. held: whether the record says, or cannot
    rule out, that a thread of the run has it. taken: how many permits more they took than they gave.
    """
    match primitive:
        case RLock() as lock if lock.owner in owners:
            lock.give_back()
        case Lock() as lock if held:
            lock.give_back()
        case Condition() as condition:
            forget_waiters(condition, run)
        case Queue() as queue:
            for inner in (queue.not_empty, queue.not_full, queue.all_tasks_done):
                forget_waiters(inner, run)
            if isinstance(queue.mutex, LibraryLock):  # made in a simulated run; else it is as bare
                queue.mutex.acquire(timeout=MOMENT)
                queue.mutex.open()
        case Future() as future:
            unlock(future)
        case ThreadPoolExecutor() as pool:
            forget_ended(pool, 0.0 if run.runtime.direct else PATIENCE)  # simulated, its workers have ended
        case Semaphore() as semaphore:
            _set_permits(semaphore, run, permits_of(semaphore) + max(taken, 0))
        case Event() | Barrier() as other:
            inner_condition(other).give_back(run)
        case Timer(finished=Fuse() as fuse):
            inner_condition(fuse).give_back(run)


def free(primitive: object, run: Run, *, permits: int | None) -> None:
    """Unlock it, whoever has it. permits: that a semaphore has from now on; None: those that it has."""
    match primitive:
        case Mutex() as mutex:
            mutex.give_back()
        case Semaphore() as semaphore if permits is not None:
            _set_permits(semaphore, run, permits)


def _set_permits(semaphore: Semaphore, run: Run, value: int) -> None:
    inner_condition(semaphore).give_back(run)  # first: a thread of the run may have left its lock locked
    if value != permits_of(semaphore):
        set_permits(semaphore, value)
