"""The child decides that its program hangs, and comes to its end.

Owns: `Judge`, a thread beside the program, and how a program that hangs is ended.

Rule: as for `record()` (`standstill`), and more has to be certain, for here the process is the program's own:
a signal for which it has a handler, or a Ctrl-C that it would catch, may let its main thread go. Then only a
circle of other threads is a hang: they hang whatever the main thread does. Once that is decided nothing of
the program runs any more, no `finally`, no atexit function: only the record tells.

How it works: besides waits without a deadline there are two that only this process knows. The main thread,
whose code is over, waits at the interpreter's exit for threads that are no daemons; a thread looks at
something again and again, in a loop that does nothing else, and has come round at least once. Where nobody
seems to go on, the main thread is made to handle the signals that it was sent first.
"""

from __future__ import annotations

import os
import threading
from _thread import get_ident, start_new_thread
from collections.abc import Callable, Hashable
from time import sleep as _pause  # bound early: the name in `time` is replaced
from types import FrameType

from tracing.cpython.waiting import waits_for_threads
from tracing.forked import HUNG, Flusher
from tracing.naming.polling import polls
from tracing.recorder import user_frame
from tracing.running import OneRun
from tracing.runtime import Agent
from tracing.runtime.handlers import may_be_interrupted
from tracing.runtime.raising import is_wake_up, nudge, take_no_signals
from tracing.runtime.strangers import Others
from tracing.scripting.asked import passes_on
from tracing.scripting.stream import Stream
from tracing.standstill import Standstill

_exit = os._exit  # bound early: the name in `os` is replaced


class ProcessStandstill(Standstill):
    """Whether nobody in a whole process can go on."""

    UNSEEN = 0.75  # s; less than record()'s: of the 2 s in which a hang is told, starting Python takes a part

    def __init__(
        self, run: OneRun, others: Others, own: set[int | None], has_circle: Callable[[], bool]
    ) -> None:
        super().__init__(run, others, lambda: own, has_circle=has_circle)
        self._in_doubt = False  # a signal may let the main thread go
        self._rounds: dict[int, tuple[Hashable, int]] = {}  # by thread: its loop, and its waits at first

    def wait_of(self, agent: Agent) -> Hashable | None:
        top = self.frames.get(agent.ident)
        if agent.ident == threading.main_thread().ident:
            self._in_doubt = may_be_interrupted(top, _is_ours)
        if waits_for_threads(top):
            return agent.number, "exit"
        return super().wait_of(agent) or self._poll(agent, user_frame(top))

    def in_doubt(self) -> bool:
        return self._in_doubt

    def _poll(self, agent: Agent, frame: FrameType | None) -> Hashable | None:
        """In which loop that thread looks at something again and again."""
        if agent.waiting is None or frame is None or not polls(frame):
            self._rounds.pop(agent.number, None)
            return None
        loop = agent.number, id(frame), frame.f_lasti
        known, first = self._rounds.setdefault(agent.number, (loop, agent.waits))
        if known != loop:
            self._rounds[agent.number] = loop, agent.waits
        return loop if known == loop and agent.waits > first else None


def _is_ours(handler: object) -> bool:
    return is_wake_up(handler) or passes_on(handler)


class Judge:
    """The threads that look whether the program hangs, and end it."""

    REST = 0.1  # s between looks while somebody can go on

    def __init__(self, run: OneRun, stream: Stream) -> None:
        self.run, self.stream, self._flusher = run, stream, Flusher()

    def start(self) -> None:
        """Look from now on: what is started from now on, by whomever, may let somebody go."""
        self._others = Others()
        flusher = self._flusher.start()  # now: at its exit an interpreter starts no more threads
        start_new_thread(self._live, (flusher,))

    def _live(self, flusher: int) -> None:
        take_no_signals()
        own: set[int | None] = {get_ident(), flusher, self.stream.ident}
        standstill = ProcessStandstill(self.run, self._others, own, self.stream.has_circle)
        was_near = False
        while not standstill.look():
            if standstill.is_near and not was_near:
                nudge()
            was_near = standstill.is_near
            rest = standstill.INTERVAL if was_near else self.REST
            _pause(rest)
            self.stream.looked(rest)
            self.stream.tell_places(self.run.stands)
        self.stream.finish_hung(self.run.stands())
        self._flusher.flush()
        _exit(HUNG)
