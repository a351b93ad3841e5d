"""A primitive's lane: what it looked like from the primitive's own side. One module for each family.

Rule: hatched is wanted, solid is had. A table by type says how high a lane is and who draws it; a new
primitive is a new row of the table.
"""

from __future__ import annotations

from collections.abc import Callable

from tracing.model import ObjectModel
from tracing.views.timeline.frame import Frame, Place
from tracing.views.timeline.objects.locks import condition_height, draw_condition, draw_lock, lock_height
from tracing.views.timeline.objects.signals import (
    draw_barrier,
    draw_event,
    draw_semaphore,
    draw_timer,
    event_height,
    stair_height,
    timer_height,
)
from tracing.views.timeline.scene import Scene

Height = Callable[[Frame, ObjectModel], float]
Draw = Callable[[Scene, Frame, ObjectModel, float, dict[int, Place]], None]

LANES: dict[str, tuple[Height, Draw]] = {
    "Lock": (lock_height, draw_lock),
    "RLock": (lock_height, draw_lock),
    "Condition": (condition_height, draw_condition),
    "Semaphore": (stair_height, draw_semaphore),
    "BoundedSemaphore": (stair_height, draw_semaphore),
    "Event": (event_height, draw_event),
    "Barrier": (stair_height, draw_barrier),
    "Timer": (timer_height, draw_timer),
}


def lane_of(frame: Frame, thing: ObjectModel) -> tuple[Height, Draw]:
    """How a primitive is drawn; one of an unknown type like a lock."""
    return LANES.get(frame.names.type(thing.number), LANES["Lock"])
