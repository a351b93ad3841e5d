"""The axis of order: which column is whose, what stands below it, and where it is the one that is drawn."""

from __future__ import annotations

from array import array
from dataclasses import replace
from itertools import pairwise

import gallery
import pytest

from tracing import Barrier, Event, Lock, Thread, Trace, compare, explore, simulate, sleep
from tracing.errors import TimelineError
from tracing.events import Ending, Kind, Turns
from tracing.model import State
from tracing.views.timeline import compose_timeline, draw_timeline
from tracing.views.timeline.axis import COLUMN, Columns, fitting_axis, ordered
from tracing.views.timeline.compose import Composition
from tracing.views.timeline.frame import View
from tracing.views.timeline.scene import Bar, Line


def _lost_update() -> None:
    value, lock = [0], Lock()

    def add() -> None:
        with lock:
            seen = value[0]
        with lock:
            value[0] = seen + 1

    threads = [Thread(target=add, name=name) for name in ("ann", "bob")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert value[0] == 2


def _failing() -> Trace:
    found = explore(_lost_update)
    assert found.failure is not None
    return found.failure.trace


def _in_order(run: Trace) -> Composition:
    return compose_timeline(run.log, view=View(axis="order"))


def _sleeper() -> Trace:
    with simulate() as run:
        thread = Thread(target=sleep, args=(3,), name="sleeper")
        thread.start()
        thread.join()
    return run


def _column(run: Trace, step: int) -> int:
    columns = ordered(run.log).columns
    return int(columns.numbers.tolist().index(step))


def test_at_the_step_that_a_schedule_names_the_thread_that_it_names_is_drawn_running() -> None:
    run = _failing()
    step, thread = next(iter(map(int, pair.split(":")) for pair in run.log.schedule.split()[1:]))
    begin = _column(run, step) * COLUMN
    part = _in_order(run)
    top = next(lane.top for lane in part.lanes if lane.key == ("thread", thread))
    running = [s for s in part.scene.shapes if isinstance(s, Bar) and s.what == "running" and s.y0 == top]
    assert any(bar.x0 < begin + COLUMN and bar.x1 > begin for bar in running)


def test_only_one_thread_is_drawn_running_at_a_time() -> None:
    part = _in_order(_failing())
    bars = [(s.x0, s.x1) for s in part.scene.shapes if isinstance(s, Bar) and s.what == "running"]
    assert len(bars) > 3
    assert all(before[1] <= after[0] for before, after in pairwise(sorted(bars)))


def test_who_could_go_on_and_has_not_the_turn_is_a_thin_line() -> None:
    shapes = _in_order(_failing()).scene.shapes
    assert [s for s in shapes if isinstance(s, Line) and s.what == "ready"]


def test_each_turn_has_a_column_of_the_same_width_and_its_events_lie_inside() -> None:
    run = _failing()
    order = ordered(run.log)
    turns = order.log.turns
    assert list(turns.times) == [row * COLUMN for row in range(len(turns))]
    for row, (first, after) in enumerate(pairwise([*turns.seqs, len(run.log)])):
        assert all(row * COLUMN < place < (row + 1) * COLUMN for place in order.log.times[first:after])


def test_the_numbers_on_the_axis_are_those_of_the_steps() -> None:
    run = _failing()
    columns = ordered(run.log).columns
    told = columns.ticks(0, len(columns.numbers) * COLUMN, 1)
    assert [text for _, text in told] == [str(step) for step in sorted(set(run.log.turns.steps)) if step >= 0]
    assert all(run.log.turns.steps[int(x)] == int(text) for x, text in told)


def test_where_there_is_no_room_for_all_numbers_round_ones_stand() -> None:
    columns = ordered(_failing().log).columns
    end = len(columns.numbers) * COLUMN
    assert columns.step(0, end, 2000) == 1
    told = columns.ticks(0, end, columns.step(0, end, 60))
    assert told
    assert {int(text) % 5 for _, text in told} == {0}


def test_a_turn_without_a_choice_has_a_column_without_a_number() -> None:
    log = gallery.contention().log
    turns = Turns(
        seqs=array("q", [0, 1, 2]),
        times=array("q", [0, 0, 0]),
        threads=array("q", [1, 2, 1]),
        steps=array("q", [0, 0, 1]),
    )
    assert ordered(replace(log, turns=turns)).columns.numbers.tolist() == [0, -1, 1]


def test_switches_are_ruled_through_all_lanes() -> None:
    run = _failing()
    part = _in_order(run)
    ruled = {
        line.points[0][0] for line in part.scene.shapes if isinstance(line, Line) and line.what == "switch"
    }
    chosen = [b.start for a, b in pairwise(ordered_slices(run)) if b.thread != a.thread and b.chosen]
    assert ruled == set(map(float, chosen))
    assert ruled


def ordered_slices(run: Trace) -> tuple[object, ...]:
    from tracing.model import fold

    return fold(ordered(run.log).log).slices  # type: ignore[return-value]


def test_lengths_are_not_said_where_they_say_nothing_but_what_a_sleep_was_asked_for_is() -> None:
    texts = [t for s in _in_order(_sleeper()).scene.shapes for t in getattr(s, "texts", ())]
    assert "sleep 3 s" in texts
    assert not [text for text in texts if "µs" in text or "ms" in text]


def test_order_is_drawn_where_nobody_waited_for_the_clock_and_time_where_somebody_did() -> None:
    assert fitting_axis(_failing().log) == "order"
    assert fitting_axis(_sleeper().log) == "time"
    assert {fitting_axis(each().log) for each in gallery.GALLERY.values()} == {"time"}


def test_order_is_drawn_where_most_events_would_share_a_pixel() -> None:
    log = gallery.contention().log
    many = array("q", [1_000_000 + i for i in range(60)])
    crowd = replace(
        log,
        times=array("q", [*many, 10**10]),
        codes=array("q", [log.codes[0]] * 61),
        args={},
        ending=Ending(reason="done", time=10**10),
    )
    assert fitting_axis(crowd) == "order"


def test_on_the_real_clock_each_event_has_a_column_and_its_own_number() -> None:
    log = gallery.contention().log
    part = compose_timeline(log, view=View(axis="order"))
    assert isinstance(part.unit, Columns)
    assert part.unit.numbers.tolist() == list(range(len(log)))
    assert part.unit.labels(log)[0] == "order, not time: events by number (real clock)"


def test_the_axis_says_what_it_is() -> None:
    run = _failing()
    assert (
        run.timeline().get_xlabel().startswith(f"order, not time: steps of the schedule ({run.log.schedule}")
    )
    assert "seconds" in run.timeline(axis="time").get_xlabel()
    assert _sleeper().timeline().get_xlabel().startswith("seconds")


def test_a_window_in_seconds_shows_the_columns_of_its_events() -> None:
    run = _failing()
    begin = run.log.times[5]
    part = compose_timeline(run.log, view=View(axis="order", start=begin))
    order = ordered(run.log)
    assert part.start <= order.log.times[run.log.times.index(begin)] < part.start + COLUMN


def test_a_finding_stands_at_the_event_of_one_of_its_threads() -> None:
    run = _failing()
    part = compose_timeline(run.log, view=View(axis="order", findings=run.findings))
    marks = [s for s in part.scene.shapes if getattr(s, "what", "") == "finding"]
    assert marks
    assert all(0 <= getattr(mark, "x", 0) <= part.end for mark in marks)


def test_an_unknown_axis_is_one_sentence() -> None:
    with pytest.raises(
        TimelineError, match=r'^timeline\(axis=\'x\'\): write "time" or "order", or leave it out\.$'
    ):
        _sleeper().timeline(axis="x")


def test_runs_that_part_are_on_the_same_axis_and_parted_at_the_same_place() -> None:
    figure = explore(_lost_update).figure()
    above, below = figure.axes
    assert above.get_xlim() == below.get_xlim()
    words = [text for ax in (above, below) for text in ax.texts if text.get_text() == "here the runs part"]
    places = {text.get_position()[0] for text in words}
    assert len(words) == 2
    assert len(places) == 1, "though their columns hold different numbers of events"


def _laps(laps: int) -> Trace:
    with simulate() as run:
        lock = Lock()

        def run_round() -> None:
            for _ in range(laps):
                with lock:
                    pass

        for name in ("ann", "bob"):
            Thread(target=run_round, name=name).start()
    return run


@pytest.mark.parametrize("axis", ["order", "time"])
def test_ticks_stand_at_the_same_numbers_in_a_short_run_and_a_long_one(axis: str) -> None:
    above, below = compare(_laps(1), _laps(12), axis=axis).figure().axes
    short, long = ({text.get_text() for text in ax.get_xticklabels()} for ax in (above, below))
    last = max(float(text.replace(",", "")) for text in short)
    assert short == {text for text in long if float(text.replace(",", "")) <= last}
    alone = {text.get_text() for text in compare(_laps(1), axis=axis).figure().axes[0].get_xticklabels()}
    assert len(alone) > len(short), "alone it has room for more"


def test_a_run_in_which_time_passes_has_both_runs_on_the_axis_of_time() -> None:
    figure = compare(_failing(), _sleeper()).figure()
    assert all("seconds" in ax.get_xlabel() for ax in figure.axes)


def test_different_programs_have_no_line_where_they_part() -> None:
    with simulate() as one:
        first = Event()
        Thread(target=first.set, name="setter").start()
    with simulate() as two:
        only = Barrier(1)
        Thread(target=only.wait, name="waiter").start()
    words = [text.get_text() for ax in compare(one, two).figure().axes for text in ax.texts]
    assert "here the runs part" not in words


def test_a_million_events_can_be_drawn_in_order() -> None:
    """In about a second of the processor: what looked at all of them for each of them would take hours."""
    log = gallery.dense(1_000_000).log
    steps = array("q", range(0, 1_000_000, 2))
    turns = Turns(
        seqs=steps,
        times=array("q", (log.times[seq] for seq in steps)),
        threads=array("q", (1 + seq // 2 % 3 for seq in steps)),
        steps=array("q", range(len(steps))),
    )
    many = replace(log, turns=turns)
    drawn = draw_timeline(many, axis="order")
    assert len(drawn.figure.axes) >= 1
    assert any("order, not time" in axes.get_xlabel() for axes in drawn.figure.axes)


def test_who_has_the_turn_is_the_same_on_both_axes() -> None:
    from tracing.model import fold

    run = _failing()
    by_order = fold(ordered(run.log).log)
    for number in range(1, len(run.log.threads) + 1):
        states = [span.state for span in run.model.threads[number - 1].spans if span.end > span.start]
        after = [span.state for span in by_order.threads[number - 1].spans if span.end > span.start]
        assert State.RUNNING in after
        assert set(states) <= set(after)
    assert [each.step for each in by_order.slices] == [each.step for each in run.model.slices]
    assert Kind.BEGAN in {event.kind for event in run.log}
