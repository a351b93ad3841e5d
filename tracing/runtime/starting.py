"""Starting a thread that waits for its turn.

Owns: what `threading.Thread.start` and `_bootstrap` do, done so that the child does nothing by itself: it is
registered by its parent, and unregistered before it lets anybody else go on. So `threading.enumerate()` and
`active_count()` depend on the schedule alone, and starting needs no handshake.

Source: CPython, Lib/threading.py, 3.11 to 3.13. What differs between them: 3.13 starts with a handle, before
that a thread has a lock (`_tstate_lock`) that is held while it lives.
"""

from __future__ import annotations

import sys
import threading
from _thread import allocate_lock, get_ident, start_new_thread
from collections.abc import Callable
from typing import Any

from tracing.runtime import Unwind

_start_joinable: Any = getattr(threading, "_start_joinable_thread", None)  # from 3.13 on
_registry: Any = vars(threading)


def spawn(
    thread: threading.Thread,
    *,
    wait: Callable[[], object],
    wanted: Callable[[], bool],
    finish: Callable[[], object],
) -> None:
    """Start a thread. It calls `wait`, does its work if it is `wanted` then, and calls `finish` at its end.

    Raises RuntimeError where the system has no more threads.
    """

    def live() -> None:
        wait()
        try:
            if wanted():
                _work(thread)
        except Unwind:
            pass
        finally:
            _unregister(thread)
            finish()

    _register(thread, live)


def _register(thread: Any, live: Callable[[], None]) -> None:
    if _start_joinable:
        _start_joinable(live, handle=thread._handle, daemon=True)
        ident = thread._handle.ident
    else:
        thread._tstate_lock = allocate_lock()
        thread._tstate_lock.acquire()
        ident = start_new_thread(live, ())
    thread._ident = ident
    thread._started._flag = True  # not set(): nobody waits for it, and its lock may be a simulated one
    with _registry["_active_limbo_lock"]:
        _registry["_active"][ident] = thread


def _work(thread: Any) -> None:
    thread._set_native_id()
    if _registry["_trace_hook"]:
        sys.settrace(_registry["_trace_hook"])
    if _registry["_profile_hook"]:
        sys.setprofile(_registry["_profile_hook"])
    try:
        thread.run()
    except Unwind:
        pass
    except BaseException:
        thread._invoke_excepthook(thread)


def _unregister(thread: Any) -> None:
    with _registry["_active_limbo_lock"]:
        _registry["_active"].pop(get_ident(), None)
    if not _start_joinable:
        held, thread._tstate_lock = thread._tstate_lock, None
        thread._is_stopped = True
        held.release()
