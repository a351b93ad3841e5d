"""The lane of a Barrier: how many have arrived, and a line through the lanes of those who did where it trips;
what is broken is crossed out.
"""

from __future__ import annotations

from collections.abc import Iterator

from tracing.model import Band, Mark, ObjectModel, Outcome, State, Wait
from tracing.views.timeline.frame import Frame, Place
from tracing.views.timeline.lanes.stairs import draw_stairs
from tracing.views.timeline.lanes.wanted import draw_queue
from tracing.views.timeline.scene import FRONT, SLIVER, Bar, Glyph, Label, Line, Scene, Spot
from tracing.views.timeline.style import ALARM, INK
from tracing.views.timeline.words import plain, shortened
from tracing.views.units import ordinal

NEAR = 6  # pixels: who leaves so soon after it came leaves where it came


def draw(scene: Scene, frame: Frame, thing: ObjectModel, top: float, places: dict[int, Place]) -> float:
    """How many have arrived of how many, where it tripped, and where it is broken."""
    parties = (
        frame.names.log.object(thing.number).value or max((s.value for s in thing.value), default=1) or 1
    )
    top = draw_queue(scene, frame, thing, top, "waiting:")
    bottom = draw_stairs(scene, frame, thing, thing.value, top, parties, f"/{parties}")
    for band in thing.generations:
        if frame.sees(band.start, band.end):
            draw_round(scene, frame, thing, band, bottom, places)
    for band in thing.bands:
        if frame.sees(band.start, band.end):
            draw_broken(scene, frame, thing, band, top + 8, bottom)
    for band in thing.actions:
        if frame.sees(band.start, band.end):
            _action(scene, frame, thing, band, places)
    for mark in frame.marks(obj=thing.number):
        if mark.obj == thing.number and mark.what == "trip":
            draw_trip(scene, frame, mark, bottom, places)
        elif mark.obj == thing.number and mark.what == "reset":
            _reset(scene, frame, mark, top + 4, "up", ("reset",))
    return bottom


def draw_round(
    scene: Scene, frame: Frame, thing: ObjectModel, band: Band, bottom: float, places: dict[int, Place]
) -> None:
    """Stairs also for a round to which all came at once; who came last, and in which order they left."""
    if band.left and band.end - band.start < frame.pixel:
        top, fill = bottom - frame.metrics.stair + 1, frame.ink(thing.number).solid
        scene.add(Bar(what="steps", x0=band.start, x1=band.end, y0=top, y1=bottom, fill=fill))
    colour, last = frame.ink(thing.number).dark, band.ended_by
    leaves = {each.thread: (number, each.time) for number, each in enumerate(band.left, 1)}
    number, time = leaves.get(last, (0, band.end))
    if last in places and not band.text and not band.open and frame.sees(band.end, band.end):
        top, at_once = places[last].top, time - band.end < NEAR * frame.pixel
        scene.add(Glyph(what="last", shape="hollow", x=band.end, y=top - 1, colour=colour, size=6))
        place = ordinal(number)
        both = (f"comes last, leaves {place}", f"last, leaves {place}") if number and at_once else ()
        until = None if at_once else time
        scene.add(_above(frame, "last", (*both, "comes last", "last"), band.end, top, colour, until))
        if at_once:  # its action, if it has one, takes no time
            leaves.pop(last, None)
    for thread, (number, time) in leaves.items():
        if thread in places and frame.sees(time, time):
            which, top = ordinal(number), places[thread].top
            scene.add(_above(frame, "leaves", (f"leaves {which}", which), time, top, colour))


def _above(
    frame: Frame, what: str, texts: tuple[str, ...], time: int, top: float, colour: str,
    until: int | None = None,
) -> Label:  # fmt: skip
    """Words above a thread's bar, beside that moment; to its right only if they end before `until`."""
    y = top - 0.66 * frame.metrics.small
    room = None if until is None else (time, until)
    right = Spot(x=time, y=y, align="left", nudge=5, room=room)
    spots = (right, Spot(x=time, y=y, align="right", nudge=-5))
    return Label(what=what, texts=texts, spots=spots, size=frame.metrics.small, colour=colour, rank=6)


def round_left(frame: Frame, wait: Wait) -> int:
    """Until when a thread waits for a barrier's round before to leave: in a simulated run, where it is known
    who has the turn, until the last of that round has left. From then on it is ready.
    """
    if not frame.model.slices:
        return wait.end
    meetings = frame.model.objects[wait.obj - 1].generations
    left = (each.time for meeting in meetings if meeting.end <= wait.start for each in meeting.left)
    return max((time for time in left if wait.start <= time <= wait.end), default=wait.end)


def draw_trip(scene: Scene, frame: Frame, mark: Mark, bottom: float, places: dict[int, Place]) -> None:
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


def draw_broken(
    scene: Scene, frame: Frame, thing: ObjectModel, band: Band, top: float, bottom: float
) -> None:
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
        Spot(x=x0, y=top - 5, align="left"),  # not beside it to the left: there the barrier was whole
        Spot(x=x1, y=top - 5, align="right"),
    )
    roomy = frame.has_room("broken", frame.metrics.text, x0, x1)
    size = frame.metrics.text if roomy else frame.metrics.small  # outside: no higher than what is free there
    scene.add(Label(what="broken", texts=texts, spots=spots, size=size, colour=ALARM, rank=3))


def _reset(scene: Scene, frame: Frame, mark: Mark, y: float, shape: str, texts: tuple[str, ...]) -> None:
    colour = frame.ink(mark.obj).dark
    scene.add(Glyph(what=mark.what, shape=shape, x=mark.time, y=y, colour=colour))
    spots = (Spot(x=mark.time, y=y, align="left", nudge=5), Spot(x=mark.time, y=y, align="right", nudge=-5))
    scene.add(
        Label(what=mark.what, texts=texts, spots=spots, size=frame.metrics.small, colour=colour, rank=6)
    )
