"""Sleeping is recorded, by whichever name the program calls it; and only while a run lasts."""

from __future__ import annotations

import threading
import time
from time import sleep

import pytest
from steps import LIMIT, did, interrupt_main, needs_signals

import tracing
from tracing import Kind, Thread, record, simulate


def test_a_sleep_is_recorded_with_its_duration_and_lasts() -> None:
    with record() as run:
        tracing.sleep(0.01)
        tracing.sleep(0)
    assert did(run) == ["sleep 0.01 s", "woke", "sleep 0 s", "woke"]
    slept, woke = (event.time for event in list(run)[1:3])
    assert woke - slept >= 9_000_000


def test_sleeps_of_the_module_time_are_recorded_inside_and_put_back_after() -> None:
    before = time.sleep
    with record() as run:
        time.sleep(0.001)
        sleep(0.002)
        Thread(target=sleep, args=(0.003,), name="a").start()
    assert did(run) == ["sleep 0.001 s", "woke", "sleep 0.002 s", "woke"]
    assert did(run, "a") == ["sleep 0.003 s", "woke"]
    assert time.sleep is before
    assert sleep is before
    assert before.__module__ == "time"


def test_what_a_class_keeps_of_it_is_no_method_of_the_class() -> None:
    with record() as run:

        class Napper:
            nap, ours = time.sleep, tracing.sleep

        Napper().nap(0.001)
        Napper().ours(0.002)
    Napper().nap(0)
    assert did(run) == ["sleep 0.001 s", "woke", "sleep 0.002 s", "woke"]
    with simulate():

        class Watcher:
            nap, now = time.sleep, time.monotonic

        before = Watcher().now()
        Watcher().nap(5)
        assert Watcher().now() - before == pytest.approx(5, abs=0.01)


def test_a_whole_number_of_another_library_is_one() -> None:
    class Number:
        def __index__(self) -> int:
            return 0

    with record() as run:
        time.sleep(Number())  # type: ignore[arg-type]
    assert did(run) == ["sleep 0 s", "woke"]


def test_a_sleep_of_a_thread_without_a_run_is_plain() -> None:
    with record() as run:
        bystander = threading.Thread(target=sleep, args=(0.001,))
        bystander.start()
        bystander.join()
    assert did(run) == []


@pytest.mark.parametrize("seconds", [-1, float("nan"), float("inf"), 1e300, "long", None])
def test_what_cannot_be_slept_raises_what_time_raises(seconds: object) -> None:
    def raised() -> tuple[type, str]:
        with pytest.raises((ValueError, OverflowError, TypeError)) as error:
            time.sleep(seconds)  # type: ignore[arg-type]
        return error.type, str(error.value)

    expected = raised()
    with record() as run:
        assert raised() == expected
    assert did(run) == []


@needs_signals
def test_an_interrupted_sleep_is_over() -> None:
    with record(timeout=LIMIT) as run:
        Thread(target=interrupt_main, args=(run, Kind.SLEEP), name="a").start()
        with pytest.raises(KeyboardInterrupt):
            sleep(LIMIT)
    assert did(run) == ["sleep 20 s", "woke"]
