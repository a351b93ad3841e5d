"""Thread and Timer: the faces of `threading.Thread` and `threading.Timer`; and sleep.

Owns: their signatures, what the record calls a thread, sleeping, and a timer's fuse; a thread's life is in
`life`.

How it works: a Timer is recorded by its `finished` event: the timer waits for it, cancel() sets it.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from itertools import takewhile
from types import FrameType, FunctionType
from typing import TYPE_CHECKING, Any

from tracing.cpython.durations import slept
from tracing.cpython.frames import getframe
from tracing.cpython.locks import inner_condition, is_up, put, wait_on
from tracing.events import Kind
from tracing.naming import called_target
from tracing.primitives import life
from tracing.primitives.inner import InnerCondition
from tracing.recorder import Identity
from tracing.runtime import Agent, Gate, here, nanoseconds

_DEFAULT = re.compile(r"Thread-\d+(?: \((.+)\))?", re.DOTALL)
_sleep = time.sleep  # bound early: the name in `time` is replaced while a run lasts


class Thread(threading.Thread):
    """`threading.Thread`, recorded. Same signatures, results and exceptions as on the running version of
    Python.

    An exception that leaves `run` is recorded; `threading.excepthook` is called as well where the program has
    set one.
    """

    # Whether the program named it: such a name may well look like a default one.
    _tracing_named = False

    if not TYPE_CHECKING:  # its arguments are threading's: others from version to version

        @wraps(threading.Thread.__init__)
        def __init__(self, *arguments, **named):
            super().__init__(*arguments, **named)
            vars(self)["_tracing_named"] = is_named(arguments, named)
            note_called(self, arguments, named, getframe(1))

    def start(self) -> None:
        """Start the thread. Raises RuntimeError where it was started before."""
        life.start(self)

    def join(self, timeout: float | None = None) -> None:
        """Wait until the thread has ended, at most `timeout` seconds; ask is_alive() which it was.

        Raises RuntimeError where it was not started, and where a thread joins itself.
        """
        life.join(self, timeout)

    def is_alive(self) -> bool:
        """Whether the thread was started and has not ended."""
        return life.is_alive(self)

    @property
    def ident(self) -> int | None:
        """What Python calls the thread; None where it was not started."""
        life.look(self)
        return super().ident

    @property
    def native_id(self) -> int | None:
        """What the operating system calls the thread; None where it was not started."""
        life.look(self)
        return super().native_id

    def __repr__(self) -> str:
        life.look(self)
        return super().__repr__()


def is_named(arguments: tuple[Any, ...], named: Mapping[str, Any]) -> bool:
    """Whether these, given to `Thread`, give the thread a name."""
    return bool(named.get("name") or arguments[2:] and arguments[2])


def note_called(
    thread: threading.Thread, arguments: tuple[Any, ...], named: Mapping[str, Any], frame: FrameType
) -> None:
    """Remember where in the constructor's call a call stands instead of the target, and gave None."""
    given = "target" in named or len(arguments) > 1
    target = named.get("target", *arguments[1:2])
    if given and target is None and type(thread).run is threading.Thread.run:
        vars(thread)["_tracing_called"] = called_target(frame.f_code, frame.f_lasti)


_INNER = frozenset(
    name
    for name, method in vars(threading.Thread).items()
    if isinstance(method, FunctionType) and name.startswith("_") and not name.endswith("__")
)
"""Methods that only `threading` itself calls."""


def hidden_methods(thread: threading.Thread) -> tuple[str, ...]:
    """What the program has put where `threading` calls a method of its own: "Pinger._stop"."""
    own = set(vars(thread))
    for base in takewhile(lambda base: base.__module__ != "threading", type(thread).__mro__):
        own |= vars(base).keys()
    return tuple(f"{type(thread).__name__}.{name}" for name in sorted(_INNER & own))


def label(thread: threading.Thread) -> str:
    """What the record calls a thread: the name that the program gave it, else what it runs; "" where that
    says nothing.

    The default names of `threading` count all threads of the process, a kernel's own included.
    """
    default = _DEFAULT.fullmatch(thread.name)
    if default is None or getattr(thread, "_tracing_named", False):
        return thread.name
    if isinstance(thread, threading.Timer):
        return getattr(thread.function, "__name__", "").strip("<>")
    kind = type(thread).__name__
    return (default[1] or "").strip("<>") or (kind if kind != "Thread" else "")


class Fuse(threading.Event):
    """A Timer's `finished`: the timer's thread waits for it, cancel() sets it. Records what that means."""

    def __init__(self, identity: Identity) -> None:
        super().__init__()
        self.identity = identity
        wait_on(self, InnerCondition(identity))
        self.pending = self.fired = self.decided = False

    def is_set(self) -> bool:
        agent = here.agent
        if agent is not None and not self.__asked_by_timer(agent):
            agent.glance(Kind.PASSED, self.identity.serial)
        return super().is_set()

    def __is_of(self, agent: Agent) -> bool:
        return agent.log.timer == self.identity.serial

    def __asked_by_timer(self, agent: Agent) -> bool:
        """Whether it is the timer that asks, once, whether to fire: that belongs to the wait before."""
        if not self.decided or not self.__is_of(agent):
            return False
        self.decided = False
        return True

    def set(self) -> None:
        agent = here.agent
        # A timer that was cancelled: what its wait has announced goes on, up to here.
        if agent is not None and (self.fired or not self.__is_of(agent)):
            agent.point(Kind.SET, self.identity.serial)
        super().set()

    def clear(self) -> None:
        if here.agent is not None:
            here.agent.point(Kind.CLEARED, self.identity.serial)
        super().clear()

    def __repr__(self) -> str:
        self.is_set()  # announces that
        return super().__repr__()

    def wait(self, timeout: float | None = None) -> bool:
        agent = here.agent
        if agent is None:
            return super().wait(timeout)
        if not self.__is_of(agent):
            return super().wait(timeout) if agent.point(Kind.PASSED, self.identity.serial) else is_up(self)
        if not agent.point(Kind.PENDING, self.identity.serial):
            return True
        agent.record(Kind.PENDING, self.identity, nanoseconds(timeout))
        return self._burn(agent, timeout)

    def _burn(self, agent: Agent, timeout: float | None) -> bool:
        self.pending = True
        try:
            super().wait(timeout)
        finally:
            self.pending, self.decided = False, True
        with inner_condition(self):  # cancel() comes before or after this
            if not is_up(self):
                self.fired = True
                agent.record(Kind.FIRED, self.identity)
            return is_up(self)

    def cancel(self, agent: Agent) -> None:
        """Set the flag, and record whether that was in time."""
        with inner_condition(self):
            late = is_up(self) or (self.fired and not self.pending)
            agent.record(Kind.CANCEL_LATE if late else Kind.CANCELLED, self.identity)
            put(self, True)
            inner_condition(self).notify_all()


class Timer(Thread, threading.Timer):
    """`threading.Timer`, recorded: calls `function` after `interval` seconds, in a thread of its own.

    Same signatures, results and exceptions as `threading.Timer` on the running version of Python.
    """

    finished: threading.Event
    _tracing_identity: Identity

    def __init__(
        self,
        interval: float,
        function: Callable[..., object],
        args: Iterable[Any] | None = None,
        kwargs: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(interval, function, args, kwargs)  # threading.Timer's
        vars(self)["_tracing_named"] = False
        vars(self)["_tracing_identity"] = Identity("Timer", self)  # a class may refuse attributes
        self.finished = Fuse(self._tracing_identity)

    def cancel(self) -> None:
        """Stop the timer where it has not fired yet."""
        agent, fuse = here.agent, self.finished
        touched = self._tracing_identity.serial
        if agent is not None and agent.point(Kind.CANCELLED, touched) and isinstance(fuse, Fuse):
            fuse.cancel(agent)
        else:
            super().cancel()


class _Nap(Gate):
    """A door that nobody opens: sleeping is waiting for it."""

    def take(self, seconds: float) -> bool:
        return super().take(seconds) if seconds else bool(_sleep(0))


class _Sleeper:
    """Has `sleep` as a method, which it stays where a class has it as an attribute: a function would become
    that class's, and `time.sleep`, which is in C, does not.
    """

    def sleep(self, seconds: float, /) -> None:
        """`time.sleep`, recorded. Raises ValueError for a negative duration."""
        seconds = slept(seconds)
        agent = here.agent
        if agent is None or not isinstance(seconds, int | float) or not 0 <= seconds <= threading.TIMEOUT_MAX:
            return _sleep(seconds)
        if agent.point(Kind.SLEEP, 0):
            try:
                agent.record(Kind.SLEEP, arg=nanoseconds(seconds))
                agent.wait_until(_Nap(agent), seconds)
            finally:
                agent.record(Kind.WOKE)


sleep = _Sleeper().sleep
