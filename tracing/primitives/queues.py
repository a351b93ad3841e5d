"""Queues: what a plain `queue.Queue`, `LifoQueue` or `PriorityQueue` does while a run lasts.

Owns: the methods that stand in the class `queue.Queue` meanwhile; and `QueueLog`, what runs know of one
queue.

Rule: the queue itself is not touched: no attribute, no other class. A thread of no run does what it always
does; but the items that it puts into, or takes out of, a queue that runs know are counted, so that each get
is tied to the right put. One operation is one record, stamped while the queue's mutex is held.

How it works: the operations are CPython's own code, with a word at each step (`cpython.queues`). Where a
thread has to wait it waits at a `Gate` on the queue's own condition: whoever puts or takes, in whichever
thread, notifies it as any other waiter. A queue has an identity for the record from when a thread of a run
makes it, or first uses it.
"""

from __future__ import annotations

import threading
from _thread import LockType
from collections import deque
from collections.abc import Callable
from functools import wraps
from queue import Empty, Full, LifoQueue, PriorityQueue, Queue
from types import FrameType
from typing import Any

from tracing.cpython import queues
from tracing.cpython.frames import getframe
from tracing.cpython.locks import lock_of
from tracing.cpython.queues import HAS_SHUTDOWN, ShutDown
from tracing.events import LENGTH_BITS, Kind
from tracing.naming import held_by
from tracing.primitives.inner import in_words, wait_at_gate
from tracing.primitives.known import Known, is_inside
from tracing.primitives.mutex import NOWHERE, LibraryLock, Seen, SilentLock
from tracing.recorder import Identity, user_frame
from tracing.runtime import AGENTS, Agent, RawWaitable, here, nanoseconds

PUT, GOT = int(Kind.PUT), int(Kind.GOT)  # hashed at every put and get: a Kind takes three times as long
KINDS = (LifoQueue, PriorityQueue, Queue)


def settle(numbers: deque[int], length: int) -> None:
    """There are so many items in a queue that gives first what was put first, or last, of which these are the
    numbers.

    The program may change the queue's own list: the numbers that are too many, or missing, are then those of
    the items that were there first, for which 0 stands.
    """
    while len(numbers) > length:
        numbers.popleft()
    numbers.extendleft([0] * (length - len(numbers)))


class NumbersByItem:
    """The numbers of the items in a queue of which the program decides what it gives first."""

    def __init__(self) -> None:
        self._numbers: dict[int, deque[int]] = {}  # by id: equal items need not be the same
        self._length = 0

    def settle(self, length: int) -> None:
        """There are so many: which of those that were known are still there, nobody can say."""
        if length != self._length:
            self._numbers.clear()
            self._length = length

    def add(self, item: object, number: int) -> None:
        self._length += 1
        self._numbers.setdefault(id(item), deque()).append(number)

    def take(self, item: object) -> int:
        """0: it is another object than the one that was put."""
        self._length -= 1
        numbers = self._numbers.get(id(item))
        if not numbers:
            return 0
        number = numbers.popleft()
        if not numbers:
            del self._numbers[id(item)]
        return number


class QueueLog(Known):
    """What runs know of one queue: told by `cpython.queues`, with the agent of the thread that does it.

    None for the agent: a thread of no run, whose items are counted, but not recorded.
    """

    __slots__ = ("_got", "_last_first", "_numbers", "_put", "_puts", "met", "plain")
    told = True  # what is done with it is recorded

    def __init__(self, queue: Any, identity: Identity, *, last_first: bool = False) -> None:
        super().__init__(queue, identity, FORGET)
        self.plain = type(self) is QueueLog
        self.met = 0  # by which run: the first number of its recorder
        self._put: Seen = {}
        self._got: Seen = {}
        self._last_first = last_first
        self._count_anew()

    def _count_anew(self) -> None:
        """The next item that is put is the first; those that are there have no number."""
        self._puts = 0
        self._numbers: Any = deque()  # of the items that are in it, the oldest first

    def begins(self, by: Agent, kind: Kind) -> bool:
        """A thread of a run is about to do something with the queue. False: it unwinds, do nothing.

        What a queue that was made in a simulated run is about to do, its mutex announces.
        """
        queue, run = self.thing(), by.first
        by.meet(self.identity, max(queue.maxsize, 0))
        if run > self.met:  # else it is used in several runs at the same time
            self.met = run
            self._count_anew()
        if by.quick:
            return True
        if isinstance(queue.mutex, LibraryLock) and not by.runtime.direct:
            return not by.run.ended or by.unwind()
        return by.point(kind, self.identity.serial)

    def is_older(self, by: Agent) -> bool:
        """Whether the queue was there before the thread's run, on the real clock."""
        direct, identity = by.runtime.direct, self.identity
        return direct and (not identity.place or identity.serial < by.first)

    # Told by cpython.queues

    def has_put(self, by: Agent | None, item: object, length: int) -> None:
        numbers = self._numbers
        if len(numbers) != length - 1:
            settle(numbers, length - 1)
        self._puts = number = self._puts + 1
        numbers.append(number)
        if by is not None:
            if by.lines:
                frame = getframe(3)  # this, cpython.queues.put, the method: whoever called that
                seen, code = self._put.get(frame.f_lasti, NOWHERE)
                if seen is not frame.f_code:
                    code = self._see(PUT, self._put, frame)
            else:
                code = self.identity.code(PUT, None)
            entries = by.entries
            entries += (by.now(), code, number << LENGTH_BITS | length, 0)

    def has_got(self, by: Agent | None, item: object, length: int) -> None:
        numbers = self._numbers
        if len(numbers) != length + 1:
            settle(numbers, length + 1)
        number = numbers.pop() if self._last_first else numbers.popleft()
        if by is not None:
            if by.lines:
                frame = getframe(3)
                seen, code = self._got.get(frame.f_lasti, NOWHERE)
                if seen is not frame.f_code:
                    code = self._see(GOT, self._got, frame)
            else:
                code = self.identity.code(GOT, None)
            entries = by.entries
            entries += (by.now(), code, number << LENGTH_BITS | length, 0)

    def has_done(self, by: Agent | None, unfinished: int) -> None:
        self.record(by, Kind.TASK_DONE, unfinished)

    def all_done(self, by: Agent | None) -> None:
        self.record(by, Kind.TASKS_JOINED)

    def has_shut_down(self, by: Agent | None, dropped: int) -> None:
        self.record(by, Kind.SHUT_DOWN, dropped)

    def is_refused(self, by: Agent | None, error: Exception) -> None:
        kind = REFUSALS.get(type(error), Kind.REFUSED)
        self.record(by, kind, in_words(error) if kind is Kind.REFUSED else None)

    def wait_to_put(self, by: Agent | None, full: Callable[[], bool], timeout: float | None) -> None:
        wait = Wait(self, by, Kind.PUT_WAIT, nanoseconds(timeout))
        wait.on(self.thing().not_full, full, timeout, Full)

    def wait_to_get(self, by: Agent | None, empty: Callable[[], bool], timeout: float | None) -> None:
        wait = Wait(self, by, Kind.GET_WAIT, nanoseconds(timeout))
        wait.on(self.thing().not_empty, empty, timeout, Empty)

    def wait_for_all(self, by: Agent | None, unfinished: Callable[[], bool]) -> None:
        queue = self.thing()
        wait = Wait(self, by, Kind.TASKS_WAIT, queue.unfinished_tasks)
        wait.on(queue.all_tasks_done, unfinished, None, Empty)

    def record(self, by: Agent | None, kind: Kind, arg: int | str | None = None) -> None:
        """The calling thread does that, if it is of a run."""
        if by is not None:
            by.record(kind, self.identity, arg)

    def _see(self, kind: int, places: Seen, frame: FrameType) -> int:
        """The code of that event at the program's line, kept for use again where the program called `put` or
        `get`, not a library.
        """
        user = user_frame(frame)
        code = self.identity.code(kind, user)
        if user is frame:
            places[frame.f_lasti] = frame.f_code, code
        return code


class MutexOf:
    """The mutex of a queue, as something to wait for."""

    SLICE = 0.05  # s: it is the program's, and not to be opened from outside

    def __init__(self, queue: Any) -> None:
        self._mutex, self._opened = queue.mutex, False

    def ready(self) -> bool:
        return not is_locked(self._mutex)

    def take(self, seconds: float) -> bool:
        while not (self._opened or self._mutex.acquire(timeout=self.SLICE)):
            pass
        if not self._opened:
            self._mutex.release()
        return not self._opened

    def open(self) -> None:
        self._opened = True


def is_locked(mutex: Any) -> bool:
    """Whether a thread has the mutex of a queue; asked by us, and so announced by nobody."""
    if isinstance(mutex, LibraryLock):
        return SilentLock.locked(mutex)
    return type(mutex) is LockType and mutex.locked()


def is_in_use(queue: Any, by: Agent) -> bool:
    """Whether a thread has the mutex of the queue. Nobody has it for long."""
    return (by.quick or not by.runtime.direct) and is_locked(queue.mutex)


def wait_for_itself(queue: Any, log: QueueLog, by: Agent) -> None:
    """Where the thread has the mutex of the queue itself, in an operation that was interrupted by a finaliser
    or a signal handler: it waits, on record, for what it holds. Else nothing.
    """
    holder = queues.frame_that_holds(queue, getframe(2))
    if holder is None or by.unwinding:
        return
    mutex = Identity("Lock", queue.mutex, owner=log.identity.serial, found="")
    code = mutex.code(Kind.ACQUIRED, user_frame(holder) if by.lines else None)
    by.log.extend((by.now(), code))
    own = MutexOf(queue)
    if not by.point(Kind.ACQUIRED, mutex.serial, own):
        return
    by.wait(mutex, own, None)
    by.record(Kind.CUT, mutex)  # it was another thread's after all
    by.record(Kind.RELEASED, mutex)


class OwnOrderLog(QueueLog):
    """Of a queue of which the program decides what it gives first: a PriorityQueue, a class of its own."""

    __slots__ = ()

    def _count_anew(self) -> None:
        self._puts = 0
        self._numbers = NumbersByItem()

    def has_put(self, by: Agent | None, item: object, length: int) -> None:
        self._puts += 1
        self._numbers.settle(length - 1)
        self._numbers.add(item, self._puts)
        self.record(by, Kind.PUT, packed(self._puts, length))

    def has_got(self, by: Agent | None, item: object, length: int) -> None:
        self._numbers.settle(length + 1)
        self.record(by, Kind.GOT, packed(self._numbers.take(item), length))


def packed(number: int, length: object) -> int:
    """The arg of PUT and GOT. The program's own class may say anything of its length."""
    known = isinstance(length, int) and 0 <= length < 1 << LENGTH_BITS
    return number << LENGTH_BITS | (int(length) if known else 0)  # type: ignore[call-overload]


class LibraryQueueLog(QueueLog):
    """Of a queue inside a library: nothing is recorded, but its waits are those of the run."""

    __slots__ = ()
    told = False

    def has_put(self, by: Agent | None, item: object, length: int) -> None:
        """Not this."""

    def has_got(self, by: Agent | None, item: object, length: int) -> None:
        """Nor this."""

    def record(self, by: Agent | None, kind: Kind, arg: int | str | None = None) -> None:
        """Nor anything else."""


REFUSALS: dict[type[Exception], Kind] = {
    Full: Kind.WOULD_BLOCK,
    Empty: Kind.WOULD_BLOCK,
    ShutDown: Kind.SHUT_OUT,
}
"""How an operation is recorded that raises such an exception. Any other: in its own words."""


class Wait:
    """A wait of a thread within an operation on a queue. kind and arg: how it is recorded that it begins."""

    def __init__(self, log: QueueLog, by: Agent | None, kind: Kind, arg: int) -> None:
        self._log, self._by, self._kind, self._arg = log, by, kind, arg
        self._began = False

    def on(
        self,
        condition: threading.Condition,
        blocked: Callable[[], bool],
        timeout: float | None,
        late: type[Exception],
    ) -> None:
        """Wait for notifications as long as `blocked()`; raise `late` where that takes longer than the
        timeout (seconds). The calling thread holds the condition's lock.

        Algorithm: CPython, Lib/queue.py.
        """
        end = None if timeout is None else queues.now() + timeout
        try:
            while blocked():
                rest = None if end is None else end - queues.now()
                if rest is not None and rest <= 0.0:
                    raise late
                self._wait(condition, rest)
        except BaseException as error:
            self._fails(error, late)
            raise

    def _wait(self, condition: threading.Condition, seconds: float | None) -> None:
        by, lock = self._by, lock_of(condition)
        if by is None:
            condition.wait(seconds)
            return
        if not self._began:
            self._began = True
            self._log.record(by, self._kind, self._arg)
        around, by.older = by.older, self._log.is_older(by)
        try:
            if type(condition) is threading.Condition and (self._log.told or by.runtime.direct):
                by.retakes = lock if isinstance(lock, RawWaitable) else None
                wait_at_gate(condition, by, seconds)
            else:  # the program's own; a library's, in a simulated run, where it waits as the run does
                condition.wait(seconds)
        finally:
            by.older = around

    def _fails(self, error: BaseException, late: type[Exception]) -> None:
        if isinstance(error, late | ShutDown) and not (self._began and type(error) is late):
            self._log.is_refused(self._by, error)
        elif self._began:
            self._log.record(self._by, Kind.TIMED_OUT if type(error) is late else Kind.CUT)


LOGS: dict[int, QueueLog] = {}
"""By id: of the queues that runs have met. A queue that goes takes its own along."""
FORGET = LOGS.pop


def _log_of(queue: Queue[Any], by: Agent | None) -> QueueLog | None:
    """What runs know of a queue that is used for the first time; None: not by a thread of a run."""
    if by is None:
        return None
    caller = getframe(2)
    return _meet(queue, held_by(caller, queue), caller)


def _meet(queue: Queue[Any], found: str | None = None, caller: FrameType | None = None) -> QueueLog:
    """Know it from now on. found: what it is called, where it was made before anybody looked ("" is no name);
    caller: who uses it then.
    """
    kind = next(kind for kind in KINDS if isinstance(queue, kind)).__name__
    identity = Identity(kind, queue, found=found)
    return LOGS.setdefault(id(queue), _new_log(queue, identity, inside=is_inside(identity, caller)))


def _new_log(queue: Queue[Any], identity: Identity, *, inside: bool) -> QueueLog:
    if inside:
        return LibraryQueueLog(queue, identity)
    order = queues.order(type(queue))
    return QueueLog(queue, identity, last_first=order == "lifo") if order else OwnOrderLog(queue, identity)


# The methods

QUEUE: Any = Queue
INIT, THEIR_PUT, THEIR_GET = QUEUE.__init__, QUEUE.put, QUEUE.get
TASK_DONE, JOIN = QUEUE.task_done, QUEUE.join
SHUTDOWN: Any = getattr(QUEUE, "shutdown", None)


@wraps(INIT)
def init(self: Any, maxsize: int = 0) -> None:
    INIT(self, maxsize)
    if here.agent is not None:
        _meet(self)


@wraps(THEIR_PUT)
def put(self: Any, item: Any, block: bool = True, timeout: float | None = None) -> None:
    by = here.agent if AGENTS else None
    log = LOGS.get(id(self)) or _log_of(self, by)
    if log is None:
        THEIR_PUT(self, item, block, timeout)
        return
    if by is not None:
        mutex = self.mutex
        if mutex.locked() if by.quick and type(mutex) is LockType else is_in_use(self, by):
            wait_for_itself(self, log, by)
        if not (by.quick and log.met == by.first) and not log.begins(by, Kind.PUT):
            return
    queues.put(self, item, block, timeout, log, by)


@wraps(THEIR_GET)
def get(self: Any, block: bool = True, timeout: float | None = None) -> Any:
    by = here.agent if AGENTS else None
    log = LOGS.get(id(self)) or _log_of(self, by)
    if log is None:
        return THEIR_GET(self, block, timeout)
    if by is not None:
        mutex = self.mutex
        if mutex.locked() if by.quick and type(mutex) is LockType else is_in_use(self, by):
            wait_for_itself(self, log, by)
        if not (by.quick and log.met == by.first) and not log.begins(by, Kind.GOT):
            return None
    return queues.get(self, block, timeout, log, by)


@wraps(TASK_DONE)
def task_done(self: Any) -> None:
    by = here.agent if AGENTS else None
    log = LOGS.get(id(self)) or _log_of(self, by)
    if log is None:
        TASK_DONE(self)
    elif by is None or log.begins(by, Kind.TASK_DONE):
        queues.task_done(self, log, by)


@wraps(JOIN)
def join(self: Any) -> None:
    by = here.agent if AGENTS else None
    log = LOGS.get(id(self)) or _log_of(self, by)
    if log is None:
        JOIN(self)
    elif by is None or log.begins(by, Kind.TASKS_JOINED):
        queues.join(self, log, by)


def shutdown(self: Any, immediate: bool = False) -> None:
    by = here.agent if AGENTS else None
    log = LOGS.get(id(self)) or _log_of(self, by)
    if log is None:
        SHUTDOWN(self, immediate)
    elif by is None or log.begins(by, Kind.SHUT_DOWN):
        queues.shutdown(self, immediate, log, by)


def _looking(original: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """The original, announced: for a queue whose mutex does not announce that it is taken."""

    @wraps(original)
    def look(self: Any) -> Any:
        by = here.agent
        if by is not None and not (by.runtime.direct or isinstance(self.mutex, LibraryLock)):
            log = LOGS.get(id(self)) or _meet(self, held_by(getframe(1), self), getframe(1))
            by.glance(Kind.GOT, log.identity.serial)
        return original(self)

    return look


METHODS: dict[str, Any] = {"__init__": init, "put": put, "get": get, "task_done": task_done, "join": join}
if HAS_SHUTDOWN:
    METHODS["shutdown"] = wraps(SHUTDOWN)(shutdown)

QUEUES: tuple[tuple[Any, str, Any], ...] = tuple((QUEUE, name, method) for name, method in METHODS.items())
"""What stands in `queue.Queue` while a run lasts: owner, name, method."""
LOOKS: tuple[tuple[Any, str, Any], ...] = tuple(
    (QUEUE, name, _looking(getattr(QUEUE, name))) for name in ("qsize", "empty", "full")
)
"""What stands there besides while a simulated run lasts."""
