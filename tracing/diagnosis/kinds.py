"""The events of some kinds."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from tracing.events import KIND_BITS, EventLog, Kind, TraceEvent


def events_of(log: EventLog, kinds: Collection[Kind]) -> Iterator[TraceEvent]:
    """The events of these kinds, in order. An object for each of the others would take far longer."""
    mask = (1 << KIND_BITS) - 1
    return (log[seq] for seq, code in enumerate(log.codes) if code & mask in kinds)
