"""Locks taken crosswise."""

from __future__ import annotations

from collections.abc import Sequence

from scenarios.races import in_threads
from tracing import Lock, Thread


def opposite_orders() -> None:
    """One thread takes a, then b, the other b, then a."""
    lock_a, lock_b = Lock(), Lock()

    def forth() -> None:
        with lock_a, lock_b:
            pass

    def back() -> None:
        with lock_b, lock_a:
            pass

    in_threads(forth, back)


def one_order() -> None:
    """Both take a first."""
    lock_a, lock_b = Lock(), Lock()

    def forth() -> None:
        with lock_a, lock_b:
            pass

    def back() -> None:
        with lock_a, lock_b:
            pass

    in_threads(forth, back)


def dine(orders: Sequence[tuple[int, int]]) -> list[int]:
    """A philosopher for each pair of forks, taken in that order. Returns how often each has eaten."""
    forks = [Lock() for _ in orders]
    meals = [0] * len(orders)

    def philosopher(number: int, first: int, second: int) -> None:
        with forks[first], forks[second]:
            meals[number] += 1

    threads = [
        Thread(target=philosopher, args=(number, *pair), name=f"philosopher {number}")
        for number, pair in enumerate(orders)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert meals == [1] * len(orders)
    return meals


def philosophers(count: int = 5) -> list[int]:
    """Each takes the left fork first: all of them may have one fork and wait for the other."""
    return dine([(seat, (seat + 1) % count) for seat in range(count)])


def polite_philosophers(count: int = 5) -> list[int]:
    """Each takes the fork with the lower number first."""
    return dine([tuple(sorted((seat, (seat + 1) % count))) for seat in range(count)])  # type: ignore[misc]
