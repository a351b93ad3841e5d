"""What a simulated run needs of the process around it, for as long as it lasts.

Owns: everything outside the run that its course would depend on: the names that it replaces, the collector
of cyclic garbage (its finalisers come when they like), counters that go into default names, locks of modules,
the processor core, and the output.

Rule: one simulated run at a time in a process, because these are the process's; a second one waits its turn.
All is put back at the end, also where entering failed half-way.
"""

from __future__ import annotations

import gc
import io
import itertools
import logging
import os
import sys
from _thread import allocate_lock
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from tracing.cpython.executors import LOGGER, forget_workers
from tracing.cpython.names import POOL_COUNTER, POOLS_LOCK, THREAD_COUNTER, missing
from tracing.errors import SimulateError
from tracing.patching import PATCHES, PLACES, SIMULATED, program_names
from tracing.primitives.library import LibraryLock
from tracing.runtime import here

_ONE_AT_A_TIME = allocate_lock()


@contextmanager
def prepared(*namespaces: dict[str, Any]) -> Iterator[None]:
    """The process as simulated runs need it, for one run or many.

    namespaces: where the program's own names stand, besides its modules.
    """
    _refuse_strange_python()
    names = program_names(*namespaces)
    with _ONE_AT_A_TIME, _muted(), ExitStack() as stack:
        stack.enter_context(_one_core())
        stack.enter_context(_no_collector())
        stack.enter_context(_placed(PLACES))
        stack.callback(PATCHES.remove, PATCHES.install(SIMULATED, names))
        yield


def _refuse_strange_python() -> None:
    """A newer Python may have other names inside: what waits there would wait for real, and never end."""
    if lacking := missing():
        raise SimulateError(
            f"Python {sys.version.split()[0]} has no {', no '.join(lacking)}, which simulating needs: "
            "use record() here, or simulate on an older Python."
        )


@contextmanager
def fresh() -> Iterator[None]:
    """What has to be as new for each run: counters, and the lock that all executors share."""
    placed = PATCHES.place(
        (
            (*THREAD_COUNTER, itertools.count(1).__next__),
            (*POOL_COUNTER, itertools.count().__next__),
            (*POOLS_LOCK, LibraryLock()),
        )
    )
    try:
        yield
    finally:
        PATCHES.remove(placed)
        forget_workers(of_run=lambda thread: "_tracing_agent" in vars(thread))


@contextmanager
def held_back() -> Iterator[None]:
    """What is printed appears at the end: a notebook's output waits for a thread outside the run."""
    out, err = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = kept = io.StringIO(), io.StringIO()
    try:
        yield
    finally:
        sys.stdout, sys.stderr = out, err
        for stream, text in zip((out, err), kept, strict=True):
            if text.getvalue():
                stream.write(text.getvalue())


@contextmanager
def _muted() -> Iterator[None]:
    """Executors log whatever ends their threads: not where that is the end of the run."""
    LOGGER.addFilter(_of_living_run)
    try:
        yield
    finally:
        LOGGER.removeFilter(_of_living_run)


def _of_living_run(record: logging.LogRecord) -> bool:
    return here.agent is None or not here.agent.run.ended


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
def _one_core() -> Iterator[None]:
    """Handing over to a thread on another core costs several times as much.

    The core is the one on which the system runs us now: any other may be busy with something else.
    """
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {_core_now(cores)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)


def _core_now(cores: set[int]) -> int:
    """Source: proc(5), /proc/pid/stat, field 39, `processor`; field 2 may hold blanks and brackets."""
    try:
        with open("/proc/thread-self/stat", "rb") as file:
            core = int(file.read().rsplit(b")", 1)[1].split()[39 - 3])
    except OSError:  # not Linux, or no /proc
        return min(cores)
    return core if core in cores else min(cores)
