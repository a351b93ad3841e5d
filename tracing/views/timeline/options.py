"""Sizes and windows that a timeline is asked for: what cannot be drawn is one clear error, not a picture
without anything in it.
"""

from __future__ import annotations

from math import isfinite
from numbers import Real

from tracing.errors import TimelineError
from tracing.events import EventLog
from tracing.views.units import duration

LEAST_WIDTH, MOST_WIDTH = 2, 100  # inches
MOST_SECONDS = 1e9


def check_width(width: float) -> None:
    """Raise TimelineError for a figure that wide, in inches, where none can be."""
    if not (_is_number(width) and LEAST_WIDTH <= width <= MOST_WIDTH):
        raise TimelineError(
            f"timeline() cannot draw a figure {width!r} inches wide: give a width from {LEAST_WIDTH} to "
            f"{MOST_WIDTH}."
        )


def check_window(log: EventLog, start: float | None, end: float | None) -> None:
    """Raise TimelineError where there is nothing to see between these seconds of the run."""
    for name, second in (("start", start), ("end", end)):
        if second is not None and not _is_number(second):
            raise TimelineError(f"timeline({name}={second!r}): give seconds since the run began.")
    first = max(0, nanoseconds(start) or 0)
    last = max(log.ending.time, log.times[-1] if len(log.times) else 0)
    if end is not None and end * 1e9 <= first:
        raise TimelineError(f"timeline() got a window that ends at {end:g} s, not after its start.")
    if first > last:
        raise TimelineError(
            f"timeline() has nothing to show from {start:g} s on: the run was over after {duration(last)}."
        )


def nanoseconds(seconds: float | None) -> int | None:
    """The same time in ns; what is far beyond any run, no farther than that."""
    return None if seconds is None else round(max(-MOST_SECONDS, min(seconds, MOST_SECONDS)) * 1e9)


def _is_number(value: object) -> bool:
    return isinstance(value, Real) and isfinite(value)
