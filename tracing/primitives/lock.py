"""Lock and RLock: the faces of `threading.Lock` and `threading.RLock`.

Owns: mutual exclusion, recorded.

Rule: a lock has one state, the raw lock of the interpreter; it is really acquired before `acquired` is
stamped, and `released` is stamped before it is really released, so that the holds of one lock never overlap
in the record.

How it works: an uncontended operation of a thread that records on the real clock goes the short way: try the
raw lock, append a stamp and a ready-made code to the thread's log, both at once, so that an asynchronous
exception cannot part them, and with no step at which threads are switched while the lock is held (see
`unswitched`). Everything else (contention, time-outs, simulated runs, unwinding) goes the long way through
the agent, in `_Mutex`, which both locks share.
"""

from __future__ import annotations

import sys
import threading
from _thread import LockType, allocate_lock, get_ident
from collections.abc import Callable
from types import CodeType, FrameType
from typing import NoReturn

from tracing.events import Kind
from tracing.primitives.block import UNKNOWN, OwnBlocks, blocks
from tracing.recorder import Identity, Pen, user_frame
from tracing.runtime import Agent, RawWaitable, here, unlock
from tracing.runtime.unswitched import CALLER, CALLERS_CALLER, CLOCK, ME, repeated, unswitched

_getframe = sys._getframe
_THEIRS = threading.RLock


class SilentLock(RawWaitable):
    """A mutual exclusion that is not recorded; waits as its run waits. Other primitives are built on it."""

    __slots__ = ()
    silent = True

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        if self._raw.acquire(False):
            return True
        agent = here.agent
        if agent is None or agent.unwinding and agent.runtime.direct:
            return self._raw.acquire(blocking, timeout)
        return blocking and agent.wait_until(self, None if timeout == -1 else timeout)

    def release(self) -> None:
        agent = here.agent
        if agent is not None and agent.unwinding:
            return unlock(self._raw)
        self._raw.release()

    __enter__ = acquire

    def __exit__(self, *exc_info: object) -> None:
        self.release()

    def locked(self) -> bool:
        return self._raw.locked()

    _is_owned = locked  # for Condition, which would otherwise probe by acquiring

    def _at_fork_reinit(self) -> None:
        self._raw = allocate_lock()


# By the offset of an instruction: the code object that it is in, and the ready-made code of an event there.
Seen = dict[int, tuple[CodeType, int]]
NOWHERE = (None, UNKNOWN)  # in no code object


class _Mutex(RawWaitable):
    """What Lock and RLock share: the record, and the long way of acquiring."""

    __slots__ = (
        *("__weakref__", "_identity", "_releases", "_tries"),
        *("_acquired", "_acquired_plain", "_released", "_released_plain"),
    )

    def __init__(self, identity: Identity, raw: LockType | None = None) -> None:
        super().__init__(raw)
        self._tries, self._releases = repeated(self._raw.acquire, False), repeated(self._raw.release)
        self._identity = identity
        self._acquired: Seen = {}
        self._released: Seen = {}
        self._acquired_plain = identity.code(Kind.ACQUIRED, None)
        self._released_plain = identity.code(Kind.RELEASED, None)

    def _see(self, kind: Kind, frame: FrameType, places: Seen) -> int:
        """The code of an event at the program's line, kept for use again where the program called us, not a
        library.
        """
        user = user_frame(frame)
        code = self._identity.code(kind, user)
        if user is frame:
            places[frame.f_lasti] = (frame.f_code, code)
        return code

    def _acquire(self, agent: Agent, blocking: bool, timeout: float) -> bool:
        allocate_lock().acquire(blocking, timeout)  # raises what threading raises for wrong arguments
        needs = self if blocking and timeout == -1 else None
        if not agent.point(Kind.ACQUIRED, self._identity.serial, needs):
            return self._pretend(agent)
        # Before it is had: from then on no step may look for signals (see unswitched), nor take long.
        acquired, entries = agent.code(Kind.ACQUIRED, self._identity), agent.log.entries
        gives_up = () if needs else (0, 0)  # whoever looks for deadlocks must know
        clock = CLOCK if agent.runtime.direct else repeated(agent.runtime.now)
        for got in self._tries:
            break
        if not got:
            if not blocking or timeout == 0:
                agent.record(Kind.WOULD_BLOCK, self._identity)
                return False
            if not agent.wait(self._identity, self, None if timeout == -1 else timeout):
                return agent.unwinding
        for time in clock:
            break
        entries += (time, acquired, *gives_up)
        return True

    def _pretend(self, agent: Agent) -> bool:
        """An unwinding thread goes on as if it had the lock."""
        return True

    def _refuse(self, error: RuntimeError) -> None:
        """Record that an operation of this thread raised."""
        if here.agent is not None and not here.agent.unwinding:
            here.agent.record(Kind.REFUSED, self._identity, f"{type(error).__name__}: {error}")


class Lock(_Mutex, metaclass=OwnBlocks):
    """`threading.Lock`, recorded: not re-entrant, without an owner; any thread may release it.

    Same signatures, results and exceptions as `threading.Lock` on the running version of Python.
    """

    __slots__ = ("__enter__", "__exit__")
    __enter__: Callable[[], bool]
    __exit__: Callable[..., None]

    def __init__(self) -> None:
        super().__init__(Identity("Lock", self))
        core = Lock.__new__(Lock)  # the same lock without blocks; see primitives.block
        _Mutex.__init__(core, self._identity, self._raw)
        self.__enter__, self.__exit__ = blocks(core)

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        """Acquire the lock; wait for it unless `blocking` is false, at most `timeout` seconds (-1: without
        limit).

        Returns whether it was acquired. Raises ValueError for a negative timeout other than -1, and for a
        timeout with blocking=False.
        """
        pen = here.pen
        if pen is not None and blocking is True and timeout == -1:
            code = self._acquired_plain
            if pen.lines:
                frame = _getframe(1)
                seen, code = self._acquired.get(frame.f_lasti, NOWHERE)
                if frame.f_code is not seen:
                    code = self._see(Kind.ACQUIRED, frame, self._acquired)
            entries = pen.entries
            for got in self._tries:
                break
            if got:
                for time in CLOCK:
                    break
                entries += time, code
                return True
        agent = here.agent
        if agent is None:
            return self._raw.acquire(blocking, timeout)
        return self._acquire(agent, blocking, timeout)

    def _pretend(self, agent: Agent) -> bool:
        agent.pretended.append(self._raw)  # or its release would end somebody else's hold
        return True

    def enter(self) -> bool:
        """The long way into a `with` block: outside a run, contended, in a simulated one, or unwinding."""
        agent = here.agent
        return self._raw.acquire() if agent is None else self._acquire(agent, True, -1)

    @unswitched
    def release(self) -> None:
        """Release the lock, whichever thread acquired it. Raises RuntimeError where it is not locked."""
        pen = here.pen
        if pen is None:
            return self._release()
        code = self._released_plain
        if pen.lines:
            for frame in CALLER:
                break
            try:
                seen, code = self._released[frame.f_lasti]
            except KeyError:
                seen = None
            if frame.f_code is not seen:
                code = self._see(Kind.RELEASED, frame, self._released)
        for time in CLOCK:
            break
        try:
            for _ in self._releases:
                break
        except RuntimeError as error:
            self._refuse(error)
            raise
        entries = pen.entries
        entries += time, code

    def leave(self) -> None:
        """The long way out of a `with` block."""
        self._release()

    def way_out(self) -> int:
        """The code of leaving a block at the program's line that is being executed."""
        return self._identity.code(Kind.RELEASED, user_frame(_getframe(2)))

    def left(self, time: int, code: int) -> None:
        """A block that was entered the short way was left at that time, ns, by another thread, or when its
        run was over.
        """
        agent = here.agent
        if agent is not None and not agent.unwinding:
            when = time if agent.runtime.direct else agent.runtime.now()
            agent.log.extend((when, code or self.way_out()))

    def refuse(self, error: RuntimeError) -> None:
        """A block that was entered the short way could not release the lock: only an unwinding thread may
        have lost it.
        """
        if here.agent is None or not here.agent.unwinding:
            self._refuse(error)
            raise error

    @unswitched
    def _release(self) -> None:
        """The long way: outside a run, in a simulated one, or unwinding."""
        agent = here.agent
        if agent is None:
            self._raw.release()
        elif agent.point(Kind.RELEASED, self._identity.serial):
            self._recorded_release(agent)
        elif self._raw in agent.pretended:
            agent.pretended.remove(self._raw)
        else:
            unlock(self._raw)

    @unswitched
    def _recorded_release(self, agent: Agent) -> None:
        released, entries = agent.code(Kind.RELEASED, self._identity), agent.log.entries
        time = agent.runtime.now()
        try:
            for _ in self._releases:
                break
        except RuntimeError as error:
            self._refuse(error)
            raise
        entries += time, released

    def locked(self) -> bool:
        """Whether the lock is held, by whichever thread."""
        agent = here.agent
        if agent is not None:
            agent.glance(Kind.ACQUIRED, self._identity.serial)
        return self._raw.locked()

    def _is_owned(self) -> bool:
        return self._raw.locked()  # for Condition, which would otherwise probe by acquiring

    # obsolete names, as threading has them
    acquire_lock, release_lock, locked_lock = acquire, release, locked

    def give_back(self) -> None:
        """Unlock it: a run that had to be ended gives back what its threads held."""
        unlock(self._raw)

    def _at_fork_reinit(self) -> None:
        self._raw._at_fork_reinit()  # type: ignore[attr-defined]  # in place: its core has the same

    def __reduce__(self) -> NoReturn:
        raise TypeError("cannot pickle '_thread.lock' object")

    def __repr__(self) -> str:
        state = "locked" if self._raw.locked() else "unlocked"
        return f"<{state} {type(self).__module__}.{type(self).__qualname__} object at {id(self):#x}>"


class RLock(_Mutex):
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

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        """Acquire the lock, or go one level deeper where the calling thread holds it.

        Waits unless `blocking` is false, at most `timeout` seconds (-1: without limit). Returns whether it
        was acquired. Raises ValueError for a negative timeout other than -1, and for a timeout with
        blocking=False.
        """
        pen = here.pen
        if pen is not None and blocking is True and timeout == -1 and self._enter(pen):
            return True
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
            if blocking is not True or timeout != -1:
                allocate_lock().acquire(blocking, timeout)  # raises what threading raises for wrong arguments
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
    def release(self) -> None:
        """Release one level. Raises RuntimeError where the calling thread does not hold the lock."""
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
        if agent is not None and not agent.point(Kind.RELEASED, self._identity.serial):
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
            agent.record(kind, self._identity, arg)

    @property
    def owner(self) -> int:
        """The ident of the thread that holds it; 0 where nobody does."""
        return self._owner

    def give_back(self) -> None:
        """Unlock it: a run that had to be ended gives back what its threads held."""
        self._owner = self._count = 0
        unlock(self._raw)

    # What Condition needs.

    def _is_owned(self) -> bool:
        return self._owner == get_ident()

    def _recursion_count(self) -> int:
        return self._count if self._is_owned() else 0

    def _release_save(self) -> tuple[int, int]:
        if not self._count:
            raise RuntimeError("cannot release un-acquired lock")
        state = self._count, self._owner
        self._record(here.agent, Kind.RELEASED, self._count)
        self._owner = self._count = 0
        self._raw.release()
        return state

    def _acquire_restore(self, state: tuple[int, int]) -> None:
        agent = here.agent
        if agent is not None and agent.unwinding:
            return  # it must not block: the thread goes on without
        if agent is None:
            self._raw.acquire()
        else:
            self._reacquire(agent, state[0])
        self._count, self._owner = state

    def _reacquire(self, agent: Agent, levels: int) -> None:
        if not self._raw.acquire(False):
            agent.wait(self._identity, self, None)
        agent.record(Kind.ACQUIRED, self._identity, levels)

    def _at_fork_reinit(self) -> None:
        self._raw._at_fork_reinit()  # type: ignore[attr-defined]
        self._owner = self._count = 0

    def __reduce__(self) -> NoReturn:
        raise TypeError("cannot pickle '_thread.RLock' object")

    def __repr__(self) -> str:
        state = "locked" if self._raw.locked() else "unlocked"
        name = f"{type(self).__module__}.{type(self).__qualname__}"
        return f"<{state} {name} object owner={self._owner} count={self._count} at {id(self):#x}>"
