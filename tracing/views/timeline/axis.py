"""The axis: of time, with a unit, or of order, with numbered columns; where ticks stand, what it is called.

Owns: `Unit` and `Columns`, the two kinds of axis; `fitting_axis`, which of them tells more; `ordered`, the
same record by a clock that counts columns; `Breaks`, what is cut out of the axis of time; `Scale`, from time
to points.
Rule: only the way from an event to its place on paper is another one. What comes after what, who had the
turn, and all that is drawn, is the same code on both axes; what is cut out changes no time, no length and no
word, and no tick stands in a break.

How it works: in a simulated run each turn has a column of the same width, and the events of the turn lie
evenly in it. A column is numbered where the schedule made a choice: the 3 of "3:2". A turn that a thread
got because nobody else could go on, and a moment at which all waited for the clock, have columns without a
number. On the real clock, and where it is not known who had the turn, each event has a column and its own
number.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from tracing.events import THREAD_SHIFT, EventLog
from tracing.views.timeline.style import INSET
from tracing.views.timeline.words import plain, shortened
from tracing.views.units import duration

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

COLUMN = 10**6  # the width of a column of the axis of order, in what is ns on that of time
CROWDED, LEAST_CROWD = 0.75, 20
"""The share of the events in one pixel, and at least so many: then time hides nearly all that happens."""
_PIXELS = 800  # of an axis, about
GAP = 16.0  # points that a break takes
KEPT = 0.25  # of the longest quiet stretch that is not cut: so much stays before a break, and after it
BREAKS_SHARE = 0.25  # of the axis, at most, for breaks


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A unit of time."""

    name: str
    ns: int

    def step(self, start: int, end: int, room: float, *, whole: bool = True) -> float:
        """From one tick to the next: as many ticks as there is room for, in points.

        whole: whether the axis ends where the record does.
        """
        most = max(3 if whole and room >= 50 else 2, min(9, int(room / 40)))
        return step_of(start, end, self, most)

    def ticks(self, start: int, end: int, step: float) -> list[tuple[float, str]]:
        """Where ticks stand, and what stands below them."""
        return ticks(start, end, self, step)

    def long(self, length: float) -> str:
        """A length in words."""
        return duration(round(length))

    def labels(self, log: EventLog) -> tuple[str, ...]:
        """What the axis is called, from full ("seconds (virtual clock, seed 3)") to short."""
        named = _schedule(log)
        full = (f"{self.name} ({log.clock} clock, {named})",) if named else ()
        return *full, f"{self.name} ({log.clock} clock)", self.name


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Columns:
    """The axis of order: columns of the same width, `COLUMN`, some of them with numbers."""

    numbers: NDArray[np.int64]  # of each column; -1: none
    switches: NDArray[np.int64]  # the columns at which another thread was given the turn
    steps: bool  # of the schedule; else each event has its number
    ns: int = COLUMN

    def step(self, start: int, end: int, room: float, *, whole: bool = True) -> float:
        """From one number to the next: 1, or 2, 5, 10, ... where there is no room for all, in points."""
        shown = self._shown(start, end)
        widest = 6 + 5.5 * len(str(int(self.numbers[shown[-1]]))) if len(shown) else 1.0
        columns = min(len(self.numbers), end // COLUMN) - max(0, -(-start // COLUMN))
        return _round_step(max(1.0, columns * widest / max(room, 1.0)))

    def ticks(self, start: int, end: int, step: float) -> list[tuple[float, str]]:
        """The columns whose numbers are multiples of it, and the numbers."""
        shown = self._shown(start, end)
        shown = shown[self.numbers[shown] % max(1, int(step)) == 0]
        return [(column + 0.5, f"{self.numbers[column]:,}") for column in shown.tolist()]

    def _shown(self, start: int, end: int) -> NDArray[np.int64]:
        """The columns that have numbers, between these places."""
        import numpy as np

        first, last = max(0, -(-start // COLUMN)), min(len(self.numbers), end // COLUMN)
        return first + np.flatnonzero(self.numbers[first:last] >= 0)

    def long(self, length: float) -> str:
        """Nothing: on this axis a length says nothing."""
        return ""

    def labels(self, log: EventLog) -> tuple[str, ...]:
        """What the axis is called, from full to short."""
        if not self.steps:
            return f"order, not time: events by number ({log.clock} clock)", "order: events", "order"
        named = _schedule(log)
        full = (f"order, not time: steps of the schedule ({named})",) if named else ()
        return *full, "order, not time: steps of the schedule", "order: steps", "order"


Axis = Unit | Columns


UNITS = (
    Unit(name="seconds", ns=10**9),
    Unit(name="milliseconds", ns=10**6),
    Unit(name="microseconds", ns=10**3),
)


def unit_for(duration: int) -> Unit:
    """The largest unit of which there are at least one; microseconds for what is shorter."""
    return next((unit for unit in UNITS if duration >= unit.ns), UNITS[-1])


def step_of(start: int, end: int, unit: Unit, most: int = 9) -> float:
    """A round step for at most so many ticks between start and end (ns), in the unit."""
    long = (end - start) / unit.ns
    step = _round_step(long / (most - 1)) if long > 0 else 1.0
    return _round_step_below(long) if most > 2 and step > long > 0 else step  # two or three ticks


def ticks(start: int, end: int, unit: Unit, step: float) -> list[tuple[float, str]]:
    """The multiples of a step between start and end (ns): (value in the unit, how it is written)."""
    low, high = start / unit.ns, end / unit.ns
    if end - start < 10:
        return [(low, f"{low:,g}")]
    first = max(0, -int(-low / step // 1))
    decimals = max(0, -_exponent(step))
    found = []
    for index in range(first, int(high / step + 1e-6) + 1):
        value = index * step
        if value >= low - step * 1e-6:
            found.append((value, f"{value:,.{decimals}f}"))
    return found


def _round_step(least: float) -> float:
    """The smallest 1, 2 or 5 times a power of ten that is at least `least`."""
    power = 10.0 ** _exponent(least)
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= least * (1 - 1e-9))


def _round_step_below(most: float) -> float:
    """The largest 1, 2 or 5 times a power of ten that is at most `most`."""
    power = 10.0 ** _exponent(most)
    return next(factor * power for factor in (5, 2, 1) if factor * power <= most * (1 + 1e-9))


def _exponent(value: float) -> int:
    return int(f"{value:e}".partition("e")[2])


def _schedule(log: EventLog) -> str:
    """The seed or the schedule of a simulated run, in words."""
    named = shortened(plain(log.schedule), 60) if log.clock == "virtual" else ""
    if not named or named.startswith(("seed", "schedule", "default")):
        return named
    return f"seed {named}" if named.isdigit() else f"schedule {named}"


# The axis of order


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


# Quiet stretches cut out of the axis of time, each with a visible break


@dataclass(frozen=True, slots=True, kw_only=True)
class Breaks:
    """What is cut out of an axis of time."""

    stretches: tuple[tuple[int, int], ...] = ()  # from, until: ns, one after the other

    @property
    def room(self) -> float:
        """The points that all of them take."""
        return GAP * len(self.stretches)

    def lost(self, time: float) -> float:
        """How many ns are cut out before that time."""
        return sum(min(time, end) - start for start, end in self.stretches if start < time)

    def passed(self, time: float) -> float:
        """How many breaks lie before that time; of one that it lies in, the share."""
        return sum(min(1.0, (time - start) / (end - start)) for start, end in self.stretches if start < time)

    def parts(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """What is left of a stretch."""
        for left, right in self.stretches:
            if start < left < end:
                yield start, left
            start = max(start, min(right, end))
        yield start, end


NO_BREAKS = Breaks()


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """From time and lane height to points in the axes."""

    start: float  # ns at the left edge
    per_ns: float  # points
    width: float  # points
    breaks: Breaks = NO_BREAKS  # what is cut out of the time
    stretch: float = 1.0  # points in the figure for a point in the scene: 1 unless the axes are the caller's

    def x(self, time: float) -> float:
        """Points from the left edge."""
        if not self.breaks.stretches:
            return (time - self.start) * self.per_ns
        kept = time - self.start - self.breaks.lost(time)
        return kept * self.per_ns + GAP * self.breaks.passed(time)

    def y(self, points: float) -> float:
        """Points from the top."""
        return points * self.stretch

    def room(self, between: tuple[float, float] | None) -> tuple[float, float]:
        """Between which points words must stay that have so much time; None: all of the axes."""
        if between is None:
            return 0.0, self.width
        return max(0.0, self.x(between[0]) + INSET), min(self.width, self.x(between[1]) - INSET)


def quiet(log: EventLog, start: int, end: int, longest: int, points: float) -> Breaks:
    """The stretches between two events that last longer than `longest`, without their beginnings and ends;
    only the longest ones where there are many.

    start, end: of the window, which counts as an event on both sides; all in ns. points: of the axis.
    """
    first, after = bisect_left(log.times, start), bisect_right(log.times, end)
    kept = round(longest * KEPT)
    pairs = pairwise((start, *log.times[first:after], end))
    found = sorted((b - a, a, b) for a, b in pairs if b - a > longest)
    most = int(points * BREAKS_SHARE / GAP)
    return Breaks(stretches=tuple(sorted((a + kept, b - kept) for _, a, b in found[-most:] if most)))
