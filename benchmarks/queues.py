"""What recording a queue and a pool costs: a put and a get, items handed on, a call and its result."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from queue import Queue
from statistics import median
from typing import Any

import tracing
from benchmarks.locks import in_a_run
from benchmarks.measure import Goal, Row, cpu_seconds, ratio, rounds, seconds

MakeThread = Callable[..., threading.Thread]


def queues(quick: bool) -> list[Row]:
    """A put and a get, µs of the thread's own time; items through a queue and calls of a pool, ms."""
    pairs, items, calls, times = (1_000, 1_000, 100, 1) if quick else (10_000, 100_000, 2_000, 15)
    return [
        *_rows(f"put and get, {pairs:,} times", partial(_pairs, pairs), 3, times, cpu_seconds),
        *_rows(f"{items:,} items, 2 producers, 2 consumers", partial(_items, items), 3, times, seconds),
        *_rows(f"submit and result, {calls:,} times", partial(_calls, calls), 2, times, seconds),
    ]


def _rows(
    what: str,
    program: Callable[[MakeThread], None],
    most: float,
    times: int,
    measured: Callable[[Callable[[], object]], float],
) -> list[Row]:
    found = rounds(
        {
            "bare": lambda: measured(partial(program, threading.Thread)),
            "recorded": lambda: in_a_run(lambda: measured(partial(program, tracing.Thread))),
        },
        times,
    )
    return [
        Row(what=f"{what}: bare", number=median(found["bare"]) * 1e3, unit="ms"),
        Row(
            what=f"{what}: recorded",
            number=median(found["recorded"]) * 1e3,
            unit="ms",
            ratio=ratio(found, "recorded", "bare"),
            goal=Goal(most=most),
        ),
    ]


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
