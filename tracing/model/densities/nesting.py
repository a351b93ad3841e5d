"""`Nesting`: the density's slow way, for a thread that waits within a wait.

Owns: the walk along one thread's events, with the fold's own stack of pauses (`lanes.Lane`) and without what
only the fold needs. Rule: as the fold does; the tests of the density compare.

How it works: event by event, in plain Python, a tenth as fast as `threads`: a signal handler that waits while
its thread does is rare.
"""

from __future__ import annotations

from typing import NamedTuple

from tracing.events import Kind, ThreadInfo
from tracing.model.lanes import DEEPEST, Draft, Lane, Pause
from tracing.model.shapes import State
from tracing.model.table import TABLE, Transition


class Change(NamedTuple):
    """An event that may change what a thread does."""

    time: int
    kind: int
    obj: int
    about: int  # see `lanes.Pause`
    by_another: bool


class Nesting:
    """One thread: what it does, in `lane.state`; and `wants`, what it wanted, and when."""

    def __init__(self, info: ThreadInfo, locks: list[int]) -> None:
        self.lane = Lane(info)
        self.locks = locks  # by the number of a condition; 0 where it is not recorded
        self.wants: list[tuple[int, int, int]] = []  # object, from, until

    def take(self, change: Change) -> None:
        """The next event of the thread, or of another that calls it."""
        row, lane = TABLE[change.kind], self.lane
        if change.by_another:
            self._let_go(lane.innermost(change.obj, row.after), row, change)
        elif row.final:
            self.leave(0, change.time)
        elif row.state is State.RUNNING:
            place = lane.innermost(change.about)
            if place is not None:
                self.leave(place, change.time)
        elif row.state is State.NOTIFIED and lane.state is not row.unless:
            place = lane.innermost(change.obj, Kind.COND_WAIT)
            if place is not None:
                self.leave(place + 1, change.time)
            self._let_go(place, row, change)
        elif row.state in (State.WAITING, State.SLEEPING):
            self._pause(row.state, change)

    def leave(self, place: int, time: int) -> None:
        """The pause at that place in the stack is over, and all within it."""
        while len(self.lane.pauses) > place:
            last = len(self.lane.pauses) - 1
            self._want(self.lane.pauses[last], time)
            self.lane.replace(last, None, time)

    def _pause(self, state: State, change: Change) -> None:
        if self.lane.state is State.NOTIFIED and self.lane.why.about == change.about:
            return
        self.leave(DEEPEST - 1, change.time)
        self.lane.pause(self._made(state, change.about, change), change.time)

    def _let_go(self, place: int | None, row: Transition, change: Change) -> None:
        """A wait at that place is over, and followed by that for the lock, if it is known."""
        if place is None:
            return
        self._want(self.lane.pauses[place], change.time)
        lock = self.locks[change.obj] if row.state is State.NOTIFIED else 0
        follows = self._made(State.NOTIFIED, lock, change) if lock else None
        self.lane.replace(place, follows, change.time)

    def _made(self, state: State, about: int, change: Change) -> Pause:
        wait = Draft(0, change.kind, self.lane.info.number, change.time)
        return Pause(state, about, wait)

    def _want(self, pause: Pause, until: int) -> None:
        if pause.about > 0 and pause.wait:
            self.wants.append((pause.about, pause.wait.start, until))
