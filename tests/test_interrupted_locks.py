"""Wherever an exception comes in between two steps of ours, a lock is not lost, and the record stays true.

Ctrl-C raises where the interpreter looks for signals: when a function is entered, and when a call of one in C
returns. A profiler is called at just these points: so each of them is tried, one run after the other.
"""

from __future__ import annotations

import os
import queue
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from steps import LIMIT, did

import tracing
from tracing import Barrier, Condition, Event, Kind, Lock, RLock, Semaphore, Trace, record, simulate
from tracing.cpython.locks import inner_condition, waiters_of
from tracing.cpython.ownership import exclusive, give_back_mine
from tracing.cpython.stack import room
from tracing.runtime import AGENTS, here

PACKAGE = Path(tracing.__file__).parent
PLACES = tuple(f"{PACKAGE / folder}{os.sep}" for folder in ("primitives", "runtime", "cpython"))
ROOM = room.__code__


class Interrupt(BaseException):
    """Like KeyboardInterrupt: not an Exception."""


class InterruptAt:
    """Raises at the nth point in code of the package that a primitive comes through."""

    def __init__(self, number: int) -> None:
        self.left = number
        self.where = ""

    def __enter__(self) -> InterruptAt:
        sys.setprofile(self.look)
        return self

    def __exit__(self, *exc_info: object) -> None:
        sys.setprofile(None)

    def look(self, frame: FrameType, event: str, arg: object) -> None:
        code = frame.f_code
        # A generator that is dropped is called once more: there a signal is not looked for. And what calls
        # itself to see whether there is room on the stack has done nothing, however deep it is.
        passed_over = code.co_name == "<genexpr>" or code is ROOM and _calls_itself(frame)
        if event in ("call", "c_return") and code.co_filename.startswith(PLACES) and not passed_over:
            self.left -= 1
            if self.left == 0:
                sys.setprofile(None)
                self.where = f"{code.co_qualname}, line {frame.f_lineno}: {event} {arg}"
                raise Interrupt


def _calls_itself(frame: FrameType) -> bool:
    return frame.f_back is not None and frame.f_back.f_code is frame.f_code


def by_with(lock: Lock | RLock) -> None:
    with lock:
        pass


def by_calls(lock: Lock | RLock) -> None:
    lock.acquire()
    lock.release()


def twice(lock: RLock) -> None:
    with lock, lock:
        pass


def with_a_time_out(lock: Lock | RLock) -> None:
    if lock.acquire(timeout=LIMIT):
        lock.release()


def waiting(lock: Lock | RLock) -> None:
    condition = Condition(lock)
    with condition:
        condition.wait(0.001)
        condition.notify()


USES: list[tuple[Callable[[], Any], Callable[[Any], None]]] = [
    *((make, use) for make in (Lock, RLock) for use in (by_with, by_calls, with_a_time_out, waiting)),
    (RLock, twice),
]


def holds(run: Trace) -> None:
    """Nobody acquires what another holds: the record of what came before the exception is true."""
    depth = 0
    for event in run:
        if event.kind is Kind.ACQUIRED:
            depth += max(1, event.arg or 0)
        elif event.kind is Kind.RELEASED:
            depth -= max(1, event.arg or 0)
        assert depth in (0, 1, 2), did(run)


def interrupted(number: int, action: Callable[[], None]) -> tuple[bool, Trace, str]:
    """Whether an exception came in, the run, and where it came in."""
    interrupt = InterruptAt(number)
    with suppress(Interrupt), record(timeout=LIMIT) as run, interrupt:
        action()
        raise Interrupt  # so that the run is not "done"
    return interrupt.left <= 0, run, interrupt.where


@pytest.mark.parametrize(("make", "use"), USES)
def test_wherever_ctrl_c_comes_in_a_lock_is_free_after_the_run(
    make: Callable[[], Lock | RLock], use: Callable[[Lock | RLock], None]
) -> None:
    number, came = 1, True
    while came:
        lock = make()
        came, run, where = interrupted(number, lambda: use(lock))  # noqa: B023
        assert not lock._raw.locked(), where
        holds(run)
        with record() as again:
            use(lock)
        assert did(again)[-1].startswith("released"), where
        number += 1
    assert number > 5


def with_a_permit(semaphore: Semaphore) -> None:
    with semaphore:
        pass


def up_and_down(event: Event) -> None:
    event.set()
    event.wait()
    event.clear()


def meet(barrier: Barrier) -> None:
    barrier.wait()


@pytest.mark.parametrize(
    ("make", "use"),
    [(Semaphore, with_a_permit), (Event, up_and_down), (lambda: Barrier(1), meet)],
    ids=["Semaphore", "Event", "Barrier"],
)
def test_wherever_ctrl_c_comes_in_what_a_primitive_is_built_on_is_free_after_the_run(
    make: Callable[[], Any], use: Callable[[Any], None]
) -> None:
    """A permit or a flag is as the program left it, for `threading` takes back neither; the lock around it is
    not the program's, and who found it locked would wait for ever.
    """
    number, came = 1, True
    while came:
        one = make()
        came, _, where = interrupted(number, lambda: use(one))  # noqa: B023
        inner = inner_condition(one)
        assert inner.acquire(False), where
        inner.release()
        assert not waiters_of(inner), where
        number += 1
    assert number > 20


@pytest.mark.parametrize(
    ("make", "use"),
    [(Lock, by_with), *((make, use) for make in (Lock, RLock) for use in (by_calls, with_a_time_out))],
)
def test_wherever_ctrl_c_comes_in_outside_any_run_a_lock_is_free_or_can_be_released(
    make: Callable[[], Lock | RLock], use: Callable[[Lock | RLock], None]
) -> None:
    number, came = 1, True
    while came:
        lock, interrupt = make(), InterruptAt(number)
        with suppress(Interrupt), interrupt:
            use(lock)
        came = interrupt.left <= 0
        if lock._raw.locked():
            lock.release()
        assert not lock._raw.locked(), interrupt.where
        number += 1
    assert number > 4


def test_wherever_ctrl_c_comes_in_a_queue_of_a_simulated_run_can_be_used_after_it() -> None:
    """Its lock is ours there: `queue` takes it by `with`, and its way out is longer than that of one in C."""
    number, came = 1, True
    while came:
        channel, out, interrupt = None, None, InterruptAt(number)
        try:
            with simulate(timeout=LIMIT), interrupt:
                channel = queue.Queue[int]()
                channel.put(1)
                channel.get()
        except (Interrupt, RuntimeError) as error:  # `threading` hides it behind its own, see `interruption`
            out = error
        came = interrupt.left <= 0
        assert came == (out is not None), interrupt.where
        assert channel is None or channel.mutex.acquire(timeout=LIMIT), interrupt.where
        number += 1
    assert number > 100


class Holder(threading.Thread):
    """Holds a lock until a thread of a run waits, or there is no need any more; it is not of the run."""

    def __init__(self, lock: Lock | RLock) -> None:
        super().__init__()
        self.lock, self.over, self.holds = lock, threading.Event(), threading.Event()
        self.failed: RuntimeError | None = None

    def run(self) -> None:
        self.lock.acquire()
        self.holds.set()
        while not self.over.wait(0.0005) and not any(agent.waiting for agent in tuple(AGENTS)):
            pass
        try:
            self.lock.release()
        except RuntimeError as error:  # somebody released it
            self.failed = error


@pytest.mark.parametrize("make", [Lock, RLock])
@pytest.mark.parametrize("use", [by_with, by_calls, with_a_time_out])
def test_wherever_ctrl_c_comes_in_a_lock_that_another_holds_is_neither_lost_nor_taken_away(
    make: Callable[[], Lock | RLock], use: Callable[[Lock | RLock], None]
) -> None:
    number, came = 1, True
    while came:
        lock = make()
        holder = Holder(lock)
        holder.start()
        assert holder.holds.wait(LIMIT)
        came, run, where = interrupted(number, lambda: use(lock))  # noqa: B023
        holder.over.set()
        holder.join()
        tried = "method acquire" in where and not where.startswith("RawWaitable")
        if not tried:  # there it is not known who has it
            assert holder.failed is None, where
        assert not lock._raw.locked(), where
        holds(run)
        number += 1
    assert number > 5


def test_a_log_s_lock_that_an_interrupt_left_held_keeps_nobody_from_the_end_of_the_run() -> None:
    """As a Ctrl-C does, from Python 3.14 on, in a thread that looks at its run while that lasts."""

    def recorded() -> None:
        with record():
            assert here.agent is not None
            here.agent.log._compacting.acquire()

    thread = threading.Thread(target=recorded, daemon=True)
    thread.start()
    thread.join(LIMIT)
    assert not thread.is_alive()


def test_locks_are_given_back_while_other_threads_make_some() -> None:
    made, interval = threading.Event(), sys.getswitchinterval()

    def make() -> None:
        while not made.is_set():
            [exclusive() for _ in range(100)]

    thread = threading.Thread(target=make)
    sys.setswitchinterval(1e-6)
    thread.start()
    try:
        for _ in range(2000):
            give_back_mine()
    finally:
        made.set()
        thread.join()
        sys.setswitchinterval(interval)
