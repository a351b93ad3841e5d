"""What a run must leave in the process as it was: one function that reads all of it, one that compares.

Cheap enough to be asked around each test: some 50 µs.
"""

from __future__ import annotations

import builtins
import concurrent.futures
import concurrent.futures._base as futures
import concurrent.futures.thread as executors
import gc
import itertools
import os
import queue
import signal
import sys
import threading
import time
from typing import Any

from tracing.keeping import KEEPERS
from tracing.patching import PATCHES
from tracing.patching.process import ONE_AT_A_TIME
from tracing.recorder.identity import OPEN
from tracing.recording import RUNS
from tracing.runtime import AGENTS, here

PATCHED: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (threading, ("Lock", "RLock", "Condition", "Event", "Thread", "excepthook", "_allocate_lock", "_time")),
    (threading.Thread, ("start", "join", "is_alive", "run", "__hash__")),
    (time, ("sleep", "time", "monotonic", "perf_counter", "time_ns", "monotonic_ns", "perf_counter_ns")),
    (queue, ("time", "SimpleQueue")),
    (queue.Queue, ("__init__", "put", "get", "task_done", "join", "shutdown", "qsize", "empty", "full")),
    (
        concurrent.futures.Future,
        (
            *(
                "__hash__",
                "__init__",
                "set_running_or_notify_cancel",
                "set_result",
                "set_exception",
                "cancel",
            ),
            *("result", "exception", "done", "running", "cancelled"),
        ),
    ),
    (concurrent.futures.ThreadPoolExecutor, ("__init__", "submit", "shutdown")),
    (futures, ("id", "_create_and_install_waiters")),
    (executors, ("_global_shutdown_lock", "_worker")),
    (executors._WorkItem, ("run",)),
    (builtins, ("print", "open", "__import__")),
    (sys, ("stdout", "stderr", "stdin", "displayhook", "excepthook", "unraisablehook", "breakpointhook")),
    (os, ("fork",)),
)
"""Names that a run replaces, and some that it should never think of replacing."""
NAMES = tuple((owner, name) for owner, names in PATCHED for name in names)
COUNTERS: tuple[tuple[Any, str], ...] = (
    (threading, "_counter"),
    (concurrent.futures.ThreadPoolExecutor, "_counter"),
)
SIGNALS = tuple(
    getattr(signal, name)
    for name in ("SIGINT", "SIGTERM", "SIGURG", "SIGUSR1", "SIGUSR2", "SIGCHLD", "SIGBREAK")
    if hasattr(signal, name)
)
ABSENT = object()
State = dict[str, Any]


def state_of_process(*, hooks: bool = True) -> State:
    """By what it is called: everything that is the process's, and that a run might change.

    hooks: also those of `sys.settrace` and `sys.setprofile`, which a test runner changes itself.
    """
    return {
        **_names(),
        **{str(number): signal.getsignal(number) for number in SIGNALS},
        **(_hooks() if hooks else {}),
        "monitoring tools": _tools(),
        "processor cores": os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else None,
        "switch interval": sys.getswitchinterval(),
        "collector": (gc.isenabled(), gc.get_threshold()),
        "working directory": os.getcwd(),
        "recursion limit": sys.getrecursionlimit(),
        "threads": frozenset(threading.enumerate()),
        "agent": here.agent,
        "agents": len(AGENTS),
        "names replaced": len(PATCHES),
        "simulated runs": ONE_AT_A_TIME.locked(),
        "recorded runs": len(RUNS),
        "keepers": len(KEEPERS),
        "open records": len(OPEN),
    }


def _names() -> State:
    values = {f"{owner.__name__}.{name}": vars(owner).get(name, ABSENT) for owner, name in NAMES}
    kinds = {f"{owner.__name__}.{name}": _is_counter(getattr(owner, name)) for owner, name in COUNTERS}
    return {**values, **kinds}


def _is_counter(function: Any) -> bool:
    return isinstance(getattr(function, "__self__", None), itertools.count)


def _hooks() -> State:
    return {"settrace": sys.gettrace(), "setprofile": sys.getprofile()}


def _tools() -> tuple[Any, ...]:
    monitoring: Any = getattr(sys, "monitoring", None)
    return () if monitoring is None else tuple(map(monitoring.get_tool, range(6)))


def changes(before: State, after: State) -> list[str]:
    """A line for each thing that is not as it was."""
    return [
        f"{name} was {before[name]!r}, is {after[name]!r}"
        for name in before
        if before[name] is not after[name] and before[name] != after[name]
    ]


def lasting_changes(before: State, patience: float = 20.0) -> list[str]:
    """The same for what is still not as it was after a while, s: a thread may be on its way out, which takes
    its time on a starved machine.
    """
    until = time.perf_counter() + patience
    while (found := changes(before, state_of_process())) and time.perf_counter() < until:
        time.sleep(0.001)
    return found
