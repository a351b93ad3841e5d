"""The programs that are measured, for any Lock and any Thread."""

from __future__ import annotations

from _thread import allocate_lock, get_ident
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter_ns
from typing import Any

from tracing.cpython.frames import getframe

Factory = Callable[..., Any]


class Passed:
    """The least that a lock written in Python does: call the interpreter's."""

    def __init__(self) -> None:
        self._raw = allocate_lock()

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        return self._raw.acquire(blocking, timeout)

    def release(self) -> None:
        return self._raw.release()

    def __enter__(self) -> bool:
        return self._raw.acquire()

    def __exit__(self, kind: object, error: object, traceback: object) -> None:
        return self._raw.release()


class Floor:
    """The least that a recording lock written in Python does: take the lock, read a clock, and keep the time,
    the thread and the program's line; and back.

    It does not know which lock it was, nor contention, nor whether anybody records. What it keeps is raw: who
    reads it has to find the line, in some 30 bytes an event more than our log takes.
    """

    def __init__(self) -> None:
        self._raw = allocate_lock()
        self._events: list[object] = []

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        frame, events = getframe(1), self._events
        got = self._raw.acquire(blocking, timeout)
        events += perf_counter_ns(), get_ident(), frame.f_code, frame.f_lasti
        return got

    def release(self) -> None:
        time, frame, events = perf_counter_ns(), getframe(1), self._events
        self._raw.release()
        events += time, get_ident(), frame.f_code, frame.f_lasti

    def __enter__(self) -> bool:
        frame, events = getframe(1), self._events
        self._raw.acquire()
        events += perf_counter_ns(), get_ident(), frame.f_code, frame.f_lasti
        return True

    def __exit__(self, kind: object, error: object, traceback: object) -> None:
        time, frame, events = perf_counter_ns(), getframe(1), self._events
        self._raw.release()
        events += time, get_ident(), frame.f_code, frame.f_lasti


@contextmanager
def methods_that_record(*methods: tuple[Any, str]) -> Iterator[None]:
    """The least that recording plain objects takes: meanwhile each of these methods, owner and name, calls
    the original, and keeps the time, the thread, the object and the program's line. See `Floor`.
    """
    events: list[object] = []
    originals = [(owner, name, getattr(owner, name)) for owner, name in methods]
    for owner, name, original in originals:
        setattr(owner, name, _that_records(original, events))
    try:
        yield
    finally:
        for owner, name, original in originals:
            setattr(owner, name, original)


def _that_records(original: Callable[..., Any], events: list[object]) -> Callable[..., Any]:
    def method(self: object, /, *args: Any, **named: Any) -> Any:
        nonlocal events
        frame = getframe(1)
        events += perf_counter_ns(), get_ident(), id(self), frame.f_code, frame.f_lasti
        return original(self, *args, **named)

    return method


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
