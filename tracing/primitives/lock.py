"""Lock: the face of `threading.Lock`.

Owns: acquiring and releasing by calls; `with lock:` is in `block`, which makes each lock its own `__enter__`
and `__exit__`. For the rule and how it works see `mutex`.
"""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING, Any

from tracing.events import Kind
from tracing.primitives.block import OwnBlocks, blocks
from tracing.primitives.mutex import NOWHERE, Mutex
from tracing.primitives.native import AT_LENGTH, Native, asked, stands_for
from tracing.recorder import Identity, user_frame
from tracing.runtime import Agent, here, unlock
from tracing.runtime.unswitched import CALLER, CLOCK, unswitched

_getframe = sys._getframe
_THEIRS = threading.Lock


class Lock(Mutex, metaclass=OwnBlocks):
    """`threading.Lock`, recorded: not re-entrant, without an owner; any thread may release it.

    Same signatures, results and exceptions as `threading.Lock` on the running version of Python.
    """

    __slots__ = ("__enter__", "__exit__")
    if TYPE_CHECKING:  # each lock has its own; to a type checker they are methods, as everywhere

        def __enter__(self) -> bool: ...

        def __exit__(self, *exc_info: object) -> None: ...

    @stands_for(Native.make)
    def __init__(self, *arguments: object, **named: object) -> None:
        if arguments or named:
            _THEIRS(*arguments, **named)  # refuses them
        super().__init__(Identity("Lock", self))
        core = Lock.__new__(Lock)  # the same lock without blocks; see primitives.block
        Mutex.__init__(core, self._tracing_identity, self._raw)
        self.__enter__, self.__exit__ = blocks(core)  # type: ignore[method-assign]

    @stands_for(Native.acquire)
    def acquire(self, *arguments: Any, **named: Any) -> bool:
        """Acquire the lock; wait for it unless `blocking` is false, at most `timeout` seconds (-1: without
        limit).

        Returns whether it was acquired. Raises ValueError for a negative timeout other than -1, and for a
        timeout with blocking=False.
        """
        pen = here.pen
        if pen is not None and not arguments and not named:
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
        blocking, timeout = asked(*arguments, **named) if arguments or named else AT_LENGTH
        if agent is None:
            return self._raw.acquire(blocking, timeout)
        return self._acquire(agent, blocking, timeout)

    def _pretend(self, agent: Agent) -> bool:
        agent.pretended.append(self._raw)  # or its release would end somebody else's hold
        return True

    def enter(self) -> bool:
        """The long way into a `with` block: outside a run, contended, in a simulated one, or unwinding."""
        agent = here.agent
        return self._raw.acquire() if agent is None else self._acquire(agent)

    @unswitched
    @stands_for(Native.release)
    def release(self, *arguments: Any, **named: Any) -> None:
        """Release the lock, whichever thread acquired it. Raises RuntimeError where it is not locked."""
        if arguments or named:
            self._raw.release(*arguments, **named)  # refuses them
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

    def begin_wait(self, agent: Agent) -> bool:
        """Before a contended block waits for the raw lock by itself. False: it must go the long way."""
        if agent.runtime.parks:
            agent.point(Kind.ACQUIRED, self._tracing_identity.serial, self)
            agent.begin_wait(self._tracing_identity, self)
        return agent.runtime.parks

    def leave(self) -> None:
        """The long way out of a `with` block."""
        self._release()

    def way_out(self) -> int:
        """The code of leaving a block at the program's line that is being executed."""
        return self._tracing_identity.code(Kind.RELEASED, user_frame(_getframe(2)))

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
        elif agent.point(Kind.RELEASED, self._tracing_identity.serial):
            self._recorded_release(agent)
        elif self._raw in agent.pretended:
            agent.pretended.remove(self._raw)
        else:
            unlock(self._raw)

    @unswitched
    def _recorded_release(self, agent: Agent) -> None:  # as release(), which has no level of calls to spare
        released, entries = agent.code(Kind.RELEASED, self._tracing_identity), agent.log.entries
        time = agent.runtime.now()
        try:
            for _ in self._releases:
                break
        except RuntimeError as error:
            self._refuse(error)
            raise
        entries += time, released

    @stands_for(Native.locked)
    def locked(self, *arguments: Any, **named: Any) -> bool:
        """Whether the lock is held, by whichever thread."""
        agent = here.agent
        if agent is not None:
            agent.glance(Kind.ACQUIRED, self._tracing_identity.serial)
        return self._raw.locked(*arguments, **named)

    def _is_owned(self) -> bool:
        return self._raw.locked()  # for Condition, which would otherwise probe by acquiring

    # obsolete names, as threading has them
    acquire_lock, release_lock, locked_lock = acquire, release, locked

    def give_back(self) -> None:
        """Unlock it: a run that had to be ended gives back what its threads held."""
        unlock(self._raw)

    def _at_fork_reinit(self) -> None:
        self._raw._at_fork_reinit()  # type: ignore[attr-defined]  # in place: its core has the same

    def __repr__(self) -> str:
        state = "locked" if self._raw.locked() else "unlocked"
        return f"<{state} {type(self).__module__}.{type(self).__qualname__} object at {id(self):#x}>"
