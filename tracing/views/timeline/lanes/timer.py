"""A Timer: for how long it is pending, that it fires or is cancelled, and its callback.

It is drawn in the lane of its thread. Only where that has none, because the timer was never started or the
lane is not shown, it has one of its own.
"""

from __future__ import annotations

from typing import Protocol

from tracing.model import Band, Hold, Mark, ObjectModel
from tracing.views.timeline.frame import Frame, Place
from tracing.views.timeline.scene import Bar, Glyph, Label, Line, Scene, Spot
from tracing.views.timeline.style import ALARM, FAINT, INK, QUIET
from tracing.views.timeline.words import width


class Pending(Protocol):
    """A stretch in which a timer runs down: of the timer, or of its thread."""

    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...


def draw(scene: Scene, frame: Frame, thing: ObjectModel, top: float, places: dict[int, Place]) -> float:
    """A lane of its own: the time for which it is pending, and the mark at its end."""
    bottom = top + frame.metrics.hold
    scene.add(Line(what="free", points=((frame.start, bottom), (frame.last, bottom)), colour=FAINT, level=0))
    for band in thing.bands:
        if frame.sees(band.start, band.end):
            draw_pending(scene, frame, thing.number, band, top + 2, bottom - 2)
    mark_timer(scene, frame, thing, top, (top + bottom) / 2)
    return bottom


def draw_pending(
    scene: Scene, frame: Frame, number: int, stretch: Pending, top: float, bottom: float
) -> None:
    """A stretch in which the timer with that number runs down."""
    ink = frame.ink(number)
    x0, x1 = frame.clip(stretch.start, stretch.end)
    scene.add(Bar(what="pending", x0=x0, x1=x1, y0=top, y1=bottom, fill=ink.pale, edge=ink.solid))
    texts = (f"pending {frame.long(stretch.end - stretch.start)}".rstrip(), "pending")
    spot = Spot(x=(x0 + x1) / 2, y=(top + bottom) / 2, room=(x0, x1))
    scene.add(
        Label(
            what="pending",
            texts=texts,
            spots=(spot,),
            size=frame.metrics.small,
            colour=INK,
            backed=False,
            halo=ink.pale,
        )
    )


def called(thing: ObjectModel, callback: Band) -> Hold:
    """The callback as what its thread has in its hands: a strip below its bar."""
    return Hold(obj=thing.number, thread=callback.thread, start=callback.start, end=callback.end)


_MARKS = {
    "fired": ("right", ("fires",), INK),
    "cancelled": ("cross", ("cancelled by {name}", "cancelled"), ALARM),
    "cancelled late": ("tick", ("cancel too late", "too late"), QUIET),
}


def mark_timer(scene: Scene, frame: Frame, thing: ObjectModel, top: float, middle: float) -> None:
    """What becomes of it, at the moments at which it does: words above the bar that begins at `top`, and
    after the end of one that is cancelled.
    """
    for mark in frame.marks(obj=thing.number):
        if mark.obj == thing.number and mark.what in _MARKS:
            ends = mark.what == "cancelled"
            _mark(scene, frame, mark, middle, middle if ends else top - 0.66 * frame.metrics.small)


def _mark(scene: Scene, frame: Frame, mark: Mark, middle: float, y: float) -> None:
    shape, words, colour = _MARKS[mark.what]
    texts = tuple(word.format(name=frame.names.threads((mark.thread,))) for word in words)
    scene.add(Glyph(what=mark.what, shape=shape, x=mark.time, y=middle, colour=colour, size=6, nudge=3))
    spots = (
        Spot(x=mark.time, y=y, align="left", nudge=8),
        Spot(x=mark.time, y=y, align="left", nudge=14 + width("fires", frame.metrics.small)),  # past it
        Spot(x=mark.time, y=y, align="right", nudge=-5),
    )
    scene.add(
        Label(what=mark.what, texts=texts, spots=spots, size=frame.metrics.small, colour=colour, rank=4)
    )
