"""A program of a user's, for mypy: what it imports has the types of `threading`. Checked by `make lint`."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from queue import Queue
from typing import assert_type

import tracing
from tracing import (
    Barrier,
    BoundedSemaphore,
    BrokenBarrierError,
    Condition,
    Event,
    Lock,
    RLock,
    Semaphore,
    Thread,
    Timer,
    Trace,
    current_thread,
    record,
    simulate,
    sleep,
)


class Account:
    """Locks of all kinds, entered by `with`, by calls and by a stack."""

    def __init__(self, balance: float) -> None:
        self.balance = balance
        self.mutex, self.again, self.changed = Lock(), RLock(), Condition()
        self.places, self.chairs = Semaphore(2), BoundedSemaphore(value=1)

    def deposit(self, amount: float) -> bool:
        with self.mutex, self.again, self.places:
            self.balance += amount
        with self.changed:
            self.changed.notify_all()
            assert_type(self.changed.wait(timeout=0.1), bool)
        with ExitStack() as stack:
            stack.enter_context(self.mutex)
            assert_type(stack.enter_context(self.chairs), bool)
        got = self.mutex.acquire(timeout=0.1) and self.again.acquire(False)
        self.again.release()
        self.mutex.release()
        return assert_type(got, bool)


class Baker(Thread):
    """A thread of the user's own class."""

    def __init__(self, bread: Queue[str], open_door: Event) -> None:
        super().__init__(name="baker", daemon=True)
        self.bread, self.open_door = bread, open_door

    def run(self) -> None:
        self.open_door.wait()
        self.bread.put(current_thread().name)


def guarded(lock: AbstractContextManager[object], step: Callable[[], None]) -> None:
    with lock:
        step()


def meet(barrier: Barrier) -> int:
    try:
        return barrier.wait(timeout=1)
    except BrokenBarrierError:
        return -1


def main() -> Trace:
    with record("A day", timeout=2) as run:
        baker = Baker(Queue(), Event())
        baker.start()
        baker.open_door.set()
        guarded(Lock(), lambda: sleep(0.1))
        Timer(0.1, print, args=("ding",)).start()
    with simulate(seed=1) as again:
        assert_type(meet(Barrier(1)), int)
    assert_type(run, Trace)
    print(again.text(), tracing.open_trace("day.jsonl").explain())
    return run
