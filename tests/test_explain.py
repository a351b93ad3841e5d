"""What each wait was spent on: held by others, hand-off, schedule; and how `explain` says it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from logs import LogBuilder
from programs import Program

from tracing import Condition, Event, Lock, Semaphore, Thread, Trace, simulate, sleep
from tracing.events import EventLog, Kind
from tracing.model import Breakdown, Breakdowns, Turn, fold
from tracing.views.text import explain


def splits(log: LogBuilder, **options: object) -> list[Breakdown]:
    built = log.build(**options)  # type: ignore[arg-type]
    model = fold(built)
    return [Breakdowns(built, model).of(wait) for wait in model.waits]


def parts(log: LogBuilder, **options: object) -> list[tuple[int, int, int]]:
    """(held, hand-off, schedule) of each wait."""
    return [(each.held, each.hand_off, each.schedule) for each in splits(log, **options)]


def two(clock: str = "real") -> tuple[LogBuilder, int, int]:
    log = LogBuilder(clock=clock)
    return log, log.thread("one"), log.thread("two")


# Locks


def test_a_lock_is_held_until_its_release_and_handed_over_until_it_is_had() -> None:
    log, one, other = two()
    lock = log.lock()
    log.acquired(one, lock).at(2).wait(other, lock).at(7).released(one, lock).at(11).acquired(other, lock)
    assert parts(log) == [(5, 4, 0)]


def test_what_another_thread_is_seen_to_do_after_the_release_is_schedule() -> None:
    log, one, other = two()
    lock = log.lock()
    log.acquired(one, lock).at(2).wait(other, lock).at(7).released(one, lock).at(10).note(one, "on and on")
    log.at(11).acquired(other, lock)
    assert parts(log) == [(5, 1, 3)]


def test_on_the_virtual_clock_a_hand_off_takes_no_time() -> None:
    log, one, other = two("virtual")
    lock = log.lock()
    log.acquired(one, lock).at(2).wait(other, lock).at(7).released(one, lock).at(11).acquired(other, lock)
    assert parts(log) == [(5, 0, 4)]


def test_several_holders_have_their_turns_and_what_lies_between_is_schedule() -> None:
    log, one, other = two()
    third, lock = log.thread("three"), log.lock()
    log.acquired(one, lock, line=3).at(2).wait(other, lock).at(7).released(one, lock)
    log.at(9).acquired(third, lock, line=5).at(20).released(third, lock).at(21).acquired(other, lock)
    built = log.build()
    (split,) = splits(log)
    assert (split.held, split.hand_off, split.schedule) == (16, 1, 2)
    assert [(turn.thread, turn.time, built.sites[turn.site - 1].line) for turn in split.turns] == [
        (one, 5, 3),
        (third, 11, 5),
    ]


def test_a_holder_that_takes_it_anew_or_goes_deeper_has_one_turn() -> None:
    log, one, other = two()
    lock = log.rlock()
    log.acquired(one, lock).wait(other, lock).at(3).acquired(one, lock).at(5).released(one, lock)
    log.at(6).released(one, lock).at(8).acquired(one, lock).at(9).released(one, lock).acquired(other, lock)
    (split,) = splits(log)
    assert split == Breakdown(held=7, hand_off=0, schedule=2, turns=(Turn(thread=one, time=7),))


def test_a_taker_whose_stamp_comes_late_held_it_from_the_beginning() -> None:
    log, one, other = two()
    lock = log.lock()
    log.at(1).wait(other, lock).at(3).acquired(one, lock).at(6).released(one, lock).at(7)
    assert parts(log.acquired(other, lock)) == [(5, 1, 0)]


def test_a_wait_right_after_the_stamp_of_the_release_is_all_hand_off() -> None:
    log, one, other = two()
    lock = log.lock()
    log.acquired(one, lock).at(4).released(one, lock).at(5).wait(other, lock).at(9).acquired(other, lock)
    assert parts(log) == [(0, 4, 0)]


def test_a_lock_that_nobody_is_seen_to_hold_is_held_all_the_same() -> None:
    log, one, _ = two()
    lock = log.lock()
    assert parts(log.wait(one, lock).at(5).acquired(one, lock)) == [(5, 0, 0)]


def test_after_its_deadline_a_wait_is_no_longer_held_up() -> None:
    log, one, other = two()
    lock = log.lock()
    log.acquired(one, lock).wait(other, lock, timeout=10).at(13).timed_out(other, lock)
    assert parts(log, end=20) == [(10, 3, 0)]


def test_a_lock_that_waits_for_itself_is_held_by_itself() -> None:
    log, one, _ = two()
    lock = log.lock()
    (split,) = splits(log.acquired(one, lock).wait(one, lock), end=8, reason="hung")
    assert split == Breakdown(held=8, hand_off=0, schedule=0, turns=(Turn(thread=one, time=8),))


# Everything else


def test_a_semaphore_is_held_while_it_has_no_permit() -> None:
    log, one, other = two()
    third, pool = log.thread("three"), log.semaphore(value=1)
    log.acquired(one, pool).at(2).wait(other, pool).at(5).released(one, pool).at(6).acquired(third, pool)
    log.at(9).released(third, pool).at(13).acquired(other, pool)
    assert parts(log) == [(6, 4, 1)]


def test_the_three_phases_of_a_condition_are_told_apart() -> None:
    log, one, other = two()
    lock = log.lock()
    changed = log.condition(lock=lock)
    log.acquired(other, lock).cond_wait(other, changed).released(other, lock)  # 1: until it is notified
    log.at(5).acquired(one, lock).at(10).notify(one, changed, other)  # 2: until it is awake
    log.at(14).cond_woke(other, changed)  # 3: until it has the lock back
    log.at(20).released(one, lock).at(23).acquired(other, lock)
    assert parts(log) == [(10, 0, 0), (6, 3, 4)]


def test_a_notified_thread_that_finds_the_lock_free_was_not_held_up() -> None:
    log, one, other = two()
    lock = log.lock()
    changed = log.condition(lock=lock)
    log.acquired(other, lock).cond_wait(other, changed).released(other, lock).at(1).acquired(one, lock)
    log.notify(one, changed, other).at(2).released(one, lock).at(6).cond_woke(other, changed)
    log.acquired(other, lock)
    assert parts(log) == [(1, 0, 0), (0, 0, 5)]


def test_an_event_holds_up_until_it_is_set_although_it_is_cleared_again() -> None:
    log, one, other = two()
    ready = log.event()
    log.wait(other, ready).at(4).set(one, ready).at(5).cleared(one, ready).at(8).passed(other, ready)
    assert parts(log) == [(4, 3, 1)]


def test_a_barrier_holds_up_until_its_action_is_done() -> None:
    log, one, other = two()
    gate = log.barrier(parties=2)
    log.arrived(other, gate, 1).wait(other, gate).at(3).arrived(one, gate, 2).tripped(one, gate)
    log.action(one, gate).at(7).action_done(one, gate).at(9).passed(other, gate)
    assert parts(log) == [(7, 2, 0)]


def test_a_join_holds_up_until_the_thread_has_ended() -> None:
    log, one, other = two()
    assert parts(log.join_wait(one, other).at(6).ended(other).at(8).joined(one, other)) == [(6, 2, 0)]


def test_a_timer_holds_up_for_its_interval() -> None:
    log, one, _ = two()
    alarm = log.timer()
    assert parts(log.pending(one, alarm, 5).at(7).fired(one, alarm)) == [(5, 2, 0)]


def test_who_was_let_go_and_never_came_to_run_was_not_held_up_to_the_end() -> None:
    log, one, other = two("virtual")
    ready = log.event()
    log.wait(other, ready).at(4).set(one, ready).at(9).note(one, "still here")
    assert parts(log, reason="steps") == [(4, 0, 5)]


# Whatever the run is


def sums(log: EventLog) -> None:
    model = fold(log)
    found = Breakdowns(log, model)
    for wait in model.waits:
        split = found.of(wait)
        assert min(split.held, split.hand_off, split.schedule) >= 0
        assert split.held + split.hand_off + split.schedule == wait.end - wait.start
        if split.turns:
            assert sum(turn.time for turn in split.turns) == split.held
            assert min(turn.time for turn in split.turns) > 0


@given(st.integers(0, 100_000), st.booleans())
def test_the_parts_of_each_wait_of_a_program_sum_to_it(seed: int, virtual: bool) -> None:
    log = Program(seed).run()
    object.__setattr__(log, "clock", "virtual" if virtual else "real")
    sums(log)


TYPES = ["Lock", "RLock", "Condition", "Semaphore", "BoundedSemaphore", "Event", "Barrier", "Timer"]
EVENTS = st.tuples(
    st.sampled_from(Kind),
    st.integers(1, 3),
    st.integers(0, len(TYPES)),
    st.none() | st.integers(-1, 5),
    st.integers(0, 3),
)


@given(st.lists(EVENTS, max_size=60), st.sampled_from(["done", "hung", "running"]))
def test_the_parts_of_each_wait_of_any_log_sum_to_it(
    events: list[tuple[Kind, int, int, int | None, int]], reason: str
) -> None:
    log = LogBuilder(clock="real")
    for name in ("a", "b", "c"):
        log.thread(name)
    for kind in TYPES:
        log.object(kind, value=1, lock=1)
    for what, thread, obj, arg, later in events:
        log.at(log.now + later).add(what, thread, obj, arg)
    sums(log.build(reason=reason))


# In sentences


def contended() -> Trace:
    with simulate(seed=5) as run:
        lock = Lock()

        def hold(seconds: float) -> None:
            with lock:
                sleep(seconds)

        def late() -> None:
            sleep(1)
            with lock:
                pass

        threads = [
            Thread(target=hold, args=(2,), name="writer"),
            Thread(target=hold, args=(0.5,), name="logger"),
            Thread(target=late, name="reader"),
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    return run


def test_the_holders_of_a_lock_are_named_in_turn_with_their_lines() -> None:
    run = contended()
    line = contended.__code__.co_firstlineno + 5
    assert run.explain("reader") == (
        f"reader waited 1.5 s for lock, held by writer since line {line}; logger released it at line {line} "
        f"(held by writer at line {line} for 1.0 s, then by logger at line {line} for 500 ms; "
        "schedule 20 µs).\n"
        "reader was ready for 30 µs in 1 stretch, while writer and logger had the turn."
    )


def test_explain_tells_the_same_of_the_same_run() -> None:
    assert contended().explain() == contended().explain()
    assert contended().explain().count("\n") == 3 + 4  # four threads were ready at some time


def everything() -> None:
    lock, pool, ready = Lock(), Semaphore(1), Event()
    changed = Condition(lock)

    def first() -> None:
        with lock, pool:
            sleep(1)
        ready.set()
        sleep(1)
        with changed:
            changed.notify()
            sleep(1)

    def second() -> None:
        ready.wait()
        with changed:
            changed.wait()

    def third() -> None:
        with pool:
            raise ValueError("no")

    threads = [Thread(target=each, name=each.__name__) for each in (first, second, third)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_the_sentences_are_the_same_on_every_version_of_python() -> None:
    with simulate(schedule={}) as run:
        everything()
    first = everything.__code__.co_firstlineno
    text = re.sub(r"line (\d+)", lambda line: f"line {int(line[1]) - first}", run.explain())
    assert text.splitlines() == [
        "MainThread waited 3.0 s for first to end, which it did (thread alive throughout).",
        "second waited 1.0 s for ready, until first set it at line 7 (flag down 1.0 s; schedule 10 µs).",
        "third waited 1.0 s for a permit of pool, held by first since line 5, which released one "
        "(no permit 1.0 s; schedule 60 µs).",
        "second waited 1.0 s on changed, until first notified it at line 10 (not notified throughout).",
        "second waited 1.0 s to get lock back, held by first since line 9, which released it "
        "(held 1.0 s; schedule 20 µs).",
        "MainThread waited 10 µs for second to end, which it did (thread alive throughout).",
    ]


def test_a_join_says_how_the_thread_ended() -> None:
    log, one, other = two()
    log.join_wait(one, other).at(6).failed(other, "ValueError: no").joined(one, other)
    built = log.build()
    assert explain(built, fold(built)) == (
        "one waited 6 ns for two to end, which failed: ValueError: no (thread alive throughout)."
    )


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("hung", "one waited 5 ns for lock, held by itself, and was unwound when the run was ended (held"),
        ("done", "one waited 5 ns for lock, held by itself, and still waited at the end (held"),
        ("running", "one has waited 5 ns for lock, held by itself, and still waits (held"),
    ],
)
def test_a_wait_without_an_end_says_what_became_of_it(reason: str, told: str) -> None:
    log, one, _ = two()
    lock = log.lock("lock")
    built = log.acquired(one, lock).wait(one, lock).build(end=5, reason=reason)
    assert explain(built, fold(built)) == f"{told} throughout)."


def test_many_holders_are_counted() -> None:
    log, one, other = two()
    lock, rest = log.lock("lock"), [log.thread(f"t{number}") for number in range(8)]
    log.acquired(one, lock).wait(other, lock)
    for thread in (*rest, other):
        log.at(log.now + 10).released(one, lock).acquired(thread, lock)
        one = thread
    built = log.build()
    assert explain(built, fold(built), "two").endswith(
        "(held by one for 10 ns, then by t0 for 10 ns, then by t1 for 10 ns, then by 6 more for 60 ns)."
    )


def test_a_wait_of_no_time_is_not_split() -> None:
    log, one, other = two()
    lock = log.lock("lock")
    log.acquired(one, lock).wait(other, lock).released(one, lock).acquired(other, lock)
    built = log.build()
    assert explain(built, fold(built)) == "two waited 0 s for lock, held by one, which released it."
