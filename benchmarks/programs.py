"""The programs that are measured, for any Lock and any Thread."""

from __future__ import annotations

from _thread import allocate_lock
from collections.abc import Callable
from time import perf_counter_ns
from typing import Any

Factory = Callable[..., Any]


class Floor:
    """The least that a recording lock written in Python does: take it, read a clock, keep the time; and back.

    It knows neither threads, nor lines, nor contention, nor which lock it was.
    """

    def __init__(self) -> None:
        self._raw = allocate_lock()
        self._append = list[int]().append

    def __enter__(self) -> None:
        self._raw.acquire()
        self._append(perf_counter_ns())

    def __exit__(self, kind: object, error: object, traceback: object) -> None:
        self._append(perf_counter_ns())
        self._raw.release()


def with_pairs(lock: Any, count: int) -> None:
    """Uncontended `with lock`."""
    for _ in range(count):
        with lock:
            pass


def call_pairs(lock: Any, count: int) -> None:
    """Uncontended acquire() and release()."""
    for _ in range(count):
        lock.acquire()
        lock.release()


def four_threads(lock: Any, thread: Factory, count: int, *, calls: bool = False) -> None:
    """Four threads count together, under one lock. Raises AssertionError where an update was lost."""
    total = 0

    def by_with() -> None:
        nonlocal total
        for _ in range(count):
            with lock:
                total += 1

    def by_calls() -> None:
        nonlocal total
        for _ in range(count):
            lock.acquire()
            total += 1
            lock.release()

    _together(thread, by_calls if calls else by_with)
    assert total == 4 * count, f"{4 * count - total} updates were lost"


def four_workers(lock: Any, thread: Factory, count: int) -> None:
    """Four threads compute in turn with the lock and without it: they really wait for each other."""

    def compute() -> None:
        for _ in range(500):
            pass

    def work() -> None:
        for _ in range(count):
            with lock:
                compute()
            compute()

    _together(thread, work)


def _together(thread: Factory, work: Callable[[], None]) -> None:
    threads = [thread(target=work) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
