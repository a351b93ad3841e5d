"""Philosophers at a round table, a fork between each two of them."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

from scenarios.programs import Finds, Group, together
from tracing import Lock, Semaphore, sleep

GROUP = Group()


def dine(pairs: list[tuple[int, int]], waiter: AbstractContextManager[object] | None = None) -> None:
    """Each takes the two forks of its pair in that order, while the waiter lets it."""
    forks = [Lock() for _ in pairs]

    def eat(first: int, second: int) -> None:
        with waiter or nullcontext(), forks[first], forks[second]:
            sleep(0.01)  # simulated work

    together(**{f"seat_{seat}": lambda pair=pair: eat(*pair) for seat, pair in enumerate(pairs)})


def left_first(seats: int) -> list[tuple[int, int]]:
    return [(seat, (seat + 1) % seats) for seat in range(seats)]


@GROUP.wrong(
    Finds(kind="deadlock", threads=("seat_0", "seat_1", "seat_2")),
    curriculum="13",
    may=("lock-order inversion", "overtaking"),
)
def three_philosophers() -> None:
    """Each takes its left fork first: all may have one and wait for the other."""
    dine(left_first(3))


@GROUP.right("13", may=("overtaking",))
def lower_fork_first() -> None:
    """One order for all forks: the last one takes its right fork first."""
    dine([tuple(sorted(pair)) for pair in left_first(5)])  # type: ignore[misc]


@GROUP.right("13", may=("overtaking",))
def a_waiter_at_the_table() -> None:
    """One seat is always left free: somebody has two forks."""
    dine(left_first(4), waiter=Semaphore(3))


@GROUP.right("13", may=("overtaking",))
def put_down_and_think() -> None:
    """Who does not get the second fork in time puts the first one down."""
    forks = [Lock() for _ in range(3)]

    def eat(seat: int) -> None:
        eaten = False
        while not eaten:
            with forks[seat]:
                if eaten := forks[(seat + 1) % 3].acquire(timeout=0.01):
                    forks[(seat + 1) % 3].release()
            sleep(0.01 * (seat + 1))  # think

    together(ann=lambda: eat(0), bob=lambda: eat(1), cem=lambda: eat(2))
