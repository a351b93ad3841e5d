"""A run in words."""

from __future__ import annotations

import random
from array import array
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from logs import LogBuilder

from tracing.errors import NoSuchThreadError
from tracing.events import Ending, EventLog, Kind, ObjectInfo, Site, ThreadInfo, Woken, pack
from tracing.model import fold
from tracing.views.text import explain, text
from tracing.views.text.words import PHRASES

SECOND = 1_000_000_000


def told(log: LogBuilder, **options: object) -> list[str]:
    built = log.build(**options)  # type: ignore[arg-type]
    return text(built, fold(built)).splitlines()


def explained(log: LogBuilder, thread: str | int | None = None) -> str:
    built = log.build()
    return explain(built, fold(built), thread)


def contended(clock: str = "virtual") -> LogBuilder:
    """The picture of the design: reader waits 3 s for lock_a, which writer holds."""
    log = LogBuilder(clock=clock, title="Reader and writer")
    main, lock = log.thread("main"), log.lock("lock_a")
    writer = log.spawn(main, "writer", line=30)
    log.acquired(writer, lock, line=12).sleep(writer, 3 * SECOND, line=14)
    reader = log.spawn(main, "reader", line=31)
    log.wait(reader, lock, line=21)
    log.at(3 * SECOND).woke(writer).released(writer, lock, line=16).acquired(reader, lock, line=21)
    log.ended(writer).released(reader, lock, line=22).ended(reader)
    log.joined(main, writer, line=33).joined(main, reader, line=33).ended(main)
    return log


# On the virtual clock


def test_a_hold_that_ends_on_the_line_where_it_began_names_it_once() -> None:
    log = LogBuilder(clock="virtual")
    one, two, lock = log.thread("one"), log.thread("two"), log.lock("lock")
    log.acquired(one, lock, line=3).wait(two, lock, line=5).at(SECOND)
    log.released(one, lock, line=3).acquired(two, lock, line=5)
    assert "- two waited 1.0 s for lock, held by one since line 3, which released it." in told(log)


def test_on_the_virtual_clock_events_stand_in_order_with_times_and_each_wait_has_a_sentence() -> None:
    assert told(contended()) == [
        "Reader and writer: virtual clock, 3 threads.",
        "  0 s  main    starts writer                     line 30",
        "  0 s  writer  begins",
        "  0 s  writer  acquires lock_a                   line 12",
        "  0 s  writer  sleeps 3.0 s                      line 14",
        "  0 s  main    starts reader                     line 31",
        "  0 s  reader  begins",
        "  0 s  reader  waits for lock_a, held by writer  line 21",
        "3.0 s  writer  wakes up",
        "3.0 s  writer  releases lock_a                   line 16",
        "3.0 s  reader  acquires lock_a                   line 21",
        "3.0 s  writer  ends",
        "3.0 s  reader  releases lock_a                   line 22",
        "3.0 s  reader  ends",
        "3.0 s  main    joins writer                      line 33",
        "3.0 s  main    joins reader                      line 33",
        "3.0 s  main    ends",
        "Waits:",
        "- reader waited 3.0 s for lock_a, held by writer since line 12, which released it at line 16.",
    ]


def test_a_wait_is_told_with_its_holder_although_another_began_at_the_same_time() -> None:
    log = LogBuilder(clock="virtual")
    one, two = log.thread("one"), log.thread("two")
    ready, lock = log.event("ready"), log.lock("lock")
    log.acquired(two, lock).wait(one, ready).join_wait(one, two).wait(one, lock)
    assert "0 s  one  waits for lock, held by two" in told(log)


def test_a_long_run_is_cut_and_what_is_left_out_is_counted() -> None:
    log = LogBuilder(clock="virtual")
    main, other, lock = log.thread("main"), log.thread("other"), log.lock()
    for second in range(0, 200, 2):
        log.at(second).acquired(main, lock).wait(other, lock)
        log.at(second + 1).released(main, lock).acquired(other, lock).released(other, lock)
    lines = told(log)
    assert "… and 476 more events" in lines
    assert "… and 92 more waits" in lines
    assert len(lines) <= 40


def test_what_happened_is_said_in_plain_words_whatever_it_is() -> None:
    log = LogBuilder()
    main, lock, ready, gate = (
        log.thread("main"),
        log.lock("m"),
        log.event("ready"),
        log.barrier("gate", parties=2),
    )
    cond, timer = log.condition("changed", lock=lock), log.timer("alarm")
    log.would_block(main, lock).refused(main, lock, "RuntimeError: release unlocked lock").notify(main, cond)
    log.notify(main, cond, main).cond_woke(main, cond, Woken.TIMED_OUT).set(main, ready).cleared(main, ready)
    log.arrived(main, gate, 1).broken(main, gate, "abort").broke_out(main, gate).reset(main, gate)
    log.pending(main, timer, SECOND).cancelled(main, timer).cancel_late(main, timer).note(main, "half {done}")
    said = [line.removeprefix("0 s  main  ") for line in told(log)]
    assert said[1:17] == [
        "tries m, in vain",
        "misuses m: RuntimeError: release unlocked lock",
        "notifies changed, where nobody waits",
        "notifies changed, to wake 1",
        "wakes main on changed",
        "gives up waiting on changed",
        "sets ready",
        "clears ready",
        "arrives at gate as number 1",
        "breaks gate: abort",
        "finds gate broken",
        "resets gate",
        "waits for alarm to fire",
        "cancels alarm",
        "cancels alarm, too late",
        "notes: half {done}",
    ]


def test_every_kind_of_event_has_its_phrase() -> None:
    assert set(PHRASES) == set(Kind)


def test_findings_the_end_and_the_notes_close_the_text() -> None:
    @dataclass
    class Finding:
        sentence: str
        kind: str = "deadlock"

    built = contended().build(
        reason="hung", leaked=("reader at lesson.py:21",), notes=("The buffer was full.",)
    )
    lines = text(built, fold(built), [Finding(f"Finding {number}.") for number in range(8)]).splitlines()
    assert lines[-11:] == [
        "Findings:",
        *(f"- Finding {number}." for number in range(6)),
        "… and 2 more findings",
        "The run was ended, because every thread waited and no wait had a time-out.",
        "Not to be ended: reader at lesson.py:21.",
        "Note: The buffer was full.",
    ]
    said = [Finding("It hung.", kind) for kind in ("ending", "leaked thread", "record")]
    assert text(built, fold(built), said).splitlines()[-4:] == ["Findings:", *["- It hung."] * 3]


# On the real clock


def test_on_the_real_clock_each_thread_has_a_paragraph_without_times() -> None:
    assert told(contended("real")) == [
        "Reader and writer: real clock, 3 threads.",
        "main: starts writer and reader; joins writer and reader; ends.",
        "writer: acquires lock_a; sleeps; releases lock_a; ends.",
        "reader: waits for lock_a, held by writer, then acquires it; releases lock_a; ends.",
    ]


def joining(waits: bool) -> LogBuilder:
    log = LogBuilder(clock="real")
    main, ready = log.thread("main"), log.event("ready")
    child = log.spawn(main, "child")
    if waits:
        log.join_wait(main, child).wait(child, ready).at(17)
    log.set(main, ready).passed(child, ready).ended(child)
    return log.at(39).joined(main, child)


def test_a_join_or_an_events_wait_is_told_alike_whether_or_not_it_had_to_wait() -> None:
    assert told(joining(waits=True)) == told(joining(waits=False))
    assert "child: waits until ready is set; ends." in told(joining(waits=True))


def meeting(order: tuple[int, ...]) -> list[str]:
    log = LogBuilder(clock="real")
    threads = [log.thread(name) for name in ("a", "b", "c")]
    gate = log.barrier("gate", parties=3)
    for count, index in enumerate(order, start=1):
        log.at(count).arrived(threads[index], gate, count)
        if count < 3:
            log.wait(threads[index], gate)
    log.tripped(threads[order[-1]], gate).action(threads[order[-1]], gate).action_done(
        threads[order[-1]], gate
    )
    for index in reversed(order):
        log.passed(threads[index], gate, index=index)
    return told(log)


def test_who_comes_to_a_barrier_last_is_not_told() -> None:
    assert meeting((0, 1, 2)) == meeting((2, 0, 1))
    assert meeting((0, 1, 2))[1].startswith("a, b and c: meets the others at gate")


def looping(seed: int) -> list[str]:
    """Two threads take a lock forty times; the seed says who has to wait when."""
    pick = random.Random(seed)
    log = LogBuilder(clock="real")
    one, two = log.thread("one"), log.thread("two")
    lock = log.lock("lock")
    left = {one: 40, two: 40}
    while any(left.values()):
        first = pick.choice([thread for thread in left if left[thread]])
        other = one + two - first
        waits = left[other] and pick.random() < 0.5
        log.at(log.now + pick.randrange(1, 99)).acquired(first, lock)
        if waits:
            log.wait(other, lock)
        log.released(first, lock)
        left[first] -= 1
        if waits:
            log.acquired(other, lock).released(other, lock)
            left[other] -= 1
    return told(log)


def twice(clock: str) -> LogBuilder:
    """An RLock taken twice, given up for a condition, and given back; another thread takes it once."""
    log = LogBuilder(clock=clock)
    ann, bob, door = log.thread("ann"), log.thread("bob"), log.rlock("door")
    opened = log.condition("opened", lock=door)
    log.acquired(ann, door).acquired(ann, door).cond_wait(ann, opened).released(ann, door, levels=2)
    log.acquired(bob, door).notify(bob, opened, ann).released(bob, door).cond_woke(ann, opened)
    return log.acquired(ann, door, levels=2).released(ann, door).released(ann, door).ended(ann).ended(bob)


def test_the_depth_of_an_rlock_is_told_where_it_is_not_one() -> None:
    said = [line.split("  ")[2] for line in told(twice("virtual"))[1:] if " door" in line]
    assert said == [
        "acquires door",
        "acquires door again, depth 2",
        "releases door",
        "acquires door",
        "releases door",
        "acquires door, depth 2",
        "releases door, depth 1 left",
        "releases door",
    ]


def test_on_the_real_clock_too_each_thread_says_how_deep_it_holds_an_rlock() -> None:
    lines = "\n".join(told(twice("real"))).replace("\n    ", " ").splitlines()
    assert lines[1:] == [
        "ann: acquires door; acquires door again, depth 2; waits on opened until bob notifies it; "
        "releases door, depth 1 left; releases door; ends.",
        "bob: acquires door; notifies opened; releases door; ends.",
    ]


def test_what_a_thread_repeats_is_folded_and_does_not_show_who_had_to_wait() -> None:
    texts = {tuple(looping(seed)) for seed in range(20)}
    assert len(texts) == 1
    assert texts.pop()[1].startswith("one and two: (acquires lock; releases lock) × 40")


def test_how_often_something_was_tried_in_vain_is_not_told() -> None:
    def trying(times: int) -> list[str]:
        log = LogBuilder(clock="real")
        main, lock = log.thread("main"), log.lock("lock")
        for _ in range(times):
            log.would_block(main, lock).sleep(main, 5).woke(main)
        return told(log.acquired(main, lock).ended(main))

    assert trying(3) == trying(30)
    assert trying(3)[1] == "main: (tries lock, in vain; sleeps) again and again; acquires lock; ends."


def test_a_condition_wait_is_one_step_with_its_notifier() -> None:
    log = LogBuilder(clock="real")
    producer, consumer, lock = log.thread("producer"), log.thread("consumer"), log.lock("mutex")
    cond = log.condition("ready", lock=lock)
    log.acquired(consumer, lock).cond_wait(consumer, cond).released(consumer, lock)
    log.at(5).acquired(producer, lock).notify(producer, cond, consumer)
    log.cond_woke(consumer, cond).wait(consumer, lock).released(producer, lock).acquired(consumer, lock)
    log.released(consumer, lock).ended(consumer).ended(producer)
    assert told(log)[1:] == [
        "producer: acquires mutex; notifies ready; releases mutex; ends.",
        "consumer: acquires mutex; waits on ready until producer notifies it; releases mutex; ends.",
    ]


def test_a_wait_in_vain_and_one_without_end_say_who_held_it() -> None:
    log = LogBuilder(clock="real")
    main, other, lock = log.thread("main"), log.thread("other"), log.lock("lock")
    log.acquired(main, lock).wait(main, lock, timeout=5).at(5).timed_out(main, lock).wait(other, lock)
    assert told(log, reason="hung")[1:3] == [
        "main: acquires lock; waits for lock, held by itself, in vain; is cut off.",
        "other: still waits for lock, held by main; is cut off.",
    ]


def test_a_failure_is_told_with_its_exception() -> None:
    log = LogBuilder(clock="real")
    log.failed(log.thread("main"), "ValueError: no {such} thing")
    assert told(log)[1] == "main: fails: ValueError: no {such} thing."


def test_a_thread_that_does_much_and_many_threads_are_cut_with_a_count() -> None:
    log = LogBuilder(clock="real")
    for number in range(100):
        thread = log.thread(f"worker-{number}")
        for step in range(60):
            log.note(thread, f"step {number} {step}")
    lines = told(log)
    assert len(lines) <= 40
    assert "… and 36 more" in " ".join(lines[1:8])
    assert lines[-1].startswith("… and ")
    assert lines[-1].endswith(" more threads")


def test_a_long_loop_is_folded_as_a_whole() -> None:
    code = [pack(kind, thread=thread, obj=1) for thread in (1, 2) for kind in (Kind.ACQUIRED, Kind.RELEASED)]
    log = EventLog(
        times=array("q", range(400_000)),
        codes=array("q", code * 100_000),
        threads=(ThreadInfo(number=1, name="a"), ThreadInfo(number=2, name="b")),
        objects=(ObjectInfo(number=1, type="Lock", name="lock"),),
        ending=Ending(reason="done", time=400_000),
    )
    assert "a and b: (acquires lock; releases lock) × 100,000" in text(log, fold(log))


# Sentences


def waiting_for(log: LogBuilder) -> tuple[int, int]:
    return log.thread("one"), log.thread("two")


def test_a_wait_for_a_lock_names_holder_lines_and_release() -> None:
    assert explained(contended()) == (
        "reader waited 3.0 s for lock_a, held by writer since line 12, which released it at line 16 "
        "(held throughout)."
    )


def test_a_release_by_another_than_the_holder_is_told_apart() -> None:
    log = LogBuilder()
    one, two = waiting_for(log)
    three, lock = log.thread("three"), log.lock("lock")
    log.acquired(one, lock, line=3).wait(two, lock).at(SECOND).released(three, lock, line=9).acquired(
        two, lock
    )
    assert explained(log) == (
        "two waited 1.0 s for lock, held by one since line 3; three released it at line 9 (held throughout)."
    )


def test_a_wait_for_a_permit_names_its_holders() -> None:
    log = LogBuilder()
    one, two = waiting_for(log)
    three, pool = log.thread("three"), log.semaphore("pool", value=2)
    log.acquired(one, pool, line=3).acquired(two, pool, line=3).wait(three, pool).at(SECOND)
    log.released(two, pool, line=5).acquired(three, pool)
    assert explained(log) == (
        "three waited 1.0 s for a permit of pool, held by one and two since line 3; "
        "two released one at line 5 (no permit throughout)."
    )


def test_the_waits_of_a_condition_name_the_notifier_and_the_way_back() -> None:
    log = LogBuilder()
    one, two = waiting_for(log)
    lock = log.lock("mutex")
    cond = log.condition("ready", lock=lock)
    log.acquired(one, lock).cond_wait(one, cond).released(one, lock).at(SECOND).acquired(two, lock, line=8)
    log.notify(two, cond, one, line=9).cond_woke(one, cond).at(2 * SECOND).released(two, lock, line=10)
    log.acquired(one, lock)
    assert explained(log).splitlines() == [
        "one waited 1.0 s on ready, until two notified it at line 9 (not notified throughout).",
        "one waited 1.0 s to get mutex back, held by two since line 8, which released it at line 10 "
        "(held throughout).",
    ]


def test_a_condition_that_nobody_notified_was_given_up() -> None:
    log = LogBuilder()
    one, lock = log.thread("one"), log.lock("mutex")
    cond = log.condition("ready", lock=lock)
    log.acquired(one, lock).cond_wait(one, cond, timeout=SECOND).released(one, lock).at(SECOND)
    log.cond_woke(one, cond, Woken.TIMED_OUT).acquired(one, lock)
    assert explained(log) == (
        "one waited 1.0 s on ready, and gave up after its timeout of 1.0 s (not notified throughout)."
    )


def test_who_is_back_at_a_barrier_too_early_waits_for_the_others_to_leave() -> None:
    log = LogBuilder()
    one, two = waiting_for(log)
    gate = log.barrier("gate", parties=2)
    log.arrived(two, gate, 1).wait(two, gate).arrived(one, gate, 2).tripped(one, gate).passed(one, gate)
    log.at(1000).round_wait(one, gate).at(3000).passed(two, gate).arrived(two, gate, 1).wait(two, gate)
    log.at(4000).arrived(one, gate, 2).tripped(one, gate).passed(one, gate).at(5000).passed(two, gate)
    assert "- one waited 3 µs for the round before to leave gate." in told(log)


def test_the_other_waits_are_told_with_who_ended_them() -> None:
    log = LogBuilder()
    one, two = waiting_for(log)
    ready, gate, broken = log.event("ready"), log.barrier("gate", parties=2), log.barrier("door", parties=2)
    log.wait(one, ready).at(1000).set(two, ready, line=4).passed(one, ready)
    log.arrived(one, gate, 1).wait(one, gate).at(3000).arrived(two, gate, 2).tripped(two, gate).passed(
        one, gate
    )
    log.arrived(one, broken, 1).wait(one, broken).at(6000).broken(two, broken, "abort", line=7)
    log.broke_out(one, broken).join_wait(one, two).at(10_000).ended(two).joined(one, two)
    assert explained(log).splitlines() == [
        "one waited 1 µs for ready, until two set it at line 4 (flag down throughout).",
        "one waited 2 µs at gate, until two came as the last (not all there throughout).",
        "one waited 3 µs at door, until two broke it at line 7 (not all there throughout).",
        "one waited 4 µs for two to end, which it did (thread alive throughout).",
    ]


def test_a_barrier_broken_by_the_timeout_of_its_own_waiter_says_so() -> None:
    log = LogBuilder()
    ann, bob, table = log.thread("ann"), log.thread("bob"), log.barrier("table", parties=3)
    log.arrived(ann, table, 1).wait(ann, table, timeout=2 * SECOND).arrived(bob, table, 2).wait(bob, table)
    log.at(2 * SECOND).broken(ann, table, "timeout", line=6).broke_out(ann, table).broke_out(bob, table)
    assert told(log)[-2:] == [
        "- ann waited 2.0 s at table, and gave up after its timeout of 2.0 s, which broke it.",
        "- bob waited 2.0 s at table, until ann broke it at line 6.",
    ]


def test_a_timer_fires_or_is_cancelled() -> None:
    log = LogBuilder()
    main, first, second = log.thread("main"), log.timer("first"), log.timer("second")
    one, two = log.thread("one", timer=first), log.thread("two", timer=second)
    log.pending(one, first, SECOND).pending(two, second, 9 * SECOND).at(SECOND).fired(one, first)
    log.cancelled(main, second, line=6).ended(two)
    assert explained(log).splitlines() == [
        "one waited 1.0 s for first to fire (interval throughout).",
        "two waited 1.0 s for second to fire, until main cancelled it at line 6 (interval throughout).",
    ]


def test_a_wait_may_be_given_up_interrupted_or_open() -> None:
    log = LogBuilder()
    one, two = waiting_for(log)
    lock = log.lock("lock")
    log.acquired(two, lock, line=3).wait(one, lock, timeout=SECOND).at(SECOND).timed_out(one, lock)
    log.wait(one, lock).at(2 * SECOND).cut(one, lock).wait(one, lock).at(5 * SECOND).note(two, "late")
    assert explained(log).splitlines() == [
        "one waited 1.0 s for lock, held by two since line 3, and gave up after its timeout of 1.0 s "
        "(held throughout).",
        "one waited 1.0 s for lock, held by two since line 3, and was interrupted (held throughout).",
        "one waited 3.0 s for lock, held by two since line 3, and still waited at the end (held throughout).",
    ]


def test_who_was_overtaken_is_said() -> None:
    log = LogBuilder()
    one, two = waiting_for(log)
    three, lock = log.thread("three"), log.lock("lock")
    log.acquired(one, lock).at(1).wait(two, lock).at(2).wait(three, lock).at(3).released(one, lock)
    log.acquired(three, lock).at(4).released(three, lock).acquired(two, lock)
    assert ", after 1 later comer got it first (held by one" in explained(log, "two")


def test_a_sentence_without_lines_or_causes_leaves_them_out() -> None:
    log = LogBuilder()
    one, lock = log.thread("one"), log.lock("lock")
    log.wait(one, lock).at(SECOND).acquired(one, lock)
    assert explained(log) == "one waited 1.0 s for lock (held throughout)."


def test_lines_are_named_with_their_file_where_there_are_several() -> None:
    log = contended()
    log.sites = [replace(site, file="cell 3" if site.line < 20 else "my.py") for site in log.sites]
    assert "held by writer since cell 3 line 12, which released it at cell 3 line 16" in explained(log)
    assert "  my.py line 21" in "\n".join(told(log))


def test_a_thread_is_chosen_by_name_or_number() -> None:
    log = contended()
    log.wait(log.thread("late"), 1)
    assert explained(log, "reader") == explained(log, 3)
    assert explained(log, "late").startswith("late waited")
    assert explained(log, "writer") == "writer never waited."
    assert len(explained(log).splitlines()) == 2


def test_an_rlock_is_held_since_it_was_taken_first() -> None:
    log = LogBuilder(clock="virtual")
    one, two, lock = log.thread("one"), log.thread("two"), log.rlock("lock")
    log.acquired(one, lock, line=6).acquired(one, lock, line=8).wait(two, lock, line=5).at(SECOND)
    log.released(one, lock, line=8).released(one, lock, line=6).acquired(two, lock, line=5)
    assert "held by one since line 6, which released it" in explained(log)


@pytest.mark.parametrize("asked", [1.5, True, object(), [None]])
def test_what_is_no_name_is_no_thread(asked: Any) -> None:
    with pytest.raises(NoSuchThreadError, match=r"^explain\(\) found no thread"):
        explained(contended(), asked)


def test_a_thread_that_is_not_there_is_one_clear_error() -> None:
    with pytest.raises(NoSuchThreadError) as caught:
        explained(contended(), "raeder")
    assert str(caught.value) == (
        "explain() found no thread 'raeder' in this run. Its threads are 'main', 'writer' and 'reader': "
        "ask for one of these, or for its number, counted from 1."
    )


def test_nobody_waited() -> None:
    assert explained(LogBuilder()) == "Nobody waited."


# Whatever it is


def test_an_empty_run_is_told_in_a_line() -> None:
    assert told(LogBuilder()) == ["A run: virtual clock, 0 threads."]
    assert told(LogBuilder(clock="real")) == ["A run: real clock, 0 threads."]


def test_names_are_data() -> None:
    log = LogBuilder(clock="real")
    nasty = "<script>$x_1$\n\x1b[31m{0} \ud800 🐍" + "x" * 300
    main, lock = log.thread(nasty), log.lock("{}{obj}")
    log.acquired(main, lock).ended(main)
    (_, line) = told(log)
    assert line == "<script>$x_1$ ?[31m{0} ? 🐍xxxxxxxxxxxxx…: acquires {}{obj}; ends."


@given(
    st.lists(
        st.tuples(
            st.sampled_from(Kind),
            st.integers(1, 3),
            st.integers(0, 8),
            st.none() | st.integers(-1, 5),
            st.integers(0, 2),
        ),
        max_size=40,
    ),
    st.sampled_from(["real", "virtual"]),
)
def test_any_log_is_told_in_at_most_about_forty_lines(
    events: list[tuple[Kind, int, int, int | None, int]], clock: str
) -> None:
    types = ["Lock", "RLock", "Condition", "Semaphore", "BoundedSemaphore", "Event", "Barrier", "Timer"]
    log = EventLog(
        times=array("q", range(len(events))),
        codes=array("q", [pack(kind, thread=who, obj=obj, site=site) for kind, who, obj, _, site in events]),
        args={seq: event[3] for seq, event in enumerate(events) if event[3] is not None},
        threads=tuple(ThreadInfo(number=number, name=f"t{number}") for number in (1, 2, 3)),
        objects=tuple(
            ObjectInfo(number=n, type=kind, name=f"o{n}", lock=1) for n, kind in enumerate(types, 1)
        ),
        sites=(Site(file="a.py", line=1), Site(file="b.py", line=2)),
        texts=("boom", "bang"),
        clock=clock,
    )
    model = fold(log)
    said = text(log, model)
    assert said == text(log, model)
    assert len(said.splitlines()) <= 42
    told_waits = [wait for wait in model.waits if not wait.reacquire or wait.end > wait.start]
    assert explain(log, model).count("\n") == max(len(told_waits) - 1, 0)


def test_a_line_whose_exception_ends_with_a_full_stop_has_one_and_not_two() -> None:
    log = LogBuilder(clock="real")
    log.failed(log.thread("main"), "ValueError: Nothing is left.")
    assert [line for line in told(log) if line.startswith("main: ")] == [
        "main: fails: ValueError: Nothing is left."
    ]
