"""From a release to the next step of the thread that waited: a hand-off."""

from __future__ import annotations

import os
import threading
import time
from _thread import allocate_lock
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from statistics import median
from time import perf_counter_ns
from typing import Any

import tracing
from benchmarks.measure import Goal, Row, percentile, rounds

HOLD = 0.0001  # s that the holder sleeps or computes once the waiting thread has been let go
PARKING = 0.00005  # s before that: long enough for it to find the lock taken, and to park
_sleep = partial(time.sleep)  # bare in both: a run replaces whatever name is bound to time.sleep itself
_CORES = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else {0}

Hold = Callable[[], None]


def computing() -> None:
    """A hold that computes: the holder releases from a warm processor."""
    _sleep(PARKING)
    end = perf_counter_ns() + round(HOLD * 1e9)
    while perf_counter_ns() < end:
        pass


def sleeping() -> None:
    """A hold that waits for something: the holder releases right after it was woken."""
    _sleep(PARKING + HOLD)


def hand_off(quick: bool) -> list[Row]:
    """Median and 99th percentile, µs, taken within a round; the ratios are medians over the rounds.

    Each thread stays on its core, where the system lets us say so: which cores it chooses makes a factor of
    five, bare and recorded, and it stays with a choice for seconds.
    """
    count, times = (20, 1) if quick else (300, 31)
    rows = []
    for hold in (computing, sleeping):
        for cores in (1, 2):
            samples = _sampled(hold, cores, count, times)
            name = f"{hold.__name__} holder, {cores} core{'s' * (cores > 1)}"
            rows += [row for share in (0.5, 0.99) for row in _rows(samples, share, name)]
    return rows


def _sampled(hold: Hold, cores: int, count: int, times: int) -> dict[str, list[list[float]]]:
    samples: dict[str, list[list[float]]] = {"bare": [], "recorded": []}

    def bare() -> float:
        samples["bare"].append(_latencies(threading.Lock(), threading.Thread, hold, cores, count))
        return 0.0

    def recorded() -> float:
        with tracing.record():
            samples["recorded"].append(_latencies(tracing.Lock(), tracing.Thread, hold, cores, count))
        return 0.0

    with _on_core(0):
        rounds({"bare": bare, "recorded": recorded}, times)
    return samples


@contextmanager
def _on_core(number: int) -> Iterator[None]:
    """The calling thread stays on that core of those that we may use, counted from 0."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {sorted(_CORES)[number % len(_CORES)]})
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)


def _rows(samples: dict[str, list[list[float]]], share: float, holder: str) -> list[Row]:
    found = {name: [percentile(each, share) for each in values[1:]] for name, values in samples.items()}
    times = median(traced / bare for traced, bare in zip(found["recorded"], found["bare"], strict=True))
    name = f"hand-off by a {holder}, {share:.0%}"
    return [
        Row(what=f"{name}: bare", number=median(found["bare"]) / 1e3, unit="µs"),
        Row(
            what=f"{name}: recorded",
            number=median(found["recorded"]) / 1e3,
            unit="µs",
            ratio=times,
            goal=Goal(most=1.5),
        ),
    ]


def _latencies(lock: Any, thread: Callable[..., Any], hold: Hold, cores: int, count: int) -> list[float]:
    """ns from the holder's last step before its release to the waiter's first step after its acquire."""
    wanted, had = allocate_lock(), allocate_lock()
    wanted.acquire()
    had.acquire()
    released: list[int] = []
    acquired: list[int] = []

    def wait() -> None:
        with _on_core(cores - 1):
            for _ in range(count):
                wanted.acquire()
                with lock:
                    acquired.append(perf_counter_ns())
                had.release()

    waiter = thread(target=wait)
    waiter.start()
    for _ in range(count):
        with lock:
            wanted.release()
            hold()
            released.append(perf_counter_ns())
        had.acquire()
    waiter.join()
    return [float(got - gave) for gave, got in zip(released, acquired, strict=True)]
