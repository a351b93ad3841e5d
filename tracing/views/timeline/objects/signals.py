"""Lanes of what is counted or signalled: Semaphore, Barrier, Event, Timer.

Permits and arrivals are a step line over a filled area, with the number in it; a flag that is up is a solid
band; a barrier's trip is a line through the lanes of those who arrived; what is broken is crossed out.
"""

from __future__ import annotations

from collections.abc import Iterator

from tracing.model import Band, Mark, ObjectModel, Outcome, State, Step
from tracing.views.timeline.frame import Frame, Place
from tracing.views.timeline.labels import width
from tracing.views.timeline.objects.wanted import draw_wanted, is_wanted
from tracing.views.timeline.scene import FRONT, SLIVER, Bar, Glyph, Label, Line, Scene, Spot
from tracing.views.timeline.style import ALARM, FAINT, INK, QUIET, word_colour
from tracing.views.timeline.words import plain, shortened
from tracing.views.units import duration


def stair_height(frame: Frame, thing: ObjectModel) -> float:
    """Points: the queue, and the steps with room for a number above the highest."""
    return frame.metrics.stair + 8 + (frame.metrics.band + 1 if is_wanted(thing) else 0)


def event_height(frame: Frame, thing: ObjectModel) -> float:
    """Points."""
    return frame.metrics.hold + (frame.metrics.band + 1 if is_wanted(thing) else 0)


def timer_height(frame: Frame, thing: ObjectModel) -> float:
    """Points."""
    return frame.metrics.hold


def draw_semaphore(
    scene: Scene, frame: Frame, thing: ObjectModel, top: float, places: dict[int, Place]
) -> None:
    """The queue, and below it how many permits are left."""
    top = _queue(scene, frame, thing, top, "wanted by")
    first = frame.names.log.object(thing.number).value or 0
    steps = thing.value or (Step(time=0, value=first),)
    if steps[0].time > 0:
        steps = (Step(time=0, value=first), *steps)
    _stairs(scene, frame, thing, steps, top, max(1, *(step.value for step in steps), 1), "")


def draw_barrier(
    scene: Scene, frame: Frame, thing: ObjectModel, top: float, places: dict[int, Place]
) -> None:
    """How many have arrived of how many, where it tripped, and where it is broken."""
    parties = (
        frame.names.log.object(thing.number).value or max((s.value for s in thing.value), default=1) or 1
    )
    top = _queue(scene, frame, thing, top, "waiting:")
    _stairs(scene, frame, thing, thing.value, top, parties, f"/{parties}")
    bottom = top + 8 + frame.metrics.stair
    for band in thing.bands:
        if frame.sees(band.start, band.end):
            _broken(scene, frame, thing, band, top + 8, bottom)
    for band in thing.actions:
        if frame.sees(band.start, band.end):
            _action(scene, frame, thing, band, places)
    for mark in frame.marks(obj=thing.number):
        if mark.obj == thing.number and mark.what == "trip":
            _trip(scene, frame, mark, bottom, places)
        elif mark.obj == thing.number and mark.what == "reset":
            _event_mark(scene, frame, mark, top + 4, "up", ("reset",))


def _queue(scene: Scene, frame: Frame, thing: ObjectModel, top: float, verb: str) -> float:
    """Draw the band of those who wait, if there ever are any; where to go on below it."""
    if not is_wanted(thing):
        return top
    draw_wanted(scene, frame, thing, top, verb)
    return top + frame.metrics.band + 1


def _pieces(frame: Frame, steps: tuple[Step, ...]) -> Iterator[tuple[float, float, int]]:
    """The stretches between steps that the window shows.

    Of several steps in one pixel the highest and the last count.
    """
    lasting = [
        s for s, after in zip(steps, [*steps[1:], None], strict=True) if after is None or after.time > s.time
    ]
    steps = tuple(
        s
        for s, before in zip(lasting, [None, *lasting], strict=False)
        if before is None or before.value != s.value
    )
    for step, after in zip(steps, [*steps[1:], None], strict=True):
        end = after.time if after else frame.end
        if frame.sees(step.time, end) and (end > step.time or after is None):
            yield *frame.clip(step.time, end), step.value


def _stairs(
    scene: Scene, frame: Frame, thing: ObjectModel, steps: tuple[Step, ...], top: float, most: int, of: str
) -> None:
    ink, base = frame.ink(thing.number), top + 8 + frame.metrics.stair
    height = frame.metrics.stair - 1
    scene.add(
        Line(what="free", points=((frame.start, base), (frame.end, base)), colour=QUIET, width=0.6, level=0)
    )
    points: list[tuple[float, float]] = []
    for x0, x1, value in _pieces(frame, steps):
        y = base - height * min(1.0, value / most)
        points += [(x0, y), (x1, y)]
        if value:
            scene.add(Bar(what="steps", x0=x0, x1=x1, y0=y, y1=base, fill=ink.pale))
        elif of:
            continue  # nobody there: no need to say so
        spot = Spot(x=(x0 + x1) / 2, y=y - 4.6, room=(x0, x1))
        texts = (f"{value}{of}", str(value))
        scene.add(
            Label(
                what="steps",
                texts=texts,
                spots=(spot,),
                size=frame.metrics.small,
                colour=ink.dark,
                backed=False,
                rank=5,
            )
        )
    if points:
        scene.add(Line(what="steps", points=tuple(points), colour=ink.solid, width=1.4))


def _trip(scene: Scene, frame: Frame, mark: Mark, bottom: float, places: dict[int, Place]) -> None:
    """A line from the highest lane that took part down to the barrier."""
    waits = frame.waits_for(mark.obj)
    there = {w.thread for w in waits if w.outcome is Outcome.TRIPPED and w.start <= mark.time <= w.end}
    tops = [places[n].top for n in {*there, mark.thread} if n in places]
    if not tops:
        return
    colour = frame.ink(mark.obj).dark
    points = ((mark.time, min(tops) - 3), (mark.time, bottom))
    scene.add(Line(what="trip", points=points, colour=colour, width=1.1, dash=(4, 2), level=FRONT))
    parties = frame.names.log.object(mark.obj).value
    all_here = f"{parties}/{parties}"
    who = f"tripped by {frame.names.threads((mark.thread,))}"
    texts = (f"{all_here}, {who}", who, all_here) if parties else (who,)
    spots = _beside_stairs(frame, mark, bottom - 5)
    scene.add(Label(what="trip", texts=texts, spots=spots, size=frame.metrics.small, colour=colour, rank=6))


def _beside_stairs(frame: Frame, trip: Mark, y: float) -> tuple[Spot, ...]:
    """Where a meeting's words may stand: up to the first arrival of the next one, or over its own stairs."""
    meetings = frame.model.objects[trip.obj - 1].generations
    own = next((each for each in meetings if each.start <= trip.time <= each.end), None)
    after = min((each.start for each in meetings if each.start > trip.time), default=None)
    right = Spot(
        x=trip.time, y=y, align="left", nudge=4, room=(trip.time, after) if after is not None else None
    )
    if own is None:
        return (right,)
    over = y + 1 - frame.metrics.stair
    return right, Spot(x=trip.time, y=over, align="right", nudge=-4, room=(own.start, trip.time))


def _action(scene: Scene, frame: Frame, thing: ObjectModel, band: Band, places: dict[int, Place]) -> None:
    """The barrier's action, in the lane of the thread that runs it."""
    place = places.get(band.thread)
    if place is None:
        return
    ink, (x0, x1) = frame.ink(thing.number), frame.clip(band.start, band.end)
    bar = Bar(
        what="action",
        x0=x0,
        x1=x1,
        y0=place.top + 1,
        y1=place.bottom - 1,
        fill=ink.pale,
        edge=ink.dark,
        level=SLIVER,
    )
    inside = Spot(x=(x0 + x1) / 2, y=place.middle, room=(x0, x1))
    spots = (inside, *_beside_action(frame, band, place.middle))
    label = Label(what="action", texts=("action",), spots=spots, size=frame.metrics.small, colour=INK, rank=3)
    scene.add(bar, label)


def _beside_action(frame: Frame, band: Band, y: float) -> Iterator[Spot]:
    """Where the thread sleeps right after the action or right before: there words cover nothing but dots."""
    near = 4 * frame.pixel
    sleeps = [s for s in frame.model.threads[band.thread - 1].spans if s.state is State.SLEEPING]
    for sleep in sleeps:
        if abs(sleep.start - band.end) < near:
            yield Spot(x=band.end, y=y, align="left", nudge=4, room=(band.end, sleep.end))
    for sleep in sleeps:
        if abs(sleep.end - band.start) < near:
            yield Spot(x=band.start, y=y, align="right", nudge=-4, room=(sleep.start, band.start))


def _broken(scene: Scene, frame: Frame, thing: ObjectModel, band: Band, top: float, bottom: float) -> None:
    x0, x1 = frame.clip(band.start, band.end)
    scene.add(Bar(what="broken", x0=x0, x1=x1, y0=top, y1=bottom, edge=ALARM, hatch="x", ink=ALARM))
    reasons = (m.text for m in frame.marks(obj=thing.number) if m.what == "broken" and m.time == band.start)
    why = shortened(plain(next(reasons, "")), 40)
    who = f" by {frame.names.threads((band.thread,))}" if band.thread else ""
    texts = (f"broken{who}: {why}", f"broken: {why}", "broken") if why else (f"broken{who}", "broken")
    middle = (top + bottom) / 2
    spots = (
        Spot(x=(x0 + x1) / 2, y=middle, room=(x0, x1)),
        Spot(x=x1, y=middle, align="left", nudge=5),
        Spot(x=x0, y=middle, align="right", nudge=-4),
    )
    scene.add(Label(what="broken", texts=texts, spots=spots, size=frame.metrics.text, colour=ALARM, rank=3))


def draw_event(scene: Scene, frame: Frame, thing: ObjectModel, top: float, places: dict[int, Place]) -> None:
    """Who waits for the flag, and a solid band while it is up, with a mark for each set and clear."""
    top = _queue(scene, frame, thing, top, "awaited by")
    bottom = top + frame.metrics.hold
    scene.add(
        Line(
            what="down", points=((frame.start, bottom), (frame.end, bottom)), colour=QUIET, width=0.6, level=0
        )
    )
    for band in thing.bands:
        if frame.sees(band.start, band.end):
            _flag(scene, frame, thing, band, top, bottom)
    for mark in frame.marks(obj=thing.number):
        if mark.obj == thing.number and mark.what in ("set", "clear"):
            _set_or_clear(scene, frame, mark, bottom)


def _flag(scene: Scene, frame: Frame, thing: ObjectModel, band: Band, top: float, bottom: float) -> None:
    ink = frame.ink(thing.number)
    x0, x1 = frame.clip(band.start, band.end)
    scene.add(Bar(what="flag up", x0=x0, x1=x1, y0=top, y1=bottom, fill=ink.solid))
    who = f"set by {frame.names.threads((band.thread,))}" if band.thread else "set from the start"
    spot = Spot(x=(x0 + x1) / 2, y=(top + bottom) / 2, room=(x0, x1))
    outside = Spot(x=x0, y=(top + bottom) / 2, align="right", nudge=-5)
    colour = word_colour(ink.solid)
    label = Label(
        what="flag up",
        texts=(who, "set"),
        spots=(spot,),
        size=frame.metrics.text,
        colour=colour,
        backed=False,
        halo=ink.solid,
    )
    scene.add(label)
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


def _set_or_clear(scene: Scene, frame: Frame, mark: Mark, bottom: float) -> None:
    shape = "up" if mark.what == "set" else "down"
    scene.add(Glyph(what=mark.what, shape=shape, x=mark.time, y=bottom, colour=INK, size=4.5))
    if mark.what == "clear":
        words = (f"cleared by {frame.names.threads((mark.thread,))}", "clear")
        spots = (Spot(x=mark.time, y=bottom - 6, align="left", nudge=4),)
        scene.add(Label(what="clear", texts=words, spots=spots, size=frame.metrics.small, colour=INK, rank=6))


def _event_mark(scene: Scene, frame: Frame, mark: Mark, y: float, shape: str, texts: tuple[str, ...]) -> None:
    colour = frame.ink(mark.obj).dark
    scene.add(Glyph(what=mark.what, shape=shape, x=mark.time, y=y, colour=colour))
    spots = (Spot(x=mark.time, y=y, align="left", nudge=5), Spot(x=mark.time, y=y, align="right", nudge=-5))
    scene.add(
        Label(what=mark.what, texts=texts, spots=spots, size=frame.metrics.small, colour=colour, rank=6)
    )


def draw_timer(scene: Scene, frame: Frame, thing: ObjectModel, top: float, places: dict[int, Place]) -> None:
    """The time for which it is pending, and the mark at its end."""
    bottom = top + frame.metrics.hold
    scene.add(Line(what="free", points=((frame.start, bottom), (frame.end, bottom)), colour=FAINT, level=0))
    for band in thing.bands:
        if frame.sees(band.start, band.end):
            _pending(scene, frame, thing, band, top, bottom)
    for mark in frame.marks(obj=thing.number):
        if mark.obj == thing.number and mark.what in _TIMER_MARKS:
            _timer_mark(scene, frame, mark, (top + bottom) / 2)


def _pending(scene: Scene, frame: Frame, thing: ObjectModel, band: Band, top: float, bottom: float) -> None:
    ink = frame.ink(thing.number)
    x0, x1 = frame.clip(band.start, band.end)
    scene.add(Bar(what="pending", x0=x0, x1=x1, y0=top + 2, y1=bottom - 2, fill=ink.pale, edge=ink.solid))
    texts = (f"pending {duration(band.end - band.start)}", "pending")
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
