"""What is recorded of a Lock, and that it behaves as threading's."""

from __future__ import annotations

import contextvars
import sys
import threading
import weakref
from _thread import allocate_lock, start_new_thread
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from typing import Any

import pytest
from steps import LIMIT, did, interrupt_main, is_by, needs_signals, order, unseen, until, until_parked

from tracing import Kind, Lock, Thread, Trace, current_thread, record, simulate
from tracing.recording import RecordedBlockKeeper
from tracing.runtime import here, system


def test_a_hold_is_an_acquire_and_a_release() -> None:
    lock = Lock()
    with record() as run:
        assert lock.acquire() is True
        lock.release()
        with lock as got:
            assert got is True
    assert did(run) == ["acquired lock", "released lock"] * 2


def lines(run: Trace, thread: str = "MainThread") -> list[str]:
    done = [event for event in run if event.obj and is_by(run.log, event, thread)]
    return [site.text if (site := run.log.site(event.site)) else "" for event in done]


def test_each_operation_carries_the_line_of_the_program() -> None:
    lock = Lock()
    with record() as run:
        lock.acquire()
        lock.release()
        with lock:
            pass
    assert lines(run) == ["lock.acquire()", "lock.release()", "with lock:", "with lock:"]


def leave_in_every_way(lock: Lock) -> None:
    for way in ("end", "continue", "break"):
        with lock:
            if way == "continue":
                continue
            if way == "break":
                break
    with suppress(ZeroDivisionError), lock:
        1 / 0  # noqa: B018
    with lock:
        return


@pytest.mark.parametrize("how", [record, simulate])
def test_a_block_is_left_on_the_line_of_its_with(how: Callable[..., Any]) -> None:
    lock = Lock()
    for _ in "once", "again, when its places are known":
        with how() as run:
            leave_in_every_way(lock)
        first, last = ["with lock:"] * 6, ["with lock:"] * 2
        assert lines(run) == [*first, *["with suppress(ZeroDivisionError), lock:"] * 2, *last]


def test_a_block_of_several_lines_is_left_on_the_line_of_its_lock() -> None:
    left, right = Lock(), Lock()
    with record() as run:
        with (
            left as first,
            right as second,
        ):
            assert (first, second) == (True, True)
        del first, second
    way_in, way_out = lines(run)[:2], lines(run)[2:4]
    assert way_in == way_out[::-1]
    assert way_in == ["left as first,", "right as second,"] or sys.version_info < (3, 13)  # then "with ("


def test_a_block_that_no_with_enters_is_left_on_the_line_that_leaves_it() -> None:
    lock = Lock()
    with record() as run:
        for _ in range(2):
            lock.__enter__()
            lock.__exit__()
        with ExitStack() as stack:
            stack.enter_context(lock)
            stack.pop_all().close()
    by_hand = ["lock.__enter__()", "lock.__exit__()"]
    assert lines(run) == [*by_hand, *by_hand, "stack.enter_context(lock)", "stack.pop_all().close()"]


def test_a_block_that_was_waited_for_is_left_on_its_line() -> None:
    lock = Lock()

    def wait_for_it() -> None:
        with lock:
            pass

    with record() as run:
        lock.acquire()
        waiter = Thread(target=wait_for_it, name="waiter")
        waiter.start()
        until_parked(waiter)
        lock.release()
        waiter.join()
    assert lines(run, "waiter") == ["with lock:"] * 3  # waits, acquires, releases


def test_without_lines_no_place_is_recorded() -> None:
    lock = Lock()
    with record(lines=False) as run:
        lock.acquire()
        lock.acquire(timeout=0)
        lock.release()
    assert did(run) == ["acquired lock", "would_block lock", "released lock"]
    assert {event.site for event in run} == {0}


def test_a_contended_acquire_waits_and_follows_the_release() -> None:
    lock = Lock()
    with record(timeout=LIMIT) as run:
        lock.acquire()
        Thread(target=lock.acquire, name="a").start()
        until(run, "a", Kind.WAIT)
        lock.release()
    assert did(run, "a") == ["wait lock for ever", "acquired lock"]
    assert order(run, "MainThread released lock", "a acquired lock", "a wait lock for ever") == [
        "a wait lock for ever",
        "MainThread released lock",
        "a acquired lock",
    ]


@pytest.mark.parametrize("arguments", [{"blocking": False}, {"timeout": 0}, {"timeout": 0.0}])
def test_a_failed_try_would_block_and_is_no_wait(arguments: dict[str, float]) -> None:
    lock = Lock()
    with record() as run:
        lock.acquire()
        assert lock.acquire(**arguments) is False
        lock.release()
        assert lock.acquire(**arguments) is True
    assert did(run) == ["acquired lock", "would_block lock", "released lock", "acquired lock 0"]


def test_a_timed_out_wait_ends_without_a_hold() -> None:
    lock = Lock()
    with record() as run:
        lock.acquire()
        assert lock.acquire(timeout=0.01) is False
    assert did(run) == ["acquired lock", "wait lock 0.01 s", "timed_out lock"]


def test_a_wait_with_a_deadline_may_succeed() -> None:
    lock = Lock()
    results: list[bool] = []
    with record(timeout=LIMIT) as run:
        lock.acquire()
        Thread(target=lambda: results.append(lock.acquire(timeout=LIMIT)), name="a").start()
        until(run, "a", Kind.WAIT)
        lock.release()
    assert results == [True]
    assert did(run, "a") == [f"wait lock {LIMIT} s", "acquired lock 0"]


def test_a_release_of_an_unlocked_lock_is_refused() -> None:
    lock = Lock()
    with record() as run:
        with pytest.raises(RuntimeError, match=r"^release unlocked lock$"):
            lock.release()
        with pytest.raises(RuntimeError, match=r"^release unlocked lock$"), lock:
            lock.release()
    refused = "refused lock RuntimeError: release unlocked lock"
    assert did(run) == [refused, "acquired lock", "released lock", refused]


@pytest.mark.parametrize(
    "arguments",
    [(False, 1), (True, -2), (True, 1e300), (True, float("nan")), (True, "soon"), (1, 2, 3), (None, 1)],
)
@pytest.mark.parametrize("held", [False, True])
def test_wrong_arguments_raise_what_threading_raises(arguments: tuple[object, ...], held: bool) -> None:
    def raised(lock: object) -> tuple[type, str]:
        with pytest.raises((ValueError, OverflowError, TypeError)) as error:
            lock.acquire(*arguments)  # type: ignore[attr-defined]
        return error.type, "" if error.type is TypeError else str(error.value)

    lock, expected = Lock(), raised(threading.Lock())
    if held:
        lock.acquire()
    with record() as run:
        assert raised(lock) == expected
    assert did(run) == []
    assert lock.locked() is held


def test_any_thread_may_release() -> None:
    lock = Lock()
    with record(timeout=LIMIT) as run:
        lock.acquire()
        Thread(target=lock.release, name="a").start()
        lock.acquire()
    assert did(run, "a") == ["released lock"]
    assert order(run, "a released lock", "MainThread acquired lock")[:2] == [
        "MainThread acquired lock",
        "a released lock",
    ]


def test_an_exception_in_a_with_block_releases_the_lock() -> None:
    lock = Lock()
    with record() as run, pytest.raises(KeyError), lock:
        raise KeyError
    assert did(run) == ["acquired lock", "released lock"]
    assert not lock.locked()


def test_an_exit_stack_takes_a_lock() -> None:
    first, second = Lock(), Lock()
    with record() as run, ExitStack() as stack:
        stack.enter_context(first)
        stack.enter_context(second)
    assert did(run) == ["acquired first", "acquired second", "released second", "released first"]


@needs_signals
def test_an_interrupted_wait_is_cut_and_leaves_the_lock_usable() -> None:
    lock = Lock()

    def holder() -> None:
        with lock:
            interrupt_main(run)
            until(run, "MainThread", Kind.CUT)

    with record(timeout=LIMIT) as run:
        a = Thread(target=holder, name="a")
        a.start()
        until(run, "a", Kind.ACQUIRED)
        with pytest.raises(KeyboardInterrupt):
            lock.acquire()
        a.join()
        with lock:
            pass
    assert did(run)[:2] == ["wait lock for ever", "cut lock"]
    assert did(run)[-2:] == ["acquired lock", "released lock"]
    assert run.log.ending.reason == "done"


@pytest.mark.skipif(
    sys.platform != "linux", reason="CPython promises no order; on Linux its semaphores have one"
)
def test_waiters_get_a_lock_in_the_order_in_which_they_came() -> None:
    lock, got = Lock(), []

    def waiter(number: int) -> None:
        with lock:
            got.append(number)

    with record(timeout=LIMIT):
        lock.acquire()
        for number in range(5):
            thread = Thread(target=waiter, args=(number,))
            thread.start()
            until_parked(thread)
        lock.release()
    assert got == [0, 1, 2, 3, 4]


def test_holds_never_overlap_under_contention() -> None:
    lock, together = Lock(), threading.Barrier(4)
    total = 0

    def worker() -> None:
        nonlocal total
        together.wait()
        for _ in range(500):
            with lock:
                seen = total
                total = seen + 1

    with record(timeout=LIMIT) as run:
        for _ in range(4):
            Thread(target=worker).start()
    kinds = [event.kind for event in run if event.kind in (Kind.ACQUIRED, Kind.RELEASED)]
    assert total == 2000
    assert kinds == [Kind.ACQUIRED, Kind.RELEASED] * 2000


def test_a_thread_that_is_not_of_the_run_leaves_no_trace() -> None:
    lock = Lock()
    results: list[object] = []

    def plain() -> None:
        results.append(lock.acquire(False))
        results.append(lock.acquire(timeout=0.01))
        lock.release()
        with lock:
            results.append(lock.locked())

    with record() as run:
        lock.acquire()
        bystander = threading.Thread(target=plain)
        bystander.start()
        bystander.join()
        lock.acquire()
    assert results == [False, False, True]
    assert did(run) == ["acquired lock", "acquired lock"]


def test_outside_of_a_run_it_is_a_plain_lock() -> None:
    lock = Lock()
    with lock:
        assert lock.locked()
        assert lock.acquire(False) is False
    assert lock.acquire(timeout=1) is True
    lock.release()
    with pytest.raises(RuntimeError, match=r"^release unlocked lock$"):
        lock.release()
    assert repr(lock).startswith("<unlocked ")


# Blocks


def pass_through(lock: Lock) -> None:
    with lock:
        pass


PAIR = ["acquired lock", "released lock"]


def test_each_thread_writes_its_own_blocks() -> None:
    lock = Lock()
    with record(timeout=LIMIT) as run:
        for name in ("a", "b"):
            pass_through(lock)
            thread = Thread(target=pass_through, args=(lock,), name=name)
            thread.start()
            thread.join()
        pass_through(lock)
    assert did(run, "a") == did(run, "b") == PAIR
    assert [event for event in did(run, "MainThread") if event.endswith(" lock")] == PAIR * 3


def test_a_block_that_another_thread_leaves_is_left_by_that_thread() -> None:
    lock, stack = Lock(), ExitStack()
    with record(timeout=LIMIT) as run:
        stack.enter_context(lock)
        thread = Thread(target=stack.close, name="a")
        thread.start()
        thread.join()
    assert did(run, "a") == ["released lock"]


def test_a_lock_remembers_no_run_that_is_over() -> None:
    lock = Lock()
    with record() as first:
        pass_through(lock)
    pass_through(lock)
    with record() as second:
        pass_through(lock)
    with simulate() as third:
        pass_through(lock)
    assert did(first) == did(second) == did(third) == PAIR


def test_a_block_that_outlives_its_run_is_left_without_a_record() -> None:
    lock = Lock()

    def hold() -> Iterator[None]:
        with lock:
            yield

    with record() as run:
        holding = hold()
        next(holding)
    holding.close()
    assert not lock.locked()
    assert did(run) == ["acquired lock"]
    with simulate() as again:
        pass_through(lock)
    assert did(again) == PAIR


def test_a_block_that_was_entered_by_hand_and_released_by_name_leaves_no_trace_in_the_next_run() -> None:
    lock = Lock()
    with record():
        lock.__enter__()
        lock.release()
    with simulate() as run:
        pass_through(lock)
        lock.acquire()
        lock.__exit__(None, None, None)
    assert did(run) == PAIR * 2


@needs_signals
def test_ctrl_c_cuts_a_contended_blocks_wait() -> None:
    lock = Lock()
    lock.acquire()
    with record(timeout=LIMIT) as run:
        interrupter = threading.Thread(target=interrupt_main, args=(run,))
        interrupter.start()
        with pytest.raises(KeyboardInterrupt), lock:
            pytest.fail("the block was entered")
        assert here.agent is not None
        assert here.agent.waiting is None
        interrupter.join()
        lock.release()
        pass_through(lock)
    assert did(run) == ["wait lock for ever", "cut lock", "released lock", *PAIR]


def test_a_contended_block_of_a_run_that_is_ended_is_not_entered() -> None:
    lock, entered = Lock(), []

    def enter() -> None:
        with lock:
            entered.append("a")

    lock.acquire()
    with record(timeout=LIMIT) as run:
        thread = Thread(target=enter, name="a")
        thread.start()
        thread.join()
    assert run.log.ending.reason == "hung"
    assert (did(run, "a"), entered) == (["wait lock for ever"], [])
    assert lock.locked()  # it was taken before the run, so it stays so


@pytest.mark.parametrize("count", [1, 3])
def test_threads_that_are_slow_to_notice_that_they_are_let_go_leave_a_lock_held_by_who_holds_it(
    count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However often the keeper looks meanwhile."""
    take = Lock.take

    def take_and_dawdle(lock: Lock, seconds: float) -> bool:
        got = take(lock, seconds)
        if seconds:
            unseen(20 * RecordedBlockKeeper.HASTE)
        return got

    monkeypatch.setattr(Lock, "take", take_and_dawdle)
    monkeypatch.setattr(RecordedBlockKeeper, "PATIENCE", LIMIT)
    lock = Lock()
    lock.acquire()
    with record(timeout=LIMIT) as run:
        threads = [Thread(target=lock.acquire) for _ in range(count)]
        for thread in threads:
            thread.start()
        threads[0].join()
    assert run.log.ending.reason == "hung"
    assert [thread for thread in threads if thread.is_alive()] == []
    assert lock.locked()


def test_in_a_contended_block_the_thread_waits_no_more() -> None:
    lock, waiting = Lock(), []

    def enter() -> None:
        with lock:
            assert here.agent is not None
            waiting.append(here.agent.waiting)

    with record(timeout=LIMIT) as run:
        with lock:
            thread = Thread(target=enter, name="a")
            thread.start()
            until(run, "a", Kind.WAIT)
        thread.join()
    assert waiting == [None]


def test_a_patient_thread_naps_at_a_contended_block_too(monkeypatch: pytest.MonkeyPatch) -> None:
    lock, naps = Lock(), []
    monkeypatch.setattr(system, "_sleep", lambda seconds: naps.append((current_thread().name, seconds)))
    with record(timeout=LIMIT, patience=3) as run:
        with lock:
            thread = Thread(target=pass_through, args=(lock,), name="a")
            thread.start()
            while len(naps) < 3:
                unseen(0.001)
        thread.join()  # patiently too
    assert [nap for nap in naps if nap[0] == "a"] == [("a", system.NAP)] * 3
    assert did(run, "a") == ["wait lock for ever", *PAIR]


def test_a_thread_that_knows_nothing_of_the_run_writes_nothing() -> None:
    lock, done = Lock(), allocate_lock()
    done.acquire()

    def foreign(context: contextvars.Context) -> None:
        context.run(pass_through, lock)
        done.release()

    with record(timeout=LIMIT) as run:
        pass_through(lock)
        start_new_thread(foreign, (contextvars.copy_context(),))
        done.acquire()
    assert did(run) == PAIR


def test_a_lock_is_freed_when_nobody_has_it_any_more() -> None:
    lock = Lock()
    with record():
        pass_through(lock)
    gone = weakref.ref(lock)
    del lock
    assert gone() is None


def test_a_lock_used_on_several_lines_in_turn_keeps_them_apart() -> None:
    lock = Lock()
    with record() as run:
        for _ in range(2):
            with lock:  # here
                pass
            with lock:  # there
                pass
            lock.acquire()
            lock.release()
    texts = [site.text if (site := run.log.site(event.site)) else "" for event in run if event.obj]
    in_turn = [*["with lock:  # here"] * 2, *["with lock:  # there"] * 2, "lock.acquire()", "lock.release()"]
    assert texts == in_turn * 2


def test_the_same_offset_in_another_function_is_another_place() -> None:
    lock = Lock()
    source = "def {0}(lock):\n    with lock:\n        pass\n    lock.acquire()\n    lock.release()\n"
    functions: dict[str, Callable[[Lock], None]] = {}
    for name in ("one", "other"):
        exec(compile(source.format(name), f"{name}.py", "exec"), functions)
    with record() as run:
        for name in ("one", "other") * 2:
            functions[name](lock)
    sites = [site for event in run if event.obj and (site := run.log.site(event.site))]
    assert [site.function for site in sites] == (["one"] * 4 + ["other"] * 4) * 2
