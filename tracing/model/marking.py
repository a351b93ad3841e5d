"""What the program itself marked: stretches and numbers. (Moments are marks like any other.)

Rule: a block ends the innermost one of its name in its thread; the end of one that never began changes
nothing.
"""

from __future__ import annotations

from math import isfinite

from tracing.events import VALUE_SIGN, Kind
from tracing.model.lanes import Moment
from tracing.model.shapes import Block, Reading, Series

Opened = tuple[int, int]  # when, and at which site


class Marking:
    """Collects a run's marks while the fold goes along."""

    def __init__(self) -> None:
        self._open: dict[tuple[int, str], list[Opened]] = {}  # by thread and name
        self._blocks: list[Block] = []
        self._readings: dict[str, list[Reading]] = {}

    def take(self, kind: int, now: Moment, text: str) -> None:
        """An event by which the program marks something. text: its arg."""
        if kind == Kind.VALUE:
            self._read(now, text)
        elif kind == Kind.BAND_BEGAN:
            self._open.setdefault((now.thread, text), []).append((now.time, now.site))
        elif opened := self._open.get((now.thread, text)):
            start, site = opened.pop()
            raised = kind == Kind.BAND_LEFT
            self._blocks.append(
                Block(name=text, thread=now.thread, start=start, end=now.time, site=site, raised=raised)
            )

    def _read(self, now: Moment, text: str) -> None:
        name, sign, number = text.rpartition(VALUE_SIGN)
        value = _number(number)
        if sign and value is not None:
            self._readings.setdefault(name, []).append(
                Reading(time=now.time, value=value, thread=now.thread, site=now.site, seq=now.seq)
            )

    def blocks(self, duration: int) -> tuple[Block, ...]:
        """All of them, at the end of the record."""
        still = [
            Block(name=name, thread=thread, start=start, end=duration, site=site, open=True)
            for (thread, name), opened in self._open.items()
            for start, site in opened
        ]
        return tuple(sorted([*self._blocks, *still], key=lambda block: (block.start, -block.end)))

    def series(self) -> tuple[Series, ...]:
        """The numbers."""
        return tuple(Series(name=name, readings=tuple(found)) for name, found in self._readings.items())


def _number(text: str) -> float | None:
    """None where a file says something else."""
    try:
        number = int(text) if text.lstrip("-").isdecimal() else float(text)
        return number if isfinite(number) else None
    except (ValueError, OverflowError):
        return None
