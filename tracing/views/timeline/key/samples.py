"""One sample of each thing that a timeline draws, for the key.

Rule: nothing is drawn here. Each sample is made by the function that makes it in a figure, of a run of two
threads, a lock and one primitive of each other kind, so that the key cannot differ from the figures.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from tracing.events import EventLog, Kind, ObjectInfo, ThreadInfo
from tracing.model import (
    Arrow,
    Band,
    Block,
    Fate,
    Hold,
    Mark,
    Outcome,
    Reading,
    Series,
    Span,
    State,
    Step,
    Wait,
    fold,
)
from tracing.views.timeline.axis import GAP, Breaks, Columns
from tracing.views.timeline.frame import Frame, Place, Strip, Window
from tracing.views.timeline.lanes.across import (
    draw_breaks,
    draw_ever_after,
    draw_marker,
    link_of,
    mark_parting,
    rule_switches,
)
from tracing.views.timeline.lanes.barrier import draw_broken, draw_round, draw_trip
from tracing.views.timeline.lanes.condition import draw_notify
from tracing.views.timeline.lanes.event import draw_flag, set_or_clear
from tracing.views.timeline.lanes.marks import draw_blocks, draw_mark, draw_series
from tracing.views.timeline.lanes.mutex import draw_holder, mark_try
from tracing.views.timeline.lanes.queue import draw_room
from tracing.views.timeline.lanes.stairs import draw_stairs
from tracing.views.timeline.lanes.strips import draw_strips
from tracing.views.timeline.lanes.threads import SPANS, mark_fate
from tracing.views.timeline.lanes.timer import draw_pending, mark_timer
from tracing.views.timeline.lanes.wanted import draw_wanted
from tracing.views.timeline.scene import Bar, Line, Scene, Spot
from tracing.views.timeline.style import PIXEL, ROOMY, Palette
from tracing.views.timeline.words import DrawnNames
from tracing.views.units import duration

POINT = 1_000  # of the samples' time in a point
ROW, SAMPLE, MIDDLE = 22.0, 56, 12.0  # points: a row of the key, its sample, its middle

Draw = Callable[[Scene, Frame, Place], None]

LOCK, EVENT, BARRIER, TIMER = range(1, 5)
ANN, BOB = 2, 3
END = SAMPLE * POINT
HALF = END // 2
_WINDOW = Window(start=0, end=END, left=0, right=END, per_ns=1 / POINT)


def surroundings() -> Frame:
    """The surroundings of the samples: a run in which bob waits for ann's lock."""
    names = ("a lock", "a flag", "a meeting", "an alarm")  # without types: what draws them does not ask
    log = EventLog(
        times=array("q"),
        codes=array("q"),
        threads=tuple(ThreadInfo(number=n, name=name) for n, name in enumerate(("main", "ann", "bob"), 1)),
        objects=tuple(ObjectInfo(number=n, type="", name=each) for n, each in enumerate(names, 1)),
    )
    wait = Wait(index=0, thread=BOB, obj=LOCK, start=0, end=END, outcome=Outcome.ACQUIRED)
    model = fold(log)
    things = (replace(model.objects[0], waits=(0,)), *model.objects[1:])
    return Frame(
        model=replace(model, waits=(wait,), objects=things, duration=END),
        names=DrawnNames(log),
        palette=Palette(),
        metrics=ROOMY,
        start=0,
        end=END,
        pixel=PIXEL * POINT,
        long=lambda ns: duration(round(ns)),
    )


# What a thread does, and how it ends


def state(which: State) -> Draw:
    """A thread in that state."""
    wait = 0 if which in (State.WAITING, State.NOTIFIED) else None
    span = Span(thread=BOB, state=which, start=0, end=END, wait=wait)
    return lambda scene, frame, place: SPANS[which](scene, frame, span, place)


def _running(scene: Scene, frame: Frame, place: Place, end: int = END) -> None:
    SPANS[State.RUNNING](scene, frame, Span(thread=BOB, state=State.RUNNING, start=0, end=end), place)


def fate(how: Fate) -> Draw:
    """The end of a thread."""

    def draw(scene: Scene, frame: Frame, place: Place) -> None:
        _running(scene, frame, place, HALF)
        mark_fate(scene, how, HALF, place.middle, (), frame.metrics, inside=True)

    return draw


def mark(what: str, obj: int = 0) -> Draw:
    """A mark above a thread that runs."""
    said = Mark(what=what, time=HALF, thread=BOB, obj=obj)

    def draw(scene: Scene, frame: Frame, place: Place) -> None:
        _running(scene, frame, place)
        draw_mark(scene, frame, said, place)

    return draw


def outside(scene: Scene, frame: Frame, place: Place) -> None:
    """The frame's run has one wait; here it is for the barrier's round before to leave."""
    wait = replace(frame.model.waits[0], obj=BARRIER, kind=Kind.ROUND_WAIT)
    span = Span(thread=BOB, state=State.WAITING, start=0, end=END, wait=0)
    SPANS[State.WAITING](scene, replace(frame, model=replace(frame.model, waits=(wait,))), span, place)


def last(scene: Scene, frame: Frame, place: Place) -> None:
    _running(scene, frame, place)
    meeting = Band(start=0, end=HALF, thread=ANN, ended_by=BOB)
    draw_round(scene, frame, frame.model.objects[BARRIER - 1], meeting, place.bottom, {BOB: place})


def held(scene: Scene, frame: Frame, place: Place) -> None:
    hold = Hold(obj=LOCK, thread=ANN, start=0, end=END)
    top = place.middle - ROOMY.strip / 2
    strip = Strip(top=top, bottom=top + ROOMY.strip, holds=(hold,))
    draw_strips(scene, frame, replace(place, strips={LOCK: strip}))


# The rows of primitives


def holder(scene: Scene, frame: Frame, place: Place) -> None:
    draw_holder(scene, frame, Hold(obj=LOCK, thread=BOB, start=0, end=END), place.bottom, 1)


def wanted(scene: Scene, frame: Frame, place: Place) -> None:
    draw_wanted(scene, frame, frame.model.objects[LOCK - 1], place.middle - ROOMY.band / 2)


def block(*, raised: bool = False) -> Draw:
    """What the program marked below its thread. raised: it was left by an exception."""
    marked = Block(name="", thread=ANN, start=0, end=END, raised=raised)
    return lambda scene, frame, place: draw_blocks(scene, frame, [[marked]], place.middle - ROOMY.strip / 2)


def series(scene: Scene, frame: Frame, place: Place) -> None:
    readings = tuple(
        Reading(time=END * step // 3, value=value, thread=ANN) for step, value in enumerate((1, 3, 2))
    )
    low = replace(frame, metrics=replace(ROOMY, stair=15.0))
    draw_series(scene, low, Series(name="", readings=readings), place.bottom - 23)


def flag(scene: Scene, frame: Frame, place: Place) -> None:
    band = Band(start=0, end=END, thread=ANN)
    draw_flag(scene, frame, frame.model.objects[EVENT - 1], band, place.top, place.bottom)


def pending(scene: Scene, frame: Frame, place: Place) -> None:
    band = Band(start=0, end=END, thread=ANN)
    draw_pending(scene, frame, TIMER, band, place.top, place.bottom)


def fired(scene: Scene, frame: Frame, place: Place) -> None:
    """A timer until it fires."""
    told = replace(
        frame, model=replace(frame.model, marks=(Mark(what="fired", time=END, obj=TIMER, thread=ANN),))
    )
    pending(scene, frame, place)
    mark_timer(scene, told, frame.model.objects[TIMER - 1], place.top, place.middle)


def tried(scene: Scene, frame: Frame, place: Place) -> None:
    """Marks in the row of a lock that is held."""
    holder(scene, frame, place)
    for time, what in ((HALF // 2, "would block"), (3 * HALF // 2, "refused")):
        mark_try(scene, Mark(what=what, time=time, thread=ANN, obj=LOCK), place.bottom)


def raised(scene: Scene, frame: Frame, place: Place) -> None:
    """A flag that goes up and down again."""
    band = Band(start=HALF // 2, end=3 * HALF // 2, thread=ANN)
    draw_flag(scene, frame, frame.model.objects[EVENT - 1], band, place.top, place.bottom)
    for time, what in ((band.start, "set"), (band.end, "clear")):
        set_or_clear(scene, frame, Mark(what=what, time=time, thread=ANN, obj=EVENT), place.bottom)


def full(scene: Scene, frame: Frame, place: Place) -> None:
    """A queue that is full."""
    steps = tuple(Step(time=END * step // 3, value=value) for step, value in enumerate((1, 2, 3)))
    low = replace(frame, metrics=replace(ROOMY, stair=15.0))
    foot = draw_stairs(scene, low, frame.model.objects[BARRIER - 1], steps, place.bottom - 23, 3, "")
    draw_room(scene, low, BARRIER, foot, 1.0)


def stairs(scene: Scene, frame: Frame, place: Place) -> None:
    steps = tuple(Step(time=END * step // 3, value=value) for step, value in enumerate((1, 3, 2)))
    low = replace(frame, metrics=replace(ROOMY, stair=15.0))
    draw_stairs(scene, low, frame.model.objects[BARRIER - 1], steps, place.bottom - 23, 3, "")


def broken(scene: Scene, frame: Frame, place: Place) -> None:
    band = Band(start=0, end=END, thread=ANN)
    draw_broken(scene, frame, frame.model.objects[BARRIER - 1], band, place.top, place.bottom)


def notify(scene: Scene, frame: Frame, place: Place) -> None:
    draw_notify(scene, frame, Mark(what="notify", time=HALF, thread=ANN, obj=LOCK), place.middle)


# Arrows, and lines through all rows


def arrow(what: str, obj: int = 0) -> Draw:
    """An arrow from one thread to another."""

    def draw(scene: Scene, frame: Frame, place: Place) -> None:
        ends = (replace(place, bottom=place.top), replace(place, top=place.bottom))
        told = Arrow(
            what=what, source=ANN, source_time=HALF // 2, target=BOB, target_time=3 * HALF // 2, obj=obj
        )
        scene.add(replace(link_of(frame, told, *ends), elbow=None))

    return draw


def cancel(scene: Scene, frame: Frame, place: Place) -> None:
    """To the end of a timer that is pending, which is crossed out."""
    lane = replace(place, top=place.bottom - 7)
    band = Band(start=0, end=HALF, thread=ANN)
    draw_pending(scene, frame, TIMER, band, lane.top, lane.bottom)
    called_off = Mark(what="cancelled", time=HALF, thread=ANN, obj=TIMER)
    marked = replace(frame, model=replace(frame.model, marks=(called_off,)))
    mark_timer(scene, marked, frame.model.objects[TIMER - 1], lane.top, lane.middle)
    told = Arrow(what="cancel", source=ANN, source_time=HALF // 3, target=BOB, target_time=HALF, obj=TIMER)
    scene.add(link_of(frame, told, replace(place, top=-4.0, bottom=0.0), lane))


def trip(scene: Scene, frame: Frame, place: Place) -> None:
    draw_trip(scene, frame, Mark(what="trip", time=HALF, thread=ANN, obj=BARRIER), place.bottom, {ANN: place})


def ground(scene: Scene, frame: Frame, place: Place) -> None:
    scene.height = place.bottom
    draw_ever_after(scene, ROOMY, _WINDOW, HALF)
    scene.shapes = [_inside(shape, place) for shape in scene.shapes]


def _inside(shape: Any, place: Place) -> Any:
    """What goes from the top to the foot of a figure, in its row."""
    if isinstance(shape, Line):
        x = shape.points[0][0]
        return replace(shape, points=((x, place.top), (x, place.bottom)))
    return replace(shape, y0=place.top, y1=place.bottom) if isinstance(shape, Bar) else shape


def switch(scene: Scene, frame: Frame, place: Place) -> None:
    import numpy as np

    columns = Columns(numbers=np.arange(2), switches=np.array([1]), steps=True, ns=HALF)
    rule_switches(scene, columns, _WINDOW, place.bottom)
    scene.shapes = [_inside(shape, place) for shape in scene.shapes]


def cut_out(scene: Scene, frame: Frame, place: Place) -> None:
    _running(scene, frame, place)
    half = round(GAP / 2 * POINT)
    draw_breaks(scene, Breaks(stretches=((HALF - half, HALF + half),)), frame.long)
    scene.shapes = [_inside(s, place) if getattr(s, "what", "") == "break" else s for s in scene.shapes]


def parting(scene: Scene, frame: Frame, place: Place) -> None:
    mark_parting(scene, HALF)
    scene.shapes = [_inside(shape, place) for shape in scene.shapes]


# What went wrong


@dataclass(frozen=True, slots=True, kw_only=True)
class _Finding:
    """As much of a finding as its marker needs."""

    severity: str
    threads: tuple[int, ...] = ()
    objects: tuple[int, ...] = ()
    time: int = HALF
    sentence: str = ""


def finding(severity: str) -> Draw:
    """The marker of a finding."""
    told = _Finding(severity=severity)
    return lambda scene, frame, place: draw_marker(scene, told, 1, Spot(x=HALF, y=place.middle))
