"""The lane of what hands calls to its workers: an executor. The calls are drawn in the workers' lanes."""

from __future__ import annotations

from tracing.model import ObjectModel
from tracing.views.timeline.frame import Frame, Place
from tracing.views.timeline.lanes.stairs import draw_stairs
from tracing.views.timeline.lanes.wanted import draw_queue
from tracing.views.timeline.scene import Scene


def draw(scene: Scene, frame: Frame, thing: ObjectModel, top: float, places: dict[int, Place]) -> float:
    """Who waits for its workers to end, and below that how many calls wait for a worker."""
    top = draw_queue(scene, frame, thing, top, "awaited by")
    most = max(1, *(step.value for step in thing.value), 1)
    return draw_stairs(scene, frame, thing, thing.value, top, most, " in waiting")
