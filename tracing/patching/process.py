"""What a simulated run needs of the process around it, for as long as it lasts.

Owns: everything outside the run that its course would depend on: the names that it replaces, the collector
of cyclic garbage (its finalisers come when they like), counters that go into default names, locks of modules
and the processor core. The output is `output`'s.

Rule: one simulated run at a time in a process, because these are the process's; a second one waits its turn.
All is put back at the end, also where entering failed half-way.
"""

from __future__ import annotations

import gc
import itertools
import os
import sys
from _thread import allocate_lock, get_native_id
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from tracing.cpython.executors import forget_workers
from tracing.cpython.names import POOL_COUNTER, POOLS_LOCK, THREAD_COUNTER, missing
from tracing.errors import SimulateError
from tracing.patching import PATCHES, program_names
from tracing.patching.simulated import SIMULATED, SIMULATED_PLACES
from tracing.primitives.futures import no_word_of_unwinding
from tracing.primitives.mutex import LibraryLock

ONE_AT_A_TIME = allocate_lock()
LOOK_UP = 0.1  # s between looks whether a run that waits for its turn is still wanted


@contextmanager
def prepared(
    *namespaces: dict[str, Any], thread: int = 0, wanted: Callable[[], bool] = lambda: True
) -> Iterator[None]:
    """The process as simulated runs need it, for one run or many.

    namespaces: where the program's own names stand, besides its modules. thread: the native id of the one
    that simulates, 0: the calling one. wanted: whether it still is, asked while another run has its turn.
    """
    _refuse_strange_python()
    names = program_names(*namespaces)
    with _turn(wanted), no_word_of_unwinding(), ExitStack() as stack:
        stack.enter_context(_one_core(thread))
        stack.enter_context(_no_collector())
        stack.enter_context(_placed(SIMULATED_PLACES))
        stack.callback(PATCHES.remove, PATCHES.install(SIMULATED, names))
        yield


@contextmanager
def _turn(wanted: Callable[[], bool]) -> Iterator[None]:
    while not ONE_AT_A_TIME.acquire(timeout=LOOK_UP):
        if not wanted():
            raise SimulateError("nobody waits any more for another simulated run to come to its end.")
    try:
        yield
    finally:
        ONE_AT_A_TIME.release()


def _refuse_strange_python() -> None:
    """A newer Python may have other names inside: what waits there would wait for real, and never end."""
    if lacking := missing():
        raise SimulateError(
            f"Python {sys.version.split()[0]} has no {', no '.join(lacking)}, which simulating needs: "
            "use record() here, or simulate on an older Python."
        )


class Fresh:
    """What has to be as new for each run: counters, and the lock that all executors share. A context manager
    around one run or many.
    """

    def __init__(self) -> None:
        self._threads, self._pools, self._lock = _Count(1), _Count(0), LibraryLock()

    def renew(self) -> None:
        """Another run begins. No harm is done where it is cut short."""
        self._threads.begin()
        self._pools.begin()
        self._lock.open()
        forget_workers(of_run=lambda thread: "_tracing_agent" in vars(thread))

    def __enter__(self) -> Fresh:
        self._placed = PATCHES.place(
            (
                (*THREAD_COUNTER, self._threads),
                (*POOL_COUNTER, self._pools),
                (*POOLS_LOCK, self._lock),
            )
        )
        return self

    def __exit__(self, *exc_info: object) -> None:
        PATCHES.remove(self._placed)
        self.renew()


class _Count:
    """`itertools.count(first).__next__` that can begin again."""

    def __init__(self, first: int) -> None:
        self._first = first
        self.begin()

    def begin(self) -> None:
        self._numbers = itertools.count(self._first)

    def __call__(self) -> int:
        return next(self._numbers)


@contextmanager
def _placed(places: Any) -> Iterator[None]:
    placed = PATCHES.place(places)
    try:
        yield
    finally:
        PATCHES.remove(placed)


@contextmanager
def _no_collector() -> Iterator[None]:
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


@contextmanager
def _one_core(thread: int) -> Iterator[None]:
    """Handing over to a thread on another core costs several times as much.

    The core is the one on which the system runs the calling thread, which was begun a moment ago (see
    `keeping`): the system puts a new thread where least is going on. Where the thread itself ran last,
    another process may be just as bound to the core, and both would share it for a whole search.
    """
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    process = os.getpid()
    cores = os.sched_getaffinity(thread)
    os.sched_setaffinity(thread, {_core_now(cores)})
    try:
        yield
    finally:
        os.sched_setaffinity(thread if os.getpid() == process else 0, cores)  # a forked one has another id


def _core_now(cores: set[int]) -> int:
    """Where the calling thread runs.

    Source: proc(5), /proc/pid/stat, field 39, `processor`; field 2 may hold blanks and brackets.
    """
    try:
        with open(f"/proc/self/task/{get_native_id()}/stat", "rb") as file:
            core = int(file.read().rsplit(b")", 1)[1].split()[39 - 3])
    except OSError:  # not Linux, or no /proc
        return min(cores)
    return core if core in cores else min(cores)
