"""The model of a random program says of it what the program itself knows: see `programs` and `known`."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import accumulate, pairwise

from hypothesis import given, settings
from hypothesis import strategies as st
from known import Held, Lasted, Waited
from programs import Program

from tracing.events import EventLog, pack
from tracing.model import Band, Hold, Model, Outcome, Span, State, Wait, fold

seeds = st.integers(0, 2**32)


def run(seed: int) -> tuple[Program, EventLog, Model]:
    program = Program(seed)
    log = program.run()
    return program, log, fold(log)


# Holds


@settings(deadline=None)
@given(seeds)
def test_the_holds_of_a_mutex_never_overlap(seed: int) -> None:
    program, _, model = run(seed)
    for mutex in program.mutexes:
        holds = model.objects[mutex - 1].holds
        assert all(one.end <= other.start for one, other in pairwise(holds))


@settings(deadline=None)
@given(seeds)
def test_a_semaphore_never_has_more_holders_than_permits(seed: int) -> None:
    program, _, model = run(seed)
    gate = model.objects[program.gate - 1]
    assert max(held_at_once(gate.holds), default=0) <= 2
    assert gate.value[-1].value == 2 - sum(hold.open for hold in gate.holds)


def held_at_once(holds: Iterable[Hold]) -> Iterator[int]:
    """How many are held after each take and give; at the same time gives come first."""
    changes = [change for hold in holds for change in ((hold.start, 1), (hold.end, -1))]
    return accumulate(change for _, change in sorted(changes))


@settings(deadline=None)
@given(seeds)
def test_only_a_semaphore_that_all_give_back_to_is_no_signal(seed: int) -> None:
    program, _, model = run(seed)
    for thing in (model.objects[number - 1] for number in program.permits):
        given_back = any(not hold.open for hold in thing.holds)
        assert thing.signal == (thing.number != program.gate) or (
            thing.number == program.gate and not given_back
        )


@settings(deadline=None)
@given(seeds)
def test_who_held_what_and_who_released_it_is_as_the_program_says(seed: int) -> None:
    program, _, model = run(seed)
    holds = [hold for thing in model.objects for hold in thing.holds]
    assert Counter(map(held, holds)) == Counter(program.known.holds)
    assert Counter(holds) == Counter(hold for thread in model.threads for hold in thread.holds)


def held(hold: Hold) -> Held:
    return Held(hold.thread, hold.obj, hold.depth, hold.start, hold.end, hold.released_by, hold.open)


# Waits


@settings(deadline=None)
@given(seeds)
def test_every_wait_is_for_whom_and_ends_when_how_and_by_what_event_the_program_says(seed: int) -> None:
    program, _, model = run(seed)
    signals = {thing.number for thing in model.objects if thing.signal}
    expected = (replace(w, holders=()) if w.obj in signals else w for w in program.known.waits)
    assert Counter(map(waited, model.waits)) == Counter(expected)


def waited(wait: Wait) -> Waited:
    return Waited(
        thread=wait.thread,
        obj=wait.obj,
        target=wait.target,
        start=wait.start,
        end=wait.end,
        outcome=wait.outcome.value,
        cause=wait.ended_seq,
        timeout=wait.timeout,
        holders=wait.holders,
        reacquire=wait.reacquire,
    )


@settings(deadline=None)
@given(seeds)
def test_an_arrow_leads_from_each_event_that_ended_a_wait_to_its_end(seed: int) -> None:
    _, log, model = run(seed)
    caused = [wait for wait in model.waits if wait.ended_seq is not None]
    assert all(wait.ended_by == log[wait.ended_seq or 0].thread != wait.thread for wait in caused)
    expected = Counter(
        (wait.ended_by, log.times[wait.ended_seq or 0], wait.thread, wait.end, wait.obj) for wait in caused
    )
    arrows = (arrow for arrow in model.arrows if arrow.what != "start")
    assert expected == Counter((a.source, a.source_time, a.target, a.target_time, a.obj) for a in arrows)


@settings(deadline=None)
@given(seeds)
def test_the_queue_of_an_object_is_as_long_as_its_open_waits_are_many(seed: int) -> None:
    _, _, model = run(seed)
    for thing in model.objects:
        waits = [model.waits[index] for index in thing.waits]
        assert all(wait.obj == thing.number for wait in waits)
        for time, length in {step.time: step.value for step in model.queue(thing.number)}.items():
            assert length == sum(wait.start <= time and not over(wait, time) for wait in waits)


def over(wait: Wait, time: int) -> bool:
    return wait.end <= time and wait.outcome is not Outcome.OPEN


# Spans


@settings(deadline=None)
@given(seeds)
def test_the_spans_of_a_thread_leave_no_gap(seed: int) -> None:
    _, _, model = run(seed)
    for thread in model.threads:
        inner = [time for span in thread.spans for time in (span.start, span.end)]
        times = [thread.begin, *inner, thread.end]
        assert times[::2] == times[1::2]
        assert times == sorted(times)


@settings(deadline=None)
@given(seeds)
def test_a_thread_waits_in_just_those_spans_that_its_waits_take(seed: int) -> None:
    """A wait may begin within another, in a signal handler: it is the thread's until it ends."""
    _, _, model = run(seed)
    shown = {span.wait for thread in model.threads for span in thread.spans if span.wait is not None}
    assert shown == {wait.index for wait in model.waits}
    for thread in model.threads:
        waits = [wait for wait in model.waits if wait.thread == thread.number]
        for span in thread.spans:
            if span.start < span.end:
                lasting = [wait for wait in waits if wait.start <= span.start and span.end <= wait.end]
                touched = [wait for wait in waits if wait.start < span.end and span.start < wait.end]
                assert lasting == touched
                assert (span.wait, span.state) == innermost(lasting, span)


def innermost(waits: list[Wait], span: Span) -> tuple[int | None, State]:
    if not waits:
        return None, State.SLEEPING if span.state is State.SLEEPING else State.RUNNING
    return waits[-1].index, State.NOTIFIED if waits[-1].reacquire else State.WAITING


@settings(deadline=None)
@given(seeds)
def test_a_thread_sleeps_when_the_program_says(seed: int) -> None:
    program, _, model = run(seed)
    spans = [span for thread in model.threads for span in thread.spans if span.state is State.SLEEPING]
    slept = [each for each in program.known.stretches if each.what == "sleep"]
    assert Counter((s.thread, s.start, s.end) for s in spans) == Counter(
        (s.number, s.start, s.end) for s in slept
    )


# Objects


@settings(deadline=None)
@given(seeds)
def test_flags_barriers_and_timers_last_as_long_as_the_program_says(seed: int) -> None:
    program, log, model = run(seed)
    known = Counter(each for each in program.known.stretches if each.what != "sleep")
    assert Counter(stretches(log, model)) == known


BANDS = {"Event": "up", "Barrier": "broken", "Timer": "pending"}


def stretches(log: EventLog, model: Model) -> Iterator[Lasted]:
    for info, thing in zip(log.objects, model.objects, strict=True):
        for what, bands in (
            (BANDS.get(info.type, ""), thing.bands),
            ("generation", thing.generations),
            ("action", thing.actions),
            ("callback", thing.callbacks),
        ):
            yield from (lasted(what, info.number, band) for band in bands)


def lasted(what: str, number: int, band: Band) -> Lasted:
    return Lasted(what, number, band.start, band.end, band.thread, band.ended_by, band.text, band.open)


@settings(deadline=None)
@given(seeds)
def test_depths_permits_and_arrivals_count_as_the_program_does(seed: int) -> None:
    program, _, model = run(seed)
    found = {thing.number: [(step.time, step.value) for step in thing.value] for thing in model.objects}
    assert {number: steps for number, steps in found.items() if steps} == program.known.counts
    assert all(value >= 0 for steps in found.values() for _, value in steps)


# Again


@settings(deadline=None)
@given(seeds)
def test_replaying_the_events_gives_the_same_model(seed: int) -> None:
    _, log, model = run(seed)
    assert fold(log) == fold(replayed(log)) == model


def replayed(log: EventLog) -> EventLog:
    """The log, written down again event by event."""
    events = list(log)
    codes = (pack(event.kind, site=event.site, obj=event.obj, thread=event.thread) for event in events)
    return replace(
        log,
        times=array("q", (event.time for event in events)),
        codes=array("q", codes),
        args={event.seq: event.arg for event in events if event.arg is not None},
    )
