"""What one asks of a run by name agrees with its model, and reads well."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from programs import Program

from tracing import Condition, Lock, RLock, Semaphore, Thread, Trace, explore, simulate, sleep
from tracing.errors import NoSuchPrimitiveError, NoSuchThreadError

seeds = st.integers(0, 2**32)


def two_on_a_lock() -> Trace:
    def use(seconds: float) -> None:
        with lock_a:
            sleep(seconds)

    with simulate() as run:
        lock_a = Lock()
        Thread(target=use, args=(3,), name="writer").start()
        Thread(target=use, args=(1,), name="reader").start()
    return run


def test_a_wait_is_a_sentence_and_its_parts() -> None:
    (wait,) = two_on_a_lock().waits_of("reader")
    assert str(wait) == "reader waited for lock_a until writer released it"
    assert (wait.thread, wait.thing, wait.held_by, wait.ended_by) == (
        "reader",
        "lock_a",
        ("writer",),
        "writer",
    )
    assert wait.outcome == "acquired"
    assert 2.9 < wait.end - wait.start < 3.1


def test_who_held_it_is_told_in_order() -> None:
    run = two_on_a_lock()
    assert run.holders("lock_a") == ("writer", "reader")
    first, second = run.holds_of("lock_a")
    assert first.end <= second.start
    assert str(first) == "writer held lock_a"


def test_a_thread_that_never_waited_has_no_waits() -> None:
    assert two_on_a_lock().waits_of("writer") == ()


def test_a_name_that_is_not_there_is_told_with_those_that_are() -> None:
    run = two_on_a_lock()
    for ask in (run.waits_of, run.life_of, run.outcome_of):
        with pytest.raises(NoSuchThreadError, match=r"no thread 'raeder'.*'writer' and 'reader'"):
            ask("raeder")
    for ask_of in (run.holds_of, run.holders, run.waits_for, run.values_of):
        with pytest.raises(NoSuchPrimitiveError, match=r"no primitive 'lock'.*'lock_a'"):
            ask_of("lock")


def test_how_threads_end_is_told_with_their_error() -> None:
    def burn() -> None:
        raise ValueError("too hot")

    with simulate() as run:
        Thread(target=burn, name="baker").start()
    assert run.outcome_of("baker") == "failed: ValueError: too hot"
    assert run.outcome_of("MainThread") == "ended"
    assert str(run.life_of("baker")) == "baker failed: ValueError: too hot"


def test_who_releases_what_another_holds_is_named() -> None:
    with simulate() as run:
        lock_a = Lock()
        lock_a.acquire()
        Thread(target=lock_a.release, name="ann").start()
    assert [str(hold) for hold in run.holds_of("lock_a")] == ["MainThread held lock_a until ann released it"]


def test_a_lock_that_is_never_given_back_is_told() -> None:
    with simulate() as run:
        lock_a = Lock()
        lock_a.acquire()
    assert [str(hold) for hold in run.holds_of("lock_a")] == ["MainThread held lock_a and never released it"]


def test_a_wait_that_nobody_ends_and_one_that_gives_up() -> None:
    with simulate() as run:
        lock_a = Lock()
        lock_a.acquire()
        lock_a.acquire(timeout=1)
        lock_a.acquire()
    assert [str(wait) for wait in run.waits_for("lock_a")] == [
        "MainThread waited for lock_a, and gave up",
        "MainThread waited for lock_a, and never got further",
    ]
    assert [str(note) for note in run.notes_of("timed out")] == ["MainThread: timed out lock_a"]
    assert run.found("deadlock")
    assert not run.found("abandoned lock")


def test_a_join_and_the_way_back_from_a_condition() -> None:
    def listen() -> None:
        with ready:
            ready.wait()

    with simulate() as run:
        ready = Condition()
        thread = Thread(target=listen, name="ann")
        thread.start()
        sleep(1)
        with ready:
            ready.notify()
            sleep(1)
        thread.join()
    waited, back = run.waits_of("ann")
    assert str(waited) == "ann waited on ready until MainThread notified it"
    assert str(back).startswith("ann waited to get ")
    assert str(back).endswith(" back until MainThread released it")
    assert [str(wait) for wait in run.waits_of("MainThread")] == ["MainThread waited for ann to end"]


def test_what_is_counted() -> None:
    with simulate() as run:
        lot, lock = Semaphore(2), RLock()
        lot.acquire()
        lot.release()
        with lock, lock:
            pass
    assert run.values_of("lot") == (2, 1, 2)
    assert [hold.depth for hold in run.holds_of("lock")] == [1, 2, 1]


def two_on_a_lock_alone() -> None:
    lock = Lock()
    threads = [Thread(target=lock.locked) for _ in range(2)] + [Thread(target=lock.acquire)]
    for thread in threads:
        thread.start()


def test_a_search_says_whether_it_never_fails() -> None:
    def right() -> None:
        Thread(target=lambda: None).start()

    assert explore(right, progress=False).never_fails
    assert not explore(lambda: 1 // 0, progress=False).never_fails
    assert not explore(two_on_a_lock_alone, progress=False, schedules=1).never_fails


@settings(deadline=None)
@given(seeds)
def test_what_is_asked_by_name_is_what_the_model_has(seed: int) -> None:
    run = Trace(Program(seed).run())
    names = [info.name for info in run.log.threads]
    assert sum(len(run.waits_of(name)) for name in set(names)) == len(run.model.waits)
    for name in set(names):
        waits = [wait for wait in run.model.waits if names[wait.thread - 1] == name]
        for asked, wait in zip(run.waits_of(name), waits, strict=True):
            assert (asked.outcome, asked.start, asked.end) == (
                wait.outcome.value,
                wait.start / 1e9,
                wait.end / 1e9,
            )
            assert asked.held_by == tuple(names[number - 1] for number in wait.holders)
            assert asked.ended_by == (names[wait.ended_by - 1] if wait.ended_by else "")
    for name in {info.name for info in run.log.objects}:
        things = [run.model.objects[info.number - 1] for info in run.log.objects if info.name == name]
        assert len(run.holds_of(name)) == sum(len(thing.holds) for thing in things)
        assert run.holders(name) == tuple(names[hold.thread - 1] for thing in things for hold in thing.holds)
        assert len(run.waits_for(name)) == sum(len(thing.waits) for thing in things)
    for name in set(names):
        fates = [lane.fate.value for lane, each in zip(run.model.threads, names, strict=True) if each == name]
        assert run.outcome_of(name).startswith(fates[0])


@settings(deadline=None)
@given(seeds)
def test_every_answer_is_one_line(seed: int) -> None:
    run = Trace(Program(seed).run())
    names = {info.name for info in run.log.threads}
    answers = [str(each) for name in names for each in (*run.waits_of(name), run.life_of(name))]
    assert all(answer and "\n" not in answer and "None" not in answer for answer in answers)
