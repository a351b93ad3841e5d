"""What the fold knows of one primitive while it goes along the events: a module for each family.

Owns: `THINGS`, the table that leads from a family to its class. Its methods are what each `Effect` does
there; one that it lacks is an effect that its primitives do not know: such an event (from a damaged file)
changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from tracing.events import ObjectInfo
from tracing.model.families import barrier, counter, event, executor, future, mutex, queue, timer
from tracing.model.families.thing import Shut, Thing
from tracing.model.lanes import Lane
from tracing.natures import NATURES, UNKNOWN, Family

__all__ = ["THINGS", "Shut", "Thing", "make_thing"]

THINGS: Mapping[Family, type[Thing]] = MappingProxyType(
    {
        Family.MUTEX: mutex.Mutex,
        Family.COUNTER: counter.Counter,
        Family.CONDITION: Thing,
        Family.EVENT: event.Flag,
        Family.BARRIER: barrier.Meeting,
        Family.TIMER: timer.Countdown,
        Family.QUEUE: queue.Line,
        Family.FUTURE: future.Call,
        Family.EXECUTOR: executor.Workers,
        Family.OTHER: Thing,
    }
)


def make_thing(info: ObjectInfo, lanes: Sequence[Lane]) -> Thing:
    """What the fold should keep for a primitive of that type."""
    nature = NATURES.get(info.type, UNKNOWN)
    return THINGS[nature.family].of(nature)(info, nature, lanes)
