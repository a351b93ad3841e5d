"""Threads of the process that belong to no run: might one of them let a waiting thread of a run go?

Owns: `Others`, which threads and alarms there are besides those of when a run began.

Rule: in doubt, yes. What was started since the run began, by whomever, may call back: a library's pool, a
toolkit's timer, a thread that a library made in C, an alarm. Only what can be seen to wait without a deadline
counts as stuck: an executor's worker without work, whoever stands in a primitive of ours, and the main thread
that waits for others at the interpreter's exit. What was there before does not count, as every notebook has
some that never let anybody go; but where a thread of the run waits for something that was there before, too,
or a stranger for whatever it may be, a thread that does something for the program may well know it (`older`).
"""

from __future__ import annotations

import os
import signal
import threading
import weakref
from collections.abc import Iterator, Set
from contextlib import contextmanager
from types import CodeType, FrameType

from tracing.cpython.executors import is_idle_worker
from tracing.cpython.frames import frames_now
from tracing.cpython.threads import thread_of
from tracing.cpython.waiting import waits_for_threads
from tracing.naming import CALLERS_OF_TARGETS, is_library, site_of
from tracing.recorder import user_frame
from tracing.runtime.handlers import came_since, handlers_now

OURS, AROUND = "tracing.primitives.", ("threading", "queue", "concurrent.futures.", "tracing.")
LIMITS = ("timeout", "seconds")  # what our primitives, and threading's, call a deadline
FOR_EVER = (None, -1)
_GONE = object()  # whose an ident was that nobody had
Position = tuple[int, int, int]  # of a thread: its ident, its frame's id, the offset of the instruction


class Others:
    """What there is in the process besides a run. all_threads: there is no run, all threads count."""

    def __init__(self, *, all_threads: bool = False) -> None:
        self._before = {} if all_threads else {ident: _whose(ident) for ident in frames_now()}
        self._alarm, self._ours, self._handlers = _alarm(), 0, handlers_now()
        self._tasks = frozenset[str]() if all_threads else _tasks()
        self._ours = self._made_in_c() if all_threads else 0

    @contextmanager
    def but_for_ours(self) -> Iterator[None]:
        """What we do here may begin threads in C (numpy does, where it is imported): they let nobody go."""
        before = self._made_in_c()
        yield
        self._ours += max(0, self._made_in_c() - before)

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

    def _made_in_c(self) -> int:
        """How many threads were begun since and have no Python in them now: they may call back. Told apart by
        their numbers: of those that were there before, some may just be ending.
        """
        python = sum(self._before.get(ident, _GONE) != _whose(ident) for ident in frames_now())
        return len(_tasks() - self._tasks) - python - self._ours

    def stuck(self, own: Set[int | None], *, older: bool) -> tuple[Position, ...] | None:
        """Where those stand that stand in our primitives; None where anything may let somebody go.

        older: threads of before may as well.
        """
        if self._made_in_c() > 0 or (_alarm() and not self._alarm):
            return None
        others = self.since(own)
        stuck = {
            ident: frame
            for ident, frame in others.items()
            if stands_in_primitive(frame) or waits_for_threads(frame)
        }
        if any(not is_idle_worker(frame) for ident, frame in others.items() if ident not in stuck):
            return None
        if (older or stuck) and self.older(own):  # what a stranger waits for may have been there before
            return None
        return tuple((ident, id(frame), frame.f_lasti) for ident, frame in stuck.items())

    def may_signal(self) -> bool:
        """Whether a signal may let somebody go, by a handler that was set since the run began."""
        return came_since(self._handlers, frames_now().get(threading.main_thread().ident or 0))

    def older(self, own: Set[int | None]) -> dict[int, FrameType]:
        """Of the threads that were there before, those that work for the program and may go on: where."""
        return {
            ident: frame
            for ident, frame in frames_now().items()
            if ident in self._before
            and ident not in own
            and _whose(ident) == self._before[ident]
            and _works_for_program(frame)
            and not waits_for_ever(frame)
        }

    def left(self, own: Set[int | None], *, stuck: bool = False) -> list[threading.Thread]:
        """Those that would keep the interpreter from its exit, where they do not come to their end. stuck: of
        them, those that stand in a primitive of ours; else the others.
        """
        return [
            thread
            for ident, frame in self.since(own).items()
            if (thread := thread_of(ident)) is not None
            and not (thread.daemon or is_idle_worker(frame))
            and stands_in_primitive(frame) == stuck
        ]

    def in_words(self, own: Set[int | None], *, older: bool) -> str:
        """Who may let somebody go, for a reader: names and places. older: threads of before may as well."""
        others = self.since(own)
        stuck = {ident for ident, frame in others.items() if stands_in_primitive(frame)}
        found = [
            _named(ident, frame)
            for ident, frame in others.items()
            if ident not in stuck and not is_idle_worker(frame)
        ]
        found += [_named(*each) for each in self.older(own).items()] if older or stuck else []
        if self._made_in_c() > 0:
            found.append("a thread made in C")
        if _alarm() and not self._alarm:
            found.append("an alarm")
        if self.may_signal():
            found.append("a signal")
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
    return waits_for_ever(top) and any(_module(frame).startswith(OURS) for frame in _waiting_in(top))


def waits_for_ever(top: FrameType | None) -> bool:
    """Whether a thread, by its innermost frame, waits in `threading`, or in what is built on it, without a
    deadline.
    """
    frames = list(_waiting_in(top))
    return bool(frames) and not any(map(_has_limit, frames))


def _has_limit(frame: FrameType) -> bool:
    names = frame.f_locals
    return any(names.get(limit) not in FOR_EVER for limit in LIMITS) or names.get("blocking") is False


def _waiting_in(frame: FrameType | None) -> Iterator[FrameType]:
    """The innermost frames, as far as they are those of something that one waits in: the thread's target may
    be that itself.
    """
    while frame is not None and _is_around(frame) and frame.f_code not in CALLERS_OF_TARGETS:
        yield frame
        frame = frame.f_back


def _works_for_program(top: FrameType) -> bool:
    """Whether a thread, by its innermost frame, runs code of the program, or does for it what no code of a
    library called: `Timer(1, event.set)`, `pool.submit(time.sleep, 1)`.
    """
    if user_frame(top) is not None:
        return True
    caller = _caller_of_target(top)
    return caller is not None and not (is_idle_worker(top) or _calls_library(caller))


def _caller_of_target(frame: FrameType | None) -> FrameType | None:
    """What called the target of a thread in which, from there on, is nothing but what one waits in."""
    while frame is not None and frame.f_code not in CALLERS_OF_TARGETS:
        frame = frame.f_back if _is_around(frame) else None
    return frame


def _calls_library(caller: FrameType) -> bool:
    """Whether that is a timer, and its function is for a library's own purpose."""
    function = getattr(caller.f_locals.get("self"), "function", None)
    code = getattr(function, "__code__", None)
    for_anybody = str(getattr(function, "__module__", "")).startswith(AROUND)
    return isinstance(code, CodeType) and is_library(code.co_filename) and not for_anybody


def _is_around(frame: FrameType) -> bool:
    return _module(frame).startswith(AROUND)


def _module(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__", ""))


def _alarm() -> bool:
    """Whether a signal is to come."""
    return hasattr(signal, "getitimer") and signal.getitimer(signal.ITIMER_REAL)[0] > 0


def _tasks() -> frozenset[str]:
    """The system's own numbers of this process's threads; none where it does not say."""
    try:
        return frozenset(os.listdir("/proc/self/task"))
    except OSError:  # not Linux
        return frozenset()
