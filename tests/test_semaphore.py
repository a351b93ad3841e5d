"""What is recorded of a Semaphore and a BoundedSemaphore, and that they behave as threading's."""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from steps import LIMIT, did, interrupt_main, needs_signals, until

from tracing import BoundedSemaphore, Kind, Lock, Semaphore, Thread, Trace, explore, record, simulate


@pytest.mark.parametrize("make", [Semaphore, BoundedSemaphore])
def test_permits_are_taken_and_given(make: type[Semaphore]) -> None:
    permits = make(2)
    with record() as run:
        assert permits.acquire() is True
        with permits as got:
            assert got is True
        permits.release()
    assert did(run) == ["acquired permits", "acquired permits", "released permits 1", "released permits 1"]
    assert run.log.objects[0].type == make.__name__
    assert run.log.objects[0].value == 2


def test_the_value_is_that_of_the_beginning_of_the_run() -> None:
    permits = Semaphore(3)
    permits.acquire()
    with record() as run:
        permits.acquire()
    assert run.log.objects[0].value == 2


def test_without_a_permit_it_waits_or_fails() -> None:
    permits = Semaphore(0)
    with record() as run:
        assert permits.acquire(blocking=False) is False
        assert permits.acquire(timeout=0) is False
        assert permits.acquire(timeout=-1) is False
        assert permits.acquire(timeout=0.01) is False
    assert did(run) == [
        "would_block permits",
        *["wait permits 0 s", "timed_out permits"] * 2,
        *["wait permits 0.01 s", "timed_out permits"],
    ]


def test_a_waiter_gets_the_permit_that_is_released() -> None:
    permits = Semaphore(0)
    with record(timeout=LIMIT) as run:
        for name in "ab":
            Thread(target=permits.acquire, name=name).start()
            until(run, name, Kind.WAIT)
        permits.release(2)
    assert did(run, "a") == did(run, "b") == ["wait permits for ever", "acquired permits"]
    assert did(run) == ["released permits 2"]


def test_waiters_get_their_permits_in_the_order_in_which_they_came() -> None:
    permits, got = Semaphore(0), []

    def waiter(number: int) -> None:
        permits.acquire()
        got.append(number)

    with record(timeout=LIMIT) as run:
        for number in range(5):
            Thread(target=waiter, args=(number,), name=f"w{number}").start()
            until(run, f"w{number}", Kind.WAIT)
        for number in range(5):
            permits.release()
            until(run, f"w{number}", Kind.ACQUIRED)
    assert got == [0, 1, 2, 3, 4]


def test_a_release_above_the_initial_value_is_refused() -> None:
    permits = BoundedSemaphore(1)
    with record() as run:
        with pytest.raises(ValueError, match=r"^Semaphore released too many times$"):
            permits.release()
        with pytest.raises(ValueError, match=r"^n must be one or more$"):
            permits.release(0)
        assert permits.acquire(blocking=False)
    assert did(run) == [
        "refused permits ValueError: Semaphore released too many times",
        "refused permits ValueError: n must be one or more",
        "acquired permits 0",
    ]


def test_wrong_arguments_raise_what_threading_raises() -> None:
    permits = Semaphore(0)
    with record() as run:
        with pytest.raises(ValueError, match=r"^can't specify timeout for non-blocking acquire$"):
            permits.acquire(blocking=False, timeout=1)
        with pytest.raises(ValueError, match=r"^semaphore initial value must be >= 0$"):
            Semaphore(-1)
        with pytest.raises(OverflowError):
            permits.acquire(timeout=1e300)
        with pytest.raises(OverflowError):
            permits.acquire(timeout=float("inf"))
    assert [line.split()[0] for line in did(run)] == ["wait", "cut"] * 2
    assert permits.acquire(timeout=0.001) is False  # usable


@needs_signals
def test_an_interrupted_wait_takes_no_permit() -> None:
    permits = Semaphore(0)

    def interrupter() -> None:
        interrupt_main(run)
        until(run, "MainThread", Kind.CUT)
        permits.release()

    with record(timeout=LIMIT) as run:
        Thread(target=interrupter, name="a").start()
        with pytest.raises(KeyboardInterrupt):
            permits.acquire()
        permits.acquire()
    assert did(run)[:2] == ["wait permits for ever", "cut permits"]
    assert did(run)[-1] == "acquired permits"
    assert permits.acquire(blocking=False) is False


def test_numbers_that_threading_takes_do_not_break_the_record() -> None:
    with record() as run:
        assert Semaphore(math.inf).acquire()  # type: ignore[arg-type]
        Semaphore(2**70).release()
    assert [event.kind.name for event in run if event.obj] == ["ACQUIRED", "RELEASED"]


@pytest.mark.parametrize("run", [record, simulate])
@pytest.mark.parametrize(("make", "signals"), [(Semaphore, 0), (Semaphore, 1), (BoundedSemaphore, 0)])
def test_what_threads_of_an_ended_run_had_taken_is_there_for_the_next(
    run: Callable[[], AbstractContextManager[Trace]], make: type[Semaphore], signals: int
) -> None:
    permits, lock = make(3), Lock()
    with run() as trace, permits, permits:
        Thread(target=int).start()  # the record has a thread without any event of a semaphore
        for _ in range(signals):
            permits.release(2)
            assert permits.acquire()
        lock.acquire()
        lock.acquire()
    assert trace.log.ending.reason == "hung"
    with run():
        got = [permits.acquire(blocking=False) for _ in range(4)]
    assert got == [True, True, True, False]


def test_a_search_tries_each_schedule_with_the_permits_that_were_there_before() -> None:
    permits, first, second = Semaphore(2), Lock(), Lock()

    def take(outer: Lock, inner: Lock) -> None:
        with permits, outer, inner:
            pass

    def program() -> None:
        threads = [Thread(target=take, args=args) for args in ((first, second), (second, first))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    found = explore(program)
    assert [outcome.kind for outcome in found.outcomes] == ["hung", "returned"]
    assert [permits.acquire(blocking=False) for _ in range(3)] == [True, True, False]
