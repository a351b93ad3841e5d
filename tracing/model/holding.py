"""Who kept a waiting thread from what it waits for."""

from __future__ import annotations

from bisect import bisect_left

from tracing.events import EventLog
from tracing.model.shapes import Model, Wait
from tracing.natures import nature_of

TURNS = 100  # holds during a wait that are looked at for names


def kept_by(log: EventLog, model: Model, wait: Wait) -> tuple[int, ...]:
    """The threads that had it, in the order in which they took it; the target of a join.

    First those who had it when the wait began (`wait.holders`: of a semaphore as many as it had permits),
    then those who took it before the wait was over, each once, the waiting thread left out. The wait that
    ends a Condition.wait is one like any other.
    """
    if not wait.obj or not wait.holders or not nature_of(log, wait.obj).held:
        return wait.holders
    holds = model.objects[wait.obj - 1].holds
    first = bisect_left(holds, wait.start, key=lambda hold: hold.start)
    later = [hold.thread for hold in holds[first : first + TURNS] if hold.start < wait.end]
    return tuple(dict.fromkeys((*wait.holders, *(each for each in later if each != wait.thread))))
