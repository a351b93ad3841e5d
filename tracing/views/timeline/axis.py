"""The axis: of time, with a unit, or of order, with numbered columns; which ticks, and what it is called."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracing.events import EventLog
from tracing.views.timeline.words import plain, shortened
from tracing.views.units import duration

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

COLUMN = 10**6  # the width of a column of the axis of order, in what is ns on that of time


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
