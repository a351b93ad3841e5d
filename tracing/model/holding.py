"""Who kept a waiting thread from what it waits for."""

from __future__ import annotations

from bisect import bisect_left

from tracing.events import EventLog
from tracing.model.shapes import Model, Wait
from tracing.natures import nature_of

TURNS = 100  # holds during a wait that are looked at for names


def kept_by(log: EventLog, model: Model, wait: Wait) -> tuple[int, ...]:
    """The threads that had it, in order; the target of a join.

    A lock has one holder at a time: those who held it, one after the other, from the beginning of the wait
    to its end, the wait that ends a Condition.wait included. A semaphore has as many as it has permits: those
    who had them when the wait began, for of those who came later it cannot be said whose permit it was.
    """
    if not wait.obj or not wait.holders or not nature_of(log, wait.obj).exclusive:
        return wait.holders
    holds = model.objects[wait.obj - 1].holds
    first = bisect_left(holds, wait.start, key=lambda hold: hold.start)
    later = [hold.thread for hold in holds[first : first + TURNS] if hold.start < wait.end]
    return tuple(dict.fromkeys((*wait.holders, *(each for each in later if each != wait.thread))))
