"""What is recorded of a Condition (three phases, who notified whom), and that it behaves as threading's."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from typing import Any

import pytest
from steps import LIMIT, did, interrupt_main, needs_signals, order, until

from tracing import Condition, Kind, Lock, RLock, Thread, record
from tracing.model import Outcome


def test_a_wait_has_three_phases_and_says_who_notified() -> None:
    lock = Lock()
    condition = Condition(lock)

    def waiter() -> None:
        with condition:
            assert condition.wait() is True

    with record(timeout=LIMIT) as run:
        Thread(target=waiter, name="a").start()
        until(run, "a", Kind.RELEASED)
        with condition:
            condition.notify()
    assert did(run, "a") == [
        "acquired lock",
        "cond_wait condition for ever",
        "released lock",
        "cond_woke condition 1",
        *did(run, "a")[4:-2],
        "acquired lock",
        "released lock",
    ]
    assert did(run, "a")[4:-2] in ([], ["wait lock for ever"])  # the notifier still had the lock, or not
    assert did(run) == ["acquired lock", "notify condition 1", "notified condition a", "released lock"]


def test_a_timed_out_wait_says_so_and_has_the_lock_back() -> None:
    lock = Lock()
    condition = Condition(lock)
    with record() as run, condition:
        assert condition.wait(0.01) is False
        assert condition.wait(-1) is False
    assert did(run) == [
        "acquired lock",
        *("cond_wait condition 0.01 s", "released lock", "cond_woke condition 0", "acquired lock"),
        *("cond_wait condition 0 s", "released lock", "cond_woke condition 0", "acquired lock"),
        "released lock",
    ]


def test_waiting_and_notifying_without_the_lock_is_refused() -> None:
    condition = Condition()
    with record() as run:
        with pytest.raises(RuntimeError, match=r"^cannot wait on un-acquired lock$"):
            condition.wait()
        with pytest.raises(RuntimeError, match=r"^cannot notify on un-acquired lock$"):
            condition.notify()
        with pytest.raises(RuntimeError, match=r"^cannot notify on un-acquired lock$"):
            condition.notify_all()
    assert did(run) == [
        "refused condition RuntimeError: cannot wait on un-acquired lock",
        *["refused condition RuntimeError: cannot notify on un-acquired lock"] * 2,
    ]


def test_a_notification_that_nobody_waits_for_is_recorded_as_lost() -> None:
    condition = Condition()
    with record() as run, condition:
        condition.notify(3)
        condition.notify_all()
    assert [line for line in did(run) if "notif" in line] == ["notify condition 0"] * 2


def test_waiters_are_notified_in_the_order_in_which_they_came() -> None:
    condition = Condition(Lock())
    woken: deque[int] = deque()

    def waiter(number: int) -> None:
        with condition:
            condition.wait()
            woken.append(number)

    with record(timeout=LIMIT) as run:
        for number in range(5):
            Thread(target=waiter, args=(number,), name=f"w{number}").start()
            until(run, f"w{number}", Kind.RELEASED)
        with condition:
            condition.notify(2)
            condition.notify()
        for number in range(3):
            until(run, f"w{number}", Kind.RELEASED, times=2)
        with condition:
            condition.notify_all()
    assert [line for line in did(run) if "notif" in line] == [
        *("notify condition 2", "notified condition w0", "notified condition w1"),
        *("notify condition 1", "notified condition w2"),
        *("notify condition 2", "notified condition w3", "notified condition w4"),
    ]
    assert set(list(woken)[:3]) == {0, 1, 2}
    assert set(woken) == {0, 1, 2, 3, 4}


def test_wait_for_waits_until_its_predicate_holds() -> None:
    condition = Condition()
    ready: list[bool] = []

    def waiter() -> None:
        with condition:
            assert condition.wait_for(lambda: ready)

    with record(timeout=LIMIT) as run:
        Thread(target=waiter, name="a").start()
        until(run, "a", Kind.COND_WAIT)
        with condition:
            condition.notify()
        until(run, "a", Kind.COND_WAIT, times=2)
        with condition:
            ready.append(True)
            condition.notify()
            assert condition.wait_for(lambda: False, timeout=0.01) is False
    woken = [line for line in did(run, "a") if line.startswith("cond_")]
    assert woken == ["cond_wait condition for ever", "cond_woke condition 1"] * 2


@needs_signals
def test_an_interrupted_wait_has_its_lock_back_and_the_condition_is_usable() -> None:
    condition = Condition()

    def interrupter() -> None:
        interrupt_main(run, Kind.COND_WAIT)

    with record(timeout=LIMIT) as run:
        Thread(target=interrupter, name="a").start()
        with condition:
            with pytest.raises(KeyboardInterrupt):
                condition.wait()
            condition.notify()  # it holds the lock, and waits no more
    assert [line for line in did(run) if line.startswith(("cond_", "notif"))] == [
        "cond_wait condition for ever",
        "cond_woke condition 2",
        "notify condition 0",
    ]
    assert [wait.outcome.value for wait in run.model.waits] == ["cut", "acquired"]
    assert "waits on condition and is interrupted" in " ".join(run.text().split())


def raise_once(function: Callable[..., Any]) -> Callable[..., Any]:
    """Ctrl-C right before the function does anything, the first time."""
    calls = iter([KeyboardInterrupt])

    def wrapped(*arguments: Any) -> Any:
        for error in calls:
            raise error
        return function(*arguments)

    return wrapped


@pytest.mark.parametrize("lock", [Lock, RLock, None])
@pytest.mark.parametrize("where", ["_acquire_restore", "_Condition__woke", "_release_save"])
def test_wherever_ctrl_c_comes_in_a_wait_the_lock_is_held_after_it(
    where: str, lock: Callable[[], Lock | RLock] | None
) -> None:
    condition = Condition(lock() if lock else None)
    setattr(condition, where, raise_once(getattr(condition, where)))
    with record(timeout=LIMIT) as run:
        with condition:
            with pytest.raises(KeyboardInterrupt):
                condition.wait(0.001)
            condition.notify()
        with condition:
            assert not condition.wait(0.001)
    assert not condition._waiters
    assert not condition._lock._raw.locked()
    assert not any(wait.outcome is Outcome.OPEN for wait in run.model.waits)
    for hold in run.model.objects[0].holds:
        assert not hold.open


def test_a_condition_over_a_lock_of_threading_records_the_waits_alone() -> None:
    condition = Condition(threading.Lock())
    with record() as run, condition:
        condition.wait(0.001)
        condition.notify()
    assert did(run) == ["cond_wait condition 0.001 s", "cond_woke condition 0", "notify condition 0"]


def test_conditions_may_share_a_lock() -> None:
    lock = Lock()
    full, empty = Condition(lock), Condition(lock)

    def waiter() -> None:
        with full:
            full.wait()

    with record(timeout=LIMIT) as run:
        Thread(target=waiter, name="a").start()
        until(run, "a", Kind.RELEASED)
        with empty:
            empty.notify_all()
            full.notify_all()
    assert [line for line in did(run) if "notif" in line] == [
        "notify empty 0",
        "notify full 1",
        "notified full a",
    ]
    infos = {info.name: info for info in run.log.objects}
    assert infos["full"].lock == infos["empty"].lock == infos["lock"].number


def test_the_lock_that_a_condition_makes_is_its_own() -> None:
    condition = Condition()
    with record() as run, condition:
        pass
    assert did(run) == ["acquired condition.lock", "released condition.lock"]
    infos = {info.name: info for info in run.log.objects}
    lock, made = infos["condition.lock"], infos["condition"]
    assert (lock.type, lock.owner, made.lock) == ("RLock", made.number, lock.number)


def test_a_thread_that_is_not_of_the_run_may_notify_and_wait() -> None:
    condition = Condition()

    def waiter() -> None:
        with condition:
            assert condition.wait()

    def notifier() -> None:
        with condition:
            condition.notify_all()

    with record(timeout=LIMIT) as run:
        Thread(target=waiter, name="a").start()
        until(run, "a", Kind.RELEASED)
        bystander = threading.Thread(target=notifier)
        bystander.start()
        bystander.join()
    assert "cond_woke condition 1" in did(run, "a")
    assert order(run, "MainThread notify condition 1") == []
