"""Whatever a primitive is given, it does what `threading`'s does on this version of Python.

The same result, or the same exception with the same message, whether it is being recorded or not. Only a call
that no signature allows is refused in other words: ours are methods in Python, some of theirs are in C.
"""

from __future__ import annotations

import copy
import math
import pickle
import re
import sys
import threading
import time
import warnings
from collections.abc import Callable
from decimal import Decimal
from types import ModuleType
from typing import Any

import pytest
from steps import LIMIT

import tracing
from tracing import record

# Nothing that can be waited for long: each use of one must come back at once.
ODD = [
    None,
    "x",
    [],
    1j,
    math.nan,
    math.inf,
    -math.inf,
    1e300,
    1e10,
    Decimal("0.01"),
    2**70,
    -(2**70),
    -1,
    -0.5,
    0,
    0.001,
    False,
]
Use = Callable[[ModuleType, Any], object]
USES: dict[str, Use] = {}


def use(function: Use) -> Use:
    USES[function.__name__] = function
    return function


def held(lock: Any) -> Any:
    lock.acquire()
    return lock


def spins(value: object) -> bool:
    """A time-out with which `threading` itself waits for ever, in a loop."""
    return value is None or value != value


@use
def lock_acquire(face: ModuleType, value: Any) -> object:
    return face.Lock().acquire(value)


@use
def lock_acquire_timeout(face: ModuleType, value: Any) -> object:
    return face.Lock().acquire(timeout=value)


@use
def lock_acquire_both(face: ModuleType, value: Any) -> object:
    return face.Lock().acquire(False, value)


@use
def held_lock_acquire_timeout(face: ModuleType, value: Any) -> object:
    return value == -1 or held(face.Lock()).acquire(timeout=value)


@use
def rlock(face: ModuleType, value: Any) -> object:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return bool(face.RLock(value))


@use
def held_rlock_acquire(face: ModuleType, value: Any) -> object:
    return held(face.RLock()).acquire(value)


@use
def held_rlock_acquire_timeout(face: ModuleType, value: Any) -> object:
    return held(face.RLock()).acquire(timeout=value)


@use
def held_rlock_acquire_both(face: ModuleType, value: Any) -> object:
    return held(face.RLock()).acquire(False, value)


@use
def semaphore(face: ModuleType, value: Any) -> object:
    return bool(face.Semaphore(value))


@use
def semaphore_acquire(face: ModuleType, value: Any) -> object:
    return face.Semaphore().acquire(value)


@use
def empty_semaphore_acquire_timeout(face: ModuleType, value: Any) -> object:
    return spins(value) or face.Semaphore(0).acquire(timeout=value)


@use
def semaphore_release(face: ModuleType, value: Any) -> object:
    return value == 2**70 or face.BoundedSemaphore().release(value)


@use
def event_wait(face: ModuleType, value: Any) -> object:
    return value is None or face.Event().wait(value)


@use
def set_event_wait(face: ModuleType, value: Any) -> object:
    event = face.Event()
    event.set()
    return event.wait(value)


@use
def condition(face: ModuleType, value: Any) -> object:
    return bool(face.Condition(value))


@use
def condition_wait(face: ModuleType, value: Any) -> object:
    made = face.Condition()
    with made:
        return value is None or made.wait(value)


@use
def condition_of_a_lock_wait(face: ModuleType, value: Any) -> object:
    made = face.Condition(face.Lock())
    with made:
        return value is None or made.wait(value)


@use
def condition_wait_for(face: ModuleType, value: Any) -> object:
    made = face.Condition()
    with made:
        return spins(value) or made.wait_for(bool, value)


@use
def condition_wait_without_lock(face: ModuleType, value: Any) -> object:
    return face.Condition().wait(value)


@use
def condition_notify(face: ModuleType, value: Any) -> object:
    made = face.Condition()
    with made:
        return made.notify(value)


@use
def condition_notify_a_waiter(face: ModuleType, value: Any) -> object:
    made, waits = face.Condition(), threading.Semaphore(0)

    def wait() -> None:
        with made:
            waits.release()
            made.wait()

    waiter = face.Thread(target=wait)
    waiter.start()
    waits.acquire()
    try:
        with made:
            made.notify(value)
            return len(made._waiters)
    finally:
        with made:
            made.notify_all()
        waiter.join()


@use
def barrier(face: ModuleType, value: Any) -> object:
    return bool(face.Barrier(value))


@use
def barrier_wait(face: ModuleType, value: Any) -> object:
    return spins(value) or face.Barrier(2).wait(value)


@use
def join(face: ModuleType, value: Any) -> object:
    door = threading.Event()
    thread = face.Thread(target=door.wait)
    thread.start()
    try:
        return value is None or thread.join(value)
    finally:
        door.set()
        thread.join()


@use
def join_what_has_ended(face: ModuleType, value: Any) -> object:
    thread = face.Thread()
    thread.start()
    thread.join()
    return thread.join(value)


@use
def join_what_never_began(face: ModuleType, value: Any) -> object:
    return face.Thread().join(value)


@use
def thread(face: ModuleType, value: Any) -> object:
    return bool(face.Thread(value))


@use
def thread_daemon(face: ModuleType, value: Any) -> object:
    return face.Thread(daemon=value).daemon


def outcome(use: Use, face: ModuleType, value: Any) -> str:
    try:
        result = use(face, value)
    except BaseException as error:
        return f"{type(error).__name__}: {error}"
    return f"gives {result!r}"


@pytest.mark.parametrize("value", ODD, ids=repr)
@pytest.mark.parametrize("use", USES.values(), ids=list(USES))
def test_an_odd_argument_does_what_it_does_in_threading(use: Use, value: object) -> None:
    expected = outcome(use, threading, value)
    assert outcome(use, tracing, value) == expected
    with record(timeout=LIMIT):
        assert outcome(use, tracing, value) == expected


KINDS = ["Lock", "RLock", "Condition", "Semaphore", "BoundedSemaphore", "Event"]


# Calls that have too many arguments, or such as nobody knows, for any method that threading shows.
WRONG: list[tuple[tuple[object, ...], dict[str, object]]] = [
    ((1, 2, 3, 4, 5, 6, 7, 8), {}),
    ((), {"nonsense": 1}),
    ((True,), {"blocking": True}),
]
MADE: dict[str, Callable[[ModuleType], Any]] = {
    "Lock": lambda face: face.Lock(),
    "RLock": lambda face: face.RLock(),
    "Condition": lambda face: face.Condition(),
    "Semaphore": lambda face: face.Semaphore(2),
    "BoundedSemaphore": lambda face: face.BoundedSemaphore(2),
    "Event": lambda face: face.Event(),
    "Barrier": lambda face: face.Barrier(1),
    "Thread": lambda face: face.Thread(target=int),
    "Timer": lambda face: face.Timer(9, int),
}
OBSOLETE = {
    "acquire_lock",
    "release_lock",
    "locked_lock",
}  # of threading's Lock: these are told by the new name
CALLS = [
    (kind, method)
    for kind, make in MADE.items()
    for method in dir(make(threading))
    if not method.startswith("_") and method not in OBSOLETE and callable(getattr(make(threading), method))
]


@pytest.mark.parametrize("wrong", WRONG, ids=["many", "unknown", "twice"])
@pytest.mark.parametrize(("kind", "method"), CALLS)
def test_a_wrong_call_is_refused_by_the_same_exception(kind: str, method: str, wrong: Any) -> None:
    arguments, named = wrong

    def call(face: ModuleType, _: object) -> object:
        return getattr(MADE[kind](face), method)(*arguments, **named)

    assert outcome(call, threading, 0).startswith("TypeError: ")
    assert outcome(call, tracing, 0).startswith("TypeError: ")
    with record(timeout=LIMIT):
        assert outcome(call, tracing, 0).startswith("TypeError: ")


@pytest.mark.parametrize("wrong", WRONG, ids=["many", "unknown", "twice"])
@pytest.mark.parametrize("kind", [each for each in MADE if each != "RLock"])
def test_what_cannot_be_made_so_is_refused_by_the_same_exception(kind: str, wrong: Any) -> None:
    def make(face: ModuleType, _: object) -> object:
        return getattr(face, kind)(*wrong[0], **wrong[1])

    assert outcome(make, threading, 0).startswith("TypeError: ")
    assert outcome(make, tracing, 0).startswith("TypeError: ")


@pytest.mark.parametrize(("arguments", "named"), [((), {}), ((1, 2), {}), ((), {"seconds": 1}), (("x",), {})])
def test_sleep_refuses_what_times_sleep_refuses(arguments: tuple[Any, ...], named: dict[str, Any]) -> None:
    with pytest.raises(TypeError):
        time.sleep(*arguments, **named)
    with record(timeout=LIMIT):
        for sleep in (tracing.sleep, time.sleep):
            with pytest.raises(TypeError):
                sleep(*arguments, **named)


@pytest.mark.parametrize("value", ["x", None, -1, -0.5, math.nan, math.inf, 2**70, Decimal("0.001"), True, 0])
def test_an_odd_sleep_is_as_long_or_refused_as_times(value: Any) -> None:
    theirs = outcome(lambda face, _: time.sleep(value), threading, 0)
    with record(timeout=LIMIT):
        assert outcome(lambda face, _: tracing.sleep(value), tracing, 0) == theirs


@pytest.mark.parametrize("how", [copy.copy, copy.deepcopy, pickle.dumps])
@pytest.mark.parametrize("kind", KINDS)
def test_what_cannot_be_copied_says_so_in_the_same_words(how: Callable[[object], object], kind: str) -> None:
    def copied(face: ModuleType, value: object) -> object:
        return type(how(getattr(face, kind)())).__name__

    assert outcome(copied, tracing, None) == outcome(copied, threading, None)


@pytest.mark.parametrize("kind", KINDS)
def test_a_repr_differs_in_the_class_of_the_lock_alone(kind: str) -> None:
    def shown(face: ModuleType) -> str:
        text = re.sub(r"0x[0-9a-f]+", "0x", repr(getattr(face, kind)()))
        return text.replace("_thread.lock", "Lock").replace("_thread.RLock", "RLock")

    assert re.sub(r"tracing\.primitives\.r?lock\.", "", shown(tracing)) == shown(threading)


def test_arguments_of_an_rlock_are_taken_warned_of_or_refused_as_this_version_does() -> None:
    def made(face: ModuleType, value: object) -> object:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return bool(face.RLock(value))

    ours = outcome(made, tracing, 1)
    assert ours == outcome(made, threading, 1)
    begins = (
        "gives"
        if sys.version_info < (3, 13)
        else "DeprecationWarning"
        if sys.version_info < (3, 15)
        else "Type"
    )
    assert ours.startswith(begins)


class Foreign:
    """A lock of the program's own: no `locked`, nothing private."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.acquire, self.release = self.lock.acquire, self.lock.release

    def __enter__(self) -> bool:
        return self.lock.__enter__()

    def __exit__(self, *exc_info: object) -> None:
        self.lock.release()


class ForeignLocked(Foreign):
    """The same as newer versions of Python ask for it."""

    def locked(self) -> bool:
        return self.lock.locked()


@pytest.mark.parametrize(
    "lock", [Foreign, ForeignLocked, threading.Lock, threading.RLock, tracing.Lock, tracing.RLock]
)
def test_a_condition_takes_the_locks_that_threadings_takes(lock: Callable[[], Any]) -> None:
    def used(face: ModuleType, _: object) -> object:
        made = face.Condition(lock())
        with made:
            return made.wait(0.001), made.notify(), hasattr(made, "locked") and made.locked()

    theirs = outcome(used, threading, None)
    assert outcome(used, tracing, None) == theirs
    with record(timeout=LIMIT):
        assert outcome(used, tracing, None) == theirs


@pytest.mark.parametrize("kind", MADE)
def test_a_face_has_what_this_version_has_and_no_method_more(kind: str) -> None:
    def public(face: ModuleType) -> set[str]:
        return {name for name in dir(MADE[kind](face)) if not name.startswith("_")}

    theirs, ours = public(threading), public(tracing)
    assert theirs <= ours
    assert "locked" not in ours - theirs
