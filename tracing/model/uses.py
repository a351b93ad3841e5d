"""The primitives' half of the density: holds, flags and counters of all objects at once.

Imports numpy: see `arrays`.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tracing.events import Kind
from tracing.model.arrays import Bools, Chosen, Columns, Floats, Grid, Ints, in_order, latest
from tracing.model.table import Effect


class Holdings:
    """Who held each Lock and RLock after each event on it; sorted by object, then by time."""

    def __init__(self, columns: Columns) -> None:
        where = columns.of({Effect.TAKE, Effect.GIVE}, "Lock", "RLock")
        self.columns = columns
        self.obj, self.time, self.thread = columns.obj[where], columns.time[where], columns.thread[where]
        self.takes = columns.kind[where] == Kind.ACQUIRED
        self.first = np.append(True, self.obj[1:] != self.obj[:-1])[: len(where)]
        reentrant = np.array([False, *(info.type == "RLock" for info in columns.log.objects)])[self.obj]
        levels = np.ones(len(where), np.int64)
        levels[reentrant] = columns.levels(where[reentrant])
        self.depth = self._depth(levels, reentrant)

    def _depth(self, levels: Ints, reentrant: Bools) -> Ints:
        """Levels held after each event: never below 0, and from 0 where another thread takes it."""
        before = np.append(-1, latest(self.takes)[:-1])[: len(levels)]
        deeper = (
            reentrant & (before >= 0) & (self.obj[before] == self.obj) & (self.thread[before] == self.thread)
        )
        fresh = self.first | (self.takes & ~deeper)
        change = np.where(self.takes, levels, -levels)
        total = np.cumsum(change)
        begin = np.maximum(latest(fresh), 0)
        depth = total - total[begin] + change[begin]
        if not len(depth):
            return total
        # The smallest so far within each stretch: each stretch is put below all earlier ones.
        shift = np.cumsum(fresh) * (np.ptp(depth) + 1)
        lowest = np.minimum.accumulate(depth - shift) + shift
        above_zero: Ints = depth - np.minimum(lowest, 0)
        return above_zero

    def cover(self, grid: Grid, chosen: Chosen) -> tuple[Floats, Ints]:
        """For each of these objects: the share of each bin in which it was held, and by whom most.

        Holds of one object do not overlap, so few bins have several: what is added up by owner is pieces.
        """
        obj, owner, start, end = self._intervals()
        asked = np.flatnonzero(chosen.row[obj] >= 0)
        which, bin_, share = grid.pieces(start[asked], end[asked])
        cell, owner = (chosen.row[obj[asked]] * grid.bins)[which] + bin_, owner[asked][which]
        threads = len(self.columns.log.threads) + 1
        keys, piece = np.unique(cell * threads + owner, return_inverse=True)
        cell, owner = np.divmod(keys, threads)
        share = np.bincount(piece, share, len(keys)).astype(np.float64)
        size = len(chosen) * grid.bins
        held = np.bincount(cell, share, size)
        holder = np.zeros(size, np.int64)
        order = np.lexsort((-owner, share))  # of several assigned, the last one stays: who has it most
        order = order[share[order] > 0]
        holder[cell[order]] = owner[order]
        shape = (len(chosen), grid.bins)
        return np.minimum(held, 1).reshape(shape), holder.reshape(shape)

    def _intervals(self) -> tuple[Ints, Ints, Ints, Ints]:
        """Every hold: object, thread, start, end. A release of what nobody took ends an unseen hold."""
        last = np.append(self.first[1:], True)[: len(self.obj)]
        end = np.append(self.time[1:], 0)[: len(self.obj)]
        end[last] = self.columns.duration
        unseen = (self.depth == 0) & ~last & ~np.append(self.takes[1:], True)[: len(self.obj)]
        owner = np.where(
            unseen, np.append(self.thread[1:], 0)[: len(self.obj)], self.thread[latest(self.takes)]
        )
        held = np.flatnonzero((self.depth > 0) | unseen)
        before = np.flatnonzero(self.first & ~self.takes)  # held when the record began
        return (
            np.concatenate((self.obj[before], self.obj[held])),
            np.concatenate((self.thread[before], owner[held])),
            np.concatenate((np.zeros(len(before), np.int64), self.time[held])),
            np.concatenate((self.time[before], end[held])),
        )


def flags(columns: Columns, grid: Grid, chosen: Chosen) -> Floats:
    """For each of these objects: the share of each bin in which an Event's flag is up."""
    where = columns.of({Effect.RAISE, Effect.LOWER}, "Event")
    up = [info.number for info in columns.log.objects if info.type == "Event" and info.value]
    obj = np.concatenate((np.array(up, np.int64), columns.obj[where]))
    time = np.concatenate((np.zeros(len(up), np.int64), columns.time[where]))
    raised = np.concatenate((np.full(len(up), True), columns.kind[where] == Kind.SET))
    order = in_order(obj)
    obj, time, raised = obj[order], time[order], raised[order]
    end = np.append(time[1:], 0)[: len(obj)]
    end[np.append(obj[1:] != obj[:-1], True)[: len(obj)]] = columns.duration
    return grid.cover(chosen.row[obj[raised]], time[raised], end[raised], len(chosen))


def permits(columns: Columns) -> tuple[Ints, Ints]:
    """The events on semaphores, and how much the value has changed with each since the first."""
    where = columns.of({Effect.TAKE, Effect.GIVE}, "Semaphore", "BoundedSemaphore")
    change = np.where(columns.kind[where] == Kind.ACQUIRED, -1, columns.levels(where))
    total = np.cumsum(change)
    obj = columns.obj[where]
    begin = np.searchsorted(obj, obj)
    return where, total - total[begin] + change[begin]


def arrivals(columns: Columns) -> tuple[Ints, Ints]:
    """The events on barriers, and how many are there after each."""
    effects = {Effect.ARRIVE, Effect.TRIP, Effect.BREAK, Effect.MEND}
    where = columns.of(effects, "Barrier")
    obj = columns.obj[where]
    arrive = columns.kind[where] == Kind.ARRIVED
    count = np.where(arrive, columns.args(where, -1), 0)
    # An arrival without a count (a damaged file) is one more than before.
    counted = ~arrive | (count >= 0)
    more = np.cumsum(~counted)
    base = latest(counted)
    known = (base >= 0) & (obj[base] == obj)
    begin = np.searchsorted(obj, obj)
    return where, np.where(known, count[base] + more - more[base], more - more[begin] + ~counted[begin])


def counters(columns: Columns, holdings: Holdings, chosen: Chosen) -> Iterator[tuple[int, Ints, Ints, int]]:
    """Each of these objects that has a value: its number, when the value changes, to what, and the
    first value.
    """
    sources = {"RLock": (holdings.obj, holdings.time, holdings.depth)}
    where, change = permits(columns)
    sources["Semaphore"] = sources["BoundedSemaphore"] = columns.obj[where], columns.time[where], change
    where, count = arrivals(columns)
    sources["Barrier"] = columns.obj[where], columns.time[where], count
    for info in map(columns.log.object, chosen.numbers):
        if info.type in sources:
            obj, time, values = sources[info.type]
            begin, end = np.searchsorted(obj, (info.number, info.number + 1))
            first = (info.value or 0) if "Semaphore" in info.type else 0
            yield info.number, time[begin:end], values[begin:end] + first, first
