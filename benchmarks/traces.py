"""A long record: to a figure, to a file and back."""

from __future__ import annotations

import tempfile
from array import array
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median
from typing import cast

from matplotlib.figure import Figure

import tracing
from benchmarks.measure import Goal, Row, cpu_seconds, rounds, seconds
from tracing.events import Ending, EventLog, Kind, ObjectInfo, Site, ThreadInfo, pack
from tracing.trace import Trace
from tracing.views.png import to_png

THREADS = 8
STEP = 10_000  # ns between two holds


def contended_log(events: int) -> EventLog:
    """Eight threads hand one lock around: each hold was waited for. It is the same every time."""
    columns = sorted(_begins() + [event for turn in range(events // 3) for event in _turn(turn)])
    return EventLog(
        times=array("q", (time for time, _ in columns)),
        codes=array("q", (code for _, code in columns)),
        threads=tuple(ThreadInfo(number=n, name=f"worker-{n}", parent=0) for n in range(1, THREADS + 1)),
        objects=(ObjectInfo(number=1, type="Lock", name="lock", site=1),),
        sites=(
            Site(file="lesson.py", line=1, text="lock = Lock()"),
            Site(file="lesson.py", line=5, text="with lock:"),
        ),
        ending=Ending(reason="done", time=columns[-1][0] + STEP),
    )


def _begins() -> list[tuple[int, int]]:
    return [(0, pack(Kind.BEGAN, thread=thread)) for thread in range(1, THREADS + 1)]


def _turn(turn: int) -> list[tuple[int, int]]:
    """Wanted half-way through the hold of the third thread before; got when the one before has released."""
    thread = turn % THREADS + 1
    start = (turn + 3) * STEP
    wanted = start - 3 * STEP + STEP // 2 + turn * 7919 % 997  # uneven, as real stamps are
    stamps = (
        (wanted, Kind.WAIT),
        (start, Kind.ACQUIRED),
        (start + STEP - 1_000 - turn * 104_729 % 997, Kind.RELEASED),
    )
    return [(time, pack(kind, site=2, obj=1, thread=thread)) for time, kind in stamps]


def figures(quick: bool) -> list[Row]:
    """Seconds, of the thread's own time, from a record to its fold, on to its findings, and to a PNG."""
    rows = []
    for events in (100, 1_000) if quick else (10_000, 100_000, 1_000_000):
        log = contended_log(events)
        variants = {
            "fold": partial(_folded, log),
            "examined": partial(_examined, log),
            "time": partial(_drawn, log, "time"),
            "order": partial(_drawn, log, "order"),
        }
        found = rounds(variants, 1 if quick else 3)
        folded, drawn = (Goal(most=2.5), Goal(most=1)) if events == 1_000_000 else (None, None)
        rows += [
            Row(what=f"{events:,} events: to a model", number=median(found["fold"]), unit="s", goal=folded),
            Row(what=f"{events:,} events: model to findings", number=median(found["examined"]), unit="s"),
            *(
                Row(
                    what=f"{events:,} events: to a figure, axis of {axis}",
                    number=median(found[axis]),
                    unit="s",
                    goal=drawn,
                )
                for axis in ("time", "order")
            ),
        ]
    return rows


def _folded(log: EventLog) -> float:
    return cpu_seconds(lambda: Trace(log).model)


def _examined(log: EventLog) -> float:
    trace = Trace(log)
    assert trace.model  # folded before it counts
    return cpu_seconds(lambda: trace.findings)


def _drawn(log: EventLog, axis: str) -> float:
    return cpu_seconds(lambda: to_png(cast(Figure, Trace(log).timeline(axis=axis).figure)))


def files(quick: bool) -> list[Row]:
    """Seconds to save and to open a record, plain and compressed; and what the file takes."""
    events = 10_000 if quick else 1_000_000
    log = contended_log(events)
    rows = []
    for suffix in (".jsonl", ".jsonl.gz"):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"run{suffix}"
            actions: dict[str, Callable[[], object]] = {
                "save": partial(Trace(log).save, path),
                "open": partial(tracing.open_trace, path),
            }
            found = rounds(
                {name: partial(seconds, action) for name, action in actions.items()}, 1 if quick else 3
            )
            size = path.stat().st_size / 1e6
        goal = Goal(most=1) if events == 1_000_000 and suffix == ".jsonl" else None
        rows += [
            Row(what=f"{events:,} events: {name} {suffix}", number=median(values), unit="s", goal=goal)
            for name, values in found.items()
        ]
        rows.append(Row(what=f"{events:,} events: size of {suffix}", number=size, unit="MB"))
    return rows
