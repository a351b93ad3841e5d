"""When the workers of pools had no call: all of them at once. See `tracing.model.workers`.

Imports numpy: see `arrays`.
"""

from __future__ import annotations

import numpy as np

from tracing.model.densities.arrays import Bools, Columns, Ints
from tracing.model.densities.mutex import TAKES
from tracing.natures import Effect, calls_of


def pauses(columns: Columns) -> Ints:
    """A row for each stretch between two calls, and after the last one: thread, from, until. Until the
    record's end where the thread makes no other call.
    """
    thread, start, end = _calls(columns)
    order = np.lexsort((start, thread))
    thread, start, end = thread[order], start[order], end[order]
    shift = thread * (columns.duration + 1)  # puts the calls of each thread behind those of the one before
    over = np.maximum.accumulate(end + shift) - shift if len(end) else end
    last = np.append(thread[1:] != thread[:-1], True)[: len(thread)]
    until = np.append(start[1:], 0)[: len(start)]
    until[last] = columns.duration
    found: Ints = np.stack((thread, over, until), axis=1)[until > over]
    return found


def _calls(columns: Columns) -> tuple[Ints, Ints, Ints]:
    """Every call that a worker made: its thread, from, until. One that does not end lasts until the record
    does.
    """
    where = columns.of({Effect.TAKE, Effect.GIVE}, lambda nature: nature.work)
    where = where[_are_calls(columns)[columns.obj[where]]]
    obj, takes = columns.obj[where], TAKES[columns.kind[where]]
    last = np.append(obj[1:] != obj[:-1], True)[: len(obj)]
    end = np.append(columns.time[where][1:], 0)[: len(obj)]
    end[last] = columns.duration
    made = np.flatnonzero(takes & (last | ~np.append(takes[1:], False)[: len(obj)]))  # not begun anew
    return columns.thread[where][made], columns.time[where][made], end[made]


def _are_calls(columns: Columns) -> Bools:
    """By number, from 0 on (which is none)."""
    found = np.zeros(len(columns.log.objects) + 1, np.bool_)
    found[list(calls_of(columns.log))] = True
    return found
