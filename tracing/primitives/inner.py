"""What Condition, Semaphore, Event and Barrier wait with.

Owns: `wait_at_gate`, CPython's algorithm of waiting on a condition, on our runtime; `InnerCondition`, a
condition that is not recorded itself; and `Operation`, one operation of a primitive that is built on it.

Rule: locks inside other primitives are silent: one operation of the program is one record.

How it works: our primitives are CPython's own classes (`threading.Semaphore` and so on), whose code is
Python, with an `InnerCondition` to wait on (see `cpython.locks`). So results, exceptions and fairness are
those of the running version. The first wait inside an operation records WAIT, while the inner lock is held:
the record has the true order of the queue.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from contextlib import suppress
from threading import BrokenBarrierError
from types import TracebackType
from typing import Any

from tracing.cpython.durations import above_zero
from tracing.cpython.locks import give_up, lock_of, take_back, waiters_of
from tracing.cpython.stack import room
from tracing.events import Kind, Woken
from tracing.primitives.mutex import MOMENT, SilentLock
from tracing.recorder import Identity
from tracing.runtime import Agent, Gate, RawWaitable, Run, Unwind, here, nanoseconds

HELD: Any = object()
"""In place of the state in which the lock was given up: it has not been."""


def _ignore(agent: Agent, how: Woken | None) -> None:
    """Nobody wants to know."""


def wait_at_gate(
    condition: threading.Condition,
    agent: Agent,
    timeout: float | None,
    woke: Callable[[Agent, Woken | None], None] = _ignore,
) -> bool:
    """`threading.Condition.wait` with the runtime's waiting in place of a raw lock's; the caller holds the
    lock.

    `woke` is told between waking up and taking the lock again; None: it never gave it up.
    Algorithm: CPython, Lib/threading.py.
    """
    gate, waiters, how, state = Gate(agent), waiters_of(condition), Woken.INTERRUPTED, HELD
    try:
        waiters.append(gate)
        state = give_up(condition)
        notified = agent.wait_until(gate, timeout)
        how = Woken.NOTIFIED if notified else Woken.TIMED_OUT
        return notified
    finally:
        try:
            woke(agent, None if state is HELD else how)
        except BaseException:
            woke(agent, None if state is HELD else how)  # twice on record does no harm
            raise
        finally:  # not in a function of its own: Ctrl-C could come as it is entered
            try:
                if state is not HELD:
                    take_back(condition, state)
            except Unwind:
                raise
            except BaseException:
                if isinstance(lock_of(condition), RawWaitable):  # ours raise only where they were not had
                    take_back(condition, state)
                raise
            finally:
                if how is not Woken.NOTIFIED:
                    with suppress(ValueError):  # a notification came late, or the end of the run was quicker
                        waiters.remove(gate)


class InnerCondition(threading.Condition):
    """A silent condition whose waits are recorded as waits for the primitive that it belongs to."""

    def __init__(self, identity: Identity) -> None:
        super().__init__(SilentLock())  # type: ignore[arg-type]
        self.identity = identity

    def wait(self, timeout: float | None = None) -> bool:
        room()
        agent = here.agent
        if agent is None:
            return super().wait(timeout)
        timeout = above_zero(timeout)
        if agent.unannounced == self.identity.serial:
            agent.unannounced = 0
            agent.record(self.kind(), self.identity, nanoseconds(timeout))
        return wait_at_gate(self, agent, timeout)

    def kind(self) -> Kind:
        """Of the event by which such a wait begins."""
        return Kind.WAIT

    def give_back(self, run: Run) -> None:
        """After the end of a run: free the lock, and forget the waiters, that its threads may have left."""
        lock: SilentLock = lock_of(self)
        lock.acquire(timeout=MOMENT)
        forget_waiters(self, run)
        lock.open()


def forget_waiters(condition: threading.Condition, run: Run) -> None:
    """A thread that was made to unwind may have left its gate in the queue: notifying it would be in vain.

    Holds no lock, which such a thread may have left locked: others may remove gates meanwhile.
    """
    waiters = waiters_of(condition)
    for gate in waiters.copy():  # in one go, unlike a loop over it
        if isinstance(gate, Gate) and gate.agent.run is run:
            with suppress(ValueError):
                waiters.remove(gate)


class Operation:
    """One operation, by a thread of a run, of a primitive built on an InnerCondition: a context manager
    around it.

    Its first inner wait is recorded; `waited` says whether there was one; an exception of the waiting itself
    (Ctrl-C, the end of the run) closes the wait with CUT. There may be others within it: of a barrier's
    action, of a signal handler.
    """

    __slots__ = ("agent", "around", "identity")

    def __init__(self, agent: Agent, identity: Identity) -> None:
        self.agent, self.identity = agent, identity

    def __enter__(self) -> Operation:
        self.around = self.agent.unannounced
        self.agent.unannounced = self.identity.serial
        return self

    @property
    def waited(self) -> bool:
        return not self.agent.unannounced

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            if error is not None and self.waited and not isinstance(error, BrokenBarrierError):
                self.agent.record(Kind.CUT, self.identity)
        finally:
            self.agent.unannounced = self.around


def in_words(error: BaseException) -> str:
    """An exception as a reader knows it: "ValueError: no such thing"."""
    try:
        text = str(error)
    except Exception as bad:
        text = f"its __str__ raised {type(bad).__name__}"
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def as_threading(text: str) -> str:
    """A repr as `threading`'s own class would give it."""
    return re.sub(r"^<tracing\.primitives\.\w+\.", "<threading.", text)
