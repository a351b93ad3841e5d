"""Signals that did not reach those they were meant for: the table that leads to the family that sends them.

Rule: they are asked for only of a run that came to a standstill (see `hangs`).
"""

from __future__ import annotations

from collections.abc import Callable

from tracing.diagnosis import condition, event
from tracing.diagnosis.finding import Case, Finding
from tracing.events import ObjectInfo
from tracing.model import Wait
from tracing.natures import Family

Misdirected = Callable[[Case, ObjectInfo, list[Wait]], Finding | None]

MISDIRECTED: dict[Family, Misdirected] = {
    Family.EVENT: event.cleared,
    Family.CONDITION: condition.misdirected,
}


def misdirected(case: Case, thing: ObjectInfo, waits: list[Wait]) -> Finding | None:
    """Where these waits for one primitive, which nobody will end, were to be ended by a signal: what became
    of it. None where there was none.
    """
    look = MISDIRECTED.get(case.names.nature(thing.number).family)
    return look(case, thing, waits) if look else None
