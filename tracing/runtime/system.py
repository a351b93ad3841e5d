"""The system's runtime: threads run and wait as the operating system lets them, time is real.

Owns: how a thread of a recorded run really waits.

Rule: waiting costs what it costs without us. A thread waits in the raw lock itself, with no polling, so that
the order in which the system wakes waiters is kept; a run that is ended frees them by opening what they wait
for.
"""

from __future__ import annotations

import threading
import time
from time import perf_counter_ns

from tracing.cpython.threads import start_unwaited
from tracing.runtime import Agent, Waitable

NAP = 50e-6  # s
# Bound early. The names are replaced while a run lasts; and a program may have replaced `start` by a function
# that calls what it found there, which is ours.
_sleep, _start = time.sleep, threading.Thread.start


class System:
    """Real threads, real clock.

    patience: how often a thread whose attempt failed naps for `NAP` and tries again before it parks. 0: it
    parks at once, as it would without us. A program in which threads are often switched out inside a hold
    queues up at its lock (a lock convoy: each release wakes a thread, and each acquire finds the lock taken).
    Recording keeps such a queue, and makes each turn in it dearer; 1 dissolves it, because the holder is
    switched in again during the nap, and so hides it. waits_for_threads: the run does it, in place of the
    interpreter at its exit.
    """

    direct = True

    def __init__(self, patience: int = 0, *, waits_for_threads: bool = False) -> None:
        self.patience, self.waits_for_threads = patience, waits_for_threads

    now = staticmethod(perf_counter_ns)

    def point(self, agent: Agent) -> None:
        """The system needs no points: it switches threads where it likes."""

    def glance(self, agent: Agent) -> None:
        """Nor this."""

    def wait_until(self, agent: Agent, waitable: Waitable, seconds: float | None) -> bool:
        got = bool(self.patience) and self._try_again(waitable, seconds)
        got = got or waitable.take(-1 if seconds is None else max(seconds, 0))
        return agent.woken_late(waitable, got) if agent.run.ended else got

    def _try_again(self, waitable: Waitable, seconds: float | None) -> bool:
        for _ in range(self.patience if seconds is None else 0):
            _sleep(NAP)
            if waitable.ready() and waitable.take(0):
                return True
        return False

    def start(self, agent: Agent, thread: threading.Thread) -> None:
        if self.waits_for_threads:
            start_unwaited(thread, _start)
        else:
            _start(thread)
