"""Reaching into other threads: which there are, where one is, an exception raised in it.

Rule: never take an asynchronous exception back by sending NULL: that leaves the interpreter's signal flag
set on 3.11 and 3.12. Who may have been sent one calls `absorb`.
"""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Set

from tracing.cpython.frames import frames_now
from tracing.cpython.threads import thread_of
from tracing.naming import site_of
from tracing.recorder import user_frame
from tracing.runtime import Unwind


def raise_in(ident: int | None) -> None:
    """Raise Unwind in a thread at its next bytecode."""
    if ident is not None:
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(ident), ctypes.py_object(Unwind))


def absorb() -> None:
    """An exception that was sent to the calling thread and is still to come, comes now."""
    raise_in(threading.get_ident())
    for _ in range(1000):  # until the interpreter looks
        pass


def has_other_threads(own: Set[int | None]) -> bool:
    """Whether other threads than these run code of the program (not only a kernel's or a library's).

    Those do not count that an ended run left behind: they wait where nothing could end them, for ever.
    """
    others = {ident: frame for ident, frame in frames_now().items() if ident not in own}
    return any(user_frame(frame) and not _is_left_behind(ident) for ident, frame in others.items())


def _is_left_behind(ident: int) -> bool:
    thread = thread_of(ident)
    agent = None if thread is None else vars(thread).get("_tracing_agent")
    return agent is not None and bool(agent.run.ended)


def whereabouts(thread: threading.Thread) -> str:
    """Who it is, and at which line of the program: "worker at lesson.py:12"."""
    frame = user_frame(frames_now().get(thread.ident or 0))
    if frame is None:
        return thread.name
    site = site_of(frame.f_code, frame.f_lasti)
    return f"{thread.name} at {site.file}:{site.line}"
