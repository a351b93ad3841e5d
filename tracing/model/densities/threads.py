"""The threads' half of the density: the table's rows carried out for all events at once.

How it works: an event's row says what its thread does from then on, whatever it did before. That holds where
a thread is in one wait at a time; one that waits within a wait is done again, by `nesting`.
Imports numpy: see `arrays`.
"""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter
from typing import Any

import numpy as np

from tracing.events import EventLog, Kind, ThreadInfo
from tracing.model.densities.arrays import (
    Bools,
    Chosen,
    Columns,
    Floats,
    Grid,
    Ints,
    common,
    in_order,
    latest,
)
from tracing.model.densities.nesting import Change, Nesting
from tracing.model.densities.workers import pauses
from tracing.model.lanes import ASLEEP
from tracing.model.shapes import Fate, State
from tracing.model.table import TABLE, About, Transition, Whose
from tracing.model.turns import starting

STATES = tuple(State)
KEEP, OVER = -1, len(STATES)
RUNNING, READY, IDLE, STARTING, SLEEPING, WAITING, NOTIFIED = map(
    STATES.index,
    (
        State.RUNNING,
        State.READY,
        State.IDLE,
        State.STARTING,
        State.SLEEPING,
        State.WAITING,
        State.NOTIFIED,
    ),
)

# By kind:
JOINS = np.array([row.about is About.THREAD for row in TABLE])
SLEEPS = np.array([row.about is About.SLEEP for row in TABLE])
ENDS = np.array([row.state is State.RUNNING and row.whose is Whose.ACTOR for row in TABLE])


def state_after(row: Transition) -> int:
    if row.final:
        return OVER
    return KEEP if row.state is None else STATES.index(row.state)


class ThreadStates:
    """What each thread was doing after each event that changed it: the rows of the table, carried out.

    Arrays side by side, sorted by thread, then by time: `thread`, `time`, `kind`, `obj` of the event, and
    what follows: `state` (an index into STATES, or OVER) until `end`, waiting for the object `want` (0: for
    none).
    """

    thread: Ints
    time: Ints
    kind: Ints
    obj: Ints
    state: Ints
    by_another: Bools
    about: Ints  # see `lanes.Pause`
    want: Ints
    end: Ints

    def __init__(self, columns: Columns) -> None:
        self.columns = columns
        self.wants = np.zeros((0, 3), np.int64)  # of the threads of `_nest`: object, from, until
        self._select()
        self._bury()
        everything = self._rows()
        self._forget_vain_calls()
        self._stay_notified()
        self._nest(everything)
        self._end()

    def shares(self, grid: Grid, chosen: Chosen) -> Floats:
        """For each of these threads and each state its share of each bin."""
        live = np.flatnonzero((self.state != OVER) & (chosen.row[self.thread] >= 0))
        rows = chosen.row[self.thread[live]] * len(STATES) + self.state[live]
        share = grid.cover(rows, self.time[live], self.end[live], len(chosen) * len(STATES))
        share = share.reshape(len(chosen), len(STATES), grid.bins)
        self._divide(share, grid, chosen)
        return share

    def _divide(self, share: Floats, grid: Grid, chosen: Chosen) -> None:
        """Of what counts as running, give the other states their part; see `model.turns`, `model.workers`."""
        turns = _turns(self.columns.log, self.columns.duration)
        within, without = (RUNNING, READY) if len(turns) else (STARTING, RUNNING)
        runs = np.flatnonzero(self.state == RUNNING)
        running = np.stack((self.thread[runs], self.time[runs], self.end[runs]), axis=1)
        idle = common(running, pauses(self.columns))
        both = common(running, turns if len(turns) else self._inside_start())
        without_call, inside, neither = (
            grid.cover(chosen.row[rows[:, 0]], rows[:, 1], rows[:, 2], len(chosen))
            for rows in (idle, both, common(both, idle))
        )
        inside = np.maximum(0, inside - neither)
        outside = np.maximum(0, share[:, RUNNING] - without_call - inside)
        share[:, IDLE], share[:, within], share[:, without] = without_call, inside, outside

    def _inside_start(self) -> Ints:
        """Where threads are inside start(): a row for each, as `starting` has them."""
        c = self.columns
        started: list[int] = c.seq[c.kind == Kind.STARTED].tolist()
        return np.array(starting(c.log, started, c.duration), np.int64).reshape(-1, 3)

    def wanted(self, grid: Grid, chosen: Chosen) -> Floats:
        """For each of these objects the share of each bin in which somebody waits for it."""
        waits = np.flatnonzero(self.want)
        obj = np.concatenate((self.want[waits], self.wants[:, 0]))
        want = np.concatenate((obj, obj))
        time = np.concatenate((self.time[waits], self.wants[:, 1], self.end[waits], self.wants[:, 2]))
        order = np.lexsort((time, want))
        want, time = want[order], time[order]
        queued = np.cumsum(np.repeat((1, -1), len(obj))[order])  # comes back to 0 within each object
        some = np.flatnonzero(queued[:-1] > 0)
        return grid.cover(chosen.row[want[some]], time[some], time[some + 1], len(chosen))

    def fate(self, number: int) -> tuple[int, Fate, str]:
        """When a thread ended (or the record did), how, and with which error."""
        info = self.columns.log.thread(number)
        last = int(np.searchsorted(self.thread, number, "right")) - 1
        last = last if last >= 0 and self.thread[last] == number else -1
        fate = self._fate(info, last)
        if last >= 0 and self.state[last] == OVER:
            end = int(self.time[last])
        else:
            end = int(self.last[number]) if fate is Fate.ENDED else self.columns.duration
        return end, fate, self._error(number) if fate in (Fate.FAILED, Fate.ENDED) else ""

    def _fate(self, info: ThreadInfo, last: int) -> Fate:
        """See `Lane._fate`. last: the thread's last row, -1 where it has none."""
        reason = self.columns.log.ending.reason
        if last >= 0 and self.state[last] == OVER:
            return Fate.FAILED if self.kind[last] == Kind.FAILED else Fate.ENDED
        if reason in ("running", "full"):
            return Fate.STILL_RUNNING
        if reason != "done" or info.daemon:
            return Fate.CUT_OFF
        main = info.parent == 0 and last >= 0 and self.state[last] == RUNNING
        return Fate.ENDED if main else Fate.STILL_RUNNING

    def _error(self, number: int) -> str:
        c = self.columns
        where = np.flatnonzero(np.isin(c.kind, (Kind.FAILED, Kind.ENDED)) & (c.thread == number))[:1]
        return "".join(c.log.text(int(text)) for text in c.args(where, 0))

    def _rows(self) -> list[Any]:
        return [self.thread, self.time, self.kind, self.obj, self.about, self.by_another, self.state]

    def _set_rows(self, rows: list[Any]) -> None:
        self.thread, self.time, self.kind, self.obj, self.about, by_another, self.state = rows
        self.by_another = by_another.astype(np.bool_)

    def _keep(self, which: Bools) -> None:
        self._set_rows([column[which] for column in self._rows()])

    def _same_thread(self) -> Bools:
        """Where the row above is of the same thread."""
        return np.append(False, self.thread[1:] == self.thread[:-1])[: len(self.thread)]

    def _select(self) -> None:
        """Of each thread: its first event, and what changes its state, by itself or by another."""
        c = self.columns
        at = np.arange(len(c.kind))
        first, self.last = (np.full(len(c.log.threads) + 1, fill) for fill in (len(at), 0))
        first[c.thread[::-1]] = at[::-1]  # of several assigned, the last one stays
        self.last[c.thread] = c.time
        after = np.array([state_after(row) for row in TABLE])[c.kind]
        called = np.array([row.whose is not Whose.ACTOR for row in TABLE])[c.kind]
        own = np.flatnonzero((first[c.thread] == at) | (after != KEEP) & ~called)
        others, whom = self._called(np.flatnonzero(called))
        begun = others > first[whom]  # a timer may be cancelled before its thread does anything
        others, whom = others[begun], whom[begun]
        state = np.where((after == KEEP) | called, RUNNING, after)

        at = np.concatenate((own, others))
        self.thread = np.concatenate((c.thread[own], whom))
        self.by_another = np.repeat((False, True), (len(own), len(others)))
        order = np.lexsort((at, self.thread)) if len(others) else in_order(self.thread)
        self.state = np.concatenate((state[own], after[others]))[order]
        at, self.thread, self.by_another = at[order], self.thread[order], self.by_another[order]
        self.time, self.kind, self.obj = c.time[at], c.kind[at], c.obj[at]
        self.about = self._abouts(at)

    def _abouts(self, at: Ints) -> Ints:
        """What the events are about, as far as waits and sleeps go."""
        c = self.columns
        about = np.where(SLEEPS[c.kind[at]], ASLEEP, c.obj[at])
        joins = np.flatnonzero(JOINS[c.kind[at]])
        whom = c.args(at[joins], 0)
        about[joins] = np.where((whom > 0) & (whom <= len(c.log.threads)), -whom, 0)
        return about

    def _called(self, where: Ints) -> tuple[Ints, Ints]:
        """The events by which one thread changes the state of another, and whose."""
        c = self.columns
        by_arg = np.array([row.whose is Whose.ARG for row in TABLE])[c.kind[where]]
        timers = np.zeros(len(c.log.objects) + 1, np.int64)
        for info in c.log.threads:
            timers[info.timer if info.timer < len(timers) else 0] = info.number
        timers[0] = 0
        whom = np.where(by_arg, c.args(where, 0), timers[c.obj[where]])
        known = (whom > 0) & (whom <= len(c.log.threads))
        return where[known], whom[known]

    def _bury(self) -> None:
        """After a thread's end nothing changes its state."""
        over = np.cumsum(self.state == OVER) - (self.state == OVER)
        starts = np.flatnonzero(~self._same_thread())
        before = np.repeat(over[starts], np.diff(np.append(starts, len(over))))
        alive = over == before
        self._keep(alive)

    def _forget_vain_calls(self) -> None:
        """A call from another thread counts if it finds its thread in the wait that it is to end."""
        if not self.by_another.any():
            return
        own = latest(~self.by_another)
        after = np.array([row.after or 0 for row in TABLE])[self.kind]
        fits = (self.thread[own] == self.thread) & (self.kind[own] == after) & (self.obj[own] == self.obj)
        meant = ~self.by_another | (fits & (own >= 0))
        self._keep(meant)

    def _stay_notified(self) -> None:
        """Who is notified stays so while it waits for the condition's lock; and what each one wants."""
        lock = self._locks()[self.obj]
        self.state = np.where((self.state == NOTIFIED) & (lock == 0), RUNNING, self.state)
        base = np.maximum(latest(self.kind != Kind.WAIT), 0)
        stays = (self.kind == Kind.WAIT) & (self.thread[base] == self.thread) & (self.state[base] == NOTIFIED)
        self.state = np.where(stays, NOTIFIED, self.state)
        goes_on = self._same_thread() & (np.diff(self.state, prepend=KEEP) == 0)
        begins = (self.state == NOTIFIED) & ~goes_on
        self.want = np.where(begins, lock, np.where(self.state == WAITING, self.obj, 0))
        self.want = np.where(self.state == NOTIFIED, self.want[np.maximum(latest(begins), 0)], self.want)
        self.want[JOINS[self.kind]] = 0

    def _locks(self) -> Ints:
        """By object: a condition's lock; 0 where there is none that is known."""
        locks = np.array([0, *(info.lock for info in self.columns.log.objects)])
        return np.where((locks > 0) & (locks < len(locks)), locks, 0)

    def _nest(self, everything: list[Any]) -> None:
        """Do again, event by event, the threads in which something happened within a wait."""
        odd = np.unique(self.thread[~self._is_plain()])
        if not len(odd):
            return
        among = np.isin(everything[0], odd)
        rows = [column[among] for column in everything]
        rows[-1], self.wants = self._nested(rows)
        others = ~np.isin(self.thread, odd)
        want = np.concatenate((self.want[others], np.zeros(len(rows[0]), np.int64)))
        rows = [
            np.concatenate((column[others], more)) for column, more in zip(self._rows(), rows, strict=True)
        ]
        order = in_order(rows[0])
        self.want = want[order]
        self._set_rows([column[order] for column in rows])

    def _is_plain(self) -> Bools:
        """Whether each row follows from the one before it: it begins a wait while the thread runs, or ends
        the one that it is in.
        """
        before = np.maximum(np.arange(len(self.thread)) - 1, 0)
        state = np.where(self._same_thread(), self.state[before], RUNNING)
        about = np.where(state == NOTIFIED, self.want[before], self.about[before])
        same, known = about == self.about, self._locks()[self.obj] > 0
        end = same | (self.about == 0) & (about < 0) & (about > ASLEEP)
        woken = (self.kind[before] == Kind.COND_WAIT) & same
        follows = [
            (state == RUNNING) & ~known | (state == NOTIFIED) & known | (state == WAITING) & woken,
            (state == RUNNING) | (state == NOTIFIED) & same,
            (state == RUNNING) | end,
        ]
        kinds = [self.kind == Kind.COND_WOKE, self.kind == Kind.WAIT, ENDS[self.kind]]
        plain: Bools = np.select(kinds, follows, state == RUNNING) | self.by_another | (self.state == OVER)
        return plain

    def _nested(self, rows: list[Any]) -> tuple[Ints, Ints]:
        """The states after these rows, and what was wanted from when until when."""
        states: list[int] = []
        wants: list[tuple[int, int, int]] = []
        locks = self._locks().tolist()
        thread, *columns, state = (column.tolist() for column in rows)
        changes = zip(thread, map(Change, *columns), state, strict=True)
        for number, group in groupby(changes, key=itemgetter(0)):
            nesting = Nesting(self.columns.log.thread(number), locks)
            for _, change, after in group:
                nesting.take(change)
                states.append(OVER if after == OVER else STATES.index(nesting.lane.state))
            nesting.leave(0, self.columns.duration)
            wants += nesting.wants
        return np.array(states, np.int64), np.array(wants, np.int64).reshape(-1, 3)

    def _end(self) -> None:
        """Leave out what changes nothing; each row lasts until its thread's next, or its end."""
        log = self.columns.log
        same = self._same_thread() & (np.diff(self.state, prepend=KEEP) == 0)
        changes = ~(same & (np.diff(self.want, prepend=0) == 0))
        self.want = self.want[changes]
        self._keep(changes)
        ends = np.full(len(log.threads) + 1, self.columns.duration)
        if log.ending.reason == "done":
            for info in log.threads:
                if info.parent == 0 and not info.daemon:
                    ends[info.number] = self.last[info.number]
        running = self.state == RUNNING
        self.end = np.where(running, ends[self.thread], self.columns.duration)
        inner = np.flatnonzero(self._same_thread())
        self.end[inner - 1] = self.time[inner]


def _turns(log: EventLog, duration: int) -> Ints:
    """A row for each turn of a simulated run, as `turns.slices` has them: thread, from, until.

    Without a loop: a run of a million events may have as many turns.
    """
    threads, times = (np.frombuffer(each, np.int64) for each in (log.turns.threads, log.turns.times))
    firsts = np.flatnonzero(np.diff(threads, prepend=-1))
    threads, starts = threads[firsts], times[firsts]
    ends = np.maximum(starts, np.append(starts, duration)[1:])
    known = (threads >= 1) & (threads <= len(log.threads))
    return np.stack((threads, starts, ends), axis=1)[known]
