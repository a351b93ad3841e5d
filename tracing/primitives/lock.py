"""Lock: the face of `threading.Lock`. For the rule and how it works see `mutex`."""

from __future__ import annotations

from time import perf_counter_ns

from tracing.cpython.frames import getframe
from tracing.cpython.locks import renew
from tracing.events import Kind
from tracing.primitives.mutex import NOWHERE, Mutex
from tracing.recorder import Identity
from tracing.runtime import AGENTS, Agent, here, unlock


class Lock(Mutex):
    """`threading.Lock`, recorded: not re-entrant, without an owner; any thread may release it.

    Same signatures, results and exceptions as `threading.Lock` on the running version of Python.
    """

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__(Identity("Lock", self))

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        """Acquire the lock; wait for it unless `blocking` is false, at most `timeout` seconds (-1: without
        limit).

        Returns whether it was acquired. Raises ValueError for a negative timeout other than -1, and for a
        timeout with blocking=False.
        """
        if not AGENTS or (agent := here.agent) is None:
            return self._raw.acquire(blocking, timeout)
        if agent.quick and blocking is True and timeout == -1:
            entries, code = agent.entries, self._acquired_plain
            if agent.lines:
                frame = getframe(1)
                seen, code = self._acquired.get(frame.f_lasti, NOWHERE)
                if seen is not frame.f_code:
                    code = self._see(Kind.ACQUIRED, frame, self._acquired)
            try:
                if self._raw.acquire(False):
                    entries += perf_counter_ns(), code
                    return True
            except BaseException:  # not of these calls, but of a signal, or of the run's end
                agent.unsure.append(self._tracing_identity.serial)
                raise
        return self.acquire_long(agent, blocking, timeout)

    def release(self) -> None:
        """Release the lock, whichever thread acquired it. Raises RuntimeError where it is not locked."""
        if not AGENTS or (agent := here.agent) is None:
            return self._raw.release()
        if agent.quick:
            time, entries, code = perf_counter_ns(), agent.entries, self._released_plain
            try:
                self._raw.release()
                if agent.lines:
                    frame = getframe(1)
                    seen, code = self._released.get(frame.f_lasti, NOWHERE)
                    if seen is not frame.f_code:
                        code = self._see(Kind.RELEASED, frame, self._released)
            except BaseException as raised:
                if type(raised) is RuntimeError:
                    self.refuse(agent, raised)
                else:  # a signal, the run's end, or no room on the stack to look: it is released
                    entries += time, self._released_plain
                raise
            entries += time, code
        else:
            self.release_long(agent)

    # `with`: the same, written out once more. A method of its own for both would be one more call each way, a
    # tenth of the time, and one more place in a hold at which the interpreter switches threads.

    def __enter__(self) -> bool:
        if not AGENTS or (agent := here.agent) is None:
            return self._raw.acquire()
        if agent.quick:
            entries, code = agent.entries, self._acquired_plain
            if agent.lines:
                frame = getframe(1)
                seen, code = self._acquired.get(frame.f_lasti, NOWHERE)
                if seen is not frame.f_code:
                    code = self._see(Kind.ACQUIRED, frame, self._acquired)
            try:
                if self._raw.acquire(False):
                    entries += perf_counter_ns(), code
                    return True
            except BaseException:
                agent.unsure.append(self._tracing_identity.serial)
                raise
        return self.acquire_long(agent, True, -1)

    def __exit__(self, kind: object = None, error: object = None, traceback: object = None) -> None:
        if not AGENTS or (agent := here.agent) is None:
            return self._raw.release()
        if agent.quick:
            time, entries, code = perf_counter_ns(), agent.entries, self._released_plain
            try:
                self._raw.release()
                if agent.lines:
                    frame = getframe(1)
                    seen, code = self._released.get(frame.f_lasti, NOWHERE)
                    if seen is not frame.f_code:
                        code = self._see(Kind.RELEASED, frame, self._released)
            except BaseException as raised:
                if type(raised) is RuntimeError:
                    self.refuse(agent, raised)
                else:
                    entries += time, self._released_plain
                raise
            entries += time, code
        else:
            self.release_long(agent)

    def locked(self) -> bool:
        """Whether the lock is held, by whichever thread."""
        self.look()
        return self._raw.locked()

    # obsolete names, as threading has them
    acquire_lock, release_lock, locked_lock = acquire, release, locked

    def release_long(self, agent: Agent) -> None:
        """The long way out: of a simulated run, or unwinding."""
        if agent.point_out(Kind.RELEASED, self._tracing_identity.serial):
            super().release_long(agent)
        elif self._raw in agent.pretended:
            agent.pretended.remove(self._raw)
        else:
            unlock(self._raw)

    def pretend(self, agent: Agent) -> bool:
        agent.pretended.append(self._raw)  # or its release would end somebody else's hold
        return True

    # What Condition needs.

    def is_owned(self) -> bool:
        return self._raw.locked()

    def give_up(self) -> None:
        agent = here.agent
        if agent is None or agent.unwinding:
            self.release()
        elif agent.point(Kind.RELEASED, self._tracing_identity.serial):
            self.let_go(agent)

    def take_back(self, state: object) -> None:
        agent = here.agent
        if agent is None:
            self._raw.acquire()
        else:
            self.acquire_long(agent, True, -1)

    def renew(self) -> None:
        renew(self._raw)

    def __repr__(self) -> str:
        self.look()
        state = "locked" if self._raw.locked() else "unlocked"
        return f"<{state} {type(self).__module__}.{type(self).__qualname__} object at {id(self):#x}>"
