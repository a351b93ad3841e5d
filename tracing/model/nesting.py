"""`Nesting`: the density's slow way, for a thread that waits within a wait.

Owns: a stack of pauses, as `lanes.Lane` keeps it, without what only the fold needs. Rule: as the fold's; the
tests of the density compare.

How it works: event by event, in plain Python, a tenth as fast as `lives`: a signal handler that waits while
its thread does is rare.
"""

from __future__ import annotations

from typing import NamedTuple

from tracing.events import Kind
from tracing.model.lanes import ASLEEP, DEEPEST
from tracing.model.shapes import State
from tracing.model.table import TABLE, Transition


class Change(NamedTuple):
    """An event that may change what a thread does."""

    time: int
    kind: int
    obj: int
    about: int  # see `lanes.Pause`
    by_another: bool


class Paused(NamedTuple):
    """Why the thread does not run, since when, and the event that began it."""

    state: State
    about: int
    since: int
    kind: int

    def fits(self, about: int, kind: int | None) -> bool:
        """See `lanes.Pause.fits`."""
        return kind in (None, self.kind) and (self.about == about or (about == 0 > self.about > ASLEEP))


class Nesting:
    """One thread: what it waits for and sleeps in, outermost first; `wants`: what it wanted, and when."""

    def __init__(self, locks: list[int]) -> None:
        self.locks = locks  # by the number of a condition; 0 where it is not recorded
        self.pauses: list[Paused] = []
        self.wants: list[tuple[int, int, int]] = []  # object, from, until

    @property
    def state(self) -> State:
        """What the thread does."""
        return self.pauses[-1].state if self.pauses else State.RUNNING

    def take(self, change: Change) -> None:
        """The next event of the thread, or of another that calls it."""
        row = TABLE[change.kind]
        if change.by_another:
            self._replace(self._innermost(change.obj, row.after), row, change)
        elif row.final:
            self.leave(0, change.time)
        elif row.state is State.RUNNING:
            place = self._innermost(change.about)
            self.leave(len(self.pauses) if place is None else place, change.time)
        elif row.state is State.NOTIFIED and self.state is not row.unless:
            place = self._innermost(change.obj, Kind.COND_WAIT)
            self.leave(len(self.pauses) if place is None else place + 1, change.time)
            self._replace(place, row, change)
        elif row.state in (State.WAITING, State.SLEEPING):
            self._pause(row.state, change)

    def leave(self, place: int, time: int) -> None:
        """The pause at that place in the stack is over, and all within it."""
        for pause in self.pauses[place:]:
            self._want(pause, time)
        del self.pauses[place:]

    def _pause(self, state: State, change: Change) -> None:
        if self.state is State.NOTIFIED and self.pauses[-1].about == change.about:
            return
        self.leave(DEEPEST - 1, change.time)
        self.pauses.append(Paused(state, change.about, change.time, change.kind))

    def _replace(self, place: int | None, row: Transition, change: Change) -> None:
        """A wait at that place is over, and followed by that for the lock, if it is known."""
        if place is None:
            return
        self._want(self.pauses[place], change.time)
        lock = self.locks[change.obj] if row.state is State.NOTIFIED else 0
        notified = Paused(State.NOTIFIED, lock, change.time, change.kind)
        self.pauses[place : place + 1] = [notified] if lock else []

    def _innermost(self, about: int, kind: int | None = None) -> int | None:
        places = range(len(self.pauses) - 1, -1, -1)
        return next((place for place in places if self.pauses[place].fits(about, kind)), None)

    def _want(self, pause: Paused, until: int) -> None:
        if pause.about > 0:
            self.wants.append((pause.about, pause.since, until))
