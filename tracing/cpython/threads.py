"""Threads as `threading` keeps them: a thread started by hand, the register of those that live.

What for: a simulated thread waits for its turn and does nothing by itself. It is registered by its parent,
and unregistered before it lets anybody else go on, so `threading.enumerate()` and `active_count()` depend on
the schedule alone, and starting needs no handshake.

No public way: `Thread.start` returns only when the child has run, and the child unregisters after its last
line of Python. So this is what `Thread.start`, `_bootstrap` and `_bootstrap_inner` do, done in that order.

Source: CPython, Lib/threading.py. What differs between the versions:

to 3.12      a thread has a lock (`_tstate_lock`) that is held while it lives, and a flag `_is_stopped`
3.13         it is started with a handle, `_handle`
from 3.14    the handle is `_os_thread_handle`; the thread runs in a context (`_context`): a given one, a
             copy of the starter's (`sys.flags.thread_inherit_context`) or an empty one; the system is told
             its name

Where one of the names is missing, `missing` says which, and nothing is simulated.
"""

from __future__ import annotations

import sys
import threading
from _thread import allocate_lock, get_ident, start_new_thread
from collections.abc import Callable
from contextvars import Context, copy_context
from typing import Any

_register: Any = vars(threading)
_HAS_HANDLES = sys.version_info >= (3, 13)
_HAS_CONTEXTS = sys.version_info >= (3, 14)
_HANDLE = "_os_thread_handle" if _HAS_CONTEXTS else "_handle"

_OF_MODULE = ("_active", "_active_limbo_lock", "_trace_hook", "_profile_hook")
_OF_THREAD = ("_started", "_ident", "_initialized", "_invoke_excepthook", "_set_native_id")
_STARTED_WITH = (
    ("_start_joinable_thread",) if _HAS_HANDLES else (),
    (_HANDLE,) if _HAS_HANDLES else ("_tstate_lock", "_is_stopped"),
    ("_context", "_set_os_name") if _HAS_CONTEXTS else (),
)


def missing() -> tuple[str, ...]:
    """What `spawn` needs and this Python does not have."""
    of_module, *of_thread = _STARTED_WITH
    thread = threading.Thread(name="to look at")  # named, or it would count in the default names
    lacking = [f"threading.{name}" for name in (*_OF_MODULE, *of_module) if name not in _register]
    of_threads = (*_OF_THREAD, *(name for names in of_thread for name in names))
    return (*lacking, *(f"Thread.{name}" for name in of_threads if not hasattr(thread, name)))


def spawn(
    thread: threading.Thread,
    *,
    wait: Callable[[], object],
    wanted: Callable[[], bool],
    finish: Callable[[], object],
    ending: type[BaseException],
) -> None:
    """Start a thread. It calls `wait`, does its work if it is `wanted` then, and calls `finish` at its end.

    ending: an exception that ends the thread without a word. Raises RuntimeError where the system has no more
    threads.
    """

    def live() -> None:
        wait()
        try:
            if wanted():
                _work(thread, ending)
        except ending:
            pass
        finally:
            _unregister(thread)
            finish()

    _start(thread, live)


def _start(thread: Any, live: Callable[[], None]) -> None:
    if _HAS_CONTEXTS and thread._context is None:
        inherits = sys.flags.thread_inherit_context  # type: ignore[attr-defined,unused-ignore]
        thread._context = copy_context() if inherits else Context()
    if _HAS_HANDLES:
        handle = getattr(thread, _HANDLE)
        _register["_start_joinable_thread"](live, handle=handle, daemon=True)
        ident = handle.ident
    else:
        thread._tstate_lock = allocate_lock()
        thread._tstate_lock.acquire()
        ident = start_new_thread(live, ())
    thread._ident = ident
    thread._started._flag = True  # not set(): nobody waits for it, and its lock may be a simulated one
    with _register["_active_limbo_lock"]:
        _register["_active"][ident] = thread


def _work(thread: Any, ending: type[BaseException]) -> None:
    thread._set_native_id()
    if _HAS_CONTEXTS:
        thread._set_os_name()
    if _register["_trace_hook"]:
        sys.settrace(_register["_trace_hook"])
    if _register["_profile_hook"]:
        sys.setprofile(_register["_profile_hook"])
    try:
        run = vars(thread).get("run") or thread.run  # what stands in front of a property, too
        if _HAS_CONTEXTS:
            thread._context.run(run)
        else:
            run()
    except ending:
        pass
    except BaseException:
        thread._invoke_excepthook(thread)


def begin_around(
    thread: Any,
    begin: Callable[[], None],
    caught: Callable[[BaseException, Callable[[threading.Thread], None]], None],
    end: Callable[[], None],
) -> Callable[[], None]:
    """The thread calls `begin` before everything it does and `end` after; in between, if an exception leaves
    its `run`, `caught`, with what calls `threading.excepthook`. Returns what undoes this.

    What for: a thread whose `run` nothing can be put in front of, because its class computes it. No public
    way: `start` calls nothing else of the object. All versions; what is put into the instance is taken out.
    """
    state: dict[str, Any] = vars(thread)
    hook = state["_invoke_excepthook"]

    def undo() -> None:
        state.pop("_bootstrap_inner", None)
        state["_invoke_excepthook"] = hook

    def live() -> None:
        del state["_bootstrap_inner"]
        try:
            begin()
            thread._bootstrap_inner()
        finally:
            undo()
            end()

    def invoke(thread: threading.Thread) -> None:
        error = sys.exc_info()[1]
        if error is not None:
            caught(error, hook)

    state["_bootstrap_inner"], state["_invoke_excepthook"] = live, invoke
    return undo


def invoke_excepthook(thread: Any) -> None:
    """Call `threading.excepthook` with the exception that is being handled.

    What for: in the life of the thread, as `Thread` does. No public way: it is more than a call; a hook that
    fails goes to `sys.excepthook`. All versions.
    """
    thread._invoke_excepthook(thread)


def _unregister(thread: Any) -> None:
    with _register["_active_limbo_lock"]:
        _register["_active"].pop(get_ident(), None)
    if not _HAS_HANDLES:
        held, thread._tstate_lock = thread._tstate_lock, None
        thread._is_stopped = True
        held.release()


def thread_of(ident: int) -> threading.Thread | None:
    """The Thread that runs under that ident now.

    What for: to say which threads left from a run go on. No public way: `threading.enumerate()` takes a lock
    that a thread which is looked at may hold. All versions; None where there is no such register.
    """
    thread: threading.Thread | None = _register.get("_active", {}).get(ident)
    return thread


def is_startable(thread: threading.Thread) -> bool:
    """Whether `start()` would start it: its constructor has run, and it was not started before.

    What for: a thread that is refused must not have been given a place in the run. No public way: `is_alive`
    and `ident` say nothing of the constructor, nor of a thread that is starting. All versions.
    """
    state: Any = vars(thread)
    return bool(state.get("_initialized")) and not state["_started"].is_set()


def has_started(thread: Any) -> bool:
    """Whether its first line has run. All versions; `ident` is set earlier, and kept by a failure."""
    return bool(thread._started.is_set())
