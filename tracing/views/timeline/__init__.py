"""The timeline: a lane per thread, a lane per primitive, and arrows between them, drawn with matplotlib.

Owns: the entry points, `draw_timeline`, `compare_timelines` and `compose_timeline`, and what they refuse.
Rule: it computes nothing that the model should, holds no state between calls (a `Palette` is the caller's),
and never touches pyplot: a figure is shown where its caller shows it, once.

How it works: a log becomes a picture on one way, and enters each station once.

    stage.py      decides what is shown: lanes, window, axis, one by one or by shares: a `Plan`
    compose.py    has it described, and says what is left out: a `Composition`, a scene without a pixel
    lanes/        the lanes under each other, each drawn once: threads, families of primitives, numbers; what
                  lies across them
    figure.py     axes with title, ticks and notes
    labels.py     which words fit where
    paint.py      shapes and words as artists of matplotlib

It carries along: `style.py` (colours, sizes), `words.py` (names made harmless, measured, shortened),
`merged.py` (stretches too short to be seen), `scene.py` (the shapes), `axis.py` (time or order, with ticks;
what is cut out; from time to points) and `frame.py` (what every lane is told: `View`, `Choice`, `Window`,
`Frame`, the places of lanes). `key/` draws one of each thing, by the same code. Who may import whom, and that
a log goes this way, is held in `tests/test_layers.py`.

Two ways go back, because that is the simpler code. Axes of the caller's are measured before a run is put on
paper, and one with more lanes than they have room for is composed again with fewer: how high lanes are is
known when they are drawn. Runs above each other pass compose, and labels and paint, one after the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import isfinite
from numbers import Real
from typing import TYPE_CHECKING

from tracing.errors import TimelineError
from tracing.events import EventLog
from tracing.views.selection import Selection, selected_objects, selected_threads
from tracing.views.timeline.axis import fitting_axis
from tracing.views.timeline.compose import Composition, composed
from tracing.views.timeline.figure import (
    draw_figure,
    extent,
    render,
    room_for_lanes,
)
from tracing.views.timeline.frame import Finding, View
from tracing.views.timeline.stage import Source, Stage, fit_together, left_margin_of, set_stage
from tracing.views.timeline.style import EDGE, Palette
from tracing.views.units import duration

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["Palette", "Run", "compare_timelines", "compose_timeline", "draw_timeline"]

LEAST_WIDTH, MOST_WIDTH = 2, 100  # inches
LEAST = 0.8  # of a lane's height, in axes of the caller's: lower, and its words would meet the next one's
MOST_SECONDS = 1e9
LEAST_CUT = 0.00001  # seconds: of what is shorter nothing would be left beside a break


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run to compare with others."""

    log: EventLog
    model: Source = None  # as for draw_timeline
    title: str | None = None  # None: the log's
    findings: Sequence[Finding] = ()
    parting: int | None = None  # so many events are as in the others; None: where they part is not marked


def draw_timeline(
    log: EventLog,
    model: Source = None,
    *,
    ax: Axes | None = None,
    width: float = 9.0,
    threads: Selection = None,
    objects: Selection = None,
    start: float | None = None,
    end: float | None = None,
    title: str | None = None,
    findings: Sequence[Finding] = (),
    notes: Sequence[str] = (),
    palette: Palette | None = None,
    axis: str | None = None,
    cut: float | None = None,
) -> Axes:
    """Draw a run: what each thread did, who had each primitive, and who let whom go on.

    Words that do not fit are shortened, then left out; at most 24 lanes are drawn, fewer in low axes of the
    caller's, and the figure says how many there are more. Stretches shorter than a pixel are merged; a window
    of more than 15,000 events, or one in which many stretches are too short to be seen, is drawn by the share
    of time in each state. The figure says both.

    Parameters: `log`, a run; `model`, its fold or a function that gives it, which is only called if needed
    (None: folded here); `ax`, axes to draw into (None: a new figure as high as it needs to be); `width`, of
    the new figure in inches, 2 to 100; `threads` and `objects`, the names or numbers of those to show, one or
    several (None: all);
    `start` and `end`, the window in seconds since the run began (None: all of it); `title` (None: the
    log's, "": none); `findings`, marked with numbers where they happened, their sentences below; `notes`,
    what stands below as well; `palette`, shared with other figures to give the same name the same colour in
    all of them; `axis`, "time", or "order": a column of the same width for each turn of a simulated run, with
    the number of the schedule's step below ("3:2" is at step 3, thread 2), and for each event of another run
    (None: "order" where time says nothing, because nobody in a simulated run ever waited for the clock, or
    most events share a pixel); `cut`, seconds: quiet stretches of the time, in which nothing is recorded, are
    cut out where they are longer than that, each with a visible break (None: none is; where a run is drawn by
    the share of time in each state, none is either).

    Result: the axes. Their figure is not shown; x is in the unit that the axis names.
    Raises NoSuchThreadError and NoSuchPrimitiveError where one that was asked for is not in the run, and
    TimelineError for a width, a window or an axis that cannot be drawn.
    """
    _check_width(width)
    _check_axis(axis)
    _check_window(log, start, end)
    _check_cut(cut, axis)
    shown = _shown([log], "timeline()", palette, threads, objects)
    view = replace(
        shown,
        start=_nanoseconds(start),
        end=_nanoseconds(end),
        title=title,
        findings=tuple(findings),
        notes=tuple(notes),
        axis="time" if cut is not None else axis,
        cut=_nanoseconds(cut),
    )
    run = set_stage(log, model, view)
    return _in_new_figure(run, width * 72) if ax is None else _in_axes(run, ax)


def _in_new_figure(run: Stage, width: float) -> Axes:
    """As high as it needs to be. width: in points."""
    left = left_margin_of([run], width)
    points = width - left - EDGE
    return draw_figure([composed(run.by_shares_if_widened(points).fit(points))], left, width).axes[0]


def _in_axes(run: Stage, ax: Axes) -> Axes:
    """In the caller's, as high as they are: with as many lanes as there is room for, but at least one."""
    points = extent(ax).width
    run = run.by_shares_if_widened(points)
    part = composed(run.fit(points))
    while (room := room_for_lanes(ax, part) / LEAST) < part.scene.height and len(run.choice.keys) > 1:
        run = run.with_fewer_lanes(room / part.scene.height)
        part = composed(run.fit(points))
    render(ax, part)
    return ax


def compose_timeline(
    log: EventLog, model: Source = None, *, points: float = 560.0, view: View | None = None
) -> Composition:
    """What `draw_timeline` would draw, as data: lanes, shapes and words.

    `points` is the width of the axes.
    """
    return composed(set_stage(log, model, view or View()).by_shares_if_widened(points).fit(points))


def compare_timelines(
    runs: Sequence[Run],
    *,
    width: float = 9.0,
    threads: Selection = None,
    objects: Selection = None,
    palette: Palette | None = None,
    note: str = "",
    axis: str | None = None,
) -> Figure:
    """Draw runs above each other on one axis: the broken one above the fixed one.

    The same stretch of paper is the same time, or the same column, in all of them, and the same name has the
    same colour.

    Parameters: `runs`, from top to bottom; `note`, a sentence below all of them; `axis`, for all of
    them (None: "order" where that fits each of them); the others as for
    `draw_timeline`; a thread or primitive must be in one of the runs. Result: the figure.
    Raises ValueError when there is no run, else as `draw_timeline`.
    """
    if not runs:
        raise ValueError("compare_timelines() got no run to draw; give it a list with at least one Run.")
    _check_width(width)
    _check_axis(axis)
    logs = [run.log for run in runs]
    axis = axis or ("order" if all(fitting_axis(log) == "order" for log in logs) else "time")
    shared = _shown(logs, "compare()", palette, threads, objects)
    views = [
        replace(shared, title=run.title, findings=tuple(run.findings), axis=axis, parting=run.parting)
        for run in runs
    ]
    total = width * 72
    stages = [set_stage(run.log, run.model, view) for run, view in zip(runs, views, strict=True)]
    left = left_margin_of(stages, total)
    parts = [composed(plan) for plan in fit_together(stages, total - left - EDGE)]
    return draw_figure(parts, left, total, note)


def _shown(
    logs: Sequence[EventLog], by: str, palette: Palette | None, threads: Selection, objects: Selection
) -> View:
    """The lanes that were asked for, `by` whose options."""
    return View(
        palette=palette or Palette(),
        threads=selected_threads(threads, logs, by),
        objects=selected_objects(objects, logs, by),
    )


# What cannot be drawn is one clear error, not a picture without anything in it.


def _check_width(width: float) -> None:
    """Raise TimelineError for a figure that wide, in inches, where none can be."""
    if not (_is_number(width) and LEAST_WIDTH <= width <= MOST_WIDTH):
        raise TimelineError(
            f"timeline() cannot draw a figure {width!r} inches wide: give a width from {LEAST_WIDTH} to "
            f"{MOST_WIDTH}."
        )


def _check_axis(axis: str | None) -> None:
    """Raise TimelineError for an axis that there is not."""
    if axis not in (None, "time", "order"):
        raise TimelineError(f'timeline(axis={axis!r}): write "time" or "order", or leave it out.')


def _check_window(log: EventLog, start: float | None, end: float | None) -> None:
    """Raise TimelineError where there is nothing to see between these seconds of the run."""
    for name, second in (("start", start), ("end", end)):
        if second is not None and not _is_number(second):
            raise TimelineError(f"timeline({name}={second!r}): give seconds since the run began.")
    first = max(0, _nanoseconds(start) or 0)
    last = max(log.ending.time, log.times[-1] if len(log.times) else 0)
    if end is not None and end * 1e9 <= first:
        raise TimelineError(f"timeline() got a window that ends at {end:g} s, not after its start.")
    if first > last:
        raise TimelineError(
            f"timeline() has nothing to show from {start:g} s on: the run was over after {duration(last)}."
        )


def _check_cut(cut: float | None, axis: str | None) -> None:
    """Raise TimelineError where no time can be cut out so."""
    if cut is not None and not (_is_number(cut) and cut >= LEAST_CUT):
        raise TimelineError(
            f"timeline(cut={cut!r}): give seconds, {LEAST_CUT} or more; longer quiet stretches are cut out."
        )
    if cut is not None and axis == "order":
        raise TimelineError('timeline(cut=…) cuts out time: leave axis="order" out.')


def _nanoseconds(seconds: float | None) -> int | None:
    """The same time in ns; what is far beyond any run, no farther than that."""
    return None if seconds is None else round(max(-MOST_SECONDS, min(seconds, MOST_SECONDS)) * 1e9)


def _is_number(value: object) -> bool:
    return isinstance(value, Real) and isfinite(value)
