"""Has a run come to a standstill? Whoever stands beside it looks from time to time, and it is told.

Owns: `Standstill`, the decision that nobody in a run can go on, for `record()` and for `run_script()`.

Rule: a program that can go on is never ended. In doubt it can: a thread that is not seen to wait without a
deadline, a thread that a library started, an alarm, a signal that the program has a handler for since.

How it works: at each look every thread that lives must wait for what cannot be had as things stand, or for a
module that another thread imports, and every stranger that might let one of them go must be stuck as well
(`runtime.strangers`). Where three looks in a row find all of them in the very same waits, that is believed if
the record confirms it, else after `UNSEEN`.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from types import FrameType
from typing import Any

from tracing.cpython.frames import frames_now
from tracing.cpython.waiting import awaited_import
from tracing.running import OneRun
from tracing.runtime import Agent
from tracing.runtime.strangers import Others, Position

Waits = tuple[tuple[Hashable, ...], tuple[Position, ...]]  # of the run's threads, of strangers


class Standstill:
    """Whether nobody in a run can go on.

    others: the strangers since the run began. known: idents of threads that let nobody go. confirms: whether
    the record says who holds what is waited for, so that nobody can have got it and not have said so yet.
    has_circle: whether by the record threads wait in a circle: they hang whatever signal comes.
    """

    INTERVAL = 0.025  # s between looks while all wait
    UNSEEN = 1.0  # s without a move, where the record does not say who holds what is waited for

    def __init__(
        self,
        run: OneRun,
        others: Others,
        known: Callable[[], set[int | None]],
        confirms: Callable[[], bool] = lambda: False,
        has_circle: Callable[[], bool] = lambda: False,
    ) -> None:
        self.run, self.others, self.known = run, others, known
        self._confirms, self._has_circle = confirms, has_circle
        self._refuted: Waits | None = None  # the waits in which there is no circle
        self.frames: dict[int, FrameType] = {}  # during a look: by ident, the innermost of each thread
        self._previous: Waits | None = None
        self._looks = 0  # in a row at which all was as at the one before

    @property
    def is_near(self) -> bool:
        """Whether at the last look nobody could go on."""
        return self._previous is not None

    def look(self) -> bool:
        """Whether it is certain by now that nobody can go on."""
        self.frames = frames_now()
        try:
            waits = self._waits()
        finally:
            self.frames = {}  # they would keep what the program has dropped
        self._looks = self._looks + 1 if waits is not None and waits == self._previous else 0
        self._previous = waits
        return self._looks >= 2 and self._is_certain() and (not self.in_doubt() or self._is_circle())

    def _waits(self) -> Waits | None:
        """Which wait each thread is in, and where strangers stand that wait for ours; None where somebody is
        not waiting, or can go on, or has a deadline.
        """
        found: list[Any] = []
        alive = self.run.alive()
        if any(call.may_begin() for call in self.run.calls.copy()):
            return None
        for agent in alive:
            wait = self.wait_of(agent)
            if wait is None:
                return None
            found.append(wait)
        known = self.known() | {agent.ident for agent in alive}
        strangers = self.others.stuck(known, older=any(agent.older for agent in alive))
        return None if strangers is None else (tuple(found), strangers)

    def wait_of(self, agent: Agent) -> Hashable | None:
        """Which wait that thread is in for good, told apart from its others; None where it can go on."""
        if agent.stuck:
            return agent.number, agent.waits
        awaited = awaited_import(self.frames.get(agent.ident))
        return None if awaited is None else (agent.number, awaited)

    def _is_certain(self) -> bool:
        """A thread may have got its lock and not have said so yet: believe it where the record knows the
        holder.
        """
        strangers = self._previous is not None and self._previous[1]  # their holds are in no record
        with self.others.but_for_ours():
            return self._looks * self.INTERVAL >= self.UNSEEN or not strangers and self._confirms()

    def in_doubt(self) -> bool:
        """Whether a signal may let somebody go."""
        return self.others.may_signal()

    def _is_circle(self) -> bool:
        if self._refuted != self._previous and self._has_circle():
            return True
        self._refuted = self._previous
        return False
