"""The first station: what is decided about a run, before the size of a pixel is known and as soon as it is.

Owns: `Stage`, and all decisions: which lanes, which window, which axis, one by one or by shares of time, for
how long waits go on that never end; and `Plan`, the same on so many points of paper.

Rule: threads come in order of first start, then primitives in order of first appearance; the figure never
grows with the trace, so past `MOST_LANES` the rest is counted in a line of its own. What is open at the end
of the record, and only that, is drawn on beyond it, on a ground of its own, and no tick of the axis stands
there.

How it works: `set_stage` decides what the paper has no say in; `fit` and `fit_together` put it on paper.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from tracing.events import EventLog, ObjectInfo, ThreadInfo
from tracing.model import Hold, Model, fold
from tracing.model import Span as SpanOfLife
from tracing.views.endless import beyond, prolonged
from tracing.views.timeline.axis import (
    COLUMN,
    NO_BREAKS,
    Axis,
    Breaks,
    Moved,
    Ordered,
    fitting_axis,
    ordered,
    quiet,
    unit_for,
)
from tracing.views.timeline.frame import Choice, View, Wanted, Window
from tracing.views.timeline.merged import widened
from tracing.views.timeline.style import EDGE, PIXEL, SLIVER
from tracing.views.timeline.words import DrawnNames, fate_texts, width, width_within

MOST_LANES = 24
MOST_SERIES = 4  # numbers that have a lane, besides
LEAST_OBJECTS = 6  # of them, kept for primitives when there are many threads
DENSE = 15_000  # events in the window, about 1e4 spans: from there on, shares
NAME = 9.0  # points: the letters of a lane's name
MOST_WIDENED = 0.15  # of a lane's width

Span = tuple[int, int]
Source = Model | Callable[[], Model] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """All that is decided about a picture, with the paper that it is for."""

    log: EventLog
    model: Model | None  # None: by shares of time
    view: View
    choice: Choice
    shown: Window
    unit: Axis
    settled: int  # ns: the end of the record, where ticks end
    events: int  # how many there are in the window
    parting: int | None  # ns: where the run parts from another one


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A run that can be drawn as soon as the window is fitted to the paper."""

    log: EventLog
    view: View
    choice: Choice
    span: Span
    settled: int  # ns: the end of the record, as far as it is shown
    model: Model | None  # None: by shares of time
    order: Ordered | None = None  # None: the axis is one of time

    @property
    def unit(self) -> Axis:
        """Its axis; in seconds for an empty record."""
        if self.order is not None:
            return self.order.columns
        return unit_for(self.settled - self.span[0] if len(self.log) else 10**9)

    def time_of(self, seq: int) -> int:
        """Where an event lies on the axis, in order its column begins; the end for what comes after the last
        one.
        """
        time = self.log.times[seq] if seq < len(self.log) else self.log.ending.time
        return time if self.order is None else time // COLUMN * COLUMN

    def tails(self, span: Span, breaks: Breaks = NO_BREAKS) -> list[tuple[float, float]]:
        """Where words stand beyond the ends of lanes, and the points that they need."""
        return tails(self.model, self.choice, span, breaks) if self.model else []

    def breaks(self, points: float) -> Breaks:
        """The quiet stretches that are cut out, where that was asked for, of an axis of so many points."""
        if self.model is None or self.view.cut is None or self.order is not None:
            return NO_BREAKS
        return quiet(self.log, self.span[0], self.settled, self.view.cut, points)

    def plan(self, shown: Window, unit: Axis) -> Plan:
        """What is to be drawn, in a window that fits the paper."""
        parting = self.view.parting
        open_end = self.model is not None and self.settled < self.span[1]
        return Plan(
            log=self.log,
            model=self.model,
            view=self.view,
            choice=self.choice,
            shown=shown,
            unit=unit,
            settled=self.settled if open_end else shown.end,
            events=events_in(self.log, shown.start, shown.end),
            parting=None if parting is None else self.time_of(parting),
        )

    def lengthened(self, end: int) -> Stage:
        """What never ends goes on to `end`, the end of an axis shared with longer runs."""
        if self.model is None or self.settled == self.span[1] or end <= self.span[1]:
            return self
        return replace(self, model=prolonged(self.model, end - self.span[1]), span=(self.span[0], end))

    def with_fewer_lanes(self, share: float) -> Stage:
        """With so large a share of its lanes, at least one, and at least one fewer."""
        lanes = len(self.choice.keys)
        return replace(self, choice=self.choice.first(max(1, min(lanes - 1, int(lanes * share)))))

    def by_shares_if_widened(self, points: float, end: int = 0) -> Stage:
        """Itself; by shares of time where, on so many points, a good part of a lane would be widened slivers.

        `end`: of an axis shared with longer runs.
        """
        start, last = self.span[0], max(self.span[1], end)
        pixel = (last - start - self.breaks(points).lost(last)) / points
        if self.model is None or not _is_widened(self.model, self.choice, (start, last), pixel):
            return self
        choice = replace(self.choice, series=())
        return replace(self, model=None, span=(start, self.settled), choice=choice)

    def fit(self, points: float) -> Plan:
        """Itself on so many points."""
        breaks = self.breaks(points)
        shown = window(self.span, points, self.tails(self.span, breaks), breaks)
        return self.plan(shown, self.unit)


def _is_widened(model: Model, choice: Choice, span: Span, point: float) -> bool:
    """Whether in one of the lanes slivers would take more than `MOST_WIDENED` of the width. point: ns."""
    lanes: list[tuple[SpanOfLife | Hold, ...]] = [
        model.threads[number - 1].spans for number in choice.threads
    ]
    lanes += [model.objects[number - 1].holds for number in choice.objects]
    start, end = span
    for lane in lanes:
        seen = [each for each in lane if each.end > start and each.start < end]
        if widened(seen, PIXEL * point, SLIVER * point) * SLIVER * point > MOST_WIDENED * (end - start):
            return True
    return False


def set_stage(log: EventLog, source: Source, view: View) -> Stage:
    """Decide. `source`: the run's fold, or what makes it, called only if the run is drawn event by event."""
    if (view.axis or fitting_axis(log)) == "order" and len(log):
        order = ordered(log)
        return replace(_set_stage(order.log, None, _by_order(view, order)), order=order)
    return _set_stage(log, source, view)


def _by_order(view: View, order: Ordered) -> View:
    """The view of the ordered record: what it says in times said in places."""
    last = None if view.end is None else order.until(view.end)
    findings = tuple(
        Moved(
            threads=each.threads,
            objects=each.objects,
            time=order.at(each.time, each.threads),
            sentence=each.sentence,
            severity=each.severity,
        )
        for each in view.findings
    )
    start = None if view.start is None else order.since(view.start)
    return replace(view, start=start, end=last, findings=findings)


def _set_stage(log: EventLog, source: Source, view: View) -> Stage:
    if is_dense(log, view.start, view.end):
        span = span_of(max(log.ending.time, log.times[-1]), view)
        numbers = [info.number for info in log.threads]
        return Stage(
            log=log,
            view=view,
            choice=choose(log, numbers, view.threads, view.objects),
            span=span,
            settled=span[1],
            model=None,
        )
    model = fold(log) if source is None else source if isinstance(source, Model) else source()
    more = beyond(model, log.ending.reason) if view.end is None else 0
    after = prolonged(model, more)
    started = [thread.number for thread in sorted(after.threads, key=lambda t: (t.start, t.number))]
    span = span_of(after.duration, view)
    choice = choose(log, started, view.threads, view.objects)
    marked = after.series[:MOST_SERIES] if view.objects is None else ()
    return Stage(
        log=log,
        view=view,
        choice=replace(choice, series=tuple(each.name for each in marked)),
        span=span,
        settled=span[1] - more,
        model=after,
    )


# Which lanes, which window, one by one or by shares


def choose(log: EventLog, started: Sequence[int], threads: Wanted, objects: Wanted) -> Choice:
    """The lanes that were asked for (names or numbers; None: all), as many as a figure has room for.

    A timer whose thread has a lane is drawn there, and needs none of its own unless that was asked for.

    Parameters: `started`, the threads' numbers in order of first start.
    """
    names = DrawnNames(log)
    who = [number for number in started if _asked(log.thread(number), threads)]
    shown = {log.thread(number).timer for number in who} if objects is None else set()
    what = [
        o.number
        for o in log.objects
        if _asked(o, objects) and names.lane(o.number) == o.number and o.number not in shown
    ]
    most_objects = max(LEAST_OBJECTS, MOST_LANES - len(who))
    most_threads = MOST_LANES - min(len(what), most_objects)
    return Choice(
        threads=tuple(who[:most_threads]),
        objects=tuple(what[:most_objects]),
        more_threads=max(0, len(who) - most_threads),
        more_objects=max(0, len(what) - most_objects),
    )


def _asked(info: ThreadInfo | ObjectInfo, wanted: Wanted) -> bool:
    return wanted is None or info.number in (wanted := tuple(wanted)) or info.name in wanted


def is_dense(log: EventLog, start: int | None = None, end: int | None = None) -> bool:
    """Whether the window holds too many events to be drawn one by one."""
    return events_in(log, start, end) > DENSE


def events_in(log: EventLog, start: int | None, end: int | None) -> int:
    first = bisect_left(log.times, start) if start else 0
    last = len(log) if end is None else bisect_right(log.times, end)
    return max(0, last - first)


def span_of(length: int, view: View) -> tuple[int, int]:
    """The window that a view asks for, in ns; never empty."""
    start = max(0, view.start or 0)
    end = length if view.end is None else view.end
    return start, max(end, start + 1)


def window(
    span: tuple[int, int], points: float, tails: Sequence[tuple[float, float]], breaks: Breaks = NO_BREAKS
) -> Window:
    """Fit a stretch of time into so many points, with room at the ends for the words that stand beyond it.

    Parameters: `tails`, for each lane with words at its end: (where, as a share of the stretch; points that
    they need).
    """
    start, end = span
    margin = 9.0
    after = max((need - (1 - where) * points for where, need in tails), default=0.0)
    after = min(max(margin, after + margin), points * 0.3)
    per_ns = (points - margin - after - breaks.room) / (end - start - breaks.lost(end))
    left, right = start - margin / per_ns, end + after / per_ns
    return Window(start=start, end=end, left=left, right=right, per_ns=per_ns, breaks=breaks)


def tails(
    model: Model, choice: Choice, span: tuple[int, int], breaks: Breaks = NO_BREAKS
) -> list[tuple[float, float]]:
    """Where words stand beyond the ends of lanes, and how much room they need."""
    start, end = span
    found = []
    for number in choice.threads:
        thread = model.threads[number - 1]
        texts = fate_texts(thread)
        if texts and start <= thread.end <= end:
            kept = thread.end - start - breaks.lost(thread.end)
            where = kept / (end - start - breaks.lost(end))
            found.append((where, width(texts[0], choice.metrics.small) + 16))
    return found


def fit_together(stages: Sequence[Stage], points: float) -> list[Plan]:
    """Several runs on one axis of so many points: the same place is the same time, or column."""
    end = max(each.span[1] for each in stages)
    stages = [each.by_shares_if_widened(points, end).lengthened(end) for each in stages]
    ends = [tail for each in stages for tail in each.tails((0, end))]
    shown = window((0, end), points, ends)
    unit = unit_for(max(each.settled for each in stages))
    return [each.plan(shown, each.order.columns if each.order else unit) for each in stages]


def left_margin_of(stages: Sequence[Stage], total: float) -> float:
    """The room in front of the lanes of all of these runs for their names and notes: at most a quarter of the
    figure.
    """
    titles = [title for each in stages for title in each.choice.titles(DrawnNames(each.log))]
    most = total * 0.25 - 12
    words = [each for name, note in titles for each in ((name, NAME), (note, NAME - 1.8))]
    return max((width_within(most, *each) for each in words), default=20.0) + 12 + EDGE
