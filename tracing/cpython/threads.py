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
from contextlib import suppress
from contextvars import Context, copy_context
from functools import partial
from threading import Condition  # bound early, as `sleep`
from time import sleep  # bound early: the name in `time` is replaced while a run lasts
from typing import Any

from tracing.cpython.ownership import exclusive

_register: Any = vars(threading)
_HAS_HANDLES = sys.version_info >= (3, 13)
_HAS_CONTEXTS = sys.version_info >= (3, 14)
_HANDLE = "_os_thread_handle" if _HAS_CONTEXTS else "_handle"

_OF_MODULE = ("_active", "_active_limbo_lock", "_trace_hook", "_profile_hook")
_OF_THREAD = ("_started", "_ident", "_initialized", "_invoke_excepthook", "_native_id", "_set_native_id")
_STARTED_WITH = (
    ("_start_joinable_thread",) if _HAS_HANDLES else (),
    (_HANDLE,) if _HAS_HANDLES else ("_tstate_lock", "_is_stopped"),
    ("_context", "_set_os_name") if _HAS_CONTEXTS else (),
)


def missing() -> tuple[str, ...]:
    """What `spawn` needs and this Python does not have."""
    of_module, *of_thread = _STARTED_WITH
    # Named, or it would count in the default names; a daemon, or it would ask which thread makes it.
    thread = threading.Thread(name="to look at", daemon=True)
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
        _tell_system(thread)
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


def _tell_system(thread: Any) -> None:
    thread._set_native_id()
    if _HAS_CONTEXTS:
        thread._set_os_name()


def native_id(thread: Any) -> int | None:
    """`Thread.native_id` of a thread that was spawned.

    What for: it is known when the thread has begun to wait, which `spawn` does not await, and `Thread.start`
    does. No public way: `Thread.native_id` itself is replaced by this. All versions; see `missing`.
    """
    while thread._started.is_set() and thread._native_id is None:
        sleep(0)
    number: int | None = thread._native_id
    return number


def _work(thread: Any, ending: type[BaseException]) -> None:
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
    begin: Callable[[], bool],
    caught: Callable[[BaseException, Callable[[threading.Thread], None]], None],
    end: Callable[[], None],
    daemon: bool,
) -> Callable[[], None]:
    """The thread calls `begin` before everything it does, does nothing where that is false, and calls `end`
    after; in between, if an exception leaves its `run`, `caught`, with what calls `threading.excepthook`.
    Returns what undoes this.

    daemon: what it is for the program, once the interpreter has decided whether to wait for it.

    What for: a thread whose `run` nothing can be put in front of, because its class computes it. No public
    way: `start` calls nothing else of the object. All versions; what is put into the instance is taken out.
    Up to 3.12 the thread itself decides, in `_set_tstate_lock`, before it says its native id: without that,
    `start_unwaited` alone puts back what it is.
    """
    around = _Around(thread, begin, caught, end, daemon)
    around.put()
    return around.undo


class _Around:
    """What stands in a thread's instance from `begin_around` to its end, or until that is undone."""

    def __init__(
        self,
        thread: Any,
        begin: Callable[[], bool],
        caught: Callable[[BaseException, Callable[[threading.Thread], None]], None],
        end: Callable[[], None],
        daemon: bool,
    ) -> None:
        self._thread, self._begin, self._caught, self._end, self._daemon = thread, begin, caught, end, daemon
        self._state: dict[str, Any] = vars(thread)
        self._hook = self._state["_invoke_excepthook"]

    def put(self) -> None:
        self._state["_bootstrap_inner"], self._state["_set_native_id"] = self._live, self._say_native_id
        self._state["_invoke_excepthook"] = self._invoke

    def undo(self) -> None:
        for name in ("_bootstrap_inner", "_set_native_id"):
            self._state.pop(name, None)
        self._state["_invoke_excepthook"] = self._hook

    def _live(self) -> None:
        if not self._begin():
            return
        del self._state["_bootstrap_inner"]
        try:
            self._thread._bootstrap_inner()
        finally:
            self.undo()
            self._end()

    def _say_native_id(self) -> None:
        del self._state["_set_native_id"]
        as_daemon(self._thread, self._daemon)
        self._thread._set_native_id()

    def _invoke(self, thread: threading.Thread) -> None:
        error = sys.exc_info()[1]
        if error is not None:
            self._caught(error, self._hook)


def invoke_excepthook(thread: Any) -> None:
    """Call `threading.excepthook` with the exception that is being handled.

    What for: in the life of the thread, as `Thread` does. No public way: it is more than a call; a hook that
    fails goes to `sys.excepthook`. What it lets through (SystemExit) goes to the interpreter, which `Thread`
    would only do once it had asked the hook about that, too. All versions.
    """
    try:
        thread._invoke_excepthook(thread)
    except BaseException:
        vars(thread)["_invoke_excepthook"] = _raise_again
        raise


def _raise_again(thread: threading.Thread) -> None:
    """In place of asking the hook: what is being handled goes on."""
    raise


def let_interpreter_exit(thread: Any) -> None:
    """The interpreter does not wait at its exit for that thread, which lives.

    What for: a library's thread that an ended run left behind. No public way: whether it is waited for was
    decided when it started. Source: Lib/threading.py, `_shutdown`: to 3.12 it waits for the locks in
    `_shutdown_locks`; from 3.13 on C has the list, so what waits for all in it is replaced, once the
    interpreter exits, by something that waits for all but those. To 3.14: 3.15 looks into that list once
    more, in C (`make_pre_finalization_calls`). There, and where a name is missing, the interpreter waits.
    """
    if not _HAS_HANDLES:
        _register.get("_shutdown_locks", set()).discard(thread._tstate_lock)
    elif "_thread_shutdown" in _register and "_register_atexit" in _register:
        if not _not_waited_for:
            _register["_register_atexit"](_register.update, _thread_shutdown=_wait_for_others)
        _not_waited_for.add(thread)


_not_waited_for: set[threading.Thread] = set()  # they never end


def _wait_for_others() -> None:
    """By the main thread at the interpreter's exit."""
    apart = _not_waited_for | {threading.main_thread()}
    while others := [each for each in threading.enumerate() if not each.daemon and each not in apart]:
        for thread in others:
            thread.join()


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
    and `ident` say nothing of the constructor, nor of a thread that is starting. All versions; without
    `_initialized` no thread counts as one, and `threading` starts it without a record.
    """
    state: Any = vars(thread)
    return bool(state.get("_initialized")) and not state["_started"].is_set()


def is_starting(thread: threading.Thread) -> bool:
    """Whether `Thread.start` was called, it was not refused, and no line of the thread has run.

    What for: to know, after a Ctrl-C in `Thread.start`, whether a thread may still come. No public way. All
    versions; False where there is no such register.
    """
    return thread in _register.get("_limbo", {})


def forget_start(thread: threading.Thread) -> None:
    """Of a thread whose start was cut short before there was one: `threading` lists it no more.

    What for: a Ctrl-C in `Thread.start` leaves it in `threading.enumerate()` for ever. Should it come all the
    same, on a machine that slept, `_bootstrap_inner` would miss it in that list, and the interpreter would
    print that. No public way. All versions; nothing is done where there is no such register.
    """
    if _register.get("_limbo", {}).pop(thread, None) is not None:
        vars(thread)["_bootstrap_inner"] = partial(_come_late, thread)


def _come_late(thread: Any) -> None:
    del vars(thread)["_bootstrap_inner"]
    with suppress(KeyError):
        thread._bootstrap_inner()


def interruption(error: BaseException) -> BaseException | None:
    """The exception that came into `Thread.start` (a Ctrl-C), where that complains of something else.

    What for: `start` waits for the thread by an Event, and where that wait is cut short while it has given
    its lock away, leaving the block around it raises RuntimeError; the Ctrl-C is its context. `threading`
    alone does so, too: some 5 times in 1,000 of a storm of them. No public way. Source: Lib/threading.py,
    `Condition.wait`; Modules/_threadmodule.c for the words. All versions.
    """
    unlocked = isinstance(error, RuntimeError) and str(error) in _NOT_LOCKED
    return error.__context__ if unlocked else None


_NOT_LOCKED = ("release unlocked lock", "cannot release un-acquired lock")


def start_unwaited(thread: Any, start: Callable[[threading.Thread], object]) -> None:
    """Start a thread that the interpreter does not wait for at its exit, also where it is no daemon.

    What for: the block of a recorded run waits for its threads itself; one that cannot be ended must not keep
    the program from its end. No public way: whom the interpreter waits for is decided by `daemon` while the
    thread starts, and what it is for the program stands there, too. So it is put back by the thread's first
    step (`as_daemon`), and here. Source: Lib/threading.py; to 3.12 `_set_tstate_lock` decides, from 3.13 on
    `Thread.start`. All versions; where `_daemonic` means nothing, the interpreter waits.

    The Event by which `start` waits gets a lock that `give_back_mine` knows: a Ctrl-C may leave it held, and
    the thread would wait for it for ever.
    """
    daemon = thread.daemon
    thread._daemonic = True
    thread._started._cond = Condition(exclusive())
    try:
        start(thread)
    finally:
        thread._daemonic = daemon


def as_daemon(thread: Any, daemon: bool) -> None:
    """By a thread that was started so: what it is for the program."""
    thread._daemonic = daemon
