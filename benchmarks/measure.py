"""Rounds, medians and the table."""

from __future__ import annotations

import gc
import os
import platform
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from statistics import median
from time import perf_counter, process_time, thread_time


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """At most so much, or at least so much: a row's ratio, or its number where it has none."""

    most: float | None = None
    least: float | None = None

    def met(self, number: float) -> bool:
        return (self.most is None or number <= self.most) and (self.least is None or number >= self.least)

    def __str__(self) -> str:
        return f"≤ {self.most:g}" if self.most is not None else f"≥ {self.least:g}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table."""

    what: str
    number: float | None  # None: it could not be measured here
    unit: str
    ratio: float | None = None
    goal: Goal | None = None
    note: str = ""

    def cells(self) -> tuple[str, str, str, str, str]:
        measured = self.number if self.ratio is None else self.ratio
        met = self.goal is None or measured is None or self.goal.met(measured)
        return (
            self.what,
            "–" if self.number is None else f"{self.number:,.{_decimals(self.number)}f} {self.unit}",
            "" if self.ratio is None else f"{self.ratio:.2f} ×",
            "" if self.goal is None else str(self.goal),
            self.note if met else f"NOT MET {self.note}".strip(),
        )


def _decimals(number: float) -> int:
    return 0 if abs(number) >= 100 else 1 if abs(number) >= 10 else 2 if abs(number) >= 1 else 3


def seconds(action: Callable[[], object]) -> float:
    """How long a call takes. (Throwing away what it gives is no part of that.)"""
    gc.collect()
    start = perf_counter()
    kept = action()
    end = perf_counter()
    del kept
    return end - start


def cpu_seconds(action: Callable[[], object]) -> float:
    """How long a call keeps its own thread computing, whatever else the machine does meanwhile."""
    gc.collect()
    start = thread_time()
    kept = action()
    end = thread_time()
    del kept
    return end - start


def process_seconds(action: Callable[[], object]) -> float:
    """How long a call keeps all threads of this process computing, whatever else the machine does."""
    gc.collect()
    start = process_time()
    kept = action()
    end = process_time()
    del kept
    return end - start


def rounds(variants: Mapping[str, Callable[[], float]], times: int) -> dict[str, list[float]]:
    """The number that each variant gives, `times` times. They take turns, after one that does not count."""
    for variant in variants.values():
        variant()
    found: dict[str, list[float]] = {name: [] for name in variants}
    for _ in range(times):
        for name, variant in variants.items():
            found[name].append(variant())
    return found


def ratio(found: Mapping[str, list[float]], name: str, base: str) -> float:
    """The median of the ratios within each round."""
    return median(value / other for value, other in zip(found[name], found[base], strict=True) if other)


def percentile(values: Iterable[float], share: float) -> float:
    """The value below which that share (0 to 1) of the values lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(share * len(ordered)))]


def table(rows: Iterable[Row]) -> str:
    """The rows, aligned: words to the left, numbers to the right."""
    lines = [("what", "median", "ratio", "goal", ""), *(row.cells() for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join((what.ljust(widths[0]), *map(str.rjust, numbers, widths[1:]), note)).rstrip()
        for what, *numbers, note in lines
    )


def machine() -> str:
    """What it was measured on."""
    gil = getattr(sys, "_is_gil_enabled", lambda: True)()
    python = f"{platform.python_implementation()} {platform.python_version()}"
    system = f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors"
    return f"{python} {'with' if gil else 'without'} the GIL, {system}"
