"""Quiet stretches cut out of the axis of time: what is cut, what stays, and what is said of it."""

from __future__ import annotations

from itertools import pairwise

import gallery
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from logs import LogBuilder
from matplotlib.axes import Axes

from tracing import Lock, Thread, Trace, simulate, sleep
from tracing.errors import TimelineError
from tracing.views.timeline import compose_timeline, draw_timeline
from tracing.views.timeline.axis import GAP, Breaks, Scale, quiet
from tracing.views.timeline.frame import View
from tracing.views.timeline.labels import Placer
from tracing.views.timeline.scene import Bar, Label

SECOND = 10**9


def _long_nights() -> Trace:
    """Two threads that work for some ms, sleep for 20 s, and work again."""
    with simulate(title="Long nights") as run:
        lock = Lock()

        def work() -> None:
            for night in (20, 30, 0.01):
                with lock:
                    sleep(0.01)
                sleep(night)

        for name in ("ann", "bob"):
            Thread(target=work, name=name).start()
    return run


def _placed(run: Trace, cut: int, points: float = 560) -> tuple[Scale, list[tuple[str, float, float]]]:
    """The scale of a figure, and its words with their left and right ends."""
    part = compose_timeline(run.log, points=points, view=View(cut=cut, axis="time"))
    per_ns = (points - part.breaks.room) / (part.right - part.left - part.breaks.lost(part.right))
    scale = Scale(start=part.left, per_ns=per_ns, width=points, breaks=part.breaks)
    return scale, [(w.text, w.box.x0, w.box.x1) for w in Placer(scale).place_all(part.scene)]


def test_only_stretches_in_which_nothing_happens_are_cut_and_not_their_ends() -> None:
    run = _long_nights()
    breaks = quiet(run.log, 0, run.log.ending.time, SECOND, 560)
    assert [round((end - start) / SECOND, 1) for start, end in breaks.stretches] == [19.5, 29.5]
    for start, end in breaks.stretches:
        assert not [time for time in run.log.times if start - SECOND // 5 < time < end + SECOND // 5]


def test_without_cut_and_without_a_quiet_stretch_nothing_is_cut() -> None:
    run = _long_nights()
    assert compose_timeline(run.log, view=View(axis="time")).breaks == Breaks()
    assert compose_timeline(run.log, view=View(axis="time", cut=60 * SECOND)).breaks == Breaks()


def test_what_is_left_has_the_room_of_what_is_cut() -> None:
    run, hold = _long_nights(), SECOND // 100
    plain, _ = _placed(run, 60 * SECOND)
    cut, _ = _placed(run, SECOND // 20)
    assert plain.x(hold) - plain.x(0) < 0.2
    assert cut.x(hold) - cut.x(0) > 20
    assert 0 < cut.x(0) < cut.x(run.log.ending.time) < cut.width


def test_a_break_is_white_through_all_lanes_and_says_how_much_is_cut_out() -> None:
    part = compose_timeline(_long_nights().log, view=View(cut=SECOND, axis="time"))
    bars = [s for s in part.scene.shapes if isinstance(s, Bar) and s.what == "break"]
    said = [s.texts for s in part.scene.shapes if isinstance(s, Label) and s.what == "break"]
    assert [(bar.x0, bar.x1) for bar in bars] == list(part.breaks.stretches)
    last = part.lanes[-1]
    assert all(bar.y0 == 0 and bar.y1 >= last.top + last.height for bar in bars)
    assert [texts[0] for texts in said] == ["// 19.5 s cut out", "// 29.5 s cut out"]
    assert {texts[-1] for texts in said} == {"//"}


def test_no_words_of_a_lane_lie_in_a_break_and_lengths_are_those_of_the_run() -> None:
    scale, words = _placed(_long_nights(), SECOND // 20)
    edges = [(scale.x(start), scale.x(end)) for start, end in scale.breaks.stretches]
    own = [each for each in words if not each[0].startswith("//")]
    assert {"20 s", "30 s"} <= {text.removeprefix("sleep ") for text, _, _ in own}
    for _, left, right in own:
        assert all(right <= start + 2 or left >= end - 2 for start, end in edges)


def _ticks(ax: Axes) -> list[tuple[float, str]]:
    return [(x, label.get_text()) for x, label in zip(ax.get_xticks(), ax.get_xticklabels(), strict=True)]


def test_ticks_say_the_time_of_the_run_and_none_stands_in_a_break() -> None:
    run = _long_nights()
    ax = run.timeline(cut=0.05)
    told = _ticks(ax)
    times = [float(text) for _, text in told]
    assert times == sorted(times)
    assert [x for x, _ in told] == sorted(x for x, _ in told)
    assert times[0] == 0
    assert any(20 <= time < 20.1 for time in times)
    assert any(time > 50 for time in times)
    cut = compose_timeline(run.log, view=View(cut=SECOND // 20, axis="time")).breaks.stretches
    assert not [t for t in times if any(start / SECOND < t < end / SECOND for start, end in cut)]


def test_cut_leaves_the_axis_of_order_and_bad_lengths_to_one_sentence() -> None:
    log = gallery.contention().log
    for cut in (0, -1, 1e-9, float("nan"), "a while"):
        with pytest.raises(TimelineError, match="give seconds, 1e-05 or more; longer quiet"):
            draw_timeline(log, cut=cut)  # type: ignore[arg-type]
    with pytest.raises(TimelineError, match='leave axis="order" out'):
        draw_timeline(log, cut=1, axis="order")


@pytest.mark.parametrize("width", [2, 9])
def test_of_many_quiet_stretches_the_longest_are_cut(width: float) -> None:
    with simulate() as run:
        for night in range(1, 40):
            sleep(night)
    breaks = quiet(run.log, 0, run.log.ending.time, SECOND // 2, width * 60)
    assert 0 < breaks.room <= width * 60 / 4
    lengths = [round((end - start) / SECOND) for start, end in breaks.stretches]
    assert lengths == list(range(40 - len(lengths), 40))
    assert run.timeline(cut=0.5, width=width).get_xlim()


@given(st.lists(st.integers(0, 100 * SECOND), min_size=1, max_size=20), st.integers(1, 50 * SECOND))
@settings(deadline=None)
def test_what_comes_later_stands_farther_to_the_right_and_as_far_as_its_time_says(
    times: list[int], longest: int
) -> None:
    log = LogBuilder()
    main = log.thread()
    for time in sorted(times):
        log.at(time).note(main, "x")
    breaks = quiet(log.build(), 0, 100 * SECOND, longest, 3000)
    scale = Scale(start=0, per_ns=1e-8, width=1000, breaks=breaks)
    for earlier, later in pairwise(sorted({0, *times, 100 * SECOND})):
        crossed = [each for each in breaks.stretches if earlier <= each[0] and each[1] <= later]
        long = later - earlier - sum(end - start for start, end in crossed)
        assert scale.x(later) - scale.x(earlier) == pytest.approx(long * 1e-8 + GAP * len(crossed))
        assert scale.x(later) > scale.x(earlier)
    kept = list(breaks.parts(0, 100 * SECOND))
    assert sum(end - start for start, end in kept) == 100 * SECOND - breaks.lost(100 * SECOND)
