"""A run is told what went wrong in it, in sentences that name threads, primitives and lines."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from logs import LogBuilder
from programs import Program
from test_model import odd_events, odd_log

from tracing.diagnosis import Edge, Finding, diagnose, wait_for_graph
from tracing.events import EventLog, Kind
from tracing.model import fold


def findings(log: EventLog) -> tuple[Finding, ...]:
    return diagnose(log, fold(log))


def sentences(log: EventLog) -> list[str]:
    return [finding.sentence for finding in findings(log)]


def crossed_locks() -> LogBuilder:
    """writer holds lock_a and wants lock_b; reader the other way about; main joins both."""
    log = LogBuilder(clock="real")
    main, lock_a, lock_b = log.thread(), log.lock("lock_a"), log.lock("lock_b")
    writer, reader = log.began(main).spawn(main, "writer"), log.spawn(main, "reader")
    log.at(1).acquired(writer, lock_a, line=12).acquired(reader, lock_b, line=22)
    log.at(2).join_wait(main, writer, line=30)
    log.at(3).wait(writer, lock_b, line=14).at(4).wait(reader, lock_a, line=24)
    return log


# Deadlock


def test_two_threads_that_take_two_locks_in_both_orders_deadlock() -> None:
    log = crossed_locks().build(end=9, reason="hung")
    (finding,) = findings(log)
    assert (finding.kind, finding.severity) == ("deadlock", "error")
    assert (finding.threads, finding.objects) == ((2, 3), (2, 1))
    assert finding.sentence == (
        "Deadlock: writer waits for lock_b at line 14, held by reader since line 22; "
        "reader waits for lock_a at line 24, held by writer since line 12. "
        "Not in it, but waiting behind it: main for writer to end at line 30."
    )
    assert [log.sites[site - 1].line for site in finding.sites] == [14, 22, 24, 12]
    assert finding.time == 4
    assert "same order" in finding.hint


def test_a_deadlock_is_found_however_the_run_ended() -> None:
    kinds = [finding.kind for finding in findings(crossed_locks().build(end=9, reason="timeout"))]
    assert kinds == ["deadlock", "ending"]


def test_a_deadlock_that_a_timeout_would_have_ended_is_none() -> None:
    log = LogBuilder()
    main, lock_a, lock_b = log.thread(), log.lock(), log.lock()
    other = log.began(main).spawn(main, "other")
    log.acquired(main, lock_a).acquired(other, lock_b).wait(main, lock_b, timeout=50).wait(other, lock_a)
    assert "deadlock" not in [finding.kind for finding in findings(log.build(end=9, reason="timeout"))]


def test_a_cycle_of_five_is_told_from_its_first_thread_on() -> None:
    log = LogBuilder()
    forks = [log.lock(f"fork_{n}") for n in range(5)]
    thinkers = [log.thread(f"thinker_{n}") for n in range(5)]
    for thinker, fork in zip(thinkers, forks, strict=True):
        log.began(thinker).acquired(thinker, fork)
    for thinker, fork in zip(thinkers, forks[1:] + forks[:1], strict=True):
        log.wait(thinker, fork)
    (finding,) = findings(log.build(reason="hung"))
    assert finding.threads == tuple(thinkers)
    assert finding.sentence.startswith(
        "Deadlock: thinker_0 waits for fork_1, held by thinker_1; thinker_1 waits"
    )


def test_a_thread_that_takes_its_own_lock_deadlocks_alone() -> None:
    log = LogBuilder()
    main, lock = log.thread(), log.lock("lock")
    log.began(main).acquired(main, lock, line=3).wait(main, lock, line=4)
    (finding,) = findings(log.build(reason="hung"))
    assert finding.sentence == "Deadlock: main waits for lock at line 4, which it holds itself since line 3."
    assert "RLock" in finding.hint


def test_a_join_can_be_part_of_a_deadlock() -> None:
    log = LogBuilder()
    main, lock = log.thread(), log.lock("lock")
    worker = log.began(main).spawn(main, "worker")
    log.acquired(main, lock, line=3).join_wait(main, worker, line=5).wait(worker, lock, line=9)
    (finding,) = findings(log.build(reason="hung"))
    assert finding.sentence == (
        "Deadlock: main waits for worker to end at line 5; worker waits for lock at line 9, held by "
        "main since line 3."
    )
    assert "join" in finding.hint


def test_the_lock_of_a_condition_can_be_part_of_a_deadlock() -> None:
    log = LogBuilder()
    main, lock = log.thread(), log.lock("lock")
    cond = log.condition("ready", lock=lock)
    waiter = log.began(main).spawn(main, "waiter")
    log.acquired(waiter, lock).cond_wait(waiter, cond, line=4).released(waiter, lock)
    log.acquired(main, lock, line=8).notify(main, cond, waiter).join_wait(main, waiter, line=10)
    (finding,) = findings(log.build(reason="hung"))
    assert finding.kind == "deadlock"
    assert "waiter waits for lock at line 4, held by main since line 8" in finding.sentence


def test_who_holds_a_permit_and_wants_another_waits_for_those_who_hold_the_rest() -> None:
    log = LogBuilder()
    main, sticks = log.thread(), log.semaphore("sticks", value=2)
    ann, bob = log.began(main).spawn(main, "ann"), log.spawn(main, "bob")
    log.acquired(ann, sticks).released(ann, sticks)  # not a signal: permits are given back
    log.acquired(ann, sticks, line=3).acquired(bob, sticks, line=3)
    log.wait(ann, sticks, line=4).wait(bob, sticks, line=4).join_wait(main, ann)
    (finding,) = findings(log.build(reason="hung"))
    assert finding.threads == (ann, bob)
    assert finding.sentence == (
        "Deadlock: ann waits for a permit of sticks at line 4, held by bob since line 3; "
        "bob waits for a permit of sticks at line 4, held by ann since line 3. "
        "Not in it, but waiting behind it: main for ann to end."
    )


def test_who_acquires_a_signal_does_not_hold_it() -> None:
    log = LogBuilder()
    main, full = log.thread(), log.semaphore("full", value=0)
    consumer = log.began(main).spawn(main, "consumer")
    log.released(main, full).acquired(consumer, full).wait(consumer, full, line=7).join_wait(main, consumer)
    assert sentences(log.build(reason="hung")) == [
        "Stalled: consumer waits for a permit of full at line 7, of which none is left, "
        "and nobody is left to release one."
    ]


def test_a_semaphore_that_is_released_by_those_who_had_acquired_it_may_be_a_signal_all_the_same() -> None:
    log = LogBuilder()
    main, turn = log.thread(), log.semaphore("turn", value=0)
    ann, bob = log.began(main).spawn(main, "ann"), log.spawn(main, "bob")
    log.released(main, turn).acquired(ann, turn).released(ann, turn).acquired(bob, turn)
    log.wait(bob, turn, line=7).join_wait(main, bob)
    (finding,) = findings(log.ended(ann).build(reason="hung"))
    assert finding.kind == "stalled"


def test_who_waits_for_its_own_lock_may_still_be_let_in_by_another_thread() -> None:
    log = LogBuilder(clock="real")
    main, ready = log.thread(), log.lock("ready")
    log.began(main).spawn(main, "worker")
    log.at(1).acquired(main, ready, line=3).wait(main, ready, line=4)
    found = [(each.kind, each.severity) for each in findings(log.build(end=9, reason="timeout"))]
    assert found == [("ending", "error"), ("deadlock", "warning")]


def test_the_lock_of_a_thread_that_has_ended_may_still_be_released_by_another() -> None:
    log = LogBuilder(clock="real")
    main, key = log.thread(), log.lock("key")
    owner = log.began(main).spawn(main, "owner")
    log.at(1).acquired(owner, key, line=3).ended(owner).spawn(main, "guard")
    log.wait(main, key, line=9)
    found = [(each.kind, each.severity) for each in findings(log.build(end=9, reason="timeout"))]
    assert found == [("ending", "error"), ("abandoned lock", "warning")]


# Abandoned lock


def test_a_lock_held_by_a_thread_that_has_ended_is_abandoned() -> None:
    log = LogBuilder()
    main, lock = log.thread(), log.lock("lock_a")
    first, second = log.began(main).spawn(main, "first"), log.spawn(main, "second")
    log.acquired(first, lock, line=3).at(2).ended(first).at(3).wait(second, lock, line=3).join_wait(
        main, second
    )
    (finding,) = findings(log.build(reason="hung"))
    assert (finding.kind, finding.threads, finding.time) == ("abandoned lock", (second, first), 3)
    assert finding.sentence == (
        "Abandoned lock: second waits for lock_a at line 3, held by first since line 3; first has ended."
    )


def test_an_rlock_that_was_not_released_often_enough_is_told_with_its_depth() -> None:
    log = LogBuilder()
    main, lock = log.thread(), log.rlock("door")
    first, second = log.began(main).spawn(main, "first"), log.spawn(main, "second")
    log.acquired(first, lock, line=3).acquired(first, lock, line=4).ended(first)
    log.wait(second, lock, line=9).join_wait(main, second)
    assert sentences(log.build(reason="hung")) == [
        "Abandoned lock: second waits for door at line 9, held by first at depth 2 since line 4; "
        "first has ended."
    ]


def test_in_a_deadlock_the_depth_of_an_rlock_is_told() -> None:
    log = LogBuilder()
    main, lock = log.thread(), log.rlock("door")
    other = log.began(main).spawn(main, "other")
    log.acquired(main, lock, line=3).acquired(main, lock, line=4).wait(other, lock, line=9)
    assert sentences(log.join_wait(main, other, line=5).build(reason="hung")) == [
        "Deadlock: main waits for other to end at line 5; "
        "other waits for door at line 9, held by main at depth 2 since line 4."
    ]


def test_a_thread_that_fails_with_the_lock_in_its_hands_is_told_with_both() -> None:
    log = LogBuilder()
    main, lock, other = log.thread(), log.lock("lock_a"), log.lock("lock_b")
    first, second = log.began(main).spawn(main, "first"), log.spawn(main, "second")
    text = "RuntimeError: release unlocked lock"
    log.acquired(first, lock, line=3).wait(second, lock, line=3)
    log.at(4).refused(first, other, text, line=6).failed(first, text).join_wait(main, second)
    assert sentences(log.build(reason="hung")) == [
        "Abandoned lock: second waits for lock_a at line 3, held by first since line 3; "
        "first has failed with RuntimeError: release unlocked lock.",
        "first tried to release lock_b at line 6, which nobody held, and ended with an exception that it "
        "did not catch: RuntimeError: release unlocked lock.",
    ]


def test_permits_can_be_abandoned_too() -> None:
    log = LogBuilder()
    main, slots = log.thread(), log.semaphore("slots", value=1)
    first, second = log.began(main).spawn(main, "first"), log.spawn(main, "second")
    log.acquired(first, slots).released(first, slots).acquired(first, slots).wait(second, slots)
    log.ended(first).join_wait(main, second)
    (finding,) = findings(log.build(reason="hung"))
    assert finding.kind == "abandoned permits"
    assert finding.sentence == (
        "Abandoned permits: second waits for a permit of slots, whose permits are held by first; "
        "first has ended."
    )


# Stalled


def test_an_event_that_nobody_sets_stalls_who_waits_for_it() -> None:
    log = LogBuilder()
    main, stop = log.thread(), log.event("stop")
    a, b = log.began(main).spawn(main, "a"), log.spawn(main, "b")
    log.wait(a, stop, line=5).at(2).wait(b, stop, line=5).join_wait(main, a, line=9)
    (finding,) = findings(log.build(reason="hung"))
    assert (finding.kind, finding.threads, finding.objects, finding.time) == ("stalled", (a, b), (stop,), 2)
    assert finding.sentence == "Stalled: a and b wait for stop at line 5, and nobody is left to set it."


def test_a_barrier_says_how_many_of_its_parties_have_arrived() -> None:
    log = LogBuilder()
    main, gate = log.thread(), log.barrier("gate", parties=5)
    runners = [log.spawn(main, f"runner_{n}") for n in range(3)]
    for n, runner in enumerate(runners, 1):
        log.arrived(runner, gate, n).wait(runner, gate, line=4)
    assert sentences(log.join_wait(main, runners[0]).build(reason="hung")) == [
        "Stalled: runner_0, runner_1 and runner_2 wait at gate at line 4, where 3 of 5 have arrived."
    ]


def test_a_notification_before_the_wait_is_a_lost_signal() -> None:
    log = LogBuilder()
    main, lock = log.thread(), log.lock()
    cond = log.condition("ready", lock=lock)
    waiter = log.began(main).spawn(main, "waiter")
    log.acquired(main, lock).notify(main, cond, line=9).released(main, lock).join_wait(main, waiter)
    log.at(3).acquired(waiter, lock).cond_wait(waiter, cond, line=5).released(waiter, lock)
    (finding,) = findings(log.build(reason="hung"))
    assert finding.kind == "lost signal"
    assert finding.sentence == (
        "Lost signal: waiter waits on ready at line 5, which main had notified at line 9, when "
        "nobody was waiting."
    )
    assert finding.threads == (waiter, main)


def test_a_condition_whose_notifications_arrived_before_is_stalled_only() -> None:
    log = LogBuilder()
    main, lock = log.thread(), log.lock()
    cond = log.condition("ready", lock=lock)
    waiter = log.began(main).spawn(main, "waiter")
    log.acquired(waiter, lock).cond_wait(waiter, cond).released(waiter, lock)
    log.acquired(main, lock).notify(main, cond, waiter).notify(main, cond).released(main, lock)
    log.cond_woke(waiter, cond).acquired(waiter, lock).cond_wait(waiter, cond).released(waiter, lock)
    assert sentences(log.join_wait(main, waiter).build(reason="hung")) == [
        "Stalled: waiter waits on ready, and nobody is left to notify it."
    ]


def test_an_event_set_and_cleared_before_the_wait_is_a_lost_signal() -> None:
    log = LogBuilder()
    main, event = log.thread(), log.event("go")
    waiter = log.began(main).spawn(main, "waiter")
    log.set(main, event, line=3).cleared(main, event, line=4).at(2).wait(waiter, event, line=8)
    assert sentences(log.join_wait(main, waiter).build(reason="hung")) == [
        "Lost signal: waiter waits for go at line 8, which main had set at line 3 and cleared "
        "again at line 4 before."
    ]


def test_a_daemon_that_waits_for_work_at_the_end_is_no_finding() -> None:
    log = LogBuilder()
    main, work = log.thread(), log.event("work")
    daemon = log.began(main).spawn(main, "daemon", daemon=True)
    log.wait(daemon, work).at(5).ended(main)
    assert findings(log.build()) == ()


def test_an_idle_daemon_is_not_blamed_for_anothers_hang() -> None:
    log = LogBuilder()
    main, work, stop = log.thread(), log.event("work"), log.event("stop")
    daemon = log.began(main).spawn(main, "daemon", daemon=True)
    log.wait(daemon, work).wait(main, stop)
    assert [finding.objects for finding in findings(log.build(reason="hung"))] == [(stop,)]


def test_who_waits_for_a_running_thread_is_not_stalled() -> None:
    log = LogBuilder(clock="real")
    main, stop = log.thread(), log.event("stop")
    worker = log.began(main).spawn(main, "worker")
    log.at(3).wait(main, stop, line=7)
    (finding,) = findings(log.build(end=9, reason="timeout"))
    assert finding.kind == "ending"
    assert finding.threads == (main, worker)
    assert finding.sentence == (
        "The run was ended because its time was up: main waited for stop at line 7 and worker was running."
    )


# Misuse


def test_an_uncaught_exception_is_an_error() -> None:
    log = LogBuilder()
    main = log.thread()
    worker = log.began(main).spawn(main, "worker")
    log.at(4).failed(worker, "ValueError: 7", line=3).ended(main)
    (finding,) = findings(log.build())
    assert (finding.kind, finding.severity, finding.time) == ("uncaught exception", "error", 4)
    assert (
        finding.sentence == "worker ended with an exception that it did not catch at line 3: ValueError: 7."
    )


def test_only_of_a_thread_that_can_be_joined_it_is_said_that_join_hands_nothing_on() -> None:
    log = LogBuilder()
    main = log.thread()
    worker = log.began(main).spawn(main, "worker")
    log.failed(worker, "ValueError: 7", line=3).failed(main, "KeyboardInterrupt", line=4)
    hints = {finding.threads: finding.hint for finding in findings(log.build())}
    assert hints == {
        (worker,): "Catch it where you can do something about it; join() does not hand it on.",
        (main,): "Catch it where you can do something about it.",
    }


def test_refused_operations_are_told_once_a_place() -> None:
    log = LogBuilder()
    main, sem = log.thread(), log.semaphore("slots")
    text = "ValueError: Semaphore released too many times"
    log.began(main).refused(main, sem, text, line=3).refused(main, sem, text, line=3).ended(main)
    (finding,) = findings(log.build())
    assert (finding.kind, finding.severity) == ("refused operation", "warning")
    assert finding.sentence == (
        "main was refused an operation on slots at line 3, 2 times: ValueError: Semaphore released "
        "too many times."
    )


def test_a_lock_held_at_the_end_of_its_thread_is_a_warning() -> None:
    log = LogBuilder()
    main, lock = log.thread(), log.lock("lock")
    worker = log.began(main).spawn(main, "worker")
    log.acquired(worker, lock, line=3).at(4).ended(worker).ended(main)
    (finding,) = findings(log.build())
    assert (finding.kind, finding.severity, finding.time) == ("held at thread end", "warning", 4)
    assert finding.sentence == "worker ended while it held lock, acquired at line 3."


def test_a_thread_that_ends_with_several_locks_is_told_once() -> None:
    log = LogBuilder()
    main, locks = log.thread(), [log.lock(f"lock_{name}") for name in "abc"]
    worker = log.began(main).spawn(main, "worker")
    for lock in locks:
        log.acquired(worker, lock, line=3)
    log.ended(worker).ended(main)
    (finding,) = findings(log.build())
    assert finding.sentence == "worker ended while it held lock_a, lock_b and lock_c, acquired at line 3."
    assert finding.objects == tuple(locks)


def test_a_lock_that_another_thread_released_after_the_end_is_not_held() -> None:
    log = LogBuilder()
    main, lock = log.thread(), log.lock("lock")
    worker = log.began(main).spawn(main, "worker")
    log.acquired(worker, lock).at(4).ended(worker).released(main, lock).ended(main)
    assert [finding.kind for finding in findings(log.build())] == ["release by another thread"]


# Endings


def test_a_run_that_ended_well_has_no_findings() -> None:
    log = LogBuilder()
    main, lock = log.thread(), log.lock()
    worker = log.began(main).spawn(main, "worker")
    log.acquired(main, lock).wait(worker, lock).at(2).released(main, lock).acquired(worker, lock)
    log.released(worker, lock).ended(worker).joined(main, worker).ended(main)
    assert findings(log.build()) == ()


def test_a_thread_that_could_not_be_ended_is_named() -> None:
    log = LogBuilder()
    log.began(log.thread())
    built = log.build(reason="timeout", leaked=("worker at line 7 of spin",))
    leaked = [finding for finding in findings(built) if finding.kind == "leaked thread"]
    assert [finding.sentence for finding in leaked] == [
        "worker at line 7 of spin could not be ended: it still runs."
    ]


def test_a_daemon_that_outlives_a_plain_end_is_no_error() -> None:
    log = LogBuilder()
    main = log.thread()
    log.began(main).spawn(main, "server", daemon=True)
    built = log.ended(main).build(leaked=("server at lesson.py:7",))
    leaked = [finding for finding in findings(built) if finding.kind == "leaked thread"]
    assert [finding.severity for finding in leaked] == ["note"]


def test_a_thread_of_a_hung_run_that_waits_for_nothing_known_waits_in_library_code() -> None:
    log = LogBuilder()
    main = log.thread()
    cook = log.began(main).spawn(main, "cook")
    log.join_wait(main, cook, line=7).at(3)
    (finding,) = findings(log.build(reason="hung"))
    assert finding.kind == "ending"
    assert finding.sentence == (
        "The run was ended because no thread could go on: main waited for cook to end at line 7 "
        "and cook waited in library code."
    )


def test_what_the_record_says_about_itself_is_a_finding() -> None:
    log = LogBuilder()
    log.ended(log.thread())
    assert sentences(log.build(notes=("events after 10,000,000 were dropped",))) == [
        "The record: events after 10,000,000 were dropped."
    ]


def test_errors_come_before_warnings() -> None:
    log = LogBuilder()
    main, lock = log.thread(), log.lock()
    worker = log.began(main).spawn(main, "worker")
    log.refused(main, lock, "RuntimeError: no").at(5).failed(worker, "ValueError: no").ended(main)
    assert [finding.severity for finding in findings(log.build())] == ["error", "warning"]


def test_names_are_said_on_one_line_and_in_bounded_length() -> None:
    log = LogBuilder()
    log.failed(log.thread("a\nb" + "x" * 300), "ValueError: " + "y" * 1000)
    (sentence,) = sentences(log.build())
    assert "\n" not in sentence
    assert len(sentence) < 250


# The graph


def test_the_wait_for_graph_has_an_edge_for_each_wait_and_each_hold() -> None:
    log = crossed_locks().build(end=9, reason="hung")
    model = fold(log)
    main, writer, reader, lock_a, lock_b = 1, 2, 3, 1, 2
    graph = wait_for_graph(model)
    assert [(edge.what, edge.thread, edge.obj, edge.target) for edge in graph] == [
        ("waits for", main, 0, writer),
        ("waits for", writer, lock_b, 0),
        ("waits for", reader, lock_a, 0),
        ("holds", writer, lock_a, 0),
        ("holds", reader, lock_b, 0),
    ]
    assert wait_for_graph(model, at=0) == ()
    assert [edge.what for edge in wait_for_graph(model, at=2)] == ["waits for", "holds", "holds"]
    assert wait_for_graph(model, at=3)[-1] == Edge(what="holds", thread=reader, obj=lock_b, since=1, site=2)


# Whatever a program does


@settings(deadline=None)
@given(st.integers(0, 2**32))
def test_diagnosing_twice_gives_the_same_findings(seed: int) -> None:
    log = Program(seed).run()
    model = fold(log)
    assert diagnose(log, model) == diagnose(log, model)


@settings(deadline=None)
@example([(0, Kind.CALL_FAILED, 1, 0, 1)], "done")  # no future
@example([(0, Kind.CALL_FAILED, 0, 10, 0)], "done")  # no primitive with that number
@example([(0, Kind.CALL_FAILED, 1, 1, 3)], "done")  # no text with that number
@example([(0, Kind.CALL_FAILED, 1, 1, -1)], "done")
@given(odd_events, st.sampled_from(["done", "hung", "timeout", "truncated", "elephant"]))
def test_a_log_in_any_order_is_diagnosed_without_an_error(
    events: list[tuple[int, int, int, int, int]], reason: str
) -> None:
    log = odd_log(events, reason)
    for finding in findings(log):
        assert finding.sentence.endswith(".")
        assert finding.severity in ("error", "warning", "note")


@pytest.mark.parametrize("reason", ["hung", "timeout", "interrupted", "steps", "stuck", "full", "truncated"])
def test_each_ending_but_the_plain_one_is_told(reason: str) -> None:
    log = LogBuilder()
    log.began(log.thread())
    assert [finding.kind for finding in findings(log.build(reason=reason))] == ["ending"]


def test_a_finding_prints_its_sentence() -> None:
    assert str(Finding(kind="note", severity="note", sentence="It rains.", hint="Wait.")) == "It rains."
