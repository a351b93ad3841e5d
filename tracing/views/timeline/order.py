"""The axis of order: the same record, by a clock that counts columns instead of time.

Owns: `ordered`, which gives each event its place, and `fitting_axis`, which says where order tells more than
time. Rule: only the times are others. What comes after what, who had the turn, and all that is drawn, is the
same code on both axes.

How it works: in a simulated run each turn has a column of the same width, and the events of the turn lie
evenly in it. A column is numbered where the schedule made a choice: the 3 of "3:2". A turn that a thread
got because nobody else could go on, and a moment at which all waited for the clock, have columns without a
number. On the real clock, and where it is not known who had the turn, each event has a column and its own
number.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tracing.errors import TimelineError
from tracing.events import THREAD_SHIFT, EventLog
from tracing.views.timeline.axis import COLUMN, Columns

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

AXES = ("time", "order")
CROWDED, LEAST_CROWD = 0.75, 20
"""The share of the events in one pixel, and at least so many: then time hides nearly all that happens."""
_PIXELS = 800  # of an axis, about


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A finding at its place."""

    threads: Sequence[int]
    objects: Sequence[int]
    time: int
    sentence: str
    severity: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ordered:
    """A record by order."""

    before: EventLog  # by time
    log: EventLog
    columns: Columns

    def at(self, time: int, threads: Sequence[int] = ()) -> int:
        """Where a moment of the run lies: at the event of that time, the last one of these threads if there
        is one; else before the next event.
        """
        times, codes = self.before.times, self.before.codes
        first, after = bisect_left(times, time), bisect_right(times, time)
        own = (seq for seq in reversed(range(first, after)) if _thread(codes[seq]) in threads)
        return self.place(next(own, first))

    def since(self, time: int) -> int:
        """Where a window begins that begins at that time: with the column of the next event."""
        return self.place(bisect_left(self.before.times, time)) // COLUMN * COLUMN

    def until(self, time: int) -> int:
        """Where a window ends that ends at that time: with the column of the last event until then."""
        return (self.place(max(0, bisect_right(self.before.times, time) - 1)) // COLUMN + 1) * COLUMN

    def place(self, seq: int) -> int:
        """Where an event lies; the end for what comes after the last one."""
        return self.log.times[seq] if seq < len(self.log) else self.log.ending.time


def _thread(code: int) -> int:
    return code >> THREAD_SHIFT


def check_axis(axis: str | None) -> None:
    """Raise TimelineError for an axis that there is not."""
    if axis is not None and axis not in AXES:
        raise TimelineError(f'timeline(axis={axis!r}): write "time" or "order", or leave it out.')


def fitting_axis(log: EventLog) -> str:
    """The axis that tells more: "order" where time says nothing.

    That is a simulated run in which nobody ever waited for the clock, so that it only counted steps; and any
    run most of whose events would share one pixel.
    """
    if len(log.turns) and 0 not in log.turns.threads:
        return "order"
    return "order" if _is_crowded(log) else "time"


def _is_crowded(log: EventLog) -> bool:
    """Whether most of the events lie in one pixel of the axis of time."""
    most = int(len(log) * CROWDED)
    if most < LEAST_CROWD or log.ending.time <= 0:
        return False
    pixel, times = log.ending.time / _PIXELS, log.times
    return any(times[first + most] - times[first] < pixel for first in range(len(log) - most))


def ordered(log: EventLog) -> Ordered:
    """The record with places instead of times: `COLUMN` for each column."""
    import numpy as np

    by_turn = len(log.turns) > 0
    rows = np.frombuffer(log.turns.seqs, np.int64) if by_turn else np.arange(len(log))
    places = array("q", _spread(rows, len(log)).tobytes())
    numbers = _steps(np.frombuffer(log.turns.steps, np.int64)) if by_turn else rows
    begins = array("q", (np.arange(len(rows)) * COLUMN).tobytes()) if by_turn else log.turns.times
    end = len(rows) * COLUMN
    after = replace(
        log, times=places, turns=replace(log.turns, times=begins), ending=replace(log.ending, time=end)
    )
    switches = _switches(np.frombuffer(log.turns.threads, np.int64), numbers) if by_turn else rows[:0]
    return Ordered(before=log, log=after, columns=Columns(numbers=numbers, switches=switches, steps=by_turn))


def _spread(rows: Ints, events: int) -> Ints:
    """The place of each event: evenly in its column. rows: how many events stand before each column."""
    import numpy as np

    seqs = np.arange(events)
    row = np.searchsorted(rows, seqs, side="right") - 1
    inside = np.diff(np.append(rows, events))  # how many lie in each column
    share = (seqs - rows[row] + 1) / (inside[row] + 1)
    places: Ints = row * COLUMN + np.round(share * COLUMN).astype(np.int64)
    return places


def _steps(steps: Ints) -> Ints:
    """The number of each column: that of its step where the step begins; -1 where it has none."""
    import numpy as np

    return np.where(np.diff(steps, prepend=-1) > 0, steps, -1)


def _switches(threads: Ints, numbers: Ints) -> Ints:
    """The columns in which the schedule gave the turn to another thread than the one before."""
    import numpy as np

    return np.flatnonzero((np.diff(threads, prepend=threads[:1]) != 0) & (numbers >= 0))
