"""The axis of time: which unit, which ticks, and what it is called."""

from __future__ import annotations

from dataclasses import dataclass

from tracing.events import EventLog
from tracing.views.timeline.words import plain, shortened


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A unit of time."""

    name: str
    ns: int


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


def axis_labels(log: EventLog, unit: Unit) -> tuple[str, ...]:
    """What it is called, from full ("seconds (virtual clock, seed 3)") to short."""
    short = (f"{unit.name} ({log.clock} clock)", unit.name)
    schedule = shortened(plain(log.schedule), 60)
    if schedule and log.clock == "virtual":
        named = schedule if schedule.startswith(("seed", "schedule", "default")) else _schedule(schedule)
        return f"{unit.name} ({log.clock} clock, {named})", *short
    return short


def _schedule(text: str) -> str:
    return f"seed {text}" if text.isdigit() else f"schedule {text}"
