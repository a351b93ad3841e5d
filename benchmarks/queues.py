"""What recording a queue and a pool costs: a put and a get, items handed on, a call and its result."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from queue import Queue
from statistics import median
from typing import Any

import tracing
from benchmarks.locks import in_a_run
from benchmarks.measure import Goal, Row, process_seconds, ratio, rounds
from benchmarks.programs import methods_that_record

MakeThread = Callable[..., threading.Thread]
FLOOR = "the floor of recording"
QUEUE: tuple[tuple[Any, str], ...] = ((Queue, "put"), (Queue, "get"))
POOL: tuple[tuple[Any, str], ...] = (
    (ThreadPoolExecutor, "submit"),
    *((Future, name) for name in ("set_running_or_notify_cancel", "set_result", "result")),
)


def queues(quick: bool) -> list[Row]:
    """Puts and gets, items through a queue, calls of a pool: ms that all threads compute, together."""
    pairs, items, calls, times = (1_000, 1_000, 100, 1) if quick else (10_000, 100_000, 2_000, 15)
    return [
        *_rows(f"put and get, {pairs:,} times", partial(_pairs, pairs), QUEUE, 3, times),
        *_rows(f"{items:,} items, 2 producers, 2 consumers", partial(_items, items), QUEUE, 3, times),
        *_rows(f"submit and result, {calls:,} times", partial(_calls, calls), POOL, 2, times),
    ]


def _rows(
    what: str,
    program: Callable[[MakeThread], None],
    methods: tuple[tuple[Any, str], ...],
    most: float,
    times: int,
) -> list[Row]:
    bare = partial(process_seconds, partial(program, threading.Thread))
    recorded = partial(process_seconds, partial(program, tracing.Thread))
    found = rounds(
        {"bare": bare, FLOOR: partial(_floor, methods, bare), "recorded": partial(in_a_run, recorded)}, times
    )
    return [
        Row(
            what=f"{what}: {variant}",
            number=median(values) * 1e3,
            unit="ms",
            ratio=None if variant == "bare" else ratio(found, variant, "bare"),
            goal=Goal(most=most) if variant == "recorded" else None,
        )
        for variant, values in found.items()
    ]


def _floor(methods: tuple[tuple[Any, str], ...], bare: Callable[[], float]) -> float:
    with methods_that_record(*methods):
        return bare()


def _pairs(count: int, thread: MakeThread) -> None:
    jobs: Queue[int] = Queue()
    for _ in range(count):
        jobs.put(1)
        jobs.get()


def _items(count: int, thread: MakeThread) -> None:
    jobs: Queue[Any] = Queue()

    def produce() -> None:
        for number in range(count // 2):
            jobs.put(number)

    def consume() -> None:
        while jobs.get() is not None:
            pass

    producers, consumers = ([thread(target=work) for _ in range(2)] for work in (produce, consume))
    for each in (*producers, *consumers):
        each.start()
    for each in producers:
        each.join()
    for _ in consumers:
        jobs.put(None)
    for each in consumers:
        each.join()


def _calls(count: int, thread: MakeThread) -> None:
    with ThreadPoolExecutor(1) as pool:
        for _ in range(count):
            pool.submit(int).result()
