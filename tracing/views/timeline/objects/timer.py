"""The lane of a Timer: for how long it is pending, and what became of it."""

from __future__ import annotations

from tracing.model import Band, Mark, ObjectModel
from tracing.views.timeline.frame import Frame, Place
from tracing.views.timeline.labels import width
from tracing.views.timeline.scene import Bar, Glyph, Label, Line, Scene, Spot
from tracing.views.timeline.style import ALARM, FAINT, INK, QUIET


def height(frame: Frame, thing: ObjectModel) -> float:
    """Points."""
    return frame.metrics.hold


def draw(scene: Scene, frame: Frame, thing: ObjectModel, top: float, places: dict[int, Place]) -> None:
    """The time for which it is pending, and the mark at its end."""
    bottom = top + frame.metrics.hold
    scene.add(Line(what="free", points=((frame.start, bottom), (frame.end, bottom)), colour=FAINT, level=0))
    for band in thing.bands:
        if frame.sees(band.start, band.end):
            draw_pending(scene, frame, thing, band, top, bottom)
    for mark in frame.marks(obj=thing.number):
        if mark.obj == thing.number and mark.what in _TIMER_MARKS:
            _timer_mark(scene, frame, mark, (top + bottom) / 2)


def draw_pending(
    scene: Scene, frame: Frame, thing: ObjectModel, band: Band, top: float, bottom: float
) -> None:
    """A stretch in which the timer runs down."""
    ink = frame.ink(thing.number)
    x0, x1 = frame.clip(band.start, band.end)
    scene.add(Bar(what="pending", x0=x0, x1=x1, y0=top + 2, y1=bottom - 2, fill=ink.pale, edge=ink.solid))
    texts = (f"pending {frame.long(band.end - band.start)}".rstrip(), "pending")
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


_TIMER_MARKS = {
    "fired": ("right", ("fired",), INK),
    "cancelled": ("cross", ("cancelled by {name}", "cancelled"), ALARM),
    "cancelled late": ("tick", ("cancel too late", "too late"), QUIET),
}


def _timer_mark(scene: Scene, frame: Frame, mark: Mark, y: float) -> None:
    shape, words, colour = _TIMER_MARKS[mark.what]
    texts = tuple(word.format(name=frame.names.threads((mark.thread,))) for word in words)
    scene.add(Glyph(what=mark.what, shape=shape, x=mark.time, y=y, colour=colour, size=6, nudge=3))
    spots = (
        Spot(x=mark.time, y=y, align="left", nudge=8),
        Spot(x=mark.time, y=y, align="left", nudge=14 + width("fired", frame.metrics.small)),  # past it
        Spot(x=mark.time, y=y, align="right", nudge=-5),
    )
    scene.add(
        Label(what=mark.what, texts=texts, spots=spots, size=frame.metrics.small, colour=colour, rank=4)
    )
