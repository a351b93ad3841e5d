"""What is recorded of a Timer: pending, fired, cancelled; and that it behaves as threading's."""

from __future__ import annotations

import threading

import pytest
from steps import LIMIT, did, until

from tracing import Kind, Thread, Timer, record


def test_a_timer_is_pending_and_fires() -> None:
    calls: list[tuple[int, str]] = []

    def callback(number: int, word: str = "") -> None:
        calls.append((number, word))

    with record(timeout=LIMIT) as run:
        timer = Timer(0.01, callback, [1], {"word": "x"})
        timer.start()
        timer.join()
        timer.cancel()
    assert calls == [(1, "x")]
    thread = next(info for info in run.log.threads if info.timer)
    assert run.log.object(thread.timer).type == "Timer"
    assert did(run, thread.name) == ["pending timer 0.01 s", "fired timer"]
    assert did(run)[-1] == "cancel_late timer"


def test_a_cancelled_timer_does_not_fire() -> None:
    calls: list[int] = []
    with record(timeout=LIMIT) as run:
        timer = Timer(LIMIT, calls.append, [1])
        timer.name = "t"
        timer.start()
        until(run, "t", Kind.PENDING)
        timer.cancel()
        timer.cancel()
        timer.join()
    assert calls == []
    assert did(run, "t") == ["pending timer 20 s"]
    assert [line for line in did(run) if "cancel" in line] == ["cancelled timer", "cancel_late timer"]


def test_cancelling_before_the_start_is_in_time() -> None:
    calls: list[int] = []
    with record(timeout=LIMIT) as run:
        timer = Timer(0, calls.append, [1])
        timer.cancel()
        timer.start()
        timer.join()
    assert calls == []
    assert did(run)[0] == "cancelled timer"
    assert Kind.FIRED not in {event.kind for event in run}


def test_another_thread_may_wait_for_a_timer_to_be_finished() -> None:
    with record(timeout=LIMIT) as run:
        timer = Timer(0.01, lambda: None)
        Thread(target=timer.finished.wait, name="a").start()
        timer.start()
    assert did(run, "a") == []
    assert sum(event.kind is Kind.PENDING for event in run) == 1


def test_a_timer_that_repeats_is_pending_again_and_again() -> None:
    rounds: list[int] = []

    class Repeating(Timer):
        def run(self) -> None:
            while not self.finished.wait(self.interval):
                self.function(*self.args, **self.kwargs)

    def callback() -> None:
        rounds.append(1)
        if len(rounds) == 3:
            timer.cancel()

    with record(timeout=LIMIT) as run:
        timer = Repeating(0.001, callback)
        timer.name = "t"
        timer.start()
    assert did(run, "t") == [
        *["pending timer 0.001 s", "fired timer"] * 2,
        *["pending timer 0.001 s", "fired timer", "cancel_late timer", "pending timer 0.001 s"],
    ]


def test_a_callback_that_raises_is_a_failed_thread() -> None:
    with record() as run:
        timer = Timer(0, int, ["x"])
        timer.name = "t"
        timer.start()
    assert did(run, "t")[:2] == ["pending timer 0 s", "fired timer"]
    assert did(run, "t")[2].startswith("failed ValueError")


def test_a_deadlock_with_a_timer_pending_is_waited_for() -> None:
    from tracing import Event

    flag = Event()
    with record(timeout=LIMIT) as run:
        Timer(0.2, flag.set).start()
        flag.wait()
    assert run.log.ending.reason == "done"


def test_outside_of_a_run_it_is_a_plain_timer() -> None:
    called = threading.Event()
    timer = Timer(0.001, called.set)
    timer.start()
    assert called.wait(LIMIT)
    timer.join()
    timer.cancel()
    with pytest.raises(TypeError):
        Timer()  # type: ignore[call-arg]
