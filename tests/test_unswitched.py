"""No thread is switched, and no signal delivered, between taking a lock and releasing it, by recording."""

from __future__ import annotations

import signal
import sys
import threading
from _thread import interrupt_main
from collections.abc import Callable, Iterable, Iterator
from itertools import repeat, starmap
from operator import is_
from types import FrameType

import pytest
from steps import LIMIT, until

from tracing import Kind, Lock, RLock, Trace, record
from tracing.events import KIND_BITS
from tracing.primitives import block, lock, mutex, rlock
from tracing.runtime import here
from tracing.runtime.unswitched import CLOCK, repeated, unswitched

Seen = list[tuple[bool, str]]  # whether the lock was taken, and the last event in the log


def ticks() -> Iterator[int]:
    """A clock whose every reading sends a signal: it is delivered where the interpreter looks next."""
    return map(is_, repeat(None), starmap(interrupt_main, repeat(())))


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Lock | RLock], Seen]]:
    """looks(a_lock): how things stand whenever the interpreter looks after the clock was read."""
    previous = signal.getsignal(signal.SIGINT)

    def watch(watched: Lock | RLock) -> Seen:
        seen: Seen = []

        def look(number: int, frame: FrameType | None) -> None:
            assert here.agent is not None
            code = here.agent.log.entries[-1]
            seen.append((watched._raw.locked(), Kind(code & (1 << KIND_BITS) - 1).name.lower()))

        signal.signal(signal.SIGINT, look)
        for module in (block, lock, mutex, rlock):
            monkeypatch.setattr(module, "CLOCK", ticks())
        return seen

    yield watch
    monkeypatch.undo()
    signal.signal(signal.SIGINT, previous)


def by_with(lock: Lock | RLock) -> None:
    with lock:
        pass


def by_calls(lock: Lock | RLock) -> None:
    lock.acquire()
    lock.release()


@pytest.mark.parametrize("use", [by_with, by_calls])
@pytest.mark.parametrize("lines", [True, False])
@pytest.mark.parametrize("make", [Lock, RLock])
def test_a_recorded_hold_has_no_switch_point_of_ours(
    make: Callable[[], Lock | RLock],
    lines: bool,
    use: Callable[[Lock | RLock], None],
    looks: Callable[[Lock | RLock], Seen],
) -> None:
    watched = make()
    with record(lines=lines):
        use(watched)  # the places are known now
        seen = looks(watched)
        use(watched)
    assert seen
    assert set(seen) == {(False, "released")}  # when it looked, all was over and on record


def held_until_main_waits(lock: Lock | RLock, run: Trace) -> threading.Thread:
    """By a thread that is not of the run: it reads no clock."""
    held = threading.Event()

    def hold() -> None:
        with lock:
            held.set()
            until(run, "MainThread", Kind.WAIT)

    holder = threading.Thread(target=hold)
    holder.start()
    assert held.wait(LIMIT)
    return holder


@pytest.mark.parametrize("make", [Lock, RLock])
def test_nor_is_there_one_when_a_lock_was_waited_for_before_it_is_on_record(
    make: Callable[[], Lock | RLock], looks: Callable[[Lock | RLock], Seen]
) -> None:
    watched = make()
    with record() as run:
        holder = held_until_main_waits(watched, run)
        seen = looks(watched)
        with watched:
            for _ in range(2):  # the interpreter looks where a loop jumps back
                pass
    holder.join()
    assert seen[0] == (True, "acquired")


@pytest.mark.parametrize("make", [Lock, RLock])
def test_an_exception_at_the_moment_a_lock_was_waited_for_leaves_it_free(
    make: Callable[[], Lock | RLock], looks: Callable[[Lock | RLock], Seen]
) -> None:
    def leave(number: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        raise KeyboardInterrupt

    watched = make()
    with record() as run:
        holder = held_until_main_waits(watched, run)
        looks(watched)
        signal.signal(signal.SIGINT, leave)
        with pytest.raises(KeyboardInterrupt), watched:
            for _ in range(2):
                pass
    holder.join()
    assert not watched._raw.locked()


def test_the_clock_ticks_and_a_try_says_whether_it_took_the_lock() -> None:
    raw = threading.Lock()
    attempts = repeated(raw.acquire, False)
    assert [next(attempts), next(attempts), raw.locked()] == [True, False, True]
    raw.release()
    assert next(attempts) is True
    first, second = next(CLOCK), next(CLOCK)
    assert 0 < first <= second


def make_adder(step: int) -> Callable[[int], int]:
    def add(number: int) -> int:
        return number + step

    return add


def test_an_unswitched_function_does_what_it_did() -> None:
    adder = unswitched(make_adder)
    assert adder is make_adder
    assert [make_adder(2)(3), make_adder(5)(3)] == [5, 8]


def entries_seen_by_a_tracer(function: Callable[[], object]) -> list[str]:
    seen: list[str] = []

    def tracer(frame: FrameType, event: str, arg: object) -> None:
        seen.append(f"{event} {frame.f_code.co_name}")

    before = sys.gettrace()
    sys.settrace(tracer)
    try:
        function()
    finally:
        sys.settrace(before)
    return [each for each in seen if not each.endswith("settrace")]


def test_a_tracer_still_sees_it_called() -> None:
    def plain() -> None:
        """Nothing."""

    def patched() -> None:
        """Nothing."""

    assert entries_seen_by_a_tracer(plain) == ["call plain"]
    assert entries_seen_by_a_tracer(unswitched(patched)) == ["call patched"]


def order_of(decorate: Callable[[Callable[[], None]], Callable[[], None]]) -> list[str]:
    """What happens in which order when a signal comes right before a function is called."""
    order: list[str] = []

    @decorate
    def function() -> None:
        nonlocal order
        order += ("entered",)
        order.append("called")

    previous = signal.signal(signal.SIGINT, lambda number, frame: order.append("signal"))
    try:
        for _ in starmap(interrupt_main, repeat(())):
            function()
            break
    finally:
        signal.signal(signal.SIGINT, previous)
    return order


def test_an_unswitched_function_is_entered_before_the_interpreter_looks() -> None:
    assert order_of(lambda function: function) == ["signal", "entered", "called"]
    assert order_of(unswitched) == ["entered", "called", "signal"]


class Alarm(Exception):
    """What a signal raises, in place of KeyboardInterrupt."""


def alarm(number: int, frame: FrameType | None) -> None:
    raise Alarm


Signals = Iterable[None]


def before_the_block(lock: Lock | RLock, signals: Signals) -> None:
    for _ in signals:
        break
    with lock:
        pass


def in_the_block(lock: Lock | RLock, signals: Signals) -> None:
    with lock:
        for _ in signals:
            break


def is_alarmed(use: Callable[[Lock | RLock, Signals], None], lock: Lock | RLock) -> bool:
    previous = signal.signal(signal.SIGINT, alarm)
    try:
        use(lock, starmap(interrupt_main, repeat(())))
        for _ in range(10):  # here the interpreter looks at the latest
            pass
    except Alarm:
        return True
    finally:
        signal.signal(signal.SIGINT, previous)
    return False


@pytest.mark.parametrize("use", [before_the_block, in_the_block])
@pytest.mark.parametrize("recorded", [False, True])
@pytest.mark.parametrize("make", [Lock, RLock])
def test_no_lock_stays_locked_for_a_signal_that_raises(
    make: Callable[[], Lock | RLock], recorded: bool, use: Callable[[Lock | RLock, Signals], None]
) -> None:
    watched = make()
    if recorded:
        with record() as run:
            use(watched, ())  # the places are known now
            assert is_alarmed(use, watched)
        assert [finding.sentence for finding in run.findings] == []
    else:
        assert is_alarmed(use, watched)
    assert not watched._raw.locked()
