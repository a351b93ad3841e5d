"""A run becomes a scene: everything that the picture will show, as data.

Owns: `Composition` (the scene, and what stands around it), the order in which lanes and what lies across them
are described, each once, from its upper edge to its lower one, and what the picture says about itself. Rule:
two ways of showing a run, event by event and by shares of time, end in the same `Composition`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

from tracing.model import Model
from tracing.views.timeline.axis import NO_BREAKS, Axis, Breaks
from tracing.views.timeline.frame import Choice, Finding, Frame, Lane, LaneKey, Place, Window
from tracing.views.timeline.lanes import draw_thing
from tracing.views.timeline.lanes.across import (
    draw_across,
    headroom,
    mark_plan,
    marked_lanes,
)
from tracing.views.timeline.lanes.dense import notes_of, shade_lane, sheet_of
from tracing.views.timeline.lanes.marks import draw_series, variable_of
from tracing.views.timeline.lanes.strips import MOST_STRIPS
from tracing.views.timeline.lanes.threads import draw_thread, head_room, place_of
from tracing.views.timeline.scene import Label, Line, Scene, Spot
from tracing.views.timeline.stage import Plan
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


def composed(plan: Plan) -> Composition:
    """Describe a run as it was decided: event by event, or by shares of time."""
    return _by_events(plan, plan.model) if plan.model else _by_shares(plan)


def _by_events(plan: Plan, model: Model) -> Composition:
    """Its lanes, arrows, findings, and what the picture says about itself."""
    scene, frame, places = Scene(), _frame(plan, model), dict[int, Place]()
    above, draw = partial(_above, frame, _marked(plan)), partial(_draw_lane, scene, frame, places)
    lanes, foot = _stack(plan.choice, frame.names, above, draw)
    _close(scene, lanes, plan, foot)
    draw_across(scene, frame, plan, lanes, places, foot)
    if frame.variable:
        scene.notes.append(f"ring: a read of {plain(frame.variable)}, filled disc: a write")
    _say_what_is_missing(scene, frame)
    if (more := len(model.series) - len(plan.choice.series)) and plan.view.objects is None:
        scene.notes.append(f"{count(more, 'marked number')} without a lane")
    return _composition(scene, lanes, plan)


def _by_shares(plan: Plan) -> Composition:
    """The share of time in each state, in each column of pixels."""
    sheet, marked = sheet_of(plan.log, plan.view, plan.choice, plan.shown), _marked(plan)

    def above(key: LaneKey) -> float:
        return headroom(sheet.names, key, sheet.metrics) if key in marked else 0.0

    lanes, foot = _stack(plan.choice, sheet.names, above, partial(shade_lane, sheet))
    _close(sheet.scene, lanes, plan, foot)
    sheet.scene.notes += notes_of(plan.log, sheet.density, plan.choice, plan.unit, plan.events)
    mark_plan(sheet.scene, sheet.names, plan, lanes)
    return _composition(sheet.scene, lanes, plan)


def _marked(plan: Plan) -> set[LaneKey]:
    """The lanes that get markers of findings."""
    return marked_lanes(plan.shown.start, plan.shown.end, plan.view.findings)


def _frame(plan: Plan, model: Model) -> Frame:
    """The lanes' surroundings; colours are handed out in the order of the log, not in that of drawing."""
    frame = Frame(
        model=model,
        names=DrawnNames(plan.log),
        palette=plan.view.palette,
        metrics=plan.choice.metrics,
        start=plan.shown.start,
        end=plan.shown.end,
        pixel=PIXEL / plan.shown.per_ns,
        long=plan.unit.long,
        variable=variable_of(model.marks),
    )
    for info in plan.log.objects:
        frame.ink(info.number)
    return frame


def _stack(
    choice: Choice,
    names: DrawnNames,
    above: Callable[[LaneKey], float],
    draw: Callable[[LaneKey, float], float],
) -> tuple[tuple[Lane, ...], float]:
    """Draw the chosen lanes under each other; they, and where the last one's room ends.

    above: the room that a lane needs above it; draw: describes a lane from there on, and says where it ends.
    """
    lanes: list[Lane] = []
    top = choice.metrics.pad
    for key, (name, note) in zip(choice.keys, choice.titles(names), strict=True):
        top += above(key)
        foot = draw(key, top)
        lanes.append(Lane(key=key, name=name, note=note, top=top, height=foot - top))
        top = foot + choice.metrics.pad
    return tuple(lanes), top


def _above(frame: Frame, marked: Set[LaneKey], key: LaneKey) -> float:
    """The room above a lane: for a second row of words, for markers."""
    words = head_room(key[1], frame) if key[0] == "thread" else 0.0
    markers = headroom(frame.names, key, frame.metrics, touched=words > 0) if key in marked else 0.0
    return max(words, markers)


def _draw_lane(scene: Scene, frame: Frame, places: dict[int, Place], key: LaneKey, top: float) -> float:
    """Threads come first: what follows knows their places."""
    kind, number = key
    if kind == "series":
        return draw_series(scene, frame, frame.model.series[number], top)
    if kind == "object":
        return draw_thing(scene, frame, frame.model.objects[number - 1], top, places)
    thread = frame.model.threads[number - 1]
    places[number] = place_of(thread, frame, top)
    return draw_thread(scene, frame, thread, places[number])


def _close(scene: Scene, lanes: tuple[Lane, ...], plan: Plan, foot: float) -> None:
    """Lines between the lanes, and below them what has no lane; words where nothing is above them."""
    _separators(scene, plan.shown, lanes, plan.choice.metrics.pad / 2)
    scene.height = foot + _rest(scene, plan.choice, plan.shown, foot)
    if not len(plan.log):
        _empty(scene, plan.shown)


def _composition(scene: Scene, lanes: tuple[Lane, ...], plan: Plan) -> Composition:
    """The scene with all that stands around it."""
    shown, view = plan.shown, plan.view
    return Composition(
        scene=scene,
        lanes=lanes,
        title=plain(plan.log.title if view.title is None else view.title),
        unit=plan.unit,
        called=plan.unit.labels(plan.log),
        start=shown.start,
        end=shown.end,
        settled=plan.settled,
        left=shown.left,
        right=shown.right,
        breaks=shown.breaks,
        sentences=tuple(_finding_notes(view.findings, shown)),
        notes=(*map(plain, view.notes), *scene.notes),
    )


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
