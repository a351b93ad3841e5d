"""Who had the turn in a simulated run, and what of a thread's running was readiness, or start()."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from logs import LogBuilder
from programs import Program
from test_density import assert_agrees

from tracing import Lock, Thread, Trace, open_trace, record, simulate, sleep
from tracing.events import EventLog, Turns
from tracing.model import Span, State, density, fold
from tracing.runtime.schedules import Schedule

deeds = st.lists(st.sampled_from(["lock", "sleep", "start"]), max_size=4)
seeds = st.integers(0, 1000)
LOOSE = (State.RUNNING, State.READY)  # who waits for nothing


def simulated(plans: list[list[str]], seed: int) -> Trace:
    """A thread for each plan, which does in turn: take a lock that all share, sleep, start one."""
    lock = Lock()

    def work(plan: list[str]) -> None:
        for deed in plan:
            if deed == "lock":
                with lock:
                    pass
            elif deed == "sleep":
                sleep(0.001)
            else:
                Thread(target=work, args=(["lock"],)).start()

    with simulate(seed=seed) as run:
        for plan in plans:
            Thread(target=work, args=(plan,)).start()
    return run


programs = st.builds(simulated, st.lists(deeds, max_size=3), seeds)


@settings(deadline=None, max_examples=40)
@given(programs)
def test_at_each_moment_of_a_simulated_run_one_thread_at_most_is_running(run: Trace) -> None:
    runs = sorted((s.start, s.end) for s in spans(run) if s.state is State.RUNNING)
    assert all(one[1] <= other[0] for one, other in pairwise(runs))


def spans(run: Trace) -> list[Span]:
    return [span for thread in run.model.threads for span in thread.spans]


@settings(deadline=None, max_examples=40)
@given(programs)
def test_what_a_thread_does_is_done_in_its_own_turns_and_every_event_is_in_one(run: Trace) -> None:
    turns = run.model.slices
    assert [turns[0].first, *(each.until for each in turns)] == [*(each.first for each in turns), len(run)]
    for turn in turns:
        assert {run.log[seq].thread for seq in range(turn.first, turn.until)} <= {turn.thread}
        assert all(turn.start <= run.log.times[seq] <= turn.end for seq in range(turn.first, turn.until))


@settings(deadline=None, max_examples=40)
@given(programs)
def test_a_thread_is_ready_just_where_it_waits_for_nothing_and_has_not_the_turn(run: Trace) -> None:
    for thread in run.model.threads:
        own = [each for each in run.model.slices if each.thread == thread.number]
        inner = [time for span in thread.spans for time in (span.start, span.end)]
        assert [thread.begin, *inner, thread.end][::2] == [thread.begin, *inner, thread.end][1::2]
        for span in thread.spans:
            had = sum(max(0, min(span.end, each.end) - max(span.start, each.start)) for each in own)
            if span.state in LOOSE:
                assert had == (span.end - span.start if span.state is State.RUNNING else 0)


@settings(deadline=None, max_examples=40)
@given(programs)
def test_without_the_turns_running_and_ready_are_one_and_all_else_is_the_same(run: Trace) -> None:
    without = fold(replace(run.log, turns=Turns()))
    assert without.slices == ()
    for known, unknown in zip(run.model.threads, without.threads, strict=True):
        assert joined(known.spans) == unknown.spans
    threads = tuple(replace(thread, spans=()) for thread in run.model.threads)
    others = tuple(replace(thread, spans=()) for thread in without.threads)
    assert replace(run.model, slices=(), threads=threads) == replace(without, threads=others)


def joined(divided: tuple[Span, ...]) -> tuple[Span, ...]:
    """Running and ready stretches next to each other as one that runs."""
    found: list[Span] = []
    for span in divided:
        whole = replace(span, state=State.RUNNING) if span.state in LOOSE else span
        if found and found[-1].state is whole.state is State.RUNNING:
            whole = replace(whole, start=found.pop().start)
        found.append(whole)
    return tuple(found)


@settings(deadline=None, max_examples=40)
@given(programs, st.integers(1, 7))
def test_the_density_knows_the_same_of_turns_as_the_fold(run: Trace, bins: int) -> None:
    assert_agrees(run.log, run.model, density(run.log, bins=bins))
    window = density(run.log, start=run.model.duration // 3, end=run.model.duration // 2, bins=bins)
    assert_agrees(run.log, run.model, window)


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 2**32), st.lists(st.tuples(st.integers(0, 400), st.integers(0, 9)), max_size=9))
def test_turns_that_fit_no_run_leave_no_gap_and_the_density_agrees(
    seed: int, rows: list[tuple[int, int]]
) -> None:
    log = Program(seed).run()
    odd = replace(log, turns=columns(sorted((min(time, len(log)), time, who, 0) for time, who in rows)))
    model = fold(odd)
    for thread in model.threads:
        times = [time for span in thread.spans for time in (span.start, span.end)]
        assert [thread.begin, *times, thread.end][::2] == [thread.begin, *times, thread.end][1::2]
    assert_agrees(odd, model, density(odd, bins=11))


def columns(rows: list[tuple[int, int, int, int]]) -> Turns:
    turns = Turns()
    for row in rows:
        for column, number in zip((turns.seqs, turns.times, turns.threads, turns.steps), row, strict=True):
            column.append(number)
    return turns


@settings(deadline=None, max_examples=30)
@given(st.lists(deeds, max_size=3), seeds)
def test_the_steps_of_the_record_are_those_of_the_schedule(plans: list[list[str]], seed: int) -> None:
    """What a schedule says of a step is where a turn begins that was chosen at that step."""
    run = simulated(plans, seed)
    steps = list(run.log.turns.steps)
    assert steps == sorted(steps)
    assert {*range(max(steps) + 1)} <= {*steps}  # none is left out
    assert [run.log.turns.step(seq) for seq in range(len(run))] == sorted(
        run.log.turns.step(seq) for seq in range(len(run))
    )


def two() -> None:
    lock = Lock()

    def work() -> None:
        with lock:
            pass

    threads = [Thread(target=work, name=name) for name in ("ann", "bob")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_each_choice_of_a_schedule_begins_a_turn_of_that_thread_at_that_step() -> None:
    wanted = Schedule("1:2 4:3")
    with simulate(schedule=wanted) as run:
        two()
    chosen = {turn.step: turn.thread for turn in run.model.slices if turn.chosen}
    assert {step: chosen.get(step) for step in wanted} == dict(wanted)


def test_who_starts_another_and_is_not_chosen_is_ready_and_not_running() -> None:
    with simulate(schedule="1:2") as run:
        two()
    main = run.model.threads[0].spans
    assert [span.state for span in main[:3]] == [State.RUNNING, State.READY, State.RUNNING]
    ann = next(turn for turn in run.model.slices if turn.thread == 2)
    assert (main[1].start, ann.step, ann.chosen) == (ann.start, 1, True)


def test_nobody_has_the_turn_while_all_sleep() -> None:
    with simulate() as run:
        sleep(1)
    before, after = run.model.slices
    assert after.start - before.end == pytest.approx(1e9, rel=0.01)
    assert 0 in run.log.turns.threads


def test_a_run_that_is_looked_at_while_it_lasts_knows_its_turns() -> None:
    with simulate() as run:
        two()
        assert [turn.thread for turn in run.model.slices][:2] == [1, 2]
        assert run.model.slices[-1].until == len(run.log)


def test_a_file_keeps_who_had_the_turn(tmp_path: Path) -> None:
    with simulate(seed=5) as run:
        two()
    run.save(tmp_path / "run.jsonl")
    assert len(run.log.turns) > 4
    assert open_trace(tmp_path / "run.jsonl").model == run.model


# The real clock


def started(*, by: int) -> EventLog:
    """main starts a thread at 10 that begins at 40, and goes on at `by`, by itself."""
    log = LogBuilder(clock="real")
    main = log.thread()
    child = log.thread("child", parent=main)
    log.at(0).began(main)
    log.at(10).started(main, child)
    steps = sorted(
        [(40, lambda: log.began(child, main)), (by, lambda: log.note(main, "on"))], key=lambda s: s[0]
    )
    for time, deed in steps:
        log.at(time)
        deed()
    log.at(90).ended(child)
    log.at(95).ended(main)
    return log.build()


@pytest.mark.parametrize(("by", "until"), [(60, 40), (30, 30)])
def test_who_is_inside_start_waits_until_the_child_has_begun_or_it_goes_on_itself(
    by: int, until: int
) -> None:
    log = started(by=by)
    found = [(span.state, span.start, span.end) for span in fold(log).threads[0].spans]
    assert found == [(State.RUNNING, 0, 10), (State.STARTING, 10, until), (State.RUNNING, until, 95)]
    assert_agrees(log, fold(log), density(log, bins=7))


def test_on_the_virtual_clock_nobody_waits_inside_start() -> None:
    assert all(
        span.state is not State.STARTING
        for span in fold(replace(started(by=60), clock="virtual")).threads[0].spans
    )


def test_a_recorded_run_says_of_nobody_that_it_is_ready() -> None:
    with record() as run:
        two()
    assert run.model.slices == ()
    assert all(span.state is not State.READY for span in spans(run))


# In numbers and words


def chosen_for_ann() -> Trace:
    with simulate(schedule="1:2") as run:
        two()
    return run


def test_the_table_has_who_was_ready_and_on_the_real_clock_says_that_it_is_not_known() -> None:
    main = chosen_for_ann().table().thread("MainThread")
    ann = next(turn for turn in chosen_for_ann().model.slices if turn.thread == 2)
    assert main.ready == ann.end - ann.start == 20_000
    assert "  running  ready  waiting" in repr(chosen_for_ann().table())
    with record() as run:
        two()
    assert run.table().thread("MainThread").ready is None
    assert "running or ready  waiting" in repr(run.table())
    assert "running or ready" in run.table()._repr_html_()


def test_text_and_explain_say_who_was_ready_and_who_had_the_turn() -> None:
    run = chosen_for_ann()
    said = "MainThread was ready for 20 µs in 1 stretch, while ann had the turn."
    assert said in run.explain().splitlines()
    assert run.explain("MainThread").splitlines()[1:] == [said]
    assert run.explain("ann") == "ann never waited."
    assert "Ready, while another thread had the turn: MainThread 20 µs." in run.text().splitlines()


def test_on_the_real_clock_nobody_is_said_to_be_ready() -> None:
    with record() as run:
        two()
    assert "ready" not in (run.text() + run.explain()).lower()
