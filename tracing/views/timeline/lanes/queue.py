"""The lane of what hands items on: a queue."""

from __future__ import annotations

from tracing.model import ObjectModel, Step
from tracing.views.timeline.frame import Frame, Place
from tracing.views.timeline.lanes.stairs import draw_stairs
from tracing.views.timeline.lanes.wanted import draw_queue
from tracing.views.timeline.scene import Line, Scene


def draw(scene: Scene, frame: Frame, thing: ObjectModel, top: float, places: dict[int, Place]) -> float:
    """Who waits for it, and below that how many items are in it; dashed: for how many there is room."""
    top = draw_queue(scene, frame, thing, top, "wanted by")
    steps = thing.value or (Step(time=0, value=0),)
    room = frame.names.log.object(thing.number).value or 0
    most = max(1, room, *(step.value for step in steps))
    foot = draw_stairs(scene, frame, thing, steps, top, most, "")
    if room:
        draw_room(scene, frame, thing.number, foot, room / most)
    return foot


def draw_room(scene: Scene, frame: Frame, number: int, foot: float, share: float) -> None:
    """A line at that share of the lane's height, above its foot: more than that has no room in it."""
    y = foot - (frame.metrics.stair - 1) * share
    ends = ((frame.start, y), (frame.last, y))
    scene.add(Line(what="room", points=ends, colour=frame.ink(number).dark, width=0.8, dash=(3, 2)))
