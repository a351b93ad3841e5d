"""The iterators for threads of Python 3.15: built on locks of `threading`, which are silent, as those inside
other primitives are, and simulated, as all of the library's.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import tracing
from tracing import Kind, Thread, explore, record, simulate, sleep

pytestmark = pytest.mark.skipif(sys.version_info < (3, 15), reason="these iterators are new in Python 3.15")


def counting() -> Iterator[int]:
    for number in range(6):
        sleep(0.001)
        yield number


def serialized() -> list[Any]:
    one = tracing.serialize_iterator(counting())  # type: ignore[attr-defined]
    return [one, one]


def synchronized() -> list[Any]:
    one = tracing.synchronized_iterator(counting)()  # type: ignore[attr-defined]
    return [one, one]


def teed() -> list[Any]:
    return list(tracing.concurrent_tee(counting(), 2))  # type: ignore[attr-defined]


def taken(make: Callable[[], list[Any]]) -> list[int]:
    """What two threads take of the iterators, one each."""
    found: list[int] = []
    threads = [Thread(target=lambda each=each: found.extend(each)) for each in make()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(found)


EXPECTED = {
    serialized: list(range(6)),
    synchronized: list(range(6)),
    teed: sorted([*range(6), *range(6)]),
}


@pytest.mark.parametrize("make", EXPECTED, ids=lambda make: make.__name__)
@pytest.mark.parametrize("block", [record, simulate])
def test_two_threads_share_it_and_its_lock_is_silent(make: Callable[[], list[Any]], block: Any) -> None:
    with block() as run:
        found = taken(make)
    assert found == EXPECTED[make]
    assert run.log.ending.reason == "done"
    assert {event.kind for event in run.log} & {Kind.ACQUIRED, Kind.WAIT} == set()
    assert run.log.objects == ()


@pytest.mark.parametrize("make", EXPECTED, ids=lambda make: make.__name__)
def test_it_keeps_threads_apart_under_every_schedule(make: Callable[[], list[Any]]) -> None:
    found = explore(lambda: taken(make), schedules=200)
    assert {str(outcome) for outcome in found.outcomes} == {f"returned {EXPECTED[make]}"}


def test_a_generator_that_two_threads_share_without_it_fails_under_some_schedule() -> None:
    def bare() -> list[Any]:
        one = counting()
        return [one, one]

    found = explore(lambda: taken(bare), schedules=200)
    assert any("generator already executing" in str(outcome) for outcome in found.outcomes)
