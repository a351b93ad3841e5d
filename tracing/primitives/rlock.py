"""RLock: the face of `threading.RLock`.

Owns: the owner and how often it has acquired the lock. For the rule and how it works see `mutex`.
"""

from __future__ import annotations

import sys
import threading
from _thread import get_ident
from types import FrameType
from typing import Any, NoReturn

from tracing.events import Kind
from tracing.primitives.mutex import Mutex, Seen
from tracing.primitives.native import AT_LENGTH, Native, asked, stands_for
from tracing.recorder import Identity, Pen
from tracing.runtime import Agent, here, storable, unlock
from tracing.runtime.unswitched import CALLERS_CALLER, CLOCK, ME, repeated, unswitched

_getframe = sys._getframe
_THEIRS = threading.RLock


class RLock(Mutex):
    """`threading.RLock`, recorded: the thread that holds it may acquire it again, and must release it as
    often.

    Same signatures, results and exceptions as `threading.RLock` on the running version of Python.
    """

    __slots__ = ("_count", "_owner")

    def __init__(self, *ignored: object, **ignored_too: object) -> None:
        if ignored or ignored_too:
            _THEIRS(*ignored, **ignored_too)  # warns, or refuses them, as this version of Python does
        self._begin(Identity("RLock", self))

    @classmethod
    def of_condition(cls, condition: Identity) -> RLock:
        """The lock that a Condition makes for itself."""
        lock = cls.__new__(cls)
        lock._begin(Identity("RLock", lock, owner=condition.serial))
        return lock

    def _begin(self, identity: Identity) -> None:
        super().__init__(identity)
        self._owner = self._count = 0

    @stands_for(Native.acquire)
    def acquire(self, *arguments: Any, **named: Any) -> bool:
        """Acquire the lock, or go one level deeper where the calling thread holds it.

        Waits unless `blocking` is false, at most `timeout` seconds (-1: without limit). Returns whether it
        was acquired. Raises ValueError for a negative timeout other than -1, and for a timeout with
        blocking=False.
        """
        pen = here.pen
        if pen is not None and not arguments and not named and self._enter(pen):
            return True
        blocking, timeout = asked(*arguments, **named) if arguments or named else AT_LENGTH
        return self._take(blocking, timeout)

    __enter__ = acquire

    # Into the lock and out of it the calls are nested as deep: where RecursionError ends a program, a thread
    # that could get in can get out.

    @unswitched
    def _enter(self, pen: Pen) -> bool:
        """The short way, while recording, on the real clock: whether the lock was to be had."""
        code = self._acquired_plain
        if pen.lines:
            frame = _getframe(2)
            code = self._known(frame, self._acquired) or self._see(Kind.ACQUIRED, frame, self._acquired)
        got = self._owner == pen.ident
        if not got:
            for got in self._tries:
                break
        if got:
            self._owner = pen.ident
            self._count += 1
            for time in CLOCK:
                break
            entries = pen.entries
            entries += time, code
        return got

    def _take(self, blocking: bool, timeout: float) -> bool:
        """The long way: outside a run, contended, with a time-out, in a simulated run, or unwinding."""
        agent = here.agent
        me = get_ident()
        if self._owner == me:
            if agent is not None:
                self._record(agent, Kind.ACQUIRED)
            self._count += 1
            return True
        if agent is not None:
            got = self._acquire(agent, blocking, timeout)
        else:
            for got in repeated(self._raw.acquire, blocking, timeout):
                break
        if got and (agent is None or not agent.unwinding):
            self._owner, self._count = me, 1
        return got

    @unswitched
    @stands_for(Native.release)
    def release(self, *arguments: Any, **named: Any) -> None:
        """Release one level. Raises RuntimeError where the calling thread does not hold the lock."""
        if arguments or named:
            _THEIRS().release(*arguments, **named)  # refuses them
        pen = here.pen
        if pen is None:
            self._release()
        else:
            self._leave(pen)

    @unswitched
    def __exit__(self, *exc_info: object) -> None:  # as release(), which it does not call: see _enter
        pen = here.pen
        if pen is None:
            self._release()
        else:
            self._leave(pen)

    @unswitched
    def _leave(self, pen: Pen) -> None:
        """The short way out."""
        if self._owner != pen.ident:
            raise self._unowned()
        code: int | None = self._released_plain
        if pen.lines:
            for frame in CALLERS_CALLER:
                break
            code = self._known(frame, self._released)
        for time in CLOCK:
            break
        entries = pen.entries
        if code is not None:
            entries += time, code
        self._count -= 1
        if not self._count:
            self._owner = 0
            for _ in self._releases:
                break
        if code is None:  # seen now, when the lock is free
            try:
                code = self._see(Kind.RELEASED, frame, self._released)
            except RecursionError:  # no room on the stack to look
                code = self._released_plain
            entries += time, code

    @unswitched
    def _release(self) -> None:
        """The long way: outside a run, in a simulated one, or unwinding."""
        agent = here.agent
        if agent is not None and not agent.point(Kind.RELEASED, self._tracing_identity.serial):
            return self.give_back() if self._is_owned() else None
        for me in ME:
            break
        if self._owner != me:
            raise self._unowned()
        if agent is not None:
            self._record(agent, Kind.RELEASED)
        self._count -= 1
        if not self._count:
            self._owner = 0
            self._raw.release()

    @unswitched
    def _known(self, frame: FrameType, places: Seen) -> int | None:
        """The ready-made code of an event at the program's line that is being executed in `frame`."""
        at = frame.f_lasti
        if at not in places:
            return None
        seen, code = places[at]
        return code if frame.f_code is seen else None

    def _unowned(self) -> RuntimeError:
        error = RuntimeError("cannot release un-acquired lock")
        self._refuse(error)
        return error

    def _record(self, agent: Agent | None, kind: Kind, arg: int | None = None) -> None:
        if agent is not None and not agent.unwinding:
            agent.record(kind, self._tracing_identity, arg)

    @property
    def owner(self) -> int:
        """The ident of the thread that holds it; 0 where nobody does."""
        return self._owner

    def locked(self) -> bool:
        """Whether the lock is held, by whichever thread."""
        agent = here.agent
        if agent is not None:
            agent.glance(Kind.ACQUIRED, self._tracing_identity.serial)
        return self._raw.locked()

    def give_back(self) -> None:
        """Unlock it: a run that had to be ended gives back what its threads held."""
        self._owner = self._count = 0
        unlock(self._raw)

    # What Condition needs.

    def _is_owned(self) -> bool:
        return self._owner == get_ident()

    def _recursion_count(self) -> int:
        return self._count if self._is_owned() else 0

    # Of both it must be clear, where an exception comes out of them (Ctrl-C), who has the lock: who had it
    # before.

    @unswitched
    def _release_save(self) -> tuple[int, int]:
        if not self._count:
            raise RuntimeError("cannot release un-acquired lock")
        agent, state = here.agent, (self._count, self._owner)
        if agent is not None and not agent.unwinding:
            released, entries = agent.code(Kind.RELEASED, self._tracing_identity), agent.log.entries
            time, levels = agent.runtime.now(), storable(self._count)
            entries += (time, released, levels, 0)
        self._owner = self._count = 0
        for _ in self._releases:
            break
        return state

    @unswitched
    def _acquire_restore(self, state: tuple[int, int]) -> None:
        agent = here.agent
        if agent is None:
            for got in self._tries:
                break
            if not got:
                for _ in repeated(self._raw.acquire):
                    break
            self._count, self._owner = state
        elif not agent.unwinding:  # such a thread must not block: it goes on without
            acquired, entries = agent.code(Kind.ACQUIRED, self._tracing_identity), agent.log.entries
            clock = CLOCK if agent.runtime.direct else repeated(agent.runtime.now)
            levels = storable(state[0])
            for got in self._tries:
                break
            if got or agent.wait(self._tracing_identity, self, None):
                self._count, self._owner = state
                for time in clock:
                    break
                entries += (time, acquired, levels, 0)

    def _at_fork_reinit(self) -> None:
        self._raw._at_fork_reinit()  # type: ignore[attr-defined]
        self._owner = self._count = 0

    def __reduce__(self) -> NoReturn:
        raise TypeError("cannot pickle '_thread.RLock' object")

    def __repr__(self) -> str:
        state = "locked" if self._raw.locked() else "unlocked"
        name = f"{type(self).__module__}.{type(self).__qualname__}"
        return f"<{state} {name} object owner={self._owner} count={self._count} at {id(self):#x}>"
