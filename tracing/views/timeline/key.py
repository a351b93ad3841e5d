"""The key: one of each thing that a timeline draws, and what it says.

Rule: nothing is drawn here. Each sample is made by the function that makes it in a figure, of a run of two
threads and a lock, so that the key cannot differ from the figures. What a function writes beside its sample
is left out; the words of the key stand there.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

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
    Wait,
    fold,
)
from tracing.views.timeline.axis import Columns
from tracing.views.timeline.compose import Window, draw_ever_after, draw_marker, rule_switches
from tracing.views.timeline.frame import Frame, Place, Strip
from tracing.views.timeline.layout import Choice
from tracing.views.timeline.links import link_of
from tracing.views.timeline.marks import draw_blocks, draw_series
from tracing.views.timeline.objects.barrier import draw_round, draw_trip
from tracing.views.timeline.objects.event import draw_flag
from tracing.views.timeline.objects.mutex import draw_holder
from tracing.views.timeline.objects.timer import draw_pending
from tracing.views.timeline.objects.wanted import draw_wanted
from tracing.views.timeline.scene import Bar, Glyph, Label, Line, Link, Scene, Spot
from tracing.views.timeline.style import PIXEL, ROOMY, Palette
from tracing.views.timeline.threads import SPANS, draw_mark, draw_strips, mark_fate
from tracing.views.timeline.words import DrawnNames
from tracing.views.units import duration

if TYPE_CHECKING:
    from matplotlib.figure import Figure

POINT = 1_000  # of the samples' time in a point
ROW, SAMPLE, WORDS, MIDDLE = 26.0, 56, 70, 13.0  # points: a row, its sample, where words begin, its middle
COLUMN_WIDE, EDGE = 330.0, 6.0  # points: a column of samples and words, and what is free before it


Draw = Callable[[Scene, Frame, Place], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing and what it says. draw: puts the sample into a scene, around the row's middle."""

    words: str
    draw: Draw


class Key:
    """What each mark of a timeline says: in a notebook a figure, else a list."""

    def __init__(self) -> None:
        self.entries = ENTRIES

    def figure(self) -> Figure:
        """The key as a matplotlib figure."""
        from tracing.views.timeline.figure import draw_scene

        return draw_scene(compose_key(), POINT, COLUMN_WIDE * 2)

    def __repr__(self) -> str:
        return "\n".join(entry.words for entry in self.entries)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        from tracing.views.timeline.figure import to_png

        return {"image/png": to_png(self.figure()), "text/plain": repr(self)}


def compose_key() -> Scene:
    """The key as data: two columns of rows, a sample and its words in each. x is in `POINT` of a point."""
    scene, rows = Scene(height=0.0), -(-len(ENTRIES) // 2)
    for index, entry in enumerate(ENTRIES):
        column, row = divmod(index, rows)
        scene.add(*_sample(entry, (column * COLUMN_WIDE + EDGE) * POINT, row * ROW))
    scene.height = rows * ROW + 6
    return scene


def _sample(entry: Entry, x: float, y: float) -> list[Any]:
    own = Scene(height=ROW)
    top = MIDDLE - ROOMY.bar / 2
    entry.draw(own, _frame(), Place(top=top, bottom=top + ROOMY.bar, strips={}))
    spot = Spot(x=WORDS * POINT, y=MIDDLE, align="left")
    own.shapes = [shape for shape in own.shapes if not isinstance(shape, Label) or shape.pinned]
    own.add(Label(what="key", texts=(entry.words,), spots=(spot,), size=8.0, backed=False))
    return [_moved(shape, x, y) for shape in own.shapes]


def _moved(shape: Any, x: float, y: float) -> Any:
    """The same shape in its row."""
    if isinstance(shape, Bar | Link):
        return replace(shape, x0=shape.x0 + x, x1=shape.x1 + x, y0=shape.y0 + y, y1=shape.y1 + y)
    if isinstance(shape, Line):
        return replace(shape, points=tuple((px + x, py + y) for px, py in shape.points))
    if isinstance(shape, Glyph):
        return replace(shape, x=shape.x + x, y=shape.y + y)
    return replace(shape, spots=tuple(replace(s, x=s.x + x, y=s.y + y) for s in shape.spots))


LOCK, EVENT, BARRIER, TIMER = range(1, 5)
ANN, BOB = 2, 3
END = SAMPLE * POINT
HALF = END // 2
_WINDOW = Window(start=0, end=END, left=0, right=END, per_ns=1 / POINT)


def _frame() -> Frame:
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
        model=replace(model, waits=(wait,), objects=things),
        names=DrawnNames(log),
        palette=Palette(),
        metrics=ROOMY,
        start=0,
        end=END,
        pixel=PIXEL * POINT,
        long=lambda ns: duration(round(ns)),
    )


def _state(state: State) -> Draw:
    wait = 0 if state in (State.WAITING, State.NOTIFIED) else None
    span = Span(thread=BOB, state=state, start=0, end=END, wait=wait)
    return lambda scene, frame, place: SPANS[state](scene, frame, span, place)


def _fate(fate: Fate) -> Draw:
    def draw(scene: Scene, frame: Frame, place: Place) -> None:
        SPANS[State.RUNNING](scene, frame, Span(thread=BOB, state=State.RUNNING, start=0, end=HALF), place)
        mark_fate(scene, fate, HALF, place.middle, (), frame.metrics, inside=True)

    return draw


def _mark(what: str, obj: int = 0) -> Draw:
    mark = Mark(what=what, time=HALF, thread=BOB, obj=obj)

    def draw(scene: Scene, frame: Frame, place: Place) -> None:
        SPANS[State.RUNNING](scene, frame, Span(thread=BOB, state=State.RUNNING, start=0, end=END), place)
        draw_mark(scene, frame, mark, place)

    return draw


def _finding(severity: str) -> Draw:
    def draw(scene: Scene, frame: Frame, place: Place) -> None:
        told = _Finding(severity=severity)
        draw_marker(scene, told, 1, Spot(x=HALF, y=place.middle))

    return draw


def _arrow(what: str, obj: int = 0) -> Draw:
    def draw(scene: Scene, frame: Frame, place: Place) -> None:
        ends = (replace(place, bottom=place.top), replace(place, top=place.bottom))
        start, end = HALF // 2, 3 * HALF // 2
        arrow = Arrow(what=what, source=ANN, source_time=start, target=BOB, target_time=end, obj=obj)
        scene.add(replace(link_of(frame, arrow, *ends), elbow=None))

    return draw


def _held(scene: Scene, frame: Frame, place: Place) -> None:
    hold = Hold(obj=LOCK, thread=ANN, start=0, end=END)
    top = place.middle - ROOMY.strip / 2
    strip = Strip(top=top, bottom=top + ROOMY.strip, holds=(hold,))
    draw_strips(scene, frame, replace(place, strips={LOCK: strip}))


def _holder(scene: Scene, frame: Frame, place: Place) -> None:
    draw_holder(scene, frame, Hold(obj=LOCK, thread=BOB, start=0, end=END), place.bottom, 1)


def _wanted(scene: Scene, frame: Frame, place: Place) -> None:
    draw_wanted(scene, frame, frame.model.objects[LOCK - 1], place.middle - ROOMY.band / 2)


def _outside(scene: Scene, frame: Frame, place: Place) -> None:
    """The frame's run has one wait; here it is for the barrier's round before to leave."""
    wait = replace(frame.model.waits[0], obj=BARRIER, kind=Kind.ROUND_WAIT)
    span = Span(thread=BOB, state=State.WAITING, start=0, end=END, wait=0)
    SPANS[State.WAITING](scene, replace(frame, model=replace(frame.model, waits=(wait,))), span, place)


def _last(scene: Scene, frame: Frame, place: Place) -> None:
    SPANS[State.RUNNING](scene, frame, Span(thread=ANN, state=State.RUNNING, start=0, end=END), place)
    round_ = Band(start=0, end=HALF, thread=BOB, ended_by=ANN)
    draw_round(scene, frame, frame.model.objects[BARRIER - 1], round_, place.bottom, {ANN: place})


def _block(scene: Scene, frame: Frame, place: Place) -> None:
    block = Block(name="", thread=ANN, start=0, end=END)
    draw_blocks(scene, frame, [[block]], place.middle - ROOMY.strip / 2)


def _series(scene: Scene, frame: Frame, place: Place) -> None:
    readings = tuple(
        Reading(time=END * step // 3, value=value, thread=ANN) for step, value in enumerate((1, 3, 2))
    )
    low = replace(frame, metrics=replace(ROOMY, stair=15.0))
    draw_series(scene, low, Series(name="", readings=readings), place.bottom - 23)


def _flag(scene: Scene, frame: Frame, place: Place) -> None:
    band = Band(start=0, end=END, thread=ANN)
    draw_flag(scene, frame, frame.model.objects[EVENT - 1], band, place.top, place.bottom)


def _pending(scene: Scene, frame: Frame, place: Place) -> None:
    band = Band(start=0, end=END, thread=ANN)
    draw_pending(scene, frame, TIMER, band, place.top, place.bottom)


def _trip(scene: Scene, frame: Frame, place: Place) -> None:
    draw_trip(scene, frame, Mark(what="trip", time=HALF, thread=ANN, obj=BARRIER), place.bottom, {ANN: place})


def _ground(scene: Scene, frame: Frame, place: Place) -> None:
    scene.height = place.bottom
    draw_ever_after(scene, Choice(threads=(), objects=()), _WINDOW, HALF)
    scene.shapes = [_inside(shape, place) for shape in scene.shapes]


def _inside(shape: Any, place: Place) -> Any:
    """What goes from the top to the foot of a figure, in its row."""
    if isinstance(shape, Line):
        x = shape.points[0][0]
        return replace(shape, points=((x, place.top), (x, place.bottom)))
    return replace(shape, y0=place.top, y1=place.bottom) if isinstance(shape, Bar) else shape


def _switch(scene: Scene, frame: Frame, place: Place) -> None:
    import numpy as np

    columns = Columns(numbers=np.arange(2), switches=np.array([1]), steps=True, ns=HALF)
    rule_switches(scene, columns, _WINDOW, place.bottom)
    scene.shapes = [_inside(shape, place) for shape in scene.shapes]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Finding:
    """As much of a finding as its marker needs."""

    severity: str
    threads: tuple[int, ...] = ()
    objects: tuple[int, ...] = ()
    time: int = HALF
    sentence: str = ""


ENTRIES = (
    Entry(words="filled: the thread runs (real clock: or could run)", draw=_state(State.RUNNING)),
    Entry(words="thin line: ready, another thread has the turn", draw=_state(State.READY)),
    Entry(words="dotted: sleeps", draw=_state(State.SLEEPING)),
    Entry(words="hatched: waits, in the colour of what it waits for", draw=_state(State.WAITING)),
    Entry(words="open frame: waits for a barrier's round before to leave", draw=_outside),
    Entry(words="level lines: woken, and needs the lock back", draw=_state(State.NOTIFIED)),
    Entry(words="grey level lines: inside start(), its child has not begun", draw=_state(State.STARTING)),
    Entry(words="strip under a thread: what it holds, or a timer's callback", draw=_held),
    Entry(words="framed strip: a block of the program's own, with mark()", draw=_block),
    Entry(words="step line in a lane: a number of its own, mark(value=)", draw=_series),
    Entry(words="triangle above: the program's own mark()", draw=_mark("note")),
    Entry(words="ring above: reads the variable of the finding", draw=_mark("read")),
    Entry(words="filled disc above: writes it", draw=_mark("write")),
    Entry(words="upright end: the thread has ended", draw=_fate(Fate.ENDED)),
    Entry(words="cross: it ended with an exception", draw=_fate(Fate.FAILED)),
    Entry(words="zigzag: it was cut off", draw=_fate(Fate.CUT_OFF)),
    Entry(words="triangle: it still runs when the record ends", draw=_fate(Fate.STILL_RUNNING)),
    Entry(words="tick above: a try that failed, or a wait timed out", draw=_mark("timed out", LOCK)),
    Entry(words="small cross above: the call was refused", draw=_mark("refused", LOCK)),
    Entry(words="solid bar of a primitive: who has it", draw=_holder),
    Entry(words="hatched band of a primitive: who wants it", draw=_wanted),
    Entry(words="solid band of an Event: its flag is up", draw=_flag),
    Entry(words="pale bar: a timer is pending", draw=_pending),
    Entry(words="dashes: all have come to the barrier, it lets them go", draw=_trip),
    Entry(words="coloured triangle above: comes last to a barrier", draw=_last),
    Entry(words="grey arrow: starts or joins a thread", draw=_arrow("start")),
    Entry(words="coloured arrow: lets another one go on", draw=_arrow("hand-off", LOCK)),
    Entry(words="upright line: the schedule gave another thread the turn", draw=_switch),
    Entry(words="grey ground: nothing happens any more, for ever", draw=_ground),
    Entry(words="disc: an error, its sentence is below", draw=_finding("error")),
    Entry(words="diamond: a warning", draw=_finding("warning")),
    Entry(words="square: a note", draw=_finding("note")),
)
