"""What the density is computed with: a log as numpy arrays, and a window of time cut into bins.

Imports numpy: only this package imports this module, and only when it is called.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

import numpy as np
from numpy.typing import NDArray

from tracing.events import KIND_MASK, OBJECT_MASK, OBJECT_SHIFT, THREAD_SHIFT, EventLog
from tracing.model.table import TABLE
from tracing.natures import NATURES, UNKNOWN, Effect, Nature

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

MOST_LEVELS = 1 << 20  # of an RLock or a semaphore, in one step: more is no program's doing


def latest(which: Bools) -> Ints:
    """For each position the latest one, itself included, of those marked; -1 where there is none yet."""
    found: Ints = np.maximum.accumulate(np.where(which, np.arange(len(which)), -1))
    return found


def in_order(numbers: Ints) -> Ints:
    """What sorts small numbers, stably. (numpy sorts 16 bits by radix: ten times faster than 64.)"""
    small = not len(numbers) or int(np.max(numbers)) < 1 << 16
    order: Ints = np.argsort(numbers.astype(np.uint16) if small else numbers, kind="stable")
    return order


def common(one: Ints, other: Ints) -> Ints:
    """The stretches that two sets of stretches have in common: rows of thread, start, end. Those of one
    thread do not overlap within a set.
    """
    if not len(one) or not len(other):
        return np.zeros((0, 3), np.int64)
    rows = np.concatenate((one, other))
    thread = np.concatenate((rows[:, 0], rows[:, 0]))
    time = np.concatenate((rows[:, 1], rows[:, 2]))
    change = np.repeat((1, -1), len(rows))
    order = np.lexsort((change, time, thread))
    thread, time = thread[order], time[order]
    both = np.flatnonzero(np.cumsum(change[order]) == 2)  # comes back to 0 within each thread
    found: Ints = np.stack((thread[both], time[both], time[both + 1]), axis=1)
    return found


class Chosen:
    """The threads, or the objects, that are asked for: each has a row in what is computed.

    `row` is that of each number, -1 where it is not asked for; it has an entry for 0, which is nobody's.
    """

    def __init__(self, numbers: Iterable[int] | None, most: int) -> None:
        self.numbers = list(range(1, most + 1) if numbers is None else dict.fromkeys(numbers))
        self.row = np.full(most + 1, -1)
        self.row[self.numbers] = np.arange(len(self.numbers))

    def __len__(self) -> int:
        return len(self.numbers)


class Grid:
    """A window of time, cut into bins."""

    def __init__(self, start: int, end: int, bins: int) -> None:
        self.start, self.bins = start, bins
        self.width = max(1, end - start)  # ns

    def position(self, times: Ints) -> Floats:
        """Where a time lies, in bins; what lies outside the window, at its edge."""
        position = (times - self.start) * (self.bins / self.width)
        clipped: Floats = np.clip(position, 0, self.bins)
        return clipped

    def cover(self, rows: Ints, starts: Ints, ends: Ints, count: int) -> Floats:
        """The share of each bin that the intervals of a row cover: an array of `count` rows.

        The intervals of one row must not overlap; those of row -1 are left out.
        """
        wanted = rows >= 0
        rows, starts, ends = rows[wanted], starts[wanted], ends[wanted]
        if not len(rows):
            return np.zeros((count, self.bins))
        row = np.concatenate((rows, rows))
        x = self.position(np.concatenate((starts, ends)))
        sign = np.repeat((1.0, -1.0), len(rows))
        columns = self.bins + 1
        bin_ = x.astype(np.int64)
        cell = row * columns + bin_
        here = np.bincount(cell, sign * (bin_ + 1 - x), count * columns).reshape(count, columns)
        step = np.bincount(cell, sign, count * columns).reshape(count, columns)
        share: Floats = np.clip(here + np.cumsum(step, axis=1) - step, 0, 1)[:, : self.bins]
        return share

    def pieces(self, starts: Ints, ends: Ints) -> tuple[Ints, Ints, Floats]:
        """The intervals cut at the edges of bins: of which interval each piece is, in which bin, and its
        share of that. As many as there are intervals and bins that they cover.
        """
        low, high = self.position(starts), self.position(ends)
        first = np.minimum(low.astype(np.int64), self.bins - 1)
        last = np.clip(np.ceil(high).astype(np.int64) - 1, first, self.bins - 1)
        counts = last - first + 1
        which = np.repeat(np.arange(len(starts)), counts)
        bin_ = np.arange(len(which)) - np.repeat(np.cumsum(counts) - counts - first, counts)
        share: Floats = np.minimum(high[which], bin_ + 1) - np.maximum(low[which], bin_)
        return which, bin_, np.maximum(share, 0)

    def extremes(self, times: Ints, values: Ints, first: int) -> tuple[Ints, Ints]:
        """The least and the most of a step function in each bin, what it comes in with included."""
        last = self.start + self.width
        before = int(np.searchsorted(times, self.start, "left"))
        after = int(np.searchsorted(times, last, "right"))
        entry = int(values[before - 1]) if before else first
        bins = np.minimum(self.position(times[before:after]).astype(np.int64), self.bins - 1)
        edges = np.searchsorted(bins, np.arange(self.bins))  # the first step of each bin or later
        steps = np.concatenate(
            ([entry], values[before:after])
        )  # steps[edges]: the value each bin starts with
        # reduceat over [edge, next edge] including the value before the first step of the bin.
        low, high = steps[edges].copy(), steps[edges].copy()
        full = np.flatnonzero(np.diff(np.append(edges, len(bins))))  # bins in which there is a step
        if len(full):
            low[full] = np.minimum(low[full], np.minimum.reduceat(steps[1:], edges[full]))
            high[full] = np.maximum(high[full], np.maximum.reduceat(steps[1:], edges[full]))
        return low, high


class Columns:
    """A log's events as arrays, those of unknown threads left out."""

    def __init__(self, log: EventLog) -> None:
        self.log = log
        times = np.array(log.times, dtype=np.int64)
        codes = np.array(log.codes, dtype=np.int64)[: len(times)]
        times = times[: len(codes)]
        self.duration = max(log.ending.time, int(times[-1]) if len(times) else 0)
        thread = codes >> THREAD_SHIFT
        known = (thread > 0) & (thread <= len(log.threads))
        self.seq = np.flatnonzero(known)
        self.time, self.thread, codes = times[known], thread[known], codes[known]
        self.kind = codes & KIND_MASK
        obj = codes >> OBJECT_SHIFT & OBJECT_MASK
        self.obj = np.where(obj <= len(log.objects), obj, 0)

    def args(self, where: Ints, default: int) -> Ints:
        """The args of the events at those positions."""
        args = self.log.args
        found = (args.get(seq, default) for seq in self.seq[where].tolist())
        return np.fromiter(found, np.int64, len(where)) if args else np.full(len(where), default)

    def levels(self, where: Ints) -> Ints:
        found = self.args(where, 1)
        levels: Ints = np.where(found < 1, 1, np.minimum(found, MOST_LEVELS))
        return levels

    def of(self, effects: Collection[Effect], wanted: Callable[[Nature], bool]) -> Ints:
        """Positions of the events with these effects on objects of such a nature, by object, then by time."""
        kinds = np.array([row.effect in effects for row in TABLE])
        objects = self.which(wanted)
        if not objects.any():
            return np.zeros(0, np.int64)
        where = np.flatnonzero(kinds[self.kind] & objects[self.obj])
        return where[in_order(self.obj[where])]

    def which(self, wanted: Callable[[Nature], bool]) -> Bools:
        """By number, from 0 on (which is none): whether an object is of such a nature."""
        known = {type_: wanted(nature) for type_, nature in NATURES.items()}
        unknown = wanted(UNKNOWN)
        return np.array([False, *(known.get(info.type, unknown) for info in self.log.objects)])
