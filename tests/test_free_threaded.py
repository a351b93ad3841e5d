"""Eight threads hammer each primitive: nothing is lost, invented or out of order in their record.

With a GIL threads take turns, and most of this is easy; without one they really run side by side. What is
checked follows from what the program did, not from how fast anybody was.
"""

from __future__ import annotations

import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise

import pytest
from steps import LIMIT

from tracing import (
    Barrier,
    BoundedSemaphore,
    Condition,
    Event,
    Kind,
    Lock,
    RLock,
    Semaphore,
    Thread,
    Trace,
    TraceEvent,
    record,
)
from tracing.events import Woken
from tracing.model import Outcome
from tracing.recorder import Recorder

THREADS = 8
TIMES = 40  # how often each thread does it
ALL = list(range(2, THREADS + 2))  # their numbers; the main thread is 1


@pytest.fixture(autouse=True)
def small_steps(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Threads are switched often, where they are switched at all, and logs are compacted all the time."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    monkeypatch.setattr(Recorder, "LONG", 20)
    yield
    sys.setswitchinterval(before)


@contextmanager
def looked_at(run: Trace) -> Iterator[None]:
    """Meanwhile somebody else looks at the run, over and over: what is seen only grows."""
    over = threading.Event()
    seen: list[int] = []

    def look() -> None:
        while not over.wait(0.01):
            seen.append(len(run.log))

    looker = threading.Thread(target=look)
    looker.start()
    try:
        yield
    finally:
        over.set()
        looker.join()
    assert seen == sorted(seen)


def hammered(work: Callable[[int], None]) -> Trace:
    """The record of that work, done by eight threads that begin together; its argument is 0..7."""
    together = threading.Barrier(THREADS)

    def begin(number: int) -> None:
        together.wait()
        work(number)

    with record(timeout=4 * LIMIT) as run:
        threads = [Thread(target=begin, args=(number,), name=f"t{number}") for number in range(THREADS)]
        with looked_at(run):
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
    assert run.log.ending.reason == "done"
    check(run)
    return run


def check(run: Trace) -> None:
    """What is true of every record."""
    assert list(run.log.times) == sorted(run.log.times)
    lives = Counter((event.thread, event.kind) for event in run if event.kind in (Kind.BEGAN, Kind.ENDED))
    for thread in ALL:
        assert (lives[thread, Kind.BEGAN], lives[thread, Kind.ENDED]) == (1, 1)
        own = [event.kind for event in run if event.thread == thread]
        assert (own[0], own[-1]) == (Kind.BEGAN, Kind.ENDED)
    for lane in run.model.threads:  # the spans of a thread leave no gap
        assert all(one.end == other.start for one, other in pairwise(lane.spans))
    for wait in run.model.waits:
        assert wait.outcome not in (Outcome.OPEN, Outcome.CUT)
        # Of a barrier's old round no event says who was the last to leave it.
        assert wait.ended_by or wait.outcome in (Outcome.TIMED_OUT, Outcome.EMPTIED), wait


def of_kind(run: Trace, *kinds: Kind) -> list[TraceEvent]:
    return [event for event in run if event.kind in kinds]


def by_thread(events: list[TraceEvent]) -> dict[int, int]:
    return Counter(event.thread for event in events)


def test_holds_of_a_lock_follow_each_other_and_none_is_lost() -> None:
    lock, total = Lock(), [0]

    def work(number: int) -> None:
        for _ in range(TIMES):
            with lock:
                total[0] += 1
            lock.acquire()
            total[0] += 1
            lock.release()
            if lock.acquire(timeout=LIMIT):
                lock.release()

    run = hammered(work)
    assert total == [THREADS * TIMES * 2]
    events = of_kind(run, Kind.ACQUIRED, Kind.RELEASED)
    assert by_thread(events) == dict.fromkeys(ALL, 6 * TIMES)
    for acquired, released in zip(events[::2], events[1::2], strict=True):
        assert (acquired.kind, released.kind) == (Kind.ACQUIRED, Kind.RELEASED)
        assert acquired.thread == released.thread
    assert len(run.model.objects[0].holds) == 3 * THREADS * TIMES


def test_levels_of_an_rlock_are_its_owners_alone() -> None:
    lock, total = RLock(), [0]

    def work(number: int) -> None:
        for _ in range(TIMES):
            with lock:
                with lock:
                    total[0] += 1
                lock.acquire()
                lock.release()

    run = hammered(work)
    assert total == [THREADS * TIMES]
    owner = depth = 0
    for event in of_kind(run, Kind.ACQUIRED, Kind.RELEASED):
        assert event.thread == owner or not depth
        owner, depth = event.thread, depth + (1 if event.kind is Kind.ACQUIRED else -1)
        assert 0 <= depth <= 2
    assert by_thread(of_kind(run, Kind.ACQUIRED)) == dict.fromkeys(ALL, 3 * TIMES)
    assert depth == 0


@pytest.mark.parametrize("make", [Lock, RLock])
def test_who_is_notified_wakes_up_notified_and_nobody_else(make: Callable[[], Lock | RLock]) -> None:
    condition, items = Condition(make()), [0]

    def work(number: int) -> None:
        for _ in range(TIMES):
            with condition:
                if number % 2:
                    items[0] += 1
                    condition.notify()
                else:
                    while not items[0]:
                        condition.wait()
                    items[0] -= 1

    run = hammered(work)
    assert items == [0]
    notified = Counter(event.arg for event in of_kind(run, Kind.NOTIFIED))
    woke = of_kind(run, Kind.COND_WOKE)
    assert {event.arg for event in woke} <= {int(Woken.NOTIFIED)}
    assert notified == by_thread(woke) == by_thread(of_kind(run, Kind.COND_WAIT))
    told = sum(event.arg or 0 for event in of_kind(run, Kind.NOTIFY))
    assert told == sum(notified.values())
    assert len(of_kind(run, Kind.NOTIFY)) == THREADS // 2 * TIMES


@pytest.mark.parametrize("make", [Semaphore, BoundedSemaphore])
def test_permits_are_never_below_none_nor_above_all(make: Callable[[int], Semaphore]) -> None:
    permits, inside, most = make(3), [0], [0]
    guard = threading.Lock()

    def work(number: int) -> None:
        for _ in range(TIMES):
            with permits:
                with guard:
                    inside[0] += 1
                    most[0] = max(most[0], inside[0])
                with guard:
                    inside[0] -= 1

    run = hammered(work)
    assert most[0] <= 3
    assert run.log.objects[0].value == 3
    left = 3
    for event in of_kind(run, Kind.ACQUIRED, Kind.RELEASED):
        left += -1 if event.kind is Kind.ACQUIRED else event.arg or 0
        assert left >= 0
    assert left == 3
    assert by_thread(of_kind(run, Kind.ACQUIRED)) == dict.fromkeys(ALL, TIMES)
    assert by_thread(of_kind(run, Kind.RELEASED)) == dict.fromkeys(ALL, TIMES)


def test_who_passes_an_event_passes_after_it_was_set() -> None:
    rounds = TIMES
    flags = [Event() for _ in range(rounds)]

    def work(number: int) -> None:
        for each, flag in enumerate(flags):
            if each % THREADS == number:
                flag.set()
            assert flag.wait(LIMIT)

    run = hammered(work)
    assert by_thread(of_kind(run, Kind.PASSED)) == dict.fromkeys(ALL, rounds)
    up: set[int] = set()
    for event in of_kind(run, Kind.SET, Kind.PASSED):
        if event.kind is Kind.SET:
            assert event.obj not in up
            up.add(event.obj)
        assert event.obj in up
    assert len(up) == rounds


def test_a_barrier_counts_its_generations_and_each_thread_once_in_each() -> None:
    rounds, calls = TIMES // 2, [0]
    barrier = Barrier(THREADS, lambda: calls.append(0))

    def work(number: int) -> None:
        for _ in range(rounds):
            barrier.wait()

    run = hammered(work)
    assert len(calls) == rounds + 1
    arrivals = of_kind(run, Kind.ARRIVED)
    assert [event.arg for event in arrivals] == list(range(1, THREADS + 1)) * rounds
    for first in range(0, len(arrivals), THREADS):
        assert sorted(event.thread for event in arrivals[first : first + THREADS]) == ALL
    assert len(of_kind(run, Kind.TRIPPED)) == len(of_kind(run, Kind.ACTION_DONE)) == rounds
    passed = Counter(event.arg for event in of_kind(run, Kind.PASSED))
    assert passed == dict.fromkeys(range(THREADS), rounds)
    assert by_thread(of_kind(run, Kind.PASSED)) == dict.fromkeys(ALL, rounds)


def test_primitives_that_all_threads_make_at_once_are_all_different() -> None:
    made: list[Lock] = []

    def work(number: int) -> None:
        for _ in range(TIMES):
            lock = Lock()
            with lock:
                made.append(lock)

    run = hammered(work)
    assert len(made) == len(run.log.objects) == THREADS * TIMES
    uses = Counter((event.obj, event.kind) for event in of_kind(run, Kind.ACQUIRED, Kind.RELEASED))
    assert set(uses.values()) == {1}
    assert len({info.name for info in run.log.objects}) == THREADS * TIMES
