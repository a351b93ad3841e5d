"""A run becomes a scene: everything that the picture will show, as data.

Owns: `Composition` (the scene, and what stands around it), the order in which lanes and what lies across them
are described, and what the picture says about itself. Rule: two ways of showing a run, event by event
(`compose`) and by shares of time (`compose_dense`), end in the same `Composition`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from tracing.events import EventLog
from tracing.model import Model
from tracing.views.timeline.axis import NO_BREAKS, Axis, Breaks, Columns
from tracing.views.timeline.frame import Choice, Finding, Frame, Lane, View, Window
from tracing.views.timeline.lanes import lane_of
from tracing.views.timeline.lanes.across import (
    draw_breaks,
    draw_ever_after,
    draw_links,
    headroom,
    mark_findings,
    marked_lanes,
    rule_switches,
)
from tracing.views.timeline.lanes.dense import notes_of, shade_object, shade_thread, sheet_of
from tracing.views.timeline.lanes.marks import draw_series, variable_of
from tracing.views.timeline.lanes.strips import MOST_STRIPS
from tracing.views.timeline.lanes.threads import draw_thread
from tracing.views.timeline.layout import Layout, lane_words, lay_out
from tracing.views.timeline.scene import Label, Line, Scene, Spot
from tracing.views.timeline.style import FAINT, PIXEL, QUIET
from tracing.views.timeline.words import DrawnNames, plain
from tracing.views.units import count


@dataclass(frozen=True, slots=True, kw_only=True)
class Composition:
    """A timeline, complete but for the pixels."""

    scene: Scene
    lanes: tuple[Lane, ...]
    title: str
    unit: Axis
    called: tuple[str, ...]  # the axis, from full to short
    start: int  # ns: the window
    end: int
    settled: int  # ns: the end of the record, where ticks end
    left: float  # ns: the axes' left and right ends, a little more than the window
    right: float
    sentences: tuple[str, ...]  # of the findings, numbered
    notes: tuple[str, ...]  # what the picture says about itself
    breaks: Breaks = NO_BREAKS  # what is cut out of the axis
    step: float = 0.0  # from one tick to the next, in the unit, as in other figures; 0: its own

    @property
    def footnotes(self) -> tuple[str, ...]:
        """All that stands below, in full."""
        return *self.sentences, *self.notes

    @property
    def height(self) -> float:
        """Of the lanes, in points."""
        return self.scene.height


def compose(
    log: EventLog, model: Model, view: View, choice: Choice, shown: Window, unit: Axis, settled: int
) -> Composition:
    """Describe a run: its lanes, arrows, findings, and what the picture says about itself."""
    frame = Frame(
        model=model,
        names=DrawnNames(log),
        palette=view.palette,
        metrics=choice.metrics,
        start=shown.start,
        end=shown.end,
        pixel=PIXEL / shown.per_ns,
        long=unit.long,
        variable=variable_of(model.marks),
    )
    _settle_colours(frame)
    marked = marked_lanes(frame.start, frame.end, view.findings)
    scene, layout = Scene(), lay_out(frame, choice, marked)
    _draw_lanes(scene, frame, layout)
    draw_links(scene, frame, layout.places)
    mark_findings(scene, frame.names, shown, view.findings, layout.lanes)
    if isinstance(unit, Columns):
        rule_switches(scene, unit, shown, layout.height)
    if frame.variable:
        scene.notes.append(f"ring: a read of {plain(frame.variable)}, filled disc: a write")
    _say_what_is_missing(scene, frame)
    if (more := len(model.series) - len(choice.series)) and view.objects is None:
        scene.notes.append(f"{count(more, 'marked number')} without a lane")
    finish(scene, layout.lanes, choice, shown, layout.height)
    if settled < shown.end:
        draw_ever_after(scene, choice.metrics, shown, settled)
    draw_breaks(scene, shown.breaks, unit.long)
    if not len(log):
        _empty(scene, shown)
    return composition(scene, layout.lanes, log, view, shown, unit, settled)


def compose_dense(
    log: EventLog, view: View, choice: Choice, shown: Window, unit: Axis, events: int
) -> Composition:
    """Describe a run by shares of time. events: how many there are in the window."""
    sheet = sheet_of(log, view, choice, shown)
    names, scene, top = sheet.names, sheet.scene, choice.metrics.pad
    lanes: list[Lane] = []
    marked = marked_lanes(shown.start, shown.end, view.findings)
    for key, (name, note) in zip(choice.keys, lane_words(names, choice), strict=True):
        top += headroom(names, key, choice.metrics) if key in marked else 0
        height = (shade_thread if key[0] == "thread" else shade_object)(sheet, key[1], top)
        lanes.append(Lane(key=key, name=name, note=note, top=top, height=height))
        top += height + choice.metrics.pad
    mark_findings(scene, names, shown, view.findings, lanes)
    scene.notes += notes_of(log, sheet.density, choice, unit, events)
    finish(scene, tuple(lanes), choice, shown, top)
    return composition(scene, tuple(lanes), log, view, shown, unit, shown.end)


def _draw_lanes(scene: Scene, frame: Frame, layout: Layout) -> None:
    for number, place in layout.places.items():
        draw_thread(scene, frame, frame.model.threads[number - 1], place)
    for lane in layout.lanes:
        if lane.key[0] == "object":
            thing = frame.model.objects[lane.key[1] - 1]
            lane_of(frame, thing)[1](scene, frame, thing, lane.top, layout.places)
        elif lane.key[0] == "series":
            draw_series(scene, frame, frame.model.series[lane.key[1]], lane.top)


def finish(scene: Scene, lanes: tuple[Lane, ...], choice: Choice, shown: Window, height: float) -> None:
    """Lines between the lanes, and below them what has no lane."""
    _separators(scene, shown, lanes, choice.metrics.pad / 2)
    scene.height = height + _rest(scene, choice, shown, height)


def composition(
    scene: Scene, lanes: tuple[Lane, ...], log: EventLog, view: View, shown: Window, unit: Axis, settled: int
) -> Composition:
    """The scene with all that stands around it."""
    return Composition(
        scene=scene,
        lanes=lanes,
        title=plain(log.title if view.title is None else view.title),
        unit=unit,
        called=unit.labels(log),
        start=shown.start,
        end=shown.end,
        settled=settled,
        left=shown.left,
        right=shown.right,
        breaks=shown.breaks,
        sentences=tuple(_finding_notes(view.findings, shown)),
        notes=(*map(plain, view.notes), *scene.notes),
    )


def _settle_colours(frame: Frame) -> None:
    """Hand out colours in the order of the log, not in that of drawing."""
    for info in frame.names.log.objects:
        frame.ink(info.number)


def _separators(scene: Scene, shown: Window, lanes: tuple[Lane, ...], below: float) -> None:
    for lane, after in pairwise(lanes):
        y = lane.top + lane.height + below
        colour, width = (QUIET, 0.6) if lane.key[0] != after.key[0] else (FAINT, 0.8)
        points = ((shown.left, y), (shown.right, y))
        scene.add(Line(what="separator", points=points, colour=colour, width=width, level=0))


def _rest(scene: Scene, choice: Choice, shown: Window, top: float) -> float:
    """The line that says what has no lane; its height. Where there is no room for it, a note."""
    left_out = [
        count(number, f"more {noun}")
        for number, noun in ((choice.more_threads, "thread"), (choice.more_objects, "primitive"))
        if number
    ]
    if not left_out:
        return 0.0
    if choice.squeezed:
        more = count(choice.more_threads + choice.more_objects, "more lane")
        scene.notes.insert(0, f"{more}: no room")
        return 0.0
    spot = Spot(x=shown.start, y=top + 2, align="left")
    text = f"… and {' and '.join(left_out)}"
    scene.add(
        Label(what="rest", texts=(text,), spots=(spot,), size=choice.metrics.text, colour=QUIET, rank=0)
    )
    return 12.0


def _empty(scene: Scene, shown: Window) -> None:
    scene.height = max(scene.height, 60.0)
    spot = Spot(x=(shown.start + shown.end) / 2, y=scene.height / 2)
    scene.add(
        Label(what="empty", texts=("nothing was recorded",), spots=(spot,), size=9, colour=QUIET, rank=0)
    )


def _finding_notes(findings: Sequence[Finding], shown: Window) -> list[str]:
    """Each by the number of its markers; what happened outside of the window has none."""
    return [
        f"({number if shown.has(finding.time) else 'not in this window'}) {plain(finding.sentence)}"
        for number, finding in enumerate(findings, 1)
    ]


def _say_what_is_missing(scene: Scene, frame: Frame) -> None:
    if scene.merged:
        pixel, short = frame.long(frame.pixel), count(scene.merged, "stretch", "stretches")
        scene.notes.append(
            f"{short} of less than {pixel} too short to be seen"
            if pixel
            else f"{short} too narrow to be seen"
        )
    if scene.arrows_left_out:
        scene.notes.append(f"{count(scene.arrows_left_out, 'arrow')} left out")
    if scene.strips_left_out:
        strips = count(sum(scene.strips_left_out.values()), "strip")
        who = frame.names.threads(tuple(scene.strips_left_out))
        scene.notes.append(f"{strips} of what {who} held left out: a lane has room for {MOST_STRIPS}")
