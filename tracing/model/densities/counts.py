"""What primitives count (permits, arrivals, a flag that is up): all of one kind at once.

Owns: the second reader of `natures.Count`; the first is the fold, event by event.
Imports numpy: see `arrays`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tracing.events import LENGTH_MASK
from tracing.model.densities.arrays import Chosen, Columns, Floats, Grid, Ints, in_order, latest
from tracing.model.table import TABLE
from tracing.natures import NATURES, Change, Count


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Counted:
    """What some objects counted after each event that changed it; by object, then by time."""

    obj: Ints
    time: Ints
    value: Ints

    def of(self, number: int) -> tuple[Ints, Ints]:
        """When the count of that object changed, and to what."""
        begin, end = np.searchsorted(self.obj, (number, number + 1))
        return self.time[begin:end], self.value[begin:end]


def ways() -> Iterator[Count]:
    """All ways to count that there are."""
    counts = {id(nature.count): nature.count for nature in NATURES.values()}
    return (count for count in counts.values() if count)


def counted(columns: Columns, count: Count) -> Counted:
    """What the objects that count like that counted.

    It is what the latest event said that sets it, or what it began with, and what was added since.
    """
    where = columns.of(count.changes, lambda nature: nature.count is count)
    obj, kind = columns.obj[where], columns.kind[where]
    changes = [count.changes.get(row.effect, Change()) if row.effect else Change() for row in TABLE]
    more = np.array([change.by for change in changes])[kind]
    each = np.array([change.each for change in changes])[kind]
    to = np.array([-1 if change.to is None else change.to for change in changes])[kind]
    stated = np.flatnonzero(np.array([change.stated for change in changes])[kind])
    said = columns.args(where[stated], -1)
    to[stated] = np.where(said >= 0, said & LENGTH_MASK, -1)
    more[each] *= columns.levels(where[each])
    more[to >= 0] = 0
    total, base = np.cumsum(more), latest(to >= 0)
    is_set = (base >= 0) & (obj[base] == obj)
    begin = np.searchsorted(obj, obj)
    value = np.where(
        is_set,
        to[base] + total - total[base],
        firsts(columns, count)[obj] + total - total[begin] + more[begin],
    )
    return Counted(obj=obj, time=columns.time[where], value=value)


def firsts(columns: Columns, count: Count) -> Ints:
    """By number, from 0 on (which is none): what an object that counts like that begins with."""
    return np.array([0, *(count.first(info.value) for info in columns.log.objects)])


def up(columns: Columns, count: Count, grid: Grid, chosen: Chosen) -> Floats:
    """For each of these objects: the share of each bin in which the count was not 0."""
    found, first = counted(columns, count), firsts(columns, count)
    given = np.flatnonzero(columns.which(lambda nature: nature.count is count) & (first > 0))
    obj = np.concatenate((given, found.obj))
    time = np.concatenate((np.zeros(len(given), np.int64), found.time))
    raised = np.concatenate((np.full(len(given), True), found.value > 0))
    order = in_order(obj)
    obj, time, raised = obj[order], time[order], raised[order]
    end = np.append(time[1:], 0)[: len(obj)]
    end[np.append(obj[1:] != obj[:-1], True)[: len(obj)]] = columns.duration
    return grid.cover(chosen.row[obj[raised]], time[raised], end[raised], len(chosen))
