"""Bytes an event takes: while it is being recorded, and once the log is compact."""

from __future__ import annotations

import tracemalloc
from time import perf_counter_ns

from benchmarks.measure import Goal, Row
from tracing.events import Kind, pack
from tracing.recorder import ThreadLog


def bytes_an_event(quick: bool) -> list[Row]:
    """One thread's log, without the arguments that few events have."""
    count = 10_000 if quick else 200_000
    log = ThreadLog(number=1, name="worker", parent=0, daemon=False, timer=0, lines=True)
    code = pack(Kind.ACQUIRED, site=1, obj=1)
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for _ in range(count):
        log.extend((perf_counter_ns(), code))
    live = tracemalloc.get_traced_memory()[0] - before
    log.compact()
    compact = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    return [
        Row(what="memory of an event, live", number=live / count, unit="bytes", goal=Goal(most=50)),
        Row(what="memory of an event, compact", number=compact / count, unit="bytes", goal=Goal(most=16.1)),
    ]
