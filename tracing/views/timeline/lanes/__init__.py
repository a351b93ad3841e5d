"""What each lane looks like. A primitive's lane: what it looked like from the primitive's own side.

Owns: the table of the families: how high a primitive's lane is, and who draws it. Rule: hatched is wanted,
solid is had; a lane describes itself as shapes (`scene`), and knows no other lane but by its place.

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

Height = Callable[[Frame, ObjectModel], float]
Draw = Callable[[Scene, Frame, ObjectModel, float, dict[int, Place]], None]

LANES: dict[Family, tuple[Height, Draw]] = {
    Family.MUTEX: (mutex.height, mutex.draw),
    Family.COUNTER: (counter.height, counter.draw),
    Family.CONDITION: (condition.height, condition.draw),
    Family.EVENT: (event.height, event.draw),
    Family.BARRIER: (barrier.height, barrier.draw),
    Family.TIMER: (timer.height, timer.draw),
    Family.QUEUE: (queue.height, queue.draw),
    Family.FUTURE: (mutex.height, mutex.draw),  # the worker has it
    Family.EXECUTOR: (executor.height, executor.draw),
    Family.OTHER: (mutex.height, mutex.draw),  # who waits for it: nobody is known to have it
}


def lane_of(frame: Frame, thing: ObjectModel) -> tuple[Height, Draw]:
    """How high a primitive's lane is, and who draws it."""
    return LANES[frame.names.nature(thing.number).family]
