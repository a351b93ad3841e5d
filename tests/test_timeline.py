"""What the timeline says and where it says it: data first, then the artists, then the bytes."""

from __future__ import annotations

import io
import itertools
import re
import sys
import warnings
from collections import Counter
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("matplotlib")
sys.path.insert(0, str(Path(__file__).parent))

import gallery
import numpy as np
from logs import LogBuilder
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox
from PIL import Image

from tracing import Barrier, BrokenBarrierError, Condition, Event, Lock, Thread, simulate, sleep
from tracing.errors import NoSuchThreadError, TimelineError, TracingError
from tracing.events import EventLog, Kind
from tracing.model import Breakdowns, Hold, Model, ThreadModel, density, fold, kept_by
from tracing.trace import Trace
from tracing.views.png import quantized, to_png
from tracing.views.text import explain
from tracing.views.timeline import Palette, Run, compare_timelines, compose_timeline, draw_timeline
from tracing.views.timeline.axis import Scale, step_of, ticks, unit_for
from tracing.views.timeline.compose import Composition
from tracing.views.timeline.frame import Frame, View
from tracing.views.timeline.labels import NOTE_SIZE, Placer, wrapped
from tracing.views.timeline.lanes import threads as lanes_of_threads
from tracing.views.timeline.lanes.dense import stacked
from tracing.views.timeline.lanes.strips import possessions
from tracing.views.timeline.paint import bent, glyph_outline
from tracing.views.timeline.scene import Bar, Glyph, Label, Line, Link
from tracing.views.timeline.style import FONT, PAPER, channels, contrast, word_colour
from tracing.views.timeline.words import fits, plain, shortened, told_apart, width

NAMES = sorted(gallery.GALLERY)


def composed(name: str) -> Composition:
    picture = gallery.GALLERY[name]()
    return compose_timeline(picture.log)


def drawn(name: str, **options: object) -> Axes:
    picture = gallery.GALLERY[name]()
    return draw_timeline(picture.log, **{**picture.options, **options})  # type: ignore[arg-type]


def says(name: str) -> list[str]:
    return composed(name).scene.says()


def bars(part: Composition, what: str) -> list[Bar]:
    return [shape for shape in part.scene.shapes if isinstance(shape, Bar) and shape.what == what]


def without_lines(part: Composition) -> list[str]:
    """What is said, without the source lines that stand behind it where there is room."""
    return [words.partition(" · line ")[0] for words in part.scene.says()]


def links(part: Composition) -> Counter[str]:
    return Counter(shape.what for shape in part.scene.shapes if isinstance(shape, Link))


def glyphs(part: Composition) -> Counter[str]:
    return Counter(shape.what for shape in part.scene.shapes if isinstance(shape, Glyph))


def lane(part: Composition, name: str) -> tuple[float, float]:
    found = next(lane for lane in part.lanes if lane.name == name)
    return found.top, found.top + found.height


def texts(figure: Figure) -> list[tuple[str, Bbox]]:
    """Every visible text of a figure with the words' extent, without their white patch."""
    renderer = FigureCanvasAgg(figure).get_renderer()
    figure.draw_without_rendering()  # all stands where it will be drawn, and no ink is spent
    found = [text for text in figure.findobj(Text) if text.get_visible() and text.get_text().strip()]
    return [(text.get_text(), Text.get_window_extent(text, renderer)) for text in found]


def assert_legible(figure: Figure) -> None:
    inside = figure.bbox
    shown = texts(figure)
    for words, box in shown:
        assert -0.5 <= box.x0 < box.x1 <= inside.x1 + 0.5, f"{words!r} leaves the figure sideways"
        assert -0.5 <= box.y0 < box.y1 <= inside.y1 + 0.5, f"{words!r} leaves the figure"
    for (words, box), (other, second) in itertools.combinations(shown, 2):
        wide = min(box.x1, second.x1) - max(box.x0, second.x0)
        high = min(box.y1, second.y1) - max(box.y0, second.y0)
        assert wide <= 0.5 or high <= 1.0, f"{words!r} lies on {other!r}"


# What is said


def test_a_wait_names_what_it_waits_for_how_long_and_who_holds_it() -> None:
    assert "waits 3.0 s for my_lock, held by writer" in says("contention_virtual")


def test_threads_stand_in_order_of_first_start_and_primitives_below() -> None:
    assert [lane.name for lane in composed("contention").lanes] == [
        "MainThread",
        "writer",
        "reader",
        "my_lock",
    ]


def test_a_lock_is_wanted_exactly_while_a_thread_waits_for_it() -> None:
    part = composed("contention_virtual")
    (wanted,) = bars(part, "wanted")
    assert (wanted.x0, wanted.x1, bool(wanted.hatch)) == (0, 3e9, True)
    held = [(bar.x0, bar.x1) for bar in bars(part, "held")]
    assert held == [(0, 3e9), (3e9, 6e9)]
    assert {"wanted by reader", "writer", "reader"} <= set(part.scene.says())


def test_a_sleep_is_a_dotted_line_with_its_length() -> None:
    part = composed("contention_virtual")
    lines = [shape for shape in part.scene.shapes if isinstance(shape, Line) and shape.what == "sleeping"]
    assert all(line.dash for line in lines)
    assert len(lines) == 2
    assert part.scene.says().count("sleep 3 s") == 2


def test_nested_locks_have_a_strip_each() -> None:
    part = composed("nested")
    top, bottom = lane(part, "mover")
    strips = [bar for bar in bars(part, "holds") if top <= bar.y0 and bar.y1 <= bottom]
    assert len({bar.y1 for bar in strips}) == 2
    assert {"holds accounts", "holds journal"} <= set(part.scene.says())


def test_the_depth_of_an_rlock_is_its_height_and_a_number() -> None:
    part = composed("rlock_depth")
    heights = [round(bar.y1 - bar.y0, 2) for bar in bars(part, "held")][:7]
    steps = sorted(set(heights))
    assert [steps.index(height) + 1 for height in heights] == [1, 2, 3, 2, 3, 2, 1]
    assert "recursive ×3" in part.scene.says()
    assert "holds tree_lock ×2" in part.scene.says()


def test_a_condition_wait_has_three_phases_and_its_own_lock_no_lane() -> None:
    part = composed("condition")
    assert [lane.name for lane in part.lanes] == ["MainThread", "consumer", "producer", "item_ready"]
    said = part.scene.says()
    assert "waits 2.2 s for a notify on item_ready" in said
    assert any(text.startswith("notified, needs item_ready's lock back") for text in said)
    (phase,) = bars(part, "notified")
    assert (phase.x0, phase.x1, phase.hatch) == (3e9, 4.5e9, "-")
    assert "producer notifies 1" in said
    assert "lock held by producer" in said
    assert links(part)["notify"] == 1


def test_notify_all_ends_in_a_staircase() -> None:
    phases = bars(composed("notify_all"), "notified")
    assert [bar.x1 for bar in phases] == [2.5e9, 3.5e9, 4.5e9]


def test_permits_are_steps_with_their_number() -> None:
    part = composed("semaphore_signal")
    steps = [
        shape.texts[0] for shape in part.scene.shapes if isinstance(shape, Label) and shape.what == "steps"
    ]
    assert steps == ["0", "1", "2", "1", "2", "0"]
    assert not bars(part, "holds"), "a signal is nobody's possession"


def test_the_strip_of_a_thread_counts_the_permits_that_it_has_at_each_time() -> None:
    log = LogBuilder()
    main, seats = log.thread(), log.semaphore("seats", value=5)
    log.began(main)
    for _ in range(5):
        log.at(log.now + 10**9).acquired(main, seats)
    part = compose_timeline(log.at(6 * 10**9).released(main, seats, levels=3).build(end=12 * 10**9))
    found = [(bar.x0 / 10**9, bar.x1 / 10**9) for bar in bars(part, "holds")]
    assert found == [(1, 2), (2, 3), (3, 4), (4, 5), (5, 6), (6, 12)]
    assert "has 2 permits of seats" in part.scene.says()


def test_nobody_is_drawn_with_a_permit_that_another_gives_back() -> None:
    log = LogBuilder()
    main, free = log.thread(), log.semaphore("free", value=1)
    printer = log.began(main).spawn(main, "printer")
    log.at(1).acquired(main, free).at(2).wait(main, free).at(3).released(printer, free)
    part = compose_timeline(log.acquired(main, free).at(9).ended(main).build())
    assert bars(part, "holds") == []
    assert not [words for words in part.scene.says() if "held by" in words or "permits" in words]


def test_of_threads_that_end_together_the_join_arrow_comes_from_the_one_that_was_waited_for() -> None:
    with simulate() as run:
        crew = [Thread(target=sleep, args=(2,), name=f"baker {number}") for number in (1, 2, 3)]
        for each in crew:
            each.start()
        for each in crew:
            each.join()
    part = compose_timeline(run.log)
    (arrow,) = (each for each in part.scene.shapes if isinstance(each, Link) and each.what == "join")
    top, bottom = lane(part, "baker 1")
    assert top <= arrow.y0 <= bottom
    assert "joins baker 1" in part.scene.says()


def test_a_wait_names_all_who_held_the_lock_meanwhile() -> None:
    def work() -> None:
        with lock:
            sleep(1)

    with simulate(schedule="") as run:
        lock = Lock()
        for name in ("ann", "bob", "cem", "dan"):
            Thread(target=work, name=name).start()
    said = without_lines(compose_timeline(run.log))
    assert "waits 1.0 s for lock, held by ann" in said
    assert "waits 2.0 s for lock, held by ann, then bob" in said
    assert "waits 3.0 s for lock, held by ann, then bob, cem" in said


def test_a_wait_to_get_a_lock_back_names_all_who_held_it_as_explain_does() -> None:
    log = gallery.GALLERY["notify_all"]().log
    model = fold(log)
    wait = next(wait for wait in model.waits if wait.reacquire and wait.thread == 4)
    turns = Breakdowns(log, model).of(wait).turns
    assert [log.thread(number).name for number in kept_by(log, model, wait)] == ["boss", "w1", "w2"]
    assert kept_by(log, model, wait) == tuple(turn.thread for turn in turns)
    assert "notified, needs mutex back, held by boss, then w1, w2" in says("notify_all")


def test_a_wait_for_a_permit_names_those_who_had_them_when_it_began_and_then_those_who_came_later() -> None:
    log = gallery.GALLERY["semaphore"]().log
    model = fold(log)
    kept = [kept_by(log, model, wait) for wait in model.waits if wait.obj]
    assert kept == [
        (2, 3),
        (2, 3, 4),
        (2, 3, 4, 5),
        (2, 3, 4, 5, 6),
        (2, 3, 4, 5, 6, 7),
        (2, 3, 4, 5, 6, 7, 8),
    ]
    said = [words for words in says("semaphore") if "held by" in words]
    assert said[0].endswith("for a permit of pool, held by worker-1, worker-2")
    assert said[2].endswith("for a permit of pool, held by worker-1, worker-2, then worker-3, worker-4")
    assert said[5].endswith("held by worker-1, worker-2, then worker-3, worker-4 and 3 more")
    assert "later held by worker-3 and worker-4)" in explain(log, model)


def test_a_permit_is_said_to_be_held_by_those_who_had_one_at_some_moment_of_the_wait() -> None:
    log = LogBuilder()
    before, one, two, late = (log.thread(name) for name in ("before", "car-1", "car-2", "car-3"))
    places = log.semaphore("places", value=2)
    log.at(0).acquired(before, places).at(10).released(before, places)
    log.at(20).acquired(one, places).at(21).acquired(two, places)
    log.at(30).wait(late, places).at(50).released(one, places).at(51).acquired(before, places)
    log.at(60).released(two, places).acquired(late, places).at(70).released(before, places)
    run = log.at(80).released(late, places).build()
    model = fold(run)
    (wait,) = model.waits
    held = model.objects[0].holds
    meanwhile = {h.thread for h in held if h.start < wait.end and h.end > wait.start} - {late}
    assert set(kept_by(run, model, wait)) == meanwhile == {one, two, before}


def test_words_stand_beside_what_covers_the_middle_of_their_bar() -> None:
    log = gallery.GALLERY["contention_virtual"]().log
    (wait,) = (wait for wait in fold(log).waits if wait.obj)
    found = SimpleNamespace(
        kind="note", severity="note", threads=(wait.thread,), objects=(), sentence="!",
        time=(wait.start + wait.end) // 2,
    )  # fmt: skip
    ax = draw_timeline(log, findings=(found,))  # type: ignore[arg-type]
    said = [words for words, _ in texts(ax.figure)]  # type: ignore[arg-type]
    assert any(words.startswith("waits") for words in said)


def test_what_is_said_of_a_meeting_covers_no_stairs() -> None:
    def meet(way: float) -> None:
        for _ in range(2):
            sleep(way)
            gate.wait()

    with simulate() as run:
        gate = Barrier(3)
        for way in (1, 2, 3):
            Thread(target=meet, args=(way,)).start()
    part = compose_timeline(run.log)
    stairs = bars(part, "steps")
    trips = [each for each in part.scene.shapes if isinstance(each, Label) and each.what == "trip"]
    rooms = [(*spot.room, spot.y + 0.62 * each.size) for each in trips for spot in each.spots if spot.room]
    assert stairs
    assert len(rooms) == 3  # right of the first meeting, and over the stairs of both
    assert not [bar for bar in stairs for x0, x1, y in rooms if bar.x0 < x1 and x0 < bar.x1 and bar.y0 < y]


def test_what_is_said_of_a_meeting_stands_beside_its_trip() -> None:
    part = composed("barrier")
    trips = {mark.time for mark in fold(gallery.GALLERY["barrier"]().log).marks if mark.what == "trip"}
    said = [each for each in part.scene.shapes if isinstance(each, Label) and each.what == "trip"]
    assert {spot.x for each in said for spot in each.spots} == trips


def test_two_holds_of_one_thread_right_after_each_other_are_parted() -> None:
    with simulate() as run:
        lock = Lock()
        for _ in range(2):
            with lock:
                sleep(1)
    part = compose_timeline(run.log)
    (seam,) = (each for each in part.scene.shapes if isinstance(each, Line) and each.what == "seam")
    _, second = run.model.objects[0].holds
    assert [x for x, _ in seam.points] == [second.start] * 2


def test_a_semaphore_shows_its_queue() -> None:
    said = says("semaphore")
    assert any(text.startswith("wanted by worker-3, worker-4") for text in said)


def test_a_hand_off_begins_at_the_strip_of_the_lock_that_is_released() -> None:
    part = composed("nested")
    top, bottom = lane(part, "mover")
    strips = {bar.x1: bar for bar in bars(part, "holds") if top <= bar.y0 and bar.y1 <= bottom}
    arrows = [each for each in part.scene.shapes if isinstance(each, Link) and each.what == "hand-off"]
    downwards = [each for each in arrows if top <= each.y0 <= bottom]
    assert [each.x0 for each in downwards] == sorted(strips) == [3e9, 3.2e9]
    assert all(strips[each.x0].y0 <= each.y0 <= strips[each.x0].y1 for each in downwards)
    (upwards,) = (each for each in arrows if each not in downwards)
    assert upwards.y1 < upwards.y0
    assert any(bar.x1 == upwards.x0 and bar.y0 < upwards.y0 < bar.y1 for bar in bars(part, "holds"))


def test_an_event_is_a_band_while_it_is_set() -> None:
    part = composed("event")
    assert [(bar.x0, bar.x1) for bar in bars(part, "flag up")] == [(2e9, 3.4e9)]
    assert links(part)["set"] == 4
    assert {"set by setter", "cleared by setter", "awaited by a, b, c, d"} <= set(part.scene.says())
    assert (glyphs(part)["set"], glyphs(part)["clear"]) == (1, 1)


@pytest.mark.parametrize(
    ("before", "up", "beside"), [(7, 1, ["set by MainThread"]), (4, 4, []), (7, 0.1, ["set by MainThread"])]
)
def test_who_set_an_event_is_said_in_its_band_or_else_beside_it(
    before: float, up: float, beside: list[str]
) -> None:
    with simulate() as run:
        event = Event()
        sleep(before)
        event.set()
        sleep(up)
    labels = (each for each in compose_timeline(run.log).scene.shapes if isinstance(each, Label))
    flags = [each for each in labels if each.what == "flag up"]
    assert [each.texts[0] for each in flags if each.spots[0].align == "right"] == beside


def test_who_holds_a_lock_is_written_smaller_where_the_bar_is_narrow() -> None:
    def short_hold() -> None:
        sleep(15)
        with lock:
            sleep(1)

    with simulate() as run:
        lock = Lock()
        Thread(target=short_hold, name="pay_bob").start()
    said = [words for words, _ in texts(draw_timeline(run.log).figure)]  # type: ignore[arg-type]
    assert said.count("pay_bob") == 2  # in front of the lane of its own, and in that of the lock


def too_late() -> EventLog:
    """A timer that is cancelled in the moment in which it fires."""
    story = gallery.Story("Too late")
    timer = story.object("Timer", "save")
    thread = story.thread("saver", timer=timer)
    story.start(thread)
    story.at(0, thread, Kind.PENDING, timer, 5 * 10**9)
    story.sleep(1, 0, 5)
    story.at(5, thread, Kind.FIRED, timer)
    story.at(5, 1, Kind.CANCEL_LATE, timer)
    story.sleep(thread, 5, 6)
    story.join(6, {thread: 6})
    return story.log()


@pytest.mark.parametrize(("width", "said"), [(9, "cancel too late"), (7, "too late")])
def test_a_cancel_right_after_the_timer_fired_is_told_after_it_whatever_the_room(
    width: float, said: str
) -> None:
    shown = texts(draw_timeline(too_late(), width=width).figure)  # type: ignore[arg-type]
    (fired,) = (box for words, box in shown if words == "fires")
    late = {w: box.x0 for w, box in shown if w.endswith("too late") and abs(box.y0 - fired.y0) < 3}
    assert list(late) == [said]
    assert late[said] > fired.x1


@pytest.mark.parametrize("points", [240, 560])
@pytest.mark.parametrize("name", NAMES)
def test_words_in_a_row_stand_in_the_order_of_what_they_tell(name: str, points: float) -> None:
    picture = gallery.GALLERY[name]()
    part = compose_timeline(picture.log, points=points)
    per_ns = points / (part.right - part.left)
    placed = Placer(Scale(start=part.left, per_ns=per_ns, width=points)).place_all(part.scene)
    rows: dict[int, list[tuple[float, float]]] = {}
    for words in placed:
        if not words.label.pinned:
            rows.setdefault(round(words.y - 0.36 * words.label.size), []).append((words.about, words.box.x0))
    for row in rows.values():
        row.sort()
        assert [left for _, left in row] == sorted(left for _, left in row)


def test_words_at_a_trip_and_at_a_cancel_too_late_are_shortened_before_they_are_left_out() -> None:
    for name, words, times in (("timers", "too late", 1), ("barrier", "5/5", 2)):
        said = [text for text, _ in texts(drawn(name).figure)]  # type: ignore[arg-type]
        assert said.count(words) == times, name


def test_a_timer_is_pending_then_fired_or_cancelled() -> None:
    part = composed("timers")
    assert [bar.x1 - bar.x0 for bar in bars(part, "pending")] == [0.6e9, 0.6e9, 1e9]
    assert (glyphs(part)["cancelled"], glyphs(part)["fired"]) == (2, 1)


def test_a_barrier_counts_arrivals_and_trips_through_all_lanes() -> None:
    part = composed("barrier")
    said = part.scene.says()
    assert [text for text in said if text.endswith("/5")][:4] == ["1/5", "2/5", "3/5", "4/5"]
    trips = [shape for shape in part.scene.shapes if isinstance(shape, Line) and shape.what == "trip"]
    assert len(trips) == 2
    for trip in trips:
        (_, top), (_, bottom) = trip.points
        assert top < lane(part, "runner-1")[0]
        assert bottom >= lane(part, "gate")[1] - 1
    assert len(bars(part, "action")) == 2


def test_a_broken_barrier_says_who_broke_it() -> None:
    part = composed("barrier_broken")
    assert "broken by MainThread: abort" in part.scene.says()
    assert part.scene.says().count("failed: BrokenBarrierError") == 4


def test_who_broke_a_barrier_by_giving_up_did_not_wait_until_it_broke() -> None:
    def dine(patience: float | None) -> None:
        with suppress(BrokenBarrierError):
            table.wait(patience)

    with simulate() as run:
        table = Barrier(3)
        for patience in (2, None):
            Thread(target=dine, args=(patience,)).start()
    said = without_lines(compose_timeline(run.log))
    assert {"waits 2.0 s at table, gives up", "waits 2.0 s at table until it breaks"} <= set(said)


def test_a_lane_ends_as_its_thread_did() -> None:
    part = composed("fates")
    assert {"failed: ZeroDivisionError", "cut off"} <= set(part.scene.says())
    assert glyphs(part)["failed"] == 1
    assert glyphs(part)["cut off"] == 1
    assert "joins ticker for 660 ms, gives up" in part.scene.says()


def test_failed_tries_are_ticks_and_not_waits() -> None:
    part = composed("failed_tries")
    top, bottom = lane(part, "impatient")
    tries = [g for g in part.scene.shapes if isinstance(g, Glyph) and g.what == "would block"]
    assert sum(top - 12 < glyph.y < bottom for glyph in tries) == 6
    assert not [bar for bar in bars(part, "waiting") if top <= bar.y0 < bottom]


def test_waits_without_end_are_drawn_beyond_the_record() -> None:
    part = composed("deadlock")
    assert part.settled == 10**9 < part.end
    waits = [bar for bar in bars(part, "waiting") if bar.x0 == 1e9]
    assert len(waits) == 2
    assert all(bar.x1 == part.end for bar in waits)
    assert bars(part, "ever after")


def test_a_finding_is_marked_on_the_lanes_it_speaks_of() -> None:
    ax = drawn("deadlock")
    said = [words for words, _ in texts(ax.figure)]  # type: ignore[arg-type]
    assert said.count("1") == 4
    assert any(words.startswith("(1) Deadlock: left holds lock_a") for words in said)


@pytest.mark.parametrize("severity", ["error", "warning", "note"])
@pytest.mark.parametrize("threads", [2, 9])
def test_a_findings_mark_stands_at_its_own_lane_and_touches_no_other(threads: int, severity: str) -> None:
    s = gallery.Story("Locks that are kept", *(f"keeper-{i}" for i in range(threads)))
    locks = [s.object("Lock", f"lock-{i}") for i in range(threads)]
    s.start(*range(2, 2 + threads))
    for thread, lock in enumerate(locks, 2):
        s.at(0, thread, Kind.ACQUIRED, lock)
    s.join(0, dict.fromkeys(range(2, 2 + threads), 9))
    found = SimpleNamespace(
        severity=severity, threads=range(2, 2 + threads), objects=locks, time=9 * 10**9, sentence="!"
    )
    part = compose_timeline(s.log(), view=View(findings=(found,)))
    marks = [each for each in part.scene.shapes if isinstance(each, Glyph) and each.what == "finding"]
    lines = [each for each in part.scene.shapes if isinstance(each, Line) and each.what == "separator"]
    assert len(marks) == 2 * threads
    for lane, line, mark in zip(part.lanes[1:], lines, marks, strict=True):
        ((outline,), _) = glyph_outline(mark.shape, 0, mark.y, mark.size)
        assert line.points[0][1] < min(y for _, y in outline) < lane.top
        assert mark.y < lane.top + lane.height / 2


@pytest.mark.parametrize(
    ("severity", "shape"), [("error", "disc"), ("warning", "diamond"), ("note", "square")]
)
def test_a_findings_mark_tells_without_colour_how_bad_it_is(severity: str, shape: str) -> None:
    picture = gallery.GALLERY["deadlock"]()
    (found,) = picture.options["findings"]  # type: ignore[misc]
    found.severity = severity
    part = compose_timeline(picture.log, view=View(findings=(found,)))
    marks = [each for each in part.scene.shapes if isinstance(each, Glyph) and each.what == "finding"]
    assert {mark.shape for mark in marks} == {shape}
    assert len(marks) == 4


def test_the_notify_that_a_finding_is_about_is_not_hidden_by_its_mark() -> None:
    log = gallery.GALLERY["condition"]().log
    (notify,) = (each for each in log if each.kind is Kind.NOTIFY)
    found = SimpleNamespace(
        kind="wrong waiter",
        severity="error",
        threads=(),
        objects=(notify.obj,),
        time=notify.time,
        sentence="!",
    )
    ax = draw_timeline(log, findings=(found,))  # type: ignore[arg-type]
    said = [words for words, _ in texts(ax.figure)]  # type: ignore[arg-type]
    assert "producer notifies 1" in said


def found(number: int, sentence: str = "") -> SimpleNamespace:
    return SimpleNamespace(
        severity="error", threads=(), objects=(), time=0, sentence=sentence or f"Finding {number}."
    )


def footnotes(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.findobj(Text) if text.get_gid() == "footnote"]


def test_findings_that_have_no_room_are_counted_and_what_was_merged_is_said() -> None:
    ax = drawn("busy", findings=[found(number) for number in range(1, 12)])
    *first, more, merged = footnotes(ax.figure)  # type: ignore[arg-type]
    assert first == [f"({number}) Finding {number}." for number in range(1, 7)]
    assert more == "… and 5 more findings: see run.findings"
    assert merged.endswith("too short to be seen")
    assert_legible(ax.figure)  # type: ignore[arg-type]


def test_of_a_finding_that_is_too_long_the_beginning_is_said_and_where_the_rest_is() -> None:
    ax = drawn("contention", findings=[found(1, "Deadlock: " + "it waits; " * 200 + "."), found(2)])
    said = footnotes(ax.figure)  # type: ignore[arg-type]
    assert len(said) == 8
    assert said[0].startswith("(1) Deadlock: it waits")
    assert said[-2].endswith("…")
    assert said[-1] == "… and 1 more finding: see run.findings"


@pytest.mark.parametrize(("size", "bottom"), [((6.4, 4.8), 0.11), ((4, 3), 0.2)])
def test_axes_without_room_below_say_inside_what_was_merged_and_found(
    size: tuple[float, float], bottom: float
) -> None:
    figure = Figure(figsize=size)
    ax = figure.subplots(gridspec_kw={"bottom": bottom})
    drawn("busy", ax=ax, findings=[found(number) for number in range(1, 12)])
    said = footnotes(figure)
    assert any("run.findings" in line for line in said)
    assert "too short to" in " ".join(" ".join(said).split())
    inside = ax.get_window_extent()
    boxes = [box for words, box in texts(figure) if words in said]
    assert all(inside.y0 <= box.y0 and box.y1 <= inside.y1 for box in boxes)
    assert_legible(figure)


def test_the_notes_of_the_upper_axes_do_not_stand_in_the_lower_ones() -> None:
    figure = Figure(figsize=(8, 8))
    upper, lower = figure.subplots(2, 1, gridspec_kw={"hspace": 0.4})
    for ax in (upper, lower):
        drawn("busy", ax=ax, findings=[found(1), found(2), found(3)])
    assert len(footnotes(figure)) == 2 * 4
    assert_legible(figure)


def test_a_dense_run_in_axes_without_room_below_says_that_it_is_merged() -> None:
    figure = Figure(figsize=(6.4, 4.8))
    draw_timeline(gallery.dense(20_000).log, never, ax=figure.subplots())
    assert any(line.startswith("20,000 events merged") for line in footnotes(figure))
    assert_legible(figure)


@pytest.mark.parametrize("name", ["contention", "dense"])
def test_axes_that_had_an_aspect_are_filled_by_a_timeline(name: str) -> None:
    ax = Figure().subplots()
    ax.set_aspect("equal")
    drawn(name, ax=ax)
    assert ax.get_aspect() == "auto"


def test_the_images_of_a_dense_run_leave_the_axis_as_it_is() -> None:
    log = gallery.dense(20_000).log
    ax = Figure().subplots()
    draw_timeline(log, never, ax=ax, axis="time")
    points = ax.get_window_extent().width * 72 / 100
    part = compose_timeline(log, never, points=points, view=View(axis="time"))
    assert ax.get_xlim() == pytest.approx((part.left / part.unit.ns, part.right / part.unit.ns))


def test_who_gave_up_a_wait_and_needs_the_lock_back_was_not_notified() -> None:
    with simulate() as run:
        news = Condition()

        def impatient() -> None:
            with news:
                news.wait(0.1)

        Thread(target=impatient).start()
        sleep(0.05)
        with news:
            sleep(0.2)
    said = compose_timeline(run.log).scene.says()
    assert "timed out, needs news.lock back, held by MainThread" in said
    assert not any(text.startswith("notified") for text in said)


def test_marks_stand_beside_each_other_only_where_they_would_meet() -> None:
    picture = gallery.GALLERY["deadlock"]()
    (late,) = picture.options["findings"]  # type: ignore[misc]
    early = SimpleNamespace(**{**vars(late), "time": 10**8})
    part = compose_timeline(picture.log, view=View(findings=(early, late, late)))
    marks = [each for each in part.scene.shapes if isinstance(each, Glyph) and each.what == "finding"]
    assert {(mark.x, mark.nudge != 0) for mark in marks} == {(10**8, False), (10**9, False), (10**9, True)}


@pytest.mark.parametrize("time", [10**8, 10**9])
def test_marks_beside_each_other_stand_by_number_also_where_the_figure_ends(time: int) -> None:
    picture = gallery.GALLERY["nested"]()
    end = picture.log.ending.time
    told = SimpleNamespace(severity="note", threads=(2,), objects=(), sentence="!", time=time * end // 10**9)
    part = compose_timeline(picture.log, view=View(findings=(told, told, told)))
    numbers = [s for s in part.scene.shapes if isinstance(s, Label) and s.what == "finding"]
    places = {label.texts[0]: label.spots[0].nudge for label in numbers}
    assert places == ({"1": 0, "2": 10, "3": 20} if time < 10**9 else {"1": -20, "2": -10, "3": 0})


def test_a_picture_keeps_white_paper_and_the_colour_of_a_small_mark() -> None:
    image = Image.open(io.BytesIO(to_png(drawn("deadlock").figure)))  # type: ignore[arg-type]
    colours = {colour for _, colour in image.convert("RGB").getcolors(1 << 20) or []}
    assert image.convert("RGB").getpixel((0, 0)) == (255, 255, 255)
    assert any(red > 150 and green < 100 and blue < 100 for red, green, blue in colours)  # type: ignore[misc]


def test_the_ground_of_what_never_ends_differs_from_the_paper_in_the_picture_too() -> None:
    (ground,) = bars(composed("deadlock"), "ever after")
    image = Image.open(io.BytesIO(to_png(drawn("deadlock").figure))).convert("RGB")  # type: ignore[arg-type]
    counts = {colour: number for number, colour in image.getcolors(1 << 20) or []}
    assert ground.fill != PAPER
    assert counts[channels(ground.fill)] > 10_000
    assert counts[channels(PAPER)] > 100_000


def test_a_picture_has_256_colours_and_those_of_areas_are_exact() -> None:
    random = np.random.default_rng(0).integers(0, 256, (100, 100, 3), np.uint8)
    random[:40], random[40:60] = (255, 255, 255), (254, 255, 255)
    few = quantized(Image.fromarray(random))
    assert few.mode == "P"
    assert len(few.getcolors() or []) > 100
    assert few.convert("RGB").getpixel((5, 5)) == (255, 255, 255)
    assert few.convert("RGB").getpixel((5, 45)) == (254, 255, 255)
    plain = quantized(Image.new("RGB", (3, 2), PAPER))
    assert plain.convert("RGB").getcolors() == [(6, (255, 255, 255))]


def test_an_empty_trace_says_so() -> None:
    ax = drawn("empty")
    assert "nothing was recorded" in [words for words, _ in texts(ax.figure)]  # type: ignore[arg-type]


def test_more_threads_than_lanes_are_counted_in_the_figure() -> None:
    part = composed("many_threads")
    assert len(part.lanes) == 24
    assert "… and 18 more threads" in part.scene.says()


def test_short_holds_are_merged_and_the_figure_says_so() -> None:
    part = composed("busy")
    assert part.scene.merged > 1000
    assert any(re.match(r"[\d,]+ stretches of less than .* too short to be seen", n) for n in part.footnotes)
    assert len(part.scene.shapes) < 6000


def test_locks_without_a_strip_are_counted_in_a_note() -> None:
    with simulate() as run:
        locks = [Lock() for _ in range(10)]

        def hoard() -> None:
            for lock in locks:
                lock.acquire()
                sleep(1)

        Thread(target=hoard, name="hog").start()
    part = compose_timeline(run.log)
    assert len({bar.y1 for bar in bars(part, "holds")}) == 4
    assert "6 strips of what hog held left out: a lane has room for 4" in part.footnotes
    early = compose_timeline(run.log, view=View(end=2 * 10**9))
    assert not any("strip" in note for note in early.footnotes)


def test_what_a_thread_held_in_the_whole_run_is_worked_out_once_for_its_lane(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[int] = []

    def counted(thread: ThreadModel, frame: Frame) -> dict[int, list[Hold]]:
        asked.append(thread.number)
        return possessions(thread, frame)

    monkeypatch.setattr(lanes_of_threads, "possessions", counted)
    part = composed("nested")
    assert sorted(asked) == [lane.key[1] for lane in part.lanes if lane.key[0] == "thread"]


def test_only_the_lanes_that_were_asked_for_are_drawn() -> None:
    ax = drawn("nested", threads=["mover", 3], objects=["journal"])
    assert [text.get_text() for text in ax.texts if text.get_gid() == "name"] == [
        "mover",
        "auditor",
        "journal",
    ]


def test_a_window_shows_a_part_of_the_run() -> None:
    ax = drawn("contention_virtual", start=2.5, end=3.5)
    low, high = ax.get_xlim()
    unit = 1000 if "milli" in ax.get_xlabel() else 1
    assert 2.4 < low / unit < 2.5
    assert 3.5 < high / unit < 3.6


# Dense runs


def never() -> Model:
    raise AssertionError("a dense run is drawn without its fold")


def test_a_million_events_are_drawn_by_share_of_time_and_say_that_they_are_merged() -> None:
    picture = gallery.dense()
    ax = draw_timeline(picture.log, never)
    said = [words for words, _ in texts(ax.figure)]  # type: ignore[arg-type]
    assert any(words.startswith("1,000,000 events merged: each column of pixels") for words in said)
    assert len([image for image in ax.images if image.get_gid() == "density"]) == 8 + 2 * 4
    assert len(ax.get_children()) < 100


def hung_at_last(rounds: int) -> EventLog:
    """Two threads take their locks over and over, then each other's; a third has failed."""
    log = LogBuilder(clock="real")
    main, a, b = log.thread(), log.lock("a"), log.lock("b")
    left, right, bad = (log.spawn(main, name) for name in ("left", "right", "bad"))
    log.failed(bad, "ZeroDivisionError: division by zero")
    for turn in range(rounds):
        log.at(turn * 1000).acquired(left, a).acquired(right, b).released(left, a).released(right, b)
    log.at(rounds * 1000).acquired(left, a).acquired(right, b).wait(left, b).wait(right, a)
    return log.join_wait(main, left).build(end=rounds * 1500, reason="hung")


def test_a_dense_figure_marks_and_says_what_went_wrong_and_how_threads_ended() -> None:
    figure = Trace(hung_at_last(5_000)).timeline().get_figure(root=True)
    said = [words for words, _ in texts(figure)]  # type: ignore[arg-type]
    assert (said.count("1"), said.count("2")) == (1 + 1, 4 + 1)  # and a tick of the axis each
    assert {"failed: ZeroDivisionError", "cut off"} <= set(said)
    notes = footnotes(figure)  # type: ignore[arg-type]
    assert notes[0].startswith("(1) bad ended with an exception")
    assert notes[1].startswith("(2) Deadlock: left waits for b")
    assert any("events merged" in line for line in notes)
    assert_legible(figure)  # type: ignore[arg-type]


def test_a_figure_of_too_many_events_to_examine_says_how_the_run_ended_and_where_findings_are() -> None:
    trace = Trace(hung_at_last(15_000))
    notes = footnotes(trace.timeline().get_figure(root=True))  # type: ignore[arg-type]
    assert notes[0] == "The run was ended because no thread could go on (see run.findings)"
    done = Trace(gallery.dense(60_000).log)
    notes = footnotes(done.timeline().get_figure(root=True))  # type: ignore[arg-type]
    assert notes[0] == "Not looked yet for what went wrong (see run.findings)"
    assert not {trace._model, done._model} - {None}


def test_the_shares_of_a_dense_lane_stand_on_each_other() -> None:
    half = np.full(3, 0.5)
    image = stacked([(half, "#112233", ""), (half / 2, "#445566", "")], rows=8, bins=3)
    column = [tuple(int(c) for c in pixel) for pixel in image[:, 1]]
    assert column == [(0, 0, 0, 0)] * 2 + [(0x44, 0x55, 0x66, 255)] * 2 + [(0x11, 0x22, 0x33, 255)] * 4


def test_a_short_window_of_a_dense_run_is_drawn_event_by_event() -> None:
    picture = gallery.dense(40_000)
    assert set(compose_timeline(picture.log).scene.says()) == {"still running"}
    ax = draw_timeline(picture.log, start=0.0100, end=0.0101)
    assert not ax.images
    assert any("wanted by" in words or "waits" in words for words, _ in texts(ax.figure))  # type: ignore[arg-type]


def held_share(figure: Figure, part: Composition, log: EventLog) -> tuple[float, float]:
    """The first lock's lane: what share of the window it was held, and what share of its pixels is inked."""
    _, bottom = lane(part, log.objects[0].name)
    ax = figure.axes[0]
    low, high = (ax.transData.transform((0, y))[1] for y in (bottom - 2, bottom - 14))
    left, right = (ax.transData.transform((x / part.unit.ns, 0))[0] for x in (part.start, part.end))
    figure.canvas.draw()
    image = np.asarray(figure.canvas.buffer_rgba())[::-1, :, :3]  # type: ignore[attr-defined]
    inked = image[round(low) : round(high), round(left) : round(right)].min(axis=2) < 245
    found = density(log, start=part.start, end=part.end, bins=1).objects[1].held
    assert found is not None
    return float(found[0]), float(inked.mean())


@pytest.mark.parametrize(
    "length",
    [
        *(0.0005, 0.003, 0.02),
        *(pytest.param(each, marks=pytest.mark.sweep) for each in (0.001, 0.002, 0.005, 0.01)),
    ],
)
def test_in_a_window_of_short_holds_a_lock_takes_as_many_pixels_as_it_was_held(length: float) -> None:
    log, end = gallery.dense(40_000).log, 0.03 + length
    ax = draw_timeline(log, start=0.03, end=end)
    view = View(start=30_000_000, end=round(end * 1e9))
    part = compose_timeline(log, points=ax.get_window_extent().width * 72 / 110, view=view)
    held, inked = held_share(ax.figure, part, log)  # type: ignore[arg-type]
    assert inked == pytest.approx(held, abs=0.06)


@pytest.mark.parametrize(
    ("types", "filled"),
    [
        (["Timer"], "wanted"),
        (["Lock", "Condition", "RLock"], "wanted, filled is held"),
        (["RLock", "Semaphore"], "wanted, filled is held, permits left (Semaphore)"),
        (["Event", "Barrier"], "wanted, filled is up (Event), arrivals (Barrier)"),
    ],
)
def test_a_dense_figure_says_what_fills_the_lanes_that_it_has(types: list[str], filled: str) -> None:
    log = LogBuilder()
    main = log.thread("main")
    for each in types:
        log.object(each, each)
    for moment in range(0, 20_000, 2):
        log.at(moment).sleep(main, 1).at(moment + 1).woke(main)
    notes = compose_timeline(log.build(), never).footnotes
    assert any(note.endswith(f"primitive: hatched is {filled}") for note in notes)


def test_a_finding_outside_of_the_window_has_no_number_in_it() -> None:
    with simulate(seed=0) as run:
        door = Lock()
        with suppress(RuntimeError):
            door.release()
        sleep(9)
    (found,) = run.findings
    whole, rest = (
        compose_timeline(run.log, fold(run.log), view=View(findings=(found,), start=start))
        for start in (None, 10**9)
    )
    assert [part.footnotes[0].split(")")[0] for part in (whole, rest)] == ["(1", "(not in this window"]
    assert any(shape.what == "finding" for shape in whole.scene.shapes if isinstance(shape, Glyph))
    assert not any(shape.what == "finding" for shape in rest.scene.shapes if isinstance(shape, Glyph))


def test_what_cannot_be_seen_of_a_name_is_a_box() -> None:
    assert plain("\u202eabc x\u200by \0") == "□abc x□y □"


def test_a_window_may_end_where_no_run_does() -> None:
    log = gallery.dense(100).log
    assert draw_timeline(log, start=0, end=1e300).get_xlim()[1] > 0
    with pytest.raises(TimelineError, match=r"nothing to show from 1e\+300 s on"):
        draw_timeline(log, start=1e300)


def test_the_events_of_a_dense_window_are_counted_not_those_of_the_run() -> None:
    part = compose_timeline(gallery.dense(60_000).log, never, view=View(start=10**7, end=5 * 10**7))
    assert any(note.startswith("20,001 events merged") for note in part.footnotes)


# The axis


@pytest.mark.parametrize(
    ("ns", "name"), [(6 * 10**9, "seconds"), (40_000_000, "milliseconds"), (95_000, "microseconds")]
)
def test_the_unit_fits_the_duration(ns: int, name: str) -> None:
    assert unit_for(ns).name == name


def test_ticks_are_round_and_start_at_zero() -> None:
    end = 6 * 10**9
    step = step_of(0, end, unit_for(end))
    assert [text for _, text in ticks(0, end, unit_for(end), step)] == [str(second) for second in range(7)]


def test_the_axis_names_the_default_schedule() -> None:
    with simulate(schedule="") as run:
        sleep(1)
    assert draw_timeline(run.log).get_xlabel() == "seconds (virtual clock, default schedule)"


def test_the_axis_names_clock_and_seed() -> None:
    assert drawn("nested").get_xlabel() == "seconds (virtual clock, seed 0)"
    assert drawn("contention").get_xlabel() == "seconds (real clock)"


# How it is drawn


@pytest.mark.parametrize("name", NAMES)
def test_no_text_lies_on_another_or_leaves_the_figure(name: str) -> None:
    assert_legible(drawn(name).figure)  # type: ignore[arg-type]


@pytest.mark.parametrize("width", [4.0, 6.5, 14.0])
@pytest.mark.parametrize("name", ["hostile", "barrier", "deadlock", "notify_all"])
def test_texts_give_way_in_figures_of_any_width(name: str, width: float) -> None:
    assert_legible(drawn(name, width=width).figure)  # type: ignore[arg-type]


@pytest.mark.parametrize("size", [6, 6.8, 7, 7.2, 8, 9])
@pytest.mark.parametrize(
    "text", ["running", "waits for counter_lock, held by worker-1, worker-2 and 15 more"]
)
def test_words_are_never_drawn_wider_than_they_were_measured(text: str, size: float) -> None:
    figure = Figure(dpi=110)
    figure.text(0, 0, text, size=size, family=FONT)
    ((_, box),) = texts(figure)
    assert box.width * 72 / 110 <= width(text, size)


def test_what_is_said_of_an_action_covers_nothing_but_the_dots_of_a_sleep() -> None:
    part = composed("barrier")
    actions = bars(part, "action")
    labels = [each for each in part.scene.shapes if isinstance(each, Label) and each.what == "action"]
    asleep = [tuple(x for x, _ in each.points) for each in part.scene.shapes
              if isinstance(each, Line) and each.what == "sleeping"]  # fmt: skip
    beside = [[spot.room for spot in label.spots[1:]] for label in labels]
    assert [(bar.x0, bar.x1) for bar in actions] == [label.spots[0].room for label in labels]
    assert [len(rooms) for rooms in beside] == [2, 1], "after the second action its thread runs"
    assert all(room in asleep for rooms in beside for room in rooms)
    said = [words for words, _ in texts(drawn("barrier").figure)]  # type: ignore[arg-type]
    assert said.count("action") == 2
    running = [each for each in part.scene.shapes if isinstance(each, Label) and each.what == "running"]
    assert {spot.room for label in running for spot in label.spots} == {(actions[1].x1, 5.8e9)}


def test_the_arrows_of_a_broken_barrier_pass_beside_the_crosses_of_the_threads_that_it_fails() -> None:
    arrows = [each for each in composed("barrier_broken").scene.shapes if isinstance(each, Link)]
    broken = [each for each in arrows if each.what == "break"]
    assert len(broken) == 4
    assert {(each.x0 - each.x1, each.bulge) for each in broken} == {(0, 0)}


@pytest.mark.parametrize("name", ["nested", "semaphore", "timers", "event"])
def test_words_on_a_filled_bar_have_a_halo_of_its_colour_where_a_line_may_cross_them(name: str) -> None:
    part = composed(name)
    filled = {"running", "holds", "held", "pending", "flag up"}
    labels = [each for each in part.scene.shapes if isinstance(each, Label) and each.what in filled]
    grounds = {bar.fill for what in filled for bar in bars(part, what)}
    assert labels
    assert all(label.halo in grounds for label in labels if not label.backed)
    shown = [text for text in drawn(name).texts if text.get_gid() in filled and text.get_bbox_patch() is None]
    assert shown
    assert all(text.get_path_effects() for text in shown)


def test_axes_of_the_callers_own_are_used_whatever_their_size() -> None:
    figure = Figure(figsize=(5, 2))
    ax = figure.add_axes((0.2, 0.3, 0.75, 0.5))
    assert drawn("semaphore", ax=ax) is ax
    assert_legible(figure)


@pytest.mark.parametrize("size", [(3.0, 1.2), (3.0, 2.0), (4.0, 3.0)])
@pytest.mark.parametrize("name", ["busy", "many_threads", "hostile", "dense", "semaphore", "deadlock"])
def test_low_axes_get_fewer_lanes_and_say_how_many_there_are_more(
    name: str, size: tuple[float, float]
) -> None:
    picture = gallery.dense(60_000) if name == "dense" else gallery.GALLERY[name]()
    figure, log = Figure(figsize=size), picture.log
    ax = figure.add_axes((0.25, 0.3, 0.7, 0.5))
    draw_timeline(log, ax=ax, **picture.options)  # type: ignore[arg-type]
    assert_legible(figure)
    names = [text.get_text() for text in ax.texts if text.get_gid() == "name"]
    notes = (text.get_text() for text in ax.texts if text.get_gid() in ("rest", "footnote"))
    said = " ".join(" ".join(notes).split())
    more = sum(map(int, re.findall(r"(\d+) more (?:thread|primitive|lane)", said)))
    assert names
    assert len(names) + more == len(log.threads) + len(log.objects)


@pytest.mark.parametrize("width", [2.0, 2.5, 3.0])
def test_a_narrow_figure_has_two_ticks_and_a_whole_name_of_the_axis(width: float) -> None:
    ax = drawn("contention_virtual", width=width)
    assert_legible(ax.figure)  # type: ignore[arg-type]
    assert len([text for text in ax.get_xticklabels() if text.get_text()]) >= 2
    assert ax.get_xlabel() in ("seconds (virtual clock, seed 0)", "seconds (virtual clock)", "seconds")


def test_runs_are_compared_on_one_axis_of_time() -> None:
    runs = []
    for name in ("deadlock", "nested"):
        picture = gallery.GALLERY[name]()
        runs.append(Run(log=picture.log, model=fold(picture.log), **picture.options))  # type: ignore[arg-type]
    figure = compare_timelines(runs)
    above, below = figure.axes
    assert above.get_xlim() == below.get_xlim()
    assert any(text.get_text() == "still waits for lock_b, held by right" for text in above.texts)
    assert above.get_position().x0 == below.get_position().x0
    assert above.get_position().y0 > below.get_position().y1
    assert_legible(figure)
    with pytest.raises(ValueError, match="no run"):
        compare_timelines([])


def test_hostile_names_are_drawn_as_plain_text_without_warnings() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ax = drawn("hostile")
        said = [words for words, _ in texts(ax.figure)]  # type: ignore[arg-type]
        to_png(ax.figure)  # type: ignore[arg-type]
    assert "<script>alert(1)</script>" in said
    assert "$\\frac{a}{b}$ _under_" in said
    assert "two lines and a tab" in said
    assert not any("\n" in words for words in said)


@pytest.mark.parametrize("longest", [16, 20, 28])
def test_names_that_would_be_shortened_to_the_same_keep_the_part_in_which_they_differ(longest: int) -> None:
    names = [f"request-handler-number-{i}-of-the-service" for i in range(120)]
    names += ["x" * 300, "x" * 299, "request", "request-handler-number-of-the-service"]
    short = told_apart(names, lambda name, at: shortened(name, longest, at=at))
    assert sorted(short) == sorted(names)
    assert max(map(len, short.values())) <= longest
    assert len({short[name] for name in names if "x" not in name}) == 122
    assert all(str(i) in short[names[i]] for i in range(120))
    assert told_apart(["only one name that is too long"], lambda name, at: name[:5]) == {
        "only one name that is too long": "only "
    }


@pytest.mark.parametrize("width", [5.0, 9.0])
def test_lanes_and_sentences_tell_long_names_apart(width: float) -> None:
    names = [f"request-handler-number-{i}-of-the-service" for i in range(8)]
    s = gallery.Story("Long names", *names)
    lock = s.object("Lock", "lock")
    s.start(*range(2, 10))
    for i, thread in enumerate(range(2, 10)):
        s.hold(thread, lock, i, i + 1, wait=0.0 if i else None)
    s.join(8, dict.fromkeys(range(2, 10), 8))
    ax = draw_timeline(s.log(), width=width)
    lanes = [text.get_text() for text in ax.texts if text.get_gid() == "name"]
    assert len(set(lanes)) == len(lanes) == 10
    assert all(str(i) in lane for i, lane in enumerate(lanes[1:9]))
    held = [label.texts for label in compose_timeline(s.log()).scene.shapes
            if isinstance(label, Label) and label.what == "held"]  # fmt: skip
    assert len({words[0] for words in held}) == 8


@pytest.mark.parametrize("name", ["barrier", "hostile", "busy"])
def test_the_same_log_gives_the_same_bytes(name: str) -> None:
    first, second = (to_png(drawn(name).figure) for _ in range(2))  # type: ignore[arg-type]
    assert first == second
    assert b"Matplotlib" not in first


def test_the_readers_own_settings_change_nothing() -> None:
    import matplotlib as mpl

    before = to_png(drawn("nested").figure)  # type: ignore[arg-type]
    odd = {"font.size": 20, "hatch.linewidth": 9, "figure.facecolor": "black", "text.color": "red"}
    odd |= {"lines.linewidth": 7, "axes.titlesize": 30, "savefig.dpi": 30, "axes.grid": True}
    with mpl.rc_context({**odd, "figure.constrained_layout.use": True, "xtick.direction": "in"}):
        assert to_png(drawn("nested").figure) == before  # type: ignore[arg-type]


def test_drawing_touches_no_pyplot() -> None:
    import subprocess

    code = (
        "import sys; sys.path[:0] = ['tests', '.']; import gallery\n"
        "from tracing.model import fold\n"
        "from tracing.views.png import to_png\nfrom tracing.views.timeline import draw_timeline\n"
        "log = gallery.nested().log; to_png(draw_timeline(log, fold(log)).figure)\n"
        "assert 'matplotlib.pyplot' not in sys.modules"
    )
    root = Path(__file__).parent.parent
    subprocess.run([sys.executable, "-c", code], check=True, cwd=root, timeout=60)


def test_every_state_can_be_told_without_colour() -> None:
    part = composed("condition")
    signs = {
        "waiting": {bar.hatch for bar in bars(part, "waiting")},
        "notified": {bar.hatch for bar in bars(part, "notified")},
        "running": {bar.hatch for bar in bars(part, "running")},
    }
    assert signs["notified"] == {"-"}
    assert signs["running"] == {""}
    assert signs["waiting"]
    assert not signs["waiting"] & {"", "-"}
    ax = drawn("condition")
    gids = {artist.get_gid() for artist in ax.get_children()}
    assert {"bars", "hatch", "arrows", "waiting", "notified", "name"} <= gids


# Colours


def test_a_name_keeps_its_colour_in_all_figures_that_share_a_palette() -> None:
    palette = Palette()
    first = palette.ink("lock_a")
    palette.ink("something else")
    assert palette.ink("lock_a") == first != palette.ink("something else")


def test_names_past_the_sixth_differ_from_the_first_six() -> None:
    palette = Palette()
    inks = [palette.ink(f"lock-{i}") for i in range(12)]
    assert len({(ink.solid, ink.hatch) for ink in inks}) == 12


def test_words_can_be_read_on_every_colour() -> None:
    palette = Palette()
    for name in map(str, range(18)):
        ink = palette.ink(name)
        assert contrast(ink.dark, PAPER) >= 4.5
        for thread in map(str, range(4)):
            fill = palette.tint(thread, ink.solid)
            assert contrast(word_colour(fill), fill) >= 4.4


def test_nothing_is_too_long_for_its_lane_in_an_empty_log() -> None:
    from array import array

    log = EventLog(times=array("q"), codes=array("q"), title="an empty run")
    assert draw_timeline(log, fold(log)).get_title(loc="left") == "an empty run"


# What cannot be drawn


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (
            {"threads": ["nobody"]},
            "timeline() found no thread 'nobody' in this run. Its threads are 'MainThread'",
        ),
        ({"threads": [99]}, "timeline() found no thread 99 in this run."),
        ({"objects": "no_lock"}, "timeline() found no primitive 'no_lock' in this run. Its primitives are"),
        ({"width": 0}, "timeline() cannot draw a figure 0 inches wide: give a width from 2 to 100."),
        ({"width": float("nan")}, "timeline() cannot draw a figure nan inches wide"),
        ({"width": "wide"}, "timeline() cannot draw a figure 'wide' inches wide"),
        ({"start": float("inf")}, "timeline(start=inf): give seconds since the run began."),
        ({"start": 0.5, "end": 0.25}, "timeline() got a window that ends at 0.25 s, not after its start."),
        ({"start": 100}, "timeline() has nothing to show from 100 s on: the run was over after 1.0 s."),
    ],
)
def test_what_cannot_be_drawn_is_one_clear_error(options: dict[str, Any], words: str) -> None:
    with pytest.raises(TracingError) as caught:
        draw_timeline(gallery.deadlock().log, **options)
    assert str(caught.value).startswith(words)


def test_one_name_is_as_good_as_a_list_of_one() -> None:
    log = gallery.deadlock().log
    one, several = (draw_timeline(log, threads=asked).get_figure(root=True) for asked in ("left", ["left"]))
    assert to_png(one) == to_png(several)  # type: ignore[arg-type]


def test_runs_that_are_compared_need_not_all_have_the_thread() -> None:
    runs = [Run(log=gallery.deadlock().log), Run(log=gallery.semaphore().log)]
    assert compare_timelines(runs, threads=["left", "worker-1"]).axes
    with pytest.raises(NoSuchThreadError, match=r"^compare\(\) found no thread 'nobody'"):
        compare_timelines(runs, threads=["nobody"])


@pytest.mark.parametrize("letters", ["m", "W", "i", "nobody is left to do them"])
def test_a_sentence_of_wide_letters_is_broken_into_more_lines_and_loses_no_word(letters: str) -> None:
    sentence = " ".join([letters] * (400 // len(letters)))
    lines = wrapped((sentence,), 500.0)
    assert " ".join(" ".join(lines).split()) == sentence
    assert all(fits(line, NOTE_SIZE, 500.0) for line in lines)


@pytest.mark.parametrize("what", ["held", "wanted"])
def test_a_mark_in_the_middle_of_a_bar_does_not_hide_whose_it_is(what: str) -> None:
    log = gallery.GALLERY["contention_virtual"]().log
    part = compose_timeline(log)
    widest = max(bars(part, what), key=lambda bar: bar.x1 - bar.x0)
    middle = Glyph(
        what="refused", shape="tick", x=(widest.x0 + widest.x1) / 2, y=(widest.y0 + widest.y1) / 2, size=3
    )
    scale = Scale(start=part.start, per_ns=560 / (part.end - part.start), width=560)
    before = [each.label.what for each in Placer(scale).place_all(part.scene)].count(what)
    part.scene.add(middle)
    said = [each.label.what for each in Placer(scale).place_all(part.scene)]
    assert said.count(what) == before


@pytest.mark.parametrize("shape", ["tick", "cross", "up", "down", "hollow", "right", "ring"])
def test_the_room_that_is_kept_for_a_mark_is_as_high_as_the_mark(shape: str) -> None:
    strokes, _ = glyph_outline(shape, 0.0, 0.0, 5.0)
    highest = max(abs(y) for stroke in strokes for _, y in stroke)
    assert highest <= Glyph(what="a mark", shape=shape, x=0, y=0, size=5.0).reach + 1e-9


def test_a_short_arrow_points_to_its_lane_and_not_aside() -> None:
    *_, (x0, y0), (x1, y1) = bent((0, 0), (0, 11), 0.12)
    assert abs(x1 - x0) < (y1 - y0) / 6
    assert max(x for x, _ in bent((0, 0), (0, 60), 0.12)) > 5  # a long one passes beside what is between


def test_what_is_said_beside_a_broken_barrier_leaves_the_names_of_those_who_wait_free() -> None:
    def dine(patience: float | None) -> None:
        with suppress(BrokenBarrierError):
            table.wait(patience)

    with simulate() as run:
        table = Barrier(3)
        for patience in (2, None):
            Thread(target=dine, args=(patience,)).start()
    part = compose_timeline(run.log)
    (broken,) = (s for s in part.scene.shapes if isinstance(s, Label) and s.what == "broken")
    (band,) = bars(part, "wanted")
    assert broken.spots[-1].y - broken.size / 2 >= band.y1
