"""Events fold into a model that says who ran, held and waited, for whom, and who ended each wait."""

from __future__ import annotations

import gc
import sys
from array import array
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import FrozenInstanceError
from functools import partial
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from logs import LogBuilder

from tracing.events import Ending, EventLog, Kind, ObjectInfo, ThreadInfo, Woken, pack
from tracing.model import Arrow, Band, Fate, Leaving, Model, Outcome, Span, State, Step, fold
from tracing.model.quick import MANY, quick, without_collector

# Locks


def test_a_contended_lock_names_the_holder_and_the_releaser() -> None:
    log = LogBuilder()
    main = log.thread()
    lock = log.lock("lock_a")
    reader = log.began(main).spawn(main, "reader")
    log.at(1).acquired(main, lock, line=12)
    log.at(2).wait(reader, lock, line=20)
    log.at(5).released(main, lock, line=14).at(6).acquired(reader, lock, line=20)
    log.at(9).released(reader, lock, line=22)
    built = log.build(end=10)
    model = fold(built)

    (wait,) = model.waits
    assert (wait.thread, wait.obj, wait.start, wait.end) == (reader, lock, 2, 6)
    assert wait.outcome is Outcome.ACQUIRED
    assert wait.holders == (main,)
    assert built.sites[wait.holder_site - 1].line == 12
    assert wait.ended_by == main
    assert built.sites[wait.ended_site - 1].line == 14
    assert built[wait.ended_seq or 0].kind is Kind.RELEASED
    assert [(hold.thread, hold.start, hold.end) for hold in model.objects[0].holds] == [
        (main, 1, 5),
        (reader, 6, 9),
    ]
    hand_off = Arrow(what="hand-off", source=main, source_time=5, target=reader, target_time=6, obj=lock)
    assert hand_off in model.arrows
    assert model.queue(1) == (Step(time=2, value=1), Step(time=6, value=0))
    assert model.objects[0].waits == (0,)


def test_an_uncontended_lock_leaves_one_running_span_and_no_wait() -> None:
    log = LogBuilder()
    main, lock = log.thread(), log.lock()
    log.began(main).at(2).acquired(main, lock).at(4).released(main, lock).at(7).ended(main)
    model = fold(log.build())
    assert model.waits == ()
    assert model.arrows == ()
    assert model.threads[0].spans == (Span(thread=main, state=State.RUNNING, start=0, end=7),)


def test_a_lock_that_another_thread_releases_ends_its_hold_there() -> None:
    log = LogBuilder()
    main, lock = log.thread(), log.lock()
    other = log.began(main).spawn(main, "other")
    log.at(1).acquired(main, lock).at(3).released(other, lock).at(4).acquired(main, lock)
    first, second = fold(log.build(end=8)).objects[0].holds
    assert (first.thread, first.end, first.released_by) == (main, 3, other)
    assert (second.thread, second.end, second.released_by, second.open) == (main, 8, 0, True)


def test_a_lock_held_before_the_record_began_is_an_unseen_hold() -> None:
    log = LogBuilder()
    main, lock = log.thread(), log.lock()
    log.began(main).at(6).released(main, lock, line=3)
    (hold,) = fold(log.build()).objects[0].holds
    assert (hold.thread, hold.start, hold.end, hold.unseen, hold.site) == (main, 0, 6, True, 0)


def test_a_timed_out_wait_ends_without_a_releaser() -> None:
    log = LogBuilder()
    main, lock = log.thread(), log.lock()
    other = log.began(main).spawn(main, "other")
    log.acquired(main, lock).at(2).wait(other, lock, timeout=5).at(7).timed_out(other, lock)
    model = fold(log.build(end=9))
    (wait,) = model.waits
    assert (wait.outcome, wait.timeout, wait.ended_by, wait.end) == (Outcome.TIMED_OUT, 5, 0, 7)
    assert [(mark.what, mark.time, mark.thread) for mark in model.marks] == [("timed out", 7, other)]
    assert model.queue(1)[-1] == Step(time=7, value=0)


def test_a_failed_try_is_a_mark_and_no_wait() -> None:
    log = LogBuilder()
    main, lock = log.thread(), log.lock()
    log.began(main).acquired(main, lock).at(1).would_block(main, lock, line=4)
    model = fold(log.build())
    assert model.waits == ()
    assert [(mark.what, mark.obj) for mark in model.marks] == [("would block", lock)]


def test_a_refused_operation_changes_nothing_but_leaves_a_mark() -> None:
    log = LogBuilder()
    main, lock = log.thread(), log.lock()
    log.began(main).at(3).refused(main, lock, "RuntimeError: release unlocked lock")
    model = fold(log.build())
    assert model.objects[0].holds == ()
    assert [(mark.what, mark.text) for mark in model.marks] == [
        ("refused", "RuntimeError: release unlocked lock")
    ]


def test_a_wait_that_an_exception_cuts_says_so() -> None:
    log = LogBuilder()
    main, lock = log.thread(), log.lock()
    other = log.began(main).spawn(main, "other")
    log.acquired(main, lock).at(2).wait(other, lock).at(4).cut(other, lock)
    (wait,) = fold(log.build(end=6)).waits
    assert (wait.outcome, wait.end, wait.ended_by) == (Outcome.CUT, 4, 0)


def test_later_comers_that_got_the_lock_first_are_counted() -> None:
    log = LogBuilder()
    main, lock = log.thread(), log.lock()
    early, late, last = log.began(main).spawn(main, "early"), log.spawn(main, "late"), log.spawn(main, "last")
    log.acquired(main, lock).at(1).wait(early, lock).at(2).wait(late, lock).wait(last, lock)
    log.at(3).released(main, lock).acquired(late, lock)  # waits since later
    log.at(4).released(late, lock).acquired(main, lock)  # did not wait at all
    log.at(5).released(main, lock).acquired(early, lock).released(early, lock).acquired(last, lock)
    waits = {wait.thread: (wait.overtaken, wait.passed_by) for wait in fold(log.build()).waits}
    assert waits == {early: (2, (late, main)), late: (0, ()), last: (1, (main,))}


def test_who_passes_a_waiter_twice_is_named_once() -> None:
    log = LogBuilder()
    main, lock = log.thread(), log.lock()
    waiter = log.began(main).spawn(main, "waiter")
    log.acquired(main, lock).at(1).wait(waiter, lock)
    log.at(2).released(main, lock).acquired(main, lock).released(main, lock).acquired(main, lock)
    (wait,) = fold(log.build(end=3)).waits
    assert (wait.overtaken, wait.passed_by) == (2, (main,))


def test_a_holder_whose_stamp_comes_after_the_wait_is_named_and_overtook_nobody() -> None:
    log = LogBuilder()
    main, lock = log.thread(), log.lock()
    other = log.began(main).spawn(main, "other")
    log.at(1).wait(other, lock).acquired(main, lock, line=3).at(4).released(main, lock).acquired(other, lock)
    (wait,) = fold(log.build()).waits
    assert (wait.holders, wait.holder_site, wait.overtaken, wait.passed_by) == ((main,), 1, 0, ())


def test_an_rlock_has_a_hold_for_each_depth() -> None:
    log = LogBuilder()
    main, lock = log.thread(), log.rlock()
    log.began(main).at(1).acquired(main, lock, line=1).at(2).acquired(main, lock, line=2)
    log.at(4).released(main, lock).at(7).released(main, lock)
    thing = fold(log.build()).objects[0]
    assert [(hold.start, hold.end, hold.depth, hold.site) for hold in thing.holds] == [
        (1, 2, 1, 1),
        (2, 4, 2, 2),
        (4, 7, 1, 1),
    ]
    assert [step.value for step in thing.value] == [0, 1, 2, 1, 0]


def test_an_rlock_is_handed_off_by_the_last_release_only() -> None:
    log = LogBuilder()
    main, lock = log.thread(), log.rlock()
    other = log.began(main).spawn(main, "other")
    log.acquired(main, lock).acquired(main, lock).at(1).wait(other, lock)
    log.at(2).released(main, lock).at(3).released(main, lock).at(3).acquired(other, lock)
    model = fold(log.build())
    assert [arrow.source_time for arrow in model.arrows if arrow.what == "hand-off"] == [3]
    assert model.waits[0].overtaken == 0


# Semaphores


def test_a_semaphore_counts_and_attributes_its_permits() -> None:
    log = LogBuilder()
    main, sem = log.thread(), log.semaphore(value=2)
    log.began(main).at(1).acquired(main, sem).at(2).acquired(main, sem)
    log.at(5).released(main, sem).at(7).released(main, sem)
    thing = fold(log.build()).objects[0]
    assert [(hold.start, hold.end, hold.depth) for hold in thing.holds] == [(1, 7, 1), (2, 5, 2)]
    assert [step.value for step in thing.value] == [2, 1, 0, 1, 2]


def test_a_release_without_a_permit_is_a_signal_that_ends_a_wait() -> None:
    log = LogBuilder()
    main, sem = log.thread(), log.semaphore(value=0)
    waiter = log.began(main).spawn(main, "waiter")
    log.at(1).wait(waiter, sem).at(4).released(main, sem, levels=3, line=9).acquired(waiter, sem)
    model = fold(log.build(end=5))
    assert [step.value for step in model.objects[0].value] == [0, 3, 2]
    assert [(hold.thread, hold.open) for hold in model.objects[0].holds] == [(waiter, True)]
    assert (model.waits[0].ended_by, model.waits[0].ended_site, model.waits[0].holders) == (main, 1, ())


def test_nobody_is_said_to_hold_the_permits_of_a_semaphore_that_began_without() -> None:
    log = LogBuilder()
    main, sem = log.thread(), log.semaphore(value=0)
    log.began(main).released(main, sem).acquired(main, sem).wait(main, sem)
    assert fold(log.build(end=5)).waits[0].holders == ()


def test_permits_that_are_left_after_some_were_given_back_are_numbered_from_one() -> None:
    log = LogBuilder()
    main, sem = log.thread(), log.semaphore(value=5)
    log.began(main)
    for time in range(1, 6):
        log.at(time).acquired(main, sem)
    thing = fold(log.at(7).released(main, sem, levels=3).build(end=9)).objects[0]
    assert [(hold.start, hold.end, hold.depth, hold.open) for hold in thing.holds] == [
        (1, 9, 1, True),
        (2, 9, 2, True),
        (3, 7, 3, False),
        (4, 7, 4, False),
        (5, 7, 5, False),
    ]


def test_a_permit_that_another_thread_gives_is_a_signal_and_has_no_holder() -> None:
    """A ping-pong of two semaphores, one of which began with a permit."""
    log = LogBuilder()
    main, free = log.thread(), log.semaphore(value=1)
    printer = log.began(main).spawn(main, "printer")
    log.at(1).acquired(main, free).at(2).wait(main, free).at(3).released(printer, free).acquired(main, free)
    model = fold(log.build())
    assert model.objects[0].signal
    (wait,) = model.waits
    assert (wait.holders, wait.holder_site, wait.ended_by) == ((), 0, printer)


def test_permits_that_were_never_given_back_are_held_unless_a_holder_wants_more() -> None:
    log = LogBuilder()
    main, pool = log.thread(), log.semaphore(value=1)
    other = log.began(main).spawn(main, "other")
    log.acquired(main, pool).at(1).wait(other, pool)
    held = fold(log.build(end=2))
    assert (held.objects[0].signal, held.waits[0].holders) == (False, (main,))
    told = fold(log.at(2).wait(main, pool).build(end=3))
    assert (told.objects[0].signal, [wait.holders for wait in told.waits]) == (True, [(), ()])


def test_permits_that_each_gives_back_are_no_signal() -> None:
    log = LogBuilder()
    main, pool = log.thread(), log.semaphore(value=2)
    other = log.began(main).spawn(main, "other")
    log.acquired(main, pool).acquired(main, pool).wait(other, pool).released(main, pool).acquired(other, pool)
    assert not fold(log.wait(main, pool).build(end=2)).objects[0].signal


def test_one_release_too_many_makes_no_signal_where_all_gave_back_their_own() -> None:
    log = LogBuilder()
    main, pool = log.thread(), log.semaphore(value=1)
    log.began(main).acquired(main, pool).at(1).released(main, pool).released(main, pool)
    (thing,) = fold(log.build(end=2)).objects
    assert not thing.signal
    assert [(hold.thread, hold.open) for hold in thing.holds] == [(main, False)]
    assert thing.value[-1].value == 2


# Conditions


def test_a_condition_wait_has_three_phases() -> None:
    log = LogBuilder()
    main, lock = log.thread(), log.lock()
    cond = log.condition(lock=lock)
    waiter = log.began(main).spawn(main, "waiter")
    log.at(1).acquired(waiter, lock).cond_wait(waiter, cond, line=5).released(waiter, lock)
    log.at(3).acquired(main, lock).at(4).notify(main, cond, waiter, line=8)
    log.at(5).cond_woke(waiter, cond).wait(waiter, lock).at(6).released(main, lock).acquired(waiter, lock)
    model = fold(log.build(end=8))

    cond_wait, lock_wait = model.waits
    assert (cond_wait.obj, cond_wait.start, cond_wait.end) == (cond, 1, 4)
    assert (cond_wait.outcome, cond_wait.ended_by) == (Outcome.NOTIFIED, main)
    assert (lock_wait.obj, lock_wait.start, lock_wait.end) == (lock, 4, 6)
    assert (lock_wait.reacquire, lock_wait.holders, lock_wait.ended_by) == (True, (main,), main)
    assert cond_wait.site == lock_wait.site != 0
    assert [(s.state, s.start, s.end, s.wait) for s in model.threads[waiter - 1].spans] == [
        (State.RUNNING, 0, 1, None),
        (State.WAITING, 1, 4, 0),
        (State.NOTIFIED, 4, 6, 1),
        (State.RUNNING, 6, 8, None),
    ]
    assert (
        Arrow(what="notify", source=main, source_time=4, target=waiter, target_time=4, obj=cond)
        in model.arrows
    )
    assert [(mark.what, mark.count) for mark in model.marks] == [("notify", 1)]


def test_a_condition_wait_that_times_out_still_takes_the_lock_back() -> None:
    log = LogBuilder()
    main, lock = log.thread(), log.rlock()
    cond = log.condition(lock=lock)
    log.began(main).acquired(main, lock).acquired(main, lock)
    log.cond_wait(main, cond, timeout=5).released(main, lock, levels=2)
    log.at(5).cond_woke(main, cond, Woken.TIMED_OUT).acquired(main, lock, levels=2).at(8).ended(main)
    model = fold(log.build())
    cond_wait, lock_wait = model.waits
    assert (cond_wait.outcome, cond_wait.timeout, cond_wait.end) == (Outcome.TIMED_OUT, 5, 5)
    assert (lock_wait.outcome, lock_wait.start, lock_wait.end, lock_wait.ended_by) == (
        Outcome.ACQUIRED,
        5,
        5,
        0,
    )
    assert [step.value for step in model.objects[0].value] == [0, 1, 2, 0, 2]
    assert [mark.what for mark in model.marks] == ["timed out"]


def test_a_notification_for_another_condition_wakes_nobody() -> None:
    log = LogBuilder()
    main, lock = log.thread(), log.lock()
    full, empty = log.condition(lock=lock), log.condition(lock=lock)
    waiter = log.began(main).spawn(main, "waiter")
    log.acquired(waiter, lock).cond_wait(waiter, full).released(waiter, lock)
    log.at(2).notify(main, empty, waiter)
    (wait,) = fold(log.build(end=4)).waits
    assert (wait.obj, wait.outcome) == (full, Outcome.OPEN)


def test_a_condition_wait_that_an_exception_cuts_has_not_timed_out() -> None:
    log = LogBuilder()
    main, lock = log.thread(), log.lock()
    cond = log.condition(lock=lock)
    log.began(main).acquired(main, lock).cond_wait(main, cond, timeout=9).released(main, lock)
    log.at(5).cond_woke(main, cond, Woken.INTERRUPTED).acquired(main, lock).at(8).ended(main)
    model = fold(log.build())
    assert [wait.outcome for wait in model.waits] == [Outcome.CUT, Outcome.ACQUIRED]
    assert [mark.what for mark in model.marks] == ["cut"]


@pytest.mark.parametrize("notified", [True, False])
def test_who_is_notified_runs_where_the_conditions_lock_is_not_recorded(notified: bool) -> None:
    log = LogBuilder()
    main, cond = log.thread(), log.condition(lock=0)
    other = log.began(main).spawn(main, "other")
    log.at(1).cond_wait(other, cond).at(4)
    if notified:
        log.notify(main, cond, other)
    model = fold(log.cond_woke(other, cond).at(9).ended(other).build())
    assert [(wait.obj, wait.outcome, wait.ended_by) for wait in model.waits] == [
        (cond, Outcome.NOTIFIED, main if notified else 0)
    ]
    assert [(s.state, s.start, s.end) for s in model.threads[other - 1].spans] == [
        (State.RUNNING, 0, 1),
        (State.WAITING, 1, 4),
        (State.RUNNING, 4, 9),
    ]


# A signal handler, or a finalizer, in the middle of a wait


def test_a_wait_goes_on_while_a_signal_handler_uses_another_lock() -> None:
    log = LogBuilder()
    main, lock, free = log.thread(), log.lock(), log.lock()
    other = log.began(main).spawn(main, "other")
    log.acquired(other, lock).at(1).wait(main, lock)
    log.at(3).acquired(main, free).at(4).released(main, free)
    log.at(6).released(other, lock).at(7).acquired(main, lock).at(9).ended(main)
    model = fold(log.build())
    (wait,) = model.waits
    assert (wait.start, wait.end, wait.outcome, wait.ended_by) == (1, 7, Outcome.ACQUIRED, other)
    assert [(s.state, s.start, s.end) for s in model.threads[main - 1].spans] == [
        (State.RUNNING, 0, 1),
        (State.WAITING, 1, 7),
        (State.RUNNING, 7, 9),
    ]


def test_a_wait_within_a_wait_is_a_wait_of_its_own() -> None:
    log = LogBuilder()
    main, lock, inner = log.thread(), log.lock(), log.lock()
    other = log.began(main).spawn(main, "other")
    log.acquired(other, lock).acquired(other, inner).at(1).wait(main, lock).at(3).wait(main, inner)
    log.at(5).released(other, inner).acquired(main, inner).at(6).sleep(main, 2).at(8).woke(main)
    log.released(main, inner).at(9).released(other, lock).acquired(main, lock)
    model = fold(log.build(end=9))
    assert [(wait.obj, wait.start, wait.end, wait.outcome) for wait in model.waits] == [
        (lock, 1, 9, Outcome.ACQUIRED),
        (inner, 3, 5, Outcome.ACQUIRED),
    ]
    assert [(s.state, s.start, s.end, s.wait) for s in model.threads[main - 1].spans] == [
        (State.RUNNING, 0, 1, None),
        (State.WAITING, 1, 3, 0),
        (State.WAITING, 3, 5, 1),
        (State.WAITING, 5, 6, 0),
        (State.SLEEPING, 6, 8, None),
        (State.WAITING, 8, 9, 0),
    ]
    assert [step.value for step in model.queue(1)] == [1, 0]


def test_a_wait_that_is_over_cuts_those_within_it() -> None:
    log = LogBuilder()
    main, lock, inner = log.thread(), log.lock(), log.lock()
    log.began(main).wait(main, lock).at(1).wait(main, inner).at(2).wait(main, inner)
    model = fold(log.at(4).cut(main, lock).at(5).ended(main).build())
    assert [(wait.obj, wait.end, wait.outcome) for wait in model.waits] == [
        (lock, 4, Outcome.CUT),
        (inner, 4, Outcome.CUT),
        (inner, 4, Outcome.CUT),
    ]
    assert [s.state for s in model.threads[0].spans][-1] is State.RUNNING


def test_who_is_notified_in_the_middle_of_a_handlers_wait_has_been_notified() -> None:
    log = LogBuilder()
    main, lock, inner = log.thread(), log.lock(), log.lock()
    cond = log.condition(lock=lock)
    other = log.began(main).spawn(main, "other")
    log.acquired(main, lock).cond_wait(main, cond).released(main, lock)
    log.acquired(other, inner).at(1).wait(main, inner).at(2).acquired(other, lock).notify(other, cond, main)
    log.at(3).released(other, inner).acquired(main, inner).released(main, inner)
    log.at(4).cond_woke(main, cond).wait(main, lock).at(5).released(other, lock).acquired(main, lock)
    model = fold(log.at(6).ended(main).build())
    assert [(w.obj, w.start, w.end, w.outcome, w.reacquire) for w in model.waits] == [
        (cond, 0, 2, Outcome.NOTIFIED, False),
        (inner, 1, 3, Outcome.ACQUIRED, False),
        (lock, 2, 5, Outcome.ACQUIRED, True),
    ]
    assert [(s.state, s.start, s.end) for s in model.threads[main - 1].spans] == [
        (State.WAITING, 0, 1),
        (State.WAITING, 1, 3),
        (State.NOTIFIED, 3, 5),
        (State.RUNNING, 5, 6),
    ]


def test_a_thread_that_hangs_in_a_handler_waits_for_both() -> None:
    log = LogBuilder()
    main, lock, inner = log.thread(), log.lock(), log.lock()
    log.began(main).at(1).wait(main, lock).at(2).wait(main, inner)
    model = fold(log.build(end=5, reason="hung"))
    assert [(wait.obj, wait.end, wait.outcome) for wait in model.waits] == [
        (lock, 5, Outcome.OPEN),
        (inner, 5, Outcome.OPEN),
    ]


# Events


def test_all_who_wait_for_an_event_are_let_go_by_its_setter() -> None:
    log = LogBuilder()
    main, event = log.thread(), log.event()
    a, b = log.began(main).spawn(main, "a"), log.spawn(main, "b")
    log.at(1).wait(a, event).wait(b, event).at(3).set(main, event).passed(a, event).passed(b, event)
    log.at(5).passed(a, event).at(6).cleared(b, event)
    model = fold(log.build())
    assert [(wait.thread, wait.outcome, wait.ended_by) for wait in model.waits] == [
        (a, Outcome.SET, main),
        (b, Outcome.SET, main),
    ]
    assert model.objects[0].bands == (Band(start=3, end=6, thread=main, ended_by=b),)
    assert [mark.thread for mark in model.marks if mark.what == "pass"] == [a, b, a]


def test_the_first_set_lets_a_waiter_go_even_if_others_follow_before_it_says_so() -> None:
    log = LogBuilder()
    main, event = log.thread(), log.event()
    other, waiter = log.began(main).spawn(main, "other"), log.spawn(main, "waiter")
    log.at(1).wait(waiter, event).at(2).set(main, event).set(other, event).cleared(main, event).set(
        other, event
    )
    (wait,) = fold(log.passed(waiter, event).build()).waits
    assert wait.ended_by == main


def test_a_flag_that_was_up_before_the_record_is_up_from_the_start() -> None:
    log = LogBuilder()
    main, event = log.thread(), log.event(value=1)
    log.began(main).at(3).cleared(main, event).at(5).set(main, event)
    assert fold(log.build(end=9)).objects[0].bands == (
        Band(start=0, end=3, ended_by=main),
        Band(start=5, end=9, thread=main, open=True),
    )


# Barriers


def test_the_last_to_arrive_lets_the_others_go_after_the_action() -> None:
    log = LogBuilder()
    main, barrier = log.thread(), log.barrier(parties=2)
    other = log.began(main).spawn(main, "other")
    log.at(2).arrived(other, barrier, 1).wait(other, barrier)
    log.at(5).arrived(main, barrier, 2).tripped(main, barrier).action(main, barrier)
    log.at(7).action_done(main, barrier).passed(main, barrier, index=1).passed(other, barrier, index=0)
    model = fold(log.build())
    (wait,) = model.waits
    assert (wait.thread, wait.start, wait.end, wait.outcome, wait.ended_by) == (
        other,
        2,
        7,
        Outcome.TRIPPED,
        main,
    )
    thing = model.objects[0]
    left = (Leaving(thread=main, time=7), Leaving(thread=other, time=7))
    assert thing.generations == (Band(start=2, end=5, thread=other, ended_by=main, left=left),)
    assert thing.actions == (Band(start=5, end=7, thread=main, ended_by=main),)
    assert thing.value == (
        Step(time=0, value=0),
        Step(time=2, value=1),
        Step(time=5, value=2),
        Step(time=5, value=0),
    )
    assert [arrow.source_time for arrow in model.arrows if arrow.what == "trip"] == [7]


def test_who_is_back_before_the_others_have_left_waits_for_them_before_it_is_one_of_the_next_round() -> None:
    log = LogBuilder()
    slow, quick = log.thread("slow"), log.thread("quick")
    gate = log.barrier(parties=2)
    log.began(slow).began(quick).at(1).arrived(slow, gate, 1).wait(slow, gate)
    log.at(2).arrived(quick, gate, 2).tripped(quick, gate).passed(quick, gate)
    log.at(3).round_wait(quick, gate).at(5).passed(slow, gate).at(6).arrived(quick, gate, 1).wait(quick, gate)
    log.at(8).arrived(slow, gate, 2).tripped(slow, gate).passed(slow, gate).at(9).passed(quick, gate)
    model = fold(log.build())
    assert [(each.thread, each.start, each.end, each.outcome) for each in model.waits] == [
        (slow, 1, 5, Outcome.TRIPPED),
        (quick, 3, 6, Outcome.EMPTIED),
        (quick, 6, 9, Outcome.TRIPPED),
    ]
    assert [[(each.thread, each.time) for each in band.left] for band in model.objects[0].generations] == [
        [(quick, 2), (slow, 5)],
        [(slow, 8), (quick, 9)],
    ]


def test_who_was_late_and_completes_the_next_round_runs_its_action_and_does_not_wait_for_it() -> None:
    log = LogBuilder()
    slow, quick = log.thread("slow"), log.thread("quick")
    gate = log.barrier(parties=2)
    log.began(slow).began(quick).arrived(slow, gate, 1).wait(slow, gate)
    log.at(2).arrived(quick, gate, 2).tripped(quick, gate).passed(quick, gate).round_wait(quick, gate)
    log.at(4).passed(slow, gate).arrived(slow, gate, 1).wait(slow, gate)
    log.at(5).arrived(quick, gate, 2).tripped(quick, gate).action(quick, gate)
    model = fold(log.at(9).action_done(quick, gate).passed(quick, gate).passed(slow, gate).build())
    at_work = [span for span in model.threads[quick - 1].spans if span.state is State.RUNNING]
    assert (5, 9) in [(span.start, span.end) for span in at_work]


def test_a_broken_barrier_names_who_broke_it_until_it_is_reset() -> None:
    log = LogBuilder()
    main, barrier = log.thread(), log.barrier(parties=3)
    other = log.began(main).spawn(main, "other")
    log.at(1).arrived(other, barrier, 1).wait(other, barrier)
    log.at(4).broken(main, barrier, "abort").broke_out(other, barrier).at(6).reset(main, barrier)
    model = fold(log.build())
    (wait,) = model.waits
    assert (wait.outcome, wait.ended_by, wait.end) == (Outcome.BROKEN, main, 4)
    assert model.objects[0].bands == (Band(start=4, end=6, thread=main, ended_by=main),)
    assert model.objects[0].generations == (Band(start=1, end=4, thread=other, ended_by=main, text="broken"),)
    assert [mark.what for mark in model.marks] == ["arrive", "broken", "broke out", "reset"]


def test_who_broke_a_barrier_first_is_named_even_if_it_breaks_again_before_the_others_say_so() -> None:
    log = LogBuilder()
    main, barrier = log.thread(), log.barrier(parties=3)
    other, waiter = log.began(main).spawn(main, "other"), log.spawn(main, "waiter")
    log.arrived(waiter, barrier, 1).wait(waiter, barrier).broken(main, barrier, "abort")
    log.reset(main, barrier).broken(other, barrier, "abort").broke_out(waiter, barrier)
    assert fold(log.build()).waits[0].ended_by == main


def test_an_action_that_raises_breaks_the_barrier_for_those_who_waited() -> None:
    log = LogBuilder()
    main, barrier = log.thread(), log.barrier(parties=2)
    waiter = log.began(main).spawn(main, "waiter")
    log.arrived(waiter, barrier, 1).wait(waiter, barrier).at(2).arrived(main, barrier, 2).tripped(
        main, barrier
    )
    log.action(main, barrier).at(4).broken(main, barrier, "ValueError: no").broke_out(waiter, barrier)
    model = fold(log.build())
    assert [arrow.source_time for arrow in model.arrows if arrow.what == "break"] == [4]
    assert model.objects[0].actions == (Band(start=2, end=4, thread=main, ended_by=main, text="failed"),)


def test_who_has_yet_to_leave_a_barrier_is_not_let_go_by_the_action_of_those_who_came_later() -> None:
    log = LogBuilder()
    main, barrier = log.thread(), log.barrier(parties=2)
    slow, other, last = log.began(main).spawn(main, "slow"), log.spawn(main, "other"), log.spawn(main, "last")
    log.arrived(slow, barrier, 1).wait(slow, barrier).arrived(main, barrier, 2).tripped(main, barrier)
    log.at(1).arrived(other, barrier, 1).wait(other, barrier).arrived(last, barrier, 2).tripped(last, barrier)
    log.action(last, barrier).action_done(last, barrier).passed(other, barrier).passed(slow, barrier)
    waits = {wait.thread: wait.ended_by for wait in fold(log.build()).waits}
    assert waits == {slow: main, other: last}


# Timers, joins, sleeps


def test_a_timers_thread_waits_until_it_fires() -> None:
    log = LogBuilder()
    main, timer = log.thread(), log.timer("alarm")
    thread = log.began(main).spawn(main, "alarm", timer=timer)
    log.pending(thread, timer, 10).at(10).fired(thread, timer).at(12).ended(thread)
    model = fold(log.build())
    (wait,) = model.waits
    assert (wait.obj, wait.end, wait.outcome, wait.timeout) == (timer, 10, Outcome.FIRED, 10)
    assert [span.state for span in model.threads[thread - 1].spans] == [State.WAITING, State.RUNNING]
    assert model.objects[0].bands == (Band(start=0, end=10, thread=thread, ended_by=thread),)


@pytest.mark.parametrize("ends", ["ended", "failed", ""])
def test_the_callback_of_a_timer_lasts_from_its_firing_to_the_end_of_its_thread(ends: str) -> None:
    log = LogBuilder()
    main, timer = log.thread(), log.timer("alarm")
    thread = log.began(main).spawn(main, "alarm", timer=timer)
    log.pending(thread, timer, 10).at(10).fired(thread, timer).at(12)
    if ends:
        getattr(log, ends)(thread)
    (callback,) = fold(log.build(end=20)).objects[0].callbacks
    over = Band(start=10, end=12, thread=thread, ended_by=thread, text=ends.removeprefix("ended"))
    assert callback == (over if ends else Band(start=10, end=20, thread=thread, open=True))


def test_who_cancels_a_timer_has_an_arrow_to_its_thread() -> None:
    log = LogBuilder()
    main, timer = log.thread(), log.timer()
    thread = log.began(main).spawn(main, "alarm", timer=timer)
    log.pending(thread, timer, 10).at(4).cancelled(main, timer).at(5).ended(thread)
    assert [
        (each.source, each.source_time, each.target, each.target_time, each.obj)
        for each in fold(log.build()).arrows
        if each.what == "cancel"
    ] == [(main, 4, thread, 4, timer)]


def test_a_cancelled_timer_stops_waiting_at_once_and_says_who_did_it() -> None:
    log = LogBuilder()
    main, timer = log.thread(), log.timer()
    thread = log.began(main).spawn(main, "alarm", timer=timer)
    log.pending(thread, timer, 10).at(4).cancelled(main, timer, line=3).at(5).ended(thread)
    model = fold(log.build())
    assert (model.waits[0].outcome, model.waits[0].ended_by, model.waits[0].end) == (
        Outcome.CANCELLED,
        main,
        4,
    )
    assert model.objects[0].bands[0].ended_by == main


def test_a_timer_cancelled_before_it_was_pending_is_cancelled_all_the_same() -> None:
    log = LogBuilder()
    main, timer = log.thread(), log.timer()
    thread = log.began(main).thread("alarm", parent=main, timer=timer)
    log.started(main, thread).cancelled(main, timer).at(1).began(thread).pending(thread, timer, 10).ended(
        thread
    )
    model = fold(log.build(end=9))
    assert model.waits[0].outcome is Outcome.CANCELLED
    assert model.objects[0].bands == ()  # it was never pending


def test_a_join_waits_for_the_end_of_the_other() -> None:
    log = LogBuilder()
    main = log.thread()
    child = log.began(main).at(1).spawn(main, "child")
    log.at(2).join_wait(main, child).at(6).ended(child).at(7).joined(main, child).joined(main, child).ended(
        main
    )
    model = fold(log.build())
    (wait,) = model.waits
    assert (wait.obj, wait.target, wait.holders, wait.outcome) == (0, child, (child,), Outcome.ENDED)
    assert (wait.start, wait.end, wait.ended_by) == (2, 7, child)
    assert model.arrows == (
        Arrow(what="start", source=main, source_time=1, target=child, target_time=1),
        Arrow(what="join", source=child, source_time=6, target=main, target_time=7),
    )


def test_a_join_that_times_out_ends_without_the_childs_end() -> None:
    log = LogBuilder()
    main = log.thread()
    child = log.began(main).spawn(main, "child")
    log.join_wait(main, child).at(3).join_timed_out(main, child)
    (wait,) = fold(log.build()).waits
    assert (wait.outcome, wait.ended_by, wait.end) == (Outcome.TIMED_OUT, 0, 3)


def test_a_sleep_is_a_span_with_the_duration_asked_for() -> None:
    log = LogBuilder()
    main = log.thread()
    log.began(main).at(1).sleep(main, 5).at(7).woke(main).at(8).ended(main)
    assert fold(log.build()).threads[0].spans == (
        Span(thread=main, state=State.RUNNING, start=0, end=1),
        Span(thread=main, state=State.SLEEPING, start=1, end=7, duration=5),
        Span(thread=main, state=State.RUNNING, start=7, end=8),
    )


# Fates and the end of the record


def test_what_is_open_at_the_end_runs_to_the_end_of_the_record() -> None:
    log = LogBuilder()
    main, lock = log.thread(), log.lock()
    other = log.began(main).spawn(main, "other")
    log.at(1).acquired(main, lock).at(2).wait(other, lock).at(3).join_wait(main, other)
    model = fold(log.build(end=50, reason="hung"))
    assert [(wait.outcome, wait.end) for wait in model.waits] == [(Outcome.OPEN, 50), (Outcome.OPEN, 50)]
    assert [(hold.end, hold.open) for hold in model.objects[0].holds] == [(50, True)]
    assert model.queue(1) == (Step(time=2, value=1),)
    assert [thread.fate for thread in model.threads] == [Fate.CUT_OFF, Fate.CUT_OFF]
    assert model.duration == 50


def test_each_thread_has_its_fate() -> None:
    log = LogBuilder()
    main = log.thread()
    log.began(main)
    for name in ("ends", "fails", "runs"):
        log.spawn(main, name)
    log.spawn(main, "daemon", daemon=True)
    log.at(4).ended(2).failed(3, "ValueError: 7").note(main, "last").at(9).note(4, "still here")
    model = fold(log.build(end=10))
    assert [(thread.fate, thread.end) for thread in model.threads] == [
        (Fate.ENDED, 4),  # the main thread's block was left after its last event
        (Fate.ENDED, 4),
        (Fate.FAILED, 4),
        (Fate.STILL_RUNNING, 10),
        (Fate.CUT_OFF, 10),
    ]
    assert model.threads[2].error == "ValueError: 7"


def test_a_thread_that_was_started_but_never_began_has_no_spans() -> None:
    log = LogBuilder()
    main = log.thread()
    child = log.thread("child", parent=main)
    log.began(main).at(3).started(main, child)
    thread = fold(log.build(end=5)).threads[child - 1]
    assert (thread.start, thread.begin, thread.end, thread.spans) == (3, 5, 5, ())


def test_an_empty_log_is_an_empty_model() -> None:
    assert fold(LogBuilder().build()) == Model(
        duration=0, threads=(), objects=(), waits=(), marks=(), arrows=()
    )


# Whatever the record says


def assert_gapless(model: Model) -> None:
    for thread in model.threads:
        times = [
            thread.begin,
            *(time for span in thread.spans for time in (span.start, span.end)),
            thread.end,
        ]
        assert times[::2] == times[1::2], thread
        assert times == sorted(times)


TYPES = (
    "Lock",
    "RLock",
    "Condition",
    "Semaphore",
    "BoundedSemaphore",
    "Event",
    "Barrier",
    "Timer",
    "Elephant",
    "ThreadPoolExecutor",
    "Future",
    "Future",
)


def events_of(
    kinds: list[int], objects: Sequence[int] = (1, 2, 3, 4)
) -> st.SearchStrategy[list[tuple[int, int, int, int, int]]]:
    """Events of few kinds, so that they meet on the same objects: (delay, kind, thread, object, arg)."""
    numbers = (
        st.integers(0, 5),
        st.sampled_from(kinds),
        st.integers(0, 4),
        st.integers(0, 11),
        st.integers(-1, 4),
    )
    few = (
        st.integers(0, 1),
        st.sampled_from(kinds),
        st.integers(1, 2),
        st.sampled_from(objects),
        st.integers(1, 3),
    )
    return st.lists(st.tuples(*few), max_size=30) | st.lists(st.tuples(*numbers), max_size=60)


odd_events = st.lists(st.sampled_from([*Kind, 0, 63]), min_size=1, max_size=5).flatmap(events_of)
LOCKING = [Kind.ACQUIRED, Kind.RELEASED]
odd_events |= st.sampled_from([LOCKING, [*LOCKING, Kind.WAIT]]).flatmap(events_of)
POOL = TYPES.index("ThreadPoolExecutor") + 1
CALLING = [Kind.SUBMITTED, Kind.CALL_BEGAN, Kind.CALL_ENDED]
odd_events |= st.sampled_from([CALLING, [*CALLING, Kind.WAIT, Kind.RESULT]]).flatmap(
    partial(events_of, objects=(POOL + 1, POOL + 2))
)


def odd_log(events: list[tuple[int, int, int, int, int]], reason: str = "truncated") -> EventLog:
    """A log in which anything may follow on anything."""
    times, codes = array("q"), array("q")
    for wait, kind, thread, obj, _ in events:
        times.append(wait + (times[-1] if times else 0))
        codes.append(pack(kind, thread=thread, obj=obj, site=obj))
    return EventLog(
        times=times,
        codes=codes,
        args={seq: event[4] for seq, event in enumerate(events) if event[4] < 4},
        threads=tuple(
            ThreadInfo(number=n, name=f"t{n}", parent=n - 1, timer=8 * (n == 3)) for n in (1, 2, 3)
        ),
        objects=tuple(
            ObjectInfo(number=n, type=t, name=t, lock=n % 3, owner=POOL * (t == "Future"))
            for n, t in enumerate(TYPES, 1)
        ),
        texts=("one",),
        ending=Ending(reason=reason, time=0),
    )


@settings(deadline=None)
@given(odd_events)
def test_a_log_in_any_order_folds_without_an_error(events: list[tuple[int, int, int, int, int]]) -> None:
    model = fold(odd_log(events))
    assert_gapless(model)
    for thing in model.objects[:2]:
        assert all(one.end <= other.start for one, other in pairwise(thing.holds))
    assert [wait.index for wait in model.waits] == list(range(len(model.waits)))


# Records


def test_a_record_made_quickly_is_the_record_itself_and_frozen() -> None:
    plain = Span(thread=1, state=State.WAITING, start=2, end=3, wait=4, duration=None)
    made = quick(Span)(1, State.WAITING, 2, 3, 4, None)
    assert (made, hash(made), type(made)) == (plain, hash(plain), Span)
    assert quick(Span)(thread=1, state=State.WAITING, start=2, end=3, wait=4) == plain
    with pytest.raises(TypeError, match="'end'"):
        quick(Span)(1, State.WAITING, 2)
    with pytest.raises(FrozenInstanceError):
        made.start = 5  # type: ignore[misc]


@contextmanager
def collections() -> Iterator[list[int]]:
    """Which generations the collector walks over meanwhile."""
    walked: list[int] = []

    def note(phase: str, about: dict[str, int]) -> None:
        if phase == "start":
            walked.append(about["generation"])

    gc.collect()
    gc.callbacks.append(note)
    try:
        yield walked
    finally:
        gc.callbacks.remove(note)


@pytest.fixture
def nothing_frozen() -> Iterator[None]:
    """The tests freeze what they begin with (see `conftest.py`)."""
    gc.unfreeze()
    yield
    gc.collect()
    gc.freeze()


@pytest.mark.skipif(
    not getattr(sys, "_is_gil_enabled", lambda: True)(), reason="there the collector knows no generations"
)
@pytest.mark.usefixtures("nothing_frozen")
def test_what_is_made_without_the_collector_is_not_walked_over_afterwards_either() -> None:
    with collections() as walked:
        if gc.get_freeze_count():
            pytest.skip("here the collector has itself frozen what lives for ever: nothing is moved")
        with without_collector(MANY):
            made: list[list[int]] = [[] for _ in range(MANY)]
        made += [[] for _ in range(10)]
        assert walked == []
        assert gc.isenabled()


@pytest.mark.usefixtures("nothing_frozen")
def test_what_the_program_has_frozen_stays_frozen_and_nothing_else_is() -> None:
    with without_collector(MANY):
        assert not gc.isenabled()
    assert gc.get_freeze_count() == 0
    gc.freeze()
    before = gc.get_freeze_count()
    with without_collector(MANY):
        pass
    assert 0 < gc.get_freeze_count() <= before


def test_for_few_records_nobody_asks_what_the_program_has_frozen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gc, "get_freeze_count", lambda: pytest.fail("40 ms of counting"))
    with without_collector(MANY - 1):
        pass
    assert gc.isenabled()


def test_an_error_leaves_the_collector_on() -> None:
    with pytest.raises(ZeroDivisionError), without_collector(MANY):
        _ = 1 / 0
    assert gc.isenabled()


def test_a_collector_that_the_program_has_switched_off_stays_off() -> None:
    gc.disable()
    try:
        with without_collector(MANY):
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_a_queue_of_waiters_has_one_step_for_each_time_at_which_it_changes() -> None:
    log = LogBuilder()
    main = log.thread()
    lock = log.lock()
    ann = log.began(main).spawn(main, "ann")
    bob = log.spawn(main, "bob")
    log.at(1).acquired(main, lock).at(2).wait(ann, lock).at(3).released(main, lock)
    log.at(4).acquired(ann, lock).wait(bob, lock).at(6).released(ann, lock).at(7).acquired(bob, lock)
    assert fold(log.build()).queue(1) == (Step(time=2, value=1), Step(time=7, value=0))
