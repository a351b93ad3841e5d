"""record(): how a run begins and ends, that it never hangs its caller, and that it leaves nothing behind."""

# ruff: noqa: PT012  -- what raises is the block of a run, of several statements

from __future__ import annotations

import contextlib
import itertools
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from _thread import allocate_lock, start_new_thread
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from steps import LIMIT, did, interrupt_main, is_by, needs_signals, pause, until, until_parked

from tracing import (
    Barrier,
    Condition,
    Event,
    Kind,
    Lock,
    RecordError,
    RLock,
    Semaphore,
    Thread,
    Trace,
    record,
    running,
)
from tracing.recorder import Recorder
from tracing.recording import RecordedBlockKeeper


@pytest.fixture(autouse=True)
def _nothing_is_left_behind() -> object:
    before = set(threading.enumerate())
    sleeping = (time.sleep,)
    yield
    assert set(threading.enumerate()) <= before
    assert time.sleep is sleeping[0]
    with record() as run:  # the next run works
        Lock().acquire()
    assert run.log.ending.reason == "done"


def ended(run: Trace) -> tuple[str, tuple[str, ...]]:
    return run.log.ending.reason, run.log.ending.leaked


def time_is_up(run: Trace) -> None:
    """As the clock says it, but at a moment that the test knows."""
    run._source.__self__.end("timeout")  # type: ignore[union-attr]


HUNG = ("hung", ())


# Hung runs


def test_a_deadlock_is_ended_and_its_locks_can_be_used_again() -> None:
    first, second = Lock(), RLock()
    together = threading.Barrier(2)

    def both(one: Lock, other: Lock) -> None:
        with one:
            together.wait()
            with other:
                pytest.fail("nobody can get here")

    with record(timeout=LIMIT) as run:
        Thread(target=both, args=(first, second), name="a").start()
        Thread(target=both, args=(second, first), name="b").start()
    assert ended(run) == HUNG
    assert did(run, "a")[-1] == "wait second for ever"
    assert did(run, "b")[-1] == "wait first for ever"
    for lock in (first, second):
        assert lock.acquire(timeout=0.01)
        lock.release()


def test_a_self_deadlock_of_the_main_thread_is_ended() -> None:
    lock = Lock()
    with record(timeout=LIMIT) as run:
        lock.acquire()
        lock.acquire()
        pytest.fail("nobody can get here")
    assert ended(run) == HUNG
    assert did(run) == ["acquired lock", "wait lock for ever"]
    assert not lock.locked()


def test_an_abandoned_lock_is_ended_and_given_back() -> None:
    lock = Lock()
    with record(timeout=LIMIT) as run:
        for name in "abc":
            Thread(target=lock.acquire, name=name).start()
    assert ended(run) == HUNG
    assert sum(event.kind is Kind.ACQUIRED for event in run) == 1
    assert not lock.locked()


def test_a_lost_notification_is_ended_and_the_condition_can_be_used_again() -> None:
    condition = Condition()

    def waiter() -> None:
        condition.acquire()
        condition.wait()

    with record(timeout=LIMIT) as run:
        with condition:
            condition.notify()
        for name in "ab":
            Thread(target=waiter, name=name).start()
    assert ended(run) == HUNG
    assert did(run, "a")[-2:] == ["cond_wait condition for ever", "released condition.lock 1"]
    with condition:
        assert condition.wait(0.001) is False
        condition.notify_all()


@pytest.mark.parametrize(
    ("primitive", "wait"),
    [
        (Barrier(3), lambda meeting: meeting.wait()),
        (Event(), lambda flag: flag.wait()),
        (Semaphore(0), lambda permits: permits.acquire()),
    ],
)
def test_a_wait_for_what_never_comes_is_ended(primitive: object, wait: Callable[[object], object]) -> None:
    with record(timeout=LIMIT) as run:
        Thread(target=wait, args=(primitive,), name="a").start()
        wait(primitive)
        pytest.fail("nobody can get here")
    assert ended(run) == HUNG
    assert did(run)[-1].startswith("wait ")
    assert did(run, "a")[-1].startswith("wait ")


def test_threads_that_join_each_other_are_ended() -> None:
    started = threading.Event()
    threads: list[Thread] = []

    def joiner(other: int) -> None:
        assert started.wait(LIMIT)
        threads[other].join()

    with record(timeout=LIMIT) as run:
        threads += [Thread(target=joiner, args=(1 - me,), name="ab"[me]) for me in range(2)]
        for thread in threads:
            thread.start()
        started.set()
    assert ended(run) == HUNG
    assert did(run, "a")[-1] == "join_wait b"


def test_many_waiters_of_one_lock_are_all_unwound() -> None:
    lock = Lock()
    unwound: list[int] = []

    def waiter(number: int) -> None:
        try:
            with lock:
                pytest.fail("nobody can get here")
        finally:
            unwound.append(number)

    with record(timeout=LIMIT) as run:
        lock.acquire()
        for number in range(20):
            Thread(target=waiter, args=(number,)).start()
    assert ended(run) == HUNG
    assert sorted(unwound) == list(range(20))
    assert not lock.locked()


def test_finally_blocks_of_unwinding_threads_run_and_neither_block_nor_record() -> None:
    lock, other, flag, steps = Lock(), Lock(), Event(), []

    def waiter() -> None:
        try:
            flag.wait()
        finally:
            with other:
                steps.append("other")
            lock.acquire()
            lock.release()
            flag.set()
            steps.append("done")

    with record(timeout=LIMIT) as run:
        lock.acquire()
        Thread(target=waiter, name="a").start()
        lock.acquire()
    assert ended(run) == HUNG
    assert steps == ["other", "done"]
    assert did(run, "a") == ["wait flag for ever"]


def test_a_lock_that_was_held_since_before_the_run_stays_held() -> None:
    lock = Lock()
    lock.acquire()
    with record(timeout=LIMIT) as run:
        Thread(target=lock.acquire, name="a").start()
    assert ended(run) == HUNG
    assert lock.locked()
    lock.release()
    assert not lock.locked()


def test_a_thread_that_is_not_of_the_run_may_let_a_waiting_one_go() -> None:
    lock, flag = Lock(), Event()
    holding = threading.Event()

    def stranger() -> None:
        with lock:
            holding.set()
            until(run, "MainThread", Kind.WAIT)
            pause(0.2)  # so that the keeper has time to be wrong
        flag.set()

    with record(timeout=LIMIT) as run:
        bystander = threading.Thread(target=stranger)
        bystander.start()
        assert holding.wait(LIMIT)
        with lock:
            pass
        flag.wait()
        bystander.join()
    assert ended(run) == ("done", ())


def test_a_wait_with_a_deadline_is_not_hung() -> None:
    lock, flag = Lock(), Event()
    with record(timeout=LIMIT) as run:
        lock.acquire()
        Thread(target=lock.acquire, name="a").start()
        assert flag.wait(0.3) is False
        lock.release()
    assert ended(run) == ("done", ())


# Time is up


def test_a_timeout_ends_a_thread_that_spins() -> None:
    def spin() -> None:
        while True:
            pass

    with record(timeout=0.1) as run:
        Thread(target=spin, name="a").start()
    assert ended(run) == ("timeout", ())


def test_a_timeout_ends_the_main_thread() -> None:
    with record(timeout=0.1) as run:
        while True:
            pass
    assert ended(run) == ("timeout", ())


def test_a_timeout_ends_waits_with_a_deadline_and_sleeps() -> None:
    lock, flag = Lock(), Event()
    waits = {
        "a": (lambda: lock.acquire(timeout=100), Kind.WAIT),
        "b": (lambda: flag.wait(100), Kind.WAIT),
        "c": (lambda: time.sleep(100), Kind.SLEEP),
    }
    with record(timeout=LIMIT) as run:
        lock.acquire()
        for name, (wait, kind) in waits.items():
            Thread(target=wait, name=name).start()
            until(run, name, kind)
        time_is_up(run)
    assert ended(run) == ("timeout", ())
    assert [did(run, name)[-1] for name in "abc"] == ["wait lock 100 s", "wait flag 100 s", "sleep 100 s"]


def test_a_timeout_ends_threads_that_start_threads() -> None:
    def breed() -> None:
        while True:
            thread = Thread(target=time.sleep, args=(0.001,))
            thread.start()
            thread.join()

    with record(timeout=0.1) as run:
        Thread(target=breed, name="a").start()
    assert ended(run) == ("timeout", ())


def test_no_thread_is_called_leaked_because_the_machine_stood_still(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = itertools.count(step=3.0)  # each look at it takes longer than unwinding may
    monkeypatch.setattr("tracing.recording.perf_counter", lambda: next(clock))

    def slow() -> None:
        try:
            Event().wait()
        finally:
            pause(0.05)

    with record() as run:
        Thread(target=slow, name="a").start()
        until(run, "a", Kind.WAIT)
        time_is_up(run)
    assert ended(run) == ("timeout", ())


def test_a_thread_that_swallows_everything_is_named() -> None:
    give_up: list[bool] = []

    def stubborn() -> None:
        while not give_up:
            with contextlib.suppress(BaseException):
                spin()

    def spin() -> None:
        try:
            while not give_up:
                pass
        except BaseException:  # as bad programs do
            pass

    started = time.monotonic()
    with record(timeout=0.05) as run:
        thread = Thread(target=stubborn, name="stubborn")
        thread.start()
    assert time.monotonic() - started < LIMIT
    give_up.append(True)
    threading.Thread.join(thread)
    reason, leaked = ended(run)
    assert reason == "timeout"
    assert len(leaked) == 1
    assert leaked[0].startswith("stubborn at test_recording.py:")


def test_a_thread_that_sits_in_untraced_code_is_named() -> None:
    door = threading.Lock()
    door.acquire()
    with record(timeout=0.05) as run:
        thread = Thread(target=door.acquire, name="outside")
        thread.start()
    door.release()
    threading.Thread.join(thread)
    assert ended(run)[0] == "timeout"
    assert [name.split()[0] for name in ended(run)[1]] == ["outside"]


def test_a_lock_that_a_left_thread_made_after_the_end_is_not_the_runs_to_give_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    door, made, last_of_locks = allocate_lock(), allocate_lock(), running._last_of_locks
    late: list[Lock] = []
    door.acquire()
    made.acquire()

    def come_late() -> None:
        with contextlib.suppress(BaseException):  # what is sent to it arrives here
            door.acquire()
        late.append(Lock())
        late[0].acquire()
        made.release()

    def meanwhile(recorder: Recorder) -> dict[int, int]:
        door.release()
        made.acquire()
        return last_of_locks(recorder)

    monkeypatch.setattr(RecordedBlockKeeper, "LIMIT", 0)
    monkeypatch.setattr(RecordedBlockKeeper, "CHANCES", 1)
    monkeypatch.setattr(running, "_last_of_locks", meanwhile)
    with record(timeout=0.05) as run:
        thread = Thread(target=come_late, name="late")
        thread.start()
    threading.Thread.join(thread)
    assert [name.split()[0] for name in ended(run)[1]] == ["late"]
    assert late[0].locked()


@pytest.mark.parametrize("make", [Lock, RLock])
def test_locks_of_threads_that_spin_are_free_after_the_timeout(make: type[Lock]) -> None:
    first, second = make(), make()

    def spin() -> None:
        while True:
            with first:
                pass
            second.acquire()
            second.release()

    for _ in range(3):
        with record(timeout=0.05) as run:
            Thread(target=spin, name="a").start()
        assert ended(run) == ("timeout", ())
        for lock in (first, second):
            assert lock.acquire(False)
            lock.release()


def test_primitives_of_threads_that_spin_are_free_after_the_timeout() -> None:
    flag, permits, condition, meeting = Event(), Semaphore(1), Condition(), Barrier(1)

    def spin() -> None:
        while True:
            flag.set()
            flag.wait()
            with permits, condition:
                condition.wait(0)
            meeting.wait()

    for _ in range(3):
        with record(timeout=0.05) as run:
            for name in "ab":
                Thread(target=spin, name=name).start()
        assert ended(run) == ("timeout", ())
        inner = [each._cond._lock for each in (flag, permits, meeting)]  # type: ignore[attr-defined]
        assert not any(lock.locked() for lock in inner)
        assert condition.acquire(False)
        condition.notify()
        condition.release()
        assert not condition._waiters  # type: ignore[attr-defined]


# Ctrl-C


def interrupted(wait: Callable[[], object], kind: Kind, target: Callable[[], object]) -> Trace:
    """A run whose main thread is interrupted in a wait, while thread "a" does something."""
    with pytest.raises(KeyboardInterrupt), record(timeout=LIMIT) as run:
        Thread(target=target, name="a").start()
        interrupter = threading.Thread(target=interrupt_main, args=(run, kind))
        interrupter.start()
        wait()
    interrupter.join()
    return run


@needs_signals
@pytest.mark.parametrize("what", ["lock", "condition", "join", "sleep"])
def test_ctrl_c_ends_a_run_whose_main_thread_waits(what: str) -> None:
    lock, condition, flag = Lock(), Condition(Lock()), Event()
    lock.acquire()

    def wait() -> None:
        if what == "condition":
            with condition:
                condition.wait()
        elif what == "join":
            next(each for each in threading.enumerate() if each.name == "a").join()
        else:
            (lock.acquire if what == "lock" else lambda: time.sleep(LIMIT))()

    kinds = {"lock": Kind.WAIT, "condition": Kind.COND_WAIT, "join": Kind.JOIN_WAIT, "sleep": Kind.SLEEP}
    run = interrupted(wait, kinds[what], lambda: flag.wait(LIMIT))
    assert ended(run) == ("interrupted", ())
    assert did(run)[-1] == "failed KeyboardInterrupt"
    assert lock.locked()
    assert not condition._is_owned()  # type: ignore[attr-defined]


@needs_signals
def test_ctrl_c_at_the_end_of_the_block_ends_the_run() -> None:
    flag = Event()
    with pytest.raises(KeyboardInterrupt), record(timeout=LIMIT) as run:
        Thread(target=flag.wait, args=(LIMIT,), name="a").start()
        interrupter = threading.Thread(target=interrupt_main, args=(run, Kind.ENDED))
        interrupter.start()
    interrupter.join()
    assert ended(run) == ("interrupted", ())


@needs_signals
def test_a_second_ctrl_c_leaves_the_thread_free_for_the_next_run() -> None:
    flag, give_up, unwinding = Event(), threading.Event(), threading.Event()

    def stubborn() -> None:
        try:
            flag.wait()
        finally:
            unwinding.set()
            give_up.wait(LIMIT)

    def again() -> None:
        assert unwinding.wait(LIMIT)
        until_parked(threading.main_thread())
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)

    if sys.platform != "linux":
        pytest.skip("only Linux tells when the main thread is there")
    with pytest.raises(KeyboardInterrupt), record(timeout=LIMIT) as run:
        thread = Thread(target=stubborn, name="a")
        thread.start()
        until(run, "a", Kind.WAIT)
        threading.Thread(target=again).start()
        raise KeyboardInterrupt
    give_up.set()
    threading.Thread.join(thread)


# The end of the block


def test_the_block_waits_for_its_threads_and_for_those_that_they_start() -> None:
    results: list[str] = []

    def child() -> None:
        time.sleep(0.05)
        results.append("child")

    def parent() -> None:
        Thread(target=child).start()
        results.append("parent")

    with record() as run:
        Thread(target=parent).start()
    assert results == ["parent", "child"]
    assert ended(run) == ("done", ())


def test_daemons_are_cut_off_at_the_end() -> None:
    flag = Event()
    with record() as run:
        Thread(target=flag.wait, name="a", daemon=True).start()
        until(run, "a", Kind.WAIT)
    assert ended(run) == ("done", ())
    assert did(run, "a", lives=True) == ["began MainThread", "wait flag for ever"]
    assert run.log.threads[1].daemon


def test_an_exception_in_the_block_waits_for_its_threads_and_comes_out() -> None:
    results: list[int] = []
    door = Lock()

    def worker() -> None:
        with door:
            results.append(1)

    with pytest.raises(LookupError, match="of the block"), record(timeout=LIMIT) as run, door:
        Thread(target=worker, name="a").start()
        until(run, "a", Kind.WAIT)
        raise LookupError("of the block")
    assert results == [1]
    assert did(run)[-1] == "failed LookupError: of the block"
    assert ended(run) == ("done", ())


def test_leaving_the_program_in_the_block_is_an_end_like_any_other() -> None:
    done: list[str] = []
    with pytest.raises(SystemExit, match=r"^4$"), record() as run:
        Thread(target=done.append, args=("a",)).start()
        sys.exit(4)
    assert done == ["a"]
    assert ended(run) == ("done", ())
    assert did(run, lives=True)[-1] == "ended"
    assert run.findings == ()


def test_an_exception_in_the_block_of_a_run_that_hangs_comes_out() -> None:
    flag = Event()
    with pytest.raises(LookupError), record(timeout=LIMIT) as run:
        Thread(target=flag.wait, name="a").start()
        raise LookupError
    assert ended(run) == HUNG


# What cannot be recorded


def test_a_record_inside_a_record_is_refused() -> None:
    with record():
        with pytest.raises(RecordError) as error, record():
            pytest.fail("nobody can get here")
        Lock().acquire()
    assert_one_sentence(error.value, "MainThread")


def test_a_record_in_a_thread_of_a_run_is_refused() -> None:
    errors: list[RecordError] = []

    def nested() -> None:
        with pytest.raises(RecordError) as error, record():
            pytest.fail("nobody can get here")
        errors.append(error.value)

    with record():
        Thread(target=nested, name="worker-7").start()
    assert_one_sentence(errors[0], "worker-7")


def test_a_record_is_used_once() -> None:
    used = record()
    with used:
        pass
    with pytest.raises(RecordError) as error, used:
        pytest.fail("nobody can get here")
    assert_one_sentence(error.value, "record()")
    running = record()
    with running, pytest.raises(RecordError) as error, running:
        pytest.fail("nobody can get here")
    assert_one_sentence(error.value, "record()")


def test_a_record_is_left_once_and_after_it_was_entered() -> None:
    block = record()
    with pytest.raises(RecordError) as error:
        block.__exit__(None, None, None)
    assert_one_sentence(error.value, "before it was entered")
    with block as run:
        Lock().acquire()
    with pytest.raises(RecordError) as error:
        block.__exit__(None, None, None)
    assert_one_sentence(error.value, "was left before")
    assert ended(run) == ("done", ())


def test_a_record_is_left_by_the_thread_that_entered_it() -> None:
    """The others cannot take it out of the run: its next lock would still be recorded, or unwind it."""
    block, errors = record(timeout=LIMIT), []

    def leave() -> None:
        with pytest.raises(RecordError) as error:
            block.__exit__(None, None, None)
        errors.append(error.value)

    with block as run:
        for thread in threading.Thread(target=leave, name="stranger"), Thread(target=leave, name="friend"):
            thread.start()
            thread.join()
        Lock().acquire()
    assert_one_sentence(errors[0], "entered by MainThread: leave it there, not in stranger")
    assert_one_sentence(errors[1], "not in friend")
    assert "acquired" in " ".join(did(run))
    assert ended(run) == ("done", ())
    with record():
        pass


def assert_one_sentence(error: RecordError, who: str) -> None:
    text = str(error)
    assert who in text
    assert "\n" not in text
    assert text.endswith(".")
    assert len(text) < 200


# Several runs


def test_threads_may_record_at_the_same_time() -> None:
    shared, meet = Lock(), threading.Barrier(3)
    runs: dict[int, Trace] = {}

    def recorder(number: int) -> None:
        with record(timeout=LIMIT) as run:
            meet.wait(LIMIT)
            thread = Thread(target=work, name=f"worker {number}")
            thread.start()
            work()
        runs[number] = run

    def work() -> None:
        for _ in range(50):
            with shared:
                pass

    threads = [threading.Thread(target=recorder, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for number, run in runs.items():
        assert ended(run) == ("done", ())
        assert [info.name for info in run.log.threads][1:] == [f"worker {number}"]
        assert sum(event.kind is Kind.ACQUIRED for event in run) == 100


def test_runs_that_hang_at_the_same_time_are_all_ended() -> None:
    meet = threading.Barrier(3)
    runs: list[Trace] = []

    def recorder() -> None:
        lock = Lock()
        with record(timeout=LIMIT) as run:
            meet.wait(LIMIT)
            lock.acquire()
            Thread(target=lock.acquire, name="a").start()
        runs.append(run)

    threads = [threading.Thread(target=recorder) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [ended(run) for run in runs] == [HUNG] * 3


def test_a_run_that_is_ended_does_not_release_the_lock_of_another() -> None:
    shared = Lock()
    holding, leave = threading.Event(), threading.Event()
    runs: list[Trace] = []

    def holder() -> None:
        with record(timeout=LIMIT) as run, shared:
            holding.set()
            assert leave.wait(LIMIT)
        runs.append(run)

    thread = threading.Thread(target=holder)
    thread.start()
    assert holding.wait(LIMIT)
    with record(timeout=0.1) as run:
        shared.acquire()
        pytest.fail("nobody can get here")
    assert shared.locked()
    leave.set()
    thread.join()
    assert ended(run) in (("timeout", ()), HUNG)
    assert ended(runs[0]) == ("done", ())
    assert did(runs[0], thread.name.split()[0]) == [] or not shared.locked()


def test_a_lock_that_another_run_took_over_stays_held_after_a_timeout() -> None:
    shared, taken = Lock(), threading.Event()
    with record(timeout=0.2) as run:
        with shared:
            pass
        other = threading.Thread(target=lambda: (shared.acquire(), taken.set()))
        other.start()
        assert taken.wait(LIMIT)
        Event().wait(LIMIT)
    other.join()
    assert ended(run) == ("timeout", ())
    assert shared.locked()


@pytest.mark.parametrize("make", [Lock, RLock])
def test_what_a_thread_acquires_as_its_run_ends_is_given_back(make: Callable[[], Lock | RLock]) -> None:
    lock, over = make(), threading.Event()

    def late() -> None:
        assert over.wait(LIMIT)
        lock.acquire()

    with record() as run:
        Thread(target=late).start()
        time_is_up(run)  # while nobody waits for a primitive
        over.set()
    assert ended(run)[0] == "timeout"
    assert lock.acquire(False)


def test_an_unwinding_thread_does_not_release_the_lock_of_another() -> None:
    lock, held, let_go = Lock(), threading.Event(), threading.Event()

    def holder() -> None:
        with lock:
            held.set()
            assert let_go.wait(LIMIT)

    def unwinds() -> None:
        try:
            Event().wait()
        finally:
            with lock:
                pass
            lock.acquire()
            lock.release()

    foreign = threading.Thread(target=holder)
    foreign.start()
    assert held.wait(LIMIT)
    with record(timeout=0.2) as run:
        Thread(target=unwinds).start()
    assert ended(run)[0] in ("timeout", "hung")
    assert lock.locked()
    let_go.set()
    foreign.join()
    assert not lock.locked()


def test_primitives_work_in_one_run_after_the_other() -> None:
    lock, permits = Lock(), Semaphore(2)
    for _ in range(2):
        with record() as run, lock:
            permits.acquire()
        assert did(run) == ["acquired lock", "acquired permits", "released lock"]
        permits.release()


# The record itself


def test_a_live_trace_shows_what_has_happened_so_far() -> None:
    lock = Lock()
    with record() as run:
        lock.acquire()
        assert did(run) == ["acquired lock"]
        assert run.log.ending.reason == "running"
        lock.release()
    assert did(run) == ["acquired lock", "released lock"]


def test_a_trace_does_not_change_after_the_block() -> None:
    lock = Lock()
    with record() as run, lock:
        pass
    before = list(run)
    with lock:
        pass
    assert list(run) == before


def test_a_full_record_says_so_and_the_program_goes_on() -> None:
    lock = Lock()
    done = 0
    with record(max_events=500, timeout=LIMIT) as run:
        while run.log.ending.reason != "full":
            for _ in range(1000):
                with lock:
                    done += 1
        kept = len(run.log)
        for _ in range(1000):
            with lock:
                done += 1
    assert done % 1000 == 0
    assert run.log.ending.reason == "full"
    assert run.log.notes == ("the record was full after 500 events",)
    assert len(run.log) == kept > 500
    assert [finding.kind for finding in run.findings] == ["ending", "record"]
    assert not lock.locked()


def test_title_clock_and_python_are_kept() -> None:
    with record("My run") as run:
        pass
    log = run.log
    assert (log.title, log.clock) == ("My run", "real")
    assert log.python.split(".")[:2] == [str(part) for part in sys.version_info[:2]]
    assert [event.kind for event in run] == [Kind.BEGAN, Kind.ENDED]


def test_times_never_decrease_and_threads_are_in_their_own_order() -> None:
    lock = RLock()

    def work() -> None:
        for _ in range(100):
            with lock, lock:
                pass

    with record() as run:
        for name in "ab":
            Thread(target=work, name=name).start()
    times = [event.time for event in run]
    assert times == sorted(times)
    for name in "ab":
        assert did(run, name).count("acquired lock") == 200
        kinds = [event.kind for event in run if is_by(run.log, event, name)]
        assert (kinds[0], kinds[-1]) == (Kind.BEGAN, Kind.ENDED)


# With the standard library


def test_a_queue_works_with_our_primitives() -> None:
    jobs: queue.Queue[int] = queue.Queue(maxsize=2)
    jobs.mutex = Lock()  # type: ignore[assignment]
    jobs.not_empty, jobs.not_full = Condition(jobs.mutex), Condition(jobs.mutex)
    jobs.all_tasks_done = Condition(jobs.mutex)
    got: list[int] = []

    def consumer() -> None:
        for _ in range(20):
            got.append(jobs.get())
            jobs.task_done()

    with record(timeout=LIMIT) as run:
        Thread(target=consumer, name="a").start()
        for number in range(20):
            jobs.put(number)
        jobs.join()
    assert got == list(range(20))
    assert ended(run) == ("done", ())
    assert Kind.ACQUIRED in {event.kind for event in run}


def test_workers_of_a_pool_may_use_our_primitives() -> None:
    lock, total = Lock(), [0]

    def add(number: int) -> None:
        with lock:
            total[0] += number

    with record(timeout=LIMIT) as run:
        with ThreadPoolExecutor(3) as pool:
            list(pool.map(add, range(100)))
        assert lock.acquire(False)
    assert total == [4950]
    assert [line for line in did(run) if "lock" in line] == ["acquired lock 0"]
    assert ended(run) == ("done", ())


def test_a_worker_that_does_a_librarys_work_may_let_the_main_thread_go() -> None:
    wait, let_go = "import sys; sys.stdin.readline()", Event()
    with record(timeout=LIMIT) as run:
        child = subprocess.Popen([sys.executable, "-c", wait], stdin=subprocess.PIPE)
        with ThreadPoolExecutor(1) as pool:
            pool.submit(child.wait).add_done_callback(lambda _: let_go.set())
            start_new_thread(answer, (run, child))
            assert let_go.wait()
    assert ended(run) == ("done", ())


def answer(run: Trace, child: subprocess.Popen[bytes]) -> None:
    """When the main thread has been seen to wait three times and more."""
    until(run, "MainThread", Kind.WAIT)
    pause(5 * RecordedBlockKeeper.REST)
    child.communicate(b"\n")


def test_a_worker_without_work_lets_nobody_go() -> None:
    with ThreadPoolExecutor(1) as pool, record(timeout=LIMIT) as run:
        pool.submit(int).result()
        Event().wait()
    assert ended(run) == HUNG


# Settings


def test_title_and_timeout_need_no_names() -> None:
    with record("A day", LIMIT) as run:
        pass
    assert run.log.title == "A day"


def test_a_run_begins_with_its_first_event() -> None:
    with record() as run:
        Lock().acquire()
    began, *_ = run
    assert began.time < 500_000  # ns: what is done before it, as looking for names, takes longer


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"timeout": "5"}, "record(timeout='5'): give seconds, from 0 on, or None for no limit."),
        ({"timeout": float("nan")}, "record(timeout=nan): give seconds"),
        ({"timeout": -1}, "record(timeout=-1): give seconds"),
        ({"title": 5}, "record(title=5): give a text, or None."),
        ({"patience": "x"}, "record(patience='x'): give a whole number, from 0 on."),
        ({"max_events": 1.5}, "record(max_events=1.5): give a whole number, from 0 on."),
    ],
)
def test_a_setting_of_the_wrong_kind_is_one_clear_error(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(RecordError) as caught:
        record(**settings)
    assert str(caught.value).startswith(words)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork()")
def test_a_forked_process_may_leave_the_block() -> None:
    program = (
        "import os, sys\nfrom tracing import record\n"
        "with record():\n    child = os.fork()\n    child or sys.exit(3)\n"
        "print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) if child else 'left')"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program],
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=True,
    )
    assert done.stdout == "3\n"


def test_many_threads_that_never_wait_are_all_ended() -> None:
    def spin() -> None:
        while True:
            pass

    with record(timeout=0.1) as run:
        for _ in range(12):
            Thread(target=spin, daemon=True).start()
        spin()
    assert run.log.ending.reason == "timeout"
    assert run.log.ending.leaked == ()
