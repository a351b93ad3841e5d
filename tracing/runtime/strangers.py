"""Threads of the process that belong to no run: might one of them let a waiting thread of a run go?

Owns: `Others`, which threads and alarms there are besides those of when a run began.

Rule: in doubt, yes. What was started since the run began, by whomever, may call back: a library's pool, a
toolkit's timer, a thread that a library made in C, an alarm. Only what can be seen to wait without a deadline
counts as stuck: an executor's worker without work, and whoever stands in a primitive of ours. What was there
before does not count: it may never let anybody go, and every notebook has some.
"""

from __future__ import annotations

import os
import signal
import threading
import weakref
from collections.abc import Set
from types import FrameType

from tracing.cpython.executors import is_idle_worker
from tracing.cpython.frames import frames_now
from tracing.cpython.threads import thread_of
from tracing.naming import site_of
from tracing.recorder import user_frame

OURS, AROUND = "tracing.primitives.", ("threading", "tracing.")
LIMITS = ("timeout", "seconds")  # what our primitives, and threading's, call a deadline
FOR_EVER = (None, -1)
Stand = tuple[int, int, int]  # thread, frame, instruction


class Others:
    """What there is in the process besides a run."""

    def __init__(self) -> None:
        self._before = {ident: _whose(ident) for ident in frames_now()}
        self._made_in_c, self._alarm = _made_in_c(), _alarm()

    def since(self, own: Set[int | None]) -> dict[int, FrameType]:
        """The threads that were started since the run began, but for its own, and where they are."""
        frames = frames_now()
        # An ident is used again when its thread has ended.
        self._before = {
            ident: whose
            for ident, whose in self._before.items()
            if ident in frames and _whose(ident) == whose
        }
        return {
            ident: frame for ident, frame in frames.items() if ident not in self._before and ident not in own
        }

    def stuck(self, own: Set[int | None]) -> tuple[Stand, ...] | None:
        """Where those stand that stand in our primitives; None where anything may let somebody go."""
        if _made_in_c() > self._made_in_c or (_alarm() and not self._alarm):
            return None
        others = self.since(own)
        stuck = {ident: frame for ident, frame in others.items() if stands_in_primitive(frame)}
        if any(not is_idle_worker(frame) for ident, frame in others.items() if ident not in stuck):
            return None
        return tuple((ident, id(frame), frame.f_lasti) for ident, frame in stuck.items())

    def left(self, own: Set[int | None]) -> list[threading.Thread]:
        """Those that would keep the interpreter from its exit, where they do not come to their end."""
        return [
            thread
            for ident, frame in self.since(own).items()
            if (thread := thread_of(ident)) is not None
            and not (thread.daemon or is_idle_worker(frame) or stands_in_primitive(frame))
        ]

    def in_words(self, own: Set[int | None]) -> str:
        """Who may let somebody go, for a reader: names and places."""
        found = [
            _named(ident, frame)
            for ident, frame in self.since(own).items()
            if not (stands_in_primitive(frame) or is_idle_worker(frame))
        ]
        if _made_in_c() > self._made_in_c:
            found.append("a thread made in C")
        if _alarm() and not self._alarm:
            found.append("an alarm")
        return ", ".join(found)


def _whose(ident: int) -> weakref.ref[threading.Thread] | None:
    """Its Thread, which is not to be kept; None where it was made in C."""
    thread = thread_of(ident)
    return None if thread is None else weakref.ref(thread)


def _named(ident: int, frame: FrameType) -> str:
    thread, place = thread_of(ident), user_frame(frame) or frame
    site = site_of(place.f_code, place.f_lasti)
    return f"{'a thread' if thread is None else thread.name} at {site.file}:{site.line}"


def stands_in_primitive(top: FrameType | None) -> bool:
    """Whether a thread, by its innermost frame, is in a primitive of ours, and has set itself no deadline."""
    ours, frame = False, top
    while frame is not None and _module(frame).startswith(AROUND):
        names = frame.f_locals
        if any(names.get(limit, None) not in FOR_EVER for limit in LIMITS) or names.get("blocking") is False:
            return False
        ours = ours or _module(frame).startswith(OURS)
        frame = frame.f_back
    return ours and frame is not None


def _module(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__", ""))


def _alarm() -> bool:
    """Whether a signal is to come."""
    return hasattr(signal, "getitimer") and signal.getitimer(signal.ITIMER_REAL)[0] > 0


def _made_in_c() -> int:
    """How many threads have no Python in them now: they may call back. 0 where the system does not say."""
    try:
        return len(os.listdir("/proc/self/task")) - len(frames_now())
    except OSError:  # not Linux
        return 0
