"""The contract of a primitive with the explorer: whatever looks at its state, changes it or waits for it is
announced. `tracing.runtime.Agent` says why.
"""

from __future__ import annotations

import threading
from _thread import allocate_lock
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from queue import Queue
from typing import Any

import pytest
from scenarios.races import in_threads

from tracing import (
    Barrier,
    BoundedSemaphore,
    Condition,
    Event,
    Lock,
    RLock,
    Semaphore,
    SimpleQueue,
    Thread,
    Timer,
    explore,
    simulate,
    sleep,
)
from tracing.cpython.locks import lock_of
from tracing.events import Kind
from tracing.primitives.inner import forget_waiters
from tracing.primitives.life import agent_of
from tracing.primitives.mutex import LibraryLock
from tracing.primitives.queues import LOGS
from tracing.runtime import THREADS, Agent, Gate, here

Call = Callable[[Any], object]


# -- which methods announce what they do ---------------------------------------------------------------------


@dataclass(frozen=True)
class Face:
    """A face under test. make: one of it; touched: what stands for that one in announcements."""

    make: Callable[[], Any]
    touched: Callable[[Any], int]

    def public(self) -> list[str]:
        """What a program may call or read: also what only the object has, and special methods."""
        with simulate():
            primitive = self.make()
        return [name for name in dir(primitive) if _is_public(name, primitive)]


def _is_public(name: str, primitive: object) -> bool:
    if not name.startswith("_"):
        return True
    special = name.startswith("__") and name.endswith("__") and name not in {*dir(object), "__weakref__"}
    return name == "__repr__" or special and callable(getattr(primitive, name))


def serial_of(primitive: Any) -> int:
    return int(primitive._tracing_identity.serial)


def touched_by_condition(condition: Any) -> int:
    return int(condition._tracing_identity.lock or serial_of(condition))


def touched_by_thread(thread: Any) -> int:
    agent = agent_of(thread)
    return THREADS if agent is None else -agent.number


def make_timer() -> Timer:
    return Timer(0, int)


def make_older_queue() -> Queue[int]:
    """Made as before the run: its mutex announces nothing."""
    queue: Queue[int] = Queue()
    queue.mutex = allocate_lock()
    for name in ("not_empty", "not_full", "all_tasks_done"):
        setattr(queue, name, threading.Condition(queue.mutex))
    return queue


FACES = {
    "Lock": Face(Lock, serial_of),
    "RLock": Face(RLock, serial_of),
    "Condition": Face(Condition, touched_by_condition),
    "Condition over a Lock": Face(lambda: Condition(Lock()), touched_by_condition),
    "Condition over another lock": Face(lambda: Condition(threading.Lock()), touched_by_condition),
    "Semaphore": Face(Semaphore, serial_of),
    "BoundedSemaphore": Face(BoundedSemaphore, serial_of),
    "Event": Face(Event, serial_of),
    "Barrier": Face(lambda: Barrier(1), serial_of),
    "SimpleQueue": Face(SimpleQueue, serial_of),
    "Thread": Face(Thread, touched_by_thread),
    "Timer": Face(make_timer, touched_by_thread),
    "Timer.finished": Face(lambda: make_timer().finished, lambda fuse: int(fuse.identity.serial)),
    "LibraryLock": Face(LibraryLock, lambda lock: int(lock._serial)),
    "Queue": Face(Queue, lambda queue: int(queue.mutex._serial)),
    "an older Queue": Face(make_older_queue, lambda queue: LOGS[id(queue)].identity.serial),
}


INSIDE = "part of an operation that has announced itself; `threading` has no such method"
WATCHED = "an attribute of the program's: runtime.preemption sees who reads it and who writes it"
OBSOLETE = "not seen, as runtime.preemption says: obsolete since Python 3.10"
FIXED = "never changes"

LOCK_INSIDES = dict.fromkeys(
    (
        *("acquire_long", "release_long", "try_once", "give", "have", "let_go", "pretend", "refuse", "look"),
        *("give_back", "give_up", "take_back", "is_owned", "renew", "ready", "take", "open"),
    ),
    INSIDE,
)
THREAD_NEEDS_NOT = {
    **dict.fromkeys(("name", "daemon"), WATCHED),
    **dict.fromkeys(("getName", "setName", "isDaemon", "setDaemon"), OBSOLETE),
    "run": "the program's code, not an operation",
}

QUEUE_NEEDS_NOT = {
    **dict.fromkeys(("maxsize", "unfinished_tasks", "queue", "is_shutdown"), WATCHED),
    "__class_getitem__": "of the class",
    "__repr__": "says nothing of its state",
    **dict.fromkeys(
        ("mutex", "not_empty", "not_full", "all_tasks_done"), "only the attribute: it announces for itself"
    ),
}

NEEDS_NOT: dict[str, dict[str, str]] = {
    "Lock": LOCK_INSIDES,
    "RLock": {
        **LOCK_INSIDES,
        **dict.fromkeys(("depth", "owner", "levels"), INSIDE),
        "of_condition": "makes another one",
    },
    "Barrier": {"parties": FIXED},
    "SimpleQueue": {"__class_getitem__": FIXED, "__repr__": "says nothing of its state"},
    "Thread": THREAD_NEEDS_NOT,
    "Timer": {
        **THREAD_NEEDS_NOT,
        **dict.fromkeys(("args", "function", "interval", "kwargs"), WATCHED),
        "finished": "only the attribute: what is done with it, see below",
        "cancel": "announces the timer, not its thread: see below",
    },
    "Timer.finished": {
        **dict.fromkeys(("pending", "fired", "decided", "identity"), INSIDE),
        "cancel": "part of Timer.cancel, which has announced itself",
    },
    "Queue": QUEUE_NEEDS_NOT,
    "an older Queue": QUEUE_NEEDS_NOT,
    "LibraryLock": {
        **dict.fromkeys(("renew", "ready", "take", "open"), INSIDE),
        "is_owned": "threading.Condition asks it in library code that holds the lock: it cannot change",
        "silent": FIXED,
        "__repr__": "says nothing of its state",
    },
}


def hold(primitive: Any) -> None:
    primitive.acquire()


def start(primitive: Any) -> None:
    if isinstance(primitive, threading.Thread):
        primitive.start()


def fill(queue: Any) -> None:
    queue.put(1)


def hold_condition(primitive: Any) -> None:
    if isinstance(primitive, threading.Condition):
        primitive.acquire()


BEFORE: dict[str, Call] = {
    **dict.fromkeys(("release", "release_lock", "__exit__", "give_up"), hold),
    **dict.fromkeys(("wait", "wait_for", "notify", "notify_all", "notifyAll"), hold_condition),
    **dict.fromkeys(("get", "get_nowait", "task_done"), fill),
    "join": start,
}
CALLS: dict[str, Call] = {
    **dict.fromkeys(("put", "put_nowait"), fill),
    "__exit__": lambda primitive: primitive.__exit__(None, None, None),
    "take_back": lambda lock: lock.take_back(None),
    "wait": lambda primitive: primitive.wait(0.001),
    "wait_for": lambda condition: condition.wait_for(bool, 0.001),
}


def use(primitive: Any, name: str) -> None:
    """Do that operation; by default without arguments."""
    if name in CALLS:
        CALLS[name](primitive)
    elif callable(value := getattr(primitive, name)):
        value()


@contextmanager
def announcements() -> Iterator[list[tuple[Kind, int]]]:
    """What the calling thread announces meanwhile: kind and thing."""
    agent, noted = here.agent, []
    assert agent is not None

    def noting(announce: Callable[..., Any]) -> Callable[..., Any]:
        def method(self: Agent, kind: Kind, obj: int, *needs: Any) -> Any:
            if self is agent:
                noted.append((kind, obj))
            return announce(self, kind, obj, *needs)

        return method

    with pytest.MonkeyPatch.context() as patch:
        for name in ("point", "glance", "also"):
            patch.setattr(Agent, name, noting(getattr(Agent, name)))
        yield noted


def is_announced(face: Face, name: str) -> bool:
    """Whether that operation announces something about its primitive."""
    with simulate():
        primitive = face.make()
        BEFORE.get(name, bool)(primitive)
        with announcements() as noted:
            use(primitive, name)
        return face.touched(primitive) in {obj for _, obj in noted}


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("face", FACES)
def test_each_public_operation_is_announced_or_listed_as_one_that_need_not(face: str) -> None:
    listed = NEEDS_NOT.get(face, {})
    names = [name for name in FACES[face].public() if name not in listed]
    assert names
    assert [name for name in names if not is_announced(FACES[face], name)] == []


class Forgetful(Event):
    """Forgets to announce two operations, one of them new."""

    def is_set(self) -> bool:
        return bool(vars(self)["_flag"])

    def is_clear(self) -> bool:
        """A method that `threading` may come to have."""
        return not self.is_set()


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_face_that_forgets_is_found() -> None:
    face = Face(Forgetful, serial_of)
    forgotten = [name for name in face.public() if not is_announced(face, name)]
    assert forgotten == [name for name in ("isSet", "is_clear", "is_set") if hasattr(Forgetful, name)]


def test_cancelling_a_timer_is_announced() -> None:
    with simulate():
        timer = make_timer()
        with announcements() as noted:
            timer.cancel()
    assert noted == [(Kind.CANCELLED, serial_of(timer))]


def test_sleeping_is_announced() -> None:
    with simulate(), announcements() as noted:
        sleep(0)
    assert noted == [(Kind.SLEEP, 0)]


# -- what a search missed where a face forgot ----------------------------------------------------------------


def outcomes(program: Callable[[], object]) -> set[str]:
    """What can come of it, as a search says that has tried every schedule."""
    found = explore(program)
    assert found.coverage.everything
    return {outcome.text for outcome in found.outcomes}


def seen_while(change: Callable[[], object], look: Callable[[], object]) -> object:
    """What one thread sees, once, of what another one does."""
    seen: list[object] = []
    in_threads(named(change, "ann"), named(lambda: seen.append(look()), "bob"))
    return seen[0]


def named(function: Callable[[], object], name: str) -> Callable[[], object]:
    def run() -> object:
        return function()

    run.__name__ = name
    return run


LOOKS: dict[str, tuple[Callable[[], Any], Call, Call]] = {
    "Lock.locked": (Lock, hold, lambda lock: lock.locked()),
    "Event.is_set": (Event, lambda event: event.set(), lambda event: event.is_set()),
    "SimpleQueue.empty": (SimpleQueue, fill, lambda queue: queue.empty()),
    "SimpleQueue.qsize": (SimpleQueue, fill, lambda queue: queue.qsize() == 1),
    "Barrier.broken": (lambda: Barrier(2), lambda barrier: barrier.abort(), lambda barrier: barrier.broken),
    "repr(Lock)": (Lock, hold, lambda lock: " locked" in repr(lock).replace("<", " ")),
    "repr(RLock)": (RLock, hold, lambda lock: " locked" in repr(lock).replace("<", " ")),
    "repr(Event)": (Event, lambda event: event.set(), lambda event: ": set" in repr(event)),
    "repr(Semaphore)": (Semaphore, hold, lambda semaphore: "value=0" in repr(semaphore)),
    "repr(Thread)": (Thread, start, lambda thread: "initial" not in repr(thread)),
    "Thread.is_alive": (
        lambda: Thread(target=Event().wait, args=(1,)),
        start,
        lambda thread: thread.is_alive(),
    ),
    "Thread.ident": (Thread, start, lambda thread: thread.ident is not None),
    "Thread.native_id": (Thread, start, lambda thread: thread.native_id is not None),
    "Timer.finished.is_set": (
        make_timer,
        lambda timer: timer.finished.set(),
        lambda timer: timer.finished.is_set(),
    ),
    "Timer.cancel": (make_timer, lambda timer: timer.cancel(), lambda timer: timer.finished.is_set()),
}
if hasattr(RLock, "locked"):
    LOOKS["RLock.locked"] = (RLock, hold, lambda lock: lock.locked())


@pytest.mark.parametrize("look", LOOKS)
def test_a_search_finds_that_a_look_may_come_before_a_change_and_after(look: str) -> None:
    make, change, see = LOOKS[look]

    def program() -> object:
        primitive = make()
        return seen_while(lambda: change(primitive), lambda: see(primitive))

    assert outcomes(program) == {"True", "False"}


def test_a_search_finds_that_a_thread_may_be_joined_before_it_is_started() -> None:
    def program() -> object:
        thread = Thread()

        def join() -> str:
            try:
                thread.join()
            except RuntimeError as error:
                return str(error)
            return "joined"

        return seen_while(thread.start, join)

    assert outcomes(program) == {"'joined'", "'cannot join thread before it is started'"}


def test_a_search_finds_that_a_thread_may_be_started_before_it_is_made_a_daemon() -> None:
    def program() -> object:
        thread = Thread()

        def make_daemon() -> str:
            try:
                thread.daemon = True
            except RuntimeError as error:
                return str(error)
            return "made"

        return seen_while(thread.start, make_daemon)

    assert outcomes(program) == {"'made'", "'cannot set daemon status of active thread'"}


def test_a_search_finds_a_barrier_between_its_action_and_the_trip() -> None:
    def program() -> object:
        flag = Event()
        barrier = Barrier(1, action=flag.set)
        return seen_while(barrier.wait, lambda: (flag.is_set(), barrier.n_waiting))

    assert outcomes(program) == {"(False, 0)", "(False, 1)", "(True, 0)", "(True, 1)"}


def test_a_search_finds_a_timer_between_its_function_and_finished() -> None:
    def program() -> object:
        flag = Event()
        timer = Timer(0, flag.set)
        timer.start()
        return flag.is_set(), timer.finished.is_set()

    assert outcomes(program) == {"(False, False)", "(False, True)", "(True, False)", "(True, True)"}


class Slow(Queue[int]):
    """A queue of which a thread can be switched away from while it holds its mutex."""

    def _put(self, item: int) -> None:
        Event().is_set()
        super()._put(item)


def test_a_search_finds_the_mutex_of_a_queue_held_and_free() -> None:
    def program() -> object:
        queue = Slow()
        return seen_while(lambda: queue.put(1), lambda: queue.mutex.locked())

    assert outcomes(program) == {"True", "False"}


def start_by_two() -> str:
    """Who comes too late."""
    late: list[str] = []
    thread = Thread()

    def start_as(name: str) -> Callable[[], object]:
        def try_to_start() -> None:
            try:
                thread.start()
            except RuntimeError:
                late.append(name)

        return named(try_to_start, name)

    in_threads(start_as("ann"), start_as("bob"))
    thread.join()
    return ",".join(late)


def test_a_search_finds_that_either_of_two_threads_may_start_a_third() -> None:
    assert outcomes(start_by_two) == {"'ann'", "'bob'"}


@pytest.mark.parametrize("seed", range(10))
def test_a_thread_that_two_others_start_is_refused_to_one_of_them(seed: int) -> None:
    with simulate(seed):
        assert start_by_two() in ("ann", "bob")


# -- waiters that others remove ------------------------------------------------------------------------------


class Contested(deque[Any]):
    """Of which somebody else removes each member a moment earlier."""

    def remove(self, value: Any, /) -> None:
        super().remove(value)
        super().remove(value)


def contested() -> Any:
    condition: Any = Condition()
    condition._waiters = Contested()
    return condition


def test_who_waits_in_vain_may_find_that_it_was_forgotten_meanwhile() -> None:
    with simulate():
        condition = contested()
        with condition:
            assert not condition.wait(0.01)
    assert not condition._waiters
    assert not lock_of(condition).depth


def test_a_waiter_that_leaves_meanwhile_is_forgotten_all_the_same() -> None:
    with simulate():
        agent = here.agent
        assert agent is not None
        condition = contested()
        condition._waiters.extend((Gate(agent), Gate(agent)))
        forget_waiters(condition, agent.run)
    assert not condition._waiters
