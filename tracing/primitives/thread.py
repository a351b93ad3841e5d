"""Thread and Timer: the faces of `threading.Thread` and `threading.Timer`; and sleep.

Owns: a thread's life in the record (started by, begin, end or exception, joined by), sleeping, and a timer's
fuse.

Rule: a thread belongs to the run of the thread that starts it. Started by a thread without a run, it is a
plain thread.

How it works: `start` gives the child an agent and puts `_live` in front of `run`, on the instance, so that
subclasses that override `run` are recorded as well. A Timer is recorded by its `finished` event: the timer
waits for it, cancel() sets it.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from time import perf_counter
from typing import Any

from tracing.events import Kind
from tracing.naming import is_library
from tracing.primitives.inner import InnerCondition, in_words
from tracing.recorder import Identity
from tracing.runtime import Agent, Gate, Unwind, here, nanoseconds

_sleep = time.sleep  # bound early: the name in `time` is replaced while a run lasts


class Thread(threading.Thread):
    """`threading.Thread`, recorded. Same signatures, results and exceptions as on the running version of
    Python.

    An exception that leaves `run` is recorded; `threading.excepthook` is called as well where the program has
    set one.
    """

    _agent: Agent | None = None

    def start(self) -> None:
        """Start the thread. Raises RuntimeError where it was started before."""
        parent = here.agent
        if parent is None or parent.unwinding or not self._startable():
            return super().start()
        if parent.point():
            self._start(parent)

    def _startable(self) -> bool:
        state = vars(self)  # CPython's own: typeshed does not know them
        return bool(state.get("_initialized")) and not state["_started"].is_set()

    def _start(self, parent: Agent) -> None:
        self._agent = agent = parent.run.adopt(self, parent)
        self._run, self.run = self.run, self._live  # type: ignore[method-assign]
        parent.record(Kind.STARTED, arg=agent.number)
        try:
            parent.runtime.start(agent, self)
        except BaseException as error:  # the system has no more threads
            del self._run, self.run
            agent.finished = True
            parent.record(Kind.REFUSED, arg=f"{type(error).__name__}: {error}")
            raise

    def _live(self) -> None:
        """The thread's life, in the thread."""
        agent, run = self._agent, self._run
        del self._run, self.run  # cycles
        assert agent is not None
        agent.enter()
        try:
            agent.record(Kind.BEGAN, arg=agent.log.parent)
            run()
        except (Unwind, SystemExit):
            agent.record(Kind.ENDED)
        except BaseException as error:
            agent.record(Kind.FAILED, arg=in_words(error))
            if _program_has_hook():
                raise  # to threading.Thread, which calls it
        else:
            agent.record(Kind.ENDED)
        finally:
            agent.leave()

    def join(self, timeout: float | None = None) -> None:
        """Wait until the thread has ended, at most `timeout` seconds; ask is_alive() which it was.

        Raises RuntimeError where it was not started, and where a thread joins itself.
        """
        agent = here.agent
        if agent is None:
            return super().join(timeout)
        if agent.point():
            self._probe(agent)
            self._join(agent, timeout)

    def _probe(self, agent: Agent) -> None:
        """Raise what threading raises for a thread that cannot be joined."""
        try:
            super().join(0)
        except RuntimeError as error:
            agent.record(Kind.REFUSED, arg=in_words(error))
            raise

    def _join(self, agent: Agent, timeout: float | None) -> None:
        target = self._agent
        number = target.number if target is not None and target.run is agent.run else 0
        if self.is_alive():
            self._await_end(agent, number, timeout)
        else:
            super().join()  # it may still be on its way out
        if number:
            agent.record(Kind.JOIN_TIMED_OUT if self.is_alive() else Kind.JOINED, arg=number)

    def _await_end(self, agent: Agent, number: int, timeout: float | None) -> None:
        if number:
            agent.record(Kind.JOIN_WAIT, arg=number)
        try:
            agent.wait_until(EndOf((self,)), timeout)
        except BaseException:
            if number:
                agent.record(Kind.CUT)
            raise

    def is_alive(self) -> bool:
        """Whether the thread was started and has not ended."""
        return super().is_alive() and not (self._agent and self._agent.finished)


class EndOf:
    """The end of threads, as something to wait for."""

    # s: a join cannot be opened from outside, so it looks up now and then whether its run has ended.
    SLICE = 0.05

    def __init__(self, threads: tuple[threading.Thread, ...]) -> None:
        self.threads = threads
        self._opened = False

    def ready(self) -> bool:
        return not any(thread.is_alive() for thread in self.threads)

    def take(self, seconds: float) -> bool:
        deadline = perf_counter() + seconds if seconds >= 0 else float("inf")
        for thread in self.threads:
            while thread.is_alive() and not self._opened:
                rest = deadline - perf_counter()
                if rest <= 0:
                    return False
                threading.Thread.join(thread, min(rest, self.SLICE))
            if not thread.is_alive():
                threading.Thread.join(thread)  # it may still be on its way out of threading.enumerate()
        return not self._opened

    def open(self) -> None:
        self._opened = True


def label(thread: threading.Thread) -> str:
    """What the record calls a thread: the name that the program gave it, else what it runs; "" where that
    says nothing.

    The default names of `threading` count all threads of the process, a kernel's own included.
    """
    default = re.fullmatch(r"Thread-\d+(?: \((.+)\))?", thread.name, re.DOTALL)
    if default is None:
        return thread.name
    if isinstance(thread, threading.Timer):
        return getattr(thread.function, "__name__", "").strip("<>")
    kind = type(thread).__name__
    return (default[1] or "").strip("<>") or (kind if kind != "Thread" else "")


def _program_has_hook() -> bool:
    """Whether the program has set a `threading.excepthook` of its own (not the interpreter, a kernel or a
    test runner).
    """
    code = getattr(threading.excepthook, "__code__", None)
    return code is not None and not is_library(code.co_filename)


class _Fuse(threading.Event):
    """A Timer's `finished`: the timer's thread waits for it, cancel() sets it. Records what that means."""

    _flag: bool

    def __init__(self, identity: Identity) -> None:
        super().__init__()
        self.identity = identity
        self._cond = InnerCondition(identity)
        self.pending = self.fired = False

    def wait(self, timeout: float | None = None) -> bool:
        agent = here.agent
        if agent is None or agent.log.timer != self.identity.serial:  # not the timer's thread
            return super().wait(timeout)
        if not agent.point():
            return True
        agent.record(Kind.PENDING, self.identity, nanoseconds(timeout))
        return self._burn(agent, timeout)

    def _burn(self, agent: Agent, timeout: float | None) -> bool:
        self.pending = True
        try:
            super().wait(timeout)
        finally:
            self.pending = False
        with self._cond:  # cancel() comes before or after this
            if not self._flag:
                self.fired = True
                agent.record(Kind.FIRED, self.identity)
            return self._flag

    def cancel(self, agent: Agent) -> None:
        """Set the flag, and record whether that was in time."""
        with self._cond:
            late = self._flag or (self.fired and not self.pending)
            agent.record(Kind.CANCEL_LATE if late else Kind.CANCELLED, self.identity)
            self._flag = True
            self._cond.notify_all()


class Timer(Thread, threading.Timer):
    """`threading.Timer`, recorded: calls `function` after `interval` seconds, in a thread of its own.

    Same signatures, results and exceptions as `threading.Timer` on the running version of Python.
    """

    finished: threading.Event

    def __init__(
        self,
        interval: float,
        function: Callable[..., object],
        args: Iterable[Any] | None = None,
        kwargs: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(interval, function, args, kwargs)
        self._identity = Identity("Timer", self)
        self.finished = _Fuse(self._identity)

    def cancel(self) -> None:
        """Stop the timer where it has not fired yet."""
        agent, fuse = here.agent, self.finished
        if agent is not None and agent.point() and isinstance(fuse, _Fuse):
            fuse.cancel(agent)
        else:
            super().cancel()


class _Nap(Gate):
    """A door that nobody opens: sleeping is waiting for it."""

    def take(self, seconds: float) -> bool:
        return super().take(seconds) if seconds else bool(_sleep(0))


def sleep(seconds: float, /) -> None:
    """`time.sleep`, recorded. Raises ValueError for a negative duration."""
    agent = here.agent
    if agent is None or not isinstance(seconds, int | float) or not 0 <= seconds <= threading.TIMEOUT_MAX:
        return _sleep(seconds)
    if agent.point():
        agent.record(Kind.SLEEP, arg=nanoseconds(seconds))
        try:
            agent.wait_until(_Nap(agent), seconds)
        finally:
            agent.record(Kind.WOKE)
