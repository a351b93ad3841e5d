"""What is recorded of an RLock, and that it behaves as threading's."""

from __future__ import annotations

import threading

import pytest
from steps import LIMIT, did, until

from tracing import Condition, Kind, RLock, Thread, record


def test_each_level_is_recorded() -> None:
    lock = RLock()
    with record() as run, lock, lock:
        assert lock.acquire(False) is True
        lock.release()
    assert did(run) == ["acquired lock"] * 3 + ["released lock"] * 3


def test_another_thread_waits_until_all_levels_are_released() -> None:
    lock = RLock()

    def other() -> None:
        with lock:
            pass

    with record(timeout=LIMIT) as run, lock:
        with lock:
            Thread(target=other, name="a").start()
            until(run, "a", Kind.WAIT)
        assert did(run, "a") == ["wait lock for ever"]
    assert did(run, "a") == ["wait lock for ever", "acquired lock", "released lock"]
    kinds = [(event.thread, event.kind) for event in run if event.kind in (Kind.ACQUIRED, Kind.RELEASED)]
    assert kinds == [(1, Kind.ACQUIRED)] * 2 + [(1, Kind.RELEASED)] * 2 + [
        (2, Kind.ACQUIRED),
        (2, Kind.RELEASED),
    ]


def test_tries_and_time_outs_of_another_thread_fail() -> None:
    lock = RLock()
    results: list[bool] = []

    def other() -> None:
        results.append(lock.acquire(blocking=False))
        results.append(lock.acquire(timeout=0.01))

    with record(timeout=LIMIT) as run, lock:
        other_thread = Thread(target=other, name="a")
        other_thread.start()
        other_thread.join()
    assert results == [False, False]
    assert did(run, "a") == ["would_block lock", "wait lock 0.01 s", "timed_out lock"]


def test_only_its_owner_may_release_it() -> None:
    lock = RLock()
    errors: list[str] = []

    def other() -> None:
        try:
            lock.release()
        except RuntimeError as error:
            errors.append(str(error))

    with record(timeout=LIMIT) as run:
        other()
        with lock:
            thread = Thread(target=other, name="a")
            thread.start()
            thread.join()
    assert errors == ["cannot release un-acquired lock"] * 2
    refused = "refused lock RuntimeError: cannot release un-acquired lock"
    assert did(run, "a") == [refused]
    assert did(run)[:2] == [refused, "acquired lock"]


def test_a_condition_gives_up_all_levels_at_once_and_takes_them_back() -> None:
    lock = RLock()
    condition = Condition(lock)
    with record() as run:
        with lock, lock:
            assert condition.wait(0.001) is False
        with pytest.raises(RuntimeError):
            lock.release()
    assert did(run) == [
        "acquired lock",
        "acquired lock",
        "cond_wait condition 0.001 s",
        "released lock 2",
        "cond_woke condition 0",
        "acquired lock 2",
        "released lock",
        "released lock",
        "refused lock RuntimeError: cannot release un-acquired lock",
    ]


@pytest.mark.parametrize("arguments", [(False, 1), (True, -2), (True, 1e300), (True, "soon")])
@pytest.mark.parametrize("owned", [False, True])
def test_wrong_arguments_raise_what_threading_raises(arguments: tuple[object, ...], owned: bool) -> None:
    def raised(lock: object) -> type:
        if owned:
            lock.acquire()  # type: ignore[attr-defined]
        with pytest.raises((ValueError, OverflowError, TypeError)) as error:
            lock.acquire(*arguments)  # type: ignore[attr-defined]
        return error.type

    expected = raised(threading.RLock())
    with record() as run:
        assert raised(RLock()) is expected
    assert len(did(run)) == owned


def test_outside_of_a_run_it_is_a_plain_lock() -> None:
    lock = RLock()
    results: list[bool] = []
    with lock, lock:
        stranger = threading.Thread(target=lambda: results.append(lock.acquire(False)))
        stranger.start()
        stranger.join()
    assert results == [False]
    assert "count=0" in repr(lock)


@pytest.mark.parametrize("recorded", [False, True])
def test_a_recursion_without_end_leaves_it_free(recorded: bool) -> None:
    lock = RLock()

    def deeper() -> None:
        with lock:
            deeper()

    def fall() -> None:
        with pytest.raises(RecursionError):
            deeper()

    if recorded:
        with record() as run:
            fall()
        assert [finding.sentence for finding in run.findings] == []
    else:
        fall()
    assert not lock._is_owned()
    assert not lock.levels()
