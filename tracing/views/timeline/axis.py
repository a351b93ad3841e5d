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

    def ticks(self, start: int, end: int, room: float, *, whole: bool = True) -> list[tuple[float, str]]:
        """As many as there is room for, in points.

        whole: whether the axis ends where the record does.
        """
        most = max(3 if whole and room >= 50 else 2, min(9, int(room / 40)))
        return ticks(start, end, self, most)

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

    def ticks(self, start: int, end: int, room: float, *, whole: bool = True) -> list[tuple[float, str]]:
        """Every number, or every 2nd, 5th, 10th, ... where there is no room for all."""
        import numpy as np

        first, last = max(0, -int(-start // COLUMN)), min(len(self.numbers), int(end // COLUMN))
        shown = first + np.flatnonzero(self.numbers[first:last] >= 0)
        widest = 6 + 5.5 * len(str(int(self.numbers[shown[-1]]))) if len(shown) else 1.0
        step = _round_step(max(1.0, (last - first) * widest / max(room, 1.0)))
        shown = shown[self.numbers[shown] % int(step) == 0]
        return [(column + 0.5, f"{self.numbers[column]:,}") for column in shown.tolist()]

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


def ticks(start: int, end: int, unit: Unit, most: int = 9) -> list[tuple[float, str]]:
    """Round values between start and end (ns), at most `most`: (value in the unit, how it is written)."""
    low, high = start / unit.ns, end / unit.ns
    if end - start < 10:
        return [(low, f"{low:,g}")]
    step = _round_step((high - low) / (most - 1)) if high > low else 1.0
    if most > 2 and step > high - low:
        step = _round_step_below(high - low)  # two or three ticks
    first = -int(-low / step // 1) if low > 0 else 0
    decimals = max(0, -_exponent(step))
    found = []
    for index in range(first, first + 2 * most):
        value = index * step
        if value > high + step * 1e-6:
            break
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
