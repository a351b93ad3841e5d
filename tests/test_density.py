"""The density says of every pixel what the fold would say: each number is computed again from the model."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from logs import LogBuilder
from programs import Program
from test_model import odd_events, odd_log

from tracing.events import EventLog
from tracing.model import Density, Model, Outcome, State, Step, density, fold
from tracing.model.lanes import DEEPEST
from tracing.natures import nature_of

Interval = tuple[int, int]


def shares(intervals: Iterable[Interval], window: Density) -> list[float]:
    """The share of each bin that these intervals, which do not overlap, cover."""
    width = max(1, window.end - window.start) / window.bins
    edges = [window.start + width * n for n in range(window.bins + 1)]
    found = [0.0] * window.bins
    for start, end in intervals:
        for n in range(window.bins):
            found[n] += max(0.0, min(end, edges[n + 1]) - max(start, edges[n])) / width
    return found


def union(intervals: Iterable[Interval]) -> list[Interval]:
    found: list[Interval] = []
    for start, end in sorted(intervals):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def extremes(steps: tuple[Step, ...], window: Density) -> list[tuple[int, int]]:
    """The least and the most in each bin, what it comes in with included."""
    width = max(1, window.end - window.start)
    value = steps[0].value
    inside: list[list[int]] = [[] for _ in range(window.bins)]
    for step in steps[1:]:
        if step.time < window.start:
            value = step.value
        elif step.time <= window.start + width:
            position = (step.time - window.start) * (window.bins / width)
            inside[min(window.bins - 1, int(position))].append(step.value)
    found = []
    for values in inside:
        found.append((min([value, *values]), max([value, *values])))
        value = values[-1] if values else value
    return found


def close(numbers: Iterable[float]) -> object:
    return pytest.approx(list(numbers), abs=1e-9)


def assert_agrees(log: EventLog, model: Model, window: Density) -> None:
    for thread, lives in zip(model.threads, window.threads.values(), strict=True):
        for state in State:
            spans = [(span.start, span.end) for span in thread.spans if span.state is state]
            assert list(lives.shares[state]) == close(shares(spans, window)), (thread.number, state)
        assert (lives.end, lives.fate, lives.error) == (thread.end, thread.fate, thread.error), thread.number
    for info, thing, found in zip(log.objects, model.objects, window.objects.values(), strict=True):
        waits = union((model.waits[index].start, model.waits[index].end) for index in thing.waits)
        assert list(found.wanted) == close(shares(waits, window)), info
        if info.type in ("Lock", "RLock"):
            assert_holds_agree(model, thing.number, found, window)
        if nature_of(log, info.number).count and thing.value:  # the fold alone counts a pool's calls
            assert list(zip(found.low, found.high, strict=True)) == extremes(thing.value, window), info
        if info.type == "Event":
            assert list(found.up) == close(shares(((b.start, b.end) for b in thing.bands), window)), info


def assert_holds_agree(model: Model, number: int, found: object, window: Density) -> None:
    holds = model.objects[number - 1].holds
    assert list(found.held) == close(shares(((hold.start, hold.end) for hold in holds), window)), number
    by_thread = {
        thread: shares(((hold.start, hold.end) for hold in holds if hold.thread == thread), window)
        for thread in {hold.thread for hold in holds}
    }
    for n, holder in enumerate(found.holder):
        most = max((share[n] for share in by_thread.values()), default=0)
        assert (by_thread[holder][n] if holder else 0) == pytest.approx(most, abs=1e-9), (number, n)


windows = st.tuples(st.integers(0, 400), st.integers(0, 400), st.integers(1, 23))


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 2**32), windows)
@example(320, (0, 0, 1))  # a timer cancelled before its thread began, which then waits within a wait
def test_the_density_of_a_program_agrees_with_its_fold(seed: int, window: tuple[int, int, int]) -> None:
    log = Program(seed).run()
    start, length, bins = window
    model = fold(log)
    assert_agrees(log, model, density(log, bins=bins))
    assert_agrees(log, model, density(log, start=start, end=start + length, bins=bins))


@settings(deadline=None)
@given(odd_events, st.sampled_from(["truncated", "done"]))
def test_the_density_of_a_log_in_any_order_agrees_with_its_fold(
    events: list[tuple[int, int, int, int, int]], reason: str
) -> None:
    log = odd_log(events, reason)
    assert_agrees(log, fold(log), density(log, bins=7))


def test_a_thread_that_waits_half_a_bin_has_half_of_it() -> None:
    log = LogBuilder()
    main, lock = log.thread(), log.lock()
    other = log.began(main).spawn(main, "other")
    log.acquired(main, lock).at(15).wait(other, lock).at(30).released(main, lock).acquired(other, lock)
    found = density(log.build(end=40, reason="hung"), bins=4)
    assert list(found.threads[other].shares[State.WAITING]) == [0, 0.5, 1, 0]
    assert list(found.threads[other].shares[State.RUNNING]) == [1, 0.5, 0, 1]
    assert list(found.objects[lock].wanted) == [0, 0.5, 1, 0]
    assert list(found.objects[lock].held) == [1, 1, 1, 1]
    assert list(found.objects[lock].holder) == [main, main, main, other]


def test_a_semaphores_range_includes_what_a_bin_comes_in_with() -> None:
    log = LogBuilder()
    main, sem = log.thread(), log.semaphore(value=3)
    log.began(main).at(12).acquired(main, sem).acquired(main, sem).at(25).released(main, sem)
    (found,) = density(log.build(end=40), bins=4).objects.values()
    assert list(found.low) == [3, 1, 1, 2]
    assert list(found.high) == [3, 3, 2, 2]


def test_a_damaged_log_of_waits_without_an_end_takes_no_longer_than_another() -> None:
    log = LogBuilder()
    main, locks = log.thread(), [log.lock() for _ in range(100)]
    log.began(main)
    for time in range(10_000):
        log.at(time).wait(main, locks[time % 100])
    built = log.build()
    model = fold(built)
    assert sum(wait.outcome is Outcome.OPEN for wait in model.waits) == DEEPEST
    assert_agrees(built, model, density(built, bins=3))


def test_a_wait_within_a_wait_is_wanted_beside_it() -> None:
    log = LogBuilder()
    main, lock, inner = log.thread(), log.lock(), log.lock()
    log.began(main).at(10).wait(main, lock).at(20).wait(main, inner).at(30).acquired(main, inner)
    found = density(log.build(end=40), bins=4)
    assert [list(thing.wanted) for thing in found.objects.values()] == [[0, 1, 1, 1], [0, 0, 1, 0]]
    assert list(found.threads[main].shares[State.WAITING]) == [0, 1, 1, 1]


def test_an_empty_log_has_an_empty_density() -> None:
    found = density(LogBuilder().build(), bins=5)
    assert (found.threads, found.objects, found.bins) == ({}, {}, 5)


@pytest.mark.parametrize(
    ("options", "message"),
    [({"bins": 0}, "at least 1"), ({"bins": 3, "start": 9, "end": 5}, "before it starts")],
)
def test_a_window_that_cannot_be_is_refused(options: dict[str, int], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        density(LogBuilder().build(), **options)
