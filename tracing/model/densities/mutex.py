"""Who held what one thread has at a time, and how deep: all holds at once.

Imports numpy: see `arrays`.
"""

from __future__ import annotations

import numpy as np

from tracing.model.densities.arrays import Bools, Chosen, Columns, Floats, Grid, Ints, latest
from tracing.model.table import TABLE
from tracing.natures import Effect

TAKES = np.array([row.effect is Effect.TAKE for row in TABLE])  # by kind


class Holdings:
    """Who held each lock after each event on it; sorted by object, then by time."""

    def __init__(self, columns: Columns) -> None:
        where = columns.of({Effect.TAKE, Effect.GIVE}, lambda nature: nature.exclusive)
        self.columns = columns
        self.obj, self.time, self.thread = columns.obj[where], columns.time[where], columns.thread[where]
        self.takes = TAKES[columns.kind[where]]
        self.first = np.append(True, self.obj[1:] != self.obj[:-1])[: len(where)]
        reentrant = columns.which(lambda nature: nature.exclusive and nature.owned)[self.obj]
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
        wanted = np.flatnonzero(chosen.row[obj] >= 0)
        which, bin_, share = grid.pieces(start[wanted], end[wanted])
        cell, owner = (chosen.row[obj[wanted]] * grid.bins)[which] + bin_, owner[wanted][which]
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

    def depths(self, number: int) -> tuple[Ints, Ints]:
        """When the depth of that object changed, and to what."""
        begin, end = np.searchsorted(self.obj, (number, number + 1))
        return self.time[begin:end], self.depth[begin:end]

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
