"""Names of the standard library replaced while runs last, so that unmodified code is recorded or simulated.

Owns: the lists of replaced names.

Rule: a replacement does what the original does for a thread that belongs to no run, so it may stand while
other threads of the process go about their business.

How it works: each name is counted, so that runs may overlap; the last to leave puts the original back,
unless somebody else has replaced the name since. `RECORDED` and `SIMULATED` replace by value, wherever in a
namespace that value is found (`from time import sleep`); `PLACES` names what has to be replaced in one
place only. Searched are the globals of the program's own modules. What the program keeps elsewhere, as a
default argument (`def nap(sleep=time.sleep)`), a class attribute or an element of a list, stays the original.
What takes its place is a method already: a class that is made meanwhile, with such a name as an attribute,
must not make it one of its own, for it would not make one of the original.
"""

from __future__ import annotations

import queue
import sys
import threading
import time
from _thread import allocate_lock
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future
from types import MethodType, ModuleType
from typing import Any

from tracing.cpython.names import FUTURES_ORDER, QUEUES_CLOCK, THREADINGS_CLOCK, WAITERS_LOCK
from tracing.cpython.threads import native_id
from tracing.naming import is_library
from tracing.primitives import futures, life
from tracing.primitives.library import SimpleQueue, new_lock, new_rlock, new_waiter
from tracing.primitives.queues import LOOKS, QUEUES
from tracing.primitives.thread import sleep
from tracing.runtime.simulated import simulated_here

Names = tuple[tuple[Any, Any], ...]  # original, ours
MISSING: Any = object()


class Patches:
    """The names that are replaced at present, in this process."""

    def __init__(self) -> None:
        self._uses: dict[tuple[int, str], tuple[int, Any, Any]] = {}  # owner, name: how often, original, ours
        self._lock = allocate_lock()

    def __len__(self) -> int:
        return len(self._uses)

    def after_fork(self) -> None:
        """In the child: the thread that had the lock may be gone."""
        self._lock = allocate_lock()

    def install(self, names: Names, namespaces: Iterable[Any]) -> list[tuple[Any, str]]:
        """Replace, in each namespace (a dict, a module, a class), what is bound to an original.

        Returns what to hand to `remove`.
        """
        ours = {id(original): replacement for original, replacement in names}
        with self._lock:
            return [
                self._put(owner, name, ours[id(original)])
                for owner in namespaces
                for name, value in list(_contents(owner).items())
                if id(original := self._original(owner, name, value)) in ours
            ]

    def place(self, places: Iterable[tuple[Any, str, Any]]) -> list[tuple[Any, str]]:
        """Replace each owner's name by a value of ours, whatever it is bound to."""
        with self._lock:
            return [self._put(owner, name, ours) for owner, name, ours in places]

    def _original(self, owner: Any, name: str, value: Any) -> Any:
        return self._uses.get((id(owner), name), (0, value))[1]

    def _put(self, owner: Any, name: str, ours: Any) -> tuple[Any, str]:
        uses, original, ours = self._uses.get(
            (id(owner), name), (0, _contents(owner).get(name, MISSING), ours)
        )
        self._uses[id(owner), name] = uses + 1, original, ours
        _bind(owner, name, ours)
        return owner, name

    def remove(self, installed: Iterable[tuple[Any, str]]) -> None:
        """Put back what an `install` or `place` replaced, where no other run needs it."""
        with self._lock:
            for owner, name in installed:
                uses, original, ours = self._uses.pop((id(owner), name))
                if uses > 1:
                    self._uses[id(owner), name] = uses - 1, original, ours
                elif _contents(owner).get(name) is ours:
                    _bind(owner, name, original)


def _contents(owner: Any) -> Mapping[str, Any]:
    return owner if isinstance(owner, dict) else vars(owner)


def _bind(owner: Any, name: str, value: Any) -> None:
    if isinstance(owner, dict):
        owner[name] = value
    elif value is MISSING:
        delattr(owner, name)
    else:
        setattr(owner, name, value)


PATCHES = Patches()


def program_names(*namespaces: dict[str, Any]) -> list[dict[str, Any]]:
    """Where the program may have a name of the standard library: these, its modules, and the module time."""
    return list({id(each): each for each in (vars(time), *_program_modules(), *namespaces)}.values())


def _program_modules() -> Iterator[dict[str, Any]]:
    """Of all modules that are neither a library's nor ours: they may say `from time import sleep`.

    The main module is a notebook's cells, which have no file.
    """
    for name, module in tuple(sys.modules.items()):
        names = vars(module) if isinstance(module, ModuleType) else {}
        file = names.get("__file__")
        if name == "__main__" or isinstance(file, str) and not is_library(file):
            yield names


RECORDED: Names = ((time.sleep, sleep), (queue.SimpleQueue, SimpleQueue))

EPOCH = 1_700_000_000  # s: what time.time() gives at the beginning of a simulated run


def _clock(original: Callable[[], Any], *, since: int = 0, ns: bool = False) -> Callable[[], Any]:
    """A clock that shows virtual time to threads of a simulated run; a method, see above."""

    def clock(original: Callable[[], Any]) -> Any:
        run = simulated_here()
        if run is None:
            return original()
        now = since * 10**9 + run.look_at_clock()
        return now if ns else now / 1e9

    return MethodType(clock, original)


_CLOCKS: Names = (
    (time.monotonic, _clock(time.monotonic)),
    (time.perf_counter, _clock(time.perf_counter)),
    (time.time, _clock(time.time, since=EPOCH)),
    (time.monotonic_ns, _clock(time.monotonic_ns, ns=True)),
    (time.perf_counter_ns, _clock(time.perf_counter_ns, ns=True)),
    (time.time_ns, _clock(time.time_ns, since=EPOCH, ns=True)),
)
SIMULATED: Names = (
    *RECORDED,
    *_CLOCKS,
    (threading.Lock, new_lock),
    (threading.RLock, new_rlock),
)


def _of_run(original: Callable[..., Any], ours: Callable[..., Any]) -> Callable[..., Any]:
    """Ours for a thread of a simulated run, the original for all others."""

    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        return (original if simulated_here() is None else ours)(self, *args, **kwargs)

    return method


def order_of(thing: Any) -> int:
    """A number for hashing and sorting that depends on the program alone: sets keep their order from run to
    run.
    """
    number: int | None = vars(thing).get("_order")
    if number is None:
        run = simulated_here()
        if run is None:
            return object.__hash__(thing)
        number = thing._order = run.next_order()
    return number


RECORDED_PLACES: tuple[tuple[Any, str, Any], ...] = (
    (queue, "SimpleQueue", SimpleQueue),
    *QUEUES,
    *futures.METHODS,
    *futures.IN_WORKERS,
)
PLACES: tuple[tuple[Any, str, Any], ...] = (
    (queue, "SimpleQueue", SimpleQueue),
    *QUEUES,
    *LOOKS,
    *futures.METHODS,
    (threading, "Lock", new_lock),
    (threading, "RLock", new_rlock),
    (*WAITERS_LOCK, new_waiter),
    (*THREADINGS_CLOCK, _CLOCKS[0][1]),
    (*QUEUES_CLOCK, _CLOCKS[0][1]),
    (threading.Thread, "start", _of_run(life.START, life.start)),
    (threading.Thread, "join", _of_run(life.JOIN, life.join)),
    (threading.Thread, "is_alive", _of_run(life.IS_ALIVE, life.is_alive)),
    (threading.Thread, "native_id", property(_of_run(threading.Thread.native_id.__get__, native_id))),
    (threading.Thread, "__hash__", order_of),
    (Future, "__hash__", order_of),
    (*FUTURES_ORDER, order_of),
)
