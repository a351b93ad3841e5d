"""The lane of what there are so many of: a semaphore's permits."""

from __future__ import annotations

from tracing.model import ObjectModel, Step
from tracing.views.timeline.frame import Frame, Place
from tracing.views.timeline.lanes.stairs import draw_stairs
from tracing.views.timeline.lanes.wanted import draw_queue
from tracing.views.timeline.scene import Scene


def draw(scene: Scene, frame: Frame, thing: ObjectModel, top: float, places: dict[int, Place]) -> float:
    """The queue, and below it how many permits are left: at first, and after each change."""
    top = draw_queue(scene, frame, thing, top, "wanted by")
    steps = frame.model.free(thing.number)
    first = frame.names.log.object(thing.number).value
    if first is not None and (not steps or steps[0].value != first):  # some were taken in the first instant
        steps = (Step(time=0, value=first), *steps)
    return draw_stairs(scene, frame, thing, steps, top, max(1, *(step.value for step in steps), 1), "")
