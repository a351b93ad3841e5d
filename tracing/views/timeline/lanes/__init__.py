"""What each lane looks like. A primitive's lane: what it looked like from the primitive's own side.

Owns: the table of the families: who draws a primitive's lane. Rule: hatched is wanted, solid is had; a lane
describes itself as shapes (`scene`) from its upper edge on, says where it ends, and knows no other lane but
by its place.

How it works: one module for each family of primitives, with the family's name; `stairs` and `wanted` are
what several of them have in common. Beside them `threads` and what they have in their hands (`strips`),
`marks` (moments, blocks, numbers), `dense` (lanes by shares of time), `across` (what lies across all lanes).
"""

from __future__ import annotations

from collections.abc import Callable

from tracing.model import ObjectModel
from tracing.natures import Family
from tracing.views.timeline.frame import Frame, Place
from tracing.views.timeline.lanes import barrier, condition, counter, event, executor, mutex, queue, timer
from tracing.views.timeline.scene import Scene

Draw = Callable[[Scene, Frame, ObjectModel, float, dict[int, Place]], float]

LANES: dict[Family, Draw] = {
    Family.MUTEX: mutex.draw,
    Family.COUNTER: counter.draw,
    Family.CONDITION: condition.draw,
    Family.EVENT: event.draw,
    Family.BARRIER: barrier.draw,
    Family.TIMER: timer.draw,
    Family.QUEUE: queue.draw,
    Family.FUTURE: mutex.draw,  # the worker has it
    Family.EXECUTOR: executor.draw,
    Family.OTHER: mutex.draw,  # who waits for it: nobody is known to have it
}


def draw_thing(scene: Scene, frame: Frame, thing: ObjectModel, top: float, places: dict[int, Place]) -> float:
    """Describe a primitive's lane from `top` on; where it ends."""
    return LANES[frame.names.nature(thing.number).family](scene, frame, thing, top, places)
