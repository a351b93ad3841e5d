"""From a release to the next step of the thread that waited: a hand-off."""

from __future__ import annotations

import threading
import time
from _thread import allocate_lock
from collections.abc import Callable
from statistics import median
from time import perf_counter_ns
from typing import Any

import tracing
from benchmarks.measure import Goal, Row, percentile, rounds

HOLD = 0.0003  # s: long enough for the waiting thread to have parked
_sleep = time.sleep  # the bare one: the name in `time` is replaced while a run lasts


def hand_off(quick: bool) -> list[Row]:
    """Median and 99th percentile, µs, taken within a round; the ratios are medians over the rounds."""
    count = 20 if quick else 2_000
    samples: dict[str, list[list[float]]] = {"bare": [], "recorded": []}

    def bare() -> float:
        samples["bare"].append(_latencies(threading.Lock(), threading.Thread, count))
        return 0.0

    def recorded() -> float:
        with tracing.record():
            samples["recorded"].append(_latencies(tracing.Lock(), tracing.Thread, count))
        return 0.0

    rounds({"bare": bare, "recorded": recorded}, 1 if quick else 9)
    return [row for share in (0.5, 0.99) for row in _rows(samples, share)]


def _rows(samples: dict[str, list[list[float]]], share: float) -> list[Row]:
    found = {name: [percentile(each, share) for each in values[1:]] for name, values in samples.items()}
    times = median(traced / bare for traced, bare in zip(found["recorded"], found["bare"], strict=True))
    name = f"contended hand-off, {share:.0%}"
    return [
        Row(what=f"{name}: bare", number=median(found["bare"]) / 1e3, unit="µs"),
        Row(
            what=f"{name}: recorded",
            number=median(found["recorded"]) / 1e3,
            unit="µs",
            ratio=times,
            goal=Goal(most=1.1),
        ),
    ]


def _latencies(lock: Any, thread: Callable[..., Any], count: int) -> list[float]:
    """ns from the holder's last step before its release to the waiter's first step after its acquire."""
    wanted, had = allocate_lock(), allocate_lock()
    wanted.acquire()
    had.acquire()
    released: list[int] = []
    acquired: list[int] = []

    def wait() -> None:
        for _ in range(count):
            wanted.acquire()
            lock.acquire()
            acquired.append(perf_counter_ns())
            lock.release()
            had.release()

    waiter = thread(target=wait)
    waiter.start()
    for _ in range(count):
        lock.acquire()
        wanted.release()
        _sleep(HOLD)
        released.append(perf_counter_ns())
        lock.release()
        had.acquire()
    waiter.join()
    return [float(got - gave) for gave, got in zip(released, acquired, strict=True)]
