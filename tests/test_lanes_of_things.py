"""Lanes of primitives: what happens in no time is drawn too, and nothing depends on how times are rounded."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("matplotlib")
sys.path.insert(0, str(Path(__file__).parent))

import gallery
from logs import LogBuilder

from tracing import (
    Barrier,
    Condition,
    Event,
    Lock,
    RLock,
    Semaphore,
    Thread,
    Trace,
    record,
    replay,
    simulate,
    sleep,
)
from tracing.model import Step, fold
from tracing.views.timeline import compose_timeline
from tracing.views.timeline.axis import ordered
from tracing.views.timeline.compose import Composition
from tracing.views.timeline.frame import View
from tracing.views.timeline.scene import Bar, Glyph, Label, Line, Link


def _steps(*pairs: tuple[int, int]) -> tuple[Step, ...]:
    return tuple(Step(time=time, value=value) for time, value in pairs)


def _two_come_late() -> Trace:
    with simulate() as run:
        door = Event()

        def late() -> None:
            sleep(2)
            door.wait()

        threads = [Thread(target=door.wait, name="early"), Thread(target=late, name="late-1")]
        threads.append(Thread(target=late, name="late-2"))
        for thread in threads:
            thread.start()
        sleep(1)
        door.set()
        for thread in threads:
            thread.join()
    return run


def test_who_finds_the_flag_up_is_marked_at_the_thread_and_at_the_flag() -> None:
    part = compose_timeline(_two_come_late().log)
    ticks = [s for s in part.scene.shapes if isinstance(s, Glyph) and s.what == "pass"]
    lanes = {lane.name: lane for lane in part.lanes}
    assert len(ticks) == 4
    for name in ("late-1", "late-2"):
        assert any(lanes[name].top - 2 <= tick.y < lanes[name].top + lanes[name].height for tick in ticks)
    assert sum(tick.y > lanes["late-2"].top + lanes["late-2"].height for tick in ticks) == 2


def test_who_had_to_wait_for_the_flag_has_no_mark_of_an_instant_pass() -> None:
    part = compose_timeline(_two_come_late().log, view=View(end=15 * 10**8))
    assert not [s for s in part.scene.shapes if getattr(s, "what", "") == "pass"]


@pytest.mark.parametrize("late", [1, 10**6, 10**9])
def test_a_permit_that_is_handed_on_is_never_free_however_long_its_taker_needs(late: int) -> None:
    log = LogBuilder()
    main, seats = log.thread(), log.semaphore("seats", value=1)
    guest = log.thread("guest", parent=main)
    log.at(0).acquired(main, seats).wait(guest, seats)
    log.at(10**9).released(main, seats).at(10**9 + late).acquired(guest, seats)
    log.at(3 * 10**9).released(guest, seats)
    model = fold(log.build(end=4 * 10**9))
    assert [step.value for step in model.objects[0].value] == [1, 0, 1, 0, 1], "as it was counted"
    assert model.free(seats) == _steps((0, 0), (3 * 10**9, 1))


def test_two_permits_handed_on_together_are_never_free() -> None:
    log = LogBuilder()
    main, seats = log.thread(), log.semaphore("seats", value=0)
    one, two = log.thread("one", parent=main), log.thread("two", parent=main)
    log.at(0).wait(one, seats).wait(two, seats)
    log.at(5).released(main, seats).at(6).released(main, seats).at(7).released(main, seats)
    log.at(8).acquired(one, seats).at(9).acquired(two, seats)
    assert fold(log.build(end=20)).free(seats) == _steps((0, 0), (7, 1)), "the third is for who comes next"


def test_permits_that_nobody_waits_for_are_free_at_each_change() -> None:
    log = LogBuilder()
    main, seats = log.thread(), log.semaphore("seats", value=1)
    for time in range(10, 60, 10):
        log.at(time).acquired(main, seats).at(time + 5).released(main, seats)
    assert len(fold(log.build(end=60)).free(seats)) == 11


def test_a_handed_on_permit_is_drawn_as_a_level_line() -> None:
    with simulate() as run:
        seats = Semaphore(1)

        def sit() -> None:
            with seats:
                sleep(1)

        threads = [Thread(target=sit, name=f"guest-{n}") for n in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    shapes = compose_timeline(run.log).scene.shapes
    (stairs,) = [s for s in shapes if isinstance(s, Line) and s.what == "steps"]
    assert len(stairs.points) >= 4
    assert not [x for x, _ in stairs.points if 5 * 10**8 < x < 25 * 10**8], "level, without a corner"


def _numbers(run: Trace) -> list[Label]:
    shapes = compose_timeline(run.log).scene.shapes
    return [s for s in shapes if isinstance(s, Label) and s.what == "steps"]


def test_the_first_value_has_a_place_in_front_of_the_lane_also_where_it_lasts_no_time() -> None:
    log = LogBuilder()
    main, seats = log.thread(), log.semaphore("seats", value=3)
    (first, after) = _numbers(Trace(log.at(0).acquired(main, seats).at(10**9).build()))
    assert [label.texts[0] for label in (first, after)] == ["3", "2"]
    assert all(spot.align == "right" and spot.room is None for spot in first.spots)


def test_a_first_value_that_lasts_is_said_once() -> None:
    with simulate() as run:
        seats = Semaphore(3)
        sleep(1)
        seats.acquire()
        sleep(5)
    assert [label.texts[0] for label in _numbers(run)] == ["3", "2"]


def _composed(name: str) -> Composition:
    return compose_timeline(gallery.GALLERY[name]().log)


def _labels(part: Composition, what: str) -> list[tuple[str, str]]:
    """The words of that sort, each with the name of the thread whose bar they stand above."""
    found = [s for s in part.scene.shapes if isinstance(s, Label) and s.what == what]
    lanes = sorted((lane.top, lane.name) for lane in part.lanes)
    return [(next(n for top, n in lanes if top > label.spots[0].y), label.texts[0]) for label in found]


def test_who_comes_last_to_a_barrier_and_in_which_order_they_leave_is_said_in_each_round() -> None:
    part = _composed("barrier_rounds")
    assert _labels(part, "last") == [
        ("c", "comes last, leaves 1st"),
        ("b", "comes last, leaves 1st"),
        ("c", "comes last, leaves 1st"),
    ]
    assert _labels(part, "leaves") == [
        *(("a", "leaves 2nd"), ("b", "leaves 3rd")),
        *(("c", "leaves 2nd"), ("a", "leaves 3rd")),
        *(("a", "leaves 2nd"), ("b", "leaves 3rd")),
    ]
    assert len([s for s in part.scene.shapes if isinstance(s, Glyph) and s.what == "last"]) == 3


def test_who_waits_for_the_round_before_to_leave_is_in_an_open_frame_and_not_among_those_who_wait() -> None:
    part = _composed("barrier_rounds")
    waits = [s for s in part.scene.shapes if isinstance(s, Bar) and s.what == "waiting" and s.edge]
    outside = [(bar.x0, bar.x1) for bar in waits if not bar.hatch]
    assert outside == [(18 * 10**8, 27 * 10**8), (17 * 10**8, 26 * 10**8)]
    assert part.scene.says().count("waits 900 ms for the round before to leave gate") == 2
    queues = [s.texts[0] for s in part.scene.shapes if isinstance(s, Label) and s.what == "wanted"]
    assert queues == [f"waiting: {who}" for who in ("a", "a, b", "b", "c", "c, a", "a")]


def test_who_comes_last_and_runs_the_action_leaves_after_it() -> None:
    with simulate() as run:
        group = Barrier(2, action=lambda: sleep(2))

        def pose(seconds: int) -> None:
            sleep(seconds)
            group.wait()
            sleep(1)

        for name, seconds in (("ann", 1), ("bob", 3)):
            Thread(target=pose, args=(seconds,), name=name).start()
    part = compose_timeline(run.log)
    assert _labels(part, "last") == [("bob", "comes last")]
    assert _labels(part, "leaves") == [("bob", "leaves 1st"), ("ann", "leaves 2nd")]
    told = {s.texts[0]: s.spots[0].x for s in part.scene.shapes if isinstance(s, Label)}
    seconds = [round(told[words] / 1e9, 3) for words in ("comes last", "leaves 1st", "leaves 2nd")]
    assert seconds == [3, 5, 5]


def test_who_waits_for_the_round_before_is_ready_from_when_its_last_thread_has_left() -> None:
    def game() -> None:
        table = Barrier(2)

        def play() -> None:
            table.wait()
            table.wait()

        for name in ("ann", "bob"):
            Thread(target=play, name=name).start()

    run = replay(game)
    left = next(mark for mark in fold(ordered(run.log).log).marks if mark.what == "pass" and mark.thread == 2)
    shapes = compose_timeline(run.log, view=View(axis="order")).scene.shapes
    (frame,) = (s for s in shapes if isinstance(s, Bar) and s.what == "waiting" and not s.hatch)
    assert frame.x1 == left.time
    (ready,) = (s for s in shapes if isinstance(s, Line) and s.what == "ready" and s.points[0][0] == frame.x1)
    assert ready.points[1][0] > frame.x1
    assert frame.y0 < ready.points[0][1] < frame.y1
    words = {s.texts[0]: s.spots[0].x for s in shapes if isinstance(s, Label) and s.what == "waiting"}
    assert words["waited for the round before"] == frame.x1, "beside it, where it is too narrow for them"


def test_a_round_to_which_all_come_at_once_has_stairs_too() -> None:
    part = _composed("barrier_rounds")
    steps = [s for s in part.scene.shapes if isinstance(s, Bar) and s.what == "steps"]
    trips = [s.points[0][0] for s in part.scene.shapes if isinstance(s, Line) and s.what == "trip"]
    assert len(trips) == 3
    assert all(any(bar.x0 <= trip <= bar.x1 for bar in steps) for trip in trips)


def test_a_timer_has_one_lane_which_is_that_of_its_thread() -> None:
    lanes = [(lane.name, lane.note) for lane in _composed("timers").lanes]
    assert lanes == [
        ("MainThread", ""),
        *((f"Timer-{number}", f"Timer save_{number}") for number in (1, 2, 3)),
    ]


def test_a_timer_whose_thread_is_not_shown_has_a_lane_of_its_own() -> None:
    log = gallery.GALLERY["timers"]().log
    without = compose_timeline(log, view=View(threads=("MainThread", "Timer-1")))
    assert [lane.name for lane in without.lanes] == ["MainThread", "Timer-1", "save_2", "save_3"]
    asked = compose_timeline(log, view=View(objects=("save_1",)))
    assert "save_1" in [lane.name for lane in asked.lanes]


def test_a_timer_is_pending_then_its_callback_is_a_strip_to_the_end_of_its_thread() -> None:
    part = _composed("timers")
    bars = [s for s in part.scene.shapes if isinstance(s, Bar)]
    assert [(bar.x0, bar.x1) for bar in bars if bar.what == "pending"] == [
        (0, 6 * 10**8),
        (6 * 10**8, 12 * 10**8),
        (12 * 10**8, 22 * 10**8),
    ]
    assert [(bar.x0, bar.x1) for bar in bars if bar.what == "holds"] == [(22 * 10**8, 26 * 10**8)]
    assert "runs the callback of save_3" in part.scene.says()


def test_a_cancel_in_time_is_an_arrow_to_the_timer_and_one_too_late_is_none() -> None:
    part = _composed("timers")
    arrows = [(s.x0, s.x1) for s in part.scene.shapes if isinstance(s, Link) and s.what == "cancel"]
    assert arrows == [(6 * 10**8, 6 * 10**8), (12 * 10**8, 12 * 10**8)]
    assert "too late" in {text for s in part.scene.shapes if isinstance(s, Label) for text in s.texts}


def test_a_flag_that_is_up_for_no_time_is_seen_and_so_are_those_whom_it_lets_through() -> None:
    part = _composed("event_pulse")
    flags = [s for s in part.scene.shapes if isinstance(s, Bar) and s.what == "flag up"]
    assert [(bar.x0, bar.x1) for bar in flags] == [(2 * 10**9, 2 * 10**9), (4 * 10**9, 5 * 10**9)]
    arrows = [s.x1 for s in part.scene.shapes if isinstance(s, Link) and s.what == "set"]
    assert arrows == [2 * 10**9, 2 * 10**9, 4 * 10**9]
    assert _labels(part, "pass") == [(f"early-{n}", "passes ready at once") for n in (1, 2)]


def test_blocks_within_each_other_show_what_was_entered_left_in_which_order_and_by_an_exception() -> None:
    part = _composed("with_blocks")
    said = [s.texts[0] for s in part.scene.shapes if isinstance(s, Label) and s.what == "block"]
    left = "left by an exception"
    assert said == ["kitchen", "fridge", "pan", f"kitchen, {left}", f"pan, {left}"]
    bars = [s for s in part.scene.shapes if isinstance(s, Bar) and s.what == "block"]
    for outer, inner in ((bars[0], bars[1]), (bars[1], bars[2])):
        assert outer.x0 < inner.x0 < inner.x1 < outer.x1
        assert outer.y0 < inner.y0


@pytest.mark.parametrize("kind", [Lock, RLock, Condition, Semaphore])
@pytest.mark.parametrize("run_in", [simulate, record])
def test_a_lock_whose_block_an_exception_leaves_has_a_cross_at_the_end_of_its_strip(
    kind: Callable[[], AbstractContextManager[Any]], run_in: Callable[[], AbstractContextManager[Trace]]
) -> None:
    with run_in() as run:
        thing = kind()
        with thing:
            sleep(0.002)
        with suppress(ValueError), thing:
            sleep(0.002)
            raise ValueError
        thing.__enter__()
        sleep(0.002)
        thing.__exit__(None, None, None)
    shapes = compose_timeline(run.log).scene.shapes
    first, second, third = sorted((s for s in shapes if isinstance(s, Bar) and s.what == "holds"), key=_x0)
    (cross,) = (s for s in shapes if isinstance(s, Glyph) and s.what == "left by exception")
    assert first.x1 < second.x0 < cross.x == second.x1 < third.x0
    assert second.y0 < cross.y < second.y1
    said = [s.texts for s in shapes if isinstance(s, Label) and s.what == "holds"]
    assert ["left by an exception" in texts[0] for texts in said] == [False, True, False]


def _x0(bar: Bar) -> float:
    return bar.x0


def test_the_source_line_stands_on_a_bar_where_there_is_room() -> None:
    with simulate() as run:
        seats = Semaphore(1)

        def sit() -> None:
            with seats:
                sleep(1)

        for name in ("ann", "bob"):
            Thread(target=sit, name=name).start()
    line = run.log.sites[run.model.waits[0].site - 1].line
    labels = [s for s in compose_timeline(run.log).scene.shapes if isinstance(s, Label)]
    for what, plain in (
        ("waiting", "waits 1.0 s for a permit of seats, held by ann"),
        ("holds", "has a permit of seats"),
    ):
        (first, *_) = [label for label in labels if label.what == what]
        texts = (f"{plain} · line {line}: with seats:", f"{plain} · line {line}", plain)
        assert first.texts[:3] == texts
