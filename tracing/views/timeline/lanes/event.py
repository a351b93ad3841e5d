"""The lane of an Event: a flag that is up is a solid band."""

from __future__ import annotations

from tracing.model import Band, Mark, ObjectModel
from tracing.views.timeline.frame import Frame, Place
from tracing.views.timeline.lanes.wanted import draw_queue
from tracing.views.timeline.scene import Bar, Glyph, Label, Line, Scene, Spot, inside
from tracing.views.timeline.style import INK, QUIET, word_colour


def draw(scene: Scene, frame: Frame, thing: ObjectModel, top: float, places: dict[int, Place]) -> float:
    """Who waits for the flag, and a solid band while it is up, with a mark for each set and clear."""
    top = draw_queue(scene, frame, thing, top, "awaited by")
    bottom = top + frame.metrics.hold
    scene.add(
        Line(
            what="down",
            points=((frame.start, bottom), (frame.last, bottom)),
            colour=QUIET,
            width=0.6,
            level=0,
        )
    )
    for band in thing.bands:
        if frame.sees(band.start, band.end):
            draw_flag(scene, frame, thing, band, top, bottom)
    for mark in frame.marks(obj=thing.number):
        if mark.obj == thing.number and mark.what in ("set", "clear"):
            set_or_clear(scene, frame, mark, bottom)
    waited = {(wait.thread, wait.end) for wait in frame.waits_for(thing.number)}
    for mark in frame.marks(obj=thing.number):
        if mark.obj == thing.number and mark.what == "pass" and (mark.thread, mark.time) not in waited:
            _pass_at_once(scene, frame, mark, bottom, places)
    return bottom


def draw_flag(scene: Scene, frame: Frame, thing: ObjectModel, band: Band, top: float, bottom: float) -> None:
    """A stretch in which the flag is up."""
    ink = frame.ink(thing.number)
    x0, x1 = frame.clip(band.start, band.end)
    scene.add(Bar(what="flag up", x0=x0, x1=x1, y0=top, y1=bottom, fill=ink.solid))
    who = f"set by {frame.names.threads((band.thread,))}" if band.thread else "set from the start"
    outside = Spot(x=x0, y=(top + bottom) / 2, align="right", nudge=-5)
    colour = word_colour(ink.solid)
    middle, size = (top + bottom) / 2, frame.metrics.text
    scene.add(inside("flag up", (who, "set"), x0, x1, middle, size, colour, halo=ink.solid))
    beside = tuple(text for text in (who, "set") if not frame.has_room(text, frame.metrics.text, x0, x1))
    if beside:
        scene.add(
            Label(
                what="flag up",
                texts=beside,
                spots=(outside,),
                size=frame.metrics.small,
                colour=ink.dark,
                rank=7,
            )
        )


def set_or_clear(scene: Scene, frame: Frame, mark: Mark, bottom: float) -> None:
    """The moment at which the flag goes up or down."""
    shape = "up" if mark.what == "set" else "down"
    scene.add(Glyph(what=mark.what, shape=shape, x=mark.time, y=bottom, colour=INK, size=4.5))
    if mark.what == "clear":
        words = (f"cleared by {frame.names.threads((mark.thread,))}", "clear")
        spots = (Spot(x=mark.time, y=bottom - 6, align="left", nudge=4),)
        scene.add(Label(what="clear", texts=words, spots=spots, size=frame.metrics.small, colour=INK, rank=6))


def _pass_at_once(scene: Scene, frame: Frame, mark: Mark, bottom: float, places: dict[int, Place]) -> None:
    """A wait() that found the flag up: a tick at the flag, and one at the thread, with its words."""
    colour = frame.ink(mark.obj).dark
    scene.add(Glyph(what="pass", shape="tick", x=mark.time, y=bottom, colour=INK, size=3))
    place = places.get(mark.thread)
    if place is None:
        return
    scene.add(Glyph(what="pass", shape="tick", x=mark.time, y=place.top - 1, colour=colour, size=4.5))
    y = place.top - 0.66 * frame.metrics.small
    texts = (f"passes {frame.names.short(mark.obj)} at once", "passes at once", "passes")
    spots = (Spot(x=mark.time, y=y, align="left", nudge=5), Spot(x=mark.time, y=y, align="right", nudge=-5))
    scene.add(Label(what="pass", texts=texts, spots=spots, size=frame.metrics.small, colour=colour, rank=6))
