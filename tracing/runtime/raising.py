"""Reaching into other threads: which there are, where one is, an exception raised in it.

Owns: `push`, which makes a thread of an ended run unwind; the wake-up signal.

Rule: an exception is sent to a thread only while it executes the program's code: `reachable`, from its first
line to `seal`. What comes before and after belongs to `threading`, which would lose the thread over it; and
what is told of an exception in a finaliser is left alone.

How it works: the process's main thread can be woken by a signal wherever it waits, in C too: the handler of
`WAKE_UP` raises Unwind there. Programs may set handlers of SIGINT (asyncio does, kernels do), hence a signal
of our own: SIGURG, which is ignored where nobody asks for it. Any other thread gets an asynchronous
exception, which comes when it next executes Python.
"""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Set
from functools import partial
from time import sleep
from types import FrameType

from tracing.cpython.exceptions import entered_at_once, raise_in_thread
from tracing.cpython.frames import frames_now
from tracing.cpython.threads import thread_of
from tracing.naming import site_of
from tracing.recorder import user_frame
from tracing.runtime import Agent, Unwind, here

SIGNALS = frozenset(signal.valid_signals())  # asked once: it makes an object for each
WAKE_UP: int | None = getattr(signal, "SIGURG", None) if hasattr(signal, "pthread_kill") else None

# `Thread.ident` as `threading` has it: to ask a face for it is an operation of the program.
_IDENT: Callable[[threading.Thread], int | None] = vars(threading.Thread)["ident"].__get__


def push(agent: Agent) -> None:
    """By a thread outside its run: raise Unwind in its thread, if that executes the program's code."""
    agent.pushing = True
    try:
        if agent.reachable and agent.ident and not _is_in_hook(frames_now().get(agent.ident)):
            agent.pushed = True
            _reach(agent, agent.ident)
    finally:
        agent.pushing = False


def _reach(agent: Agent, ident: int) -> None:
    if agent.wakes and WAKE_UP is not None:
        signal.pthread_kill(ident, WAKE_UP)
    else:
        raise_in_thread(ident, Unwind)


def _is_in_hook(frame: FrameType | None) -> bool:
    """Whether somebody is just being told of what a finaliser has raised: Unwind, perhaps, and one is enough.
    (A hook of the C interpreter's own is not interrupted anyway.)
    """
    hook = sys.unraisablehook
    while isinstance(hook, partial):
        hook = hook.func
    code = getattr(hook, "__code__", None)  # a method has it, too
    while code is not None and frame is not None and frame.f_code is not code:
        frame = frame.f_back
    return code is not None and frame is not None


@entered_at_once
def seal(agent: Agent) -> None:
    """By its thread, at the end of the program's code: from now on nothing is sent to it. What was sent and
    is still to come, comes now, and is swallowed: also at the first step of this function.
    """
    agent.reachable = False
    for _ in range(2):  # one on its way, and one that is being sent
        try:
            while agent.pushing:
                sleep(0)
            for _ in range(1000 if agent.pushed else 0):  # until the interpreter looks
                pass
        except Unwind:
            pass


def allow_wake_up() -> bool:
    """From now on the calling thread can be woken, if it is the process's main thread and the program does
    not use the signal itself. Whether it can.
    """
    if WAKE_UP is None or threading.current_thread() is not threading.main_thread():
        return False
    if signal.getsignal(WAKE_UP) not in (signal.SIG_DFL, _wake_up):
        return False
    signal.signal(WAKE_UP, _wake_up)
    return True


def no_wake_up() -> None:
    """The same thread: from now on it can not. May be called again."""
    ours = WAKE_UP is not None and signal.getsignal(WAKE_UP) is _wake_up
    if ours and threading.current_thread() is threading.main_thread():
        signal.signal(WAKE_UP or 0, signal.SIG_DFL)


def take_no_signals() -> None:
    """By a thread of ours: a signal for the process is for a thread of the program's, which may have blocked
    it in its own (to take it by `signal.sigwait`), and not for this one, in which it would end the process.
    """
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)


def nudge() -> None:
    """By another thread: let the main thread handle the signals that it has not handled yet.

    One that comes in the last moment before it waits in C is handled only when the next one comes: CPython
    looks for signals between its own steps, and where the system call ends early. Does nothing where the main
    thread has not allowed it.
    """
    if WAKE_UP is not None and is_wake_up(signal.getsignal(WAKE_UP)):
        signal.pthread_kill(_IDENT(threading.main_thread()) or 0, WAKE_UP)


def is_wake_up(handler: object) -> bool:
    """Whether it is the wake-up signal's."""
    return handler is _wake_up


def _wake_up(number: int, frame: FrameType | None) -> None:
    agent = here.agent
    if agent is not None and agent.reachable and agent.run.ended and not _is_in_hook(frame):
        raise Unwind


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


def whereabouts(thread: threading.Thread | None) -> str:
    """Who it is, and at which line of the program: "worker at lesson.py:12"; None is one that is gone."""
    if thread is None:
        return "a thread that has ended"
    frame = user_frame(frames_now().get(_IDENT(thread) or 0))
    if frame is None:
        return thread.name
    site = site_of(frame.f_code, frame.f_lasti)
    return f"{thread.name} at {site.file}:{site.line}"
